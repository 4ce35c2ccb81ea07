package expr

import "github.com/skeinsql/skein/engine/types"

// operator is a row of a strict operator.
func operator(id, symbol string, result *types.Type, args ...*types.Type) *Function {
	return &Function{ID: id, Name: symbol, Kind: Operator, Args: args, Result: result, Strict: true}
}

// function is a row of a strict function.
func function(id, name string, result *types.Type, args ...*types.Type) *Function {
	return &Function{ID: id, Name: name, Args: args, Result: result, Strict: true}
}

// numericOperator is a row of an operator whose result's precision and scale come from its arguments.
func numericOperator(id, symbol string, result func(args []*types.Type) *types.Type, args ...*types.Type) *Function {
	return &Function{ID: id, Name: symbol, Kind: Operator, Args: args, Result: types.NumericT, ResultOf: result, Strict: true}
}

func init() {
	for _, c := range []struct {
		name string
		t    *types.Type
	}{{"int2", types.Int2T}, {"int4", types.Int4T}, {"int8", types.Int8T}} {
		integerOperators(c.name, c.t)
	}
	for _, c := range []struct {
		name    string
		r, a, b *types.Type
	}{
		{"int2", types.Int2T, types.Int2T, types.Int2T},
		{"int4", types.Int4T, types.Int4T, types.Int4T},
		{"int8", types.Int8T, types.Int8T, types.Int8T},
		{"int24", types.Int4T, types.Int2T, types.Int4T},
		{"int42", types.Int4T, types.Int4T, types.Int2T},
		{"int28", types.Int8T, types.Int2T, types.Int8T},
		{"int82", types.Int8T, types.Int8T, types.Int2T},
		{"int48", types.Int8T, types.Int4T, types.Int8T},
		{"int84", types.Int8T, types.Int8T, types.Int4T},
		{"float4", types.Float4T, types.Float4T, types.Float4T},
		{"float8", types.Float8T, types.Float8T, types.Float8T},
		{"float48", types.Float8T, types.Float4T, types.Float8T},
		{"float84", types.Float8T, types.Float8T, types.Float4T},
	} {
		for _, op := range [4][2]string{{"pl", "+"}, {"mi", "-"}, {"mul", "*"}, {"div", "/"}} {
			define(operator(c.name+op[0], op[1], c.r, c.a, c.b))
		}
	}
	floatOperators()
	numericOperators()
}

func integerOperators(name string, t *types.Type) {
	define(
		operator(name+"mod", "%", t, t, t), operator(name+"um", "-", t, t), operator(name+"up", "+", t, t),
		operator(name+"abs_op", "@", t, t), operator(name+"and", "&", t, t, t), operator(name+"or", "|", t, t, t),
		operator(name+"xor", "#", t, t, t), operator(name+"not", "~", t, t),
		operator(name+"shl", "<<", t, t, types.Int4T), operator(name+"shr", ">>", t, t, types.Int4T),
	)
	for _, id := range []string{"up", "and", "or", "xor", "not", "shl", "shr"} {
		MustFunction(name + id).Leakproof = true
	}
}

func floatOperators() {
	for _, c := range []struct {
		name string
		t    *types.Type
	}{{"float4", types.Float4T}, {"float8", types.Float8T}} {
		define(operator(c.name+"um", "-", c.t, c.t), operator(c.name+"up", "+", c.t, c.t), operator(c.name+"abs_op", "@", c.t, c.t))
	}
	define(
		operator("dpow_op", "^", types.Float8T, types.Float8T, types.Float8T),
		operator("dsqrt_op", "|/", types.Float8T, types.Float8T),
		operator("dcbrt_op", "||/", types.Float8T, types.Float8T),
	)
}

func numericOperators() {
	n := types.NumericT
	define(
		numericOperator("numeric_add", "+", SumType, n, n),
		numericOperator("numeric_sub", "-", SumType, n, n),
		numericOperator("numeric_mul", "*", ProductType, n, n),
		operator("numeric_div", "/", n, n, n),
		numericOperator("numeric_mod", "%", modType, n, n),
		operator("numeric_power_op", "^", n, n, n),
		numericOperator("numeric_uminus", "-", sameNumeric, n),
		numericOperator("numeric_uplus", "+", sameNumeric, n),
		numericOperator("numeric_abs_op", "@", sameNumeric, n),
	)
}
