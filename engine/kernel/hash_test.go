package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Equal texts hash alike, EqualBytes is equality, and different ones rarely collide.
func TestHashAndCompareBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 'a', 'b', 0xff}), 0, 10), 1, 20).Draw(rt, "texts")
		offs, data := []int32{0}, []byte(nil)
		for _, s := range texts {
			data = append(data, s...)
			offs = append(offs, int32(len(data)))
		}
		h := make([]uint64, len(texts))
		HashBytes(h, offs, data)
		for i := range texts {
			for j := range texts {
				ok := []bool{true}
				EqualBytes(ok, offs, data, []int32{int32(i)}, offs, data, []int32{int32(j)})
				same := string(texts[i]) == string(texts[j])
				require.Equal(rt, same, ok[0])
				require.Equal(rt, same, h[i] == h[j])
			}
		}
	})
}

func TestHashWordsSpread(t *testing.T) {
	const n = 1 << 16
	for _, step := range []uint64{1, 1 << 16, 1 << 40, 1_000_003} {
		h, v := make([]uint64, n), make([]uint64, n)
		for i := range v {
			v[i] = uint64(i) * step
		}
		HashWords(h, v)
		low, high := map[uint64]int{}, map[uint64]int{}
		for _, x := range h {
			low[x&(n-1)]++
			high[x>>48]++
		}
		// Random numbers leave about 1/e of the places empty.
		require.Greater(t, len(low), n/2, "step %d", step)
		require.Greater(t, len(high), n/2, "step %d", step)
	}
}
