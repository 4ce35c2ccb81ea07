package batch

import (
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func gatherStruct(d arrow.ArrayData, rows []int32, neg bool) (arrow.ArrayData, error) {
	valid, nulls := gatherValidity(d, rows, neg)
	kids := make([]arrow.ArrayData, len(d.Children()))
	for i, c := range d.Children() {
		// A struct's slice moves its own offset only; its children keep theirs.
		part := array.NewSliceData(c, int64(d.Offset()), int64(d.Offset()+d.Len()))
		kid, err := gather(part, rows, neg)
		part.Release()
		if err != nil {
			releaseData(kids[:i])
			return nil, err
		}
		kids[i] = kid
	}
	defer releaseData(kids)
	return array.NewData(d.DataType(), len(rows), []*memory.Buffer{valid}, kids, nulls, 0), nil
}

func gatherList(d arrow.ArrayData, rows []int32, neg bool) (arrow.ArrayData, error) {
	valid, nulls := gatherValidity(d, rows, neg)
	offsets := make([]int32, len(rows)+1)
	var elems []int32
	if d.Len() > 0 {
		src := unsafe.Slice((*int32)(unsafe.Pointer(&d.Buffers()[1].Bytes()[0])), d.Offset()+d.Len()+1)[d.Offset():]
		for i, r := range rows {
			if valid == nil || valid.Bytes()[i>>3]>>(i&7)&1 != 0 {
				for e := src[r]; e < src[r+1]; e++ {
					elems = append(elems, e)
				}
			}
			if len(elems) > math.MaxInt32 {
				return nil, TooLarge(int64(len(elems)))
			}
			offsets[i+1] = int32(len(elems))
		}
	}
	kid, err := gather(d.Children()[0], elems, false)
	if err != nil {
		return nil, err
	}
	defer kid.Release()
	buffers := []*memory.Buffer{valid, memory.NewBufferBytes(bytesOf(offsets))}
	return array.NewData(d.DataType(), len(rows), buffers, []arrow.ArrayData{kid}, nulls, 0), nil
}

func releaseData(ds []arrow.ArrayData) {
	for _, d := range ds {
		if d != nil {
			d.Release()
		}
	}
}

func gatherDictionary(d arrow.ArrayData, rows []int32, neg bool) (arrow.ArrayData, error) {
	width := d.DataType().(*arrow.DictionaryType).IndexType.(arrow.FixedWidthDataType).BitWidth() / 8
	codes, err := gatherWidth(d, width, rows, neg)
	if err != nil {
		return nil, err
	}
	defer codes.Release()
	return array.NewDataWithDictionary(d.DataType(), len(rows), codes.Buffers(), codes.NullN(), 0,
		d.Dictionary().(*array.Data)), nil
}

// Plain is a with its dictionary resolved; an array without one is returned as it is, retained. The caller releases
// the result.
func Plain(a arrow.Array) (arrow.Array, error) {
	dict, ok := a.(*array.Dictionary)
	if !ok {
		a.Retain()
		return a, nil
	}
	return Gather(dict.Dictionary(), Codes(dict))
}

// Codes are a dictionary-encoded array's indices into its dictionary, -1 for NULL.
func Codes(a *array.Dictionary) []int32 {
	d := a.Data()
	out := make([]int32, d.Len())
	switch a.DataType().(*arrow.DictionaryType).IndexType.ID() {
	case arrow.INT8:
		widen(out, values[int8](d, 1))
	case arrow.UINT8:
		widen(out, values[uint8](d, 1))
	case arrow.INT16:
		widen(out, values[int16](d, 1))
	case arrow.UINT16:
		widen(out, values[uint16](d, 1))
	case arrow.INT32:
		widen(out, values[int32](d, 1))
	case arrow.UINT32:
		widen(out, values[uint32](d, 1))
	case arrow.INT64:
		widen(out, values[int64](d, 1))
	case arrow.UINT64:
		widen(out, values[uint64](d, 1))
	}
	if bits := validity(d); bits != nil {
		for i := range out {
			at := d.Offset() + i
			if bits[at>>3]>>(at&7)&1 == 0 {
				out[i] = -1
			}
		}
	}
	return out
}

func widen[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64](dst []int32, src []T) {
	for i, v := range src {
		dst[i] = int32(v)
	}
}

// PlainRecord is rec with every dictionary resolved; the caller releases it.
func PlainRecord(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	cols := make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		p, err := Plain(c)
		if err != nil {
			ReleaseAll(cols[:i])
			return nil, err
		}
		cols[i] = p
	}
	return NewRecord(rec.Schema(), cols, int(rec.NumRows())), nil
}
