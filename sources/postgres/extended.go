package postgres

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/sources"
)

// rowReader reads the rows of a statement with parameters, in binary form.
type rowReader struct {
	lane    *lane
	scan    *scan
	ctx     context.Context // it governs the reader until Close
	collect *collector
	result  *pgconn.ResultReader
	cancel  *canceller
	ended   bool // the result is closed
	err     error
	closed  bool
}

func (l *lane) openExtended(ctx context.Context, sc *scan, part pages, env *sources.Env) (*rowReader, error) {
	values, err := sc.paramValues(env.Env)
	if err != nil {
		return nil, l.source().failed("reading "+sc.name, err)
	}
	collect := newCollector(sc.schema, sc.columns, env, l.needsUTF8Check())
	return l.query(ctx, sc, sc.sql(part), values, collect)
}

// binaryFormat asks for every column in binary form.
var binaryFormat = []int16{1}

// query runs a statement with parameters in text form, whose types the statement names.
func (l *lane) query(ctx context.Context, sc *scan, sql string, values [][]byte, collect *collector) (*rowReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	// The context is watched here: pgconn's own watch costs a reader more, and the connection its life.
	r := &rowReader{lane: l, scan: sc, ctx: ctx, collect: collect, cancel: l.cancelOn(ctx)}
	r.result = l.conn.pg.ExecParams(context.Background(), sql, values, nil, nil, binaryFormat)
	return r, nil
}

// Schema has a field per column.
func (r *rowReader) Schema() *arrow.Schema { return r.collect.schema }

// Next gives the next batch.
func (r *rowReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
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
		if r.ctx.Err() != nil {
			err = context.Cause(r.ctx)
		} else {
			err = r.lane.source().failedIn(ctx, "reading "+r.scan.name, changed(err, r.scan.tables...))
		}
	}
	r.err = err
	return nil, err
}

func (r *rowReader) next() (arrow.RecordBatch, error) {
	c := r.collect
	for !r.ended {
		if r.result.NextRow() {
			if err := c.block.add(r.result.Values()); err != nil {
				return nil, err
			}
			if !c.block.full(c.room()) {
				continue
			}
		} else {
			r.ended = true
			if _, err := r.result.Close(); err != nil {
				return nil, err
			}
		}
		due, err := c.decode(!r.ended)
		if err != nil {
			return nil, err
		}
		if due {
			return c.take(), nil
		}
	}
	if c.rows > 0 {
		return c.take(), nil
	}
	return nil, io.EOF
}

// Close ends the statement: what has not been read is cancelled at the server.
func (r *rowReader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	if r.err == nil {
		r.err = r.lane.source().failed("reading "+r.scan.name, errClosed)
	}
	if !r.ended {
		r.ended = true
		r.cancel.fire()
		_, _ = r.result.Close() // the statement was cancelled: that it failed is wanted
	}
	r.cancel.close()
	r.lane.restore()
	return nil
}
