package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// session is a session of an engine without servers.
func session(t *testing.T) *engine.Session {
	t.Helper()
	e, err := engine.New(t.Context(), engine.Config{Definitions: &catalog.Definitions{}, Registry: sources.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	s, err := e.NewSession(engine.Identity{Role: "tester"})
	require.NoError(t, err)
	return s
}

// answer gives a statement's rows as text, columns separated by blanks, NULL as null.
func answer(ctx context.Context, t *testing.T, s *engine.Session, sql string) []string {
	t.Helper()
	st, err := s.Prepare(ctx, sql)
	require.NoError(t, err, sql)
	r, err := st.Execute(ctx, nil, 0)
	require.NoError(t, err, sql)
	defer func() { require.NoError(t, r.Close()) }()
	var rows []string
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err, sql)
		for i := range int(rec.NumRows()) {
			var cells []string
			for _, c := range rec.Columns() {
				cell := "null"
				if c.IsValid(i) {
					cell = c.ValueStr(i)
				}
				cells = append(cells, cell)
			}
			rows = append(rows, strings.Join(cells, " "))
		}
		rec.Release()
	}
}

// TestSubqueryAnswers holds answers that PostgreSQL 15 gives.
func TestSubqueryAnswers(t *testing.T) {
	s := session(t)
	const outer = "(VALUES (1, 2), (1, NULL::int), (3, 4), (9, 9)) t(a, b)"
	for _, tt := range []struct {
		sql  string
		want []string
	}{
		{"SELECT a, b FROM " + outer + " WHERE (a, b) NOT IN (SELECT x, y FROM (VALUES (1, 2), (5, NULL::int)) v(x, y)) ORDER BY 1", []string{"3 4", "9 9"}},
		{"SELECT a, b, (a, b) IN (SELECT x, y FROM (VALUES (1, 2), (3, NULL::int)) v(x, y)) FROM " + outer + " ORDER BY 1, 2", []string{"1 2 true", "1 null null", "3 4 null", "9 9 false"}},
		{"SELECT a, b FROM " + outer + " WHERE (a, b) IN (SELECT x, y FROM (VALUES (1, 2), (3, NULL::int)) v(x, y))", []string{"1 2"}},
		{
			"SELECT a, (a, b) NOT IN (SELECT x, y FROM (VALUES (1, 2, 1), (3, NULL::int, 9)) v(x, y, k) WHERE k = t.a) FROM " + outer + " ORDER BY 1, b",
			[]string{"1 false", "1 null", "3 true", "9 true"},
		},
		{
			"SELECT a, (SELECT regr_count(x, x) FROM (VALUES (1.0::float8, 1)) v(x, k) WHERE k = t.a) FROM (VALUES (1), (2)) t(a) ORDER BY 1",
			[]string{"1 1", "2 0"},
		},
		{
			"SELECT a, (SELECT count(*) FROM (VALUES (1)) v(k) WHERE k = t.a), (SELECT sum(k) FROM (VALUES (1)) v(k) WHERE k = t.a) FROM (VALUES (1), (2)) t(a) ORDER BY 1",
			[]string{"1 1 1", "2 0 null"},
		},
	} {
		require.Equal(t, tt.want, answer(t.Context(), t, s, tt.sql), tt.sql)
	}
}

// TestPlanningGrowsWithTheStatement plans what has exponentially many paths from its root to its leaves.
func TestPlanningGrowsWithTheStatement(t *testing.T) {
	s := session(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var b strings.Builder
	b.WriteString("WITH c0 AS (SELECT 1 AS x)")
	for i := 1; i <= 40; i++ {
		fmt.Fprintf(&b, ", c%d AS (SELECT a.x FROM c%d a JOIN c%d b ON a.x = b.x)", i, i-1, i-1)
	}
	b.WriteString(" SELECT count(*) FROM c40")
	require.Equal(t, []string{"1"}, answer(ctx, t, s, b.String()))
	require.NotEmpty(t, answer(ctx, t, s, "EXPLAIN "+b.String()))
	require.NotEmpty(t, answer(ctx, t, s, "EXPLAIN (ANALYZE, FORMAT JSON) "+b.String()))
}

// TestManyRelations joins more relations than one set of relations holds.
func TestManyRelations(t *testing.T) {
	s := session(t)
	sql := "SELECT t0.x FROM (VALUES (1), (2)) t0(x)"
	for i := 1; i <= 70; i++ {
		sql += fmt.Sprintf(" JOIN (VALUES (1), (2)) t%d(x) ON t%d.x = t%d.x", i, i, i-1)
	}
	require.Equal(t, []string{"1", "2"}, answer(t.Context(), t, s, sql+" ORDER BY 1"))
}

// broken is a source whose Begin panics.
type broken struct{ sources.Source }

func (broken) Discover(context.Context, sources.Pattern) ([]*sources.Table, error) {
	return []*sources.Table{{ServerName: "bad", SchemaName: "main", TableName: "t", RowCount: 1, Cols: []plan.TableColumn{{Name: "x", Type: types.Int4T}}}}, nil
}
func (broken) Capabilities() sources.Capabilities            { return sources.Capabilities{} }
func (broken) Plan(f plan.Fragment) (plan.RemoteScan, error) { return brokenScan{fragment: f}, nil }
func (broken) Close() error                                  { return nil }
func (broken) Begin(context.Context, sources.Identity, sources.Need) (sources.Snapshot, error) {
	panic("boom")
}

type brokenScan struct {
	plan.RemoteScan
	fragment plan.Fragment
}

func (s brokenScan) Server() string           { return "bad" }
func (s brokenScan) Columns() []plan.Column   { return s.fragment.Root.Columns() }
func (s brokenScan) Residual() []expr.Expr    { return nil }
func (s brokenScan) Estimate() plan.Estimate  { return plan.Estimate{Rows: 1} }
func (s brokenScan) Splittable() bool         { return false }
func (s brokenScan) Ordering() []plan.SortKey { return nil }
func (s brokenScan) Inputs() plan.Inputs      { return plan.Inputs{} }
func (s brokenScan) Text() string             { return "" }
func (s brokenScan) Tables() []plan.TableRef {
	return []plan.TableRef{s.fragment.Root.(*plan.Scan).Table}
}

// TestPanicOfASource holds that a source's bug is that statement's error and leaves nothing behind.
func TestPanicOfASource(t *testing.T) {
	e, err := engine.New(t.Context(), engine.Config{Definitions: &catalog.Definitions{}, Registry: sources.NewRegistry()})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	require.NoError(t, e.Catalog().Attach("bad", broken{}))
	s, err := e.NewSession(engine.Identity{})
	require.NoError(t, err)
	st, err := s.Prepare(t.Context(), "SELECT x FROM bad.main.t")
	require.NoError(t, err)
	_, err = st.Execute(t.Context(), nil, 0)
	require.Equal(t, sqlerr.InternalError, sqlerr.Code(err))
	require.ErrorContains(t, err, "boom")
	require.Zero(t, e.Running())
	require.Zero(t, e.Connections().InUse("bad"))
}

// TestConditionOverThreeRelations: nothing connects any two of the relations.
func TestConditionOverThreeRelations(t *testing.T) {
	got := answer(t.Context(), t, session(t),
		`SELECT count(*) FROM generate_series(1, 4) a, generate_series(1, 4) b, generate_series(1, 8) c WHERE a + b = c`)
	require.Equal(t, []string{"16"}, got)
}
