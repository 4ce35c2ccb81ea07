package expr

import "github.com/skeinsql/skein/engine/types"

// Bit strings, and the bits and bytes of bytea.
func init() {
	bit, varbit, int4, int8, bytea := types.BitT, types.VarbitT, types.Int4T, types.Int8T, types.ByteaT
	define(
		opRow("bitand", "&", bit, bit, bit), opRow("bitor", "|", bit, bit, bit), opRow("bitxor", "#", bit, bit, bit),
		opRow("bitnot", "~", bit, bit), opRow("bitshiftleft", "<<", bit, bit, int4), opRow("bitshiftright", ">>", bit, bit, int4),
		opRow("bitcat", "||", varbit, varbit, varbit),
		row("bitlength", "length", int4, bit), row("bit_bit_length", "bit_length", int4, bit),
		row("bitoctetlength", "octet_length", int4, bit),
		row("bitsubstr", "substring", bit, bit, int4, int4), row("bitsubstr_no_len", "substring", bit, bit, int4),
		row("bitoverlay", "overlay", bit, bit, bit, int4, int4), row("bitoverlay_no_len", "overlay", bit, bit, bit, int4),
		row("bitposition", "position", int4, bit, bit),
		row("bitgetbit", "get_bit", int4, bit, int4), row("bitsetbit", "set_bit", bit, bit, int4, int4),
		row("bit_bit_count", "bit_count", int8, bit), row("bytea_bit_count", "bit_count", int8, bytea),
		row("bitfromint4", "bit", bit, int4, int4), row("bitfromint8", "bit", bit, int8, int4),
		row("byteaGetBit", "get_bit", int4, bytea, int8), row("byteaSetBit", "set_bit", bytea, bytea, int8, int4),
		row("byteaSetByte", "set_byte", bytea, bytea, int4, int4),
		row("byteaoverlay", "overlay", bytea, bytea, bytea, int4, int4), row("byteaoverlay_no_len", "overlay", bytea, bytea, bytea, int4),
		row("bytealtrim", "ltrim", bytea, bytea, bytea), row("byteartrim", "rtrim", bytea, bytea, bytea),
		row("like_escape_bytea", "like_escape", bytea, bytea, bytea),
		row("length_in_encoding", "length", int4, bytea, types.NameT).stable(),
		row("pg_convert", "convert", bytea, bytea, types.NameT, types.NameT).stable(),
	)
}
