package interchange

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Converter turns batches in the engine's storage into batches of the client's schema. It is immutable and safe for
// concurrent use.
type Converter struct {
	cols    []plan.Column
	schema  *arrow.Schema
	convert []conversion
}

// conversion turns a plain array of a storage type into the client's; nil passes it on as it is. The result is the
// caller's to release.
type conversion func(arrow.Array) (arrow.Array, error)

// NewConverter compiles the conversions for columns. Its errors are [Schema]'s.
func NewConverter(cols []plan.Column, o Options) (*Converter, error) {
	schema, err := Schema(cols, o)
	if err != nil {
		return nil, err
	}
	c := &Converter{cols: cols, schema: schema, convert: make([]conversion, len(cols))}
	for i, col := range cols {
		c.convert[i] = outbound(col.Type, schema.Field(i).Type, col.Name)
	}
	return c, nil
}

// Schema is the schema of every converted batch.
func (c *Converter) Schema() *arrow.Schema { return c.schema }

// Convert gives rec in the client's schema. rec is borrowed; what needs no conversion is shared, not copied.
// Dictionary-encoded columns are decoded. A number that the client's type cannot hold exactly is 22003.
func (c *Converter) Convert(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	if int(rec.NumCols()) != len(c.cols) {
		return nil, sqlerr.New(sqlerr.InternalError, "a result has %d columns, its plan %d", rec.NumCols(), len(c.cols))
	}
	out := make([]arrow.Array, 0, len(c.cols))
	defer func() {
		for _, a := range out {
			a.Release()
		}
	}()
	for i := range c.cols {
		a, err := c.column(i, rec.Column(i))
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return array.NewRecordBatch(c.schema, out, rec.NumRows()), nil
}

func (c *Converter) column(i int, arr arrow.Array) (arrow.Array, error) {
	col := c.cols[i]
	if !col.Nullable && arr.NullN() > 0 {
		return nil, sqlerr.New(sqlerr.InternalError, "column %q was declared without NULLs and holds one", col.Name)
	}
	out, err := c.convert[i].apply(arr)
	if err != nil {
		var known *sqlerr.Error
		if errors.As(err, &known) {
			return nil, err
		}
		return nil, sqlerr.New(sqlerr.InternalError, "converting column %q of type %s: %w", col.Name, col.Type, err)
	}
	if got, want := out.DataType(), c.schema.Field(i).Type; !arrow.TypeEqual(got, want) {
		out.Release()
		return nil, sqlerr.New(sqlerr.InternalError, "column %q of type %s is stored as %s, which is no %s for clients",
			col.Name, col.Type, got, want)
	}
	return out, nil
}

// apply decodes arr if it is encoded, and converts it.
func (f conversion) apply(arr arrow.Array) (arrow.Array, error) {
	in, err := plain(arr)
	if err != nil || f == nil {
		return in, err
	}
	defer in.Release()
	return f(in)
}

// outbound is the conversion of t's storage to the client's type; name is for errors.
func outbound(t *types.Type, to arrow.DataType, name string) conversion {
	switch t.Kind {
	case types.Numeric:
		return numericOut(t, to, name)
	case types.Money:
		return func(a arrow.Array) (arrow.Array, error) { return widenDecimal[int64](a, to) }
	case types.UUID:
		switch to.ID() {
		case arrow.STRING:
			return uuidText
		case arrow.EXTENSION:
			return wrapExtension(to.(arrow.ExtensionType))
		}
	case types.JSON, types.JSONB:
		if ext, ok := to.(arrow.ExtensionType); ok {
			return wrapExtension(ext)
		}
	case types.Enum:
		return enumLabels(t)
	case types.Array:
		if t.Dims > 0 {
			return shapedOut(t, to, name)
		}
		return listOut(t, to, name)
	case types.Composite, types.Record:
		return structOut(t, to, name)
	}
	return nil
}

func wrapExtension(to arrow.ExtensionType) conversion {
	return func(a arrow.Array) (arrow.Array, error) { return array.NewExtensionArrayWithStorage(to, a), nil }
}

const hexDigits = "0123456789abcdef"

// uuidText writes canonical text, 36 characters a value.
func uuidText(a arrow.Array) (arrow.Array, error) {
	in, ok := a.(*array.FixedSizeBinary)
	if !ok {
		return nil, fmt.Errorf("uuid is stored as %s", a.DataType())
	}
	n := in.Len()
	offsets := make([]int32, n+1)
	dst := make([]byte, 0, n*36)
	for i := range n {
		if in.IsValid(i) {
			dst = appendUUID(dst, in.Value(i))
		}
		offsets[i+1] = int32(len(dst))
	}
	return newArray(arrow.BinaryTypes.String, n, in.NullN(),
		[]*memory.Buffer{validity(in), bufferOf(offsets), memory.NewBufferBytes(dst)}), nil
}

func appendUUID(dst, v []byte) []byte {
	for j, b := range v {
		if j == 4 || j == 6 || j == 8 || j == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

func enumLabels(t *types.Type) conversion {
	return func(a arrow.Array) (arrow.Array, error) {
		in, ok := a.(*array.Int32)
		if !ok {
			return nil, fmt.Errorf("enum is stored as %s", a.DataType())
		}
		n := in.Len()
		offsets := make([]int32, n+1)
		var dst []byte
		for i, v := range in.Int32Values() {
			if in.IsValid(i) {
				if uint32(v) >= uint32(len(t.Labels)) {
					return nil, fmt.Errorf("enum %s has no label number %d", t.Name, v)
				}
				dst = append(dst, t.Labels[v]...)
			}
			offsets[i+1] = int32(len(dst))
		}
		return newArray(arrow.BinaryTypes.String, n, in.NullN(),
			[]*memory.Buffer{validity(in), bufferOf(offsets), memory.NewBufferBytes(dst)}), nil
	}
}

func listOut(t *types.Type, to arrow.DataType, name string) conversion {
	elem := outbound(t.Elem, to.(*arrow.ListType).Elem(), name)
	return func(a arrow.Array) (arrow.Array, error) {
		in, ok := a.(*array.List)
		if !ok {
			return nil, fmt.Errorf("%s is stored as %s", t, a.DataType())
		}
		return convertList(in, elem, to)
	}
}

// convertList converts the elements that the rows of in reach, and moves its offsets to them.
func convertList(in *array.List, elem conversion, to arrow.DataType) (arrow.Array, error) {
	n := in.Len()
	offsets := make([]int32, n+1)
	first, last := int32(0), int32(0)
	if n > 0 {
		from := in.Offsets()[in.Data().Offset():][: n+1 : n+1]
		first, last = from[0], from[n]
		for i, o := range from {
			offsets[i] = o - first
		}
	}
	part := array.NewSlice(in.ListValues(), int64(first), int64(last))
	defer part.Release()
	child, err := elem.apply(part)
	if err != nil {
		return nil, err
	}
	defer child.Release()
	return newArray(to, n, in.NullN(), []*memory.Buffer{validity(in), bufferOf(offsets)}, child), nil
}

func structOut(t *types.Type, to arrow.DataType, name string) conversion {
	fields := make([]conversion, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = outbound(f.Type, to.(*arrow.StructType).Field(i).Type, name+"."+f.Name)
	}
	return func(a arrow.Array) (arrow.Array, error) {
		in, ok := a.(*array.Struct)
		if !ok || in.NumField() != len(fields) {
			return nil, fmt.Errorf("%s is stored as %s", t, a.DataType())
		}
		return convertStruct(in, fields, to)
	}
}

// convertStruct converts field by field. Field gives a sliced struct's children sliced alike.
func convertStruct(in *array.Struct, fields []conversion, to arrow.DataType) (arrow.Array, error) {
	kids := make([]arrow.Array, 0, len(fields))
	defer func() {
		for _, k := range kids {
			k.Release()
		}
	}()
	for i, f := range fields {
		kid, err := f.apply(in.Field(i))
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
	}
	return newArray(to, in.Len(), in.NullN(), []*memory.Buffer{validity(in)}, kids...), nil
}
