package datum

import (
	"math"
	"strconv"
)

// isoInterval reads ISO 8601 durations: P1Y2M10DT2H30M, and the alternative forms P0001-02-03T04:05:06 and
// P00010203T040506.
type isoInterval struct {
	span
	rest  string
	start string // where the last number began
}

func decodeISOInterval(s string) (*span, failure) {
	if len(s) < 2 || s[0] != 'P' {
		return nil, badFormat
	}
	d := &isoInterval{rest: s[1:]}
	date, have := true, false
	for d.rest != "" {
		if d.rest[0] == 'T' {
			date, have = false, false
			d.rest = d.rest[1:]
			continue
		}
		val, frac, fail := d.number()
		if fail != fine {
			return nil, fail
		}
		unit := d.unit()
		var end ending
		if date {
			end, fail = d.datePart(unit, val, frac, have)
		} else {
			end, fail = d.timePart(unit, val, frac, have)
		}
		switch {
		case fail != fine:
			return nil, fail
		case end == done:
			return &d.span, fine
		case end == toTime:
			date, have = false, false
		default:
			have = true
		}
	}
	return &d.span, fine
}

// ending says what follows a part.
type ending uint8

const (
	more ending = iota
	toTime
	done
)

// unit takes the next character, 0 at the end.
func (d *isoInterval) unit() byte {
	if d.rest == "" {
		return 0
	}
	c := d.rest[0]
	d.rest = d.rest[1:]
	return c
}

// number takes what C's strtod would, split towards zero into whole part and fraction.
func (d *isoInterval) number() (int64, float64, failure) {
	s := d.rest
	d.start = s
	if s == "" || !digit(s[0]) && s[0] != '-' && s[0] != '.' {
		return 0, 0, badFormat
	}
	n := 0
	if s[0] == '-' {
		n = 1
	}
	n += digits(s[n:])
	if n < len(s) && s[n] == '.' {
		n += 1 + digits(s[n+1:])
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		m := n + 1
		if m < len(s) && (s[m] == '+' || s[m] == '-') {
			m++
		}
		if k := digits(s[m:]); k > 0 {
			n = m + k
		}
	}
	v, err := strconv.ParseFloat(s[:n], 64)
	if err != nil && v == 0 {
		return 0, 0, badFormat
	}
	if err != nil || v < -1e15 || v > 1e15 {
		return 0, 0, fieldOverflowed
	}
	d.rest = s[n:]
	whole := math.Trunc(v)
	return int64(whole), v - whole, fine
}

// width is the number of digits of the whole number that was read last.
func (d *isoInterval) width() int {
	s := d.start
	if s[0] == '-' {
		s = s[1:]
	}
	return digits(s)
}

func check(ok bool) failure {
	if ok {
		return fine
	}
	return fieldOverflowed
}

func endOf(unit byte) ending {
	if unit == 0 {
		return done
	}
	return toTime
}

func (d *isoInterval) datePart(unit byte, val int64, frac float64, have bool) (ending, failure) {
	switch unit {
	case 'Y':
		return more, check(d.addYears(val, frac, 1))
	case 'M':
		return more, check(d.addMonths(val, frac))
	case 'W':
		return more, check(d.addDays(val, frac, 7))
	case 'D':
		return more, check(d.addDays(val, frac, 1))
	case 'T', 0:
		if d.width() == 8 && !have {
			ok := d.addYears(val/10000, 0, 1) && d.addMonths(val/100%100, 0) && d.addDays(val%100, frac, 1)
			return endOf(unit), check(ok)
		}
	case '-':
	default:
		return 0, badFormat
	}
	if have {
		return 0, badFormat
	}
	if !d.addYears(val, frac, 1) {
		return 0, fieldOverflowed
	}
	if unit != '-' {
		return endOf(unit), fine
	}
	return d.monthAndDay()
}

func (d *isoInterval) monthAndDay() (ending, failure) {
	val, frac, fail := d.number()
	if fail != fine {
		return 0, fail
	}
	if !d.addMonths(val, frac) {
		return 0, fieldOverflowed
	}
	unit := d.unit()
	if unit == 0 || unit == 'T' {
		return endOf(unit), fine
	}
	if unit != '-' {
		return 0, badFormat
	}
	if val, frac, fail = d.number(); fail != fine {
		return 0, fail
	}
	if !d.addDays(val, frac, 1) {
		return 0, fieldOverflowed
	}
	unit = d.unit()
	if unit == 0 || unit == 'T' {
		return endOf(unit), fine
	}
	return 0, badFormat
}

func (d *isoInterval) timePart(unit byte, val int64, frac float64, have bool) (ending, failure) {
	switch unit {
	case 'H':
		return more, check(d.addMicros(val, frac, microsPerHour))
	case 'M':
		return more, check(d.addMicros(val, frac, microsPerMinute))
	case 'S':
		return more, check(d.addMicros(val, frac, microsPerSecond))
	case 0:
		if d.width() == 6 && !have {
			ok := d.addMicros(val/10000, 0, microsPerHour) && d.addMicros(val/100%100, 0, microsPerMinute) &&
				d.addMicros(val%100, frac, microsPerSecond)
			return done, check(ok)
		}
	case ':':
	default:
		return 0, badFormat
	}
	if have {
		return 0, badFormat
	}
	if !d.addMicros(val, frac, microsPerHour) {
		return 0, fieldOverflowed
	}
	if unit == 0 {
		return done, fine
	}
	return done, d.minuteAndSecond()
}

func (d *isoInterval) minuteAndSecond() failure {
	val, frac, fail := d.number()
	if fail != fine {
		return fail
	}
	if !d.addMicros(val, frac, microsPerMinute) {
		return fieldOverflowed
	}
	unit := d.unit()
	if unit == 0 {
		return fine
	}
	if unit != ':' {
		return badFormat
	}
	if val, frac, fail = d.number(); fail != fine {
		return fail
	}
	if !d.addMicros(val, frac, microsPerSecond) {
		return fieldOverflowed
	}
	if d.rest != "" {
		return badFormat
	}
	return fine
}
