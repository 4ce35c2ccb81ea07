package datum

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// MaxDimensions is the most dimensions that an array can have (MAXDIM).
const MaxDimensions = 6

// Dimension is the length of one dimension of an array and the subscript of its first element.
type Dimension struct{ Length, Lower int32 }

// Upper is the subscript of the dimension's last element.
func (d Dimension) Upper() int32 { return d.Lower + d.Length - 1 }

// Array is an array's value: all elements, the last subscript running fastest, and its dimensions. An empty array has
// neither. It is the datum of array types with Dims; of others it is the plain slice of elements.
type Array struct {
	Elems []any
	Dims  []Dimension
}

// ArrayOf is the datum of an array type, with Dims or without, as an Array.
func ArrayOf(v any) Array {
	switch v := v.(type) {
	case Array:
		return v
	case []any:
		return ListOf(v)
	}
	return Array{}
}

// ListOf is the array of one dimension with these elements.
func ListOf(elems []any) Array {
	if len(elems) == 0 {
		return Array{Elems: elems}
	}
	return Array{Elems: elems, Dims: []Dimension{{Length: int32(len(elems)), Lower: 1}}}
}

// Plain says whether a is empty or has one dimension that counts from 1, so that its elements alone tell it.
func (a Array) Plain() bool {
	return len(a.Dims) == 0 || len(a.Dims) == 1 && a.Dims[0].Lower == 1
}

// Datum is a as the datum of an array type: with dimensions, or without. A shape that a type without them cannot have
// is 0A000.
func (a Array) Datum(shaped bool) (any, error) {
	switch {
	case shaped:
		return a, nil
	case a.Plain() && a.Elems == nil:
		return []any{}, nil
	case a.Plain():
		return a.Elems, nil
	}
	return nil, a.refused()
}

func (a Array) refused() error {
	if len(a.Dims) > 1 {
		return sqlerr.Unsupported("an array of more than one dimension in this place").
			WithHint("Cast the array to text, or take its elements by unnest.")
	}
	return sqlerr.Unsupported("an array whose subscripts do not begin with 1 in this place").
		WithHint("Cast the array to text, or take a slice without bounds: (array)[:].")
}

// Members are the parts of an array of several dimensions along its first one: arrays of one dimension less.
func (a Array) Members() []Array {
	n := int(a.Dims[0].Length)
	out, each := make([]Array, n), len(a.Elems)/n
	for i := range out {
		out[i] = Array{Elems: a.Elems[i*each : (i+1)*each], Dims: a.Dims[1:]}
	}
	return out
}

// Bounds are the storage form of the dimensions: their lengths and lower bounds in turn, nil for a plain array.
func (a Array) Bounds() any {
	if a.Plain() {
		return nil
	}
	out := make([]any, 0, 2*len(a.Dims))
	for _, d := range a.Dims {
		out = append(out, int64(d.Length), int64(d.Lower))
	}
	return out
}

// FromBounds is the array of elements with dimensions in their storage form.
func FromBounds(elems []any, bounds any) Array {
	b, ok := bounds.([]any)
	if !ok {
		return ListOf(elems)
	}
	a := Array{Elems: elems, Dims: make([]Dimension, len(b)/2)}
	for i := range a.Dims {
		a.Dims[i] = Dimension{int32(b[2*i].(int64)), int32(b[2*i+1].(int64))}
	}
	return a
}

// CompareShapes orders arrays whose elements are equal and as many: by the number of dimensions, their lengths, their
// lower bounds (array_cmp).
func CompareShapes(a, b []Dimension) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	if c := slices.CompareFunc(a, b, func(x, y Dimension) int { return cmp.Compare(x.Length, y.Length) }); c != 0 {
		return c
	}
	return slices.CompareFunc(a, b, func(x, y Dimension) int { return cmp.Compare(x.Lower, y.Lower) })
}

// The last part of an array's key when it has no more than one dimension.
const (
	orderedEmpty byte = iota
	orderedBefore
	orderedFromOne
	orderedBehind
	orderedMore // and more: the number of dimensions
)

// AppendOrderedPlain ends the key of an array without elements, or of one dimension that counts from 1.
func AppendOrderedPlain(dst []byte, empty bool) []byte {
	if empty {
		return append(dst, OrderedEnd, orderedEmpty)
	}
	return append(dst, OrderedEnd, orderedFromOne)
}

// AppendOrderedShape ends the key of an array, behind its elements' keys.
func AppendOrderedShape(dst []byte, dims []Dimension) []byte {
	dst = append(dst, OrderedEnd)
	if len(dims) == 0 {
		return append(dst, orderedEmpty)
	}
	if len(dims) == 1 {
		switch lower := dims[0].Lower; {
		case lower == 1:
			return append(dst, orderedFromOne)
		case lower < 1:
			dst = append(dst, orderedBefore)
		default:
			dst = append(dst, orderedBehind)
		}
	} else {
		dst = append(dst, orderedMore+byte(len(dims)))
		for _, d := range dims {
			dst = binary.BigEndian.AppendUint32(dst, uint32(d.Length)^1<<31)
		}
	}
	for _, d := range dims {
		dst = binary.BigEndian.AppendUint32(dst, uint32(d.Lower)^1<<31)
	}
	return dst
}

// AppendDims adds dimensions as array_dims prints them: [1:2][0:3].
func AppendDims(dst []byte, dims []Dimension) []byte {
	for _, d := range dims {
		dst = append(dst, '[')
		dst = strconv.AppendInt(dst, int64(d.Lower), 10)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(d.Upper()), 10)
		dst = append(dst, ']')
	}
	return dst
}
