package expr

import "github.com/skeinsql/skein/engine/types"

// windowFunction makes a row of the table for a function that only OVER can call. None is strict: each says itself what
// it does with NULLs.
func windowFunction(id, name string, result *types.Type, args ...*types.Type) *Function {
	f := &Function{ID: "window_" + id, Name: name, Kind: Window, Args: args, Result: result}
	if result == types.AnyElementT {
		return sameResult(f)
	}
	return f
}

func init() {
	for _, name := range []string{"row_number", "rank", "dense_rank"} {
		define(windowFunction(name, name, types.Int8T))
	}
	for _, name := range []string{"percent_rank", "cume_dist"} {
		define(windowFunction(name, name, types.Float8T))
	}
	define(windowFunction("ntile", "ntile", types.Int4T, types.Int4T))
	value, offset := types.AnyElementT, types.Int4T
	for _, name := range []string{"lag", "lead"} {
		define(
			windowFunction(name, name, value, value),
			windowFunction(name+"_with_offset", name, value, value, offset),
			windowFunction(name+"_with_offset_and_default", name, value, value, offset, value),
		)
	}
	define(
		windowFunction("first_value", "first_value", value, value),
		windowFunction("last_value", "last_value", value, value),
		windowFunction("nth_value", "nth_value", value, value, offset),
	)
}
