package expr

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/types"
)

// NumericOf is the tightest numeric type for values cast from t, which keeps them in a fixed-point storage: an int4
// has at most 10 digits. Types whose values can have any scale give plain numeric.
func NumericOf(t *types.Type) *types.Type {
	switch t.Kind {
	case types.Int2:
		return types.NumericScaled(5, 0)
	case types.Int4:
		return types.NumericScaled(10, 0)
	case types.Int8:
		return types.NumericScaled(19, 0)
	case types.OID:
		return types.NumericScaled(10, 0)
	case types.Numeric:
		return sameNumeric([]*types.Type{t})
	}
	return types.NumericT
}

// NumericTypeOf is the tightest numeric type of a constant: 0.05 has 2 digits and scale 2.
func NumericTypeOf(d *apd.Decimal) *types.Type {
	if d == nil || d.Form != apd.Finite || d.Exponent > 0 {
		return types.NumericT
	}
	scale := -d.Exponent
	return types.NumericScaled(max(int32(d.NumDigits()), scale, 1), scale)
}

// unmodified is t without its modifier, its storage kept.
func unmodified(t *types.Type) *types.Type {
	if t.Mod < 0 {
		return t
	}
	if t.Precision == 0 {
		return types.NumericT
	}
	return types.NumericScaled(t.Precision, t.Scale)
}

func sameNumeric(args []*types.Type) *types.Type { return unmodified(args[0]) }

// CommonNumeric is the tightest numeric type that holds the values of all: what the arms of a CASE or a UNION give.
func CommonNumeric(args ...*types.Type) *types.Type {
	var whole, scale int32
	for _, t := range args {
		if t.Precision == 0 {
			return types.NumericT
		}
		whole, scale = max(whole, t.Precision-t.Scale), max(scale, t.Scale)
	}
	if same(args) {
		// Values of one scale only: then the storage keeps each value's scale as it is.
		return types.NumericScaled(whole+scale, scale)
	}
	return types.NumericT
}

// ComparableNumeric is the narrowest numeric type that holds every value of x and of y, so that they can be compared in
// one storage. Unlike [CommonNumeric] it does not keep the scale that a value is printed with.
func ComparableNumeric(x, y *types.Type) *types.Type {
	if x.Precision == 0 || y.Precision == 0 {
		return types.NumericT
	}
	scale := max(x.Scale, y.Scale)
	return types.NumericScaled(max(x.Precision-x.Scale, y.Precision-y.Scale)+scale, scale)
}

// same says whether all have one scale.
func same(args []*types.Type) bool {
	for _, t := range args {
		if t.Scale != args[0].Scale {
			return false
		}
	}
	return true
}

// SumType is the type of a sum or a difference of two numerics: the larger scale, one digit more.
func SumType(args []*types.Type) *types.Type {
	a, b := args[0], args[1]
	if a.Precision == 0 || b.Precision == 0 {
		return types.NumericT
	}
	scale := max(a.Scale, b.Scale)
	return types.NumericScaled(max(a.Precision-a.Scale, b.Precision-b.Scale)+scale+1, scale)
}

// ProductType is the type of a product of two numerics: precisions and scales add up.
func ProductType(args []*types.Type) *types.Type {
	a, b := args[0], args[1]
	if a.Precision == 0 || b.Precision == 0 {
		return types.NumericT
	}
	return types.NumericScaled(a.Precision+b.Precision, a.Scale+b.Scale)
}

// modType is the type of a remainder: the larger scale, not larger than either side.
func modType(args []*types.Type) *types.Type {
	a, b := args[0], args[1]
	if a.Precision == 0 || b.Precision == 0 {
		return types.NumericT
	}
	scale := max(a.Scale, b.Scale)
	return types.NumericScaled(min(a.Precision-a.Scale, b.Precision-b.Scale)+scale, scale)
}

// wholeType is the type of ceil, floor, round and trunc to an integer.
func wholeType(args []*types.Type) *types.Type {
	if t := args[0]; t.Precision != 0 {
		return types.NumericScaled(t.Precision-t.Scale+1, 0)
	}
	return types.NumericT
}

