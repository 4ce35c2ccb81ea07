package datum

// The calendar is the proleptic Gregorian one, counted in days since 1970-01-01. Year 0 is 1 BC.

const (
	microsPerSecond int64 = 1_000_000
	microsPerMinute       = 60 * microsPerSecond
	microsPerHour         = 60 * microsPerMinute
	microsPerDay          = 24 * microsPerHour
	secondsPerDay   int64 = 86400

	// unixJulian is the Julian day of 1970-01-01.
	unixJulian = 2440588
	// minDay and endDay bound date: 4714-11-24 BC (Julian day 0) and the day behind 5874897-12-31.
	minDay = -unixJulian
	endDay = 2147483494 - unixJulian
	// minTimestamp is 4714-11-24 00:00 BC. PostgreSQL goes up to 294276-12-31; microseconds since 1970 end at
	// 294247-01-10 04:00:54.775806 (the last value is infinity), and what lies between is refused with 22008.
	minTimestamp = minDay * microsPerDay
)

// DaysOf is the day number of a civil date; month may be 1 to 12 only, day any.
// Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
func DaysOf(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	doy := (153*((month+9)%12)+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// CivilOf is the civil date of a day number. Algorithm: Hinnant's civil_from_days.
func CivilOf(days int64) (year, month, day int64) {
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if mp >= 10 {
		month = mp - 9
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// Leap says whether the astronomical year has a February 29.
func Leap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

var monthDays = [...]int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysIn is the length of a month, 1 to 12.
func DaysIn(year, month int64) int64 {
	if month == 2 && Leap(year) {
		return 29
	}
	return monthDays[month-1]
}

// SplitDay splits microseconds since 1970 into the day number and the microseconds into the day.
func SplitDay(micros int64) (day, rest int64) {
	day = floorDiv(micros, microsPerDay)
	return day, micros - day*microsPerDay
}
