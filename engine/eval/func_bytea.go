package eval

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	byteLength := byRow1(func(_ *call, b []byte) (int32, error) { return int32(len(b)), nil })
	register(implementations{
		"byteaoctetlen": byteLength, "byteaoctetlen_octet_length": byteLength,
		"bytea_bit_length": byRow1(func(_ *call, b []byte) (int32, error) { return int32(8 * len(b)), nil }),
		"byteacat": toText2(func(_ *call, dst, a, b []byte) ([]byte, error) {
			return append(append(dst, a...), b...), nil
		}),
		"bytea_substr": toText3(appendBytes), "bytea_substr_substr": toText3(appendBytes),
		"bytea_substr_no_len": toText2(appendBytesFrom), "bytea_substr_no_len_substr": toText2(appendBytesFrom),
		"byteapos":  byRow2(func(_ *call, b, sub []byte) (int32, error) { return int32(bytes.Index(b, sub)) + 1, nil }),
		"md5_bytea": toText1(appendMD5[[]byte]),
		"sha224_bytea": toText1(func(_ *call, dst, b []byte) ([]byte, error) {
			s := sha256.Sum224(b)
			return append(dst, s[:]...), nil
		}),
		"sha256_bytea": toText1(func(_ *call, dst, b []byte) ([]byte, error) {
			s := sha256.Sum256(b)
			return append(dst, s[:]...), nil
		}),
		"sha384_bytea": toText1(func(_ *call, dst, b []byte) ([]byte, error) {
			s := sha512.Sum384(b)
			return append(dst, s[:]...), nil
		}),
		"sha512_bytea": toText1(func(_ *call, dst, b []byte) ([]byte, error) {
			s := sha512.Sum512(b)
			return append(dst, s[:]...), nil
		}),
		"binary_encode": toText2(appendEncoded), "binary_decode": toText2(appendDecoded),
		"byteaGetByte": byRow2(func(_ *call, b []byte, n int32) (int32, error) {
			if n < 0 || int(n) >= len(b) {
				return 0, sqlerr.New(sqlerr.ArraySubscript, "index %d out of valid range, 0..%d", n, len(b)-1)
			}
			return int32(b[n]), nil
		}),
		"byteatrim": toText2(func(_ *call, dst, b, set []byte) ([]byte, error) {
			in := func(c byte) bool { return bytes.IndexByte(set, c) >= 0 }
			for len(b) > 0 && in(b[0]) {
				b = b[1:]
			}
			for len(b) > 0 && in(b[len(b)-1]) {
				b = b[:len(b)-1]
			}
			return append(dst, b...), nil
		}),
		"text_convert_to": toText2(func(_ *call, dst []byte, s, encoding string) ([]byte, error) {
			return append(dst, s...), checkUTF8Name(encoding, "destination ")
		}),
		"bytea_convert_from": toText2(func(_ *call, dst, b []byte, encoding string) ([]byte, error) {
			if err := checkUTF8Name(encoding, "source "); err != nil {
				return dst, err
			}
			return append(dst, b...), validUTF8(b)
		}),
		"gen_random_uuid": fixed(randomUUIDs),
	})
}

// otherEncodings are PostgreSQL's encodings but UTF8, as their names compare: letters and digits only.
const otherEncodings = ` abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88591 iso885910 iso885913 iso885914
 iso885915 iso885916 iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599 johab koi8 koi8r koi8u latin1
 latin10 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 mskanji muleinternal shiftjis shiftjis2004 sjis sqlascii
 tcvn tcvn5712 uhc vscii win win1250 win1251 win1252 win1253 win1254 win1255 win1256 win1257 win1258 win866 win874 win932
 win936 win949 win950 windows1250 windows1251 windows1252 windows1253 windows1254 windows1255 windows1256 windows1257
 windows1258 windows866 windows874 windows932 windows936 windows949 windows950 `

