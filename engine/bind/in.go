package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// in binds x IN (list): values become one list of a common type, expressions over columns are compared one by one
// (transformAExprIn).
func (c *clause) in(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	negate := n.Name[0].GetString_().GetSval() == "<>"
	if n.Lexpr.GetRowExpr() != nil {
		return c.inRows(n, negate, pos)
	}
	arg, err := c.expr(n.Lexpr)
	if err != nil {
		return nil, err
	}
	if err := c.b.repeatable(pos, arg); err != nil {
		return nil, err
	}
	var values, others []expr.Expr
	for _, item := range n.Rexpr.GetList().GetItems() {
		e, err := c.expr(item)
		if err != nil {
			return nil, err
		}
		if hasColumn(e) {
			others = append(others, e)
		} else {
			values = append(values, e)
		}
	}
	symbol, op := "=", expr.Or
	if negate {
		symbol, op = "<>", expr.And
	}
	var parts []expr.Expr
	if len(values) > 1 {
		e, err := c.b.inValues(arg, values, negate, pos)
		if err != nil {
			return nil, err
		}
		if e != nil {
			parts, values = append(parts, e), nil
		}
	}
	for _, v := range append(values, others...) {
		e, err := c.b.operate(symbol, []expr.Expr{arg, v}, pos)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
	}
	return logic(op, parts), nil
}

// inValues is membership in a list of values; nil when they have no common type and are compared one by one.
func (b *binder) inValues(arg expr.Expr, values []expr.Expr, negate bool, pos int) (expr.Expr, error) {
	t, err := common(append([]expr.Expr{arg}, values...), "", nil)
	if t == nil || err != nil || isRow(t) {
		return nil, err
	}
	cand, err := operator("=", []*types.Type{t, t}, pos)
	if err != nil {
		return nil, err
	}
	want := cand.args[0]
	if want.IsPseudo() {
		want = t
	}
	all := make([]expr.Expr, 0, len(values)+1)
	for _, v := range append([]expr.Expr{arg}, values...) {
		if !canCoerce(v.Type(), want, expr.ImplicitCast) {
			return nil, nil
		}
		e, err := b.coerce(v, want, expr.ImplicitCast)
		if err != nil {
			return nil, b.at(err, pos)
		}
		all = append(all, e)
	}
	if want.Kind == types.Numeric {
		want = comparable(typesOf(all))
	}
	want = mostDims(want, all)
	oneStorage(all, want)
	return &expr.In{Arg: all[0], List: all[1:], Negate: negate}, nil
}

func (c *clause) inRows(n *parse.AExpr, negate bool, pos int) (expr.Expr, error) {
	l, err := c.rowElems(n.Lexpr)
	if err != nil {
		return nil, err
	}
	symbol, op := "=", expr.Or
	if negate {
		symbol, op = "<>", expr.And
	}
	var out []expr.Expr
	if err := c.b.repeatable(pos, l...); err != nil {
		return nil, err
	}
	for _, item := range n.Rexpr.GetList().GetItems() {
		if item.GetAConst().GetIsnull() {
			out = append(out, &expr.Const{Typ: types.BoolT})
			continue
		}
		if item.GetRowExpr() == nil {
			return nil, sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: record %s %s", symbol, "value").At(pos)
		}
		r, err := c.rowElems(item)
		if err != nil {
			return nil, err
		}
		e, err := c.b.compareRows(symbol, l, r, pos)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return logic(op, out), nil
}

func hasColumn(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		_, ok := e.(*expr.Column)
		found = found || ok
		return !found
	})
	return found
}
