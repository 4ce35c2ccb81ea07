package pgcatalog

import (
	"slices"
	"strconv"

	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func catalogNameRows(w *World, f *filler) {
	f.columns("catalog_name")
	f.add(w.Current)
}

func schemataRows(w *World, f *filler) {
	f.columns("catalog_name schema_name schema_owner")
	for _, s := range w.schemas() {
		f.add(s[0], s[1], Owner)
	}
}

// tableType is information_schema's word: materialized views are not the standard's, and PostgreSQL leaves them out.
func tableType(t *sources.Table) string {
	switch relkind(t.Type) {
	case "v":
		return "VIEW"
	case "f":
		return "FOREIGN"
	case "m":
		return ""
	}
	return "BASE TABLE"
}

func tableRows(w *World, f *filler) {
	f.columns("table_catalog table_schema table_name table_type is_insertable_into is_typed")
	for _, t := range w.Tables {
		if kind := tableType(t); kind != "" {
			f.add(t.ServerName, t.SchemaName, t.TableName, kind, "NO", "NO")
		}
	}
}

func viewRows(w *World, f *filler) {
	f.columns("table_catalog table_schema table_name view_definition check_option is_updatable is_insertable_into" +
		" is_trigger_updatable is_trigger_deletable is_trigger_insertable_into")
	for _, t := range w.Tables {
		if tableType(t) == "VIEW" {
			f.add(t.ServerName, t.SchemaName, t.TableName, w.definition(t), "NONE", "NO", "NO", "NO", "NO", "NO")
		}
	}
}

// facts are what information_schema.columns says of a type (its _pg_char_max_length, _pg_numeric_precision and so on).
type facts struct{ dataType, length, octets, precision, radix, scale, datetime any }

func factsOf(t *types.Type) facts {
	f := facts{dataType: t.WithMod(-1).String()}
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8:
		bits := map[types.Kind]int64{types.Int2: 16, types.Int4: 32, types.Int8: 64}
		f.precision, f.radix, f.scale = bits[t.Kind], int64(2), int64(0)
	case types.Float4:
		f.precision, f.radix = int64(24), int64(2)
	case types.Float8:
		f.precision, f.radix = int64(53), int64(2)
	case types.Numeric:
		f.radix = int64(10)
		if t.Mod >= 4 {
			f.precision, f.scale = int64((t.Mod-4)>>16&0xffff), int64(((t.Mod-4)&0x7ff^1024)-1024)
		}
	case types.Text:
		f.octets = int64(1 << 30)
	case types.Varchar, types.Bpchar:
		f.octets = int64(1 << 30)
		if n := t.Length(); n >= 0 {
			f.length, f.octets = int64(n), min(int64(n)*4, 1<<30)
		}
	case types.Bit:
		if t.Mod >= 0 {
			f.length = int64(t.Mod)
		}
	case types.Date:
		f.datetime = int64(0)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		f.datetime = int64(6)
		if t.Mod >= 0 && t.Mod <= 6 {
			f.datetime = int64(t.Mod)
		}
	case types.Array:
		f.dataType = "ARRAY"
	case types.Enum, types.Composite, types.Record:
		f.dataType = "USER-DEFINED"
	case types.Range:
		if t.OID == 0 {
			f.dataType = "USER-DEFINED"
		}
	}
	return f
}

func columnRows(w *World, f *filler) {
	f.columns("table_catalog table_schema table_name column_name ordinal_position is_nullable data_type character_maximum_length" +
		" character_octet_length numeric_precision numeric_precision_radix numeric_scale datetime_precision udt_catalog udt_schema" +
		" udt_name dtd_identifier is_self_referencing is_identity identity_cycle is_generated is_updatable")
	for _, t := range w.Tables {
		if tableType(t) == "" {
			continue
		}
		for i, c := range t.Cols {
			x := factsOf(c.Type)
			u := userType{server: t.ServerName, typ: c.Type}
			name, schema := u.name(), Catalog
			if w.OIDs.TypeOID(t.ServerName, c.Type) >= FirstOID {
				schema = u.schema()
			}
			nullable := "NO"
			if c.Nullable {
				nullable = "YES"
			}
			f.add(t.ServerName, t.SchemaName, t.TableName, c.Name, int64(i+1), nullable, x.dataType, x.length, x.octets, x.precision,
				x.radix, x.scale, x.datetime, t.ServerName, schema, name, strconv.Itoa(i+1), "NO", "NO", "NO", "NEVER", "NO")
		}
	}
}

func elementTypeRows(w *World, f *filler) {
	f.columns("object_catalog object_schema object_name object_type collection_type_identifier data_type udt_catalog udt_schema" +
		" udt_name dtd_identifier")
	for _, t := range w.Tables {
		for i, c := range t.Cols {
			if c.Type.Kind != types.Array {
				continue
			}
			u := userType{server: t.ServerName, typ: c.Type.Elem}
			schema, kind := Catalog, "TABLE"
			if w.OIDs.TypeOID(t.ServerName, c.Type.Elem) >= FirstOID {
				schema = u.schema()
			}
			if tableType(t) == "VIEW" {
				kind = "VIEW"
			}
			f.add(t.ServerName, t.SchemaName, t.TableName, kind, strconv.Itoa(i+1), factsOf(c.Type.Elem).dataType, t.ServerName, schema, u.name(), "a"+strconv.Itoa(i+1))
		}
	}
}

