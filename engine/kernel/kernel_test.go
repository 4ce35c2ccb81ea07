package kernel_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/kernel"
)

func ints(t *rapid.T, name string, n int) []int64 {
	edge := rapid.SampledFrom([]int64{0, 1, -1, 2, math.MaxInt64, math.MinInt64, 3037000500, -3037000500})
	return rapid.SliceOfN(rapid.OneOf(edge, rapid.Int64()), n, n).Draw(t, name)
}

func bits(w []uint64, n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = w[i>>6]>>(uint(i)&63)&1 != 0
	}
	return out
}

func TestCompareAnyLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 140).Draw(t, "n")
		a, b, c := ints(t, "a", n), ints(t, "b", n), ints(t, "c", 1)[0]
		w := make([]uint64, (n+63)/64)
		check := func(name string, f func(), want func(i int) bool) {
			f()
			for i, got := range bits(w, n) {
				require.Equal(t, want(i), got, "%s at %d of %d", name, i, n)
			}
		}
		check("equal", func() { kernel.Equal(w, a, b) }, func(i int) bool { return a[i] == b[i] })
		check("less", func() { kernel.Less(w, a, b) }, func(i int) bool { return a[i] < b[i] })
		check("equal to", func() { kernel.EqualTo(w, a, c) }, func(i int) bool { return a[i] == c })
		check("less than", func() { kernel.LessThan(w, a, c) }, func(i int) bool { return a[i] < c })
		check("greater than", func() { kernel.GreaterThan(w, a, c) }, func(i int) bool { return a[i] > c })
	})
}

func TestCompareFloatsWithNaNLast(t *testing.T) {
	some := rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1)})
	rank := func(x float64) float64 {
		if x != x {
			return 3
		}
		return min(max(x, -2), 2)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 140).Draw(t, "n")
		a, b := rapid.SliceOfN(some, n, n).Draw(t, "a"), rapid.SliceOfN(some, n, n).Draw(t, "b")
		c := some.Draw(t, "c")
		w := make([]uint64, (n+63)/64)
		check := func(name string, want func(i int) bool) {
			for i, got := range bits(w, n) {
				require.Equal(t, want(i), got, "%s at %d", name, i)
			}
		}
		kernel.EqualFloat(w, a, b)
		check("equal", func(i int) bool { return rank(a[i]) == rank(b[i]) })
		kernel.LessFloat(w, a, b)
		check("less", func(i int) bool { return rank(a[i]) < rank(b[i]) })
		kernel.EqualToFloat(w, a, c)
		check("equal to", func(i int) bool { return rank(a[i]) == rank(c) })
		kernel.LessThanFloat(w, a, c)
		check("less than", func(i int) bool { return rank(a[i]) < rank(c) })
		kernel.GreaterThanFloat(w, a, c)
		check("greater than", func(i int) bool { return rank(a[i]) > rank(c) })
	})
}

func TestArithmeticReportsOverflow(t *testing.T) {
	fits := func(x *big.Int) bool { return x.IsInt64() }
	rapid.Check(t, func(t *rapid.T) {
		a, b := ints(t, "a", 1), ints(t, "b", 1)
		x, y, dst := big.NewInt(a[0]), big.NewInt(b[0]), make([]int64, 1)
		check := func(name string, overflow bool, want *big.Int) {
			require.Equal(t, !fits(want), overflow, name)
			if !overflow {
				require.Equal(t, want.Int64(), dst[0], name)
			}
		}
		check("add", kernel.Add(dst, a, b), new(big.Int).Add(x, y))
		check("add to", kernel.AddTo(dst, a, b[0]), new(big.Int).Add(x, y))
		check("sub", kernel.Sub(dst, a, b), new(big.Int).Sub(x, y))
		check("sub to", kernel.SubTo(dst, a, b[0]), new(big.Int).Sub(x, y))
		check("sub from", kernel.SubFrom(dst, a[0], b), new(big.Int).Sub(x, y))
		check("mul", kernel.Mul64(dst, a, b), new(big.Int).Mul(x, y))
		check("mul to", kernel.Mul64To(dst, a, b[0]), new(big.Int).Mul(x, y))
		check("neg", kernel.Neg(dst, a), new(big.Int).Neg(x))
		check("abs", kernel.Abs(dst, a), new(big.Int).Abs(x))
		wide := make([]kernel.Int128, 1)
		kernel.MulWide(wide, a, b)
		got := new(big.Int).Lsh(big.NewInt(wide[0].Hi), 64)
		require.Zero(t, got.Add(got, new(big.Int).SetUint64(wide[0].Lo)).Cmp(new(big.Int).Mul(x, y)))
	})
}
