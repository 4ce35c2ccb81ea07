package eval

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	register(implementations{
		"text_substr": fixed(substringKernel), "text_substring": fixed(substringKernel),
		"text_substr_no_len": fixed(substringKernel), "text_substring_no_len": fixed(substringKernel),
		"btrim": toText2(trimmer(true, true)), "ltrim": toText2(trimmer(true, false)), "rtrim": toText2(trimmer(false, true)),
		"btrim1": toText1(blankTrimmer(true, true)), "ltrim1": toText1(blankTrimmer(true, false)),
		"rtrim1": toText1(blankTrimmer(false, true)),
		"lpad":   toText3(padder(true)), "rpad": toText3(padder(false)),
		"lpad_blank": toText2(blankPadder(true)), "rpad_blank": toText2(blankPadder(false)),
		"textoverlay": fixed(overlayKernel), "textoverlay_no_len": fixed(overlayKernel),
	})
}

func negativeLength() error {
	return sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
}

// window turns SQL's substring(from, for) into the characters [from, to) counted from 0.
func window(from, length int32) (int, int, error) {
	to := int64(from) + int64(length)
	if length < 0 {
		return 0, 0, negativeLength()
	}
	return max(int(from), 1) - 1, max(int(min(to, math.MaxInt32)), 1) - 1, nil
}

// substringOf is the characters [from, to) of s.
func substringOf(s string, from, to int) string {
	a := skipRunes(s, from)
	return s[a : a+skipRunes(s[a:], to-from)]
}

// substringKernel is substring(text, from [, for]). The usual case, constant positions over ASCII, costs a copy a row.
func substringKernel(c *call, args []*vector, out *vector) error {
	s, from := args[0], values[int32](args[1])
	ms, mf := stride(s), stride(args[1])
	var length []int32
	ml := 0
	if len(args) == 3 {
		length, ml = values[int32](args[2]), stride(args[2])
	}
	for i := range c.n {
		if c.rowValid(i) {
			a, b := max(int(from[i&mf]), 1)-1, math.MaxInt32
			if length != nil {
				var err error
				if a, b, err = window(from[i&mf], length[i&ml]); err != nil {
					return err
				}
			}
			out.data = append(out.data, substringOf(s.str(i&ms), a, b)...)
		}
		if err := out.endBytes(); err != nil {
			return err
		}
	}
	return nil
}

// overlayKernel is overlay(text placing text from int [for int]).
func overlayKernel(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		s, with, from := args[0].str(i), args[1].str(i), values[int32](args[2])[args[2].at(i)]
		length := int32(runeCount(with))
		if len(args) == 4 {
			length = values[int32](args[3])[args[3].at(i)]
		}
		return appendOverlay(dst, s, with, from, length)
	})
}

func appendOverlay(dst []byte, s, with string, from, length int32) ([]byte, error) {
	if from <= 0 {
		return dst, negativeLength()
	}
	end := int64(from) + int64(length)
	if end > math.MaxInt32 {
		return dst, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	}
	dst = append(dst, substringOf(s, 0, int(from)-1)...)
	dst = append(dst, with...)
	return append(dst, s[skipRunes(s, max(int(end), 1)-1):]...), nil
}

func trimmer(left, right bool) func(c *call, dst []byte, s, set string) ([]byte, error) {
	return func(_ *call, dst []byte, s, set string) ([]byte, error) {
		if left {
			s = strings.TrimLeft(s, set)
		}
		if right {
			s = strings.TrimRight(s, set)
		}
		return append(dst, s...), nil
	}
}

func blankTrimmer(left, right bool) func(c *call, dst []byte, s string) ([]byte, error) {
	trim := trimmer(left, right)
	return func(c *call, dst []byte, s string) ([]byte, error) { return trim(c, dst, s, " ") }
}

func padder(left bool) func(c *call, dst []byte, s string, n int32, fill string) ([]byte, error) {
	return func(_ *call, dst []byte, s string, n int32, fill string) ([]byte, error) {
		return appendPad(dst, s, int(n), fill, left)
	}
}

func blankPadder(left bool) func(c *call, dst []byte, s string, n int32) ([]byte, error) {
	return func(_ *call, dst []byte, s string, n int32) ([]byte, error) {
		return appendPad(dst, s, int(n), " ", left)
	}
}

func appendPad(dst []byte, s string, n int, fill string, left bool) ([]byte, error) {
	have := runeCount(s)
	if n = max(n, 0); have >= n {
		return append(dst, s[:skipRunes(s, n)]...), nil
	}
	if 4*n > maxText {
		return dst, tooLong()
	}
	if fill == "" {
		return append(dst, s...), nil
	}
	if !left {
		dst = append(dst, s...)
	}
	dst = slices.Grow(dst, n-have)
	rest := fill
	for range n - have {
		if rest == "" {
			rest = fill
		}
		_, w := utf8.DecodeRuneInString(rest)
		dst, rest = append(dst, rest[:w]...), rest[w:]
	}
	if left {
		dst = append(dst, s...)
	}
	return dst, nil
}
