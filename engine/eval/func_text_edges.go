package eval

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"textanycat": noArray(byDatum(func(c *call, a []any) (any, error) {
			return a[0].(string) + castText(c, 1, a[1]), nil
		})),
		"anytextcat": noArray(byDatum(func(c *call, a []any) (any, error) {
			return castText(c, 0, a[0]) + a[1].(string), nil
		})),
		"text_concat": byDatum(func(c *call, a []any) (any, error) {
			var b strings.Builder
			for i, v := range a {
				b.WriteString(outputText(c, i, v))
			}
			return b.String(), nil
		}),
		"text_concat_ws": byDatum(concatWS),
		"text_format":    byDatum(format), "text_format_nv": byDatum(format),
		"quote_ident": toText1(func(_ *call, dst []byte, s string) ([]byte, error) {
			return append(dst, quoteIdent(s)...), nil
		}),
		"quote_literal": toText1(func(_ *call, dst []byte, s string) ([]byte, error) {
			return append(dst, quoteLiteral(s)...), nil
		}),
		"quote_nullable": byDatum(func(_ *call, a []any) (any, error) {
			if a[0] == nil {
				return "NULL", nil
			}
			return quoteLiteral(a[0].(string)), nil
		}),
	})
}

// noArray refuses array arguments: for them || is an operator on arrays.
func noArray(m maker) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		for _, a := range args {
			if a.Kind == types.Array {
				return nil, noKernel("||", args)
			}
		}
		return m(args, result)
	}
}

// outputText is argument i as its output function prints it, "" for NULL.
func outputText(c *call, i int, v any) string {
	if v == nil {
		return ""
	}
	return string(datum.Append(nil, c.args[i], v, c.zone()))
}

// castText is argument i as a cast to text gives it: booleans are written out, char(n) loses its padding.
func castText(c *call, i int, v any) string {
	switch c.args[i].Kind {
	case types.Bool:
		return strconv.FormatBool(v.(bool))
	case types.Bpchar:
		return strings.TrimRight(v.(string), " ")
	}
	return outputText(c, i, v)
}

func concatWS(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	parts := make([]string, 0, len(a)-1)
	for i, v := range a[1:] {
		if v != nil {
			parts = append(parts, outputText(c, i+1, v))
		}
	}
	return strings.Join(parts, a[0].(string)), nil
}

