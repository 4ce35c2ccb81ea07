package formatting

import (
	"math"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// civil is a date and a time of day that have been checked.
type civil struct {
	year, month, day     int64 // year 0 is 1 BC
	hour, minute, second int64
	micros               int64
	zoneOffset           int64 // seconds east of UTC
	hasZone              bool
	fraction             int // digits below the second, 0 for all
}

// which parts of a date a text gave; the same bits as PostgreSQL's fmask.
type dateParts uint8

const (
	hasYear dateParts = 1 << iota
	hasMonth
	hasDay
	wholeDate = hasYear | hasMonth | hasDay
)

// Date reads a date, in days since 1970-01-01.
func (d *Datetime) Date(s string) (int32, error) {
	c, err := d.parse(s)
	if err != nil {
		return 0, err
	}
	return c.date(s)
}

func (c *civil) date(s string) (int32, error) {
	if !validJulian(c.year, c.month) {
		return 0, outOfRange("date out of range", s)
	}
	day := julian(c.year, c.month, c.day) - unixJulian
	if day < -unixJulian || day >= endDay {
		return 0, outOfRange("date out of range", s)
	}
	return int32(day), nil
}

// endDay is the day behind 5874897-12-31, the last date.
const endDay = 2147483494 - unixJulian

// validJulian bounds what has a Julian day: November 4714 BC to May 5874898.
func validJulian(year, month int64) bool {
	return (year > -4713 || year == -4713 && month >= 11) && (year < 5874898 || year == 5874898 && month < 6)
}

// Timestamp reads a point in time in µs since 1970 UTC; a text without a zone is local time in zone.
func (d *Datetime) Timestamp(s string, zone *time.Location) (int64, error) {
	c, err := d.parse(s)
	if err != nil {
		return 0, err
	}
	outOfRange := sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
	if !validJulian(c.year, c.month) {
		return 0, outOfRange
	}
	day := julian(c.year, c.month, c.day) - unixJulian
	seconds := c.hour*3600 + c.minute*60 + c.second
	offset := c.zoneOffset
	if !c.hasZone {
		offset = int64(datum.LocalOffset(zone, day*86400+seconds))
	}
	ts, ok := datum.TimestampOf(day, seconds*1_000_000+c.micros)
	if ok {
		ts, ok = datum.ShiftTimestamp(ts, -offset*1_000_000)
	}
	if !ok {
		return 0, outOfRange
	}
	if c.fraction == 0 {
		return ts, nil
	}
	return datum.RoundTimestamp(ts, int32(c.fraction))
}

// parse reads a text and makes one date and time of its fields.
func (d *Datetime) parse(s string) (civil, error) {
	return d.read(datetimeReader{in: s, s: s, nodes: d.nodes})
}

func (d *Datetime) read(r datetimeReader) (civil, error) {
	s := r.in
	if err := r.read(); err != nil {
		return civil{}, err
	}
	o := &r.out
	c := civil{month: 1, day: 1, fraction: o.fraction}
	if err := o.clock(&c); err != nil {
		return civil{}, err
	}
	have := o.date(&c)
	more, err := o.fromDayOfYear(&c)
	if err != nil {
		return civil{}, err
	}
	c.micros = o.millis*1000 + o.micros
	if !c.valid(have | more) {
		return civil{}, outOfRange("date/time field value out of range", s)
	}
	if o.zoneSign != 0 {
		if o.zoneHour < 0 || o.zoneHour > 15 || o.zoneMinute < 0 || o.zoneMinute >= 60 {
			return civil{}, sqlerr.New(invalidDisplacement, `time zone displacement out of range: "%s"`, s)
		}
		c.hasZone, c.zoneOffset = true, o.zoneSign*(o.zoneHour*3600+o.zoneMinute*60)
	}
	return c, nil
}

// invalidDisplacement is SQLSTATE invalid_time_zone_displacement_value.
const invalidDisplacement = "22009"

func (o *parsed) clock(c *civil) error {
	if o.secondOfDay != 0 {
		c.hour, c.minute, c.second = o.secondOfDay/3600, o.secondOfDay%3600/60, o.secondOfDay%60
	}
	if o.second != 0 {
		c.second = o.second
	}
	if o.minute != 0 {
		c.minute = o.minute
	}
	if o.hour != 0 {
		c.hour = o.hour
	}
	if !o.clock12 {
		return nil
	}
	if c.hour < 1 || c.hour > 12 {
		return invalid("hour \"%d\" is invalid for the 12-hour clock", c.hour).
			WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
	}
	switch {
	case o.pm && c.hour < 12:
		c.hour += 12
	case !o.pm && c.hour == 12:
		c.hour = 0
	}
	return nil
}

// date sets what was given of year, month and day, or all of them from a Julian day or a week.
func (o *parsed) date(c *civil) dateParts {
	have := o.setYear(c)
	if o.julian != 0 {
		c.setDay(o.julian - unixJulian)
		have |= wholeDate
	}
	if o.week != 0 {
		if o.mode == isoWeek {
			monday := isoWeekStart(c.year) + (o.week-1)*7
			switch {
			case o.weekday > 1:
				monday += o.weekday - 2
			case o.weekday != 0: // Sunday ends an ISO week
				monday += 6
			}
			c.setDay(monday)
			have |= wholeDate
		} else {
			o.dayOfYear = (o.week-1)*7 + 1
		}
	}
	if o.weekOfMonth != 0 {
		o.day = (o.weekOfMonth-1)*7 + 1
	}
	if o.day != 0 {
		c.day, have = o.day, have|hasDay
	}
	if o.month != 0 {
		c.month, have = o.month, have|hasMonth
	}
	return have
}

func (c *civil) setDay(day int64) { c.year, c.month, c.day = datum.CivilOf(day) }

// setYear: two digits belong to the century if one is given; a century alone is its first year.
func (o *parsed) setYear(c *civil) dateParts {
	century := o.century
	if o.bc {
		century = -century
	}
	switch {
	case o.year != 0 && century != 0 && o.yearDigits <= 2:
		switch c.year = o.year % 100; {
		case c.year != 0 && century >= 0:
			c.year += (century - 1) * 100
		case c.year != 0:
			c.year = (century+1)*100 - c.year + 1
		case century >= 0:
			c.year = century * 100
		default:
			c.year = century*100 + 1
		}
	case o.year != 0:
		c.year = o.year
		if o.bc {
			c.year = -c.year
		}
		if c.year < 0 {
			c.year++
		}
	case century > 0:
		c.year = (century-1)*100 + 1
	case century < 0:
		c.year = century*100 + 1
	default:
		return 0
	}
	return hasYear
}

// fromDayOfYear completes month and day.
func (o *parsed) fromDayOfYear(c *civil) (dateParts, error) {
	if o.dayOfYear == 0 || c.month > 1 && c.day > 1 {
		return 0, nil
	}
	if c.year == 0 && !o.bc {
		return 0, invalid("cannot calculate day of year without year information")
	}
	if o.mode == isoWeek {
		c.setDay(isoWeekStart(c.year) - 1 + o.dayOfYear)
		return wholeDate, nil
	}
	month, before := int64(1), int64(0)
	for month <= 12 && o.dayOfYear > before+datum.DaysIn(c.year, month) {
		before += datum.DaysIn(c.year, month)
		month++
	}
	if c.month <= 1 {
		c.month = month
	}
	if c.day <= 1 {
		c.day = o.dayOfYear - before
	}
	return hasMonth | hasDay, nil
}

// valid checks the date's given parts and the time of day.
func (c *civil) valid(have dateParts) bool {
	switch {
	case have&hasMonth != 0 && (c.month < 1 || c.month > 12), have&hasDay != 0 && (c.day < 1 || c.day > 31),
		have == wholeDate && c.day > datum.DaysIn(c.year, c.month):
		return false
	}
	return c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second < 60 &&
		c.micros >= 0 && c.micros < 1_000_000 && c.year > math.MinInt32
}
