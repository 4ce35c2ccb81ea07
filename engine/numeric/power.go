package numeric

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Power is base^exp; 2201F for zero to a negative power and a negative base to a fraction, 22003 on overflow.
func Power(base, exp Num) (Num, error) {
	if base.Class != Finite || exp.Class != Finite {
		return powerSpecial(base, exp)
	}
	if base.IsZero() && exp.Sign() < 0 {
		return Num{}, zeroToNegative()
	}
	whole := exp.Canonical().Scale == 0
	if base.Neg && !whole {
		return Num{}, complexResult()
	}
	if whole {
		if e, ok := exp.Trunc(0).Int64(); ok && e >= math.MinInt32 && e <= math.MaxInt32 {
			return powerInt(base, e, exp.Scale)
		}
	}
	if base.IsZero() {
		return Num{Scale: minSigDigits}, nil
	}
	return powerReal(base, exp, whole)
}

func zeroToNegative() error {
	return sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
}

func complexResult() error {
	return sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
}

// powerSpecial follows POSIX's pow for NaN and the infinities, with errors where numeric has them.
func powerSpecial(base, exp Num) (Num, error) {
	switch {
	case base.Class == NaN:
		if exp.IsZero() {
			return one, nil
		}
		return NotANumber, nil
	case exp.Class == NaN:
		if base.Cmp(one) == 0 {
			return one, nil
		}
		return NotANumber, nil
	case base.IsZero() && exp.Sign() < 0:
		return Num{}, zeroToNegative()
	case base.Cmp(one) == 0 || exp.IsZero():
		return one, nil
	case base.IsZero():
		return Num{}, nil
	case exp.Class != Finite:
		return infinitePower(base, exp), nil
	case exp.Sign() < 0:
		if base.Class == NegInf && exp.Canonical().Scale != 0 {
			return Num{}, complexResult()
		}
		return Num{}, nil
	case base.Class == PosInf:
		return Infinity, nil
	}
	e := exp.Canonical()
	if e.Scale != 0 {
		return Num{}, complexResult()
	}
	if e.Mag().Bit(0) == 1 {
		return NegInfinity, nil
	}
	return Infinity, nil
}

// infinitePower is base to an infinite power.
func infinitePower(base, exp Num) Num {
	c := base.Abs().Cmp(one)
	switch {
	case c == 0:
		return one
	case c > 0 == (exp.Class == PosInf):
		return Infinity
	}
	return Num{}
}

// powerInt is power_var_int: base to a whole power, with at least 16 digits after the point.
func powerInt(base Num, e int64, expScale int32) (Num, error) {
	scale := clampScale(minSigDigits, base.Scale, expScale)
	f := 0.0
	if !base.IsZero() {
		mant, p := base.mantissa()
		f = float64(e) * (math.Log10(mant) + float64(p))
	}
	switch {
	case f > (32767+1)*4:
		return Num{}, overflow()
	case e == 0:
		return one.Widen(scale), nil
	case base.IsZero(), f+1 < -float64(scale) && f+1 < -MaxResultScale:
		return Num{Scale: scale}, nil
	}
	abs := max(e, -e)
	if n, ok := exactPower(base, abs); ok {
		if e > 0 {
			return n.Round(scale).bounded()
		}
		return DivAt(one, n, scale)
	}
	return powerByLog(base, FromInt64(e, 0), scale, f)
}

// exactLimit is the most bits of an integer power that is computed in full.
const exactLimit = 1 << 20

// exactPower is |exponent| multiplications in full, where that stays small.
func exactPower(base Num, e int64) (Num, bool) {
	m := base.Canonical()
	if int64(m.Mag().BitLen())*e > exactLimit || int64(m.Scale)*e > math.MaxInt32/2 {
		return Num{}, false
	}
	r := Num{Neg: base.Neg && e&1 == 1, Scale: m.Scale * int32(e)}
	return r.withMag(new(big.Int).Exp(m.Mag(), big.NewInt(e), nil)), true
}

// mantissa is a double f and an exponent p with |n| about f × 10^p.
func (n Num) mantissa() (f float64, p int) {
	m, drop := n.Mag(), n.Digits()-17
	if drop > 0 {
		m = new(big.Int).Quo(m, pow10Big(drop))
		p = drop
	}
	f, _ = new(big.Float).SetInt(m).Float64()
	return f, p - int(n.Scale)
}

// powerReal is power_var's general case: e^(exp × ln base).
func powerReal(base, exp Num, whole bool) (Num, error) {
	neg := base.Neg && whole && exp.Trunc(0).Mag().Bit(0) == 1
	b := base.Abs()
	rough := int32(max(8-lnWeight(b), 0))
	l, err := lnAt(b, rough)
	if err != nil {
		return Num{}, err
	}
	low, err := Mul(l, exp)
	if err != nil {
		return Num{}, err
	}
	f := low.Round(rough).Float64()
	if math.Abs(f) > maxResult*3.01 {
		if f > 0 {
			return Num{}, overflow()
		}
		return Num{Scale: MaxResultScale}, nil
	}
	f *= log10e
	n, err := powerByLog(b, exp, clampScale(minSigDigits-int(f), base.Scale, exp.Scale), f)
	if neg {
		n = n.Negate()
	}
	return n, err
}

// powerByLog is base^exp at a scale; f is about its decimal logarithm.
func powerByLog(base, exp Num, scale int32, f float64) (Num, error) {
	neg := base.Neg && exp.Mag().Bit(0) == 1
	digits := int(scale) + max(int(f), 0) + 12
	e := max(exp.Digits()-int(exp.Scale), 0)
	r, err := approximate(uint32(max(digits, 12)), func(c *apd.Context, d *apd.Decimal) error {
		var l, x apd.Decimal
		wide := *c
		wide.Precision += uint32(e) + 12
		if _, err := wide.Ln(&l, base.Abs().Apd()); err != nil {
			return err
		}
		if _, err := wide.Mul(&x, &l, exp.Apd()); err != nil {
			return err
		}
		_, err := c.Exp(d, &x)
		return err
	})
	if err != nil {
		return Num{}, err
	}
	r = r.Round(scale)
	if neg {
		r = r.Negate()
	}
	return r.bounded()
}
