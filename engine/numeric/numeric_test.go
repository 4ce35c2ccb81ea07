package numeric_test

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/numeric"
)

// draw gives a value of any class, with coefficients of 0 to 60 digits around the 64-bit and 128-bit borders.
func draw(t *rapid.T, name string) numeric.Num {
	switch rapid.IntRange(0, 19).Draw(t, name+" class") {
	case 0:
		return numeric.NotANumber
	case 1:
		return numeric.Infinity
	case 2:
		return numeric.NegInfinity
	}
	return finite(t, name)
}

func finite(t *rapid.T, name string) numeric.Num {
	scale := int32(rapid.IntRange(0, 40).Draw(t, name+" scale"))
	switch rapid.IntRange(0, 3).Draw(t, name+" size") {
	case 0:
		return numeric.FromInt64(rapid.Int64().Draw(t, name), scale)
	case 1:
		return numeric.FromInt64(rapid.Int64Range(-1000, 1000).Draw(t, name), scale)
	case 2:
		return numeric.FromInt128(rapid.Int64().Draw(t, name+" high"), rapid.Uint64().Draw(t, name), scale)
	}
	m := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 25).Draw(t, name))
	if rapid.Bool().Draw(t, name+" negative") {
		m.Neg(m)
	}
	return numeric.FromBig(m, scale)
}

func rat(n numeric.Num) *big.Rat {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.Scale)), nil)
	return new(big.Rat).SetFrac(n.Int(), den)
}

func TestEncodingRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := draw(t, "n")
		enc := numeric.Append(nil, n)
		require.True(t, numeric.Valid(enc))
		d := numeric.Decode(enc)
		require.Equal(t, string(n.AppendText(nil)), string(d.AppendText(nil)))
		require.Equal(t, n.Scale, d.Scale)
		require.Equal(t, string(n.AppendText(nil)), string(numeric.FromApd(n.Apd()).AppendText(nil)))
		if n.Class == numeric.Finite {
			p, err := numeric.Parse(string(n.AppendText(nil)))
			require.NoError(t, err)
			require.Equal(t, enc, numeric.Append(nil, p))
			require.Equal(t, len(new(big.Int).Abs(n.Int()).String()), n.Digits())
		}
	})
}

func TestOrderAndKeysAgreeWithValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := finite(t, "a"), finite(t, "b")
		if rapid.Bool().Draw(t, "equal") {
			b = a.Widen(a.Scale + int32(rapid.IntRange(0, 30).Draw(t, "zeros")))
		}
		want := rat(a).Cmp(rat(b))
		ea, eb := numeric.Append(nil, a), numeric.Append(nil, b)
		require.Equal(t, want, sign(a.Cmp(b)))
		require.Equal(t, want, sign(numeric.Compare(ea, eb)))
		require.Equal(t, want == 0, bytes.Equal(numeric.AppendKey(nil, ea), numeric.AppendKey(nil, eb)))
	})
}

func sign(c int) int { return min(max(c, -1), 1) }

func TestArithmeticIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := finite(t, "a"), finite(t, "b")
		x, y := rat(a), rat(b)
		sum, err := numeric.Add(a, b)
		require.NoError(t, err)
		require.Zero(t, rat(sum).Cmp(new(big.Rat).Add(x, y)))
		require.Equal(t, max(a.Scale, b.Scale), sum.Scale)
		diff, err := numeric.Sub(a, b)
		require.NoError(t, err)
		require.Zero(t, rat(diff).Cmp(new(big.Rat).Sub(x, y)))
		prod, err := numeric.Mul(a, b)
		require.NoError(t, err)
		require.Zero(t, rat(prod).Cmp(new(big.Rat).Mul(x, y)))
		require.Equal(t, a.Scale+b.Scale, prod.Scale)
		if ah, al, ok := a.Int128(); ok {
			if bh, bl, ok := b.Int128(); ok {
				enc, ok := numeric.AppendProduct(nil, ah, al, bh, bl, a.Scale+b.Scale)
				require.Equal(t, prod.Big == nil, ok)
				if ok {
					require.Equal(t, numeric.Append(nil, prod), enc)
				}
			}
		}
	})
}

func TestDivisionAndRoundingAreHalfAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := finite(t, "a"), finite(t, "b")
		if b.IsZero() {
			_, err := numeric.Div(a, b)
			require.Error(t, err)
			return
		}
		q, err := numeric.Div(a, b)
		require.NoError(t, err)
		require.Equal(t, rounded(new(big.Rat).Quo(rat(a), rat(b)), q.Scale), q.Int().String())
		s := int32(rapid.IntRange(0, 45).Draw(t, "to"))
		require.Equal(t, rounded(rat(a), s), a.Round(s).Int().String())
		m, err := numeric.Mod(a, b)
		require.NoError(t, err)
		d, err := numeric.DivTrunc(a, b)
		require.NoError(t, err)
		back := new(big.Rat).Add(new(big.Rat).Mul(rat(d), rat(b)), rat(m))
		require.Zero(t, back.Cmp(rat(a)), "a = trunc(a/b) × b + mod")
	})
}

// rounded is the coefficient of r at a scale.
func rounded(r *big.Rat, scale int32) string {
	x := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	half := big.NewRat(1, 2)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	x.Add(x, half)
	return new(big.Int).Quo(x.Num(), x.Denom()).String()
}

func TestFloats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := finite(t, "n")
		want, _ := rat(n).Float64()
		require.Equal(t, want, n.Float64())
	})
	require.Equal(t, "0.3", string(numeric.FromFloat64(0.1+0.2).AppendText(nil)))
	require.Equal(t, "100000000000000000000", string(numeric.FromFloat64(1e20).AppendText(nil)))
	require.Equal(t, numeric.NaN, numeric.FromFloat64(math.NaN()).Class)
}
