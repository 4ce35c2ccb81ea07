package numeric

import (
	"math/big"
	"math/bits"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Add is a + b at the larger of the two scales.
func Add(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		return addSpecial(a, b), nil
	}
	if a.Big == nil && b.Big == nil {
		if ah, al, bh, bl, ok := aligned(a, b); ok {
			if n, ok := add128(a.Neg, ah, al, b.Neg, bh, bl); ok {
				n.Scale = max(a.Scale, b.Scale)
				return n, nil
			}
		}
	}
	scale := max(a.Scale, b.Scale)
	x, y := a.scaledInt(scale), b.scaledInt(scale)
	return FromBig(x.Add(x, y), scale).bounded()
}

// Sub is a - b at the larger of the two scales.
func Sub(a, b Num) (Num, error) { return Add(a, b.Negate()) }

func addSpecial(a, b Num) Num {
	switch {
	case a.Class == NaN || b.Class == NaN:
		return NotANumber
	case a.Class == Finite:
		return b
	case b.Class == Finite || a.Class == b.Class:
		return a
	}
	return NotANumber
}

// add128 adds signed magnitudes; ok is false when the sum takes more than 128 bits.
func add128(an bool, ah, al uint64, bn bool, bh, bl uint64) (n Num, ok bool) {
	if an == bn {
		lo, c := bits.Add64(al, bl, 0)
		hi, c := bits.Add64(ah, bh, c)
		return Num{Neg: an, Hi: hi, Lo: lo}.normal(), c == 0
	}
	if less128(ah, al, bh, bl) {
		an, ah, al, bh, bl = bn, bh, bl, ah, al
	}
	lo, c := bits.Sub64(al, bl, 0)
	hi, _ := bits.Sub64(ah, bh, c)
	return Num{Neg: an, Hi: hi, Lo: lo}.normal(), true
}

// scaledInt is the signed coefficient at a scale not below n's; the caller's own.
func (n Num) scaledInt(scale int32) *big.Int {
	m := n.Int()
	if d := scale - n.Scale; d > 0 {
		m.Mul(m, pow10Big(int(d)))
	}
	return m
}

// Mul is a × b, exact: its scale is the sum of the scales.
func Mul(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		return mulSpecial(a, b), nil
	}
	n := Num{Neg: a.Neg != b.Neg, Scale: a.Scale + b.Scale}
	if a.Big == nil && b.Big == nil && n.Scale <= MaxScale {
		if hi, lo, ok := mul128(a.Hi, a.Lo, b.Hi, b.Lo); ok {
			n.Hi, n.Lo = hi, lo
			return n.normal(), nil
		}
	}
	return n.withMag(new(big.Int).Mul(a.Mag(), b.Mag())).bounded()
}

func mulSpecial(a, b Num) Num {
	if a.Class == NaN || b.Class == NaN {
		return NotANumber
	}
	switch a.Sign() * b.Sign() {
	case 1:
		return Infinity
	case -1:
		return NegInfinity
	}
	return NotANumber // zero times infinity
}

// DivisionByZero is 22012.
func DivisionByZero() error { return sqlerr.New(sqlerr.DivisionByZero, "division by zero") }

// Div is a / b with at least 16 significant digits, rounded half away from zero at PostgreSQL's scale.
func Div(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		return divSpecial(a, b)
	}
	if b.IsZero() {
		return Num{}, DivisionByZero()
	}
	return DivAt(a, b, divScale(a, b))
}

func divSpecial(a, b Num) (Num, error) {
	switch {
	case a.Class == NaN || b.Class == NaN:
		return NotANumber, nil
	case b.IsZero():
		return Num{}, DivisionByZero()
	case a.Class != Finite && b.Class != Finite:
		return NotANumber, nil
	case b.Class != Finite:
		return Num{}, nil
	}
	return mulSpecial(a, FromInt64(int64(b.Sign()), 0)), nil
}

// DivAt is a / b rounded half away from zero at the given scale; both are finite, b is not zero.
func DivAt(a, b Num, scale int32) (Num, error) {
	shift := scale - a.Scale + b.Scale
	n := Num{Neg: a.Neg != b.Neg, Scale: scale}
	if a.Big == nil && b.Big == nil && shift >= 0 && shift < int32(len(pow10)) {
		if h, l, ok := mul128(a.Hi, a.Lo, pow10[shift][0], pow10[shift][1]); ok {
			n.Hi, n.Lo = divRound128(h, l, b.Hi, b.Lo)
			return n.normal(), nil
		}
	}
	num, den := a.Mag(), b.Mag()
	if shift >= 0 {
		num = new(big.Int).Mul(num, pow10Big(int(shift)))
	} else {
		den = new(big.Int).Mul(den, pow10Big(int(-shift)))
	}
	return n.withMag(divRound(num, den)).bounded()
}

