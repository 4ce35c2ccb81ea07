package eval

import (
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/types"
)

// vector is one column of values while expressions are evaluated. Exactly one of its forms is in use:
//
//   - plain: n values in fixed, bits, offs+data, offs+elems or fields, by the type's shape;
//   - constant (konst): the same with a single value, which stands for all n rows;
//   - dictionary (dict set): row i has the value codes[i] of dict. Kernels never see it: a call either runs over the
//     dictionary or over the decoded values.
//
// Row i is NULL when its bit of valid is clear; nil valid means that none is. Bits behind row n are unspecified, and so
// is a value whose row is NULL. A vector belongs to the node that made it and is good until that node runs again; what
// borrows from an input array says so.
type vector struct {
	typ    *types.Type
	n      int
	konst  bool
	valid  []uint64
	bits   []uint64  // Bool
	fixed  []byte    // values of fixed width
	offs   []int32   // strings and lists: one more than the values
	data   []byte    // strings: bytes
	elems  *vector   // lists: all elements
	fields []*vector // rows: one vector a field
	codes  []int32
	dict   *vector

	src      arrow.Array // the input array that the vector is a whole view of
	borrowed bool        // the buffers belong to an input array
	flat     *vector     // scratch for the decoded form
	mask     []uint64    // scratch for valid
}

// shape says which of a vector's buffers hold the values of a type.
type shape uint8

const (
	bitShape shape = iota
	fixedShape
	bytesShape
	listShape
	rowShape
)

// shapeOf is the shape and, for fixedShape, the bytes of one value.
func shapeOf(t *types.Type) (shape, int) {
	switch t.Kind {
	case types.Bool:
		return bitShape, 0
	case types.Int2:
		return fixedShape, 2
	case types.Int4, types.Enum, types.Float4, types.Date:
		return fixedShape, 4
	case types.Int8, types.OID, types.Money, types.Float8, types.Time, types.Timestamp, types.TimestampTZ:
		return fixedShape, 8
	case types.Interval, types.UUID:
		return fixedShape, 16
	case types.Numeric:
		switch t.NumericStorage() {
		case types.Decimal64:
			return fixedShape, 8
		case types.Decimal128:
			return fixedShape, 16
		}
		return bytesShape, 0
	case types.Array:
		if t.Dims > 0 {
			return rowShape, 0
		}
		return listShape, 0
	case types.Composite, types.Record:
		return rowShape, 0
	}
	return bytesShape, 0
}

// words is the number of 64-bit words that n bits take.
func words(n int) int { return (n + 63) >> 6 }

// values are v's values of fixed width as T: n of them, or one when v is constant.
func values[T any](v *vector) []T {
	var z T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v.fixed))), len(v.fixed)/int(unsafe.Sizeof(z)))
}

// count is the number of values that v holds: one when it is constant.
func (v *vector) count() int {
	if v.konst {
		return 1
	}
	return v.n
}

// at is the index of row i's value.
func (v *vector) at(i int) int {
	if v.konst {
		return 0
	}
	return i
}

// null says whether row i is NULL.
func (v *vector) null(i int) bool {
	if v.dict != nil {
		return v.valid != nil && !bitAt(v.valid, i) || v.dict.null(int(v.codes[i]))
	}
	return v.valid != nil && !bitAt(v.valid, v.at(i))
}

// nullConst says whether v is NULL in every row because it is the constant NULL.
func (v *vector) nullConst() bool { return v.konst && v.valid != nil && v.valid[0]&1 == 0 }

// str is row i's bytes as a string that borrows from v.
func (v *vector) str(i int) string {
	i = v.at(i)
	a, b := v.offs[i], v.offs[i+1]
	if a == b {
		return ""
	}
	return unsafe.String(&v.data[a], int(b-a))
}

// bytes is row i's bytes, borrowed from v.
func (v *vector) bytes(i int) []byte {
	i = v.at(i)
	return v.data[v.offs[i]:v.offs[i+1]:v.offs[i+1]]
}

// truth is row i of a boolean vector, whatever its validity.
func (v *vector) truth(i int) bool { return bitAt(v.bits, v.at(i)) }

func bitAt(w []uint64, i int) bool { return w[i>>6]>>(uint(i)&63)&1 != 0 }

