package datum

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func trimLeft(s string) string { return strings.TrimLeft(s, " \t\n\v\f\r") }

// appendQuoted adds s in double quotes; quotes and backslashes are escaped by a backslash or doubled.
func appendQuoted(dst []byte, s string, double bool) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '"' || c == '\\' {
			if double {
				dst = append(dst, c)
			} else {
				dst = append(dst, '\\')
			}
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

func malformedRecord(s, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed record literal: \"%s\"", s).WithDetail("%s", detail)
}

// parseRow reads '(1,"x y",)': a field without a character is NULL.
func parseRow(t *types.Type, s string, zone *time.Location) (any, error) {
	rest := trimLeft(s)
	if !strings.HasPrefix(rest, "(") {
		return nil, malformedRecord(s, "Missing left parenthesis.")
	}
	rest = rest[1:]
	out := make([]any, len(t.Fields))
	for i, f := range t.Fields {
		if i > 0 {
			if !strings.HasPrefix(rest, ",") {
				return nil, malformedRecord(s, "Too few columns.")
			}
			rest = rest[1:]
		}
		if rest != "" && (rest[0] == ',' || rest[0] == ')') {
			continue
		}
		text, n, err := rowField(s, rest)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
		if out[i], err = Parse(f.Type, text, zone); err != nil {
			return nil, err
		}
	}
	if !strings.HasPrefix(rest, ")") {
		return nil, malformedRecord(s, "Too many columns.")
	}
	if trimLeft(rest[1:]) != "" {
		return nil, malformedRecord(s, "Junk after right parenthesis.")
	}
	return out, nil
}

// rowField reads one field of a row or bound of a range: quotes may open and close anywhere in it.
func rowField(whole, s string) (string, int, error) {
	var b strings.Builder
	inQuote := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case !inQuote && (c == ',' || c == ')' || c == ']'):
			if c != ']' || strings.HasPrefix(trimLeft(whole), "[") || !strings.HasPrefix(trimLeft(whole), "(") {
				return b.String(), i, nil
			}
			b.WriteByte(c)
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
	return "", 0, malformedRecord(whole, "Unexpected end of input.")
}

func appendRow(dst []byte, t *types.Type, v []any, zone *time.Location) []byte {
	dst = append(dst, '(')
	for i, e := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e == nil {
			continue
		}
		dst = appendRowField(dst, string(Append(nil, t.Fields[i].Type, e, zone)), "()\\,\" \t\n\v\f\r")
	}
	return append(dst, ')')
}

func appendRowField(dst []byte, s, special string) []byte {
	if s == "" || strings.ContainsAny(s, special) {
		return appendQuoted(dst, s, true)
	}
	return append(dst, s...)
}
