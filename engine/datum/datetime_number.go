package datum

import (
	"strconv"
	"strings"
	"time"
)

// number reads a field of digits: what a word before it said it is, else what its width and the parts before say.
func (d *decoder) number(i int) (parts, failure) {
	text := d.fields[i].text
	if d.pending != 0 {
		unit := d.pending
		d.pending = 0
		return d.labelled(unit, text)
	}
	point := strings.IndexByte(text, '.')
	if d.timeOnly {
		return d.timeNumber(i, text, point)
	}
	switch {
	case point >= 0 && d.seen&hasDate == 0:
		return d.dateParts(text)
	case point > 2:
		return d.runTogether(text, d.seen)
	case len(text) >= 6 && (d.seen&hasDate == 0 || d.seen&hasTime == 0):
		return d.runTogether(text, d.seen)
	}
	return d.datePart(text, d.textMonth, d.seen)
}

func (d *decoder) timeNumber(i int, text string, point int) (parts, failure) {
	n := len(d.fields)
	switch {
	case point >= 0 && i == 0 && n >= 2 && d.fields[n-1].kind == dateField:
		return d.dateParts(text)
	case point > 2, point < 0 && len(text) > 4:
		return d.runTogether(text, d.seen|hasDate)
	case point >= 0:
		return 0, badFormat
	}
	return d.datePart(text, false, d.seen|hasDate)
}

// labelled reads the number behind "y", "m", "d", "j", "t" and the like.
func (d *decoder) labelled(unit int, text string) (parts, failure) {
	n := digits(text)
	v, err := strconv.ParseInt(text[:n], 10, 32)
	if n > 0 && err != nil {
		return 0, fieldOverflowed
	}
	if n < len(text) && text[n] != '.' {
		return 0, badFormat
	}
	switch unit {
	case unitYear:
		d.tm.year = v
		return hasYear, fine
	case unitMonth:
		if d.seen&hasMonth != 0 && d.seen&hasHour != 0 {
			d.tm.minute = v
			return hasMinute, fine
		}
		d.tm.month = v
		return hasMonth, fine
	case unitDay:
		d.tm.day = v
		return hasDay, fine
	case unitHour:
		d.tm.hour = v
		return hasHour, fine
	case unitMinute:
		d.tm.minute = v
		return hasMinute, fine
	case unitSecond:
		d.tm.second = v
		if n < len(text) {
			return hasSecond | hasFraction, d.setFraction(text[n:])
		}
		return hasSecond, fine
	case unitJulian:
		return d.julianDay(v, text[n:])
	case unitTime:
		got, fail := d.runTogether(text, d.seen|hasDate)
		if fail == fine && got != hasTime {
			fail = badFormat
		}
		return got, fail
	}
	return 0, badFormat
}

func (d *decoder) julianDay(v int64, frac string) (parts, failure) {
	d.setJulian(v)
	if frac == "" {
		return hasDate, fine
	}
	f, ok := fraction(frac)
	if !ok {
		return 0, badFormat
	}
	micros := int64(f * float64(microsPerDay))
	d.tm.hour, micros = micros/microsPerHour, micros%microsPerHour
	d.tm.minute, micros = micros/microsPerMinute, micros%microsPerMinute
	d.tm.second, d.tm.fraction = micros/microsPerSecond, micros%microsPerSecond
	return hasDate | hasTime, fine
}

// word reads a field of letters.
func (d *decoder) word(i int) (parts, failure) {
	text := d.fields[i].text
	if a, ok := abbreviations[text]; ok {
		return d.abbreviated(text, a)
	}
	w := dateWords[token(text)]
	switch w.kind {
	case ignoredWord:
		return 0, fine
	case reservedWord:
		return d.reserved(w.value)
	case monthWord:
		if d.timeOnly {
			return 0, badFormat
		}
		return d.monthName(w.value)
	case dstWord:
		d.offset += int64(w.value)
		return hasDst, fine
	case ampmWord:
		d.ampm = w.value
		return hasAMPM, fine
	case eraWord:
		d.bc = w.value == 1
		return hasEra, fine
	case dowWord:
		if d.timeOnly {
			return 0, badFormat
		}
		return hasDow, fine
	case unitWord:
		d.pending = w.value
		return 0, fine
	case isoTimeWord:
		return d.isoTime(i)
	}
	if d.fields[i].kind == stringField {
		if d.zone = namedZone(text); d.zone != nil {
			return hasZone, fine
		}
	}
	return 0, badFormat
}

