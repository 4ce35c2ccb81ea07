package expr

import "github.com/skeinsql/skein/engine/types"

// ofArg is the result type that an argument has.
func ofArg(i int) func(args []*types.Type) *types.Type {
	return func(args []*types.Type) *types.Type { return args[i] }
}

// polymorphic makes the result that of argument i.
func (f *Function) polymorphic(i int) *Function {
	f.Result, f.ResultOf = nil, ofArg(i)
	return f
}

func init() {
	arr, elem, int4, text, boolean := types.AnyArrayT, types.AnyElementT, types.Int4T, types.TextT, types.BoolT
	appendTo := row("array_append", "array_append", nil, arr, elem).nullable().polymorphic(0)
	prepend := row("array_prepend", "array_prepend", nil, elem, arr).nullable().polymorphic(1)
	cat := row("array_cat", "array_cat", nil, arr, arr).nullable().polymorphic(0)
	define(
		row("array_length", "array_length", int4, arr, int4).leakproof(),
		row("array_upper", "array_upper", int4, arr, int4).leakproof(),
		row("array_lower", "array_lower", int4, arr, int4).leakproof(),
		row("array_ndims", "array_ndims", int4, arr).leakproof(), row("cardinality", "cardinality", int4, arr).leakproof(),
		row("array_position", "array_position", int4, arr, elem).nullable(),
		row("array_positions", "array_positions", types.ArrayOf(int4), arr, elem).nullable(),
		appendTo, prepend, cat,
		row("array_remove", "array_remove", nil, arr, elem).nullable().polymorphic(0),
		row("array_replace", "array_replace", nil, arr, elem, elem).nullable().polymorphic(0),
		row("array_to_text", "array_to_string", text, arr, text).stable(),
		row("array_to_text_null", "array_to_string", text, arr, text, text).nullable().stable(),
		row("text_to_array", "string_to_array", textArray, text, text).nullable(),
		row("text_to_array_null", "string_to_array", textArray, text, text, text).nullable(),
		opRow("arraycontains", "@>", boolean, arr, arr), opRow("arraycontained", "<@", boolean, arr, arr),
		opRow("arrayoverlap", "&&", boolean, arr, arr),
	)
	for _, f := range []*Function{cat, appendTo, prepend} {
		o := f.as(f.ID+"_op", "||")
		o.Kind = Operator
		define(o)
	}
}
