// Package kernel holds typed loops over plain slices: comparison, arithmetic, hashing. A loop has its operator inside
// and neither calls nor allocates per element. Boolean results are bitmaps of 64-bit words; what lies behind the last
// element of one is unspecified. Everything is pure and safe for concurrent use on distinct results.
package kernel

import "cmp"

// Integer are the integers that vectors hold.
type Integer interface {
	~int16 | ~int32 | ~int64
}

// Float are the floating-point numbers that vectors hold.
type Float interface{ ~float32 | ~float64 }

// bit is 1 for true; the compiler makes it one instruction.
func bit(b bool) uint64 {
	var x uint64
	if b {
		x = 1
	}
	return x
}

// Equal sets bit i of dst where a[i] = b[i]. b has at least as many elements as a, dst a word for each 64. For floats
// see [EqualFloat].
func Equal[T cmp.Ordered](dst []uint64, a, b []T) {
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		i := k * 64
		x, y := a[i:min(i+64, len(a))], b[i:min(i+64, len(a))]
		var w uint64
		for len(x) >= 8 && len(y) >= 8 {
			w = w>>8 | (bit(x[0] == y[0])|bit(x[1] == y[1])<<1|bit(x[2] == y[2])<<2|bit(x[3] == y[3])<<3|
				bit(x[4] == y[4])<<4|bit(x[5] == y[5])<<5|bit(x[6] == y[6])<<6|bit(x[7] == y[7])<<7)<<56
			x, y = x[8:], y[8:]
		}
		dst[k] = tail(w, len(a)-i, len(x), func(j int) bool { return x[j] == y[j] })
	}
}

// EqualTo sets bit i of dst where a[i] = c.
func EqualTo[T cmp.Ordered](dst []uint64, a []T, c T) {
	for k := range dst[:(len(a)+63)/64] {
		i := k * 64
		x := a[i:min(i+64, len(a))]
		var w uint64
		for len(x) >= 8 {
			w = w>>8 | (bit(x[0] == c)|bit(x[1] == c)<<1|bit(x[2] == c)<<2|bit(x[3] == c)<<3|
				bit(x[4] == c)<<4|bit(x[5] == c)<<5|bit(x[6] == c)<<6|bit(x[7] == c)<<7)<<56
			x = x[8:]
		}
		dst[k] = tail(w, len(a)-i, len(x), func(j int) bool { return x[j] == c })
	}
}

// Less sets bit i of dst where a[i] < b[i]. For floats see [LessFloat].
func Less[T cmp.Ordered](dst []uint64, a, b []T) {
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		i := k * 64
		x, y := a[i:min(i+64, len(a))], b[i:min(i+64, len(a))]
		var w uint64
		for len(x) >= 8 && len(y) >= 8 {
			w = w>>8 | (bit(x[0] < y[0])|bit(x[1] < y[1])<<1|bit(x[2] < y[2])<<2|bit(x[3] < y[3])<<3|
				bit(x[4] < y[4])<<4|bit(x[5] < y[5])<<5|bit(x[6] < y[6])<<6|bit(x[7] < y[7])<<7)<<56
			x, y = x[8:], y[8:]
		}
		dst[k] = tail(w, len(a)-i, len(x), func(j int) bool { return x[j] < y[j] })
	}
}

// LessThan sets bit i of dst where a[i] < c.
func LessThan[T cmp.Ordered](dst []uint64, a []T, c T) {
	for k := range dst[:(len(a)+63)/64] {
		i := k * 64
		x := a[i:min(i+64, len(a))]
		var w uint64
		for len(x) >= 8 {
			w = w>>8 | (bit(x[0] < c)|bit(x[1] < c)<<1|bit(x[2] < c)<<2|bit(x[3] < c)<<3|
				bit(x[4] < c)<<4|bit(x[5] < c)<<5|bit(x[6] < c)<<6|bit(x[7] < c)<<7)<<56
			x = x[8:]
		}
		dst[k] = tail(w, len(a)-i, len(x), func(j int) bool { return x[j] < c })
	}
}

