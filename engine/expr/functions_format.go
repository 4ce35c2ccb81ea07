package expr

import "github.com/skeinsql/skein/engine/types"

// The template patterns of to_char and its inverses. PostgreSQL calls all of them stable, since they may follow a locale.
func init() {
	text := types.TextT
	for _, f := range []struct {
		id  string
		arg *types.Type
	}{
		{"timestamp", types.TimestampT},
		{"timestamptz", types.TimestampTZT},
		{"interval", types.IntervalT},
		{"numeric", types.NumericT},
		{"int4", types.Int4T},
		{"int8", types.Int8T},
		{"float4", types.Float4T},
		{"float8", types.Float8T},
	} {
		define(row(f.id+"_to_char", "to_char", text, f.arg, text).stable())
	}
	define(
		row("to_date", "to_date", types.DateT, text, text).stable(),
		row("to_timestamp", "to_timestamp", types.TimestampTZT, text, text).stable(),
		row("numeric_to_number", "to_number", types.NumericT, text, text).stable(),
	)
}
