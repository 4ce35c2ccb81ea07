package eval

import (
	"bytes"
	"strconv"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{
		"row_to_json":        byDatum(toJSON),
		"row_to_json_pretty": byDatum(toJSONLines), "array_to_json_pretty": byDatum(toJSONLines),
		"array_to_json": byDatum(toJSON),
		"jsonb_pretty":  byDatum(jsonbPretty),
	}
	for _, p := range []string{"json", "jsonb"} {
		f := jsonForm{binary: p == "jsonb"}
		table[p+"_build_object"] = byDatum(f.buildObject)
		table[p+"_build_object_noargs"] = byDatum(f.buildObject)
		table[p+"_build_array"] = byDatum(f.buildArray)
		table[p+"_build_array_noargs"] = byDatum(f.buildArray)
		table[p+"_object"] = byDatum(f.objectOfPairs)
		table[p+"_object_two_arg"] = byDatum(f.objectOfKeysAndValues)
		table[p+"_strip_nulls"] = byDatum(f.stripNulls)
		table[p+"_extract_path_call"] = byDatum(variadicPath(f.get(pathOf, false)))
		table[p+"_extract_path_text_call"] = byDatum(variadicPath(f.get(pathOf, true)))
	}
	register(table)
}

// variadicPath hands the arguments behind the document to a function of one path.
func variadicPath(get func(*call, []any) (any, error)) func(*call, []any) (any, error) {
	return func(c *call, a []any) (any, error) { return get(c, []any{a[0], append([]any(nil), a[1:]...)}) }
}

// result is a json text as the form's own type has it.
func (f jsonForm) result(text []byte) (any, error) {
	if f.binary {
		return datum.Parse(types.JSONBT, string(text), nil)
	}
	return string(text), nil
}

func (f jsonForm) buildArray(c *call, a []any) (any, error) {
	out := []byte{'['}
	var err error
	for i, v := range a {
		if i > 0 {
			out = append(out, ", "...)
		}
		if out, err = appendAsJSON(c, out, c.args[i], v); err != nil {
			return nil, err
		}
	}
	return f.result(append(out, ']'))
}

func (f jsonForm) buildObject(c *call, a []any) (any, error) {
	name := "json_build_object()"
	if f.binary {
		name = "jsonb_build_object()"
	}
	if len(a)%2 != 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "argument list must have even number of elements").
			WithHint("The arguments of %s must consist of alternating keys and values.", name)
	}
	out := []byte{'{'}
	var err error
	for i := 0; i < len(a); i += 2 {
		if i > 0 {
			out = append(out, ", "...)
		}
		if out, err = f.appendKey(c, out, a, i); err != nil {
			return nil, err
		}
		if out, err = appendAsJSON(c, append(out, " : "...), c.args[i+1], a[i+1]); err != nil {
			return nil, err
		}
	}
	return f.result(append(out, '}'))
}

// appendKey writes argument i as the key of an object.
func (f jsonForm) appendKey(c *call, dst []byte, a []any, i int) ([]byte, error) {
	t := c.args[i]
	switch {
	case a[i] == nil && f.binary:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "argument %d: key must not be null", i+1)
	case a[i] == nil:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "argument %d cannot be null", i+1).
			WithHint("Object keys should be text.")
	}
	switch t.Kind {
	case types.Array, types.Composite, types.Record, types.JSON, types.JSONB:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
	case types.Bool:
		return datum.AppendJSONString(dst, strconv.FormatBool(a[i].(bool))), nil
	case types.Timestamp, types.TimestampTZ:
		return appendJSONStamp(dst, t, datum.Append(nil, t, a[i], c.zone())), nil
	}
	return datum.AppendJSONString(dst, datum.Text(t, a[i], c.zone())), nil
}

func (f jsonForm) objectOfPairs(_ *call, a []any) (any, error) {
	v := datum.ArrayOf(a[0])
	list := v.Elems
	switch {
	case len(v.Dims) > 2:
		return nil, sqlerr.New(sqlerr.ArraySubscript, "wrong number of array subscripts")
	case len(v.Dims) == 2 && v.Dims[1].Length != 2:
		return nil, sqlerr.New(sqlerr.ArraySubscript, "array must have two columns")
	case len(list)%2 != 0:
		return nil, sqlerr.New(sqlerr.ArraySubscript, "array must have even number of elements")
	}
	keys, values := make([]any, 0, len(list)/2), make([]any, 0, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		keys, values = append(keys, list[i]), append(values, list[i+1])
	}
	return f.objectOf(keys, values)
}

func (f jsonForm) objectOfKeysAndValues(_ *call, a []any) (any, error) {
	x, y := datum.ArrayOf(a[0]), datum.ArrayOf(a[1])
	keys, values := x.Elems, y.Elems
	switch {
	case len(x.Dims) > 1 || len(x.Dims) != len(y.Dims):
		return nil, sqlerr.New(sqlerr.ArraySubscript, "wrong number of array subscripts")
	case len(keys) == len(values):
	case len(keys) == 0 || len(values) == 0: // an empty array has no dimension
		return nil, sqlerr.New(sqlerr.ArraySubscript, "wrong number of array subscripts")
	default:
		return nil, sqlerr.New(sqlerr.ArraySubscript, "mismatched array dimensions")
	}
	return f.objectOf(keys, values)
}

