package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// operator resolves a symbol for operand types; left is nil for a prefix operator.
func operator(symbol string, actual []*types.Type, pos int) (candidate, error) {
	c, err := findOperator(symbol, actual, pos)
	if err == nil && len(actual) == 2 {
		err = comparableRows(symbol, actual, pos)
	}
	return c, err
}

func findOperator(symbol string, actual []*types.Type, pos int) (candidate, error) {
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
			ok = ok && t.Kind != types.Unknown && (types.Same(t, c.args[i]) || t.Kind == types.Record && c.args[i] == types.RecordT)
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
	if e, err := b.documentField(symbol, args, pos); e != nil || err != nil {
		return e, err
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
		return c.rowSubquery(symbol, n, pos)
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
