package parse

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// shift says that from byte at of the parsed text on, positions are by bytes further than in the original.
type shift struct{ at, by int }

// rewritten is the text that the grammar is given, and how its positions relate to the original's.
type rewritten struct {
	text   string
	shifts []shift
	params int // `?` placeholders
}

// original is the byte of the original text for a byte of the rewritten one.
func (r *rewritten) original(pos int) int {
	by := 0
	for _, s := range r.shifts {
		if s.at > pos {
			break
		}
		by = s.by
	}
	return pos - by
}

// parsed is the byte of the rewritten text for the 1-based character that the grammar reports.
func (r *rewritten) parsed(char int) int {
	pos := 0
	for i := range r.text {
		if char--; char <= 0 {
			return i
		}
		pos = i
	}
	if char > 0 && len(r.text) > 0 {
		return len(r.text)
	}
	return pos
}

// placeholders turns `?` into $1, $2, … where it is no operator. It is one where it stands between two operands, and
// written `??` everywhere. Strings, quoted identifiers and comments are left alone.
func placeholders(text string) (*rewritten, error) {
	r := &rewritten{text: text}
	if !strings.Contains(text, "?") {
		return r, nil
	}
	p := placer{s: scanner{text: text}}
	p.run()
	if p.params > 0 && p.numbered >= 0 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "a statement cannot have both ? and $n parameters").
			At(charAt(text, p.numbered))
	}
	p.out.WriteString(text[p.copied:])
	return &rewritten{text: p.out.String(), shifts: p.shifts, params: p.params}, nil
}

// placer copies a text while it replaces placeholders.
type placer struct {
	s        scanner
	out      strings.Builder
	copied   int // bytes of the original that out has
	by       int
	shifts   []shift
	params   int
	numbered int       // where $n was seen first, -1
	operand  bool      // the last token ended an operand
	words    [2]string // the last two tokens, words in lower case
}

func (p *placer) run() {
	p.numbered = -1
	for t := p.s.next(); t.kind != tokEnd; t = p.s.next() {
		word := p.s.text[t.start:t.end]
		if word == "?" {
			p.mark(t)
			continue
		}
		if t.kind == tokParam && p.numbered < 0 {
			p.numbered = t.start
		}
		p.operand = p.endsOperand(t, word)
		p.words[0], p.words[1] = p.words[1], strings.ToLower(word)
	}
}

// mark decides what the `?` at t is.
func (p *placer) mark(t token) {
	after := p.s.at(t.end)
	switch {
	case after == '?': // written ??: the operator, perhaps ?| or ?&
		p.s.pos++
		if c := p.s.at(p.s.pos); (c == '|' || c == '&') && p.s.at(p.s.pos+1) != c {
			p.s.pos++
		}
		p.replace(t.start, t.start+2, "?")
		p.operand = false
	case (after == '|' || after == '&') && p.s.at(t.end+1) != after && p.operand:
		p.s.pos++
		p.operand = false
	case (p.operand || p.jsonPath(t)) && p.startsOperand():
		p.operand = false
	default:
		p.params++
		p.replace(t.start, t.end, " $"+strconv.Itoa(p.params)+" ")
		p.operand = true
	}
	p.words[0], p.words[1] = p.words[1], "?"
}

// jsonPath says whether the `?` ends the operator @?.
func (p *placer) jsonPath(t token) bool {
	return p.words[1] == "@" && t.start > 0 && p.s.text[t.start-1] == '@'
}

// replace puts new in the place of bytes [from, to) of the original.
func (p *placer) replace(from, to int, with string) {
	p.out.WriteString(p.s.text[p.copied:from])
	p.copied = to
	// What the grammar says of the replacement, behind its blank, is said of the placeholder.
	at := p.out.Len() + len(with) - len(strings.TrimLeft(with, " "))
	p.shifts = append(p.shifts, shift{at, at - from})
	p.out.WriteString(with)
	p.by += len(with) - (to - from)
	p.shifts = append(p.shifts, shift{p.out.Len(), p.by})
}

// startsOperand looks whether the next token starts an operand.
func (p *placer) startsOperand() bool {
	ahead := p.s
	t := ahead.next()
	word := ahead.text[t.start:t.end]
	switch t.kind {
	case tokString, tokNumber, tokParam, tokQuoted:
		return true
	case tokIdent:
		return !reserved[strings.ToLower(word)] || valueWords[strings.ToLower(word)] || prefixWords[strings.ToLower(word)]
	case tokOperator:
		return word == "?"
	case tokPunct:
		return word == "("
	}
	return false
}

func (p *placer) endsOperand(t token, word string) bool {
	switch t.kind {
	case tokString, tokNumber, tokParam, tokQuoted:
		return true
	case tokIdent:
		w := strings.ToLower(word)
		if p.words[1] == "." {
			return true
		}
		return !reserved[w] && !p.introduces(w) || valueWords[w]
	case tokPunct:
		return word == ")" || word == "]"
	case tokOperator:
		return false
	}
	return false
}

// introduces says whether the word, not reserved, stands before an operand here.
func (p *placer) introduces(w string) bool {
	switch w {
	case "first", "next":
		return p.words[1] == "fetch"
	case "zone":
		return p.words[1] == "time"
	case "by":
		return p.words[1] == "order" || p.words[1] == "group" || p.words[1] == "partition"
	case "escape", "between", "values", "like", "ilike", "similar", "is", "rows", "range", "groups", "set", "filter":
		return true
	}
	return false
}

// valueWords are reserved words that are values or end one.
var valueWords = words("null true false current_date current_time current_timestamp localtime localtimestamp " +
	"current_user current_role session_user user current_catalog current_schema end")

// prefixWords are reserved words that an operand may start with.
var prefixWords = words("array case cast not")

// reserved are the words that cannot be a column's name (kwlist.h: reserved, and of type or function names).
var reserved = words("all analyse analyze and any array as asc asymmetric authorization binary both case cast check " +
	"collate collation column concurrently constraint create cross current_catalog current_date current_role " +
	"current_schema current_time current_timestamp current_user default deferrable desc distinct do else end " +
	"except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is " +
	"isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only " +
	"or order outer overlaps placing primary references returning right select session_user similar some symmetric " +
	"system_user table tablesample then to trailing true union unique user using variadic verbose when where window with")

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
