package batch

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Gather is a new array of the values of a at rows, in that order; a negative row gives NULL. A dictionary-encoded
// array stays so and shares its dictionary. The result is plain garbage-collected memory and belongs to the caller.
// It fails with 54000 when variable-width values would exceed Arrow's 2 GiB offsets.
func Gather(a arrow.Array, rows []int32) (arrow.Array, error) {
	d, err := gather(a.Data(), rows, anyNegative(rows))
	if err != nil {
		return nil, err
	}
	defer d.Release()
	return array.MakeFromData(d), nil
}

// GatherRecord gathers rows of every column of rec; see [Gather].
func GatherRecord(rec arrow.RecordBatch, rows []int32) (arrow.RecordBatch, error) {
	cols, err := GatherColumns(rec.Columns(), rows)
	if err != nil {
		return nil, err
	}
	return NewRecord(rec.Schema(), cols, len(rows)), nil
}

// GatherColumns gathers rows of every column; see [Gather].
func GatherColumns(cols []arrow.Array, rows []int32) ([]arrow.Array, error) {
	neg := anyNegative(rows)
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		d, err := gather(c.Data(), rows, neg)
		if err != nil {
			ReleaseAll(out[:i])
			return nil, err
		}
		out[i] = array.MakeFromData(d)
		d.Release()
	}
	return out, nil
}

// NewRecord is a batch of cols, which it takes over: they are released here, the batch keeps its own references.
func NewRecord(schema *arrow.Schema, cols []arrow.Array, rows int) arrow.RecordBatch {
	schema = physicalSchema(schema, cols)
	rec := array.NewRecordBatch(schema, cols, int64(rows))
	ReleaseAll(cols)
	return rec
}

// ReleaseAll releases every array that is not nil.
func ReleaseAll(cols []arrow.Array) {
	for _, c := range cols {
		if c != nil {
			c.Release()
		}
	}
}

// physicalSchema is schema with the types that cols have: a column may be dictionary-encoded in one batch and plain
// in the next.
func physicalSchema(schema *arrow.Schema, cols []arrow.Array) *arrow.Schema {
	fields := schema.Fields()
	var changed []arrow.Field
	for i, c := range cols {
		if c.DataType().ID() == fields[i].Type.ID() {
			continue
		}
		if changed == nil {
			changed = append([]arrow.Field(nil), fields...)
		}
		changed[i].Type = c.DataType()
	}
	if changed == nil {
		return schema
	}
	md := schema.Metadata()
	return arrow.NewSchema(changed, &md)
}

func anyNegative(rows []int32) bool {
	var or int32
	for _, r := range rows {
		or |= r
	}
	return or < 0
}

func gather(d arrow.ArrayData, rows []int32, neg bool) (arrow.ArrayData, error) {
	switch dt := d.DataType().(type) {
	case *arrow.NullType:
		return array.NewData(dt, len(rows), []*memory.Buffer{nil}, nil, len(rows), 0), nil
	case *arrow.BooleanType:
		return gatherBool(d, rows, neg), nil
	case *arrow.StringType, *arrow.BinaryType:
		return gatherVar[int32](d, rows, neg)
	case *arrow.LargeStringType, *arrow.LargeBinaryType:
		return gatherVar[int64](d, rows, neg)
	case *arrow.ListType, *arrow.MapType:
		return gatherList(d, rows, neg)
	case *arrow.StructType:
		return gatherStruct(d, rows, neg)
	case *arrow.DictionaryType:
		return gatherDictionary(d, rows, neg)
	case arrow.FixedWidthDataType:
		return gatherWidth(d, dt.BitWidth()/8, rows, neg)
	}
	return nil, fmt.Errorf("gathering rows of type %s: there is no kernel for it", d.DataType())
}

func gatherWidth(d arrow.ArrayData, width int, rows []int32, neg bool) (arrow.ArrayData, error) {
	var out []byte
	switch width {
	case 1:
		out = gatherFixed[uint8](d, rows, neg)
	case 2:
		out = gatherFixed[uint16](d, rows, neg)
	case 4:
		out = gatherFixed[uint32](d, rows, neg)
	case 8:
		out = gatherFixed[uint64](d, rows, neg)
	case 16:
		out = gatherFixed[[2]uint64](d, rows, neg)
	case 32:
		out = gatherFixed[[4]uint64](d, rows, neg)
	default:
		out = gatherBytes(d, width, rows)
	}
	valid, nulls := gatherValidity(d, rows, neg)
	return array.NewData(d.DataType(), len(rows), []*memory.Buffer{valid, memory.NewBufferBytes(out)}, nil, nulls, 0), nil
}

// gatherFixed copies values of one width; NULL rows of the source are copied as they are, negative rows are zero.
func gatherFixed[T any](d arrow.ArrayData, rows []int32, neg bool) []byte {
	src := values[T](d, 1)
	out := make([]T, len(rows))
	if !neg {
		for i, r := range rows {
			out[i] = src[r]
		}
		return bytesOf(out)
	}
	for i, r := range rows {
		if r >= 0 {
			out[i] = src[r]
		}
	}
	return bytesOf(out)
}

