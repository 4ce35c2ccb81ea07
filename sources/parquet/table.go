package parquet

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// detail is a table's Detail: the files that it had when it was described, and the columns that come from folder names.
type detail struct {
	files []dataFile
	keys  []string // the last columns of the table
}

// describeTable merges the schemas of a table's files: columns by name, in the order of their first appearance, then
// those of the folders' key=value names, which win over columns of that name in the files.
func describeTable(server, name string, files []dataFile, footers []*footer) (*sources.Table, error) {
	t := &sources.Table{ServerName: server, SchemaName: schemaName, TableName: name, Type: sources.BaseTable}
	keys, err := partitionKeys(name, files)
	if err != nil {
		return nil, err
	}
	first := map[string]int{} // the file that a column was first met in
	seen := map[string]int{}
	for i, f := range footers {
		for _, fl := range f.fields {
			if slices.Contains(keys, fl.name) {
				continue
			}
			at, ok := seen[fl.name]
			if !ok {
				seen[fl.name], first[fl.name] = len(t.Cols), i
				t.Cols = append(t.Cols, plan.TableColumn{Name: fl.name, Type: fl.typ, Nullable: fl.optional || i > 0})
				continue
			}
			wide, ok := merge(t.Cols[at].Type, fl.typ)
			if !ok {
				return nil, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q of table %s is %s in file %q and %s in file %q",
					fl.name, name, t.Cols[at].Type, files[first[fl.name]].path, fl.typ, files[i].path).
					WithHint("the files of one table must have compatible schemas; move the files apart")
			}
			t.Cols[at].Type, t.Cols[at].Nullable = wide, t.Cols[at].Nullable || fl.optional
		}
		for c := range t.Cols {
			t.Cols[c].Nullable = t.Cols[c].Nullable || f.field(t.Cols[c].Name) == nil
		}
		t.RowCount += float64(f.file.NumRows())
	}
	summarize(t, footers)
	for _, k := range keys {
		t.Cols = append(t.Cols, partitionColumn(k, files))
	}
	t.Detail = &detail{files: files, keys: keys}
	return t, checkNames(t)
}

func checkNames(t *sources.Table) error {
	seen := map[string]bool{}
	for _, c := range t.Cols {
		if seen[c.Name] {
			return sqlerr.New(sqlerr.DuplicateColumn, "table %s has two columns %q", t.TableName, c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// field is the file's column of a name, nil when it has none.
func (f *footer) field(name string) *field {
	for _, fl := range f.fields {
		if fl.name == name {
			return fl
		}
	}
	return nil
}

// merge is the type that values of both types have without loss; false when there is none.
func merge(a, b *types.Type) (*types.Type, bool) {
	switch {
	case types.Equal(a, b):
		return a, true
	case widens(a, b):
		return b, true
	case widens(b, a):
		return a, true
	case a.Kind == types.Array && b.Kind == types.Array:
		elem, ok := merge(a.Elem, b.Elem)
		if !ok {
			return nil, false
		}
		return types.ArrayOf(elem), true
	case a.Kind == types.Record && b.Kind == types.Record && len(a.Fields) == len(b.Fields):
		parts := make([]types.Field, len(a.Fields))
		for i := range parts {
			t, ok := merge(a.Fields[i].Type, b.Fields[i].Type)
			if !ok || a.Fields[i].Name != b.Fields[i].Name {
				return nil, false
			}
			parts[i] = types.Field{Name: a.Fields[i].Name, Type: t}
		}
		return types.RecordOf(parts), true
	}
	return nil, false
}

// widens says whether every value of from is one of to.
func widens(from, to *types.Type) bool {
	rank := map[types.Kind]int{types.Int2: 1, types.Int4: 2, types.Int8: 3}
	if r, s := rank[from.Kind], rank[to.Kind]; r > 0 && s > 0 {
		return r <= s
	}
	if from.Kind == types.Numeric && to.Kind == types.Numeric {
		return from.Scale == to.Scale && from.Precision <= to.Precision && to.NumericStorage() != types.VarNumeric
	}
	return from.Kind == types.Float4 && to.Kind == types.Float8
}

// partitionKeys are the keys of the folders, which every file must have alike.
func partitionKeys(table string, files []dataFile) ([]string, error) {
	var keys []string
	for i, f := range files {
		own := make([]string, len(f.keys))
		for j, k := range f.keys {
			own[j] = k.key
		}
		if i == 0 {
			keys = own
		}
		if !slices.Equal(own, keys) {
			return nil, sqlerr.New(sqlerr.FDWSchemaMismatch,
				"the folders of table %s name different keys: %v for file %q, %v for file %q", table, keys, files[0].path, own, f.path)
		}
	}
	return keys, nil
}

// partitionColumn types a key by all its values: bigint if each is one as bigint prints it, else date, else text.
func partitionColumn(key string, files []dataFile) plan.TableColumn {
	c := plan.TableColumn{Name: key, Type: types.Int8T}
	distinct := map[string]bool{}
	nulls, whole, days := 0, true, true
	for _, f := range files {
		p := f.key(key)
		if p.null {
			nulls++
			continue
		}
		distinct[p.value] = true
		n, err := strconv.ParseInt(p.value, 10, 64)
		whole = whole && err == nil && strconv.FormatInt(n, 10) == p.value
		_, ok := partitionDate(p.value)
		days = days && ok
	}
	switch {
	case whole && len(distinct) > 0:
	case days && len(distinct) > 0:
		c.Type = types.DateT
	default:
		c.Type = types.TextT
	}
	c.Nullable, c.Distinct = nulls > 0, float64(len(distinct))
	c.NullFraction = float64(nulls) / float64(max(len(files), 1))
	return c
}

func (f dataFile) key(name string) partition {
	for _, k := range f.keys {
		if k.key == name {
			return k
		}
	}
	return partition{key: name, null: true}
}

func partitionDate(s string) (int64, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	v, err := datum.Parse(types.DateT, s, time.UTC)
	d, ok := v.(int64)
	return d, ok && err == nil
}

// partitionValue is the datum of a partition's value, nil for NULL.
func partitionValue(p partition, t *types.Type) (any, error) {
	if p.null {
		return nil, nil
	}
	switch t.Kind {
	case types.Int8:
		n, err := strconv.ParseInt(p.value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("folder %s=%s: %w", p.key, p.value, err)
		}
		return n, nil
	case types.Date:
		d, ok := partitionDate(p.value)
		if !ok {
			return nil, fmt.Errorf("folder %s=%s is no date", p.key, p.value)
		}
		return d, nil
	}
	return p.value, nil
}
