package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// wholeRow is a relation's row as a value: NULL, not a row of NULLs, where an outer join has none.
func (c *clause) wholeRow(v *visible, pos int) expr.Expr {
	if v.scalar && len(v.cols) > 0 {
		return c.located(v.cols[0].e, pos)
	}
	fields := make([]types.Field, len(v.cols))
	elems := make([]expr.Expr, len(v.cols))
	for i, col := range v.cols {
		elems[i] = c.located(col.e, pos)
		fields[i] = types.Field{Name: col.name, Type: col.e.Type()}
		if v.fields != nil {
			fields[i].Name = v.fields[i]
		}
	}
	row := &expr.RowOf{Elems: elems, Typ: types.RecordOf(fields)}
	if v.present == nil {
		return row
	}
	return &expr.Case{Whens: []expr.When{{Cond: c.located(v.present, pos), Then: row}}, Else: &expr.Const{Typ: row.Typ}, Typ: row.Typ}
}

// withRowType keeps the names of a table's columns for its whole row.
func withRowType(it *item, cols []plan.Column) *item {
	if it == nil {
		return nil
	}
	v := it.ns[0]
	for _, c := range cols {
		v.fields = append(v.fields, c.Name)
	}
	return it
}

// starRow is t.* where a value is wanted: the whole row.
func (c *clause) starRow(n *parse.ColumnRef) (expr.Expr, error) {
	v, err := c.starRelation(n)
	if err != nil {
		return nil, err
	}
	return c.wholeRow(v, c.b.pos(n.Location)), nil
}

// starRelation is the relation of t.*.
func (c *clause) starRelation(n *parse.ColumnRef) (*visible, error) {
	pos := c.b.pos(n.Location)
	parts := parse.Names(n.Fields[:len(n.Fields)-1])
	if len(parts) == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "row expansion via \"*\" is not supported here").At(pos)
	}
	v, err := c.lv.relation(parts, pos)
	if err == nil && v == nil {
		err = c.missingRelation(parts, pos)
	}
	return v, err
}

// rowElements binds the elements of ROW(…), in which t.* stands for its columns, and gives each with its node.
func (c *clause) rowElements(list []*parse.Node) (out []expr.Expr, nodes []*parse.Node, err error) {
	for _, n := range list {
		ref := n.GetColumnRef()
		if ref == nil || ref.Fields[len(ref.Fields)-1].GetAStar() == nil {
			e, err := c.expr(n)
			if err != nil {
				return nil, nil, err
			}
			out, nodes = append(out, e), append(nodes, n)
			continue
		}
		v, err := c.starRelation(ref)
		if err != nil {
			return nil, nil, err
		}
		for _, col := range v.cols {
			out, nodes = append(out, c.located(col.e, c.b.posOf(n))), append(nodes, n)
		}
	}
	return out, nodes, nil
}

// mayBeMissing prepares a side of an outer join that can have no row: relations that the query names as a whole get a
// column that is true where they have one.
func (l *level) mayBeMissing(it *item) {
	if l.sel == nil {
		return
	}
	if l.whole == nil {
		l.whole = wholeNames(l.sel)
	}
	p := &plan.Project{Input: it.node}
	for _, v := range it.ns {
		if v.present != nil || !l.whole[v.name] {
			continue
		}
		col := l.b.newColumn("present", types.BoolT, false)
		p.Items = append(p.Items, plan.Item{Column: col, Expr: &expr.Const{Typ: types.BoolT, Value: true}})
		v.present = col.Ref()
	}
	if len(p.Items) == 0 {
		return
	}
	for _, c := range it.node.Columns() {
		p.Items = append(p.Items, plan.Item{Column: c, Expr: c.Ref()})
	}
	it.node = p
}

// wholeNames are the names that a query uses alone or with a star behind them.
func wholeNames(sel *parse.SelectStmt) map[string]bool {
	out := map[string]bool{}
	parse.Visit(&parse.Node{Node: &parse.NodeSelectStmt{SelectStmt: sel}}, func(node any) bool {
		if ref, ok := node.(*parse.ColumnRef); ok {
			names := parse.Names(ref.Fields[:1])
			if n := len(ref.Fields); n > 1 && ref.Fields[n-1].GetAStar() != nil {
				names = parse.Names(ref.Fields[n-2 : n-1])
			} else if n > 1 {
				return true
			}
			if len(names) == 1 {
				out[names[0]] = true
			}
		}
		return true
	})
	return out
}
