package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// decorrelate turns every Apply into a Join, so that no subquery runs once a row. Correlated conditions are pulled up to
// the join; an aggregate on their way is grouped by what they compare (Kim, "On Optimizing an SQL-like Nested Query",
// TODS 1982, with the outer join that counts need: Ganski and Wong, SIGMOD 1987).
func (o *optimizer) decorrelate(n plan.Node) (plan.Node, error) {
	if s, ok := n.(*plan.Shared); ok {
		var err error
		out := o.decorrelated.Map(s, func(in plan.Node) plan.Node {
			var next plan.Node
			next, err = o.decorrelate(in)
			return next
		})
		return out, err
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		var err error
		if next[i], err = o.decorrelate(c); err != nil {
			return nil, err
		}
	}
	n = plan.WithChildren(n, next)
	a, ok := n.(*plan.Apply)
	if !ok {
		return n, nil
	}
	outer := columnsOf(a.Left)
	if !refers(a.Right, outer) {
		j := a.Join
		return &j, nil
	}
	p := o.pullUp(a.Right, outer)
	if p == nil {
		return nil, sqlerr.Unsupported("this form of correlated subquery").
			WithHint("write it as a join, or correlate it by conditions in its WHERE clause only")
	}
	return joinPulled(&a.Join, p)
}

// refers says whether anything in n refers to a column of outer.
func refers(n plan.Node, outer columnSet) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			found = found || outer.touches(e)
		}
		return !found
	})
	return found
}

// pulled is a relation without outer references, and what was taken out of it.
type pulled struct {
	node  plan.Node
	conds []expr.Expr // over node's columns and the outer ones
	// items, when set, are the subquery's columns as expressions to be computed above an outer join: the subquery is
	// an aggregate without keys, which has a row even where node has none.
	items map[expr.ColumnID]expr.Expr
}

// pullUp removes the references to outer columns from n; nil when this rule cannot.
func (o *optimizer) pullUp(n plan.Node, outer columnSet) *pulled {
	if !refers(n, outer) {
		return &pulled{node: n}
	}
	switch n := n.(type) {
	case *plan.Filter:
		return o.pullFilter(n, outer)
	case *plan.Project:
		return o.pullProject(n, outer)
	case *plan.Aggregate:
		return o.pullAggregate(n, outer)
	case *plan.Sort:
		return o.pullUp(n.Input, outer)
	case *plan.Join:
		return o.pullJoin(n, outer)
	}
	return nil
}

func (o *optimizer) pullFilter(n *plan.Filter, outer columnSet) *pulled {
	p := o.pullUp(n.Input, outer)
	if p == nil || p.items != nil {
		return nil
	}
	mine, rest := split(flatten(n.Conds), outer.touches)
	return &pulled{node: filtered(p.node, rest), conds: append(p.conds, mine...)}
}

func (o *optimizer) pullProject(n *plan.Project, outer columnSet) *pulled {
	p := o.pullUp(n.Input, outer)
	if p == nil {
		return nil
	}
	if p.items != nil {
		items := map[expr.ColumnID]expr.Expr{}
		for _, it := range n.Items {
			items[it.ID] = substitute(it.Expr, p.items)
		}
		return &pulled{node: p.node, conds: p.conds, items: items}
	}
	items := append([]plan.Item(nil), n.Items...)
	have := columnSet{}
	for _, it := range items {
		if outer.touches(it.Expr) {
			return nil
		}
		have[it.ID] = true
	}
	need := columnSet{}
	for _, c := range p.conds {
		expr.Columns(c, need)
	}
	for _, c := range p.node.Columns() {
		if need[c.ID] && !have[c.ID] {
			items = append(items, plan.Item{Column: c, Expr: c.Ref()})
		}
	}
	return &pulled{node: &plan.Project{Input: p.node, Items: items}, conds: p.conds}
}

// pullAggregate adds the inner sides of the pulled equalities to the grouping keys.
func (o *optimizer) pullAggregate(n *plan.Aggregate, outer columnSet) *pulled {
	p := o.pullUp(n.Input, outer)
	if p == nil || p.items != nil || n.GroupingSets != nil {
		return nil
	}
	for _, e := range plan.Exprs(n) {
		if outer.touches(e) {
			return nil
		}
	}
	inner := columnsOf(p.node)
	g := *n
	g.Input = p.node
	g.Keys = append([]plan.Item(nil), n.Keys...)
	var conds []expr.Expr
	for _, c := range p.conds {
		in, out, eq := equality(c, inner, outer)
		if !eq {
			return nil
		}
		key := o.newColumn("", in.Type(), true)
		g.Keys = append(g.Keys, plan.Item{Column: key, Expr: in})
		conds = append(conds, rebuildEquality(c.(*expr.Call), key.Ref(), out))
	}
	res := &pulled{node: &g, conds: conds}
	if len(n.Keys) == 0 {
		res.items = map[expr.ColumnID]expr.Expr{}
		for _, a := range n.Aggs {
			res.items[a.ID] = overNothing(a)
		}
	}
	return res
}

// overNothing reads an aggregate above the outer join: where no group was found it is what it is over no rows.
func overNothing(a plan.AggItem) expr.Expr {
	if a.Fn.Name != "count" && a.Fn.Name != "regr_count" {
		return a.Ref()
	}
	zero := &expr.Const{Typ: types.Int8T, Value: int64(0)}
	return &expr.Coalesce{Args: []expr.Expr{a.Ref(), zero}, Typ: a.Type}
}

func (o *optimizer) pullJoin(n *plan.Join, outer columnSet) *pulled {
	c := *n
	l := o.pullUp(n.Left, outer)
	if l == nil || l.items != nil {
		return nil
	}
	c.Left = l.node
	conds := l.conds
	switch n.Kind {
	case plan.Inner:
		r := o.pullUp(n.Right, outer)
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

// joinPulled joins the outer input with what was pulled.
func joinPulled(a *plan.Join, p *pulled) (plan.Node, error) {
	j := *a
	j.Right = p.node
	j.On = append(append([]expr.Expr(nil), a.On...), p.conds...)
	if p.items == nil {
		return &j, nil
	}
	switch a.Kind {
	case plan.Single, plan.LeftOuter, plan.Inner:
	default:
		return nil, sqlerr.Unsupported("a correlated aggregate under IN, EXISTS, ANY or ALL").
			WithHint("compare with a scalar subquery instead")
	}
	if len(a.On) > 0 {
		return nil, sqlerr.Unsupported("a LATERAL aggregate joined on a condition")
	}
	// One group at most matches each outer row, so a plain outer join is enough.
	j.Kind = plan.LeftOuter
	var items []plan.Item
	for _, c := range a.Left.Columns() {
		items = append(items, plan.Item{Column: c, Expr: c.Ref()})
	}
	for _, c := range a.Right.Columns() {
		c.Nullable = true
		items = append(items, plan.Item{Column: c, Expr: p.items[c.ID]})
	}
	return &plan.Project{Input: &j, Items: items}, nil
}