func quoteLiteral(s string) string {
	out := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(out, `\`, `\\`)
	}
	return out
}

func quoteIdent(s string) string {
	plain := s != "" && (s[0] == '_' || s[0] >= 'a' && s[0] <= 'z')
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c == '_' || c >= 'a' && c <= 'z' || digitByte(c)
	}
	if plain && !reservedWords[s] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// formatter reads the specifiers of format: %[position$][-][width](s|I|L).
type formatter struct {
	c    *call
	args []any
	text string
	pos  int
	next int // the next argument, from 1
	out  []byte
}

func format(c *call, args []any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	f := &formatter{c: c, args: args, text: args[0].(string), next: 1}
	for f.pos < len(f.text) {
		ch := f.text[f.pos]
		f.pos++
		if ch != '%' {
			f.out = append(f.out, ch)
			continue
		}
		if err := f.specifier(); err != nil {
			return nil, err
		}
	}
	return string(f.out), nil
}

func formatError(msg, hint string) error {
	e := sqlerr.New(sqlerr.InvalidParameterValue, "%s", msg)
	if hint != "" {
		e = e.WithHint("%s", hint)
	}
	return e
}

func unterminated() error {
	return formatError("unterminated format() type specifier", "For a single \"%\" use \"%%\".")
}

// number reads digits; have is false when there are none.
func (f *formatter) number() (n int, have bool, err error) {
	start := f.pos
	for f.pos < len(f.text) && digitByte(f.text[f.pos]) {
		f.pos++
	}
	if start == f.pos {
		return 0, false, nil
	}
	v, err := strconv.ParseInt(f.text[start:f.pos], 10, 32)
	if err != nil {
		return 0, true, sqlerr.New(sqlerr.NumericOutOfRange, "number is out of range")
	}
	if f.pos >= len(f.text) {
		return 0, true, unterminated()
	}
	return int(v), true, nil
}

func (f *formatter) specifier() error {
	if f.pos >= len(f.text) {
		return unterminated()
	}
	if f.text[f.pos] == '%' {
		f.pos++
		f.out = append(f.out, '%')
		return nil
	}
	position, width, left, err := f.prefix()
	if err != nil {
		return err
	}
	conversion := f.text[f.pos]
	r, w := utf8.DecodeRuneInString(f.text[f.pos:])
	f.pos += w
	if conversion != 's' && conversion != 'I' && conversion != 'L' {
		return formatError("unrecognized format() type specifier \""+string(r)+"\"", "For a single \"%\" use \"%%\".")
	}
	if position == 0 {
		position = f.next
	}
	f.next = position + 1
	v, err := f.arg(position)
	if err != nil {
		return err
	}
	return f.convert(conversion, position, v, width, left)
}

// prefix reads what stands between % and the conversion.
func (f *formatter) prefix() (position, width int, left bool, err error) {
	n, have, err := f.number()
	if err != nil {
		return 0, 0, false, err
	}
	if have && f.text[f.pos] != '$' {
		return 0, n, false, nil
	}
	if have {
		if n == 0 {
			return 0, 0, false, formatError("format specifies argument 0, but arguments are numbered from 1", "")
		}
		position = n
		if f.pos++; f.pos >= len(f.text) {
			return 0, 0, false, unterminated()
		}
	}
	for f.text[f.pos] == '-' {
		left = true
		if f.pos++; f.pos >= len(f.text) {
			return 0, 0, false, unterminated()
		}
	}
	if f.text[f.pos] == '*' {
		width, err = f.widthArg()
		return position, width, left, err
	}
	width, _, err = f.number()
	return position, width, left, err
}

// widthArg reads *, or *n$: the width is an argument.
func (f *formatter) widthArg() (int, error) {
	if f.pos++; f.pos >= len(f.text) {
		return 0, unterminated()
	}
	n, have, err := f.number()
	if err != nil {
		return 0, err
	}
	if have {
		if f.text[f.pos] != '$' {
			return 0, formatError("width argument position must be ended by \"$\"", "")
		}
		if n == 0 {
			return 0, formatError("format specifies argument 0, but arguments are numbered from 1", "")
		}
		if f.pos++; f.pos >= len(f.text) {
			return 0, unterminated()
		}
	} else {
		n = f.next
	}
	f.next = n + 1
	v, err := f.arg(n)
	if err != nil || v == nil {
		return 0, err
	}
	text := outputText(f.c, n, v)
	w, err := datum.Parse(types.Int4T, text, nil)
	if err != nil {
		return 0, err
	}
	return int(w.(int64)), nil
}

func (f *formatter) arg(n int) (any, error) {
	if n >= len(f.args) {
		return nil, formatError("too few arguments for format()", "")
	}
	return f.args[n], nil
}

func (f *formatter) convert(conversion byte, n int, v any, width int, left bool) error {
	text := outputText(f.c, n, v)
	switch {
	case v == nil && conversion == 'I':
		return sqlerr.New(sqlerr.NullNotAllowed, "null values cannot be formatted as an SQL identifier")
	case v == nil && conversion == 'L':
		text = "NULL"
	case conversion == 'I':
		text = quoteIdent(text)
	case conversion == 'L':
		text = quoteLiteral(text)
	}
	if width == math.MinInt32 {
		return sqlerr.New(sqlerr.NumericOutOfRange, "number is out of range")
	}
	if width < 0 {
		left, width = true, -width
	}
	pad := strings.Repeat(" ", max(width-runeCount(text), 0))
	if left {
		f.out = append(append(f.out, text...), pad...)
	} else {
		f.out = append(append(f.out, pad...), text...)
	}
	return nil
}
