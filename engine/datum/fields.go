package datum

import "strings"

// fieldKind is what a run of characters of a date, time or interval looks like, before it means anything.
type fieldKind uint8

const (
	numberField  fieldKind = iota // 17, 5.25, .5
	stringField                   // jan, utc
	dateField                     // 1-2-3, 1/2/3, 1.2.3, jan-1-2000, america/new_york
	timeField                     // 04:05:06.789
	signedField                   // +05:30, -8, -1.5
	specialField                  // -infinity
)

type field struct {
	kind fieldKind
	text string // in lower case
}

const maxFields = 25

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func alnum(c byte) bool { return letter(c) || digit(c) }

func punctuation(c byte) bool { return c > ' ' && c < 0x7f && !alnum(c) }

// fieldScanner splits the text of a date, time or interval as PostgreSQL's ParseDateTime does.
type fieldScanner struct {
	s   string
	pos int
}

func (f *fieldScanner) peek() byte {
	if f.pos < len(f.s) {
		return f.s[f.pos]
	}
	return 0
}

func (f *fieldScanner) while(ok func(c byte) bool) {
	for f.pos < len(f.s) && ok(f.s[f.pos]) {
		f.pos++
	}
}

// splitFields is the list of fields of s; false when it holds what no date, time or interval has.
func splitFields(s string) ([]field, bool) {
	f := &fieldScanner{s: s}
	var out []field
	room := len(s)
	for f.pos < len(s) {
		c := f.peek()
		start := f.pos
		var kind fieldKind
		switch {
		case blank(c):
			f.pos++
			continue
		case digit(c):
			kind = f.number()
		case c == '.':
			f.pos++
			f.while(digit)
			kind = numberField
		case letter(c):
			kind = f.word()
		case c == '+' || c == '-':
			text, kind, ok := f.signed()
			if !ok || len(out) >= maxFields {
				return nil, false
			}
			out = append(out, field{kind, text})
			continue
		case punctuation(c):
			f.pos++
			continue
		default:
			return nil, false
		}
		if len(out) >= maxFields || room > 256 {
			return nil, false
		}
		out = append(out, field{kind, strings.ToLower(s[start:f.pos])})
	}
	return out, true
}

func (f *fieldScanner) number() fieldKind {
	f.while(digit)
	switch c := f.peek(); c {
	case ':':
		f.while(func(c byte) bool { return digit(c) || c == ':' || c == '.' })
		return timeField
	case '-', '/', '.':
		f.pos++
		if !digit(f.peek()) {
			f.while(func(b byte) bool { return alnum(b) || b == c })
			if c == '.' && f.s[f.pos-1] == '.' {
				return dateField
			}
			return dateField
		}
		f.while(digit)
		if f.peek() == c {
			f.while(func(b byte) bool { return digit(b) || b == c })
			return dateField
		}
		if c == '.' {
			return numberField
		}
		return dateField
	}
	return numberField
}

// word is a name, a date that begins with a month's name, or a time zone's name.
func (f *fieldScanner) word() fieldKind {
	start := f.pos
	f.while(letter)
	c := f.peek()
	isDate := c == '-' || c == '/' || c == '.'
	if c == '+' || digit(c) {
		// A known word ends here; "gmt+3" or "est5edt" goes on.
		_, known := dateWords[token(strings.ToLower(f.s[start:f.pos]))]
		isDate = !known
	}
	if !isDate {
		return stringField
	}
	f.while(func(b byte) bool {
		return alnum(b) || b == '+' || b == '-' || b == '/' || b == '_' || b == '.' || b == ':'
	})
	return dateField
}

func (f *fieldScanner) signed() (string, fieldKind, bool) {
	sign := f.s[f.pos : f.pos+1]
	f.pos++
	f.while(blank)
	start := f.pos
	switch {
	case digit(f.peek()):
		f.while(func(c byte) bool { return digit(c) || c == ':' || c == '.' || c == '-' })
		return sign + f.s[start:f.pos], signedField, true
	case letter(f.peek()):
		f.while(letter)
		return sign + strings.ToLower(f.s[start:f.pos]), specialField, true
	}
	return "", 0, false
}

// token cuts a word to the ten characters that PostgreSQL's keyword tables compare.
func token(w string) string { return w[:min(len(w), 10)] }
