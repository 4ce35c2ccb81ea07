package eval

import (
	"math"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

type float interface{ ~float32 | ~float64 }

func init() {
	table := implementations{}
	floatTable[float32](table, "float4")
	floatTable[float64](table, "float8")
	floatArithmetic[float64](table, "float48")
	floatArithmetic[float64](table, "float84")
	for id, f := range float64Functions {
		table[id] = byRow1(f)
	}
	for _, id := range []string{"dpow", "dpow_op", "dpow_pow"} {
		table[id] = byRow2(power)
	}
	table["datan2"] = byRow2(func(_ *call, a, b float64) (float64, error) { return math.Atan2(a, b), nil })
	table["dpi"] = fixed(func(_ *call, _ []*vector, out *vector) error {
		for i, dst := 0, values[float64](out); i < len(dst); i++ {
			dst[i] = math.Pi
		}
		return nil
	})
	register(table)
}

func floatTable[T float](table implementations, name string) {
	floatArithmetic[T](table, name)
	table[name+"um"] = byRow1(func(_ *call, a T) (T, error) { return -a, nil })
	table[name+"up"] = fixed(copyFixed)
	abs := byRow1(func(_ *call, a T) (T, error) { return T(math.Abs(float64(a))), nil })
	table[name+"abs"], table[name+"abs_op"] = abs, abs
}

func floatArithmetic[T float](table implementations, name string) {
	table[name+"pl"] = fixed(addFloats[T])
	table[name+"mi"] = fixed(subFloats[T])
	table[name+"mul"] = fixed(mulFloats[T])
	table[name+"div"] = fixed(divFloats[T])
}

// floatsAs gives floats of any width as T, which is at least as wide.
func floatsAs[T float](c *call, k int, v *vector) []T {
	var z T
	if _, single := any(z).(float32); single == (v.typ.Kind == types.Float4) {
		return values[T](v)
	}
	return scratchOf(c, k, v.count(), func(dst []T) {
		for i, x := range values[float32](v) {
			dst[i] = T(x)
		}
	})
}

// odd says whether x is infinite, which has to be looked at once more.
func odd[T float](x T) bool { return x-x != 0 }

func inf[T float](x T) bool { return math.IsInf(float64(x), 0) }

func addFloats[T float](c *call, args []*vector, out *vector) error {
	a, b, dst := floatsAs[T](c, 0, args[0]), floatsAs[T](c, 1, args[1]), values[T](out)
	ma, mb, check := stride(args[0]), stride(args[1]), false
	for i := range dst {
		dst[i] = a[i&ma] + b[i&mb]
		check = check || odd(dst[i])
	}
	return overflowed(c, check, a, b, dst, ma, mb)
}

func subFloats[T float](c *call, args []*vector, out *vector) error {
	a, b, dst := floatsAs[T](c, 0, args[0]), floatsAs[T](c, 1, args[1]), values[T](out)
	ma, mb, check := stride(args[0]), stride(args[1]), false
	for i := range dst {
		dst[i] = a[i&ma] - b[i&mb]
		check = check || odd(dst[i])
	}
	return overflowed(c, check, a, b, dst, ma, mb)
}

// overflowed is the error for an infinite result of finite operands in a row that counts.
func overflowed[T float](c *call, check bool, a, b, dst []T, ma, mb int) error {
	if !check {
		return nil
	}
	for i, x := range dst {
		if inf(x) && !inf(a[i&ma]) && !inf(b[i&mb]) && c.rowValid(i) {
			return floatOverflow()
		}
	}
	return nil
}

func mulFloats[T float](c *call, args []*vector, out *vector) error {
	a, b, dst := floatsAs[T](c, 0, args[0]), floatsAs[T](c, 1, args[1]), values[T](out)
	ma, mb, check := stride(args[0]), stride(args[1]), false
	for i := range dst {
		dst[i] = a[i&ma] * b[i&mb]
		check = check || odd(dst[i]) || dst[i] == 0
	}
	if !check {
		return nil
	}
	for i, x := range dst {
		if x == 0 && a[i&ma] != 0 && b[i&mb] != 0 && c.rowValid(i) {
			return floatUnderflow()
		}
	}
	return overflowed(c, true, a, b, dst, ma, mb)
}

func divFloats[T float](c *call, args []*vector, out *vector) error {
	a, b, dst := floatsAs[T](c, 0, args[0]), floatsAs[T](c, 1, args[1]), values[T](out)
	ma, mb := stride(args[0]), stride(args[1])
	for i := range dst {
		x, y := a[i&ma], b[i&mb]
		r := x / y
		dst[i] = r
		if !odd(r) && r != 0 || !c.rowValid(i) {
			continue
		}
		switch {
		case y == 0 && x == x:
			return numeric.DivisionByZero()
		case inf(r) && !inf(x):
			return floatOverflow()
		case r == 0 && x != 0 && !inf(y):
			return floatUnderflow()
		}
	}
	return nil
}

func inputOutOfRange() error { return sqlerr.New(sqlerr.NumericOutOfRange, "input is out of range") }

func logOf(x float64, f func(float64) float64) (float64, error) {
	if x == 0 {
		return 0, sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of zero")
	}
	if x < 0 {
		return 0, sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of a negative number")
	}
	return f(x), nil
}

// within wraps a function that is defined between two bounds; NaN passes.
func within(lo, hi float64, f func(float64) float64) func(*call, float64) (float64, error) {
	return func(_ *call, x float64) (float64, error) {
		if x < lo || x > hi {
			return 0, inputOutOfRange()
		}
		return f(x), nil
	}
}

// total wraps a function that is defined everywhere.
func total(f func(float64) float64) func(*call, float64) (float64, error) {
	return func(_ *call, x float64) (float64, error) { return f(x), nil }
}

// finiteInput wraps a function that is not defined at the infinities.
func finiteInput(f func(float64) float64) func(*call, float64) (float64, error) {
	return func(_ *call, x float64) (float64, error) {
		if math.IsInf(x, 0) {
			return 0, inputOutOfRange()
		}
		return f(x), nil
	}
}

// bounded wraps a function whose result can overflow.
func bounded(f func(float64) float64) func(*call, float64) (float64, error) {
	return func(_ *call, x float64) (float64, error) {
		r := f(x)
		if math.IsInf(r, 0) && !math.IsInf(x, 0) {
			return 0, floatOverflow()
		}
		return r, nil
	}
}

var float64Functions = map[string]func(*call, float64) (float64, error){
	"dceil": total(math.Ceil), "dceiling": total(math.Ceil), "dfloor": total(math.Floor), "dround": total(math.RoundToEven),
	"dtrunc": total(math.Trunc), "dsign": total(signOf), "dcbrt": total(math.Cbrt), "dcbrt_op": total(math.Cbrt),
	"dsqrt": squareRoot, "dsqrt_op": squareRoot, "dexp": exponential,
	"dlog1":       func(_ *call, x float64) (float64, error) { return logOf(x, naturalLog) },
	"dlog10":      func(_ *call, x float64) (float64, error) { return logOf(x, decimalLog) },
	"dlog10_name": func(_ *call, x float64) (float64, error) { return logOf(x, decimalLog) },
	"dsin":        finiteInput(math.Sin), "dcos": finiteInput(math.Cos), "dtan": finiteInput(math.Tan), "dcot": cotangent,
	"dasin": within(-1, 1, math.Asin), "dacos": within(-1, 1, math.Acos), "datan": total(math.Atan),
	"dsinh": total(math.Sinh), "dcosh": total(math.Cosh), "dtanh": total(math.Tanh), "dasinh": total(math.Asinh),
	"dacosh": within(1, math.Inf(1), math.Acosh), "datanh": within(-1, 1, math.Atanh),
	"degrees": bounded(func(x float64) float64 { return x / (math.Pi / 180) }), "radians": radians,
}

// subnormal is the smallest normal double; below it math.Log is wrong on amd64.
const subnormal = 0x1p-1022

func naturalLog(x float64) float64 {
	if x < subnormal {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// decimalLog is exact for powers of ten, which math.Log10 is not.
func decimalLog(x float64) float64 {
	r := naturalLog(x) / math.Ln10
	if k := math.Round(r); math.Abs(r-k) < 1e-9 && math.Pow10(int(k)) == x {
		return k
	}
	return r
}

func radians(_ *call, x float64) (float64, error) {
	r := x * (math.Pi / 180)
	if r == 0 && x != 0 {
		return 0, floatUnderflow()
	}
	return r, nil
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func squareRoot(_ *call, x float64) (float64, error) {
	if x < 0 {
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "cannot take square root of a negative number")
	}
	return math.Sqrt(x), nil
}

func exponential(_ *call, x float64) (float64, error) {
	r := math.Exp(x)
	if math.IsInf(r, 0) && !math.IsInf(x, 0) {
		return 0, floatOverflow()
	}
	if r == 0 && !math.IsInf(x, 0) {
		return 0, floatUnderflow()
	}
	return r, nil
}

func cotangent(_ *call, x float64) (float64, error) {
	if math.IsInf(x, 0) {
		return 0, inputOutOfRange()
	}
	return 1 / math.Tan(x), nil
}

// power is PostgreSQL's dpow: POSIX's pow with errors in the places of the infinities that it would give.
func power(_ *call, a, b float64) (float64, error) {
	switch {
	case a != a:
		if b == 0 {
			return 1, nil
		}
		return a, nil
	case b != b:
		if a == 1 {
			return 1, nil
		}
		return b, nil
	case a == 0 && b < 0:
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
	case a < 0 && math.Floor(b) != b:
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
	}
	r := powerOf(a, b)
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return r, nil
	}
	if math.IsInf(r, 0) {
		return 0, floatOverflow()
	}
	if r == 0 && a != 0 {
		return 0, floatUnderflow()
	}
	return r, nil
}

// powerOf is a^b. The library's logarithm is wrong for subnormal numbers on some machines, so they are scaled first.
func powerOf(a, b float64) float64 {
	const smallestNormal, shift = 0x1p-1022, 54
	if a > 0 && a < smallestNormal && math.Floor(b) != b {
		return math.Pow(a*(1<<shift), b) * math.Exp2(-shift*b)
	}
	return math.Pow(a, b)
}
