package exec

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// drawnCall is one drawn call: its node, and its rows for an input row.
type drawnCall struct {
	call plan.SetCall
	rows func(row []value) []string
}

// drawCall draws a series from 1 to a column, of integers or of numerics, or an array of columns.
func drawCall(rt *rapid.T, in []plan.Column) drawnCall {
	at := rapid.IntRange(0, len(in)-1).Draw(rt, "column")
	upTo := func(row []value) []string {
		var out []string
		if stop, ok := row[at].(int64); ok {
			for v := int64(1); v <= stop; v++ {
				out = append(out, numeric.FromInt64(v, 0).Apd().String())
			}
		}
		return out
	}
	one := int8Const(1)
	switch rapid.IntRange(0, 3).Draw(rt, "function") {
	case 0:
		return drawnCall{plan.SetCall{
			Fn: expr.MustFunction("generate_series_int8"), Args: []expr.Expr{one, in[at].Ref()}, Cols: []plan.Column{column("s", types.Int8T)},
		}, upTo}
	case 1:
		num := func(e expr.Expr) expr.Expr { return &expr.Cast{Arg: e, Typ: types.NumericT, Explicit: true} }
		return drawnCall{plan.SetCall{
			Fn: expr.MustFunction("generate_series_numeric"), Args: []expr.Expr{num(one), num(in[at].Ref())}, Cols: []plan.Column{column("n", types.NumericT)},
		}, upTo}
	case 2:
		return drawnCall{plan.SetCall{Args: []expr.Expr{in[at].Ref()}, Cols: []plan.Column{column("r", types.Int8T)}}, func(row []value) []string {
			return []string{canon(row[at])}
		}}
	}
	list := &expr.ArrayOf{Typ: types.ArrayOf(types.Int8T), Elems: []expr.Expr{in[0].Ref(), in[len(in)-1].Ref()}}
	return drawnCall{plan.SetCall{
		Fn: expr.MustFunction("array_unnest"), Args: []expr.Expr{list}, Cols: []plan.Column{column("u", types.Int8T)},
	}, func(row []value) []string { return []string{canon(row[0]), canon(row[len(row)-1])} }}
}

// A ProjectSet yields what its calls yield side by side, whatever the sizes of batches.
func TestProjectSet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := []plan.Column{column("a", types.Int8T), column("b", types.Int8T)}
		cell := rapid.OneOf(rapid.Just[value](nil), rapid.Custom(func(rt *rapid.T) value { return int64(rapid.IntRange(-1, 9).Draw(rt, "v")) }))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 1, 12).Draw(rt, "rows")
		n := &plan.ProjectSet{Keep: in[:rapid.IntRange(0, 2).Draw(rt, "keep")], Outer: rapid.Bool().Draw(rt, "outer")}
		if rapid.Bool().Draw(rt, "ordinality") {
			n.Ordinality = column("o", types.Int8T)
		}
		n.Input = tableOf(t, in, rows).node()
		var calls []drawnCall
		for range rapid.IntRange(1, 3).Draw(rt, "calls") {
			calls = append(calls, drawCall(rt, in))
			n.Calls = append(n.Calls, calls[len(calls)-1].call)
		}
		var want []string
		for _, row := range rows {
			want = append(want, expanded(n, calls, row)...)
		}
		for _, c := range matrix {
			sameBag(t, want, rowsOf(t, n, c), "%v", c)
		}
	})
}

// expanded are the output rows of one input row.
func expanded(n *plan.ProjectSet, calls []drawnCall, row []value) []string {
	made, most := make([][]string, len(calls)), 0
	for i, c := range calls {
		made[i] = c.rows(row)
		most = max(most, len(made[i]))
	}
	bare := most == 0 && n.Outer
	if bare {
		most = 1
	}
	var out []string
	for k := range most {
		var cells []string
		for i := range n.Keep {
			cells = append(cells, canon(row[i]))
		}
		for _, m := range made {
			if k < len(m) {
				cells = append(cells, m[k])
			} else {
				cells = append(cells, "NULL")
			}
		}
		switch {
		case n.Ordinality.Type == nil:
		case bare:
			cells = append(cells, "NULL")
		default:
			cells = append(cells, canon(int64(k+1)))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

// One row can make more rows than memory holds: they come in batches, and the reader can stop.
func TestProjectSetOfEndlessRows(t *testing.T) {
	series := func(fn string, typ *types.Type, e func(int64) expr.Expr) plan.SetCall {
		return plan.SetCall{Fn: expr.MustFunction(fn), Args: []expr.Expr{e(1), e(1 << 62)}, Cols: []plan.Column{column("g", typ)}}
	}
	for _, call := range []plan.SetCall{
		series("generate_series_int8", types.Int8T, int8Const),
		series("generate_series_numeric", types.NumericT, func(v int64) expr.Expr {
			return &expr.Const{Typ: types.NumericT, Value: numeric.FromInt64(v, 0).Apd()}
		}),
	} {
		n := &plan.ProjectSet{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Calls: []plan.SetCall{call}}
		for _, c := range matrix {
			rt, pool := runtimeFor(t, c)
			ctx, cancel := context.WithCancel(context.Background())
			rd, err := Open(ctx, n, rt)
			require.NoError(t, err)
			for range 5 {
				rec, err := rd.Next(ctx)
				require.NoError(t, err)
				require.Positive(t, rec.NumRows())
				rec.Release()
			}
			cancel()
			_, err = rd.Next(ctx)
			require.ErrorIs(t, err, context.Canceled)
			require.NoError(t, rd.Close())
			require.Zero(t, pool.Used())
		}
	}
}
