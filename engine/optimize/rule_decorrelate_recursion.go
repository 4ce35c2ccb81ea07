package optimize

import (
	"maps"
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// A correlated recursive query is one recursion over the rows of all values of the domain: every row carries the key of
// its value. In its step the domain is that of the values that the last round added rows for, since a recursion of one
// value alone would not run its step again once a round added none.

// depends says whether n gives other rows for other values of the domain: it reads outer columns, or the last round of a
// recursion that was pushed.
func (m *domain) depends(n plan.Node) bool { return refers(n, m.reads) || m.recurs(n) }

func (m *domain) recurs(n plan.Node) bool {
	if len(m.work) == 0 {
		return false
	}
	for id := range plan.WorkTables(n) {
		if m.work[id] != nil {
			return true
		}
	}
	return false
}

func (m *domain) pushRecursive(n *plan.Recursive) (plan.Node, []plan.Column, error) {
	r := &plan.Recursive{ID: m.d.shared(), Name: n.Name, All: n.All}
	var err error
	if r.Start, err = m.withKeys(n.Start); err != nil {
		return nil, nil, err
	}
	key := make([]plan.Column, len(m.key))
	for i, k := range m.key {
		key[i] = m.d.o.newColumn(m.outer[k].Name, m.outer[k].Type, m.outer[k].Nullable)
	}
	r.Cols = append(slices.Clone(n.Cols), key...)
	if r.Step, err = m.inStep(n, r).withKeys(n.Step); err != nil {
		return nil, nil, err
	}
	out, cols := m.complete(r, key)
	return out, cols, nil
}

// withKeys is n, evaluated for the domain, with the key of the value that a row is of behind its own columns.
func (m *domain) withKeys(n plan.Node) (plan.Node, error) {
	out, cols, err := m.push(n, false)
	if err != nil {
		return nil, err
	}
	// A column of n may be one of the domain, which then stands twice.
	items := passed(n.Columns())
	for _, k := range m.keys(cols) {
		items = append(items, plan.Item{Column: m.d.o.newColumn(k.Name, k.Type, k.Nullable), Expr: k.Ref()})
	}
	return &plan.Project{Input: out, Items: items}, nil
}

// inStep is the domain of the step of n, which becomes r.
func (m *domain) inStep(n, r *plan.Recursive) *domain {
	s := &domain{d: m.d, outer: m.outer, reads: m.reads, key: m.key, id: m.d.shared(), pushed: map[int]*pushedShared{}}
	s.work = maps.Clone(m.work)
	if s.work == nil {
		s.work = map[int]*plan.Recursive{}
	}
	s.work[n.ID] = r
	w := m.workTable(r, nil)
	agg := &plan.Aggregate{Input: w}
	own := w.Cols[len(n.Cols):]
	for _, k := range own {
		agg.Keys = append(agg.Keys, plan.Item{Column: k, Expr: k.Ref()})
	}
	all, cols := m.complete(agg, own)
	s.core = keepOrder(cols, all)
	return s
}

// workTable is one more place that reads the last round of r; its first columns are own, or new ones.
func (m *domain) workTable(r *plan.Recursive, own []plan.Column) *plan.WorkTable {
	w := &plan.WorkTable{ID: r.ID, Name: r.Name, Cols: slices.Clone(own)}
	for _, c := range r.Cols[len(own):] {
		w.Cols = append(w.Cols, m.d.o.newColumn(c.Name, c.Type, c.Nullable))
	}
	return w
}

func (m *domain) pushWorkTable(n *plan.WorkTable) (plan.Node, []plan.Column, error) {
	w := m.workTable(m.work[n.ID], n.Cols)
	out, cols := m.complete(w, w.Cols[len(n.Cols):])
	return out, cols, nil
}

// dependentWork makes what the right side of a dependent join reads of pushed recursions the rows of the value that the
// row on the left is of.
func (m *domain) dependentWork(left []plan.Column) func(*plan.WorkTable) plan.Node {
	return func(n *plan.WorkTable) plan.Node {
		r := m.work[n.ID]
		if r == nil {
			return n
		}
		w := m.workTable(r, n.Cols)
		mine := equalColumns(w.Cols[len(n.Cols):], m.keys(left))
		return &plan.Project{Input: filtered(w, mine), Items: passed(n.Cols)}
	}
}

// replaced is n with f applied to all its expressions, and work to its work tables. Shared subplans that change become
// others.
func (d *decorrelator) replaced(n plan.Node, f func(expr.Expr) expr.Expr, work func(*plan.WorkTable) plan.Node) plan.Node {
	changed := map[int]*plan.Shared{}
	var walk func(n plan.Node) plan.Node
	walk = func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.WorkTable:
			return work(n)
		case *plan.Shared:
			to := changed[n.ID]
			if to == nil {
				to = &plan.Shared{ID: n.ID, Input: walk(n.Input)}
				if to.Input != n.Input {
					to.ID = d.shared()
				}
				changed[n.ID] = to
			}
			return &plan.Shared{ID: to.ID, Name: n.Name, Input: to.Input, Cols: n.Cols}
		}
		old := n.Children()
		kids := make([]plan.Node, len(old))
		for i, c := range old {
			kids[i] = walk(c)
		}
		return plan.MapExprs(plan.WithChildren(n, kids), f)
	}
	return walk(n)
}
