package eval

import (
	"slices"
	"strconv"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	register(implementations{
		"jsonb_set_create": jsonEdit(2, func(v *datum.JSON, a []any) (*datum.JSON, error) { return setAt(v, a, true) }),
		"jsonb_set": jsonEdit(2, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return setAt(v, a, a[3].(bool))
		}),
		"jsonb_insert_before": jsonEdit(2, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return editAt(v, a, jsonPathEdit{insertBefore: true})
		}),
		"jsonb_insert": jsonEdit(2, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			after := a[3].(bool)
			return editAt(v, a, jsonPathEdit{insertBefore: !after, insertAfter: after})
		}),
		"jsonb_delete_path": jsonEdit(-1, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return editAt(v, append(slices.Clone(a), nil), jsonPathEdit{remove: true})
		}),
		"jsonb_set_lax_create": byDatum(setLax), "jsonb_set_lax_null": byDatum(setLax), "jsonb_set_lax": byDatum(setLax),
		"jsonb_concat": jsonEdit(1, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return concatJSON(v, a[1].(*datum.JSON)), nil
		}),
		"jsonb_delete": jsonEdit(-1, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return deleteKeys(v, []any{a[1]})
		}),
		"jsonb_delete_array": jsonEdit(-1, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return deleteKeys(v, elements(a[1]))
		}),
		"jsonb_delete_idx": jsonEdit(-1, func(v *datum.JSON, a []any) (*datum.JSON, error) {
			return deleteIndex(v, a[1].(int64))
		}),
	})
}

// jsonEdit is the form of a strict function that makes a document of a document; argument second, if not negative, is
// handed over as a document too.
func jsonEdit(second int, f func(v *datum.JSON, a []any) (*datum.JSON, error)) maker {
	return byDatum(func(_ *call, a []any) (any, error) {
		v, err := datum.ParseJSONB(a[0].(string))
		if err != nil {
			return nil, err
		}
		if second >= 0 {
			a = slices.Clone(a)
			if a[second], err = datum.ParseJSONB(a[second].(string)); err != nil {
				return nil, err
			}
		}
		out, err := f(v, a)
		if err != nil {
			return nil, err
		}
		return string(datum.AppendJSONB(nil, out)), nil
	})
}

func scalarJSON(v *datum.JSON) bool { return v.Kind != datum.JSONArray && v.Kind != datum.JSONObject }

func cannot(what string) error { return sqlerr.New(sqlerr.InvalidParameterValue, "cannot %s", what) }

func setAt(v *datum.JSON, a []any, create bool) (*datum.JSON, error) {
	if !scalarJSON(v) && len(v.Elems) == 0 && !create {
		return v, nil
	}
	return editAt(v, a, jsonPathEdit{replace: true, create: create})
}

// setLax is jsonb_set with a choice of what a NULL as the new value means.
func setLax(c *call, a []any) (any, error) {
	create, treatment := any(true), any("use_json_null")
	if len(a) > 3 {
		create = a[3]
	}
	if len(a) > 4 {
		treatment = a[4]
	}
	if a[0] == nil || a[1] == nil || create == nil {
		return nil, nil
	}
	if a[2] != nil {
		treatment = "use_json_null" // or any other
	}
	switch treatment {
	case "delete_key", "return_target", "use_json_null", "raise_exception":
	default:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue,
			`null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"`)
	}
	v, err := datum.ParseJSONB(a[0].(string))
	if err != nil {
		return nil, err
	}
	value := &datum.JSON{Kind: datum.JSONNull}
	if a[2] != nil {
		if value, err = datum.ParseJSONB(a[2].(string)); err != nil {
			return nil, err
		}
	}
	args := []any{nil, a[1], value}
	switch treatment {
	case "use_json_null":
		v, err = setAt(v, args, create.(bool))
	case "raise_exception":
		return nil, sqlerr.New(sqlerr.NullNotAllowed, "JSON value must not be null").
			WithDetail(`Exception was raised because null_value_treatment is "raise_exception".`).
			WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
	case "delete_key":
		v, err = editAt(v, args, jsonPathEdit{remove: true})
	}
	if err != nil {
		return nil, err
	}
	return string(datum.AppendJSONB(nil, v)), nil
}

// jsonPathEdit changes the value at a path. Algorithm: setPath of PostgreSQL's jsonfuncs.c.
type jsonPathEdit struct {
	path                                               []any
	value                                              *datum.JSON
	replace, create, insertBefore, insertAfter, remove bool
}

// editAt applies an edit at path a[1] with value a[2].
func editAt(v *datum.JSON, a []any, e jsonPathEdit) (*datum.JSON, error) {
	if scalarJSON(v) {
		if e.remove {
			return nil, cannot("delete path in scalar")
		}
		return nil, cannot("set path in scalar")
	}
	e.path = elements(a[1])
	e.value, _ = a[2].(*datum.JSON)
	if len(e.path) == 0 || e.remove && len(v.Elems) == 0 {
		return v, nil
	}
	return e.apply(v, 0)
}

// adds says whether a place that is not there is made.
func (e *jsonPathEdit) adds() bool { return e.create || e.insertBefore || e.insertAfter }

