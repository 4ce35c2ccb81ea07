package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/skeinsql/skein/sources"
)

const (
	// cancelWait is how long a server has to answer a cancel request before its connection is given up.
	cancelWait = 2 * time.Second
	// cancelHaste is that for a statement that was cancelled. What connecting took comes to it, which tells how far away
	// the server is. pgconn then asks once more, so that a statement's end at a server that does not answer takes twice
	// as long, and stays within a second.
	cancelHaste = 400 * time.Millisecond
	// closeWait bounds a polite goodbye.
	closeWait = 400 * time.Millisecond
)

// conn is one connection of the pool.
type conn struct {
	pg     *pgconn.PgConn
	inbox  *inbox
	key    string
	reused bool
	timer  *time.Timer // while it is idle
	// patience is how long the server may take to answer when a statement is cancelled.
	patience time.Duration
}

func (s *Source) dial(ctx context.Context, id sources.Identity) (*conn, error) {
	cfg, err := s.options.config(id)
	if err != nil {
		return nil, s.failed("connecting", err)
	}
	var in *inbox
	cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		in = newInbox(r) // of the last address that is tried
		return pgproto3.NewFrontend(in, w)
	}
	c := &conn{key: poolKey(id), patience: cancelHaste}
	cfg.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pg, DeadlineDelay: c.patience}
	}
	start := time.Now()
	if c.pg, err = pgconn.ConnectConfig(ctx, cfg); err != nil {
		return nil, s.connectFailed(ctx, cfg, err)
	}
	c.patience = min(cancelHaste+time.Since(start), cancelWait)
	cfg.DialFunc = c.dialToCancel(cfg.DialFunc)
	c.inbox = in
	in.mark.use(c.pg.Conn())
	return c, nil
}

// dialToCancel is how pgconn connects for a cancel request, on which it waits for seconds in the background: here the
// connection's patience bounds that.
func (c *conn) dialToCancel(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		end := time.Now().Add(c.patience)
		ctx, cancel := context.WithDeadline(ctx, end)
		defer cancel()
		socket, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return socket, socket.SetDeadline(end)
	}
}

// betweenMessages says whether pgconn has begun no message: what the inbox has begins with one.
func (c *conn) betweenMessages() bool {
	return c.inbox.rest == 0 && c.pg.Frontend().ReadBufferLen() == 0
}

// leaveIdle stops the clock of an idle connection.
func (c *conn) leaveIdle() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	c.reused = true
}

// close ends the connection; when it returns, the socket is closed.
func (c *conn) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_ = c.pg.Close(ctx)     // nothing is left to lose
	_ = c.pg.Conn().Close() // also where pgconn closes in the background, which now ends soon
	select {
	case <-c.pg.CleanupDone():
	case <-ctx.Done():
	}
}

// exec runs statements in one simple-protocol message and gives their results in text, without rows or not.
func (c *conn) exec(ctx context.Context, statements ...string) ([]*pgconn.Result, error) {
	all := c.pg.Exec(ctx, strings.Join(statements, ";"))
	var out []*pgconn.Result
	for all.NextResult() {
		fields := slices.Clone(all.ResultReader().FieldDescriptions())
		r := all.ResultReader().Read()
		r.FieldDescriptions = fields // Read leaves them out when there are no rows
		out = append(out, r)
	}
	if err := all.Close(); err != nil {
		return nil, err
	}
	return out, nil
}

// rollback ends the transaction; false means that the connection is of no more use.
func (c *conn) rollback() bool {
	if c.pg.IsClosed() {
		return false
	}
	if c.pg.TxStatus() == 'I' {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
	defer cancel()
	_, err := c.exec(ctx, "ROLLBACK")
	return err == nil && !c.pg.IsClosed() && c.pg.TxStatus() == 'I'
}

var errClosed = errors.New("the source is closed")
