package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// pulled is a relation without outer references, and what was taken out of it.
type pulled struct {
	node  plan.Node   // nil, of a total one, where there is nothing to join
	conds []expr.Expr // over node's columns and the outer ones
	// items, when set, are columns of the subquery as expressions to be computed above the join.
	items map[expr.ColumnID]expr.Expr
	// total: the subquery has exactly one row for each outer row, also where node has none: an aggregate without keys, or
	// a SELECT without FROM. All its columns are items. It has the row only when the conditions of when hold.
	total bool
	when  []expr.Expr
}

// pullUp removes the references to outer columns from n by pulling conditions up; nil when that cannot be done. An
// aggregate on their way is grouped by what they compare (Kim, "On Optimizing an SQL-like Nested Query", TODS 1982, with
// the outer join that counts need: Ganski and Wong, SIGMOD 1987), a window or a limit partitioned by it. ordered says
// that the order of n's rows matters.
func (d *decorrelator) pullUp(n plan.Node, outer columnSet, ordered bool) *pulled {
	if !refers(n, outer) {
		return &pulled{node: n}
	}
	switch n := n.(type) {
	case *plan.Values:
		return pullRow(n)
	case *plan.Filter:
		return d.pullFilter(n, outer, ordered)
	case *plan.Project:
		return d.pullProject(n, outer, ordered)
	case *plan.Aggregate:
		return d.pullAggregate(n, outer)
	case *plan.Sort:
		return d.pullSort(n, outer, ordered)
	case *plan.Limit:
		return d.pullLimit(n, outer, ordered)
	case *plan.Window:
		return d.pullWindow(n, outer)
	case *plan.Join:
		return d.pullJoin(n, outer)
	case *plan.Apply:
		p := d.pullJoin(&n.Join, outer)
		if p != nil {
			p.node = &plan.Apply{Join: *p.node.(*plan.Join)}
		}
		return p
	}
	return nil
}

// pullInput is pullUp of a node's input, which may be the one row of a SELECT without FROM.
func (d *decorrelator) pullInput(n plan.Node, outer columnSet, ordered bool) *pulled {
	if v, ok := n.(*plan.Values); ok {
		if p := pullRow(v); p != nil {
			return p
		}
	}
	return d.pullUp(n, outer, ordered)
}

// pullRow takes a list of one row for what it is; nil for a longer one.
func pullRow(n *plan.Values) *pulled {
	if len(n.Rows) != 1 {
		return nil
	}
	p := &pulled{total: true, items: map[expr.ColumnID]expr.Expr{}}
	for i, c := range n.Cols {
		p.items[c.ID] = n.Rows[0][i]
	}
	return p
}

// rows is p if it is a relation that can be put into other operators, with items, unless they are of no rows.
func (p *pulled) rows() *pulled {
	if p == nil || p.total {
		return nil
	}
	return p
}

func (d *decorrelator) pullFilter(n *plan.Filter, outer columnSet, ordered bool) *pulled {
	p := d.pullInput(n.Input, outer, ordered)
	if p == nil {
		return nil
	}
	conds := substituteAll(flatten(n.Conds), p.items)
	if p.total {
		c := *p
		c.when = append(p.when[:len(p.when):len(p.when)], conds...)
		return &c
	}
	mine, rest := split(conds, outer.touches)
	return &pulled{node: filtered(p.node, rest), conds: append(p.conds, mine...), items: p.items}
}

func substituteAll(es []expr.Expr, by map[expr.ColumnID]expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = substitute(e, by)
	}
	return out
}

// pullProject keeps the items over the inner relation, and leaves those that read outer columns for above the join.
func (d *decorrelator) pullProject(n *plan.Project, outer columnSet, ordered bool) *pulled {
	p := d.pullInput(n.Input, outer, ordered)
	if p == nil {
		return nil
	}
	late := map[expr.ColumnID]expr.Expr{}
	var items []plan.Item
	have := columnSet{}
	for _, it := range n.Items {
		e := substitute(it.Expr, p.items)
		if p.total || outer.touches(e) {
			late[it.ID] = e
			continue
		}
		items = append(items, plan.Item{Column: it.Column, Expr: e})
		have[it.ID] = true
	}
	if p.total {
		return &pulled{node: p.node, conds: p.conds, items: late, total: true, when: p.when}
	}
	need := columnSet{}.with(p.conds...)
	for _, e := range late {
		expr.Columns(e, need)
	}
	for _, c := range p.node.Columns() {
		if need[c.ID] && !have[c.ID] {
			items = append(items, plan.Item{Column: c, Expr: c.Ref()})
		}
	}
	if len(late) == 0 {
		late = nil
	}
	return &pulled{node: &plan.Project{Input: p.node, Items: items}, conds: p.conds, items: late}
}

