// Package jsonpath is PostgreSQL's SQL/JSON path language: a path is parsed once and then asked of any number of
// documents. A parsed path is immutable.
//
// The semantics are those of src/backend/utils/adt/jsonpath_exec.c of PostgreSQL 15: lax mode unwraps arrays and ignores
// structural errors, strict mode does neither. The methods datetime() and keyvalue() are refused by their names.
package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// tokenKind is the kind of a token; punctuation is its own text.
type tokenKind uint8

const (
	endToken tokenKind = iota
	identToken
	stringToken
	variableToken
	numberToken
	symbolToken
)

type token struct {
	kind tokenKind
	text string // unescaped
	at   int
}

// lexer splits a path into tokens.
type lexer struct {
	s   string
	pos int
}

func syntaxError(near string) error {
	if near == "" {
		return sqlerr.New(sqlerr.SyntaxError, "syntax error at end of jsonpath input")
	}
	return sqlerr.New(sqlerr.SyntaxError, `syntax error at or near "%s" of jsonpath input`, near)
}

const special = `?%$.[]{}()|&!=<>@#,*:-+/\"`

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// next is the token at the lexer's place.
func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	at := l.pos
	if at >= len(l.s) {
		return token{at: at}, nil
	}
	switch c := l.s[at]; {
	case c == '"':
		text, err := l.quoted()
		return token{stringToken, text, at}, err
	case c == '$':
		return l.variable()
	case digit(c), c == '.' && at+1 < len(l.s) && digit(l.s[at+1]):
		return l.number()
	case strings.IndexByte(special, c) >= 0 && c != '\\':
		for _, op := range []string{"**", "&&", "||", "==", "!=", "<>", "<=", ">="} {
			if strings.HasPrefix(l.s[at:], op) {
				l.pos += 2
				return token{symbolToken, op, at}, nil
			}
		}
		l.pos++
		return token{symbolToken, l.s[at : at+1], at}, nil
	}
	text, err := l.ident()
	return token{identToken, text, at}, err
}

