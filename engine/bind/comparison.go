package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func (c *clause) rowElems(n *parse.Node) ([]expr.Expr, error) {
	out, _, err := c.rowElements(n.GetRowExpr().GetArgs())
	return out, err
}

func (c *clause) rowCompare(symbol string, n *parse.AExpr, pos int) (expr.Expr, error) {
	l, err := c.rowElems(n.Lexpr)
	if err != nil {
		return nil, err
	}
	r, err := c.rowElems(n.Rexpr)
	if err != nil {
		return nil, err
	}
	return c.b.compareRows(symbol, l, r, pos)
}

// compareRows expands a comparison of rows: = and <> pair by pair, the others from the first pair that differs, NULL
// where a pair before that is unknown (ExecEvalRowCompare).
func (b *binder) compareRows(symbol string, l, r []expr.Expr, pos int) (expr.Expr, error) {
	if len(l) != len(r) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "unequal number of entries in row expressions").At(pos)
	}
	if len(l) == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot compare rows of zero length").At(pos)
	}
	switch symbol {
	case "=", "<>", "!=":
		op := expr.And
		if symbol != "=" {
			op = expr.Or
		}
		return b.pairs(op, symbol, l, r, pos)
	case "<", "<=", ">", ">=":
		return b.orderRows(symbol, l, r, pos)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported,
		"could not determine interpretation of row comparison operator %s", symbol).
		WithHint("Row comparison operators must be associated with btree operator families.").At(pos)
}

func (b *binder) pairs(op expr.LogicOp, symbol string, l, r []expr.Expr, pos int) (expr.Expr, error) {
	var out []expr.Expr
	for i := range l {
		e, err := b.operate(symbol, []expr.Expr{l[i], r[i]}, pos)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return logic(op, out), nil
}

func (b *binder) orderRows(symbol string, l, r []expr.Expr, pos int) (expr.Expr, error) {
	if err := b.repeatable(pos, append(l[:len(l):len(l)], r...)...); err != nil {
		return nil, err
	}
	last, err := b.operate(symbol, []expr.Expr{l[len(l)-1], r[len(l)-1]}, pos)
	if err != nil {
		return nil, err
	}
	strict := symbol[:1]
	for i := len(l) - 2; i >= 0; i-- {
		eq, err := b.operate("=", []expr.Expr{l[i], r[i]}, pos)
		if err != nil {
			return nil, err
		}
		cmp, err := b.operate(strict, []expr.Expr{l[i], r[i]}, pos)
		if err != nil {
			return nil, err
		}
		last = &expr.Case{Whens: []expr.When{{Cond: eq, Then: last}}, Else: cmp, Typ: types.BoolT}
	}
	return last, nil
}

// logic connects expressions, one of them alone as it is.
func logic(op expr.LogicOp, es []expr.Expr) expr.Expr {
	if len(es) == 1 {
		return es[0]
	}
	return &expr.Logic{Op: op, Args: es}
}

// quantified binds x op ANY (array) and x op ALL (array).
func (c *clause) quantified(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	symbol, err := c.symbolOf(n.Name, pos)
	if err != nil {
		return nil, err
	}
	arg, err := c.expr(n.Lexpr)
	if err != nil {
		return nil, err
	}
	array, err := c.expr(n.Rexpr)
	if err != nil {
		return nil, err
	}
	return c.b.overArray(symbol, arg, array, n.Kind == parse.AexprOpAll, pos)
}

// overArray resolves the operator between a value and an array's elements (make_scalar_array_op).
func (b *binder) overArray(symbol string, arg, array expr.Expr, all bool, pos int) (expr.Expr, error) {
	if symbol == "!=" {
		symbol = "<>"
	}
	elem := types.UnknownT
	if t := array.Type(); t.Kind == types.Array {
		elem = t.Elem.WithMod(-1)
	} else if t.Kind != types.Unknown {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "op ANY/ALL (array) requires array on right side").At(pos)
	}
	cand, err := operator(symbol, []*types.Type{arg.Type(), elem}, pos)
	if err != nil {
		return nil, err
	}
	if cand.fn.Result == nil || cand.fn.Result.Kind != types.Bool {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean").At(pos)
	}
	left, right := cand.args[0], cand.args[1]
	if right.IsPseudo() || right == types.RecordT {
		left, right = elem, elem
		if elem.Kind == types.Unknown {
			left, right = arg.Type(), arg.Type()
		}
	}
	if arg, err = b.coerce(arg, left, expr.ImplicitCast); err != nil {
		return nil, b.at(err, pos)
	}
	if !types.Same(elem, right) {
		if array, err = b.coerce(array, types.ArrayOf(right), expr.ImplicitCast); err != nil {
			return nil, b.at(err, pos)
		}
	}
	return &expr.Quantified{Arg: arg, Op: cand.fn, Array: elementsOf(array), All: all}, nil
}

