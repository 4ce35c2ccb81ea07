package expr

import "github.com/skeinsql/skein/engine/types"

// Shapes says what a function does with arrays that may have any dimensions and bounds.
type Shapes uint8

// The ways: PlainOnly functions are given arrays as values of one dimension that counts from 1, any other value is
// refused; to Flattening ones an array is the list of all its elements; AnyShape functions see the dimensions.
const (
	PlainOnly Shapes = iota
	Flattening
	AnyShape
)

func (f *Function) shapes(s Shapes) *Function {
	f.Shapes = s
	return f
}

// compatible makes the polymorphic parameters agree on a common type (anycompatible), not on one and the same.
func (f *Function) compatible() *Function {
	f.Compatible = true
	return f
}

// ofArg is the result type that an argument has.
func ofArg(i int) func(args []*types.Type) *types.Type {
	return func(args []*types.Type) *types.Type { return args[i] }
}

// polymorphic makes the result that of argument i.
func (f *Function) polymorphic(i int) *Function {
	f.Result, f.ResultOf = nil, ofArg(i)
	return f
}

// shapedLike is the type of an array made of several: of any dimensions where one of them is.
func shapedLike(args []*types.Type) *types.Type {
	out := (*types.Type)(nil)
	for _, t := range args {
		if t.Kind == types.Array && (out == nil || t.Dims > out.Dims) {
			out = t
		}
	}
	return out
}

// filled is the type of array_fill: how many dimensions it has is the length of an array that is not known here.
func filled(args []*types.Type) *types.Type { return types.ShapedArrayOf(args[0].WithMod(-1), 1) }

// elementOf is the type of the elements of the first argument, an array.
func elementOf(args []*types.Type) *types.Type { return args[0].Elem }

func init() {
	arr, elem, int4, text, boolean := types.AnyArrayT, types.AnyElementT, types.Int4T, types.TextT, types.BoolT
	ints := types.ArrayOf(int4)
	appendTo := row("array_append", "array_append", nil, arr, elem).nullable().polymorphic(0).shapes(AnyShape).compatible()
	prepend := row("array_prepend", "array_prepend", nil, elem, arr).nullable().polymorphic(1).shapes(AnyShape).compatible()
	cat := row("array_cat", "array_cat", nil, arr, arr).nullable().shapes(AnyShape).compatible()
	cat.Result, cat.ResultOf = nil, shapedLike
	fill := row("array_fill", "array_fill", nil, elem, ints).nullable().shapes(AnyShape)
	fillFrom := row("array_fill_with_lower_bounds", "array_fill", nil, elem, ints, ints).nullable().shapes(AnyShape)
	fill.ResultOf, fillFrom.ResultOf = filled, filled
	define(
		row("array_length", "array_length", int4, arr, int4).leakproof().shapes(AnyShape),
		row("array_upper", "array_upper", int4, arr, int4).leakproof().shapes(AnyShape),
		row("array_lower", "array_lower", int4, arr, int4).leakproof().shapes(AnyShape),
		row("array_ndims", "array_ndims", int4, arr).leakproof().shapes(AnyShape),
		row("array_dims", "array_dims", text, arr).leakproof().shapes(AnyShape),
		row("cardinality", "cardinality", int4, arr).leakproof().shapes(Flattening),
		row("array_position", "array_position", int4, arr, elem).nullable().shapes(AnyShape).compatible(),
		row("array_position_start", "array_position", int4, arr, elem, int4).nullable().shapes(AnyShape).compatible(),
		row("array_positions", "array_positions", ints, arr, elem).nullable().shapes(AnyShape).compatible(),
		appendTo, prepend, cat, fill, fillFrom,
		row("trim_array", "trim_array", nil, arr, int4).polymorphic(0).shapes(AnyShape),
		row("array_remove", "array_remove", nil, arr, elem).nullable().polymorphic(0).shapes(AnyShape).compatible(),
		row("array_replace", "array_replace", nil, arr, elem, elem).nullable().polymorphic(0).shapes(AnyShape).compatible(),
		row("array_to_text", "array_to_string", text, arr, text).stable().shapes(Flattening),
		row("array_to_text_null", "array_to_string", text, arr, text, text).nullable().stable().shapes(Flattening),
		row("text_to_array", "string_to_array", textArray, text, text).nullable(),
		row("text_to_array_null", "string_to_array", textArray, text, text, text).nullable(),
		opRow("arraycontains", "@>", boolean, arr, arr).shapes(Flattening),
		opRow("arraycontained", "<@", boolean, arr, arr).shapes(Flattening),
		opRow("arrayoverlap", "&&", boolean, arr, arr).shapes(Flattening),
	)
	for _, f := range []*Function{cat, appendTo, prepend} {
		o := f.as(f.ID+"_op", "||")
		o.Kind = Operator
		define(o)
	}
	defineSubscripts(arr, int4)
}

// The functions that subscripts and the flattening of arrays are bound to. Their names are no names that can be called.
//
//   - array[a][b]…: the element, NULL outside of the array or for another number of subscripts than dimensions
//   - array[a:b][c]…: a slice. Each subscript is three arguments: which of its bounds are written (1 the lower, 2 the
//     upper), and the bounds
//   - all elements of an array of any dimensions as a plain one
var ArraySubscript, ArraySlice, ArrayElements *Function

func defineSubscripts(arr, int4 *types.Type) {
	ArraySubscript = row("array_subscript", "[]", nil, arr, int4).shapes(AnyShape).leakproof()
	ArraySubscript.Variadic, ArraySubscript.ResultOf = true, elementOf
	ArraySlice = row("array_slice", "[:]", nil, arr, int4).polymorphic(0).shapes(AnyShape).leakproof()
	ArraySlice.Variadic = true
	ArrayElements = row("array_elements", "[all]", nil, arr).shapes(AnyShape).leakproof()
	ArrayElements.ResultOf = func(args []*types.Type) *types.Type { return types.ArrayOf(args[0].Elem) }
	define(ArraySubscript, ArraySlice, ArrayElements)
}
