package numeric

import (
	"math/big"
	"math/bits"
)

// pow10 holds the powers of ten that fit into 128 bits.
var pow10 = func() (t [39][2]uint64) {
	t[0][1] = 1
	for i := 1; i < len(t); i++ {
		h, l := bits.Mul64(t[i-1][1], 10)
		t[i] = [2]uint64{t[i-1][0]*10 + h, l}
	}
	return t
}()

// Pow10 is 10^k for k of 0 to 18.
func Pow10(k int32) int64 { return int64(pow10[k][1]) }

var bigPow10 = func() (t [64]*big.Int) {
	p := big.NewInt(1)
	for i := range t {
		t[i] = new(big.Int).Set(p)
		p.Mul(p, big.NewInt(10))
	}
	return t
}()

// pow10Big is 10^k, not to be changed.
func pow10Big(k int) *big.Int {
	if k < len(bigPow10) {
		return bigPow10[k]
	}
	return new(big.Int).Exp(bigPow10[1], big.NewInt(int64(k)), nil)
}

// digits128 is the number of decimal digits of hi:lo, 1 for zero.
func digits128(hi, lo uint64) int {
	n := bits.Len64(lo)
	if hi != 0 {
		n = 64 + bits.Len64(hi)
	}
	d := n * 1233 >> 12 // n × log10(2), rounded down for n up to 128
	if d < len(pow10) && !less128(hi, lo, pow10[d][0], pow10[d][1]) {
		d++
	}
	return max(d, 1)
}

func less128(ah, al, bh, bl uint64) bool { return ah < bh || ah == bh && al < bl }

// mul128 is a × b when it fits into 128 bits.
func mul128(ah, al, bh, bl uint64) (hi, lo uint64, ok bool) {
	if ah != 0 && bh != 0 {
		return 0, 0, false
	}
	h, l := bits.Mul64(al, bl)
	o1, m1 := bits.Mul64(ah, bl)
	o2, m2 := bits.Mul64(al, bh)
	h, c1 := bits.Add64(h, m1, 0)
	h, c2 := bits.Add64(h, m2, 0)
	return h, l, o1|o2|c1|c2 == 0
}

// div128 is a / b with its remainder; b is not zero.
func div128(ah, al, bh, bl uint64) (qh, ql, rh, rl uint64) {
	if bh == 0 {
		qh, rem := ah/bl, ah%bl
		ql, rl = bits.Div64(rem, al, bl)
		return qh, ql, 0, rl
	}
	// The quotient fits into 64 bits: estimate it from the leading words (Hacker's Delight, divlu), then correct.
	n := uint(bits.LeadingZeros64(bh))
	v1 := bh<<n | bl>>(64-n) // n is 0 for a large bh: bl>>64 is 0 in Go
	u1, u0 := ah>>1, ah<<63|al>>1
	q, _ := bits.Div64(u1, u0, v1)
	q = q >> (63 - n)
	if q != 0 {
		q--
	}
	ph, pl := bits.Mul64(q, bl)
	ph += q * bh
	rl, br := bits.Sub64(al, pl, 0)
	rh, _ = bits.Sub64(ah, ph, br)
	if !less128(rh, rl, bh, bl) {
		q++
		rl, br = bits.Sub64(rl, bl, 0)
		rh, _ = bits.Sub64(rh, bh, br)
	}
	return 0, q, rh, rl
}

// Pow10Wide is 10^k for k of 0 to 38.
func Pow10Wide(k int32) (hi, lo uint64) { return pow10[k][0], pow10[k][1] }
