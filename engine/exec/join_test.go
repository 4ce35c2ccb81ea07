package exec

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// keyDomains are few values of each type, NULL among them, so that rows meet.
var keyDomains = []struct {
	typ  *types.Type
	vals []value
}{
	{types.Int4T, []value{nil, int64(-3), int64(0), int64(7), int64(8)}},
	{types.Int8T, []value{nil, int64(math.MinInt64), int64(math.MaxInt64), int64(0), int64(1) << 40}},
	{types.TextT, []value{nil, "", "a", "A", "a ", "longer than eight bytes", "é"}},
	{types.BpcharT, []value{nil, "a", "a  ", "b", ""}},
	{types.Float8T, []value{nil, math.NaN(), math.Copysign(0, -1), 0.0, 1.5, math.Inf(1)}},
	{types.NumericT, []value{nil, numeric.FromInt64(10, 1), numeric.FromInt64(100, 2), numeric.FromInt64(2, 0), numeric.NotANumber}},
	{types.NumericOf(10, 2), []value{nil, int64(100), int64(-250), int64(0)}},
	{types.NumericOf(30, 2), []value{nil, int64(100), int64(-250), int64(0)}},
	{types.BoolT, []value{nil, true, false}},
}

func canonKey(t *types.Type, v value) string {
	if s, ok := v.(string); ok && t.Kind == types.Bpchar {
		return canon(string(trimBlanks([]byte(s))))
	}
	return canon(v)
}

func drawRows(rt *rapid.T, name string, doms []int, most int) [][]value {
	n := rapid.IntRange(0, most).Draw(rt, name)
	rows := make([][]value, n)
	for i := range rows {
		for _, d := range doms {
			rows[i] = append(rows[i], rapid.SampledFrom(keyDomains[d].vals).Draw(rt, name+"value"))
		}
		rows[i] = append(rows[i], int64(rapid.IntRange(0, 4).Draw(rt, name+"payload")))
	}
	return rows
}

func columnsOf(doms []int, prefix string) []plan.Column {
	var out []plan.Column
	for _, d := range doms {
		out = append(out, column(prefix, keyDomains[d].typ))
	}
	return append(out, column(prefix+"v", types.Int8T))
}

func less(a, b plan.Column) expr.Expr {
	return &expr.Call{Fn: expr.MustFunction("int8lt"), Args: []expr.Expr{a.Ref(), b.Ref()}, Typ: types.BoolT}
}

// refJoin is every kind of join, row by row.
type refJoin struct {
	kind       plan.JoinKind
	nullAware  bool
	keys       int
	nullsEqual []bool
	residual   bool
	typs       []*types.Type
}

// equal is the three-valued equality of key k.
func (j refJoin) equal(k int, l, r []value) (eq, null bool) {
	if l[k] == nil || r[k] == nil {
		if j.nullsEqual[k] {
			return l[k] == nil && r[k] == nil, false
		}
		return false, true
	}
	return canonKey(j.typs[k], l[k]) == canonKey(j.typs[k], r[k]), false
}

func (j refJoin) rest(l, r []value, from int) bool {
	for k := from; k < j.keys; k++ {
		if eq, _ := j.equal(k, l, r); !eq {
			return false
		}
	}
	return !j.residual || l[j.keys].(int64) < r[j.keys].(int64)
}

func (j refJoin) run(t testing.TB, left, right [][]value, lc, rc []plan.Column) (out []string, single bool) {
	nl, nr := make([]value, len(lc)), make([]value, len(rc))
	pair := func(l, r []value) { out = append(out, showRow(t, l, lc)+"|"+showRow(t, r, rc)) }
	seen := make([]bool, len(right))
	for _, l := range left {
		matches, maybe := 0, false
		for i, r := range right {
			if j.rest(l, r, 0) {
				matches++
				seen[i] = true
				if !j.kind.LeftOnly() {
					pair(l, r)
				}
			} else if j.nullAware && j.keys > 0 && j.rest(l, r, 1) {
				_, null := j.equal(0, l, r)
				maybe = maybe || null
			}
		}
		single = single || matches > 1
		switch j.kind {
		case plan.LeftOuter, plan.FullOuter, plan.Single:
			if matches == 0 {
				pair(l, nr)
			}
		case plan.LeftSemi:
			if matches > 0 {
				out = append(out, showRow(t, l, lc))
			}
		case plan.LeftAnti:
			if matches == 0 {
				out = append(out, showRow(t, l, lc))
			}
		case plan.NullAwareAnti:
			if matches == 0 && !maybe {
				out = append(out, showRow(t, l, lc))
			}
		case plan.Mark:
			mark := "false"
			if matches > 0 {
				mark = "true"
			} else if maybe {
				mark = "NULL"
			}
			out = append(out, showRow(t, l, lc)+"|"+mark)
		}
	}
	for i, r := range right {
		if !seen[i] && (j.kind == plan.RightOuter || j.kind == plan.FullOuter) {
			pair(nl, r)
		}
	}
	return out, single
}

