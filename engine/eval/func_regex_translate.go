package eval

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// PostgreSQL's advanced regular expressions are matched by package regexp where both mean the same, and refused (0A000)
// elsewhere: back references, look-around, word boundaries, collating elements, the embedded options b, q and x.
// Whether a string matches at all does not depend on greediness, so that the operators take every quantifier. Which part
// matches does: PostgreSQL wants the longest (or, for non-greedy quantifiers, the shortest) match overall, so the functions
// that show it take only expressions for which leftmost-longest matching gives PostgreSQL's answer; see areInfo.

// areInfo is what an expression is made of, as far as the extent of matches depends on it.
type areInfo struct {
	groups      int  // capturing groups
	greedy      bool // has a greedy quantifier of variable length
	lazy        bool // has a non-greedy quantifier
	alternation bool
	complexAtom bool // a quantifier applies to a group
}

// areParser translates an ARE to the syntax of package regexp.
type areParser struct {
	s    string
	pos  int
	out  strings.Builder
	fold bool
	info areInfo
	// lineStop: . and [^…] take no line break; lineAnchor: ^ and $ stand at every line.
	lineStop, lineAnchor bool
}

func badRegexp(why string) error {
	return sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: %s", why)
}

func unsupportedRegexp(what string) error {
	return sqlerr.Unsupported("a regular expression with " + what)
}

// translateARE gives the expression for package regexp.
func translateARE(pattern string, fold bool) (string, areInfo, error) {
	if strings.HasPrefix(pattern, "***=") {
		pattern = quoteARE(pattern[4:])
	} else if strings.HasPrefix(pattern, "***") {
		return "", areInfo{}, unsupportedRegexp("a director prefix")
	}
	p := &areParser{s: pattern, fold: fold}
	if err := p.options(); err != nil {
		return "", p.info, err
	}
	p.out.WriteString("(?s)")
	if err := p.alternatives(0); err != nil {
		return "", p.info, err
	}
	if p.pos < len(p.s) { // a ) that nothing opened
		return "", p.info, badRegexp("parentheses () not balanced")
	}
	return p.out.String(), p.info, nil
}

// quoteARE makes every character stand for itself.
func quoteARE(s string) string { return regexp.QuoteMeta(s) }

// options reads the embedded options at the start; the last of contradicting ones counts.
func (p *areParser) options() error {
	if !strings.HasPrefix(p.s, "(?") || len(p.s) < 3 || p.s[2] < 'a' || p.s[2] > 'z' {
		return nil
	}
	end := strings.IndexByte(p.s, ')')
	if end < 0 {
		return badRegexp("invalid embedded option")
	}
	for _, c := range p.s[2:end] {
		switch c {
		case 'i':
			p.fold = true
		case 'c':
			p.fold = false
		case 'n', 'm':
			p.lineStop, p.lineAnchor = true, true
		case 'p':
			p.lineStop, p.lineAnchor = true, false
		case 'w':
			p.lineStop, p.lineAnchor = false, true
		case 's':
			p.lineStop, p.lineAnchor = false, false
		case 'e', 't':
		default:
			return unsupportedRegexp("the embedded option " + string(c))
		}
	}
	p.pos = end + 1
	return nil
}

const maxRegexpDepth = 500

func (p *areParser) alternatives(depth int) error {
	if depth > maxRegexpDepth {
		return badRegexp("regular expression is too complex")
	}
	for {
		if err := p.branch(depth); err != nil {
			return err
		}
		if p.pos >= len(p.s) || p.s[p.pos] != '|' {
			return nil
		}
		p.pos++
		p.info.alternation = true
		p.out.WriteByte('|')
	}
}

func (p *areParser) branch(depth int) error {
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		if c == '|' || c == ')' {
			return nil
		}
		start := p.out.Len()
		group, constraint, err := p.atom(depth)
		if err != nil {
			return err
		}
		if err := p.quantifier(start, group, constraint); err != nil {
			return err
		}
	}
	return nil
}

