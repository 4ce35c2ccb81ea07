package sourcetest

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// found is a table of the suite as the source describes it.
func (s *suite) found(t testing.TB, name string) *sources.Table {
	t.Helper()
	tables, err := s.source.Discover(t.Context(), sources.Pattern{Schema: s.server.Schema, Table: name})
	require.NoError(t, err)
	require.Len(t, tables, 1, "table %s", name)
	return tables[0]
}

// scan reads columns of a table by name, those of the suite's table when none are named. IDs are positions in the
// source's table plus 100, whatever the order asked for.
func (s *suite) scan(t testing.TB, name string, columns ...string) *plan.Scan {
	t.Helper()
	table := s.found(t, name)
	if len(columns) == 0 {
		for _, c := range s.table(name).Columns {
			columns = append(columns, c.Name)
		}
	}
	n := &plan.Scan{Table: table}
	for _, c := range columns {
		i := table.Column(c)
		require.GreaterOrEqual(t, i, 0, "column %s of %s", c, name)
		n.Ordinals = append(n.Ordinals, i)
		n.Cols = append(n.Cols, plan.Column{ID: expr.ColumnID(i + 100), Name: c, Type: table.Cols[i].Type, Nullable: table.Cols[i].Nullable})
	}
	return n
}

// offer plans a fragment; nil when the source refuses it, which it may.
func (s *suite) offer(t tester, root plan.Node) plan.RemoteScan {
	t.Helper()
	rs, err := s.source.Plan(plan.Fragment{Server: ServerName, Root: root})
	var refused *sources.Refused
	if errors.As(err, &refused) {
		require.NotEmpty(t, refused.What, "a refusal has reasons")
		return nil
	}
	require.NoError(t, err, "an error of Plan is a *Refused")
	s.checkScan(t, root, rs)
	return rs
}

// must plans a bare scan, which every source takes.
func (s *suite) must(t testing.TB, n *plan.Scan) plan.RemoteScan {
	t.Helper()
	rs := s.offer(t, n)
	require.NotNil(t, rs, "a bare scan was refused")
	require.Empty(t, rs.Residual())
	return rs
}

// checkScan holds a taken fragment against what RemoteScan promises.
func (s *suite) checkScan(t tester, root plan.Node, rs plan.RemoteScan) {
	t.Helper()
	require.Equal(t, ServerName, rs.Server())
	ids := map[expr.ColumnID]plan.Column{}
	for _, c := range rs.Columns() {
		require.NotContains(t, ids, c.ID, "column %s comes twice", c.Name)
		ids[c.ID] = c
	}
	for _, c := range root.Columns() {
		require.Contains(t, ids, c.ID, "column %s is missing", c.Name)
		require.Equal(t, c.Type.Arrow(), ids[c.ID].Type.Arrow(), "column %s has another type than planned", c.Name)
	}
	for _, e := range rs.Residual() {
		refs := map[expr.ColumnID]bool{}
		expr.Columns(e, refs)
		for id := range refs {
			require.Contains(t, ids, id, "the residual %s has a column that the scan does not give", expr.String(e))
		}
	}
	if rs.Splittable() {
		require.Empty(t, rs.Ordering(), "splits have no common order")
	}
	require.NotEmpty(t, rs.Text(), "EXPLAIN has nothing to show")
	require.NotContains(t, rs.Text(), canary)
	if s.server.Secret != "" {
		require.NotContains(t, rs.Text(), s.server.Secret, "EXPLAIN tells the password")
	}
	require.NotEmpty(t, rs.Tables())
}

// view is a snapshot of the source that a test reads in.
type view struct {
	sources.Snapshot
	lease *sources.Lease
	query *budget.Query
}

func (s *suite) begin(ctx context.Context, t testing.TB, lanes int, tables ...plan.TableRef) (*view, error) {
	t.Helper()
	lease, err := s.budget.Acquire(ctx, map[string]int{ServerName: lanes})
	require.NoError(t, err)
	v := &view{lease: lease, query: budget.NewPool(0).Query(0)}
	v.Snapshot, err = s.source.Begin(ctx, sources.Identity{Role: "tester", Query: "q1"}, sources.Need{
		Lanes: lanes, MaxLanes: 4, Lease: lease, Tables: tables, Memory: v.query,
	})
	if err != nil {
		lease.Close()
		return nil, err
	}
	return v, nil
}

func (v *view) end(t testing.TB) {
	t.Helper()
	require.NoError(t, v.Snapshot.Close())
	require.NoError(t, v.Snapshot.Close(), "Close is idempotent")
	v.lease.Close()
}

func (v *view) env(rows int, e *eval.Env) *sources.Env {
	if e == nil {
		e = &eval.Env{Zone: time.UTC}
	}
	return &sources.Env{Env: e, Reservation: v.query.Reserve("reading"), Stats: &sources.ReadStats{}, BatchRows: rows}
}

// all reads a scan over one lane of a snapshot of its own.
func (s *suite) all(t testing.TB, rs plan.RemoteScan, rows int, e *eval.Env) []arrow.RecordBatch {
	t.Helper()
	ctx := t.Context()
	v, err := s.begin(ctx, t, 1, rs.Tables()...)
	require.NoError(t, err)
	defer v.end(t)
	lane, err := v.Lane(ctx, false)
	require.NoError(t, err)
	env := v.env(rows, e)
	out, err := drain(ctx, t, lane, rs, env)
	require.NoError(t, err)
	require.NoError(t, lane.Close())
	require.NoError(t, lane.Close(), "Close is idempotent")
	require.EqualValues(t, count(out), env.Stats.Rows.Load(), "rows are counted in ReadStats")
	return out
}