func gatherBytes(d arrow.ArrayData, width int, rows []int32) []byte {
	out := make([]byte, len(rows)*width)
	if d.Len() == 0 {
		return out
	}
	src := d.Buffers()[1].Bytes()[d.Offset()*width:]
	for i, r := range rows {
		if r >= 0 {
			copy(out[i*width:(i+1)*width], src[int(r)*width:])
		}
	}
	return out
}

func gatherBool(d arrow.ArrayData, rows []int32, neg bool) arrow.ArrayData {
	var src []byte // an empty array may be without buffers
	if d.Len() > 0 {
		src = d.Buffers()[1].Bytes()
	}
	off := d.Offset()
	out := make([]byte, bitutil.BytesForBits(int64(len(rows))))
	for i, r := range rows {
		if r >= 0 {
			at := off + int(r)
			out[i>>3] |= (src[at>>3] >> (at & 7) & 1) << (i & 7)
		}
	}
	valid, nulls := gatherValidity(d, rows, neg)
	return array.NewData(d.DataType(), len(rows), []*memory.Buffer{valid, memory.NewBufferBytes(out)}, nil, nulls, 0)
}

// gatherValidity is the result's bitmap, nil when nothing is NULL.
func gatherValidity(d arrow.ArrayData, rows []int32, neg bool) (*memory.Buffer, int) {
	src := validity(d)
	if src == nil && !neg {
		return nil, 0
	}
	off, set := d.Offset(), 0
	out := make([]byte, bitutil.BytesForBits(int64(len(rows))))
	for i, r := range rows {
		if r < 0 {
			continue
		}
		bit := byte(1)
		if src != nil {
			at := off + int(r)
			bit = src[at>>3] >> (at & 7) & 1
		}
		out[i>>3] |= bit << (i & 7)
		set += int(bit)
	}
	if set == len(rows) {
		return nil, 0
	}
	return memory.NewBufferBytes(out), len(rows) - set
}

// validity is d's bitmap, nil when no value of d is NULL.
func validity(d arrow.ArrayData) []byte {
	if d.NullN() == 0 || len(d.Buffers()) == 0 || d.Buffers()[0] == nil {
		return nil
	}
	return d.Buffers()[0].Bytes()
}

// gatherVar copies strings or binaries with one allocation of the exact size. A NULL row of the source may stand over
// bytes; they are not copied.
func gatherVar[O int32 | int64](d arrow.ArrayData, rows []int32, neg bool) (arrow.ArrayData, error) {
	valid, nulls := gatherValidity(d, rows, neg)
	offsets := make([]O, len(rows)+1)
	var total int64
	if d.Len() == 0 {
		return varData(d.DataType(), offsets, nil, valid, nulls), nil
	}
	src := unsafe.Slice((*O)(unsafe.Pointer(&d.Buffers()[1].Bytes()[0])), d.Offset()+d.Len()+1)[d.Offset():]
	if nulls == 0 {
		for i, r := range rows {
			total += int64(src[r+1] - src[r])
			offsets[i+1] = O(total)
		}
	} else {
		bits := valid.Bytes()
		for i, r := range rows {
			if bits[i>>3]>>(i&7)&1 != 0 {
				total += int64(src[r+1] - src[r])
			}
			offsets[i+1] = O(total)
		}
	}
	if unsafe.Sizeof(O(0)) == 4 && total > math.MaxInt32 {
		return nil, TooLarge(total)
	}
	var data []byte
	if b := d.Buffers()[2]; b != nil && total > 0 {
		data = make([]byte, total)
		from := b.Bytes()
		for i, r := range rows {
			if at, end := offsets[i], offsets[i+1]; at < end {
				copy(data[at:end], from[src[r]:src[r+1]])
			}
		}
	}
	return varData(d.DataType(), offsets, data, valid, nulls), nil
}

func varData[O int32 | int64](dt arrow.DataType, offsets []O, data []byte, valid *memory.Buffer, nulls int) arrow.ArrayData {
	buffers := []*memory.Buffer{valid, memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(data)}
	return array.NewData(dt, len(offsets)-1, buffers, nil, nulls, 0)
}

// TooLarge is the error (54000) for a column of text whose batch would exceed Arrow's 2 GiB.
func TooLarge(n int64) error {
	return sqlerr.New(sqlerr.ProgramLimit, "one column of a batch needs %d bytes, and can have at most %d", n, math.MaxInt32).
		WithHint("narrow the query so that fewer or shorter values are kept at once")
}

// values views a fixed-width buffer from the array's offset on.
func values[T any](d arrow.ArrayData, buffer int) []T {
	if d.Len() == 0 || d.Buffers()[buffer] == nil {
		return nil
	}
	b := d.Buffers()[buffer].Bytes()
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), d.Offset()+d.Len())[d.Offset():]
}

func bytesOf[T any](s []T) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}
