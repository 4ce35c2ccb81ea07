package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"array_length":   dimensionOf(plainLength, func(d datum.Dimension) int32 { return d.Length }),
		"array_upper":    dimensionOf(plainLength, datum.Dimension.Upper),
		"array_lower":    dimensionOf(plainLower, func(d datum.Dimension) int32 { return d.Lower }),
		"array_ndims":    byDatum(arrayNdims),
		"array_dims":     byDatum(arrayDims),
		"cardinality":    fixed(cardinality),
		"array_position": byDatum(arrayPosition), "array_position_start": byDatum(arrayPosition),
		"array_positions": byDatum(arrayPositions),
		"array_append":    byDatum(arrayAppend), "array_append_op": byDatum(arrayAppend),
		"array_prepend": byDatum(arrayPrepend), "array_prepend_op": byDatum(arrayPrepend),
		"array_cat": byDatum(arrayCat), "array_cat_op": byDatum(arrayCat),
		"array_remove": byDatum(arrayRemove), "array_replace": byDatum(arrayReplace),
		"array_fill": byDatum(arrayFill), "array_fill_with_lower_bounds": byDatum(arrayFill),
		"trim_array":         byDatum(trimArray),
		"array_to_text":      byDatum(arrayToText),
		"array_to_text_null": byDatum(arrayToText),
		"text_to_array":      byDatum(textToArray), "text_to_array_null": byDatum(textToArray),
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

// dimensionOf chooses between arrays of one dimension that counts from 1 and others.
func dimensionOf(plain kernel, number func(datum.Dimension) int32) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		if args[0].Dims == 0 {
			return plain, nil
		}
		return byDatum(ofDimension(number))(args, result)
	}
}

// plainLength is the length of the only dimension; an empty array has none.
func plainLength(c *call, args []*vector, out *vector) error {
	a, dims, dst := args[0], values[int32](args[1]), values[int32](out)
	for i := range dst {
		j := a.at(i)
		dst[i] = a.offs[j+1] - a.offs[j]
		if (dst[i] == 0 || dims[args[1].at(i)] != 1) && c.rowValid(i) {
			out.setNull(i)
		}
	}
	return nil
}

func plainLower(c *call, args []*vector, out *vector) error {
	if err := plainLength(c, args, out); err != nil {
		return err
	}
	for i, dst := 0, values[int32](out); i < len(dst); i++ {
		dst[i] = 1
	}
	return nil
}

func cardinality(_ *call, args []*vector, out *vector) error {
	a, dst := args[0], values[int32](out)
	for i := range dst {
		j := a.at(i)
		dst[i] = a.offs[j+1] - a.offs[j]
	}
	return nil
}

// ofDimension is a number of one dimension, NULL where the array does not have it.
func ofDimension(number func(datum.Dimension) int32) func(*call, []any) (any, error) {
	return func(_ *call, a []any) (any, error) {
		dims, k := datum.ArrayOf(a[0]).Dims, a[1].(int64)
		if k < 1 || k > int64(len(dims)) {
			return nil, nil
		}
		return int64(number(dims[k-1])), nil
	}
}

func arrayNdims(_ *call, a []any) (any, error) {
	if n := len(datum.ArrayOf(a[0]).Dims); n > 0 {
		return int64(n), nil
	}
	return nil, nil
}

func arrayDims(_ *call, a []any) (any, error) {
	if dims := datum.ArrayOf(a[0]).Dims; len(dims) > 0 {
		return string(datum.AppendDims(nil, dims)), nil
	}
	return nil, nil
}

// arrayValue is an argument that may be NULL, which counts as empty.
func arrayValue(v any) datum.Array { return datum.ArrayOf(v) }

// result is an array as the call's result has it.
func (c *call) result(a datum.Array) (any, error) { return a.Datum(c.typ.Dims > 0) }

// sameElement compares elements with NULL equal to NULL.
func sameElement(t *types.Type, a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return datum.Equal(t, a, b)
}

func notSearchable(a datum.Array, what string) error {
	if len(a.Dims) > 1 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s", what)
	}
	return nil
}

const searching = "searching for elements in multidimensional arrays is not supported"

func arrayPosition(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	v := arrayValue(a[0])
	if err := notSearchable(v, searching); err != nil || len(v.Dims) == 0 {
		return nil, err
	}
	lower := int64(v.Dims[0].Lower)
	from := lower
	if len(a) > 2 {
		if a[2] == nil {
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "initial position must not be null")
		}
		from = max(a[2].(int64), lower)
	}
	for i := from - lower; i < int64(len(v.Elems)); i++ {
		if sameElement(c.args[1], v.Elems[i], a[1]) {
			return lower + i, nil
		}
	}
	return nil, nil
}

