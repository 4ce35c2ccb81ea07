package eval

import (
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// dateInstant is midnight of a date in microseconds; dates beyond timestamp's range are just inside the infinities, so
// that they compare right.
func dateInstant(d int32) int64 {
	switch d {
	case math.MaxInt32:
		return math.MaxInt64
	case math.MinInt32:
		return math.MinInt64
	}
	if ts, ok := datum.TimestampOf(int64(d), 0); ok {
		return ts
	}
	if d > 0 {
		return math.MaxInt64 - 1
	}
	return math.MinInt64 + 1
}

func infinite(ts int64) bool { return ts == math.MaxInt64 || ts == math.MinInt64 }

// localInstant is the instant when clocks in zone show ts. Infinities stay.
func localInstant(ts int64, zone *time.Location) int64 {
	if infinite(ts) {
		return ts
	}
	sec := floorDiv(ts, microsPerSecond)
	if r, ok := datum.ShiftTimestamp(ts, -int64(datum.LocalOffset(zone, sec))*microsPerSecond); ok {
		return r
	}
	return ts
}

// zonedClock is what clocks in zone show at the instant ts.
func zonedClock(ts int64, zone *time.Location) int64 {
	if infinite(ts) {
		return ts
	}
	sec := floorDiv(ts, microsPerSecond)
	if r, ok := datum.ShiftTimestamp(ts, int64(datum.ZoneOffset(zone, sec))*microsPerSecond); ok {
		return r
	}
	return ts
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// datetimeCast is the kernel between dates, times, timestamps and intervals.
func datetimeCast(from, to *types.Type) (kernel, error) {
	if from.Kind == to.Kind && (to.Mod < 0 || to.Mod >= 6 || from.Mod == to.Mod) {
		return nil, nil
	}
	switch to.Kind {
	case types.Date:
		switch from.Kind {
		case types.Timestamp, types.TimestampTZ:
			return toDate, nil
		}
	case types.Timestamp, types.TimestampTZ:
		if isDatetime(from) {
			return toTimestamp(to), nil
		}
	case types.Time:
		switch from.Kind {
		case types.Time, types.Timestamp, types.TimestampTZ, types.Interval:
			return toTime(to), nil
		}
	case types.Interval:
		if from.Kind == types.Time {
			return timeToInterval, nil
		}
	}
	return nil, noKernel("a cast", []*types.Type{from, to})
}

// clocks gives timestamps as clocks in the session's zone show them.
func clocks(c *call, v *vector) []int64 {
	if v.typ.Kind != types.TimestampTZ || c.zone() == time.UTC {
		return values[int64](v)
	}
	return scratchOf(c, 0, v.count(), func(dst []int64) {
		for i, ts := range values[int64](v) {
			dst[i] = ts
			if c.rowValid(i) {
				dst[i] = zonedClock(ts, c.zone())
			}
		}
	})
}

func toDate(c *call, args []*vector, out *vector) error {
	dst := values[int32](out)
	for i, ts := range clocks(c, args[0]) {
		switch ts {
		case math.MaxInt64:
			dst[i] = math.MaxInt32
		case math.MinInt64:
			dst[i] = math.MinInt32
		default:
			dst[i] = int32(floorDiv(ts, microsPerDay))
		}
	}
	return nil
}

func toTimestamp(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		v, dst := args[0], values[int64](out)
		switch {
		case v.typ.Kind == types.Date:
			for i, d := range values[int32](v) {
				dst[i] = dateInstant(d)
				if !infinite(dst[i]) && (dst[i] == math.MaxInt64-1 || dst[i] == math.MinInt64+1) && c.rowValid(i) {
					return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range for timestamp")
				}
			}
		case to.Kind == types.Timestamp:
			copy(dst, clocks(c, v))
		default:
			copy(dst, values[int64](v))
		}
		if to.Kind == types.TimestampTZ && v.typ.Kind != types.TimestampTZ && c.zone() != time.UTC {
			for i, ts := range dst {
				if !c.rowValid(i) || infinite(ts) {
					continue
				}
				sec := floorDiv(ts, microsPerSecond)
				r, ok := datum.ShiftTimestamp(ts, -int64(datum.LocalOffset(c.zone(), sec))*microsPerSecond)
				if !ok && v.typ.Kind == types.Date {
					return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range for timestamp")
				}
				if !ok {
					return sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
				}
				dst[i] = r
			}
		}
		return roundStamps(c, dst, to.Mod)
	}
}

// roundStamps applies a precision.
func roundStamps(c *call, dst []int64, mod int32) error {
	if mod < 0 || mod >= 6 {
		return nil
	}
	for i, ts := range dst {
		if !c.rowValid(i) {
			continue
		}
		r, err := datum.RoundTimestamp(ts, mod)
		if err != nil {
			return err
		}
		dst[i] = r
	}
	return nil
}

func toTime(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		v, dst := args[0], values[int64](out)
		switch v.typ.Kind {
		case types.Time:
			copy(dst, values[int64](v))
		case types.Interval:
			for i, x := range values[arrow.MonthDayNanoInterval](v) {
				us := x.Nanoseconds / 1000
				dst[i] = us - floorDiv(us, microsPerDay)*microsPerDay
			}
		default:
			for i, ts := range clocks(c, v) {
				dst[i] = ts - floorDiv(ts, microsPerDay)*microsPerDay
				if infinite(ts) {
					out.setNull(i)
				}
			}
		}
		if to.Mod >= 0 && to.Mod < 6 {
			unit := int64(math.Pow10(6 - int(to.Mod)))
			for i, t := range dst {
				dst[i] = (t + unit/2) / unit * unit
			}
		}
		return nil
	}
}

func timeToInterval(_ *call, args []*vector, out *vector) error {
	dst := values[arrow.MonthDayNanoInterval](out)
	for i, t := range values[int64](args[0]) {
		dst[i] = arrow.MonthDayNanoInterval{Nanoseconds: t * 1000}
	}
	return nil
}
