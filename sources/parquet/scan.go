package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// scan is a taken fragment: some columns of one table, and conditions that prune what is read.
type scan struct {
	server string
	node   *plan.Scan
	conds  []expr.Expr
	choose *selection // nil: every row is decoded
}

var _ plan.RemoteScan = (*scan)(nil)

func newScan(server string, n *plan.Scan, conds []expr.Expr) *scan {
	return &scan{server: server, node: n, conds: conds, choose: newSelection(n, conds)}
}

func (s *scan) Server() string           { return s.server }
func (s *scan) Columns() []plan.Column   { return s.node.Cols }
func (s *scan) Residual() []expr.Expr    { return s.conds }
func (s *scan) Ordering() []plan.SortKey { return nil }
func (s *scan) Splittable() bool         { return true }
func (s *scan) Tables() []plan.TableRef  { return []plan.TableRef{s.node.Table} }

func (s *scan) Inputs() plan.Inputs {
	in := plan.Inputs{Params: true}
	for _, c := range s.node.Cols {
		in.Filters = append(in.Filters, c.ID)
	}
	return in
}

func (s *scan) Estimate() plan.Estimate {
	width, cols := 0.0, s.node.Table.Columns()
	for _, o := range s.node.Ordinals {
		width += cols[o].Width
	}
	rows := s.node.Table.Rows()
	return plan.Estimate{Rows: rows, Bytes: rows * width, Startup: 1e-3, PerRow: 1e-8 * float64(1+len(s.node.Ordinals))}
}

func (s *scan) Text() string {
	names := make([]string, len(s.node.Cols))
	for i, c := range s.node.Cols {
		names[i] = c.Name
	}
	text := fmt.Sprintf("scan %s (%s)", s.node.Table.Name(), strings.Join(names, ", "))
	if len(s.conds) > 0 {
		text += fmt.Sprintf(" pruned by %d conditions", len(s.conds))
	}
	return text
}

// schema has a field per column of the scan, in the types' storage.
func (s *scan) schema() *arrow.Schema {
	fields := make([]arrow.Field, len(s.node.Cols))
	for i, c := range s.node.Cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// snapshot keeps a statement's files open.
type snapshot struct {
	source *Source
	tables map[string]*openTable
	closed atomic.Bool
}

func (s *snapshot) Lane(context.Context, bool) (sources.Lane, error) { return &lane{snap: s}, nil }

func (s *snapshot) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, t := range s.tables {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}

type lane struct{ snap *snapshot }

func (l *lane) Wanted() bool { return false }
func (l *lane) Close() error { return nil }

func (l *lane) table(s plan.RemoteScan) (*scan, *openTable, error) {
	sc, ok := s.(*scan)
	if !ok {
		return nil, nil, sqlerr.New(sqlerr.InternalError, "a scan of another source was given to Parquet files")
	}
	t := l.snap.tables[nameOf(sc.node.Table)]
	if t == nil || l.snap.closed.Load() {
		return nil, nil, sqlerr.New(sqlerr.InternalError, "table %s is not part of the snapshot", sc.node.Table.Name())
	}
	return sc, t, nil
}

// Lookup is not offered: Inputs names no lookup columns.
func (l *lane) Lookup(context.Context, plan.RemoteScan, arrow.RecordBatch, *sources.Env) (batch.Reader, error) {
	return nil, sqlerr.Unsupported("looking keys up in Parquet files")
}

// split is one row group of one file.
type split struct {
	file, group int
	path        string
}

func (s split) String() string { return fmt.Sprintf("%s row group %d", s.path, s.group) }

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

// Splits are the row groups that conditions and dynamic filters may be true in.
func (l *lane) Splits(ctx context.Context, s plan.RemoteScan, env *sources.Env) (sources.SplitQueue, error) {
	sc, t, err := l.table(s)
	if err != nil {
		return nil, err
	}
	q := &queue{}
	pruned := 0
	for i, f := range t.footers {
		for g := range f.file.Metadata().RowGroups {
			if f.file.Metadata().RowGroups[g].NumRows == 0 {
				continue
			}
			may, err := sc.mayHold(ctx, t, i, g, env)
			if err != nil {
				return nil, l.snap.source.from(err)
			}
			if !may {
				pruned++
				continue
			}
			q.splits = append(q.splits, split{file: i, group: g, path: t.detail.files[i].path})
		}
	}
	if env != nil && env.Stats != nil {
		env.Stats.Pruned.Add(int64(pruned))
	}
	return q, nil
}

// mayHold says whether a row group can hold a row that the conditions and dynamic filters let pass.
func (s *scan) mayHold(ctx context.Context, t *openTable, file, group int, env *sources.Env) (bool, error) {
	var failed error
	p := pruner{env: env, bounds: func(id expr.ColumnID) (bounds, bool) {
		for i, c := range s.node.Cols {
			if c.ID == id {
				b, err := t.bounds(s.node.Ordinals[i], file, group)
				failed = errors.Join(failed, err)
				return b, true
			}
		}
		return bounds{}, false
	}}
	for _, c := range s.conds {
		if !p.may(c) {
			return false, failed
		}
	}
	return p.mayJoin(ctx), failed
}

// bounds are those of a table's column in one row group; a column of folder names has one value.
func (t *openTable) bounds(ordinal, file, group int) (bounds, error) {
	c := t.table.Cols[ordinal]
	from := t.detail.origins[ordinal]
	if from.key {
		v, err := partitionValue(t.detail.files[file].key(from.name), c.Type)
		return bounds{low: v, high: v, allNull: v == nil, noNull: v != nil}, err
	}
	f := t.footers[file]
	fl := f.field(from.name)
	return chunkBounds(fl, &f.file.Metadata().RowGroups[group]), nil
}
