package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// strengthenJoins makes outer joins inner, and full ones outer, where a condition above drops the rows that they add:
// (a LEFT JOIN b) WHERE b.x > 5 is an inner join. Nothing of what stands above a security barrier, a limit, a window or
// a set operation is known below.
func strengthenJoins(n plan.Node) plan.Node { return (&strengthener{}).below(n, nil) }

type strengthener struct{ shared plan.SharedInputs }

// below gives n, of whose rows only those matter for which conds are true.
func (s *strengthener) below(n plan.Node, conds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return s.input(n, append(flatten(n.Conds), conds...))
	case *plan.Sort:
		return s.input(n, conds)
	case *plan.Project:
		return s.input(n, overItems(conds, n.Items))
	case *plan.Aggregate:
		if n.GroupingSets == nil && len(n.Keys) > 0 {
			return s.input(n, overItems(conds, n.Keys))
		}
	case *plan.Join:
		return s.join(n, conds)
	case *plan.Shared:
		return s.shared.Map(n, strengthenJoins)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = s.below(c, nil)
	}
	return plan.WithChildren(n, next)
}

func (s *strengthener) input(n plan.Node, conds []expr.Expr) plan.Node {
	return plan.WithChildren(n, []plan.Node{s.below(n.Children()[0], conds)})
}

// overItems are the conditions that read computed columns only, over what these are computed from.
func overItems(conds []expr.Expr, items []plan.Item) []expr.Expr {
	by := map[expr.ColumnID]expr.Expr{}
	computed := columnSet{}
	for _, it := range items {
		if movable(it.Expr) {
			by[it.ID], computed[it.ID] = it.Expr, true
		}
	}
	known, _ := split(conds, computed.within)
	return substituteAll(known, by)
}

func (s *strengthener) join(n *plan.Join, conds []expr.Expr) plan.Node {
	j := *n
	left, right := columnsOf(n.Left), columnsOf(n.Right)
	j.Kind = strengthened(n.Kind, rejectsNulls(conds, left), rejectsNulls(conds, right))
	on := flatten(j.On)
	var toLeft, toRight []expr.Expr
	// A side whose rows may be replaced by NULLs has to have those that a condition above drops.
	switch j.Kind {
	case plan.Inner:
		on = append(on, conds...)
		toLeft, toRight = on, on
	case plan.LeftSemi:
		toLeft, toRight = append(on, conds...), on
	case plan.LeftOuter, plan.LeftAnti, plan.Single:
		toLeft, toRight = conds, on
	case plan.Mark:
		toLeft = conds
		if !j.NullAware { // else a NULL on the right matters to the answer
			toRight = on
		}
	case plan.NullAwareAnti:
		toLeft = conds
	case plan.RightOuter:
		toLeft, toRight = on, conds
	}
	j.Left, j.Right = s.below(n.Left, toLeft), s.below(n.Right, toRight)
	return &j
}

// strengthened is the kind of a join whose rows with a left or a right side of NULLs do not matter.
func strengthened(kind plan.JoinKind, noLeftNulls, noRightNulls bool) plan.JoinKind {
	switch {
	case kind == plan.LeftOuter && noRightNulls, kind == plan.RightOuter && noLeftNulls,
		kind == plan.FullOuter && noLeftNulls && noRightNulls:
		return plan.Inner
	case kind == plan.FullOuter && noLeftNulls:
		return plan.LeftOuter
	case kind == plan.FullOuter && noRightNulls:
		return plan.RightOuter
	}
	return kind
}
