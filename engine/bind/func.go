package bind

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func fieldName(i int) string { return "f" + strconv.Itoa(i+1) }

// expand gives f's parameters for n arguments, a variadic one's repeated; false when it does not take so many.
func expand(f *expr.Function, n int) (candidate, bool) {
	if len(f.Args) == n {
		return candidate{fn: f, args: f.Args}, true
	}
	if !f.Variadic || n < len(f.Args) {
		return candidate{}, false
	}
	args := append([]*types.Type(nil), f.Args...)
	for len(args) < n {
		args = append(args, f.Args[len(f.Args)-1])
	}
	return candidate{fn: f, args: args}, true
}

// function resolves a name for argument types (func_get_detail); a nil function without an error means a type's
// name that is used as a cast.
func (b *binder) function(name string, actual []*types.Type, pos int, kinds ...expr.FunctionKind) (candidate, error) {
	var cands []candidate
	for _, f := range expr.Functions(name) {
		if c, ok := expand(f, len(actual)); ok && isKind(f, kinds) {
			cands = append(cands, c)
		}
	}
	missing := lacking(name, len(actual))
	cands = append(cands, missing...)
	for _, c := range cands {
		if len(actual) == exactMatches(c, actual) {
			return chosen(c, actual, pos)
		}
	}
	if len(actual) == 1 && castType(name, actual[0]) != nil {
		return candidate{}, nil
	}
	if len(actual) == 1 && len(cands) == 0 && builtinOnly[name] {
		return candidate{}, sqlerr.Unsupported("type " + name).At(pos)
	}
	fit := forArrays(matching(cands, actual), actual)
	if len(fit) == 1 {
		return chosen(fit[0], actual, pos)
	}
	if len(fit) > 1 {
		if c, ok := selectCandidate(fit, actual); ok {
			return chosen(c, actual, pos)
		}
		return candidate{}, sqlerr.New(sqlerr.AmbiguousFunction, "function %s is not unique", callSignature(name, actual)).
			WithHint("Could not choose a best candidate function. You might need to add explicit type casts.").At(pos)
	}
	return candidate{}, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", callSignature(name, actual)).
		WithHint("No function matches the given name and argument types. You might need to add explicit type casts.").At(pos)
}

// withSchema puts the schema that was written into a message about a function.
func withSchema(err error, parts []string) error {
	var e *sqlerr.Error
	if len(parts) < 2 || !asError(err, &e) || e.Code != sqlerr.UndefinedFunction {
		return err
	}
	c := *e
	c.Message = strings.Replace(e.Message, "function "+parts[len(parts)-1], "function "+strings.Join(parts, "."), 1)
	return &c
}

// chosen is the candidate that resolution arrived at, if the engine has it.
func chosen(c candidate, actual []*types.Type, pos int) (candidate, error) {
	if c.lacking {
		return candidate{}, sqlerr.Unsupported("the function " + callSignature(c.fn.Name, actual)).At(pos)
	}
	return c, nil
}

func isKind(f *expr.Function, kinds []expr.FunctionKind) bool {
	for _, k := range kinds {
		if f.Kind == k {
			return true
		}
	}
	return len(kinds) == 0
}

// castType is the type that a function of one argument names, when calling it is a cast: of a literal, or where text
// form or representation do.
func castType(name string, arg *types.Type) *types.Type {
	t := types.ByName(name)
	if t == nil || t.IsPseudo() || t.Kind == types.Record || t.Kind == types.Void {
		return nil
	}
	switch {
	case arg.Kind == types.Unknown, types.Same(arg, t):
		return t
	case t.Category() == 'S' && !isRow(arg) && castContext(arg, t) >= expr.ExplicitCast,
		arg.Category() == 'S' && castContext(arg, t) >= expr.ExplicitCast: // by the text form
		return t
	}
	if castContext(arg, t) >= expr.ExplicitCast && len(expr.Functions(name)) == 0 && arg.Category() != 'S' {
		return t // PostgreSQL has a conversion function of the type's name
	}
	return nil
}

func callSignature(name string, actual []*types.Type) string {
	names := make([]string, len(actual))
	for i, t := range actual {
		names[i] = bare(t)
	}
	return name + "(" + strings.Join(names, ", ") + ")"
}

