package optimize

import "github.com/skeinsql/skein/engine/plan"

// decorrelate turns every Apply into joins, so that no subquery runs once a row. Where the correlation is by conditions
// that can be pulled up to the join, that is done, because it keeps the inner relation as it is (see pullUp); any other
// subquery is evaluated for the set of all values of the outer columns that it reads (see domain), after Neumann and
// Kemper, "Unnesting Arbitrary Queries", BTW 2015. Outer Applies go first: what they push down takes the place of outer
// references in the Applies below, which then depend on their own left input only.
func (o *optimizer) decorrelate(root plan.Node) (plan.Node, error) {
	d := &decorrelator{o: o, made: map[int]bool{}}
	plan.Walk(root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Shared:
			d.nextShared = max(d.nextShared, n.ID+1)
		case *plan.Recursive:
			d.nextShared = max(d.nextShared, n.ID+1)
		}
		return true
	})
	n, err := d.node(root)
	if err != nil {
		return nil, err
	}
	return d.inlineSingles(n), nil
}

// decorrelator is the state of one pass.
type decorrelator struct {
	o          *optimizer
	done       plan.SharedInputs
	nextShared int
	made       map[int]bool // the shared subplans that this pass made
}

func (d *decorrelator) shared() int {
	d.nextShared++
	d.made[d.nextShared-1] = true
	return d.nextShared - 1
}

// node decorrelates a plan that refers to no column of another.
func (d *decorrelator) node(n plan.Node) (plan.Node, error) {
	switch n := n.(type) {
	case *plan.Shared:
		var err error
		out := d.done.Map(n, func(in plan.Node) plan.Node {
			var next plan.Node
			next, err = d.node(in)
			return next
		})
		return out, err
	case *plan.Apply:
		return d.apply(n)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		var err error
		if next[i], err = d.node(c); err != nil {
			return nil, err
		}
	}
	return plan.WithChildren(n, next), nil
}

func (d *decorrelator) apply(a *plan.Apply) (plan.Node, error) {
	c := *a
	var err error
	if c.Left, err = d.node(a.Left); err != nil {
		return nil, err
	}
	outer := columnsOf(c.Left)
	if asksExistence(&c.Join) {
		c.Right = forExistence(c.Right)
	}
	if !refers(c.Right, outer) {
		c.Right, err = d.node(c.Right)
		return &c.Join, err
	}
	if !volatilePlan(c.Right) {
		if p := d.pullUp(c.Right, outer, false); p != nil {
			return d.node(d.joinPulled(&c.Join, p))
		}
	}
	n, err := d.unnest(&c)
	if err != nil {
		return nil, err
	}
	return d.node(n)
}

// refers says whether anything in n refers to a column of outer.
func refers(n plan.Node, outer columnSet) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			found = found || outer.touches(e)
		}
		return !found
	})
	return found
}

func volatilePlan(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			found = found || !movable(e)
		}
		return !found
	})
	return found
}

// asksExistence says whether a join asks of its right input only whether it has a row.
func asksExistence(j *plan.Join) bool {
	switch j.Kind {
	case plan.LeftSemi, plan.LeftAnti:
		return len(j.On) == 0
	case plan.Mark:
		return len(j.On) == 0 && !j.NullAware
	}
	return false
}

// forExistence strips what does not change whether a relation has rows, as PostgreSQL does below EXISTS: the select
// list, order, DISTINCT, grouping, and a LIMIT of some rows.
func forExistence(n plan.Node) plan.Node {
	for {
		switch v := n.(type) {
		case *plan.Project:
			n = v.Input
		case *plan.Sort:
			n = v.Input
		case *plan.Window:
			n = v.Input
		case *plan.Aggregate:
			if len(v.Keys) == 0 || v.GroupingSets != nil {
				return n
			}
			n = v.Input
		case *plan.Limit:
			if k, ok := constantInt(v.Count); !ok || k <= 0 || v.Offset != nil {
				return n
			}
			n = v.Input
		default:
			return n
		}
	}
}

// inlineSingles puts the input of a shared subplan that this pass made, and that only one place reads, in that place.
func (d *decorrelator) inlineSingles(root plan.Node) plan.Node {
	if len(d.made) == 0 {
		return root
	}
	places := map[int]int{}
	plan.Walk(root, func(n plan.Node) bool {
		if s, ok := n.(*plan.Shared); ok {
			places[s.ID]++
		}
		return true
	})
	return plan.Rewrite(root, func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Shared)
		if !ok || !d.made[s.ID] || places[s.ID] > 1 {
			return n
		}
		items := make([]plan.Item, len(s.Cols))
		for i, c := range s.Input.Columns() {
			items[i] = plan.Item{Column: s.Cols[i], Expr: c.Ref()}
		}
		return dropIdle(&plan.Project{Input: s.Input, Items: items})
	})
}