func (d *decoder) abbreviated(text string, a abbreviation) (parts, failure) {
	if a.zone != "" {
		loc, err := time.LoadLocation(a.zone)
		if err != nil {
			d.unknownZone = text
			return 0, badZone
		}
		d.zone, d.abbreviation = loc, text
		return hasZone, fine
	}
	d.offset = int64(a.offset)
	if a.dst {
		return hasZone | hasDst, fine
	}
	return hasZone, fine
}

func (d *decoder) reserved(value int) (parts, failure) {
	switch value {
	case wordNow, wordToday, wordTomorrow, wordYesterday:
		return 0, notConstant
	case wordZulu:
		d.tm.hour, d.tm.minute, d.tm.second, d.tm.fraction = 0, 0, 0, 0
		return hasTime | hasZone, fine
	case wordEpoch, wordLate, wordEarly:
		if d.timeOnly {
			return 0, badFormat
		}
		d.special = value
		return hasOther, fine
	}
	return 0, badFormat
}

func (d *decoder) monthName(month int) (parts, failure) {
	got := hasMonth
	if d.seen&hasMonth != 0 && !d.textMonth && d.seen&hasDay == 0 && d.tm.month >= 1 && d.tm.month <= 31 {
		// The number taken for the month was the day.
		d.tm.day = d.tm.month
		got = hasDay
	}
	d.textMonth, d.tm.month = true, int64(month)
	return got, fine
}

// isoTime is the T between date and time; one of the forms of time has to follow.
func (d *decoder) isoTime(i int) (parts, failure) {
	if !d.timeOnly && d.seen&hasDate != hasDate || i+1 >= len(d.fields) {
		return 0, badFormat
	}
	switch d.fields[i+1].kind {
	case numberField, timeField, dateField:
		d.pending = unitTime
		return 0, fine
	}
	return 0, badFormat
}

// finish checks what the fields amount to and settles year, day and half of the day.
func (d *decoder) finish() failure {
	if d.special != 0 {
		return fine
	}
	if fail := d.checkDate(); fail != fine {
		return fail
	}
	if d.ampm >= 0 {
		switch {
		case d.tm.hour > 12:
			return fieldOverflowed
		case d.ampm == 0 && d.tm.hour == 12:
			d.tm.hour = 0
		case d.ampm == 1 && d.tm.hour != 12:
			d.tm.hour += 12
		}
	}
	if d.timeOnly {
		if timeOverflows(d.tm) {
			return fieldOverflowed
		}
		if d.seen&hasTime != hasTime {
			return badFormat
		}
	} else if d.seen&hasDate != hasDate {
		return badFormat
	}
	if d.seen&hasDst != 0 && (d.zone != nil || d.seen&hasZone == 0) {
		return badFormat
	}
	return fine
}

func (d *decoder) checkDate() failure {
	if d.seen&hasYear != 0 && !d.julian {
		switch {
		case d.bc && d.tm.year <= 0:
			return fieldOverflowed
		case d.bc:
			d.tm.year = 1 - d.tm.year
		case d.shortYear && d.tm.year < 70:
			d.tm.year += 2000
		case d.shortYear && d.tm.year < 100:
			d.tm.year += 1900
		case !d.shortYear && d.tm.year <= 0:
			return fieldOverflowed
		}
	}
	if d.seen&hasDoy != 0 {
		d.tm.year, d.tm.month, d.tm.day = CivilOf(DaysOf(d.tm.year, 1, 1) + d.tm.doy - 1)
	}
	if d.seen&hasMonth != 0 && (d.tm.month < 1 || d.tm.month > 12) ||
		d.seen&hasDay != 0 && (d.tm.day < 1 || d.tm.day > 31) {
		return monthDayOverflowed
	}
	if d.seen&hasDate == hasDate && d.tm.day > DaysIn(d.tm.year, d.tm.month) {
		return fieldOverflowed
	}
	return fine
}