// GreaterThan sets bit i of dst where a[i] > c.
func GreaterThan[T cmp.Ordered](dst []uint64, a []T, c T) {
	for k := range dst[:(len(a)+63)/64] {
		i := k * 64
		x := a[i:min(i+64, len(a))]
		var w uint64
		for len(x) >= 8 {
			w = w>>8 | (bit(x[0] > c)|bit(x[1] > c)<<1|bit(x[2] > c)<<2|bit(x[3] > c)<<3|
				bit(x[4] > c)<<4|bit(x[5] > c)<<5|bit(x[6] > c)<<6|bit(x[7] > c)<<7)<<56
			x = x[8:]
		}
		dst[k] = tail(w, len(a)-i, len(x), func(j int) bool { return x[j] > c })
	}
}

// tail ends a word that was filled from the top in bytes: it adds the last rest elements and moves all to the bottom.
func tail(w uint64, total, rest int, at func(j int) bool) uint64 {
	if total >= 64 {
		return w
	}
	done := total - rest
	if done > 0 {
		w >>= 64 - uint(done)
	}
	for j := range rest {
		w |= bit(at(j)) << uint(done+j)
	}
	return w
}

// hasNaN says whether a holds a NaN.
func hasNaN[T Float](a []T) bool {
	for len(a) >= 4 {
		if bit(a[0] != a[0])|bit(a[1] != a[1])|bit(a[2] != a[2])|bit(a[3] != a[3]) != 0 {
			return true
		}
		a = a[4:]
	}
	for _, x := range a {
		if x != x {
			return true
		}
	}
	return false
}

// EqualFloat is [Equal] in PostgreSQL's order: NaN equals NaN.
func EqualFloat[T Float](dst []uint64, a, b []T) {
	if !hasNaN(a) {
		Equal(dst, a, b)
		return
	}
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		y := b[k*64:]
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= (bit(x == y[j]) | bit(x != x)&bit(y[j] != y[j])) << uint(j)
		}
		dst[k] = w
	}
}

// EqualToFloat is [EqualTo] in PostgreSQL's order.
func EqualToFloat[T Float](dst []uint64, a []T, c T) {
	if c == c {
		EqualTo(dst, a, c)
		return
	}
	nan := bit(c != c)
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= (bit(x == c) | bit(x != x)&nan) << uint(j)
		}
		dst[k] = w
	}
}

// LessFloat is [Less] in PostgreSQL's order: NaN is above everything else.
func LessFloat[T Float](dst []uint64, a, b []T) {
	if !hasNaN(a) && !hasNaN(b[:len(a)]) {
		Less(dst, a, b)
		return
	}
	b = b[:len(a)]
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		y := b[k*64:]
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= (bit(x < y[j]) | bit(x == x)&bit(y[j] != y[j])) << uint(j)
		}
		dst[k] = w
	}
}

// LessThanFloat is [LessThan] in PostgreSQL's order.
func LessThanFloat[T Float](dst []uint64, a []T, c T) {
	if c == c {
		LessThan(dst, a, c)
		return
	}
	nan := bit(c != c)
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= (bit(x < c) | bit(x == x)&nan) << uint(j)
		}
		dst[k] = w
	}
}

// GreaterThanFloat is [GreaterThan] in PostgreSQL's order.
func GreaterThanFloat[T Float](dst []uint64, a []T, c T) {
	if !hasNaN(a) {
		GreaterThan(dst, a, c)
		return
	}
	number := bit(c == c)
	for k := range dst[:(len(a)+63)/64] {
		var w uint64
		for j, x := range a[k*64 : min(k*64+64, len(a))] {
			w |= (bit(x > c) | bit(x != x)&number) << uint(j)
		}
		dst[k] = w
	}
}

// Invert complements n bits.
func Invert(w []uint64) {
	for i := range w {
		w[i] = ^w[i]
	}
}
