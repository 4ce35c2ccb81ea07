package interchange

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
	millisPerDay    = 86_400_000
)

// timeIn converts the kinds of dates, times and spans that are not the engine's own.
func timeIn(from, to arrow.DataType, o ImportOptions) conversion {
	switch from := from.(type) {
	case *arrow.Date64Type:
		return datesIn
	case *arrow.Time32Type:
		return func(a arrow.Array) (arrow.Array, error) {
			src := make([]int64, a.Len())
			for i, v := range fixedValues[int32](a) {
				src[i] = int64(v)
			}
			return timesOfDay(a, src, from.Unit, o)
		}
	case *arrow.Time64Type:
		return func(a arrow.Array) (arrow.Array, error) { return timesOfDay(a, fixedValues[int64](a), from.Unit, o) }
	case *arrow.TimestampType:
		return timestampIn(from, to, o)
	case *arrow.DurationType:
		return func(a arrow.Array) (arrow.Array, error) { return durations(a, from.Unit, o) }
	case *arrow.MonthIntervalType:
		return monthIntervals
	case *arrow.DayTimeIntervalType:
		return dayTimeIntervals
	}
	return nil
}

func timestampIn(from *arrow.TimestampType, to arrow.DataType, o ImportOptions) conversion {
	if arrow.TypeEqual(from, to) {
		return nil
	}
	return func(a arrow.Array) (arrow.Array, error) {
		dst, err := micros(a, fixedValues[int64](a), from.Unit, o)
		if err != nil {
			return nil, err
		}
		return newArray(to, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
	}
}

// micros scales values of a unit to microseconds. Values that overflow, or that have a fraction of a microsecond which
// the options do not let go, are 22008. Rows that are NULL may hold anything.
func micros(a arrow.Array, src []int64, unit arrow.TimeUnit, o ImportOptions) ([]int64, error) {
	dst := make([]int64, len(src))
	switch unit {
	case arrow.Microsecond:
		copy(dst, src)
	case arrow.Nanosecond:
		lost := int64(0)
		for i, v := range src {
			q := v / 1000
			r := v - q*1000
			q += r >> 63 // towards the past
			dst[i] = q
			lost |= r
		}
		if lost != 0 && !o.TruncateNanoseconds {
			if err := nanosecondLoss(a, src); err != nil {
				return nil, err
			}
		}
	default:
		factor := int64(microsPerSecond)
		if unit == arrow.Millisecond {
			factor = 1000
		}
		limit := math.MaxInt64 / factor
		for i, v := range src {
			if (v > limit || v < -limit) && a.IsValid(i) {
				return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "a time in %s does not fit into microseconds", unit)
			}
			dst[i] = v * factor
		}
	}
	return dst, nil
}

func nanosecondLoss(a arrow.Array, src []int64) error {
	for i, v := range src {
		if v%1000 != 0 && a.IsValid(i) {
			return sqlerr.New(sqlerr.DatetimeFieldOverflow,
				"a time has a fraction of a microsecond, which PostgreSQL's times do not hold").
				WithHint("set the option nanoseconds 'truncate' to cut them off")
		}
	}
	return nil
}

// timesOfDay checks that times lie within a day; 24:00:00 is one.
func timesOfDay(a arrow.Array, src []int64, unit arrow.TimeUnit, o ImportOptions) (arrow.Array, error) {
	dst, err := micros(a, src, unit, o)
	if err != nil {
		return nil, err
	}
	for i, v := range dst {
		if uint64(v) > microsPerDay && a.IsValid(i) {
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "a time lies outside of a day")
		}
	}
	return newArray(arrow.FixedWidthTypes.Time64us, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

// datesIn turns milliseconds, which date64 says are whole days, into days.
func datesIn(a arrow.Array) (arrow.Array, error) {
	dst := make([]int32, a.Len())
	for i, v := range fixedValues[int64](a) {
		days := v / millisPerDay
		if (days*millisPerDay != v || days > math.MaxInt32 || days < math.MinInt32) && a.IsValid(i) {
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "a date is no whole number of days, or out of range")
		}
		dst[i] = int32(days)
	}
	return newArray(arrow.FixedWidthTypes.Date32, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

func durations(a arrow.Array, unit arrow.TimeUnit, o ImportOptions) (arrow.Array, error) {
	us, err := micros(a, fixedValues[int64](a), unit, o)
	if err != nil {
		return nil, err
	}
	dst := make([]arrow.MonthDayNanoInterval, len(us))
	for i, v := range us {
		hi, lo := bits.Mul64(uint64(max(v, -v)), 1000)
		if (hi != 0 || lo > math.MaxInt64) && a.IsValid(i) {
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "a duration is beyond 292 years")
		}
		dst[i].Nanoseconds = v * 1000
	}
	return intervals(a, dst), nil
}

func monthIntervals(a arrow.Array) (arrow.Array, error) {
	dst := make([]arrow.MonthDayNanoInterval, a.Len())
	for i, v := range fixedValues[int32](a) {
		dst[i].Months = v
	}
	return intervals(a, dst), nil
}

func dayTimeIntervals(a arrow.Array) (arrow.Array, error) {
	src := fixedValues[arrow.DayTimeInterval](a)
	if len(src) != a.Len() {
		return nil, fmt.Errorf("expected %d intervals, found %d", a.Len(), len(src))
	}
	dst := make([]arrow.MonthDayNanoInterval, a.Len())
	for i, v := range src {
		dst[i].Days, dst[i].Nanoseconds = v.Days, int64(v.Milliseconds)*1_000_000
	}
	return intervals(a, dst), nil
}

func intervals(a arrow.Array, v []arrow.MonthDayNanoInterval) arrow.Array {
	return newArray(arrow.FixedWidthTypes.MonthDayNanoInterval, a.Len(), a.NullN(),
		[]*memory.Buffer{validity(a), bufferOf(v)})
}
