package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// clause is a part of a SELECT in which expressions are bound.
type clause struct {
	b  *binder
	lv *level
	// name is the clause's as messages have it: "WHERE", "JOIN conditions".
	name string
	// boolean is the clause's name where its condition is not boolean, when that is another.
	boolean string
	// aggregates and windows: whether their calls are allowed here.
	aggregates, windows bool
	// sets: whether set-returning functions are.
	sets bool
	// inAggregate: inside of an aggregate's arguments.
	inAggregate bool
	// subqueries are joined to the clause's input in this order before the clause is evaluated.
	subqueries *[]pending
	// guards are the conditions under which the expression being bound is evaluated: an arm of CASE, what follows in OR.
	guards []expr.Expr
}

// conditionName names the clause where its condition is not boolean.
func (c *clause) conditionName() string {
	if c.boolean != "" {
		return c.boolean
	}
	return c.name
}

// expr binds one expression. Its type is unknown where it is a bare string, NULL or parameter.
func (c *clause) expr(n *parse.Node) (expr.Expr, error) {
	if n == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "an expression is missing")
	}
	switch v := n.Node.(type) {
	case *parse.NodeColumnRef:
		return c.columnRef(v.ColumnRef)
	case *parse.NodeAConst:
		return c.constant(v.AConst)
	case *parse.NodeParamRef:
		return c.b.param(v.ParamRef)
	case *parse.NodeAExpr:
		return c.aExpr(v.AExpr)
	case *parse.NodeBoolExpr:
		return c.boolExpr(v.BoolExpr)
	case *parse.NodeTypeCast:
		return c.typeCast(v.TypeCast)
	case *parse.NodeFuncCall:
		return c.funcCall(v.FuncCall)
	case *parse.NodeNullTest:
		return c.isNull(v.NullTest)
	case *parse.NodeBooleanTest:
		return c.isBool(v.BooleanTest)
	case *parse.NodeCaseExpr:
		return c.noSets("CASE", func() (expr.Expr, error) { return c.caseExpr(v.CaseExpr) })
	case *parse.NodeSubLink:
		return c.subLink(v.SubLink)
	}
	return c.rareExpr(n)
}

func (c *clause) rareExpr(n *parse.Node) (expr.Expr, error) {
	switch v := n.Node.(type) {
	case *parse.NodeCoalesceExpr:
		return c.noSets("COALESCE", func() (expr.Expr, error) { return c.coalesce(v.CoalesceExpr) })
	case *parse.NodeMinMaxExpr:
		return c.minMax(v.MinMaxExpr)
	case *parse.NodeSqlvalueFunction:
		return c.sqlValue(v.SqlvalueFunction)
	case *parse.NodeRowExpr:
		return c.row(v.RowExpr)
	case *parse.NodeAArrayExpr:
		return c.arrayOf(v.AArrayExpr, nil)
	case *parse.NodeAIndirection:
		return c.indirection(v.AIndirection)
	case *parse.NodeCollateClause:
		return c.collate(v.CollateClause)
	case *parse.NodeGroupingFunc:
		return c.grouping(v.GroupingFunc)
	case *parse.NodeSetToDefault:
		return nil, sqlerr.New(sqlerr.SyntaxError, "DEFAULT is not allowed in this context").At(c.b.pos(v.SetToDefault.Location))
	case *parse.NodeNamedArgExpr:
		return nil, sqlerr.Unsupported("a named argument").At(c.b.pos(v.NamedArgExpr.Location))
	}
	return nil, sqlerr.Unsupported("this kind of expression").At(c.b.posOf(n))
}

