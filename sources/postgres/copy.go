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

// copyReader pulls a COPY off the wire, message by message, without pgconn's own reader in between: that one is pushed
// by a goroutine and cannot be cancelled without losing the connection.
type copyReader struct {
	lane    *lane
	scan    *scan
	ctx     context.Context // it governs the reader until Close
	collect *collector
	cancel  *canceller
	header  bool // was read
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
		stop := context.AfterFunc(ctx, r.cancel.fire)
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
		more := true
		if !r.trailer {
			var err error
			if more, err = c.block.parse(c.room()); err != nil {
				return nil, err
			}
		}
		if !more {
			r.trailer = true
		}
		if c.block.full(c.room()) || r.trailer || r.ready {
			due, err := c.decode()
			if err != nil {
				return nil, err
			}
			if due || r.ready && c.rows > 0 {
				return c.take(), nil
			}
			if !r.trailer && !r.ready {
				continue // rows may be left in the block
			}
		}
		if r.ready {
			if !r.trailer {
				return nil, corrupt("the rows end without a trailer")
			}
			return nil, io.EOF
		}
		if err := r.receive(); err != nil {
			return nil, err
		}
	}
}

// receive takes messages until there is enough for a block, or the statement has ended.
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
			}
			if err := r.collect.reserve(len(data)); err != nil {
				return err
			}
			b.bytes = append(b.bytes, data...)
			b.messages++
			if b.messages >= r.collect.room() || len(b.bytes) >= blockBytes {
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
