package sourcetest

import (
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// reading is one lane over which many small fragments of one table are read.
type reading struct {
	*suite
	t    *testing.T
	node *plan.Scan
	full []arrow.RecordBatch
	view *view
	lane sources.Lane
}

func (s *suite) reading(t *testing.T, table string) *reading {
	n := s.scan(t, table)
	r := &reading{suite: s, t: t, node: n, full: s.all(t, s.must(t, n), 0, nil)}
	var err error
	r.view, err = s.begin(t.Context(), t, 1, n.Table)
	require.NoError(t, err)
	r.lane, err = r.view.Lane(t.Context(), false)
	require.NoError(t, err)
	return r
}

func (r *reading) close() {
	require.NoError(r.t, r.lane.Close())
	r.view.end(r.t)
}

// ids are the keys of rows.
func (r *reading) ids(cols []plan.Column, recs []arrow.RecordBatch) []string {
	id := slices.IndexFunc(r.node.Cols, func(c plan.Column) bool { return c.Name == "id" })
	return sorted(lines(cols, recs, r.node.Cols[id:id+1]))
}

// check offers the rows for which all conjuncts are true, and compares what comes with what the engine says; false when
// the source refuses.
func (r *reading) check(t tester, conds []expr.Expr, params []any, texts ...string) bool {
	t.Helper()
	e := &eval.Env{Params: params, Zone: time.UTC}
	for _, c := range conds {
		texts = append(texts, expr.String(c))
	}
	rs := r.offer(t, &plan.Filter{Input: r.node, Conds: conds})
	if rs == nil {
		return false
	}
	want := r.ids(r.node.Cols, selected(t, conds, r.node.Cols, r.full, e))
	got, err := drain(r.t.Context(), t, r.lane, rs, r.view.env(0, e))
	require.NoError(t, err, "%v", texts)
	require.Equal(t, want, r.ids(rs.Columns(), behind(t, rs, got, e)), "%v\nsent as %s\nresidual %d", texts, rs.Text(), len(rs.Residual()))
	return true
}

// conjuncts: every single condition of the generated set is answered as the engine answers it.
func (s *suite) conjuncts(t *testing.T) {
	r := s.reading(t, "every")
	defer r.close()
	taken, offered := 0, 0
	for _, c := range columnsOf(r.node) {
		for _, cond := range s.conditions(c) {
			offered++
			if r.check(t, []expr.Expr{cond}, nil) {
				taken++
			}
		}
	}
	t.Logf("%d of %d conditions were taken", taken, offered)
	require.NotZero(t, taken, "the source claims filters and takes none")
}

// randomConditions: conjunctions, ORs and negations of several columns' conditions.
func (s *suite) randomConditions(t *testing.T) {
	r := s.reading(t, "every")
	defer r.close()
	var atoms []expr.Expr
	for _, c := range columnsOf(r.node) {
		atoms = append(atoms, s.conditions(c)...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		conds := make([]expr.Expr, rapid.IntRange(1, 3).Draw(rt, "conjuncts"))
		for i := range conds {
			conds[i] = drawCondition(rt, atoms, 2)
		}
		for len(conds) > 0 && !r.check(rt, conds, nil) {
			conds = conds[1:]
		}
	})
}

func drawCondition(rt *rapid.T, atoms []expr.Expr, depth int) expr.Expr {
	shape := "atom"
	if depth > 0 {
		shape = rapid.SampledFrom([]string{"atom", "atom", "and", "or", "not"}).Draw(rt, "shape")
	}
	switch shape {
	case "not":
		return &expr.Not{Arg: drawCondition(rt, atoms, depth-1)}
	case "and", "or":
		l := &expr.Logic{Op: expr.And}
		if shape == "or" {
			l.Op = expr.Or
		}
		for range rapid.IntRange(2, 3).Draw(rt, "arms") {
			l.Args = append(l.Args, drawCondition(rt, atoms, depth-1))
		}
		return l
	}
	return rapid.SampledFrom(atoms).Draw(rt, "condition")
}

// parameters: a condition with $1 is planned once and gives each value's answer, NULL's too.
func (s *suite) parameters(t *testing.T) {
	r := s.reading(t, "every")
	defer r.close()
	for _, c := range columnsOf(r.node) {
		for i, k := range s.constants(c) {
			value := k.(*expr.Const)
			op := comparisons[i%len(comparisons)]
			if cond := compare(op, c, &expr.Param{Index: 1, Typ: value.Typ}); cond != nil {
				r.check(t, []expr.Expr{cond}, []any{value.Value}, "$1 = "+expr.String(k))
			}
		}
	}
}

func int8Const(v int64) expr.Expr { return &expr.Const{Typ: types.Int8T, Value: v} }

// limits: a limit that is taken is exact, and so is its offset.
func (s *suite) limits(t *testing.T) {
	for _, table := range []string{"every", "empty", "many"} {
		n := s.scan(t, table, "id")
		rows := len(s.table(table).Rows)
		all := map[string]bool{}
		for _, l := range s.expected(n) {
			all[l] = true
		}
		for _, c := range []struct{ count, offset int64 }{{0, 0}, {1, 0}, {5, 0}, {5, 60}, {1 << 40, 0}, {3, 1 << 40}, {2, 1}} {
			node := &plan.Limit{Input: n, Count: int8Const(c.count)}
			if c.offset > 0 {
				node.Offset = int8Const(c.offset)
			}
			rs := s.offer(t, node)
			if rs == nil {
				continue
			}
			require.Empty(t, rs.Residual(), "a limit with a residual cuts rows that count")
			require.False(t, rs.Splittable(), "a limit of each split is no limit")
			got := lines(rs.Columns(), s.all(t, rs, 3, nil), n.Cols)
			require.Len(t, got, int(min(c.count, max(int64(rows)-c.offset, 0))), "limit %d offset %d of %s", c.count, c.offset, table)
			seen := map[string]bool{}
			for _, l := range got {
				require.True(t, all[l] && !seen[l], "row %s", l)
				seen[l] = true
			}
		}
	}
	s.filteredLimits(t)
}

// filteredLimits: a limit over a condition counts the rows that pass.
func (s *suite) filteredLimits(t *testing.T) {
	r := s.reading(t, "every")
	defer r.close()
	for _, c := range columnsOf(r.node) {
		for _, cond := range s.conditions(c) {
			rs := s.offer(t, &plan.Limit{Input: &plan.Filter{Input: r.node, Conds: []expr.Expr{cond}}, Count: int8Const(4)})
			if rs == nil {
				continue
			}
			require.Empty(t, rs.Residual())
			got, err := drain(t.Context(), t, r.lane, rs, r.view.env(0, nil))
			require.NoError(t, err)
			want := r.ids(r.node.Cols, selected(t, []expr.Expr{cond}, r.node.Cols, r.full, &eval.Env{Zone: time.UTC}))
			require.EqualValues(t, min(4, len(want)), count(got), "%s", expr.String(cond))
			for _, id := range r.ids(rs.Columns(), got) {
				require.Contains(t, want, id, "%s", expr.String(cond))
			}
		}
	}
}

// topN: keys come in the engine's order, ties in any.
func (s *suite) topN(t *testing.T) {
	r := s.reading(t, "every")
	defer r.close()
	for _, c := range columnsOf(r.node) {
		if f, _ := operator("<", c.Typ); f == nil {
			continue
		}
		for i := range 4 {
			key := plan.SortKey{Expr: c, Desc: i&1 == 1, NullsFirst: i&2 == 2}
			r.ordered(&plan.Limit{Input: r.node, Count: int8Const(9), Keys: []plan.SortKey{key}}, key, 9)
			r.ordered(&plan.Sort{Input: r.node, Keys: []plan.SortKey{key}}, key, len(s.table("every").Rows))
		}
	}
}

func (r *reading) ordered(root plan.Node, key plan.SortKey, n int) {
	r.t.Helper()
	caps := r.source.Capabilities()
	if _, sort := root.(*plan.Sort); sort && !caps.Sort || !sort && !caps.TopN {
		return
	}
	rs := r.offer(r.t, root)
	if rs == nil {
		return
	}
	require.Empty(r.t, rs.Residual())
	require.False(r.t, rs.Splittable())
	recs, err := drain(r.t.Context(), r.t, r.lane, rs, r.view.env(3, nil))
	require.NoError(r.t, err)
	col := r.node.Cols[slices.IndexFunc(r.node.Cols, func(c plan.Column) bool { return c.ID == key.Expr.(*expr.Column).ID })]
	got := keysOf(col, rs.Columns(), recs)
	want := keysOf(col, r.node.Cols, r.full)
	slices.SortStableFunc(want, func(a, b any) int { return compareKeys(key, a, b) })
	require.Len(r.t, got, n)
	for i := range got {
		require.Zero(r.t, compareKeys(key, want[i], got[i]), "row %d of %s: %v instead of %v", i, plan.Describe(root), got[i], want[i])
	}
}

func keysOf(col plan.Column, cols []plan.Column, recs []arrow.RecordBatch) (out []any) {
	at := slices.IndexFunc(cols, func(c plan.Column) bool { return c.ID == col.ID })
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			out = append(out, datum.FromArray(col.Type, rec.Column(at), i))
		}
	}
	return out
}

// compareKeys is ORDER BY's order of two values.
func compareKeys(k plan.SortKey, a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		if (a == nil) == k.NullsFirst {
			return -1
		}
		return 1
	}
	c := datum.Compare(k.Expr.Type(), a, b)
	if k.Desc {
		return -c
	}
	return c
}
