package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// copySignature begins COPY's binary format; flags and the length of an extension follow.
var copySignature = []byte("PGCOPY\n\xff\r\n\x00")

const copyHeader = 11 + 4 + 4

// copyReader pulls a COPY off the wire without pgconn's own reader in between: that one is pushed by a goroutine and
// cannot be cancelled without losing the connection.
type copyReader struct {
	lane    *lane
	scan    *scan
	ctx     context.Context // it governs the reader until Close
	collect *collector
	cancel  *canceller
	header  bool // was read
	odd     bool // a message was not one row
	trailer bool // was read
	ready   bool // the server waits for the next statement
	failed  bool // the server gave the statement up
	err     error
	closed  bool
}

func (l *lane) openCopy(ctx context.Context, sc *scan, part pages, env *sources.Env) (*copyReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	r := &copyReader{lane: l, scan: sc, ctx: ctx, collect: newCollector(sc.schema, sc.columns, env, l.needsUTF8Check())}
	front := l.conn.pg.Frontend()
	front.SendQuery(&pgproto3.Query{String: "COPY (" + sc.sql(part) + ") TO STDOUT (FORMAT binary)"})
	if err := front.Flush(); err != nil {
		l.conn.close()
		return nil, l.source().failedIn(ctx, "reading "+sc.name, err)
	}
	r.cancel = l.cancelOn(ctx)
	return r, nil
}

// needsUTF8Check says whether the server may send text that is not UTF-8.
func (l *lane) needsUTF8Check() bool {
	return l.conn.pg.ParameterStatus("server_encoding") == "SQL_ASCII"
}

// Schema has a field per column.
func (r *copyReader) Schema() *arrow.Schema { return r.collect.schema }

// Next gives the next batch.
func (r *copyReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.err != nil {
		return nil, r.err
	}
	if ctx != r.ctx && ctx.Done() != nil {
		stop := context.AfterFunc(ctx, r.cancel.haste)
		defer stop()
	}
	rec, err := r.next()
	if err == nil {
		return rec, nil
	}
	if !errors.Is(err, io.EOF) || r.ctx.Err() != nil {
		err = r.explain(ctx, err) // a cancelled reader never says that it is complete, even when it happens to be
	}
	r.err = err
	return nil, err
}

func (r *copyReader) explain(ctx context.Context, err error) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return r.lane.source().failedIn(ctx, "reading "+r.scan.name, changed(err, r.scan.tables...))
}

func (r *copyReader) next() (arrow.RecordBatch, error) {
	c := r.collect
	for {
		more, err := r.gather()
		if err != nil {
			return nil, err
		}
		due, err := c.decode(more)
		if err != nil {
			return nil, err
		}
		if due || r.ready && c.rows > 0 {
			return c.take(), nil
		}
		if r.ready {
			if !r.trailer {
				return nil, corrupt("the rows end without a trailer")
			}
			return nil, io.EOF
		}
	}
}

// gather finds rows for a block until it is full, the statement has ended, or the next rows stand elsewhere. more says
// that a good many will follow.
func (r *copyReader) gather() (more bool, err error) {
	b, room := r.collect.block, r.collect.room()
	for {
		if !r.trailer {
			rows, err := b.parse(room)
			if err != nil {
				return false, err
			}
			r.trailer = !rows
		}
		whole := b.empty() && !r.odd
		if r.ready || b.full(room) || whole && b.rows > 0 {
			return !whole && !r.trailer && !r.ready, nil
		}
		if whole && r.header && !r.trailer && r.lane.conn.betweenMessages() {
			if more = r.inPlace(room); b.rows > 0 {
				return more, nil
			}
		}
		if err := r.receive(); err != nil {
			return false, err
		}
	}
}

// inPlace finds rows in the connection's inbox, without a detour by pgconn, which takes as long as everything else: the
// server sends each in a message of its own. It leaves off at any other message.
func (r *copyReader) inPlace(room int) (more bool) {
	in, b := r.lane.conn.inbox, r.collect.block
	for {
		switch b.rowsIn(in, room) {
		case stopFull:
			return true
		case stopOther:
			return false
		}
		if b.rows > 0 && in.room() < inboxLow {
			return true
		}
		if !in.stream(b.rows == 0) {
			return false // pgconn meets the error at its next read, and reports it
		}
	}
}

// receive takes a message, or, where rows are spread over messages, enough for a block. It stops when the statement has
// ended.
func (r *copyReader) receive() error {
	b := r.collect.block
	for {
		msg, err := r.lane.conn.pg.ReceiveMessage(context.Background())
		if err != nil {
			return err
		}
		switch msg := msg.(type) {
		case *pgproto3.CopyData:
			data := msg.Data
			if !r.header {
				if data, err = skipHeader(data); err != nil {
					return err
				}
				r.header = true
			} else if len(data) > 2 && len(data) < inboxBytes/2-messageHeader {
				r.odd = true // it could have been taken in place
			}
			if err := r.collect.reserve(len(data)); err != nil {
				return err
			}
			b.bytes = append(b.bytes, data...)
			b.messages++
			if !r.odd || b.messages >= r.collect.room() || len(b.bytes) >= blockBytes {
				b.messages = 0
				return nil
			}
		case *pgproto3.ErrorResponse:
			r.failed = true
			return pgconn.ErrorResponseToPgError(msg)
		case *pgproto3.ReadyForQuery:
			r.ready = true
			return nil
		}
	}
}

func skipHeader(data []byte) ([]byte, error) {
	if len(data) < copyHeader || !bytes.HasPrefix(data, copySignature) {
		return nil, corrupt("the server does not send COPY's binary format")
	}
	if flags := binary.BigEndian.Uint32(data[11:]); flags>>16 != 0 {
		return nil, sqlerr.Unsupported("this version of COPY's binary format")
	}
	rest := data[copyHeader:]
	if n := binary.BigEndian.Uint32(data[15:]); uint64(n) <= uint64(len(rest)) {
		return rest[n:], nil
	}
	return nil, corrupt("COPY's header is cut short")
}

// Close ends the COPY: what has not been read is cancelled at the server, and the connection is ready for the next
// statement.
func (r *copyReader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	if r.err == nil {
		r.err = r.lane.source().failed("reading "+r.scan.name, errClosed)
	}
	if !r.ready && !r.failed {
		r.cancel.fire()
	}
	r.drain()
	r.cancel.close()
	r.lane.restore()
	return nil
}

// drain receives what the server has sent until it has noticed the cancel request.
func (r *copyReader) drain() {
	for !r.ready && !r.lane.conn.pg.IsClosed() {
		msg, err := r.lane.conn.pg.ReceiveMessage(context.Background())
		if err != nil {
			r.lane.conn.close()
			return
		}
		_, r.ready = msg.(*pgproto3.ReadyForQuery)
	}
}
