package datum

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// The parts of a date or time that were seen.
type parts uint32

const (
	hasYear parts = 1 << iota
	hasMonth
	hasDay
	hasDoy
	hasHour
	hasMinute
	hasSecond
	hasFraction
	hasZone
	hasDst
	hasAMPM
	hasEra
	hasDow
	hasOther

	hasDate = hasYear | hasMonth | hasDay
	hasTime = hasHour | hasMinute | hasSecond
)

// failure is why a text is no date, time or interval; each has its SQLSTATE and message (see datetimeError).
type failure uint8

const (
	fine failure = iota
	badFormat
	fieldOverflowed
	monthDayOverflowed
	zoneOverflowed
	badZone
	notConstant
	ambiguousZone
)

// civil is a broken-down date and time. Fraction is microseconds.
type civil struct {
	year, month, day               int64
	hour, minute, second, fraction int64
	doy                            int64
}

// decoder reads the fields of a date, time or timestamp with DateStyle ISO, MDY. It follows PostgreSQL's rules
// (DecodeDateTime and DecodeTimeOnly of src/backend/utils/adt/datetime.c): which field is what depends on those before.
type decoder struct {
	timeOnly     bool
	fields       []field
	seen         parts
	tm           civil
	pending      int // the unit that a preceding word gave to the next number
	textMonth    bool
	julian       bool
	shortYear    bool
	bc           bool
	ampm         int   // -1 none, 0 AM, 1 PM
	special      int   // wordEpoch, wordLate, wordEarly or 0
	offset       int64 // seconds east of UTC
	zone         *time.Location
	abbreviation string // the word behind zone, where its history decides
	unknownZone  string
}

func decodeDatetime(s string, timeOnly bool) (*decoder, failure) {
	fields, ok := splitFields(s)
	if !ok {
		return nil, badFormat
	}
	d := &decoder{timeOnly: timeOnly, fields: fields, ampm: -1}
	for i := range fields {
		got, fail := d.field(i)
		if fail != fine {
			return d, fail
		}
		if got&d.seen != 0 {
			return d, badFormat
		}
		d.seen |= got
	}
	return d, d.finish()
}

func (d *decoder) field(i int) (parts, failure) {
	f := d.fields[i]
	switch f.kind {
	case dateField:
		if d.timeOnly {
			return d.dateOfTime(i)
		}
		return d.date(f.text)
	case timeField:
		if d.pending != 0 {
			if d.pending != unitTime {
				return 0, badFormat
			}
			d.pending = 0
		}
		return hasTime | hasFraction, d.clock(f.text)
	case signedField:
		off, fail := decodeOffset(f.text)
		d.offset = off
		return hasZone, fail
	case numberField:
		return d.number(i)
	}
	return d.word(i)
}

// date reads a field with separators: a date, a time zone's name, a Julian day or a run-together time with a zone.
func (d *decoder) date(text string) (parts, failure) {
	switch {
	case d.pending == unitJulian:
		d.pending = 0
		n := digits(text)
		v, err := strconv.ParseInt(text[:n], 10, 32)
		if n == 0 || err != nil {
			return 0, fieldOverflowed
		}
		d.setJulian(v)
		off, fail := decodeOffset(text[n:])
		d.offset = off
		return hasDate | hasTime | hasFraction | hasZone, fail
	case d.pending != 0 || d.seen&(hasMonth|hasDay) == hasMonth|hasDay:
		if digit(text[0]) || d.pending != 0 {
			if d.pending != 0 && d.pending != unitTime || d.seen&hasTime == hasTime {
				return 0, badFormat
			}
			d.pending = 0
			return d.clockWithZone(text, d.seen)
		}
		return hasZone, d.setZone(text)
	}
	return d.dateParts(text)
}

// dateOfTime reads such a field where only a time is wanted: a date counts where a time stands beside it.
func (d *decoder) dateOfTime(i int) (parts, failure) {
	text, n := d.fields[i].text, len(d.fields)
	if i == 0 && n >= 2 && (d.fields[n-1].kind == dateField || d.fields[1].kind == timeField) {
		return d.dateParts(text)
	}
	if digit(text[0]) {
		return d.clockWithZone(text, d.seen|hasDate)
	}
	return hasZone, d.setZone(text)
}

// clockWithZone reads "040506-08" and "0405-08".
func (d *decoder) clockWithZone(text string, seen parts) (parts, failure) {
	at := strings.IndexByte(text, '-')
	if at < 0 {
		return 0, badFormat
	}
	off, fail := decodeOffset(text[at:])
	if fail != fine {
		return 0, fail
	}
	d.offset = off
	got, fail := d.runTogether(text[:at], seen)
	return got | hasZone, fail
}

func (d *decoder) setZone(name string) failure {
	d.zone = namedZone(name)
	if d.zone == nil {
		d.unknownZone = name
		return badZone
	}
	return fine
}

func (d *decoder) setJulian(v int64) {
	d.tm.year, d.tm.month, d.tm.day = CivilOf(v - unixJulian)
	d.julian = true
}

