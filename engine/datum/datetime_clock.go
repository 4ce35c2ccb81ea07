package datum

import (
	"math"
	"strconv"
	"strings"
)

// clock reads "04:05", "04:05:06.789" and "05:06.789" (minutes and seconds).
func (d *decoder) clock(text string) failure {
	c, fail := decodeClock(text, false)
	if fail != fine {
		return fail
	}
	d.tm.hour, d.tm.minute, d.tm.second, d.tm.fraction = c.hour, c.minute, c.second, c.fraction
	if timeOverflows(c) {
		return fieldOverflowed
	}
	return fine
}

func decodeClock(text string, minuteToSecond bool) (c civil, fail failure) {
	p := strings.SplitN(text, ":", 4)
	if len(p) > 3 || len(p) < 2 {
		return c, badFormat
	}
	last, frac := len(p)-1, ""
	if at := strings.IndexByte(p[last], '.'); at >= 0 {
		p[last], frac = p[last][:at], p[last][at:]
	}
	var v [3]int64
	for i, s := range p {
		if strings.ContainsRune(s, '.') {
			return c, badFormat
		}
		bits := 32
		if i == 0 {
			bits = 64
		}
		n, err := strconv.ParseInt(s, 10, bits)
		if s != "" && err != nil {
			return c, fieldOverflowed
		}
		v[i] = n
	}
	c.hour, c.minute, c.second = v[0], v[1], v[2]
	if len(p) == 2 && (frac != "" || minuteToSecond) {
		c.hour, c.minute, c.second = 0, v[0], v[1]
	}
	if frac != "" {
		f, ok := fraction(frac)
		if !ok {
			return c, badFormat
		}
		c.fraction = int64(math.RoundToEven(f * 1e6))
	}
	if c.minute > 59 || c.second > 60 {
		return c, fieldOverflowed
	}
	return c, fine
}

// timeOverflows says whether a time of day is beyond 24:00:00.
func timeOverflows(c civil) bool {
	return c.hour > 24 || c.minute > 59 || c.second > 60 || clockMicros(c) > microsPerDay
}

func clockMicros(c civil) int64 {
	return ((c.hour*60+c.minute)*60+c.second)*microsPerSecond + c.fraction
}

// decodeOffset reads "+05:30", "-8", "+0530", "-04:56:02" as seconds east of UTC.
func decodeOffset(s string) (int64, failure) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, badFormat
	}
	rest := s[1:]
	next := func() (int64, failure) {
		n := digits(rest)
		v, err := strconv.ParseInt(rest[:n], 10, 32)
		rest = rest[n:]
		if n > 0 && err != nil {
			return 0, zoneOverflowed
		}
		return v, fine
	}
	hour, fail := next()
	var minute, second int64
	if fail == fine && strings.HasPrefix(rest, ":") {
		rest = rest[1:]
		minute, fail = next()
		if fail == fine && strings.HasPrefix(rest, ":") {
			rest = rest[1:]
			second, fail = next()
		}
	} else if rest == "" && len(s) > 3 {
		hour, minute = hour/100, hour%100
	}
	switch {
	case fail != fine:
		return 0, fail
	case hour > 15 || minute > 59 || second > 59:
		return 0, zoneOverflowed
	case rest != "":
		return 0, badFormat
	}
	off := (hour*60+minute)*60 + second
	if s[0] == '-' {
		off = -off
	}
	return off, fine
}
