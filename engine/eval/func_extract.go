package eval

import (
	"math"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// dateField is a field of a date, time or interval that extract, date_part and date_trunc know.
type dateField uint8

const (
	noField dateField = iota
	fieldMicroseconds
	fieldMilliseconds
	fieldSecond
	fieldMinute
	fieldHour
	fieldDay
	fieldWeek
	fieldMonth
	fieldQuarter
	fieldYear
	fieldDecade
	fieldCentury
	fieldMillennium
	fieldDow
	fieldISODow
	fieldDoy
	fieldISOYear
	fieldJulian
	fieldEpoch
	fieldTimezone
	fieldTimezoneHour
	fieldTimezoneMinute
)

// fieldNames are PostgreSQL's spellings; it compares at most ten characters.
var fieldNames = map[string]dateField{
	"microsecon": fieldMicroseconds, "us": fieldMicroseconds, "usec": fieldMicroseconds, "usecs": fieldMicroseconds,
	"useconds": fieldMicroseconds, "millisecon": fieldMilliseconds, "ms": fieldMilliseconds, "msec": fieldMilliseconds,
	"msecs": fieldMilliseconds, "mseconds": fieldMilliseconds, "s": fieldSecond, "sec": fieldSecond, "secs": fieldSecond,
	"second": fieldSecond, "seconds": fieldSecond, "m": fieldMinute, "min": fieldMinute, "mins": fieldMinute,
	"minute": fieldMinute, "minutes": fieldMinute, "h": fieldHour, "hr": fieldHour, "hrs": fieldHour, "hour": fieldHour,
	"hours": fieldHour, "d": fieldDay, "day": fieldDay, "days": fieldDay, "w": fieldWeek, "week": fieldWeek,
	"weeks": fieldWeek, "mon": fieldMonth, "mons": fieldMonth, "month": fieldMonth, "months": fieldMonth,
	"qtr": fieldQuarter, "quarter": fieldQuarter, "y": fieldYear, "yr": fieldYear, "yrs": fieldYear, "year": fieldYear,
	"years": fieldYear, "dec": fieldDecade, "decs": fieldDecade, "decade": fieldDecade, "decades": fieldDecade,
	"c": fieldCentury, "cent": fieldCentury, "century": fieldCentury, "centuries": fieldCentury, "mil": fieldMillennium,
	"mils": fieldMillennium, "millennium": fieldMillennium, "millennia": fieldMillennium, "dow": fieldDow,
	"isodow": fieldISODow, "doy": fieldDoy, "isoyear": fieldISOYear, "j": fieldJulian, "jd": fieldJulian,
	"julian": fieldJulian, "epoch": fieldEpoch, "timezone": fieldTimezone, "timezone_h": fieldTimezoneHour,
	"timezone_m": fieldTimezoneMinute,
}

func fieldNamed(name, typeName string) (dateField, error) {
	lower := strings.ToLower(name)
	f := fieldNames[lower[:min(len(lower), 10)]]
	if f == noField {
		return f, fieldUnknown(name, typeName)
	}
	return f, nil
}

func fieldUnknown(name, typeName string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "unit \"%s\" not recognized for type %s", strings.ToLower(name), typeName)
}

func fieldUnsupported(name, typeName string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", strings.ToLower(name), typeName)
}

// monotonic says whether infinity has the field, and then as infinity; the others are NULL.
func (f dateField) monotonic() bool {
	switch f {
	case fieldYear, fieldDecade, fieldCentury, fieldMillennium, fieldJulian, fieldISOYear, fieldEpoch:
		return true
	}
	return false
}

// fieldValue is a field's value × 10^scale; a Julian date with a time of day has its fraction in rest, in microseconds.
type fieldValue struct {
	v     int64
	scale int32
	rest  int64
}

// dayField is a field of a day number; ok is false when a day has no such field.
func dayField(f dateField, day int64) (v int64, ok bool) {
	switch f {
	case fieldDow:
		return (day%7 + 11) % 7, true
	case fieldISODow:
		return (day%7+10)%7 + 1, true
	case fieldJulian:
		return day + 2440588, true
	}
	y, m, d := datum.CivilOf(day)
	switch f {
	case fieldDay:
		return d, true
	case fieldMonth:
		return m, true
	case fieldQuarter:
		return (m-1)/3 + 1, true
	case fieldYear:
		if y <= 0 {
			y--
		}
		return y, true
	case fieldDecade:
		return floorDiv64(y, 10), true
	case fieldCentury:
		return period(y, 100), true
	case fieldMillennium:
		return period(y, 1000), true
	case fieldDoy:
		return day - datum.DaysOf(y, 1, 1) + 1, true
	case fieldWeek:
		_, w := isoWeek(day)
		return w, true
	case fieldISOYear:
		if y, _ = isoWeek(day); y <= 0 {
			y--
		}
		return y, true
	}
	return 0, false
}

