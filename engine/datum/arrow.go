package datum

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// FromArray is one row of a storage array of t (see types.Type.Arrow), or of a dictionary of them, as a datum that borrows
// nothing from a; NULL is nil. It panics when a is no storage of t, which is a bug of the caller.
func FromArray(t *types.Type, a arrow.Array, row int) any {
	if d, ok := a.(*array.Dictionary); ok {
		if d.IsNull(row) {
			return nil
		}
		return FromArray(t, d.Dictionary(), d.GetValueIndex(row))
	}
	if a.IsNull(row) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(row)
	case *array.Int16:
		return int64(a.Value(row))
	case *array.Int32:
		return int64(a.Value(row))
	case *array.Int64:
		return a.Value(row)
	case *array.Float32:
		return float64(a.Value(row))
	case *array.Float64:
		return a.Value(row)
	case *array.Date32:
		return int64(a.Value(row))
	case *array.Time64:
		return int64(a.Value(row))
	case *array.Timestamp:
		return int64(a.Value(row))
	case *array.MonthDayNanoInterval:
		v := a.Value(row)
		return Interval{v.Months, v.Days, v.Nanoseconds / 1000}
	case *array.String:
		return string([]byte(a.Value(row)))
	}
	return fromNested(t, a, row)
}

func fromNested(t *types.Type, a arrow.Array, row int) any {
	switch a := a.(type) {
	case *array.Decimal64:
		return numeric.FromInt64(int64(a.Value(row)), t.Scale).Apd()
	case *array.Decimal128:
		v := a.Value(row)
		return numeric.FromInt128(v.HighBits(), v.LowBits(), t.Scale).Apd()
	case *array.Binary:
		if t.Kind == types.Numeric {
			return numeric.Decode(a.Value(row)).Apd()
		}
		return append([]byte{}, a.Value(row)...)
	case *array.FixedSizeBinary:
		return [16]byte(a.Value(row))
	case *array.List:
		from, to := a.ValueOffsets(row)
		out := make([]any, 0, to-from)
		for i := from; i < to; i++ {
			out = append(out, FromArray(t.Elem, a.ListValues(), int(i)))
		}
		return out
	case *array.Struct:
		out := make([]any, len(t.Fields))
		for i, f := range t.Fields {
			out[i] = FromArray(f.Type, a.Field(i), row)
		}
		if t.Kind == types.Array {
			return FromBounds(out[0].([]any), out[1])
		}
		return out
	}
	panic(fmt.Sprintf("datum: a %s array is no storage of %s", a.DataType(), t))
}

// ToArray is a storage array of t with the datums; nil is NULL. The caller releases it. A numeric that does not fit t's
// precision and scale without losing digits, and an interval beyond Arrow's nanoseconds, is an error.
func ToArray(t *types.Type, values []any) (arrow.Array, error) {
	b := array.NewBuilder(memory.DefaultAllocator, t.Arrow())
	defer b.Release()
	b.Reserve(len(values))
	for _, v := range values {
		if err := appendTo(b, t, v); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

func appendTo(b array.Builder, t *types.Type, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Int16Builder:
		b.Append(int16(v.(int64)))
	case *array.Int32Builder:
		b.Append(int32(v.(int64)))
	case *array.Int64Builder:
		b.Append(v.(int64))
	case *array.Float32Builder:
		b.Append(float32(v.(float64)))
	case *array.Float64Builder:
		b.Append(v.(float64))
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.(int64)))
	case *array.Time64Builder:
		b.Append(arrow.Time64(v.(int64)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.(int64)))
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.FixedSizeBinaryBuilder:
		u := v.([16]byte)
		b.Append(u[:])
	default:
		return appendOther(b, t, v)
	}
	return nil
}

func appendOther(b array.Builder, t *types.Type, v any) error {
	switch b := b.(type) {
	case *array.MonthDayNanoIntervalBuilder:
		x, err := v.(Interval).Storage()
		if err == nil {
			b.Append(x)
		}
		return err
	case *array.BinaryBuilder:
		if t.Kind == types.Numeric {
			b.Append(numeric.Append(nil, numeric.FromApd(v.(*apd.Decimal))))
		} else {
			b.Append(v.([]byte))
		}
	case *array.Decimal64Builder:
		hi, lo, err := scaled(t, v.(*apd.Decimal))
		_ = hi
		b.Append(decimal.Decimal64(lo))
		return err
	case *array.Decimal128Builder:
		hi, lo, err := scaled(t, v.(*apd.Decimal))
		b.Append(decimal128.New(hi, lo))
		return err
	case *array.ListBuilder:
		b.Append(true)
		for _, e := range v.([]any) {
			if err := appendTo(b.ValueBuilder(), t.Elem, e); err != nil {
				return err
			}
		}
	case *array.StructBuilder:
		if t.Kind == types.Array {
			a := ArrayOf(v)
			v = []any{a.Elems, a.Bounds()}
		}
		b.Append(true)
		for i, f := range t.Fields {
			if err := appendTo(b.FieldBuilder(i), f.Type, v.([]any)[i]); err != nil {
				return err
			}
		}
	default:
		return sqlerr.New(sqlerr.InternalError, "no array of type %s can be built", t)
	}
	return nil
}

// scaled is d as the integer that a decimal of t's scale holds.
func scaled(t *types.Type, d *apd.Decimal) (int64, uint64, error) {
	n := numeric.FromApd(d)
	r := n.Round(t.Scale)
	if r.Class != numeric.Finite || r.Digits() > int(t.Precision) || r.Cmp(n) != 0 {
		return 0, 0, sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
			WithDetail("%s does not fit precision %d, scale %d.", AppendNumeric(nil, d), t.Precision, t.Scale)
	}
	hi, lo, _ := r.Int128()
	return hi, lo, nil
}

// Storage is v as Arrow keeps it; 22008 when its time part is beyond 2,562,047 hours, Arrow's limit of nanoseconds.
func (v Interval) Storage() (arrow.MonthDayNanoInterval, error) {
	if v.Micros > math.MaxInt64/1000 || v.Micros < math.MinInt64/1000 {
		return arrow.MonthDayNanoInterval{}, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range").
			WithDetail("The hours, minutes and seconds of an interval must be within 2,562,047 hours here.")
	}
	return arrow.MonthDayNanoInterval{Months: v.Months, Days: v.Days, Nanoseconds: v.Micros * 1000}, nil
}
