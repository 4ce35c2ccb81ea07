package formatting

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// Datetime is a compiled pattern of to_char for dates, times and intervals and of to_date and to_timestamp.
type Datetime struct {
	nodes []node
}

// ParseDatetime compiles a datetime pattern. Any text is a pattern.
func ParseDatetime(pattern string) *Datetime {
	p := scanner{rest: pattern, words: datetimeWords, datetime: true}
	if err := p.scan(func(node) error { return nil }); err != nil {
		panic("formatting: " + err.Error()) // seen above never refuses
	}
	return &Datetime{nodes: p.nodes}
}

// Moment is a timestamp or an interval broken into fields, as to_char prints them.
type Moment struct {
	Year, Month, Day     int64 // Year 0 is 1 BC; of an interval, years, months and days
	Hour, Minute, Second int64
	Micros               int64 // below the second
	Zone                 string
	Offset               int64 // seconds east of UTC

	interval          bool
	weekday, yearday  int64 // Sunday is 0; January 1 is 1
	day               int64 // since 1970-01-01
	isoYear, isoWeeks int64
}

// TimestampMoment breaks a finite timestamp (µs since 1970 in local time) into fields.
func TimestampMoment(local int64) Moment {
	day, rest := datum.SplitDay(local)
	m := Moment{}
	m.Year, m.Month, m.Day = datum.CivilOf(day)
	m.setClock(rest)
	m.weekday = mod(day+4, 7)
	m.yearday = day - datum.DaysOf(m.Year, 1, 1) + 1
	m.setWeek()
	return m
}

// IntervalMoment breaks an interval into fields, each of which has its own sign. A year has 12 months of 30 days where
// a field needs the day of the year.
func IntervalMoment(v datum.Interval) Moment {
	m := Moment{Year: int64(v.Months) / 12, Month: int64(v.Months) % 12, Day: int64(v.Days), interval: true}
	m.setClock(v.Micros)
	m.yearday = (m.Year*12+m.Month)*30 + m.Day
	m.setWeek()
	return m
}

func (m *Moment) setWeek() {
	m.day = julian(m.Year, m.Month, m.Day) - unixJulian
	m.isoYear, m.isoWeeks = isoWeekOf(m.day, m.Year)
}

func (m *Moment) setClock(micros int64) {
	m.Hour, micros = micros/3_600_000_000, micros%3_600_000_000
	m.Minute, micros = micros/60_000_000, micros%60_000_000
	m.Second, m.Micros = micros/1_000_000, micros%1_000_000
}

func mod(a, b int64) int64 { return ((a % b) + b) % b }

// unixJulian is the Julian day of 1970-01-01.
const unixJulian = 2440588

// julian is the Julian day of a date. Unlike a calendar's own arithmetic it takes any month, as intervals have them.
// Algorithm: date2j of PostgreSQL's datetime.c.
func julian(year, month, day int64) int64 {
	if month > 2 {
		month, year = month+1, year+4800
	} else {
		month, year = month+13, year+4799
	}
	century := year / 100
	return year*365 - 32167 + year/4 - century + century/4 + 7834*month/256 + day
}

// isoWeekStart is the Monday of the ISO year's first week, the one with January 4.
func isoWeekStart(year int64) int64 {
	day4 := julian(year, 1, 4) - unixJulian
	return day4 - mod(day4+3, 7)
}

// isoWeekOf is the ISO year and week of a day that is in the civil year.
func isoWeekOf(day, year int64) (isoYear, week int64) {
	isoYear = year
	if next := isoWeekStart(year + 1); day >= next {
		isoYear = year + 1
	} else if day < isoWeekStart(year) {
		isoYear = year - 1
	}
	return isoYear, (day-isoWeekStart(isoYear))/7 + 1
}

// Append writes m by the pattern behind dst.
func (d *Datetime) Append(dst []byte, m *Moment) ([]byte, error) {
	for i := range d.nodes {
		n := &d.nodes[i]
		if n.kind != actionNode {
			dst = append(dst, n.text...)
			continue
		}
		if m.interval && calendarOnly(n.key.id) {
			return nil, invalid("invalid format specification for an interval value").
				WithHint("Intervals are not tied to specific calendar dates.")
		}
		dst = d.field(dst, n, m)
	}
	return dst, nil
}

// calendarOnly says whether a field has no meaning for intervals.
func calendarOnly(a action) bool {
	switch a {
	case fieldZone, fieldZoneHour, fieldZoneMinute, fieldOffset, fieldEra, fieldEraDots, fieldMonthName, fieldMonthShort,
		fieldDayName, fieldDayShort, fieldWeekday, fieldISOWeekday:
		return true
	}
	return false
}

