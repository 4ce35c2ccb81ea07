package eval

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	table := implementations{
		"bytealike": fixed(likeKernel(false, false, true)), "byteanlike": fixed(likeKernel(true, false, true)),
		"like_escape": toText2(appendLikeEscape),
	}
	for _, left := range []string{"text", "bpchar", "name"} {
		table[left+"like"] = fixed(likeKernel(false, false, false))
		table[left+"nlike"] = fixed(likeKernel(true, false, false))
		table[left+"iclike"] = fixed(likeKernel(false, true, false))
		table[left+"icnlike"] = fixed(likeKernel(true, true, false))
	}
	register(table)
}

// likeShape is what a LIKE pattern asks for, where it is simpler than the general case.
type likeShape uint8

const (
	likeGeneral likeShape = iota
	likeExact
	likePrefix
	likeSuffix
	likeContains
	likePieces // pieces in order, with anything between them
	likeBroken // ends with the escape character
)

// likePattern is a LIKE pattern made ready for many strings.
type likePattern struct {
	text   string // the pattern it was made from, lower-case for ILIKE
	shape  likeShape
	pieces [][]byte // the literal runs between %; of likePieces the first and last are anchored
	tokens []likeToken
	bytes  bool // characters are bytes
	fold   bool
	buf    []byte
	broken string // of likeBroken: the pattern
	err    error  // that matching with it led to
}

// likeToken is one step of the general form: a character, _ (any) or % (many).
type likeToken struct {
	r         rune
	any, many bool
}

func badLikePattern() error {
	return sqlerr.New(sqlerr.InvalidEscape, "LIKE pattern must not end with escape character")
}

// compileLike reads a pattern: % and _ with \ as escape. A trailing \ is an error only when a string matches up to
// there.
func compileLike(pattern string, fold, asBytes bool) *likePattern {
	p := &likePattern{text: pattern, bytes: asBytes, fold: fold}
	var piece []byte
	simple := true
	for i := 0; i < len(pattern); {
		r, w := rune(pattern[i]), 1
		if !asBytes {
			r, w = utf8.DecodeRuneInString(pattern[i:])
		}
		switch r {
		case '%':
			p.pieces = append(p.pieces, piece)
			piece = nil
			p.tokens = append(p.tokens, likeToken{many: true})
		case '_':
			simple = false
			p.tokens = append(p.tokens, likeToken{any: true})
		default:
			if r == '\\' {
				i += w
				if i >= len(pattern) {
					return &likePattern{text: pattern, shape: likeBroken, broken: pattern, bytes: asBytes, fold: fold}
				}
				if r, w = rune(pattern[i]), 1; !asBytes {
					r, w = utf8.DecodeRuneInString(pattern[i:])
				}
			}
			piece = append(piece, pattern[i:i+w]...)
			p.tokens = append(p.tokens, likeToken{r: r})
		}
		i += w
	}
	p.pieces = append(p.pieces, piece)
	if simple {
		p.shape = p.simpleShape()
	}
	return p
}

func (p *likePattern) simpleShape() likeShape {
	n := len(p.pieces)
	first, last := p.pieces[0], p.pieces[n-1]
	middle := 0
	for _, s := range p.pieces[1:max(n-1, 1)] {
		if len(s) > 0 {
			middle++
		}
	}
	switch {
	case n == 1:
		return likeExact
	case middle == 0 && len(last) == 0:
		return likePrefix
	case middle == 0 && len(first) == 0:
		p.pieces[0] = last
		return likeSuffix
	case middle == 1 && len(first) == 0 && len(last) == 0:
		for _, s := range p.pieces {
			if len(s) > 0 {
				p.pieces[0] = s
			}
		}
		return likeContains
	}
	return likePieces
}

// match says whether s, already in lower case for ILIKE, has the pattern.
func (p *likePattern) match(s []byte) bool {
	switch p.shape {
	case likeExact:
		return bytes.Equal(s, p.pieces[0])
	case likePrefix:
		return bytes.HasPrefix(s, p.pieces[0])
	case likeSuffix:
		return bytes.HasSuffix(s, p.pieces[0])
	case likeContains:
		return bytes.Contains(s, p.pieces[0])
	case likePieces:
		return matchPieces(s, p.pieces)
	case likeBroken:
		return p.matchBroken(s, p.broken) == likeTrue
	}
	return p.matchTokens(s)
}

