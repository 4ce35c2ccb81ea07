package kernel

import (
	"math/bits"
	"unsafe"
)

// The arithmetic below computes every element and says whether any of them overflowed; which one, and whether its
// row counts, is found out afterwards in the rare case that one did.

// Add stores a[i] + b[i].
func Add[T Integer](dst, a, b []T) (overflow bool) {
	a, b = a[:len(dst)], b[:len(dst)]
	var bad T
	for i := range dst {
		x, y := a[i], b[i]
		s := x + y
		bad |= (x ^ s) & (y ^ s)
		dst[i] = s
	}
	return bad < 0
}

// AddTo stores a[i] + c.
func AddTo[T Integer](dst, a []T, c T) (overflow bool) {
	a = a[:len(dst)]
	var bad T
	for i := range dst {
		s := a[i] + c
		bad |= (a[i] ^ s) & (c ^ s)
		dst[i] = s
	}
	return bad < 0
}

// Sub stores a[i] - b[i].
func Sub[T Integer](dst, a, b []T) (overflow bool) {
	a, b = a[:len(dst)], b[:len(dst)]
	var bad T
	for i := range dst {
		x, y := a[i], b[i]
		s := x - y
		bad |= (x ^ y) & (x ^ s)
		dst[i] = s
	}
	return bad < 0
}

// SubTo stores a[i] - c.
func SubTo[T Integer](dst, a []T, c T) (overflow bool) {
	a = a[:len(dst)]
	var bad T
	for i := range dst {
		s := a[i] - c
		bad |= (a[i] ^ c) & (a[i] ^ s)
		dst[i] = s
	}
	return bad < 0
}

// SubFrom stores c - a[i].
func SubFrom[T Integer](dst []T, c T, a []T) (overflow bool) {
	a = a[:len(dst)]
	var bad T
	for i := range dst {
		s := c - a[i]
		bad |= (c ^ a[i]) & (c ^ s)
		dst[i] = s
	}
	return bad < 0
}

// Mul64 stores a[i] × b[i].
func Mul64(dst, a, b []int64) (overflow bool) {
	a, b = a[:len(dst)], b[:len(dst)]
	var bad uint64
	for i := range dst {
		h, l := mulSigned(a[i], b[i])
		bad |= uint64(h ^ int64(l)>>63)
		dst[i] = int64(l)
	}
	return bad != 0
}

// Mul64To stores a[i] × c.
func Mul64To(dst, a []int64, c int64) (overflow bool) {
	a = a[:len(dst)]
	var bad uint64
	for i := range dst {
		h, l := mulSigned(a[i], c)
		bad |= uint64(h ^ int64(l)>>63)
		dst[i] = int64(l)
	}
	return bad != 0
}

// mulSigned is the 128-bit product of two signed numbers.
func mulSigned(a, b int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	return int64(h) - (a>>63)&b - (b>>63)&a, l
}

// Neg stores -a[i].
func Neg[T Integer](dst, a []T) (overflow bool) {
	a = a[:len(dst)]
	var bad T
	for i := range dst {
		s := -a[i]
		bad |= a[i] & s
		dst[i] = s
	}
	return bad < 0
}

// Abs stores |a[i]|.
func Abs[T Integer](dst, a []T) (overflow bool) {
	a = a[:len(dst)]
	shift := uint(unsafe.Sizeof(T(0)))*8 - 1
	var bad T
	for i := range dst {
		m := a[i] >> shift
		dst[i] = (a[i] ^ m) - m
		bad |= dst[i]
	}
	return bad < 0
}

// Int128 is a two's complement integer in the layout of Arrow's decimal128 on little-endian machines.
type Int128 struct {
	Lo uint64
	Hi int64
}

// Wide is v as 128 bits.
func Wide(v int64) Int128 { return Int128{uint64(v), v >> 63} }

// Add is x + y, and whether it overflowed.
func (x Int128) Add(y Int128) (Int128, bool) {
	lo, c := bits.Add64(x.Lo, y.Lo, 0)
	hi := x.Hi + y.Hi + int64(c)
	return Int128{lo, hi}, (x.Hi^hi)&(y.Hi^hi) < 0
}

// Neg is -x.
func (x Int128) Neg() Int128 {
	lo, b := bits.Sub64(0, x.Lo, 0)
	return Int128{lo, -x.Hi - int64(b)}
}

// Sub is x - y, and whether it overflowed.
func (x Int128) Sub(y Int128) (Int128, bool) {
	lo, b := bits.Sub64(x.Lo, y.Lo, 0)
	hi := x.Hi - y.Hi - int64(b)
	return Int128{lo, hi}, (x.Hi^y.Hi)&(x.Hi^hi) < 0
}

// Less says whether x < y.
func (x Int128) Less(y Int128) bool { return x.Hi < y.Hi || x.Hi == y.Hi && x.Lo < y.Lo }

// MulWide stores the 128-bit products a[i] × b[i], which cannot overflow.
func MulWide(dst []Int128, a, b []int64) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		h, l := mulSigned(a[i], b[i])
		dst[i] = Int128{l, h}
	}
}

// MulWideTo stores the 128-bit products a[i] × c.
func MulWideTo(dst []Int128, a []int64, c int64) {
	a = a[:len(dst)]
	for i := range dst {
		h, l := mulSigned(a[i], c)
		dst[i] = Int128{l, h}
	}
}

// Mul128 stores the low 128 bits of a[i] × b[i]; the caller knows that the products fit.
func Mul128(dst, a, b []Int128) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i].mul(b[i])
	}
}

// Mul128To stores the low 128 bits of a[i] × c.
func Mul128To(dst, a []Int128, c Int128) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i].mul(c)
	}
}

func (x Int128) mul(y Int128) Int128 {
	h, l := bits.Mul64(x.Lo, y.Lo)
	return Int128{l, int64(h + uint64(x.Hi)*y.Lo + x.Lo*uint64(y.Hi))}
}

// Add128 stores a[i] + b[i]; the caller knows that the sums fit.
func Add128(dst, a, b []Int128) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i], _ = a[i].Add(b[i])
	}
}

// Sub128 stores a[i] - b[i]; the caller knows that the differences fit.
func Sub128(dst, a, b []Int128) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i], _ = a[i].Sub(b[i])
	}
}

// Widen stores a[i] as 128 bits.
func Widen(dst []Int128, a []int64) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = Wide(a[i])
	}
}

// Equal128 is [Equal] for 128-bit integers.
func Equal128(dst []uint64, a, b []Int128) {
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		y := b[k*64:]
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= bit(x == y[j]) << uint(j)
		}
		dst[k] = w
	}
}

// Less128 is [Less] for 128-bit integers.
func Less128(dst []uint64, a, b []Int128) {
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		y := b[k*64:]
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= bit(x.Less(y[j])) << uint(j)
		}
		dst[k] = w
	}
}

// Fill makes a vector of one value.
func Fill[T any](dst []T, c T) {
	for i := range dst {
		dst[i] = c
	}
}
