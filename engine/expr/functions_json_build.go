package expr

import "github.com/skeinsql/skein/engine/types"

// Functions that build JSON from values and that change documents.
func init() {
	defineJSONBuilders()
	defineJSONEdits()
}

func defineJSONBuilders() {
	text, any, boolean := types.TextT, types.AnyT, types.BoolT
	for _, j := range []*types.Type{types.JSONT, types.JSONBT} {
		p := j.Name
		define(
			row(p+"_build_object", p+"_build_object", j, any).nullable().variadic().stable(),
			row(p+"_build_object_noargs", p+"_build_object", j).nullable().stable(),
			row(p+"_build_array", p+"_build_array", j, any).nullable().variadic().stable(),
			row(p+"_build_array_noargs", p+"_build_array", j).nullable().stable(),
			row(p+"_object", p+"_object", j, textArray).shapes(AnyShape),
			row(p+"_object_two_arg", p+"_object", j, textArray, textArray).shapes(AnyShape),
			row(p+"_strip_nulls", p+"_strip_nulls", j, j),
			row(p+"_extract_path_call", p+"_extract_path", j, j, text).variadic(),
			row(p+"_extract_path_text_call", p+"_extract_path_text", text, j, text).variadic(),
		)
	}
	define(
		row("row_to_json", "row_to_json", types.JSONT, types.RecordT).stable(),
		row("row_to_json_pretty", "row_to_json", types.JSONT, types.RecordT, boolean).stable(),
		row("array_to_json", "array_to_json", types.JSONT, types.AnyArrayT).stable().shapes(AnyShape),
		row("array_to_json_pretty", "array_to_json", types.JSONT, types.AnyArrayT, boolean).stable().shapes(AnyShape),
		row("jsonb_pretty", "jsonb_pretty", text, types.JSONBT),
	)
}

// defineJSONEdits: a row of the table for each number of arguments where PostgreSQL has defaults.
func defineJSONEdits() {
	b, text, int4, boolean := types.JSONBT, types.TextT, types.Int4T, types.BoolT
	define(
		row("jsonb_set_create", "jsonb_set", b, b, textArray, b), row("jsonb_set", "jsonb_set", b, b, textArray, b, boolean),
		row("jsonb_insert_before", "jsonb_insert", b, b, textArray, b),
		row("jsonb_insert", "jsonb_insert", b, b, textArray, b, boolean),
		row("jsonb_set_lax_create", "jsonb_set_lax", b, b, textArray, b).nullable(),
		row("jsonb_set_lax_null", "jsonb_set_lax", b, b, textArray, b, boolean).nullable(),
		row("jsonb_set_lax", "jsonb_set_lax", b, b, textArray, b, boolean, text).nullable(),
		opRow("jsonb_concat", "||", b, b, b),
		opRow("jsonb_delete", "-", b, b, text), opRow("jsonb_delete_array", "-", b, b, textArray),
		opRow("jsonb_delete_idx", "-", b, b, int4), opRow("jsonb_delete_path", "#-", b, b, textArray),
	)
}
