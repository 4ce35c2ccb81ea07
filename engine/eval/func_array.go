package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"array_length": byDatum(arrayLength), "array_upper": byDatum(arrayLength),
		"array_lower": byDatum(func(c *call, a []any) (any, error) {
			if len(a[0].([]any)) == 0 || a[1].(int64) != 1 {
				return nil, nil
			}
			return int64(1), nil
		}),
		"array_ndims": byDatum(func(_ *call, a []any) (any, error) {
			if len(a[0].([]any)) == 0 {
				return nil, nil
			}
			return int64(1), nil
		}),
		"cardinality":    byDatum(func(_ *call, a []any) (any, error) { return int64(len(a[0].([]any))), nil }),
		"array_position": byDatum(arrayPosition), "array_positions": byDatum(arrayPositions),
		"array_append": byDatum(arrayAppend), "array_append_op": byDatum(arrayAppend),
		"array_prepend": byDatum(arrayPrepend), "array_prepend_op": byDatum(arrayPrepend),
		"array_cat": byDatum(arrayCat), "array_cat_op": byDatum(arrayCat),
		"array_remove": byDatum(arrayRemove), "array_replace": byDatum(arrayReplace),
		"array_to_text": byDatum(arrayToText), "array_to_text_null": byDatum(arrayToText),
		"text_to_array": byDatum(textToArray), "text_to_array_null": byDatum(textToArray),
		"arraycontains": byDatum(func(c *call, a []any) (any, error) {
			return arrayContains(c.args[0].Elem, a[0].([]any), a[1].([]any)), nil
		}),
		"arraycontained": byDatum(func(c *call, a []any) (any, error) {
			return arrayContains(c.args[0].Elem, a[1].([]any), a[0].([]any)), nil
		}),
		"arrayoverlap": byDatum(func(c *call, a []any) (any, error) {
			return slices.ContainsFunc(a[1].([]any), func(v any) bool { return arrayHas(c.args[0].Elem, a[0].([]any), v) }), nil
		}),
	})
}

// arrayLength is the length of the only dimension; an empty array has none.
func arrayLength(_ *call, a []any) (any, error) {
	n := len(a[0].([]any))
	if n == 0 || a[1].(int64) != 1 {
		return nil, nil
	}
	return int64(n), nil
}

// elements is an argument that may be NULL, which counts as empty.
func elements(v any) []any {
	l, _ := v.([]any)
	return l
}

// sameElement compares elements with NULL equal to NULL.
func sameElement(t *types.Type, a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return datum.Equal(t, a, b)
}

func arrayPosition(c *call, a []any) (any, error) {
	for i, v := range elements(a[0]) {
		if sameElement(c.args[1], v, a[1]) {
			return int64(i + 1), nil
		}
	}
	return nil, nil
}

func arrayPositions(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	out := []any{}
	for i, v := range elements(a[0]) {
		if sameElement(c.args[1], v, a[1]) {
			out = append(out, int64(i+1))
		}
	}
	return out, nil
}

func arrayAppend(_ *call, a []any) (any, error) {
	return append(slices.Clone(elements(a[0])), a[1]), nil
}

func arrayPrepend(_ *call, a []any) (any, error) {
	return append([]any{a[0]}, elements(a[1])...), nil
}

func arrayCat(_ *call, a []any) (any, error) {
	switch {
	case a[0] == nil && a[1] == nil:
		return nil, nil
	case a[0] == nil:
		return a[1], nil
	case a[1] == nil:
		return a[0], nil
	}
	return slices.Concat(elements(a[0]), elements(a[1])), nil
}

func arrayRemove(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	out := []any{}
	for _, v := range elements(a[0]) {
		if !sameElement(c.args[1], v, a[1]) {
			out = append(out, v)
		}
	}
	return out, nil
}

func arrayReplace(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	out := slices.Clone(elements(a[0]))
	for i, v := range out {
		if sameElement(c.args[1], v, a[1]) {
			out[i] = a[2]
		}
	}
	return out, nil
}

// arrayToText joins elements; NULLs are left out, or written as the third argument.
func arrayToText(c *call, a []any) (any, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	elem := c.args[0].Elem
	parts := []string{}
	for _, v := range elements(a[0]) {
		switch {
		case v != nil:
			parts = append(parts, string(datum.Append(nil, elem, v, c.zone())))
		case len(a) == 3 && a[2] != nil:
			parts = append(parts, a[2].(string))
		}
	}
	return strings.Join(parts, a[1].(string)), nil
}

// textToArray splits text: at each separator, into characters for NULL, not at all for "".
func textToArray(_ *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	s := a[0].(string)
	var parts []string
	switch {
	case s == "":
	case a[1] == nil:
		for s != "" {
			_, w := utf8.DecodeRuneInString(s)
			parts, s = append(parts, s[:w]), s[w:]
		}
	case a[1].(string) == "":
		parts = []string{s}
	default:
		parts = strings.Split(s, a[1].(string))
	}
	out := make([]any, len(parts))
	for i, p := range parts {
		if out[i] = p; len(a) == 3 && a[2] != nil && p == a[2].(string) {
			out[i] = nil
		}
	}
	return out, nil
}

// arrayHas says whether an element equals v; NULL equals nothing here.
func arrayHas(t *types.Type, all []any, v any) bool {
	return v != nil && slices.ContainsFunc(all, func(x any) bool { return x != nil && datum.Equal(t, x, v) })
}

func arrayContains(t *types.Type, all, part []any) bool {
	for _, v := range part {
		if !arrayHas(t, all, v) {
			return false
		}
	}
	return true
}
