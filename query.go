package skein

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine"
)

// Identity is who a query runs for: see [As].
type Identity = engine.Identity

// QueryOption is given to [DB.Query] among its arguments.
type QueryOption func(*queryOptions)

type queryOptions struct {
	identity Identity
	settings map[string]string
}

// As runs a query for an identity instead of the application's own.
func As(id Identity) QueryOption { return func(o *queryOptions) { o.identity = id } }

// With sets a setting for one query.
func With(name, value string) QueryOption {
	return func(o *queryOptions) { o.settings[name] = value }
}

// Query runs one statement and streams its rows. args are values for $1, $2, … (nil, bool, integers, floats, strings,
// []byte, time.Time, time.Duration, arrow.Array scalars of one row) and any [QueryOption].
//
// The reader must be released, which ends the statement, or read to its end; ctx governs the whole of it. Its batches
// belong to the reader until the next Next; Retain to keep one. Errors carry a SQLSTATE (errors.As to *sqlerr.Error).
func (db *DB) Query(ctx context.Context, sql string, args ...any) (array.RecordReader, error) {
	o := queryOptions{settings: map[string]string{}}
	var values []any
	for _, a := range args {
		if opt, ok := a.(QueryOption); ok {
			opt(&o)
		} else {
			values = append(values, a)
		}
	}
	s, err := db.engine.NewSession(o.identity)
	if err != nil {
		return nil, err
	}
	r, err := run(ctx, s, sql, values, o.settings)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, nil
}

func run(ctx context.Context, s *engine.Session, sql string, values []any, settings map[string]string) (*reader, error) {
	for name, value := range settings {
		if err := s.Set(name, value); err != nil {
			return nil, err
		}
	}
	st, err := s.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	params, err := paramRow(values)
	if err != nil {
		return nil, err
	}
	if params != nil {
		defer params.Release()
	}
	res, err := st.Execute(ctx, params, 0)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, session: s, result: res}
	r.refs.Store(1)
	return r, nil
}

// reader is a statement's rows as Arrow's RecordReader.
type reader struct {
	ctx     context.Context
	session *engine.Session
	result  *engine.Result
	refs    atomic.Int64
	current arrow.RecordBatch
	ended   bool
	err     error
}

var _ array.RecordReader = (*reader)(nil)

func (r *reader) Schema() *arrow.Schema          { return r.result.Schema() }
func (r *reader) RecordBatch() arrow.RecordBatch { return r.current }

// Record is RecordBatch under its older name.
func (r *reader) Record() arrow.RecordBatch { return r.current }
func (r *reader) Err() error                { return r.err }
func (r *reader) Retain()                   { r.refs.Add(1) }

// Next moves to the next batch; false at the end and after an error, which Err gives.
func (r *reader) Next() bool {
	r.drop()
	if r.ended {
		return false
	}
	rec, err := r.result.Next(r.ctx)
	switch {
	case err == nil:
		r.current = rec
		return true
	case !errors.Is(err, io.EOF):
		r.err = err
	}
	r.end()
	return false
}

// end gives back what the statement holds at its sources.
func (r *reader) end() {
	r.ended = true
	err := errors.Join(r.result.Close(), r.session.Close())
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("ending the statement: %w", err)
	}
}

func (r *reader) drop() {
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

// Release ends the statement when the last reference goes.
func (r *reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.drop()
	r.end()
}

// CheckView says why a view of the catalog does not work, nil when it does: its names, types and functions resolve
// against what the sources have now.
func (db *DB) CheckView(ctx context.Context, v *catalog.View) error {
	s, err := db.engine.NewSession(Identity{})
	if err != nil {
		return err
	}
	return errors.Join(s.CheckView(ctx, v), s.Close())
}
