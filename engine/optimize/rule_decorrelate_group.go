package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// complete adds the domain's other columns to a relation that has its key columns only.
func (m *domain) complete(n plan.Node, key []plan.Column) (plan.Node, []plan.Column) {
	if len(key) == len(m.outer) {
		return n, key
	}
	place, cols := m.place()
	return &plan.Join{Kind: plan.Inner, Left: n, Right: place, On: equalColumns(key, m.keys(cols))}, cols
}

// pushAggregate groups by the domain as well. Without keys, a value has its one row also where it has no input.
func (m *domain) pushAggregate(n *plan.Aggregate) (plan.Node, []plan.Column, error) {
	in, cols, err := m.push(n.Input, orderSensitive(n))
	if err != nil {
		return nil, nil, err
	}
	key := m.keys(cols)
	g := *plan.MapExprs(n, m.bind(cols)).(*plan.Aggregate)
	g.Input = in
	g.Keys = append(slices.Clone(g.Keys), passed(key)...)
	if n.GroupingSets != nil {
		out, cols := m.groupSets(n, &g, key)
		return out, cols, nil
	}
	if len(n.Keys) > 0 {
		out, cols := m.complete(&g, key)
		return out, cols, nil
	}
	place, all := m.place()
	p := &plan.Project{Items: passed(all)}
	g.Aggs = slices.Clone(g.Aggs)
	for i, a := range n.Aggs {
		own := m.d.o.newColumn(a.Name, a.Type, true)
		g.Aggs[i].Column = own
		read := a
		read.Column = own
		p.Items = append(p.Items, plan.Item{Column: a.Column, Expr: overNothing(read)})
	}
	p.Input = &plan.Join{Kind: plan.LeftOuter, Left: place, Right: &g, On: equalColumns(m.keys(all), key)}
	return p, all, nil
}

// groupSets adds the domain to every grouping set. The set of no keys has a row also for a value that has no input.
func (m *domain) groupSets(n, g *plan.Aggregate, key []plan.Column) (plan.Node, []plan.Column) {
	g.GroupingSets = make([][]int, len(n.GroupingSets))
	var totals []int
	for s, set := range n.GroupingSets {
		if len(set) == 0 {
			totals = append(totals, s)
		}
		g.GroupingSets[s] = slices.Clone(set)
		for i := range key {
			g.GroupingSets[s] = append(g.GroupingSets[s], len(n.Keys)+i)
		}
	}
	if len(totals) == 0 {
		return m.complete(g, key)
	}
	id := m.d.shared()
	view := func() (*plan.Shared, map[expr.ColumnID]plan.Column) {
		s, by := &plan.Shared{ID: id, Name: "groups", Input: g}, map[expr.ColumnID]plan.Column{}
		for _, c := range g.Columns() {
			by[c.ID] = m.d.o.newColumn(c.Name, c.Type, c.Nullable)
			s.Cols = append(s.Cols, by[c.ID])
		}
		return s, by
	}
	found, _ := view()
	u := &plan.SetOp{Op: plan.Union, All: true, Inputs: []plan.Node{found}}
	for _, s := range totals {
		groups, by := view()
		place, cols := m.place()
		theirs := make([]plan.Column, len(key))
		for i, k := range key {
			theirs[i] = by[k.ID]
		}
		missing := &plan.Join{Kind: plan.LeftAnti, Left: place, Right: groups, On: equalColumns(m.keys(cols), theirs)}
		u.Inputs = append(u.Inputs, m.totalRow(n, g, s, missing, m.keys(cols)))
	}
	for _, c := range g.Columns() {
		c.Nullable = true
		u.Cols = append(u.Cols, c)
	}
	return m.complete(u, key)
}

// totalRow makes the row of an empty grouping set over no input, for each row of the domain's keys.
func (m *domain) totalRow(n, g *plan.Aggregate, set int, of plan.Node, key []plan.Column) plan.Node {
	p := &plan.Project{Input: of}
	add := func(c plan.Column, e expr.Expr) {
		p.Items = append(p.Items, plan.Item{Column: m.d.o.newColumn(c.Name, c.Type, true), Expr: e})
	}
	for _, k := range n.Keys {
		add(k.Column, &expr.Const{Typ: k.Type})
	}
	for i, k := range key {
		add(g.Keys[len(n.Keys)+i].Column, k.Ref())
	}
	for _, a := range n.Aggs {
		value := expr.Expr(&expr.Const{Typ: a.Type})
		if c, ok := overNothing(a).(*expr.Coalesce); ok {
			value = c.Args[1]
		}
		add(a.Column, value)
	}
	if n.GroupingCol.Type != nil {
		add(n.GroupingCol, &expr.Const{Typ: n.GroupingCol.Type, Value: int64(set)})
	}
	return p
}
