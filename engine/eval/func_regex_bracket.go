package eval

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bracket reads a bracket expression.
func (p *areParser) bracket() error {
	if strings.HasPrefix(p.s[p.pos:], "[[:<:]]") || strings.HasPrefix(p.s[p.pos:], "[[:>:]]") {
		return unsupportedRegexp("a word boundary")
	}
	p.pos++
	b := &bracketWriter{fold: p.fold}
	if strings.HasPrefix(p.s[p.pos:], "^") {
		b.negate = true
		p.pos++
		if p.lineStop {
			b.body.WriteString(`\n`)
		}
	}
	for first := true; ; first = false {
		if p.pos >= len(p.s) {
			return badRegexp("brackets [] not balanced")
		}
		if p.s[p.pos] == ']' && !first {
			p.pos++
			p.out.WriteString(b.text())
			return nil
		}
		if err := p.bracketItem(b); err != nil {
			return err
		}
	}
}

func (p *areParser) bracketItem(b *bracketWriter) error {
	rest := p.s[p.pos:]
	switch {
	case strings.HasPrefix(rest, "[:"):
		end := strings.Index(rest, ":]")
		if end < 0 {
			return badRegexp("brackets [] not balanced")
		}
		p.pos += end + 2
		return b.class(rest[2:end])
	case strings.HasPrefix(rest, "[.") || strings.HasPrefix(rest, "[="):
		return unsupportedRegexp("a collating element")
	case len(rest) > 1 && rest[0] == '\\' && strings.IndexByte("dsw", rest[1]) >= 0:
		p.pos += 2
		b.body.WriteString(map[byte]string{'d': digitClass, 's': spaceClass, 'w': wordClass}[rest[1]])
		return nil
	case len(rest) > 1 && rest[0] == '\\' && strings.IndexByte("DSW", rest[1]) >= 0:
		return badRegexp(`invalid escape \ sequence`)
	}
	low, err := p.bracketRune()
	if err != nil {
		return err
	}
	if high := p.s[p.pos:]; len(high) < 2 || high[0] != '-' || high[1] == ']' {
		return b.add(low, low)
	}
	p.pos++
	if strings.HasPrefix(p.s[p.pos:], "[") {
		return unsupportedRegexp("a range that ends in [")
	}
	high, err := p.bracketRune()
	if err != nil {
		return err
	}
	if high < low {
		return badRegexp("invalid character range")
	}
	return b.add(low, high)
}

func (p *areParser) bracketRune() (rune, error) {
	if p.pos < len(p.s) && p.s[p.pos] == '\\' {
		return p.escapedRune()
	}
	if p.pos >= len(p.s) {
		return 0, badRegexp("brackets [] not balanced")
	}
	r, w := utf8.DecodeRuneInString(p.s[p.pos:])
	p.pos += w
	return r, nil
}

// bracketWriter collects a bracket expression for package regexp.
type bracketWriter struct {
	fold, negate bool
	body         strings.Builder
}

func (b *bracketWriter) text() string {
	if b.negate {
		return "[^" + b.body.String() + "]"
	}
	return "[" + b.body.String() + "]"
}

// maxFoldRange bounds the ranges whose other cases are written out.
const maxFoldRange = 2000

func (b *bracketWriter) add(low, high rune) error {
	b.body.WriteString(hexRune(low) + "-" + hexRune(high))
	if !b.fold {
		return nil
	}
	if high-low > maxFoldRange {
		return unsupportedRegexp("a wide range in any case")
	}
	for r := low; r <= high; r++ {
		for _, v := range [...]rune{unicode.ToLower(r), unicode.ToUpper(r)} {
			if v < low || v > high {
				b.body.WriteString(hexRune(v))
			}
		}
	}
	return nil
}

func (b *bracketWriter) class(name string) error {
	switch name {
	case "digit":
		b.body.WriteString(digitClass)
	case "space":
		b.body.WriteString(spaceClass)
	case "alnum":
		b.body.WriteString("0-9A-Za-z")
		alnumClass.appendRanges(&b.body)
	case "alpha":
		b.body.WriteString("A-Za-z")
		alnumClass.appendRanges(&b.body)
	case "word":
		b.body.WriteString(wordClass)
	case "lower", "upper":
		if name == "lower" || b.fold {
			b.body.WriteString("a-z")
			lowerClass.appendRanges(&b.body)
		}
		if name == "upper" || b.fold {
			b.body.WriteString("A-Z")
			upperClass.appendRanges(&b.body)
		}
		if b.fold {
			return unsupportedRegexp("[:" + name + ":] in any case")
		}
	case "blank":
		return unsupportedRegexp("[:blank:]")
	case "xdigit":
		b.body.WriteString("0-9A-Fa-f")
	case "punct", "graph", "print", "cntrl", "ascii":
		return unsupportedRegexp("[:" + name + ":]")
	default:
		return badRegexp("invalid character class")
	}
	return nil
}
