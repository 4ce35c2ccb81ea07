package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// groupingSets are the sets that GROUP BY asks for, as indices into the keys.
type groupingSets struct{ sets [][]int }

// cross pairs each set of a with each of b.
func cross(a, b [][]int) [][]int {
	var out [][]int
	for _, x := range a {
		for _, y := range b {
			out = append(out, union(x, y))
		}
	}
	return out
}

func union(x, y []int) []int {
	out := append([]int{}, x...)
	for _, i := range y {
		have := false
		for _, j := range out {
			have = have || i == j
		}
		if !have {
			out = append(out, i)
		}
	}
	return out
}

func withoutRepeats(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		repeated := false
		for _, o := range out {
			repeated = repeated || len(union(o, s)) == len(o) && len(o) == len(s)
		}
		if !repeated {
			out = append(out, s)
		}
	}
	return out
}

func rollup(parts [][]int) [][]int {
	var out [][]int
	for n := len(parts); n >= 0; n-- {
		set := []int{}
		for _, p := range parts[:n] {
			set = union(set, p)
		}
		out = append(out, set)
	}
	return out
}

func cube(parts [][]int) [][]int {
	var out [][]int
	for bits := 1<<len(parts) - 1; bits >= 0; bits-- {
		set := []int{}
		for i, p := range parts {
			if bits>>(len(parts)-1-i)&1 == 1 {
				set = union(set, p)
			}
		}
		out = append(out, set)
	}
	return out
}

// grouping binds GROUPING(…): it is known per grouping set.
func (c *clause) grouping(n *parse.GroupingFunc) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	if len(n.Args) > 31 {
		return nil, sqlerr.New("54023", "GROUPING must have fewer than 32 arguments").At(pos)
	}
	inner := &clause{b: c.b, lv: c.lv, name: "GROUPING"}
	args, err := inner.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	lv, at := c.aggregateLevel(&plan.AggItem{Args: args}, nil), c
	if lv != c.lv {
		if at = lv.within; at == nil || lv.hidden {
			return nil, sqlerr.New(sqlerr.GroupingError, "grouping operations are not allowed in FROM clause of their own query level").
				At(pos)
		}
	}
	if !at.aggregates {
		return nil, sqlerr.New(sqlerr.GroupingError, "grouping operations are not allowed in %s", at.name).At(pos)
	}
	call := c.b.newColumn("grouping", types.Int4T, false)
	lv.groupings = append(lv.groupings, groupingCall{col: call, args: args, pos: c.b.posOf(firstOf(n.Args))})
	return call.Ref(), nil
}

// groupingCall is a GROUPING(…) of a level, and the column that stands for it until the keys are known.
type groupingCall struct {
	col  plan.Column
	args []expr.Expr
	pos  int
}

// groupingColumn puts expressions over the aggregate's number of the grouping set in the place of GROUPING(…).
func (k *block) groupingColumn(agg *plan.Aggregate) error {
	if len(k.groupings) == 0 {
		return nil
	}
	sets := [][]int{nil}
	if k.sets != nil {
		sets = k.sets.sets
		agg.GroupingCol = k.b.newColumn("grouping set", types.Int4T, false)
	}
	by := map[expr.ColumnID]expr.Expr{}
	for _, g := range k.groupings {
		e, err := k.groupingValue(g, sets, agg.GroupingCol)
		if err != nil {
			return err
		}
		by[g.col.ID] = e
	}
	replace := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
			if c, ok := e.(*expr.Column); ok && by[c.ID] != nil {
				return by[c.ID]
			}
			return e
		})
	}
	for _, t := range k.targets {
		t.e = replace(t.e)
	}
	for _, w := range k.windows {
		w.rewrite(replace)
	}
	k.having = replace(k.having)
	for i := range k.after { // a subquery can ask for the grouping of this level
		p := &k.after[i]
		for j, e := range p.on {
			p.on[j] = replace(e)
		}
		p.right = plan.Rewrite(p.right, func(n plan.Node) plan.Node { return plan.MapExprs(n, replace) })
	}
	return nil
}

// groupingValue is a CASE over the number of the grouping set: a bit per argument, set where it is not grouped.
func (k *block) groupingValue(g groupingCall, sets [][]int, number plan.Column) (expr.Expr, error) {
	index := make([]int, len(g.args))
	for i, a := range g.args {
		index[i] = -1
		for j, key := range k.keys {
			if expr.Equal(key.e, a) {
				index[i] = j
				break
			}
		}
		if index[i] < 0 {
			return nil, sqlerr.New(sqlerr.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level").
				At(g.pos)
		}
	}
	zero := &expr.Const{Typ: types.Int4T, Value: int64(0)}
	if number.Type == nil {
		return zero, nil
	}
	out := &expr.Case{Typ: types.Int4T, Else: zero}
	for s, set := range sets {
		bits := int64(0)
		for _, j := range index {
			bits <<= 1
			if len(union(set, []int{j})) != len(set) {
				bits |= 1
			}
		}
		eq, err := k.b.operate("=", []expr.Expr{number.Ref(), &expr.Const{Typ: types.Int4T, Value: int64(s)}}, 0)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, expr.When{Cond: eq, Then: &expr.Const{Typ: types.Int4T, Value: bits}})
	}
	return out, nil
}
