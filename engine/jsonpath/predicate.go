package jsonpath

import (
	"strings"

	"github.com/skeinsql/skein/engine/datum"
)

// truth is three-valued.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func (t truth) json() *datum.JSON {
	if t == unknown {
		return &datum.JSON{Kind: datum.JSONNull}
	}
	return &datum.JSON{Kind: datum.JSONBool, Bool: t == yes}
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// filter asks a condition of v as @.
func (e *execution) filter(it *item, v *datum.JSON) truth {
	saved := e.current
	e.current = v
	defer func() { e.current = saved }()
	return e.predicate(it, v)
}

// predicate answers a predicate; what fails in it is unknown.
func (e *execution) predicate(it *item, v *datum.JSON) truth {
	saved := e.quiet
	e.quiet = true
	defer func() { e.quiet = saved }()
	switch it.op {
	case opAnd:
		left := e.predicate(it.left, v)
		if left == no {
			return no
		}
		if right := e.predicate(it.right, v); right != yes {
			return right
		}
		return left
	case opOr:
		left := e.predicate(it.left, v)
		if left == yes {
			return yes
		}
		if right := e.predicate(it.right, v); right != no {
			return right
		}
		return left
	case opNot:
		if t := e.predicate(it.left, v); t != unknown {
			return yes - t
		}
		return unknown
	case opIsUnknown:
		return truthOf(e.predicate(it.left, v) == unknown)
	case opExists:
		return e.exists(it.left, v)
	case opStartsWith:
		return e.compareAll(it, v, false, e.startsWith)
	case opLikeRegex:
		return e.compareAll(it, v, false, func(a, _ *datum.JSON) truth { return e.likeRegex(it, a) })
	}
	return e.compareAll(it, v, true, func(a, b *datum.JSON) truth { return e.compare(it.op, a, b) })
}

func (e *execution) exists(it *item, v *datum.JSON) truth {
	var items []*datum.JSON
	out := &items
	if e.lax {
		out = nil
	}
	found, err := e.run(it, v, out)
	if err != nil {
		return e.unknown(err)
	}
	return truthOf(found || len(items) > 0)
}

// compareAll asks a predicate of every pair of items: lax mode is content with one that holds, strict mode is unknown
// when one is.
func (e *execution) compareAll(it *item, v *datum.JSON, unwrapRight bool, holds func(a, b *datum.JSON) truth) truth {
	left, err := e.operand(it.left, v, true)
	if err != nil {
		return e.unknown(err)
	}
	right := []*datum.JSON{nil}
	if it.right != nil {
		if right, err = e.operand(it.right, v, unwrapRight); err != nil {
			return e.unknown(err)
		}
	}
	found, bad := false, false
	for _, a := range left {
		for _, b := range right {
			switch holds(a, b) {
			case unknown:
				if !e.lax {
					return unknown
				}
				bad = true
			case yes:
				if e.lax {
					return yes
				}
				found = true
			}
		}
	}
	switch {
	case found:
		return yes
	case bad:
		return unknown
	}
	return no
}

// compare compares scalars of one type; null is comparable to everything but never less or greater.
func (e *execution) compare(o op, a, b *datum.JSON) truth {
	if e.kind(a) != e.kind(b) {
		if a.Kind == datum.JSONNull || b.Kind == datum.JSONNull {
			return truthOf(o == opNotEqual)
		}
		return unknown
	}
	if !scalar(a) {
		return unknown
	}
	c := 0
	switch e.kind(a) {
	case datetimeKind:
		var ok bool
		var err error
		if c, ok, err = e.compareInstants(e.datetimes[a], e.datetimes[b]); err != nil {
			return e.unknown(err)
		}
		if !ok {
			return unknown
		}
	case datum.JSONString:
		c = strings.Compare(a.String, b.String)
	case datum.JSONNumber:
		c = datum.CompareNumeric(a.Number, b.Number)
	case datum.JSONBool:
		switch {
		case a.Bool && !b.Bool:
			c = 1
		case b.Bool && !a.Bool:
			c = -1
		}
	}
	switch o {
	case opEqual:
		return truthOf(c == 0)
	case opNotEqual:
		return truthOf(c != 0)
	case opLess:
		return truthOf(c < 0)
	case opLessEqual:
		return truthOf(c <= 0)
	case opGreater:
		return truthOf(c > 0)
	}
	return truthOf(c >= 0)
}

func (e *execution) startsWith(a, b *datum.JSON) truth {
	if e.kind(a) != datum.JSONString || e.kind(b) != datum.JSONString {
		return unknown
	}
	return truthOf(strings.HasPrefix(a.String, b.String))
}

func (e *execution) likeRegex(it *item, a *datum.JSON) truth {
	if e.kind(a) != datum.JSONString {
		return unknown
	}
	ok, err := e.Match(a.String, it.name, it.flags)
	if err != nil {
		return e.unknown(err)
	}
	return truthOf(ok)
}

// unknown is what an error is for a predicate; one that is none of SQL/JSON ends the run all the same.
func (e *execution) unknown(err error) truth {
	if e.broken == nil && !failed(err) {
		e.broken = err
	}
	return unknown
}
