package postgres

import (
	"context"
	"time"
)

// canceller sends one cancel request for what runs on a connection, when a context ends or it is told to.
type canceller struct {
	conn *conn
	stop func() bool
	once chan struct{} // holds the right to send
	done chan struct{} // closed when a request has been sent
}

func (l *lane) cancelOn(ctx context.Context) *canceller {
	k := &canceller{conn: l.conn, once: make(chan struct{}, 1), done: make(chan struct{})}
	k.once <- struct{}{}
	k.stop = context.AfterFunc(ctx, k.haste)
	return k
}

// fire asks the server to cancel what nobody needs any more, and gives it cancelWait to answer: the connection is still
// needed. It returns when the request was delivered.
func (k *canceller) fire() { k.send(cancelWait) }

// haste is fire for a statement that was cancelled.
func (k *canceller) haste() { k.send(k.conn.patience) }

func (k *canceller) send(wait time.Duration) {
	select {
	case <-k.once:
	default:
		<-k.done
		return
	}
	defer close(k.done)
	_ = k.conn.pg.Conn().SetDeadline(time.Now().Add(wait))
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	_ = k.conn.pg.CancelRequest(ctx) // not delivered: the deadline ends the connection, and so the statement
}

// close waits for a request that is on its way, and takes the deadline off the connection.
func (k *canceller) close() {
	k.stop()
	select {
	case <-k.once: // nobody fired, nobody will
		close(k.done)
	default:
		<-k.done
		_ = k.conn.pg.Conn().SetDeadline(time.Time{})
	}
}
