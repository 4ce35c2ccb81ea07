package exec

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// refCompare orders as PostgreSQL.
func refCompare(a, b value, t *types.Type, k plan.SortKey) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case (a == nil) == k.NullsFirst:
			return -1
		}
		return 1
	}
	var c int
	switch x := a.(type) {
	case int64:
		c = cmp.Compare(x, b.(int64))
	case string:
		y := b.(string)
		if t.Kind == types.Bpchar {
			x, y = strings.TrimRight(x, " "), strings.TrimRight(y, " ")
		}
		c = strings.Compare(x, y)
	case bool:
		c = cmp.Compare(boolInt(x), boolInt(b.(bool)))
	case float64:
		y := b.(float64)
		switch {
		case math.IsNaN(x) && math.IsNaN(y):
		case math.IsNaN(x):
			c = 1
		case math.IsNaN(y):
			c = -1
		case x < y:
			c = -1
		case x > y:
			c = 1
		}
	case numeric.Num:
		c = x.Cmp(b.(numeric.Num))
	}
	if k.Desc {
		c = -c
	}
	return c
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestSortAndLimit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doms := rapid.SliceOfN(rapid.IntRange(0, len(keyDomains)-1), 1, 3).Draw(rt, "key types")
		cols := columnsOf(doms, "c")
		rows := drawRows(rt, "rows", doms, 30)
		var keys []plan.SortKey
		for _, c := range cols[:len(doms)] {
			keys = append(keys, plan.SortKey{Expr: c.Ref(), Desc: rapid.Bool().Draw(rt, "desc"), NullsFirst: rapid.Bool().Draw(rt, "nulls")})
		}
		count, offset := rapid.IntRange(-1, 20).Draw(rt, "count"), rapid.IntRange(0, 10).Draw(rt, "offset")
		want := slices.Clone(rows)
		order := func(a, b []value) int {
			for i, k := range keys {
				if c := refCompare(a[i], b[i], cols[i].Type, k); c != 0 {
					return c
				}
			}
			return 0
		}
		slices.SortStableFunc(want, order)
		input := tableOf(t, cols, rows).node()
		lim := &plan.Limit{Input: &plan.Sort{Input: input, Keys: keys}, Offset: int8Const(int64(offset))}
		if count >= 0 {
			lim.Count = int8Const(int64(count))
		}
		from := min(offset, len(want))
		to := len(want)
		if count >= 0 {
			to = min(to, from+count)
		}
		top := &plan.Limit{Input: input, Keys: keys, Count: lim.Count, Offset: lim.Offset}
		ties := &plan.Limit{Input: lim.Input, Keys: keys, Count: lim.Count, Offset: lim.Offset, Ties: true}
		tied := to
		for count > 0 && tied > from && tied < len(want) && order(want[tied-1], want[tied]) == 0 {
			tied++
		}
		for _, c := range matrix {
			requireOrder(t, want[from:to], rowsOf(t, lim, c), cols, order, rows)
			requireOrder(t, want[from:to], rowsOf(t, top, c), cols, order, rows)
			if count > 0 {
				requireOrder(t, want[from:tied], rowsOf(t, ties, c), cols, order, rows)
			}
		}
	})
}

func int8Const(v int64) expr.Expr { return &expr.Const{Typ: types.Int8T, Value: v} }

// requireOrder checks that got has the keys of want in order; rows of equal keys may be any of the input's.
func requireOrder(t testing.TB, want [][]value, got []string, cols []plan.Column, order func(a, b []value) int, all [][]value) {
	t.Helper()
	byText := map[string][]value{}
	left := map[string]int{}
	for _, r := range all {
		s := showRow(t, r, cols)
		byText[s] = r
		left[s]++
	}
	require.Len(t, got, len(want))
	for i, g := range got {
		r, ok := byText[g]
		require.True(t, ok, "row %q is not of the input", g)
		left[g]--
		require.GreaterOrEqual(t, left[g], 0, "row %q came too often", g)
		require.Zero(t, order(want[i], r), "row %d: %q where %q belongs", i, g, showRow(t, want[i], cols))
	}
}

func TestLargeSortAndTopN(t *testing.T) {
	k, s := column("k", types.Int8T), column("s", types.TextT)
	var rows [][]value
	for i := range 70_000 {
		x := int64(i) * 7_919 % 70_001
		rows = append(rows, []value{x % 1000, strings.Repeat("prefix ", int(x%3)) + string(rune('a'+x%26))})
	}
	cols := []plan.Column{k, s}
	keys := []plan.SortKey{{Expr: k.Ref(), Desc: true}, {Expr: s.Ref()}}
	want := slices.Clone(rows)
	slices.SortStableFunc(want, func(a, b []value) int {
		return cmp.Or(cmp.Compare(b[0].(int64), a[0].(int64)), strings.Compare(a[1].(string), b[1].(string)))
	})
	text := func(rs [][]value) (out []string) {
		for _, r := range rs {
			out = append(out, showRow(t, r, cols))
		}
		return out
	}
	input := tableOf(t, cols, rows).node()
	c := config{8192, 3, 2}
	require.Equal(t, text(want), rowsOf(t, &plan.Sort{Input: input, Keys: keys}, c))
	byText := []plan.SortKey{{Expr: s.Ref(), Desc: true}, {Expr: k.Ref()}}
	slices.SortStableFunc(want, func(a, b []value) int {
		return cmp.Or(strings.Compare(b[1].(string), a[1].(string)), cmp.Compare(a[0].(int64), b[0].(int64)))
	})
	require.Equal(t, text(want), rowsOf(t, &plan.Sort{Input: input, Keys: byText}, c))
	slices.SortStableFunc(want, func(a, b []value) int {
		return cmp.Or(cmp.Compare(b[0].(int64), a[0].(int64)), strings.Compare(a[1].(string), b[1].(string)))
	})
	require.Equal(t, text(want[5:105]), rowsOf(t, &plan.Limit{Input: input, Keys: keys, Count: int8Const(100), Offset: int8Const(5)}, c))
}
