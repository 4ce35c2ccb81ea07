package eval

import (
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	const zoned = "time with time zone"
	register(implementations{
		"datetimetz_pl": byRow2(dateAtZone), "datetimetz_timestamptz": byRow2(dateAtZone),
		"timetzdate_pl": byRow2(func(c *call, t string, d int32) (int64, error) { return dateAtZone(c, d, t) }),
		"timetz_pl_interval": toText2(func(_ *call, dst []byte, t string, v storedInterval) ([]byte, error) {
			return moveTimeTZ(dst, t, v.Nanoseconds/1000), nil
		}),
		"interval_pl_timetz": toText2(func(_ *call, dst []byte, v storedInterval, t string) ([]byte, error) {
			return moveTimeTZ(dst, t, v.Nanoseconds/1000), nil
		}),
		"timetz_mi_interval": toText2(func(_ *call, dst []byte, t string, v storedInterval) ([]byte, error) {
			return moveTimeTZ(dst, t, -(v.Nanoseconds / 1000)), nil
		}),
		"timetz_zone": toText2(func(c *call, dst []byte, zone, t string) ([]byte, error) {
			loc, err := datum.LoadZone(zone)
			if err != nil {
				return dst, err
			}
			return timeAtOffset(dst, t, int64(datum.ZoneOffset(loc, floorDiv64(c.env.Now, secondMicros)))), nil
		}),
		"timetz_izone": toText2(func(_ *call, dst []byte, zone storedInterval, t string) ([]byte, error) {
			off, err := intervalZone(zone)
			if err != nil {
				return dst, err
			}
			return timeAtOffset(dst, t, off), nil
		}),
		"extract_timetz": fieldNumeric(zoned, timeTZPart), "timetz_part": fieldFloat(zoned, timeTZPart),
		"datetime_timestamp":   byRow2(dateAndTime),
		"datetime_timestamptz": byRow2(dateTimeInZone),
		"timeofday": fixed(clock(func(c *call) any {
			return time.Now().In(c.zone()).Format("Mon Jan 02 15:04:05.000000 2006 MST")
		})),
	})
}

// dateAtZone is the instant of a time with a zone on a date.
func dateAtZone(c *call, d int32, t string) (int64, error) {
	micros, offset := datum.SplitTimeTZ(t)
	ts, err := datum.DateTimestamp(int64(d))
	if err != nil || datum.Infinite(ts) {
		return ts, err
	}
	sum, ok := datum.ShiftTimestamp(ts, micros-offset*secondMicros)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return sum, nil
}

// dateTimeInZone is the instant of a time on a date in the session's zone.
func dateTimeInZone(c *call, d int32, t int64) (int64, error) {
	ts, err := dateAndTime(c, d, t)
	if err != nil || datum.Infinite(ts) {
		return ts, err
	}
	return shiftZone(ts, -int64(datum.LocalOffset(c.zone(), floorDiv64(ts, secondMicros))))
}

func moveTimeTZ(dst []byte, t string, micros int64) []byte {
	at, offset := datum.SplitTimeTZ(t)
	return append(dst, datum.TimeTZ(wrapTime(at, micros), offset)...)
}

// timeAtOffset is the same time as clocks at another offset show it.
func timeAtOffset(dst []byte, t string, offset int64) []byte {
	at, from := datum.SplitTimeTZ(t)
	at += (offset - from) * secondMicros
	for at < 0 {
		at += dayMicros
	}
	return append(dst, datum.TimeTZ(at%dayMicros, offset)...)
}

func timeTZPart(_ *call, f dateField, t string) (fieldValue, int, bool) {
	at, offset := datum.SplitTimeTZ(t)
	switch f {
	case fieldEpoch:
		return fieldValue{v: at - offset*secondMicros, scale: 6}, 0, true
	case fieldTimezone:
		return fieldValue{v: offset}, 0, true
	case fieldTimezoneHour:
		return fieldValue{v: offset / 3600}, 0, true
	case fieldTimezoneMinute:
		return fieldValue{v: offset / 60 % 60}, 0, true
	}
	x, ok := clockField(f, at)
	return x, 0, ok
}
