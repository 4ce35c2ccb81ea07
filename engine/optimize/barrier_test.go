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
	kind := rapid.SampledFrom([]string{"filter", "filter", "barrier", "barrier", "project", "join", "aggregate", "limit", "union", "recursive", "window", "distinct", "sort"}).Draw(g.rt, "node")
	switch kind {
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
	case "window":
		in := g.node(depth - 1)
		row := plan.AggItem{Column: g.column("r", types.Int8T), Fn: expr.MustFunction("window_row_number")}
		return &plan.Window{
			Input: in, Partition: []expr.Expr{in.Columns()[0].Ref()}, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
			Items: []plan.AggItem{row},
		}
	case "distinct":
		in := g.node(depth - 1)
		c := in.Columns()[0]
		return &plan.Aggregate{Input: in, Keys: []plan.Item{{Column: c, Expr: c.Ref()}}}
	case "sort":
		in := g.node(depth - 1)
		return &plan.Sort{Input: in, Keys: []plan.SortKey{{Expr: in.Columns()[0].Ref()}}}
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
	if kind == "recursive" {
		return g.recursive(depth)
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

// recursive draws a recursion whose step filters the last round and joins it with another plan.
func (g *barriers) recursive(depth int) plan.Node {
	start, other := g.node(depth-1), g.node(depth-1)
	first := start.Columns()[0]
	id := int(g.next)
	c, w := g.column("r", types.Int4T), g.column("w", types.Int4T)
	on := []expr.Expr{int4Call("int4eq", w.Ref(), other.Columns()[0].Ref()), g.condition([]plan.Column{w, other.Columns()[0]})}
	round := &plan.Filter{Input: &plan.WorkTable{ID: id, Cols: []plan.Column{w}}, Conds: []expr.Expr{g.condition([]plan.Column{w})}}
	kind := rapid.SampledFrom([]plan.JoinKind{plan.Inner, plan.LeftOuter, plan.LeftSemi}).Draw(g.rt, "step")
	n := &plan.Recursive{
		ID: id, All: rapid.Bool().Draw(g.rt, "all"), Cols: []plan.Column{c},
		Start: &plan.Project{Input: start, Items: []plan.Item{{Column: first, Expr: first.Ref()}}},
		Step: &plan.Project{
			Input: &plan.Join{Kind: kind, Left: round, Right: other, On: on}, Items: []plan.Item{{Column: w, Expr: w.Ref()}},
		},
	}
	return &plan.Filter{Input: n, Conds: []expr.Expr{g.condition(n.Cols)}}
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

// rules are the rewrites that may move expressions, each as it runs in a plan.
var rules = map[string]func(o *optimizer, n plan.Node) plan.Node{
	"fold_constants":      func(_ *optimizer, n plan.Node) plan.Node { return foldConstants(n) },
	"unwrap_comparison":   func(_ *optimizer, n plan.Node) plan.Node { return unwrapComparisons(n) },
	"lateral_sets":        func(_ *optimizer, n plan.Node) plan.Node { return lateralSets(n) },
	"factor_or":           func(_ *optimizer, n plan.Node) plan.Node { return factorOr(n) },
	"filter_pushdown":     func(_ *optimizer, n plan.Node) plan.Node { return pushFilters(n) },
	"outer_joins":         func(_ *optimizer, n plan.Node) plan.Node { return strengthenJoins(n) },
	"infer_predicates":    func(_ *optimizer, n plan.Node) plan.Node { return inferPredicates(n) },
	"simplify_aggregates": func(_ *optimizer, n plan.Node) plan.Node { return simplifyAggregates(n) },
	"redundant_sorts":     func(_ *optimizer, n plan.Node) plan.Node { return dropSorts(n) },
	"empty":               func(_ *optimizer, n plan.Node) plan.Node { return dropEmpty(n) },
	"merge_projects":      func(_ *optimizer, n plan.Node) plan.Node { return mergeProjects(n) },
	"limit_pushdown":      func(_ *optimizer, n plan.Node) plan.Node { return pushLimits(n) },
	"prune_columns":       func(_ *optimizer, n plan.Node) plan.Node { return pruneColumns(n) },
	"tighten_numerics":    func(o *optimizer, n plan.Node) plan.Node { return o.tightenNumerics(n) },
	"row_not_in":          func(o *optimizer, n plan.Node) plan.Node { return o.splitRowNotIn(n) },
	"join_order":          func(o *optimizer, n plan.Node) plan.Node { return o.orderJoins(n) },
	"reduce_groups":       func(o *optimizer, n plan.Node) plan.Node { return o.reduceGroups(n) },
}

// crossed is an expression that a plan has below a barrier that it stood above, or 0.
func crossed(before, after plan.Node) (mark int64, barrier string) {
	was, is := map[int64]map[string]bool{}, map[int64]map[string]bool{}
	above(before, nil, was)
	above(after, nil, is)
	for mark, under := range is {
		for b := range under {
			if !was[mark][b] {
				return mark, b
			}
		}
	}
	return 0, ""
}

// TestNoRuleCrossesABarrier: each rule by itself, over plans whose conditions already lie as low as they may.
func TestNoRuleCrossesABarrier(t *testing.T) {
	w := newWorld(t)
	tables := barrierTables(t, w)
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				g := &barriers{rt: rt, tables: tables}
				root := g.node(rapid.IntRange(2, 5).Draw(rt, "depth"))
				if rapid.Bool().Draw(rt, "pushed") {
					root = pushFilters(root)
				}
				n := rule(w.optimizer(g.next+1, 2), root)
				if mark, b := crossed(root, n); mark != 0 {
					rt.Fatalf("expression %d moved below %s\n%s\n%s", mark, b, plan.String(root), plan.String(n))
				}
			})
		})
	}
}

