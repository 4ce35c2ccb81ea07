package expr

import "github.com/skeinsql/skein/engine/types"

// Comparisons, by PostgreSQL's internal names. Types without operators of their own (varchar) borrow those of a type
// that they are binary-coercible to.

// comparisonSymbols are in the order of the names below.
var comparisonSymbols = [6]string{"=", "<>", "<", "<=", ">", ">="}

// comparisonsOf are the six operators of a pair of types: prefix + eq, ne, lt, le, gt, ge + suffix.
func comparisonsOf(prefix, suffix string, a, b *types.Type, leakproof bool) {
	for i, op := range [6]string{"eq", "ne", "lt", "le", "gt", "ge"} {
		define(&Function{
			ID: prefix + op + suffix, Name: comparisonSymbols[i], Kind: Operator, Args: []*types.Type{a, b},
			Result: types.BoolT, Strict: true, Leakproof: leakproof,
		})
	}
}

func init() {
	for _, c := range []struct {
		prefix string
		t      *types.Type
	}{
		{"bool", types.BoolT},
		{"int2", types.Int2T},
		{"int4", types.Int4T},
		{"int8", types.Int8T},
		{"oid", types.OIDT},
		{"float4", types.Float4T},
		{"float8", types.Float8T},
		{"numeric_", types.NumericT},
		{"text_", types.TextT},
		{"bpchar", types.BpcharT},
		{"name", types.NameT},
		{"char", types.CharT},
		{"bytea", types.ByteaT},
		{"date_", types.DateT},
		{"time_", types.TimeT},
		{"timetz_", types.TimeTZT},
		{"timestamp_", types.TimestampT},
		{"timestamptz_", types.TimestampTZT},
		{"interval_", types.IntervalT},
		{"uuid_", types.UUIDT},
		{"cash_", types.MoneyT},
		{"bit", types.BitT},
		{"varbit", types.VarbitT},
		{"enum_", types.AnyEnumT},
		{"network_", types.InetT},
		{"macaddr_", types.MacaddrT},
		{"macaddr8_", types.Macaddr8T},
	} {
		comparisonsOf(c.prefix, "", c.t, c.t, true)
	}
	for _, c := range []struct {
		prefix string
		t      *types.Type
	}{{"jsonb_", types.JSONBT}, {"array_", types.AnyArrayT}, {"record_", types.RecordT}} {
		comparisonsOf(c.prefix, "", c.t, c.t, false)
	}
	for _, op := range [6]string{"eq", "ne", "lt", "le", "gt", "ge"} {
		MustFunction("array_" + op).Shapes = AnyShape
	}
	crossComparisons()
}

// crossComparisons are those between two types.
func crossComparisons() {
	for _, c := range []struct {
		prefix string
		a, b   *types.Type
	}{
		{"int24", types.Int2T, types.Int4T},
		{"int42", types.Int4T, types.Int2T},
		{"int28", types.Int2T, types.Int8T},
		{"int82", types.Int8T, types.Int2T},
		{"int48", types.Int4T, types.Int8T},
		{"int84", types.Int8T, types.Int4T},
		{"float48", types.Float4T, types.Float8T},
		{"float84", types.Float8T, types.Float4T},
	} {
		comparisonsOf(c.prefix, "", c.a, c.b, true)
	}
	for _, c := range []struct {
		prefix, suffix string
		a, b           *types.Type
	}{
		{"name", "text", types.NameT, types.TextT},
		{"text", "name", types.TextT, types.NameT},
		{"date_", "_timestamp", types.DateT, types.TimestampT},
		{"date_", "_timestamptz", types.DateT, types.TimestampTZT},
		{"timestamp_", "_date", types.TimestampT, types.DateT},
		{"timestamp_", "_timestamptz", types.TimestampT, types.TimestampTZT},
		{"timestamptz_", "_date", types.TimestampTZT, types.DateT},
		{"timestamptz_", "_timestamp", types.TimestampTZT, types.TimestampT},
	} {
		comparisonsOf(c.prefix, c.suffix, c.a, c.b, true)
		if c.a.Kind != c.b.Kind && (c.a.Kind == types.TimestampTZ || c.b.Kind == types.TimestampTZ) {
			markStable(c.prefix, c.suffix)
		}
	}
}

// markStable is for comparisons that depend on the session's time zone.
func markStable(prefix, suffix string) {
	for _, op := range [6]string{"eq", "ne", "lt", "le", "gt", "ge"} {
		MustFunction(prefix + op + suffix).Volatility = Stable
	}
}
