package expr

import "github.com/skeinsql/skein/engine/types"

func init() {
	text, name := types.TextT, types.NameT
	for _, f := range []string{"current_user", "session_user", "user", "current_role"} {
		define(row(f, f, name).stable())
	}
	for _, f := range []string{"current_catalog", "current_database"} {
		define(row(f, f, name).stable())
	}
	define(
		row("current_schema", "current_schema", name).stable(),
		row("version", "version", text).stable(),
		row("pg_cancel_backend", "pg_cancel_backend", types.BoolT, types.Int4T).volatile(),
		row("show_config_by_name", "current_setting", text, text).stable(),
		row("show_config_by_name_missing_ok", "current_setting", text, text, types.BoolT).stable(),
		row("pg_typeof", "pg_typeof", types.RegtypeT, types.AnyT).nullable().stable().leakproof(),
		// What a failed constraint of a domain comes to; SQL does not call it.
		row("domain_violation", "domain_violation", types.AnyT, text, text).volatile(),
	)
}
