package eval

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// storedInterval is an interval as vectors hold it.
type storedInterval = arrow.MonthDayNanoInterval

const (
	dayMicros    int64 = 86_400_000_000
	secondMicros int64 = 1_000_000
)

func init() {
	register(implementations{
		"date_pli":        byRow2(addDays),
		"integer_pl_date": byRow2(func(c *call, n, d int32) (int32, error) { return addDays(c, d, n) }),
		"date_mii":        byRow2(func(_ *call, d, n int32) (int32, error) { return addDays64(d, -int64(n)) }),
		"date_mi":         byRow2(subDates),
		"date_pl_interval": byRow2(func(_ *call, d int32, v storedInterval) (int64, error) {
			return datePlus(d, intervalDatum(v))
		}),
		"interval_pl_date": byRow2(func(_ *call, v storedInterval, d int32) (int64, error) {
			return datePlus(d, intervalDatum(v))
		}),
		"date_mi_interval": byRow2(func(_ *call, d int32, v storedInterval) (int64, error) {
			return minus(v, func(n datum.Interval) (int64, error) { return datePlus(d, n) })
		}),
		"datetime_pl": byRow2(dateAndTime),
		"timedate_pl": byRow2(func(c *call, t int64, d int32) (int64, error) { return dateAndTime(c, d, t) }),
		"timestamp_pl_interval": byRow2(func(_ *call, ts int64, v storedInterval) (int64, error) {
			return datum.AddInterval(ts, intervalDatum(v), nil)
		}),
		"interval_pl_timestamp": byRow2(func(_ *call, v storedInterval, ts int64) (int64, error) {
			return datum.AddInterval(ts, intervalDatum(v), nil)
		}),
		"timestamp_mi_interval": byRow2(func(_ *call, ts int64, v storedInterval) (int64, error) {
			return minus(v, func(n datum.Interval) (int64, error) { return datum.AddInterval(ts, n, nil) })
		}),
		"timestamp_mi": byRow2(subTimestamps), "timestamptz_mi": byRow2(subTimestamps),
		"timestamptz_pl_interval": byRow2(func(c *call, ts int64, v storedInterval) (int64, error) {
			return datum.AddInterval(ts, intervalDatum(v), c.zone())
		}),
		"interval_pl_timestamptz": byRow2(func(c *call, v storedInterval, ts int64) (int64, error) {
			return datum.AddInterval(ts, intervalDatum(v), c.zone())
		}),
		"timestamptz_mi_interval": byRow2(func(c *call, ts int64, v storedInterval) (int64, error) {
			return minus(v, func(n datum.Interval) (int64, error) { return datum.AddInterval(ts, n, c.zone()) })
		}),
		"time_pl_interval": byRow2(func(_ *call, t int64, v storedInterval) (int64, error) {
			return wrapTime(t, v.Nanoseconds/1000), nil
		}),
		"interval_pl_time": byRow2(func(_ *call, v storedInterval, t int64) (int64, error) {
			return wrapTime(t, v.Nanoseconds/1000), nil
		}),
		"time_mi_interval": byRow2(func(_ *call, t int64, v storedInterval) (int64, error) {
			return wrapTime(t, -(v.Nanoseconds / 1000)), nil
		}),
		"time_mi_time": byRow2(func(_ *call, a, b int64) (storedInterval, error) {
			return storedInterval{Nanoseconds: (a - b) * 1000}, nil
		}),
		"date_finite": byRow1(func(_ *call, d int32) (bool, error) {
			return d != math.MaxInt32 && d != math.MinInt32, nil
		}),
		"timestamp_finite": byRow1(finite), "timestamptz_finite": byRow1(finite),
		"interval_finite": byRow1(func(*call, storedInterval) (bool, error) { return true, nil }),
	})
}

func addDays(_ *call, d, n int32) (int32, error) { return addDays64(d, int64(n)) }

func addDays64(d int32, n int64) (int32, error) {
	sum, err := datum.AddDays(int64(d), n)
	return int32(sum), err
}

func subDates(_ *call, a, b int32) (int32, error) {
	if infiniteDate(a) || infiniteDate(b) {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "cannot subtract infinite dates")
	}
	return a - b, nil
}

func infiniteDate(d int32) bool { return d == math.MaxInt32 || d == math.MinInt32 }

func datePlus(d int32, v datum.Interval) (int64, error) {
	ts, err := datum.DateTimestamp(int64(d))
	if err != nil {
		return 0, err
	}
	return datum.AddInterval(ts, v, nil)
}

// minus calls f with -v.
func minus(v storedInterval, f func(n datum.Interval) (int64, error)) (int64, error) {
	n, err := intervalDatum(v).Negate()
	if err != nil {
		return 0, err
	}
	return f(n)
}

func dateAndTime(_ *call, d int32, t int64) (int64, error) {
	ts, err := datum.DateTimestamp(int64(d))
	if err != nil || datum.Infinite(ts) {
		return ts, err
	}
	sum, ok := datum.ShiftTimestamp(ts, t)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return sum, nil
}

func subTimestamps(_ *call, a, b int64) (storedInterval, error) {
	v, err := datum.SubTimestamps(a, b)
	if err != nil {
		return storedInterval{}, err
	}
	return v.Storage()
}

// wrapTime is a time of day some microseconds later, around midnight.
func wrapTime(t, micros int64) int64 {
	t = (t + micros%dayMicros) % dayMicros
	if t < 0 {
		t += dayMicros
	}
	return t
}

func finite(_ *call, ts int64) (bool, error) { return !datum.Infinite(ts), nil }
