package exec

import (
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// timeSeries is generate_series of timestamps with an interval as step. Months are added by the calendar; for timestamps
// with a time zone days and months are those of the session's zone.
type timeSeries struct {
	lazySeries[int64]
	zone        *time.Location
	start, stop []int64
	steps       []arrow.MonthDayNanoInterval
	args        []arrow.Array
	end         int64 // of the current input row
	step        arrow.MonthDayNanoInterval
	down        bool
}

func newTimeSeries(t *types.Type, zone *time.Location) *timeSeries {
	if zone == nil {
		zone = time.UTC
	}
	c := &timeSeries{zone: zone}
	c.begin, c.next = c.first, c.after
	c.array = func(vals []int64, null []bool) (arrow.Array, error) { return fixedArray(t.Arrow(), vals, null), nil }
	return c
}

func (c *timeSeries) load(args []arrow.Array, _ int) error {
	c.reset()
	c.start, c.stop = fixedView[int64](args[0].Data()), fixedView[int64](args[1].Data())
	c.steps, c.args = fixedView[arrow.MonthDayNanoInterval](args[2].Data()), args
	return nil
}

func (c *timeSeries) first(row int) (int64, bool, error) {
	if anyNull(c.args, row) {
		return 0, false, nil
	}
	c.end, c.step = c.stop[row], c.steps[row]
	hi, lo := intervalSpan(c.step)
	if hi == 0 && lo == 0 {
		return 0, false, stepIsZero()
	}
	c.down = hi < 0
	return c.start[row], c.within(c.start[row]), nil
}

func (c *timeSeries) after(v int64) (int64, bool, error) {
	v, err := plusInterval(v, c.step, c.zone)
	return v, err == nil && c.within(v), err
}

func (c *timeSeries) within(v int64) bool {
	if c.down {
		return v >= c.end
	}
	return v <= c.end
}

// The range of PostgreSQL's timestamps in microseconds since 1970: 4714-11-24 BC to 294276 AD. Infinities are beyond.
const (
	firstTimestamp = -210866803200000000
	endTimestamp   = 9223371331200000000
)

// plusInterval adds months, then days, then time, as PostgreSQL does; infinities stay.
func plusInterval(at int64, d arrow.MonthDayNanoInterval, zone *time.Location) (int64, error) {
	if at == math.MinInt64 || at == math.MaxInt64 {
		return at, nil
	}
	t := time.UnixMicro(at).In(zone)
	if d.Months != 0 {
		y, m, day := t.Date()
		last := time.Date(y, m+time.Month(d.Months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		t = time.Date(y, m+time.Month(d.Months), min(day, last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
	}
	if d.Days != 0 {
		t = t.AddDate(0, 0, int(d.Days))
	}
	out := t.UnixMicro()
	sum := out + d.Nanoseconds/1000
	if t.Year() > 294300 || t.Year() < -4800 || (sum > out) != (d.Nanoseconds/1000 > 0) && d.Nanoseconds/1000 != 0 ||
		sum < firstTimestamp || sum >= endTimestamp {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return sum, nil
}
