package numeric

import (
	"errors"
	"math"
	"math/big"
	"strconv"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// RoundInt64 is n rounded half away from zero to an integer; ok is false when it is not finite or does not fit.
func (n Num) RoundInt64() (v int64, ok bool) { return n.Round(0).Int64() }

// Float64 is the double nearest to n; overflow gives an infinity.
func (n Num) Float64() float64 {
	switch n.Class {
	case NaN:
		return math.NaN()
	case PosInf:
		return math.Inf(1)
	case NegInf:
		return math.Inf(-1)
	}
	if n.Big == nil && n.Hi == 0 && n.Lo < 1<<53 && n.Scale <= 22 {
		f := float64(n.Lo) / float64Pow10[n.Scale] // both exact, so the quotient is the nearest double
		if n.Neg {
			return -f
		}
		return f
	}
	var buf [64]byte
	f, _ := strconv.ParseFloat(string(n.AppendText(buf[:0])), 64)
	return f
}

// Float32 is the float nearest to n.
func (n Num) Float32() float32 {
	if n.Class != Finite {
		return float32(n.Float64())
	}
	var buf [64]byte
	f, _ := strconv.ParseFloat(string(n.AppendText(buf[:0])), 32)
	return float32(f)
}

var float64Pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
	1e21, 1e22,
}

// FromFloat64 is a double with PostgreSQL's 15 significant digits; FromFloat32 a float with 6.
func FromFloat64(f float64) Num { return fromFloat(f, 15) }

// FromFloat32 is a float with 6 significant digits.
func FromFloat32(f float32) Num { return fromFloat(float64(f), 6) }

func fromFloat(f float64, digits int) Num {
	switch {
	case f != f:
		return NotANumber
	case math.IsInf(f, 1):
		return Infinity
	case math.IsInf(f, -1):
		return NegInfinity
	}
	var buf [400]byte
	n, _ := Parse(string(strconv.AppendFloat(buf[:0], f, 'g', digits, 64)))
	n = n.Canonical()
	return n
}

// AppendText adds PostgreSQL's text of n: all digits of its scale, no exponent.
func (n Num) AppendText(dst []byte) []byte {
	switch n.Class {
	case NaN:
		return append(dst, "NaN"...)
	case PosInf:
		return append(dst, "Infinity"...)
	case NegInf:
		return append(dst, "-Infinity"...)
	}
	if n.Neg {
		dst = append(dst, '-')
	}
	var buf [48]byte
	d := buf[:0]
	if n.Big == nil && n.Hi == 0 {
		d = strconv.AppendUint(d, n.Lo, 10)
	} else {
		d = n.Mag().Append(d, 10)
	}
	scale := int(n.Scale)
	if scale == 0 {
		return append(dst, d...)
	}
	if len(d) <= scale {
		dst = append(dst, '0', '.')
		for range scale - len(d) {
			dst = append(dst, '0')
		}
		return append(dst, d...)
	}
	dst = append(dst, d[:len(d)-scale]...)
	dst = append(dst, '.')
	return append(dst, d[len(d)-scale:]...)
}

// Parse reads plain and scientific notation without blanks ("-1.50", "1e-7"): what [strconv.AppendFloat] and AppendText write for
// finite values. SQL's input function is package datum's.
func Parse(s string) (Num, error) {
	neg, body := false, s
	if len(body) > 0 && (body[0] == '-' || body[0] == '+') {
		neg, body = body[0] == '-', body[1:]
	}
	var digits []byte
	scale, exp, point, i := 0, 0, false, 0
	for ; i < len(body); i++ {
		switch c := body[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
			if point {
				scale++
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		}
		break
	}
	if i < len(body) && (body[i] == 'e' || body[i] == 'E') {
		e, err := strconv.Atoi(body[i+1:])
		switch {
		case errors.Is(err, strconv.ErrRange) || err == nil && (e >= math.MaxInt32/2 || e <= -math.MaxInt32/2):
			return Num{}, overflow()
		case err != nil:
			return Num{}, syntax(s)
		}
		exp, i = e, len(body)
	}
	if i != len(body) || len(digits) == 0 {
		return Num{}, syntax(s)
	}
	m, _ := new(big.Int).SetString(string(digits), 10)
	// What the exponent decides alone needs no power of ten, which may have a billion digits.
	scale -= exp
	if m.Sign() == 0 {
		scale = max(scale, 0)
	}
	if scale > MaxScale || -scale > MaxDigits {
		return Num{}, overflow()
	}
	if scale < 0 {
		m.Mul(m, pow10Big(-scale))
		scale = 0
	}
	return Num{Neg: neg, Scale: int32(scale)}.withMag(m).bounded()
}

func syntax(s string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type numeric: \"%s\"", s)
}
