package optimize

import (
	"math"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// Rows that a set-returning call makes of one input row where its arguments do not tell (PostgreSQL's prorows and its
// guess for arrays).
const (
	seriesGuess  = 1000
	elementGuess = 10
)

// projectSetStats multiplies the input by the longest of the calls.
func projectSetStats(n *plan.ProjectSet, in *stats) *stats {
	most := 0.0
	for _, c := range n.Calls {
		most = math.Max(most, callRows(c))
	}
	if n.Outer {
		most = math.Max(most, 1)
	}
	return in.scaled(in.rows * most)
}

func callRows(c plan.SetCall) float64 {
	if c.Fn == nil {
		return 1
	}
	switch c.Fn.Name {
	case "generate_series":
		return seriesRows(c.Args)
	case "unnest":
		if a, ok := c.Args[0].(*expr.ArrayOf); ok {
			return float64(len(a.Elems))
		}
	}
	return elementGuess
}

// seriesRows counts a series of constant integers.
func seriesRows(args []expr.Expr) float64 {
	step := 1.0
	if len(args) > 2 {
		step = constantNumber(args[2])
	}
	rows := math.Floor((constantNumber(args[1])-constantNumber(args[0]))/step) + 1
	if math.IsNaN(rows) || math.IsInf(rows, 0) {
		return seriesGuess
	}
	return math.Max(rows, 0)
}

func constantNumber(e expr.Expr) float64 {
	switch e := e.(type) {
	case *expr.Const:
		return number(e.Value)
	case *expr.Cast:
		return constantNumber(e.Arg)
	}
	return math.NaN()
}
