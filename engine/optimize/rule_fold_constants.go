package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// foldConstants evaluates what depends on nothing: immutable calls over constants. What fails is left for
// failingConstants, which looks at what the other rules leave of the plan. Filters that are constantly true vanish; what one
// that is never true stands above is no row.
func foldConstants(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		n = plan.MapExprs(n, foldExpr)
		if a, ok := n.(*plan.Aggregate); ok && len(a.Keys)+len(a.Aggs)+len(a.GroupingSets) == 0 && a.GroupingCol.Type == nil {
			return &plan.Values{Rows: [][]expr.Expr{{}}} // its one row comes out whatever goes in: HAVING without aggregates
		}
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		var conds []expr.Expr
		for _, c := range flatten(f.Conds) {
			k, constant := c.(*expr.Const)
			switch {
			case !constant:
				conds = append(conds, c)
			case k.Value != true && slices.ContainsFunc(conds, func(c expr.Expr) bool { return failing(c) != nil }):
				return f // one before it fails first
			case k.Value != true:
				return &plan.Values{Cols: f.Columns()} // nothing below runs
			}
		}
		if len(conds) == 0 {
			return f.Input
		}
		return &plan.Filter{Input: f.Input, Conds: conds}
	})
}

func foldExpr(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		switch l := e.(type) {
		case *expr.Const, *expr.Column, *expr.Param:
			return e
		case *expr.Logic:
			e = foldLogic(l)
		}
		for _, c := range expr.Children(e) {
			if _, ok := c.(*expr.Const); !ok {
				return e
			}
		}
		if _, ok := e.(*expr.Const); ok || expr.VolatilityOf(e) != expr.Immutable || zoneDependent(e) {
			return e
		}
		v, err := eval.Constant(e, &eval.Env{})
		if err != nil {
			return e
		}
		return &expr.Const{Typ: e.Type(), Value: v}
	})
}

// foldLogic drops neutral constants and stops at a deciding one: what stands behind it is never evaluated.
func foldLogic(l *expr.Logic) expr.Expr {
	neutral := l.Op == expr.And
	var args []expr.Expr
	for _, a := range l.Args {
		k, ok := a.(*expr.Const)
		if ok && k.Value == neutral {
			continue
		}
		args = append(args, a)
		if ok && k.Value == !neutral {
			break
		}
	}
	switch {
	case len(args) == 0:
		return &expr.Const{Typ: l.Type(), Value: neutral}
	case len(args) == 1:
		return args[0]
	case len(args) == len(l.Args):
		return l
	}
	return &expr.Logic{Op: l.Op, Args: args}
}
