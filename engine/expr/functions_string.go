package expr

import "github.com/skeinsql/skein/engine/types"

// row is a strict, immutable scalar function; the other properties are set by the methods below.
func row(id, name string, result *types.Type, args ...*types.Type) *Function {
	return &Function{ID: id, Name: name, Kind: Scalar, Args: args, Result: result, Strict: true}
}

// opRow is a strict, immutable operator.
func opRow(id, symbol string, result *types.Type, args ...*types.Type) *Function {
	f := row(id, symbol, result, args...)
	f.Kind = Operator
	return f
}

func (f *Function) leakproof() *Function         { f.Leakproof = true; return f }
func (f *Function) nullable() *Function          { f.Strict = false; return f }
func (f *Function) variadic() *Function          { f.Variadic = true; return f }
func (f *Function) stable() *Function            { f.Volatility = Stable; return f }
func (f *Function) volatile() *Function          { f.Volatility = Volatile; return f }
func (f *Function) as(id, name string) *Function { c := *f; c.ID, c.Name = id, name; return &c }

var textArray = types.ArrayOf(types.TextT)

func init() {
	defineStrings()
	defineTextEdges()
	definePatterns()
	defineRegexps()
}

// defineStrings: lengths, cases, parts, padding.
func defineStrings() {
	text, bpchar, int4 := types.TextT, types.BpcharT, types.Int4T
	length := row("textlen", "length", int4, text).leakproof()
	bpLength := row("bpcharlen", "length", int4, bpchar).leakproof()
	left, right := row("text_left", "left", text, text, int4).leakproof(), row("text_right", "right", text, text, int4).leakproof()
	substr := row("text_substr", "substr", text, text, int4, int4)
	substrFrom := row("text_substr_no_len", "substr", text, text, int4).leakproof()
	define(
		length, length.as("textlen_char_length", "char_length"), length.as("textlen_character_length", "character_length"),
		bpLength, bpLength.as("bpcharlen_char_length", "char_length"),
		bpLength.as("bpcharlen_character_length", "character_length"),
		row("textoctetlen", "octet_length", int4, text).leakproof(),
		row("bpcharoctetlen", "octet_length", int4, bpchar).leakproof(),
		row("text_bit_length", "bit_length", int4, text).leakproof(),
		row("text_lower", "lower", text, text).leakproof(),
		row("text_upper", "upper", text, text).leakproof(),
		row("initcap", "initcap", text, text).leakproof(),
		substr, substr.as("text_substring", "substring"),
		substrFrom, substrFrom.as("text_substring_no_len", "substring"),
		left, right,
		row("textpos", "strpos", int4, text, text).leakproof(),
		row("textpos_position", "position", int4, text, text).leakproof(),
		row("reverse", "reverse", text, text).leakproof(),
		row("repeat", "repeat", text, text, int4),
		row("replace", "replace", text, text, text, text),
		row("translate", "translate", text, text, text, text).leakproof(),
		row("split_part", "split_part", text, text, text, int4),
		row("starts_with", "starts_with", types.BoolT, text, text).leakproof(),
		opRow("text_starts_with", "^@", types.BoolT, text, text).leakproof(),
		row("ascii", "ascii", int4, text).leakproof(),
		row("chr", "chr", text, int4),
		row("md5_text", "md5", text, text).leakproof(),
		row("to_hex32", "to_hex", text, int4).leakproof(),
		row("to_hex64", "to_hex", text, types.Int8T).leakproof(),
		row("lpad", "lpad", text, text, int4, text), row("lpad_blank", "lpad", text, text, int4),
		row("rpad", "rpad", text, text, int4, text), row("rpad_blank", "rpad", text, text, int4),
		row("textoverlay", "overlay", text, text, text, int4, int4),
		row("textoverlay_no_len", "overlay", text, text, text, int4),
		row("quote_ident", "quote_ident", text, text).leakproof(),
		row("quote_literal", "quote_literal", text, text).leakproof(),
		row("quote_nullable", "quote_nullable", text, text).nullable().leakproof(),
	)
	for _, name := range []string{"btrim", "ltrim", "rtrim"} {
		define(row(name, name, text, text, text).leakproof(), row(name+"1", name, text, text).leakproof())
	}
}

// defineTextEdges: concatenation and what takes any type.
func defineTextEdges() {
	text, any := types.TextT, types.AnyT
	define(
		opRow("textcat", "||", text, text, text).leakproof(),
		opRow("textanycat", "||", text, text, types.AnyElementT),
		opRow("anytextcat", "||", text, types.AnyElementT, text),
		row("text_concat", "concat", text, any).nullable().variadic().stable(),
		row("text_concat_ws", "concat_ws", text, text, any).nullable().variadic().stable(),
		row("text_format", "format", text, text, any).nullable().variadic().stable(),
		row("text_format_nv", "format", text, text).nullable().stable(),
	)
}

// definePatterns: LIKE and its relatives. The grammar's x LIKE y ESCAPE z is x ~~ like_escape(y, z); x SIMILAR TO y is
// x ~ similar_to_escape(y).
func definePatterns() {
	text, boolean := types.TextT, types.BoolT
	for _, left := range []*types.Type{text, types.BpcharT, types.NameT} {
		prefix := left.Name
		define(
			opRow(prefix+"like", "~~", boolean, left, text), opRow(prefix+"nlike", "!~~", boolean, left, text),
			opRow(prefix+"iclike", "~~*", boolean, left, text), opRow(prefix+"icnlike", "!~~*", boolean, left, text),
			opRow(prefix+"regexeq", "~", boolean, left, text), opRow(prefix+"regexne", "!~", boolean, left, text),
			opRow(prefix+"icregexeq", "~*", boolean, left, text), opRow(prefix+"icregexne", "!~*", boolean, left, text),
		)
	}
	define(
		opRow("bytealike", "~~", boolean, types.ByteaT, types.ByteaT),
		opRow("byteanlike", "!~~", boolean, types.ByteaT, types.ByteaT),
		row("like_escape", "like_escape", text, text, text),
		row("similar_to_escape_1", "similar_to_escape", text, text),
		row("similar_to_escape_2", "similar_to_escape", text, text, text),
	)
}

func defineRegexps() {
	text, int4 := types.TextT, types.Int4T
	define(
		row("textregexreplace_noopt", "regexp_replace", text, text, text, text),
		row("textregexreplace", "regexp_replace", text, text, text, text, text),
		row("regexp_match_no_flags", "regexp_match", textArray, text, text),
		row("regexp_match", "regexp_match", textArray, text, text, text),
		row("regexp_like_no_flags", "regexp_like", types.BoolT, text, text),
		row("regexp_like", "regexp_like", types.BoolT, text, text, text),
		row("regexp_count_no_start", "regexp_count", int4, text, text),
		row("regexp_count_no_flags", "regexp_count", int4, text, text, int4),
		row("regexp_count", "regexp_count", int4, text, text, int4, text),
		row("regexp_substr_no_start", "regexp_substr", text, text, text),
		row("textregexsubstr", "substring", text, text, text),
		row("regexp_split_to_array_no_flags", "regexp_split_to_array", textArray, text, text),
		row("regexp_split_to_array", "regexp_split_to_array", textArray, text, text, text),
	)
}