// atom reads one atom or constraint.
func (p *areParser) atom(depth int) (group, constraint bool, err error) {
	c := p.s[p.pos]
	switch c {
	case '(':
		return true, false, p.group(depth)
	case '[':
		return false, false, p.bracket()
	case '.':
		p.pos++
		if p.lineStop {
			p.out.WriteString(`[^\n]`)
		} else {
			p.out.WriteByte('.')
		}
		return false, false, nil
	case '^', '$':
		p.pos++
		if p.lineAnchor {
			p.out.WriteString("(?m:" + string(c) + ")")
		} else {
			p.out.WriteString(map[byte]string{'^': `\A`, '$': `\z`}[c])
		}
		return false, true, nil
	case '*', '+', '?':
		return false, false, badRegexp("quantifier operand invalid")
	case '{':
		if p.pos+1 < len(p.s) && digitByte(p.s[p.pos+1]) {
			return false, false, badRegexp("quantifier operand invalid")
		}
	case '\\':
		constraint, err = p.escape()
		return false, constraint, err
	}
	r, w := utf8.DecodeRuneInString(p.s[p.pos:])
	p.pos += w
	p.literal(r)
	return false, false, nil
}

func digitByte(c byte) bool { return c >= '0' && c <= '9' }

func (p *areParser) group(depth int) error {
	p.pos++
	if strings.HasPrefix(p.s[p.pos:], "?") {
		if !strings.HasPrefix(p.s[p.pos:], "?:") {
			if strings.HasPrefix(p.s[p.pos:], "?=") || strings.HasPrefix(p.s[p.pos:], "?!") || strings.HasPrefix(p.s[p.pos:], "?<") {
				return unsupportedRegexp("look-around")
			}
			return badRegexp("quantifier operand invalid")
		}
		p.pos += 2
		p.out.WriteString("(?:")
	} else {
		p.info.groups++
		p.out.WriteByte('(')
	}
	if err := p.alternatives(depth + 1); err != nil {
		return err
	}
	if p.pos >= len(p.s) {
		return badRegexp("parentheses () not balanced")
	}
	p.pos++
	p.out.WriteByte(')')
	return nil
}

// quantifier reads *, +, ?, {m,n} and their non-greedy forms behind the atom that begins at start of the output.
func (p *areParser) quantifier(start int, group, constraint bool) error {
	if p.pos >= len(p.s) {
		return nil
	}
	var q string
	fixed := false
	switch c := p.s[p.pos]; {
	case c == '*' || c == '+' || c == '?':
		q = string(c)
		p.pos++
	case c == '{' && p.pos+1 < len(p.s) && digitByte(p.s[p.pos+1]):
		var err error
		if q, fixed, err = p.bounds(); err != nil {
			return err
		}
	default:
		return nil
	}
	if constraint {
		return badRegexp("quantifier operand invalid")
	}
	lazy := p.pos < len(p.s) && p.s[p.pos] == '?'
	if lazy {
		p.pos++
	}
	if p.pos < len(p.s) {
		if c := p.s[p.pos]; c == '*' || c == '+' || c == '?' || c == '{' && p.pos+1 < len(p.s) && digitByte(p.s[p.pos+1]) {
			return badRegexp("quantifier operand invalid")
		}
	}
	if !fixed {
		p.info.greedy, p.info.lazy = p.info.greedy || !lazy, p.info.lazy || lazy
	}
	p.info.complexAtom = p.info.complexAtom || group
	atom := p.out.String()[start:]
	prefix := p.out.String()[:start]
	p.out.Reset()
	p.out.WriteString(prefix + atom + q)
	if lazy {
		p.out.WriteByte('?')
	}
	return nil
}

// bounds reads {m}, {m,} and {m,n}.
func (p *areParser) bounds() (q string, fixed bool, err error) {
	end := strings.IndexByte(p.s[p.pos:], '}')
	if end < 0 {
		return "", false, badRegexp("braces {} not balanced")
	}
	body := p.s[p.pos+1 : p.pos+end]
	low, high, ranged := strings.Cut(body, ",")
	m, err1 := strconv.Atoi(low)
	n, err2 := m, error(nil)
	if ranged && high != "" {
		n, err2 = strconv.Atoi(high)
	}
	if err1 != nil || err2 != nil || m > 255 || n > 255 || n < m {
		return "", false, badRegexp("invalid repetition count(s)")
	}
	p.pos += end + 1
	return "{" + body + "}", !ranged, nil
}

