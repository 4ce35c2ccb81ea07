package bind

import (
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// nullable says whether an expression can be NULL over the given columns; true where that is not known.
func nullable(e expr.Expr, cols map[expr.ColumnID]plan.Column) bool {
	switch e := e.(type) {
	case *expr.Column:
		c, ok := cols[e.ID]
		return !ok || c.Nullable
	case *expr.Const:
		return e.Value == nil
	case *expr.IsNull, *expr.IsBool, *expr.IsDistinct, *expr.RowOf, *expr.ArrayOf:
		return false
	case *expr.Coalesce:
		for _, a := range e.Args {
			if !nullable(a, cols) {
				return false
			}
		}
		return true
	case *expr.Not, *expr.Logic, *expr.In, *expr.Cast:
		return anyNullable(expr.Children(e), cols)
	case *expr.Call:
		return !totalOperator(e) || anyNullable(e.Args, cols)
	case *expr.Case:
		if e.Else == nil || nullable(e.Else, cols) {
			return true
		}
		for _, w := range e.Whens {
			if nullable(w.Then, cols) {
				return true
			}
		}
		return false
	}
	return true
}

func anyNullable(es []expr.Expr, cols map[expr.ColumnID]plan.Column) bool {
	for _, e := range es {
		if nullable(e, cols) {
			return true
		}
	}
	return false
}

// totalOperator says whether a call of non-NULL arguments never is NULL: the arithmetic and comparison operators.
func totalOperator(e *expr.Call) bool {
	if e.Fn.Kind != expr.Operator || !e.Fn.Strict {
		return e.Fn.ID == "now"
	}
	for _, a := range e.Args {
		switch a.Type().Kind {
		case types.JSON, types.JSONB, types.Array, types.Range, types.Multirange, types.Opaque, types.Composite, types.Record:
			return false
		}
	}
	switch e.Fn.Name {
	case "+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "||", "~~", "!~~":
		return true
	}
	return strings.HasPrefix(e.Fn.Name, "~")
}
