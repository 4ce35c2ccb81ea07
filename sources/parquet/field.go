package parquet

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// fieldKind is how a field's values are put together from its leaves.
type fieldKind uint8

const (
	leafField fieldKind = iota
	listField
	structField
)

// field is one column, or a part of a nested one, as one file stores it. Levels are Dremel's, as Parquet counts them:
// a slot of the field exists where the definition level reaches anc (the closest repeated ancestor has an element), its
// value is there where it reaches def. A list has an element where it reaches elem; a repetition level below rep starts
// a new list.
type field struct {
	name      string
	typ       *types.Type
	kind      fieldKind
	def, anc  int
	elem, rep int
	optional  bool
	kids      []*field
	column    *parquet.Column       // of a leaf
	element   *format.SchemaElement // of a leaf
}

// fields are the columns of a file. What no SQL type holds is refused, naming the column.
func fields(f *parquet.File) ([]*field, error) {
	elements := leafElements(f)
	var out []*field
	for _, c := range f.Root().Columns() {
		fl, err := newField(c, c.Name(), 0, elements)
		if err != nil {
			return nil, err
		}
		out = append(out, fl)
	}
	return out, nil
}

// leafElements are the schema elements of the leaves by column index. They say what parquet-go's types leave out
// (float16).
func leafElements(f *parquet.File) []*format.SchemaElement {
	var out []*format.SchemaElement
	all := f.Metadata().Schema
	for i := range all {
		if e := &all[i]; !e.NumChildren.Valid || e.NumChildren.V == 0 && e.Type.Valid {
			out = append(out, e)
		}
	}
	return out
}

// newField describes c; anc is the definition level of its closest repeated ancestor.
func newField(c *parquet.Column, path string, anc int, elements []*format.SchemaElement) (*field, error) {
	if c.Repeated() { // without a LIST around it: a list that is never NULL of elements that are never NULL
		return listOf(c, path, c.MaxDefinitionLevel()-1, anc, c, true, elements)
	}
	if c.Leaf() {
		return newLeaf(c, path, anc, elements)
	}
	kids := c.Columns()
	if lt := c.Type().LogicalType(); lt != nil && len(kids) == 1 && kids[0].Repeated() {
		switch lt.Value.(type) {
		case *format.ListType:
			inner := kids[0].Columns()
			if kids[0].Leaf() || len(inner) != 1 || kids[0].Name() == "array" || kids[0].Name() == c.Name()+"_tuple" {
				return listOf(c, path, c.MaxDefinitionLevel(), anc, kids[0], true, elements)
			}
			return listOf(c, path, c.MaxDefinitionLevel(), anc, kids[0], false, elements)
		case *format.MapType:
			return listOf(c, path, c.MaxDefinitionLevel(), anc, kids[0], true, elements)
		}
	}
	return structOf(c, path, anc, elements)
}

// listOf is the list that c is. Its elements are the repeated node itself, or the only child of that.
func listOf(c *parquet.Column, path string, def, anc int, repeated *parquet.Column, itself bool, elements []*format.SchemaElement) (*field, error) {
	f := &field{
		name: c.Name(), kind: listField, def: def, anc: anc, elem: repeated.MaxDefinitionLevel(),
		rep: repeated.MaxRepetitionLevel(), optional: c.Optional(),
	}
	var kid *field
	var err error
	switch {
	case !itself:
		kid, err = newField(repeated.Columns()[0], path+".element", f.elem, elements)
	case repeated.Leaf():
		kid, err = newLeaf(repeated, path, f.elem, elements)
	default:
		kid, err = structOf(repeated, path, f.elem, elements)
	}
	if err != nil {
		return nil, err
	}
	f.kids, f.typ = []*field{kid}, types.ArrayOf(kid.typ)
	return f, nil
}

func structOf(c *parquet.Column, path string, anc int, elements []*format.SchemaElement) (*field, error) {
	f := &field{
		name: c.Name(), kind: structField, def: c.MaxDefinitionLevel(), anc: anc, rep: c.MaxRepetitionLevel(),
		optional: c.Optional(),
	}
	parts := make([]types.Field, 0, len(c.Columns()))
	for _, k := range c.Columns() {
		kid, err := newField(k, path+"."+k.Name(), anc, elements)
		if err != nil {
			return nil, err
		}
		f.kids = append(f.kids, kid)
		parts = append(parts, types.Field{Name: k.Name(), Type: kid.typ})
	}
	if len(f.kids) == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "column %q is a group without fields", path)
	}
	f.typ = types.RecordOf(parts)
	return f, nil
}