// drain reads every split of a scan over one lane.
func drain(ctx context.Context, t tester, lane sources.Lane, rs plan.RemoteScan, env *sources.Env) ([]arrow.RecordBatch, error) {
	t.Helper()
	q, err := lane.Splits(ctx, rs, env)
	if err != nil {
		return nil, err
	}
	return drainQueue(ctx, t, lane, rs, q, env)
}

func drainQueue(ctx context.Context, t tester, lane sources.Lane, rs plan.RemoteScan, q sources.SplitQueue, env *sources.Env) ([]arrow.RecordBatch, error) {
	t.Helper()
	var out []arrow.RecordBatch
	for {
		split, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		r, err := lane.Open(ctx, rs, split, env)
		if err != nil {
			return out, err
		}
		recs, err := readAll(ctx, t, r, rs, env.BatchRows)
		if err != nil {
			return out, err
		}
		out = append(out, recs...)
	}
}

// readAll reads to the end, holds batches against the schema, and closes.
func readAll(ctx context.Context, t tester, r batch.Reader, rs plan.RemoteScan, rows int) (out []arrow.RecordBatch, err error) {
	t.Helper()
	checkSchema(t, r.Schema(), rs.Columns())
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			_, again := r.Next(ctx)
			require.ErrorIs(t, again, io.EOF, "the end stays the end")
			require.NoError(t, r.Close())
			require.NoError(t, r.Close(), "Close is idempotent")
			return out, nil
		}
		if err != nil {
			_ = r.Close()
			return nil, err
		}
		if rows > 0 {
			require.LessOrEqual(t, int(rec.NumRows()), rows, "a batch is larger than asked for")
		}
		rec, err = batch.PlainRecord(rec)
		require.NoError(t, err)
		checkSchema(t, rec.Schema(), rs.Columns())
		out = append(out, rec)
	}
}

func checkSchema(t tester, schema *arrow.Schema, cols []plan.Column) {
	t.Helper()
	require.Equal(t, len(cols), schema.NumFields())
	for i, c := range cols {
		got := schema.Field(i).Type
		if d, ok := got.(*arrow.DictionaryType); ok {
			got = d.ValueType
		}
		require.True(t, arrow.TypeEqual(c.Type.Arrow(), got), "column %s is %s, its storage is %s", c.Name, got, c.Type.Arrow())
	}
}

func count(recs []arrow.RecordBatch) (n int64) {
	for _, r := range recs {
		n += r.NumRows()
	}
	return n
}

// lines are the rows of batches as texts of the columns asked for, in the order of the batches.
func lines(cols []plan.Column, recs []arrow.RecordBatch, want []plan.Column) []string {
	at := make([]int, len(want))
	for i, w := range want {
		at[i] = slices.IndexFunc(cols, func(c plan.Column) bool { return c.ID == w.ID })
	}
	var out []string
	var line []byte
	for _, rec := range recs {
		for row := range int(rec.NumRows()) {
			line = line[:0]
			for i, c := range at {
				if i > 0 {
					line = append(line, '|')
				}
				line = append(line, datum.Text(want[i].Type, datum.FromArray(want[i].Type, rec.Column(c), row), time.UTC)...)
			}
			out = append(out, string(line))
		}
	}
	return out
}

// expected are the suite's own rows of the scan's columns.
func (s *suite) expected(n *plan.Scan) []string {
	table := s.table(n.Table.Name())
	var out []string
	for _, row := range table.Rows {
		values := make([]string, len(n.Cols))
		for i, c := range n.Cols {
			at := slices.IndexFunc(table.Columns, func(tc Column) bool { return tc.Name == c.Name })
			values[i] = datum.Text(table.Columns[at].Type, row[at], time.UTC)
		}
		out = append(out, strings.Join(values, "|"))
	}
	return out
}

func sorted(lines []string) []string {
	out := slices.Clone(lines)
	slices.Sort(out)
	return out
}

// behind applies the residual to what a scan read, as the engine does.
func behind(t tester, rs plan.RemoteScan, recs []arrow.RecordBatch, e *eval.Env) []arrow.RecordBatch {
	t.Helper()
	return selected(t, rs.Residual(), rs.Columns(), recs, e)
}

// selected are the rows for which all conjuncts are true.
func selected(t tester, conds []expr.Expr, cols []plan.Column, recs []arrow.RecordBatch, e *eval.Env) []arrow.RecordBatch {
	t.Helper()
	if len(conds) == 0 {
		return recs
	}
	in := make([]eval.InputColumn, len(cols))
	for i, c := range cols {
		in[i] = eval.InputColumn{ID: c.ID, Type: c.Type}
	}
	p, err := eval.NewPredicate(conds, in)
	require.NoError(t, err)
	sel := p.Open(e)
	var out []arrow.RecordBatch
	for _, rec := range recs {
		rows, err := sel.Select(rec, nil)
		require.NoError(t, err)
		kept, err := batch.GatherRecord(rec, rows)
		require.NoError(t, err)
		out = append(out, kept)
	}
	return out
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
}
