package parquet

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// detail is a table's Detail: the files that it had when it was described, and where its columns come from.
type detail struct {
	path    string // option path of the declaration; "" for the files of the table's name
	files   []dataFile
	origins []origin // parallel to the table's columns
}

// describeTable merges the schemas of a table's files: columns by name, in the order of their first appearance, then
// those of the folders' key=value names, which win over columns of that name in the files. A declaration, if there is
// one, chooses among them.
func describeTable(t *sources.Table, declared *sources.Table, files []dataFile, footers []*footer) error {
	keys, err := partitionKeys(t.TableName, files)
	if err != nil {
		return err
	}
	columns := foundColumns(keys, footers)
	d := &detail{files: files}
	if declared != nil {
		if columns, err = declare(t, declared, columns); err != nil {
			return err
		}
		d.path = declared.Options[pathOption]
	}
	t.RowCount = 0
	for _, f := range footers {
		t.RowCount += float64(f.file.NumRows())
	}
	for _, w := range columns {
		c, err := w.column(t.TableName, files, footers)
		if err != nil {
			return err
		}
		t.Cols, d.origins = append(t.Cols, c), append(d.origins, w.origin)
	}
	t.Detail = d
	summarize(t, footers)
	estimateDistinct(t, footers)
	return checkNames(t)
}

// foundColumns are the columns that the files and folders have.
func foundColumns(keys []string, footers []*footer) []wanted {
	var out []wanted
	seen := map[string]int{}
	for i, f := range footers {
		for _, fl := range f.fields {
			if slices.Contains(keys, fl.name) {
				continue
			}
			at, ok := seen[fl.name]
			if !ok || f.field(fl.name) != fl { // the second of one name in a file is an error later
				at, seen[fl.name] = len(out), len(out)
				out = append(out, wanted{name: fl.name, origin: origin{name: fl.name}, nullable: i > 0})
			}
			out[at].nullable = out[at].nullable || fl.optional
		}
		for c := range out {
			out[c].nullable = out[c].nullable || f.field(out[c].name) == nil
		}
	}
	for _, k := range keys {
		out = append(out, wanted{name: k, origin: origin{name: k, key: true}})
	}
	return out
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
	case types.Int2, types.Int4, types.Int8:
		bits := map[types.Kind]int{types.Int2: 16, types.Int4: 32, types.Int8: 64}[t.Kind]
		n, err := strconv.ParseInt(p.value, 10, bits)
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
	if n := t.Length(); n >= 0 && utf8.RuneCountInString(p.value) > int(n) {
		return nil, tooLong(t)
	}
	return p.value, nil
}