// skip passes blanks and comments.
func (l *lexer) skip() error {
	for l.pos < len(l.s) {
		switch {
		case blank(l.s[l.pos]):
			l.pos++
		case strings.HasPrefix(l.s[l.pos:], "/*"):
			end := strings.Index(l.s[l.pos+2:], "*/")
			if end < 0 {
				return sqlerr.New(sqlerr.SyntaxError, "unexpected end of comment at end of jsonpath input")
			}
			l.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) variable() (token, error) {
	at := l.pos
	l.pos++
	if l.pos < len(l.s) {
		c := l.s[l.pos]
		if c == '"' {
			text, err := l.quoted()
			return token{variableToken, text, at}, err
		}
		if !blank(c) && (strings.IndexByte(special, c) < 0 || c == '\\') {
			text, err := l.ident()
			return token{variableToken, text, at}, err
		}
	}
	return token{symbolToken, "$", at}, nil
}

// number is an unsigned number: digits without a leading 0, a fraction, an exponent.
func (l *lexer) number() (token, error) {
	at := l.pos
	digits := func() int {
		n := 0
		for l.pos < len(l.s) && digit(l.s[l.pos]) {
			l.pos++
			n++
		}
		return n
	}
	whole := digits()
	bad := whole > 1 && l.s[at] == '0'
	if l.pos < len(l.s) && l.s[l.pos] == '.' {
		l.pos++
		digits()
	}
	if l.pos < len(l.s) && l.s[l.pos]|0x20 == 'e' {
		l.pos++
		if l.pos < len(l.s) && (l.s[l.pos] == '+' || l.s[l.pos] == '-') {
			l.pos++
		}
		bad = digits() == 0 || bad
	}
	if l.pos < len(l.s) {
		if c := l.s[l.pos]; bad || !blank(c) && strings.IndexByte(special, c) < 0 {
			_, n := utf8.DecodeRuneInString(l.s[l.pos:])
			return token{}, sqlerr.New(sqlerr.SyntaxError, `trailing junk after numeric literal at or near "%s" of jsonpath input`,
				l.s[at:l.pos+n])
		}
	} else if bad {
		return token{}, sqlerr.New(sqlerr.SyntaxError, `trailing junk after numeric literal at or near "%s" of jsonpath input`, l.s[at:])
	}
	return token{numberToken, l.s[at:l.pos], at}, nil
}

// ident is a word up to a blank or special character; escapes are those of strings.
func (l *lexer) ident() (string, error) {
	var b strings.Builder
	for l.pos < len(l.s) {
		c := l.s[l.pos]
		if c == '\\' {
			if err := l.escape(&b); err != nil {
				return "", err
			}
			continue
		}
		if blank(c) || strings.IndexByte(special, c) >= 0 {
			break
		}
		b.WriteByte(c)
		l.pos++
	}
	return b.String(), nil
}

func (l *lexer) quoted() (string, error) {
	var b strings.Builder
	l.pos++
	for l.pos < len(l.s) {
		switch c := l.s[l.pos]; c {
		case '"':
			l.pos++
			return b.String(), nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return "", sqlerr.New(sqlerr.SyntaxError, "unterminated quoted string at end of jsonpath input")
}

// escape reads an escape of ECMAScript.
func (l *lexer) escape(b *strings.Builder) error {
	l.pos++
	if l.pos >= len(l.s) {
		return sqlerr.New(sqlerr.SyntaxError, "unexpected end after backslash at end of jsonpath input")
	}
	c := l.s[l.pos]
	l.pos++
	if at := strings.IndexByte("bfnrtv", c); at >= 0 {
		b.WriteByte("\b\f\n\r\t\v"[at])
		return nil
	}
	switch c {
	case 'x':
		return l.codePoint(b, 2, `invalid hexadecimal character sequence`)
	case 'u':
		if l.pos < len(l.s) && l.s[l.pos] == '{' {
			end := strings.IndexByte(l.s[l.pos:], '}')
			if end < 2 || end > 7 {
				return invalidUnicode()
			}
			l.pos++
			if err := l.codePoint(b, end-1, "invalid Unicode escape sequence"); err != nil {
				return err
			}
			l.pos++
			return nil
		}
		return l.utf16(b)
	}
	_, n := utf8.DecodeRuneInString(l.s[l.pos-1:])
	b.WriteString(l.s[l.pos-1 : l.pos-1+n])
	l.pos += n - 1
	return nil
}

func invalidUnicode() error {
	return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape sequence at or near \"\\u\" of jsonpath input")
}

func (l *lexer) hex(digits int) (rune, bool) {
	if l.pos+digits > len(l.s) {
		return 0, false
	}
	v, err := strconv.ParseUint(l.s[l.pos:l.pos+digits], 16, 32)
	l.pos += digits
	return rune(v), err == nil && v != 0
}

func (l *lexer) codePoint(b *strings.Builder, digits int, msg string) error {
	c, ok := l.hex(digits)
	if !ok || !utf8.ValidRune(c) {
		return sqlerr.New(sqlerr.SyntaxError, "%s in jsonpath input", msg)
	}
	b.WriteRune(c)
	return nil
}

// utf16 reads \uXXXX, and the second half of a surrogate pair.
func (l *lexer) utf16(b *strings.Builder) error {
	c, ok := l.hex(4)
	if ok && c >= 0xd800 && c < 0xdc00 && strings.HasPrefix(l.s[l.pos:], `\u`) {
		l.pos += 2
		low, lowOK := l.hex(4)
		ok = lowOK && low >= 0xdc00 && low < 0xe000
		c = (c-0xd800)<<10 + (low - 0xdc00) + 0x10000
	}
	if !ok || !utf8.ValidRune(c) {
		return invalidUnicode()
	}
	b.WriteRune(c)
	return nil
}