// exprs binds a list.
func (c *clause) exprs(list []*parse.Node) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, n := range list {
		var err error
		if out[i], err = c.expr(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// settled binds an expression whose unknown type becomes text.
func (c *clause) settled(n *parse.Node) (expr.Expr, error) {
	e, err := c.expr(n)
	if err != nil {
		return nil, err
	}
	e, err = c.b.settle(e)
	return e, c.b.at(err, c.b.posOf(n))
}

func (c *clause) boolExpr(n *parse.BoolExpr) (expr.Expr, error) {
	what := map[parse.BoolExprType]string{parse.AndExpr: "AND", parse.OrExpr: "OR", parse.NotExpr: "NOT"}[n.Boolop]
	args := make([]expr.Expr, len(n.Args))
	defer c.unguard(len(c.guards))
	for i, a := range n.Args {
		e, err := c.expr(a)
		if err != nil {
			return nil, err
		}
		if args[i], err = c.b.boolean(e, what, c.b.posOf(a)); err != nil {
			return nil, err
		}
		c.guard(&expr.IsBool{Arg: args[i], Value: n.Boolop == parse.OrExpr, Negate: true})
	}
	switch n.Boolop {
	case parse.NotExpr:
		return &expr.Not{Arg: args[0]}, nil
	case parse.OrExpr:
		return logic(expr.Or, args), nil
	}
	return logic(expr.And, args), nil
}

func (c *clause) isNull(n *parse.NullTest) (expr.Expr, error) {
	e, err := c.expr(n.Arg)
	if err != nil {
		return nil, err
	}
	return c.nullTest(e, n.Nulltesttype == parse.IsNotNull)
}

// nullTest is IS [NOT] NULL; of a row it asks that of every field.
func (c *clause) nullTest(e expr.Expr, negate bool) (expr.Expr, error) {
	t := e.Type()
	if r, ok := e.(*expr.RowOf); ok && len(r.Elems) == 0 { // all of no fields are NULL, and none is
		return &expr.Const{Typ: types.BoolT, Value: true}, nil
	}
	if !isRow(t) || len(t.Fields) == 0 {
		return nullValue(e, negate), nil
	}
	if err := c.b.repeatable(0, e); err != nil {
		return nil, err
	}
	parts := make([]expr.Expr, len(t.Fields))
	for i := range t.Fields {
		parts[i] = &expr.IsNull{Arg: fieldOf(e, i), Negate: negate}
	}
	return logic(expr.And, parts), nil
}

// nullValue asks whether a value as a whole is NULL: a row of NULLs is not. IS DISTINCT FROM NULL means that.
func nullValue(e expr.Expr, negate bool) expr.Expr {
	if c, ok := e.(*expr.Const); ok && c.Typ.Kind == types.Unknown {
		e = &expr.Const{Typ: types.TextT, Value: c.Value}
	}
	return &expr.IsNull{Arg: e, Negate: negate}
}

// fieldOf is a field of a row, taken from the row's own expressions where they are written out.
func fieldOf(e expr.Expr, i int) expr.Expr {
	if r, ok := e.(*expr.RowOf); ok {
		return r.Elems[i]
	}
	return &expr.Field{Arg: e, Index: i}
}

func (c *clause) isBool(n *parse.BooleanTest) (expr.Expr, error) {
	e, err := c.expr(n.Arg)
	if err != nil {
		return nil, err
	}
	what := map[parse.BoolTestType]string{
		parse.IsTrue: "IS TRUE", parse.IsNotTrue: "IS NOT TRUE", parse.IsFalse: "IS FALSE",
		parse.IsNotFalse: "IS NOT FALSE", parse.IsUnknown: "IS UNKNOWN", parse.IsNotUnknown: "IS NOT UNKNOWN",
	}[n.Booltesttype]
	if e, err = c.b.boolean(e, what, c.b.posOf(n.Arg)); err != nil {
		return nil, err
	}
	switch n.Booltesttype {
	case parse.IsUnknown, parse.IsNotUnknown:
		return &expr.IsNull{Arg: e, Negate: n.Booltesttype == parse.IsNotUnknown}, nil
	}
	value := n.Booltesttype == parse.IsTrue || n.Booltesttype == parse.IsNotTrue
	negate := n.Booltesttype == parse.IsNotTrue || n.Booltesttype == parse.IsNotFalse
	return &expr.IsBool{Arg: e, Value: value, Negate: negate}, nil
}

// caseExpr binds both forms; the simple one compares its operand with each value.
func (c *clause) caseExpr(n *parse.CaseExpr) (expr.Expr, error) {
	var operand expr.Expr
	if n.Arg != nil {
		e, err := c.settled(n.Arg)
		if err != nil {
			return nil, err
		}
		if err := c.b.repeatable(c.b.pos(n.Location), e); err != nil {
			return nil, err
		}
		operand = e
	}
	defer c.unguard(len(c.guards))
	out := &expr.Case{Whens: make([]expr.When, len(n.Args))}
	results := make([]expr.Expr, 1, len(n.Args)+1)
	at := []*parse.Node{n.Defresult}
	for i, a := range n.Args {
		w := a.GetCaseWhen()
		cond, err := c.condition(operand, w)
		if err != nil {
			return nil, err
		}
		c.guard(cond)
		then, err := c.expr(w.Result)
		if err != nil {
			return nil, err
		}
		c.unguard(len(c.guards) - 1)
		c.guard(&expr.IsBool{Arg: cond, Value: true, Negate: true})
		out.Whens[i].Cond = cond
		results, at = append(results, then), append(at, w.Result)
	}
	results[0] = &expr.Const{Typ: types.UnknownT}
	if n.Defresult != nil {
		e, err := c.expr(n.Defresult)
		if err != nil {
			return nil, err
		}
		results[0] = e
	}
	t, err := c.unifyArms(results, "CASE", func(i int) int { return c.b.posOf(at[i]) })
	if err != nil {
		return nil, err
	}
	out.Typ = t
	for i := range out.Whens {
		out.Whens[i].Then = results[i+1]
	}
	if n.Defresult != nil {
		out.Else = results[0]
	}
	return out, nil
}

func (c *clause) condition(operand expr.Expr, w *parse.CaseWhen) (expr.Expr, error) {
	e, err := c.expr(w.Expr)
	if err != nil {
		return nil, err
	}
	if operand != nil {
		return c.b.operate("=", []expr.Expr{operand, e}, c.b.pos(w.Location))
	}
	return c.b.boolean(e, "CASE/WHEN", c.b.posOf(w.Expr))
}

func (c *clause) coalesce(n *parse.CoalesceExpr) (expr.Expr, error) {
	args := make([]expr.Expr, len(n.Args))
	defer c.unguard(len(c.guards))
	for i, a := range n.Args {
		var err error
		if args[i], err = c.expr(a); err != nil {
			return nil, err
		}
		c.guard(nullValue(args[i], false))
	}
	t, err := c.unifyArms(args, "COALESCE", func(i int) int { return c.b.posOf(n.Args[i]) })
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: args, Typ: t}, nil
}

// minMax is GREATEST or LEAST: the extreme of the arguments that are not NULL.
func (c *clause) minMax(n *parse.MinMaxExpr) (expr.Expr, error) {
	name := "greatest"
	if n.Op == parse.IsLeast {
		name = "least"
	}
	args, err := c.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	pos := c.b.pos(n.Location)
	what := map[string]string{"greatest": "GREATEST", "least": "LEAST"}[name]
	t, err := c.b.unify(args, what, func(i int) int { return c.b.posOf(n.Args[i]) })
	if err != nil {
		return nil, err
	}
	if err := orderable(t, pos); err != nil {
		return nil, err
	}
	for _, f := range expr.Functions(name) {
		if f.Variadic {
			cand, _ := expand(f, len(args))
			out, rt, err := c.b.apply(cand, args)
			if err != nil {
				return nil, c.b.at(err, pos)
			}
			if rt == nil || rt.IsPseudo() || types.Same(rt, t) {
				rt = t
			}
			return &expr.Call{Fn: f, Args: out, Typ: rt}, nil
		}
	}
	return c.b.extreme(args, n.Op == parse.IsLeast, t, pos)
}

// extreme spells GREATEST and LEAST as CASE, balanced so that the expression stays small.
func (b *binder) extreme(args []expr.Expr, least bool, t *types.Type, pos int) (expr.Expr, error) {
	if err := b.repeatable(pos, args...); err != nil {
		return nil, err
	}
	if len(args) == 1 {
		return args[0], nil
	}
	if len(args) > 8 {
		return nil, sqlerr.Unsupported("GREATEST or LEAST of more than 8 values").At(pos)
	}
	l, err := b.extreme(args[:len(args)/2], least, t, pos)
	if err != nil {
		return nil, err
	}
	r, err := b.extreme(args[len(args)/2:], least, t, pos)
	if err != nil {
		return nil, err
	}
	symbol := ">="
	if least {
		symbol = "<="
	}
	better, err := b.operate(symbol, []expr.Expr{l, r}, pos)
	if err != nil {
		return nil, err
	}
	return &expr.Case{
		Whens: []expr.When{{Cond: &expr.IsNull{Arg: l}, Then: r}, {Cond: &expr.IsNull{Arg: r}, Then: l}, {Cond: better, Then: l}},
		Else:  r, Typ: t,
	}, nil
}

func (c *clause) row(n *parse.RowExpr) (expr.Expr, error) {
	elems, nodes, err := c.rowElements(n.Args)
	if err != nil {
		return nil, err
	}
	fields := make([]types.Field, len(elems))
	for i, e := range elems {
		if elems[i], err = c.b.settle(e); err != nil {
			return nil, c.b.at(err, c.b.posOf(nodes[i]))
		}
		fields[i] = types.Field{Name: fieldName(i), Type: elems[i].Type()}
	}
	return &expr.RowOf{Elems: elems, Typ: types.RecordOf(fields)}, nil
}

// indirection binds (composite).field and array[index].
func (c *clause) indirection(n *parse.AIndirection) (expr.Expr, error) {
	e, err := c.expr(n.Arg)
	if err != nil {
		return nil, err
	}
	for k := 0; k < len(n.Indirection); k++ {
		i := n.Indirection[k]
		switch {
		case i.GetString_() != nil:
			e, err = c.field(e, i.GetString_().Sval, n)
		case i.GetAIndices() != nil:
			list := []*parse.AIndices{i.GetAIndices()}
			for k+1 < len(n.Indirection) && n.Indirection[k+1].GetAIndices() != nil {
				k++
				list = append(list, n.Indirection[k].GetAIndices())
			}
			e, err = c.subscripts(e, list, n)
		default:
			return nil, sqlerr.Unsupported("expanding a row by .* in this place").At(c.b.posOf(n.Arg))
		}
		if err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (c *clause) field(e expr.Expr, name string, n *parse.AIndirection) (expr.Expr, error) {
	t := e.Type()
	if !isRow(t) {
		return nil, sqlerr.New(sqlerr.WrongObjectType,
			"column notation .%s applied to type %s, which is not a composite type", name, bare(t)).At(c.b.posOf(n.Arg))
	}
	for i, f := range t.Fields {
		if f.Name == name {
			return fieldOf(e, i), nil
		}
	}
	if ref := n.Arg.GetColumnRef(); ref != nil && len(ref.Fields) == 1 && t.Kind == types.Record {
		return nil, c.missingColumn(lastString(ref.Fields), name, c.b.pos(ref.Location))
	}
	if t.Kind == types.Record {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "could not identify column %q in record data type", name).
			At(c.b.posOf(n.Arg))
	}
	return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q not found in data type %s", name, bare(t)).
		At(c.b.posOf(n.Arg))
}

// collate takes the collations that compare by bytes, as the engine always does.
func (c *clause) collate(n *parse.CollateClause) (expr.Expr, error) {
	e, err := c.settled(n.Arg)
	if err != nil {
		return nil, err
	}
	pos := c.b.pos(n.Location)
	if !e.Type().IsString() {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "collations are not supported by type %s", bare(e.Type())).At(pos)
	}
	names := parse.Names(n.Collname)
	switch name := names[len(names)-1]; name {
	case "C", "POSIX", "default", "ucs_basic", "C.UTF-8", "C.utf8":
		return e, nil
	default:
		return nil, sqlerr.Unsupported("collation " + name).WithHint("Text compares by bytes: COLLATE \"C\".").At(pos)
	}
}
