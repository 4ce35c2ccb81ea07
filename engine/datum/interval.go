package datum

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The bits of an interval's modifier that say which fields it keeps (INTERVAL '1' DAY), as in pg_type's typmod.
const (
	rangeMonth  = 1 << 1
	rangeYear   = 1 << 2
	rangeDay    = 1 << 3
	rangeHour   = 1 << 10
	rangeMinute = 1 << 11
	rangeSecond = 1 << 12
	rangeFull   = 0x7fff

	fullIntervalPrecision = 0xffff
)

// span collects an interval's parts while it is read.
type span struct {
	years, months, days int32
	micros              int64
}

func addInt32(a *int32, v int64) bool {
	s := int64(*a) + v
	if v != int64(int32(v)) || s != int64(int32(s)) {
		return false
	}
	*a = int32(s)
	return true
}

func addInt64(a *int64, v int64) bool {
	s := *a + v
	if v > 0 && s < *a || v < 0 && s > *a {
		return false
	}
	*a = s
	return true
}

func mulInt64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(abs64(a)), uint64(abs64(b)))
	neg := a != 0 && b != 0 && (a < 0) != (b < 0)
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !neg {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

// abs64 is |v| as the bits of a uint64: the smallest int64 keeps its bits.
func abs64(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// addMicros adds val units of scale microseconds and a fraction of one.
func (p *span) addMicros(val int64, frac float64, scale int64) bool {
	v, ok := mulInt64(val, scale)
	return ok && addInt64(&p.micros, v) && p.addFraction(frac, scale)
}

func (p *span) addFraction(frac float64, scale int64) bool {
	if frac == 0 {
		return true
	}
	frac *= float64(scale)
	v := int64(frac)
	frac -= float64(v)
	if frac > 0.5 {
		v++
	} else if frac < -0.5 {
		v--
	}
	return addInt64(&p.micros, v)
}

func (p *span) addDays(val int64, frac float64, scale int64) bool {
	if val != int64(int32(val)) || !addInt32(&p.days, val*scale) {
		return false
	}
	if scale == 1 {
		return p.addFraction(frac, microsPerDay)
	}
	return p.addFractionDays(frac, scale)
}

func (p *span) addFractionDays(frac float64, scale int64) bool {
	if frac == 0 {
		return true
	}
	frac *= float64(scale)
	whole := int64(frac)
	return addInt32(&p.days, whole) && p.addFraction(frac-float64(whole), microsPerDay)
}

func (p *span) addMonths(val int64, frac float64) bool {
	return addInt32(&p.months, val) && p.addFractionDays(frac, 30)
}

func (p *span) addYears(val int64, frac float64, scale int64) bool {
	if val != int64(int32(val)) || !addInt32(&p.years, val*scale) {
		return false
	}
	return addInt32(&p.months, int64(math.RoundToEven(frac*float64(scale)*12)))
}

func (p *span) negate() bool {
	if p.micros == math.MinInt64 || p.days == math.MinInt32 || p.months == math.MinInt32 || p.years == math.MinInt32 {
		return false
	}
	p.micros, p.days, p.months, p.years = -p.micros, -p.days, -p.months, -p.years
	return true
}

func parseInterval(t *types.Type, s string) (any, error) {
	mask := rangeFull
	if t.Mod >= 0 {
		mask = int(t.Mod) >> 16 & 0x7fff
	}
	p, fail := decodeInterval(s, mask)
	if fail == badFormat {
		p, fail = decodeISOInterval(s)
	}
	switch fail {
	case fine:
	case fieldOverflowed, monthDayOverflowed:
		return nil, sqlerr.New("22015", "interval field value out of range: \"%s\"", s)
	default:
		return nil, datetimeError(fail, nil, "interval", s)
	}
	months := int64(p.years)*12 + int64(p.months)
	if months != int64(int32(months)) {
		return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range")
	}
	return WithIntervalMod(Interval{int32(months), p.days, p.micros}, t.Mod), nil
}

// WithIntervalMod is v cut to the fields and rounded to the precision of an interval type's modifier; a negative
// modifier leaves it.
func WithIntervalMod(v Interval, mod int32) Interval {
	if mod < 0 {
		return v
	}
	switch mask := int(mod) >> 16 & 0x7fff; mask {
	case rangeYear:
		v = Interval{Months: v.Months / 12 * 12}
	case rangeMonth, rangeYear | rangeMonth:
		v = Interval{Months: v.Months}
	case rangeDay:
		v.Micros = 0
	case rangeHour, rangeDay | rangeHour:
		v.Micros = v.Micros / microsPerHour * microsPerHour
	case rangeMinute, rangeDay | rangeHour | rangeMinute, rangeHour | rangeMinute:
		v.Micros = v.Micros / microsPerMinute * microsPerMinute
	}
	if precision := mod & 0xffff; precision != fullIntervalPrecision {
		v.Micros = roundMicros(v.Micros, precision)
	}
	return v
}

// intervalDecoder reads the verbose and SQL forms of an interval from its last field to its first, as PostgreSQL
// does (DecodeInterval): the unit stands behind its number.
type intervalDecoder struct {
	span
	mask int
	unit int
	ago  bool
	seen map[int]bool
}

func decodeInterval(s string, mask int) (*span, failure) {
	fields, ok := splitFields(s)
	if !ok {
		return nil, badFormat
	}
	d := &intervalDecoder{mask: mask, seen: map[int]bool{}}
	for i := len(fields) - 1; i >= 0; i-- {
		units, fail := d.field(fields[i])
		if fail != fine {
			return nil, fail
		}
		for _, u := range units {
			if d.seen[u] {
				return nil, badFormat
			}
		}
		for _, u := range units {
			d.seen[u] = true
		}
	}
	if len(d.seen) == 0 {
		return nil, badFormat
	}
	if d.ago && !d.negate() {
		return nil, fieldOverflowed
	}
	return &d.span, fine
}

// noUnit stands before "ago": a number there has to be one of a unit.
const noUnit = -1

var clockUnits = []int{unitHour, unitMinute, unitSecond, unitMilli, unitMicro}

func (d *intervalDecoder) field(f field) ([]int, failure) {
	switch f.kind {
	case timeField:
		fail := d.clock(f.text)
		d.unit = unitDay
		return clockUnits, fail
	case signedField:
		if strings.IndexByte(f.text[1:], ':') >= 0 {
			if before := d.micros; d.clock(f.text[1:]) == fine {
				if f.text[0] == '-' {
					d.micros = before - (d.micros - before)
				}
				d.unit = unitDay
				return clockUnits, fine
			}
		}
		return d.number(f.text)
	case dateField, numberField:
		return d.number(f.text)
	}
	return nil, d.word(f.text)
}

func (d *intervalDecoder) clock(text string) failure {
	c, fail := decodeClock(text, d.mask == rangeMinute|rangeSecond)
	if fail != fine {
		return fail
	}
	ok := d.addMicros(c.hour, 0, microsPerHour) && d.addMicros(c.minute, 0, microsPerMinute) &&
		d.addMicros(c.second, 0, microsPerSecond) && addInt64(&d.micros, c.fraction)
	if !ok {
		return fieldOverflowed
	}
	return fine
}

func (d *intervalDecoder) word(text string) failure {
	w, ok := unitWords[token(text)]
	if !ok {
		w = dateWords[token(text)]
	}
	switch w.kind {
	case ignoredWord:
		return fine
	case unitWord:
		d.unit = w.value
		return fine
	case agoWord:
		d.ago, d.unit = true, noUnit
		return fine
	}
	return badFormat
}

// number reads a count of the unit behind it. Without a unit, the fields of the type decide, or it is seconds.
func (d *intervalDecoder) number(text string) ([]int, failure) {
	if d.unit == 0 {
		d.unit = unitOfRange(d.mask)
	}
	n := digits(text)
	if text[0] == '-' || text[0] == '+' {
		n = 1 + digits(text[1:])
	}
	whole, rest := text[:n], text[n:]
	val, err := strconv.ParseInt(whole, 10, 64)
	if err != nil && len(strings.TrimLeft(whole, "+-")) > 0 {
		return nil, fieldOverflowed
	}
	var frac float64
	switch {
	case rest == "":
	case rest[0] == '-':
		m, err := strconv.ParseInt(rest[1:], 10, 32)
		if digits(rest[1:]) != len(rest)-1 {
			return nil, badFormat
		}
		if rest != "-" && err != nil || m >= 12 {
			return nil, fieldOverflowed
		}
		if text[0] == '-' {
			m = -m
		}
		years, ok := mulInt64(val, 12)
		if !ok || !addInt64(&years, m) {
			return nil, fieldOverflowed
		}
		val, d.unit = years, unitMonth
	case rest[0] == '.':
		f, ok := fraction(rest)
		if !ok {
			return nil, badFormat
		}
		frac = f
		if text[0] == '-' {
			frac = -frac
		}
	default:
		return nil, badFormat
	}
	return d.add(val, frac)
}

func unitOfRange(mask int) int {
	switch mask {
	case rangeYear:
		return unitYear
	case rangeMonth, rangeYear | rangeMonth:
		return unitMonth
	case rangeDay:
		return unitDay
	case rangeHour, rangeDay | rangeHour:
		return unitHour
	case rangeMinute, rangeHour | rangeMinute, rangeDay | rangeHour | rangeMinute:
		return unitMinute
	}
	return unitSecond
}

func (d *intervalDecoder) add(val int64, frac float64) ([]int, failure) {
	seen := []int{d.unit}
	var ok bool
	switch d.unit {
	case unitMicro:
		ok = d.addMicros(val, frac, 1)
	case unitMilli:
		ok = d.addMicros(val, frac, 1000)
	case unitSecond:
		ok = d.addMicros(val, frac, microsPerSecond)
		if frac != 0 {
			seen = []int{unitSecond, unitMilli, unitMicro}
		}
	case unitMinute:
		ok = d.addMicros(val, frac, microsPerMinute)
	case unitHour:
		ok = d.addMicros(val, frac, microsPerHour)
		d.unit = unitDay // for a number before it
	case unitDay:
		ok = d.addDays(val, frac, 1)
	case unitWeek:
		ok = d.addDays(val, frac, 7)
	case unitMonth:
		ok = d.addMonths(val, frac)
	case unitYear:
		ok = d.addYears(val, frac, 1)
	case unitDecade:
		ok = d.addYears(val, frac, 10)
	case unitCentury:
		ok = d.addYears(val, frac, 100)
	case unitMillennium:
		ok = d.addYears(val, frac, 1000)
	default:
		return nil, badFormat
	}
	if !ok {
		return nil, fieldOverflowed
	}
	return seen, fine
}

// AppendInterval adds an interval in IntervalStyle postgres: 1 year 2 mons 3 days 04:05:06.789.
func AppendInterval(dst []byte, v Interval) []byte {
	o := intervalWriter{dst: dst, first: true}
	o.part(int64(v.Months/12), "year")
	o.part(int64(v.Months%12), "mon")
	o.part(int64(v.Days), "day")
	if v.Micros == 0 && !o.first {
		return o.dst
	}
	if !o.first {
		o.dst = append(o.dst, ' ')
	}
	u := uint64(v.Micros)
	if v.Micros < 0 {
		o.dst, u = append(o.dst, '-'), -u
	} else if o.negative {
		o.dst = append(o.dst, '+')
	}
	o.dst = appendPaddedInt(o.dst, int64(u/uint64(microsPerHour)), 2)
	o.dst = appendPaddedInt(append(o.dst, ':'), int64(u/uint64(microsPerMinute)%60), 2)
	return appendSeconds(append(o.dst, ':'), int64(u%uint64(microsPerMinute)))
}

// intervalWriter writes a plus before a positive part that follows a negative one.
type intervalWriter struct {
	dst             []byte
	first, negative bool
}

func (o *intervalWriter) part(v int64, unit string) {
	if v == 0 {
		return
	}
	if !o.first {
		o.dst = append(o.dst, ' ')
	}
	if o.negative && v > 0 {
		o.dst = append(o.dst, '+')
	}
	o.dst = strconv.AppendInt(o.dst, v, 10)
	o.dst = append(append(o.dst, ' '), unit...)
	if v != 1 {
		o.dst = append(o.dst, 's')
	}
	o.first, o.negative = false, v < 0
}
