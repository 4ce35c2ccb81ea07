package eval

import (
	"math"
	"unsafe"

	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{}
	integerTable[int16](table, "int2")
	integerTable[int32](table, "int4")
	integerTable[int64](table, "int8")
	for _, cross := range []string{"int24", "int42"} {
		arithmeticTable[int32](table, cross)
	}
	for _, cross := range []string{"int28", "int82", "int48", "int84"} {
		arithmeticTable[int64](table, cross)
	}
	gcdTable[int32](table, "int4")
	gcdTable[int64](table, "int8")
	register(table)
}

func arithmeticTable[T int16 | int32 | int64](table implementations, name string) {
	table[name+"pl"] = fixed(addInts[T])
	table[name+"mi"] = fixed(subInts[T])
	table[name+"mul"] = fixed(mulInts[T])
	table[name+"div"] = fixed(divInts[T])
}

func integerTable[T int16 | int32 | int64](table implementations, name string) {
	arithmeticTable[T](table, name)
	table[name+"mod"], table[name+"mod_fn"] = fixed(modInts[T]), fixed(modInts[T])
	table[name+"um"] = fixed(negInts[T])
	table[name+"up"] = fixed(copyFixed)
	table[name+"abs"], table[name+"abs_op"] = fixed(absInts[T]), fixed(absInts[T])
	table[name+"and"] = byRow2(func(_ *call, a, b T) (T, error) { return a & b, nil })
	table[name+"or"] = byRow2(func(_ *call, a, b T) (T, error) { return a | b, nil })
	table[name+"xor"] = byRow2(func(_ *call, a, b T) (T, error) { return a ^ b, nil })
	table[name+"not"] = byRow1(func(_ *call, a T) (T, error) { return ^a, nil })
	table[name+"shl"] = byRow2(func(_ *call, a T, b int32) (T, error) { return a << shiftCount[T](b), nil })
	table[name+"shr"] = byRow2(func(_ *call, a T, b int32) (T, error) { return a >> shiftCount[T](b), nil })
}

// shiftCount is the count that PostgreSQL's C shifts by on x86: the low bits of it, of an int for int2.
func shiftCount[T int16 | int32 | int64](b int32) uint {
	if unsafe.Sizeof(T(0)) == 8 {
		return uint(b) & 63
	}
	return uint(b) & 31
}

// intsAs gives integers of any width as T, which is at least as wide.
func intsAs[T int16 | int32 | int64](c *call, k int, v *vector) []T {
	if _, w := shapeOf(v.typ); w == int(unsafe.Sizeof(T(0))) {
		return values[T](v)
	}
	return scratchOf(c, k, v.count(), func(dst []T) {
		if v.typ.Kind == types.Int2 {
			for i, x := range values[int16](v) {
				dst[i] = T(x)
			}
			return
		}
		for i, x := range values[int32](v) {
			dst[i] = T(x)
		}
	})
}

// firstOverflow is the error of the first row that counts for which bad says so, nil when there is none.
func firstOverflow(c *call, bad func(i int) bool) error {
	for i := range c.n {
		if c.rowValid(i) && bad(i) {
			return outOfRange(c.typ)
		}
	}
	return nil
}

func addInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, b, dst := intsAs[T](c, 0, args[0]), intsAs[T](c, 1, args[1]), values[T](out)
	var overflow bool
	switch {
	case args[1].konst:
		overflow = kernels.AddTo(dst, a, b[0])
	case args[0].konst:
		overflow = kernels.AddTo(dst, b, a[0])
	default:
		overflow = kernels.Add(dst, a, b)
	}
	if !overflow {
		return nil
	}
	ma, mb := stride(args[0]), stride(args[1])
	return firstOverflow(c, func(i int) bool {
		x, y, s := a[i&ma], b[i&mb], dst[i]
		return (x^s)&(y^s) < 0
	})
}

func subInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, b, dst := intsAs[T](c, 0, args[0]), intsAs[T](c, 1, args[1]), values[T](out)
	var overflow bool
	switch {
	case args[0].konst && args[1].konst:
		overflow = kernels.Sub(dst, a, b)
	case args[0].konst:
		overflow = kernels.SubFrom(dst, a[0], b)
	case args[1].konst:
		overflow = kernels.SubTo(dst, a, b[0])
	default:
		overflow = kernels.Sub(dst, a, b)
	}
	if !overflow {
		return nil
	}
	ma, mb := stride(args[0]), stride(args[1])
	return firstOverflow(c, func(i int) bool {
		x, y, s := a[i&ma], b[i&mb], dst[i]
		return (x^y)&(x^s) < 0
	})
}

