package datum

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The digits that PostgreSQL's numeric holds before and after the decimal point.
const (
	maxNumericWhole = 131072
	maxNumericScale = 16383
)

func numericOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
}

func parseNumeric(t *types.Type, s string) (any, error) {
	w := trimBlanks(s)
	switch strings.ToLower(w) {
	case "nan":
		return &apd.Decimal{Form: apd.NaN}, nil
	case "inf", "+inf", "infinity", "+infinity":
		return WithNumericMod(&apd.Decimal{Form: apd.Infinite}, t)
	case "-inf", "-infinity":
		return WithNumericMod(&apd.Decimal{Form: apd.Infinite, Negative: true}, t)
	}
	d, err := scanNumeric(w)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, syntaxError("numeric", s)
	}
	return WithNumericMod(d, t)
}

// scanNumeric reads a plain or scientific number; nil when it is none. The exponent of the result is minus the
// digits written behind the point.
func scanNumeric(w string) (*apd.Decimal, error) {
	neg := false
	if w != "" && (w[0] == '-' || w[0] == '+') {
		neg, w = w[0] == '-', w[1:]
	}
	n := digits(w)
	whole, frac := w[:n], ""
	w = w[n:]
	if w != "" && w[0] == '.' {
		n = digits(w[1:])
		frac, w = w[1:1+n], w[1+n:]
	}
	if whole == "" && frac == "" {
		return nil, nil
	}
	scale := int64(len(frac))
	if w != "" {
		exp, ok := numericExponent(w)
		if !ok {
			return nil, nil
		}
		if exp >= math.MaxInt32/2 || exp <= -math.MaxInt32/2 {
			return nil, numericOverflow()
		}
		scale -= exp
	}
	return decimalOf(neg, strings.TrimLeft(whole+frac, "0"), scale)
}

func numericExponent(w string) (int64, bool) {
	if w[0] != 'e' && w[0] != 'E' {
		return 0, false
	}
	body := strings.TrimLeft(w[1:], "")
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	if body == "" || digits(body) != len(body) {
		return 0, false
	}
	exp, err := strconv.ParseInt(w[1:], 10, 64)
	if err != nil {
		exp = math.MaxInt32
	}
	return exp, true
}

// decimalOf is the number of the given digits (without leading zeros) and scale; a negative scale adds zeros.
func decimalOf(neg bool, coeff string, scale int64) (*apd.Decimal, error) {
	if scale > maxNumericScale || coeff != "" && int64(len(coeff))-scale > maxNumericWhole {
		return nil, numericOverflow()
	}
	d := &apd.Decimal{Negative: neg && coeff != "", Exponent: int32(-max(scale, 0))}
	if coeff == "" {
		return d, nil
	}
	if scale < 0 {
		coeff += strings.Repeat("0", int(-scale))
	}
	d.Coeff.SetString(coeff, 10)
	return d, nil
}

// AppendNumeric adds PostgreSQL's text of d: all its digits, as many behind the point as its scale.
func AppendNumeric(dst []byte, d *apd.Decimal) []byte {
	switch {
	case d.Form == apd.NaN || d.Form == apd.NaNSignaling:
		return append(dst, "NaN"...)
	case d.Form == apd.Infinite && d.Negative:
		return append(dst, "-Infinity"...)
	case d.Form == apd.Infinite:
		return append(dst, "Infinity"...)
	}
	if d.Negative && d.Coeff.Sign() != 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	dst = d.Coeff.Append(dst, 10)
	if d.Exponent >= 0 {
		if d.Coeff.Sign() != 0 {
			for range d.Exponent {
				dst = append(dst, '0')
			}
		}
		return dst
	}
	scale := int(-d.Exponent)
	if n := len(dst) - start; n <= scale {
		pad := scale - n + 1
		dst = append(dst, make([]byte, pad)...)
		copy(dst[start+pad:], dst[start:start+n])
		for i := range pad {
			dst[start+i] = '0'
		}
	}
	point := len(dst) - scale
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}

// WithNumericMod is d as numeric(p,s) of t's modifier holds it, rounded half away from zero; 22003 when its whole
// part has too many digits. Without a modifier it is d itself.
func WithNumericMod(d *apd.Decimal, t *types.Type) (*apd.Decimal, error) {
	if t.Mod < 4 || d.Form == apd.NaN {
		return d, nil
	}
	p, s := (t.Mod-4)>>16&0xffff, (t.Mod-4)&0x7ff
	s = (s ^ 1024) - 1024
	if d.Form == apd.Infinite {
		return nil, fieldOverflow().WithDetail("A field with precision %d, scale %d cannot hold an infinite value.", p, s)
	}
	r := RoundNumeric(d, s)
	if r.Coeff.Sign() != 0 && int32(numDigits(&r.Coeff))+r.Exponent > p-s {
		limit := "10^" + strconv.Itoa(int(p-s))
		if p == s {
			limit = "1"
		}
		return nil, fieldOverflow().WithDetail(
			"A field with precision %d, scale %d must round to an absolute value less than %s.", p, s, limit)
	}
	return r, nil
}

func fieldOverflow() *sqlerr.Error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow")
}

func numDigits(b *apd.BigInt) int64 { return apd.NumDigits(b) }

// RoundNumeric is the finite d with exactly scale digits behind the point (none for a negative scale, which rounds
// to tens, hundreds, …), half away from zero.
func RoundNumeric(d *apd.Decimal, scale int32) *apd.Decimal {
	r := &apd.Decimal{Negative: d.Negative}
	var c big.Int
	c.Set(d.Coeff.MathBigInt())
	drop := -d.Exponent - scale // digits to cut off
	ten := big.NewInt(10)
	if drop > 0 {
		unit := new(big.Int).Exp(ten, big.NewInt(int64(drop)), nil)
		half := new(big.Int).Rsh(unit, 1)
		c.Add(&c, half).Quo(&c, unit)
	} else if drop < 0 {
		c.Mul(&c, new(big.Int).Exp(ten, big.NewInt(int64(-drop)), nil))
	}
	r.Exponent = -scale
	if scale < 0 {
		c.Mul(&c, new(big.Int).Exp(ten, big.NewInt(int64(-scale)), nil))
		r.Exponent = 0
	}
	if c.Sign() == 0 {
		r.Negative = false
	}
	r.Coeff.SetMathBigInt(&c)
	return r
}
