package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/types"
)

// arrayParts are the elements of a column of arrays, and their dimensions where the storage has them (see
// types.Type.Dims).
func arrayParts(a arrow.Array) (lists, bounds *array.List) {
	if s, ok := a.(*array.Struct); ok {
		return s.Field(0).(*array.List), s.Field(1).(*array.List)
	}
	return a.(*array.List), nil
}

// structArray is a column of rows over columns that it shares.
func structArray(t *types.Type, null []bool, fields ...arrow.Array) arrow.Array {
	children := make([]arrow.ArrayData, len(fields))
	for i, f := range fields {
		children[i] = f.Data()
	}
	valid, nulls := bitmapOf(null)
	d := array.NewData(t.Arrow(), fields[0].Len(), []*memory.Buffer{valid}, children, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}
