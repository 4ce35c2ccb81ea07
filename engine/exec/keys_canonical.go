package exec

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// canonical brings an array of type t into key form. The result may share the array's memory, which the caller keeps
// alive.
func canonical(a arrow.Array, t *types.Type) (keyVec, error) {
	p, err := plainArray(a)
	if err != nil {
		return keyVec{}, err
	}
	defer p.Release()
	k := keyVec{form: formOf(t), null: nullsOf(p)}
	d := p.Data()
	switch k.form {
	case wordForm:
		k.words = wordsOf(d, t, k.null)
	case pairForm:
		k.pairs = pairsOf(d, t, k.null)
	default:
		k.offs, k.data, err = bytesKey(p, t, k.null)
	}
	return k, err
}

func wordsOf(d arrow.ArrayData, t *types.Type, null []bool) []uint64 {
	var out []uint64
	switch t.Kind {
	case types.Bool:
		return boolWords(d, null)
	case types.Int2:
		out = widenTo64(fixedView[int16](d))
	case types.Int4, types.Enum, types.Date:
		out = widenTo64(fixedView[int32](d))
	case types.Float4:
		out = float4Words(fixedView[float32](d))
	case types.Float8:
		out = float8Words(fixedView[float64](d))
	default:
		out = fixedView[uint64](d)
		if null != nil {
			out = append([]uint64(nil), out...)
		}
	}
	for i, is := range null {
		if is {
			out[i] = 0
		}
	}
	return out
}

func widenTo64[T int16 | int32](v []T) []uint64 {
	out := make([]uint64, len(v))
	for i, x := range v {
		out[i] = uint64(int64(x))
	}
	return out
}

// float8Words: all NaNs are one value, and -0 is 0.
func float8Words(v []float64) []uint64 {
	out := make([]uint64, len(v))
	for i, x := range v {
		if x != x {
			x = math.NaN()
		}
		out[i] = math.Float64bits(x + 0)
		if x == 0 {
			out[i] = 0
		}
	}
	return out
}

func float4Words(v []float32) []uint64 {
	wide := make([]float64, len(v))
	for i, x := range v {
		wide[i] = float64(x)
	}
	return float8Words(wide)
}

func boolWords(d arrow.ArrayData, null []bool) []uint64 {
	out := make([]uint64, d.Len())
	if d.Len() == 0 {
		return out
	}
	src, off := d.Buffers()[1].Bytes(), d.Offset()
	for i := range out {
		at := off + i
		out[i] = uint64(src[at>>3] >> (at & 7) & 1)
		if null != nil && null[i] {
			out[i] = 0
		}
	}
	return out
}

func pairsOf(d arrow.ArrayData, t *types.Type, null []bool) [][2]uint64 {
	out := fixedView[[2]uint64](d)
	if t.Kind == types.Interval {
		iv := fixedView[arrow.MonthDayNanoInterval](d)
		out = make([][2]uint64, len(iv))
		for i, v := range iv {
			hi, lo := intervalSpan(v)
			out[i] = [2]uint64{lo, uint64(hi)}
		}
	} else if null != nil {
		out = append([][2]uint64(nil), out...)
	}
	for i, is := range null {
		if is {
			out[i] = [2]uint64{}
		}
	}
	return out
}

// intervalSpan is the interval in nanoseconds as PostgreSQL compares it: a month has 30 days, a day 24 hours. It takes
// 128 bits.
func intervalSpan(v arrow.MonthDayNanoInterval) (hi int64, lo uint64) {
	days := int64(v.Months)*30 + int64(v.Days)
	neg := days < 0
	mag := uint64(days)
	if neg {
		mag = -mag
	}
	h, l := bits.Mul64(mag, 24*3600*1e9)
	if neg {
		var borrow uint64
		l, borrow = bits.Sub64(0, l, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	l, carry := bits.Add64(l, uint64(v.Nanoseconds), 0)
	h, _ = bits.Add64(h, uint64(v.Nanoseconds>>63), carry)
	return int64(h), l
}

func bytesKey(a arrow.Array, t *types.Type, null []bool) ([]int32, []byte, error) {
	if a.DataType().ID() == arrow.NULL {
		return make([]int32, a.Len()+1), nil, nil
	}
	switch t.Kind {
	case types.JSON:
		return nil, nil, sqlerr.Unsupported("comparing, grouping or joining on " + t.String())
	case types.Array, types.Composite, types.Record, types.JSONB, types.Range, types.Multirange:
		return orderedKeys(a, t, null)
	}
	offs, data := varView(a.Data())
	switch {
	case t.Kind == types.Numeric:
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
			return numeric.AppendKey(dst, data[offs[i]:offs[i+1]]), nil
		})
	case t.Kind == types.Bpchar:
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
			return append(dst, trimBlanks(data[offs[i]:offs[i+1]])...), nil
		})
	case null != nil:
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
			return append(dst, data[offs[i]:offs[i+1]]...), nil
		})
	}
	return offs, data, nil
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// rowBytes builds a bytes column value by value, for types whose canonical form is not their storage.
func rowBytes(a arrow.Array, null []bool, f func(dst []byte, i int) ([]byte, error)) ([]int32, []byte, error) {
	offs, data := make([]int32, a.Len()+1), make([]byte, 0, 16*a.Len())
	for i := range a.Len() {
		if null == nil || !null[i] {
			var err error
			if data, err = f(data, i); err != nil {
				return nil, nil, err
			}
			if len(data) > math.MaxInt32 {
				return nil, nil, batch.TooLarge(int64(len(data)))
			}
		}
		offs[i+1] = int32(len(data))
	}
	return offs, data, nil
}

// fixedView is a fixed-width array's values without its offset.
func fixedView[T any](d arrow.ArrayData) []T {
	if d.Len() == 0 {
		return nil
	}
	if d.DataType().ID() == arrow.NULL {
		return make([]T, d.Len())
	}
	b := d.Buffers()[1].Bytes()
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), d.Offset()+d.Len())[d.Offset():]
}

// varView is the offsets, one more than values, and the bytes of a string or binary array.
func varView(d arrow.ArrayData) ([]int32, []byte) {
	if d.Len() == 0 {
		return []int32{0}, nil
	}
	b := d.Buffers()[1].Bytes()
	offs := unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), d.Offset()+d.Len()+1)[d.Offset():]
	if d.Buffers()[2] == nil {
		return offs, nil
	}
	return offs, d.Buffers()[2].Bytes()
}
