package formatting

import (
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// numberReader reads a text by a number pattern.
type numberReader struct {
	shape
	s         string
	sign      byte // ' ' until one was read
	digits    []byte
	pointSeen bool
	readPre   int
	readPost  int
}

// Parse reads a number by the pattern. V divides by a power of ten.
func (f *Number) Parse(s string) (numeric.Num, error) {
	switch {
	case f.exponent:
		return numeric.Num{}, sqlerr.New(sqlerr.FeatureNotSupported, `"EEEE" not supported for input`)
	case f.roman:
		return numeric.Num{}, sqlerr.New(sqlerr.FeatureNotSupported, `"RN" not supported for input`)
	}
	r := &numberReader{shape: f.shape, s: s, sign: ' '}
	for i := range f.nodes {
		if r.s == "" {
			break
		}
		r.node(&f.nodes[i])
	}
	return r.value()
}

// value is the number that was read, in the pattern's precision.
func (r *numberReader) value() (numeric.Num, error) {
	text := string(r.sign) + strings.TrimSuffix(string(r.digits), ".")
	if len(text) > 1 {
		text = strings.TrimPrefix(text, " ")
	}
	v, err := numeric.Parse(text)
	if err != nil {
		return numeric.Num{}, err
	}
	v = v.Round(int32(r.readPost))
	if v.Digits()-int(v.Scale) > r.pre+r.shift && !v.IsZero() {
		precision := r.pre + r.shift + r.readPost
		return numeric.Num{}, sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s%d.",
				precision, r.readPost, pick(r.pre+r.shift > 0, "10^", ""), pick(r.pre+r.shift > 0, r.pre+r.shift, 1))
	}
	if !r.shifted {
		return v, nil
	}
	factor, err := numeric.Power(numeric.FromInt64(10, 0), numeric.FromInt64(int64(-r.shift), 0))
	if err != nil {
		return numeric.Num{}, err
	}
	return numeric.Mul(v, factor)
}

// node takes what one node of the pattern stands for off the text.
func (r *numberReader) node(n *node) {
	if n.kind != actionNode {
		r.skipChar()
		return
	}
	switch n.key.id {
	case numNine, numZero, numPoint, numLocalePoint:
		r.digit(n.key.id)
		if r.s != "" {
			r.s = r.s[1:] // a byte, also of what is no digit
		}
	case numComma, numGroup:
		if !r.fill && r.s[0] == ',' {
			r.s = r.s[1:]
		}
	case numCurrency:
		r.skipWords(1)
	case numOrdinal:
		if !r.point { // such numbers have no ordinal
			r.skipWords(2)
		}
	case numMinus:
		r.signHere("-")
	case numPlus:
		r.signHere("+")
	case numSign:
		r.signHere("-+")
	}
}

func (r *numberReader) skipChar() {
	_, n := utf8.DecodeRuneInString(r.s)
	r.s = r.s[n:]
}

// skipWords passes up to n characters that cannot belong to a number.
func (r *numberReader) skipWords(n int) {
	for ; n > 0 && r.s != "" && !strings.ContainsRune("0123456789.,+-", rune(r.s[0])); n-- {
		r.skipChar()
	}
}

// signHere reads one of the signs where the pattern has it.
func (r *numberReader) signHere(signs string) {
	if strings.IndexByte(signs, r.s[0]) >= 0 {
		r.sign, r.s = r.s[0], r.s[1:]
		return
	}
	r.skipWords(1)
}

// digit reads a digit or the point, with a sign before or behind it, and stays on the last character that it read.
func (r *numberReader) digit(a action) {
	if r.s[0] == ' ' {
		r.s = r.s[1:]
	}
	if r.s == "" {
		return
	}
	if r.sign == ' ' && (a == numZero || a == numNine) && r.readPre+r.readPost == 0 {
		r.leadingSign()
	}
	if r.s == "" {
		return
	}
	read := false
	switch c := r.s[0]; {
	case digit(c):
		if r.pointSeen && r.readPost == r.post {
			return
		}
		r.digits = append(r.digits, c)
		if r.pointSeen {
			r.readPost++
		} else {
			r.readPre++
		}
		read = true
	case c == '.' && r.point && !r.pointSeen:
		r.digits = append(r.digits, '.')
		r.pointSeen, read = true, true
	}
	if r.sign == ' ' && r.readPre+r.readPost > 0 {
		r.trailingSign(read)
	}
}

// leadingSign reads a sign before the number; the bracket of PR is one.
func (r *numberReader) leadingSign() {
	switch c := r.s[0]; {
	case c == '-', c == '+':
		r.sign, r.s = c, r.s[1:]
	case c == '<' && r.bracket:
		r.sign, r.s = '-', r.s[1:]
	}
}

// trailingSign reads a sign behind the last digit: S right behind it only, the others wherever it stands.
func (r *numberReader) trailingSign(read bool) {
	switch {
	case r.place != noSignPlace && read && len(r.s) > 1:
		if c := r.s[1]; c == '-' || c == '+' {
			r.sign, r.s = c, r.s[1:]
		}
	case r.place == noSignPlace && !read && (r.plus || r.minus):
		if c := r.s[0]; c == '-' || c == '+' {
			r.sign = c
		}
	}
}
