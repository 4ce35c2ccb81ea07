package flightsql

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// wireSchema is the schema that clients are told of an engine's result: dictionaries are sent decoded, because the
// JDBC driver has no path for them.
func wireSchema(s *arrow.Schema) *arrow.Schema {
	fields := make([]arrow.Field, s.NumFields())
	for i, f := range s.Fields() {
		f.Type = plainType(f.Type)
		fields[i] = f
	}
	md := s.Metadata()
	return arrow.NewSchema(fields, &md)
}

// plainType is t without dictionaries, at any depth of lists and structs.
func plainType(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return plainType(t.ValueType)
	case *arrow.StructType:
		fields := t.Fields()
		for i := range fields {
			fields[i].Type = plainType(fields[i].Type)
		}
		return arrow.StructOf(fields...)
	case *arrow.ListType:
		f := t.ElemField()
		f.Type = plainType(f.Type)
		return arrow.ListOfField(f)
	case *arrow.LargeListType:
		f := t.ElemField()
		f.Type = plainType(f.Type)
		return arrow.LargeListOfField(f)
	}
	return t
}

// conform gives rec exactly the schema that was announced: decoded, repacked, or refused as a bug of the engine. The
// caller keeps rec and releases the answer.
func conform(ctx context.Context, rec arrow.RecordBatch, want *arrow.Schema) (arrow.RecordBatch, error) {
	if int(rec.NumCols()) != want.NumFields() {
		return nil, contractBroken("%d columns were announced and %d came", want.NumFields(), rec.NumCols())
	}
	cols := make([]arrow.Array, 0, rec.NumCols())
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	for i, f := range want.Fields() {
		col, err := conformColumn(ctx, rec.Column(i), f.Type)
		if err != nil {
			return nil, contractBroken("column %d (%s): %w", i+1, f.Name, err)
		}
		cols = append(cols, col)
		if !f.Nullable && col.NullN() > 0 {
			return nil, contractBroken("column %d (%s) was announced without NULLs and has %d", i+1, f.Name, col.NullN())
		}
		if int64(col.Len()) != rec.NumRows() {
			return nil, contractBroken("column %d (%s) has %d values in a batch of %d rows", i+1, f.Name, col.Len(), rec.NumRows())
		}
	}
	return array.NewRecordBatch(want, cols, rec.NumRows()), nil
}

func contractBroken(format string, args ...any) error {
	return sqlerr.New(sqlerr.InternalError, "a batch does not have the schema that was announced: %w", fmt.Errorf(format, args...)).
		WithHint("this is a bug of the server: please report the statement")
}

// conformColumn gives col as the type want. The caller releases the answer.
func conformColumn(ctx context.Context, col arrow.Array, want arrow.DataType) (arrow.Array, error) {
	if arrow.TypeEqual(col.DataType(), want) {
		return packView(col)
	}
	switch col := col.(type) {
	case *array.Dictionary:
		plain, err := compute.TakeArray(ctx, col.Dictionary(), col.Indices())
		if err != nil {
			return nil, fmt.Errorf("decoding a dictionary: %w", err)
		}
		defer plain.Release()
		return conformColumn(ctx, plain, want)
	case *array.Struct:
		if w, ok := want.(*arrow.StructType); ok && w.NumFields() == col.NumField() {
			return conformStruct(ctx, col, w)
		}
	case *array.List:
		if w, ok := want.(*arrow.ListType); ok {
			return conformList(ctx, col.Data(), col.ListValues(), want, w.Elem())
		}
	case *array.LargeList:
		if w, ok := want.(*arrow.LargeListType); ok {
			return conformList(ctx, col.Data(), col.ListValues(), want, w.Elem())
		}
	}
	return nil, fmt.Errorf("%s was announced and %s came", want, col.DataType())
}

func conformStruct(ctx context.Context, col *array.Struct, want *arrow.StructType) (arrow.Array, error) {
	children := make([]arrow.ArrayData, 0, want.NumFields())
	for i, f := range want.Fields() {
		// The parent's data, not Field(i): its children are not sliced, and the parent's offset goes on to apply.
		child := array.MakeFromData(col.Data().Children()[i])
		defer child.Release()
		plain, err := conformColumn(ctx, child, f.Type)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		defer plain.Release()
		children = append(children, plain.Data())
	}
	return withChildren(col.Data(), want, children), nil
}

func conformList(ctx context.Context, d arrow.ArrayData, values arrow.Array, want, elem arrow.DataType) (arrow.Array, error) {
	plain, err := conformColumn(ctx, values, elem)
	if err != nil {
		return nil, fmt.Errorf("element: %w", err)
	}
	defer plain.Release()
	return withChildren(d, want, []arrow.ArrayData{plain.Data()}), nil
}

func withChildren(d arrow.ArrayData, t arrow.DataType, children []arrow.ArrayData) arrow.Array {
	data := array.NewData(t, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
	defer data.Release()
	return array.MakeFromData(data)
}

// packViews repacks the batch's view columns. The caller keeps rec and releases the answer.
func packViews(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	var cols []arrow.Array
	for i, c := range rec.Columns() {
		if !isView(c.DataType()) {
			continue
		}
		packed, err := packView(c)
		if err != nil {
			return nil, err
		}
		defer packed.Release()
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		cols[i] = packed
	}
	if cols == nil {
		rec.Retain()
		return rec, nil
	}
	return array.NewRecordBatch(rec.Schema(), cols, rec.NumRows()), nil
}

func isView(t arrow.DataType) bool {
	return t.ID() == arrow.STRING_VIEW || t.ID() == arrow.BINARY_VIEW
}

// packView copies a view array's values into buffers of their own when the array refers to more than twice of what
// it shows: the IPC writer sends every buffer that an array refers to, whole. Other arrays are retained.
func packView(col arrow.Array) (arrow.Array, error) {
	if !isView(col.DataType()) {
		col.Retain()
		return col, nil
	}
	held := 0
	for _, b := range col.Data().Buffers()[2:] {
		held += b.Len()
	}
	switch v := col.(type) {
	case *array.StringView:
		shown := 0
		for i := range v.Len() {
			shown += len(v.Value(i))
		}
		if held <= 2*shown {
			break
		}
		b := array.NewStringViewBuilder(memory.NewGoAllocator())
		defer b.Release()
		appendViews(b, v)
		return b.NewArray(), nil
	case *array.BinaryView:
		shown := 0
		for i := range v.Len() {
			shown += len(v.Value(i))
		}
		if held <= 2*shown {
			break
		}
		b := array.NewBinaryViewBuilder(memory.NewGoAllocator())
		defer b.Release()
		appendViews(b, v)
		return b.NewArray(), nil
	}
	col.Retain()
	return col, nil
}

type viewBuilder[T any] interface {
	Reserve(n int)
	Append(T)
	AppendNull()
}

type viewArray[T any] interface {
	Len() int
	IsNull(i int) bool
	Value(i int) T
}

func appendViews[T any, B viewBuilder[T], A viewArray[T]](b B, v A) {
	b.Reserve(v.Len())
	for i := range v.Len() {
		if v.IsNull(i) {
			b.AppendNull()
		} else {
			b.Append(v.Value(i))
		}
	}
}
