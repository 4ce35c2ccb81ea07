package eval

import (
	"bytes"
	"math/bits"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	register(implementations{
		"bytea_bit_count": byRow1(func(_ *call, b []byte) (int64, error) {
			n := 0
			for _, x := range b {
				n += bits.OnesCount8(x)
			}
			return int64(n), nil
		}),
		"byteaGetBit": byRow2(func(_ *call, b []byte, n int64) (int32, error) {
			if n < 0 || n >= 8*int64(len(b)) {
				return 0, byteIndexError(n, 8*len(b))
			}
			return int32(b[n/8] >> (n % 8) & 1), nil
		}),
		"byteaSetBit": toText3(func(_ *call, dst, b []byte, n int64, to int32) ([]byte, error) {
			switch {
			case n < 0 || n >= 8*int64(len(b)):
				return dst, byteIndexError(n, 8*len(b))
			case to != 0 && to != 1:
				return dst, newBitError()
			}
			at := len(dst) + int(n/8)
			dst = append(dst, b...)
			dst[at] = dst[at]&^(1<<(n%8)) | byte(to)<<(n%8)
			return dst, nil
		}),
		"byteaSetByte": toText3(func(_ *call, dst, b []byte, n, to int32) ([]byte, error) {
			if n < 0 || int(n) >= len(b) {
				return dst, byteIndexError(int64(n), len(b))
			}
			at := len(dst) + int(n)
			dst = append(dst, b...)
			dst[at] = byte(to)
			return dst, nil
		}),
		"bytealtrim": toText2(func(_ *call, dst, b, set []byte) ([]byte, error) {
			for len(b) > 0 && bytes.IndexByte(set, b[0]) >= 0 {
				b = b[1:]
			}
			return append(dst, b...), nil
		}),
		"byteartrim": toText2(func(_ *call, dst, b, set []byte) ([]byte, error) {
			for len(b) > 0 && bytes.IndexByte(set, b[len(b)-1]) >= 0 {
				b = b[:len(b)-1]
			}
			return append(dst, b...), nil
		}),
		"like_escape_bytea": toText2(appendEscapedBytes),
		"length_in_encoding": byRow2(func(_ *call, b []byte, encoding string) (int32, error) {
			if err := checkUTF8Name(encoding, ""); err != nil {
				return 0, err
			}
			if err := validUTF8(b); err != nil {
				return 0, err
			}
			return int32(utf8.RuneCount(b)), nil
		}),
		"pg_convert": toText3(func(_ *call, dst, b []byte, from, to string) ([]byte, error) {
			if err := checkUTF8Name(from, "source "); err != nil {
				return dst, err
			}
			if err := checkUTF8Name(to, "destination "); err != nil {
				return dst, err
			}
			return append(dst, b...), validUTF8(b)
		}),
	})
}

func byteIndexError(n int64, size int) error {
	return sqlerr.New(sqlerr.ArraySubscript, "index %d out of valid range, 0..%d", n, size-1)
}

// validUTF8 is 22021 for bytes that are no text; the message shows the bytes of the first wrong character.
func validUTF8(b []byte) error {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 || r == 0 {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": % #x", b[:min(claimedLength(b[0]), len(b))])
		}
		b = b[n:]
	}
	return nil
}

// claimedLength is how long a character is that begins with c.
func claimedLength(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}

// appendEscapedBytes is like_escape for bytes: the pattern with the escape byte replaced by a backslash.
func appendEscapedBytes(_ *call, dst, pattern, escape []byte) ([]byte, error) {
	switch {
	case len(escape) == 0: // no byte escapes: backslashes stand for themselves
		for _, c := range pattern {
			if c == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
		}
		return dst, nil
	case len(escape) > 1:
		return dst, sqlerr.New("22025", "invalid escape string").WithHint("Escape string must be empty or one character.")
	case escape[0] == '\\':
		return append(dst, pattern...), nil
	}
	after := false
	for _, c := range pattern {
		switch {
		case c == escape[0] && !after:
			dst, after = append(dst, '\\'), true
		case c == '\\':
			if !after {
				dst = append(dst, '\\')
			}
			dst, after = append(dst, c), false
		default:
			dst, after = append(dst, c), false
		}
	}
	return dst, nil
}
