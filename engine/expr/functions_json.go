package expr

import "github.com/skeinsql/skein/engine/types"

func init() {
	text, int4, boolean := types.TextT, types.Int4T, types.BoolT
	for _, j := range []*types.Type{types.JSONT, types.JSONBT} {
		p := j.Name
		path := opRow(p+"_extract_path", "#>", j, j, textArray)
		pathText := opRow(p+"_extract_path_text", "#>>", text, j, textArray)
		define(
			opRow(p+"_object_field", "->", j, j, text), opRow(p+"_object_field_text", "->>", text, j, text),
			opRow(p+"_array_element", "->", j, j, int4), opRow(p+"_array_element_text", "->>", text, j, int4),
			path, pathText,
			row(p+"_typeof", p+"_typeof", text, j), row(p+"_array_length", p+"_array_length", int4, j),
		)
	}
	b := types.JSONBT
	define(
		opRow("jsonb_contains", "@>", boolean, b, b), opRow("jsonb_contained", "<@", boolean, b, b),
		opRow("jsonb_exists", "?", boolean, b, text), opRow("jsonb_exists_any", "?|", boolean, b, textArray),
		opRow("jsonb_exists_all", "?&", boolean, b, textArray),
		row("to_json", "to_json", types.JSONT, types.AnyElementT).stable(),
		row("to_jsonb", "to_jsonb", b, types.AnyElementT).stable(),
	)
}
