package expr

import "github.com/skeinsql/skein/engine/types"

// Ranges and multiranges. The names are PostgreSQL's: a relation between a range and a multirange is named after both.
func init() {
	rng, multi, elem, boolean := types.AnyRangeT, types.AnyMultirangeT, types.AnyElementT, types.BoolT
	defineRangeRelations()
	define(
		opRow("range_contains_elem", "@>", boolean, rng, elem), opRow("elem_contained_by_range", "<@", boolean, elem, rng),
		opRow("multirange_contains_elem", "@>", boolean, multi, elem),
		opRow("elem_contained_by_multirange", "<@", boolean, elem, multi),
		opRow("range_union", "+", rng, rng, rng), opRow("range_minus", "-", rng, rng, rng), opRow("range_intersect", "*", rng, rng, rng),
		opRow("multirange_union", "+", multi, multi, multi), opRow("multirange_minus", "-", multi, multi, multi),
		opRow("multirange_intersect", "*", multi, multi, multi),
		row("range_merge", "range_merge", rng, rng, rng), row("range_merge_from_multirange", "range_merge", rng, multi),
		row("multirange_constructor1", "multirange", multi, rng),
		row("range_cmp", "range_cmp", types.Int4T, rng, rng), row("multirange_cmp", "multirange_cmp", types.Int4T, multi, multi),
	)
	for _, of := range []struct {
		prefix string
		t      *types.Type
	}{{"range_", rng}, {"multirange_", multi}} {
		comparisonsOf(of.prefix, "", of.t, of.t, false)
		define(
			row(of.prefix+"lower", "lower", elem, of.t), row(of.prefix+"upper", "upper", elem, of.t),
			row(of.prefix+"empty", "isempty", boolean, of.t),
			row(of.prefix+"lower_inc", "lower_inc", boolean, of.t), row(of.prefix+"upper_inc", "upper_inc", boolean, of.t),
			row(of.prefix+"lower_inf", "lower_inf", boolean, of.t), row(of.prefix+"upper_inf", "upper_inf", boolean, of.t),
		)
	}
	unnest := row("multirange_unnest", "unnest", rng, multi)
	unnest.Kind = SetReturning
	define(unnest)
	for _, name := range []string{"int4", "int8", "num", "date", "ts", "tstz"} {
		defineRangeConstructors(types.ByName(name+"range"), types.ByName(name+"multirange"))
	}
}

// defineRangeRelations defines what holds between ranges and multiranges in all four combinations.
func defineRangeRelations() {
	rng, multi := types.AnyRangeT, types.AnyMultirangeT
	for _, op := range [][2]string{
		{"contains", "@>"},
		{"contained_by", "<@"},
		{"overlaps", "&&"},
		{"before", "<<"},
		{"after", ">>"},
		{"overleft", "&<"},
		{"overright", "&>"},
		{"adjacent", "-|-"},
	} {
		define(
			opRow("range_"+op[0], op[1], types.BoolT, rng, rng),
			opRow("range_"+op[0]+"_multirange", op[1], types.BoolT, rng, multi),
			opRow("multirange_"+op[0]+"_range", op[1], types.BoolT, multi, rng),
			opRow("multirange_"+op[0]+"_multirange", op[1], types.BoolT, multi, multi),
		)
	}
}

// defineRangeConstructors defines the functions that are named after the types.
func defineRangeConstructors(rng, multi *types.Type) {
	e := rng.Elem
	define(
		row(rng.Name+"_constructor2", rng.Name, rng, e, e).nullable(),
		row(rng.Name+"_constructor3", rng.Name, rng, e, e, types.TextT).nullable(),
		row(multi.Name+"_constructor0", multi.Name, multi), row(multi.Name+"_constructor1", multi.Name, multi, rng),
		row(multi.Name+"_constructor2", multi.Name, multi, rng).nullable().variadic(),
		row(rng.Name+"_subdiff", rng.Name+"_subdiff", types.Float8T, e, e),
	)
	if rng.Discrete() {
		define(row(rng.Name+"_canonical", rng.Name+"_canonical", rng, rng))
	}
}
