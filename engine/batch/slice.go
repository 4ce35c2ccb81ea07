package batch

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// SliceRows cuts rec into batches of at most rows rows, sharing its memory. rec is borrowed; the caller releases the
// slices. A batch that is small enough comes back as it is, retained.
func SliceRows(rec arrow.RecordBatch, rows int) []arrow.RecordBatch {
	n := int(rec.NumRows())
	if n <= rows {
		rec.Retain()
		return []arrow.RecordBatch{rec}
	}
	out := make([]arrow.RecordBatch, 0, (n+rows-1)/rows)
	for at := 0; at < n; at += rows {
		out = append(out, rec.NewSlice(int64(at), int64(min(at+rows, n))))
	}
	return out
}

// SliceBytes cuts rec into batches whose encoded size (see [EncodedBytes]) is at most limit, but never less than one
// row, sharing its memory. rec is borrowed; the caller releases the slices.
func SliceBytes(rec arrow.RecordBatch, limit int64) []arrow.RecordBatch {
	var out []arrow.RecordBatch
	var cut func(from, to int64)
	cut = func(from, to int64) {
		part := rec.NewSlice(from, to)
		size := EncodedBytes(part)
		if size <= limit || to-from <= 1 {
			out = append(out, part)
			return
		}
		part.Release()
		// Cut into as many equal parts as the average row suggests; parts of wide rows are cut again.
		parts := min(int64(1)<<bits.Len64(uint64((size-1)/limit)), to-from)
		step := (to - from + parts - 1) / parts
		for at := from; at < to; at += step {
			cut(at, min(at+step, to))
		}
	}
	cut(0, rec.NumRows())
	return out
}

// EncodedBytes is about how many bytes rec's rows need in Arrow's IPC format: of shared or sliced buffers only the
// part that belongs to its rows, and each dictionary once.
func EncodedBytes(rec arrow.RecordBatch) int64 {
	var n int64
	for _, c := range rec.Columns() {
		n += ArrayBytes(c)
	}
	return n
}

// ArrayBytes is the part of [EncodedBytes] that one array has.
func ArrayBytes(a arrow.Array) int64 {
	n := int64(a.Len())
	size := int64(0)
	if a.NullN() > 0 {
		size = (n + 7) / 8
	}
	switch a := a.(type) {
	case *array.Dictionary:
		width := a.DataType().(*arrow.DictionaryType).IndexType.(arrow.FixedWidthDataType).BitWidth()
		return size + n*int64(width)/8 + ArrayBytes(a.Dictionary())
	case *array.Boolean:
		return size + (n+7)/8
	case *array.Struct:
		for i := range a.NumField() {
			size += ArrayBytes(a.Field(i))
		}
		return size
	case *array.List:
		if n == 0 {
			return size
		}
		from, _ := a.ValueOffsets(0)
		_, to := a.ValueOffsets(int(n) - 1)
		elems := array.NewSlice(a.ListValues(), from, to)
		defer elems.Release()
		return size + 4*(n+1) + ArrayBytes(elems)
	case interface{ ValueBytes() []byte }:
		return size + 4*(n+1) + int64(len(a.ValueBytes()))
	}
	if w, ok := a.DataType().(arrow.FixedWidthDataType); ok {
		return size + n*int64(w.BitWidth())/8
	}
	return size
}
