package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// mergeProjects composes a projection over a projection into one, unless that would compute an expression twice.
func mergeProjects(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		outer, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		inner, ok := outer.Input.(*plan.Project)
		if !ok || !pureProject(inner) || repeats(outer, inner) {
			return n
		}
		by := map[expr.ColumnID]expr.Expr{}
		for _, it := range inner.Items {
			by[it.ID] = it.Expr
		}
		items := make([]plan.Item, len(outer.Items))
		for i, it := range outer.Items {
			items[i] = plan.Item{Column: it.Column, Expr: substitute(it.Expr, by)}
		}
		return &plan.Project{Input: inner.Input, Items: items}
	})
}

// repeats says whether outer reads a computed item of inner more than once.
func repeats(outer, inner *plan.Project) bool {
	uses := map[expr.ColumnID]int{}
	for _, it := range outer.Items {
		expr.Walk(it.Expr, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Column); ok {
				uses[c.ID]++
			}
			return true
		})
	}
	for _, it := range inner.Items {
		if uses[it.ID] > 1 {
			switch it.Expr.(type) {
			case *expr.Column, *expr.Const, *expr.Param:
			default:
				return true
			}
		}
	}
	return false
}
