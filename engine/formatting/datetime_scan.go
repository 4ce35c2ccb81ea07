package formatting

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// parsed are the fields that a text gave, 0 where it gave none: formatting.c cannot tell them apart either.
type parsed struct {
	mode                       convention
	clock12, pm, bc            bool
	hour, minute, second       int64
	secondOfDay                int64
	millis, micros             int64
	weekday, dayOfYear, day    int64 // weekday: Sunday is 1
	month, year                int64
	yearDigits                 int
	century, week, weekOfMonth int64
	julian                     int64
	zoneSign                   int64
	zoneHour, zoneMinute       int64
	fraction                   int // of FF1 to FF6, 0 without
}

// datetimeReader reads a text by a pattern.
type datetimeReader struct {
	in, s string // the whole text and what is left of it
	nodes []node
	exact bool // FX was seen
	// standard: literals of the pattern are those of the text, and nothing is left of either.
	standard bool
	extra    int // characters skipped beyond those that the pattern has
	out      parsed
}

// read takes the text's fields in the pattern's order. What is left of the text does not matter.
func (r *datetimeReader) read() error {
	for i := range r.nodes {
		if r.s == "" && r.standard {
			return invalid("input string is too short for datetime format")
		}
		if r.s == "" {
			return nil
		}
		n := &r.nodes[i]
		fx := n.kind == actionNode && n.key.id == fieldExact
		if !r.exact && !fx && (n.kind == actionNode || i == 0) {
			r.skipBlanks()
		}
		if n.kind != actionNode {
			if r.standard && !strings.HasPrefix(r.s, n.text) {
				return n.unmatched()
			}
			r.literal(n)
			continue
		}
		if err := r.setMode(n.key.mode); err != nil {
			return err
		}
		if err := r.field(i); err != nil {
			return err
		}
		if !r.exact {
			r.extra = 0
			r.skipBlanks()
		}
	}
	if r.standard && strings.TrimLeft(r.s, " \t\n\v\f\r") != "" {
		return invalid("trailing characters remain in input string after datetime format")
	}
	return nil
}

func (n *node) unmatched() error {
	if n.kind == charNode {
		return invalid(`unmatched format character "%s"`, n.text)
	}
	return invalid(`unmatched format separator "%s"`, n.text)
}

func (r *datetimeReader) skipBlanks() {
	for r.s != "" && blank(r.s[0]) {
		r.s = r.s[1:]
		r.extra++
	}
}

func (r *datetimeReader) skipChar() {
	_, n := utf8.DecodeRuneInString(r.s)
	r.s = r.s[n:]
}

// literal takes one character of the text for one of the pattern; which one does not matter. A blank or punctuation
// takes one of them if there is one, another character one that was not skipped before.
func (r *datetimeReader) literal(n *node) {
	switch {
	case r.exact:
		r.skipChar()
	case n.kind == charNode:
		if r.extra > 0 {
			r.extra--
		} else {
			r.skipChar()
		}
	default:
		r.extra--
		if r.s != "" && (blank(r.s[0]) || separator(r.s[0])) {
			r.s = r.s[1:]
			r.extra++
		}
	}
}

func (r *datetimeReader) setMode(m convention) error {
	if m == noDate || r.out.mode == m {
		return nil
	}
	if r.out.mode != noDate {
		return invalid("invalid combination of date conventions").
			WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template.")
	}
	r.out.mode = m
	return nil
}

// field reads the field of node i.
func (r *datetimeReader) field(i int) error {
	n := &r.nodes[i]
	switch n.key.id {
	case fieldExact:
		r.exact = true
		return nil
	case fieldZone, fieldOffset:
		return sqlerr.New(sqlerr.FeatureNotSupported, `formatting field "%s" is only supported in to_char`, n.key.name)
	case fieldZoneHour:
		return r.zoneHour(i)
	case fieldZoneMinute:
		if r.out.zoneSign == 0 {
			r.out.zoneSign = 1
		}
		_, err := r.integer(&r.out.zoneMinute, i, 2)
		return err
	case fieldYearComma:
		return r.yearWithComma(n)
	}
	if done, err := r.word(n); done {
		return err
	}
	if err := r.numeric(i); err != nil {
		return err
	}
	r.skipOrdinal(n)
	return nil
}

// skipOrdinal passes two characters for TH or th.
func (r *datetimeReader) skipOrdinal(n *node) {
	if n.suffix&ordinal == 0 {
		return
	}
	for range 2 {
		if r.s != "" {
			r.skipChar()
		}
	}
}

