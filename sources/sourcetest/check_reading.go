package sourcetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// discover: exact names, everything by default, nothing for what is not there.
func (s *suite) discover(t *testing.T) {
	ctx := t.Context()
	for _, want := range s.tables {
		got := s.found(t, want.Name)
		require.Equal(t, ServerName, got.Server())
		require.Equal(t, s.server.Schema, got.Schema())
		for _, c := range want.Columns {
			i := got.Column(c.Name)
			require.GreaterOrEqual(t, i, 0, "column %s.%s", want.Name, c.Name)
			require.True(t, types.Same(c.Type, got.Cols[i].Type), "column %s.%s is %s, not %s", want.Name, c.Name, got.Cols[i].Type, c.Type)
			require.False(t, slices.ContainsFunc(want.Rows, func(r []any) bool { return r[slices.Index(want.Columns, c)] == nil }) &&
				!got.Cols[i].Nullable, "column %s.%s holds NULLs and is called NOT NULL", want.Name, c.Name)
		}
	}
	names, err := s.source.Discover(ctx, sources.Pattern{NamesOnly: true})
	require.NoError(t, err)
	everything, err := s.source.Discover(ctx, sources.Pattern{})
	require.NoError(t, err)
	for _, want := range s.tables {
		for _, list := range [][]*sources.Table{names, everything} {
			n := 0
			for _, got := range list {
				if got.TableName == want.Name && got.SchemaName == s.server.Schema {
					n++
				}
			}
			require.Equal(t, 1, n, "table %s in a list", want.Name)
		}
	}
	for _, p := range []sources.Pattern{
		{Schema: s.server.Schema, Table: "absent"},
		{Schema: "absent"},
		{Schema: s.server.Schema, Table: "ever_"},
		{Schema: s.server.Schema, Table: "%"},
		{Schema: s.server.Schema, Table: "EVERY"},
		{Schema: s.server.Schema, Table: `e"v'`},
		{Schema: s.server.Schema, Table: "../every"},
		{Schema: s.server.Schema, Table: "*"},
	} {
		got, err := s.source.Discover(ctx, p)
		require.NoError(t, err, "%+v", p)
		require.Empty(t, got, "%+v", p)
	}
	require.Zero(t, s.budget.InUse(ServerName), "Discover keeps a token")
}

// planIsPure: one plan is read by two executions at once, and a second planning gives the same.
func (s *suite) planIsPure(t *testing.T) {
	n := s.scan(t, "every")
	rs := s.must(t, n)
	again := s.must(t, n)
	require.Equal(t, rs.Text(), again.Text())
	require.Equal(t, rs.Columns(), again.Columns())
	want := sorted(s.expected(n))
	got := make([][]string, 2)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = sorted(lines(rs.Columns(), s.all(t, rs, 0, nil), n.Cols)) })
	}
	wg.Wait()
	require.Equal(t, want, got[0])
	require.Equal(t, want, got[1])
	require.Equal(t, again.Text(), rs.Text(), "an execution changed the plan")
}

// rows: a bare scan gives exactly the rows that were loaded, in batches of any size.
func (s *suite) rows(t *testing.T) {
	for _, table := range s.tables {
		n := s.scan(t, table.Name)
		rs := s.must(t, n)
		want := sorted(s.expected(n))
		for _, size := range []int{1, 3, 8192} {
			if size == 1 && len(table.Rows) > 1000 {
				continue
			}
			require.Equal(t, want, sorted(lines(rs.Columns(), s.all(t, rs, size, nil), n.Cols)), "%s in batches of %d", table.Name, size)
		}
	}
}

// rowsAgain: after all other checks the server holds what it was given.
func (s *suite) rowsAgain(t *testing.T) {
	for _, name := range []string{"every", "empty"} {
		n := s.scan(t, name)
		require.Equal(t, sorted(s.expected(n)), sorted(lines(n.Cols, s.all(t, s.must(t, n), 0, nil), n.Cols)))
	}
}

