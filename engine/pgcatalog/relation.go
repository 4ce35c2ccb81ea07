package pgcatalog

import (
	_ "embed" // the shapes of the relations and the rows of built-in types
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// The schemas of system relations.
const (
	Catalog           = "pg_catalog"
	InformationSchema = "information_schema"
)

// Relation is one system relation: its columns, and how its rows are made. Immutable, safe for concurrent use.
type Relation struct {
	Schema, Name string
	Columns      []plan.TableColumn
	depth        Depth
	rows         func(w *World, f *filler)
	defaults     []any
	ordinals     map[string]int
}

// Depth is how much of the catalog's tables the rows of a relation are made of.
type Depth uint8

// The depths: nothing of the tables of sources, their names and kinds, or their columns and keys too.
const (
	Nothing Depth = iota
	Names
	Columns
)

// shapes has a line per relation: its name, and the names and types of its columns, with "!" behind the type where the
// column has no NULLs. It is what PostgreSQL 15 says of them, domains being their base types.
//
//go:embed shapes.txt
var shapes string

// relations are the relations by schema and name; PostgreSQL's that have no rows here have no entry in contents.
var relations = parseShapes(shapes)

func parseShapes(text string) map[[2]string]*Relation {
	out := map[[2]string]*Relation{}
	for line := range strings.Lines(text) {
		name, cols, _ := strings.Cut(strings.TrimSpace(line), " ")
		schema, rel, _ := strings.Cut(name, ".")
		r := &Relation{Schema: schema, Name: rel, ordinals: map[string]int{}}
		for i, c := range strings.Split(cols, ", ") {
			col, typ, _ := strings.Cut(c, " ")
			bare, required := strings.CutSuffix(typ, "!")
			t := shapeType(bare)
			r.Columns = append(r.Columns, plan.TableColumn{Name: strings.Trim(col, `"`), Type: t, Nullable: !required})
			r.ordinals[strings.Trim(col, `"`)] = i
			r.defaults = append(r.defaults, zero(t, required))
		}
		if c, ok := contents[name]; ok {
			r.depth, r.rows = c.depth, c.rows
		}
		out[[2]string{schema, rel}] = r
	}
	return out
}

// standIns are the types that the engine reads instead of types that it does not have: functions and expressions are
// their text, vectors are arrays.
var standIns = map[string]*types.Type{
	"regproc": types.TextT, "regtype": types.TextT, "pg_node_tree": types.TextT, "anyarray": types.TextT,
	"pg_lsn": types.TextT, "xid": types.Int8T, "_aclitem": types.ArrayOf(types.TextT), "_regtype": types.ArrayOf(types.TextT),
	"int2vector": types.ArrayOf(types.Int2T), "oidvector": types.ArrayOf(types.OIDT),
}

func shapeType(name string) *types.Type {
	if t := standIns[name]; t != nil {
		return t
	}
	base, mod, ok := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	t := types.ByName(base)
	if t == nil {
		panic("pgcatalog: no type " + name)
	}
	if !ok {
		return t
	}
	n, err := strconv.Atoi(mod)
	if err != nil {
		panic("pgcatalog: type " + name)
	}
	if t.Kind == types.Varchar {
		return types.VarcharOf(int32(n))
	}
	return t.WithMod(int32(n))
}

// zero is what a column has that a row says nothing of: NULL where it may.
func zero(t *types.Type, required bool) any {
	if !required {
		return nil
	}
	switch t.Kind {
	case types.Bool:
		return false
	case types.Float4, types.Float8:
		return float64(0)
	case types.Array:
		return []any{}
	case types.Bytea:
		return []byte{}
	}
	if t.IsInteger() {
		return int64(0)
	}
	return ""
}

// Find is a system relation, nil when there is none of that name.
func Find(schema, name string) *Relation { return relations[[2]string{schema, name}] }

// All are the system relations, ordered by schema and name.
func All() []*Relation {
	out := make([]*Relation, 0, len(relations))
	for _, r := range relations {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *Relation) int { return strings.Compare(a.Schema+"."+a.Name, b.Schema+"."+b.Name) })
	return out
}

// Rows are the relation's rows as datums.
func (r *Relation) Rows(w *World) [][]any {
	f := &filler{relation: r}
	if r.rows != nil {
		r.rows(w, f)
	}
	return f.out
}

// filler collects rows that name the columns that they have values for.
type filler struct {
	relation *Relation
	at       []int
	out      [][]any
}

// columns says which columns add gives, names being separated by spaces.
func (f *filler) columns(names string) {
	f.at = f.at[:0]
	for name := range strings.FieldsSeq(names) {
		i, ok := f.relation.ordinals[name]
		if !ok {
			panic(fmt.Sprintf("pgcatalog: %s has no column %s", f.relation.Name, name))
		}
		f.at = append(f.at, i)
	}
}

// add is a row; columns that are not given have their defaults.
func (f *filler) add(values ...any) {
	if len(values) != len(f.at) {
		panic(fmt.Sprintf("pgcatalog: %d values for %d columns of %s", len(values), len(f.at), f.relation.Name))
	}
	row := slices.Clone(f.relation.defaults)
	for i, v := range values {
		row[f.at[i]] = v
	}
	f.out = append(f.out, row)
}

// content is how the rows of a relation are made.
type content struct {
	depth Depth
	rows  func(w *World, f *filler)
}