// objectOf is the object of text values.
func (f jsonForm) objectOf(keys, values []any) (any, error) {
	out := []byte{'{'}
	for i, k := range keys {
		if k == nil {
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "null value not allowed for object key")
		}
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(datum.AppendJSONString(out, k.(string)), " : "...)
		if values[i] == nil {
			out = append(out, "null"...)
		} else {
			out = datum.AppendJSONString(out, values[i].(string))
		}
	}
	return f.result(append(out, '}'))
}

// toJSONLines is to_json with a line for each element or field of the outermost level.
func toJSONLines(c *call, a []any) (any, error) {
	if !a[1].(bool) {
		return toJSON(c, a[:1])
	}
	t := c.args[0]
	if v := datum.ArrayOf(a[0]); t.Kind == types.Array && len(v.Dims) > 1 {
		return toJSONRows(c, t, v.Members())
	}
	values, _ := a[0].([]any)
	if t.Kind == types.Array {
		values = datum.ArrayOf(a[0]).Elems
	}
	open, closing := byte('['), byte(']')
	if t.Kind != types.Array {
		open, closing = '{', '}'
	}
	out := []byte{open}
	var err error
	for i, v := range values {
		if i > 0 {
			out = append(out, ",\n "...)
		}
		elem := t.Elem
		if t.Kind != types.Array {
			elem = t.Fields[i].Type
			out = append(datum.AppendJSONString(out, t.Fields[i].Name), ':')
		}
		if out, err = appendAsJSON(c, out, elem, v); err != nil {
			return nil, err
		}
	}
	return string(append(out, closing)), nil
}

// toJSONRows writes an array of several dimensions with a line for each member.
func toJSONRows(c *call, t *types.Type, members []datum.Array) (any, error) {
	out := []byte{'['}
	var err error
	for i, m := range members {
		if i > 0 {
			out = append(out, ",\n "...)
		}
		if out, err = appendJSONArray(c, out, t, m); err != nil {
			return nil, err
		}
	}
	return string(append(out, ']')), nil
}

func (f jsonForm) stripNulls(_ *call, a []any) (any, error) {
	v, err := f.parse(a[0].(string))
	if err != nil {
		return nil, err
	}
	if f.binary {
		return string(datum.AppendJSONB(nil, withoutNulls(v))), nil
	}
	return string(appendStripped(nil, v)), nil
}

// withoutNulls is v without the fields of objects that are null.
func withoutNulls(v *datum.JSON) *datum.JSON {
	if len(v.Elems) == 0 {
		return v
	}
	out := &datum.JSON{Kind: v.Kind}
	for i, e := range v.Elems {
		if v.Kind == datum.JSONObject {
			if e.Kind == datum.JSONNull {
				continue
			}
			out.Keys = append(out.Keys, v.Keys[i])
		}
		out.Elems = append(out.Elems, withoutNulls(e))
	}
	return out
}

// appendStripped writes json without null fields and without blanks; scalars keep their text.
func appendStripped(dst []byte, v *datum.JSON) []byte {
	switch v.Kind {
	case datum.JSONArray:
		dst = append(dst, '[')
		for i, e := range v.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendStripped(dst, e)
		}
		return append(dst, ']')
	case datum.JSONObject:
		dst = append(dst, '{')
		for i, e := range v.Elems {
			if e.Kind == datum.JSONNull {
				continue
			}
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			dst = append(datum.AppendJSONString(dst, v.Keys[i]), ':')
			dst = appendStripped(dst, e)
		}
		return append(dst, '}')
	case datum.JSONString:
		return datum.AppendJSONString(dst, v.String)
	}
	return append(dst, v.Text...)
}

func jsonbPretty(_ *call, a []any) (any, error) {
	v, err := datum.ParseJSONB(a[0].(string))
	if err != nil {
		return nil, err
	}
	return string(appendPretty(nil, v, 0)), nil
}

// appendPretty writes v over lines, each level indented by four blanks.
func appendPretty(dst []byte, v *datum.JSON, level int) []byte {
	if v.Kind != datum.JSONArray && v.Kind != datum.JSONObject {
		return datum.AppendJSONB(dst, v)
	}
	open, closing := byte('['), byte(']')
	if v.Kind == datum.JSONObject {
		open, closing = '{', '}'
	}
	dst = append(dst, open)
	for i, e := range v.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLine(dst, level+1)
		if v.Kind == datum.JSONObject {
			dst = append(datum.AppendJSONString(dst, v.Keys[i]), ": "...)
		}
		dst = appendPretty(dst, e, level+1)
	}
	return append(appendLine(dst, level), closing)
}

func appendLine(dst []byte, level int) []byte {
	return append(append(dst, '\n'), bytes.Repeat([]byte("    "), level)...)
}
