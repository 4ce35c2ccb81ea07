package memory

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// splitRows is how many rows one split has at most: eight batches, so that workers share even a single large one.
const splitRows = 8 * batch.Rows

// scan is a taken fragment: some columns of one table.
type scan struct {
	server string
	node   *plan.Scan
}

var _ plan.RemoteScan = (*scan)(nil)

func (s *scan) Server() string           { return s.server }
func (s *scan) Columns() []plan.Column   { return s.node.Cols }
func (s *scan) Residual() []expr.Expr    { return nil }
func (s *scan) Ordering() []plan.SortKey { return nil }
func (s *scan) Splittable() bool         { return true }
func (s *scan) Inputs() plan.Inputs      { return plan.Inputs{} }
func (s *scan) Tables() []plan.TableRef  { return []plan.TableRef{s.node.Table} }

func (s *scan) Estimate() plan.Estimate {
	width, cols := 0.0, s.node.Table.Columns()
	for _, o := range s.node.Ordinals {
		width += cols[o].Width
	}
	rows := s.node.Table.Rows()
	return plan.Estimate{Rows: rows, Bytes: rows * width, PerRow: 1e-9}
}

func (s *scan) Text() string {
	names := make([]string, len(s.node.Ordinals))
	for i, o := range s.node.Ordinals {
		names[i] = s.node.Table.Columns()[o].Name
	}
	return fmt.Sprintf("scan %s.%s (%s)", s.node.Table.Schema(), s.node.Table.Name(), strings.Join(names, ", "))
}

// schema has a field per column of the scan, in the types' storage.
func (s *scan) schema() *arrow.Schema {
	fields := make([]arrow.Field, len(s.node.Cols))
	for i, c := range s.node.Cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// snapshot is the data of a statement's tables.
type snapshot struct {
	tables map[string]*data
	closed atomic.Bool
}

func (s *snapshot) Lane(context.Context, bool) (sources.Lane, error) { return &lane{snap: s}, nil }

func (s *snapshot) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	for _, d := range s.tables {
		d.release()
	}
	return nil
}

type lane struct{ snap *snapshot }

func (l *lane) Wanted() bool { return false }
func (l *lane) Close() error { return nil }

// split is a range of rows of one registered batch.
type split struct{ chunk, from, to int }

func (s split) String() string { return fmt.Sprintf("batch %d rows %d-%d", s.chunk, s.from, s.to) }

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

func (l *lane) data(s plan.RemoteScan) (*scan, *data, error) {
	sc, ok := s.(*scan)
	if !ok {
		return nil, nil, sqlerr.New(sqlerr.InternalError, "a scan of another source was given to registered tables")
	}
	d := l.snap.tables[sc.node.Table.Name()]
	if d == nil || l.snap.closed.Load() {
		return nil, nil, sqlerr.New(sqlerr.InternalError, "table %s is not part of the snapshot", sc.node.Table.Name())
	}
	return sc, d, nil
}

// Splits cuts each registered batch into ranges of splitRows rows.
func (l *lane) Splits(_ context.Context, s plan.RemoteScan, _ *sources.Env) (sources.SplitQueue, error) {
	_, d, err := l.data(s)
	if err != nil {
		return nil, err
	}
	q := &queue{}
	for i, rows := range d.rows {
		for from := 0; from < rows; from += splitRows {
			q.splits = append(q.splits, split{chunk: i, from: from, to: min(from+splitRows, rows)})
		}
	}
	return q, nil
}

// Open reads a split as slices of the registered memory.
func (l *lane) Open(_ context.Context, s plan.RemoteScan, sp sources.Split, env *sources.Env) (batch.Reader, error) {
	sc, d, err := l.data(s)
	if err != nil {
		return nil, err
	}
	part, ok := sp.(split)
	if !ok || part.chunk >= len(d.rows) {
		return nil, sqlerr.New(sqlerr.InternalError, "a split of another scan was given to registered tables")
	}
	r := &reader{schema: sc.schema(), ordinals: sc.node.Ordinals, chunk: d.chunks[part.chunk], at: part.from, to: part.to, rows: batch.Rows}
	if env != nil && env.BatchRows > 0 {
		r.rows = env.BatchRows
	}
	if env != nil {
		r.stats = env.Stats
	}
	if r.stats != nil {
		r.stats.Splits.Add(1)
	}
	return r, nil
}

// Lookup is not offered: Inputs names no lookup columns.
func (l *lane) Lookup(context.Context, plan.RemoteScan, arrow.RecordBatch, *sources.Env) (batch.Reader, error) {
	return nil, sqlerr.Unsupported("looking keys up in a registered table")
}

// reader yields slices of one split; the snapshot keeps the memory until it is closed, the slices beyond that.
type reader struct {
	schema       *arrow.Schema
	ordinals     []int
	chunk        []arrow.Array
	at, to, rows int
	stats        *sources.ReadStats
}

func (r *reader) Schema() *arrow.Schema { return r.schema }

func (r *reader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if r.at >= r.to {
		return nil, io.EOF
	}
	end := min(r.at+r.rows, r.to)
	cols := make([]arrow.Array, len(r.ordinals))
	for i, o := range r.ordinals {
		cols[i] = array.NewSlice(r.chunk[o], int64(r.at), int64(end))
	}
	rec := batch.NewRecord(r.schema, cols, end-r.at)
	if r.stats != nil {
		r.stats.Rows.Add(int64(end - r.at))
		r.stats.Bytes.Add(batch.EncodedBytes(rec))
		r.stats.Batches.Add(1)
	}
	r.at = end
	return rec, nil
}

func (r *reader) Close() error {
	r.at = r.to
	return nil
}
