package parquet

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// sink collects the values of one leaf, without NULLs, in the storage of the column's type, and makes arrays of them.
type sink interface {
	// dictionary sets the values that codes stand for until the next one.
	dictionary(v *encoding.Values, n int) error
	// codes appends the dictionary's values.
	codes(codes []int32) error
	// values appends the values of a page from from up to until.
	values(v *encoding.Values, from, until int) error
	// finish makes an array of the values that were collected, spread over the slots of valid (nil: all are), and
	// begins anew with room for as many.
	finish(slots int, valid []bool) (arrow.Array, error)
	// size is the number of bytes collected.
	size() int
}

// corrupt is an error about the content of a file; the reader adds where it was met.
func corrupt(format string, args ...any) error {
	return sqlerr.New(sqlerr.DataCorrupted, format, args...)
}

// leafOptions are what a server says of values that its types cannot hold exactly.
type leafOptions struct{ truncateNanos bool }

// newSink is the sink for a leaf's values as a type that they widen to.
func newSink(f *field, to *types.Type, o leafOptions) (sink, error) {
	e := f.element
	if _, null := e.LogicalType.Value.(*format.NullType); null {
		return &bytesSink{to: to.Arrow(), convert: func([]byte) ([]byte, error) {
			return nil, corrupt("a column of type UNKNOWN holds a value")
		}}, nil
	}
	switch to.Kind {
	case types.Bool:
		return &fixedSink[bool]{to: to.Arrow(), convert: bools}, nil
	case types.Int2:
		return intSink[int16](e, to), nil
	case types.Int4:
		return intSink[int32](e, to), nil
	case types.Date:
		return &fixedSink[int32]{to: to.Arrow(), convert: copyInt32}, nil
	case types.Int8:
		return intSink[int64](e, to), nil
	case types.Float4, types.Float8:
		return floatSink(e, to), nil
	case types.Numeric:
		return numericSink(e, f.typ, to)
	case types.Time, types.Timestamp, types.TimestampTZ:
		return timeSink(e, to, o)
	case types.Interval:
		return &fixedSink[arrow.MonthDayNanoInterval]{to: to.Arrow(), convert: intervals}, nil
	case types.UUID:
		return &fixedSink[[16]byte]{to: to.Arrow(), convert: uuids}, nil
	case types.Varchar:
		return &bytesSink{to: to.Arrow(), text: true, convert: fitting(to)}, nil
	case types.Text, types.JSON:
		return &bytesSink{to: to.Arrow(), text: true}, nil
	case types.Bytea:
		return &bytesSink{to: to.Arrow()}, nil
	}
	return nil, sqlerr.New(sqlerr.InternalError, "a Parquet column of type %s cannot be read as %s", f.typ, to)
}

// fitting refuses texts that are longer than varchar(n) allows; nil for varchar.
func fitting(t *types.Type) func([]byte) ([]byte, error) {
	most := int(t.Length())
	if most < 0 {
		return nil
	}
	return func(b []byte) ([]byte, error) {
		if len(b) > most && utf8.RuneCount(b) > most {
			return nil, tooLong(t)
		}
		return b, nil
	}
}

func tooLong(t *types.Type) error {
	return sqlerr.New("22001", "value too long for type %s", t)
}

type signed interface{ ~int16 | ~int32 | ~int64 }

func intSink[U signed](e *format.SchemaElement, to *types.Type) sink {
	switch {
	case e.Type.V == format.Int64:
		return &fixedSink[U]{to: to.Arrow(), convert: int64sAs[U]}
	case unsigned(e):
		return &fixedSink[U]{to: to.Arrow(), convert: uint32sAs[U]}
	}
	return &fixedSink[U]{to: to.Arrow(), convert: int32sAs[U]}
}

// widen appends integers that fit; those that do not contradict the file's own schema.
func widen[P int32 | uint32 | int64, U signed](dst []U, src []P) ([]U, error) {
	bad := false
	for _, v := range src {
		u := U(v)
		bad = bad || int64(u) != int64(v)
		dst = append(dst, u)
	}
	if bad {
		return nil, corrupt("an integer is out of the range that its type says")
	}
	return dst, nil
}

func int32sAs[U signed](dst []U, v *encoding.Values, from, until int) ([]U, error) {
	return widen(dst, v.Int32()[from:until])
}

func uint32sAs[U signed](dst []U, v *encoding.Values, from, until int) ([]U, error) {
	return widen(dst, v.Uint32()[from:until])
}

func int64sAs[U signed](dst []U, v *encoding.Values, from, until int) ([]U, error) {
	return widen(dst, v.Int64()[from:until])
}

func copyInt32(dst []int32, v *encoding.Values, from, until int) ([]int32, error) {
	return append(dst, v.Int32()[from:until]...), nil
}

func copyInt64(dst []int64, v *encoding.Values, from, until int) ([]int64, error) {
	return append(dst, v.Int64()[from:until]...), nil
}

