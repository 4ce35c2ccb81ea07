package formatting

// action is what a keyword stands for; upper and lower case of one are different keywords with one action unless their
// output differs.
type action uint8

// convention says which kind of date a field belongs to; one template may not mix Gregorian and ISO week dates.
type convention uint8

const (
	noDate convention = iota
	gregorian
	isoWeek
)

// The actions of datetime patterns. Of those with text in the case of the pattern, the case is a separate property.
const (
	fieldEra action = iota // AD, BC
	fieldEraDots
	fieldMeridiem // AM, PM
	fieldMeridiemDots
	fieldCentury
	fieldDayName
	fieldDayShort
	fieldDayOfYear
	fieldDay
	fieldWeekday
	fieldFraction1
	fieldFraction2
	fieldFraction3
	fieldFraction4
	fieldFraction5
	fieldFraction6
	fieldExact // FX
	fieldHour24
	fieldHour12
	fieldISODayOfYear
	fieldISOWeekday
	fieldISOWeek
	fieldISOYear
	fieldISOYear3
	fieldISOYear2
	fieldISOYear1
	fieldJulian
	fieldMinute
	fieldMonth
	fieldMonthName
	fieldMonthShort
	fieldMillisecond
	fieldOffset
	fieldQuarter
	fieldRoman
	fieldSecondOfDay
	fieldSecond
	fieldZoneHour
	fieldZoneMinute
	fieldZone
	fieldMicrosecond
	fieldWeekOfYear
	fieldWeekOfMonth
	fieldYearComma
	fieldYear
	fieldYear3
	fieldYear2
	fieldYear1
)

// datetimeWords are in the order of formatting.c's table, in which the first match counts. Most have a lower-case twin.
var datetimeWords = index(withLower([]keyword{
	{"A.D.", fieldEraDots, false, noDate},
	{"A.M.", fieldMeridiemDots, false, noDate},
	{"AD", fieldEra, false, noDate},
	{"AM", fieldMeridiem, false, noDate},
	{"B.C.", fieldEraDots, false, noDate},
	{"BC", fieldEra, false, noDate},
	{"CC", fieldCentury, true, noDate},
	{"DAY", fieldDayName, false, noDate},
	{"DDD", fieldDayOfYear, true, gregorian},
	{"DD", fieldDay, true, gregorian},
	{"DY", fieldDayShort, false, noDate},
	{"Day", fieldDayName, false, noDate},
	{"Dy", fieldDayShort, false, noDate},
	{"D", fieldWeekday, true, gregorian},
	{"FF1", fieldFraction1, true, noDate},
	{"FF2", fieldFraction2, true, noDate},
	{"FF3", fieldFraction3, true, noDate},
	{"FF4", fieldFraction4, true, noDate},
	{"FF5", fieldFraction5, true, noDate},
	{"FF6", fieldFraction6, true, noDate},
	{"FX", fieldExact, false, noDate},
	{"HH24", fieldHour24, true, noDate},
	{"HH12", fieldHour12, true, noDate},
	{"HH", fieldHour12, true, noDate},
	{"IDDD", fieldISODayOfYear, true, isoWeek},
	{"ID", fieldISOWeekday, true, isoWeek},
	{"IW", fieldISOWeek, true, isoWeek},
	{"IYYY", fieldISOYear, true, isoWeek},
	{"IYY", fieldISOYear3, true, isoWeek},
	{"IY", fieldISOYear2, true, isoWeek},
	{"I", fieldISOYear1, true, isoWeek},
	{"J", fieldJulian, true, noDate},
	{"MI", fieldMinute, true, noDate},
	{"MM", fieldMonth, true, gregorian},
	{"MONTH", fieldMonthName, false, gregorian},
	{"MON", fieldMonthShort, false, gregorian},
	{"MS", fieldMillisecond, true, noDate},
	{"Month", fieldMonthName, false, gregorian},
	{"Mon", fieldMonthShort, false, gregorian},
	{"OF", fieldOffset, false, noDate},
	{"P.M.", fieldMeridiemDots, false, noDate},
	{"PM", fieldMeridiem, false, noDate},
	{"Q", fieldQuarter, true, noDate},
	{"RM", fieldRoman, false, gregorian},
	{"SSSSS", fieldSecondOfDay, true, noDate},
	{"SSSS", fieldSecondOfDay, true, noDate},
	{"SS", fieldSecond, true, noDate},
	{"TZH", fieldZoneHour, false, noDate},
	{"TZM", fieldZoneMinute, true, noDate},
	{"TZ", fieldZone, false, noDate},
	{"US", fieldMicrosecond, true, noDate},
	{"WW", fieldWeekOfYear, true, gregorian},
	{"W", fieldWeekOfMonth, true, gregorian},
	{"Y,YYY", fieldYearComma, true, gregorian},
	{"YYYY", fieldYear, true, gregorian},
	{"YYY", fieldYear3, true, gregorian},
	{"YY", fieldYear2, true, gregorian},
	{"Y", fieldYear1, true, gregorian},
}))

// withLower adds the lower-case form of every word that is all upper case.
func withLower(list []keyword) []keyword {
	out := list
	for _, w := range list {
		if upper, lower := caseOf(w.name); upper && !lower {
			w.name = lowerASCII(w.name)
			out = append(out, w)
		}
	}
	return out
}

// caseOf says whether a word has upper-case and lower-case letters.
func caseOf(word string) (upper, lower bool) {
	for i := range len(word) {
		upper = upper || word[i] >= 'A' && word[i] <= 'Z'
		lower = lower || word[i] >= 'a' && word[i] <= 'z'
	}
	return upper, lower
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

var (
	monthNames = []string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}
	monthShorts = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	dayNames    = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	dayShorts   = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	// romanMonths go backwards, so that a search meets VIII before VII.
	romanMonths   = []string{"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"}
	meridiems     = []string{"am", "pm", "AM", "PM"}
	meridiemsDots = []string{"a.m.", "p.m.", "A.M.", "P.M."}
	eras          = []string{"ad", "bc", "AD", "BC"}
	erasDots      = []string{"a.d.", "b.c.", "A.D.", "B.C."}
)