// checkUTF8Name says whether name is UTF8's; others are refused.
func checkUTF8Name(name, what string) error {
	var key strings.Builder
	for _, c := range []byte(strings.ToLower(name)) {
		if digitByte(c) || c >= 'a' && c <= 'z' {
			key.WriteByte(c)
		}
	}
	switch k := key.String(); {
	case k == "utf8" || k == "unicode":
		return nil
	case k != "" && slices.Contains(strings.Fields(otherEncodings), k):
		return sqlerr.Unsupported("the encoding \"" + name + "\"")
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "invalid %sencoding name \"%s\"", what, name)
}

func appendBytes(_ *call, dst, b []byte, from, length int32) ([]byte, error) {
	a, z, err := window(from, length)
	if err != nil {
		return dst, err
	}
	a = min(a, len(b))
	return append(dst, b[a:max(a, min(z, len(b)))]...), nil
}

func appendBytesFrom(_ *call, dst, b []byte, from int32) ([]byte, error) {
	return append(dst, b[min(max(int(from), 1)-1, len(b)):]...), nil
}

func unrecognizedEncoding(name string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized encoding: \"%s\"", name)
}

// appendEncoded is encode(bytea, format).
func appendEncoded(_ *call, dst, b []byte, format string) ([]byte, error) {
	switch strings.ToLower(format) {
	case "hex":
		return hex.AppendEncode(dst, b), nil
	case "base64":
		text := base64.StdEncoding.EncodeToString(b)
		for len(text) > 76 {
			dst = append(append(dst, text[:76]...), '\n')
			text = text[76:]
		}
		return append(dst, text...), nil
	case "escape":
		for _, c := range b {
			switch {
			case c == 0 || c >= 0x80:
				dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
			case c == '\\':
				dst = append(dst, '\\', '\\')
			default:
				dst = append(dst, c)
			}
		}
		return dst, nil
	}
	return dst, unrecognizedEncoding(format)
}

// appendDecoded is decode(text, format).
func appendDecoded(_ *call, dst []byte, s, format string) ([]byte, error) {
	text := s
	switch strings.ToLower(format) {
	case "hex":
		text = `\x` + s
	case "base64":
		return appendBase64(dst, s)
	case "escape":
		if strings.HasPrefix(s, `\x`) {
			return dst, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type bytea")
		}
	default:
		return dst, unrecognizedEncoding(format)
	}
	v, err := datum.Parse(types.ByteaT, text, nil)
	if err != nil {
		return dst, err
	}
	return append(dst, v.([]byte)...), nil
}

// appendBase64 decodes base64 with blanks anywhere; padding has to be there.
func appendBase64(dst []byte, s string) ([]byte, error) {
	var clean strings.Builder
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
		case r == '=' || r == '+' || r == '/' || r < utf8.RuneSelf && (digitByte(byte(r)) || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'):
			clean.WriteRune(r)
		default:
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid symbol \"%c\" found while decoding base64 sequence", r)
		}
	}
	text := clean.String()
	if at := strings.IndexByte(text, '='); at >= 0 && (at%4 < 2 || strings.Trim(text[at:], "=") != "") {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence")
	}
	out, err := base64.StdEncoding.AppendDecode(dst, []byte(text))
	if err != nil {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid base64 end sequence").
			WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
	}
	return out, nil
}

// randomUUIDs are version 4 UUIDs (RFC 9562), one a row.
func randomUUIDs(c *call, _ []*vector, out *vector) error {
	ids := values[[16]byte](out)[:min(c.n, math.MaxInt32)]
	for i := range ids {
		if _, err := rand.Read(ids[i][:]); err != nil {
			return sqlerr.New(sqlerr.InternalError, "reading random bytes for gen_random_uuid: %w", err)
		}
		ids[i][6] = ids[i][6]&0x0f | 0x40
		ids[i][8] = ids[i][8]&0x3f | 0x80
	}
	return nil
}
