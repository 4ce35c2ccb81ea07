package eval

import (
	"slices"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"array_subscript": byDatum(arraySubscript), "array_slice": byDatum(arraySlice),
		"array_elements": func(args []*types.Type, _ *types.Type) (kernel, error) {
			if args[0].Dims == 0 {
				return nil, noKernel("the elements of arrays", args)
			}
			return allElements, nil
		},
	})
}

// allElements is the list that arrays of any dimensions are stored with.
func allElements(c *call, args []*vector, out *vector) error {
	list, err := listOf(args[0], c.n)
	if err != nil {
		return err
	}
	out.offs, out.elems = list.offs, list.elems
	return nil
}

// listOf are the elements of n arrays of any dimensions, as a list vector of its own.
func listOf(v *vector, n int) (*vector, error) {
	field, err := v.fields[0].plain()
	if err != nil {
		return nil, err
	}
	list := &vector{}
	return list, list.gather(field, rowsOf(v, n))
}

// rowsOf are the indices of the values of rows 0 … n-1.
func rowsOf(v *vector, n int) []int32 {
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = int32(v.at(i))
	}
	return idx
}

// arraySubscript is array[a][b]…: NULL outside of the array, or when it has another number of dimensions.
func arraySubscript(_ *call, a []any) (any, error) {
	v := datum.ArrayOf(a[0])
	if len(v.Dims) != len(a)-1 {
		return nil, nil
	}
	at := int64(0)
	for k, d := range v.Dims {
		i := a[k+1].(int64) - int64(d.Lower)
		if i < 0 || i >= int64(d.Length) {
			return nil, nil
		}
		at = at*int64(d.Length) + i
	}
	return v.Elems[at], nil
}

// arraySlice is array[a:b]…: what lies within the bounds, counted from 1; dimensions without a subscript are whole.
func arraySlice(c *call, a []any) (any, error) {
	v, n := datum.ArrayOf(a[0]), (len(a)-1)/3
	empty := datum.Array{Elems: []any{}}
	if len(v.Dims) < n {
		return c.result(empty)
	}
	from, dims := make([]int32, len(v.Dims)), slices.Clone(v.Dims)
	for k, d := range v.Dims {
		lower, upper := int64(d.Lower), int64(d.Upper())
		if k < n {
			given := a[3*k+1].(int64)
			if given&1 != 0 {
				lower = max(lower, a[3*k+2].(int64))
			}
			if given&2 != 0 {
				upper = min(upper, a[3*k+3].(int64))
			}
		}
		if lower > upper {
			return c.result(empty)
		}
		from[k] = int32(lower - int64(d.Lower))
		dims[k] = datum.Dimension{Length: int32(upper-lower) + 1, Lower: 1}
	}
	return c.result(datum.Array{Elems: cutOut(nil, v.Elems, v.Dims, from, dims), Dims: dims})
}

// cutOut adds the elements of a box in an array: dims[k].Length from from[k] on.
func cutOut(out, elems []any, whole []datum.Dimension, from []int32, dims []datum.Dimension) []any {
	if len(whole) == 1 {
		return append(out, elems[from[0]:from[0]+dims[0].Length]...)
	}
	each := len(elems) / int(whole[0].Length)
	for i := range dims[0].Length {
		at := int(from[0]+i) * each
		out = cutOut(out, elems[at:at+each], whole[1:], from[1:], dims[1:])
	}
	return out
}

// arrayFill is array_fill(value, lengths [, lower bounds]).
func arrayFill(c *call, a []any) (any, error) {
	lengths, err := fillNumbers(a[1], "Dimension array must be one dimensional.")
	if err != nil {
		return nil, err
	}
	lowers := make([]int32, len(lengths))
	for i := range lowers {
		lowers[i] = 1
	}
	if len(a) > 2 {
		if lowers, err = fillNumbers(a[2], "Low bound array must be one dimensional."); err != nil {
			return nil, err
		}
		if len(lowers) != len(lengths) {
			return nil, sqlerr.New("2202E", "wrong number of array subscripts").
				WithDetail("Low bound array has different size than dimensions array.")
		}
	}
	if len(lengths) > datum.MaxDimensions {
		return nil, sqlerr.New(sqlerr.ProgramLimit, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
			len(lengths), datum.MaxDimensions)
	}
	total := int64(1)
	dims := make([]datum.Dimension, len(lengths))
	for i, n := range lengths {
		dims[i] = datum.Dimension{Length: n, Lower: lowers[i]}
		if total *= int64(n); n < 0 || total > datum.MaxElements || int64(n)+int64(lowers[i]) > 1<<31-1 {
			return nil, datum.TooManyElements()
		}
	}
	if total == 0 || len(lengths) == 0 {
		return c.result(datum.Array{Elems: []any{}})
	}
	out := make([]any, total)
	for i := range out {
		out[i] = a[0]
	}
	return c.result(datum.Array{Elems: out, Dims: dims})
}

