package expr

import "github.com/skeinsql/skein/engine/types"

// Trigonometry in degrees, histograms with given bounds, random numbers, money, and the
// functions behind aggregates.
func init() {
	d, i4 := types.Float8T, types.Int4T
	for _, name := range []string{"sind", "cosd", "tand", "cotd", "asind", "acosd", "atand"} {
		define(row("d"+name, name, d, d))
	}
	define(
		row("datan2d", "atan2d", d, d, d),
		row("width_bucket_array", "width_bucket", i4, types.AnyElementT, types.AnyArrayT),
		row("drandom", "random", d).volatile(),
		row("int4inc", "int4inc", i4, i4), row("numeric_inc", "numeric_inc", types.NumericT, types.NumericT),
		row("int8inc", "int8inc", types.Int8T, types.Int8T), row("int8dec", "int8dec", types.Int8T, types.Int8T),
	)
	defineMoney()
	definePairExtremes()
}

func defineMoney() {
	money, f8 := types.MoneyT, types.Float8T
	define(
		opRow("cash_pl", "+", money, money, money), opRow("cash_mi", "-", money, money, money),
		opRow("cash_div_cash", "/", f8, money, money), row("cash_words", "cash_words", types.TextT, money),
	)
	for _, n := range []struct {
		suffix, prefix string
		t              *types.Type
	}{
		{"int2", "int2", types.Int2T},
		{"int4", "int4", types.Int4T},
		{"int8", "int8", types.Int8T},
		{"flt4", "flt4", types.Float4T},
		{"flt8", "flt8", f8},
	} {
		define(
			opRow("cash_mul_"+n.suffix, "*", money, money, n.t), opRow("cash_div_"+n.suffix, "/", money, money, n.t),
			opRow(n.prefix+"_mul_cash", "*", money, n.t, money),
		)
	}
}

// definePairExtremes defines the larger and the smaller of two values, as they stand behind max and min.
func definePairExtremes() {
	for _, t := range []struct {
		prefix string
		t      *types.Type
	}{
		{"int2", types.Int2T},
		{"int4", types.Int4T},
		{"int8", types.Int8T},
		{"oid", types.OIDT},
		{"float4", types.Float4T},
		{"float8", types.Float8T},
		{"cash", types.MoneyT},
		{"numeric_", types.NumericT},
		{"text_", types.TextT},
		{"bpchar_", types.BpcharT},
		{"date_", types.DateT},
		{"time_", types.TimeT},
		{"timetz_", types.TimeTZT},
		{"timestamp_", types.TimestampT},
		{"timestamptz_", types.TimestampTZT},
		{"interval_", types.IntervalT},
		{"network_", types.InetT},
	} {
		define(row(t.prefix+"larger", t.prefix+"larger", t.t, t.t, t.t), row(t.prefix+"smaller", t.prefix+"smaller", t.t, t.t, t.t))
	}
}
