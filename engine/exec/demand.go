package exec

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// demand is which columns of each join somebody above reads; a join that is not in it yields all its columns. Where
// nobody looks a join puts NULLs, which cost nothing, instead of gathering values.
type demand map[plan.Node]map[expr.ColumnID]bool

// demandOf walks a plan from its root, all of whose columns are read. What it does not know reads everything.
func demandOf(root plan.Node) demand {
	d := demand{}
	w := &demandWalk{demand: d, shared: map[int]bool{}}
	w.visit(root, nil)
	return d
}

type demandWalk struct {
	demand
	shared map[int]bool // subplans that were visited: all their columns are read
}

// visit notes what is read of n; nil is everything.
func (d *demandWalk) visit(n plan.Node, read map[expr.ColumnID]bool) {
	switch n := n.(type) {
	case *plan.Project:
		d.visit(n.Input, withExprs(map[expr.ColumnID]bool{}, n))
	case *plan.Aggregate:
		d.visit(n.Input, withExprs(map[expr.ColumnID]bool{}, n))
	case *plan.Filter, *plan.Sort, *plan.Limit, *plan.SecurityBarrier:
		d.visit(n.Children()[0], withExprs(read, n))
	case *plan.Exchange:
		d.visit(n.Input, withExprs(read, n))
	case *plan.HashJoin, *plan.NestedLoopJoin:
		if old, twice := d.demand[n]; read != nil && (!twice || old != nil) {
			d.demand[n] = unionOf(old, read)
		} else {
			d.demand[n] = nil
		}
		below := withExprs(read, n)
		for _, c := range n.Children() {
			d.visit(c, below)
		}
	case *plan.Shared:
		if !d.shared[n.ID] {
			d.shared[n.ID] = true
			d.visit(n.Input, nil)
		}
	default:
		for _, c := range n.Children() {
			d.visit(c, nil)
		}
	}
}

// withExprs is read and the columns that n's own expressions refer to; nil stays everything.
func withExprs(read map[expr.ColumnID]bool, n plan.Node) map[expr.ColumnID]bool {
	if read == nil {
		return nil
	}
	out := unionOf(nil, read)
	for _, e := range plan.Exprs(n) {
		expr.Columns(e, out)
	}
	return out
}

func unionOf(a, b map[expr.ColumnID]bool) map[expr.ColumnID]bool {
	out := make(map[expr.ColumnID]bool, len(a)+len(b))
	for id := range a {
		out[id] = true
	}
	for id := range b {
		out[id] = true
	}
	return out
}
