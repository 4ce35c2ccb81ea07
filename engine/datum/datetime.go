package datum

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func datetimeError(fail failure, d *decoder, typeName, s string) error {
	switch fail {
	case fieldOverflowed:
		return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", s)
	case monthDayOverflowed:
		return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", s).
			WithHint("Dates are read as month/day/year; write them as YYYY-MM-DD.")
	case zoneOverflowed:
		return sqlerr.New("22009", "time zone displacement out of range: \"%s\"", s)
	case badZone:
		if strings.ContainsAny(d.unknownZone, "0123456789+") {
			return sqlerr.Unsupported("the time zone specification \"" + d.unknownZone + "\"")
		}
		return unknownZone(d.unknownZone)
	case notConstant:
		return sqlerr.New(sqlerr.FeatureNotSupported, "the time-dependent input \"%s\" for type %s is not supported", s, typeName).
			WithHint("Use current_date, current_timestamp or now().")
	case ambiguousZone:
		return sqlerr.New(sqlerr.FeatureNotSupported, "the time zone abbreviation in \"%s\" is not supported at that time", s).
			WithHint("Write the offset or the zone's full name.")
	}
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typeName, s)
}

func parseDate(s string, _ *time.Location) (any, error) {
	d, fail := decodeDatetime(s, false)
	if fail != fine {
		return nil, datetimeError(fail, d, "date", s)
	}
	switch d.special {
	case wordEpoch:
		return int64(0), nil
	case wordLate:
		return DateInfinity, nil
	case wordEarly:
		return DateNegInfinity, nil
	}
	days := DaysOf(d.tm.year, d.tm.month, d.tm.day)
	if days < minDay || days >= endDay {
		return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range: \"%s\"", s)
	}
	return days, nil
}

func parseTimestamp(t *types.Type, s string, zone *time.Location) (any, error) {
	name := "timestamp"
	if t.Kind == types.TimestampTZ {
		name = "timestamp with time zone"
	}
	d, fail := decodeDatetime(s, false)
	if fail != fine {
		return nil, datetimeError(fail, d, name, s)
	}
	switch d.special {
	case wordEpoch:
		return int64(0), nil
	case wordLate:
		return TimestampInfinity, nil
	case wordEarly:
		return TimestampNegInfinity, nil
	}
	day, micros := DaysOf(d.tm.year, d.tm.month, d.tm.day), clockMicros(d.tm)
	if day < minDay-1 || day > TimestampInfinity/microsPerDay {
		return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range: \"%s\"", s)
	}
	if t.Kind == types.TimestampTZ {
		off, fail := d.offsetAt(zoneOrUTC(zone), day*secondsPerDay+micros/microsPerSecond)
		if fail != fine {
			return nil, datetimeError(fail, d, name, s)
		}
		micros -= off * microsPerSecond
	}
	local, ok := ShiftTimestamp(day*microsPerDay, micros)
	if !ok {
		return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range: \"%s\"", s)
	}
	return RoundTimestamp(local, t.Mod)
}

// TimestampOf is the timestamp of a day number and the microseconds into it (which may be 24 hours); false beyond
// timestamp's range.
func TimestampOf(day, micros int64) (int64, bool) {
	if day < minDay || day > TimestampInfinity/microsPerDay {
		return 0, false
	}
	return ShiftTimestamp(day*microsPerDay, micros)
}

// ShiftTimestamp is a finite timestamp plus microseconds; false beyond timestamp's range.
func ShiftTimestamp(ts, micros int64) (int64, bool) {
	sum := ts + micros
	if micros > 0 && sum < ts || micros < 0 && sum > ts {
		return 0, false
	}
	return sum, sum >= minTimestamp && sum != TimestampInfinity
}