func floorDiv64(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// period is the century or millennium of a year: there is none with the number 0.
func period(y, n int64) int64 {
	if y > 0 {
		return (y + n - 1) / n
	}
	return -((n - 1 - (y - 1)) / n)
}

// isoWeek is the ISO 8601 year, astronomical, and week of a day.
func isoWeek(day int64) (year, week int64) {
	thursday := day + 4 - ((day%7+10)%7 + 1)
	y, _, _ := datum.CivilOf(thursday)
	return y, (thursday-datum.DaysOf(y, 1, 1))/7 + 1
}

// clockField is a field of the microseconds into a day, or of an interval's time.
func clockField(f dateField, micros int64) (fieldValue, bool) {
	switch f {
	case fieldMicroseconds:
		return fieldValue{v: micros % (60 * secondMicros)}, true
	case fieldMilliseconds:
		return fieldValue{v: micros % (60 * secondMicros), scale: 3}, true
	case fieldSecond:
		return fieldValue{v: micros % (60 * secondMicros), scale: 6}, true
	case fieldMinute:
		return fieldValue{v: micros / (60 * secondMicros) % 60}, true
	case fieldHour:
		return fieldValue{v: micros / (3600 * secondMicros)}, true
	}
	return fieldValue{}, false
}

// stampField is a field of a local time.
func stampField(f dateField, ts int64) (fieldValue, bool) {
	if f == fieldEpoch {
		return fieldValue{v: ts, scale: 6}, true
	}
	day, rest := datum.SplitDay(ts)
	if v, ok := clockField(f, rest); ok {
		return v, true
	}
	v, ok := dayField(f, day)
	if f == fieldJulian {
		return fieldValue{v: v, rest: rest, scale: -1}, ok
	}
	return fieldValue{v: v}, ok
}

// intervalField is a field of an interval.
func intervalField(f dateField, v datum.Interval) (fieldValue, bool) {
	years, months := int64(v.Months/12), int64(v.Months%12)
	switch f {
	case fieldDay:
		return fieldValue{v: int64(v.Days)}, true
	case fieldMonth:
		return fieldValue{v: months}, true
	case fieldQuarter:
		return fieldValue{v: months/3 + 1}, true
	case fieldYear:
		return fieldValue{v: years}, true
	case fieldDecade:
		return fieldValue{v: years / 10}, true
	case fieldCentury:
		return fieldValue{v: years / 100}, true
	case fieldMillennium:
		return fieldValue{v: years / 1000}, true
	case fieldEpoch:
		// A year counts 365.25 days: quarters of days keep it whole. The sum is within int64 where time is.
		seconds := (years*1461 + months*120 + int64(v.Days)*4) * 21600
		return fieldValue{v: seconds, rest: v.Micros, scale: -2}, true
	}
	return clockField(f, v.Micros)
}

// num is the field as extract gives it.
func (x fieldValue) num() (numeric.Num, error) {
	switch x.scale {
	case -1: // a Julian date
		whole := numeric.FromInt64(x.v, 0)
		if x.rest == 0 {
			return julianSum(whole, numeric.FromInt64(0, 0))
		}
		return julianSum(whole, numeric.FromInt64(x.rest, 0))
	case -2: // seconds and microseconds
		a, err := numeric.Mul(numeric.FromInt64(x.v, 0), numeric.FromInt64(1, 0))
		if err != nil {
			return a, err
		}
		return numeric.Add(a, numeric.FromInt64(x.rest, 6))
	}
	return numeric.FromInt64(x.v, x.scale), nil
}

func julianSum(whole, micros numeric.Num) (numeric.Num, error) {
	f, err := numeric.Div(micros, numeric.FromInt64(dayMicros, 0))
	if err != nil {
		return f, err
	}
	return numeric.Add(whole, f)
}

// float is the field as date_part gives it.
func (x fieldValue) float() float64 {
	switch x.scale {
	case -1:
		return float64(x.v) + float64(x.rest)/float64(dayMicros)
	case -2:
		return float64(x.v) + float64(x.rest)/1e6
	case 3:
		return float64(x.v) / 1000
	case 6:
		return float64(x.v) / 1e6
	}
	return float64(x.v)
}

// infiniteField is a field of an infinite date or timestamp: sign × Infinity, or NULL.
func infiniteField(f dateField, negative bool) (float64, error) {
	if !f.monotonic() {
		return 0, ErrNull
	}
	if negative {
		return math.Inf(-1), nil
	}
	return math.Inf(1), nil
}
