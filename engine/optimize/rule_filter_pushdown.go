package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// pushFilters moves every conjunct to the lowest place where it means the same: through projections, into the inputs
// of joins, below grouping and set operations, below a window when it drops whole partitions, never below a LIMIT, and
// through a security barrier only when it is leakproof. Join conditions over one side move to that side.
func pushFilters(n plan.Node) plan.Node {
	p := &filterPusher{}
	return p.pushInto(n, nil)
}

type filterPusher struct{ shared plan.SharedInputs }

// pushInto gives a plan for n filtered by conds.
func (p *filterPusher) pushInto(n plan.Node, conds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return p.pushInto(n.Input, append(flatten(n.Conds), conds...))
	case *plan.Project:
		return p.pushThroughProject(n, conds)
	case *plan.Join:
		return p.pushThroughJoin(n, conds)
	case *plan.Apply:
		return p.pushThroughApply(n, conds)
	case *plan.Aggregate:
		return p.pushThroughAggregate(n, conds)
	case *plan.SetOp:
		return p.pushThroughSetOp(n, conds)
	case *plan.ProjectSet:
		return p.pushThroughProjectSet(n, conds)
	case *plan.Window:
		return p.pushThroughWindow(n, conds)
	case *plan.Sort:
		return &plan.Sort{Input: p.pushInto(n.Input, conds), Keys: n.Keys}
	case *plan.Shared:
		return filtered(p.shared.Map(n, func(in plan.Node) plan.Node { return p.pushInto(in, nil) }), conds)
	case *plan.SecurityBarrier:
		below, above := split(conds, expr.Leakproof)
		return filtered(&plan.SecurityBarrier{Input: p.pushInto(n.Input, below), Object: n.Object}, above)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = p.pushInto(c, nil)
	}
	return filtered(plan.WithChildren(n, next), conds)
}

func flatten(conds []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, c := range conds {
		out = append(out, expr.Conjuncts(c)...)
	}
	return out
}

func split(conds []expr.Expr, take func(expr.Expr) bool) (taken, left []expr.Expr) {
	for _, c := range conds {
		if take(c) {
			taken = append(taken, c)
		} else {
			left = append(left, c)
		}
	}
	return taken, left
}

// movable says whether a conjunct may be evaluated elsewhere than written: not when each evaluation differs.
func movable(e expr.Expr) bool { return expr.VolatilityOf(e) != expr.Volatile }

func (p *filterPusher) pushThroughProject(n *plan.Project, conds []expr.Expr) plan.Node {
	by := map[expr.ColumnID]expr.Expr{}
	fixed := columnSet{}
	for _, it := range n.Items {
		by[it.ID] = it.Expr
		if !movable(it.Expr) {
			fixed[it.ID] = true
		}
	}
	below, above := split(conds, func(e expr.Expr) bool { return movable(e) && !fixed.touches(e) })
	for i, c := range below {
		below[i] = substitute(c, by)
	}
	return filtered(&plan.Project{Input: p.pushInto(n.Input, below), Items: n.Items}, above)
}

// pushThroughProjectSet moves conditions on the input's columns below: they hold for all rows that an input row makes, or
// for none of them.
func (p *filterPusher) pushThroughProjectSet(n *plan.ProjectSet, conds []expr.Expr) plan.Node {
	keep := columnSet{}
	for _, c := range n.Keep {
		keep[c.ID] = true
	}
	below, above := split(conds, func(e expr.Expr) bool { return movable(e) && keep.within(e) && keep.touches(e) })
	return filtered(plan.WithChildren(n, []plan.Node{p.pushInto(n.Input, below)}), above)
}

