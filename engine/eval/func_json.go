package eval

import (
	"slices"
	"strconv"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{
		"jsonb_contains": byDatum(func(_ *call, a []any) (any, error) {
			return contains(a[0].(string), a[1].(string))
		}),
		"jsonb_contained": byDatum(func(_ *call, a []any) (any, error) {
			return contains(a[1].(string), a[0].(string))
		}),
		"jsonb_exists":     byDatum(func(_ *call, a []any) (any, error) { return existsKeys(a[0].(string), []any{a[1]}, false) }),
		"jsonb_exists_any": byDatum(func(_ *call, a []any) (any, error) { return existsKeys(a[0].(string), a[1].([]any), false) }),
		"jsonb_exists_all": byDatum(func(_ *call, a []any) (any, error) { return existsKeys(a[0].(string), a[1].([]any), true) }),
		"to_json":          byDatum(toJSON), "to_jsonb": byDatum(toJSONB),
	}
	for _, p := range []string{"json", "jsonb"} {
		f := jsonForm{binary: p == "jsonb"}
		table[p+"_object_field"] = byDatum(f.get(fieldOf, false))
		table[p+"_object_field_text"] = byDatum(f.get(fieldOf, true))
		table[p+"_array_element"] = byDatum(f.get(f.element, false))
		table[p+"_array_element_text"] = byDatum(f.get(f.element, true))
		table[p+"_extract_path"] = byDatum(f.get(pathOf, false))
		table[p+"_extract_path_text"] = byDatum(f.get(pathOf, true))
		table[p+"_typeof"] = byDatum(f.typeOf)
		table[p+"_array_length"] = byDatum(f.length)
	}
	register(table)
}

// jsonForm is json or jsonb.
type jsonForm struct{ binary bool }

func (f jsonForm) parse(s string) (*datum.JSON, error) {
	if f.binary {
		return datum.ParseJSONB(s)
	}
	return datum.ParseDecodedJSON(s)
}

// parseShape is parse for who does not look at texts.
func (f jsonForm) parseShape(s string) (*datum.JSON, error) {
	if f.binary {
		return datum.ParseJSONB(s)
	}
	return datum.ParseJSON(s)
}

// get is the form of the operators that take a part out of a document; asText gives it as text.
func (f jsonForm) get(part func(v *datum.JSON, key any) *datum.JSON, asText bool) func(*call, []any) (any, error) {
	return func(_ *call, a []any) (any, error) {
		v, err := f.parse(a[0].(string))
		if err != nil {
			return nil, err
		}
		if v = part(v, a[1]); v == nil {
			return nil, nil
		}
		switch {
		case asText && v.Kind == datum.JSONNull:
			return nil, nil
		case asText && v.Kind == datum.JSONString:
			return v.String, nil
		case f.binary:
			return string(datum.AppendJSONB(nil, v)), nil
		}
		return v.Text, nil
	}
}

// fieldOf is the value of a key; in json, where a key can come twice, the last one's.
func fieldOf(v *datum.JSON, key any) *datum.JSON {
	if v.Kind != datum.JSONObject {
		return nil
	}
	for i := len(v.Keys) - 1; i >= 0; i-- {
		if v.Keys[i] == key.(string) {
			return v.Elems[i]
		}
	}
	return nil
}

// element is elementOf at the top of a document, where jsonb takes a scalar for an array of one.
func (f jsonForm) element(v *datum.JSON, index any) *datum.JSON {
	if n := index.(int64); f.binary && v.Kind < datum.JSONArray && (n == 0 || n == -1) {
		return v
	}
	return elementOf(v, index)
}

// elementOf is the element of an index from 0, from the end when it is negative.
func elementOf(v *datum.JSON, index any) *datum.JSON {
	n := index.(int64)
	if v.Kind != datum.JSONArray {
		return nil
	}
	if n < 0 {
		n += int64(len(v.Elems))
	}
	if n < 0 || n >= int64(len(v.Elems)) {
		return nil
	}
	return v.Elems[n]
}

// pathOf follows keys and indexes; a NULL in the path gives nothing.
func pathOf(v *datum.JSON, path any) *datum.JSON {
	steps := path.([]any)
	if slices.Contains(steps, nil) {
		return nil
	}
	for _, step := range steps {
		switch v.Kind {
		case datum.JSONObject:
			v = fieldOf(v, step)
		case datum.JSONArray:
			n, err := strconv.ParseInt(step.(string), 10, 32)
			if err != nil {
				return nil
			}
			v = elementOf(v, n)
		default:
			return nil
		}
		if v == nil {
			return nil
		}
	}
	return v
}

func (f jsonForm) typeOf(_ *call, a []any) (any, error) {
	v, err := f.parseShape(a[0].(string))
	if err != nil {
		return nil, err
	}
	return v.Kind.String(), nil
}

