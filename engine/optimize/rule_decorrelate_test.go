package optimize

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// dependent draws the right input of an Apply: a relation with barriers, correlated through operators of every kind by
// conditions that can leak.
func (g *barriers) dependent(outer []plan.Column) plan.Node {
	n := g.node(rapid.IntRange(0, 2).Draw(g.rt, "inner depth"))
	inner := n.Columns()[0]
	g.marks++
	leak := int4Call("int4div", int4Value(1000+g.marks), rapid.SampledFrom(outer).Draw(g.rt, "outer column").Ref())
	op := rapid.SampledFrom([]string{"int4eq", "int4lt"}).Draw(g.rt, "comparison")
	n = &plan.Filter{Input: n, Conds: []expr.Expr{int4Call(op, inner.Ref(), leak)}}
	switch rapid.SampledFrom([]string{"filter", "project", "count", "group", "limit", "window", "union"}).Draw(g.rt, "dependent") {
	case "project":
		x := plan.Item{Column: g.column("x", types.Int4T), Expr: int4Call("int4pl", inner.Ref(), outer[0].Ref())}
		return &plan.Project{Input: n, Items: []plan.Item{x}}
	case "count":
		count := plan.AggItem{Column: g.column("c", types.Int8T), Fn: expr.MustFunction("count_star")}
		return &plan.Aggregate{Input: n, Aggs: []plan.AggItem{count}}
	case "group":
		return &plan.Aggregate{Input: n, Keys: []plan.Item{{Column: inner, Expr: inner.Ref()}}}
	case "limit":
		return &plan.Limit{Input: &plan.Sort{Input: n, Keys: []plan.SortKey{{Expr: inner.Ref()}}}, Count: int8Const(2)}
	case "window":
		number := plan.AggItem{Column: g.column("r", types.Int8T), Fn: expr.MustFunction("window_row_number")}
		return &plan.Window{Input: n, Items: []plan.AggItem{number}, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}}
	case "union":
		c := n.Columns()[0]
		l := &plan.Project{Input: n, Items: []plan.Item{{Column: c, Expr: c.Ref()}}}
		o := plan.Item{Column: g.column("o", types.Int4T), Expr: outer[0].Ref()}
		r := &plan.Project{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Items: []plan.Item{o}}
		return &plan.SetOp{Op: plan.Union, All: true, Inputs: []plan.Node{l, r}, Cols: []plan.Column{g.column("u", types.Int4T)}}
	}
	return n
}

func (g *barriers) apply() plan.Node {
	left := g.node(rapid.IntRange(0, 3).Draw(g.rt, "outer depth"))
	var outer []plan.Column
	for _, c := range left.Columns() {
		if c.Type.Kind == types.Int4 {
			outer = append(outer, c)
		}
	}
	a := &plan.Apply{Join: plan.Join{Left: left, Right: g.dependent(outer)}}
	a.Kind = rapid.SampledFrom([]plan.JoinKind{plan.Inner, plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.Mark, plan.Single}).Draw(g.rt, "apply")
	if a.Kind == plan.Mark {
		a.MarkCol = g.column("mark", types.BoolT)
	}
	if rapid.Bool().Draw(g.rt, "protected") {
		return &plan.SecurityBarrier{Input: a, Object: "view"}
	}
	return a
}

// TestUnnestingCrossesNoBarrier: no subquery is left dependent, and none of its expressions that can leak ends below a
// barrier that it stood above.
func TestUnnestingCrossesNoBarrier(t *testing.T) {
	w := newWorld(t)
	var tables []*sources.Table
	for _, server := range []string{"whole", "superset", "filters", "none"} {
		found, err := w.sources[server].Discover(t.Context(), sources.Pattern{Table: "mid"})
		require.NoError(t, err)
		tables = append(tables, found...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		g := &barriers{rt: rt, tables: tables}
		root := g.apply()
		before, after := map[int64]map[string]bool{}, map[int64]map[string]bool{}
		above(root, nil, before)
		n, err := Plan(t.Context(), root, w.optimizer(g.next+1, 2).Options)
		require.NoError(rt, err)
		plan.Walk(n, func(n plan.Node) bool {
			if _, dependent := n.(*plan.Apply); dependent {
				rt.Fatalf("an Apply is left:\n%s", plan.String(n))
			}
			return true
		})
		above(n, nil, after)
		for mark, under := range after {
			for b := range under {
				if !before[mark][b] {
					rt.Fatalf("expression %d moved below %s\n%s\n%s", mark, b, plan.String(root), plan.String(n))
				}
			}
		}
	})
}
