package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// rangeFunction is a set-returning function, or a scalar one that gives one row.
func (l *level) rangeFunction(n *parse.RangeFunction) (*item, error) {
	if len(n.Functions) != 1 || n.IsRowsfrom {
		return nil, sqlerr.Unsupported("ROWS FROM")
	}
	if len(n.Coldeflist) > 0 {
		return nil, sqlerr.Unsupported("a column definition list")
	}
	fn := n.Functions[0].GetList().GetItems()[0]
	call := fn.GetFuncCall()
	name, pos := columnName(fn), l.b.posOf(fn)
	var it *item
	q, err := l.nested(true, func(parent *level) (*result, error) {
		if call != nil && call.Over == nil {
			if r, err := l.b.tableFunction(call, parent, n.Ordinality, pos); r != nil || err != nil {
				return r, err
			}
		}
		return l.b.scalarInFrom(fn, parent, n.Ordinality, name, pos)
	})
	if err != nil {
		return nil, err
	}
	alias := n.Alias
	if alias != nil && len(q.cols) > 0 && !isRow(q.cols[0].Type) && len(alias.Colnames) == 0 {
		q.cols[0].Name = alias.Aliasname // a function of one column is named by its alias
	}
	if it, err = l.aliased(q.node, q.cols, name, nil, alias, pos); err != nil {
		return nil, err
	}
	it.lateral = true
	it.ns[0].scalar = len(q.cols) == 1
	return it, nil
}

// tableFunction binds a call of a set-returning function; nil when the name is none.
func (b *binder) tableFunction(n *parse.FuncCall, parent *level, ordinality bool, pos int) (*result, error) {
	name := lastString(n.Funcname)
	if !returnsSet(name) {
		return nil, nil
	}
	var subs []pending
	c := &clause{b: b, lv: newLevel(b, parent), name: "functions in FROM", subqueries: &subs}
	args, err := c.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	if len(subs) > 0 {
		return nil, sqlerr.Unsupported("a subquery in the arguments of a function in FROM").At(pos)
	}
	cand, err := b.function(name, typesOf(args), pos, expr.SetReturning)
	if err != nil {
		return nil, err
	}
	out, t, err := b.apply(cand, args)
	if err != nil {
		return nil, b.at(err, pos)
	}
	if t.Kind == types.Numeric {
		t = types.NumericT
	}
	for _, a := range out {
		if hasColumn(a) {
			return nil, sqlerr.Unsupported("a function in FROM over columns of other tables").At(pos)
		}
	}
	for i, a := range out {
		if a.Type().Kind == types.Numeric { // the steps of a series keep no fixed scale
			out[i] = plainNumeric(a)
		}
	}
	tf := &plan.TableFunction{Fn: cand.fn, Args: out, Ordinality: ordinality}
	if isRow(t) {
		for _, f := range t.Fields {
			tf.Cols = append(tf.Cols, b.newColumn(f.Name, f.Type, true))
		}
	} else {
		tf.Cols = append(tf.Cols, b.newColumn(name, t, true))
	}
	if ordinality {
		tf.Cols = append(tf.Cols, b.newColumn("ordinality", types.Int8T, false))
	}
	return &result{node: tf, cols: append([]plan.Column(nil), tf.Cols...)}, nil
}

func plainNumeric(e expr.Expr) expr.Expr {
	if types.Equal(e.Type(), types.NumericT) {
		return e
	}
	return retype(e, types.NumericT)
}

// scalarInFrom is a function that gives one row.
func (b *binder) scalarInFrom(n *parse.Node, parent *level, ordinality bool, name string, pos int) (*result, error) {
	var subs []pending
	c := &clause{b: b, lv: newLevel(b, parent), name: "functions in FROM", subqueries: &subs}
	e, err := c.settled(n)
	if err != nil {
		return nil, err
	}
	if len(subs) > 0 || ordinality {
		return nil, sqlerr.Unsupported("this use of a function in FROM").At(pos)
	}
	var items []plan.Item
	if isRow(e.Type()) {
		for i, f := range e.Type().Fields {
			items = append(items, plan.Item{Column: b.newColumn(f.Name, f.Type, true), Expr: fieldOf(e, i)})
		}
	} else {
		items = append(items, plan.Item{Column: b.newColumn(name, e.Type(), true), Expr: e})
	}
	p := &plan.Project{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Items: items}
	return &result{node: p, cols: p.Columns()}, nil
}
