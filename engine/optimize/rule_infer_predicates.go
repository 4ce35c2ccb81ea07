package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// inferPredicates carries comparisons with constants over the equalities of joins: of a.x = b.x and a.x < 5 follows
// b.x < 5, so that b's source need not send what no row of a meets. It goes to a side whose rows without a match do not
// matter, and stands on top of it: what of it passes a security barrier below, the rule that moves filters decides.
func inferPredicates(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok {
			return n
		}
		return inferAcross(j)
	})
}

func inferAcross(j *plan.Join) plan.Node {
	toLeft, toRight := inferredSides(j)
	if !toLeft && !toRight {
		return j
	}
	left, right := columnsOf(j.Left), columnsOf(j.Right)
	onLeft, onRight := facts(j.Left), facts(j.Right)
	var addLeft, addRight []expr.Expr
	for _, c := range flatten(j.On) {
		a, b, ok := equalColumnsOf(c, left, right)
		if !ok {
			continue
		}
		if toRight {
			addRight = append(addRight, inferred(onLeft, a, b, onRight)...)
		}
		if toLeft {
			addLeft = append(addLeft, inferred(onRight, b, a, onLeft)...)
		}
	}
	if len(addLeft)+len(addRight) == 0 {
		return j
	}
	c := *j
	c.Left, c.Right = filtered(j.Left, addLeft), filtered(j.Right, addRight)
	return &c
}

// inferredSides says which inputs may lose rows that no row of the other meets.
func inferredSides(j *plan.Join) (left, right bool) {
	switch j.Kind {
	case plan.Inner, plan.LeftSemi:
		return true, true
	case plan.LeftOuter, plan.LeftAnti, plan.Single:
		return false, true
	case plan.Mark:
		return false, !j.NullAware
	case plan.RightOuter:
		return true, false
	}
	return false, false
}

// equalColumnsOf reads an equality of a family between a column of each side, both of one kind.
func equalColumnsOf(e expr.Expr, left, right columnSet) (a, b *expr.Column, ok bool) {
	c, isCall := e.(*expr.Call)
	if !isCall || equalityFamily(c.Fn) == "" {
		return nil, nil, false
	}
	a, ok1 := c.Args[0].(*expr.Column)
	b, ok2 := c.Args[1].(*expr.Column)
	if !ok1 || !ok2 || a.Typ.Kind != b.Typ.Kind {
		return nil, nil, false
	}
	if right[a.ID] {
		a, b = b, a
	}
	return a, b, left[a.ID] && right[b.ID]
}

// inferred are the facts of column from, of another column, that are not known of that already.
func inferred(known []fact, from, to *expr.Column, have []fact) []expr.Expr {
	var out []expr.Expr
	for _, f := range known {
		if f.column != from.ID {
			continue
		}
		next := f.about(from.ID, to).cond
		if !knows(have, next) && !contains(out, next) {
			out = append(out, next)
		}
	}
	return out
}

func knows(have []fact, cond expr.Expr) bool {
	for _, f := range have {
		if expr.Equal(f.cond, cond) {
			return true
		}
	}
	return false
}
