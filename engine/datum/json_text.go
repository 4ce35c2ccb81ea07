package datum

import (
	"bytes"
	"strings"
)

// AppendJSONB adds v as PostgreSQL prints jsonb: {"a": 1, "b": [true, null]}.
func AppendJSONB(dst []byte, v *JSON) []byte {
	switch v.Kind {
	case JSONNull:
		return append(dst, "null"...)
	case JSONBool:
		if v.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case JSONString:
		return AppendJSONString(dst, v.String)
	case JSONNumber:
		return AppendNumeric(dst, v.Number)
	case JSONArray:
		dst = append(dst, '[')
		for i, e := range v.Elems {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = AppendJSONB(dst, e)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, e := range v.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendJSONString(dst, v.Keys[i])
		dst = AppendJSONB(append(dst, ": "...), e)
	}
	return append(dst, '}')
}

// AppendJSONString adds s in quotes with PostgreSQL's escapes: the short ones, \u00XX for other control characters.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if at := bytes.IndexByte([]byte("\b\f\n\r\t\"\\"), c); at >= 0 {
			dst = append(dst, '\\', `bfnrt"\`[at])
		} else if c < ' ' {
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// CompareJSONB is jsonb's btree order: by kind (null, string, number, boolean, array, object), containers first by their
// number of elements, then element by element; a scalar document comes before an array of one element.
func CompareJSONB(a, b *JSON) int {
	if a.Kind < JSONArray && b.Kind == JSONArray {
		return compareScalarWithArray(b)
	}
	if a.Kind == JSONArray && b.Kind < JSONArray {
		return -compareScalarWithArray(a)
	}
	return compareJSON(a, b)
}

// compareScalarWithArray: PostgreSQL keeps a scalar document as an array of one element, marked; the number of elements
// decides first.
func compareScalarWithArray(array *JSON) int {
	if len(array.Elems) == 0 {
		return 1
	}
	return -1
}

func compareJSON(a, b *JSON) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	switch a.Kind {
	case JSONString:
		return strings.Compare(a.String, b.String)
	case JSONNumber:
		return CompareNumeric(a.Number, b.Number)
	case JSONBool:
		return compareBool(a.Bool, b.Bool)
	case JSONNull:
		return 0
	}
	if len(a.Elems) != len(b.Elems) {
		return len(a.Elems) - len(b.Elems)
	}
	for i, e := range a.Elems {
		if a.Kind == JSONObject {
			if c := strings.Compare(a.Keys[i], b.Keys[i]); c != 0 {
				return c
			}
		}
		if c := compareJSON(e, b.Elems[i]); c != 0 {
			return c
		}
	}
	return 0
}