func newLeaf(c *parquet.Column, path string, anc int, elements []*format.SchemaElement) (*field, error) {
	if c.Index() < 0 || c.Index() >= len(elements) {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "column %q is not among the leaves of the schema", path)
	}
	f := &field{
		name: c.Name(), kind: leafField, def: c.MaxDefinitionLevel(), anc: anc, rep: c.MaxRepetitionLevel(),
		optional: c.Optional(), column: c, element: elements[c.Index()],
	}
	f.typ = leafType(f.element)
	if f.typ == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "column %q has Parquet type %s, which is not supported", path,
			describe(f.element))
	}
	return f, nil
}

func describe(e *format.SchemaElement) string {
	s := e.Type.V.String()
	if e.LogicalType.Value != nil {
		s += " " + e.LogicalType.String()
	} else if e.ConvertedType.Valid {
		s += fmt.Sprintf(" (converted type %d)", e.ConvertedType.V)
	}
	return s
}

// leafType is the SQL type of a leaf; nil where there is none.
func leafType(e *format.SchemaElement) *types.Type {
	switch lt := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType:
		return types.TextT
	case *format.JsonType:
		return types.JSONT
	case *format.UUIDType:
		return types.UUIDT
	case *format.DecimalType:
		return decimalType(lt.Precision, lt.Scale)
	case *format.DateType:
		return types.DateT
	case *format.TimeType:
		return types.TimeT
	case *format.TimestampType:
		return timestampType(lt.IsAdjustedToUTC)
	case *format.IntType:
		return intType(int(lt.BitWidth), lt.IsSigned)
	case *format.Float16Type:
		return types.Float4T
	case *format.NullType:
		return types.TextT
	}
	if e.ConvertedType.Valid {
		if t := convertedType(e); t != nil {
			return t
		}
	}
	return map[format.Type]*types.Type{
		format.Boolean: types.BoolT, format.Int32: types.Int4T, format.Int64: types.Int8T, format.Int96: types.TimestampT,
		format.Float: types.Float4T, format.Double: types.Float8T, format.ByteArray: types.ByteaT,
		format.FixedLenByteArray: types.ByteaT,
	}[e.Type.V]
}

// convertedType reads the annotation that older writers leave in place of a logical type.
func convertedType(e *format.SchemaElement) *types.Type {
	switch e.ConvertedType.V {
	case deprecated.UTF8, deprecated.Enum:
		return types.TextT
	case deprecated.Json:
		return types.JSONT
	case deprecated.Decimal:
		return decimalType(e.Precision.V, e.Scale.V)
	case deprecated.Date:
		return types.DateT
	case deprecated.TimeMillis, deprecated.TimeMicros:
		return types.TimeT
	case deprecated.TimestampMillis, deprecated.TimestampMicros:
		return types.TimestampTZT
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return intType(8<<(e.ConvertedType.V-deprecated.Uint8), false)
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return intType(8<<(e.ConvertedType.V-deprecated.Int8), true)
	case deprecated.Interval:
		return types.IntervalT
	}
	return nil
}

// decimalType is numeric(p,s); one that numeric does not take is not supported.
func decimalType(precision, scale int32) *types.Type {
	if precision < 1 || precision > 1000 || scale < 0 || scale > precision {
		return nil
	}
	return types.NumericOf(precision, scale)
}

func timestampType(utc bool) *types.Type {
	if utc {
		return types.TimestampTZT
	}
	return types.TimestampT
}

func intType(bits int, signed bool) *types.Type {
	switch {
	case bits == 8 || bits == 16 && signed:
		return types.Int2T
	case bits == 16 || bits == 32 && signed:
		return types.Int4T
	case bits == 32 || bits == 64 && signed:
		return types.Int8T
	case bits == 64:
		return types.NumericOf(20, 0)
	}
	return nil
}

// nanos is the number of units of a leaf's times in a microsecond's thousandth: 1 for nanoseconds, 1,000 for micro-,
// 1,000,000 for milliseconds.
func nanos(e *format.SchemaElement) int64 {
	var unit format.TimeUnit
	switch lt := e.LogicalType.Value.(type) {
	case *format.TimeType:
		unit = lt.Unit
	case *format.TimestampType:
		unit = lt.Unit
	default:
		if e.ConvertedType.V == deprecated.TimeMillis || e.ConvertedType.V == deprecated.TimestampMillis {
			return 1_000_000
		}
		return 1000
	}
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		return 1_000_000
	case *format.NanoSeconds:
		return 1
	}
	return 1000
}

// unsigned says whether a leaf's integers are.
func unsigned(e *format.SchemaElement) bool {
	if lt, ok := e.LogicalType.Value.(*format.IntType); ok {
		return !lt.IsSigned
	}
	return e.LogicalType.Value == nil && e.ConvertedType.Valid && e.ConvertedType.V >= deprecated.Uint8 && e.ConvertedType.V <= deprecated.Uint64
}
