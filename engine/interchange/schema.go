package interchange

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The keys of a field's metadata, as the Flight SQL specification names them (FlightSql.proto, CommandGetTables).
const (
	CatalogNameKey     = "ARROW:FLIGHT:SQL:CATALOG_NAME"
	SchemaNameKey      = "ARROW:FLIGHT:SQL:SCHEMA_NAME"
	TableNameKey       = "ARROW:FLIGHT:SQL:TABLE_NAME"
	TypeNameKey        = "ARROW:FLIGHT:SQL:TYPE_NAME"
	PrecisionKey       = "ARROW:FLIGHT:SQL:PRECISION"
	ScaleKey           = "ARROW:FLIGHT:SQL:SCALE"
	IsAutoIncrementKey = "ARROW:FLIGHT:SQL:IS_AUTO_INCREMENT"
	IsCaseSensitiveKey = "ARROW:FLIGHT:SQL:IS_CASE_SENSITIVE"
	IsReadOnlyKey      = "ARROW:FLIGHT:SQL:IS_READ_ONLY"
	IsSearchableKey    = "ARROW:FLIGHT:SQL:IS_SEARCHABLE"
)

// Schema is what a client receives for columns: one field each, in order, with the column's name and nullability, and
// the SQL type in the field's metadata.
//
//	numeric(p,s)                   decimal128(p,s), above 38 digits decimal256(p,s)
//	numeric, scale known           decimal128(38,scale): PostgreSQL prints the same digits
//	numeric                        Options.Numeric, by default decimal256(76,38)
//	money                          decimal128(19,2)
//	oid                            int64
//	uuid, json, jsonb              Options.UUID, Options.JSON, by default utf8
//	enum                           utf8, the label
//	interval                       interval[month_day_nano]
//	arrays, composites, records    list, struct, of the elements' and fields' own forms
//	arrays of several dimensions   lists of lists, as deep as the expression tells (ARRAY[[1,2],[3,4]]: two); a value of
//	                               other dimensions, or not counted from 1, is 0A000
//	ranges, bits, inet, timetz, types that are only carried   utf8, PostgreSQL's text
//	every other type               its storage
func Schema(cols []plan.Column, o Options) (*arrow.Schema, error) {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		t, err := clientType(c.Type, o)
		if err != nil {
			return nil, err
		}
		fields[i] = arrow.Field{Name: c.Name, Type: t, Nullable: c.Nullable, Metadata: metadata(c, o)}
	}
	return arrow.NewSchema(fields, nil), nil
}

// clientType is the Arrow type that a client receives for t.
func clientType(t *types.Type, o Options) (arrow.DataType, error) {
	switch t.Kind {
	case types.Numeric:
		return numericClientType(t, o.Numeric), nil
	case types.Money:
		return &arrow.Decimal128Type{Precision: 19, Scale: 2}, nil
	case types.UUID:
		switch o.UUID {
		case UUIDExtension:
			return extensions.NewUUIDType(), nil
		case UUIDBinary:
			return t.Arrow(), nil
		}
		return arrow.BinaryTypes.String, nil
	case types.JSON, types.JSONB:
		if o.JSON == JSONExtension {
			return extensions.NewJSONType(arrow.BinaryTypes.String)
		}
		return arrow.BinaryTypes.String, nil
	case types.Enum:
		return arrow.BinaryTypes.String, nil
	case types.Array:
		elem, err := clientType(t.Elem, o)
		if err != nil {
			return nil, err
		}
		return nestedLists(elem, max(t.Dims, 1)), nil
	case types.Composite, types.Record:
		return structClientType(t, o)
	case types.Invalid, types.AnyElement, types.AnyArray, types.AnyEnum, types.AnyRange, types.AnyMultirange, types.Any:
		return nil, sqlerr.New(sqlerr.InternalError, "type %s has no values to send", t)
	}
	return t.Arrow(), nil
}

func structClientType(t *types.Type, o Options) (arrow.DataType, error) {
	fields := make([]arrow.Field, len(t.Fields))
	for i, f := range t.Fields {
		ft, err := clientType(f.Type, o)
		if err != nil {
			return nil, err
		}
		fields[i] = arrow.Field{Name: f.Name, Type: ft, Nullable: true}
	}
	return arrow.StructOf(fields...), nil
}

