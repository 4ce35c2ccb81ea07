package eval

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// A set-returning function is implemented as one that gives its rows as an array; the executor takes it apart.
func init() {
	table := implementations{
		"text_to_table": byDatum(textToArray), "text_to_table_null": byDatum(textToArray),
		"regexp_matches_no_flags": byDatum(regexpMatches), "regexp_matches": byDatum(regexpMatches),
		"regexp_split_to_table_no_flags": byDatum(splitBy("regexp_split_to_table()")),
		"regexp_split_to_table":          byDatum(splitBy("regexp_split_to_table()")),
	}
	for _, p := range []string{"json", "jsonb"} {
		f := jsonForm{binary: p == "jsonb"}
		table[p+"_array_elements"] = byDatum(f.elements(p+"_array_elements", false))
		table[p+"_array_elements_text"] = byDatum(f.elements(p+"_array_elements_text", true))
		table[p+"_each"] = byDatum(f.each(p+"_each", false))
		table[p+"_each_text"] = byDatum(f.each(p+"_each_text", true))
		table[p+"_object_keys"] = byDatum(f.keys(p + "_object_keys"))
	}
	register(table)
}

func invalid(format string, args ...any) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
}

// part is a value of a document as the functions give it: JSON, or with asText what ->> would give.
func (f jsonForm) part(v *datum.JSON, asText bool) any {
	switch {
	case asText && v.Kind == datum.JSONNull:
		return nil
	case asText && v.Kind == datum.JSONString:
		return v.String
	case f.binary:
		return string(datum.AppendJSONB(nil, v))
	}
	return v.Text
}

func (f jsonForm) parts(vs []*datum.JSON, asText bool) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = f.part(v, asText)
	}
	return out
}

func (f jsonForm) elements(name string, asText bool) func(*call, []any) (any, error) {
	return func(_ *call, a []any) (any, error) {
		v, err := f.parse(a[0].(string))
		if err != nil {
			return nil, err
		}
		switch {
		case v.Kind == datum.JSONArray:
			return f.parts(v.Elems, asText), nil
		case f.binary && v.Kind == datum.JSONObject:
			return nil, invalid("cannot extract elements from an object")
		case f.binary:
			return nil, invalid("cannot extract elements from a scalar")
		case v.Kind == datum.JSONObject:
			return nil, invalid("cannot call %s on a non-array", name)
		}
		return nil, invalid("cannot call %s on a scalar", name)
	}
}

func (f jsonForm) each(name string, asText bool) func(*call, []any) (any, error) {
	return func(_ *call, a []any) (any, error) {
		v, err := f.parse(a[0].(string))
		if err != nil {
			return nil, err
		}
		switch {
		case v.Kind == datum.JSONObject:
			out := f.parts(v.Elems, asText)
			for i, e := range out {
				out[i] = []any{v.Keys[i], e}
			}
			return out, nil
		case f.binary:
			return nil, invalid("cannot call %s on a non-object", name)
		case v.Kind == datum.JSONArray:
			return nil, invalid("cannot deconstruct an array as an object")
		}
		return nil, invalid("cannot deconstruct a scalar")
	}
}

func (f jsonForm) keys(name string) func(*call, []any) (any, error) {
	return func(_ *call, a []any) (any, error) {
		v, err := f.parse(a[0].(string))
		if err != nil {
			return nil, err
		}
		switch v.Kind {
		case datum.JSONObject:
			out := make([]any, len(v.Keys))
			for i, k := range v.Keys {
				out[i] = k
			}
			return out, nil
		case datum.JSONArray:
			return nil, invalid("cannot call %s on an array", name)
		}
		return nil, invalid("cannot call %s on a scalar", name)
	}
}

// regexpMatches is regexp_matches: the groups of the first match, or of all of them with the option g.
func regexpMatches(c *call, args []any) (any, error) {
	fold, global, err := regexFlags(flagArg(args, 2), "")
	if err != nil {
		return nil, err
	}
	re, err := c.extent(args[1].(string), fold, true)
	if err != nil {
		return nil, err
	}
	s := args[0].(string)
	found := matches(re.re, s)
	if !global {
		found = found[:min(len(found), 1)]
	}
	out := make([]any, len(found))
	for i, m := range found {
		groups := []any{}
		for k := min(1, re.info.groups); k < len(m)/2; k++ {
			groups = append(groups, part(s, m, k))
		}
		out[i] = groups
	}
	return out, nil
}
