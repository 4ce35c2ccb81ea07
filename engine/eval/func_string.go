package eval

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Character classes and cases are those of the C.UTF-8 locale: Unicode 15's simple one-to-one mappings.

func init() {
	register(implementations{
		"textlen": byRow1(textLength), "textlen_char_length": byRow1(textLength),
		"textlen_character_length": byRow1(textLength),
		"bpcharlen":                byRow1(paddedLength), "bpcharlen_char_length": byRow1(paddedLength),
		"bpcharlen_character_length": byRow1(paddedLength),
		"textoctetlen":               byRow1(octetLength), "bpcharoctetlen": byRow1(octetLength),
		"text_bit_length": byRow1(func(_ *call, s string) (int32, error) { return int32(8 * len(s)), nil }),
		"text_lower":      fixed(caseKernel('A', unicode.ToLower)), "text_upper": fixed(caseKernel('a', unicode.ToUpper)), "initcap": toText1(appendInitcap),
		"text_left": toText2(func(_ *call, dst []byte, s string, n int32) ([]byte, error) {
			return append(dst, leftOf(s, n)...), nil
		}),
		"text_right": toText2(func(_ *call, dst []byte, s string, n int32) ([]byte, error) {
			return append(dst, rightOf(s, n)...), nil
		}),
		"textpos": byRow2(textPosition), "textpos_position": byRow2(textPosition),
		"reverse": toText1(appendReverse), "repeat": toText2(appendRepeat), "replace": toText3(appendReplace),
		"translate": toText3(appendTranslate), "split_part": toText3(appendSplitPart),
		"starts_with": byRow2(startsWith), "text_starts_with": byRow2(startsWith),
		"ascii": byRow1(asciiOf), "chr": toText1(appendChr), "md5_text": toText1(appendMD5[string]),
		"to_hex32": toText1(func(_ *call, dst []byte, v int32) ([]byte, error) {
			return strconv.AppendUint(dst, uint64(uint32(v)), 16), nil
		}),
		"to_hex64": toText1(func(_ *call, dst []byte, v int64) ([]byte, error) {
			return strconv.AppendUint(dst, uint64(v), 16), nil
		}),
		"textcat": toText2(func(_ *call, dst []byte, a, b string) ([]byte, error) {
			return append(append(dst, a...), b...), nil
		}),
	})
}

// runeCount is the number of characters of valid UTF-8: the bytes that do not continue one, eight at a time.
func runeCount(s string) int {
	n, i := len(s), 0
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		n -= bits.OnesCount64((x >> 7) & (^x >> 6) & 0x0101010101010101)
	}
	for ; i < len(b); i++ {
		if b[i]&0xc0 == 0x80 {
			n--
		}
	}
	return n
}

func textLength(_ *call, s string) (int32, error) { return int32(runeCount(s)), nil }

func paddedLength(_ *call, s string) (int32, error) {
	return int32(runeCount(strings.TrimRight(s, " "))), nil
}

func octetLength(_ *call, s string) (int32, error) { return int32(len(s)), nil }

// caseKernel is lower and upper: ASCII letters from first to first+25 get their case bit turned in place, and a string
// with anything else is mapped character by character.
func caseKernel(first byte, f func(rune) rune) kernel {
	return func(c *call, args []*vector, out *vector) error {
		v := args[0]
		out.data = slices.Grow(out.data, int(v.offs[v.count()]-v.offs[0]))
		for i := range c.n {
			if c.rowValid(i) {
				s := v.str(i)
				start := len(out.data)
				out.data = append(out.data, s...)
				if !turnCase(out.data[start:], first) {
					out.data = appendMapped(out.data[:start], s, f)
				}
			}
			if err := out.endBytes(); err != nil {
				return err
			}
		}
		return nil
	}
}

// turnCase turns the case of ASCII letters in place; false when b is not ASCII, which leaves it spoilt.
func turnCase(b []byte, first byte) bool {
	var seen byte
	for i, ch := range b {
		seen |= ch
		if ch-first < 26 {
			b[i] = ch ^ 0x20
		}
	}
	return seen < utf8.RuneSelf
}

func appendMapped(dst []byte, s string, f func(rune) rune) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, f(r))
	}
	return dst
}

func appendInitcap(_ *call, dst []byte, s string) ([]byte, error) {
	inWord := false
	for _, r := range s {
		if inWord {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		}
		inWord = wordRune(r) && r != '_'
	}
	return dst, nil
}

// skipRunes is the byte offset behind the first n characters of s, len(s) when it has fewer.
func skipRunes(s string, n int) int {
	if n <= 0 {
		return 0
	}
	i := 0
	for i < len(s) && n > 0 {
		if s[i] < utf8.RuneSelf {
			i++
		} else {
			_, w := utf8.DecodeRuneInString(s[i:])
			i += w
		}
		n--
	}
	return i
}

