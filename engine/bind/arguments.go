package bind

import (
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// parameters are the names of a function's parameters, and what the last of them are when they are left out, in SQL.
type parameters struct {
	names    []string
	defaults []string
}

// parametersOf are the functions whose arguments can be named (pg_proc's proargnames, for those that the engine has).
var parametersOf = func() map[string]parameters {
	split := strings.Fields
	path := parameters{split("target path vars silent"), []string{"'{}'::jsonb", "false"}}
	out := map[string]parameters{
		"jsonb_set":               {split("jsonb_in path replacement create_if_missing"), []string{"true"}},
		"jsonb_set_lax":           {split("jsonb_in path replacement create_if_missing null_value_treatment"), []string{"true", "'use_json_null'::text"}},
		"jsonb_insert":            {split("jsonb_in path replacement insert_after"), []string{"false"}},
		"parse_ident":             {split("str strict"), []string{"true"}},
		"make_date":               {split("year month day"), nil},
		"make_time":               {split("hour min sec"), nil},
		"make_timestamp":          {split("year month mday hour min sec"), nil},
		"make_timestamptz":        {split("year month mday hour min sec timezone"), nil},
		"make_interval":           {split("years months weeks days hours mins secs"), []string{"0", "0", "0", "0", "0", "0", "0.0"}},
		"json_populate_record":    {split("base from_json use_json_as_text"), []string{"false"}},
		"json_populate_recordset": {split("base from_json use_json_as_text"), []string{"false"}},
	}
	for _, name := range []string{"exists", "match", "query", "query_array", "query_first"} {
		out["jsonb_path_"+name], out["jsonb_path_"+name+"_tz"] = path, path
	}
	for _, name := range []string{"array_elements", "array_elements_text", "each", "each_text"} {
		out["json_"+name], out["jsonb_"+name] = parameters{names: split("from_json")}, parameters{names: split("from_json")}
	}
	return out
}()

// arguments binds the arguments of a call of a function, named ones at their places.
func (c *clause) arguments(name string, n *parse.FuncCall, pos int) ([]expr.Expr, error) {
	first := len(n.Args)
	for i, a := range n.Args {
		switch named := a.GetNamedArgExpr(); {
		case named != nil:
			first = min(first, i)
		case i > first:
			return nil, sqlerr.New(sqlerr.SyntaxError, "positional argument cannot follow named argument").At(c.b.posOf(a))
		}
	}
	if first == len(n.Args) {
		return c.exprs(n.Args)
	}
	p, ok := parametersOf[name]
	placed := make([]*parse.Node, max(len(p.names), first))
	copy(placed, n.Args[:first])
	for _, a := range n.Args[first:] {
		at := -1
		for i, parameter := range p.names {
			if parameter == a.GetNamedArgExpr().Name {
				at = i
			}
		}
		if !ok || at < 0 || first > len(p.names) {
			return nil, c.noSuchNames(name, n, pos)
		}
		if placed[at] != nil {
			if at < first {
				return nil, c.noSuchNames(name, n, pos)
			}
			return nil, sqlerr.New(sqlerr.SyntaxError, "argument name %q used more than once", p.names[at]).At(c.b.posOf(a))
		}
		placed[at] = a.GetNamedArgExpr().Arg
	}
	for len(placed) > 0 && placed[len(placed)-1] == nil && len(p.defaults) == 0 {
		placed = placed[:len(placed)-1]
	}
	out := make([]expr.Expr, len(placed))
	for i, a := range placed {
		var err error
		if a == nil {
			k := i - (len(p.names) - len(p.defaults))
			if k < 0 {
				return nil, c.noSuchNames(name, n, pos)
			}
			out[i], err = c.written(p.defaults[k])
		} else {
			out[i], err = c.expr(a)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// written binds an expression that the engine wrote itself.
func (c *clause) written(sql string) (expr.Expr, error) {
	parsed, err := parse.ParseExpr(sql)
	if err != nil {
		return nil, err
	}
	stmt, quiet := c.b.stmt, c.b.quiet
	defer func() { c.b.stmt, c.b.quiet = stmt, quiet }()
	c.b.stmt, c.b.quiet = parsed.Statement, true
	return c.expr(parsed.Node)
}

// noSuchNames is the error of a call with names that no function of the name has.
func (c *clause) noSuchNames(name string, n *parse.FuncCall, pos int) error {
	var actual []string
	for _, a := range n.Args {
		prefix := ""
		if named := a.GetNamedArgExpr(); named != nil {
			prefix, a = named.Name+" => ", named.Arg
		}
		e, err := c.expr(a)
		if err != nil {
			return err
		}
		actual = append(actual, prefix+bare(e.Type()))
	}
	signature := name + "(" + strings.Join(actual, ", ") + ")"
	if knownFunctions()[name] != nil && len(expr.Functions(name)) == 0 {
		return sqlerr.Unsupported("the function " + signature).At(pos)
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", signature).
		WithHint("No function matches the given name and argument types. You might need to add explicit type casts.").At(pos)
}

// spread puts the elements of the last argument, VARIADIC and an array that is written out or constant, in its place. null
// says that the array is NULL; then one NULL of its element's type stands for it.
func (c *clause) spread(args []expr.Expr, pos int) (out []expr.Expr, null bool, err error) {
	last := args[len(args)-1]
	out = args[:len(args)-1]
	if last.Type().Kind != types.Array {
		return nil, false, sqlerr.New(sqlerr.DatatypeMismatch, "VARIADIC argument must be an array").At(pos)
	}
	elem := last.Type().Elem
	switch array := last.(type) {
	case *expr.ArrayOf:
		if elem.Kind != types.Array {
			return append(out, array.Elems...), false, nil
		}
	case *expr.Const:
		if array.Value == nil {
			return append(out, &expr.Const{Typ: elem}), true, nil
		}
		if values, ok := array.Value.([]any); ok {
			for _, v := range values {
				out = append(out, &expr.Const{Typ: elem, Value: v})
			}
			return out, false, nil
		}
	}
	return nil, false, sqlerr.Unsupported("a VARIADIC argument that is no array of one dimension written out in the call").At(pos)
}

// variadicCall is a call of a variadic function whose last argument is VARIADIC.
func (c *clause) variadicCall(name string, args []expr.Expr, pos int) (expr.Expr, error) {
	spread, null, err := c.spread(args, pos)
	if err != nil {
		return nil, err
	}
	cand, err := c.b.function(name, typesOf(spread), pos)
	if err != nil {
		return nil, err
	}
	if cand.fn != nil && len(spread) == 0 && len(cand.fn.Args) == 0 {
		return &expr.Call{Fn: cand.fn, Typ: cand.fn.ResultType(nil)}, nil
	}
	if cand.fn == nil || !cand.fn.Variadic || cand.fn.Kind != expr.Scalar {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", callSignature(name, typesOf(args))).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.").At(pos)
	}
	if null && name == "format" { // as without values
		null, spread = false, spread[:len(spread)-1]
		if cand, err = c.b.function(name, typesOf(spread), pos); err != nil {
			return nil, err
		}
	}
	out, t, err := c.b.apply(cand, spread)
	if err != nil {
		return nil, c.b.at(err, pos)
	}
	if null {
		return &expr.Const{Typ: t}, nil
	}
	return &expr.Call{Fn: cand.fn, Args: out, Typ: t}, nil
}
