package mongo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendJSON appends a value as MongoDB's relaxed extended JSON v2: numbers are JSON numbers, and what JSON does not
// have is an object with one key that begins with a dollar sign. The value has been checked to be as long as its type
// says; what is inside and broken ends the text early rather than reading beyond it. Nil: it is nested deeper than maxNesting.
func appendJSON(dst []byte, t byte, v []byte) []byte { return appendNested(dst, t, v, 0) }

// maxNesting is how deep documents and arrays may lie in one another to be read as json. Servers store 100 to 200 levels;
// an answer that claims more must not use up the stack.
const maxNesting = 1000

func appendNested(dst []byte, t byte, v []byte, depth int) []byte {
	switch t {
	case bsonDouble:
		return appendDouble(dst, math.Float64frombits(binary.LittleEndian.Uint64(v)))
	case bsonString:
		return appendString(dst, v[4:len(v)-1])
	case bsonDocument:
		return appendMembers(dst, v, '{', '}', depth)
	case bsonArray:
		return appendMembers(dst, v, '[', ']', depth)
	case bsonBool:
		return strconv.AppendBool(dst, v[0] != 0)
	case bsonDate:
		return appendDate(dst, int64(binary.LittleEndian.Uint64(v)))
	case bsonNull:
		return append(dst, "null"...)
	case bsonInt32:
		return strconv.AppendInt(dst, int64(int32(binary.LittleEndian.Uint32(v))), 10)
	case bsonInt64:
		return strconv.AppendInt(dst, int64(binary.LittleEndian.Uint64(v)), 10)
	case bsonObjectID:
		dst = appendHex(append(dst, `{"$oid":"`...), v)
		return append(dst, `"}`...)
	}
	return appendRareJSON(dst, t, v, depth)
}

func appendRareJSON(dst []byte, t byte, v []byte, depth int) []byte {
	switch t {
	case bsonBinary:
		dst = append(dst, `{"$binary":{"base64":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, v[5:])
		dst = append(dst, `","subType":"`...)
		dst = appendHex(dst, v[4:5])
		return append(dst, `"}}`...)
	case bsonDecimal:
		dst = append(dst, `{"$numberDecimal":"`...)
		dst = append(dst, decimalText(v)...)
		return append(dst, `"}`...)
	case bsonUndefined:
		return append(dst, `{"$undefined":true}`...)
	case bsonRegex:
		i := bytes.IndexByte(v, 0)
		dst = appendString(append(dst, `{"$regularExpression":{"pattern":`...), v[:i])
		dst = appendString(append(dst, `,"options":`...), v[i+1:len(v)-1])
		return append(dst, `}}`...)
	case bsonDBPointer:
		n := len(v) - 12
		dst = appendString(append(dst, `{"$dbPointer":{"$ref":`...), v[4:n-1])
		dst = appendHex(append(dst, `,"$id":{"$oid":"`...), v[n:])
		return append(dst, `"}}}`...)
	case bsonJavaScript:
		return append(appendString(append(dst, `{"$code":`...), v[4:len(v)-1]), '}')
	case bsonSymbol:
		return append(appendString(append(dst, `{"$symbol":`...), v[4:len(v)-1]), '}')
	case bsonScope:
		return appendScope(dst, v, depth)
	case bsonTimestamp:
		dst = append(dst, `{"$timestamp":{"t":`...)
		dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(v[4:])), 10)
		dst = append(dst, `,"i":`...)
		dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(v)), 10)
		return append(dst, `}}`...)
	case bsonMinKey:
		return append(dst, `{"$minKey":1}`...)
	case bsonMaxKey:
		return append(dst, `{"$maxKey":1}`...)
	}
	return append(dst, "null"...)
}

// appendScope is JavaScript with a scope: the whole length, the code as a string, the scope as a document.
func appendScope(dst, v []byte, depth int) []byte {
	if len(v) < 14 {
		return append(dst, "null"...)
	}
	n := int(binary.LittleEndian.Uint32(v[4:]))
	if n < 1 || n > len(v)-8-5 {
		return append(dst, "null"...)
	}
	dst = appendString(append(dst, `{"$code":`...), v[8:8+n-1])
	if dst = appendMembers(append(dst, `,"$scope":`...), v[8+n:], '{', '}', depth); dst == nil {
		return nil
	}
	return append(dst, '}')
}

// appendMembers appends a document or an array.
func appendMembers(dst, v []byte, open, end byte, depth int) []byte {
	if depth == maxNesting {
		return nil
	}
	dst = append(dst, open)
	b := v[4 : len(v)-1]
	for first := true; len(b) > 0; first = false {
		t := b[0]
		k := bytes.IndexByte(b[1:], 0)
		if k < 0 {
			break
		}
		key := b[1 : 1+k]
		b = b[k+2:]
		size := valueSize(t, b)
		if size < 0 {
			break
		}
		if !first {
			dst = append(dst, ',')
		}
		if open == '{' {
			dst = append(appendString(dst, key), ':')
		}
		if dst = appendNested(dst, t, b[:size], depth+1); dst == nil {
			return nil
		}
		b = b[size:]
	}
	return append(dst, end)
}

// appendDouble keeps a double a double for whoever reads the text: 1 is written 1.0.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `{"$numberDouble":"NaN"}`...)
	case math.IsInf(f, 1):
		return append(dst, `{"$numberDouble":"Infinity"}`...)
	case math.IsInf(f, -1):
		return append(dst, `{"$numberDouble":"-Infinity"}`...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendDate writes the years 1970 to 9999 as ISO 8601, others as milliseconds, as the specification says.
func appendDate(dst []byte, ms int64) []byte {
	dst = append(dst, `{"$date":`...)
	if ms < 0 || ms >= 253402300800000 {
		dst = append(dst, `{"$numberLong":"`...)
		dst = strconv.AppendInt(dst, ms, 10)
		return append(dst, `"}}`...)
	}
	layout := `"2006-01-02T15:04:05.000Z"`
	if ms%1000 == 0 {
		layout = `"2006-01-02T15:04:05Z"`
	}
	dst = time.UnixMilli(ms).UTC().AppendFormat(dst, layout)
	return append(dst, '}')
}

// appendString quotes s; bytes that are not UTF-8 become U+FFFD, as they must in JSON.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		b := s[i]
		if b < utf8.RuneSelf {
			dst = appendASCII(dst, b)
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return append(dst, '"')
}

func appendASCII(dst []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(dst, '\\', b)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if b < 0x20 {
		return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
	}
	return append(dst, b)
}
