package eval

import (
	"math"
	"slices"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	const stamp, zoned, clock = "timestamp without time zone", "timestamp with time zone", "time without time zone"
	register(implementations{
		"extract_date": fixed(extractDate), "extract_timestamp": fieldNumeric(stamp, stampPart),
		"extract_timestamptz": fieldNumeric(zoned, zonedPart), "extract_time": fieldNumeric(clock, timePart),
		"extract_interval": fieldNumeric("interval", intervalPart),
		// A date's date_part goes by its timestamp, so that it has hours too.
		"date_part": dateFloat(fieldFloat(stamp, datePart)), "timestamp_part": fieldFloat(stamp, stampPart),
		"timestamptz_part": fieldFloat(zoned, zonedPart), "time_part": fieldFloat(clock, timePart),
		"interval_part": intervalFloat(fieldFloat("interval", intervalPart)),
	})
}

// partOf is a field of one value: its value, or an infinity (±1), or ErrNull. ok is false when the type has no such field.
type partOf[T any] func(c *call, f dateField, v T) (x fieldValue, inf int, ok bool)

func stampPart(_ *call, f dateField, ts int64) (fieldValue, int, bool) {
	if inf := signOfInfinity(ts); inf != 0 {
		_, ok := stampField(f, 0)
		return fieldValue{}, inf, ok
	}
	x, ok := stampField(f, ts)
	return x, 0, ok
}

func signOfInfinity(ts int64) int {
	switch ts {
	case datum.TimestampInfinity:
		return 1
	case datum.TimestampNegInfinity:
		return -1
	}
	return 0
}

func zonedPart(c *call, f dateField, ts int64) (fieldValue, int, bool) {
	if inf := signOfInfinity(ts); inf != 0 {
		_, ok := stampField(f, 0)
		return fieldValue{}, inf, ok || f >= fieldTimezone
	}
	if f == fieldEpoch {
		return fieldValue{v: ts, scale: 6}, 0, true
	}
	off := int64(datum.ZoneOffset(c.zone(), floorDiv64(ts, secondMicros)))
	switch f {
	case fieldTimezone:
		return fieldValue{v: off}, 0, true
	case fieldTimezoneHour:
		return fieldValue{v: off / 3600}, 0, true
	case fieldTimezoneMinute:
		return fieldValue{v: off / 60 % 60}, 0, true
	}
	day, rest := datum.SplitDay(ts)
	shift, rest := datum.SplitDay(rest + off*secondMicros)
	if x, ok := clockField(f, rest); ok {
		return x, 0, true
	}
	v, ok := dayField(f, day+shift)
	if f == fieldJulian {
		return fieldValue{v: v, rest: rest, scale: -1}, 0, ok
	}
	return fieldValue{v: v}, 0, ok
}

func timePart(_ *call, f dateField, t int64) (fieldValue, int, bool) {
	if f == fieldEpoch {
		return fieldValue{v: t, scale: 6}, 0, true
	}
	x, ok := clockField(f, t)
	return x, 0, ok
}

func intervalPart(_ *call, f dateField, v storedInterval) (fieldValue, int, bool) {
	x, ok := intervalField(f, intervalDatum(v))
	return x, 0, ok
}

func datePart(c *call, f dateField, d int32) (fieldValue, int, bool) {
	switch d {
	case math.MaxInt32:
		return stampPart(c, f, datum.TimestampInfinity)
	case math.MinInt32:
		return stampPart(c, f, datum.TimestampNegInfinity)
	}
	if f == fieldEpoch {
		return fieldValue{v: int64(d) * 86400}, 0, true
	}
	if x, ok := clockField(f, 0); ok {
		return x, 0, true
	}
	v, ok := dayField(f, int64(d))
	return fieldValue{v: v}, 0, ok
}

// dateFloat refuses dates that no timestamp has.
func dateFloat(m maker) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		k, err := m(args, result)
		return func(c *call, args []*vector, out *vector) error {
			for i := range c.n {
				if c.rowValid(i) {
					if _, err := datum.DateTimestamp(int64(values[int32](args[1])[args[1].at(i)])); err != nil {
						return err
					}
				}
			}
			return k(c, args, out)
		}, err
	}
}