func numericFunction(id, name string, result func(args []*types.Type) *types.Type, args ...*types.Type) *Function {
	f := function(id, name, types.NumericT, args...)
	f.ResultOf = result
	return f
}

func init() {
	n, d, i4, i8 := types.NumericT, types.Float8T, types.Int4T, types.Int8T
	define(
		numericFunction("numeric_abs", "abs", sameNumeric, n),
		numericFunction("numeric_ceil", "ceil", wholeType, n), numericFunction("numeric_ceiling", "ceiling", wholeType, n),
		numericFunction("numeric_floor", "floor", wholeType, n),
		numericFunction("numeric_round0", "round", wholeType, n), function("numeric_round", "round", n, n, i4),
		numericFunction("numeric_trunc0", "trunc", wholeType, n), function("numeric_trunc", "trunc", n, n, i4),
		function("numeric_sign", "sign", n, n), function("numeric_sqrt", "sqrt", n, n),
		function("numeric_exp", "exp", n, n), function("numeric_ln", "ln", n, n),
		function("numeric_log10", "log", n, n), function("numeric_log10_name", "log10", n, n), function("numeric_log", "log", n, n, n),
		function("numeric_power", "power", n, n, n), function("numeric_pow", "pow", n, n, n),
		numericFunction("numeric_mod_fn", "mod", modType, n, n), function("numeric_div_trunc", "div", n, n, n),
		function("numeric_gcd", "gcd", n, n, n), function("numeric_lcm", "lcm", n, n, n),
		function("numeric_scale", "scale", i4, n), function("numeric_min_scale", "min_scale", i4, n),
		function("numeric_trim_scale", "trim_scale", n, n),
		function("width_bucket_numeric", "width_bucket", i4, n, n, n, i4),
		function("width_bucket_float8", "width_bucket", i4, d, d, d, i4),
		function("int4gcd", "gcd", i4, i4, i4), function("int8gcd", "gcd", i8, i8, i8),
		function("int4lcm", "lcm", i4, i4, i4), function("int8lcm", "lcm", i8, i8, i8),
		function("int2abs", "abs", types.Int2T, types.Int2T), function("int4abs", "abs", i4, i4), function("int8abs", "abs", i8, i8),
		function("int2mod_fn", "mod", types.Int2T, types.Int2T, types.Int2T), function("int4mod_fn", "mod", i4, i4, i4),
		function("int8mod_fn", "mod", i8, i8, i8), function("factorial", "factorial", n, i8),
		function("float4abs", "abs", types.Float4T, types.Float4T), function("float8abs", "abs", d, d),
	)
	floatFunctions(d)
}

func floatFunctions(d *types.Type) {
	for _, f := range [][2]string{
		{"dceil", "ceil"},
		{"dceiling", "ceiling"},
		{"dfloor", "floor"},
		{"dround", "round"},
		{"dtrunc", "trunc"},
		{"dsign", "sign"},
		{"dsqrt", "sqrt"},
		{"dcbrt", "cbrt"},
		{"dexp", "exp"},
		{"dlog1", "ln"},
		{"dlog10", "log"},
		{"dlog10_name", "log10"},
		{"dsin", "sin"},
		{"dcos", "cos"},
		{"dtan", "tan"},
		{"dcot", "cot"},
		{"dasin", "asin"},
		{"dacos", "acos"},
		{"datan", "atan"},
		{"dsinh", "sinh"},
		{"dcosh", "cosh"},
		{"dtanh", "tanh"},
		{"dasinh", "asinh"},
		{"dacosh", "acosh"},
		{"datanh", "atanh"},
		{"degrees", "degrees"},
		{"radians", "radians"},
	} {
		define(function(f[0], f[1], d, d))
	}
	define(
		function("dpow", "power", d, d, d), function("dpow_pow", "pow", d, d, d), function("datan2", "atan2", d, d, d),
		function("dpi", "pi", d),
	)
}
