package pgcatalog

import (
	"slices"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// World is what system relations tell, as one session sees it during one statement. It is read only.
type World struct {
	// Home is the catalog of the engine's own schemas; Current is current_database().
	Home, Current string
	// Role is current_user.
	Role string
	OIDs *OIDs
	// Path is the search path: catalogs and schemas.
	Path [][2]string
	// Catalogs are the names of the servers and of Home, sorted; Kinds are the kinds of the declared ones.
	Catalogs []string
	Kinds    map[string]string
	// Schemas are the catalog and the name of schemas that exist even if they have no table.
	Schemas [][2]string
	// Tables are those of sources, as far as they were asked for, views of Home, and the relations of the system.
	Tables []*sources.Table
	// Definitions are the queries of views of Home, by schema and name.
	Definitions map[[2]string]string
	Settings    []Setting
	Activity    []Activity
}

// Setting is one of the session's settings; Initial is its value without SET.
type Setting struct {
	Name, Value, Initial, About string
	ReadOnly                    bool
}

// Activity is a statement that is being planned or run.
type Activity struct {
	PID                      int32
	Role, State, Text, Label string
	Started                  time.Time
}

// Owner is the role that owns everything; OwnerOID is its identifier, that of PostgreSQL's first superuser.
const (
	Owner    = "skein"
	OwnerOID = 10
)

// wellKnown are identifiers that PostgreSQL's clients write as numbers.
var wellKnown = map[string]int64{
	"pg_class": 1259, "pg_attribute": 1249, "pg_proc": 1255, "pg_type": 1247, "pg_namespace": 2615, "pg_constraint": 2606,
	"pg_database": 1262, "pg_authid": 1260, "pg_attrdef": 2604, "pg_index": 2610, "pg_trigger": 2620, "pg_rewrite": 2618,
	"pg_am": 2601, "pg_extension": 3079, "pg_language": 2612, "pg_description": 2609, "pg_depend": 2608, "pg_enum": 3501,
	"pg_inherits": 2611, "pg_tablespace": 1213, "pg_collation": 3456, "pg_foreign_server": 1417, "pg_operator": 2617,
}

// CatalogOID is the identifier of schema pg_catalog.
const CatalogOID = 11

func isSystem(schema string) bool { return schema == Catalog || schema == InformationSchema }

// SchemaName is what pg_catalog calls a schema of a catalog in a session whose current catalog is given.
func SchemaName(current, catalog, schema string) string {
	if catalog == current || isSystem(schema) {
		return schema
	}
	return catalog + "." + schema
}

func (w *World) schemaName(catalog, schema string) string {
	return SchemaName(w.Current, catalog, schema)
}

// NamespaceOID is the identifier of a schema.
func (o *OIDs) NamespaceOID(catalog, schema string) int64 {
	switch schema {
	case Catalog:
		return CatalogOID
	case InformationSchema:
		catalog = ""
	}
	return o.Of(Object{Kind: Namespace, Server: catalog, Name: schema})
}

// ClassOID is the identifier of a table or view.
func (o *OIDs) ClassOID(catalog, schema, name string) int64 {
	if isSystem(schema) {
		if n := wellKnown[name]; n != 0 && schema == Catalog {
			return n
		}
		catalog = ""
	}
	return o.Of(Object{Kind: Class, Server: catalog, Schema: schema, Name: name})
}

func (o *OIDs) classOf(t *sources.Table) int64 {
	return o.ClassOID(t.ServerName, t.SchemaName, t.TableName)
}

// RoleOID is the identifier of a role.
func (o *OIDs) RoleOID(name string) int64 {
	if name == Owner {
		return OwnerOID
	}
	return o.Of(Object{Kind: Role, Name: name})
}

// TypeOID is the identifier of a type: PostgreSQL's own, or one for a type of a server.
func (o *OIDs) TypeOID(server string, t *types.Type) int64 {
	if t.OID != 0 && t.OID < FirstOID {
		return int64(t.OID)
	}
	if t.Kind == types.Array && t.Elem.OID != 0 {
		return 2277 // anyarray: an array of a type that has none
	}
	return o.Of(Object{Kind: Type, Server: server, Name: t.String()})
}

// DatabaseOID is the identifier of a catalog.
func (o *OIDs) DatabaseOID(name string) int64 { return o.Of(Object{Kind: Database, Name: name}) }

// schemas are the catalog and name of every schema, sorted by what they are called.
func (w *World) schemas() [][2]string {
	seen := map[[2]string]bool{{w.Home, Catalog}: true, {w.Home, InformationSchema}: true}
	for _, s := range w.Schemas {
		seen[s] = true
	}
	for _, t := range w.Tables {
		seen[[2]string{t.ServerName, t.SchemaName}] = true
	}
	out := make([][2]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(w.schemaName(a[0], a[1]), w.schemaName(b[0], b[1])) })
	return out
}

// SystemTables describes the relations of pg_catalog and information_schema as tables of a catalog.
func SystemTables(catalog string) []*sources.Table {
	var out []*sources.Table
	for _, r := range All() {
		out = append(out, r.Table(catalog))
	}
	return out
}

// Table describes a relation as a table of a catalog. Its Detail is the relation.
func (r *Relation) Table(catalog string) *sources.Table {
	return &sources.Table{
		ServerName: catalog, SchemaName: r.Schema, TableName: r.Name, Type: sources.ViewTable, Cols: r.Columns, RowCount: 1000, Detail: r,
	}
}

// Depth is what the rows are made of when only some columns are read.
func (r *Relation) Depth(read []plan.Column) Depth {
	if r.rows == nil {
		return Nothing
	}
	return r.depth
}
