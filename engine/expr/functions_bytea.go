package expr

import "github.com/skeinsql/skein/engine/types"

func init() {
	bytea, text, int4 := types.ByteaT, types.TextT, types.Int4T
	define(
		row("byteaoctetlen", "length", int4, bytea).leakproof(),
		row("byteaoctetlen_octet_length", "octet_length", int4, bytea).leakproof(),
		row("bytea_bit_length", "bit_length", int4, bytea).leakproof(),
		opRow("byteacat", "||", bytea, bytea, bytea).leakproof(),
		row("bytea_substr", "substring", bytea, bytea, int4, int4), row("bytea_substr_substr", "substr", bytea, bytea, int4, int4),
		row("bytea_substr_no_len", "substring", bytea, bytea, int4).leakproof(),
		row("bytea_substr_no_len_substr", "substr", bytea, bytea, int4).leakproof(),
		row("byteapos", "position", int4, bytea, bytea).leakproof(),
		row("md5_bytea", "md5", text, bytea).leakproof(),
		row("binary_encode", "encode", text, bytea, text), row("binary_decode", "decode", bytea, text, text),
		row("byteaGetByte", "get_byte", int4, bytea, int4),
		row("byteatrim", "btrim", bytea, bytea, bytea).leakproof(),
		row("text_convert_to", "convert_to", bytea, text, text), row("bytea_convert_from", "convert_from", text, bytea, text),
		row("gen_random_uuid", "gen_random_uuid", types.UUIDT).volatile().leakproof(),
	)
	for _, h := range []string{"sha224", "sha256", "sha384", "sha512"} {
		define(row(h+"_bytea", h, bytea, bytea).leakproof())
	}
}
