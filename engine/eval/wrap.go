package eval

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// wrap makes v a view of an array of t's storage, dictionary-encoded or plain, at any offset. v borrows the array.
func (v *vector) wrap(arr arrow.Array, t *types.Type) error {
	*v = vector{typ: t, n: arr.Len(), src: arr, borrowed: true, flat: v.flat, mask: v.mask, codes: v.codes, fields: v.fields}
	if d, ok := arr.(*array.Dictionary); ok {
		return v.wrapDictionary(d, t)
	}
	if !storedAs(arr.DataType(), t) {
		return sqlerr.New(sqlerr.InternalError, "a column of type %s came as %s", t, arr.DataType())
	}
	data := arr.Data()
	v.copyValid(arr)
	off, n := data.Offset(), data.Len()
	switch s, width := shapeOf(t); s {
	case bitShape:
		v.bits = make([]uint64, words(n))
		copyBits(v.bits, bufferBytes(data, 1), off, n)
	case fixedShape:
		v.fixed = bufferBytes(data, 1)
		if len(v.fixed) > 0 {
			v.fixed = v.fixed[off*width : (off+n)*width : (off+n)*width]
		}
	case bytesShape:
		v.offs, v.data = offsets(data), bufferBytes(data, 2)
	case listShape:
		v.offs, v.elems = offsets(data), &vector{}
		return v.elems.wrap(arr.(*array.List).ListValues(), t.Elem)
	case rowShape:
		return v.wrapRow(arr.(*array.Struct), t)
	}
	return nil
}

func (v *vector) wrapRow(arr *array.Struct, t *types.Type) error {
	if arr.NumField() != len(t.Fields) {
		return sqlerr.New(sqlerr.InternalError, "a row of type %s came with %d fields", t, arr.NumField())
	}
	v.fields = make([]*vector, len(t.Fields))
	for i, f := range t.Fields {
		v.fields[i] = &vector{}
		if err := v.fields[i].wrap(arr.Field(i), f.Type); err != nil {
			return err
		}
	}
	return nil
}

func (v *vector) wrapDictionary(d *array.Dictionary, t *types.Type) error {
	v.codes = grow(v.codes, d.Len())
	v.copyValid(d)
	dict := &vector{}
	if err := dict.wrap(d.Dictionary(), t); err != nil {
		return err
	}
	switch ix := d.Indices().(type) {
	case *array.Int8:
		codesOf(v.codes, ix.Int8Values())
	case *array.Int16:
		codesOf(v.codes, ix.Int16Values())
	case *array.Int32:
		codesOf(v.codes, ix.Int32Values())
	case *array.Int64:
		codesOf(v.codes, ix.Int64Values())
	case *array.Uint8:
		codesOf(v.codes, ix.Uint8Values())
	case *array.Uint16:
		codesOf(v.codes, ix.Uint16Values())
	case *array.Uint32:
		codesOf(v.codes, ix.Uint32Values())
	case *array.Uint64:
		codesOf(v.codes, ix.Uint64Values())
	}
	if dict.n == 0 { // then every row is NULL, and no code may be followed
		v.setNullConst(t, d.Len())
		return nil
	}
	if v.valid != nil { // a code under a NULL is garbage
		for i := range v.codes {
			if !bitAt(v.valid, i) {
				v.codes[i] = 0
			}
		}
	}
	v.dict = dict
	return nil
}

func codesOf[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](dst []int32, src []T) {
	for i, c := range src {
		dst[i] = int32(c)
	}
}

// copyValid takes over the array's NULLs, shifted to offset 0.
func (v *vector) copyValid(arr arrow.Array) {
	if arr.NullN() == 0 {
		return
	}
	data := arr.Data()
	v.mask = grow(v.mask, words(data.Len()))
	copyBits(v.mask, bufferBytes(data, 0), data.Offset(), data.Len())
	v.valid = v.mask
}

// copyBits copies n bits from an Arrow bitmap to words.
func copyBits(dst []uint64, src []byte, off, n int) {
	if n == 0 || len(src) == 0 {
		return
	}
	bitutil.CopyBitmap(src, off, n, wordBytes(dst), 0)
}

// wordBytes is the memory of w.
func wordBytes(w []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)
}

func bufferBytes(data arrow.ArrayData, i int) []byte {
	if b := data.Buffers()[i]; b != nil {
		return b.Bytes()
	}
	return nil
}

// offsets are the n+1 offsets of a string or list array.
func offsets(data arrow.ArrayData) []int32 {
	b := bufferBytes(data, 1)
	if len(b) == 0 {
		return make([]int32, data.Len()+1)
	}
	o := unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
	return o[data.Offset() : data.Offset()+data.Len()+1]
}

// storedAs says whether arrays of dt can be read as vectors of t.
func storedAs(dt arrow.DataType, t *types.Type) bool {
	want := t.Arrow()
	if want.ID() != dt.ID() {
		return false
	}
	switch dt.ID() {
	case arrow.LIST, arrow.STRUCT: // the parts are checked when they are wrapped; names do not matter
		return true
	case arrow.DECIMAL64, arrow.DECIMAL128:
		return dt.(arrow.DecimalType).GetScale() == t.Scale
	case arrow.TIMESTAMP:
		return dt.(*arrow.TimestampType).Unit == arrow.Microsecond
	case arrow.FIXED_SIZE_BINARY:
		return dt.(*arrow.FixedSizeBinaryType).ByteWidth == 16
	case arrow.TIME64:
		return dt.(*arrow.Time64Type).Unit == arrow.Microsecond
	}
	return true
}
