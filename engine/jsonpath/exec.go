package jsonpath

import (
	"errors"
	"slices"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/formatting"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// SQLSTATEs of the SQL/JSON standard.
const (
	invalidSubscript  = "22033"
	nonNumericItem    = "22036"
	singletonRequired = "22038"
	arrayNotFound     = "22039"
	memberNotFound    = "2203A"
	numberNotFound    = "2203B"
	objectNotFound    = "2203C"
)

// Matcher says whether a text matches a regular expression with the flags of like_regex.
type Matcher func(text, pattern, flags string) (bool, error)

// Options are what a path is asked with.
type Options struct {
	// Vars is the object that holds the path's variables; without one every variable is null.
	Vars *datum.JSON
	// Silent suppresses the errors of SQL/JSON: missing fields, wrong types, numbers out of range.
	Silent bool
	Match  Matcher
	// Zone is the time zone in which dates and times without one are compared with those that have one; nil refuses
	// to compare them. Now is the time whose offset from UTC a time of day has there.
	Zone *time.Location
	Now  time.Time
}

// Query gives the items of doc that the path selects, in order. An item may be part of doc.
func (p *Path) Query(doc *datum.JSON, o Options) ([]*datum.JSON, error) {
	e := p.execution(doc, o)
	var out []*datum.JSON
	_, err := e.run(p.root, doc, &out)
	return out, e.silence(err)
}

// Exists says whether the path selects any item; unknown that an error was suppressed.
func (p *Path) Exists(doc *datum.JSON, o Options) (found, unknown bool, err error) {
	e := p.execution(doc, o)
	if !p.lax { // all of the items are looked at, for their errors
		var out []*datum.JSON
		_, err = e.run(p.root, doc, &out)
		found = len(out) > 0
	} else {
		found, err = e.run(p.root, doc, nil)
	}
	if err != nil || e.broken != nil {
		err = e.silence(err)
		return false, err == nil, err
	}
	return found, false, nil
}

// Match is the answer of a path that is a predicate: true, false or unknown.
func (p *Path) Match(doc *datum.JSON, o Options) (value, unknown bool, err error) {
	items, err := p.Query(doc, o)
	if err != nil {
		return false, false, err
	}
	if len(items) == 1 {
		switch items[0].Kind {
		case datum.JSONBool:
			return items[0].Bool, false, nil
		case datum.JSONNull:
			return false, true, nil
		}
	}
	if o.Silent {
		return false, true, nil
	}
	return false, false, sqlerr.New(singletonRequired, "single boolean result is expected")
}

// failure is an error of SQL/JSON, which predicates take for unknown and silent calls leave out.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

func fail(code, format string, args ...any) error { return failure{sqlerr.New(code, format, args...)} }

func failed(err error) bool { return errors.As(err, new(failure)) }

// execution is one run of a path.
type execution struct {
	Options
	root, current *datum.JSON
	lax           bool
	ignore        bool  // structural errors
	size          int   // of the innermost array that is subscripted
	quiet         bool  // errors of SQL/JSON are not raised: within predicates, and in silent calls
	broken        error // of a regular expression, which is no error of SQL/JSON
	// datetimes are the items that datetime() made, with what they stand for; their JSON is their text.
	datetimes map[*datum.JSON]formatting.Instant
	base      baseObject
	generated int64 // objects that keyvalue() made so far, and the documents
}

func (p *Path) execution(doc *datum.JSON, o Options) *execution {
	e := &execution{Options: o, root: doc, current: doc, lax: p.lax, ignore: p.lax, quiet: o.Silent, size: -1, generated: 1}
	if o.Vars != nil {
		e.generated = 2
	}
	return e
}

func (e *execution) silence(err error) error {
	if e.broken != nil {
		return e.broken
	}
	if e.Silent && failed(err) {
		return nil
	}
	var f failure
	if errors.As(err, &f) {
		return f.error
	}
	return err
}

// run takes v through it and the steps behind it, and appends what comes out to out; with out nil it stops at the first.
// It says whether there was any.
func (e *execution) run(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	return e.step(it, v, out, e.lax)
}

// then goes on with the step behind it.
func (e *execution) then(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	if it.next != nil {
		return e.run(it.next, v, out)
	}
	if out != nil {
		*out = append(*out, v)
	}
	return true, nil
}

func isArray(v *datum.JSON) bool { return v.Kind == datum.JSONArray }

// step is run; unwrap says whether a step that takes no array is done for each element of one.
func (e *execution) step(it *item, v *datum.JSON, out *[]*datum.JSON, unwrap bool) (bool, error) {
	switch it.op {
	case opLiteral:
		return e.then(it, it.value, out)
	case opVariable:
		return e.variable(it, out)
	case opRoot:
		defer e.within(e.root, 0)()
		return e.then(it, e.root, out)
	case opCurrent:
		return e.then(it, e.current, out)
	case opLast:
		return e.then(it, intJSON(int64(e.size-1)), out)
	case opKey:
		return e.key(it, v, out, unwrap)
	case opAnyKey:
		switch {
		case v.Kind == datum.JSONObject:
			return e.each(it.next, v, out, level{1, 1, 1}, false, e.lax)
		case unwrap && isArray(v):
			return e.unwrapped(it, v, out)
		case !e.ignore:
			return false, fail(objectNotFound, "jsonpath wildcard member accessor can only be applied to an object")
		}
		return false, nil
	case opAnyArray:
		switch {
		case isArray(v):
			return e.each(it.next, v, out, level{1, 1, 1}, false, e.lax)
		case e.lax:
			return e.then(it, v, out)
		case !e.ignore:
			return false, fail(arrayNotFound, "jsonpath wildcard array accessor can only be applied to an array")
		}
		return false, nil
	case opIndex:
		return e.index(it, v, out)
	case opAny:
		return e.levels(it, v, out)
	case opFilter:
		if unwrap && isArray(v) {
			return e.unwrapped(it, v, out)
		}
		if e.filter(it.left, v) != yes {
			return false, nil
		}
		return e.then(it, v, out)
	case opMethod:
		return e.method(it, v, out, unwrap)
	case opAdd, opSub, opMul, opDiv, opMod:
		return e.binary(it, v, out)
	case opPlus, opMinus:
		return e.unary(it, v, out)
	}
	return e.then(it, e.predicate(it, v).json(), out)
}

func (e *execution) variable(it *item, out *[]*datum.JSON) (bool, error) {
	if e.Vars == nil {
		return e.then(it, &datum.JSON{Kind: datum.JSONNull}, out)
	}
	if e.Vars.Kind == datum.JSONObject {
		if i := slices.Index(e.Vars.Keys, it.name); i >= 0 {
			defer e.within(e.Vars, 1)()
			return e.then(it, e.Vars.Elems[i], out)
		}
	}
	return false, sqlerr.New(sqlerr.UndefinedObject, `could not find jsonpath variable "%s"`, it.name)
}

func (e *execution) key(it *item, v *datum.JSON, out *[]*datum.JSON, unwrap bool) (bool, error) {
	switch {
	case v.Kind == datum.JSONObject:
		if i, ok := slices.BinarySearchFunc(v.Keys, it.name, datum.CompareJSONKeys); ok {
			return e.then(it, v.Elems[i], out)
		}
		if !e.ignore {
			return false, fail(memberNotFound, `JSON object does not contain key "%s"`, it.name)
		}
	case unwrap && isArray(v):
		return e.unwrapped(it, v, out)
	case !e.ignore:
		return false, fail(memberNotFound, "jsonpath member accessor can only be applied to an object")
	}
	return false, nil
}

// unwrapped does a step for each element of an array.
func (e *execution) unwrapped(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	return e.each(it, v, out, level{1, 1, 1}, false, false)
}

// level is a depth in a document and the depths that count.
type level struct{ at, first, last int }

// each takes the elements or values of v at the wanted depths through next; a nil next takes them as they are.
func (e *execution) each(next *item, v *datum.JSON, out *[]*datum.JSON, l level, ignore, unwrap bool) (bool, error) {
	if l.at > l.last {
		return false, nil
	}
	any := false
	for _, elem := range v.Elems {
		container := !scalar(elem)
		if l.at >= l.first || l.first == lastLevel && l.last == lastLevel && !container {
			found, err := e.element(next, elem, out, ignore, unwrap)
			if err != nil {
				return false, err
			}
			if any = any || found; found && out == nil {
				return true, nil
			}
		}
		if l.at < l.last && container {
			found, err := e.each(next, elem, out, level{l.at + 1, l.first, l.last}, ignore, unwrap)
			if err != nil {
				return false, err
			}
			if any = any || found; found && out == nil {
				return true, nil
			}
		}
	}
	return any, nil
}

func (e *execution) element(next *item, v *datum.JSON, out *[]*datum.JSON, ignore, unwrap bool) (bool, error) {
	if next == nil {
		if out != nil {
			*out = append(*out, v)
		}
		return true, nil
	}
	saved := e.ignore
	e.ignore = saved || ignore
	defer func() { e.ignore = saved }()
	return e.step(next, v, out, unwrap)
}

func scalar(v *datum.JSON) bool { return v.Kind != datum.JSONArray && v.Kind != datum.JSONObject }

// levels is .** with its bounds.
func (e *execution) levels(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	any := false
	if it.first == 0 {
		saved := e.ignore
		e.ignore = true
		found, err := e.then(it, v, out)
		e.ignore = saved
		// PostgreSQL goes on to the levels below where the error is not raised.
		if err != nil && !(e.quiet && failed(err)) || err == nil && found && out == nil {
			return found, err
		}
		any = found
	}
	if scalar(v) {
		return any, nil
	}
	found, err := e.each(it.next, v, out, level{1, it.first, it.last}, true, e.lax)
	return any || found, err
}

// index is [from to to, …]; in lax mode anything but an array is one of one element.
func (e *execution) index(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	elems := v.Elems
	if !isArray(v) {
		if !e.lax {
			if e.ignore {
				return false, nil
			}
			return false, fail(arrayNotFound, "jsonpath array accessor can only be applied to an array")
		}
		elems = []*datum.JSON{v}
	}
	saved := e.size
	e.size = len(elems)
	defer func() { e.size = saved }()
	any := false
	for _, s := range it.subscripts {
		from, err := e.subscript(s[0], v)
		if err != nil {
			return false, err
		}
		to := from
		if s[1] != nil {
			if to, err = e.subscript(s[1], v); err != nil {
				return false, err
			}
		}
		if !e.ignore && (from < 0 || from > to || to >= int64(len(elems))) {
			return false, fail(invalidSubscript, "jsonpath array subscript is out of bounds")
		}
		for i := max(from, 0); i <= min(to, int64(len(elems))-1); i++ {
			found, err := e.then(it, elems[i], out)
			if err != nil {
				return false, err
			}
			if any = any || found; found && out == nil {
				return true, nil
			}
		}
	}
	return any, nil
}

func (e *execution) subscript(it *item, v *datum.JSON) (int64, error) {
	var items []*datum.JSON
	if _, err := e.run(it, v, &items); err != nil {
		return 0, err
	}
	if len(items) != 1 || items[0].Kind != datum.JSONNumber {
		return 0, fail(invalidSubscript, "jsonpath array subscript is not a single numeric value")
	}
	i, ok := truncated(items[0].Number)
	if !ok {
		return 0, fail(invalidSubscript, "jsonpath array subscript is out of integer range")
	}
	return i, nil
}

// operand is what an expression gives, arrays unwrapped in lax mode where asked.
func (e *execution) operand(it *item, v *datum.JSON, unwrap bool) ([]*datum.JSON, error) {
	var items []*datum.JSON
	if _, err := e.run(it, v, &items); err != nil {
		return nil, err
	}
	if !unwrap || !e.lax {
		return items, nil
	}
	out := make([]*datum.JSON, 0, len(items))
	for _, i := range items {
		if isArray(i) {
			out = append(out, i.Elems...)
		} else {
			out = append(out, i)
		}
	}
	return out, nil
}
