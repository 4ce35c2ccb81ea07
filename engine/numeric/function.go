package numeric

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// The result scales below are numeric.c's of PostgreSQL 15. Where PostgreSQL approximates a function to a scale, the value
// here is computed with more digits and rounded.

// Sqrt is the square root; 2201F for a negative argument.
func Sqrt(n Num) (Num, error) {
	switch {
	case n.Class == NaN || n.Class == PosInf:
		return n, nil
	case n.Sign() < 0:
		return Num{}, sqlerr.New(sqlerr.InvalidPowerArgument, "cannot take square root of a negative number")
	}
	_, weight := n.lead()
	scale := clampScale(minSigDigits-((weight+1)*4/2-1), n.Scale)
	if n.IsZero() {
		return Num{Scale: scale}, nil
	}
	// sqrt(m × 10^-s) at scale r is sqrt(m × 10^(2r-s)); one digit more decides the rounding.
	shift := 2*int(scale+1) - int(n.Scale)
	m := n.Mag()
	if shift >= 0 {
		m = new(big.Int).Mul(m, pow10Big(shift))
	} else {
		m = new(big.Int).Quo(m, pow10Big(-shift))
	}
	return FromBig(new(big.Int).Sqrt(m), scale+1).Round(scale), nil
}

// maxResult is NUMERIC_MAX_RESULT_SCALE.
const maxResult = 2000

const log10e = 0.434294481903252

// Exp is e^n; 22003 on overflow.
func Exp(n Num) (Num, error) {
	switch n.Class {
	case NaN, PosInf:
		return n, nil
	case NegInf:
		return Num{}, nil
	}
	w := n.Float64() * log10e
	w = min(max(w, -maxResult), maxResult)
	return expAt(n, clampScale(minSigDigits-int(w), n.Scale))
}

// expAt is e^n at a scale.
func expAt(n Num, scale int32) (Num, error) {
	f := n.Float64()
	if math.Abs(f) >= maxResult*3 {
		if f > 0 {
			return Num{}, overflow()
		}
		return Num{Scale: scale}, nil
	}
	digits := int(scale) + max(int(f*log10e), 0) + 12
	if digits < 0 {
		digits = 12
	}
	r, err := approximate(uint32(digits), func(c *apd.Context, d *apd.Decimal) error {
		_, err := c.Exp(d, n.Apd())
		return err
	})
	if err != nil {
		return Num{}, err
	}
	return r.Round(scale), nil
}

// approximate runs one of apd's functions with the given significant digits.
func approximate(digits uint32, f func(c *apd.Context, d *apd.Decimal) error) (Num, error) {
	c := apd.BaseContext.WithPrecision(digits)
	c.MaxExponent, c.MinExponent, c.Traps = apd.MaxExponent, apd.MinExponent, 0
	var d apd.Decimal
	if err := f(c, &d); err != nil {
		return Num{}, sqlerr.New(sqlerr.InternalError, "a numeric function failed: %w", err)
	}
	if d.Form != apd.Finite {
		return Num{}, overflow()
	}
	return FromApd(&d), nil
}

func logDomain(n Num) error {
	switch {
	case n.IsZero():
		return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of zero")
	case n.Sign() < 0:
		return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of a negative number")
	}
	return nil
}

// Ln is the natural logarithm; 2201E for zero and negative arguments.
func Ln(n Num) (Num, error) {
	if n.Class == NaN || n.Class == PosInf {
		return n, nil
	}
	if err := logDomain(n); err != nil {
		return Num{}, err
	}
	return lnAt(n, clampScale(minSigDigits-lnWeight(n), n.Scale))
}

// lnAt is ln(n) at a scale.
func lnAt(n Num, scale int32) (Num, error) {
	digits := max(int(scale)+8, 8) + 12
	r, err := approximate(uint32(digits), func(c *apd.Context, d *apd.Decimal) error {
		_, err := c.Ln(d, n.Apd())
		return err
	})
	if err != nil {
		return Num{}, err
	}
	return r.Round(scale), nil
}