// divRound128 is a / b rounded half up.
func divRound128(ah, al, bh, bl uint64) (hi, lo uint64) {
	qh, ql, rh, rl := div128(ah, al, bh, bl)
	dl, borrow := bits.Sub64(bl, rl, 0)
	dh, _ := bits.Sub64(bh, rh, borrow)
	if less128(rh, rl, dh, dl) { // the remainder is below half
		return qh, ql
	}
	l, c := bits.Add64(ql, 1, 0)
	return qh + c, l
}

// divRound is num / den rounded half up; both are not negative. The result is the caller's.
func divRound(num, den *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Lsh(r, 1).CmpAbs(den) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// lead gives n's first digit to the base 10,000 and that digit's weight, as PostgreSQL stores numbers; zeros for zero.
func (n Num) lead() (digit uint64, weight int) {
	if n.IsZero() {
		return 0, 0
	}
	e := n.Digits() - 1 - int(n.Scale) // the exponent of the leading decimal digit
	weight = floorDiv(e, 4)
	return n.top(4 * weight), weight
}

// top is the magnitude without what lies below 10^exp, which must leave few digits.
func (n Num) top(exp int) uint64 {
	drop := exp + int(n.Scale)
	switch {
	case drop >= 0 && n.Hi == 0 && n.Big == nil:
		if drop >= 20 {
			return 0
		}
		return n.Lo / pow10[drop][1]
	case drop <= 0:
		m := n.Mag()
		if drop < 0 {
			m = new(big.Int).Mul(m, pow10Big(-drop))
		}
		return m.Uint64()
	case n.Big == nil && drop < len(pow10):
		_, l, _, _ := div128(n.Hi, n.Lo, pow10[drop][0], pow10[drop][1])
		return l
	}
	return new(big.Int).Quo(n.Mag(), pow10Big(drop)).Uint64()
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// divScale is numeric.c's select_div_scale.
func divScale(a, b Num) int32 {
	d1, w1 := a.lead()
	d2, w2 := b.lead()
	qweight := w1 - w2
	if d1 <= d2 {
		qweight--
	}
	return clampScale(minSigDigits-qweight*4, a.Scale, b.Scale)
}

// clampScale is the scale wanted, but not below those of the operands, within PostgreSQL's limits.
func clampScale(want int, scales ...int32) int32 {
	for _, s := range scales {
		want = max(want, int(s))
	}
	return int32(min(max(want, 0), MaxResultScale))
}

// DivTrunc is div(a, b): the quotient truncated to an integer.
func DivTrunc(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		return divSpecial(a, b)
	}
	if b.IsZero() {
		return Num{}, DivisionByZero()
	}
	scale := max(a.Scale, b.Scale)
	x, y := a.scaledInt(scale), b.scaledInt(scale)
	return FromBig(x.Quo(x, y), 0), nil
}

// Mod is the remainder of a / b, with the sign of a, at the larger scale.
func Mod(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		switch {
		case a.Class == NaN || b.Class == NaN:
			return NotANumber, nil
		case b.IsZero():
			return Num{}, DivisionByZero()
		case a.Class != Finite:
			return NotANumber, nil
		}
		return a, nil
	}
	if b.IsZero() {
		return Num{}, DivisionByZero()
	}
	scale := max(a.Scale, b.Scale)
	x, y := a.scaledInt(scale), b.scaledInt(scale)
	return FromBig(x.Rem(x, y), scale), nil
}

// Negate is -n.
func (n Num) Negate() Num {
	switch n.Class {
	case PosInf:
		return NegInfinity
	case NegInf:
		return Infinity
	case NaN:
		return n
	}
	n.Neg = !n.Neg
	return n.normal()
}

// Abs is |n|.
func (n Num) Abs() Num {
	if n.Class == NegInf {
		return Infinity
	}
	n.Neg = false
	return n
}

// SignNum is sign(n): -1, 0, 1, or NaN.
func (n Num) SignNum() Num {
	if n.Class == NaN {
		return n
	}
	return FromInt64(int64(n.Sign()), 0)
}

// Gcd is the greatest common divisor at the larger scale.
func Gcd(a, b Num) (Num, error) {
	if a.Class == NaN || b.Class == NaN || a.Class != Finite || b.Class != Finite {
		return NotANumber, nil
	}
	scale := max(a.Scale, b.Scale)
	x, y := a.Abs().scaledInt(scale), b.Abs().scaledInt(scale)
	return FromBig(new(big.Int).GCD(nil, nil, x, y), scale), nil
}

// Lcm is the least common multiple at the larger scale.
func Lcm(a, b Num) (Num, error) {
	if a.Class != Finite || b.Class != Finite {
		return NotANumber, nil
	}
	scale := max(a.Scale, b.Scale)
	if a.IsZero() || b.IsZero() {
		return Num{Scale: scale}, nil
	}
	x, y := a.Abs().scaledInt(scale), b.Abs().scaledInt(scale)
	g := new(big.Int).GCD(nil, nil, x, y)
	return FromBig(x.Mul(x.Quo(x, g), y), scale).bounded()
}