// RoundTimestamp rounds a finite timestamp to the fractional digits of a modifier, half away from zero as counted
// from 2000-01-01; a negative modifier leaves it.
func RoundTimestamp(ts int64, mod int32) (int64, error) {
	if mod < 0 || mod >= 6 || ts == TimestampInfinity || ts == TimestampNegInfinity {
		return ts, nil
	}
	r := roundMicros(ts-epoch2000, mod) + epoch2000
	if r < minTimestamp {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return r, nil
}

// epoch2000 is 2000-01-01, the zero of PostgreSQL's timestamps.
const epoch2000 = 10957 * microsPerDay

// roundMicros rounds to mod fractional digits, half away from zero.
func roundMicros(v int64, mod int32) int64 {
	if mod < 0 || mod >= 6 {
		return v
	}
	unit := int64(1)
	for range 6 - mod {
		unit *= 10
	}
	if v < 0 {
		return -((-v + unit/2) / unit * unit)
	}
	return (v + unit/2) / unit * unit
}

// offsetAt is the offset in seconds east of UTC that the text gave, or that zone has at that local time in seconds.
func (d *decoder) offsetAt(zone *time.Location, seconds int64) (int64, failure) {
	switch {
	case d.zone != nil:
		off := LocalOffset(d.zone, seconds)
		if d.abbreviation != "" {
			var name string
			name, off = time.Unix(seconds-int64(off), 0).In(d.zone).Zone()
			if !strings.EqualFold(name, d.abbreviation) && name[0] != '+' && name[0] != '-' {
				return 0, ambiguousZone
			}
		}
		return int64(off), fine
	case d.seen&hasZone != 0:
		return d.offset, fine
	}
	return int64(LocalOffset(zone, seconds)), fine
}

func parseTime(t *types.Type, s string, _ *time.Location) (any, error) {
	d, fail := decodeDatetime(s, true)
	if fail == fine && d.zone != nil && d.abbreviation == "" && d.seen&hasDate != hasDate {
		_, fail = fixedOffset(d.zone)
	}
	if fail != fine {
		return nil, datetimeError(fail, d, "time", s)
	}
	return roundMicros(clockMicros(d.tm), t.Mod), nil
}

func parseTimeTZ(t *types.Type, s string, zone *time.Location) (any, error) {
	const name = "time with time zone"
	d, fail := decodeDatetime(s, true)
	if fail != fine {
		return nil, datetimeError(fail, d, name, s)
	}
	var off int64
	switch {
	case d.seen&hasDate == hasDate:
		local := DaysOf(d.tm.year, d.tm.month, d.tm.day)*secondsPerDay + clockMicros(d.tm)/microsPerSecond
		off, fail = d.offsetAt(zoneOrUTC(zone), local)
	case d.abbreviation != "":
		fail = notConstant
	case d.zone != nil:
		off, fail = fixedOffset(d.zone)
	case d.seen&hasZone != 0:
		off = d.offset
	default:
		// The session zone's offset would be today's: only a zone that never changes has one.
		if off, fail = fixedOffset(zoneOrUTC(zone)); fail != fine {
			fail = notConstant
		}
	}
	if fail != fine {
		return nil, datetimeError(fail, d, name, s)
	}
	micros := roundMicros(clockMicros(d.tm), t.Mod)
	return string(appendOffset(AppendTime(nil, micros), off)), nil
}

// fixedOffset is the offset of a zone that has only ever one.
func fixedOffset(zone *time.Location) (int64, failure) {
	first := time.Unix(-1<<40, 0).In(zone)
	if _, end := first.ZoneBounds(); !end.IsZero() {
		return 0, badFormat
	}
	_, off := first.Zone()
	return int64(off), fine
}

// AppendDate adds a date in ISO form: 1999-01-08, 0044-03-15 BC, infinity.
func AppendDate(dst []byte, days int64) []byte {
	switch days {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateNegInfinity:
		return append(dst, "-infinity"...)
	}
	dst, bc := appendCivil(dst, days)
	return append(dst, bc...)
}

// appendCivil adds the date without its era, which it returns.
func appendCivil(dst []byte, days int64) ([]byte, string) {
	y, m, d := CivilOf(days)
	bc := ""
	if y <= 0 {
		y, bc = 1-y, " BC"
	}
	dst = appendPaddedInt(dst, y, 4)
	dst = appendPaddedInt(append(dst, '-'), m, 2)
	return appendPaddedInt(append(dst, '-'), d, 2), bc
}

func appendPaddedInt(dst []byte, v int64, width int) []byte {
	var b [20]byte
	i := len(b)
	for v > 0 || width > 0 {
		i--
		b[i] = '0' + byte(v%10)
		v /= 10
		width--
	}
	return append(dst, b[i:]...)
}

// AppendTime adds a time of day, microseconds since midnight: 04:05:06.789, 24:00:00.
func AppendTime(dst []byte, micros int64) []byte {
	dst = appendPaddedInt(dst, micros/microsPerHour, 2)
	dst = appendPaddedInt(append(dst, ':'), micros/microsPerMinute%60, 2)
	return appendSeconds(append(dst, ':'), micros%microsPerMinute)
}

// appendSeconds adds seconds in two digits and the fraction without trailing zeros.
func appendSeconds(dst []byte, micros int64) []byte {
	dst = appendPaddedInt(dst, micros/microsPerSecond, 2)
	if frac := micros % microsPerSecond; frac != 0 {
		dst = appendPaddedInt(append(dst, '.'), frac, 6)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

// AppendTimestamp adds a timestamp in ISO form: 1999-01-08 04:05:06.789, 0044-03-15 00:00:00 BC, infinity.
func AppendTimestamp(dst []byte, ts int64) []byte {
	return appendStamp(dst, ts, nil)
}

// AppendTimestampTZ adds a timestamptz as clocks in zone (nil: UTC) showed it, with the offset: 1999-01-08 04:05:06+00.
func AppendTimestampTZ(dst []byte, ts int64, zone *time.Location) []byte {
	return appendStamp(dst, ts, zoneOrUTC(zone))
}

func appendStamp(dst []byte, ts int64, zone *time.Location) []byte {
	switch ts {
	case TimestampInfinity:
		return append(dst, "infinity"...)
	case TimestampNegInfinity:
		return append(dst, "-infinity"...)
	}
	off := 0
	if zone != nil {
		off = ZoneOffset(zone, floorDiv(ts, microsPerSecond))
	}
	day, rest := SplitDay(ts)
	// The offset goes to the parts: their sum may be beyond int64.
	rest += int64(off) * microsPerSecond
	shift, rest := SplitDay(rest)
	dst, bc := appendCivil(dst, day+shift)
	dst = AppendTime(append(dst, ' '), rest)
	if zone != nil {
		dst = appendOffset(dst, int64(off))
	}
	return append(dst, bc...)
}

// appendOffset adds +05, +05:30 or -04:56:02.
func appendOffset(dst []byte, off int64) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = appendPaddedInt(append(dst, sign), off/3600, 2)
	if off%3600 != 0 {
		dst = appendPaddedInt(append(dst, ':'), off/60%60, 2)
	}
	if off%60 != 0 {
		dst = appendPaddedInt(append(dst, ':'), off%60, 2)
	}
	return dst
}

// SplitTimeTZ takes the datum of a timetz apart: microseconds of the day and seconds east of UTC.
func SplitTimeTZ(s string) (micros, offset int64) { return splitTimeTZ(s) }

// TimeTZ is the datum of a time of day in microseconds at an offset in seconds east of UTC.
func TimeTZ(micros, offset int64) string {
	return string(appendOffset(AppendTime(nil, micros), offset))
}
