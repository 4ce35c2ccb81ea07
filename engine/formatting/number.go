package formatting

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// numberText is a number's digits as a pattern takes them: no sign, the point a point.
type numberText struct {
	digits string
	sign   byte // '+' or '-'
	blanks int  // places before the first digit
	shape       // of the pattern, adapted to the value
}

// AppendNumeric writes v by the pattern.
func (f *Number) AppendNumeric(dst []byte, v numeric.Num) ([]byte, error) {
	switch {
	case f.roman:
		if v.Class != numeric.Finite {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert %s to integer",
				pick(v.Class == numeric.NaN, "NaN", "infinity"))
		}
		i, ok := v.RoundInt64()
		if !ok || i < math.MinInt32 || i > math.MaxInt32 {
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
		}
		return f.writeRoman(dst, i)
	case f.exponent:
		return append(dst, f.scientific(v)...), nil
	}
	t := numberText{shape: f.shape}
	if f.shifted {
		scale, err := numeric.Power(numeric.FromInt64(10, 0), numeric.FromInt64(int64(f.shift), 0))
		if err != nil {
			return nil, err
		}
		if v, err = numeric.Mul(v, scale); err != nil {
			return nil, err
		}
		t.pre += t.shift
	}
	t.take(string(v.Round(int32(t.post)).AppendText(nil)))
	return f.write(dst, &t)
}

// AppendInt writes an integer of bits bits by the pattern.
func (f *Number) AppendInt(dst []byte, v int64, bits int) ([]byte, error) {
	switch {
	case f.roman && bits == 32:
		return f.writeRoman(dst, v)
	case f.roman:
		return f.AppendNumeric(dst, numeric.FromInt64(v, 0))
	case f.exponent && bits == 32: // rounds to even, as a float
		return f.AppendFloat(dst, float64(v), 64)
	case f.exponent:
		return append(dst, f.scientific(numeric.FromInt64(v, 0))...), nil
	}
	t := numberText{shape: f.shape}
	if f.shifted {
		scaled := v * int64(math.Pow10(f.shift))
		if f.shift > 18 || v != 0 && scaled/v != int64(math.Pow10(f.shift)) || bits == 32 && int64(int32(scaled)) != scaled {
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", pick(bits == 32, "integer", "bigint"))
		}
		v = scaled
		t.pre += t.shift
	}
	text := strconv.FormatInt(v, 10)
	if t.post > 0 {
		text += "." + strings.Repeat("0", t.post)
	}
	t.take(text)
	return f.write(dst, &t)
}

// AppendFloat writes a float of bits bits by the pattern. No more digits appear than the type holds for sure, 15 or 6.
func (f *Number) AppendFloat(dst []byte, v float64, bits int) ([]byte, error) {
	digits := pick(bits == 32, 6, 15)
	switch {
	case f.roman:
		if !(math.Abs(v) < 4000) { // as any number that has no Roman form
			v = 0
		}
		return f.writeRoman(dst, int64(math.RoundToEven(v)))
	case f.exponent && (math.IsNaN(v) || math.IsInf(v, 0)):
		return append(dst, f.noExponent()...), nil
	case f.exponent:
		return append(dst, blankSign(fmt.Sprintf("%+.*e", f.post, v))...), nil
	}
	t := numberText{shape: f.shape}
	if f.shifted {
		v *= math.Pow10(f.shift)
		if bits == 32 {
			v = float64(float32(v))
		}
		t.pre += t.shift
	}
	whole := len(fixedFloat(math.Abs(v), 0))
	if whole >= digits {
		t.post = 0
	} else if whole+t.post > digits {
		t.post = digits - whole
	}
	t.take(fixedFloat(v, t.post))
	return f.write(dst, &t)
}

// fixedFloat is printf's %.*f.
func fixedFloat(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// take splits off the sign and fits the digits before the point into the pattern's places: what does not fit is all #.
func (t *numberText) take(text string) {
	t.sign = '+'
	if strings.HasPrefix(text, "-") {
		t.sign, text = '-', text[1:]
	}
	whole := strings.IndexByte(text, '.')
	if whole < 0 {
		whole = len(text)
	}
	t.digits = text
	if whole < t.pre {
		t.blanks = t.pre - whole
	} else if whole > t.pre {
		t.digits = strings.Repeat("#", t.pre) + "." + strings.Repeat("#", t.post)
	}
}

// scientific is v as d.ddde+xx with a sign or a blank.
func (f *Number) scientific(v numeric.Num) string {
	if v.Class != numeric.Finite {
		return f.noExponent()
	}
	if v.IsZero() {
		return blankSign(fmt.Sprintf("%+.*e", f.post, 0.0))
	}
	exp := v.Digits() - 1 - int(v.Scale)
	significand := numeric.FromBig(v.Mag(), int32(v.Digits()-1)).Round(int32(f.post))
	out := significand.AppendText([]byte{pick[byte](v.Sign() < 0, '-', ' ')})
	return fmt.Sprintf("%se%+03d", out, exp)
}

// noExponent stands for NaN and the infinities.
func (f *Number) noExponent() string {
	b := bytes.Repeat([]byte{'#'}, f.pre+f.post+6)
	b[0] = ' '
	if f.pre+1 < len(b) {
		b[f.pre+1] = '.'
	}
	return string(b)
}

// blankSign has a blank in place of a plus.
func blankSign(s string) string {
	if s[0] == '+' {
		return " " + s[1:]
	}
	return s
}

// writeRoman: such a number has no sign, not even where the pattern has one.
func (f *Number) writeRoman(dst []byte, v int64) ([]byte, error) {
	return f.write(dst, &numberText{digits: romanNumber(v), shape: f.shape})
}

// romanNumber is 1 to 3999 in Roman numerals, and # for others.
func romanNumber(v int64) string {
	if v < 1 || v > 3999 {
		return strings.Repeat("#", 15)
	}
	var b strings.Builder
	for _, r := range romanDigits {
		for ; v >= r.value; v -= r.value {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

var romanDigits = []struct {
	value int64
	text  string
}{
	{1000, "M"},
	{900, "CM"},
	{500, "D"},
	{400, "CD"},
	{100, "C"},
	{90, "XC"},
	{50, "L"},
	{40, "XL"},
	{10, "X"},
	{9, "IX"},
	{5, "V"},
	{4, "IV"},
	{1, "I"},
}