// pushThroughJoin follows which side of the join keeps its rows: a condition on a preserved side filters that side
// when it stands above the join, and a condition of ON filters the side that is not preserved.
func (p *filterPusher) pushThroughJoin(n *plan.Join, conds []expr.Expr) plan.Node {
	left, right := columnsOf(n.Left), columnsOf(n.Right)
	kind := n.Kind
	on := conjunctsOf(n)
	if kind == plan.Inner {
		on, conds = append(on, conds...), nil
	}
	onLeft, onRight := filtersSides(kind)
	var toLeft, toRight []expr.Expr
	if onLeft {
		toLeft, on = split(on, func(e expr.Expr) bool { return movable(e) && left.within(e) })
	}
	if onRight {
		toRight, on = split(on, func(e expr.Expr) bool { return movable(e) && right.within(e) })
	}
	aboveLeft, aboveRight := preservedSides(kind)
	var more []expr.Expr
	if aboveLeft {
		more, conds = split(conds, func(e expr.Expr) bool { return movable(e) && left.within(e) })
		toLeft = append(toLeft, more...)
	}
	if aboveRight {
		more, conds = split(conds, func(e expr.Expr) bool { return movable(e) && right.within(e) })
		toRight = append(toRight, more...)
	}
	c := *n
	c.Left, c.Right, c.On = p.pushInto(n.Left, toLeft), p.pushInto(n.Right, toRight), on
	return filtered(&c, conds)
}

// pushThroughApply treats a dependent join as the join that it becomes.
func (p *filterPusher) pushThroughApply(n *plan.Apply, conds []expr.Expr) plan.Node {
	out := p.pushThroughJoin(&n.Join, conds)
	if f, ok := out.(*plan.Filter); ok {
		return &plan.Filter{Input: &plan.Apply{Join: *f.Input.(*plan.Join)}, Conds: f.Conds}
	}
	return &plan.Apply{Join: *out.(*plan.Join)}
}

// filtersSides says on which inputs a one-sided condition of ON may filter before the join.
func filtersSides(kind plan.JoinKind) (left, right bool) {
	switch kind {
	case plan.Inner, plan.LeftSemi:
		return true, true
	case plan.LeftOuter, plan.LeftAnti, plan.Single:
		return false, true
	case plan.RightOuter:
		return true, false
	}
	return false, false
}

// preservedSides says on which inputs a condition above the join may filter before it.
func preservedSides(kind plan.JoinKind) (left, right bool) {
	switch kind {
	case plan.Inner:
		return true, true
	case plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.NullAwareAnti, plan.Mark, plan.Single:
		return true, false
	case plan.RightOuter:
		return false, true
	}
	return false, false
}

// pushThroughAggregate moves conditions on grouping keys below the grouping. With grouping sets, or without any key (one
// row comes out of no rows), they stay above.
func (p *filterPusher) pushThroughAggregate(n *plan.Aggregate, conds []expr.Expr) plan.Node {
	keys := columnSet{}
	by := map[expr.ColumnID]expr.Expr{}
	if n.GroupingSets == nil {
		for _, k := range n.Keys {
			if movable(k.Expr) {
				keys[k.ID], by[k.ID] = true, k.Expr
			}
		}
	}
	below, above := split(conds, func(e expr.Expr) bool {
		return len(keys) > 0 && movable(e) && keys.within(e) && keys.touches(e)
	})
	for i, c := range below {
		below[i] = substitute(c, by)
	}
	c := *n
	c.Input = p.pushInto(n.Input, below)
	return filtered(&c, above)
}

// pushThroughSetOp filters every input: rows that are equal pass or fail together, so multiplicities stay right.
func (p *filterPusher) pushThroughSetOp(n *plan.SetOp, conds []expr.Expr) plan.Node {
	below, above := split(conds, movable)
	inputs := make([]plan.Node, len(n.Inputs))
	for i, in := range n.Inputs {
		by := map[expr.ColumnID]expr.Expr{}
		for j, c := range in.Columns() {
			by[n.Cols[j].ID] = c.Ref()
		}
		mine := make([]expr.Expr, len(below))
		for k, c := range below {
			mine[k] = substitute(c, by)
		}
		inputs[i] = p.pushInto(in, mine)
	}
	c := *n
	c.Inputs = inputs
	return filtered(&c, above)
}

// pushThroughWindow moves conditions on the columns that a window is partitioned by below it: they drop whole partitions,
// which no row of another one sees.
func (p *filterPusher) pushThroughWindow(n *plan.Window, conds []expr.Expr) plan.Node {
	keys := columnSet{}
	for _, e := range n.Partition {
		if c, ok := e.(*expr.Column); ok {
			keys[c.ID] = true
		}
	}
	below, above := split(conds, func(e expr.Expr) bool { return movable(e) && keys.within(e) && keys.touches(e) })
	return filtered(plan.WithChildren(n, []plan.Node{p.pushInto(n.Input, below)}), above)
}
