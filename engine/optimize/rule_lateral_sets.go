package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// lateralSets runs functions in FROM over the rows that they take their arguments from: t CROSS JOIN LATERAL f(t.a) is a
// ProjectSet over t, and so is what projects and filters such a function.
func lateralSets(root plan.Node) plan.Node {
	return plan.Rewrite(root, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Apply)
		if !ok {
			return n
		}
		switch a.Kind {
		case plan.Inner:
			if over := ontoRows(a.Right, a.Left); over != nil {
				return filtered(over, a.On)
			}
		case plan.LeftOuter:
			if over := outerSet(a); over != nil {
				return over
			}
		}
		return n
	})
}

// ontoRows puts left in the place of the one row that a chain of operators starts from; nil when n is something else.
func ontoRows(n, left plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Values:
		if oneRow(n) {
			return left
		}
	case *plan.Filter:
		if in := ontoRows(n.Input, left); in != nil {
			return filtered(in, n.Conds)
		}
	case *plan.Project:
		if in := ontoRows(n.Input, left); in != nil {
			return &plan.Project{Input: in, Items: append(passedOn(left), n.Items...)}
		}
	case *plan.ProjectSet:
		if in := ontoRows(n.Input, left); in != nil {
			c := *n
			c.Input, c.Keep = in, append(left.Columns(), n.Keep...)
			return &c
		}
	}
	return nil
}

func oneRow(n *plan.Values) bool { return len(n.Cols) == 0 && len(n.Rows) == 1 }

func passedOn(n plan.Node) []plan.Item {
	var out []plan.Item
	for _, c := range n.Columns() {
		out = append(out, plan.Item{Column: c, Expr: c.Ref()})
	}
	return out
}

// outerSet is t LEFT JOIN LATERAL f(t.a) ON true: a row for which f has none stays.
func outerSet(a *plan.Apply) plan.Node {
	n, ok := a.Right.(*plan.ProjectSet)
	if !ok || n.Outer || !trivial(a.On) {
		return nil
	}
	if v, ok := n.Input.(*plan.Values); !ok || !oneRow(v) {
		return nil
	}
	c := *n
	c.Input, c.Keep, c.Outer = a.Left, a.Left.Columns(), true
	c.Ordinality.Nullable = c.Ordinality.Type != nil
	return &c
}

// trivial says whether a condition is always true.
func trivial(conds []expr.Expr) bool {
	for _, e := range conds {
		if c, ok := e.(*expr.Const); !ok || c.Value != true {
			return false
		}
	}
	return true
}
