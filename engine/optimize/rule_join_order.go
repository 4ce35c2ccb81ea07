package optimize

import (
	"github.com/skeinsql/skein/engine/plan"
)

// orderJoins chooses the order of joins by the rows that they put out. Inner joins take any order; semi, anti, mark and
// left outer joins move among them, to wherever the columns of their conditions are (see joinGraph); other joins stay
// where they are and count as relations. The smaller input of a join becomes its right, which is built.
func (o *optimizer) orderJoins(n plan.Node) plan.Node {
	return keepOrder(n.Columns(), o.reorder(n))
}

func (o *optimizer) reorder(n plan.Node) plan.Node {
	if g := o.graph(n); g != nil {
		return g.order()
	}
	if s, ok := n.(*plan.Shared); ok {
		return o.reordered.Map(s, o.orderJoins)
	}
	if r, ok := n.(*plan.Recursive); ok {
		return o.reorderRecursive(r)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = o.reorder(c)
		if _, ok := n.(*plan.SetOp); ok {
			next[i] = keepOrder(c.Columns(), next[i])
		}
	}
	n = plan.WithChildren(n, next)
	if j, ok := n.(*plan.Join); ok {
		return o.smallerRight(j)
	}
	return n
}

// smallerRight swaps an outer join whose left input is the smaller one, so that the smaller one is built.
func (o *optimizer) smallerRight(j *plan.Join) plan.Node {
	var swapped plan.JoinKind
	switch j.Kind {
	case plan.LeftOuter:
		swapped = plan.RightOuter
	case plan.RightOuter:
		swapped = plan.LeftOuter
	case plan.FullOuter:
		swapped = plan.FullOuter
	default:
		return j
	}
	if o.stats(j.Left).rows*2 >= o.stats(j.Right).rows {
		return j
	}
	return &plan.Join{Kind: swapped, Left: j.Right, Right: j.Left, On: j.On}
}

// keepOrder restores an order of columns for consumers that go by position.
func keepOrder(want []plan.Column, n plan.Node) plan.Node {
	have := n.Columns()
	same := len(have) == len(want)
	for i := 0; same && i < len(want); i++ {
		same = have[i].ID == want[i].ID
	}
	if same {
		return n
	}
	items := make([]plan.Item, len(want))
	for i, c := range want {
		items[i] = plan.Item{Column: c, Expr: c.Ref()}
	}
	return &plan.Project{Input: n, Items: items}
}

// graph collects the joins at the top of n; nil when there are not two relations to order.
func (o *optimizer) graph(n plan.Node) *joinGraph {
	if _, ok := n.(*plan.Join); !ok {
		f, ok := n.(*plan.Filter)
		if !ok {
			return nil
		}
		if _, ok := f.Input.(*plan.Join); !ok {
			return nil
		}
	}
	g := &joinGraph{o: o}
	g.collect(n)
	if len(g.leaves) < 2 {
		return nil
	}
	return g
}
