package exec

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

func agg(id string, args ...expr.Expr) plan.AggItem {
	fn := expr.MustFunction(id)
	ts := make([]*types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	return plan.AggItem{Column: column(fn.Name, fn.ResultType(ts)), Fn: fn, Args: args}
}

// Groups are checked by count, sum, min and max of the payload and by a DISTINCT and a FILTER; the rest of the
// aggregates by exact examples below.
func TestAggregateGroups(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doms := rapid.SliceOfN(rapid.IntRange(0, len(keyDomains)-1), 0, 3).Draw(rt, "key types")
		cols := columnsOf(doms, "c")
		rows := drawRows(rt, "rows", doms, 40)
		v := cols[len(doms)]
		n := &plan.Aggregate{Input: tableOf(t, cols, rows).node()}
		for _, c := range cols[:len(doms)] {
			n.Keys = append(n.Keys, plan.Item{Column: column(c.Name, c.Type), Expr: c.Ref()})
		}
		dist := agg("count_any", v.Ref())
		dist.Distinct = true
		filtered := agg("count_star")
		filtered.Filter = less(v, v)
		list := agg("array_agg", v.Ref())
		list.OrderBy = []plan.SortKey{{Expr: v.Ref(), Desc: true}}
		n.Aggs = []plan.AggItem{
			agg("count_star"), agg("sum_int8", v.Ref()), agg("min_int8", v.Ref()), agg("max_int8", v.Ref()), dist, filtered, list,
		}
		sets := [][]int{nil}
		for k := range doms {
			sets[0] = append(sets[0], k)
		}
		if len(doms) > 0 && rapid.Bool().Draw(rt, "rollup") {
			for k := len(doms) - 1; k >= 0; k-- {
				sets = append(sets, sets[0][:k])
			}
			n.GroupingSets, n.GroupingCol = sets, column("set", types.Int4T)
		}
		want := refGroups(rows, doms, sets)
		for _, c := range matrix {
			got := rowsOf(t, n, c)
			// Keys that are equal but not the same (0 and -0, 1.0 and 1.00) may be shown as either: compare the rest.
			for i, row := range got {
				got[i] = strings.Join(strings.Split(row, "|")[len(doms):], "|")
			}
			if n.GroupingSets == nil {
				for i := range want {
					want[i] = strings.TrimSuffix(want[i], "|0")
				}
			}
			sameBag(t, want, got, "%v", c)
		}
	})
}

func refGroups(rows [][]value, doms []int, sets [][]int) []string {
	var out []string
	for set, members := range sets {
		groups := map[string][]int64{}
		if len(members) == 0 {
			groups[""] = nil
		}
		for _, row := range rows {
			key := ""
			for _, k := range members {
				key += canonKey(keyDomains[doms[k]].typ, row[k]) + "\x00"
			}
			groups[key] = append(groups[key], row[len(doms)].(int64))
		}
		for _, vs := range groups {
			if len(vs) == 0 {
				out = append(out, fmt.Sprintf("0|NULL|NULL|NULL|0|0|NULL|%d", set))
				continue
			}
			slices.Sort(vs)
			sum := int64(0)
			list := ""
			for i, v := range vs {
				sum += v
				list = fmt.Sprint(v) + list
				if i < len(vs)-1 {
					list = "," + list
				}
			}
			distinct := len(slices.Compact(slices.Clone(vs)))
			out = append(out, fmt.Sprintf("%d|%d|%d|%d|%d|0|[%s]|%d", len(vs), sum, vs[0], vs[len(vs)-1], distinct, list, set))
		}
	}
	return out
}

