package eval

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	table := implementations{
		"parse_ident": byDatum(parseIdent), "parse_ident_strict": byDatum(parseIdent),
		"unistr": toText1(appendUnistr),
		"unicode_normalize": toText2(func(_ *call, dst []byte, s, form string) ([]byte, error) {
			f, err := normalForm(form)
			if err != nil {
				return dst, err
			}
			return f.AppendString(dst, s), nil
		}),
		"unicode_normalize_nfc": toText1(func(_ *call, dst []byte, s string) ([]byte, error) { return norm.NFC.AppendString(dst, s), nil }),
		"unicode_is_normalized": byRow2(func(_ *call, s, form string) (bool, error) {
			f, err := normalForm(form)
			return err == nil && f.IsNormalString(s), err
		}),
		"unicode_is_normalized_nfc": byRow1(func(_ *call, s string) (bool, error) { return norm.NFC.IsNormalString(s), nil }),
		"to_ascii_default": toText1(func(_ *call, dst []byte, _ string) ([]byte, error) {
			return dst, sqlerr.New(sqlerr.FeatureNotSupported, "encoding conversion from UTF8 to ASCII not supported")
		}),
		"quote_literal_any": byDatum(func(c *call, a []any) (any, error) { return quoteLiteral(castText(c, 0, a[0])), nil }),
		"quote_nullable_any": byDatum(func(c *call, a []any) (any, error) {
			if a[0] == nil {
				return "NULL", nil
			}
			return quoteLiteral(castText(c, 0, a[0])), nil
		}),
		"pg_num_nulls": fixed(countNulls(true)), "pg_num_nonnulls": fixed(countNulls(false)),
	}
	for _, p := range []string{"text_pattern_", "bpchar_pattern_"} {
		table[p+"lt"], table[p+"le"] = comparison(opLt), comparison(opLe)
		table[p+"ge"], table[p+"gt"] = comparison(opGe), comparison(opGt)
	}
	register(table)
}

// countNulls is the kernel of num_nulls and num_nonnulls.
func countNulls(nulls bool) kernel {
	return func(c *call, args []*vector, out *vector) error {
		dst := values[int32](out)
		for i := range dst {
			dst[i] = 0
			for _, a := range args {
				if a.null(i) == nulls {
					dst[i]++
				}
			}
		}
		return nil
	}
}

func normalForm(name string) (norm.Form, error) {
	switch strings.ToUpper(name) {
	case "NFC":
		return norm.NFC, nil
	case "NFD":
		return norm.NFD, nil
	case "NFKC":
		return norm.NFKC, nil
	case "NFKD":
		return norm.NFKD, nil
	}
	return 0, invalid("invalid normalization form: %s", name)
}

// parseIdent is parse_ident: the parts of a qualified name, folded as SQL folds them.
func parseIdent(_ *call, a []any) (any, error) {
	whole := a[0].(string)
	strict := len(a) < 2 || a[1].(bool)
	bad := func(detail string) error {
		err := invalid("string is not a valid identifier: \"%s\"", whole)
		if detail != "" {
			err = sqlerr.New(sqlerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", whole).WithDetail("%s", detail)
		}
		return err
	}
	rest := strings.TrimLeft(whole, identBlanks)
	parts, afterDot := []any{}, false
	for {
		part, left, err := identPart(rest, bad)
		if err != nil {
			return nil, err
		}
		if part == nil {
			switch {
			case strings.HasPrefix(rest, "."):
				return nil, bad("No valid identifier before \".\".")
			case afterDot:
				return nil, bad("No valid identifier after \".\".")
			}
			return nil, bad("")
		}
		parts = append(parts, *part)
		rest = strings.TrimLeft(left, identBlanks)
		if !strings.HasPrefix(rest, ".") {
			break
		}
		afterDot, rest = true, strings.TrimLeft(rest[1:], identBlanks)
	}
	if rest != "" && strict {
		return nil, bad("")
	}
	return parts, nil
}

const identBlanks = " \t\n\r\f"

// identPart takes one identifier from the head of s; nil when there is none.
func identPart(s string, bad func(detail string) error) (part *string, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] != '"':
				b.WriteByte(s[i])
			case strings.HasPrefix(s[i+1:], `"`):
				b.WriteByte('"')
				i++
			case b.Len() == 0:
				return nil, s, bad("Quoted identifier must not be empty.")
			default:
				v := b.String()
				return &v, s[i+1:], nil
			}
		}
		return nil, s, bad("String has unclosed double quotes.")
	}
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= 0x80 || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && (digitByte(s[n]) || s[n] == '$')) {
		n++
	}
	if n == 0 {
		return nil, s, nil
	}
	v := asciiLower(s[:n])
	return &v, s[n:], nil
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// appendUnistr replaces \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX by the characters that they stand for.
func appendUnistr(_ *call, dst []byte, s string) ([]byte, error) {
	var high rune // the first half of a surrogate pair
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			if high != 0 {
				return dst, badSurrogates()
			}
			dst = append(dst, s[i])
			i++
			continue
		}
		if strings.HasPrefix(s[i+1:], `\`) {
			if high != 0 {
				return dst, badSurrogates()
			}
			dst = append(dst, '\\')
			i += 2
			continue
		}
		r, n := unicodeEscape(s[i+1:])
		switch {
		case n == 0:
			return dst, sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape").
				WithHint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
		case r == 0 || r > utf8.MaxRune:
			return dst, invalid("invalid Unicode code point: %04X", r)
		}
		i += 1 + n
		low := r >= 0xdc00 && r <= 0xdfff
		switch {
		case high != 0 && !low, high == 0 && low:
			return dst, badSurrogates()
		case low:
			dst, high = utf8.AppendRune(dst, utf16.DecodeRune(high, r)), 0
		case utf16.IsSurrogate(r):
			high = r
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	if high != 0 {
		return dst, badSurrogates()
	}
	return dst, nil
}

func badSurrogates() error {
	return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode surrogate pair")
}

// unicodeEscape reads what follows a backslash: the code point and the bytes read, 0 when it is no escape.
func unicodeEscape(s string) (rune, int) {
	digits, skip := 4, 0
	switch {
	case strings.HasPrefix(s, "u"):
		skip = 1
	case strings.HasPrefix(s, "+"):
		digits, skip = 6, 1
	case strings.HasPrefix(s, "U"):
		digits, skip = 8, 1
	}
	if len(s) < skip+digits {
		return 0, 0
	}
	var r uint32
	for _, c := range []byte(s[skip : skip+digits]) {
		v := strings.IndexByte("0123456789abcdef", c|0x20)
		if digitByte(c) {
			v = int(c - '0')
		}
		if v < 0 {
			return 0, 0
		}
		r = r<<4 | uint32(v)
	}
	if r > 0x7fffffff {
		r = 0x7fffffff
	}
	return rune(r), skip + digits
}