// pullAggregate adds the inner sides of the pulled equalities to the grouping keys.
func (d *decorrelator) pullAggregate(n *plan.Aggregate, outer columnSet) *pulled {
	p := d.pullUp(n.Input, outer, orderSensitive(n)).rows()
	if p == nil || n.GroupingSets != nil || mayFail(n) {
		return nil
	}
	g := plan.MapExprs(n, func(e expr.Expr) expr.Expr { return substitute(e, p.items) }).(*plan.Aggregate)
	for _, e := range plan.Exprs(g) {
		if outer.touches(e) {
			return nil
		}
	}
	keys := equalKeys(p, outer)
	if keys == nil {
		return nil
	}
	c := *g
	c.Input = p.node
	c.Keys = slices.Clone(g.Keys)
	conds := make([]expr.Expr, len(keys))
	for i, k := range keys {
		key := d.o.newColumn("", k.in.Type(), true)
		c.Keys = append(c.Keys, plan.Item{Column: key, Expr: k.in})
		conds[i] = rebuildEquality(k.call, key.Ref(), k.out)
	}
	res := &pulled{node: &c, conds: conds}
	if len(n.Keys) == 0 {
		res.total, res.items = true, map[expr.ColumnID]expr.Expr{}
		for _, a := range n.Aggs {
			res.items[a.ID] = overNothing(a)
		}
	}
	return res
}

// equalKey is a pulled condition `in = out` (either way round).
type equalKey struct {
	call    *expr.Call
	in, out expr.Expr
}

// equalKeys are the pulled conditions if all of them are equalities of an inner with an outer side.
func equalKeys(p *pulled, outer columnSet) []equalKey {
	inner := columnsOf(p.node)
	var out []equalKey
	for _, c := range p.conds {
		a, b, ok := equality(c, inner, outer)
		if !ok || !movable(c) {
			return nil
		}
		out = append(out, equalKey{c.(*expr.Call), a, b})
	}
	return out
}

// overNothing reads an aggregate above the outer join: where no group was found it is what it is over no rows.
func overNothing(a plan.AggItem) expr.Expr {
	if a.Fn.Name != "count" && a.Fn.Name != "regr_count" {
		return a.Ref()
	}
	zero := &expr.Const{Typ: types.Int8T, Value: int64(0)}
	return &expr.Coalesce{Args: []expr.Expr{a.Ref(), zero}, Typ: a.Type}
}

// orderSensitive says whether an aggregate's result depends on the order of its input.
func orderSensitive(n *plan.Aggregate) bool {
	for _, a := range n.Aggs {
		switch a.Fn.Name {
		case "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "xmlagg":
			if len(a.OrderBy) == 0 {
				return true
			}
		}
	}
	return false
}

// mayFail says whether evaluating the node, or its inputs up to their relations, may fail on values that no outer row
// asks for: a group that nobody reads is computed too when an aggregate is pulled up.
func mayFail(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			expr.Walk(e, func(e expr.Expr) bool {
				found = found || failsOnValues(e)
				return !found
			})
		}
		return !found
	})
	return found
}

func failsOnValues(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Cast:
		return e.Arg.Type().IsString() && !e.Typ.IsString()
	case *expr.Call:
		switch e.Fn.Name {
		case "/", "%", "^", "mod", "div", "sqrt", "ln", "log", "power", "exp", "to_date", "to_timestamp", "to_number":
			c, constant := e.Args[len(e.Args)-1].(*expr.Const)
			return !constant || c.Value == nil || c.Value == int64(0)
		}
	}
	return false
}

func (d *decorrelator) pullSort(n *plan.Sort, outer columnSet, ordered bool) *pulled {
	p := d.pullUp(n.Input, outer, false)
	if p == nil || p.total || !ordered {
		return p
	}
	keys, ok := innerKeys(n.Keys, p, outer)
	if !ok {
		return nil
	}
	c := *p
	c.node = &plan.Sort{Input: p.node, Keys: keys}
	return &c
}