func numericClientType(t *types.Type, form NumericForm) arrow.DataType {
	if p, s, ok := numericDigits(t); ok && (form == NumericForm{} || !hardlyReached(t)) {
		return decimalOf(p, s)
	}
	switch form.Kind {
	case NumericText:
		return arrow.BinaryTypes.String
	case NumericDouble:
		return arrow.PrimitiveTypes.Float64
	}
	return decimalOf(form.decimal())
}

// hardlyReached says whether t is a sum whose digits are known but would take a million values of 32 digits to need more
// than 38 of them. Clients get it as a decimal of 38, which more of them can read than one of 76, unless they chose a form
// for what has no bounds.
func hardlyReached(t *types.Type) bool {
	return t.Mod < 0 && t.Precision > types.MaxDecimal128 && t.Precision <= 32+types.SummedDigits
}

// numericDigits are the precision and scale of the decimal that holds every value of t exactly; ok is false when
// there is none. numeric(5,-2) needs seven digits without a fraction, numeric(3,5) five behind the point.
func numericDigits(t *types.Type) (precision, scale int32, ok bool) {
	switch {
	case t.Precision > 0 && t.Mod < 0 && (t.Precision <= types.MaxDecimal128 || hardlyReached(t)):
		return types.MaxDecimal128, t.Scale, true
	case t.Precision > 0:
		return t.Precision, t.Scale, t.Precision <= types.MaxDecimal256
	case t.Mod < 4:
		return 0, 0, false
	}
	p, s := (t.Mod-4)>>16&0xffff, (t.Mod-4)&0x7ff
	s = (s ^ 1024) - 1024
	switch {
	case s < 0:
		p, s = p-s, 0
	case s > p:
		p = s
	}
	return p, s, p <= types.MaxDecimal256
}

func decimalOf(precision, scale int32) arrow.DataType {
	if precision <= types.MaxDecimal128 {
		return &arrow.Decimal128Type{Precision: precision, Scale: scale}
	}
	return &arrow.Decimal256Type{Precision: precision, Scale: scale}
}

// metadata describes a column in Flight SQL's words.
func metadata(c plan.Column, o Options) arrow.Metadata {
	m := map[string]string{
		TypeNameKey: typeName(c.Type), IsAutoIncrementKey: "0", IsReadOnlyKey: "1", IsSearchableKey: "1",
		IsCaseSensitiveKey: flag(c.Type.IsString()),
	}
	if p, s, ok := digits(c.Type); ok {
		m[PrecisionKey] = strconv.Itoa(int(p))
		m[ScaleKey] = strconv.Itoa(int(s))
	}
	if at, ok := o.Origins[c.ID]; ok {
		m[CatalogNameKey], m[SchemaNameKey], m[TableNameKey] = at.Catalog, at.Schema, at.Table
	}
	return arrow.MetadataFrom(m)
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// typeName is the SQL name of a type without its modifier, which precision and scale tell.
func typeName(t *types.Type) string {
	if t.Kind == types.Array {
		return typeName(t.Elem) + "[]"
	}
	return t.WithMod(-1).String()
}

// digits are what JDBC and ODBC call a column's size and decimal digits.
func digits(t *types.Type) (precision, scale int32, ok bool) {
	switch t.Kind {
	case types.Int2:
		return 5, 0, true
	case types.Int4:
		return 10, 0, true
	case types.Int8:
		return 19, 0, true
	case types.OID:
		return 10, 0, true
	case types.Float4:
		return 8, 8, true
	case types.Float8:
		return 17, 17, true
	case types.Money:
		return 19, 2, true
	case types.Numeric:
		return numericDigits(t)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return timeDigits(t)
	}
	if n := t.Length(); n >= 0 {
		return n, 0, true
	}
	return 0, 0, false
}

func timeDigits(t *types.Type) (precision, scale int32, ok bool) {
	scale = 6
	if t.Mod >= 0 {
		scale = t.Mod
	}
	width := map[types.Kind]int32{types.Time: 8, types.TimeTZ: 14, types.Timestamp: 19, types.TimestampTZ: 25}[t.Kind]
	if scale > 0 {
		width += scale + 1
	}
	return width, scale, true
}
