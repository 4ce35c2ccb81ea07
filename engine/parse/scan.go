package parse

import "strings"

// tokenKind classes a token only as far as the guard and the placeholders need.
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokIdent
	tokQuoted // "identifier"
	tokString // any string constant
	tokNumber
	tokParam // $1
	tokOperator
	tokPunct // one of ( ) [ ] , ; : . and anything else
)

type token struct {
	kind       tokenKind
	start, end int
}

// scanner cuts text into PostgreSQL's tokens (scan.l). It never fails: what is not terminated ends with the text, and
// the grammar says what is wrong.
type scanner struct {
	text string
	pos  int
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isIdentStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }

func isOperator(c byte) bool { return strings.IndexByte("+-*/<>=~!@#%^&|`?", c) >= 0 }

func (s *scanner) at(i int) byte {
	if i < len(s.text) {
		return s.text[i]
	}
	return 0
}

// next is the next token after blanks and comments. A `?` is always a token of its own, whatever stands beside it.
func (s *scanner) next() token {
	s.skipBlank()
	start := s.pos
	if start >= len(s.text) {
		return token{tokEnd, start, start}
	}
	c := s.text[start]
	switch {
	case isIdentStart(c):
		return s.word(start)
	case c == '"':
		return s.quoted(start, '"', false, tokQuoted)
	case c == '\'':
		return s.quoted(start, '\'', false, tokString)
	case isDigit(c) || c == '.' && isDigit(s.at(start+1)):
		return s.number(start)
	case c == '$':
		return s.dollar(start)
	case isOperator(c):
		return s.operator(start)
	case c == ':' && (s.at(start+1) == ':' || s.at(start+1) == '='):
		s.pos += 2
		return token{tokOperator, start, s.pos}
	}
	s.pos++
	return token{tokPunct, start, s.pos}
}

func (s *scanner) skipBlank() {
	for s.pos < len(s.text) {
		switch {
		case isSpace(s.text[s.pos]):
			s.pos++
		case s.text[s.pos] == '-' && s.at(s.pos+1) == '-':
			s.lineComment()
		case s.text[s.pos] == '/' && s.at(s.pos+1) == '*':
			s.blockComment()
		default:
			return
		}
	}
}

func (s *scanner) lineComment() {
	if i := strings.IndexAny(s.text[s.pos:], "\r\n"); i >= 0 {
		s.pos += i
		return
	}
	s.pos = len(s.text)
}

func (s *scanner) blockComment() {
	depth := 0
	for s.pos < len(s.text) {
		switch {
		case s.text[s.pos] == '/' && s.at(s.pos+1) == '*':
			depth++
			s.pos += 2
		case s.text[s.pos] == '*' && s.at(s.pos+1) == '/':
			depth--
			s.pos += 2
			if depth == 0 {
				return
			}
		default:
			s.pos++
		}
	}
}

// word is an identifier or keyword, or a string with a letter before it: E”, B”, X”, N”, U&”, U&"".
func (s *scanner) word(start int) token {
	c, next := s.text[start]|0x20, s.at(start+1)
	switch {
	case next == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n'):
		s.pos++
		return s.quoted(start, '\'', c == 'e', tokString)
	case c == 'u' && next == '&' && s.at(start+2) == '\'':
		s.pos += 2
		return s.quoted(start, '\'', false, tokString)
	case c == 'u' && next == '&' && s.at(start+2) == '"':
		s.pos += 2
		return s.quoted(start, '"', false, tokQuoted)
	}
	for s.pos < len(s.text) && isIdentPart(s.text[s.pos]) {
		s.pos++
	}
	return token{tokIdent, start, s.pos}
}

// quoted reads to the closing quote; the scanner stands on the opening one.
func (s *scanner) quoted(start int, quote byte, backslash bool, kind tokenKind) token {
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case backslash && c == '\\':
			s.pos++
		case c == quote && s.at(s.pos+1) == quote:
			s.pos++
		case c == quote:
			s.pos++
			return token{kind, start, s.pos}
		}
	}
	s.pos = len(s.text)
	return token{kind, start, s.pos}
}

func (s *scanner) number(start int) token {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		sign := (c == '+' || c == '-') && s.text[s.pos-1]|0x20 == 'e' && isDigit(s.at(s.pos+1)) && !s.isHex(start)
		twoDots := c == '.' && s.at(s.pos+1) == '.'
		if twoDots || !isIdentPart(c) && c != '.' && !sign {
			break
		}
		s.pos++
	}
	return token{tokNumber, start, s.pos}
}

func (s *scanner) isHex(start int) bool { return s.text[start] == '0' && s.at(start+1)|0x20 == 'x' }

// dollar is $1, or a dollar-quoted string.
func (s *scanner) dollar(start int) token {
	if isDigit(s.at(start + 1)) {
		for s.pos++; isDigit(s.at(s.pos)); s.pos++ {
		}
		return token{tokParam, start, s.pos}
	}
	i := start + 1
	for i < len(s.text) && isIdentPart(s.text[i]) && s.text[i] != '$' {
		i++
	}
	if s.at(i) != '$' {
		s.pos++
		return token{tokPunct, start, s.pos}
	}
	tag := s.text[start : i+1]
	if end := strings.Index(s.text[i+1:], tag); end >= 0 {
		s.pos = i + 1 + end + len(tag)
	} else {
		s.pos = len(s.text)
	}
	return token{tokString, start, s.pos}
}

// operator is a run of operator characters that ends before a comment or a `?`.
func (s *scanner) operator(start int) token {
	if s.text[start] == '?' {
		s.pos++
		return token{tokOperator, start, s.pos}
	}
	for s.pos < len(s.text) && isOperator(s.text[s.pos]) && s.text[s.pos] != '?' {
		if two := s.text[s.pos:min(s.pos+2, len(s.text))]; s.pos > start && (two == "--" || two == "/*") {
			break
		}
		s.pos++
	}
	return token{tokOperator, start, s.pos}
}