func (f jsonForm) length(_ *call, a []any) (any, error) {
	v, err := f.parseShape(a[0].(string))
	if err != nil {
		return nil, err
	}
	switch v.Kind {
	case datum.JSONArray:
		return int64(len(v.Elems)), nil
	case datum.JSONObject:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a non-array")
	}
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a scalar")
}

func contains(whole, part string) (any, error) {
	a, err := datum.ParseJSONB(whole)
	if err != nil {
		return nil, err
	}
	b, err := datum.ParseJSONB(part)
	if err != nil {
		return nil, err
	}
	// At the top, an array contains a scalar that is among its elements.
	if a.Kind == datum.JSONArray && b.Kind < datum.JSONArray {
		return slices.ContainsFunc(a.Elems, func(e *datum.JSON) bool { return jsonContains(e, b) && e.Kind < datum.JSONArray }), nil
	}
	return jsonContains(a, b), nil
}

// jsonContains is jsonb's @>: objects by key, arrays as sets, scalars by equality.
func jsonContains(a, b *datum.JSON) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case datum.JSONObject:
		for i, k := range b.Keys {
			if v := fieldOf(a, k); v == nil || !jsonContains(v, b.Elems[i]) {
				return false
			}
		}
		return true
	case datum.JSONArray:
		for _, e := range b.Elems {
			if !slices.ContainsFunc(a.Elems, func(x *datum.JSON) bool { return jsonContains(x, e) }) {
				return false
			}
		}
		return true
	}
	return datum.CompareJSONB(a, b) == 0
}

// existsKeys is ?, ?| and ?&: keys of an object, or strings in an array, or the string itself.
func existsKeys(doc string, keys []any, all bool) (any, error) {
	v, err := datum.ParseJSONB(doc)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k == nil {
			continue
		}
		if hasKey(v, k.(string)) != all {
			return !all, nil
		}
	}
	return all, nil
}

func hasKey(v *datum.JSON, key string) bool {
	switch v.Kind {
	case datum.JSONObject:
		return fieldOf(v, key) != nil
	case datum.JSONArray:
		return slices.ContainsFunc(v.Elems, func(e *datum.JSON) bool { return e.Kind == datum.JSONString && e.String == key })
	case datum.JSONString:
		return v.String == key
	}
	return false
}

func toJSON(c *call, a []any) (any, error) {
	out, err := appendAsJSON(c, nil, c.args[0], a[0])
	return string(out), err
}

func toJSONB(c *call, a []any) (any, error) {
	out, err := appendAsJSON(c, nil, c.args[0], a[0])
	if err != nil {
		return nil, err
	}
	return datum.Parse(types.JSONBT, string(out), nil)
}

// appendAsJSON adds a value as to_json writes it: numbers and booleans bare, ISO 8601 dates and times, arrays and rows as
// JSON's own, anything else its text in quotes.
func appendAsJSON(c *call, dst []byte, t *types.Type, v any) ([]byte, error) {
	if v == nil {
		return append(dst, "null"...), nil
	}
	text := datum.Append(nil, t, v, c.zone())
	switch t.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.(bool)), nil
	case types.JSON, types.JSONB:
		return append(dst, text...), nil
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric:
		if last := text[len(text)-1]; digitByte(last) { // not NaN, not Infinity
			return append(dst, text...), nil
		}
	case types.Timestamp, types.TimestampTZ:
		return appendJSONStamp(dst, t, text), nil
	case types.Array:
		return appendJSONArray(c, dst, t, datum.ArrayOf(v))
	case types.Composite, types.Record:
		return appendJSONRow(c, dst, t, v.([]any))
	}
	return datum.AppendJSONString(dst, string(text)), nil
}

// appendJSONStamp writes T between date and time, and minutes in every offset.
func appendJSONStamp(dst []byte, t *types.Type, text []byte) []byte {
	s := string(text)
	if i := slices.Index(text, ' '); i > 0 && digitByte(text[0]) {
		rest := s[i+1:]
		if t.Kind == types.TimestampTZ {
			end := len(rest)
			if bc := slices.Index([]byte(rest), ' '); bc >= 0 {
				end = bc
			}
			if sign := end - 3; sign >= 0 && (rest[sign] == '+' || rest[sign] == '-') {
				rest = rest[:end] + ":00" + rest[end:]
			}
		}
		s = s[:i] + "T" + rest
	}
	return datum.AppendJSONString(dst, s)
}

func appendJSONArray(c *call, dst []byte, t *types.Type, v datum.Array) (_ []byte, err error) {
	dst = append(dst, '[')
	if len(v.Dims) > 1 {
		for i, m := range v.Members() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSONArray(c, dst, t, m); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
	for i, e := range v.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendAsJSON(c, dst, t.Elem, e); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendJSONRow(c *call, dst []byte, t *types.Type, v []any) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	for i, f := range t.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(datum.AppendJSONString(dst, f.Name), ':')
		if dst, err = appendAsJSON(c, dst, f.Type, v[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}
