package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// pushValues computes what of a list of rows reads outer columns by the number of the row; the rest stays values.
func (m *domain) pushValues(n *plan.Values) (plan.Node, []plan.Column, error) {
	list := &plan.Values{Rows: make([][]expr.Expr, len(n.Rows))}
	number := m.d.o.newColumn("row", types.Int4T, false)
	if len(n.Rows) > 1 {
		list.Cols = []plan.Column{number}
		for r := range n.Rows {
			list.Rows[r] = []expr.Expr{rowNumber(r)}
		}
	}
	p := &plan.Project{Input: list}
	for i, c := range n.Cols {
		e := n.Rows[0][i]
		if len(n.Rows) > 1 {
			e = m.cells(n, i, list, number)
		}
		p.Items = append(p.Items, plan.Item{Column: c, Expr: e})
	}
	return m.push(p, true)
}

func rowNumber(r int) expr.Expr { return &expr.Const{Typ: types.Int4T, Value: int64(r)} }

// cells is a column of n by the number of the row. What does not read outer columns goes to the list.
func (m *domain) cells(n *plan.Values, i int, list *plan.Values, number plan.Column) expr.Expr {
	plain := m.d.o.newColumn(n.Cols[i].Name, n.Cols[i].Type, true)
	out := &expr.Case{Typ: n.Cols[i].Type, Else: plain.Ref()}
	for r, row := range n.Rows {
		value := row[i]
		if m.reads.touches(value) {
			out.Whens = append(out.Whens, expr.When{Cond: int8Call("int4eq", number.Ref(), rowNumber(r)), Then: value})
			value = &expr.Const{Typ: n.Cols[i].Type}
		}
		list.Rows[r] = append(list.Rows[r], value)
	}
	list.Cols = append(list.Cols, plain)
	if len(out.Whens) == 0 {
		return plain.Ref()
	}
	return out
}

// pushedShared is what a shared subplan became in a domain.
type pushedShared struct {
	id    int
	input plan.Node
}

// pushShared evaluates a shared subplan for the domain once for all places of the subquery that read it.
func (m *domain) pushShared(n *plan.Shared) (plan.Node, []plan.Column, error) {
	p := m.pushed[n.ID]
	if p == nil {
		in, cols, err := m.push(n.Input, true)
		if err != nil {
			return nil, nil, err
		}
		p = &pushedShared{id: m.d.shared(), input: keepOrder(append(slices.Clone(n.Input.Columns()), cols...), in)}
		m.pushed[n.ID] = p
	}
	s := &plan.Shared{ID: p.id, Name: n.Name, Input: p.input, Cols: slices.Clone(n.Cols)}
	cols := make([]plan.Column, len(m.outer))
	for i, c := range m.outer {
		cols[i] = m.d.o.newColumn(c.Name, c.Type, c.Nullable)
	}
	s.Cols = append(s.Cols, cols...)
	return s, cols, nil
}
