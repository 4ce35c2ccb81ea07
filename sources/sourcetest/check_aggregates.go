package sourcetest

import (
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// aggregates: what is grouped at the source is what grouping its rows gives, one row per group.
func (s *suite) aggregates(t *testing.T) {
	s.grouping(t, false)
}

// partialAggregates: the parts of a group that the splits give are its rows put together, each row once.
func (s *suite) partialAggregates(t *testing.T) {
	s.grouping(t, true)
}

func (s *suite) grouping(t *testing.T, partial bool) {
	taken := 0
	for _, table := range []string{"every", "many", "empty"} {
		g := &grouping{suite: s, node: s.scan(t, table), partial: partial}
		g.full = s.all(t, s.must(t, g.node), 0, nil)
		for i, key := range g.node.Cols {
			if f, _ := operator("=", key.Type); f == nil || table == "many" && key.Name == "id" {
				continue
			}
			folded := []plan.Column{g.node.Cols[(i+1)%len(g.node.Cols)], g.node.Cols[(i+5)%len(g.node.Cols)]}
			taken += g.check(t, []plan.Column{key}, folded)
		}
		taken += g.check(t, nil, g.node.Cols)
	}
	require.NotZero(t, taken, "the source claims aggregates and takes none")
}

// grouping checks groupings of one table, whose rows are full.
type grouping struct {
	*suite
	node    *plan.Scan
	full    []arrow.RecordBatch
	partial bool
}

// check groups by keys and folds columns in every way that there is; 0 when the source refuses.
func (g *grouping) check(t *testing.T, keys, folded []plan.Column) int {
	t.Helper()
	n := &plan.Aggregate{Input: g.node, Partial: g.partial}
	for i, k := range keys {
		n.Keys = append(n.Keys, plan.Item{Column: column(900+i, k.Name, k.Type), Expr: k.Ref()})
	}
	for _, c := range folded {
		n.Aggs = append(n.Aggs, folds(c, 1000+len(n.Aggs))...)
	}
	for i := range n.Aggs {
		n.Aggs[i].ID = expr.ColumnID(1000 + i)
	}
	rs := g.offer(t, n)
	if rs == nil {
		return 0
	}
	require.Empty(t, rs.Residual(), "groups with a residual hold rows that do not count")
	recs, _ := g.inLanes(t, rs, 2)
	want, got := g.expected(t, n), groupsOf(t, n, rs.Columns(), recs)
	if !g.partial {
		require.EqualValues(t, len(want), count(recs), "a group comes in one row\n%s", plan.Describe(n))
	}
	if len(keys) == 0 && len(got) == 0 {
		return 1 // no part at all, of no rows
	}
	g.compare(t, n, want, got)
	return 1
}

func column(id int, name string, t *types.Type) plan.Column {
	return plan.Column{ID: expr.ColumnID(id), Name: name, Type: t, Nullable: true}
}

// folds are count(*) and the aggregates of a column whose parts this suite can merge.
func folds(c plan.Column, id int) []plan.AggItem {
	out := []plan.AggItem{{Column: column(id, "count", types.Int8T), Fn: expr.MustFunction("count_star")}}
	for _, name := range []string{"count", "sum", "min", "max", "bool_and", "bool_or"} {
		for _, f := range expr.Functions(name) {
			if len(f.Args) != 1 || f.Args[0].Kind != types.Any && !matches(f.Args[0], c.Type) {
				continue
			}
			if name == "sum" && !c.Type.IsInteger() && c.Type.Kind != types.Numeric {
				continue // the sum of floats depends on their order
			}
			typ := f.ResultType([]*types.Type{c.Type})
			out = append(out, plan.AggItem{Column: column(id, name, typ), Fn: f, Args: []expr.Expr{c.Ref()}})
			break
		}
	}
	return out
}

// group is one group: its key and what its rows, or its parts, come to.
type group struct{ key, folded []any }

// expected are the groups of the table's rows.
func (g *grouping) expected(t *testing.T, n *plan.Aggregate) []*group {
	var out []*group
	if len(n.Keys) == 0 {
		out = []*group{{folded: make([]any, len(n.Aggs))}}
	}
	keys, args := make([][]any, len(n.Keys)), make([][]any, len(n.Aggs))
	for i, k := range n.Keys {
		keys[i] = g.values(k.Expr)
	}
	for i, a := range n.Aggs {
		if len(a.Args) > 0 {
			args[i] = g.values(a.Args[0])
		}
	}
	for row := range int(count(g.full)) {
		key, values := make([]any, len(keys)), make([]any, len(args))
		for i := range keys {
			key[i] = keys[i][row]
		}
		for i, a := range n.Aggs {
			switch {
			case a.Fn.Name != "count":
				values[i] = args[i][row]
			case args[i] == nil || args[i][row] != nil:
				values[i] = int64(1)
			}
		}
		out = put(t, n, out, key, values)
	}
	for _, group := range out {
		for i, a := range n.Aggs {
			if a.Fn.Name == "count" && group.folded[i] == nil {
				group.folded[i] = int64(0)
			}
		}
	}
	return out
}

func (g *grouping) values(e expr.Expr) []any {
	c := e.(*expr.Column)
	at := slices.IndexFunc(g.node.Cols, func(col plan.Column) bool { return col.ID == c.ID })
	return keysOf(g.node.Cols[at], g.node.Cols, g.full)
}

// groupsOf puts the rows that came together, by keys.
func groupsOf(t *testing.T, n *plan.Aggregate, cols []plan.Column, recs []arrow.RecordBatch) (out []*group) {
	at := make([][]any, 0, len(n.Keys)+len(n.Aggs))
	for _, c := range n.Columns() {
		at = append(at, keysOf(c, cols, recs))
	}
	for row := range int(count(recs)) {
		values := make([]any, len(at))
		for i := range at {
			values[i] = at[i][row]
		}
		out = put(t, n, out, values[:len(n.Keys)], values[len(n.Keys):])
	}
	return out
}

// put adds values to the group of a key.
func put(t *testing.T, n *plan.Aggregate, groups []*group, key, values []any) []*group {
	at := slices.IndexFunc(groups, func(g *group) bool {
		same := true
		for i, k := range n.Keys {
			same = same && datum.Equal(k.Type, g.key[i], key[i])
		}
		return same
	})
	if at < 0 {
		at = len(groups)
		groups = append(groups, &group{key: key, folded: make([]any, len(n.Aggs))})
	}
	for i, a := range n.Aggs {
		groups[at].folded[i] = merged(t, a, groups[at].folded[i], values[i])
	}
	return groups
}

// merged is what two parts of one aggregate come to; NULL is no part.
func merged(t *testing.T, a plan.AggItem, x, y any) any {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	switch a.Fn.Name {
	case "count":
		return x.(int64) + y.(int64)
	case "sum":
		sum, err := numeric.Add(number(x), number(y))
		require.NoError(t, err)
		return sum.Apd()
	case "min":
		return first(datum.Compare(a.Type, x, y) <= 0, x, y)
	case "max":
		return first(datum.Compare(a.Type, x, y) >= 0, x, y)
	case "bool_and":
		return x.(bool) && y.(bool)
	}
	return x.(bool) || y.(bool)
}

func first(is bool, x, y any) any {
	if is {
		return x
	}
	return y
}

func number(v any) numeric.Num {
	switch v := v.(type) {
	case int64:
		return numeric.FromInt64(v, 0)
	case *apd.Decimal:
		return numeric.FromApd(v)
	}
	panic("sourcetest: the sum of a value that is no number")
}

// compare holds groups against each other. Values that are equal may differ in form: 1.0 and 1.00, a month and thirty
// days, zeros of both signs.
func (g *grouping) compare(t *testing.T, n *plan.Aggregate, want, got []*group) {
	t.Helper()
	require.Len(t, got, len(want), "groups of %s", plan.Describe(n))
	for _, w := range want {
		at := slices.IndexFunc(got, func(o *group) bool {
			same := true
			for i, k := range n.Keys {
				same = same && datum.Equal(k.Type, w.key[i], o.key[i])
			}
			return same
		})
		require.GreaterOrEqual(t, at, 0, "group %v of %s is missing", w.key, plan.Describe(n))
		for i, a := range n.Aggs {
			x, y := w.folded[i], got[at].folded[i]
			if a.Fn.Name == "sum" && x != nil && y != nil {
				require.Equal(t, number(x).Apd().Text('f'), number(y).Apd().Text('f'), "%s of group %v", a.Fn, w.key)
				continue
			}
			require.True(t, datum.Equal(a.Type, x, y), "%s of group %v is %v instead of %v", a.Fn, w.key, y, x)
		}
	}
}
