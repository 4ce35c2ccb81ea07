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

func init() {
	defineCounts()
	defineSums()
	defineExtremes()
	defineVariances()
	defineRegressions()
	defineFolds()
	defineLists()
	defineSpans()
	defineOrderedSets()
}

func defineCounts() {
	star := aggregate("count_star", "count", types.Int8T)
	star.Strict = false
	define(star, aggregate("count_any", "count", types.Int8T, types.AnyT))
}

func defineSums() {
	exact := aggregate("sum_numeric", "sum", types.NumericT, types.NumericT)
	exact.ResultOf = func(args []*types.Type) *types.Type { return types.NumericSum(args[0]) }
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
			sameResult(aggregate("min_"+t.Name, "min", t, t)).shapes(AnyShape),
			sameResult(aggregate("max_"+t.Name, "max", t, t)).shapes(AnyShape),
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
		for _, t := range []*types.Type{types.Int2T, types.Int4T, types.Int8T, types.BitT} {
			define(aggregate(name+"_"+t.Name, name, t, t))
		}
	}
}

// defineLists are the aggregates that keep every value. None is strict.
func defineLists() {
	lists := aggregate("array_agg_array", "array_agg", nil, types.AnyArrayT).shapes(AnyShape)
	lists.Strict = false
	lists.ResultOf = func(args []*types.Type) *types.Type { return types.ShapedArrayOf(args[0].Elem, max(args[0].Dims, 1)+1) }
	define(lists)
	list := aggregate("array_agg", "array_agg", types.AnyArrayT, types.AnyElementT)
	list.ResultOf = func(args []*types.Type) *types.Type { return types.ArrayOf(args[0]) }
	fs := []*Function{
		list,
		aggregate("string_agg_text", "string_agg", types.TextT, types.TextT, types.TextT),
		aggregate("string_agg_bytea", "string_agg", types.ByteaT, types.ByteaT, types.ByteaT),
	}
	for _, t := range []*types.Type{types.JSONT, types.JSONBT} {
		fs = append(fs, aggregate(t.Name+"_agg", t.Name+"_agg", t, types.AnyElementT),
			aggregate(t.Name+"_object_agg", t.Name+"_object_agg", t, types.AnyT, types.AnyT))
	}
	for _, f := range fs {
		f.Strict = false
		f.shapes(AnyShape)
	}
	define(fs...)
}

func defineSpans() {
	rng, multi := types.AnyRangeT, types.AnyMultirangeT
	define(
		aggregate("range_agg", "range_agg", multi, rng), aggregate("multirange_agg", "range_agg", multi, multi),
		aggregate("range_intersect_agg", "range_intersect_agg", rng, rng),
		aggregate("multirange_intersect_agg", "range_intersect_agg", multi, multi),
	)
}

// arrayLike is the type of arrays of elem with the dimensions of another's.
func arrayLike(shape, elem *types.Type) *types.Type {
	if shape.Dims > 0 {
		return types.ShapedArrayOf(elem, shape.Dims)
	}
	return types.ArrayOf(elem)
}

// orderedSet makes a row for an aggregate with so many direct arguments.
func orderedSet(id, name string, direct int, result *types.Type, args ...*types.Type) *Function {
	f := aggregate(id, name, result, args...)
	f.OrderedSet, f.Direct, f.Strict = true, direct, false
	return f.shapes(AnyShape)
}

// defineOrderedSets: the identifiers are PostgreSQL's, but for the mode.
func defineOrderedSets() {
	value, fraction := types.AnyElementT, types.Float8T
	fractions := types.ArrayOf(fraction)
	disc := orderedSet("percentile_disc", "percentile_disc", 1, value, fraction, value)
	disc.ResultOf = func(args []*types.Type) *types.Type { return withoutModifier(args[1]) }
	discs := orderedSet("percentile_disc_multi", "percentile_disc", 1, types.AnyArrayT, fractions, value)
	discs.ResultOf = func(args []*types.Type) *types.Type { return arrayLike(args[0], withoutModifier(args[1])) }
	define(disc, discs, sameResult(orderedSet("mode", "mode", 0, value, value)))
	for _, t := range []*types.Type{types.Float8T, types.IntervalT} {
		multi := orderedSet("percentile_cont_"+t.Name+"_multi", "percentile_cont", 1, types.ArrayOf(t), fractions, t)
		multi.ResultOf = func(args []*types.Type) *types.Type { return arrayLike(args[0], t) }
		define(orderedSet("percentile_cont_"+t.Name, "percentile_cont", 1, t, fraction, t), multi)
	}
	for name, result := range map[string]*types.Type{
		"rank": types.Int8T, "dense_rank": types.Int8T, "percent_rank": types.Float8T, "cume_dist": types.Float8T,
	} {
		f := orderedSet(name+"_hypothetical", name, 0, result, types.AnyT)
		f.Variadic = true
		define(f)
	}
}
