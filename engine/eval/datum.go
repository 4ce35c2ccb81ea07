package eval

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// datumAt is row i of v as a datum, which borrows nothing.
func datumAt(v *vector, i int) any {
	if v.null(i) {
		return nil
	}
	if v.dict != nil {
		return datumAt(v.dict, int(v.codes[i]))
	}
	i = v.at(i)
	switch s, _ := shapeOf(v.typ); s {
	case bitShape:
		return bitAt(v.bits, i)
	case bytesShape:
		return bytesDatum(v, i)
	case listShape:
		out := make([]any, 0, v.offs[i+1]-v.offs[i])
		for k := v.offs[i]; k < v.offs[i+1]; k++ {
			out = append(out, datumAt(v.elems, int(k)))
		}
		return out
	case rowShape:
		out := make([]any, len(v.fields))
		for k, f := range v.fields {
			out[k] = datumAt(f, i)
		}
		if v.typ.Kind == types.Array {
			return datum.FromBounds(out[0].([]any), out[1])
		}
		return out
	}
	return fixedDatum(v, i)
}

func bytesDatum(v *vector, i int) any {
	switch v.typ.Kind {
	case types.Numeric:
		return numeric.Decode(v.bytes(i)).Apd()
	case types.Bytea:
		return append([]byte{}, v.bytes(i)...)
	}
	return string(v.bytes(i))
}

func fixedDatum(v *vector, i int) any {
	switch v.typ.Kind {
	case types.Int2:
		return int64(values[int16](v)[i])
	case types.Int4, types.Enum, types.Date:
		return int64(values[int32](v)[i])
	case types.Float4:
		return float64(values[float32](v)[i])
	case types.Float8:
		return values[float64](v)[i]
	case types.Interval:
		return intervalDatum(values[arrow.MonthDayNanoInterval](v)[i])
	case types.UUID:
		return values[[16]byte](v)[i]
	case types.Numeric:
		if v.typ.NumericStorage() == types.Decimal64 {
			return numeric.FromInt64(values[int64](v)[i], v.typ.Scale).Apd()
		}
		n := values[decimal128.Num](v)[i]
		return numeric.FromInt128(n.HighBits(), n.LowBits(), v.typ.Scale).Apd()
	}
	return values[int64](v)[i]
}

// intervalDatum is an interval as a datum; microseconds are exact, as storage never holds parts of one.
func intervalDatum(x arrow.MonthDayNanoInterval) datum.Interval {
	return datum.Interval{Months: x.Months, Days: x.Days, Micros: x.Nanoseconds / 1000}
}

// intervalOf is the storage form of an interval. Its time part must be within ±292 years.
func intervalOf(x datum.Interval) (arrow.MonthDayNanoInterval, error) {
	if x.Micros > math.MaxInt64/1000 || x.Micros < math.MinInt64/1000 {
		return arrow.MonthDayNanoInterval{}, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range").
			WithDetail("The hours, minutes and seconds of an interval must be within 2,562,047 hours here.")
	}
	return arrow.MonthDayNanoInterval{Months: x.Months, Days: x.Days, Nanoseconds: x.Micros * 1000}, nil
}

// storeDatums fills out, which was reset to len(ds) values of t, from datums; nil is NULL.
func storeDatums(out *vector, t *types.Type, ds []any) error {
	for i, d := range ds {
		if d == nil {
			out.setNull(i)
		}
	}
	switch s, _ := shapeOf(t); s {
	case bitShape:
		clear(out.bits)
		for i, d := range ds {
			if b, ok := d.(bool); ok && b {
				setBit(out.bits, i, true)
			}
		}
		return nil
	case bytesShape:
		return storeBytesDatums(out, t, ds)
	case listShape:
		return storeLists(out, t, ds)
	case rowShape:
		if t.Kind == types.Array {
			return storeShaped(out, t, ds)
		}
		return storeRows(out, t, ds)
	}
	return storeFixedDatums(out, t, ds)
}