func minInt[T int16 | int32 | int64]() T { return T(-1) << (unsafe.Sizeof(T(0))*8 - 1) }

func mulInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, b, dst := intsAs[T](c, 0, args[0]), intsAs[T](c, 1, args[1]), values[T](out)
	if args[0].konst {
		a, b, args = b, a, []*vector{args[1], args[0]}
	}
	ma, mb := stride(args[0]), stride(args[1])
	var overflow bool
	if x, is := any(a).([]int64); is {
		y, p := any(b).([]int64), any(dst).([]int64)
		if args[1].konst {
			overflow = kernels.Mul64To(p, x, y[0])
		} else {
			overflow = kernels.Mul64(p, x, y)
		}
	} else {
		bad := int64(0)
		for i := range dst {
			p := int64(a[i&ma]) * int64(b[i&mb])
			dst[i] = T(p)
			bad |= p ^ int64(dst[i])
		}
		overflow = bad != 0
	}
	if !overflow {
		return nil
	}
	return firstOverflow(c, func(i int) bool { return mulOverflows(int64(a[i&ma]), int64(b[i&mb]), int64(dst[i])) })
}

// mulOverflows says whether p, the product in the result's width, is not x × y.
func mulOverflows(x, y, p int64) bool {
	if x == 0 || y == 0 {
		return false
	}
	return p/y != x || x == -1 && y == math.MinInt64 || y == -1 && x == math.MinInt64
}

func divInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, b, dst := intsAs[T](c, 0, args[0]), intsAs[T](c, 1, args[1]), values[T](out)
	ma, mb := stride(args[0]), stride(args[1])
	for i := range dst {
		x, y := a[i&ma], b[i&mb]
		if y == 0 || y == -1 && x == minInt[T]() {
			if dst[i] = 0; !c.rowValid(i) {
				continue
			}
			if y == 0 {
				return numeric.DivisionByZero()
			}
			return outOfRange(c.typ)
		}
		dst[i] = x / y
	}
	return nil
}

func modInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, b, dst := values[T](args[0]), values[T](args[1]), values[T](out)
	ma, mb := stride(args[0]), stride(args[1])
	for i := range dst {
		switch x, y := a[i&ma], b[i&mb]; y {
		case 0:
			if dst[i] = 0; c.rowValid(i) {
				return numeric.DivisionByZero()
			}
		case -1:
			dst[i] = 0
		default:
			dst[i] = x % y
		}
	}
	return nil
}

func negInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, dst := values[T](args[0]), values[T](out)
	if kernels.Neg(dst, a) {
		return firstOverflow(c, func(i int) bool { return a[i] == minInt[T]() })
	}
	return nil
}

func absInts[T int16 | int32 | int64](c *call, args []*vector, out *vector) error {
	a, dst := values[T](args[0]), values[T](out)
	if kernels.Abs(dst, a) {
		return firstOverflow(c, func(i int) bool { return a[i] == minInt[T]() })
	}
	return nil
}

// copyFixed is unary plus.
func copyFixed(_ *call, args []*vector, out *vector) error {
	copy(out.fixed, args[0].fixed)
	return nil
}

func gcdTable[T int32 | int64](table implementations, name string) {
	table[name+"gcd"] = byRow2(func(c *call, a, b T) (T, error) {
		g := gcd(a, b)
		if g < 0 { // only gcd of the smallest integer with itself or 0
			return 0, outOfRange(c.typ)
		}
		return g, nil
	})
	table[name+"lcm"] = byRow2(func(c *call, a, b T) (T, error) {
		if a == 0 || b == 0 {
			return 0, nil
		}
		x := a / gcd(a, b)
		p := x * b
		if mulOverflows(int64(x), int64(b), int64(p)) || p == -p {
			return 0, outOfRange(c.typ)
		}
		return max(p, -p), nil
	})
}

// gcd is the greatest common divisor; negative when it is too large for T.
func gcd[T int32 | int64](a, b T) T {
	for b != 0 {
		if b == -1 {
			return 1
		}
		a, b = b, a%b
	}
	return max(a, -a)
}
