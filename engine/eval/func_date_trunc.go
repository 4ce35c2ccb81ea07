package eval

import (
	"math"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	const stamp, zoned = "timestamp without time zone", "timestamp with time zone"
	register(implementations{
		"timestamp_trunc": byRow2(func(c *call, name string, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			f, err := c.field(name, stamp)
			if err != nil {
				return 0, err
			}
			return truncStamp(f, name, stamp, ts)
		}),
		"timestamptz_trunc": byRow2(func(c *call, name string, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			f, err := c.field(name, zoned)
			if err != nil {
				return 0, err
			}
			return truncZoned(f, name, ts, c.zone())
		}),
		"timestamptz_trunc_zone": byRow3(func(_ *call, name string, ts int64, zone string) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			f, err := fieldNamed(name, zoned)
			if err != nil {
				return 0, err
			}
			loc, err := datum.LoadZone(zone)
			if err != nil {
				return 0, err
			}
			return truncZoned(f, name, ts, loc)
		}),
		"interval_trunc": byRow2(func(c *call, name string, v storedInterval) (storedInterval, error) {
			f, err := c.field(name, "interval")
			if err != nil {
				return v, err
			}
			return truncInterval(f, name, v)
		}),
		"timestamp_bin": byRow3(bin), "timestamptz_bin": byRow3(bin),
		"timestamp_age": byRow2(func(_ *call, a, b int64) (storedInterval, error) { return intervalResult(datum.Age(a, b)) }),
		"timestamptz_age": byRow2(func(c *call, a, b int64) (storedInterval, error) {
			return intervalResult(datum.Age(localTime(a, c.zone()), localTime(b, c.zone())))
		}),
		"timestamp_age_now": byRow1(func(c *call, ts int64) (storedInterval, error) {
			return intervalResult(datum.Age(today(c)*dayMicros, ts))
		}),
		"timestamptz_age_now": byRow1(func(c *call, ts int64) (storedInterval, error) {
			return intervalResult(datum.Age(today(c)*dayMicros, localTime(ts, c.zone())))
		}),
	})
}

// localTime is what clocks in zone show at ts. A time at the very end of the range stays as it is.
func localTime(ts int64, zone *time.Location) int64 {
	if datum.Infinite(ts) {
		return ts
	}
	local, ok := datum.ShiftTimestamp(ts, int64(datum.ZoneOffset(zone, floorDiv64(ts, secondMicros)))*secondMicros)
	if !ok {
		return ts
	}
	return local
}

// today is the session's current date.
func today(c *call) int64 {
	day, _ := datum.SplitDay(localTime(c.env.Now, c.zone()))
	return day
}

// clockUnit is the length of a field that is a fixed part of the day, in microseconds.
func clockUnit(f dateField) int64 {
	switch f {
	case fieldMicroseconds:
		return 1
	case fieldMilliseconds:
		return 1000
	case fieldSecond:
		return secondMicros
	case fieldMinute:
		return 60 * secondMicros
	case fieldHour:
		return 3600 * secondMicros
	case fieldDay:
		return dayMicros
	}
	return 0
}

// truncStamp cuts a finite local time below the field.
func truncStamp(f dateField, name, typeName string, ts int64) (int64, error) {
	if unit := clockUnit(f); unit != 0 {
		return checkStamp(floorDiv64(ts, unit)*unit, ts)
	}
	day, _ := datum.SplitDay(ts)
	start, ok := truncDay(f, day)
	if !ok {
		return 0, truncUnsupported(f, name, typeName)
	}
	out, ok := datum.TimestampOf(start, 0)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return out, nil
}

// truncUnsupported is the error for a field that nothing can be cut to; PostgreSQL knows fewer of them here than extract.
func truncUnsupported(f dateField, name, typeName string) error {
	if f >= fieldDow && f <= fieldEpoch {
		return fieldUnknown(name, typeName)
	}
	return fieldUnsupported(name, typeName)
}

// checkStamp is cut, which lies at most a day before ts.
func checkStamp(cut, ts int64) (int64, error) {
	if _, ok := datum.ShiftTimestamp(cut, 0); !ok || cut > ts {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return cut, nil
}

// truncDay is the first day of the week, month, … that a day lies in.
func truncDay(f dateField, day int64) (int64, bool) {
	y, m, _ := datum.CivilOf(day)
	switch f {
	case fieldWeek:
		return day - (day%7+10)%7, true
	case fieldMonth:
		return datum.DaysOf(y, m, 1), true
	case fieldQuarter:
		return datum.DaysOf(y, (m-1)/3*3+1, 1), true
	case fieldYear:
		return datum.DaysOf(y, 1, 1), true
	case fieldDecade:
		return datum.DaysOf(floorDiv64(y, 10)*10, 1, 1), true
	case fieldCentury:
		return datum.DaysOf(firstYear(y, 100), 1, 1), true
	case fieldMillennium:
		return datum.DaysOf(firstYear(y, 1000), 1, 1), true
	}
	return 0, false
}

// firstYear is the first year of the century or millennium of y: they begin with the year 1.
func firstYear(y, n int64) int64 { return floorDiv64(y-1, n)*n + 1 }

// truncZoned cuts on the clocks of zone. Hours and below keep the offset of ts; days and above take that of their start.
func truncZoned(f dateField, name string, ts int64, zone *time.Location) (int64, error) {
	const typeName = "timestamp with time zone"
	if f >= fieldDow {
		return 0, truncUnsupported(f, name, typeName)
	}
	off := int64(datum.ZoneOffset(zone, floorDiv64(ts, secondMicros)))
	local, ok := datum.ShiftTimestamp(ts, off*secondMicros)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	cut, err := truncStamp(f, name, typeName, local)
	if err != nil {
		return 0, err
	}
	if clockUnit(f) == 0 || f == fieldDay {
		off = int64(datum.LocalOffset(zone, floorDiv64(cut, secondMicros)))
	}
	out, ok := datum.ShiftTimestamp(cut, -off*secondMicros)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return out, nil
}

func truncInterval(f dateField, name string, v storedInterval) (storedInterval, error) {
	if unit := clockUnit(f); unit != 0 {
		if f == fieldDay {
			v.Nanoseconds = 0
		}
		v.Nanoseconds -= v.Nanoseconds % (unit * 1000)
		return v, nil
	}
	n := int32(1)
	switch f {
	case fieldMonth:
	case fieldQuarter:
		n = 3
	case fieldYear:
		n = 12
	case fieldDecade:
		n = 120
	case fieldCentury:
		n = 1200
	case fieldMillennium:
		n = 12000
	default:
		return v, truncUnsupported(f, name, "interval")
	}
	return storedInterval{Months: v.Months - v.Months%n}, nil
}

// bin is date_bin: the start of the bin of stride that ts lies in, bins counted from origin.
func bin(_ *call, stride storedInterval, ts, origin int64) (int64, error) {
	switch {
	case datum.Infinite(ts):
		return ts, nil
	case datum.Infinite(origin):
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "origin out of range")
	case stride.Months != 0:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	days := int64(stride.Days)
	if days > math.MaxInt64/dayMicros || days < math.MinInt64/dayMicros {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range")
	}
	unit := days*dayMicros + stride.Nanoseconds/1000
	if unit <= 0 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "stride must be greater than zero")
	}
	diff := ts - origin
	if (origin < 0 && diff < ts) || (origin > 0 && diff > ts) {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range")
	}
	out, ok := datum.ShiftTimestamp(origin, floorDiv64(diff, unit)*unit)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return out, nil
}
