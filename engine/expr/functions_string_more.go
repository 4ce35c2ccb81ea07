package expr

import "github.com/skeinsql/skein/engine/types"

// Strings: identifiers, Unicode, the forms of the regexp functions with a position, and byte-wise comparison.
func init() {
	text, int4, boolean, elem, any := types.TextT, types.Int4T, types.BoolT, types.AnyElementT, types.AnyT
	define(
		row("parse_ident", "parse_ident", textArray, text, boolean), row("parse_ident_strict", "parse_ident", textArray, text),
		row("unistr", "unistr", text, text),
		row("unicode_normalize", "normalize", text, text, text), row("unicode_normalize_nfc", "normalize", text, text),
		row("unicode_is_normalized", "is_normalized", boolean, text, text),
		row("unicode_is_normalized_nfc", "is_normalized", boolean, text),
		row("to_ascii_default", "to_ascii", text, text),
		row("quote_literal_any", "quote_literal", text, elem).stable(),
		row("quote_nullable_any", "quote_nullable", text, elem).nullable().stable(),
		row("pg_num_nulls", "num_nulls", int4, any).nullable().variadic(),
		row("pg_num_nonnulls", "num_nonnulls", int4, any).nullable().variadic(),
		row("textregexsubstr_similar", "substring", text, text, text, text),
		row("similar_escape", "similar_escape", text, text, text).nullable(),
	)
	defineRegexpPositions()
	for _, t := range []struct {
		prefix string
		t      *types.Type
	}{{"text_pattern_", text}, {"bpchar_pattern_", types.BpcharT}} {
		for _, op := range [][2]string{{"lt", "~<~"}, {"le", "~<=~"}, {"ge", "~>=~"}, {"gt", "~>~"}} {
			define(opRow(t.prefix+op[0], op[1], boolean, t.t, t.t).leakproof())
		}
	}
}

// defineRegexpPositions: the forms of regexp_instr, regexp_substr and regexp_replace that leave out more and more of
// their last parameters.
func defineRegexpPositions() {
	text, int4 := types.TextT, types.Int4T
	args := []*types.Type{text, text, int4, int4, int4, text, int4}
	for n := 2; n <= len(args); n++ {
		define(row("regexp_instr_"+string(rune('0'+n)), "regexp_instr", int4, args[:n]...))
	}
	args = []*types.Type{text, text, int4, int4, text, int4}
	for n := 3; n <= len(args); n++ {
		define(row("regexp_substr_"+string(rune('0'+n)), "regexp_substr", text, args[:n]...))
	}
	args = []*types.Type{text, text, text, int4, int4, text}
	for n := 4; n <= len(args); n++ {
		define(row("textregexreplace_extended_"+string(rune('0'+n)), "regexp_replace", text, args[:n]...))
	}
}