// dateParts reads "1999-01-08", "8-jan-99", "1/8/1999", "jan.8.1999".
func (d *decoder) dateParts(text string) (parts, failure) {
	words := splitDate(text)
	var got parts
	seen := d.seen
	note := func(p parts) failure {
		if seen&p != 0 {
			return badFormat
		}
		seen |= p
		got |= p
		return fine
	}
	textMonth := false
	for i, w := range words {
		if !letter(w[0]) {
			continue
		}
		k := dateWords[token(w)]
		if k.kind == ignoredWord {
			words[i] = ""
			continue
		}
		if k.kind != monthWord {
			return 0, badFormat
		}
		d.tm.month, textMonth, words[i] = int64(k.value), true, ""
		if fail := note(hasMonth); fail != fine {
			return 0, fail
		}
	}
	for _, w := range words {
		if w == "" {
			continue
		}
		p, fail := d.datePart(w, textMonth, seen)
		if fail == fine {
			fail = note(p)
		}
		if fail != fine {
			return 0, fail
		}
	}
	if seen&^(hasDoy|hasZone)&hasDate != hasDate || seen&^(hasDoy|hasZone|hasDate) != 0 {
		return 0, badFormat
	}
	return got, fine
}

// splitDate is the runs of digits and of letters in text, without what stands between them.
func splitDate(text string) []string {
	var out []string
	for text != "" {
		n := 0
		switch {
		case digit(text[0]):
			n = digits(text)
		case letter(text[0]):
			for n < len(text) && letter(text[n]) {
				n++
			}
		default:
			text = text[1:]
			continue
		}
		out = append(out, text[:n])
		if n < len(text) {
			// The character behind a field separates it, whatever it is.
			n++
		}
		text = text[n:]
	}
	return out
}

// datePart decides what one number of a date is, going by the parts seen before: year first where it has three or
// more digits, else month, day, year.
func (d *decoder) datePart(w string, textMonth bool, seen parts) (parts, failure) {
	n := digits(w)
	if n == 0 {
		return 0, badFormat
	}
	v, err := strconv.ParseInt(w[:n], 10, 32)
	if err != nil {
		return 0, fieldOverflowed
	}
	if n < len(w) && w[n] == '.' {
		if n > 2 {
			return d.runTogether(w, seen|hasDate)
		}
		if fail := d.setFraction(w[n:]); fail != fine {
			return 0, fail
		}
	} else if n < len(w) {
		return 0, badFormat
	}
	if len(w) == 3 && seen&hasDate == hasYear && v >= 1 && v <= 366 {
		d.tm.doy = v
		return hasDoy | hasMonth | hasDay, fine
	}
	got := whichPart(len(w), textMonth, d.shortYear, seen)
	switch got {
	case hasYear:
		d.tm.year, d.shortYear = v, len(w) <= 2
	case hasMonth:
		d.tm.month = v
	case hasDay:
		d.tm.day = v
	case hasDay | hasYear: // the first number was the day after all
		d.tm.day, d.tm.year, d.shortYear = d.tm.year, v, false
		got = hasDay
	case hasTime:
		return d.runTogether(w, seen)
	default:
		return 0, badFormat
	}
	return got, fine
}

func whichPart(width int, textMonth, shortYear bool, seen parts) parts {
	switch seen & hasDate {
	case 0:
		if width >= 3 {
			return hasYear
		}
		return hasMonth
	case hasYear, hasDay:
		return hasMonth
	case hasMonth:
		if textMonth && width >= 3 {
			return hasYear
		}
		return hasDay
	case hasYear | hasMonth:
		if textMonth && width >= 3 && shortYear {
			return hasDay | hasYear
		}
		return hasDay
	case hasMonth | hasDay:
		return hasYear
	case hasDate:
		return hasTime
	}
	return hasOther
}

// runTogether reads "19990108", "990108", "040506.789" and "0405".
func (d *decoder) runTogether(text string, seen parts) (parts, failure) {
	if at := strings.IndexByte(text, '.'); at >= 0 {
		if fail := d.setFraction(text[at:]); fail != fine {
			return 0, fail
		}
		text = text[:at]
	} else if seen&hasDate != hasDate && len(text) >= 6 {
		n := len(text)
		year, err := strconv.ParseInt(text[:n-4], 10, 32)
		if err != nil {
			return 0, fieldOverflowed
		}
		d.tm.year, d.tm.month, d.tm.day = year, number(text[n-4:n-2]), number(text[n-2:])
		d.shortYear = n == 6
		return hasDate, fine
	}
	if seen&hasTime == hasTime {
		return 0, badFormat
	}
	switch len(text) {
	case 6:
		d.tm.hour, d.tm.minute, d.tm.second = number(text[:2]), number(text[2:4]), number(text[4:])
	case 4:
		d.tm.hour, d.tm.minute, d.tm.second = number(text[:2]), number(text[2:4]), 0
	default:
		return 0, badFormat
	}
	return hasTime, fine
}

func number(s string) int64 {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return v
}

func (d *decoder) setFraction(s string) failure {
	f, ok := fraction(s)
	if !ok {
		return badFormat
	}
	d.tm.fraction = int64(math.RoundToEven(f * 1e6))
	return fine
}

// fraction reads ".5"; a lone point is zero.
func fraction(s string) (float64, bool) {
	if s == "." {
		return 0, true
	}
	if s == "" || s[0] != '.' || digits(s[1:]) != len(s)-1 {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
