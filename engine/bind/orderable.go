package bind

import (
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// orderable refuses types that have no order (get_sort_group_operators).
func orderable(t *types.Type, pos int) error {
	what := without(t)
	switch {
	case what == nil:
		return nil
	case t.Kind == types.Record:
		return sqlerr.New(sqlerr.UndefinedFunction, "could not identify a comparison function for type %s", bare(what)).At(pos)
	case lacksOrder(what):
		return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an ordering operator for type %s", bare(t)).
			WithHint("Use an explicit ordering operator or modify the query.").At(pos)
	}
	return sqlerr.Unsupported("ordering or grouping by values of type " + bare(what)).At(pos)
}

// comparableType refuses types without equality.
func comparableType(t *types.Type, pos int) error {
	what := without(t)
	switch {
	case what == nil:
		return nil
	case !lacksOrder(what):
		return sqlerr.Unsupported("ordering or grouping by values of type " + bare(what)).At(pos)
	case t.Kind == types.Record:
		t = what
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an equality operator for type %s", bare(t)).At(pos)
}

// without is the type inside of t that values cannot be compared by; nil when there is none.
func without(t *types.Type) *types.Type {
	switch t.Kind {
	case types.JSON, types.Opaque:
		return t
	case types.Array, types.Range, types.Multirange:
		return without(t.Elem)
	case types.Composite, types.Record:
		for _, f := range t.Fields {
			if w := without(f.Type); w != nil {
				return w
			}
		}
	}
	return nil
}

// The types that PostgreSQL itself has no btree and no hash operators for.
var unordered = map[string]bool{
	"json": true, "xml": true, "jsonpath": true, "point": true, "line": true, "lseg": true, "box": true, "path": true,
	"polygon": true, "circle": true, "pg_snapshot": true, "txid_snapshot": true, "refcursor": true,
}

func lacksOrder(t *types.Type) bool { return unordered[t.Name] }

// comparableRows refuses a comparison of arrays or rows whose parts cannot be compared: PostgreSQL finds the operators of
// the parts when it compares (array_eq, record_eq, record_cmp).
func comparableRows(symbol string, actual []*types.Type, pos int) error {
	l, r := actual[0], actual[1]
	switch symbol {
	case "=", "<>", "<", "<=", ">", ">=":
	default:
		return nil
	}
	if isRow(l) && isRow(r) {
		if err := sameColumns(l, r, pos); err != nil {
			return err
		}
	}
	if l.Kind != types.Array && !isRow(l) {
		return nil
	}
	what := without(l)
	switch {
	case what == nil:
		return nil
	case !lacksOrder(what):
		return sqlerr.Unsupported("comparing values of type " + bare(what)).At(pos)
	case symbol == "=" || symbol == "<>":
		return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an equality operator for type %s", bare(what)).At(pos)
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "could not identify a comparison function for type %s", bare(what)).At(pos)
}

func sameColumns(l, r *types.Type, pos int) error {
	for i := range min(len(l.Fields), len(r.Fields)) {
		if a, b := l.Fields[i].Type, r.Fields[i].Type; !types.Same(a, b) {
			return sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d",
				bare(a), bare(b), i+1).At(pos)
		}
	}
	if len(l.Fields) != len(r.Fields) {
		return sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare record types with different numbers of columns").At(pos)
	}
	return nil
}
