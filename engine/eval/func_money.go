package eval

import (
	"math"
	"math/bits"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	register(implementations{
		"cash_pl": byRow2(func(_ *call, a, b int64) (int64, error) {
			s := a + b
			return s, moneyRange((a^s)&(b^s) >= 0)
		}),
		"cash_mi": byRow2(func(_ *call, a, b int64) (int64, error) {
			s := a - b
			return s, moneyRange((a^b)&(a^s) >= 0)
		}),
		"cash_div_cash": byRow2(func(_ *call, a, b int64) (float64, error) {
			if b == 0 {
				return 0, divisionByZero()
			}
			return float64(a) / float64(b), nil
		}),
		"cash_mul_int2": byRow2(moneyTimes[int16]), "int2_mul_cash": byRow2(swap2(moneyTimes[int16])), "cash_div_int2": byRow2(moneyBy[int16]),
		"cash_mul_int4": byRow2(moneyTimes[int32]), "int4_mul_cash": byRow2(swap2(moneyTimes[int32])), "cash_div_int4": byRow2(moneyBy[int32]),
		"cash_mul_int8": byRow2(moneyTimes[int64]), "int8_mul_cash": byRow2(swap2(moneyTimes[int64])), "cash_div_int8": byRow2(moneyBy[int64]),
		"cash_mul_flt4": byRow2(moneyScaled[float32]), "flt4_mul_cash": byRow2(swap2(moneyScaled[float32])), "cash_div_flt4": byRow2(moneyShared[float32]),
		"cash_mul_flt8": byRow2(moneyScaled[float64]), "flt8_mul_cash": byRow2(swap2(moneyScaled[float64])), "cash_div_flt8": byRow2(moneyShared[float64]),
		"cash_words": toText1(func(_ *call, dst []byte, v int64) ([]byte, error) { return append(dst, moneyWords(v)...), nil }),
	})
}

// moneyRange is 22003 for sums that PostgreSQL lets wrap around.
func moneyRange(ok bool) error {
	if !ok {
		return sqlerr.New(sqlerr.NumericOutOfRange, "money out of range")
	}
	return nil
}

func divisionByZero() error { return sqlerr.New(sqlerr.DivisionByZero, "division by zero") }

func swap2[A, B, R any](f func(c *call, a A, b B) (R, error)) func(c *call, b B, a A) (R, error) {
	return func(c *call, b B, a A) (R, error) { return f(c, a, b) }
}

func moneyTimes[T int16 | int32 | int64](_ *call, a int64, n T) (int64, error) {
	b := int64(n)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	neg := a < 0 != (b < 0)
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !neg {
		return 0, moneyRange(false)
	}
	return a * b, nil
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func moneyBy[T int16 | int32 | int64](_ *call, a int64, n T) (int64, error) {
	switch {
	case n == 0:
		return 0, divisionByZero()
	case n == T(0)-1:
		return -a, moneyRange(a != math.MinInt64)
	}
	return a / int64(n), nil
}

func moneyScaled[T float32 | float64](_ *call, a int64, f T) (int64, error) {
	return roundMoney(float64(a) * float64(f))
}

func moneyShared[T float32 | float64](_ *call, a int64, f T) (int64, error) {
	if f == 0 {
		return 0, divisionByZero()
	}
	return roundMoney(float64(a) / float64(f))
}

func roundMoney(x float64) (int64, error) {
	x = math.RoundToEven(x)
	if !(x >= -(1<<63) && x < 1<<63) {
		return 0, moneyRange(false)
	}
	return int64(x), nil
}

var smallNumbers = [...]string{
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
}

var tens = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}

// moneyWords is cash_words: the amount in English.
func moneyWords(v int64) string {
	var b strings.Builder
	if v < 0 {
		b.WriteString("minus ")
	}
	u := magnitude(v)
	whole, cents := u/100, u%100
	for _, g := range []struct {
		unit uint64
		name string
	}{{1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1e3, "thousand"}} {
		if n := whole / g.unit % 1000; n > 0 {
			b.WriteString(hundredWords(n) + " " + g.name + " ")
		}
	}
	if n := whole % 1000; n > 0 {
		b.WriteString(hundredWords(n))
	} else if whole == 0 {
		b.WriteString("zero")
	}
	text := b.String()
	if whole == 1 {
		text += " dollar and "
	} else {
		text += " dollars and "
	}
	text += hundredWords(cents)
	if cents == 1 {
		text += " cent"
	} else {
		text += " cents"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// hundredWords names a number below 1000 as cash.c does, with "and" before a last part below twenty.
func hundredWords(n uint64) string {
	rest := n % 100
	switch {
	case n < 20:
		return smallNumbers[n]
	case rest == 0:
		return smallNumbers[n/100] + " hundred"
	case n < 100:
		return tensWords(rest)
	case rest%10 == 0 && rest > 10 || rest >= 20:
		return smallNumbers[n/100] + " hundred " + tensWords(rest)
	}
	return smallNumbers[n/100] + " hundred and " + smallNumbers[rest]
}

func tensWords(n uint64) string {
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + " " + smallNumbers[n%10]
}
