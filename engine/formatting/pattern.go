// Package formatting is PostgreSQL's template patterns: to_char, to_date, to_timestamp and to_number. A pattern is
// compiled once and then applied to any number of values; a compiled pattern is immutable.
//
// The semantics are those of src/backend/utils/adt/formatting.c of PostgreSQL 15 in a locale of "C": every oddity of
// the format language is kept, since a pattern that people wrote for PostgreSQL has to give PostgreSQL's text.
package formatting

import (
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// nodeKind says what a node of a pattern stands for.
type nodeKind uint8

const (
	actionNode    nodeKind = iota // a keyword
	charNode                      // a literal character
	separatorNode                 // punctuation in a datetime pattern
	spaceNode                     // a blank
)

// suffix is a set of modifiers of a datetime keyword.
type suffix uint8

const (
	fillMode    suffix = 1 << iota // FM: no padding
	translated                     // TM: names in the locale's language
	upperTH                        // TH
	lowerTH                        // th
	spelledMode                    // SP, which PostgreSQL reads and ignores
)

const ordinal = upperTH | lowerTH

// node is one element of a compiled pattern.
type node struct {
	kind   nodeKind
	key    *keyword // of an action
	text   string   // of the others: one character
	suffix suffix
}

// keyword is a word of a pattern language.
type keyword struct {
	name  string
	id    action
	digit bool       // reads digits
	mode  convention // what a date is made of
}

// keywords finds the first keyword, in order, that s begins with. The order makes longer words come first.
type keywords map[byte][]*keyword

func index(list []keyword) keywords {
	k := keywords{}
	for i := range list {
		c := list[i].name[0]
		k[c] = append(k[c], &list[i])
	}
	return k
}

func (k keywords) match(s string) *keyword {
	if s == "" {
		return nil
	}
	for _, w := range k[s[0]] {
		if strings.HasPrefix(s, w.name) {
			return w
		}
	}
	return nil
}

// modifier is a prefix or suffix of a datetime keyword.
type modifier struct {
	name string
	bit  suffix
}

var (
	prefixes = []modifier{{"FM", fillMode}, {"fm", fillMode}, {"TM", translated}, {"tm", translated}}
	suffixes = []modifier{{"TH", upperTH}, {"th", lowerTH}, {"SP", spelledMode}}
)

func matchModifier(s string, list []modifier) (suffix, int) {
	for _, m := range list {
		if strings.HasPrefix(s, m.name) {
			return m.bit, len(m.name)
		}
	}
	return 0, 0
}

// scanner splits a pattern into nodes.
type scanner struct {
	rest     string
	words    keywords
	datetime bool
	standard bool // SQL/JSON's templates, of which only some characters are separators
	nodes    []node
}

// scan reads a whole pattern; seen is called for every action in turn.
func (p *scanner) scan(seen func(n node) error) error {
	for p.rest != "" {
		var mods suffix
		if p.datetime {
			bit, n := matchModifier(p.rest, prefixes)
			mods, p.rest = bit, p.rest[n:]
		}
		if w := p.words.match(p.rest); w != nil {
			p.rest = p.rest[len(w.name):]
			if p.datetime {
				bit, n := matchModifier(p.rest, suffixes)
				mods, p.rest = mods|bit, p.rest[n:]
			}
			n := node{kind: actionNode, key: w, suffix: mods}
			if err := seen(n); err != nil {
				return err
			}
			p.nodes = append(p.nodes, n)
			continue
		}
		if p.standard && p.rest != "" && !strings.ContainsRune("\"-./,':; ", rune(p.rest[0])) {
			_, n := utf8.DecodeRuneInString(p.rest)
			return invalid(`invalid datetime format separator: "%s"`, p.rest[:n])
		}
		p.literal()
	}
	return nil
}

// literal reads one character or one double-quoted string.
func (p *scanner) literal() {
	switch {
	case p.rest == "":
	case p.rest[0] == '"':
		p.rest = p.rest[1:]
		for p.rest != "" {
			if p.rest[0] == '"' {
				p.rest = p.rest[1:]
				return
			}
			if p.rest[0] == '\\' && len(p.rest) > 1 {
				p.rest = p.rest[1:]
			}
			p.char(charNode)
		}
	default:
		if strings.HasPrefix(p.rest, `\"`) { // a backslash is special before a quote only
			p.rest = p.rest[1:]
		}
		switch {
		case p.datetime && separator(p.rest[0]):
			p.char(separatorNode)
		case blank(p.rest[0]):
			p.char(spaceNode)
		default:
			p.char(charNode)
		}
	}
}

func (p *scanner) char(kind nodeKind) {
	_, n := utf8.DecodeRuneInString(p.rest)
	p.nodes = append(p.nodes, node{kind: kind, text: p.rest[:n]})
	p.rest = p.rest[n:]
}

// separator says whether c is punctuation, which datetime patterns match with any punctuation.
func separator(c byte) bool {
	return c > 0x20 && c < 0x7f && !digit(c) && (c|0x20 < 'a' || c|0x20 > 'z')
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

func invalid(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, format, args...)
}

// appendOrdinal adds st, nd, rd or th to the number that dst ends with, which begins at start.
func appendOrdinal(dst []byte, start int, upper bool) []byte {
	word := ordinalOf(dst[start:])
	if upper {
		word = strings.ToUpper(word)
	}
	return append(dst, word...)
}

// ordinalOf is the ending of an ordinal number: the teens have th, also where more digits come before them.
func ordinalOf(number []byte) string {
	n := len(number)
	if n > 1 && number[n-2] == '1' {
		return "th"
	}
	switch number[n-1] {
	case '1':
		return "st"
	case '2':
		return "nd"
	case '3':
		return "rd"
	}
	return "th"
}
