package datum

import (
	"math"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Date and time arithmetic as PostgreSQL does it, for package eval. Values are those of datums; errors are 22008.

func outOfRange(what string) error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, "%s out of range", what)
}

// AddDays is a date n days later; infinite dates stay.
func AddDays(date, n int64) (int64, error) {
	if date == DateInfinity || date == DateNegInfinity {
		return date, nil
	}
	sum := date + n
	if sum < minDay || sum >= endDay {
		return 0, outOfRange("date")
	}
	return sum, nil
}

// DateTimestamp is the timestamp at the beginning of a date.
func DateTimestamp(date int64) (int64, error) {
	switch date {
	case DateInfinity:
		return TimestampInfinity, nil
	case DateNegInfinity:
		return TimestampNegInfinity, nil
	}
	ts, ok := TimestampOf(date, 0)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range for timestamp")
	}
	return ts, nil
}

// Infinite says whether a timestamp is one of the infinities.
func Infinite(ts int64) bool { return ts == TimestampInfinity || ts == TimestampNegInfinity }

// AddInterval is ts plus v: months first, the day cut to the month's length, then days, then time. In a zone (nil for
// timestamps without one) months and days count on the clocks of that zone.
func AddInterval(ts int64, v Interval, zone *time.Location) (int64, error) {
	if Infinite(ts) {
		return ts, nil
	}
	ok := true
	if v.Months != 0 || v.Days != 0 {
		off := int64(0)
		if zone != nil {
			off = int64(ZoneOffset(zone, floorDiv(ts, microsPerSecond)))
		}
		day, rest := SplitDay(ts)
		shift, rest := SplitDay(rest + off*microsPerSecond)
		day = addMonths(day+shift, int64(v.Months)) + int64(v.Days)
		if day < minDay-1 || day > TimestampInfinity/microsPerDay {
			return 0, outOfRange("timestamp")
		}
		if zone != nil {
			rest -= int64(LocalOffset(zone, day*secondsPerDay+floorDiv(rest, microsPerSecond))) * microsPerSecond
		}
		ts, ok = ShiftTimestamp(day*microsPerDay, rest)
	}
	if ok {
		ts, ok = ShiftTimestamp(ts, v.Micros)
	}
	if !ok {
		return 0, outOfRange("timestamp")
	}
	return ts, nil
}

func addMonths(day, months int64) int64 {
	if months == 0 {
		return day
	}
	y, m, d := CivilOf(day)
	m += months - 1
	y += floorDiv(m, 12)
	m = m - floorDiv(m, 12)*12 + 1
	return DaysOf(y, m, min(d, DaysIn(y, m)))
}

// Negate is -v.
func (v Interval) Negate() (Interval, error) {
	p := span{months: v.Months, days: v.Days, micros: v.Micros}
	if !p.negate() {
		return Interval{}, outOfRange("interval")
	}
	return Interval{p.months, p.days, p.micros}, nil
}

// Add is v + w, part by part.
func (v Interval) Add(w Interval) (Interval, error) {
	p := span{months: v.Months, days: v.Days, micros: v.Micros}
	if !addInt32(&p.months, int64(w.Months)) || !addInt32(&p.days, int64(w.Days)) || !addInt64(&p.micros, w.Micros) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{p.months, p.days, p.micros}, nil
}

// Sub is v - w, part by part.
func (v Interval) Sub(w Interval) (Interval, error) {
	p := span{months: v.Months, days: v.Days, micros: v.Micros}
	micros := p.micros - w.Micros
	if !addInt32(&p.months, -int64(w.Months)) || !addInt32(&p.days, -int64(w.Days)) ||
		(w.Micros > 0 && micros > p.micros) || (w.Micros < 0 && micros < p.micros) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{p.months, p.days, micros}, nil
}

// SubTimestamps is a - b in days and time.
func SubTimestamps(a, b int64) (Interval, error) {
	if Infinite(a) || Infinite(b) {
		return Interval{}, sqlerr.New(sqlerr.DatetimeFieldOverflow, "cannot subtract infinite timestamps")
	}
	d := a - b
	if (b > 0 && d > a) || (b < 0 && d < a) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{Days: int32(d / microsPerDay), Micros: d % microsPerDay}, nil
}

