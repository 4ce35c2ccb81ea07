package exec

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func TestSetOperations(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doms := []int{rapid.SampledFrom([]int{0, 1, 2, 6, 8}).Draw(rt, "type")}
		lc, rc, oc := columnsOf(doms, "l"), columnsOf(doms, "r"), columnsOf(doms, "o")
		left, right := drawRows(rt, "left", doms, 15), drawRows(rt, "right", doms, 15)
		n := &plan.SetOp{
			Op: plan.SetOpKind(rapid.IntRange(0, 2).Draw(rt, "op")), All: rapid.Bool().Draw(rt, "all"), Cols: oc,
			Inputs: []plan.Node{tableOf(t, lc, left).node(), tableOf(t, rc, right).node()},
		}
		a, b := map[string]int{}, map[string]int{}
		for _, r := range left {
			a[showRow(t, r, lc)]++
		}
		for _, r := range right {
			b[showRow(t, r, rc)]++
		}
		var want []string
		both := map[string]bool{}
		for s := range a {
			both[s] = true
		}
		for s := range b {
			both[s] = true
		}
		for s := range both {
			times := 0
			switch {
			case n.Op == plan.Union:
				times = a[s] + b[s]
			case n.Op == plan.Intersect:
				times = min(a[s], b[s])
			case n.All:
				times = max(0, a[s]-b[s])
			case b[s] == 0:
				times = a[s]
			}
			if !n.All {
				times = min(times, 1)
			}
			for range times {
				want = append(want, s)
			}
		}
		for _, c := range matrix {
			sameBag(t, want, rowsOf(t, n, c), "%v", c)
		}
	})
}

// pipeline is a plan with most operators in it, over tables that are large enough for several batches.
func pipeline(t testing.TB) plan.Node {
	k, v, k2, w := column("k", types.Int8T), column("v", types.Int8T), column("k2", types.Int8T), column("w", types.Int8T)
	var left, right [][]value
	for i := range 200 {
		left = append(left, []value{int64(i % 20), int64(i)})
		right = append(right, []value{int64(i % 50), int64(i)})
	}
	lt, rtab := tableOf(t, []plan.Column{k, v}, left), tableOf(t, []plan.Column{k2, w}, right)
	join := &plan.HashJoin{
		Kind: plan.FullOuter, Left: &plan.Filter{Input: lt.node(), Conds: []expr.Expr{less(k, v)}}, Right: rtab.node(),
		ProbeKeys: []expr.Expr{k.Ref()}, BuildKeys: []expr.Expr{k2.Ref()}, NullsEqual: []bool{false},
	}
	key := column("g", types.Int8T)
	group := &plan.Aggregate{
		Input: join, Keys: []plan.Item{{Column: key, Expr: k2.Ref()}}, Aggs: []plan.AggItem{agg("count_star"), agg("sum_int8", v.Ref())},
	}
	cols := group.Columns()
	c1 := []plan.Column{column("a", cols[0].Type), column("b", cols[1].Type), column("c", cols[2].Type)}
	c2 := []plan.Column{column("a", cols[0].Type), column("b", cols[1].Type), column("c", cols[2].Type)}
	out := []plan.Column{column("a", cols[0].Type), column("b", cols[1].Type), column("c", cols[2].Type)}
	union := &plan.SetOp{Op: plan.Union, All: true, Cols: out, Inputs: []plan.Node{
		&plan.Shared{ID: 1, Input: group, Cols: c1}, &plan.Exchange{Input: &plan.Shared{ID: 1, Input: group, Cols: c2}, Kind: plan.Hash, Keys: []plan.SortKey{{Expr: c2[0].Ref()}}},
	}}
	return &plan.Limit{
		Input: &plan.Sort{Input: &plan.SecurityBarrier{Input: union}, Keys: []plan.SortKey{{Expr: out[0].Ref()}}}, Count: int8Const(40),
	}
}

