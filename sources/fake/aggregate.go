package fake

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// aggregates are those that the evaluator knows, by name.
var aggregates = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true, "bool_and": true, "bool_or": true, "every": true,
	"regr_sxx": true,
}

// aggregate groups rows by comparing each with every group.
func (e *evaluation) aggregate(n *plan.Aggregate) (*relation, error) {
	in, err := e.node(n.Input)
	if err != nil {
		return nil, err
	}
	keys, err := e.items(in, n.Keys)
	if err != nil {
		return nil, err
	}
	groups, members := grouped(keys)
	if len(n.Keys) == 0 && len(groups) == 0 {
		groups, members = [][]any{{}}, [][]int{nil}
	}
	out := &relation{cols: n.Columns()}
	for g, key := range groups {
		row := append([]any(nil), key...)
		part := &relation{cols: in.cols}
		for _, i := range members[g] {
			part.rows = append(part.rows, in.rows[i])
		}
		for _, a := range n.Aggs {
			v, err := e.fold(part, a)
			if err != nil {
				return nil, err
			}
			row = append(row, v)
		}
		out.rows = append(out.rows, row)
	}
	return out, nil
}

// grouped are the distinct rows, NULLs equal, and the numbers of the rows that are equal to each.
func grouped(keys *relation) (groups [][]any, members [][]int) {
	for i, row := range keys.rows {
		g := 0
		for g < len(groups) && !sameRow(keys.cols, groups[g], row) {
			g++
		}
		if g == len(groups) {
			groups, members = append(groups, row), append(members, nil)
		}
		members[g] = append(members[g], i)
	}
	return groups, members
}

func sameRow(cols []plan.Column, a, b []any) bool {
	for i, c := range cols {
		if !datum.Equal(c.Type, a[i], b[i]) {
			return false
		}
	}
	return true
}

// fold is one aggregate over the rows of a group.
func (e *evaluation) fold(in *relation, a plan.AggItem) (any, error) {
	if a.Filter != nil {
		var err error
		if in, err = e.filter(in, []expr.Expr{a.Filter}); err != nil {
			return nil, err
		}
	}
	if len(a.Args) == 0 {
		return int64(len(in.rows)), nil
	}
	values, err := e.values(in, a.Args[:1])
	if err != nil {
		return nil, err
	}
	t := a.Args[0].Type()
	var vs []any
	for _, v := range values[0] {
		if v != nil && (!a.Distinct || !contains(t, vs, v)) {
			vs = append(vs, v)
		}
	}
	switch {
	case a.Fn.Name == "count":
		return int64(len(vs)), nil
	case a.Fn.Name == "regr_sxx":
		return e.squaredDeviations(in, a.Args)
	case len(vs) == 0:
		return nil, nil
	}
	return foldValues(a, t, vs)
}

// squaredDeviations is regr_sxx(y, x) in two passes: the sum of (x - mean)² over the pairs.
func (e *evaluation) squaredDeviations(in *relation, args []expr.Expr) (any, error) {
	pairs, err := e.values(in, args)
	if err != nil {
		return nil, err
	}
	var xs []float64
	sum, out := 0.0, 0.0
	for i, y := range pairs[0] {
		if x := pairs[1][i]; x != nil && y != nil {
			xs = append(xs, x.(float64))
			sum += x.(float64)
		}
	}
	if xs == nil {
		return nil, nil
	}
	for _, x := range xs {
		d := x - sum/float64(len(xs))
		out += d * d
	}
	return out, nil
}

func contains(t *types.Type, vs []any, v any) bool {
	for _, o := range vs {
		if datum.Equal(t, o, v) {
			return true
		}
	}
	return false
}

func foldValues(a plan.AggItem, t *types.Type, vs []any) (any, error) {
	switch a.Fn.Name {
	case "sum", "avg":
		if t.IsFloat() {
			return foldFloats(a.Fn.Name, t, vs), nil
		}
		return foldNumbers(a, t, vs)
	case "min", "max":
		best := vs[0]
		for _, v := range vs[1:] {
			c := datum.Compare(t, v, best)
			if a.Fn.Name == "min" {
				c = -c
			}
			// Of equal values the last stays, of char(n) the first.
			if c > 0 || c == 0 && t.Kind != types.Bpchar {
				best = v
			}
		}
		return best, nil
	}
	all, any := true, false
	for _, v := range vs {
		all, any = all && v.(bool), any || v.(bool)
	}
	if a.Fn.Name == "bool_or" {
		return any, nil
	}
	return all, nil
}

// foldFloats adds in the type itself, but averages as double precision.
func foldFloats(name string, t *types.Type, vs []any) any {
	sum := vs[0].(float64) // the sum of -0 is -0
	for _, v := range vs[1:] {
		sum += v.(float64)
		if t.Kind == types.Float4 && name == "sum" {
			sum = float64(float32(sum))
		}
	}
	if name == "avg" {
		return (sum + 0) / float64(len(vs)) // and its average 0
	}
	return sum
}

// foldNumbers sums integers and numerics as numerics, and gives the sum in the aggregate's type.
func foldNumbers(a plan.AggItem, t *types.Type, vs []any) (any, error) {
	sum := numeric.FromInt64(0, 0)
	for _, v := range vs {
		n := numeric.FromInt64(0, 0)
		switch v := v.(type) {
		case int64:
			n = numeric.FromInt64(v, 0)
		case *apd.Decimal:
			n = numeric.FromApd(v)
		}
		var err error
		if sum, err = numeric.Add(sum, n); err != nil {
			return nil, err
		}
	}
	if a.Fn.Name == "avg" {
		var err error
		if sum, err = numeric.Div(sum, numeric.FromInt64(int64(len(vs)), 0)); err != nil {
			return nil, err
		}
	}
	if a.Type.Kind == types.Numeric {
		return sum.Apd(), nil
	}
	v, ok := sum.Int64()
	if !ok {
		return nil, sqlerr.New(sqlerr.NumericOutOfRange, "the sum of %s is out of range", t)
	}
	return v, nil
}
