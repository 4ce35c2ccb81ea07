package numeric

import "math/big"

// Round is n rounded half away from zero to scale digits after the point; below zero, before it. The result's scale
// is never negative.
func (n Num) Round(scale int32) Num { return n.cut(scale, half) }

// RoundWithin is n.Round(scale), 22003 when that has too many digits.
func RoundWithin(n Num, scale int32) (Num, error) {
	return n.Round(scale).bounded()
}

// Trunc is n cut toward zero to scale digits after the point.
func (n Num) Trunc(scale int32) Num { return n.cut(scale, never) }

// Ceil is the smallest integer not below n.
func (n Num) Ceil() Num {
	if n.Neg {
		return n.cut(0, never)
	}
	return n.cut(0, always)
}

// Floor is the largest integer not above n.
func (n Num) Floor() Num {
	if n.Neg {
		return n.cut(0, always)
	}
	return n.cut(0, never)
}

// carry says when digits that are cut off add one to the magnitude.
type carry uint8

const (
	never carry = iota
	half
	always
)

// clampRound keeps a scale asked for within what PostgreSQL's round and trunc take.
func clampRound(scale int32) int32 { return min(max(scale, -MaxDigits-1), MaxScale) }

func (n Num) cut(scale int32, c carry) Num {
	if n.Class != Finite {
		return n
	}
	scale = clampRound(scale)
	if scale >= n.Scale {
		return n.Widen(scale)
	}
	drop := int(n.Scale - scale)
	n.Scale = max(scale, 0)
	if n.Big == nil && drop < len(pow10) {
		n = n.cut128(drop, c)
	} else {
		n = n.withMag(cutBig(n.Mag(), drop, c))
	}
	if scale < 0 {
		return n.withMag(new(big.Int).Mul(n.Mag(), pow10Big(int(-scale))))
	}
	return n
}

func (n Num) cut128(drop int, c carry) Num {
	p := pow10[drop]
	if c == half {
		n.Hi, n.Lo = divRound128(n.Hi, n.Lo, p[0], p[1])
		return n.normal()
	}
	qh, ql, rh, rl := div128(n.Hi, n.Lo, p[0], p[1])
	if c == always && rh|rl != 0 {
		ql++
		if ql == 0 {
			qh++
		}
	}
	n.Hi, n.Lo = qh, ql
	return n.normal()
}

func cutBig(m *big.Int, drop int, c carry) *big.Int {
	if c == half {
		return divRound(m, pow10Big(drop))
	}
	q, r := new(big.Int).QuoRem(m, pow10Big(drop), new(big.Int))
	if c == always && r.Sign() != 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// Widen is n with zeros appended to the given scale, n itself when it has as many digits already.
func (n Num) Widen(scale int32) Num {
	d := scale - n.Scale
	if d <= 0 || n.Class != Finite {
		return n
	}
	n.Scale = scale
	if n.Big == nil && d < int32(len(pow10)) {
		if hi, lo, ok := mul128(n.Hi, n.Lo, pow10[d][0], pow10[d][1]); ok {
			n.Hi, n.Lo = hi, lo
			return n
		}
	}
	return n.withMag(new(big.Int).Mul(n.Mag(), pow10Big(int(d))))
}