// innerKeys are sort keys over a pulled relation, if they read nothing outer.
func innerKeys(keys []plan.SortKey, p *pulled, outer columnSet) ([]plan.SortKey, bool) {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Expr = substitute(out[i].Expr, p.items)
		if outer.touches(out[i].Expr) {
			return nil, false
		}
	}
	return out, true
}

// pullLimit numbers the rows of each value of the pulled equalities' inner sides and passes the first of them.
func (d *decorrelator) pullLimit(n *plan.Limit, outer columnSet, ordered bool) *pulled {
	input, keys := limitOrder(n)
	p := d.pullUp(input, outer, false)
	if p != nil && p.total {
		if k, ok := constantInt(n.Count); n.Offset == nil && (ok && k > 0 || n.Count == nil) {
			return p
		}
		return nil
	}
	if p == nil || mayFail(n) || outer.touches(n.Count) || outer.touches(n.Offset) {
		return nil
	}
	keys, ok := innerKeys(keys, p, outer)
	by := equalKeys(p, outer)
	if !ok || by == nil {
		return nil
	}
	partition := make([]expr.Expr, len(by))
	for i, k := range by {
		partition[i] = k.in
	}
	c := *p
	c.node = d.firstRows(p.node, partition, keys, n)
	if ordered && len(keys) > 0 {
		c.node = &plan.Sort{Input: c.node, Keys: keys}
	}
	return &c
}

func (d *decorrelator) pullWindow(n *plan.Window, outer columnSet) *pulled {
	p := d.pullUp(n.Input, outer, false).rows()
	if p == nil || mayFail(n) {
		return nil
	}
	by := equalKeys(p, outer)
	w := plan.MapExprs(n, func(e expr.Expr) expr.Expr { return substitute(e, p.items) }).(*plan.Window)
	for _, e := range plan.Exprs(w) {
		if outer.touches(e) {
			return nil
		}
	}
	if by == nil {
		return nil
	}
	c := *w
	c.Input, c.Partition = p.node, slices.Clone(w.Partition)
	for _, k := range by {
		c.Partition = append(c.Partition, k.in)
	}
	return &pulled{node: &c, conds: p.conds, items: p.items}
}

func (d *decorrelator) pullJoin(n *plan.Join, outer columnSet) *pulled {
	c := *n
	l := d.pullUp(n.Left, outer, false).rows()
	if l == nil || l.items != nil {
		return nil
	}
	c.Left = l.node
	conds := l.conds
	switch n.Kind {
	case plan.Inner:
		r := d.pullUp(n.Right, outer, false).rows()
		if r == nil || r.items != nil {
			return nil
		}
		var mine []expr.Expr
		mine, c.On = split(flatten(n.On), outer.touches)
		c.Right, conds = r.node, append(append(conds, r.conds...), mine...)
	case plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.NullAwareAnti, plan.Mark, plan.Single:
		if refers(n.Right, outer) {
			return nil
		}
		for _, e := range n.On {
			if outer.touches(e) {
				return nil
			}
		}
	default:
		return nil
	}
	return &pulled{node: &c, conds: conds}
}

// equality splits `inner = outer` (either way round) into its sides.
func equality(e expr.Expr, inner, outer columnSet) (in, out expr.Expr, ok bool) {
	c, ok := e.(*expr.Call)
	if !ok || c.Fn.Kind != expr.Operator || c.Fn.Name != "=" || len(c.Args) != 2 {
		return nil, nil, false
	}
	a, b := c.Args[0], c.Args[1]
	switch {
	case inner.within(a) && !outer.touches(a) && !inner.touches(b):
		return a, b, true
	case inner.within(b) && !outer.touches(b) && !inner.touches(a):
		return b, a, true
	}
	return nil, nil, false
}

func rebuildEquality(c *expr.Call, in, out expr.Expr) expr.Expr {
	if types.Same(c.Fn.Args[0], c.Fn.Args[1]) || types.Same(c.Args[0].Type(), in.Type()) {
		return &expr.Call{Fn: c.Fn, Args: []expr.Expr{in, out}, Typ: c.Typ}
	}
	return &expr.Call{Fn: c.Fn, Args: []expr.Expr{out, in}, Typ: c.Typ}
}
