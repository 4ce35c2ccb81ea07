package formatting

// number is the value of a numeric field and its width with leading zeros, the sign included; not ok for the others.
func (m *Moment) number(a action) (v int64, width int, ok bool) {
	switch a {
	case fieldHour12:
		v = m.Hour % 12
		if v == 0 {
			v = 12
		}
		return v, signed(m.Hour, 2), true
	case fieldHour24:
		return m.Hour, signed(m.Hour, 2), true
	case fieldMinute:
		return m.Minute, signed(m.Minute, 2), true
	case fieldSecond:
		return m.Second, signed(m.Second, 2), true
	case fieldFraction1, fieldFraction2, fieldFraction3, fieldFraction4, fieldFraction5, fieldFraction6:
		digits := int(a-fieldFraction1) + 1
		return m.Micros / tens[6-digits], digits, true
	case fieldMillisecond:
		return m.Micros / 1000, 3, true
	case fieldMicrosecond:
		return m.Micros, 6, true
	case fieldSecondOfDay:
		return m.Hour*3600 + m.Minute*60 + m.Second, 0, true
	}
	if v, width, ok = m.yearNumber(a); ok {
		return v, width, ok
	}
	return m.dayNumber(a)
}

// tens are powers of ten.
var tens = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}

// signed is the width of a field that has one more character for a sign.
func signed(v int64, width int) int {
	if v < 0 {
		return width + 1
	}
	return width
}

// fixedWidth says whether fill mode leaves a field's zeros.
func fixedWidth(a action) bool {
	return a >= fieldFraction1 && a <= fieldFraction6 || a == fieldMillisecond || a == fieldMicrosecond
}

func (m *Moment) yearNumber(a action) (v int64, width int, ok bool) {
	year := m.Year
	switch a {
	case fieldISOYear, fieldISOYear3, fieldISOYear2, fieldISOYear1:
		year = m.isoYear
	case fieldCentury:
		return m.century()
	}
	year = m.shownYear(year)
	sign := m.shownYear(m.Year) // of the ISO year's field as well
	switch a {
	case fieldYear, fieldISOYear:
		return year, signed(sign, 4), true
	case fieldYear3, fieldISOYear3:
		return year % 1000, signed(sign, 3), true
	case fieldYear2, fieldISOYear2:
		return year % 100, signed(sign, 2), true
	case fieldYear1, fieldISOYear1:
		return year % 10, 1, true
	}
	return 0, 0, false
}

// century: the 21st began in 2001, the 1st BC ended before 1 AD.
func (m *Moment) century() (v int64, width int, ok bool) {
	switch {
	case m.interval:
		v = m.Year / 100
	case m.Year > 0:
		v = (m.Year-1)/100 + 1
	default:
		v = m.Year/100 - 1
	}
	if v > 99 || v < -99 {
		return v, 0, true
	}
	return v, signed(v, 2), true
}

func (m *Moment) dayNumber(a action) (v int64, width int, ok bool) {
	switch a {
	case fieldMonth:
		return m.Month, signed(m.Month, 2), true
	case fieldDayOfYear:
		return m.yearday, 3, true
	case fieldISODayOfYear:
		return m.day - isoWeekStart(m.isoYear) + 1, 3, true
	case fieldDay:
		return m.Day, 2, true
	case fieldWeekday:
		return m.weekday + 1, 0, true
	case fieldISOWeekday:
		return mod(m.weekday+6, 7) + 1, 0, true
	case fieldWeekOfYear:
		return (m.yearday-1)/7 + 1, 2, true
	case fieldISOWeek:
		return m.isoWeeks, 2, true
	case fieldWeekOfMonth:
		return (m.Day-1)/7 + 1, 0, true
	case fieldJulian:
		return m.day + unixJulian, 0, true
	}
	return 0, 0, false
}
