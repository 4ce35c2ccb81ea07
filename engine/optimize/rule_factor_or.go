package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// factorOr takes conjuncts that every arm of an OR repeats out of it: (a AND b) OR (a AND c) is a AND (b OR c), also in
// three-valued logic. It finds join conditions that are written in each arm (TPC-H 19).
func factorOr(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Filter:
			if conds, changed := factorAll(n.Conds); changed {
				return &plan.Filter{Input: n.Input, Conds: conds}
			}
		case *plan.Join:
			if nullAware(n) {
				return n // its first condition is one comparison
			}
			if on, changed := factorAll(n.On); changed {
				c := *n
				c.On = on
				return &c
			}
		}
		return n
	})
}

func factorAll(conds []expr.Expr) ([]expr.Expr, bool) {
	var out []expr.Expr
	changed := false
	for _, c := range conds {
		fs := factor(c)
		changed = changed || len(fs) > 1
		out = append(out, fs...)
	}
	return out, changed
}

// factor gives the conjuncts of an OR with its common ones taken out; e itself when there are none. Volatile ones stay,
// since each arm evaluates its own.
func factor(e expr.Expr) []expr.Expr {
	or, ok := e.(*expr.Logic)
	if !ok || or.Op != expr.Or {
		return []expr.Expr{e}
	}
	arms := make([][]expr.Expr, len(or.Args))
	for i, a := range or.Args {
		arms[i] = expr.Conjuncts(a)
	}
	var common []expr.Expr
	for _, c := range arms[0] {
		if movable(c) && inAll(c, arms[1:]) {
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return []expr.Expr{e}
	}
	rest := make([]expr.Expr, 0, len(arms))
	for _, arm := range arms {
		left := without(arm, common)
		if len(left) == 0 {
			return common // an arm that has nothing else makes the OR true where the common part is
		}
		rest = append(rest, expr.AndAll(left))
	}
	return append(common, &expr.Logic{Op: expr.Or, Args: rest})
}

func inAll(c expr.Expr, arms [][]expr.Expr) bool {
	for _, arm := range arms {
		if !contains(arm, c) {
			return false
		}
	}
	return true
}

func contains(list []expr.Expr, c expr.Expr) bool {
	for _, x := range list {
		if expr.Equal(x, c) {
			return true
		}
	}
	return false
}

func without(list, drop []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, x := range list {
		if !contains(drop, x) {
			out = append(out, x)
		}
	}
	return out
}