// likeAnswer is what PostgreSQL's MatchText says: abort means that later places need not be tried.
type likeAnswer uint8

const (
	likeFalse likeAnswer = iota
	likeTrue
	likeAbort
)

// matchBroken is PostgreSQL's MatchText for a pattern that ends with the escape character, so that the error is raised
// for the same strings.
func (p *likePattern) matchBroken(s []byte, pattern string) likeAnswer {
	for len(s) > 0 && pattern != "" {
		switch pattern[0] {
		case '%':
			return p.matchBrokenMany(s, pattern[1:])
		case '_':
			_, w := p.next(s)
			s, pattern = s[w:], pattern[1:]
			continue
		case '\\':
			if pattern = pattern[1:]; pattern == "" {
				p.err = badLikePattern()
				return likeAbort
			}
		}
		if s[0] != pattern[0] {
			return likeFalse
		}
		s, pattern = s[1:], pattern[1:]
	}
	if len(s) > 0 {
		return likeFalse
	}
	return likeAbort // the pattern's end is no %
}

// matchBrokenMany looks for a place of s where the pattern after a % matches.
func (p *likePattern) matchBrokenMany(s []byte, pattern string) likeAnswer {
	for pattern[0] == '%' || pattern[0] == '_' { // it ends with the escape character
		if pattern[0] == '_' {
			if len(s) == 0 {
				return likeAbort
			}
			_, w := p.next(s)
			s = s[w:]
		}
		pattern = pattern[1:]
	}
	first := pattern[0]
	if first == '\\' {
		if len(pattern) < 2 {
			p.err = badLikePattern()
			return likeAbort
		}
		first = pattern[1]
	}
	for len(s) > 0 {
		if s[0] == first {
			if m := p.matchBroken(s, pattern); m != likeFalse {
				return m
			}
		}
		_, w := p.next(s)
		s = s[w:]
	}
	return likeAbort
}

// matchPieces takes each piece at its first place: with nothing but % between them the earliest is always good.
func matchPieces(s []byte, pieces [][]byte) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(s) < len(first)+len(last) || !bytes.HasPrefix(s, first) || !bytes.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range pieces[1 : len(pieces)-1] {
		at := bytes.Index(s, p)
		if at < 0 {
			return false
		}
		s = s[at+len(p):]
	}
	return true
}

// matchTokens goes back only to the last %, which is enough.
func (p *likePattern) matchTokens(s []byte) bool {
	at, t := 0, 0
	retryAt, retryToken := -1, -1
	for at < len(s) || t < len(p.tokens) {
		if t < len(p.tokens) {
			tok := p.tokens[t]
			if tok.many {
				t++
				retryAt, retryToken = at, t
				continue
			}
			if at < len(s) {
				r, w := p.next(s[at:])
				if tok.any || tok.r == r {
					at += w
					t++
					continue
				}
			}
		}
		if retryAt < 0 || retryAt >= len(s) {
			return false
		}
		_, w := p.next(s[retryAt:])
		retryAt += w
		at, t = retryAt, retryToken
	}
	return true
}

func (p *likePattern) next(s []byte) (rune, int) {
	if p.bytes || s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	return utf8.DecodeRune(s)
}

// matchFold is match in any case.
func (p *likePattern) matchFold(s []byte) bool {
	p.buf = p.buf[:0]
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			p.buf = appendMapped(p.buf, string(s[i:]), unicode.ToLower)
			break
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		p.buf = append(p.buf, c)
	}
	return p.match(p.buf)
}