// The answers are what PostgreSQL 15 gives.
func TestAggregateResults(t *testing.T) {
	i2, i4, i8 := column("i2", types.Int2T), column("i4", types.Int4T), column("i8", types.Int8T)
	f8, d, w, n := column("f8", types.Float8T), column("d", types.NumericOf(15, 2)), column("w", types.NumericOf(30, 2)), column("n", types.NumericT)
	s, b := column("s", types.TextT), column("b", types.BoolT)
	cols := []plan.Column{i2, i4, i8, f8, d, w, n, s, b}
	big := numeric.FromBig(new(big.Int).Exp(big.NewInt(10), big.NewInt(25), nil), 1)
	rows := [][]value{
		{int64(1), int64(2147483647), int64(9223372036854775807), 1.0, int64(1050), int64(1050), numeric.FromInt64(15, 1), "b", true},
		{int64(2), int64(2147483647), int64(9223372036854775807), 2.0, int64(-100), int64(-100), numeric.FromInt64(225, 2), "a", false},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil},
		{int64(4), int64(-5), int64(-1), 6.5, int64(333), int64(333), big, "c", true},
	}
	sortedText := agg("string_agg_text", s.Ref(), &expr.Const{Typ: types.TextT, Value: ", "})
	sortedText.OrderBy = []plan.SortKey{{Expr: s.Ref()}}
	items := []plan.AggItem{
		agg("count_star"), agg("count_any", i2.Ref()), agg("sum_int2", i2.Ref()), agg("sum_int4", i4.Ref()), agg("sum_int8", i8.Ref()),
		agg("avg_int2", i2.Ref()), agg("avg_int8", i8.Ref()), agg("sum_float8", f8.Ref()), agg("avg_float8", f8.Ref()),
		agg("sum_numeric", d.Ref()), agg("sum_numeric", w.Ref()), agg("sum_numeric", n.Ref()), agg("avg_numeric", d.Ref()), agg("avg_numeric", w.Ref()),
		agg("min_numeric", n.Ref()), agg("max_numeric", n.Ref()), agg("min_text", s.Ref()), agg("max_text", s.Ref()),
		agg("bool_and", b.Ref()), agg("bool_or", b.Ref()), agg("every", b.Ref()), agg("bit_or_int2", i2.Ref()), agg("bit_and_int2", i2.Ref()), agg("bit_xor_int2", i2.Ref()),
		agg("variance_int2", i2.Ref()), agg("stddev_int2", i2.Ref()), agg("stddev_pop_int2", i2.Ref()), agg("var_pop_numeric", d.Ref()), agg("var_samp_float8", f8.Ref()),
		agg("stddev_int8", i8.Ref()), sortedText,
	}
	want := "4|3|7|4294967289|18446744073709551613|2.3333333333333333|6148914691236517204|9.5|3.1666666666666665|" +
		"12.83|12.83|1000000000000000000000003.75|4.2766666666666667|4.2766666666666667|" +
		"1.5|1000000000000000000000000.0|a|c|false|true|false|7|0|7|" +
		"2.3333333333333333|1.5275252316519467|1.2472191289246471|22.4897555555555556|8.583333333333334|" +
		"5325116328314171701|a, b, c"
	node := &plan.Aggregate{Input: tableOf(t, cols, rows).node(), Aggs: items}
	for _, c := range matrix {
		got := rowsOf(t, node, c)
		require.Len(t, got, 1)
		require.Equal(t, strings.Split(want, "|"), strings.Split(got[0], "|"), "%v", c)
	}
}

func TestRegression(t *testing.T) {
	y, x := column("y", types.Float8T), column("x", types.Float8T)
	rows := [][]value{{1.0, 2.0}, {2.0, 4.0}, {nil, 3.0}, {4.0, 6.0}, {7.0, nil}}
	node := &plan.Aggregate{Input: tableOf(t, []plan.Column{y, x}, rows).node()}
	for _, name := range []string{
		"regr_count", "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy", "covar_pop", "covar_samp", "regr_slope", "regr_intercept",
	} {
		node.Aggs = append(node.Aggs, agg(name, y.Ref(), x.Ref()))
	}
	for _, c := range matrix {
		var sums []float64
		for _, cell := range strings.Split(rowsOf(t, node, c)[0], "|") {
			v, err := strconv.ParseFloat(cell, 64)
			require.NoError(t, err)
			sums = append(sums, v)
		}
		require.InDeltaSlice(t, []float64{3, 4, 7.0 / 3, 8, 14.0 / 3, 6, 2, 3, 0.75, -2.0 / 3}, sums, 1e-12)
	}
	same := &plan.Aggregate{
		Input: tableOf(t, []plan.Column{y, x}, [][]value{{1.0, 2.0}, {1.0, 2.0}}).node(),
		Aggs:  []plan.AggItem{agg("corr", y.Ref(), x.Ref()), agg("covar_samp", y.Ref(), x.Ref()), agg("regr_r2", y.Ref(), x.Ref())},
	}
	require.Equal(t, []string{"NULL|0|NULL"}, rowsOf(t, same, matrix[0]))
}

func TestSumOfLongDecimals(t *testing.T) {
	col := column("n", types.NumericOf(32, 0))
	edge := numeric.FromBig(new(big.Int).Exp(big.NewInt(10), big.NewInt(31), nil), 0)
	node := &plan.Aggregate{
		Input: tableOf(t, []plan.Column{col}, [][]value{{edge}, {edge}}).node(),
		Aggs:  []plan.AggItem{agg("sum_numeric", col.Ref())},
	}
	require.Equal(t, []string{"20000000000000000000000000000000"}, rowsOf(t, node, matrix[0]))
}

func TestManyGroupsMergeInParallel(t *testing.T) {
	k, v := column("k", types.Int8T), column("v", types.Int8T)
	var rows [][]value
	for i := range 60_000 {
		rows = append(rows, []value{int64(i % 30_000 * 1_000_003), int64(i)})
	}
	dist := agg("count_any", v.Ref())
	dist.Distinct = true
	node := &plan.Aggregate{
		Input: tableOf(t, []plan.Column{k, v}, rows).node(), Keys: []plan.Item{{Column: column("k", types.Int8T), Expr: k.Ref()}},
		Aggs: []plan.AggItem{agg("count_star"), agg("sum_int8", v.Ref()), dist, agg("array_agg", v.Ref())},
	}
	got := rowsOf(t, node, config{8192, 3, 2})
	require.Len(t, got, 30_000)
	for _, row := range got {
		c := strings.Split(row, "|")
		require.Equal(t, "2", c[1])
		require.Equal(t, "2", c[3])
		elems := strings.Split(strings.Trim(c[4], "[]"), ",")
		require.Len(t, elems, 2)
	}
	sort.Strings(got)
	require.Len(t, slices.Compact(got), 30_000)
}
