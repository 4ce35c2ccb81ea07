package expr

import "github.com/skeinsql/skein/engine/types"

// aggregate makes a row of the table. Strict ones skip NULLs.
func aggregate(id, name string, result *types.Type, args ...*types.Type) *Function {
	return &Function{ID: id, Name: name, Kind: Aggregate, Args: args, Result: result, Strict: true}
}

// sameResult gives the result the argument's type without its modifier; a known precision and scale stay.
func sameResult(f *Function) *Function {
	f.ResultOf = func(args []*types.Type) *types.Type { return withoutModifier(args[0]) }
	return f
}

func withoutModifier(t *types.Type) *types.Type {
	if t.Mod < 0 {
		return t
	}
	if t.Kind == types.Numeric {
		return types.NumericScaled(t.Precision, t.Scale)
	}
	return t.WithMod(-1)
}

// maxSummedPrecision is the most digits of values whose sum is kept in 38 digits: it takes a million values of the
// largest size to exceed them, and that is an error, not a wrong sum.
const maxSummedPrecision = 32

// numericSum is the type of a sum: the scale is the argument's.
func numericSum(args []*types.Type) *types.Type {
	t := args[0]
	if t.NumericStorage() == types.VarNumeric || t.Precision > maxSummedPrecision {
		return types.NumericT
	}
	return types.NumericScaled(types.MaxDecimal128, t.Scale)
}

func init() {
	defineCounts()
	defineSums()
	defineExtremes()
	defineVariances()
	defineRegressions()
	defineFolds()
}

func defineCounts() {
	star := aggregate("count_star", "count", types.Int8T)
	star.Strict = false
	define(star, aggregate("count_any", "count", types.Int8T, types.AnyT))
}

func defineSums() {
	exact := aggregate("sum_numeric", "sum", types.NumericT, types.NumericT)
	exact.ResultOf = numericSum
	define(
		aggregate("sum_int2", "sum", types.Int8T, types.Int2T),
		aggregate("sum_int4", "sum", types.Int8T, types.Int4T),
		aggregate("sum_int8", "sum", types.NumericScaled(types.MaxDecimal128, 0), types.Int8T),
		aggregate("sum_float4", "sum", types.Float4T, types.Float4T),
		aggregate("sum_float8", "sum", types.Float8T, types.Float8T),
		exact,
		aggregate("sum_money", "sum", types.MoneyT, types.MoneyT),
		aggregate("sum_interval", "sum", types.IntervalT, types.IntervalT),
		aggregate("avg_interval", "avg", types.IntervalT, types.IntervalT),
		aggregate("avg_int2", "avg", types.NumericT, types.Int2T),
		aggregate("avg_int4", "avg", types.NumericT, types.Int4T),
		aggregate("avg_int8", "avg", types.NumericT, types.Int8T),
		aggregate("avg_numeric", "avg", types.NumericT, types.NumericT),
		aggregate("avg_float4", "avg", types.Float8T, types.Float4T),
		aggregate("avg_float8", "avg", types.Float8T, types.Float8T),
	)
}

func defineExtremes() {
	for _, t := range []*types.Type{
		types.Int2T, types.Int4T, types.Int8T, types.OIDT, types.Float4T, types.Float8T, types.NumericT, types.TextT,
		types.BpcharT, types.DateT, types.TimeT, types.TimestampT, types.TimestampTZT, types.IntervalT, types.MoneyT,
		types.TimeTZT, types.InetT, types.AnyEnumT, types.AnyArrayT,
	} {
		define(
			sameResult(aggregate("min_"+t.Name, "min", t, t)),
			sameResult(aggregate("max_"+t.Name, "max", t, t)),
		)
	}
}

func defineVariances() {
	for _, name := range []string{"stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"} {
		for _, t := range []*types.Type{types.Int2T, types.Int4T, types.Int8T, types.NumericT, types.Float4T, types.Float8T} {
			result := types.NumericT
			if t.IsFloat() {
				result = types.Float8T
			}
			define(aggregate(name+"_"+t.Name, name, result, t))
		}
	}
}

// defineRegressions are the aggregates of pairs (y, x).
func defineRegressions() {
	for _, name := range []string{
		"corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope",
		"regr_sxx", "regr_sxy", "regr_syy",
	} {
		result := types.Float8T
		if name == "regr_count" {
			result = types.Int8T
		}
		define(aggregate(name, name, result, types.Float8T, types.Float8T))
	}
}

func defineFolds() {
	for _, name := range []string{"bool_and", "bool_or", "every"} {
		define(aggregate(name, name, types.BoolT, types.BoolT))
	}
	for _, name := range []string{"bit_and", "bit_or", "bit_xor"} {
		for _, t := range []*types.Type{types.Int2T, types.Int4T, types.Int8T} {
			define(aggregate(name+"_"+t.Name, name, t, t))
		}
	}
	list := aggregate("array_agg", "array_agg", types.AnyArrayT, types.AnyElementT)
	list.Strict = false
	list.ResultOf = func(args []*types.Type) *types.Type { return types.ArrayOf(args[0]) }
	text := aggregate("string_agg_text", "string_agg", types.TextT, types.TextT, types.TextT)
	bytea := aggregate("string_agg_bytea", "string_agg", types.ByteaT, types.ByteaT, types.ByteaT)
	text.Strict, bytea.Strict = false, false
	define(list, text, bytea)
}