func bools(dst []bool, v *encoding.Values, from, until int) ([]bool, error) {
	bits := v.Boolean()
	for i := from; i < until; i++ {
		dst = append(dst, bits[i>>3]>>(i&7)&1 != 0)
	}
	return dst, nil
}

func floatSink(e *format.SchemaElement, to *types.Type) sink {
	if to.Kind == types.Float8 {
		return &fixedSink[float64]{to: to.Arrow(), convert: float64s(e)}
	}
	return &fixedSink[float32]{to: to.Arrow(), convert: float32s(e)}
}

func float32s(e *format.SchemaElement) conversion[float32] {
	if e.Type.V == format.Float {
		return func(dst []float32, v *encoding.Values, from, until int) ([]float32, error) {
			return append(dst, v.Float()[from:until]...), nil
		}
	}
	return func(dst []float32, v *encoding.Values, from, until int) ([]float32, error) {
		data, err := fixedBytes(v, 2)
		for i := from; i < until && err == nil; i++ {
			dst = append(dst, float16.FromBits(binary.LittleEndian.Uint16(data[2*i:])).Float32())
		}
		return dst, err
	}
}

func float64s(e *format.SchemaElement) conversion[float64] {
	if e.Type.V == format.Double {
		return func(dst []float64, v *encoding.Values, from, until int) ([]float64, error) {
			return append(dst, v.Double()[from:until]...), nil
		}
	}
	narrow := float32s(e)
	return func(dst []float64, v *encoding.Values, from, until int) ([]float64, error) {
		part, err := narrow(nil, v, from, until)
		for _, f := range part {
			dst = append(dst, float64(f))
		}
		return dst, err
	}
}

// fixedBytes are the bytes of values that must have a width.
func fixedBytes(v *encoding.Values, width int) ([]byte, error) {
	data, size := v.FixedLenByteArray()
	if size != width {
		return nil, corrupt("values have %d bytes instead of %d", size, width)
	}
	return data, nil
}

func uuids(dst [][16]byte, v *encoding.Values, from, until int) ([][16]byte, error) {
	data, err := fixedBytes(v, 16)
	for i := from; i < until && err == nil; i++ {
		dst = append(dst, [16]byte(data[16*i:]))
	}
	return dst, err
}

// intervals reads months, days and milliseconds, three unsigned 32-bit numbers.
func intervals(dst []arrow.MonthDayNanoInterval, v *encoding.Values, from, until int) ([]arrow.MonthDayNanoInterval, error) {
	data, err := fixedBytes(v, 12)
	for i := from; i < until && err == nil; i++ {
		p := data[12*i:]
		months, days := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(p[4:])
		if months > math.MaxInt32 || days > math.MaxInt32 {
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "an interval is out of range")
		}
		dst = append(dst, arrow.MonthDayNanoInterval{
			Months: int32(months), Days: int32(days),
			Nanoseconds: int64(binary.LittleEndian.Uint32(p[8:])) * 1_000_000,
		})
	}
	return dst, err
}

// timeSink brings times of day and timestamps to microseconds.
func timeSink(e *format.SchemaElement, to *types.Type, o leafOptions) (sink, error) {
	s := &fixedSink[int64]{to: to.Arrow()}
	limit := int64(math.MaxInt64)
	if to.Kind == types.Time {
		limit = 86_400_000_000
	}
	unit := nanos(e)
	switch {
	case e.Type.V == format.Int96:
		s.convert = func(dst []int64, v *encoding.Values, from, until int) ([]int64, error) {
			return int96s(dst, v, from, until, o)
		}
	case unit == 1000 && to.Kind != types.Time:
		s.convert = copyInt64
	default:
		s.convert = func(dst []int64, v *encoding.Values, from, until int) ([]int64, error) {
			start := len(dst)
			var err error
			if e.Type.V == format.Int32 {
				dst, err = int32sAs[int64](dst, v, from, until)
			} else {
				dst, err = copyInt64(dst, v, from, until)
			}
			if err != nil {
				return nil, err
			}
			return dst, micros(dst[start:], unit, limit, to.Kind == types.Time, o)
		}
	}
	return s, nil
}

// micros turns values of so many nanoseconds into microseconds, in place.
func micros(v []int64, unit, limit int64, day bool, o leafOptions) error {
	for i, x := range v {
		switch unit {
		case 1:
			q := x / 1000
			r := x - q*1000
			if r != 0 && !o.truncateNanos {
				return lostNanos()
			}
			x = q + r>>63
		case 1_000_000:
			if x > math.MaxInt64/1000 || x < -math.MaxInt64/1000 {
				return sqlerr.New(sqlerr.DatetimeFieldOverflow, "a timestamp does not fit into microseconds")
			}
			x *= 1000
		}
		if day && (x < 0 || x > limit) {
			return sqlerr.New(sqlerr.DatetimeFieldOverflow, "a time lies outside of a day")
		}
		v[i] = x
	}
	return nil
}

func lostNanos() error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow,
		"a time has a fraction of a microsecond, which PostgreSQL's times do not hold").
		WithHint("ALTER SERVER … OPTIONS (ADD nanoseconds 'truncate') cuts such fractions off")
}