func TestPipelineIsTheSameEverywhere(t *testing.T) {
	n := pipeline(t)
	want := rowsOf(t, n, matrix[0])
	require.Len(t, want, 40)
	for _, c := range matrix[1:] {
		sameBag(t, want, rowsOf(t, n, c), "%v", c)
	}
	require.Equal(t, map[string]LaneNeed{"mem": {Min: 1, Max: 4}}, Needs(n, 4))
}

// Wherever an execution fails or is cancelled, its error comes out, and nothing is left behind.
func TestFailureAndCancellationAnywhere(t *testing.T) {
	n := pipeline(t)
	for _, c := range []config{{3, 1, 0}, {8, 4, 3}} {
		failsAnywhere(t, n, c, 40, 7)
	}
}

// failsAnywhere runs a plan that gives so many rows, and fails or cancels it at every so many-th step.
func failsAnywhere(t *testing.T, n plan.Node, c config, want int, every int64) {
	for _, cancelled := range []bool{false, true} {
		for at := int64(1); ; at += every {
			rt, pool := runtimeFor(t, c)
			ctx, cancel := context.WithCancel(context.Background())
			f := &faults{err: errInjected}
			f.left.Store(at)
			if cancelled {
				f.cancel = cancel
			}
			faultsOf.Store(rt, f)
			rd, err := Open(ctx, n, rt)
			require.NoError(t, err)
			rows := 0
			for err == nil {
				rec, nextErr := rd.Next(ctx)
				if err = nextErr; err == nil {
					rows += int(rec.NumRows())
					rec.Release()
				}
			}
			require.NoError(t, rd.Close())
			faultsOf.Delete(rt)
			cancel()
			require.Zero(t, pool.Used())
			require.Zero(t, rt.Snapshots["mem"].(*snapshot).lanes.Load())
			if errors.Is(err, io.EOF) {
				require.Equal(t, want, rows, "an end without all rows")
				if f.left.Load() > 0 {
					break // the whole execution has fewer steps
				}
				continue // what failed was not needed any more
			}
			if cancelled {
				require.ErrorIs(t, err, context.Canceled)
			} else {
				require.ErrorIs(t, err, errInjected)
			}
		}
	}
}

func TestEarlyClose(t *testing.T) {
	n := pipeline(t).(*plan.Limit).Input.(*plan.Sort).Input
	for _, c := range matrix {
		for batches := range 4 {
			rt, pool := runtimeFor(t, c)
			rd, err := Open(context.Background(), n, rt)
			require.NoError(t, err)
			for range batches {
				rec, err := rd.Next(context.Background())
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				rec.Release()
			}
			require.NoError(t, rd.Close())
			require.NoError(t, rd.Close())
			require.Zero(t, pool.Used())
		}
	}
}

func TestMemoryIsRefused(t *testing.T) {
	n := pipeline(t)
	pool := budget.NewPool(0)
	refused := 0
	for limit := int64(1 << 10); limit < 1<<20; limit *= 2 {
		rt, _ := runtimeFor(t, config{8192, 4, 3})
		rt.Memory = pool.Query(limit)
		rd, err := Open(context.Background(), n, rt)
		require.NoError(t, err)
		for err == nil {
			rec, nextErr := rd.Next(context.Background())
			if err = nextErr; err == nil {
				rec.Release()
			}
		}
		if !errors.Is(err, io.EOF) {
			require.True(t, sqlerr.Is(err, sqlerr.OutOfMemory), "%v", err)
			refused++
		}
		require.NoError(t, rd.Close())
		require.Zero(t, pool.Used())
	}
	require.Positive(t, refused)
}

