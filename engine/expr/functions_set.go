package expr

import "github.com/skeinsql/skein/engine/types"

// The functions that return sets. Those over text and JSON are implemented as functions that give their rows as an array.
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
	define(set("array_unnest", "unnest", types.AnyElementT, types.AnyArrayT).shapes(Flattening))
	define(
		set("generate_subscripts_nodir", "generate_subscripts", types.Int4T, types.AnyArrayT, types.Int4T).shapes(AnyShape),
		set("generate_subscripts", "generate_subscripts", types.Int4T, types.AnyArrayT, types.Int4T, types.BoolT).shapes(AnyShape),
	)
	text := types.TextT
	define(
		set("regexp_matches_no_flags", "regexp_matches", textArray, text, text),
		set("regexp_matches", "regexp_matches", textArray, text, text, text),
		set("regexp_split_to_table_no_flags", "regexp_split_to_table", text, text, text),
		set("regexp_split_to_table", "regexp_split_to_table", text, text, text, text),
		set("text_to_table", "string_to_table", text, text, text).nullable(),
		set("text_to_table_null", "string_to_table", text, text, text, text).nullable(),
	)
	for _, j := range []*types.Type{types.JSONT, types.JSONBT} {
		defineJSONSets(j)
	}
}

// defineJSONSets defines the functions that make rows of documents of type j.
func defineJSONSets(j *types.Type) {
	set := func(name string, result *types.Type, args ...*types.Type) *Function {
		id := j.Name + "_" + name
		return &Function{ID: id, Name: id, Kind: SetReturning, Args: args, Result: result, Strict: true}
	}
	pair := func(value *types.Type) *types.Type {
		return types.RecordOf([]types.Field{{Name: "key", Type: types.TextT}, {Name: "value", Type: value}})
	}
	elements, texts := set("array_elements", j, j), set("array_elements_text", types.TextT, j)
	elements.OutName, texts.OutName = "value", "value"
	rows := set("populate_recordset", nil, types.AnyElementT, j).nullable().polymorphic(0).stable()
	populate, toRecord := set("populate_record", nil, types.AnyElementT, j).nullable().polymorphic(0).stable(),
		set("to_record", types.RecordT, j).stable()
	populate.Kind, toRecord.Kind = Scalar, Scalar
	define(
		elements, texts, set("each", pair(j), j), set("each_text", pair(types.TextT), j), set("object_keys", types.TextT, j),
		rows, populate, toRecord, set("to_recordset", types.RecordT, j).stable(),
	)
}
