package interchange

import (
	"context"
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// plain is arr itself, or what a dictionary or run-end encoded array stands for, with a reference for the caller.
func plain(arr arrow.Array) (arrow.Array, error) {
	switch a := arr.(type) {
	case *array.Dictionary:
		return decodeDictionary(a)
	case *array.RunEndEncoded:
		out, err := compute.RunEndDecodeArray(context.Background(), a)
		if err != nil {
			return nil, fmt.Errorf("decoding run ends: %w", err)
		}
		defer out.Release()
		return plain(out)
	}
	arr.Retain()
	return arr, nil
}

// decodeDictionary gathers the dictionary's values. Values that are themselves encoded or nested take the general path.
func decodeDictionary(d *array.Dictionary) (arrow.Array, error) {
	values := d.Dictionary()
	fixed, isFixed := values.DataType().(arrow.FixedWidthDataType)
	_, isBool := values.(*array.Boolean)
	_, isExt := values.DataType().(arrow.ExtensionType)
	isDict := values.DataType().ID() == arrow.DICTIONARY
	switch {
	case isFixed && !isBool && !isExt && !isDict:
		return gatherDictionary(d, func(rows []int32) []*memory.Buffer {
			return []*memory.Buffer{gatherFixed(values, rows, fixed.Bytes())}
		})
	case values.DataType().ID() == arrow.STRING || values.DataType().ID() == arrow.BINARY:
		return gatherDictionary(d, func(rows []int32) []*memory.Buffer { return gatherBytes(values, rows) })
	}
	out, err := compute.TakeArray(context.Background(), values, d.Indices())
	if err != nil {
		return nil, fmt.Errorf("decoding a dictionary of %s: %w", values.DataType(), err)
	}
	defer out.Release()
	return plain(out)
}

// gatherDictionary makes the plain array: rows holds each row's position in the dictionary, -1 where it is NULL.
func gatherDictionary(d *array.Dictionary, buffers func(rows []int32) []*memory.Buffer) (arrow.Array, error) {
	values := d.Dictionary()
	rows, err := positions(d.Indices(), values.Len())
	if err != nil {
		return nil, err
	}
	if values.NullN() > 0 {
		for i, r := range rows {
			if r >= 0 && values.IsNull(int(r)) {
				rows[i] = -1
			}
		}
	}
	valid, nulls := bitmapOf(rows)
	out := append([]*memory.Buffer{valid}, buffers(rows)...)
	if out[len(out)-1] == nil {
		return nil, fmt.Errorf("decoding a dictionary: a batch of strings is larger than 2 GiB")
	}
	return newArray(values.DataType(), len(rows), nulls, out), nil
}

// bitmapOf is the validity of gathered rows, nil when none is negative.
func bitmapOf(rows []int32) (*memory.Buffer, int) {
	nulls := 0
	for _, r := range rows {
		nulls += int(uint32(r) >> 31)
	}
	if nulls == 0 {
		return nil, 0
	}
	bits := make([]byte, bitutil.BytesForBits(int64(len(rows))))
	for i, r := range rows {
		bits[i>>3] |= byte(^uint32(r)>>31) << (i & 7)
	}
	return memory.NewBufferBytes(bits), nulls
}

func positions(indices arrow.Array, limit int) ([]int32, error) {
	rows := make([]int32, indices.Len())
	var ok bool
	switch a := indices.(type) {
	case *array.Int8:
		ok = widen(rows, a.Int8Values(), limit, indices)
	case *array.Int16:
		ok = widen(rows, a.Int16Values(), limit, indices)
	case *array.Int32:
		ok = widen(rows, a.Int32Values(), limit, indices)
	case *array.Int64:
		ok = widen(rows, a.Int64Values(), limit, indices)
	case *array.Uint8:
		ok = widen(rows, a.Uint8Values(), limit, indices)
	case *array.Uint16:
		ok = widen(rows, a.Uint16Values(), limit, indices)
	case *array.Uint32:
		ok = widen(rows, a.Uint32Values(), limit, indices)
	case *array.Uint64:
		ok = widen(rows, a.Uint64Values(), limit, indices)
	default:
		return nil, fmt.Errorf("dictionary indices of type %s", indices.DataType())
	}
	if !ok {
		return nil, fmt.Errorf("a dictionary index is outside of its dictionary of %d values", limit)
	}
	return rows, nil
}

type index interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func widen[T index](rows []int32, from []T, limit int, indices arrow.Array) bool {
	if indices.NullN() == 0 {
		for i, v := range from {
			if uint64(v) >= uint64(limit) {
				return false
			}
			rows[i] = int32(v)
		}
		return true
	}
	for i, v := range from {
		switch {
		case indices.IsNull(i):
			rows[i] = -1
		case uint64(v) >= uint64(limit):
			return false
		default:
			rows[i] = int32(v)
		}
	}
	return true
}

func gatherFixed(values arrow.Array, rows []int32, width int) *memory.Buffer {
	data := values.Data()
	var src []byte
	if b := data.Buffers()[1]; b != nil {
		src = b.Bytes()[data.Offset()*width:]
	}
	dst := make([]byte, len(rows)*width)
	switch width {
	case 2:
		gatherInto(view[uint16](dst), view[uint16](src), rows)
	case 4:
		gatherInto(view[uint32](dst), view[uint32](src), rows)
	case 8:
		gatherInto(view[uint64](dst), view[uint64](src), rows)
	default:
		for i, r := range rows {
			if r >= 0 {
				copy(dst[i*width:(i+1)*width], src[int(r)*width:])
			}
		}
	}
	return memory.NewBufferBytes(dst)
}

func gatherInto[T any](dst, src []T, rows []int32) {
	for i, r := range rows {
		if r >= 0 {
			dst[i] = src[r]
		}
	}
}

// gatherBytes gathers utf8 or binary values into offsets and data; the data is nil when it exceeds 32-bit offsets.
func gatherBytes(values arrow.Array, rows []int32) []*memory.Buffer {
	offsets, src := bytesOf(values)
	out := make([]int32, len(rows)+1)
	total := int64(0)
	for i, r := range rows {
		if r >= 0 {
			total += int64(offsets[r+1] - offsets[r])
		}
		if total > math.MaxInt32 {
			return []*memory.Buffer{nil, nil}
		}
		out[i+1] = int32(total)
	}
	dst := make([]byte, total)
	for i, r := range rows {
		if r >= 0 {
			copy(dst[out[i]:out[i+1]], src[offsets[r]:offsets[r+1]])
		}
	}
	return []*memory.Buffer{memory.NewBufferBytes(bytesOfSlice(out)), memory.NewBufferBytes(dst)}
}

// bytesOf gives the len+1 offsets of a utf8 or binary array and the data that they point into.
func bytesOf(values arrow.Array) ([]int32, []byte) {
	data := values.Data()
	buffers := data.Buffers()
	if values.Len() == 0 || buffers[1] == nil {
		return make([]int32, values.Len()+1), nil
	}
	offsets := view[int32](buffers[1].Bytes())[data.Offset() : data.Offset()+values.Len()+1]
	if buffers[2] == nil {
		return offsets, nil
	}
	return offsets, buffers[2].Bytes()
}

// view reads bytes as values of T; a rest that is no whole value is left out.
func view[T any](b []byte) []T {
	var zero T
	n := len(b) / int(unsafe.Sizeof(zero))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

func bytesOfSlice[T any](s []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

func bufferOf[T any](s []T) *memory.Buffer { return memory.NewBufferBytes(bytesOfSlice(s)) }

// newArray is an array over buffers, which start with the validity bitmap or nil, and over child arrays. It takes the
// buffers; children are borrowed.
func newArray(t arrow.DataType, n, nulls int, buffers []*memory.Buffer, children ...arrow.Array) arrow.Array {
	kids := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		kids[i] = c.Data()
	}
	data := array.NewData(t, n, buffers, kids, nulls, 0)
	defer data.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return array.MakeFromData(data)
}

// validity is the bitmap of arr from its first row on, nil when no row is NULL.
func validity(arr arrow.Array) *memory.Buffer {
	data := arr.Data()
	bits := data.Buffers()[0]
	if arr.NullN() == 0 || bits == nil {
		return nil
	}
	offset, n := data.Offset(), arr.Len()
	if offset%8 == 0 {
		return memory.SliceBuffer(bits, offset/8, int(bitutil.BytesForBits(int64(n))))
	}
	dst := make([]byte, bitutil.BytesForBits(int64(n)))
	bitutil.CopyBitmap(bits.Bytes(), offset, n, dst, 0)
	return memory.NewBufferBytes(dst)
}
