package eval

import (
	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// scaled64 gives v's decimals at t's scale, which holds them all.
func scaled64(c *call, k int, v *vector, t *types.Type) []int64 {
	d := t.Scale - v.typ.Scale
	if d == 0 {
		return values[int64](v)
	}
	f := numeric.Pow10(d)
	return scratchOf(c, k, v.count(), func(dst []int64) {
		for i, x := range values[int64](v) {
			dst[i] = x * f
		}
	})
}

// scale128 gives v's decimals as 128-bit integers at t's scale, which holds them all.
func scale128(dst []kernels.Int128, v *vector, t *types.Type) {
	if v.typ.NumericStorage() == types.Decimal64 {
		kernels.Widen(dst[:v.count()], values[int64](v))
	} else {
		copy(dst, values[kernels.Int128](v))
	}
	if d := t.Scale - v.typ.Scale; d > 0 {
		kernels.Mul128To(dst[:v.count()], dst, int128Pow10(d))
	}
}

func int128Pow10(k int32) kernels.Int128 {
	hi, lo := numeric.Pow10Wide(k)
	return kernels.Int128{Hi: int64(hi), Lo: lo}
}
