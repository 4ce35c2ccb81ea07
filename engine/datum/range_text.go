package datum

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func malformedRange(s, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed range literal: \"%s\"", s).WithDetail("%s", detail)
}

// parseRange gives a range's stored text: its canonical form, with times in UTC.
func parseRange(t *types.Type, s string, zone *time.Location) (any, error) {
	r, err := ParseRange(t, s, zone)
	if err != nil {
		return nil, err
	}
	return string(AppendRange(nil, t, &r, nil)), nil
}

// ParseRange is the input function of a range type. zone is the session's.
func ParseRange(t *types.Type, s string, zone *time.Location) (Range, error) {
	w := trimLeft(s)
	if len(w) >= 5 && strings.EqualFold(w[:5], "empty") {
		if trimLeft(w[5:]) != "" {
			return Range{}, malformedRange(s, "Junk after \"empty\" key word.")
		}
		return EmptyRange, nil
	}
	if w == "" || w[0] != '[' && w[0] != '(' {
		return Range{}, malformedRange(s, "Missing left parenthesis or bracket.")
	}
	lower, upper := Bound{Closed: w[0] == '['}, Bound{}
	low, rest, err := boundText(s, w[1:])
	if err != nil {
		return Range{}, err
	}
	if rest[0] != ',' {
		return Range{}, malformedRange(s, "Missing comma after lower bound.")
	}
	high, rest, err := boundText(s, rest[1:])
	if err != nil {
		return Range{}, err
	}
	if rest[0] == ',' {
		return Range{}, malformedRange(s, "Too many commas.")
	}
	if trimLeft(rest[1:]) != "" {
		return Range{}, malformedRange(s, "Junk after right parenthesis or bracket.")
	}
	upper.Closed = rest[0] == ']'
	if err := lower.read(t.Elem, low, zone); err != nil {
		return Range{}, err
	}
	if err := upper.read(t.Elem, high, zone); err != nil {
		return Range{}, err
	}
	return NewRange(t, lower, upper)
}

// read sets the bound from its text, nil for an infinite one.
func (b *Bound) read(elem *types.Type, text *string, zone *time.Location) error {
	if text == nil {
		b.Infinite, b.Closed = true, false
		return nil
	}
	v, err := Parse(elem, *text, zone)
	b.SetDatum(v)
	return err
}

// boundText takes a bound's text from the head of s, nil where there is none, and gives what follows: a comma, bracket or
// parenthesis and more.
func boundText(whole, s string) (text *string, rest string, err error) {
	if s != "" && (s[0] == ',' || s[0] == ')' || s[0] == ']') {
		return nil, s, nil
	}
	var b strings.Builder
	inQuote := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case !inQuote && (c == ',' || c == ')' || c == ']'):
			v := b.String()
			return &v, s[i:], nil
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"' && inQuote && i+1 < len(s) && s[i+1] == '"':
			i++
			b.WriteByte('"')
		case c == '"':
			inQuote = !inQuote
		case c != '\\':
			b.WriteByte(c)
		}
	}
	return nil, "", malformedRange(whole, "Unexpected end of input.")
}

// AppendRange adds a range's text; times are in zone, nil for UTC, which is how vectors keep them.
func AppendRange(dst []byte, t *types.Type, r *Range, zone *time.Location) []byte {
	if r.Empty {
		return append(dst, "empty"...)
	}
	open, shut := byte('('), byte(')')
	if r.Lower.Closed {
		open = '['
	}
	if r.Upper.Closed {
		shut = ']'
	}
	dst = r.Lower.append(append(dst, open), t.Elem, zone)
	dst = r.Upper.append(append(dst, ','), t.Elem, zone)
	return append(dst, shut)
}

func (b *Bound) append(dst []byte, elem *types.Type, zone *time.Location) []byte {
	switch {
	case b.Infinite:
		return dst
	case elem.Kind == types.Int4 || elem.Kind == types.Int8:
		return appendInt(dst, b.Int)
	case elem.Kind == types.Date && b.Int > 0 && b.Int != DateInfinity:
		return AppendDate(dst, b.Int)
	}
	return appendRowField(dst, string(Append(nil, elem, b.Datum(), zone)), "()[]\\,\" \t\n\v\f\r")
}

// ReadRange is the range of a stored text. Whole numbers, dates and timestamps are read without allocation.
func ReadRange(t *types.Type, s string) (Range, error) {
	if r, ok := readPlain(t.Elem, s); ok {
		return r, nil
	}
	return ParseRange(t, s, nil)
}

// readPlain reads stored texts of the subtypes whose bounds are numbers.
func readPlain(elem *types.Type, s string) (r Range, ok bool) {
	if s == "empty" {
		return EmptyRange, true
	}
	comma := strings.IndexByte(s, ',')
	if comma < 1 || len(s) < comma+2 {
		return r, false
	}
	r = Range{Lower: Bound{Lower: true, Closed: s[0] == '['}, Upper: Bound{Closed: s[len(s)-1] == ']'}}
	return r, r.Lower.readPlain(elem, s[1:comma]) && r.Upper.readPlain(elem, s[comma+1:len(s)-1])
}

func (b *Bound) readPlain(elem *types.Type, s string) (ok bool) {
	if s == "" {
		b.Infinite = true
		return true
	}
	switch elem.Kind {
	case types.Int4, types.Int8:
		b.Int, ok = plainInt(s)
	case types.Date:
		b.Int, ok = plainDate(s)
	case types.Timestamp:
		b.Int, ok = plainStamp(s, "")
	case types.TimestampTZ:
		b.Int, ok = plainStamp(s, "+00")
	}
	return ok
}

// plainInt reads up to 18 digits with an optional minus.
func plainInt(s string) (v int64, ok bool) {
	neg := s[0] == '-'
	if neg {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 18 {
		return 0, false
	}
	for i := range len(s) {
		if !digit(s[i]) {
			return 0, false
		}
		v = v*10 + int64(s[i]-'0')
	}
	if neg {
		v = -v
	}
	return v, true
}

// plainDate reads 2024-02-29.
func plainDate(s string) (int64, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, ok1 := plainInt(s[:4])
	m, ok2 := plainInt(s[5:7])
	d, ok3 := plainInt(s[8:])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	return DaysOf(y, m, d), true
}

// plainStamp reads "2024-02-29 13:45:06.5" in its quotes, with the offset given behind it.
func plainStamp(s, offset string) (int64, bool) {
	if len(s) < 21+len(offset) || s[0] != '"' || s[11] != ' ' || s[14] != ':' || s[17] != ':' || !strings.HasSuffix(s, offset+`"`) {
		return 0, false
	}
	day, ok := plainDate(s[1:11])
	h, ok1 := plainInt(s[12:14])
	m, ok2 := plainInt(s[15:17])
	sec, ok3 := plainInt(s[18:20])
	if !ok || !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	micros := ((h*60+m)*60 + sec) * microsPerSecond
	if frac := s[20 : len(s)-len(offset)-1]; frac != "" {
		f, ok := plainInt(frac[1:])
		if frac[0] != '.' || len(frac) < 2 || len(frac) > 7 || !ok || f < 0 {
			return 0, false
		}
		for range 7 - len(frac) {
			f *= 10
		}
		micros += f
	}
	return day*microsPerDay + micros, true
}