func setBit(w []uint64, i int, on bool) {
	m := uint64(1) << (uint(i) & 63)
	if on {
		w[i>>6] |= m
	} else {
		w[i>>6] &^= m
	}
}

// reset makes v a plain vector of n values of t without NULLs, keeping its buffers as scratch. Fixed-width values and
// bits are allocated and unspecified; strings and lists start empty.
func (v *vector) reset(t *types.Type, n int) {
	if v.borrowed {
		*v = vector{flat: v.flat, mask: v.mask}
	}
	v.typ, v.n, v.konst, v.valid, v.src, v.dict, v.codes = t, n, false, nil, nil, nil, v.codes[:0]
	s, width := shapeOf(t)
	switch s {
	case bitShape:
		v.bits = grow(v.bits, words(n))
	case fixedShape:
		v.fixed = growBytes(v.fixed, n*width)
	case bytesShape:
		v.offs = append(grow(v.offs, n+1)[:0], 0)
		v.data = v.data[:0]
	case listShape:
		v.offs = append(grow(v.offs, n+1)[:0], 0)
		if v.elems == nil {
			v.elems = &vector{}
		}
		v.elems.reset(t.Elem, 0)
	case rowShape:
		for len(v.fields) < len(t.Fields) {
			v.fields = append(v.fields, &vector{})
		}
		v.fields = v.fields[:len(t.Fields)]
		if n == 0 { // nobody fills them
			for i, f := range v.fields {
				f.reset(t.Fields[i].Type, 0)
			}
		}
	}
}

// grow gives a slice of n elements, s itself where it has the room. The elements are unspecified.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// growBytes is grow for buffers of wider values: what it makes is aligned to eight bytes.
func growBytes(s []byte, n int) []byte {
	if cap(s) >= n {
		return s[:n]
	}
	w := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)[:n]
}

// setConst makes v the constant of one value already stored in it, for n rows.
func (v *vector) setConst(n int) { v.konst, v.n = true, n }

// setNullConst makes v the NULL constant of type t for n rows.
func (v *vector) setNullConst(t *types.Type, n int) {
	v.reset(t, 1)
	zeroValues(v, 1)
	v.ownValid(1)
	v.valid[0] = 0
	v.setConst(n)
}

// zeroValues stores n zero values (empty strings, empty lists) into a vector that was reset to n.
func zeroValues(v *vector, n int) {
	switch s, _ := shapeOf(v.typ); s {
	case bitShape:
		clear(v.bits)
	case fixedShape:
		clear(v.fixed)
	case bytesShape, listShape:
		v.offs = grow(v.offs, n+1)
		clear(v.offs)
	case rowShape:
		for i, f := range v.typ.Fields {
			v.fields[i].reset(f.Type, n)
			zeroValues(v.fields[i], n)
			v.fields[i].ownValid(n)
			clear(v.fields[i].valid)
		}
	}
}

// ownValid gives v a validity bitmap of its own for n rows, all set unless there was one before.
func (v *vector) ownValid(n int) {
	w := words(n)
	v.mask = grow(v.mask, w)
	if v.valid == nil {
		fill(v.mask, ^uint64(0))
	} else if w > 0 && (len(v.valid) == 0 || &v.valid[0] != &v.mask[0]) {
		copy(v.mask, v.valid)
	}
	v.valid = v.mask
}

// setNull makes row i NULL.
func (v *vector) setNull(i int) {
	if v.valid == nil {
		v.ownValid(v.n)
	}
	setBit(v.valid, i, false)
}

func fill(w []uint64, x uint64) {
	for i := range w {
		w[i] = x
	}
}

// countBits counts the set bits among the first n.
func countBits(w []uint64, n int) int {
	c := 0
	for _, x := range w[:n>>6] {
		c += bits.OnesCount64(x)
	}
	if r := uint(n) & 63; r != 0 {
		c += bits.OnesCount64(w[n>>6] & (1<<r - 1))
	}
	return c
}

// ones appends the positions of the set bits among the first n.
func ones(dst []int32, w []uint64, n int) []int32 {
	for k := range words(n) {
		x := w[k]
		if r := n - k<<6; r < 64 {
			x &= 1<<uint(r) - 1
		}
		base := int32(k << 6)
		for x != 0 {
			dst = append(dst, base+int32(bits.TrailingZeros64(x)))
			x &= x - 1
		}
	}
	return dst
}