// zoneHour: a minus may have been taken for punctuation before.
func (r *datetimeReader) zoneHour(i int) error {
	r.out.zoneSign = 1
	if c := r.s[0]; c == '+' || c == '-' || c == ' ' {
		if c == '-' {
			r.out.zoneSign = -1
		}
		r.s = r.s[1:]
	} else if at := len(r.in) - len(r.s); r.extra > 0 && at > 0 && r.in[at-1] == '-' {
		r.out.zoneSign = -1
	}
	_, err := r.integer(&r.out.zoneHour, i, 2)
	return err
}

// yearWithComma reads "2,024".
func (r *datetimeReader) yearWithComma(n *node) error {
	s := strings.TrimLeft(r.s, " \t\n\v\f\r")
	head, used := leadingInt(s)
	tail := ""
	if used > 0 && strings.HasPrefix(s[used:], ",") {
		tail = strings.TrimLeft(s[used+1:], " \t\n\v\f\r")
	}
	low, m := leadingInt(tail[:min(3, len(tail))])
	if used == 0 || m == 0 {
		return invalid("invalid input string for \"Y,YYY\"")
	}
	if err := r.set(&r.out.year, low+head*1000, n); err != nil {
		return err
	}
	r.out.yearDigits = 4
	r.s = tail[m:]
	r.skipOrdinal(n)
	return nil
}

// leadingInt is C's strtol: the number that s begins with and its length, 0 without one. It saturates.
func leadingInt(s string) (v int64, n int) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	start := i
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i == start {
		return 0, 0
	}
	v, _ = strconv.ParseInt(s[:i], 10, 64) // out of range gives the nearest value
	return v, i
}

// integer reads a number of width digits; where something that is no digit follows in the pattern, or in fill mode, of as
// many as there are. It returns how many characters it took.
func (r *datetimeReader) integer(dst *int64, i, width int) (int, error) {
	n := &r.nodes[i]
	before := len(r.s)
	s := strings.TrimLeft(r.s, " \t\n\v\f\r")
	item := s[:min(width, len(s))]
	var v int64
	var used int
	if n.suffix&fillMode != 0 || endsNumber(r.nodes, i) {
		v, used = leadingInt(s)
	} else {
		if len(s) < width {
			return 0, invalid(`source string too short for "%s" formatting field`, n.key.name).
				WithDetail("Field requires %d characters, but only %d remain.", width, len(s)).WithHint(fixedWidthHint)
		}
		lead := len(item) - len(strings.TrimLeft(item, " \t\n\v\f\r"))
		v, used = leadingInt(item[lead:])
		if used > 0 {
			used += lead
		}
		if used > 0 && used < width {
			return 0, invalid(`invalid value "%s" for "%s"`, valid(item), n.key.name).
				WithDetail("Field requires %d characters, but only %d could be parsed.", width, used).WithHint(fixedWidthHint)
		}
	}
	if used == 0 && (before == len(s) || endsNumber(r.nodes, i) || n.suffix&fillMode != 0) { // blanks before another field are 0
		return 0, invalid(`invalid value "%s" for "%s"`, valid(item), n.key.name).WithDetail("Value must be an integer.")
	}
	r.s = s[used:]
	if v < math.MinInt32 || v > math.MaxInt32 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, `value for "%s" in source string is out of range`, n.key.name).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32)
	}
	return before - len(r.s), r.set(dst, v, n)
}

const fixedWidthHint = "If your source string is not fixed-width, try using the \"FM\" modifier."

// endsNumber says whether what follows node i cannot begin with a digit.
func endsNumber(nodes []node, i int) bool {
	if nodes[i].suffix&ordinal != 0 || i+1 == len(nodes) {
		return true
	}
	next := &nodes[i+1]
	if next.kind == actionNode {
		return !next.key.digit
	}
	return len(next.text) != 1 || !digit(next.text[0])
}

// set stores a field, which may be said twice but not with two values.
func (r *datetimeReader) set(dst *int64, v int64, n *node) error {
	if dst == nil {
		return nil
	}
	if *dst != 0 && *dst != v {
		return conflict(n)
	}
	*dst = v
	return nil
}

func conflict(n *node) error {
	return invalid(`conflicting values for "%s" field in formatting string`, n.key.name).
		WithDetail("This value contradicts a previous setting for the same field type.")
}

// valid replaces what a cut through a character left.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
