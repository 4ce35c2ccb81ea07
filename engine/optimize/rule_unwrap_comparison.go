package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// microsPerDay turns dates into timestamps.
const microsPerDay = 86_400_000_000

// unwrapComparisons makes comparisons of a date with a timestamp constant comparisons of dates, which sources can answer
// and row groups can be pruned by: d < '1995-01-01 00:00' is d < '1995-01-01'.
func unwrapComparisons(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Rewrite(e, unwrapComparison) })
	})
}

var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

func unwrapComparison(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok || c.Fn.Kind != expr.Operator || len(c.Args) != 2 || mirrored[c.Fn.Name] == "" {
		return e
	}
	op, date, at := c.Fn.Name, c.Args[0], c.Args[1]
	if _, constant := date.(*expr.Const); constant {
		op, date, at = mirrored[op], at, date
	}
	k, ok := at.(*expr.Const)
	if !ok || date.Type().Kind != types.Date || k.Typ.Kind != types.Timestamp {
		return e
	}
	t, ok := k.Value.(int64)
	fn := dateOperator(op)
	if !ok || fn == nil {
		return e
	}
	day := floorDiv(t, microsPerDay)
	if day <= -1<<31+1 || day >= 1<<31-2 {
		return e // an infinity, or beyond what a date holds
	}
	// d < t and d >= t mean the first midnight at or after t; d <= t and d > t the last at or before it.
	if (op == "<" || op == ">=") && day*microsPerDay != t {
		day++
	}
	return &expr.Call{Fn: fn, Args: []expr.Expr{date, &expr.Const{Typ: types.DateT, Value: day}}, Typ: types.BoolT}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func dateOperator(symbol string) *expr.Function {
	for _, f := range expr.Operators(symbol) {
		if len(f.Args) == 2 && f.Args[0].Kind == types.Date && f.Args[1].Kind == types.Date {
			return f
		}
	}
	return nil
}
