package eval

import (
	"math"

	"github.com/skeinsql/skein/engine/datum"
	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// numberCast is the kernel between two numeric types, nil when nothing is to be done.
func numberCast(from, to *types.Type) kernel {
	switch {
	case from.IsInteger() && to.IsInteger():
		return intToInt(from, to)
	case from.IsInteger() && to.IsFloat():
		return intToFloat(to)
	case from.IsFloat() && to.IsInteger():
		return floatToInt(to)
	case from.IsFloat() && to.IsFloat():
		return floatToFloat(from, to)
	case to.Kind == types.Numeric && from.Kind == types.Numeric:
		return numericToNumeric(from, to)
	case to.Kind == types.Numeric && from.IsInteger():
		return intToNumeric(to)
	case to.Kind == types.Numeric:
		return floatToNumeric(to)
	case to.IsInteger():
		return numericToInt(to)
	}
	return numericToFloat(to)
}

// outOfRange is PostgreSQL's error for an integer beyond its type.
func outOfRange(t *types.Type) error {
	name := t.String()
	if t.Kind == types.OID {
		name = "OID"
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", name)
}

// intBounds are the limits of an integer type.
func intBounds(t *types.Type) (lo, hi int64) {
	switch t.Kind {
	case types.Int2:
		return math.MinInt16, math.MaxInt16
	case types.Int4:
		return math.MinInt32, math.MaxInt32
	case types.OID:
		return 0, math.MaxUint32
	}
	return math.MinInt64, math.MaxInt64
}

func intToInt(from, to *types.Type) kernel {
	_, wf := shapeOf(from)
	_, wt := shapeOf(to)
	if from.Kind == to.Kind || wf == wt && to.Kind == types.Int8 {
		return nil
	}
	unsigned := to.Kind == types.OID && from.Kind != types.Int8 // int4 to oid keeps the bits
	signed := from.Kind == types.OID && to.Kind == types.Int4
	return func(c *call, args []*vector, out *vector) error {
		src := widenInts(c, 0, args[0])
		if unsigned || signed {
			src = scratchOf(c, 1, len(src), func(dst []int64) {
				for i, x := range src {
					if dst[i] = int64(uint32(x)); signed {
						dst[i] = int64(int32(uint32(x)))
					}
				}
			})
		}
		return storeInts(c, out, src)
	}
}

// storeInts stores integers in out's type with a check of the range.
func storeInts(c *call, out *vector, src []int64) error {
	lo, hi := intBounds(out.typ)
	bad := false
	for _, x := range src {
		bad = bad || x < lo || x > hi
	}
	if bad {
		for i, x := range src {
			if (x < lo || x > hi) && c.rowValid(i) {
				return outOfRange(out.typ)
			}
		}
	}
	switch _, w := shapeOf(out.typ); w {
	case 2:
		dst := values[int16](out)
		for i, x := range src {
			dst[i] = int16(x)
		}
	case 4:
		dst := values[int32](out)
		for i, x := range src {
			dst[i] = int32(x)
		}
	default:
		copy(values[int64](out), src)
	}
	return nil
}

func intToFloat(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		src := widenInts(c, 0, args[0])
		if to.Kind == types.Float4 {
			for i, dst := 0, values[float32](out); i < len(dst); i++ {
				dst[i] = float32(src[i])
			}
			return nil
		}
		for i, dst := 0, values[float64](out); i < len(dst); i++ {
			dst[i] = float64(src[i])
		}
		return nil
	}
}

func floatToInt(to *types.Type) kernel {
	lo, hi := intBounds(to)
	// The upper limit of int8 is not a double; the next one above is the first that is out.
	top := float64(hi)
	inside := func(x float64) bool {
		return x >= float64(lo) && (x <= top && top != math.MaxInt64 || x < math.MaxInt64)
	}
	return func(c *call, args []*vector, out *vector) error {
		src := widenFloats(c, 0, args[0])
		dst := scratchOf(c, 1, c.n, func([]int64) {})
		for i, f := range src {
			r := math.RoundToEven(f)
			if !inside(r) {
				if c.rowValid(i) {
					return outOfRange(to)
				}
				r = 0
			}
			dst[i] = int64(r)
		}
		return storeInts(c, out, dst)
	}
}

func floatToFloat(from, to *types.Type) kernel {
	if from.Kind == to.Kind {
		return nil
	}
	if to.Kind == types.Float8 {
		return func(c *call, args []*vector, out *vector) error {
			copy(values[float64](out), widenFloats(c, 0, args[0]))
			return nil
		}
	}
	return func(c *call, args []*vector, out *vector) error {
		dst := values[float32](out)
		for i, f := range values[float64](args[0]) {
			dst[i] = float32(f)
			if math.IsInf(float64(dst[i]), 0) && !math.IsInf(f, 0) && c.rowValid(i) {
				return floatOverflow()
			}
			if dst[i] == 0 && f != 0 && c.rowValid(i) {
				return floatUnderflow()
			}
		}
		return nil
	}
}

func floatOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
}

func floatUnderflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: underflow")
}

// hasMod says whether values have to be rounded to a declared precision and scale.
func hasMod(t *types.Type) bool { return t.Mod >= 4 }

// withMod rounds n to the modifier of t and checks its digits.
func withMod(n numeric.Num, t *types.Type) (numeric.Num, error) {
	if !hasMod(t) || n.Class == numeric.NaN && t.Precision == 0 {
		return n, nil
	}
	p, s := (t.Mod-4)>>16&0xffff, ((t.Mod-4)&0x7ff^1024)-1024
	if n.Class == numeric.Finite {
		if r := n.Round(s); r.IsZero() || r.Digits()-int(r.Scale) <= int(p-s) {
			return r, nil
		}
	}
	_, err := datum.WithNumericMod(n.Apd(), t)
	if err == nil {
		err = sqlerr.Unsupported("NaN in a column of type " + t.String())
	}
	return n, err
}

// storeCast stores numerics cast to t: rounded to its modifier, in its storage.
func storeCast(c *call, out *vector, src []numeric.Num) error {
	for i := range src {
		if !c.rowValid(i) {
			src[i] = numeric.Num{}
			continue
		}
		n, err := withMod(src[i], out.typ)
		if err != nil {
			return err
		}
		src[i] = n
	}
	return storeNums(out, src)
}

func intToNumeric(to *types.Type) kernel {
	if to.NumericStorage() == types.Decimal64 && to.Precision-to.Scale >= 10 || to.NumericStorage() == types.Decimal128 && to.Precision-to.Scale >= 19 {
		return intToDecimal(to)
	}
	return func(c *call, args []*vector, out *vector) error {
		src := widenInts(c, 0, args[0])
		return storeCast(c, out, scratchOf(c, 1, len(src), func(dst []numeric.Num) {
			for i, x := range src {
				dst[i] = numeric.FromInt64(x, 0)
			}
		}))
	}
}

// intToDecimal is for a type with room for every value of up to 32 bits, or 64 for 128-bit decimals.
func intToDecimal(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		src := widenInts(c, 0, args[0])
		if to.NumericStorage() == types.Decimal128 {
			dst := values[kernels.Int128](out)
			kernels.Widen(dst, src)
			kernels.Mul128To(dst, dst, int128Pow10(to.Scale))
			return nil
		}
		lim := numeric.Pow10(to.Precision - to.Scale)
		dst, f := values[int64](out), numeric.Pow10(to.Scale)
		for i, x := range src {
			if (x >= lim || x <= -lim) && c.rowValid(i) {
				_, err := withMod(numeric.FromInt64(x, 0), to)
				if err == nil {
					err = fieldOverflow(to)
				}
				return err
			}
			dst[i] = x * f
		}
		return nil
	}
}

func floatToNumeric(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		return storeCast(c, out, scratchOf(c, 1, c.n, func(dst []numeric.Num) {
			if args[0].typ.Kind == types.Float4 {
				for i, x := range values[float32](args[0]) {
					dst[i] = numeric.FromFloat32(x)
				}
				return
			}
			for i, x := range values[float64](args[0]) {
				dst[i] = numeric.FromFloat64(x)
			}
		}))
	}
}

func numericToFloat(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		src := load[numeric.Num](c, 0, args[0])
		for i, n := range src {
			if !c.rowValid(i) {
				continue
			}
			var f float64
			if to.Kind == types.Float4 {
				f = float64(n.Float32())
				values[float32](out)[i] = float32(f)
			} else {
				f = n.Float64()
				values[float64](out)[i] = f
			}
			if n.Class == numeric.Finite && (math.IsInf(f, 0) || f == 0 && !n.IsZero()) {
				return sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type %s", n.AppendText(nil), to)
			}
		}
		return nil
	}
}