// likeKernel is [NOT] LIKE and [NOT] ILIKE. A constant pattern is compiled once, others when they change.
func likeKernel(negate, fold, asBytes bool) kernel {
	return func(c *call, args []*vector, out *vector) error {
		s, pattern := args[0], args[1]
		p, _ := c.state.(*likePattern)
		clear(out.bits)
		if pattern.konst && !fold && !s.konst {
			if p == nil || p.source() != pattern.str(0) {
				p = newLike(pattern.str(0), fold, asBytes)
				c.state = p
			}
			if p.shape == likeBroken {
				return p.matchRows(c, out, s, negate)
			}
			p.matchAll(out.bits, s, c.n)
			if negate {
				for i := range out.bits {
					out.bits[i] = ^out.bits[i]
				}
			}
			return nil
		}
		for i := range c.n {
			if !c.rowValid(i) {
				continue
			}
			text := pattern.str(i)
			if p == nil || i == 0 || !pattern.konst {
				if p == nil || p.source() != text {
					p = newLike(text, fold, asBytes)
					c.state = p
				}
			}
			if fold && p.matchFold(s.bytes(i)) != negate || !fold && p.match(s.bytes(i)) != negate {
				out.bits[i>>6] |= 1 << (uint(i) & 63)
			}
			if p.err != nil {
				return p.takeError()
			}
		}
		return nil
	}
}

// takeError gives the error of matching and forgets it.
func (p *likePattern) takeError() error {
	err := p.err
	p.err = nil
	return err
}

// matchRows matches the rows that are not NULL, one by one, as long as none fails.
func (p *likePattern) matchRows(c *call, out, s *vector, negate bool) error {
	for i := range c.n {
		if c.rowValid(i) && p.match(s.bytes(i)) != negate {
			out.bits[i>>6] |= 1 << (uint(i) & 63)
		}
		if p.err != nil {
			return p.takeError()
		}
	}
	return nil
}

// matchAll sets the bits of the rows that match; what it says of NULL rows means nothing.
func (p *likePattern) matchAll(bits []uint64, s *vector, n int) {
	offs, data := s.offs[:n+1], s.data
	lit := p.pieces[0]
	switch p.shape {
	case likeContains:
		matchContains(bits, offs, data, lit)
	case likePrefix:
		for i := range n {
			if v := data[offs[i]:offs[i+1]]; len(v) >= len(lit) && string(v[:len(lit)]) == string(lit) {
				bits[i>>6] |= 1 << (uint(i) & 63)
			}
		}
	case likeSuffix:
		for i := range n {
			if v := data[offs[i]:offs[i+1]]; len(v) >= len(lit) && string(v[len(v)-len(lit):]) == string(lit) {
				bits[i>>6] |= 1 << (uint(i) & 63)
			}
		}
	default:
		for i := range n {
			if p.match(data[offs[i]:offs[i+1]]) {
				bits[i>>6] |= 1 << (uint(i) & 63)
			}
		}
	}
}

// matchContains searches the bytes of all rows at once: the library's search starts once a hit, not once a row.
func matchContains(bits []uint64, offs []int32, data, lit []byte) {
	n := len(offs) - 1
	pos, end, row := int(offs[0]), int(offs[n]), 0
	for row < n {
		at := bytes.Index(data[pos:end], lit)
		if at < 0 {
			return
		}
		pos += at
		for int(offs[row+1]) <= pos {
			row++
		}
		if pos+len(lit) > int(offs[row+1]) { // it runs over the row's end
			pos++
			continue
		}
		bits[row>>6] |= 1 << (uint(row) & 63)
		pos = int(offs[row+1])
		row++
	}
}

func (p *likePattern) source() string { return p.text }

func newLike(text string, fold, asBytes bool) *likePattern {
	text = strings.Clone(text)
	pattern := text
	if fold {
		pattern = string(appendMapped(nil, text, unicode.ToLower))
	}
	p := compileLike(pattern, fold, asBytes)
	p.text = text
	return p
}

// appendLikeEscape rewrites a pattern with another escape character, or none, to one with \.
func appendLikeEscape(_ *call, dst []byte, pattern, escape string) ([]byte, error) {
	if runeCount(escape) > 1 {
		return dst, sqlerr.New(sqlerr.InvalidEscape, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	if escape == `\` {
		return append(dst, pattern...), nil
	}
	for i := 0; i < len(pattern); {
		_, w := utf8.DecodeRuneInString(pattern[i:])
		ch := pattern[i : i+w]
		i += w
		switch ch {
		case escape:
			dst = append(dst, '\\')
			if i < len(pattern) {
				_, w = utf8.DecodeRuneInString(pattern[i:])
				dst = append(dst, pattern[i:i+w]...)
				i += w
			}
		case `\`:
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, ch...)
		}
	}
	return dst, nil
}
