package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// A group that no row of the other side of a join asks for need not be computed: an aggregation that is joined on its
// keys with few rows is computed over the rows with their keys only, by a semi join below it (the magic sets of Seshadri
// et al., "Cost-Based Optimization for Magic", SIGMOD 1996). What has the keys is then read twice, and shared.

// reducedShare is the part of an aggregation's groups and input rows that the keys must stay below, so that an
// estimate that is a few times wrong does not make keeping them dearer than the groups; smallInput are rows that cost
// less to group than to reduce.
const (
	reducedShare = 0.25
	smallInput   = 10_000
)

// reduceGroups puts semi joins below the aggregations of a plan whose joins are ordered.
func (o *optimizer) reduceGroups(root plan.Node) plan.Node {
	r := &reducer{o: o, nextShared: nextShared(root)}
	return plan.Rewrite(root, func(n plan.Node) plan.Node {
		if j, ok := n.(*plan.Join); ok {
			return r.join(j)
		}
		return n
	})
}

type reducer struct {
	o          *optimizer
	nextShared int
}

func (r *reducer) join(j *plan.Join) plan.Node {
	toLeft, toRight := reducibleSides(j)
	if toRight {
		if left, right := r.reduce(j.Left, j.Right, j.On); right != nil {
			c := *j
			c.Left, c.Right = left, right
			return &c
		}
	}
	if toLeft {
		if right, left := r.reduce(j.Right, j.Left, j.On); left != nil {
			c := *j
			c.Left, c.Right = left, right
			return &c
		}
	}
	return j
}

// reducibleSides says of which inputs the rows without a match do not matter.
func reducibleSides(j *plan.Join) (left, right bool) {
	switch j.Kind {
	case plan.Inner:
		return true, true
	case plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.Single:
		return false, true
	case plan.Mark:
		return false, !j.NullAware
	case plan.RightOuter:
		return true, false
	}
	return false, false
}

// reduce gives both inputs of a join anew, in the second of which an aggregation is over the keys of the first only; nil
// where there is none, or where that would not pay.
func (r *reducer) reduce(keys, groups plan.Node, on []expr.Expr) (plan.Node, plan.Node) {
	g := findGroups(groups)
	if g == nil || r.o.taken(g.agg) {
		return nil, nil
	}
	conds, need := g.keyConditions(flatten(on), columnsOf(keys))
	if len(conds) == 0 {
		return nil, nil
	}
	from := r.o.fewest(keys, need)
	rows := r.o.stats(from).rows
	in := r.o.stats(g.agg.Input).rows
	if readsWorkTable(from) || in < smallInput || rows > reducedShare*in || rows > reducedShare*r.o.stats(g.agg).rows {
		return nil, nil
	}
	id := r.nextShared
	r.nextShared++
	place := &plan.Shared{ID: id, Name: "keys", Input: from, Cols: from.Columns()}
	again := &plan.Shared{ID: id, Name: "keys", Input: from}
	by := map[expr.ColumnID]expr.Expr{}
	for _, c := range from.Columns() {
		own := r.o.newColumn(c.Name, c.Type, c.Nullable)
		again.Cols, by[c.ID] = append(again.Cols, own), own.Ref()
	}
	a := *g.agg
	a.Input = r.o.orderJoins(&plan.Join{Kind: plan.LeftSemi, Left: a.Input, Right: again, On: substituteAll(conds, by)})
	return replaced(keys, from, place), replaced(groups, g.agg, &a)
}

// groupsBelow is an aggregation below filters and projections, whose columns of keys are computed from below.
type groupsBelow struct {
	agg  *plan.Aggregate
	keys map[expr.ColumnID]expr.Expr // columns of the top, over the aggregation's input
}

func findGroups(n plan.Node) *groupsBelow {
	switch n := n.(type) {
	case *plan.Filter:
		return findGroups(n.Input)
	case *plan.Project:
		g := findGroups(n.Input)
		if g == nil {
			return nil
		}
		out := &groupsBelow{agg: g.agg, keys: map[expr.ColumnID]expr.Expr{}}
		for _, it := range n.Items {
			if c, ok := it.Expr.(*expr.Column); ok && g.keys[c.ID] != nil {
				out.keys[it.ID] = g.keys[c.ID]
			}
		}
		return out
	case *plan.Aggregate:
		if n.GroupingSets != nil || len(n.Keys) == 0 || volatilePlan(n) {
			return nil
		}
		g := &groupsBelow{agg: n, keys: map[expr.ColumnID]expr.Expr{}}
		for _, k := range n.Keys {
			g.keys[k.ID] = k.Expr
		}
		return g
	}
	return nil
}

// keyConditions are the equalities of keys with columns of other, over the aggregation's input, and those columns.
func (g *groupsBelow) keyConditions(on []expr.Expr, other columnSet) ([]expr.Expr, columnSet) {
	mine := columnSet{}
	for id := range g.keys {
		mine[id] = true
	}
	var out []expr.Expr
	need := columnSet{}
	for _, c := range on {
		key, with, _, ok := hashable(c, mine, other)
		if !ok || !mine.within(key) || !mine.touches(key) {
			continue
		}
		out = append(out, substitute(c, g.keys))
		expr.Columns(with, need)
	}
	return out, need
}

// fewest is the part of n with the fewest rows that has the columns of need, and among their values all that n has.
func (o *optimizer) fewest(n plan.Node, need columnSet) plan.Node {
	best := n
	for at := n; at != nil; at = partWith(at, need) {
		if o.stats(at).rows <= o.stats(best).rows {
			best = at
		}
	}
	return best
}

// partWith is the input of n that the columns of need come from, with no value less than n has; nil for none.
func partWith(n plan.Node, need columnSet) plan.Node {
	has := func(n plan.Node) plan.Node {
		have := columnsOf(n)
		for id := range need {
			if !have[id] {
				return nil
			}
		}
		return n
	}
	switch n := n.(type) {
	case *plan.Filter:
		return has(n.Input)
	case *plan.Project:
		if passesOn(n) {
			return has(n.Input)
		}
	case *plan.Join:
		switch n.Kind {
		case plan.Inner:
			if l := has(n.Left); l != nil {
				return l
			}
			return has(n.Right)
		case plan.RightOuter:
			return has(n.Right)
		case plan.FullOuter:
			return nil
		}
		return has(n.Left)
	}
	return nil
}

// taken says whether a source may take all of n, or an aggregate of it in parts, which is better left whole.
func (o *optimizer) taken(n *plan.Aggregate) bool {
	src := o.onlySource(n)
	return src != nil && (src.Capabilities().Aggregate || src.Capabilities().PartialAggregate)
}

// onlySource is the source of all tables below n; nil for several, and when nothing is pushed down.
func (o *optimizer) onlySource(n plan.Node) sources.Source {
	if !o.Pushdown {
		return nil
	}
	var servers []string
	plan.Walk(n, func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok && !slices.Contains(servers, s.Table.Server()) {
			servers = append(servers, s.Table.Server())
		}
		return true
	})
	if len(servers) != 1 {
		return nil
	}
	return o.Source(servers[0])
}

// replaced is n with another node in the place of one below it.
func replaced(n, old, by plan.Node) plan.Node {
	if n == old {
		return by
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = replaced(c, old, by)
	}
	return plan.WithChildren(n, next)
}

// readsWorkTable says whether n differs from round to round of a recursion, so that it cannot be shared between them.
func readsWorkTable(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		_, ok := n.(*plan.WorkTable)
		found = found || ok
		return !found
	})
	return found
}