func TestValuesAndSeries(t *testing.T) {
	a, b := column("a", types.Int8T), column("b", types.TextT)
	null := func(typ *types.Type) expr.Expr { return &expr.Const{Typ: typ} }
	v := &plan.Values{Cols: []plan.Column{a, b}, Rows: [][]expr.Expr{
		{int8Const(1), &expr.Const{Typ: types.TextT, Value: "x"}}, {int8Const(2), null(types.TextT)}, {null(types.Int8T), &expr.Const{Typ: types.TextT, Value: ""}},
	}}
	one := &plan.Values{Rows: [][]expr.Expr{{}}}
	series := func(from, to, step int64) plan.Node {
		call := plan.SetCall{
			Fn: expr.MustFunction("generate_series_step_int8"), Args: []expr.Expr{int8Const(from), int8Const(to), int8Const(step)},
			Cols: []plan.Column{column("g", types.Int8T)},
		}
		return &plan.ProjectSet{Input: one, Calls: []plan.SetCall{call}, Ordinality: column("o", types.Int8T)}
	}
	for _, c := range matrix {
		require.Equal(t, []string{"1|x", "2|NULL", "NULL|"}, rowsOf(t, v, c))
		require.Equal(t, []string{""}, rowsOf(t, one, c))
		require.Equal(t, []string{"3|1", "1|2", "-1|3"}, rowsOf(t, series(3, -2, -2), c))
		require.Equal(t, []string{"9223372036854775806|1"}, rowsOf(t, series(9223372036854775806, 9223372036854775807, 5), c))
		require.Empty(t, rowsOf(t, series(3, 2, 1), c))
		_, err := tryRows(t, series(1, 2, 0), c)
		require.True(t, sqlerr.Is(err, sqlerr.InvalidParameterValue))
	}
}

func TestUnnestAndOtherSeries(t *testing.T) {
	list := &expr.ArrayOf{Typ: types.ArrayOf(types.Int8T), Elems: []expr.Expr{int8Const(4), &expr.Const{Typ: types.Int8T}, int8Const(6)}}
	over := func(fn string, result *types.Type, args ...expr.Expr) *plan.ProjectSet {
		call := plan.SetCall{Fn: expr.MustFunction(fn), Args: args, Cols: []plan.Column{column("v", result)}}
		return &plan.ProjectSet{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Calls: []plan.SetCall{call}}
	}
	unnest := over("array_unnest", types.Int8T, list)
	unnest.Ordinality = column("ordinality", types.Int8T)
	num := func(v int64, scale int32) expr.Expr {
		return &expr.Const{Typ: types.NumericT, Value: numeric.FromInt64(v, scale).Apd()}
	}
	numbers := over("generate_series_step_numeric", types.NumericT, num(1, 0), num(2, 0), num(4, 1))
	stamp := func(v int64) expr.Expr { return &expr.Const{Typ: types.TimestampT, Value: v} }
	const day = 24 * 3600 * 1_000_000
	month := &expr.Const{Typ: types.IntervalT, Value: datum.Interval{Months: 1}}
	months := over("generate_series_step_timestamp", types.TimestampT, stamp(30*day), stamp(100*day), month)
	for _, c := range matrix {
		require.Equal(t, []string{"4|1", "NULL|2", "6|3"}, rowsOf(t, unnest, c))
		require.Equal(t, []string{"1", "1.4", "1.8"}, rowsOf(t, numbers, c))
		require.Equal(t, []string{"1970-01-31T00:00:00", "1970-02-28T00:00:00", "1970-03-28T00:00:00"}, rowsOf(t, months, c))
	}
}

func TestLogicalNodesAndPanics(t *testing.T) {
	rt, _ := runtimeFor(t, matrix[4])
	_, err := Open(context.Background(), &plan.Scan{}, rt)
	require.True(t, sqlerr.Is(err, sqlerr.InternalError))
	n := pipeline(t)
	f := &faults{err: nil} // a stream that gives neither a batch nor an error makes its reader panic
	f.left.Store(30)
	faultsOf.Store(rt, f)
	defer faultsOf.Delete(rt)
	rd, err := Open(context.Background(), n, rt)
	require.NoError(t, err)
	for err == nil {
		_, err = rd.Next(context.Background())
	}
	require.True(t, sqlerr.Is(err, sqlerr.InternalError), "%v", err)
	require.NoError(t, rd.Close())
}