func numericToInt(to *types.Type) kernel {
	lo, hi := intBounds(to)
	return func(c *call, args []*vector, out *vector) error {
		src := load[numeric.Num](c, 0, args[0])
		dst := scratchOf(c, 1, len(src), func([]int64) {})
		for i, n := range src {
			if dst[i] = 0; !c.rowValid(i) {
				continue
			}
			if n.Class != numeric.Finite {
				return notAnInteger(n, to)
			}
			x, ok := n.RoundInt64()
			if !ok || x < lo || x > hi {
				return outOfRange(to)
			}
			dst[i] = x
		}
		return storeInts(c, out, dst)
	}
}

func notAnInteger(n numeric.Num, to *types.Type) error {
	what := "infinity"
	if n.Class == numeric.NaN {
		what = "NaN"
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert %s to %s", what, to)
}

// numericToNumeric changes storage, scale and precision.
func numericToNumeric(from, to *types.Type) kernel {
	if types.SameStorage(from, to) && (!hasMod(to) || from.Precision != 0 && from.Precision <= to.Precision && from.Scale == to.Scale) {
		return nil
	}
	if from.NumericStorage() == types.Decimal64 && to.NumericStorage() == types.Decimal64 && from.Scale == to.Scale {
		return narrowDecimal64(to)
	}
	widens := from.NumericStorage() != types.VarNumeric && to.NumericStorage() != types.VarNumeric && to.Scale >= from.Scale && to.Precision-to.Scale >= from.Precision-from.Scale
	switch {
	case widens && to.NumericStorage() == types.Decimal64:
		return func(c *call, args []*vector, out *vector) error {
			copy(values[int64](out), scaled64(c, 0, args[0], to))
			return nil
		}
	case widens && to.NumericStorage() == types.Decimal128 && from.NumericStorage() != types.VarNumeric:
		return func(c *call, args []*vector, out *vector) error {
			scale128(values[kernels.Int128](out), args[0], to)
			return nil
		}
	}
	return func(c *call, args []*vector, out *vector) error {
		src := load[numeric.Num](c, 0, args[0])
		if args[0].typ.NumericStorage() == types.VarNumeric && !hasMod(to) && to.NumericStorage() != types.VarNumeric {
			return storeExact(c, out, src)
		}
		return storeCast(c, out, src)
	}
}

// narrowDecimal64 checks that every value has at most to's digits; the coefficients stay as they are.
func narrowDecimal64(to *types.Type) kernel {
	lim := numeric.Pow10(to.Precision)
	return func(c *call, args []*vector, out *vector) error {
		src := values[int64](args[0])
		copy(values[int64](out), src)
		// One comparison a value: |x| < lim when x+lim-1 is below 2*lim-1 as an unsigned number.
		low, width := uint64(lim-1), uint64(2*lim-1)
		over := false
		for _, x := range src {
			over = over || uint64(x)+low >= width
		}
		if !over {
			return nil
		}
		for i, x := range src {
			if uint64(x)+low >= width && c.rowValid(i) {
				return fieldOverflow(to)
			}
		}
		return nil
	}
}

// storeExact stores values that the plan says fit as they are.
func storeExact(c *call, out *vector, src []numeric.Num) error {
	for i, n := range src {
		if !c.rowValid(i) {
			src[i] = numeric.Num{}
		} else if n.Class != numeric.Finite || n.Digits()+int(out.typ.Scale-n.Scale) > int(out.typ.Precision) && !n.IsZero() {
			return fieldOverflow(out.typ)
		}
	}
	return storeNums(out, src)
}

// moneyToNumeric gives cents two digits after the point.
func moneyToNumeric(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		return storeCast(c, out, scratchOf(c, 1, c.n, func(dst []numeric.Num) {
			for i, x := range values[int64](args[0]) {
				dst[i] = numeric.FromInt64(x, 2)
			}
		}))
	}
}

// numberToMoney rounds to cents.
func numberToMoney(c *call, args []*vector, out *vector) error {
	v, dst := args[0], values[int64](out)
	var whole []int64
	if v.typ.IsInteger() {
		whole = widenInts(c, 0, v)
	}
	for i := range dst {
		if !c.rowValid(i) {
			continue
		}
		var n numeric.Num
		if whole != nil {
			n = numeric.FromInt64(whole[i], 0)
		} else {
			n = numAt(v, i)
		}
		if n.Class != numeric.Finite {
			return notAnInteger(n, types.Int8T)
		}
		n, _ = numeric.Mul(n.Round(2), numeric.FromInt64(100, 0))
		cents, ok := n.RoundInt64()
		if !ok {
			return outOfRange(types.Int8T)
		}
		dst[i] = cents
	}
	return nil
}
