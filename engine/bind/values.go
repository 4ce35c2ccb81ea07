package bind

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// values binds VALUES: columns of common types, named column1, column2, …
func (b *binder) values(sel *parse.SelectStmt, parent *level) (*result, error) {
	rows, subs, err := b.valueLists(sel, newLevel(b, parent))
	if err != nil {
		return nil, err
	}
	cols := make([]plan.Column, len(rows[0]))
	for i := range cols {
		column := make([]expr.Expr, len(rows))
		for r := range rows {
			column[r] = rows[r][i]
		}
		t, err := b.unify(column, "VALUES", func(r int) int {
			items := sel.ValuesLists[r].GetList().Items
			return b.posOf(items[min(i, len(items)-1)]) // fewer than columns where one is t.*
		})
		if err != nil {
			return nil, err
		}
		null := false
		cols[i] = b.newColumn("column"+ordinal(i+1), t, false)
		for r := range rows {
			null = null || nullable(column[r], nil)
			rows[r][i] = column[r]
		}
		cols[i].Nullable = null
	}
	node := plan.Node(&plan.Values{Cols: cols, Rows: rows})
	if slices.ContainsFunc(subs, func(of []pending) bool { return len(of) > 0 }) {
		if node, err = b.computedValues(cols, rows, subs); err != nil {
			return nil, err
		}
	}
	q := &result{node: node, cols: slices.Clone(cols)}
	return b.orderResult(sel, q, parent)
}

// valueLists binds the rows, and the subqueries of each.
func (b *binder) valueLists(sel *parse.SelectStmt, l *level) (rows [][]expr.Expr, subs [][]pending, err error) {
	for _, list := range sel.ValuesLists {
		var own []pending
		c := &clause{b: b, lv: l, name: "VALUES", subqueries: &own}
		nodes := list.GetList().GetItems()
		row, _, err := c.rowElements(nodes)
		if err != nil {
			return nil, nil, err
		}
		if len(rows) > 0 && len(row) != len(rows[0]) {
			return nil, nil, sqlerr.New(sqlerr.SyntaxError, "VALUES lists must all be the same length").At(b.posOf(firstOf(nodes)))
		}
		rows, subs = append(rows, row), append(subs, own)
	}
	return rows, subs, nil
}

// computedValues are rows with subqueries: the values of a list of numbered rows, to which each row's subqueries are
// joined. What has no column stays a value of the list.
func (b *binder) computedValues(cols []plan.Column, rows [][]expr.Expr, subs [][]pending) (plan.Node, error) {
	number := b.newColumn("row", types.Int4T, false)
	list := &plan.Values{Cols: []plan.Column{number}, Rows: make([][]expr.Expr, len(rows))}
	is := make([]expr.Expr, len(rows))
	for r := range rows {
		value := &expr.Const{Typ: types.Int4T, Value: int64(r)}
		list.Rows[r] = []expr.Expr{value}
		var err error
		if is[r], err = b.operate("=", []expr.Expr{number.Ref(), value}, 0); err != nil {
			return nil, err
		}
	}
	p := &plan.Project{}
	for i, col := range cols {
		plain := b.newColumn(col.Name, col.Type, true)
		list.Cols = append(list.Cols, plain)
		e := &expr.Case{Typ: col.Type, Else: plain.Ref()}
		for r, row := range rows {
			value := row[i]
			if hasColumn(value) {
				e.Whens = append(e.Whens, expr.When{Cond: is[r], Then: value})
				value = &expr.Const{Typ: col.Type}
			}
			list.Rows[r] = append(list.Rows[r], value)
		}
		it := plan.Item{Column: col, Expr: e}
		if len(e.Whens) == 0 {
			it.Expr = plain.Ref()
		}
		p.Items = append(p.Items, it)
	}
	p.Input = list
	for r, of := range subs {
		for _, s := range of {
			s.on = append(slices.Clone(s.on), is[r])
			p.Input = s.attach(p.Input)
		}
	}
	p.Items = append(p.Items, plan.Item{Column: number, Expr: number.Ref()})
	return &plan.Sort{Input: p, Keys: []plan.SortKey{{Expr: number.Ref()}}}, nil
}
