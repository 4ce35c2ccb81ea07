package datum

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// rangeValue is a parsed range; a nil bound is infinite.
type rangeValue struct {
	empty                bool
	lower, upper         any
	lowerClosed, upClose bool
}

func malformedRange(s, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed range literal: \"%s\"", s).WithDetail("%s", detail)
}

// parseRange gives a range's canonical text: [a,b) for the discrete subtypes.
func parseRange(t *types.Type, s string, zone *time.Location) (any, error) {
	r, err := readRange(t, s, zone)
	if err != nil {
		return nil, err
	}
	if err := r.canonical(t); err != nil {
		return nil, err
	}
	return string(r.append(nil, t, zone)), nil
}

func readRange(t *types.Type, s string, zone *time.Location) (*rangeValue, error) {
	w := trimBlanks(s)
	if strings.EqualFold(w, "empty") {
		return &rangeValue{empty: true}, nil
	}
	if w == "" || w[0] != '[' && w[0] != '(' {
		return nil, malformedRange(s, "Missing left parenthesis or bracket.")
	}
	r := &rangeValue{lowerClosed: w[0] == '['}
	rest := w[1:]
	var err error
	if rest, r.lower, err = rangeBound(t, s, rest, zone); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(rest, ",") {
		return nil, malformedRange(s, "Missing comma after lower bound.")
	}
	if rest, r.upper, err = rangeBound(t, s, rest[1:], zone); err != nil {
		return nil, err
	}
	if rest != "]" && rest != ")" {
		if rest != "" && rest[0] == ',' {
			return nil, malformedRange(s, "Too many commas.")
		}
		return nil, malformedRange(s, "Junk after right parenthesis or bracket.")
	}
	r.upClose = rest == "]"
	return r, nil
}

func rangeBound(t *types.Type, whole, s string, zone *time.Location) (string, any, error) {
	if s != "" && (s[0] == ',' || s[0] == ')' || s[0] == ']') {
		return s, nil, nil
	}
	text, n, err := boundText(whole, s)
	if err != nil {
		return "", nil, err
	}
	v, err := Parse(t.Elem, text, zone)
	return s[n:], v, err
}

func boundText(whole, s string) (string, int, error) {
	var b strings.Builder
	inQuote := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case !inQuote && (c == ',' || c == ')' || c == ']' || c == '(' || c == '['):
			return b.String(), i, nil
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"' && inQuote && i+1 < len(s) && s[i+1] == '"':
			i++
			b.WriteByte('"')
		case c == '"':
			inQuote = !inQuote
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, malformedRange(whole, "Unexpected end of input.")
}

func (r *rangeValue) canonical(t *types.Type) error {
	if r.empty {
		return nil
	}
	if r.lower == nil {
		r.lowerClosed = false
	}
	if r.upper == nil {
		r.upClose = false
	}
	if r.lower != nil && r.upper != nil && Compare(t.Elem, r.lower, r.upper) > 0 {
		return sqlerr.New("22000", "range lower bound must be less than or equal to range upper bound")
	}
	if t.Elem.IsInteger() || t.Elem.Kind == types.Date {
		if err := r.discrete(t.Elem); err != nil {
			return err
		}
	}
	if r.lower != nil && r.upper != nil && Compare(t.Elem, r.lower, r.upper) == 0 && !(r.lowerClosed && r.upClose) {
		*r = rangeValue{empty: true}
	}
	return nil
}

// discrete turns the bounds into [lower, upper); infinite dates stay as they are.
func (r *rangeValue) discrete(elem *types.Type) error {
	next := func(v any) (any, error) {
		n := v.(int64)
		switch {
		case elem.Kind == types.Date && (n == DateInfinity || n == DateNegInfinity):
			return v, nil
		case elem.Kind == types.Date && n+1 >= endDay:
			return nil, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range")
		case elem.Kind == types.Int4 && n == 1<<31-1:
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
		case elem.Kind == types.Int8 && n == 1<<63-1:
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "bigint out of range")
		}
		return n + 1, nil
	}
	infinite := func(v any) bool {
		return elem.Kind == types.Date && (v.(int64) == DateInfinity || v.(int64) == DateNegInfinity)
	}
	var err error
	if r.lower != nil && !r.lowerClosed && !infinite(r.lower) {
		if r.lower, err = next(r.lower); err != nil {
			return err
		}
		r.lowerClosed = true
	}
	if r.upper != nil && r.upClose && !infinite(r.upper) {
		if r.upper, err = next(r.upper); err != nil {
			return err
		}
		r.upClose = false
	}
	if r.lower != nil && r.upper != nil && Compare(elem, r.lower, r.upper) > 0 {
		*r = rangeValue{empty: true}
	}
	return nil
}

func (r *rangeValue) append(dst []byte, t *types.Type, zone *time.Location) []byte {
	if r.empty {
		return append(dst, "empty"...)
	}
	bound := func(open, closed byte, isClosed bool) {
		if isClosed {
			open = closed
		}
		dst = append(dst, open)
	}
	text := func(v any) {
		if v != nil {
			dst = appendRowField(dst, string(Append(nil, t.Elem, v, zone)), "()[]\\,\" \t\n\v\f\r")
		}
	}
	bound('(', '[', r.lowerClosed)
	text(r.lower)
	dst = append(dst, ',')
	text(r.upper)
	bound(')', ']', r.upClose)
	return dst
}

// compareRanges is btree's order of two ranges: empty first, then by lower bound, then by upper bound.
func compareRanges(t *types.Type, a, b *rangeValue) int {
	if a.empty || b.empty {
		return compareBool(b.empty, a.empty)
	}
	if c := compareBounds(t.Elem, a.lower, b.lower, a.lowerClosed, b.lowerClosed, true); c != 0 {
		return c
	}
	return compareBounds(t.Elem, a.upper, b.upper, a.upClose, b.upClose, false)
}

func compareBounds(elem *types.Type, a, b any, aClosed, bClosed, lower bool) int {
	sign := 1
	if lower {
		sign = -1
	}
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return sign
	case b == nil:
		return -sign
	}
	if c := Compare(elem, a, b); c != 0 {
		return c
	}
	// An open lower bound lies behind the closed one, an open upper bound before it.
	return sign * compareBool(aClosed, bClosed)
}