func arrayPositions(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	v, out := arrayValue(a[0]), []any{}
	if err := notSearchable(v, searching); err != nil {
		return nil, err
	}
	for i, e := range v.Elems {
		if sameElement(c.args[1], e, a[1]) {
			out = append(out, int64(v.Dims[0].Lower)+int64(i))
		}
	}
	return out, nil
}

// extended is a list with one element more behind its last one (before: before its first one, which keeps its subscript).
func (c *call) extended(list datum.Array, e any, before bool) (any, error) {
	if len(list.Dims) > 1 {
		return nil, sqlerr.New("22000", "argument must be empty or one-dimensional array")
	}
	out := datum.Array{Dims: []datum.Dimension{{Length: int32(len(list.Elems)) + 1, Lower: 1}}}
	if len(list.Dims) > 0 {
		out.Dims[0].Lower = list.Dims[0].Lower
	}
	if before {
		out.Elems = append([]any{e}, list.Elems...)
	} else {
		out.Elems = append(slices.Clone(list.Elems), e)
	}
	return c.result(out)
}

func arrayAppend(c *call, a []any) (any, error) { return c.extended(arrayValue(a[0]), a[1], false) }

func arrayPrepend(c *call, a []any) (any, error) { return c.extended(arrayValue(a[1]), a[0], true) }

// arrayCat joins lists, or puts an array's members behind those of one of the same or of one dimension less.
func arrayCat(c *call, a []any) (any, error) {
	x, y := arrayValue(a[0]), arrayValue(a[1])
	switch {
	case a[0] == nil && a[1] == nil:
		return nil, nil
	case a[0] == nil, len(x.Dims) == 0 && a[1] != nil:
		return c.result(y)
	case a[1] == nil, len(y.Dims) == 0:
		return c.result(x)
	}
	dims, ok := joinedDims(x.Dims, y.Dims)
	if !ok {
		return nil, cannotJoin(x.Dims, y.Dims)
	}
	return c.result(datum.Array{Elems: slices.Concat(x.Elems, y.Elems), Dims: dims})
}

func joinedDims(x, y []datum.Dimension) ([]datum.Dimension, bool) {
	var out []datum.Dimension
	switch len(x) - len(y) {
	case 0:
		if !slices.Equal(x[1:], y[1:]) {
			return nil, false
		}
		out = slices.Clone(x)
		out[0].Length += y[0].Length
	case 1:
		if !slices.Equal(x[1:], y) {
			return nil, false
		}
		out = slices.Clone(x)
		out[0].Length++
	case -1:
		if !slices.Equal(x, y[1:]) {
			return nil, false
		}
		out = slices.Clone(y)
		out[0].Length++
	default:
		return nil, false
	}
	return out, true
}

func cannotJoin(x, y []datum.Dimension) error {
	e := sqlerr.New("2202E", "cannot concatenate incompatible arrays")
	switch len(x) - len(y) {
	case 0:
		return e.WithDetail("Arrays with differing element dimensions are not compatible for concatenation.")
	case 1, -1:
		return e.WithDetail("Arrays with differing dimensions are not compatible for concatenation.")
	}
	return e.WithDetail("Arrays of %d and %d dimensions are not compatible for concatenation.", len(x), len(y))
}

func arrayRemove(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	v := arrayValue(a[0])
	if err := notSearchable(v, "removing elements from multidimensional arrays is not supported"); err != nil {
		return nil, err
	}
	out := []any{}
	for _, e := range v.Elems {
		if !sameElement(c.args[1], e, a[1]) {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return c.result(datum.Array{Elems: out})
	}
	return c.result(datum.Array{Elems: out, Dims: []datum.Dimension{{Length: int32(len(out)), Lower: v.Dims[0].Lower}}})
}

func arrayReplace(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	v := arrayValue(a[0])
	out := slices.Clone(v.Elems)
	for i, e := range out {
		if sameElement(c.args[1], e, a[1]) {
			out[i] = a[2]
		}
	}
	return c.result(datum.Array{Elems: out, Dims: v.Dims})
}

// arrayToText joins elements; NULLs are left out, or written as the third argument.
func arrayToText(c *call, a []any) (any, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	elem := c.args[0].Elem
	parts := []string{}
	for _, v := range a[0].([]any) {
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

// elements is a plain array that may be NULL, which counts as empty.
func elements(v any) []any {
	l, _ := v.([]any)
	return l
}