// literal writes a character, with its other case where case does not count: the one-to-one mappings only.
func (p *areParser) literal(r rune) {
	if p.fold {
		if lower, upper := unicode.ToLower(r), unicode.ToUpper(r); lower != upper {
			p.out.WriteByte('[')
			for i, v := range []rune{r, lower, upper} {
				if i == 0 || v != r {
					p.out.WriteString(hexRune(v))
				}
			}
			p.out.WriteByte(']')
			return
		}
	}
	if r < utf8.RuneSelf {
		p.out.WriteString(regexp.QuoteMeta(string(r)))
	} else {
		p.out.WriteRune(r)
	}
}

func hexRune(r rune) string { return `\x{` + strconv.FormatInt(int64(r), 16) + "}" }

// spaceClass, wordClass and digitClass are \s, \w and \d of the C.UTF-8 locale, inside a bracket expression.
const (
	spaceClass = `\t-\r \x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}`
	digitClass = `0-9`
)

var wordClass = buildWordClass()

func buildWordClass() string {
	var b strings.Builder
	b.WriteString("0-9A-Za-z_")
	alnumClass.appendRanges(&b)
	return b.String()
}

// escape reads what follows a backslash outside of brackets.
func (p *areParser) escape() (constraint bool, err error) {
	if p.pos+1 >= len(p.s) {
		return false, badRegexp(`invalid escape \ sequence`)
	}
	c := p.s[p.pos+1]
	switch c {
	case 'd', 's', 'w', 'D', 'S', 'W':
		p.pos += 2
		class := map[byte]string{'d': digitClass, 's': spaceClass, 'w': wordClass}[c|0x20]
		if c < 'a' {
			p.out.WriteString("[^" + class + "]")
		} else {
			p.out.WriteString("[" + class + "]")
		}
		return false, nil
	case 'A':
		p.pos += 2
		p.out.WriteString(`\A`)
		return true, nil
	case 'Z':
		p.pos += 2
		p.out.WriteString(`\z`)
		return true, nil
	case 'm', 'M', 'y', 'Y':
		return false, unsupportedRegexp("the word boundary \\" + string(c))
	}
	r, err := p.escapedRune()
	if err != nil {
		return false, err
	}
	p.literal(r)
	return false, nil
}

// escapedRune reads an escape that stands for one character, inside of brackets too.
func (p *areParser) escapedRune() (rune, error) {
	if p.pos+1 >= len(p.s) {
		return 0, badRegexp(`invalid escape \ sequence`)
	}
	r, w := utf8.DecodeRuneInString(p.s[p.pos+1:])
	p.pos += 1 + w
	switch r {
	case 'a':
		return 7, nil
	case 'b':
		return 8, nil
	case 'B':
		return '\\', nil
	case 'e':
		return 27, nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'v':
		return '\v', nil
	case 'u':
		return p.hex(4, 4)
	case 'U':
		return p.hex(8, 8)
	case 'x':
		return p.hex(1, 255)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return 0, unsupportedRegexp("a back reference or octal escape")
	}
	if r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
		if r == 'c' {
			return 0, unsupportedRegexp(`the escape \c`)
		}
		return 0, badRegexp(`invalid escape \ sequence`)
	}
	return r, nil
}

func (p *areParser) hex(least, most int) (rune, error) {
	n := 0
	for n < most && p.pos+n < len(p.s) && strings.IndexByte("0123456789abcdefABCDEF", p.s[p.pos+n]) >= 0 {
		n++
	}
	v, err := strconv.ParseUint("0"+p.s[p.pos:p.pos+n], 16, 31)
	if n < least || err != nil || v > unicode.MaxRune {
		return 0, badRegexp(`invalid escape \ sequence`)
	}
	p.pos += n
	return rune(v), nil
}

// compileARE compiles what translateARE gives.
func compileARE(pattern string, fold bool) (*regexp.Regexp, areInfo, error) {
	text, info, err := translateARE(pattern, fold)
	if err != nil {
		return nil, info, err
	}
	re, err := regexp.Compile(text)
	if err != nil {
		if e, ok := err.(*syntax.Error); ok && e.Code == syntax.ErrLarge { //nolint:errorlint // Compile returns it bare
			return nil, info, badRegexp("regular expression is too complex")
		}
		return nil, info, unsupportedRegexp("this syntax")
	}
	return re, info, nil
}
