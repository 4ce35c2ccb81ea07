package numeric

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// The encoding of one value: a little-endian 16-bit header, then the magnitude in little-endian 64-bit words without
// leading zero words (zero has none). The header is the scale (14 bits), the sign (bit 14), or, with bit 15, the class of
// a value that is not finite. A value of one scale has one encoding.
const (
	signBit    = 1 << 14
	specialBit = 1 << 15
	scaleMask  = signBit - 1
)

// Append adds n's encoding to dst.
func Append(dst []byte, n Num) []byte {
	h := uint16(n.Scale)
	if n.Neg {
		h |= signBit
	}
	if n.Class != Finite {
		h = specialBit | uint16(n.Class)
	}
	dst = binary.LittleEndian.AppendUint16(dst, h)
	switch {
	case n.Class != Finite:
	case n.Big != nil:
		for _, w := range n.Big.Bits() {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(w))
		}
	case n.Hi != 0:
		dst = binary.LittleEndian.AppendUint64(dst, n.Lo)
		dst = binary.LittleEndian.AppendUint64(dst, n.Hi)
	case n.Lo != 0:
		dst = binary.LittleEndian.AppendUint64(dst, n.Lo)
	}
	return dst
}

// Encoded128 is the most bytes that a value of up to 128 bits is encoded in.
const Encoded128 = 18

// AppendProduct adds the encoding of the product of two's complement 128-bit integers, with a scale; ok is false when it takes more
// than 128 bits.
func AppendProduct(dst []byte, ah int64, al uint64, bh int64, bl uint64, scale int32) (out []byte, ok bool) {
	an, bn := uint64(ah>>63), uint64(bh>>63) // all ones for a negative number, whose magnitude is ^x+1
	ml, c := bits.Add64(al^an, an&1, 0)
	mh := (uint64(ah) ^ an) + c
	nl, c := bits.Add64(bl^bn, bn&1, 0)
	nh := (uint64(bh) ^ bn) + c
	if mh != 0 && nh != 0 {
		return dst, false
	}
	hi, lo := bits.Mul64(ml, nl)
	if mh|nh != 0 {
		o, m := bits.Mul64(mh|nh, ml*b01(nh != 0)|nl*b01(mh != 0))
		var carry uint64
		if hi, carry = bits.Add64(hi, m, 0); o|carry != 0 {
			return dst, false
		}
	}
	h := uint16(scale)
	if an != bn && hi|lo != 0 {
		h |= signBit
	}
	n := len(dst)
	dst = append(dst, make([]byte, Encoded128)...)
	b := dst[n : n+Encoded128]
	binary.LittleEndian.PutUint16(b, h)
	binary.LittleEndian.PutUint64(b[2:], lo)
	binary.LittleEndian.PutUint64(b[10:], hi)
	switch {
	case hi != 0:
		return dst, true
	case lo != 0:
		return dst[:n+10], true
	}
	return dst[:n+2], true
}

