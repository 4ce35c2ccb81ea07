package fake

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// snapshot is the versions of a statement's tables.
type snapshot struct {
	source *Source
	need   sources.Need
	tables map[string]*data
	leased atomic.Int64
	closed atomic.Bool
}

func (s *snapshot) Lane(_ context.Context, extra bool) (sources.Lane, error) {
	if s.closed.Load() {
		return nil, sqlerr.New(sqlerr.InternalError, "the snapshot is closed").From(s.source.name)
	}
	if extra && (s.need.Lease == nil || !s.need.Lease.Extra(s.source.name)) {
		return nil, nil
	}
	if !extra {
		if n := s.leased.Add(1); s.need.Lanes > 0 && int(n) > s.need.Lanes {
			s.leased.Add(-1)
			return nil, sqlerr.New(sqlerr.InternalError, "lane %d of %d leased ones", n, s.need.Lanes).From(s.source.name)
		}
	}
	s.source.Asked.Lanes.Add(1)
	return &lane{snap: s, extra: extra}, nil
}

func (s *snapshot) Close() error {
	s.closed.Store(true)
	return nil
}

type lane struct {
	snap  *snapshot
	extra bool
	once  sync.Once
}

func (l *lane) Wanted() bool {
	return l.extra && l.snap.need.Lease.Wanted(l.snap.source.name)
}

func (l *lane) Close() error {
	l.once.Do(func() {
		if l.extra {
			l.snap.need.Lease.Release(l.snap.source.name)
		} else {
			l.snap.leased.Add(-1)
		}
	})
	return nil
}

// split is a range of rows of the one table that a splittable scan reads; to is -1 for all of any tables.
type split struct{ from, to int }

func (s split) String() string { return fmt.Sprintf("rows %d to %d", s.from, s.to) }

type queue struct {
	splits []split
	next   atomic.Int64
}

func (q *queue) Next(ctx context.Context) (sources.Split, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if i := int(q.next.Add(1)) - 1; i < len(q.splits) {
		return q.splits[i], nil
	}
	return nil, io.EOF
}

func (l *lane) Splits(ctx context.Context, rs plan.RemoteScan, _ *sources.Env) (sources.SplitQueue, error) {
	sc, ok := rs.(*scan)
	if !ok {
		return nil, errForeign
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if sc.splits == 0 {
		return &queue{splits: []split{{0, -1}}}, nil
	}
	q := &queue{}
	rows := len(l.snap.tables[sc.tables[0].Name()].rows)
	for from := 0; from < rows; from += sc.splits {
		q.splits = append(q.splits, split{from, min(from+sc.splits, rows)})
	}
	return q, nil
}

// Open evaluates the fragment over a split at once; the reader hands the rows out.
func (l *lane) Open(ctx context.Context, rs plan.RemoteScan, sp sources.Split, env *sources.Env) (batch.Reader, error) {
	l.snap.source.Asked.Opens.Add(1)
	sc, ok := rs.(*scan)
	part, isSplit := sp.(split)
	if !ok || !isSplit {
		return nil, errForeign
	}
	rel, err := l.evaluate(ctx, sc, part, env)
	if err != nil {
		return nil, err
	}
	return l.reader(ctx, rel.cols, dynamic(ctx, rel, env), env), nil
}

func (l *lane) evaluate(ctx context.Context, sc *scan, part split, env *sources.Env) (*relation, error) {
	if l.snap.closed.Load() {
		return nil, sqlerr.New(sqlerr.InternalError, "the snapshot is closed").From(l.snap.source.name)
	}
	e := &evaluation{ctx: ctx, env: env.Env, tables: l.snap.tables, part: part}
	return e.node(sc.root)
}

// Lookup gives the rows whose key columns equal a key, behind the key's ordinal.
func (l *lane) Lookup(ctx context.Context, rs plan.RemoteScan, keys arrow.RecordBatch, env *sources.Env) (batch.Reader, error) {
	l.snap.source.Asked.Lookups.Add(1)
	sc, ok := rs.(*scan)
	if !ok || len(sc.inputs.Lookup) == 0 || int(keys.NumCols()) != len(sc.inputs.Lookup) {
		return nil, errForeign
	}
	rel, err := l.evaluate(ctx, sc, split{0, -1}, env)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for k := range int(keys.NumRows()) {
		for _, row := range rel.rows {
			same := true
			for i, id := range sc.inputs.Lookup {
				at := rel.at(id)
				v := datum.FromArray(rel.cols[at].Type, keys.Column(i), k)
				same = same && v != nil && row[at] != nil && datum.Equal(rel.cols[at].Type, v, row[at])
			}
			if same {
				rows = append(rows, append([]any{int64(k)}, row...))
			}
		}
	}
	cols := append([]plan.Column{{Name: "ordinal", Type: types.Int8T}}, rel.cols...)
	return l.reader(ctx, cols, rows, env), nil
}

// dynamic drops the rows that the filters published by now say cannot match.
func dynamic(ctx context.Context, rel *relation, env *sources.Env) [][]any {
	rows := rel.rows
	for _, f := range env.Filters {
		at := rel.at(f.Column)
		set := f.Wait(ctx, 0)
		if at < 0 || set == nil {
			continue
		}
		t := rel.cols[at].Type
		var kept [][]any
		for _, row := range rows {
			v := row[at]
			pass := v != nil && !set.Empty
			if pass && set.Min != nil {
				pass = datum.Compare(t, v, set.Min) >= 0 && datum.Compare(t, v, set.Max) <= 0
			}
			if pass && set.Values != nil {
				pass = false
				for i := range set.Values.Len() {
					pass = pass || datum.Equal(t, v, datum.FromArray(t, set.Values, i))
				}
			}
			if pass {
				kept = append(kept, row)
			}
		}
		rows = kept
	}
	return rows
}

func (l *lane) reader(ctx context.Context, cols []plan.Column, rows [][]any, env *sources.Env) *reader {
	r := &reader{lane: l, ctx: ctx, cols: cols, rows: rows, size: batch.Rows, env: env}
	if env.BatchRows > 0 {
		r.size = env.BatchRows
	}
	return r
}

// reader hands out rows in batches.
type reader struct {
	lane   *lane
	ctx    context.Context
	cols   []plan.Column
	rows   [][]any
	size   int
	env    *sources.Env
	closed bool
}

var _ batch.Reader = (*reader)(nil)

func (r *reader) Schema() *arrow.Schema { return schemaOf(r.cols) }

func (r *reader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.closed {
		return nil, sqlerr.New(sqlerr.InternalError, "the reader is closed").From(r.lane.snap.source.name)
	}
	if err := r.ended(); err != nil {
		return nil, err
	}
	if err := r.lane.snap.source.beforeBatch(ctx); err != nil {
		return nil, err
	}
	if len(r.rows) == 0 {
		return nil, io.EOF
	}
	n := min(r.size, len(r.rows))
	rec, err := record(r.cols, r.rows[:n])
	if err != nil {
		return nil, err
	}
	r.rows = r.rows[n:]
	if st := r.env.Stats; st != nil {
		st.Rows.Add(int64(n))
		st.Batches.Add(1)
		st.Bytes.Add(batch.EncodedBytes(rec))
	}
	return rec, nil
}

// ended is why the context that the reader was opened with is over, nil while it is not.
func (r *reader) ended() error { return context.Cause(r.ctx) }

func (r *reader) Close() error {
	r.closed = true
	return nil
}