func storeBytesDatums(out *vector, t *types.Type, ds []any) error {
	for _, d := range ds {
		switch d := d.(type) {
		case string:
			out.data = append(out.data, d...)
		case []byte:
			out.data = append(out.data, d...)
		case *apd.Decimal:
			out.data = numeric.Append(out.data, numeric.FromApd(d))
		case nil:
		default:
			return wrongDatum(t, d)
		}
		if err := out.endBytes(); err != nil {
			return err
		}
	}
	return nil
}

func storeLists(out *vector, t *types.Type, ds []any) error {
	var all []any
	for _, d := range ds {
		l, ok := d.([]any)
		if !ok && d != nil {
			return wrongDatum(t, d)
		}
		all = append(all, l...)
		out.offs = append(out.offs, int32(len(all)))
	}
	out.elems.reset(t.Elem, len(all))
	return storeDatums(out.elems, t.Elem, all)
}

// storeShaped stores arrays of any dimensions.
func storeShaped(out *vector, t *types.Type, ds []any) error {
	rows := make([]any, len(ds))
	for i, d := range ds {
		if d != nil {
			a := datum.ArrayOf(d)
			rows[i] = []any{a.Elems, a.Bounds()}
		}
	}
	return storeRows(out, t, rows)
}

func storeRows(out *vector, t *types.Type, ds []any) error {
	col := make([]any, len(ds))
	for k, f := range t.Fields {
		for i, d := range ds {
			col[i] = nil
			if d == nil {
				continue
			}
			r, ok := d.([]any)
			if !ok || len(r) != len(t.Fields) {
				return wrongDatum(t, d)
			}
			col[i] = r[k]
		}
		out.fields[k].reset(f.Type, len(ds))
		if err := storeDatums(out.fields[k], f.Type, col); err != nil {
			return err
		}
	}
	return nil
}

func storeFixedDatums(out *vector, t *types.Type, ds []any) error {
	clear(out.fixed)
	for i, d := range ds {
		if d == nil {
			continue
		}
		if err := storeFixed(out, t, i, d); err != nil {
			return err
		}
	}
	return nil
}

func storeFixed(out *vector, t *types.Type, i int, d any) error {
	switch d := d.(type) {
	case int64:
		switch _, width := shapeOf(t); width {
		case 2:
			values[int16](out)[i] = int16(d)
		case 4:
			values[int32](out)[i] = int32(d)
		default:
			values[int64](out)[i] = d
		}
	case float64:
		if t.Kind == types.Float4 {
			values[float32](out)[i] = float32(d)
		} else {
			values[float64](out)[i] = d
		}
	case datum.Interval:
		x, err := intervalOf(d)
		values[arrow.MonthDayNanoInterval](out)[i] = x
		return err
	case [16]byte:
		values[[16]byte](out)[i] = d
	case *apd.Decimal:
		return storeDecimal(out, t, i, numeric.FromApd(d))
	default:
		return wrongDatum(t, d)
	}
	return nil
}

func storeDecimal(out *vector, t *types.Type, i int, n numeric.Num) error {
	n = n.Round(t.Scale)
	if n.Class != numeric.Finite || n.Digits() > int(t.Precision) {
		return fieldOverflow(t)
	}
	if t.NumericStorage() == types.Decimal64 {
		values[int64](out)[i], _ = n.Int64()
		return nil
	}
	hi, lo, _ := n.Int128()
	values[decimal128.Num](out)[i] = decimal128.New(hi, lo)
	return nil
}

func wrongDatum(t *types.Type, d any) error {
	return sqlerr.New(sqlerr.InternalError, "a value of Go type %T was given for SQL type %s", d, t)
}

// constVector is the constant of a datum for n rows.
func constVector(t *types.Type, d any, n int) (*vector, error) {
	v := &vector{}
	if d == nil {
		v.setNullConst(t, n)
		return v, nil
	}
	v.reset(t, 1)
	if err := storeDatums(v, t, []any{d}); err != nil {
		return nil, err
	}
	v.setConst(n)
	return v, nil
}
