package interchange

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// fixedValues are the values of a fixed-width array from its first row on.
func fixedValues[T any](a arrow.Array) []T {
	data := a.Data()
	if a.Len() == 0 || data.Buffers()[1] == nil {
		return make([]T, a.Len())
	}
	return view[T](data.Buffers()[1].Bytes())[data.Offset() : data.Offset()+a.Len()]
}

// integers widens integers.
func integers[From, To integer](a arrow.Array, to arrow.DataType) arrow.Array {
	dst := make([]To, a.Len())
	for i, v := range fixedValues[From](a) {
		dst[i] = To(v)
	}
	return newArray(to, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)})
}

// widenDecimal sign-extends 32- and 64-bit integers into 128- or 256-bit decimals of their own scale.
func widenDecimal[T integer](a arrow.Array, to arrow.DataType) (arrow.Array, error) {
	width := to.(arrow.FixedWidthDataType).Bytes()
	src := fixedValues[T](a)
	dst := make([]uint64, len(src)*width/8)
	switch width {
	case 8:
		for i, v := range src {
			dst[i] = uint64(v)
		}
	case 16:
		for i, v := range src {
			dst[2*i] = uint64(v)
			dst[2*i+1] = extension(v)
		}
	case 32:
		for i, v := range src {
			s := extension(v)
			dst[4*i], dst[4*i+1], dst[4*i+2], dst[4*i+3] = uint64(v), s, s, s
		}
	default:
		return nil, fmt.Errorf("no decimal of %d bytes", width)
	}
	return newArray(to, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

// extension is the word above v: all ones for a negative value.
func extension[T integer](v T) uint64 {
	if v < 0 {
		return ^uint64(0)
	}
	return 0
}

// halfFloats widens float16, exactly.
func halfFloats(a arrow.Array) (arrow.Array, error) {
	in, ok := a.(*array.Float16)
	if !ok {
		return nil, fmt.Errorf("expected float16, found %s", a.DataType())
	}
	dst := make([]float32, in.Len())
	for i, v := range in.Values() {
		dst[i] = v.Float32()
	}
	return newArray(arrow.PrimitiveTypes.Float32, in.Len(), in.NullN(), []*memory.Buffer{validity(in), bufferOf(dst)}), nil
}

func bool8In(a arrow.Array) (arrow.Array, error) {
	src := fixedValues[int8](a)
	bits := make([]byte, bitutil.BytesForBits(int64(len(src))))
	for i, v := range src {
		if v != 0 {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return newArray(arrow.FixedWidthTypes.Boolean, a.Len(), a.NullN(),
		[]*memory.Buffer{validity(a), memory.NewBufferBytes(bits)}), nil
}