// intervalFloat adds the parts of an interval's epoch in PostgreSQL's order, as each sum rounds.
func intervalFloat(m maker) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		k, err := m(args, result)
		return func(c *call, args []*vector, out *vector) error {
			if err := k(c, args, out); err != nil {
				return err
			}
			for i := range c.n {
				if !c.rowValid(i) {
					continue
				}
				f, err := c.field(args[0].str(i), "interval")
				if err != nil {
					return err
				}
				if f != fieldEpoch {
					continue
				}
				v := values[storedInterval](args[1])[args[1].at(i)]
				x := float64(v.Nanoseconds/1000) / 1e6
				x += 31557600 * float64(v.Months/12)
				x += 2592000 * float64(v.Months%12)
				values[float64](out)[i] = x + 86400*float64(v.Days)
			}
			return nil
		}, err
	}
}

// fieldState remembers the field that a name meant last: it is a constant nearly always.
type fieldState struct {
	name  string
	field dateField
}

func (c *call) field(name, typeName string) (dateField, error) {
	s, _ := c.state.(*fieldState)
	if s == nil {
		s = &fieldState{}
		c.state = s
	}
	if s.field == noField || s.name != name {
		f, err := fieldNamed(name, typeName)
		if err != nil {
			return f, err
		}
		s.name, s.field = string([]byte(name)), f
	}
	return s.field, nil
}

func fieldNumeric[T any](typeName string, part partOf[T]) maker {
	return byRow2(func(c *call, name string, v T) (numeric.Num, error) {
		f, err := c.field(name, typeName)
		if err != nil {
			return numeric.Num{}, err
		}
		x, inf, ok := part(c, f, v)
		switch {
		case !ok:
			return numeric.Num{}, fieldUnsupported(name, typeName)
		case inf != 0 && !f.monotonic():
			return numeric.Num{}, ErrNull
		case inf > 0:
			return numeric.Infinity, nil
		case inf < 0:
			return numeric.NegInfinity, nil
		}
		return x.num()
	})
}

func fieldFloat[T any](typeName string, part partOf[T]) maker {
	return byRow2(func(c *call, name string, v T) (float64, error) {
		f, err := c.field(name, typeName)
		if err != nil {
			return 0, err
		}
		x, inf, ok := part(c, f, v)
		switch {
		case !ok:
			return 0, fieldUnsupported(name, typeName)
		case inf != 0:
			return infiniteField(f, inf < 0)
		}
		return x.float(), nil
	})
}

// encodedFields keeps the encodings of the values that came last, by their lowest bits: the years, months and days of
// one column are few.
type encodedFields [64]struct {
	v   int64
	enc []byte
}

func (e *encodedFields) append(dst []byte, v int64) []byte {
	slot := &e[v&63]
	if slot.enc == nil || slot.v != v {
		slot.v, slot.enc = v, numeric.Append(slot.enc[:0], numeric.FromInt64(v, 0))
	}
	return append(dst, slot.enc...)
}

// extractDate is extract over dates.
func extractDate(c *call, args []*vector, out *vector) error {
	days := values[int32](args[1])
	md := stride(args[1])
	var encoded encodedFields
	out.data = slices.Grow(out.data, 8*c.n)
	for i := range c.n {
		if c.rowValid(i) {
			f, err := c.field(args[0].str(i), "date")
			if err != nil {
				return err
			}
			d := days[i&md]
			v, ok := dayField(f, int64(d))
			if f == fieldEpoch {
				v, ok = int64(d)*86400, true
			}
			switch {
			case !ok:
				return fieldUnsupported(args[0].str(i), "date")
			case infiniteDate(d) && !f.monotonic():
				out.setNull(i)
			case d == math.MaxInt32:
				out.data = numeric.Append(out.data, numeric.Infinity)
			case d == math.MinInt32:
				out.data = numeric.Append(out.data, numeric.NegInfinity)
			default:
				out.data = encoded.append(out.data, v)
			}
		}
		if err := out.endBytes(); err != nil {
			return err
		}
	}
	return nil
}
