package datum

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func malformedMultirange(s, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed multirange literal: \"%s\"", s).WithDetail("%s", detail)
}

// parseMultirange gives a multirange's stored text: its canonical form, with times in UTC.
func parseMultirange(t *types.Type, s string, zone *time.Location) (any, error) {
	m, err := ParseMultirange(t, s, zone)
	if err != nil {
		return nil, err
	}
	return string(AppendMultirange(nil, t, m, nil)), nil
}

// ParseMultirange is the input function of a multirange type: its ranges in canonical order. zone is the session's.
func ParseMultirange(t *types.Type, s string, zone *time.Location) ([]Range, error) {
	return readMultirange(t, s, func(text string) (Range, error) { return ParseRange(t.Elem, text, zone) })
}

// ReadMultirange is the multirange of a stored text.
func ReadMultirange(t *types.Type, s string) ([]Range, error) {
	return readMultirange(t, s, func(text string) (Range, error) { return ReadRange(t.Elem, text) })
}

func readMultirange(t *types.Type, s string, read func(text string) (Range, error)) ([]Range, error) {
	rest := trimLeft(s)
	if !strings.HasPrefix(rest, "{") {
		return nil, malformedMultirange(s, "Missing left brace.")
	}
	rest = trimLeft(rest[1:])
	out, seen := []Range{}, false
	for {
		switch {
		case rest == "":
			return nil, malformedMultirange(s, "Unexpected end of input.")
		case rest[0] == '}' && !seen:
			return out, endMultirange(s, rest[1:])
		case rest[0] == '[' || rest[0] == '(':
			n := rangeLength(rest)
			if n < 0 {
				return nil, malformedMultirange(s, "Unexpected end of input.")
			}
			r, err := read(rest[:n])
			if err != nil {
				return nil, err
			}
			out, rest = append(out, r), rest[n:]
		case len(rest) >= 5 && strings.EqualFold(rest[:5], "empty"):
			rest = rest[5:]
		default:
			return nil, malformedMultirange(s, "Expected range start.")
		}
		seen, rest = true, trimLeft(rest)
		switch {
		case rest == "":
			return nil, malformedMultirange(s, "Unexpected end of input.")
		case rest[0] == '}':
			if err := endMultirange(s, rest[1:]); err != nil {
				return nil, err
			}
			return NewMultirange(t.Elem, out), nil
		case rest[0] != ',':
			return nil, malformedMultirange(s, "Expected comma or end of multirange.")
		}
		rest = trimLeft(rest[1:])
	}
}

func endMultirange(whole, rest string) error {
	if trimLeft(rest) != "" {
		return malformedMultirange(whole, "Junk after closing right brace.")
	}
	return nil
}

// rangeLength is the length of the range's text at the head of s, -1 when it does not end.
func rangeLength(s string) int {
	inQuote := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			inQuote = !inQuote
		case !inQuote && (c == ']' || c == ')'):
			return i + 1
		}
	}
	return -1
}

// AppendMultirange adds a multirange's text; times are in zone, nil for UTC.
func AppendMultirange(dst []byte, t *types.Type, m []Range, zone *time.Location) []byte {
	dst = append(dst, '{')
	for i := range m {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendRange(dst, t.Elem, &m[i], zone)
	}
	return append(dst, '}')
}

// appendStored adds a stored range or multirange as a session in zone sees it.
func appendStored(dst []byte, t *types.Type, s string, zone *time.Location) []byte {
	switch {
	case zone == nil || zone == time.UTC:
	case t.Kind == types.Range && t.Elem.Kind == types.TimestampTZ:
		if r, err := ReadRange(t, s); err == nil {
			return AppendRange(dst, t, &r, zone)
		}
	case t.Kind == types.Multirange && t.Elem.Elem.Kind == types.TimestampTZ:
		if m, err := ReadMultirange(t, s); err == nil {
			return AppendMultirange(dst, t, m, zone)
		}
	}
	return append(dst, s...)
}

// NewMultirange puts ranges of type rng into canonical form: in order, without empty ones, those that touch united. It
// takes rs over.
func NewMultirange(rng *types.Type, rs []Range) []Range {
	slices.SortStableFunc(rs, func(a, b Range) int { return CompareRanges(rng.Elem, &a, &b) })
	out := rs[:0]
	for i := range rs {
		r := rs[i]
		if r.Empty {
			continue
		}
		if len(out) > 0 {
			last := &out[len(out)-1]
			if RangesAdjacent(rng, last, &r) || RangesOverlap(rng.Elem, last, &r) {
				if CompareBounds(rng.Elem, &r.Upper, &last.Upper) > 0 {
					last.Upper = r.Upper
				}
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// CompareMultiranges is btree's order of two multiranges: range by range, the shorter one first.
func CompareMultiranges(elem *types.Type, a, b []Range) int {
	for i := range min(len(a), len(b)) {
		if c := CompareRanges(elem, &a[i], &b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