func b01(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// Decode reads what [Append] wrote. Bytes that it cannot have written (an empty slot under a NULL) give 0.
func Decode(b []byte) Num {
	if len(b) < 2 {
		return Num{}
	}
	h := binary.LittleEndian.Uint16(b)
	if h&specialBit != 0 {
		return Num{Class: Class(h & 3)}
	}
	n := Num{Neg: h&signBit != 0, Scale: int32(h & scaleMask)}
	switch len(b) {
	case 2:
	case 10:
		n.Lo = binary.LittleEndian.Uint64(b[2:])
	case 18:
		n.Lo, n.Hi = binary.LittleEndian.Uint64(b[2:]), binary.LittleEndian.Uint64(b[10:])
	default:
		w := make([]big.Word, (len(b)-2)/8)
		for i := range w {
			w[i] = big.Word(binary.LittleEndian.Uint64(b[2+8*i:]))
		}
		n.Big = new(big.Int).SetBits(w)
	}
	return n
}

// Valid says whether b is an encoding; for bytes that come from outside.
func Valid(b []byte) bool { return len(b) >= 2 && bytes.Equal(Append(nil, Decode(b)), b) }

// Compare orders two encoded values as [Num.Cmp] does.
func Compare(a, b []byte) int {
	if len(a) == 10 && len(b) == 10 {
		ha, hb := binary.LittleEndian.Uint16(a), binary.LittleEndian.Uint16(b)
		if ha == hb { // finite, of one sign and scale
			x, y := binary.LittleEndian.Uint64(a[2:]), binary.LittleEndian.Uint64(b[2:])
			c := 0
			if x < y {
				c = -1
			} else if x > y {
				c = 1
			}
			if ha&signBit != 0 {
				return -c
			}
			return c
		}
	}
	return Decode(a).Cmp(Decode(b))
}

// AppendKey adds bytes that are equal for equal values whatever their scales, for hashing and grouping: the encoding of
// the value without trailing zeros after the point. The argument is an encoded value.
func AppendKey(dst, enc []byte) []byte { return Append(dst, Decode(enc).Canonical()) }

// Canonical is n without trailing zeros after the point: equal values have equal canonical forms.
func (n Num) Canonical() Num {
	if n.Class != Finite || n.Scale == 0 {
		return n
	}
	if n.IsZero() {
		return Num{}
	}
	if n.Big != nil {
		return n.canonicalBig()
	}
	for n.Scale > 0 {
		if n.Lo&1 != 0 {
			break
		}
		qh, ql, _, r := div128(n.Hi, n.Lo, 0, 10)
		if r != 0 {
			break
		}
		n.Hi, n.Lo, n.Scale = qh, ql, n.Scale-1
	}
	return n
}

func (n Num) canonicalBig() Num {
	m, q, r := new(big.Int).Set(n.Big), new(big.Int), new(big.Int)
	for _, step := range []int32{4096, 512, 64, 8, 1} {
		for n.Scale >= step {
			if q.QuoRem(m, pow10Big(int(step)), r); r.Sign() != 0 {
				break
			}
			m, q = q, m
			n.Scale -= step
		}
	}
	return n.withMag(m)
}

// Cmp orders values as PostgreSQL does: -Infinity first, then the finite values by size, Infinity, NaN last and equal
// to itself.
func (n Num) Cmp(o Num) int {
	if n.Class != Finite || o.Class != Finite {
		return rank(n) - rank(o)
	}
	sn, so := n.Sign(), o.Sign()
	if sn != so || sn == 0 {
		return sn - so
	}
	return sn * cmpMag(n, o)
}

func rank(n Num) int {
	switch n.Class {
	case NegInf:
		return -1
	case PosInf:
		return 1
	case NaN:
		return 2
	}
	return 0
}

// cmpMag compares the absolute values of finite numbers.
func cmpMag(n, o Num) int {
	if n.Big == nil && o.Big == nil {
		if nh, nl, oh, ol, ok := aligned(n, o); ok {
			switch {
			case less128(nh, nl, oh, ol):
				return -1
			case nh == oh && nl == ol:
				return 0
			}
			return 1
		}
	}
	a, b := n.Mag(), o.Mag()
	if n.Scale < o.Scale {
		a = new(big.Int).Mul(a, pow10Big(int(o.Scale-n.Scale)))
	} else if o.Scale < n.Scale {
		b = new(big.Int).Mul(b, pow10Big(int(n.Scale-o.Scale)))
	}
	return a.CmpAbs(b)
}

// aligned gives both magnitudes at the larger scale, where they fit into 128 bits.
func aligned(n, o Num) (nh, nl, oh, ol uint64, ok bool) {
	nh, nl, oh, ol, ok = n.Hi, n.Lo, o.Hi, o.Lo, true
	if d := o.Scale - n.Scale; d > 0 {
		if d >= int32(len(pow10)) {
			return 0, 0, 0, 0, false
		}
		nh, nl, ok = mul128(nh, nl, pow10[d][0], pow10[d][1])
	} else if d < 0 {
		if -d >= int32(len(pow10)) {
			return 0, 0, 0, 0, false
		}
		oh, ol, ok = mul128(oh, ol, pow10[-d][0], pow10[-d][1])
	}
	return nh, nl, oh, ol, ok
}