// funcCall binds a call of any kind of function.
func (c *clause) funcCall(n *parse.FuncCall) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	parts := parse.Names(n.Funcname)
	name := parts[len(parts)-1]
	if len(parts) > 1 && parts[len(parts)-2] != "pg_catalog" {
		args, err := c.exprs(n.Args)
		if err != nil {
			return nil, err
		}
		full := callSignature(strings.Join(parts, "."), typesOf(args))
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", full).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.").At(pos)
	}
	if n.FuncVariadic && (n.Over != nil || isAggregate(name)) {
		return nil, sqlerr.Unsupported("a VARIADIC argument of an aggregate").At(pos)
	}
	if n.Over != nil {
		return c.windowCall(name, n, pos)
	}
	if isAggregate(name) || n.AggWithinGroup {
		return c.aggregate(name, n, pos)
	}
	if len(parts) > 1 && len(expr.Functions(name)) == 0 && n.Funcformat == parse.CoerceSqlSyntax {
		return nil, sqlerr.Unsupported(strings.ToUpper(name)).At(pos)
	}
	args, err := c.arguments(name, n, pos)
	if err != nil {
		return nil, err
	}
	if n.FuncVariadic {
		return c.variadicCall(name, args, pos)
	}
	cand, err := c.b.function(name, typesOf(args), pos)
	if err != nil {
		if len(parts) == 1 && len(args) == 1 && isRow(args[0].Type()) {
			for i, f := range args[0].Type().Fields { // attribute notation: f(row) is row.f
				if f.Name == name {
					return fieldOf(args[0], i), nil
				}
			}
		}
		return nil, withSchema(err, parts)
	}
	if err := plainCall(name, n, pos); err != nil {
		return nil, err
	}
	if cand.fn == nil {
		return c.b.explicit(args[0], types.ByName(name), pos)
	}
	switch cand.fn.Kind {
	case expr.Window:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "window function %s requires an OVER clause", name).At(pos)
	case expr.SetReturning:
		return c.setReturning(cand, args, pos)
	}
	if err := rowArgument(cand.fn, args, pos); err != nil {
		return nil, err
	}
	out, t, err := c.b.apply(cand, args)
	if err != nil {
		return nil, c.b.at(err, pos)
	}
	if opensRecord(t) && cand.fn.Result == types.RecordT && c.name != functionsInFrom {
		return nil, withoutRow(name, pos)
	}
	return &expr.Call{Fn: cand.fn, Args: out, Typ: t}, nil
}

// plainCall refuses what only aggregates and window functions take.
func plainCall(name string, n *parse.FuncCall, pos int) error {
	var what string
	switch {
	case n.AggStar:
		return sqlerr.New(sqlerr.WrongObjectType, "%s(*) specified, but %s is not an aggregate function", name, name).At(pos)
	case n.AggDistinct:
		what = "DISTINCT"
	case n.AggWithinGroup:
		what = "WITHIN GROUP"
	case len(n.AggOrder) > 0:
		what = "ORDER BY"
	case n.AggFilter != nil:
		what = "FILTER"
	default:
		return nil
	}
	return sqlerr.New(sqlerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, name).At(pos)
}

func isAggregate(name string) bool {
	for _, f := range expr.Functions(name) {
		if f.Kind == expr.Aggregate {
			return true
		}
	}
	return false
}

// sqlValue is CURRENT_DATE and its like, each by the function that it stands for.
func (c *clause) sqlValue(n *parse.SQLValueFunction) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	var name string
	var t *types.Type
	switch n.Op {
	case parse.SvfopCurrentDate:
		name, t = "now", types.DateT
	case parse.SvfopCurrentTimestamp, parse.SvfopCurrentTimestampN:
		name, t = "now", types.TimestampTZT
	case parse.SvfopLocaltimestamp, parse.SvfopLocaltimestampN:
		name, t = "now", types.TimestampT
	case parse.SvfopLocaltime, parse.SvfopLocaltimeN:
		name, t = "now", types.TimeT
	case parse.SvfopCurrentTime, parse.SvfopCurrentTimeN:
		name, t = "now", types.TimeTZT
	case parse.SvfopCurrentUser, parse.SvfopCurrentRole, parse.SvfopUser:
		name, t = "current_user", types.NameT
	case parse.SvfopSessionUser:
		name, t = "session_user", types.NameT
	case parse.SvfopCurrentCatalog:
		name, t = "current_database", types.NameT
	default:
		name, t = "current_schema", types.NameT
	}
	cand, err := c.b.function(name, nil, pos)
	if err != nil {
		return nil, err
	}
	if n.Typmod >= 0 && t.Kind != types.Name && t.Kind != types.Date {
		t = t.WithMod(min(n.Typmod, 6))
	}
	call := &expr.Call{Fn: cand.fn, Typ: cand.fn.ResultType(nil)}
	if types.Equal(call.Typ, t) {
		return call, nil
	}
	return c.b.explicit(call, t, pos)
}