var constraintWords = map[string]string{"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY"}

func tableConstraintRows(w *World, f *filler) {
	f.columns("constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name constraint_type is_deferrable" +
		" initially_deferred enforced nulls_distinct")
	for _, t := range w.Tables {
		for _, k := range w.constraints(t) {
			var distinct any
			if k.letter() == "u" {
				distinct = "YES"
			}
			f.add(t.ServerName, t.SchemaName, k.name, t.ServerName, t.SchemaName, t.TableName, constraintWords[k.letter()], "NO", "NO", "YES", distinct)
		}
	}
}

func keyColumnRows(w *World, f *filler) {
	f.columns("constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name column_name ordinal_position" +
		" position_in_unique_constraint")
	for _, t := range w.Tables {
		for _, k := range w.constraints(t) {
			for i, c := range k.columns {
				var position any
				if k.foreign != nil {
					position = w.referencedPosition(t, k.foreign, i)
				}
				f.add(t.ServerName, t.SchemaName, k.name, t.ServerName, t.SchemaName, t.TableName, c, int64(i+1), position)
			}
		}
	}
}

// referenced is the key that a foreign key refers to, nil when its table is not known.
func (w *World) referenced(t *sources.Table, fk *sources.ForeignKey) *key {
	ref := w.table(t.ServerName, fk.RefSchema, fk.RefTable)
	if ref == nil {
		return nil
	}
	for _, k := range w.keys(ref) {
		if len(k.columns) == len(fk.RefColumns) && !slices.ContainsFunc(fk.RefColumns, func(c string) bool { return !slices.Contains(k.columns, c) }) {
			return &k
		}
	}
	return nil
}

func (w *World) referencedPosition(t *sources.Table, fk *sources.ForeignKey, i int) any {
	if k := w.referenced(t, fk); k != nil && i < len(fk.RefColumns) {
		return int64(slices.Index(k.columns, fk.RefColumns[i]) + 1)
	}
	return nil
}

func referentialRows(w *World, f *filler) {
	f.columns("constraint_catalog constraint_schema constraint_name unique_constraint_catalog unique_constraint_schema" +
		" unique_constraint_name match_option update_rule delete_rule")
	for _, t := range w.Tables {
		for _, k := range w.constraints(t) {
			if k.foreign == nil {
				continue
			}
			var catalog, schema, name any
			if r := w.referenced(t, k.foreign); r != nil {
				catalog, schema, name = t.ServerName, k.foreign.RefSchema, r.name
			}
			f.add(t.ServerName, t.SchemaName, k.name, catalog, schema, name, "NONE", rule(k.foreign.UpdateRule), rule(k.foreign.DelRule))
		}
	}
}

// rule is a foreign key's rule in the words of information_schema.
func rule(r string) string {
	for word, letter := range actions {
		if letter == action(r) {
			return word
		}
	}
	return "NO ACTION"
}

// usage calls f for each constraint and the table and columns that it is about: a foreign key's are those it refers to.
func (w *World) usage(f func(t *sources.Table, name, schema, table string, columns []string)) {
	for _, t := range w.Tables {
		for _, k := range w.constraints(t) {
			if fk := k.foreign; fk != nil {
				f(t, k.name, fk.RefSchema, fk.RefTable, fk.RefColumns)
			} else {
				f(t, k.name, t.SchemaName, t.TableName, k.columns)
			}
		}
	}
}

func constraintColumnRows(w *World, f *filler) {
	f.columns("table_catalog table_schema table_name column_name constraint_catalog constraint_schema constraint_name")
	w.usage(func(t *sources.Table, name, schema, table string, columns []string) {
		for _, c := range columns {
			f.add(t.ServerName, schema, table, c, t.ServerName, t.SchemaName, name)
		}
	})
}

func constraintTableRows(w *World, f *filler) {
	f.columns("table_catalog table_schema table_name constraint_catalog constraint_schema constraint_name")
	w.usage(func(t *sources.Table, name, schema, table string, _ []string) {
		f.add(t.ServerName, schema, table, t.ServerName, t.SchemaName, name)
	})
}

// grantRows fills table_privileges and role_table_grants: every role reads everything.
func grantRows(w *World, f *filler) {
	f.columns("grantor grantee table_catalog table_schema table_name privilege_type is_grantable with_hierarchy")
	for _, t := range w.Tables {
		if tableType(t) != "" {
			f.add(Owner, w.Role, t.ServerName, t.SchemaName, t.TableName, "SELECT", "NO", "YES")
		}
	}
}

func enabledRoleRows(w *World, f *filler) {
	f.columns("role_name")
	f.add(w.Role)
}

func characterSetRows(w *World, f *filler) {
	f.columns("character_set_name character_repertoire form_of_use default_collate_catalog default_collate_schema default_collate_name")
	f.add("UTF8", "UCS", "UTF8", w.Current, Catalog, "C")
}
