package expr

import (
	"strings"

	"github.com/skeinsql/skein/engine/types"
)

// Paths are told apart from text: a literal is one, a column of text is not.
func init() {
	b, path, boolean := types.JSONBT, types.JSONPathT, types.BoolT
	for _, f := range []struct {
		name   string
		result *types.Type
	}{
		{"jsonb_path_exists", boolean},
		{"jsonb_path_match", boolean},
		{"jsonb_path_query_array", b},
		{"jsonb_path_query_first", b},
	} {
		define(
			row(f.name+"_plain", f.name, f.result, b, path),
			row(f.name+"_vars", f.name, f.result, b, path, b),
			row(f.name, f.name, f.result, b, path, b, boolean),
			row(f.name+"_tz_plain", f.name+"_tz", f.result, b, path).stable(),
			row(f.name+"_tz_vars", f.name+"_tz", f.result, b, path, b).stable(),
			row(f.name+"_tz", f.name+"_tz", f.result, b, path, b, boolean).stable(),
		)
	}
	for id, args := range map[string][]*types.Type{
		"jsonb_path_query_plain": {b, path},
		"jsonb_path_query_vars":  {b, path, b},
		"jsonb_path_query":       {b, path, b, boolean},
	} {
		define(&Function{ID: id, Name: "jsonb_path_query", Kind: SetReturning, Args: args, Result: b, Strict: true})
		define(&Function{
			ID: strings.Replace(id, "query", "query_tz", 1), Name: "jsonb_path_query_tz", Kind: SetReturning, Args: args, Result: b,
			Strict: true, Volatility: Stable,
		})
	}
	define(
		opRow("jsonb_path_exists_opr", "@?", boolean, b, path),
		opRow("jsonb_path_match_opr", "@@", boolean, b, path),
	)
}
