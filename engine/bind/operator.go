package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// operator resolves a symbol for operand types; left is nil for a prefix operator.
func operator(symbol string, actual []*types.Type, pos int) (candidate, error) {
	var cands []candidate
	for _, f := range expr.Operators(symbol) {
		if len(f.Args) == len(actual) && !arrayAsText(f, actual) {
			cands = append(cands, candidate{fn: f, args: f.Args})
		}
	}
	if c, ok := exactOperator(cands, actual); ok {
		return c, nil
	}
	if lacksExact(symbol, likeOperands(actual)) {
		return candidate{}, sqlerr.Unsupported("the operator " + signature(symbol, actual)).At(pos)
	}
	fit := matching(cands, actual)
	switch len(fit) {
	case 0:
		if err := unsupportedOperator(symbol, actual); err != nil {
			return candidate{}, err.At(pos)
		}
		return candidate{}, noOperator(symbol, actual, pos)
	case 1:
		return fit[0], nil
	}
	if c, ok := selectCandidate(fit, actual); ok {
		return c, nil
	}
	if err := unsupportedOperator(symbol, actual); err != nil && polymorphic(fit) {
		return candidate{}, err.At(pos)
	}
	return candidate{}, sqlerr.New(sqlerr.AmbiguousFunction, "operator is not unique: %s", signature(symbol, actual)).
		WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.").At(pos)
}

// polymorphic says whether any candidate takes more than one type.
func polymorphic(cands []candidate) bool {
	for _, c := range cands {
		for _, p := range c.args {
			if p.IsPseudo() {
				return true
			}
		}
	}
	return false
}

// arrayAsText says whether a concatenation would take an array for anynonarray: PostgreSQL appends to it instead.
func arrayAsText(f *expr.Function, actual []*types.Type) bool {
	for i, p := range f.Args {
		if (p.Kind == types.Any || p.Kind == types.AnyElement) && f.Name == "||" && actual[i].Kind == types.Array &&
			f.Args[1-i].Kind == types.Text {
			return true
		}
	}
	return false
}

// exactOperator finds the operator of exactly these types, an unknown operand taken for the other's type.
func exactOperator(cands []candidate, actual []*types.Type) (candidate, bool) {
	want := likeOperands(actual)
	for _, c := range cands {
		ok := true
		for i, t := range want {
			ok = ok && t.Kind != types.Unknown && types.Same(t, c.args[i])
		}
		if ok {
			return c, true
		}
	}
	return candidate{}, false
}

// likeOperands takes an unknown operand for the other's type.
func likeOperands(actual []*types.Type) []*types.Type {
	if len(actual) != 2 {
		return actual
	}
	l, r := actual[0], actual[1]
	switch {
	case l.Kind == types.Unknown && r.Kind != types.Unknown:
		return []*types.Type{r, r}
	case r.Kind == types.Unknown && l.Kind != types.Unknown:
		return []*types.Type{l, l}
	}
	return actual
}

func signature(symbol string, actual []*types.Type) string {
	if len(actual) == 1 {
		return symbol + " " + bare(actual[0])
	}
	return bare(actual[0]) + " " + symbol + " " + bare(actual[1])
}

func noOperator(symbol string, actual []*types.Type, pos int) error {
	e := sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s", signature(symbol, actual)).At(pos)
	if len(actual) == 1 {
		return e.WithHint("No operator matches the given name and argument type. You might need to add an explicit type cast.")
	}
	return e.WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}

// operate applies an operator to bound operands.
func (b *binder) operate(symbol string, args []expr.Expr, pos int) (expr.Expr, error) {
	if symbol == "!=" {
		symbol = "<>"
	}
	actual := typesOf(args)
	c, err := operator(symbol, actual, pos)
	if err != nil {
		return nil, err
	}
	out, t, err := b.apply(c, args)
	if err != nil {
		return nil, b.at(err, pos)
	}
	return &expr.Call{Fn: c.fn, Args: out, Typ: t}, nil
}

func typesOf(es []expr.Expr) []*types.Type {
	out := make([]*types.Type, len(es))
	for i, e := range es {
		out[i] = e.Type()
	}
	return out
}

// aExpr binds everything that the grammar writes as an operator.
func (c *clause) aExpr(n *parse.AExpr) (expr.Expr, error) {
	switch n.Kind {
	case parse.AexprOp, parse.AexprLike, parse.AexprIlike, parse.AexprSimilar:
		return c.plainOperator(n)
	case parse.AexprOpAny, parse.AexprOpAll:
		return c.quantified(n)
	case parse.AexprDistinct, parse.AexprNotDistinct:
		return c.distinct(n)
	case parse.AexprNullif:
		return c.nullIf(n)
	case parse.AexprIn:
		return c.in(n)
	case parse.AexprBetween, parse.AexprNotBetween, parse.AexprBetweenSym, parse.AexprNotBetweenSym:
		return c.between(n)
	}
	return nil, sqlerr.Unsupported("this operator").At(c.b.pos(n.Location))
}

// symbolOf is an operator's symbol; a schema other than pg_catalog has none.
func (c *clause) symbolOf(name []*parse.Node, pos int) (string, error) {
	parts := parse.Names(name)
	symbol := parts[len(parts)-1]
	if len(parts) > 1 && parts[0] != "pg_catalog" {
		return "", sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s.%s", parts[0], symbol).At(pos)
	}
	return symbol, nil
}

func (c *clause) plainOperator(n *parse.AExpr) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	symbol, err := c.symbolOf(n.Name, pos)
	if err != nil {
		return nil, err
	}
	if n.Lexpr.GetRowExpr() != nil && n.Rexpr.GetSubLink() != nil &&
		n.Rexpr.GetSubLink().SubLinkType == parse.ExprSublink {
		return nil, sqlerr.Unsupported("comparing a row with a subquery's row").At(pos)
	}
	if n.Lexpr.GetRowExpr() != nil && n.Rexpr.GetRowExpr() != nil {
		return c.rowCompare(symbol, n, pos)
	}
	var args []expr.Expr
	for _, side := range []*parse.Node{n.Lexpr, n.Rexpr} {
		if side == nil {
			continue
		}
		e, err := c.expr(side)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	return c.b.operate(symbol, args, pos)
}

func (c *clause) rowElems(n *parse.Node) ([]expr.Expr, error) {
	var out []expr.Expr
	for _, a := range n.GetRowExpr().GetArgs() {
		e, err := c.expr(a)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
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
	if right.IsPseudo() {
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
	return &expr.Quantified{Arg: arg, Op: cand.fn, Array: array, All: all}, nil
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
		return c.nullTest(e, !negate)
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
	return logic(op, []expr.Expr{l, h}), nil
}

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
