package eval

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/skeinsql/skein/engine/datum"
	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// keyed is scratch for the keys of one side of a comparison: n of them, or one for a constant.
type keyed struct {
	offs []int32
	data []byte
}

// keyComparer compares values of the types that do not order as they are stored: both sides are brought to keys
// (datum.AppendOrdered), which compare as bytes. NULLs inside arrays and rows are equal to each other and last.
func keyComparer() comparer {
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			return eachKeys(c, dst, a, b, func(x, y []byte) bool { return string(x) == string(y) })
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			return eachKeys(c, dst, a, b, func(x, y []byte) bool { return bytes.Compare(x, y) < 0 })
		},
	}
}

func eachKeys(c *call, dst []uint64, a, b *vector, test func(x, y []byte) bool) error {
	x, err := keysOf(c, 0, a)
	if err != nil {
		return err
	}
	y, err := keysOf(c, 1, b)
	if err != nil {
		return err
	}
	clear(dst)
	ma, mb := stride(a), stride(b)
	for i := range c.n {
		j, k := i&ma, i&mb
		if c.rowValid(i) && test(x.data[x.offs[j]:x.offs[j+1]], y.data[y.offs[k]:y.offs[k+1]]) {
			setBit(dst, i, true)
		}
	}
	return nil
}

// keysOf are the keys of argument k, empty for NULLs and for rows that do not count.
func keysOf(c *call, k int, v *vector) (*keyed, error) {
	s, _ := c.loaded[k].(*keyed)
	if s == nil {
		s = &keyed{}
		c.loaded[k] = s
	}
	s.offs, s.data = append(s.offs[:0], 0), s.data[:0]
	for i := range v.count() {
		if !v.null(i) && (v.konst || c.rowValid(i)) {
			var err error
			if s.data, err = appendOrdered(s.data, v, i); err != nil {
				return nil, err
			}
		}
		if len(s.data) > math.MaxInt32 {
			return nil, sqlerr.New(sqlerr.ProgramLimit, "the keys of one batch exceed 2 GiB")
		}
		s.offs = append(s.offs, int32(len(s.data)))
	}
	return s, nil
}

// appendOrdered adds value i's key, as datum.AppendOrdered makes it.
func appendOrdered(dst []byte, v *vector, i int) ([]byte, error) {
	if v.dict != nil {
		return appendOrdered(dst, v.dict, int(v.codes[i]))
	}
	i = v.at(i)
	switch s, _ := shapeOf(v.typ); s {
	case bitShape:
		if bitAt(v.bits, i) {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case listShape:
		return appendOrderedElems(dst, v.elems, v.offs[i], v.offs[i+1])
	case rowShape:
		if v.typ.Kind == types.Array {
			return appendOrderedShaped(dst, v, i)
		}
		for _, f := range v.fields {
			var err error
			if dst, err = appendOrderedItem(dst, f, i); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case bytesShape:
		return appendOrderedBytes(dst, v, i)
	}
	return appendOrderedFixed(dst, v, i), nil
}

func appendOrderedElems(dst []byte, elems *vector, from, to int32) ([]byte, error) {
	for e := from; e < to; e++ {
		var err error
		if dst, err = appendOrderedItem(dst, elems, int(e)); err != nil {
			return dst, err
		}
	}
	return datum.AppendOrderedPlain(dst, from == to), nil
}

// appendOrderedShaped adds the key of an array of any dimensions.
func appendOrderedShaped(dst []byte, v *vector, i int) ([]byte, error) {
	elems, bounds := v.fields[0], v.fields[1]
	if bounds.null(i) {
		return appendOrdered(dst, elems, i)
	}
	list, at := elems.elems, elems.at(i)
	for e := elems.offs[at]; e < elems.offs[at+1]; e++ {
		var err error
		if dst, err = appendOrderedItem(dst, list, int(e)); err != nil {
			return dst, err
		}
	}
	return datum.AppendOrderedShape(dst, datum.FromBounds(nil, datumAt(bounds, i)).Dims), nil
}

func appendOrderedItem(dst []byte, v *vector, i int) ([]byte, error) {
	if v.null(i) {
		return append(dst, datum.OrderedNull), nil
	}
	return appendOrdered(append(dst, datum.OrderedValue), v, i)
}

func appendOrderedBytes(dst []byte, v *vector, i int) ([]byte, error) {
	switch v.typ.Kind {
	case types.Numeric:
		return numeric.AppendOrdered(dst, numeric.Decode(v.bytes(i))), nil
	case types.Bytea:
		return datum.AppendOrderedBytes(dst, v.bytes(i)), nil
	}
	return datum.AppendOrderedText(dst, v.typ, v.bytes(i))
}

func appendOrderedFixed(dst []byte, v *vector, i int) []byte {
	switch v.typ.Kind {
	case types.Int2:
		return orderedInt(dst, int64(values[int16](v)[i]))
	case types.Int4, types.Enum, types.Date:
		return orderedInt(dst, int64(values[int32](v)[i]))
	case types.Float4:
		return datum.AppendOrderedFloat(dst, float64(values[float32](v)[i]))
	case types.Float8:
		return datum.AppendOrderedFloat(dst, values[float64](v)[i])
	case types.Numeric:
		return numeric.AppendOrdered(dst, numAt(v, i))
	case types.UUID:
		u := values[[16]byte](v)[i]
		return append(dst, u[:]...)
	case types.Interval:
		var w [1]kernels.Int128
		one := vector{typ: v.typ, n: 1, fixed: v.fixed[16*i : 16*i+16]}
		intervalWide(w[:], &one)
		return binary.BigEndian.AppendUint64(orderedInt(dst, w[0].Hi), w[0].Lo)
	}
	return orderedInt(dst, values[int64](v)[i])
}

func orderedInt(dst []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v)^1<<63)
}
