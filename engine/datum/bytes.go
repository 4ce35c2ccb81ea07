package datum

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// parseString applies the modifier of a string type as an assignment does: blanks beyond the length fall away,
// anything else is 22001.
func parseString(t *types.Type, s string) (any, error) {
	switch t.Kind {
	case types.Name:
		return cutUTF8(s, 63), nil
	case types.Char:
		return parseChar(s), nil
	}
	n := int(t.Length())
	if n < 0 {
		return s, nil
	}
	count := utf8.RuneCountInString(s)
	if count > n {
		at := byteOffset(s, n)
		if strings.TrimRight(s[at:], " ") != "" {
			return nil, sqlerr.New(sqlerr.StringTruncation, "value too long for type %s", t)
		}
		return s[:at], nil
	}
	if t.Kind == types.Bpchar {
		return s + strings.Repeat(" ", n-count), nil
	}
	return s, nil
}

// byteOffset is where the character of index n begins in s.
func byteOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func cutUTF8(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// parseChar keeps the first byte of s, as "char" does; a byte above 127 is written in octal (\303), as PostgreSQL
// shows it.
func parseChar(s string) string {
	if len(s) == 4 && s[0] == '\\' && strings.Trim(s[1:], "01234567") == "" {
		b := (s[1]-'0')<<6 | (s[2]-'0')<<3 | (s[3] - '0')
		if b == 0 {
			return ""
		}
		if b < 0x80 {
			return string(rune(b))
		}
		return octalEscape(b)
	}
	if s == "" || s[0] < 0x80 {
		return s[:min(len(s), 1)]
	}
	return octalEscape(s[0])
}

// CutChar makes the string at dst[from:] a value of "char", as its input function does.
func CutChar(dst []byte, from int) []byte {
	if len(dst)-from == 1 && dst[from] < 0x80 {
		return dst
	}
	return append(dst[:from], parseChar(string(dst[from:]))...)
}

func octalEscape(b byte) string { return string([]byte{'\\', '0' + b>>6, '0' + b>>3&7, '0' + b&7}) }

func octal(s string) int {
	if s[0] < '0' || s[0] > '3' || s[1] < '0' || s[1] > '7' || s[2] < '0' || s[2] > '7' {
		return -1
	}
	return int(s[0]-'0')<<6 | int(s[1]-'0')<<3 | int(s[2]-'0')
}

// appendPadded adds a char(n) with its blanks.
func appendPadded(dst []byte, t *types.Type, s string) []byte {
	dst = append(dst, s...)
	for n := int(t.Length()) - utf8.RuneCountInString(s); n > 0; n-- {
		dst = append(dst, ' ')
	}
	return dst
}

// parseBytea takes the hex form (\x61 62) and the escape form (a\134\000).
func parseBytea(s string) (any, error) {
	if strings.HasPrefix(s, `\x`) {
		return parseHex(s[2:])
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
		case i+3 < len(s) && octal(s[i+1:]) >= 0:
			out = append(out, byte(octal(s[i+1:])))
			i += 3
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		default:
			return nil, syntaxErrorOf("bytea")
		}
	}
	return out, nil
}

func syntaxErrorOf(name string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s", name)
}

func parseHex(s string) (any, error) {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); {
		if c := s[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		if _, ok := hexDigit(s[i]); !ok {
			return nil, badHexDigit(s[i:])
		}
		if i+1 >= len(s) {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		hi, _ := hexDigit(s[i])
		lo, ok := hexDigit(s[i+1])
		if !ok {
			return nil, badHexDigit(s[i+1:])
		}
		out = append(out, hi<<4|lo)
		i += 2
	}
	return out, nil
}

func badHexDigit(s string) error {
	_, n := utf8.DecodeRuneInString(s)
	return sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", s[:n])
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case digit(c):
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// AppendBytea adds v in hex form: \x6162.
func AppendBytea(dst, v []byte) []byte { return hex.AppendEncode(append(dst, '\\', 'x'), v) }

// parseUUID takes 32 hex digits in any case, with a hyphen behind any group of four and braces around.
func parseUUID(s string) (any, error) {
	var out [16]byte
	w := s
	braces := strings.HasPrefix(w, "{")
	if braces {
		w = w[1:]
	}
	for i := range out {
		if len(w) < 2 {
			return nil, syntaxError("uuid", s)
		}
		hi, ok1 := hexDigit(w[0])
		lo, ok2 := hexDigit(w[1])
		if !ok1 || !ok2 {
			return nil, syntaxError("uuid", s)
		}
		out[i], w = hi<<4|lo, w[2:]
		if i%2 == 1 && i < 15 && w != "" && w[0] == '-' {
			w = w[1:]
		}
	}
	if braces && w != "}" || !braces && w != "" {
		return nil, syntaxError("uuid", s)
	}
	return out, nil
}

// AppendUUID adds v as PostgreSQL prints it.
func AppendUUID(dst []byte, v [16]byte) []byte {
	for i, b := range [...][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, b)
	}
	return dst
}

// parseBit takes binary digits, also behind b, and hexadecimal ones behind x.
func parseBit(t *types.Type, s string) (any, error) {
	bits := s
	if s != "" && (s[0] == 'x' || s[0] == 'X') {
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			v, ok := hexDigit(s[i])
			if !ok {
				_, n := utf8.DecodeRuneInString(s[i:])
				return nil, sqlerr.New(sqlerr.InvalidText, "\"%s\" is not a valid hexadecimal digit", s[i:i+n])
			}
			for k := 3; k >= 0; k-- {
				b.WriteByte('0' + v>>k&1)
			}
		}
		bits = b.String()
	} else if s != "" && (s[0] == 'b' || s[0] == 'B') {
		bits = s[1:]
	}
	if at := strings.IndexFunc(bits, func(r rune) bool { return r != '0' && r != '1' }); at >= 0 {
		_, n := utf8.DecodeRuneInString(bits[at:])
		return nil, sqlerr.New(sqlerr.InvalidText, "\"%s\" is not a valid binary digit", bits[at:at+n])
	}
	if n := int(t.Mod); n > 0 {
		if t.OID == types.VarbitT.OID && len(bits) > n {
			return nil, sqlerr.New(sqlerr.StringTruncation, "bit string too long for type bit varying(%d)", n)
		}
		if t.OID != types.VarbitT.OID && len(bits) != n {
			return nil, sqlerr.New("22026", "bit string length %d does not match type bit(%d)", len(bits), n)
		}
	}
	return bits, nil
}