func TestHashJoin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doms := rapid.SliceOfN(rapid.IntRange(0, len(keyDomains)-1), 1, 2).Draw(rt, "key types")
		lc, rc := columnsOf(doms, "l"), columnsOf(doms, "r")
		left, right := drawRows(rt, "left", doms, 12), drawRows(rt, "right", doms, 12)
		j := refJoin{kind: plan.JoinKind(rapid.IntRange(0, int(plan.Single)).Draw(rt, "kind")), keys: len(doms)}
		j.residual = rapid.Bool().Draw(rt, "residual")
		j.nullAware = j.kind == plan.NullAwareAnti || j.kind == plan.Mark && rapid.Bool().Draw(rt, "null-aware")
		for k, d := range doms {
			j.typs = append(j.typs, keyDomains[d].typ)
			// The compared key of IN is never one whose NULLs are equal.
			j.nullsEqual = append(j.nullsEqual, (k > 0 || !j.nullAware) && rapid.Bool().Draw(rt, "nulls equal"))
		}
		n := &plan.HashJoin{
			Kind: j.kind, Left: tableOf(t, lc, left).node(), Right: tableOf(t, rc, right).node(), NullsEqual: j.nullsEqual,
			NullAware: j.nullAware, MarkCol: column("mark", types.BoolT),
		}
		for k := range doms {
			n.ProbeKeys, n.BuildKeys = append(n.ProbeKeys, lc[k].Ref()), append(n.BuildKeys, rc[k].Ref())
		}
		if j.residual {
			n.Residual = []expr.Expr{less(lc[j.keys], rc[j.keys])}
		}
		want, second := j.run(t, left, right, lc, rc)
		for _, c := range matrix {
			got, err := tryRows(t, n, c)
			if j.kind == plan.Single && second {
				require.True(t, sqlerr.Is(err, sqlerr.CardinalityViolation), "%v", err)
				continue
			}
			require.NoError(t, err)
			sameBag(t, want, got, "%s %v", j.kind, c)
		}
	})
}

func TestNestedLoopJoin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lc, rc := columnsOf(nil, "l"), columnsOf(nil, "r")
		left, right := drawRows(rt, "left", nil, 9), drawRows(rt, "right", nil, 9)
		j := refJoin{kind: plan.JoinKind(rapid.IntRange(0, int(plan.Single)).Draw(rt, "kind"))}
		if j.kind == plan.NullAwareAnti {
			j.kind = plan.LeftAnti
		}
		j.residual = rapid.Bool().Draw(rt, "residual")
		n := &plan.NestedLoopJoin{
			Kind: j.kind, Left: tableOf(t, lc, left).node(), Right: tableOf(t, rc, right).node(), MarkCol: column("mark", types.BoolT),
		}
		if j.residual {
			n.On = []expr.Expr{less(lc[0], rc[0])}
		}
		want, second := j.run(t, left, right, lc, rc)
		for _, c := range matrix {
			got, err := tryRows(t, n, c)
			if j.kind == plan.Single && second {
				require.True(t, sqlerr.Is(err, sqlerr.CardinalityViolation), "%v", err)
				continue
			}
			require.NoError(t, err)
			sameBag(t, want, got, "%s %v", j.kind, c)
		}
	})
}

// A comparison that is not an equality still has three values: x < ALL and row comparisons run here.
func TestNestedLoopNullAware(t *testing.T) {
	lc, rc := []plan.Column{column("l", types.Int8T)}, []plan.Column{column("r", types.Int8T)}
	rows := func(vs ...value) (out [][]value) {
		for _, v := range vs {
			out = append(out, []value{v})
		}
		return out
	}
	for _, tc := range []struct {
		left, right [][]value
		want        []string
	}{
		{rows(int64(1), int64(5), nil), rows(int64(3), nil), []string{"1|true", "5|NULL", "NULL|NULL"}},
		{rows(int64(1), int64(5), nil), rows(int64(3)), []string{"1|true", "5|false", "NULL|NULL"}},
		{rows(int64(1), nil), rows(), []string{"1|false", "NULL|false"}},
	} {
		n := &plan.NestedLoopJoin{
			Kind: plan.Mark, NullAware: true, Left: tableOf(t, lc, tc.left).node(), Right: tableOf(t, rc, tc.right).node(),
			MarkCol: column("mark", types.BoolT), On: []expr.Expr{less(lc[0], rc[0])},
		}
		for _, c := range matrix {
			sameBag(t, tc.want, rowsOf(t, n, c))
		}
	}
}