// leftOf is the first n characters, all but the last -n for a negative n.
func leftOf(s string, n int32) string {
	count := int(n)
	if n < 0 {
		count += runeCount(s)
	}
	return s[:skipRunes(s, count)]
}

// rightOf is the last n characters, all but the first -n for a negative n.
func rightOf(s string, n int32) string {
	if n == math.MinInt32 {
		return s // PostgreSQL's negation of it is itself
	}
	if n < 0 {
		return s[skipRunes(s, -int(n)):]
	}
	return s[skipRunes(s, runeCount(s)-int(n)):]
}

func textPosition(_ *call, s, sub string) (int32, error) {
	at := strings.Index(s, sub)
	return int32(runeCount(s[:max(at, 0)])) + b32(at >= 0), nil
}

func b32(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

func appendReverse(_ *call, dst []byte, s string) ([]byte, error) {
	for len(s) > 0 {
		_, w := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-w:]...)
		s = s[:len(s)-w]
	}
	return dst, nil
}

// maxText is the most bytes of one value, PostgreSQL's 1 GB.
const maxText = 1<<30 - 1

func tooLong() error { return sqlerr.New(sqlerr.ProgramLimit, "requested length too large") }

func appendRepeat(_ *call, dst []byte, s string, n int32) ([]byte, error) {
	if n <= 0 || s == "" {
		return dst, nil
	}
	if int64(len(s))*int64(n) > maxText {
		return dst, tooLong()
	}
	for range n {
		dst = append(dst, s...)
	}
	return dst, nil
}

func appendReplace(_ *call, dst []byte, s, from, to string) ([]byte, error) {
	if from == "" {
		return append(dst, s...), nil
	}
	start := len(dst)
	for {
		at := strings.Index(s, from)
		if at < 0 {
			return append(dst, s...), nil
		}
		dst = append(append(dst, s[:at]...), to...)
		s = s[at+len(from):]
		if len(dst)-start > maxText {
			return dst, tooLong()
		}
	}
}

func appendTranslate(_ *call, dst []byte, s, from, to string) ([]byte, error) {
	for i, r := range s {
		_, w := utf8.DecodeRuneInString(s[i:])
		at := strings.IndexRune(from, r)
		if at < 0 {
			dst = append(dst, s[i:i+w]...)
			continue
		}
		rest := to[skipRunes(to, runeCount(from[:at])):]
		if rest != "" {
			_, w := utf8.DecodeRuneInString(rest)
			dst = append(dst, rest[:w]...)
		}
	}
	return dst, nil
}

func appendSplitPart(_ *call, dst []byte, s, sep string, n int32) ([]byte, error) {
	if n == 0 {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "field position must not be zero")
	}
	if s == "" {
		return dst, nil
	}
	if sep == "" {
		if n == 1 || n == -1 {
			dst = append(dst, s...)
		}
		return dst, nil
	}
	if n < 0 {
		for ; n < -1; n++ {
			at := strings.LastIndex(s, sep)
			if at < 0 {
				return dst, nil
			}
			s = s[:at]
		}
		if at := strings.LastIndex(s, sep); at >= 0 {
			s = s[at+len(sep):]
		}
		return append(dst, s...), nil
	}
	for ; n > 1; n-- {
		at := strings.Index(s, sep)
		if at < 0 {
			return dst, nil
		}
		s = s[at+len(sep):]
	}
	if at := strings.Index(s, sep); at >= 0 {
		s = s[:at]
	}
	return append(dst, s...), nil
}

func startsWith(_ *call, s, prefix string) (bool, error) { return strings.HasPrefix(s, prefix), nil }

func asciiOf(_ *call, s string) (int32, error) {
	if s == "" {
		return 0, nil
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r, nil
}

func appendChr(_ *call, dst []byte, n int32) ([]byte, error) {
	switch {
	case n < 0:
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "character number must be positive")
	case n == 0:
		return dst, sqlerr.New(sqlerr.ProgramLimit, "null character not permitted")
	case n > 0x10ffff:
		return dst, sqlerr.New(sqlerr.ProgramLimit, "requested character too large for encoding: %d", n)
	case n >= 0xd800 && n <= 0xdfff:
		return dst, sqlerr.New(sqlerr.ProgramLimit, "requested character not valid for encoding: %d", n)
	}
	return utf8.AppendRune(dst, n), nil
}

func appendMD5[T string | []byte](_ *call, dst []byte, v T) ([]byte, error) {
	sum := md5.Sum([]byte(v))
	return hex.AppendEncode(dst, sum[:]), nil
}
