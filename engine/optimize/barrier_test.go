package optimize

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// barriers draws plans over scans with barriers at random places. What may leak has a number of its own.
type barriers struct {
	rt     *rapid.T
	tables []*sources.Table
	next   expr.ColumnID
	marks  int64
}

func (g *barriers) column(name string, t *types.Type) plan.Column {
	g.next++
	return plan.Column{ID: g.next, Name: name, Type: t, Nullable: true}
}

func int4Call(id string, a, b expr.Expr) expr.Expr {
	f := expr.MustFunction(id)
	return &expr.Call{Fn: f, Args: []expr.Expr{a, b}, Typ: f.Result}
}

func int4Value(v int64) expr.Expr { return &expr.Const{Typ: types.Int4T, Value: v} }

// leak is a condition that can fail on a value, and that no other equals: mark / column > 0.
func (g *barriers) leak(c plan.Column) expr.Expr {
	g.marks++
	return int4Call("int4gt", int4Call("int4div", int4Value(1000+g.marks), c.Ref()), int4Value(0))
}

func (g *barriers) condition(cols []plan.Column) expr.Expr {
	c := rapid.SampledFrom(cols).Draw(g.rt, "column")
	if rapid.Bool().Draw(g.rt, "leaks") {
		return g.leak(c)
	}
	return int4Call("int4lt", c.Ref(), int4Value(5))
}

func (g *barriers) node(depth int) plan.Node {
	if depth == 0 {
		t := rapid.SampledFrom(g.tables).Draw(g.rt, "table")
		return &plan.Scan{Table: t, Ordinals: []int{0, 1}, Cols: []plan.Column{g.column("id", types.Int4T), g.column("n", types.Int4T)}}
	}
	switch rapid.SampledFrom([]string{"filter", "filter", "barrier", "barrier", "project", "join", "aggregate", "limit", "union"}).Draw(g.rt, "node") {
	case "barrier":
		return &plan.SecurityBarrier{Input: g.node(depth - 1), Object: fmt.Sprint("policy", g.next)}
	case "project":
		in := g.node(depth - 1)
		g.marks++
		x := plan.Item{Column: g.column("x", types.Int4T), Expr: int4Call("int4div", int4Value(1000+g.marks), in.Columns()[0].Ref())}
		return &plan.Project{Input: in, Items: []plan.Item{{Column: in.Columns()[0], Expr: in.Columns()[0].Ref()}, x}}
	case "join":
		kind := rapid.SampledFrom([]plan.JoinKind{plan.Inner, plan.Inner, plan.LeftOuter, plan.LeftSemi, plan.LeftAnti}).Draw(g.rt, "kind")
		l, r := g.node(depth-1), g.node(depth-1)
		on := []expr.Expr{int4Call("int4eq", l.Columns()[0].Ref(), r.Columns()[0].Ref())}
		both := append(append([]plan.Column(nil), l.Columns()...), r.Columns()...)
		return &plan.Join{Kind: kind, Left: l, Right: r, On: append(on, g.condition(both))}
	case "aggregate":
		in := g.node(depth - 1)
		key := in.Columns()[0]
		g.marks++
		leaks := int4Call("int4div", int4Value(1000+g.marks), key.Ref())
		aggs := []plan.AggItem{
			{Column: g.column("c", types.Int8T), Fn: expr.MustFunction("count_star")},
			{Column: g.column("s", types.Int8T), Fn: expr.MustFunction("sum_int4"), Args: []expr.Expr{leaks}, Filter: g.leak(key)},
		}
		if rapid.Bool().Draw(g.rt, "keys") {
			return &plan.Project{Input: &plan.Aggregate{Input: in, Aggs: aggs}, Items: []plan.Item{{
				Column: g.column("x", types.Int4T), Expr: &expr.Cast{Arg: aggs[1].Ref(), Typ: types.Int4T},
			}}}
		}
		return &plan.Aggregate{Input: in, Keys: []plan.Item{{Column: key, Expr: key.Ref()}}, Aggs: aggs}
	case "limit":
		return &plan.Limit{Input: g.node(depth - 1), Count: int8Const(3)}
	case "union":
		l, r := g.node(depth-1), g.node(depth-1)
		cut := func(n plan.Node) plan.Node {
			c := n.Columns()[0]
			return &plan.Project{Input: n, Items: []plan.Item{{Column: c, Expr: c.Ref()}}}
		}
		return &plan.SetOp{Op: plan.Union, All: true, Inputs: []plan.Node{cut(l), cut(r)}, Cols: []plan.Column{g.column("u", types.Int4T)}}
	}
	in := g.node(depth - 1)
	var ints []plan.Column
	for _, c := range in.Columns() {
		if c.Type.Kind == types.Int4 {
			ints = append(ints, c)
		}
	}
	return &plan.Filter{Input: in, Conds: []expr.Expr{g.condition(ints), g.condition(ints)}}
}

// above lists for each marked expression the barriers that it stands below, in the plan and in fragments.
func above(n plan.Node, under []string, out map[int64]map[string]bool) {
	for _, e := range plan.Exprs(n) {
		expr.Walk(e, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Const); ok && c.Typ.Kind == types.Int4 && c.Value.(int64) > 1000 {
				mark := c.Value.(int64)
				if out[mark] == nil {
					out[mark] = map[string]bool{}
				}
				for _, b := range under {
					out[mark][b] = true
				}
			}
			return true
		})
	}
	if b, ok := n.(*plan.SecurityBarrier); ok {
		under = append(append([]string(nil), under...), b.Object)
	}
	if r, ok := n.(*plan.Remote); ok {
		above(r.Fragment.Root, under, out)
	}
	for _, c := range n.Children() {
		above(c, under, out)
	}
}

// TestBarriersAreNotCrossed: whatever rules do, no expression that can leak ends below a barrier that it stood above, at
// a source that takes everything, one that leaves residuals, and here.
func TestBarriersAreNotCrossed(t *testing.T) {
	w := newWorld(t)
	var tables []*sources.Table
	for _, server := range []string{"whole", "superset", "filters", "none", "parts", "shards"} {
		found, err := w.sources[server].Discover(t.Context(), sources.Pattern{Table: "mid"})
		require.NoError(t, err)
		tables = append(tables, found...)
	}
	moved := 0
	rapid.Check(t, func(rt *rapid.T) {
		g := &barriers{rt: rt, tables: tables}
		root := g.node(rapid.IntRange(2, 5).Draw(rt, "depth"))
		before, after := map[int64]map[string]bool{}, map[int64]map[string]bool{}
		above(root, nil, before)
		for _, pushdown := range []bool{true, false} {
			o := w.optimizer(g.next+1, 2)
			o.Pushdown = pushdown
			n, err := Plan(t.Context(), root, o.Options)
			require.NoError(rt, err)
			above(n, nil, after)
			for mark, under := range after {
				for b := range under {
					if !before[mark][b] {
						rt.Fatalf("expression %d moved below %s\n%s\n%s", mark, b, plan.String(root), plan.String(n))
					}
				}
			}
			if plan.String(n) != plan.String(root) {
				moved++
			}
		}
	})
	require.Positive(t, moved)
}
