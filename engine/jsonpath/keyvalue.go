package jsonpath

import (
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
)

// baseObject is the document that the items at hand are parts of: the one that is asked (0), the variables (1), or an
// object that keyvalue() made. offsets are where its arrays and objects lie in it.
type baseObject struct {
	doc     *datum.JSON
	id      int64
	offsets map[*datum.JSON]int64
}

// within makes doc the base until the function that it gives is called.
func (e *execution) within(doc *datum.JSON, id int64) (restore func()) {
	saved := e.base
	e.base = baseObject{doc: doc, id: id}
	return func() { e.base = saved }
}

// keyValue makes an object of each member: its key, its value, and a number that tells the objects apart which the members
// come from. PostgreSQL's is the object's place in the stored document, after that document's own number.
func (e *execution) keyValue(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	if v.Kind != datum.JSONObject {
		return false, fail(objectNotFound, "jsonpath item method .keyvalue() can only be applied to an object")
	}
	if len(v.Keys) == 0 {
		return false, nil
	}
	if it.next == nil && out == nil {
		return true, nil
	}
	if e.base.offsets == nil && e.base.doc != nil {
		e.base.offsets = map[*datum.JSON]int64{}
		layout{e.base.offsets}.container(e.base.doc, 0)
	}
	id := intJSON(e.base.offsets[v] + e.base.id*10_000_000_000)
	any := false
	for i, key := range v.Keys {
		member := &datum.JSON{Kind: datum.JSONObject, Keys: []string{"id", "key", "value"}, Elems: []*datum.JSON{
			id, {Kind: datum.JSONString, String: key}, v.Elems[i],
		}}
		restore := e.within(member, e.generated)
		e.generated++
		found, err := e.then(it, member, out)
		restore()
		if err != nil {
			return false, err
		}
		if any = any || found; found && out == nil {
			return true, nil
		}
	}
	return any, nil
}

// layout finds the places of arrays and objects in a document as PostgreSQL stores it (jsonb_util.c): a header and a word
// for each key and value, then the keys, then the values, numbers and containers aligned to words.
type layout struct{ offsets map[*datum.JSON]int64 }

// container lays out an array or object from at on, and gives its end.
func (l layout) container(v *datum.JSON, at int64) int64 {
	l.offsets[v] = at
	at += 4 + 4*int64(len(v.Keys)+len(v.Elems))
	for _, k := range v.Keys {
		at += int64(len(k))
	}
	for _, e := range v.Elems {
		switch e.Kind {
		case datum.JSONString:
			at += int64(len(e.String))
		case datum.JSONNumber:
			at = aligned(at) + numericSize(e)
		case datum.JSONArray, datum.JSONObject:
			at = l.container(e, aligned(at))
		}
	}
	return at
}

func aligned(at int64) int64 { return (at + 3) &^ 3 }

// numericSize is what a number takes: its length, a short or long header, and two bytes for every four digits from its
// first to its last that is not zero (numeric.c).
func numericSize(v *datum.JSON) int64 {
	n := numeric.FromApd(v.Number)
	if n.IsZero() {
		return 6
	}
	digits := n.Mag().String()
	last := strings.TrimRight(digits, "0")
	weight := (len(digits) - 1 - int(n.Scale)) >> 2
	lowest := (len(digits) - len(last) - int(n.Scale)) >> 2
	size := int64(6 + 2*(weight-lowest+1))
	if n.Scale > 63 || weight < -64 || weight > 63 {
		size += 2
	}
	return size
}