func (e *jsonPathEdit) apply(v *datum.JSON, level int) (*datum.JSON, error) {
	if scalarJSON(v) {
		return v, nil
	}
	if e.path[level] == nil {
		return nil, sqlerr.New(sqlerr.NullNotAllowed, "path element at position %d is null", level+1)
	}
	key := e.path[level].(string)
	if v.Kind == datum.JSONObject {
		return e.inObject(v, key, level)
	}
	return e.inArray(v, key, level)
}

func (e *jsonPathEdit) inObject(v *datum.JSON, key string, level int) (*datum.JSON, error) {
	last := level == len(e.path)-1
	at := slices.Index(v.Keys, key)
	out := &datum.JSON{Kind: v.Kind, Keys: slices.Clone(v.Keys), Elems: slices.Clone(v.Elems)}
	switch {
	case at < 0 && last && e.adds():
		i, _ := slices.BinarySearchFunc(out.Keys, key, datum.CompareJSONKeys)
		out.Keys, out.Elems = slices.Insert(out.Keys, i, key), slices.Insert(out.Elems, i, e.value)
	case at < 0:
	case !last:
		inner, err := e.apply(v.Elems[at], level+1)
		if err != nil {
			return nil, err
		}
		out.Elems[at] = inner
	case e.insertBefore || e.insertAfter:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "cannot replace existing key").
			WithHint("Try using the function jsonb_set to replace key value.")
	case e.remove:
		out.Keys, out.Elems = slices.Delete(out.Keys, at, at+1), slices.Delete(out.Elems, at, at+1)
	default:
		out.Elems[at] = e.value
	}
	return out, nil
}

func (e *jsonPathEdit) inArray(v *datum.JSON, key string, level int) (*datum.JSON, error) {
	i, err := strconv.ParseInt(trimIndex(key), 10, 32)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidText, `path element at position %d is not an integer: "%s"`, level+1, key)
	}
	n, last := int64(len(v.Elems)), level == len(e.path)-1
	if i < 0 {
		i += n
	}
	out := &datum.JSON{Kind: v.Kind, Elems: slices.Clone(v.Elems)}
	switch at := int(i); {
	case i < 0 || i >= n:
		if last && e.adds() {
			out.Elems = slices.Insert(out.Elems, int(min(max(i, 0), n)), e.value)
		}
	case !last:
		if out.Elems[at], err = e.apply(v.Elems[at], level+1); err != nil {
			return nil, err
		}
	case e.remove:
		out.Elems = slices.Delete(out.Elems, at, at+1)
	case e.insertAfter:
		out.Elems = slices.Insert(out.Elems, at+1, e.value)
	case e.insertBefore:
		out.Elems = slices.Insert(out.Elems, at, e.value)
	default:
		out.Elems[at] = e.value
	}
	return out, nil
}

// trimIndex drops what C's strtol skips before a number.
func trimIndex(s string) string {
	for s != "" && (s[0] == ' ' || s[0] >= '\t' && s[0] <= '\r') {
		s = s[1:]
	}
	return s
}

// concatJSON joins two objects, of which the right one's values count, or two arrays; anything else becomes an array's
// element first.
func concatJSON(a, b *datum.JSON) *datum.JSON {
	if a.Kind == datum.JSONObject && b.Kind == datum.JSONObject {
		out := &datum.JSON{Kind: datum.JSONObject, Keys: slices.Clone(a.Keys), Elems: slices.Clone(a.Elems)}
		for i, k := range b.Keys {
			at, found := slices.BinarySearchFunc(out.Keys, k, datum.CompareJSONKeys)
			if found {
				out.Elems[at] = b.Elems[i]
				continue
			}
			out.Keys, out.Elems = slices.Insert(out.Keys, at, k), slices.Insert(out.Elems, at, b.Elems[i])
		}
		return out
	}
	return &datum.JSON{Kind: datum.JSONArray, Elems: slices.Concat(asElements(a), asElements(b))}
}

func asElements(v *datum.JSON) []*datum.JSON {
	if v.Kind == datum.JSONArray {
		return v.Elems
	}
	return []*datum.JSON{v}
}

// deleteKeys drops fields of an object, or strings of an array.
func deleteKeys(v *datum.JSON, keys []any) (*datum.JSON, error) {
	if scalarJSON(v) {
		return nil, cannot("delete from scalar")
	}
	out := &datum.JSON{Kind: v.Kind}
	for i, e := range v.Elems {
		if v.Kind == datum.JSONArray {
			if e.Kind != datum.JSONString || !slices.Contains(keys, any(e.String)) {
				out.Elems = append(out.Elems, e)
			}
		} else if !slices.Contains(keys, any(v.Keys[i])) {
			out.Keys, out.Elems = append(out.Keys, v.Keys[i]), append(out.Elems, e)
		}
	}
	return out, nil
}

// deleteIndex drops one element, counted from the end if negative.
func deleteIndex(v *datum.JSON, i int64) (*datum.JSON, error) {
	switch {
	case scalarJSON(v):
		return nil, cannot("delete from scalar")
	case v.Kind == datum.JSONObject:
		return nil, cannot("delete from object using integer index")
	}
	if i < 0 {
		i += int64(len(v.Elems))
	}
	if i < 0 || i >= int64(len(v.Elems)) {
		return v, nil
	}
	return &datum.JSON{Kind: v.Kind, Elems: slices.Delete(slices.Clone(v.Elems), int(i), int(i)+1)}, nil
}