// field writes one field of m.
func (d *Datetime) field(dst []byte, n *node, m *Moment) []byte {
	if v, width, ok := m.number(n.key.id); ok {
		if n.suffix&fillMode != 0 && !fixedWidth(n.key.id) {
			width = 0
		}
		return n.ordinal(appendPadded(dst, v, width), len(dst))
	}
	switch n.key.id {
	case fieldYearComma:
		y := m.shownYear(m.Year)
		start := len(dst)
		dst = append(strconv.AppendInt(dst, y/1000, 10), ',')
		return n.ordinal(appendPadded(dst, y%1000, 3), start)
	case fieldZone:
		return append(dst, n.inCase(m.Zone)...)
	case fieldZoneHour:
		return appendPadded(append(dst, sign(m.Offset)), abs(m.Offset)/3600, 2)
	case fieldZoneMinute:
		return appendPadded(dst, abs(m.Offset)%3600/60, 2)
	case fieldOffset:
		return m.appendOffset(dst, n)
	}
	return append(dst, n.name(m)...)
}

func (m *Moment) appendOffset(dst []byte, n *node) []byte {
	width := 2
	if n.suffix&fillMode != 0 {
		width = 0
	}
	dst = appendPadded(append(dst, sign(m.Offset)), abs(m.Offset)/3600, width)
	if rest := abs(m.Offset) % 3600; rest != 0 {
		dst = appendPadded(append(dst, ':'), rest/60, 2)
	}
	return dst
}

func sign(v int64) byte {
	if v < 0 {
		return '-'
	}
	return '+'
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// appendPadded writes v with zeros to width digits, as printf's %0*d does: the sign counts as one.
func appendPadded(dst []byte, v int64, width int) []byte {
	if v < 0 {
		dst = append(dst, '-')
		width--
	}
	s := strconv.FormatUint(uint64(abs(v)), 10)
	for i := len(s); i < width; i++ {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

// ordinal adds TH or th to the number that begins at start.
func (n *node) ordinal(dst []byte, start int) []byte {
	if n.suffix&ordinal == 0 {
		return dst
	}
	return appendOrdinal(dst, start, n.suffix&upperTH != 0)
}

// inCase gives s in the case of the keyword: "MONTH", "month", or as it is.
func (n *node) inCase(s string) string {
	switch upper, lower := caseOf(n.key.name); {
	case upper && lower:
		return s
	case upper && n.key.id == fieldZone:
		return s
	case upper:
		return strings.ToUpper(s)
	}
	return strings.ToLower(s)
}

// padded is a name in the keyword's case, filled up with blanks unless in fill mode.
func (n *node) padded(s string, width int) string {
	s = n.inCase(s)
	if n.suffix&(fillMode|translated) != 0 || len(s) >= width {
		return s
	}
	return s + strings.Repeat(" ", width-len(s))
}

// name is the text of a field that is a word.
func (n *node) name(m *Moment) string {
	switch n.key.id {
	case fieldMeridiem, fieldMeridiemDots:
		return n.inCase(pick(n.key.id == fieldMeridiemDots, meridiemsDots, meridiems)[b2i(m.Hour%24 >= 12)])
	case fieldEra, fieldEraDots:
		return n.inCase(pick(n.key.id == fieldEraDots, erasDots, eras)[b2i(m.Year <= 0)])
	case fieldMonthName:
		return n.padded(monthNames[m.Month-1], 9)
	case fieldMonthShort:
		return n.inCase(monthShorts[m.Month-1])
	case fieldDayName:
		return n.padded(dayNames[m.weekday], 9)
	case fieldDayShort:
		return n.inCase(dayShorts[m.weekday])
	case fieldRoman:
		return n.roman(m)
	case fieldQuarter:
		if m.Month == 0 {
			return ""
		}
		return string(n.ordinal(strconv.AppendInt(nil, (m.Month-1)/3+1, 10), 0))
	}
	return "" // FX
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// roman is the month in Roman numerals; an interval of whole years has XII or I by its sign, and negative months count
// from the other end.
func (n *node) roman(m *Moment) string {
	if m.Month == 0 && m.Year == 0 {
		return ""
	}
	var i int64
	switch {
	case m.Month == 0 && m.Year >= 0:
		i = 0
	case m.Month == 0:
		i = 11
	case m.Month < 0:
		i = -(m.Month + 1)
	default:
		i = 12 - m.Month
	}
	month := n.inCase(romanMonths[i])
	if n.suffix&fillMode == 0 {
		month += strings.Repeat(" ", 4-len(month))
	}
	return month
}

// shownYear has no year 0: -1 BC is printed as 1.
func (m *Moment) shownYear(year int64) int64 {
	if !m.interval && year <= 0 {
		return 1 - year
	}
	return year
}

// outOfRange is the error of what no timestamp can hold.
func outOfRange(what, s string) error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, `%s: "%s"`, what, s)
}
