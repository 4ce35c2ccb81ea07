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
	k.stop = context.AfterFunc(ctx, k.fire)
	return k
}

// fire asks the server to cancel and gives it cancelWait to answer. It returns when the request was delivered.
func (k *canceller) fire() {
	select {
	case <-k.once:
	default:
		<-k.done
		return
	}
	defer close(k.done)
	_ = k.conn.pg.Conn().SetDeadline(time.Now().Add(cancelWait))
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
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
