package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// push evaluates n for every value of the domain: the result has n's columns and those of the domain, which are given
// parallel to m.outer. ordered says that the order of n's rows matters within a value.
func (m *domain) push(n plan.Node, ordered bool) (plan.Node, []plan.Column, error) {
	if !m.depends(n) {
		out, cols := m.cross(n, nil)
		return out, cols, nil
	}
	switch n := n.(type) {
	case *plan.Filter:
		return m.pushFilter(n, ordered)
	case *plan.Project:
		return m.pushProject(n, ordered)
	case *plan.ProjectSet:
		return m.pushProjectSet(n, ordered)
	case *plan.Join:
		return m.pushJoin(n)
	case *plan.Apply:
		return m.pushApply(n)
	case *plan.Aggregate:
		return m.pushAggregate(n)
	case *plan.Window:
		return m.pushWindow(n)
	case *plan.Sort:
		return m.pushSort(n, ordered)
	case *plan.Limit:
		return m.pushLimit(n, ordered)
	case *plan.SetOp:
		return m.pushSetOp(n)
	case *plan.Values:
		return m.pushValues(n)
	case *plan.Shared:
		return m.pushShared(n)
	case *plan.Recursive:
		return m.pushRecursive(n)
	case *plan.WorkTable:
		return m.pushWorkTable(n)
	}
	return nil, nil, sqlerr.Unsupported("a correlated subquery over " + plan.Describe(n))
}

// cross pairs the domain with a relation that does not depend on it, on conditions that do.
func (m *domain) cross(n plan.Node, on []expr.Expr) (plan.Node, []plan.Column) {
	place, cols := m.place()
	conds := make([]expr.Expr, len(on))
	for i, e := range on {
		conds[i] = m.bind(cols)(e)
	}
	if v, ok := n.(*plan.Values); ok && len(v.Cols) == 0 && len(v.Rows) == 1 {
		return filtered(place, conds), cols
	}
	return &plan.Join{Kind: plan.Inner, Left: place, Right: n, On: conds}, cols
}

func (m *domain) pushFilter(n *plan.Filter, ordered bool) (plan.Node, []plan.Column, error) {
	if !m.depends(n.Input) {
		out, cols := m.cross(n.Input, flatten(n.Conds))
		return out, cols, nil
	}
	in, cols, err := m.push(n.Input, ordered)
	if err != nil {
		return nil, nil, err
	}
	conds := make([]expr.Expr, len(n.Conds))
	for i, e := range n.Conds {
		conds[i] = m.bind(cols)(e)
	}
	return filtered(in, conds), cols, nil
}

func (m *domain) pushProject(n *plan.Project, ordered bool) (plan.Node, []plan.Column, error) {
	in, cols, err := m.push(n.Input, ordered)
	if err != nil {
		return nil, nil, err
	}
	p := plan.MapExprs(n, m.bind(cols)).(*plan.Project)
	return &plan.Project{Input: in, Items: append(slices.Clone(p.Items), passed(cols)...)}, cols, nil
}

func (m *domain) pushProjectSet(n *plan.ProjectSet, ordered bool) (plan.Node, []plan.Column, error) {
	in, cols, err := m.push(n.Input, ordered)
	if err != nil {
		return nil, nil, err
	}
	c := *plan.MapExprs(n, m.bind(cols)).(*plan.ProjectSet)
	c.Input, c.Keep = in, append(slices.Clone(n.Keep), cols...)
	return &c, cols, nil
}

// pushJoin evaluates the inputs that depend on the domain for it. The one that a join keeps the rows of needs the domain
// in any case, or a row would be kept only once for all values.
func (m *domain) pushJoin(n *plan.Join) (plan.Node, []plan.Column, error) {
	l, r := m.depends(n.Left), m.depends(n.Right)
	switch n.Kind {
	case plan.Inner:
		l = l || !r
	case plan.RightOuter:
		r = true
	case plan.FullOuter:
		l, r = true, true
	default:
		l = true
	}
	c := *n
	var lc, rc []plan.Column
	var err error
	if l {
		if c.Left, lc, err = m.push(n.Left, false); err != nil {
			return nil, nil, err
		}
	}
	if r {
		if c.Right, rc, err = m.push(n.Right, false); err != nil {
			return nil, nil, err
		}
	}
	cols := lc
	if cols == nil || n.Kind == plan.RightOuter {
		cols = rc
	}
	c.On = make([]expr.Expr, len(n.On))
	for i, e := range n.On {
		c.On[i] = m.bind(cols)(e)
	}
	if l && r {
		c.On = append(flattenBehind(&c), m.equal(lc, rc)...)
	}
	if n.Kind != plan.FullOuter {
		return &c, cols, nil
	}
	out, cols := m.eitherSide(&c, lc, rc)
	return out, cols, nil
}

