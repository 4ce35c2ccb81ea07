package plan

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Decompose splits an aggregate over the rows of a group into ordinary aggregates over disjoint parts of these rows, and
// one that merges what the parts gave: the states travel as columns of SQL types, so that a source which knows the
// aggregates can give them. ok is false for what has no such parts: DISTINCT, an order, and functions of all rows.
//
//	count             count, merged by adding up
//	sum               sum, of its own type, scale included
//	min, max, folds   themselves
//	avg               sum and count; of a real as double precision, as PostgreSQL averages
//	variances         count, sum and sum of squares, exactly; of floats count, sum and sum of squared deviations
//
// column makes the parts' columns; merge keeps the aggregate's own.
func Decompose(a AggItem, column func(name string, t *types.Type, nullable bool) Column) (parts []AggItem, merge AggItem, ok bool) {
	if a.Distinct || len(a.OrderBy) > 0 {
		return nil, AggItem{}, false
	}
	d := &decomposition{of: a, column: column}
	switch a.Fn.Name {
	case "count":
		d.add(a.Fn, a.Type, a.Args...)
	case "sum":
		d.add(a.Fn, a.Type, a.Args...)
	case "min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor":
		d.add(a.Fn, a.Type, a.Args...)
		return d.parts, AggItem{Column: a.Column, Fn: a.Fn, Args: d.states}, true
	case "avg":
		d.average()
	case "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop":
		d.variance()
	}
	return d.parts, AggItem{Column: a.Column, Fn: expr.MergeFunction(a.Fn.Name), Args: d.states}, len(d.parts) > 0
}

type decomposition struct {
	of     AggItem
	column func(name string, t *types.Type, nullable bool) Column
	parts  []AggItem
	states []expr.Expr
}

func (d *decomposition) add(f *expr.Function, t *types.Type, args ...expr.Expr) {
	c := d.column(f.Name, t, f.Name != "count")
	d.parts = append(d.parts, AggItem{Column: c, Fn: f, Args: args, Filter: d.of.Filter})
	d.states = append(d.states, c.Ref())
}

// call adds an aggregate of the function table, with the result that it has of its arguments.
func (d *decomposition) call(id string, args ...expr.Expr) {
	f := expr.MustFunction(id)
	ts := make([]*types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	d.add(f, f.ResultType(ts), args...)
}

// sums are the sums by the type of what is summed; of others there is no average.
var sums = map[types.Kind]string{
	types.Int2: "sum_int2", types.Int4: "sum_int4", types.Int8: "sum_int8", types.Numeric: "sum_numeric", types.Float8: "sum_float8",
	types.Interval: "sum_interval",
}

func (d *decomposition) average() {
	x := widened(d.of.Args[0])
	if id := sums[x.Type().Kind]; id != "" && expr.FunctionByID(id) != nil {
		d.call(id, x)
		d.call("count_any", d.of.Args[0])
	}
}

func (d *decomposition) variance() {
	x := widened(d.of.Args[0])
	d.call("count_any", d.of.Args[0])
	if x.Type().Kind == types.Float8 {
		d.call("sum_float8", x)
		d.call("regr_sxx", x, x)
		return
	}
	n := asNumeric(x)
	d.call("sum_numeric", n)
	mul := expr.MustFunction("numeric_mul")
	square := &expr.Call{Fn: mul, Args: []expr.Expr{n, n}, Typ: mul.ResultType([]*types.Type{n.Type(), n.Type()})}
	d.call("sum_numeric", square)
}

// widened is a real as double precision, and other values as they are.
func widened(e expr.Expr) expr.Expr {
	if e.Type().Kind == types.Float4 {
		return &expr.Cast{Arg: e, Typ: types.Float8T}
	}
	return e
}

// wholeDigits is how many digits integers have.
var wholeDigits = map[types.Kind]int32{types.Int2: 5, types.Int4: 10, types.Int8: 19}

// asNumeric is an exact value as a numeric, whose square cannot overflow.
func asNumeric(e expr.Expr) expr.Expr {
	if digits := wholeDigits[e.Type().Kind]; digits > 0 {
		return &expr.Cast{Arg: e, Typ: types.NumericScaled(digits, 0)}
	}
	return e
}
