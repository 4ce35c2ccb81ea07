package expr

import "github.com/skeinsql/skein/engine/types"

// The functions that tools ask of the system catalogs. Identifiers of relations and types are oid, expressions
// (pg_node_tree) are text.
func init() {
	text, name, oid, boolean, int4, int2 := types.TextT, types.NameT, types.OIDT, types.BoolT, types.Int4T, types.Int2T
	define(
		row("current_schemas", "current_schemas", types.ArrayOf(name), boolean).stable(),
		row("format_type", "format_type", text, oid, int4).nullable().stable(),
		row("pg_get_viewdef", "pg_get_viewdef", text, oid).stable(),
		row("pg_get_viewdef_ext", "pg_get_viewdef", text, oid, boolean).stable(),
		row("pg_get_viewdef_wrap", "pg_get_viewdef", text, oid, int4).stable(),
		row("pg_get_userbyid", "pg_get_userbyid", name, oid).stable(),
		row("pg_table_is_visible", "pg_table_is_visible", boolean, oid).stable(),
		row("pg_get_expr", "pg_get_expr", text, text, oid).stable(),
		row("pg_get_expr_ext", "pg_get_expr", text, text, oid, boolean).stable(),
		row("pg_get_constraintdef", "pg_get_constraintdef", text, oid).stable(),
		row("pg_get_constraintdef_ext", "pg_get_constraintdef", text, oid, boolean).stable(),
		row("pg_get_indexdef", "pg_get_indexdef", text, oid).stable(),
		row("pg_get_indexdef_ext", "pg_get_indexdef", text, oid, int4, boolean).stable(),
		row("pg_get_partkeydef", "pg_get_partkeydef", text, oid).stable(),
		row("pg_get_serial_sequence", "pg_get_serial_sequence", text, text, text).stable(),
		row("obj_description", "obj_description", text, oid, name).stable(),
		row("obj_description_any", "obj_description", text, oid).stable(),
		row("col_description", "col_description", text, oid, int4).stable(),
		row("shobj_description", "shobj_description", text, oid, name).stable(),
		row("to_regclass", "to_regclass", types.RegclassT, text).stable(),
		row("to_regtype", "to_regtype", types.RegtypeT, text).stable(),
		row("to_regnamespace", "to_regnamespace", types.RegnamespaceT, text).stable(),
		row("pg_encoding_to_char", "pg_encoding_to_char", name, int4).stable(),
		row("pg_char_to_encoding", "pg_char_to_encoding", int4, name).stable(),
		row("pg_client_encoding", "pg_client_encoding", name).stable(),
		row("getdatabaseencoding", "getdatabaseencoding", name).stable(),
		row("set_config_by_name", "set_config", text, text, text, boolean).nullable().volatile(),
		row("pg_backend_pid", "pg_backend_pid", int4).stable(),
		row("inet_server_addr", "inet_server_addr", types.InetT).stable(),
		row("inet_server_port", "inet_server_port", int4).stable(),
		row("inet_client_addr", "inet_client_addr", types.InetT).stable(),
		row("inet_client_port", "inet_client_port", int4).stable(),
		row("pg_is_in_recovery", "pg_is_in_recovery", boolean).volatile(),
		row("pg_my_temp_schema", "pg_my_temp_schema", oid).stable(),
		row("pg_is_other_temp_schema", "pg_is_other_temp_schema", boolean, oid).stable(),
	)
	// Casts from and to text look names up (see RegisteredCast); SQL does not call them.
	for _, t := range []*types.Type{types.RegclassT, types.RegtypeT, types.RegnamespaceT} {
		define(
			row(t.Name+"in", t.Name+"in", t, text).stable(),
			row(t.Name+"out", t.Name+"out", text, t).stable(),
		)
	}
	for _, f := range []string{"pg_type_is_visible", "pg_function_is_visible", "pg_operator_is_visible", "pg_collation_is_visible"} {
		define(row(f, f, boolean, oid).stable())
	}
	for _, f := range []string{"table", "schema", "database", "any_column", "sequence", "server", "type", "language"} {
		definePrivilege("has_"+f+"_privilege", []*types.Type{text}, []*types.Type{oid})
	}
	definePrivilege("has_column_privilege", []*types.Type{text, text}, []*types.Type{text, int2}, []*types.Type{oid, text}, []*types.Type{oid, int2})
	definePrivilege("pg_has_role", []*types.Type{name}, []*types.Type{oid})
	define(row("has_function_privilege", "has_function_privilege", boolean, oid, text).stable())
}

// definePrivilege adds the forms of a function that asks for a privilege of the current user, or of a user by name or
// identifier, on an object.
func definePrivilege(name string, objects ...[]*types.Type) {
	users := []*types.Type{nil, types.NameT, types.OIDT}
	for _, object := range objects {
		for _, user := range users {
			var args []*types.Type
			id := name
			if user != nil {
				args = append(args, user)
			}
			args = append(append(args, object...), types.TextT)
			for _, a := range args[:len(args)-1] {
				id += "_" + a.Name
			}
			define(row(id, name, types.BoolT, args...).stable())
		}
	}
}

// RegisteredCast converts text to a type whose values are printed as names, or such a value to text: nil for other
// types. What names mean depends on the session, so that it is a call.
func RegisteredCast(e Expr, to *types.Type) Expr {
	from := e.Type()
	switch {
	case to.IsRegistered() && from.Kind == types.Text:
		return &Call{Fn: MustFunction(to.Name + "in"), Args: []Expr{e}, Typ: to}
	case from.IsRegistered() && to.Kind == types.Text:
		return &Call{Fn: MustFunction(from.Name + "out"), Args: []Expr{e}, Typ: types.TextT}
	}
	return nil
}
