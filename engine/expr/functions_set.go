package expr

import "github.com/skeinsql/skein/engine/types"

// The functions that return sets. They are called in FROM only.
func init() {
	set := func(id, name string, result *types.Type, args ...*types.Type) *Function {
		return &Function{ID: id, Name: name, Kind: SetReturning, Args: args, Result: result, Strict: true}
	}
	for _, c := range []struct {
		id   string
		t    *types.Type
		step *types.Type
	}{
		{"int4", types.Int4T, types.Int4T},
		{"int8", types.Int8T, types.Int8T},
		{"numeric", types.NumericT, types.NumericT},
		{"timestamp", types.TimestampT, types.IntervalT},
		{"timestamptz", types.TimestampTZT, types.IntervalT},
	} {
		define(set("generate_series_step_"+c.id, "generate_series", c.t, c.t, c.t, c.step))
		if c.step == c.t {
			define(set("generate_series_"+c.id, "generate_series", c.t, c.t, c.t))
		}
	}
	// timestamptz arithmetic depends on the session's zone.
	MustFunction("generate_series_step_timestamptz").Volatility = Stable
	define(set("array_unnest", "unnest", types.AnyElementT, types.AnyArrayT))
}