// lnWeight is numeric.c's estimate_ln_dweight: the decimal weight of ln(n).
func lnWeight(n Num) int {
	if n.Cmp(Num{Lo: 9, Scale: 1}) >= 0 && n.Cmp(Num{Lo: 11, Scale: 1}) <= 0 {
		x, err := Sub(n, one)
		if err != nil || x.IsZero() {
			return 0
		}
		d, w := x.lead()
		return w*4 + int(math.Log10(float64(d)))
	}
	d, w := n.lead()
	digits, weight := float64(d), w*4
	if second, more := n.second(w); more {
		digits, weight = digits*10000+second, weight-4
	}
	return int(math.Log10(math.Abs(math.Log(digits) + float64(weight)*2.302585092994046)))
}

// second is the second digit to the base 10,000 of a value whose first has the given weight, if there is anything
// behind the first.
func (n Num) second(weight int) (digit float64, more bool) {
	full := n.top(4 * (weight - 1))
	if full%10000 != 0 {
		return float64(full % 10000), true
	}
	rest := n.Trunc(int32(-4 * (weight - 1)))
	return 0, rest.Cmp(n.Abs()) != 0
}

// Log is the logarithm of n to a base.
func Log(base, n Num) (Num, error) {
	if base.Class == NaN || n.Class == NaN {
		return NotANumber, nil
	}
	if err := logDomain(base); err != nil {
		return Num{}, err
	}
	if err := logDomain(n); err != nil {
		return Num{}, err
	}
	switch {
	case base.Class == PosInf && n.Class == PosInf:
		return NotANumber, nil
	case base.Class == PosInf:
		return Num{}, nil
	case n.Class == PosInf:
		return Infinity, nil
	}
	lb, ln := lnWeight(base), lnWeight(n)
	scale := clampScale(minSigDigits-(ln-lb), base.Scale, n.Scale)
	digits := int32(max(int(scale)+ln-lb, 0)) + 20
	a, err := lnAt(n, max(digits-int32(ln), 0))
	if err != nil {
		return Num{}, err
	}
	b, err := lnAt(base, max(digits-int32(lb), 0))
	if err != nil {
		return Num{}, err
	}
	if b.IsZero() {
		return Num{}, DivisionByZero()
	}
	return DivAt(a, b, scale)
}

// Factorial is n!; 22003 for negative arguments and beyond 32,177.
func Factorial(n int64) (Num, error) {
	if n < 0 {
		return Num{}, sqlerr.New(sqlerr.NumericOutOfRange, "factorial of a negative number is undefined")
	}
	if n > 32177 {
		return Num{}, overflow()
	}
	return FromBig(new(big.Int).MulRange(1, max(n, 1)), 0).bounded()
}

// WidthBucket is the bucket of n among count buckets of equal width between lo and hi, 0 below and count+1 above.
func WidthBucket(n, lo, hi Num, count int32) (int32, error) {
	bad := func(msg string) error { return sqlerr.New("2201G", "%s", msg) }
	switch {
	case count <= 0:
		return 0, bad("count must be greater than zero")
	case n.Class == NaN || lo.Class == NaN || hi.Class == NaN:
		return 0, bad("operand, lower bound, and upper bound cannot be NaN")
	case lo.Class != Finite || hi.Class != Finite:
		return 0, bad("lower and upper bounds must be finite")
	}
	c := lo.Cmp(hi)
	if c == 0 {
		return 0, bad("lower bound cannot equal upper bound")
	}
	if c > 0 { // descending: mirror
		n, lo, hi = n.Negate(), lo.Negate(), hi.Negate()
	}
	if n.Cmp(lo) < 0 {
		return 0, nil
	}
	if n.Cmp(hi) >= 0 {
		if count == math.MaxInt32 {
			return 0, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
		}
		return count + 1, nil
	}
	return bucket(n, lo, hi, count)
}

// bucket is the bucket of n between lo and hi. The quotient is rounded as any division is: next to hi it gives the bucket
// behind the last, as in PostgreSQL 15.
func bucket(n, lo, hi Num, count int32) (int32, error) {
	above, err := Sub(n, lo)
	if err != nil {
		return 0, err
	}
	if above, err = Mul(above, FromInt64(int64(count), 0)); err != nil {
		return 0, err
	}
	span, err := Sub(hi, lo)
	if err != nil {
		return 0, err
	}
	q, err := Div(above, span)
	if err != nil {
		return 0, err
	}
	k, _ := q.Floor().Int64()
	if k+1 > math.MaxInt32 {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	}
	return int32(k) + 1, nil
}
