package eval

import (
	"fmt"
	"math"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	register(implementations{
		"make_date": byRow3(func(_ *call, y, m, d int32) (int32, error) {
			day, err := makeDate(int64(y), int64(m), int64(d), y < 0)
			return int32(day), err
		}),
		"make_time": byRow3(func(_ *call, h, m int32, s float64) (int64, error) {
			return makeTime(int64(h), int64(m), s)
		}),
		"make_timestamp":               byDatum(makeTimestamp),
		"make_timestamptz":             byDatum(makeTimestampTZ),
		"make_timestamptz_at_timezone": byDatum(makeTimestampTZ),
		"make_interval":                byDatum(makeInterval),
		"float8_timestamptz":           byRow1(epochTimestamp),
		"timestamp_zone": byRow2(func(_ *call, zone string, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			loc, err := datum.LoadZone(zone)
			if err != nil {
				return 0, err
			}
			return shiftZone(ts, -int64(datum.NamedOffset(zone, loc, floorDiv64(ts, secondMicros))))
		}),
		"timestamptz_zone": byRow2(func(_ *call, zone string, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			loc, err := datum.LoadZone(zone)
			if err != nil {
				return 0, err
			}
			return shiftZone(ts, int64(datum.ZoneOffset(loc, floorDiv64(ts, secondMicros))))
		}),
		"timestamp_izone": byRow2(func(_ *call, zone storedInterval, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			off, err := intervalZone(zone)
			if err != nil {
				return 0, err
			}
			return shiftZone(ts, -off)
		}),
		"timestamptz_izone": byRow2(func(_ *call, zone storedInterval, ts int64) (int64, error) {
			if datum.Infinite(ts) {
				return ts, nil
			}
			off, err := intervalZone(zone)
			if err != nil {
				return 0, err
			}
			return shiftZone(ts, off)
		}),
		"now": fixed(clock(now)), "current_timestamp": fixed(clock(now)), "transaction_timestamp": fixed(clock(now)),
		"statement_timestamp": fixed(clock(now)),
		"clock_timestamp":     fixed(clock(func(*call) any { return time.Now().UnixMicro() })),
		"current_date":        fixed(clock(func(c *call) any { return today(c) })),
		"localtimestamp":      fixed(clock(func(c *call) any { return localTime(c.env.Now, c.zone()) })),
		"localtime": fixed(clock(func(c *call) any {
			_, rest := datum.SplitDay(localTime(c.env.Now, c.zone()))
			return rest
		})),
		"current_time": fixed(clock(currentTime)),
	})
}

// clock is the kernel of a function of time without arguments.
func clock(f func(c *call) any) kernel {
	return func(c *call, _ []*vector, out *vector) error {
		values := make([]any, c.n)
		for i := range values {
			values[i] = f(c)
		}
		return storeDatums(out, c.typ, values)
	}
}

func now(c *call) any { return c.env.Now }

func currentTime(c *call) any {
	_, rest := datum.SplitDay(localTime(c.env.Now, c.zone()))
	off := datum.ZoneOffset(c.zone(), floorDiv64(c.env.Now, secondMicros))
	return datum.TimeTZ(rest, int64(off))
}

func shiftZone(ts, seconds int64) (int64, error) {
	out, ok := datum.ShiftTimestamp(ts, seconds*secondMicros)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return out, nil
}

// intervalZone is an offset given as an interval, in seconds east of UTC.
func intervalZone(v storedInterval) (int64, error) {
	if v.Months != 0 || v.Days != 0 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "interval time zone \"%s\" must not include months or days",
			datum.AppendInterval(nil, intervalDatum(v)))
	}
	return v.Nanoseconds / 1_000_000_000, nil
}

// makeDate is the day of a civil date; -1 is 1 BC. shift: an error shows the astronomical year, as make_date does.
func makeDate(y, m, d int64, shift bool) (int64, error) {
	wrong := func() (int64, error) {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, m, d)
	}
	given, year := y, y
	if y < 0 {
		year = y + 1
	}
	if shift {
		y = year
	}
	if given == 0 || m < 1 || m > 12 || d < 1 || d > datum.DaysIn(year, m) {
		return wrong()
	}
	day := datum.DaysOf(year, m, d)
	if _, err := datum.AddDays(day, 0); err != nil {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range: %d-%02d-%02d", y, m, d)
	}
	return day, nil
}

func makeTime(h, m int64, s float64) (int64, error) {
	micros := math.RoundToEven(s * 1e6)
	bad := h < 0 || m < 0 || m > 59 || !(s >= 0) || !(s <= 60) || h > 24
	if !bad {
		bad = h*3600*secondMicros+m*60*secondMicros+int64(micros) > dayMicros
	}
	if bad {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "time field value out of range: %d:%02d:%s", h, m, secondsText(s))
	}
	return (h*3600+m*60)*secondMicros + int64(micros), nil
}

// secondsText is seconds as C prints them with %02g.
func secondsText(s float64) string {
	text := string(datum.AppendFloat(nil, s, 32))
	if len(text) < 2 {
		return "0" + text
	}
	return text
}

func makeStamp(args []any) (int64, error) {
	n := func(i int) int64 { return args[i].(int64) }
	day, err := makeDate(n(0), n(1), n(2), false)
	if err != nil {
		return 0, err
	}
	t, err := makeTime(n(3), n(4), args[5].(float64))
	if err != nil {
		return 0, err
	}
	ts, ok := datum.TimestampOf(day, t)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range: %d-%02d-%02d %d:%02d:%s",
			n(0), n(1), n(2), n(3), n(4), secondsText(args[5].(float64)))
	}
	return ts, nil
}

func makeTimestamp(_ *call, args []any) (any, error) { return makeStamp(args) }

func makeTimestampTZ(c *call, args []any) (any, error) {
	ts, err := makeStamp(args)
	if err != nil {
		return nil, err
	}
	zone := c.zone()
	if len(args) == 7 {
		if zone, err = datum.ArgumentZone(args[6].(string)); err != nil {
			return nil, err
		}
	}
	return shiftZone(ts, -int64(datum.LocalOffset(zone, floorDiv64(ts, secondMicros))))
}

// makeInterval takes years, months, weeks, days, hours, minutes and seconds.
func makeInterval(_ *call, args []any) (any, error) {
	n := func(i int) int64 { return args[i].(int64) }
	seconds := args[6].(float64)
	months, days := n(0)*12+n(1), n(2)*7+n(3)
	frac := math.RoundToEven(seconds * 1e6)
	micros := (n(4)*3600 + n(5)*60) * secondMicros
	if months != int64(int32(months)) || days != int64(int32(days)) || math.IsNaN(frac) || math.Abs(frac) > 1<<62 {
		return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range")
	}
	return datum.Interval{Months: int32(months), Days: int32(days), Micros: micros + int64(frac)}, nil
}

// epochTimestamp is to_timestamp of seconds since 1970.
func epochTimestamp(_ *call, seconds float64) (int64, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp cannot be NaN")
	case math.IsInf(seconds, 1):
		return datum.TimestampInfinity, nil
	case math.IsInf(seconds, -1):
		return datum.TimestampNegInfinity, nil
	}
	// PostgreSQL counts from 2000: the rounding has to see the same number.
	micros := math.RoundToEven((seconds - 946684800) * 1e6)
	if micros > -0x1p63 && micros < 0x1p63 {
		if ts, ok := datum.ShiftTimestamp(946684800*secondMicros, int64(micros)); ok {
			return ts, nil
		}
	}
	return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range: \"%s\"", fmt.Sprintf("%g", seconds))
}