func (c *clause) distinct(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	negate := n.Kind == parse.AexprNotDistinct
	if isNullConst(n.Rexpr) || isNullConst(n.Lexpr) {
		side := n.Lexpr
		if !isNullConst(n.Rexpr) {
			side = n.Rexpr
		}
		e, err := c.expr(side)
		if err != nil {
			return nil, err
		}
		return nullValue(e, !negate), nil
	}
	if n.Lexpr.GetRowExpr() != nil && n.Rexpr.GetRowExpr() != nil {
		return c.distinctRows(n, negate, pos)
	}
	l, err := c.expr(n.Lexpr)
	if err != nil {
		return nil, err
	}
	r, err := c.expr(n.Rexpr)
	if err != nil {
		return nil, err
	}
	return c.b.isDistinct(l, r, negate, pos)
}

func (c *clause) distinctRows(n *parse.AExpr, negate bool, pos int) (expr.Expr, error) {
	l, err := c.rowElems(n.Lexpr)
	if err != nil {
		return nil, err
	}
	r, err := c.rowElems(n.Rexpr)
	if err != nil {
		return nil, err
	}
	if len(l) != len(r) || len(l) == 0 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "unequal number of entries in row expressions").At(pos)
	}
	var out []expr.Expr
	for i := range l {
		e, err := c.b.isDistinct(l[i], r[i], negate, pos)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if negate {
		return logic(expr.And, out), nil
	}
	return logic(expr.Or, out), nil
}

// isDistinct compares by the operator = of both sides, which must end up of one type.
func (b *binder) isDistinct(l, r expr.Expr, negate bool, pos int) (expr.Expr, error) {
	cand, err := operator("=", []*types.Type{l.Type(), r.Type()}, pos)
	if err != nil {
		return nil, err
	}
	es, _, err := b.apply(cand, []expr.Expr{l, r})
	if err != nil {
		return nil, b.at(err, pos)
	}
	if _, err := b.unify(es, "IS DISTINCT FROM", func(int) int { return pos }); err != nil {
		return nil, err
	}
	return &expr.IsDistinct{Left: es[0], Right: es[1], Negate: negate}, nil
}

func isNullConst(n *parse.Node) bool { return n.GetAConst() != nil && n.GetAConst().Isnull }

func (c *clause) nullIf(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	l, err := c.expr(n.Lexpr)
	if err != nil {
		return nil, err
	}
	r, err := c.expr(n.Rexpr)
	if err != nil {
		return nil, err
	}
	eq, err := c.b.operate("=", []expr.Expr{l, r}, pos)
	if err != nil {
		return nil, err
	}
	if err := c.b.repeatable(pos, l); err != nil {
		return nil, err
	}
	first := eq.(*expr.Call).Args[0]
	if types.Same(l.Type(), first.Type()) {
		first = l
	}
	null := &expr.Const{Typ: first.Type()}
	return &expr.Case{Whens: []expr.When{{Cond: eq, Then: null}}, Else: first, Typ: first.Type()}, nil
}

func (c *clause) between(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	arg, err := c.expr(n.Lexpr)
	if err != nil {
		return nil, err
	}
	var ends []expr.Expr
	for _, e := range n.Rexpr.GetList().GetItems() {
		end, err := c.expr(e)
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	negate := n.Kind == parse.AexprNotBetween || n.Kind == parse.AexprNotBetweenSym
	one, err := c.b.inside(arg, ends[0], ends[1], negate, pos)
	if err != nil || n.Kind == parse.AexprBetween || n.Kind == parse.AexprNotBetween {
		return one, err
	}
	two, err := c.b.inside(arg, ends[1], ends[0], negate, pos)
	if err != nil {
		return nil, err
	}
	if negate {
		return logic(expr.And, []expr.Expr{one, two}), nil
	}
	return logic(expr.Or, []expr.Expr{one, two}), nil
}

func (b *binder) inside(arg, low, high expr.Expr, negate bool, pos int) (expr.Expr, error) {
	if err := b.repeatable(pos, arg, low, high); err != nil {
		return nil, err
	}
	first, second, op := ">=", "<=", expr.And
	if negate {
		first, second, op = "<", ">", expr.Or
	}
	l, err := b.operate(first, []expr.Expr{arg, low}, pos)
	if err != nil {
		return nil, err
	}
	h, err := b.operate(second, []expr.Expr{arg, high}, pos)
	if err != nil {
		return nil, err
	}
	if b.returnsSet(l) || b.returnsSet(h) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must not return a set", map[expr.LogicOp]string{expr.And: "AND", expr.Or: "OR"}[op]).At(pos)
	}
	return logic(op, []expr.Expr{l, h}), nil
}
