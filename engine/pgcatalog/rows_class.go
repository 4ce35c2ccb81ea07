package pgcatalog

import (
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// contents are the relations that have rows, by qualified name. Those of PostgreSQL that are not here are empty: there
// are no triggers, rules, sequences, policies, extensions or routines but the built-in functions.
var contents = map[string]content{
	"pg_catalog.pg_am":                   {Nothing, amRows},
	"pg_catalog.pg_attribute":            {Columns, attributeRows},
	"pg_catalog.pg_authid":               {Nothing, roleRows},
	"pg_catalog.pg_class":                {Columns, classRows},
	"pg_catalog.pg_collation":            {Nothing, collationRows},
	"pg_catalog.pg_constraint":           {Columns, constraintRows},
	"pg_catalog.pg_database":             {Nothing, databaseRows},
	"pg_catalog.pg_description":          {Columns, descriptionRows},
	"pg_catalog.pg_enum":                 {Columns, enumRows},
	"pg_catalog.pg_foreign_data_wrapper": {Nothing, wrapperRows},
	"pg_catalog.pg_foreign_server":       {Nothing, foreignServerRows},
	"pg_catalog.pg_index":                {Columns, indexRows},
	"pg_catalog.pg_indexes":              {Columns, indexesRows},
	"pg_catalog.pg_language":             {Nothing, languageRows},
	"pg_catalog.pg_matviews":             {Names, matviewRows},
	"pg_catalog.pg_namespace":            {Names, namespaceRows},
	"pg_catalog.pg_proc":                 {Nothing, procRows},
	"pg_catalog.pg_range":                {Nothing, rangeRows},
	"pg_catalog.pg_roles":                {Nothing, roleRows},
	"pg_catalog.pg_settings":             {Nothing, settingRows},
	"pg_catalog.pg_stat_activity":        {Nothing, activityRows},
	"pg_catalog.pg_tables":               {Columns, tablesRows},
	"pg_catalog.pg_tablespace":           {Nothing, tablespaceRows},
	"pg_catalog.pg_type":                 {Columns, typeRows},
	"pg_catalog.pg_user":                 {Nothing, userRows},
	"pg_catalog.pg_views":                {Names, viewsRows},

	"information_schema.character_sets":                  {Nothing, characterSetRows},
	"information_schema.columns":                         {Columns, columnRows},
	"information_schema.constraint_column_usage":         {Columns, constraintColumnRows},
	"information_schema.constraint_table_usage":          {Columns, constraintTableRows},
	"information_schema.element_types":                   {Columns, elementTypeRows},
	"information_schema.enabled_roles":                   {Nothing, enabledRoleRows},
	"information_schema.information_schema_catalog_name": {Nothing, catalogNameRows},
	"information_schema.key_column_usage":                {Columns, keyColumnRows},
	"information_schema.referential_constraints":         {Columns, referentialRows},
	"information_schema.role_table_grants":               {Names, grantRows},
	"information_schema.schemata":                        {Names, schemataRows},
	"information_schema.table_constraints":               {Columns, tableConstraintRows},
	"information_schema.table_privileges":                {Names, grantRows},
	"information_schema.tables":                          {Names, tableRows},
	"information_schema.views":                           {Names, viewRows},
}

func namespaceRows(w *World, f *filler) {
	f.columns("oid nspname nspowner")
	for _, s := range w.schemas() {
		f.add(w.OIDs.NamespaceOID(s[0], s[1]), w.schemaName(s[0], s[1]), int64(OwnerOID))
	}
}

// relkind is PostgreSQL's letter: partitions are a source's own matter, so that a partitioned table is a plain one.
func relkind(t sources.TableType) string {
	switch t {
	case sources.ViewTable:
		return "v"
	case sources.MaterializedView:
		return "m"
	case sources.ForeignTable:
		return "f"
	}
	return "r"
}

func rowCount(t *sources.Table) float64 {
	if t.RowCount < 0 {
		return -1
	}
	return t.RowCount
}

func classRows(w *World, f *filler) {
	f.columns("oid relname relnamespace reltype relowner relam reltuples relhasindex relpersistence relkind relnatts relispopulated" +
		" relreplident relhasrules")
	for _, t := range w.Tables {
		kind, am, identity := relkind(t.Type), int64(0), "n"
		if kind == "r" || kind == "m" {
			am, identity = heapOID, "d"
		}
		ns, ks := w.OIDs.NamespaceOID(t.ServerName, t.SchemaName), w.keys(t)
		f.add(w.OIDs.classOf(t), t.TableName, ns, w.OIDs.rowType(t), int64(OwnerOID), am, rowCount(t), len(ks) > 0, "p", kind,
			int64(len(t.Cols)), true, identity, kind == "v")
		for _, k := range ks {
			f.add(k.index, k.name, ns, int64(0), int64(OwnerOID), int64(btreeOID), rowCount(t), false, "p", "i", int64(len(k.columns)), true, "n", false)
		}
	}
}

func (o *OIDs) rowType(t *sources.Table) int64 {
	return o.Of(Object{Kind: RowType, Server: t.ServerName, Schema: t.SchemaName, Name: t.TableName})
}

// layout is how pg_type says that values of a type are kept.
func layout(w *World, server string, t *types.Type) builtin {
	if b, ok := builtinTypes[w.OIDs.TypeOID(server, t)]; ok {
		return b
	}
	if t.Kind == types.Enum {
		return builtin{length: 4, byValue: true, align: "i", storage: "p"}
	}
	if t.Kind == types.Composite || t.Kind == types.Record {
		return builtin{length: -1, align: "d", storage: "x"}
	}
	return builtin{length: -1, align: "i", storage: "x"}
}

func attributeRows(w *World, f *filler) {
	f.columns("attrelid attname atttypid attstattarget attlen attnum attndims attcacheoff atttypmod attbyval attalign attstorage" +
		" attnotnull attislocal attcollation")
	for _, t := range w.Tables {
		relation := w.OIDs.classOf(t)
		for i, c := range t.Cols {
			l, dims := layout(w, t.ServerName, c.Type), int64(0)
			if c.Type.Kind == types.Array {
				dims = 1
			}
			f.add(relation, c.Name, w.OIDs.TypeOID(t.ServerName, c.Type), int64(-1), l.length, int64(i+1), dims, int64(-1),
				int64(modOf(c.Type)), l.byValue, l.align, l.storage, !c.Nullable, true, l.collation)
		}
	}
}

// modOf is atttypmod: an array's is that of its elements.
func modOf(t *types.Type) int32 {
	if t.Kind == types.Array {
		return t.Elem.Mod
	}
	return t.Mod
}

func descriptionRows(w *World, f *filler) {
	f.columns("objoid classoid objsubid description")
	for _, t := range w.Tables {
		if t.Comment != "" {
			f.add(w.OIDs.classOf(t), wellKnown["pg_class"], int64(0), t.Comment)
		}
	}
}

func tablesRows(w *World, f *filler) {
	f.columns("schemaname tablename tableowner hasindexes hasrules hastriggers rowsecurity")
	for _, t := range w.Tables {
		if relkind(t.Type) == "r" {
			f.add(w.schemaName(t.ServerName, t.SchemaName), t.TableName, Owner, len(w.keys(t)) > 0, false, false, false)
		}
	}
}

// definition is a view's query where it is known: a view of a source is its source's own matter.
func (w *World) definition(t *sources.Table) any {
	if d, ok := w.Definitions[[2]string{t.SchemaName, t.TableName}]; ok && t.ServerName == w.Home {
		return d
	}
	return nil
}

func viewsRows(w *World, f *filler) {
	f.columns("schemaname viewname viewowner definition")
	for _, t := range w.Tables {
		if relkind(t.Type) == "v" {
			f.add(w.schemaName(t.ServerName, t.SchemaName), t.TableName, Owner, w.definition(t))
		}
	}
}

func matviewRows(w *World, f *filler) {
	f.columns("schemaname matviewname matviewowner hasindexes ispopulated")
	for _, t := range w.Tables {
		if relkind(t.Type) == "m" {
			f.add(w.schemaName(t.ServerName, t.SchemaName), t.TableName, Owner, false, true)
		}
	}
}

// key is a primary key, a unique or a foreign key of a table. foreign is nil but for the last.
type key struct {
	name       string
	primary    bool
	columns    []string
	foreign    *sources.ForeignKey
	constraint int64
	index      int64
}

// keys are a table's primary key and unique keys. Discovery does not tell their names: they are called as PostgreSQL
// would call them.
func (w *World) keys(t *sources.Table) []key {
	var out []key
	add := func(name string, primary bool, columns []string) {
		out = append(out, key{
			name: name, primary: primary, columns: columns,
			constraint: w.OIDs.Of(Object{Constraint, t.ServerName, t.SchemaName, t.TableName, name}),
			index:      w.OIDs.Of(Object{Index, t.ServerName, t.SchemaName, t.TableName, name}),
		})
	}
	if len(t.PrimaryKey) > 0 {
		add(t.TableName+"_pkey", true, t.PrimaryKey)
	}
	for _, u := range t.Unique {
		if !slices.Equal(u, t.PrimaryKey) {
			add(t.TableName+"_"+strings.Join(u, "_")+"_key", false, u)
		}
	}
	return out
}

// constraints are a table's keys and foreign keys.
func (w *World) constraints(t *sources.Table) []key {
	out := w.keys(t)
	for i := range t.Foreign {
		fk := &t.Foreign[i]
		name := fk.Name
		if name == "" {
			name = t.TableName + "_" + strings.Join(fk.Columns, "_") + "_fkey"
		}
		out = append(out, key{
			name: name, columns: fk.Columns, foreign: fk,
			constraint: w.OIDs.Of(Object{Constraint, t.ServerName, t.SchemaName, t.TableName, name}),
		})
	}
	return out
}

func (k *key) letter() string {
	switch {
	case k.foreign != nil:
		return "f"
	case k.primary:
		return "p"
	}
	return "u"
}

// numbers are the positions of columns in a table, from 1.
func numbers(t *sources.Table, columns []string) []any {
	out := make([]any, 0, len(columns))
	for _, c := range columns {
		out = append(out, int64(t.Column(c)+1))
	}
	return out
}

func (w *World) table(server, schema, name string) *sources.Table {
	for _, t := range w.Tables {
		if t.ServerName == server && t.SchemaName == schema && t.TableName == name {
			return t
		}
	}
	return nil
}

// actions are pg_constraint's letters of a foreign key's rules.
var actions = map[string]string{"NO ACTION": "a", "RESTRICT": "r", "CASCADE": "c", "SET NULL": "n", "SET DEFAULT": "d"}

func action(rule string) string {
	if a := actions[strings.ToUpper(rule)]; a != "" {
		return a
	}
	return "a"
}

func constraintRows(w *World, f *filler) {
	f.columns("oid conname connamespace contype convalidated conrelid conindid confrelid confupdtype confdeltype confmatchtype" +
		" conislocal connoinherit conkey confkey")
	for _, t := range w.Tables {
		ns, rel := w.OIDs.NamespaceOID(t.ServerName, t.SchemaName), w.OIDs.classOf(t)
		for _, k := range w.constraints(t) {
			target, update, del, match, refs := int64(0), " ", " ", " ", any(nil)
			if fk := k.foreign; fk != nil {
				target = w.OIDs.ClassOID(t.ServerName, fk.RefSchema, fk.RefTable)
				update, del, match = action(fk.UpdateRule), action(fk.DelRule), "s"
				if ref := w.table(t.ServerName, fk.RefSchema, fk.RefTable); ref != nil {
					refs = numbers(ref, fk.RefColumns)
				}
			}
			f.add(k.constraint, k.name, ns, k.letter(), true, rel, k.index, target, update, del, match, true, true, numbers(t, k.columns), refs)
		}
	}
}

func indexRows(w *World, f *filler) {
	f.columns("indexrelid indrelid indnatts indnkeyatts indisunique indisprimary indimmediate indisvalid indisready indislive" +
		" indkey indcollation indclass indoption")
	for _, t := range w.Tables {
		for _, k := range w.keys(t) {
			n := int64(len(k.columns))
			zeros := make([]any, n)
			for i := range zeros {
				zeros[i] = int64(0)
			}
			f.add(k.index, w.OIDs.classOf(t), n, n, true, k.primary, true, true, true, true, numbers(t, k.columns), zeros, zeros, zeros)
		}
	}
}

func indexesRows(w *World, f *filler) {
	f.columns("schemaname tablename indexname indexdef")
	for _, t := range w.Tables {
		for _, k := range w.keys(t) {
			f.add(w.schemaName(t.ServerName, t.SchemaName), t.TableName, k.name, w.indexDefinition(&k, w.fullName(t.ServerName, t.SchemaName, t.TableName)))
		}
	}
}

func (w *World) indexDefinition(k *key, table string) string {
	return "CREATE UNIQUE INDEX " + quoted(k.name) + " ON " + table + " USING btree (" + quotedList(k.columns) + ")"
}