// blinded runs a rule that takes barriers for operators that conditions pass.
func blinded(o *optimizer, rule func(*optimizer, plan.Node) plan.Node, root plan.Node) plan.Node {
	hidden := plan.Rewrite(root, func(n plan.Node) plan.Node {
		b, ok := n.(*plan.SecurityBarrier)
		if !ok {
			return n
		}
		name := &expr.Const{Typ: types.TextT, Value: b.Object}
		return &plan.Sort{Input: b.Input, Keys: []plan.SortKey{{Expr: name, Desc: true, NullsFirst: true}}}
	})
	return plan.Rewrite(rule(o, hidden), func(n plan.Node) plan.Node {
		if s, ok := n.(*plan.Sort); ok && s.Keys[0].Desc {
			return &plan.SecurityBarrier{Input: s.Input, Object: s.Keys[0].Expr.(*expr.Const).Value.(string)}
		}
		return n
	})
}

// TestABlindRuleIsCaught: the test above finds a rule that moves conditions through barriers.
func TestABlindRuleIsCaught(t *testing.T) {
	w := newWorld(t)
	tables := barrierTables(t, w)
	for _, name := range []string{"filter_pushdown", "redundant_sorts"} {
		caught := 0
		rapid.Check(t, func(rt *rapid.T) {
			g := &barriers{rt: rt, tables: tables}
			root := g.node(rapid.IntRange(2, 5).Draw(rt, "depth"))
			n := blinded(w.optimizer(g.next+1, 2), rules[name], root)
			if mark, _ := crossed(root, n); mark != 0 || lostBarrier(root, n) {
				caught++
			}
		})
		require.Positive(t, caught, name)
	}
}

// lostBarrier says whether after has fewer barriers than before over the tables that it still reads.
func lostBarrier(before, after plan.Node) bool {
	count := func(n plan.Node) (barriers, scans int) {
		plan.Walk(n, func(n plan.Node) bool {
			switch n.(type) {
			case *plan.SecurityBarrier:
				barriers++
			case *plan.Scan:
				scans++
			}
			return true
		})
		return barriers, scans
	}
	b, scans := count(before)
	left, still := count(after)
	return still == scans && left < b
}

func barrierTables(t *testing.T, w *world) []*sources.Table {
	var tables []*sources.Table
	for _, server := range []string{"whole", "superset", "filters", "none", "parts", "shards"} {
		found, err := w.sources[server].Discover(t.Context(), sources.Pattern{Table: "mid"})
		require.NoError(t, err)
		tables = append(tables, found...)
	}
	return tables
}

// TestBarriersAreNotCrossed: whatever rules do, no expression that can leak ends below a barrier that it stood above, at
// a source that takes everything, one that leaves residuals, and here.
func TestBarriersAreNotCrossed(t *testing.T) {
	w := newWorld(t)
	tables := barrierTables(t, w)
	moved := 0
	rapid.Check(t, func(rt *rapid.T) {
		g := &barriers{rt: rt, tables: tables}
		root := g.node(rapid.IntRange(2, 5).Draw(rt, "depth"))
		for _, pushdown := range []bool{true, false} {
			o := w.optimizer(g.next+1, 2)
			o.Pushdown = pushdown
			n, err := Plan(t.Context(), root, o.Options)
			require.NoError(rt, err)
			if mark, b := crossed(root, n); mark != 0 {
				rt.Fatalf("expression %d moved below %s\n%s\n%s", mark, b, plan.String(root), plan.String(n))
			}
			if lostBarrier(root, n) {
				rt.Fatalf("a barrier is gone\n%s\n%s", plan.String(root), plan.String(n))
			}
			if plan.String(n) != plan.String(root) {
				moved++
			}
		}
	})
	require.Positive(t, moved)
}
