package eval

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/types"
)

// finish makes an array of v's values in t's storage. Buffers that v owns go over to the array, so that v allocates
// new ones for the next batch; an input that was only looked at is shared.
func (v *vector) finish(t *types.Type) (arrow.Array, error) {
	if v.src != nil && v.dict == nil && !v.konst && arrow.TypeEqual(v.src.DataType(), t.Arrow()) {
		v.src.Retain()
		return v.src, nil
	}
	v, err := v.plain()
	if err != nil {
		return nil, err
	}
	data, err := v.arrayData(t)
	if err != nil {
		return nil, err
	}
	defer data.Release()
	return array.MakeFromData(data), nil
}

func (v *vector) arrayData(t *types.Type) (arrow.ArrayData, error) {
	dt := t.Arrow()
	nulls, valid := 0, (*memory.Buffer)(nil)
	if v.valid != nil {
		if nulls = v.n - countBits(v.valid, v.n); nulls > 0 {
			valid = bitBuffer(v.valid, v.n)
		}
	}
	switch s, _ := shapeOf(v.typ); s {
	case bitShape:
		return array.NewData(dt, v.n, []*memory.Buffer{valid, bitBuffer(v.bits, v.n)}, nil, nulls, 0), nil
	case fixedShape:
		return array.NewData(dt, v.n, []*memory.Buffer{valid, memory.NewBufferBytes(v.takeFixed())}, nil, nulls, 0), nil
	case bytesShape:
		offs, data := v.takeBytes()
		b := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offs)), memory.NewBufferBytes(data)}
		return array.NewData(dt, v.n, b, nil, nulls, 0), nil
	case listShape:
		child, err := v.elems.child(t.Elem)
		if err != nil {
			return nil, err
		}
		defer child.Release()
		offs := slices.Clone(v.offs[:v.n+1])
		b := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offs))}
		return array.NewData(dt, v.n, b, []arrow.ArrayData{child}, nulls, 0), nil
	}
	return v.rowData(t, valid, nulls)
}

func (v *vector) rowData(t *types.Type, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	kids := make([]arrow.ArrayData, len(v.fields))
	defer func() {
		for _, k := range kids {
			if k != nil {
				k.Release()
			}
		}
	}()
	for i, f := range v.fields {
		k, err := f.child(t.Fields[i].Type)
		if err != nil {
			return nil, err
		}
		kids[i] = k
	}
	return array.NewData(t.Arrow(), v.n, []*memory.Buffer{valid}, kids, nulls, 0), nil
}

// child is finish for a part of a nested value, as data; the caller releases it.
func (v *vector) child(t *types.Type) (arrow.ArrayData, error) {
	arr, err := v.finish(t)
	if err != nil {
		return nil, err
	}
	defer arr.Release()
	arr.Data().Retain()
	return arr.Data(), nil
}

// takeFixed hands v's buffer over, or a copy when it is borrowed.
func (v *vector) takeFixed() []byte {
	b := v.fixed
	if v.borrowed {
		return slices.Clone(b)
	}
	v.fixed = nil
	return b
}

func (v *vector) takeBytes() ([]int32, []byte) {
	o, d := v.offs[:v.n+1], v.data
	if v.borrowed {
		return slices.Clone(o), slices.Clone(d)
	}
	v.offs, v.data = nil, nil
	return o, d
}

// bitBuffer is a copy of the first n bits, with zeros behind them.
func bitBuffer(w []uint64, n int) *memory.Buffer {
	c := slices.Clone(w[:words(n)])
	if r := uint(n) & 63; r != 0 {
		c[len(c)-1] &= 1<<r - 1
	}
	return memory.NewBufferBytes(wordBytes(c)[:(n+7)/8])
}
