package pgcatalog

import (
	"slices"
	"strings"

	"github.com/skeinsql/skein/sources"
)

// Definitions are what pg_get_constraintdef and pg_get_indexdef say of keys, and comments of relations, by identifier.
type Definitions struct {
	Constraints map[int64]string
	Indexes     map[int64]string
	// PrettyIndexes name tables of the search path without their schemas.
	PrettyIndexes map[int64]string
	// IndexColumns are the columns of indexes.
	IndexColumns map[int64][]string
	Comments     map[int64]string
}

// Describe makes the definitions of what the world knows.
func (w *World) Describe() *Definitions {
	d := &Definitions{
		Constraints: map[int64]string{}, PrettyIndexes: map[int64]string{}, Indexes: map[int64]string{}, IndexColumns: map[int64][]string{}, Comments: map[int64]string{},
	}
	for _, t := range w.Tables {
		if t.Comment != "" {
			d.Comments[w.OIDs.classOf(t)] = t.Comment
		}
		for _, k := range w.constraints(t) {
			d.Constraints[k.constraint] = w.constraintDefinition(t, &k)
			if k.foreign == nil {
				d.Indexes[k.index] = w.indexDefinition(&k, w.fullName(t.ServerName, t.SchemaName, t.TableName))
				d.PrettyIndexes[k.index] = w.indexDefinition(&k, w.relationName(t.ServerName, t.SchemaName, t.TableName))
				d.IndexColumns[k.index] = k.columns
			}
		}
	}
	return d
}

func (w *World) constraintDefinition(t *sources.Table, k *key) string {
	fk := k.foreign
	if fk == nil {
		return constraintWords[k.letter()] + " (" + quotedList(k.columns) + ")"
	}
	var b strings.Builder
	b.WriteString("FOREIGN KEY (" + quotedList(k.columns) + ") REFERENCES " + w.relationName(t.ServerName, fk.RefSchema, fk.RefTable) +
		"(" + quotedList(fk.RefColumns) + ")")
	if r := rule(fk.UpdateRule); r != "NO ACTION" {
		b.WriteString(" ON UPDATE " + r)
	}
	if r := rule(fk.DelRule); r != "NO ACTION" {
		b.WriteString(" ON DELETE " + r)
	}
	return b.String()
}

func (w *World) fullName(catalog, schema, name string) string {
	return quoted(w.schemaName(catalog, schema)) + "." + quoted(name)
}

// relationName is a relation's name, qualified where it is not on the search path.
func (w *World) relationName(catalog, schema, name string) string {
	if slices.Contains(w.Path, [2]string{catalog, schema}) {
		return quoted(name)
	}
	return w.fullName(catalog, schema, name)
}

// Quote is an identifier as SQL has to write it.
func Quote(name string) string { return quoted(name) }

// WellKnown is the relation of pg_catalog whose identifier PostgreSQL fixes.
func WellKnown(oid int64) (name string, ok bool) {
	for name, n := range wellKnown {
		if n == oid {
			return name, true
		}
	}
	return "", false
}

// BuiltinName is the name of a base or pseudo-type of PostgreSQL.
func BuiltinName(oid int64) (name string, ok bool) {
	b, ok := builtinTypes[oid]
	if !ok {
		return "", false
	}
	if name, isArray := strings.CutPrefix(b.fields[1], "_"); isArray {
		return name + "[]", true
	}
	return b.fields[1], true
}
