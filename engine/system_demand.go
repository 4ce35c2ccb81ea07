package engine

import (
	"slices"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// demand is what has to be known of the catalogs to fill the system relations that a statement reads.
type demand struct {
	any   bool
	depth pgcatalog.Depth
	// catalogs are those that rows can come from, nil for all; schema and table are the only ones that count, or "".
	catalogs      []string
	schema, table string
}

func (d *demand) asks(server string) bool {
	return d.catalogs == nil || slices.Contains(d.catalogs, server)
}

// demandOf is the union of what the plan's scans of system relations need.
func demandOf(root plan.Node, env *eval.Env, e *Engine) demand {
	var all demand
	plan.Walk(root, func(n plan.Node) bool {
		remote, ok := n.(*plan.Remote)
		if !ok {
			return true
		}
		scan, ok := remote.Scan.(*systemScan)
		if !ok {
			return true
		}
		if r, ok := scan.scan.Table.(*sources.Table).Detail.(*pgcatalog.Relation); ok {
			all = all.with(scan.demand(r, conditions{e, env}))
		}
		return true
	})
	return all
}

// with is what satisfies both.
func (d demand) with(o demand) demand {
	if !d.any || d.depth == pgcatalog.Nothing {
		o.any = true
		return o
	}
	if o.depth == pgcatalog.Nothing {
		return d
	}
	d.depth = max(d.depth, o.depth)
	if d.catalogs != nil && o.catalogs != nil {
		d.catalogs = slices.Concat(d.catalogs, o.catalogs)
	} else {
		d.catalogs = nil
	}
	if d.schema != o.schema {
		d.schema = ""
	}
	if d.table != o.table || d.schema == "" {
		d.table = ""
	}
	return d
}

// ownRows are the relations whose rows each come from the one table that their columns name. Rows about foreign keys
// need the table that is referred to as well.
var ownRows = map[string]bool{
	"tables": true, "columns": true, "views": true, "element_types": true, "table_privileges": true, "role_table_grants": true,
	"table_constraints": true, "pg_tables": true, "pg_views": true, "pg_matviews": true, "pg_indexes": true,
	"pg_class": true, "pg_attribute": true, "pg_index": true,
}

// demand is what one scan needs. Conditions on columns that say where a row comes from limit it.
func (s *systemScan) demand(r *pgcatalog.Relation, c conditions) demand {
	d := demand{any: true, depth: r.Depth(s.scan.Cols)}
	own := ownRows[r.Name]
	for _, cond := range s.conds {
		for _, conjunct := range expr.Conjuncts(cond) {
			name, values, ok := c.equalities(s.scan, conjunct)
			if !ok {
				continue
			}
			switch name {
			case "table_catalog", "catalog_name", "constraint_catalog", "object_catalog":
				d.limit(texts(values))
			case "table_schema", "schema_name":
				if own && len(values) == 1 {
					d.schema = texts(values)[0]
				}
			case "table_name", "tablename", "viewname", "matviewname":
				if own && len(values) == 1 {
					d.table = texts(values)[0]
				}
			case "schemaname":
				c.schemas(&d, values)
			case "attrelid", "indrelid", "conrelid", "oid":
				c.relation(&d, r.Name, name, values)
			case "relkind":
				d.relkinds(s.scan, texts(values))
			}
		}
	}
	if d.schema == "" {
		d.table = "" // sources are asked for a table by its whole name
	}
	return d
}

func (d *demand) limit(catalogs []string) {
	if d.catalogs == nil {
		d.catalogs = catalogs
		return
	}
	d.catalogs = slices.DeleteFunc(slices.Clone(d.catalogs), func(n string) bool { return !slices.Contains(catalogs, n) })
}

// relkinds makes names do for pg_class when neither indexes nor what columns tell is read.
func (d *demand) relkinds(scan *plan.Scan, kinds []string) {
	if slices.Contains(kinds, "i") || slices.Contains(kinds, "I") {
		return
	}
	for _, c := range scan.Cols {
		if slices.Contains([]string{"relnatts", "relhasindex", "reltuples"}, c.Name) {
			return
		}
	}
	d.depth = min(d.depth, pgcatalog.Names)
}

// conditions reads what a scan's conditions say, with the values of this execution.
type conditions struct {
	engine *Engine
	env    *eval.Env
}

// schemas limits d to the schemas that pg_catalog calls so.
func (c conditions) schemas(d *demand, values []any) {
	var catalogs []string
	for _, name := range texts(values) {
		cat, schema := c.engine.catalogOfSchema(c.env.Catalog, name)
		catalogs = append(catalogs, cat)
		if len(values) == 1 {
			d.schema = schema
		}
	}
	d.limit(catalogs)
}

// relation limits d to the relation of an identifier that was given out.
func (c conditions) relation(d *demand, relation, column string, values []any) {
	if len(values) != 1 || !(column == "attrelid" || relation == "pg_class" || column == "indrelid") {
		return
	}
	n, ok := values[0].(int64)
	x, known := c.engine.oids.Object(n)
	if !ok || !known || x.Kind != pgcatalog.Class {
		return
	}
	if x.Server == "" {
		x.Server = catalog.Home
	}
	d.limit([]string{x.Server})
	d.schema, d.table = x.Schema, x.Name
}

// equalities reads column = value and column IN (values) of a scan: the column's name in the table and the values.
func (c conditions) equalities(scan *plan.Scan, e expr.Expr) (string, []any, bool) {
	var column expr.Expr
	var list []expr.Expr
	switch e := e.(type) {
	case *expr.Call:
		if e.Fn.Kind != expr.Operator || e.Fn.Name != "=" || len(e.Args) != 2 {
			return "", nil, false
		}
		column, list = e.Args[0], e.Args[1:]
		if _, ok := bareColumn(column); !ok {
			column, list = e.Args[1], e.Args[:1]
		}
	case *expr.In:
		if e.Negate {
			return "", nil, false
		}
		column, list = e.Arg, e.List
	case *expr.Quantified:
		array, ok := e.Array.(*expr.ArrayOf)
		if !ok || e.All || e.Op.Name != "=" {
			return "", nil, false
		}
		column, list = e.Arg, array.Elems
	default:
		return "", nil, false
	}
	id, ok := bareColumn(column)
	if !ok {
		return "", nil, false
	}
	at := slices.IndexFunc(scan.Cols, func(x plan.Column) bool { return x.ID == id })
	if at < 0 {
		return "", nil, false
	}
	values := make([]any, len(list))
	for i, v := range list {
		if values[i], ok = c.value(v); !ok {
			return "", nil, false
		}
	}
	return scan.Table.Columns()[scan.Ordinals[at]].Name, values, true
}

// bareColumn is a column, be it cast between strings or between whole numbers.
func bareColumn(e expr.Expr) (expr.ColumnID, bool) {
	switch e := e.(type) {
	case *expr.Column:
		return e.ID, true
	case *expr.Cast:
		if same(e.Arg.Type(), e.Typ) {
			return bareColumn(e.Arg)
		}
	}
	return 0, false
}

// same says that a cast keeps a value: no length cuts it.
func same(from, to *types.Type) bool {
	return to.Mod < 0 && to.Kind != types.Bpchar && from.Kind != types.Bpchar && to.Kind != types.Char &&
		(from.IsString() && to.IsString() || from.IsInteger() && to.IsInteger())
}

// value is a string or a whole number that is known now.
func (c conditions) value(e expr.Expr) (v any, ok bool) {
	switch e := e.(type) {
	case *expr.Const:
		v = e.Value
	case *expr.Param:
		if e.Index > len(c.env.Params) {
			return nil, false
		}
		v = c.env.Params[e.Index-1]
	case *expr.Cast:
		if same(e.Arg.Type(), e.Typ) {
			return c.value(e.Arg)
		}
	case *expr.Call:
		switch e.Fn.ID {
		case "current_catalog", "current_database":
			v = c.env.Catalog
		case "current_schema":
			v = c.env.Schema
		}
	}
	switch v.(type) {
	case string, int64:
		return v, true
	}
	return nil, false
}

func texts(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i], _ = v.(string)
	}
	return out
}