// projections: any columns in any order; no columns at all count the rows.
func (s *suite) projections(t *testing.T) {
	var names []string
	for _, c := range s.table("every").Columns {
		names = append(names, c.Name)
	}
	reversed := slices.Clone(names)
	slices.Reverse(reversed)
	lists := [][]string{reversed, names[1:], {names[len(names)-1], "id"}}
	for _, c := range names {
		lists = append(lists, []string{c})
	}
	for _, list := range lists {
		n := s.scan(t, "every", list...)
		rs := s.must(t, n)
		require.Equal(t, n.Cols, rs.Columns()[:len(n.Cols)], "the order of %v", list)
		require.Equal(t, sorted(s.expected(n)), sorted(lines(rs.Columns(), s.all(t, rs, 5, nil), n.Cols)), "%v", list)
	}
	for _, table := range s.tables {
		n := s.scan(t, table.Name)
		n.Cols, n.Ordinals = nil, nil
		for _, size := range []int{7, 8192} {
			require.EqualValues(t, len(table.Rows), count(s.all(t, s.must(t, n), size, nil)), "rows of %s without columns", table.Name)
		}
	}
}

// splits: lanes that share a queue read every row once between them.
func (s *suite) splits(t *testing.T) {
	n := s.scan(t, "many", "id", "grp")
	rs := s.must(t, n)
	want := sorted(s.expected(n))
	for _, lanes := range []int{1, 3} {
		recs, busy := s.inLanes(t, rs, lanes)
		require.Equal(t, want, sorted(lines(rs.Columns(), recs, n.Cols)), "%d lanes", lanes)
		if !rs.Splittable() {
			require.Equal(t, 1, busy, "a scan that cannot be split has one split")
		}
	}
}

// filteredSplits: lanes that share the splits of a filtered scan read every row that passes once between them.
func (s *suite) filteredSplits(t *testing.T) {
	n := s.scan(t, "many", "id", "grp")
	full := s.all(t, s.must(t, n), 0, nil)
	split := false
	for _, cond := range []expr.Expr{
		compare(">", n.Cols[0].Ref(), &expr.Const{Typ: n.Cols[0].Type, Value: int64(len(s.table("many").Rows) / 2)}),
		compare("<", n.Cols[1].Ref(), &expr.Const{Typ: n.Cols[1].Type, Value: int64(10)}),
		&expr.IsNull{Arg: n.Cols[1].Ref()},
		compare("=", n.Cols[0].Ref(), &expr.Const{Typ: n.Cols[0].Type, Value: int64(-1)}),
	} {
		rs := s.offer(t, &plan.Filter{Input: n, Conds: []expr.Expr{cond}})
		if rs == nil {
			continue
		}
		split = split || rs.Splittable()
		e := &eval.Env{Zone: time.UTC}
		want := sorted(lines(n.Cols, selected(t, []expr.Expr{cond}, n.Cols, full, e), n.Cols))
		for _, lanes := range []int{1, 3} {
			recs, _ := s.inLanes(t, rs, lanes)
			require.Equal(t, want, sorted(lines(rs.Columns(), behind(t, rs, recs, e), n.Cols)), "%s in %d lanes", expr.String(cond), lanes)
		}
	}
	t.Logf("filtered scans are split: %t", split)
}

// inLanes reads a scan over so many lanes at once, and says how many splits there were.
func (s *suite) inLanes(t *testing.T, rs plan.RemoteScan, lanes int) (recs []arrow.RecordBatch, splits int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	v, err := s.begin(ctx, t, lanes, rs.Tables()...)
	require.NoError(t, err)
	defer v.end(t)
	all := make([]sources.Lane, lanes)
	for i := range all {
		all[i], err = v.Lane(ctx, false)
		require.NoError(t, err)
		require.NotNil(t, all[i])
	}
	queue, err := all[0].Splits(ctx, rs, v.env(0, nil))
	require.NoError(t, err)
	counted := &countingQueue{SplitQueue: queue}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, lane := range all {
		wg.Go(func() {
			got, err := drainQueue(ctx, t, lane, rs, counted, v.env(0, nil))
			if err != nil {
				t.Errorf("reading in lanes: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			recs = append(recs, got...)
		})
	}
	wg.Wait()
	for _, lane := range all {
		require.NoError(t, lane.Close())
	}
	return recs, counted.n
}

type countingQueue struct {
	sources.SplitQueue
	mu sync.Mutex
	n  int
}

func (q *countingQueue) Next(ctx context.Context) (sources.Split, error) {
	sp, err := q.SplitQueue.Next(ctx)
	if err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.n++
	}
	return sp, err
}
