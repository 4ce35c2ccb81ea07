package formatting

import "strings"

// numeric reads a field of digits.
func (r *datetimeReader) numeric(i int) error {
	n, o := &r.nodes[i], &r.out
	dst, width := r.target(n)
	if n.key.id == fieldHour12 {
		o.clock12 = true
	}
	used, err := r.integer(dst, i, width)
	if err != nil {
		return err
	}
	switch a := n.key.id; a {
	case fieldMillisecond:
		o.millis *= scaleUp(used, 3)
	case fieldMicrosecond:
		o.micros *= scaleUp(used, 6)
	case fieldFraction1, fieldFraction2, fieldFraction3, fieldFraction4, fieldFraction5, fieldFraction6:
		o.fraction = int(a-fieldFraction1) + 1
		o.micros *= scaleUp(used, 6)
	case fieldISOWeekday:
		if o.weekday++; o.weekday > 7 { // Sunday is 1 here, Monday in the text
			o.weekday = 1
		}
	case fieldYear, fieldISOYear:
		o.yearDigits = 4
	case fieldYear3, fieldISOYear3:
		o.partialYear(used, 4, 3)
	case fieldYear2, fieldISOYear2:
		o.partialYear(used, 4, 2)
	case fieldYear1, fieldISOYear1:
		o.partialYear(used, 4, 1)
	}
	return nil
}

// scaleUp makes a fraction of n digits one of width: ".25" is 250 ms.
func scaleUp(n, width int) int64 {
	if n >= width || n < 1 {
		return 1
	}
	return tens[width-n]
}

// partialYear completes a year of fewer than four digits to the one nearest to 2020.
func (o *parsed) partialYear(used, full, digits int) {
	if used < full {
		switch y := o.year; {
		case y < 70:
			o.year = y + 2000
		case y < 100:
			o.year = y + 1900
		case y < 520:
			o.year = y + 2000
		case y < 1000:
			o.year = y + 1000
		}
	}
	o.yearDigits = digits
}

// target is where a field's value goes, nil for nowhere, and how many digits it has.
func (r *datetimeReader) target(n *node) (dst *int64, width int) {
	o := &r.out
	width = len(n.key.name)
	switch a := n.key.id; a {
	case fieldHour12, fieldHour24:
		return &o.hour, 2
	case fieldMinute:
		return &o.minute, width
	case fieldSecond:
		return &o.second, width
	case fieldMillisecond:
		return &o.millis, 3
	case fieldMicrosecond:
		return &o.micros, 6
	case fieldFraction1, fieldFraction2, fieldFraction3, fieldFraction4, fieldFraction5, fieldFraction6:
		return &o.micros, int(a-fieldFraction1) + 1
	case fieldSecondOfDay:
		return &o.secondOfDay, width
	case fieldMonth:
		return &o.month, width
	case fieldDayOfYear, fieldISODayOfYear:
		return &o.dayOfYear, 3
	case fieldDay:
		return &o.day, width
	case fieldWeekday:
		return &o.weekday, width
	case fieldISOWeekday:
		return &o.weekday, 1
	case fieldWeekOfYear, fieldISOWeek:
		return &o.week, width
	case fieldCentury:
		return &o.century, width
	case fieldWeekOfMonth:
		return &o.weekOfMonth, width
	case fieldJulian:
		return &o.julian, width
	case fieldQuarter: // does not say which day
		return nil, width
	}
	return &o.year, width
}

// word reads a field that is a name; done says whether it is one.
func (r *datetimeReader) word(n *node) (done bool, err error) {
	o := &r.out
	switch n.key.id {
	case fieldMeridiem, fieldMeridiemDots:
		v, err := r.oneOf(pick(n.key.id == fieldMeridiemDots, meridiemsDots, meridiems), n)
		if err != nil {
			return true, err
		}
		o.clock12 = true
		return true, setFlag(&o.pm, v%2 == 1, n)
	case fieldEra, fieldEraDots:
		v, err := r.oneOf(pick(n.key.id == fieldEraDots, erasDots, eras), n)
		if err != nil {
			return true, err
		}
		return true, setFlag(&o.bc, v%2 == 1, n)
	case fieldMonthName:
		return true, r.named(&o.month, monthNames, n, func(v int64) int64 { return v + 1 })
	case fieldMonthShort:
		return true, r.named(&o.month, monthShorts, n, func(v int64) int64 { return v + 1 })
	case fieldRoman:
		return true, r.named(&o.month, romanMonths, n, func(v int64) int64 { return 12 - v })
	case fieldDayName:
		return true, r.dayName(dayNames, n)
	case fieldDayShort:
		return true, r.dayName(dayShorts, n)
	}
	return false, nil
}

// dayName stores the day of the week plus one, after the check against what stood there before.
func (r *datetimeReader) dayName(names []string, n *node) error {
	if err := r.named(&r.out.weekday, names, n, func(v int64) int64 { return v }); err != nil {
		return err
	}
	r.out.weekday++
	return nil
}

func (r *datetimeReader) named(dst *int64, names []string, n *node, value func(int64) int64) error {
	v, err := r.oneOf(names, n)
	if err != nil {
		return err
	}
	return r.set(dst, value(int64(v)), n)
}

// setFlag: a flag once true may not become false.
func setFlag(dst *bool, v bool, n *node) error {
	if *dst && !v {
		return conflict(n)
	}
	*dst = v
	return nil
}

// oneOf takes the first of the names, in any case, that the text begins with.
func (r *datetimeReader) oneOf(names []string, n *node) (int, error) {
	for i, name := range names {
		if len(r.s) >= len(name) && lowerASCII(r.s[:len(name)]) == lowerASCII(name) {
			r.s = r.s[len(name):]
			return i, nil
		}
	}
	word := r.s
	if end := strings.IndexFunc(word, func(c rune) bool { return c < 0x80 && blank(byte(c)) }); end >= 0 {
		word = word[:end]
	}
	return 0, invalid(`invalid value "%s" for "%s"`, valid(word), n.key.name).
		WithDetail("The given value did not match any of the allowed values for this field.")
}
