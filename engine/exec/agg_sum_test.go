package exec

import (
	"math/big"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// Sums of fixed-point numerics keep every digit however large they become: an accumulator merged into itself doubles.
func TestSumBeyondDecimal128(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		precision := rapid.Int32Range(1, types.MaxDecimal128).Draw(rt, "precision")
		typ := types.NumericScaled(precision, rapid.Int32Range(0, precision).Draw(rt, "scale"))
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
		seed := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "value")
		v := new(big.Int).Mod(new(big.Int).SetBytes(seed), limit)
		if rapid.Bool().Draw(rt, "negative") {
			v.Neg(v)
		}
		doublings := rapid.IntRange(0, 62).Draw(rt, "doublings")
		want := new(big.Int).Lsh(v, uint(doublings))

		result := types.NumericSum(typ)
		acc := sumOf(typ, result)()
		acc.grow(1)
		two := new(big.Int).And(v, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))) // complement
		words := [2]uint64{new(big.Int).And(two, new(big.Int).SetUint64(1<<64-1)).Uint64(), new(big.Int).Rsh(two, 64).Uint64()}
		a := fixedArray(typ.Arrow(), [][2]uint64{words}, nil)
		if typ.NumericStorage() == types.Decimal64 {
			a = fixedArray(typ.Arrow(), words[:1], nil)
		}
		defer a.Release()
		require.NoError(rt, acc.add([]int32{0}, []arrow.Array{a}))
		for range doublings {
			require.NoError(rt, acc.merge(acc, []int32{0}, []int32{0}))
		}
		out, err := acc.result(0, 1)
		if err != nil { // 38 digits are all that a sum of up to 19 digits can need
			require.LessOrEqual(rt, precision, int32(types.SummedDigits))
			require.Greater(rt, len(new(big.Int).Abs(want).String()), types.MaxDecimal128)
			return
		}
		defer out.Release()
		require.Equal(rt, string(numeric.FromBig(want, typ.Scale).AppendText(nil)),
			string(numericAt(out, result, 0).AppendText(nil)))
	})
}