func fillNumbers(v any, shape string) ([]int32, error) {
	if v == nil {
		return nil, sqlerr.New(sqlerr.NullNotAllowed, "dimension array or low bound array cannot be null")
	}
	a := datum.ArrayOf(v)
	if len(a.Dims) > 1 {
		return nil, sqlerr.New("2202E", "wrong number of array subscripts").WithDetail("%s", shape)
	}
	out := make([]int32, len(a.Elems))
	for i, e := range a.Elems {
		if e == nil {
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "dimension values cannot be null")
		}
		out[i] = int32(e.(int64))
	}
	return out, nil
}

// trimArray drops members from the end of the first dimension.
func trimArray(c *call, a []any) (any, error) {
	v, n := datum.ArrayOf(a[0]), a[1].(int64)
	length := int64(0)
	if len(v.Dims) > 0 {
		length = int64(v.Dims[0].Length)
	}
	if n < 0 || n > length {
		return nil, sqlerr.New("2202E", "number of elements to trim must be between 0 and %d", length)
	}
	if length == 0 {
		return c.result(v)
	}
	return arraySlice(c, []any{v, int64(2), int64(1), int64(v.Dims[0].Lower) + length - n - 1})
}

// shapedCast converts between array types that differ in their elements, in whether they have dimensions, or in both.
func shapedCast(from, to *types.Type, explicit bool) (kernel, error) {
	plainFrom, plainTo := types.ArrayOf(from.Elem), types.ArrayOf(to.Elem)
	convert, err := arrayCast(plainFrom, plainTo, explicit)
	if err != nil || from.Dims == 0 && to.Dims == 0 {
		return convert, err
	}
	if convert == nil && from.Dims > 0 && to.Dims > 0 {
		return nil, nil
	}
	return func(c *call, args []*vector, out *vector) error {
		list, err := listIn(args[0], c)
		if err != nil {
			return err
		}
		if convert != nil {
			res := &vector{}
			if err := applyStrict(c.env, convert, plainFrom, plainTo, list, res); err != nil {
				return err
			}
			list = res
		}
		if to.Dims == 0 {
			out.offs, out.elems = list.offs, list.elems
			return onlyPlain(c, args[0])
		}
		out.fields[0] = list
		return boundsIn(out.fields[1], args[0], c)
	}, nil
}

// listIn are the elements of the argument of a cast, which rows that do not count have none of.
func listIn(v *vector, c *call) (*vector, error) {
	list, err := listCopy(v, c.n)
	if err == nil && c.valid != nil {
		list.andValid(&vector{valid: c.valid})
	}
	return list, err
}

// listCopy are n rows of v as a list of the caller's own.
func listCopy(v *vector, n int) (*vector, error) {
	if v.typ.Dims > 0 {
		return listOf(v, n)
	}
	src, err := v.plain()
	if err != nil {
		return nil, err
	}
	list := &vector{}
	return list, list.gather(src, allRows(n))
}

// onlyPlain refuses arrays that a list does not tell the shape of.
func onlyPlain(c *call, v *vector) error {
	bounds := v.fields[1]
	for i := range c.n {
		if !c.rowValid(i) || bounds.null(v.at(i)) {
			continue
		}
		if _, err := datum.FromBounds(nil, datumAt(bounds, v.at(i))).Datum(false); err != nil {
			return err
		}
	}
	return nil
}

// boundsIn are the dimensions of the argument of a cast, NULL where it is plain.
func boundsIn(out, v *vector, c *call) error {
	if v.typ.Dims > 0 {
		bounds, err := v.fields[1].plain()
		if err != nil {
			return err
		}
		return out.gather(bounds, rowsOf(v, c.n))
	}
	out.reset(types.ArrayOf(types.Int4T), c.n)
	zeroValues(out, c.n)
	out.ownValid(c.n)
	clear(out.valid)
	return nil
}
