// Package numeric is PostgreSQL's numeric: exact decimal values that each have a scale of their own, with NaN and the
// infinities; their compact encoding in Arrow binary vectors; PostgreSQL 15's arithmetic with its result scales; and
// fixed-point loops over 64-bit and 128-bit decimals.
//
// Everything here is pure and safe for concurrent use.
package numeric

import (
	"math/big"
	"math/bits"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Class says what a [Num] is.
type Class uint8

// The classes, in no particular order: see [Num.Cmp].
const (
	Finite Class = iota
	NaN
	PosInf
	NegInf
)

// MaxScale is the most digits after the point that a value can have, MaxDigits the most before it, MaxResultScale the most that
// division, roots and the like give (PostgreSQL's NUMERIC_DSCALE_MAX, 131,072, NUMERIC_MAX_DISPLAY_SCALE).
const (
	MaxScale       = 16383
	MaxDigits      = 131072
	MaxResultScale = 1000
	minSigDigits   = 16
)

// Num is one value: ±magnitude × 10^-Scale. The zero value is 0. A Num is immutable; copies share Big.
type Num struct {
	Class  Class
	Neg    bool
	Scale  int32    // digits after the point, 0 to MaxScale
	Hi, Lo uint64   // the magnitude, when Big is nil
	Big    *big.Int // the magnitude when it takes more than 128 bits
}

// NotANumber, Infinity and NegInfinity are the values that are not finite.
var (
	NotANumber  = Num{Class: NaN}
	Infinity    = Num{Class: PosInf}
	NegInfinity = Num{Class: NegInf}
	one         = Num{Lo: 1}
)

// FromInt64 is v × 10^-scale.
func FromInt64(v int64, scale int32) Num {
	if v < 0 {
		return Num{Neg: true, Lo: uint64(-v), Scale: scale}
	}
	return Num{Lo: uint64(v), Scale: scale}
}

// FromInt128 is the two's complement hi:lo × 10^-scale.
func FromInt128(hi int64, lo uint64, scale int32) Num {
	if hi >= 0 {
		return Num{Hi: uint64(hi), Lo: lo, Scale: scale}
	}
	l, borrow := bits.Sub64(0, lo, 0)
	h, _ := bits.Sub64(0, uint64(hi), borrow)
	return Num{Neg: true, Hi: h, Lo: l, Scale: scale}
}

// FromBig is ±m × 10^-scale; it takes m over.
func FromBig(m *big.Int, scale int32) Num {
	n := Num{Neg: m.Sign() < 0, Scale: scale}
	return n.withMag(m.Abs(m))
}

// withMag gives n another magnitude, which it takes over.
func (n Num) withMag(m *big.Int) Num {
	if m.BitLen() > 128 {
		n.Hi, n.Lo, n.Big = 0, 0, m
		return n
	}
	n.Big, n.Hi, n.Lo = nil, 0, 0
	w := m.Bits()
	if len(w) > 0 {
		n.Lo = uint64(w[0])
	}
	if len(w) > 1 {
		n.Hi = uint64(w[1])
	}
	return n.normal()
}

// normal drops the sign of zero.
func (n Num) normal() Num {
	if n.Lo|n.Hi == 0 && n.Big == nil {
		n.Neg = false
	}
	return n
}

// Mag is the magnitude; the caller does not change it.
func (n Num) Mag() *big.Int {
	if n.Big != nil {
		return n.Big
	}
	return bigOf(n.Hi, n.Lo)
}

// Int is the signed coefficient, the caller's own.
func (n Num) Int() *big.Int {
	m := new(big.Int).Set(n.Mag())
	if n.Neg {
		m.Neg(m)
	}
	return m
}

func bigOf(hi, lo uint64) *big.Int {
	if hi == 0 {
		return new(big.Int).SetUint64(lo)
	}
	return new(big.Int).SetBits([]big.Word{big.Word(lo), big.Word(hi)})
}

// IsZero says whether n is 0.
func (n Num) IsZero() bool { return n.Class == Finite && n.Hi|n.Lo == 0 && n.Big == nil }

// Sign is -1, 0 or 1; 0 for NaN too.
func (n Num) Sign() int {
	switch {
	case n.Class == PosInf:
		return 1
	case n.Class == NegInf:
		return -1
	case n.Class == NaN || n.IsZero():
		return 0
	case n.Neg:
		return -1
	}
	return 1
}

// Int64 is the coefficient as an int64, if it is finite and fits.
func (n Num) Int64() (v int64, ok bool) {
	if n.Class != Finite || n.Hi != 0 || n.Big != nil || n.Lo > 1<<63 || n.Lo == 1<<63 && !n.Neg {
		return 0, false
	}
	if n.Neg {
		return -int64(n.Lo), true
	}
	return int64(n.Lo), true
}

// Int128 is the coefficient in two's complement, if it is finite and fits.
func (n Num) Int128() (hi int64, lo uint64, ok bool) {
	if n.Class != Finite || n.Big != nil || n.Hi>>63 != 0 {
		return 0, 0, false
	}
	if !n.Neg {
		return int64(n.Hi), n.Lo, true
	}
	l, borrow := bits.Sub64(0, n.Lo, 0)
	h, _ := bits.Sub64(0, n.Hi, borrow)
	return int64(h), l, true
}

// FromApd is the value of a datum. A positive exponent is written out.
func FromApd(d *apd.Decimal) Num {
	switch d.Form {
	case apd.Infinite:
		if d.Negative {
			return NegInfinity
		}
		return Infinity
	case apd.NaN, apd.NaNSignaling:
		return NotANumber
	}
	m := new(big.Int).Set(d.Coeff.MathBigInt())
	scale := -d.Exponent
	if scale < 0 {
		m.Mul(m, pow10Big(int(-scale)))
		scale = 0
	}
	return Num{Neg: d.Negative, Scale: scale}.withMag(m)
}

// Apd is n as a datum: the exponent is minus the scale.
func (n Num) Apd() *apd.Decimal {
	d := new(apd.Decimal)
	switch n.Class {
	case NaN:
		d.Form = apd.NaN
		return d
	case PosInf, NegInf:
		d.Form, d.Negative = apd.Infinite, n.Class == NegInf
		return d
	}
	d.Negative, d.Exponent = n.Neg, -n.Scale
	if n.Big == nil && n.Hi == 0 {
		d.Coeff.SetUint64(n.Lo)
	} else {
		d.Coeff.SetMathBigInt(n.Mag())
	}
	return d
}

// Digits is the number of decimal digits of the magnitude, 1 for zero.
func (n Num) Digits() int {
	if n.Big == nil {
		return digits128(n.Hi, n.Lo)
	}
	est := int(float64(n.Big.BitLen()-1) * 0.30102999566398119521)
	if n.Big.CmpAbs(pow10Big(est)) >= 0 {
		est++
	}
	if n.Big.CmpAbs(pow10Big(est)) >= 0 {
		est++
	}
	return est
}

// overflow is PostgreSQL's error for a value beyond what numeric can hold.
func overflow() error { return sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format") }

// bounded checks n against the limits of numeric, cutting the scale as PostgreSQL does.
func (n Num) bounded() (Num, error) {
	if n.Scale > MaxScale {
		n = n.Round(MaxScale)
	}
	if n.Big != nil && n.Digits()-int(n.Scale) > MaxDigits {
		return Num{}, overflow()
	}
	return n, nil
}