// Scale is v times factor (or divided by it): what is left of a part goes to the next smaller one, a month having 30 days
// and a day 24 hours.
func (v Interval) Scale(factor float64, divide bool) (Interval, error) {
	if divide && factor == 0 {
		return Interval{}, sqlerr.New(sqlerr.DivisionByZero, "division by zero")
	}
	by := func(x float64) float64 {
		if divide {
			return x / factor
		}
		return x * factor
	}
	months, days := by(float64(v.Months)), by(float64(v.Days))
	if !fitsInt32(months) || !fitsInt32(days) {
		return Interval{}, outOfRange("interval")
	}
	m, d := int32(months), int32(days)
	restDays := roundTo6((months - float64(m)) * 30)
	seconds := roundTo6((days - float64(d) + restDays - math.Trunc(restDays)) * 86400)
	if math.Abs(seconds) >= 86400 {
		carry := math.Trunc(seconds / 86400)
		days = math.Trunc(days) + carry
		seconds -= carry * 86400
	}
	if days = math.Trunc(days) + math.Trunc(restDays); !fitsInt32(days) {
		return Interval{}, outOfRange("interval")
	}
	d = int32(days)
	micros := math.RoundToEven(by(float64(v.Micros)) + seconds*1e6)
	if math.IsNaN(micros) || micros < -0x1p63 || micros >= 0x1p63 {
		return Interval{}, outOfRange("interval")
	}
	return Interval{m, d, int64(micros)}, nil
}

func roundTo6(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }

func fitsInt32(x float64) bool { return x >= math.MinInt32 && x <= math.MaxInt32 }

// JustifyHours moves whole days of the time part to the days, with one sign for both.
func (v Interval) JustifyHours() (Interval, error) {
	days := int64(v.Days) + v.Micros/microsPerDay
	micros := v.Micros % microsPerDay
	if days > 0 && micros < 0 {
		micros += microsPerDay
		days--
	} else if days < 0 && micros > 0 {
		micros -= microsPerDay
		days++
	}
	if days != int64(int32(days)) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{v.Months, int32(days), micros}, nil
}

// JustifyDays moves whole months of 30 days from the days to the months, with one sign for both.
func (v Interval) JustifyDays() (Interval, error) {
	months := int64(v.Months) + int64(v.Days/30)
	days := v.Days % 30
	if months > 0 && days < 0 {
		days += 30
		months--
	} else if months < 0 && days > 0 {
		days -= 30
		months++
	}
	if months != int64(int32(months)) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{int32(months), days, v.Micros}, nil
}

// Justify is both, with one sign for all three parts.
func (v Interval) Justify() (Interval, error) {
	days := int64(v.Days) + v.Micros/microsPerDay
	micros := v.Micros % microsPerDay
	months := int64(v.Months) + days/30
	days %= 30
	if months > 0 && (days < 0 || days == 0 && micros < 0) {
		days += 30
		months--
	} else if months < 0 && (days > 0 || days == 0 && micros > 0) {
		days -= 30
		months++
	}
	if days > 0 && micros < 0 {
		micros += microsPerDay
		days--
	} else if days < 0 && micros > 0 {
		micros -= microsPerDay
		days++
	}
	if months != int64(int32(months)) {
		return Interval{}, outOfRange("interval")
	}
	return Interval{int32(months), int32(days), micros}, nil
}

// Age is a - b in years, months, days and time as a calendar counts them. Both are local times.
func Age(a, b int64) (Interval, error) {
	if a == TimestampNegInfinity || b == TimestampNegInfinity {
		return Interval{}, outOfRange("timestamp")
	}
	negative := a < b
	if negative {
		a, b = b, a
	}
	dayA, restA := splitAge(a)
	dayB, restB := splitAge(b)
	ya, ma, da := CivilOf(dayA)
	yb, mb, db := CivilOf(dayB)
	micros, days, months := restA-restB, da-db, ma-mb+12*(ya-yb)
	if micros < 0 {
		micros += microsPerDay
		days--
	}
	for days < 0 {
		days += DaysIn(yb, mb) // the month of the earlier time
		months--
	}
	v := Interval{int32(months), int32(days), micros}
	if negative {
		return v.Negate()
	}
	return v, nil
}

// splitAge is SplitDay, where infinity is what PostgreSQL 15 takes it for: the last of 2^63 microseconds after 2000.
func splitAge(ts int64) (day, rest int64) {
	if ts != TimestampInfinity {
		return SplitDay(ts)
	}
	const daysTo2000 = 10957
	return TimestampInfinity/microsPerDay + daysTo2000, TimestampInfinity % microsPerDay
}
