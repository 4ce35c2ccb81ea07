package types

import "github.com/apache/arrow-go/v18/arrow"

var uuidStorage = &arrow.FixedSizeBinaryType{ByteWidth: 16}

// NumericStorage says how a Numeric type's vectors are kept.
type NumericStorage uint8

// The storages of numeric: fixed-point in 8 or 16 bytes where precision and scale are known, else package
// numeric's variable encoding, which keeps each value's own scale, NaN and the infinities.
const (
	VarNumeric NumericStorage = iota
	Decimal64
	Decimal128
)

// NumericStorage is how a Numeric column's vectors are kept.
func (t *Type) NumericStorage() NumericStorage {
	switch {
	case t.Precision == 0 || t.Precision > MaxDecimal128:
		return VarNumeric
	case t.Precision <= MaxDecimal64:
		return Decimal64
	}
	return Decimal128
}

// Arrow is the storage type of the engine's vectors of t. It is plain Arrow without extension types; what
// a client receives is decided at the engine's edge (package interchange).
func (t *Type) Arrow() arrow.DataType {
	switch t.Kind {
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Int2:
		return arrow.PrimitiveTypes.Int16
	case Int4, Enum:
		return arrow.PrimitiveTypes.Int32
	case Int8, OID, Money:
		return arrow.PrimitiveTypes.Int64
	case Float4:
		return arrow.PrimitiveTypes.Float32
	case Float8:
		return arrow.PrimitiveTypes.Float64
	case Numeric:
		return t.numericArrow()
	case Bytea:
		return arrow.BinaryTypes.Binary
	case Date:
		return arrow.FixedWidthTypes.Date32
	case Time:
		return arrow.FixedWidthTypes.Time64us
	case Timestamp:
		return timestampStorage
	case TimestampTZ:
		return arrow.FixedWidthTypes.Timestamp_us
	case Interval:
		return arrow.FixedWidthTypes.MonthDayNanoInterval
	case UUID:
		return uuidStorage
	case Array:
		if t.Dims > 0 {
			return rowStorage(t.Fields)
		}
		return arrow.ListOf(t.Elem.Arrow())
	case Composite, Record:
		return rowStorage(t.Fields)
	}
	return arrow.BinaryTypes.String
}

func rowStorage(of []Field) arrow.DataType {
	fields := make([]arrow.Field, len(of))
	for i, f := range of {
		fields[i] = arrow.Field{Name: f.Name, Type: f.Type.Arrow(), Nullable: true}
	}
	return arrow.StructOf(fields...)
}

var timestampStorage = &arrow.TimestampType{Unit: arrow.Microsecond}

func (t *Type) numericArrow() arrow.DataType {
	switch t.NumericStorage() {
	case Decimal64:
		return &arrow.Decimal64Type{Precision: t.Precision, Scale: t.Scale}
	case Decimal128:
		return &arrow.Decimal128Type{Precision: t.Precision, Scale: t.Scale}
	}
	return arrow.BinaryTypes.Binary
}
