package optimize

import (
	"github.com/skeinsql/skein/engine/plan"
)

// settleRecursions prepares the steps of recursive queries, which run once a round: what does not read the last round is
// computed once and kept, and where it is joined it becomes the side that is built, so that the table of a hash join is
// built once for all rounds. Who asks of a recursive query only whether it has a row asks for no more than one.
func settleRecursions(root plan.Node) plan.Node {
	s := &settler{}
	found := false
	plan.Walk(root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Shared:
			s.next = max(s.next, n.ID+1)
		case *plan.Recursive:
			s.next, found = max(s.next, n.ID+1), true
		}
		return true
	})
	if !found {
		return root
	}
	return keepOrder(root.Columns(), s.node(root, nil))
}

type settler struct {
	next   int // the first ID that no shared subplan has
	shared plan.SharedInputs
}

// node settles n, which stands in the steps of the recursions around, the innermost last.
func (s *settler) node(n plan.Node, around []int) plan.Node {
	reads := plan.WorkTables(n)
	if len(around) > 0 && !reads[around[len(around)-1]] {
		return s.kept(n, around[:len(around)-1])
	}
	switch n := n.(type) {
	case *plan.Shared:
		return s.shared.Map(n, func(in plan.Node) plan.Node { return keepOrder(in.Columns(), s.node(in, around)) })
	case *plan.Recursive:
		c := *n
		c.Start = keepOrder(n.Start.Columns(), s.node(n.Start, around))
		c.Step = keepOrder(n.Step.Columns(), s.node(n.Step, append(around[:len(around):len(around)], n.ID)))
		return &c
	case *plan.Join:
		return s.join(n, around)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = s.node(c, around)
		if _, ok := n.(*plan.SetOp); ok {
			next[i] = keepOrder(c.Columns(), next[i])
		}
	}
	return plan.WithChildren(n, next)
}

// kept is n, which does not change from round to round, as a subplan that is computed once in the recursions around.
func (s *settler) kept(n plan.Node, around []int) plan.Node {
	cols := n.Columns()
	n = s.node(n, around)
	if cheap(n) || volatilePlan(n) {
		return n
	}
	id := s.next
	s.next++
	return &plan.Shared{ID: id, Name: "kept", Input: keepOrder(cols, n), Cols: cols}
}

// cheap says whether computing n again costs no more than keeping it.
func cheap(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Values, *plan.Shared, *plan.WorkTable:
		return true
	case *plan.Project:
		return cheap(n.Input)
	}
	return false
}

// join puts the side that does not change on the right. That side is built once, and needs no further keeping.
func (s *settler) join(n *plan.Join, around []int) plan.Node {
	j := *n
	if asksExistence(&j) && recursive(j.Right) {
		j.Right = &plan.Limit{Input: j.Right, Count: int8Const(1)}
	}
	if len(around) == 0 {
		j.Left, j.Right = s.node(j.Left, nil), s.node(j.Right, nil)
		return &j
	}
	step := around[len(around)-1]
	changes := func(n plan.Node) bool { return plan.WorkTables(n)[step] }
	if !changes(j.Left) {
		if kind, ok := swapped(j.Kind); ok {
			j.Kind, j.Left, j.Right = kind, j.Right, j.Left
		}
	}
	j.Left = s.node(j.Left, around)
	if changes(j.Right) {
		j.Right = s.node(j.Right, around)
	} else {
		j.Right = s.node(j.Right, around[:len(around)-1])
	}
	return &j
}

// swapped is the kind of a join with its inputs the other way round.
func swapped(kind plan.JoinKind) (plan.JoinKind, bool) {
	switch kind {
	case plan.Inner, plan.FullOuter:
		return kind, true
	case plan.LeftOuter:
		return plan.RightOuter, true
	case plan.RightOuter:
		return plan.LeftOuter, true
	}
	return kind, false
}

func recursive(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		_, is := n.(*plan.Recursive)
		found = found || is
		return !found
	})
	return found
}

// reorderRecursive orders the joins of both terms, which are read by position.
func (o *optimizer) reorderRecursive(n *plan.Recursive) plan.Node {
	c := *n
	c.Start = keepOrder(n.Start.Columns(), o.reorder(n.Start))
	o.startOf(n.ID, c.Start)
	c.Step = keepOrder(n.Step.Columns(), o.reorder(n.Step))
	return &c
}

// pruneRecursive keeps every column: the rows of a round are what the next one is made of.
func (p *pruner) pruneRecursive(n *plan.Recursive) plan.Node {
	c := *n
	c.Start = keepOrder(n.Start.Columns(), p.prune(n.Start, columnsOf(n.Start)))
	c.Step = keepOrder(n.Step.Columns(), p.prune(n.Step, columnsOf(n.Step)))
	return &c
}
