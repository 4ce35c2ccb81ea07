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
func (s *tableFunctionStream) timeSeries(args []arrow.Array, t *types.Type) (rowSource, error) {
	at, stop := fixedView[int64](args[0].Data())[0], fixedView[int64](args[1].Data())[0]
	step := fixedView[arrow.MonthDayNanoInterval](args[2].Data())[0]
	hi, lo := intervalSpan(step)
	if hi == 0 && lo == 0 {
		return nil, stepIsZero()
	}
	zone := time.UTC
	if t.Kind == types.TimestampTZ && s.run.rt.Env.Zone != nil {
		zone = s.run.rt.Env.Zone
	}
	return func(limit int) ([]arrow.Array, error) {
		var out []int64
		for len(out) < limit && (hi >= 0 && at <= stop || hi < 0 && at >= stop) {
			out = append(out, at)
			var err error
			if at, err = plusInterval(at, step, zone); err != nil {
				return nil, err
			}
		}
		return []arrow.Array{fixedArray(t.Arrow(), out, nil)}, nil
	}, nil
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
