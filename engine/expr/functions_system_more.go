package expr

import "github.com/skeinsql/skein/engine/types"

// Sizes, enums, and what tools ask of triggers, rules, statistics and partitions, of which there are none.
func init() {
	text, oid, boolean, int4, enum := types.TextT, types.OIDT, types.BoolT, types.Int4T, types.AnyEnumT
	define(
		row("pg_size_pretty", "pg_size_pretty", text, types.Int8T), row("pg_size_pretty_numeric", "pg_size_pretty", text, types.NumericT),
		row("pg_size_bytes", "pg_size_bytes", types.Int8T, text),
		row("enum_first", "enum_first", enum, enum).nullable().stable(), row("enum_last", "enum_last", enum, enum).nullable().stable(),
		row("enum_range_all", "enum_range", types.AnyArrayT, enum).nullable().stable(),
		row("enum_range_bounds", "enum_range", types.AnyArrayT, enum, enum).nullable().stable(),
		row("getpgusername", "getpgusername", types.NameT).stable(),
		row("pg_trigger_depth", "pg_trigger_depth", int4).stable(), row("pg_jit_available", "pg_jit_available", boolean).volatile(),
		row("pg_relation_is_updatable", "pg_relation_is_updatable", int4, types.RegclassT, boolean).stable(),
		row("pg_column_is_updatable", "pg_column_is_updatable", boolean, types.RegclassT, types.Int2T, boolean).stable(),
		row("pg_relation_is_publishable", "pg_relation_is_publishable", boolean, types.RegclassT).stable(),
		row("nameconcatoid", "nameconcatoid", types.NameT, types.NameT, oid),
	)
	for _, f := range []string{
		"pg_get_triggerdef", "pg_get_ruledef", "pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns",
		"pg_get_partition_constraintdef",
	} {
		define(row(f, f, text, oid).stable())
	}
	for _, f := range []string{"pg_get_triggerdef", "pg_get_ruledef"} {
		define(row(f+"_ext", f, text, oid, boolean).stable())
	}
	for _, f := range []string{
		"pg_opclass_is_visible", "pg_opfamily_is_visible", "pg_conversion_is_visible", "pg_statistics_obj_is_visible",
		"pg_ts_config_is_visible", "pg_ts_dict_is_visible", "pg_ts_parser_is_visible", "pg_ts_template_is_visible",
	} {
		define(row(f, f, boolean, oid).stable())
	}
	for _, f := range []string{"foreign_data_wrapper", "tablespace"} {
		definePrivilege("has_"+f+"_privilege", []*types.Type{text}, []*types.Type{oid})
	}
}
