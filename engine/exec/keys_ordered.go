package exec

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// Types whose values order in another way than their storage does (documents, ranges, addresses, arrays, rows) are
// brought to keys once a batch: bytes that order as the values do, and are equal exactly where they are. Sorting,
// grouping and joining then go by those bytes alone.

// byKey says whether values of t are compared by such keys.
func byKey(t *types.Type) bool {
	switch t.Kind {
	case types.Array, types.Composite, types.Record:
		return true
	}
	return datum.Worded(t)
}

// orderedKeys are the keys of a plain array of an ordered type; a NULL has none.
func orderedKeys(a arrow.Array, t *types.Type, null []bool) ([]int32, []byte, error) {
	switch t.Kind {
	case types.Array, types.Composite, types.Record:
		n, err := newNestedKey(a, t)
		if err != nil {
			return nil, nil, err
		}
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) { return n.appendValue(dst, i), nil })
	}
	offs, data := varView(a.Data())
	return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
		return datum.AppendOrderedText(dst, t, data[offs[i]:offs[i+1]])
	})
}

// nestedKey is what the keys of a batch's arrays or rows are put together from: the keys of all elements, or of each field.
type nestedKey struct {
	parts []keyPart
	ends  []int32 // arrays: where the elements of a value begin and end
	// bounds are the dimensions of arrays that may have any, NULL for plain ones.
	bounds *array.List
}

// keyPart is a column of parts of keys. Exactly one of its forms is in use.
type keyPart struct {
	null   []bool
	words  []uint64
	low    []uint64 // the low halves of 128-bit values, whose high halves are words
	offs   []int32
	data   []byte
	sealed bool // data is keys, of which none is another's prefix
	nested *nestedKey
}

func newNestedKey(a arrow.Array, t *types.Type) (*nestedKey, error) {
	switch a := a.(type) {
	case *array.List:
		part, err := newKeyPart(a.ListValues(), t.Elem)
		return &nestedKey{parts: []keyPart{part}, ends: fixedOffsets(a)}, err
	case *array.Struct:
		if t.Kind == types.Array {
			n, err := newNestedKey(a.Field(0), t.Fields[0].Type)
			if err == nil {
				n.bounds, _ = a.Field(1).(*array.List)
			}
			return n, err
		}
		n := &nestedKey{parts: make([]keyPart, len(t.Fields))}
		for i, f := range t.Fields {
			var err error
			if n.parts[i], err = newKeyPart(a.Field(i), f.Type); err != nil {
				return nil, err
			}
		}
		return n, nil
	}
	return &nestedKey{ends: make([]int32, a.Len()+1)}, nil // nothing but NULLs
}

// fixedOffsets are a list array's offsets, one more than values, without the array's own offset.
func fixedOffsets(a *array.List) []int32 {
	if a.Len() == 0 {
		return []int32{0}
	}
	return a.Offsets()[a.Data().Offset() : a.Data().Offset()+a.Len()+1]
}

func newKeyPart(a arrow.Array, t *types.Type) (keyPart, error) {
	p, err := plainArray(a)
	if err != nil {
		return keyPart{}, err
	}
	defer p.Release()
	part := keyPart{null: nullsOf(p)}
	switch t.Kind {
	case types.Array, types.Composite, types.Record:
		part.nested, err = newNestedKey(p, t)
		return part, err
	}
	if t.Kind == types.Numeric { // by value: the storages of one type meet in arrays and rows
		part.sealed = true
		part.offs, part.data, err = numericKeys(p, t, part.null)
		return part, err
	}
	k, err := newOrderKey(p, t, direction{})
	part.words, part.low, part.offs, part.data, part.sealed = k.words, k.low, k.offs, k.data, byKey(t)
	return part, err
}

func numericKeys(a arrow.Array, t *types.Type, null []bool) ([]int32, []byte, error) {
	d := a.Data()
	switch t.NumericStorage() {
	case types.Decimal64:
		v := fixedView[int64](d)
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
			return numeric.AppendOrdered(dst, numeric.FromInt64(v[i], t.Scale)), nil
		})
	case types.Decimal128:
		v := fixedView[decimal128.Num](d)
		return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
			return numeric.AppendOrdered(dst, numeric.FromInt128(v[i].HighBits(), v[i].LowBits(), t.Scale)), nil
		})
	}
	offs, data := varView(d)
	return rowBytes(a, null, func(dst []byte, i int) ([]byte, error) {
		return numeric.AppendOrdered(dst, numeric.Decode(data[offs[i]:offs[i+1]])), nil
	})
}

// appendValue adds the key of value i, which is not NULL.
func (n *nestedKey) appendValue(dst []byte, i int) []byte {
	if n.ends == nil {
		for k := range n.parts {
			dst = n.parts[k].append(dst, i)
		}
		return dst
	}
	for e := n.ends[i]; e < n.ends[i+1]; e++ {
		dst = n.parts[0].append(dst, int(e))
	}
	if n.bounds != nil && n.bounds.IsValid(i) {
		return datum.AppendOrderedShape(dst, dimensionsAt(n.bounds, i))
	}
	return datum.AppendOrderedPlain(dst, n.ends[i] == n.ends[i+1])
}

// dimensionsAt are the dimensions of a value in their storage form.
func dimensionsAt(bounds *array.List, i int) []datum.Dimension {
	from, to := bounds.ValueOffsets(i)
	v := fixedView[int32](bounds.ListValues().Data())[from:to]
	out := make([]datum.Dimension, len(v)/2)
	for d := range out {
		out[d] = datum.Dimension{Length: v[2*d], Lower: v[2*d+1]}
	}
	return out
}

// append adds an element's or field's part of a key.
func (p *keyPart) append(dst []byte, i int) []byte {
	if p.null != nil && p.null[i] {
		return append(dst, datum.OrderedNull)
	}
	dst = append(dst, datum.OrderedValue)
	switch {
	case p.nested != nil:
		return p.nested.appendValue(dst, i)
	case p.words != nil:
		if dst = binary.BigEndian.AppendUint64(dst, p.words[i]); p.low != nil {
			dst = binary.BigEndian.AppendUint64(dst, p.low[i])
		}
		return dst
	case p.sealed:
		return append(dst, p.data[p.offs[i]:p.offs[i+1]]...)
	}
	return datum.AppendOrderedBytes(dst, p.data[p.offs[i]:p.offs[i+1]])
}

// newOrderedKey is the sort key of a column of an ordered type.
func newOrderedKey(a arrow.Array, t *types.Type, d direction) (orderKey, error) {
	p, err := batch.Plain(a)
	if err != nil {
		return orderKey{}, err
	}
	defer p.Release()
	k := orderKey{direction: d, null: nullsOf(p)}
	k.offs, k.data, err = orderedKeys(p, t, k.null)
	return k, err
}
