package optimize

import "github.com/skeinsql/skein/engine/expr"

// rejectsNulls says whether some condition is not true for a row in which all columns of s are NULL.
func rejectsNulls(conds []expr.Expr, s columnSet) bool {
	for _, c := range conds {
		if neverTrue(c, s) {
			return true
		}
	}
	return false
}

// neverTrue says whether a boolean is false or NULL wherever all columns of s are NULL.
func neverTrue(e expr.Expr, s columnSet) bool {
	switch e := e.(type) {
	case *expr.Logic:
		for _, a := range e.Args {
			if neverTrue(a, s) != (e.Op == expr.Or) {
				return e.Op == expr.And
			}
		}
		return e.Op == expr.Or
	case *expr.IsNull:
		return e.Negate && alwaysNull(e.Arg, s)
	case *expr.IsBool:
		return !e.Negate && (alwaysNull(e.Arg, s) || e.Value && neverTrue(e.Arg, s))
	case *expr.Const:
		return e.Value != true
	}
	return alwaysNull(e, s)
}

// alwaysNull says whether an expression is NULL wherever all columns of s are.
func alwaysNull(e expr.Expr, s columnSet) bool {
	switch e := e.(type) {
	case *expr.Column:
		return s[e.ID]
	case *expr.Const:
		return e.Value == nil
	case *expr.Call:
		if !e.Fn.Strict {
			return false
		}
		for _, a := range e.Args {
			if alwaysNull(a, s) {
				return true
			}
		}
		return false
	case *expr.Cast:
		return alwaysNull(e.Arg, s)
	case *expr.Not:
		return alwaysNull(e.Arg, s)
	case *expr.In:
		return alwaysNull(e.Arg, s)
	case *expr.Logic, *expr.Coalesce:
		for _, a := range expr.Children(e) {
			if !alwaysNull(a, s) {
				return false
			}
		}
		return true
	}
	return false
}