// int96s reads Impala's and Spark's old timestamps: nanoseconds of the day, then the Julian day.
func int96s(dst []int64, v *encoding.Values, from, until int, o leafOptions) ([]int64, error) {
	const epoch, day = 2440588, 86_400_000_000
	for _, x := range v.Int96()[from:until] {
		ns := int64(x[1])<<32 | int64(x[0])
		q := ns / 1000
		r := ns - q*1000
		if r != 0 && !o.truncateNanos {
			return nil, lostNanos()
		}
		days := int64(int32(x[2])) - epoch
		if days > math.MaxInt64/day-2 || days < -math.MaxInt64/day+2 {
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "a timestamp does not fit into microseconds")
		}
		dst = append(dst, days*day+q+r>>63)
	}
	return dst, nil
}

// numericSink reads decimals of every physical type into the storage of numeric.
func numericSink(e *format.SchemaElement, from, to *types.Type) (sink, error) {
	scale := from.Scale
	switch to.NumericStorage() {
	case types.Decimal64:
		return &fixedSink[int64]{to: to.Arrow(), convert: decimals64(e)}, nil
	case types.Decimal128:
		return &fixedSink[[2]uint64]{to: to.Arrow(), convert: decimals128(e)}, nil
	}
	switch e.Type.V {
	case format.ByteArray, format.FixedLenByteArray:
		return &bytesSink{to: to.Arrow(), convert: func(b []byte) ([]byte, error) {
			return numeric.Append(nil, numeric.FromBig(bigEndian(b), scale)), nil
		}}, nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "decimals stored as %s cannot be read as %s", e.Type.V, to)
}

func decimals64(e *format.SchemaElement) conversion[int64] {
	switch e.Type.V {
	case format.Int32:
		return int32sAs[int64]
	case format.Int64:
		return copyInt64
	}
	return func(dst []int64, v *encoding.Values, from, until int) ([]int64, error) {
		err := eachBytes(v, from, until, func(b []byte) bool {
			w, ok := words(b)
			dst = append(dst, int64(w[0]))
			return ok && int64(w[1]) == int64(w[0])>>63
		})
		return dst, err
	}
}

func decimals128(e *format.SchemaElement) conversion[[2]uint64] {
	extend := func(v int64) [2]uint64 { return [2]uint64{uint64(v), uint64(v >> 63)} }
	switch {
	case e.Type.V == format.Int32:
		return func(dst [][2]uint64, v *encoding.Values, from, until int) ([][2]uint64, error) {
			for _, x := range v.Int32()[from:until] {
				dst = append(dst, extend(int64(x)))
			}
			return dst, nil
		}
	case e.Type.V == format.Int64 && unsigned(e):
		return func(dst [][2]uint64, v *encoding.Values, from, until int) ([][2]uint64, error) {
			for _, x := range v.Int64()[from:until] {
				dst = append(dst, [2]uint64{uint64(x)})
			}
			return dst, nil
		}
	case e.Type.V == format.Int64:
		return func(dst [][2]uint64, v *encoding.Values, from, until int) ([][2]uint64, error) {
			for _, x := range v.Int64()[from:until] {
				dst = append(dst, extend(x))
			}
			return dst, nil
		}
	}
	return func(dst [][2]uint64, v *encoding.Values, from, until int) ([][2]uint64, error) {
		err := eachBytes(v, from, until, func(b []byte) bool {
			w, ok := words(b)
			dst = append(dst, w)
			return ok
		})
		return dst, err
	}
}

// eachBytes visits values of fixed or variable length; false from visit says that a value is too large.
func eachBytes(v *encoding.Values, from, until int, visit func([]byte) bool) error {
	ok := true
	if v.Kind() == encoding.FixedLenByteArray {
		data, size := v.FixedLenByteArray()
		for i := from; i < until; i++ {
			ok = visit(data[i*size:(i+1)*size]) && ok
		}
	} else {
		data, offsets := v.ByteArray()
		for i := from; i < until; i++ {
			ok = visit(data[offsets[i]:offsets[i+1]]) && ok
		}
	}
	if !ok {
		return corrupt("a decimal has more digits than its type says")
	}
	return nil
}

// words reads a big-endian two's complement number, low word first; false when it needs more than 128 bits.
func words(b []byte) ([2]uint64, bool) {
	if len(b) == 0 {
		return [2]uint64{}, true
	}
	sign := uint64(int64(int8(b[0])) >> 63)
	ok := true
	for len(b) > 16 {
		ok = ok && b[0] == byte(sign) && int8(b[1])>>7 == int8(sign)
		b = b[1:]
	}
	w := [2]uint64{sign, sign}
	for _, c := range b {
		w[1] = w[1]<<8 | w[0]>>56
		w[0] = w[0]<<8 | uint64(c)
	}
	return w, ok
}

func bigEndian(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

var errTooLong = fmt.Errorf("the values of one batch take more than %d bytes", math.MaxInt32)