// eitherSide takes the domain of a full join's row from the side that it has.
func (m *domain) eitherSide(j *plan.Join, lc, rc []plan.Column) (plan.Node, []plan.Column) {
	drop := columnSet{}
	for i := range lc {
		drop[lc[i].ID], drop[rc[i].ID] = true, true
	}
	p := &plan.Project{Input: j}
	for _, c := range j.Columns() {
		if !drop[c.ID] {
			p.Items = append(p.Items, plan.Item{Column: c, Expr: c.Ref()})
		}
	}
	cols := make([]plan.Column, len(lc))
	for i, c := range lc {
		cols[i] = m.d.o.newColumn(c.Name, c.Type, c.Nullable)
		e := &expr.Coalesce{Args: []expr.Expr{c.Ref(), rc[i].Ref()}, Typ: c.Type}
		p.Items = append(p.Items, plan.Item{Column: cols[i], Expr: e})
	}
	return p, cols
}

// pushApply gives the left input the domain's columns, so that the right one depends on that alone.
func (m *domain) pushApply(n *plan.Apply) (plan.Node, []plan.Column, error) {
	left, cols, err := m.push(n.Left, false)
	if err != nil {
		return nil, nil, err
	}
	bind := m.bind(cols)
	c := *plan.MapExprs(n, bind).(*plan.Apply)
	c.Left, c.Right = left, m.d.replaced(n.Right, bind, m.dependentWork(cols))
	return &c, cols, nil
}

func (m *domain) pushWindow(n *plan.Window) (plan.Node, []plan.Column, error) {
	if m.reads.touches(n.Frame.Start.Offset) || m.reads.touches(n.Frame.End.Offset) {
		return nil, nil, sqlerr.Unsupported("a window frame whose offset is of an outer query")
	}
	in, cols, err := m.push(n.Input, true)
	if err != nil {
		return nil, nil, err
	}
	w := *plan.MapExprs(n, m.bind(cols)).(*plan.Window)
	w.Input = in
	w.Partition = append(slices.Clone(w.Partition), refsOf(m.keys(cols))...)
	return &w, cols, nil
}

func refsOf(cols []plan.Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = c.Ref()
	}
	return out
}

func (m *domain) pushSort(n *plan.Sort, ordered bool) (plan.Node, []plan.Column, error) {
	in, cols, err := m.push(n.Input, false)
	if err != nil || !ordered {
		return in, cols, err
	}
	s := *plan.MapExprs(n, m.bind(cols)).(*plan.Sort)
	s.Input = in
	return &s, cols, nil
}

// pushLimit passes the first rows of each value.
func (m *domain) pushLimit(n *plan.Limit, ordered bool) (plan.Node, []plan.Column, error) {
	input, keys := limitOrder(n)
	in, cols, err := m.push(input, len(keys) == 0)
	if err != nil {
		return nil, nil, err
	}
	l := *plan.MapExprs(n, m.bind(cols)).(*plan.Limit)
	keys = slices.Clone(keys)
	for i := range keys {
		keys[i].Expr = m.bind(cols)(keys[i].Expr)
	}
	out := m.d.firstRows(in, refsOf(m.keys(cols)), keys, &l)
	if ordered && len(keys) > 0 {
		out = &plan.Sort{Input: out, Keys: keys}
	}
	return out, cols, nil
}

// pushSetOp compares rows together with the value that they are of.
func (m *domain) pushSetOp(n *plan.SetOp) (plan.Node, []plan.Column, error) {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	for i, in := range n.Inputs {
		var err error
		if c.Inputs[i], err = m.withKeys(in); err != nil {
			return nil, nil, err
		}
	}
	key := make([]plan.Column, len(m.key))
	for i, k := range m.key {
		key[i] = m.d.o.newColumn(m.outer[k].Name, m.outer[k].Type, m.outer[k].Nullable)
	}
	c.Cols = append(slices.Clone(n.Cols), key...)
	out, cols := m.complete(&c, key)
	return out, cols, nil
}
