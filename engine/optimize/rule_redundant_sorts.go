package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/plan"
)

// dropSorts removes orders that nobody sees: below another order, below aggregates of which none depends on it, and of
// what only asks whether a row is there.
func dropSorts(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Sort:
			return plan.WithChildren(n, []plan.Node{unordered(n.Input)})
		case *plan.Limit:
			if n.Keys != nil && !n.Ties {
				return plan.WithChildren(n, []plan.Node{unordered(n.Input)})
			}
		case *plan.Aggregate:
			if orderless(n) {
				return plan.WithChildren(n, []plan.Node{unordered(n.Input)})
			}
		case *plan.Join:
			if n.Kind.LeftOnly() {
				return plan.WithChildren(n, []plan.Node{n.Left, unordered(n.Right)})
			}
		case *plan.SetOp:
			if n.All {
				return n
			}
			inputs := make([]plan.Node, len(n.Inputs))
			for i, in := range n.Inputs {
				inputs[i] = unordered(in)
			}
			return plan.WithChildren(n, inputs)
		}
		return n
	})
}

// unordered is n without an order of its own. What is volatile may have been written to be evaluated in that order.
func unordered(n plan.Node) plan.Node {
	switch v := n.(type) {
	case *plan.Sort:
		for _, k := range v.Keys {
			if !movable(k.Expr) {
				return n
			}
		}
		return unordered(v.Input)
	case *plan.Project:
		if pureProject(v) {
			return plan.WithChildren(v, []plan.Node{unordered(v.Input)})
		}
	case *plan.Filter:
		for _, c := range v.Conds {
			if !movable(c) {
				return n
			}
		}
		return plan.WithChildren(v, []plan.Node{unordered(v.Input)})
	}
	return n
}

// orderFree are the aggregates that give the same of values in any order; of floats sums do not.
var orderFree = []string{"count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor"}

func orderless(n *plan.Aggregate) bool {
	for _, a := range n.Aggs {
		if !slices.Contains(orderFree, a.Fn.Name) {
			return false
		}
		for _, arg := range a.Args {
			if arg.Type().IsFloat() {
				return false
			}
		}
	}
	return true
}
