package eval

import (
	"strconv"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{}
	for _, p := range []string{"json", "jsonb"} {
		f := jsonForm{binary: p == "jsonb"}
		for name, base := range map[string]int{"populate_record": 0, "to_record": -1} {
			table[p+"_"+name] = byDatum(f.record(p+"_"+name, base))
			table[p+"_"+name+"set"] = byDatum(f.recordset(p+"_"+name+"set", base))
		}
	}
	register(table)
}

// record is json[b]_populate_record, whose argument base gives the type and defaults, and json[b]_to_record, without one:
// base is its number, or -1.
func (f jsonForm) record(name string, base int) func(*call, []any) (any, error) {
	return func(c *call, a []any) (any, error) {
		r, doc := recordMaker{c: c, f: f, name: name}, a[base+1]
		if base >= 0 && a[base] != nil {
			r.base = a[base].([]any)
		}
		if doc == nil {
			if r.base == nil {
				return nil, nil
			}
			return r.base, nil
		}
		v, err := f.parse(doc.(string))
		if err != nil {
			return nil, err
		}
		return r.object(c.typ, v, r.base)
	}
}

// recordset is json[b]_populate_recordset and json[b]_to_recordset.
func (f jsonForm) recordset(name string, base int) func(*call, []any) (any, error) {
	return func(c *call, a []any) (any, error) {
		doc := a[base+1]
		if doc == nil {
			return nil, nil
		}
		r := recordMaker{c: c, f: f, name: name}
		if base >= 0 && a[base] != nil {
			r.base = a[base].([]any)
		}
		v, err := f.parse(doc.(string))
		if err != nil {
			return nil, err
		}
		switch {
		case v.Kind == datum.JSONArray:
		case f.binary:
			return nil, invalid("cannot call %s on a non-array", name)
		case v.Kind == datum.JSONObject:
			return nil, invalid("cannot call %s on an object", name)
		default:
			return nil, invalid("cannot call %s on a scalar", name)
		}
		out := make([]any, len(v.Elems))
		for i, e := range v.Elems {
			if e.Kind != datum.JSONObject {
				return nil, invalid("argument of %s must be an array of objects", name)
			}
			if out[i], err = r.object(c.typ.Elem, e, r.base); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// recordMaker makes rows of JSON objects, each value read by its field's type (populate_record).
type recordMaker struct {
	c    *call
	f    jsonForm
	name string
	base []any
}

// object is a row of an object's values; what it does not have is defaults', or NULL.
func (r *recordMaker) object(t *types.Type, v *datum.JSON, defaults []any) (any, error) {
	switch v.Kind {
	case datum.JSONObject:
	case datum.JSONArray:
		return nil, invalid("cannot call %s on an array", r.name)
	default:
		return nil, invalid("cannot call %s on a scalar", r.name)
	}
	out := make([]any, len(t.Fields))
	for i, f := range t.Fields {
		e := fieldOf(v, f.Name)
		if defaults != nil {
			out[i] = defaults[i]
		}
		if e != nil {
			var err error
			if out[i], err = r.value(f.Type, e, f.Name, out[i]); err != nil {
				return nil, err
			}
		}
		if err := r.allowed(f.Type, out[i]); err != nil {
			return nil, err
		}
	}
	return out, r.allowed(t, out)
}

// allowed checks a value of a domain's type as far as that needs no expression.
func (r *recordMaker) allowed(t *types.Type, v any) error {
	switch d := t.Domain; {
	case !d.Constrained():
		return nil
	case v == nil && d.RefusesNull():
		return sqlerr.New(sqlerr.NotNullViolation, "domain %s does not allow null values", d.Name)
	case v == nil && d.PassesNull():
		return nil
	default:
		return sqlerr.Unsupported(r.name + " into domain " + d.Name + ", which has constraints")
	}
}

// value reads a value by its type; a row's fields that it does not have are those of base, a row of that type.
func (r *recordMaker) value(t *types.Type, v *datum.JSON, key string, base any) (any, error) {
	switch {
	case v.Kind == datum.JSONNull:
		return nil, nil
	case t.Kind == types.Array && v.Kind != datum.JSONString:
		return r.array(t, v, key)
	case (t.Kind == types.Composite || t.Kind == types.Record) && v.Kind != datum.JSONString:
		defaults, _ := base.([]any)
		return r.object(t, v, defaults)
	}
	return r.scalar(t, v)
}

func (r *recordMaker) scalar(t *types.Type, v *datum.JSON) (any, error) {
	text := v.Text
	switch {
	case t.Kind == types.JSON || t.Kind == types.JSONB:
		if r.f.binary {
			text = string(datum.AppendJSONB(nil, v))
		}
	case v.Kind == datum.JSONString:
		text = v.String
	case r.f.binary:
		text = string(datum.AppendJSONB(nil, v))
	}
	return datum.Parse(t, text, r.c.zone())
}

func (r *recordMaker) array(t *types.Type, v *datum.JSON, key string) (any, error) {
	if v.Kind != datum.JSONArray {
		return nil, sqlerr.New(sqlerr.InvalidText, "expected JSON array").WithHint("See the value of key \"%s\".", key)
	}
	out := make([]any, len(v.Elems))
	for i, e := range v.Elems {
		if e.Kind == datum.JSONArray && t.Elem.Kind != types.JSON && t.Elem.Kind != types.JSONB {
			return nil, sqlerr.Unsupported("an array of more than one dimension")
		}
		var err error
		if out[i], err = r.value(t.Elem, e, key+"["+strconv.Itoa(i)+"]", nil); err != nil {
			return nil, err
		}
		if err := r.allowed(t.Elem, out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
