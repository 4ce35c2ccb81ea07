package parquet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Options of declared tables and of their columns.
const (
	pathOption       = "path"        // of a table: its files, below the server's folder
	columnNameOption = "column_name" // of a column: its name in the files
	typeOption       = "type"        // of a column: ALTER FOREIGN TABLE … ALTER COLUMN … TYPE of a table without columns
)

// origin is where a table's column comes from: the files' column of a name, or the key of key=value folders.
type origin struct {
	name string
	key  bool
}

// wanted is a column that a table is to have.
type wanted struct {
	name     string
	origin   origin
	typ      *types.Type // as declared; nil for what the files say
	nullable bool        // NULL is allowed, as far as the declaration goes
}

// invalidOption refuses an option that whom ("server lake") does not have.
func invalidOption(whom, option string, known ...string) error {
	err := sqlerr.New("HV00D", "%s has an option %q, which Parquet files do not know", whom, option)
	if near := nearest(option, known); near != "" {
		return err.WithHint("did you mean %s? There are: %s", near, strings.Join(known, ", "))
	}
	return err.WithHint("there are: %s", strings.Join(known, ", "))
}

// nearest is the known name with the fewest edits, "" when none is near.
func nearest(name string, known []string) string {
	best, least := "", len(name)/2+1
	for _, k := range known {
		if d := edits(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two names, by bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

// declare is the columns that a declaration asks for, of a table whose files have those of found. Without columns of its
// own it changes those that were found.
func declare(t *sources.Table, d *sources.Table, found []wanted) ([]wanted, error) {
	t.Type, t.Comment = sources.ForeignTable, d.Comment
	t.PrimaryKey, t.Unique = d.PrimaryKey, d.Unique
	t.Options, t.ColumnOptions = maps.Clone(d.Options), map[string]map[string]string{}
	whom := "table " + t.ServerName + "." + t.SchemaName + "." + t.TableName
	for option := range d.Options {
		if option != pathOption {
			return nil, invalidOption(whom, option, pathOption)
		}
	}
	out := slices.Clone(found)
	if len(d.Cols) > 0 {
		out = out[:0]
		for _, c := range d.Cols {
			out = append(out, wanted{name: c.Name, origin: originOf(c.Name, found), typ: c.Type, nullable: c.Nullable})
		}
	} else {
		t.Type = sources.BaseTable
	}
	for name, options := range d.ColumnOptions {
		i := slices.IndexFunc(out, func(w wanted) bool { return w.name == name })
		if i < 0 {
			return nil, noColumn(fmt.Sprintf("%s has no column %q, which has options", whom, name), name, found)
		}
		t.ColumnOptions[name] = maps.Clone(options)
		for option, value := range options {
			switch {
			case option == columnNameOption:
				out[i].origin = originOf(value, found)
				if len(d.Cols) == 0 {
					out[i].nullable = true // what was found is true of the column that was found
				}
			case option == typeOption && len(d.Cols) == 0:
				typ, err := typeNamed(value)
				if err != nil {
					return nil, err
				}
				out[i].typ = typ
			default:
				return nil, invalidOption(fmt.Sprintf("column %q of %s", name, whom), option, columnNameOption)
			}
		}
	}
	for _, w := range out {
		if !slices.ContainsFunc(found, func(f wanted) bool { return f.origin == w.origin }) {
			return nil, noColumn(fmt.Sprintf("no file of %s has a column %q, which is declared", whom, w.origin.name), w.origin.name, found)
		}
	}
	return out, nil
}

// originOf is what a name means in the files.
func originOf(name string, found []wanted) origin {
	for _, f := range found {
		if f.origin.name == name {
			return f.origin
		}
	}
	return origin{name: name}
}

func noColumn(message, name string, found []wanted) error {
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = f.origin.name
	}
	err := sqlerr.New(sqlerr.FDWSchemaMismatch, "%s", message)
	if near := nearest(name, names); near != "" {
		return err.WithHint("did you mean %q? OPTIONS (column_name '…') gives a column another name than the files", near)
	}
	return err.WithHint("its columns are %s", strings.Join(names, ", "))
}

// fit is the type that a column declared d has when its values are of type f in a file; false when the values cannot be
// had as d without a conversion that could fail or lose something.
func fit(d, f *types.Type) (*types.Type, bool) {
	switch d.Kind {
	case types.Array:
		if f.Kind != types.Array {
			return nil, false
		}
		elem := d.Elem
		if f.Elem.Kind == types.Array && elem.Kind != types.Array {
			elem = d // SQL's array types do not count dimensions
		}
		got, ok := fit(elem, f.Elem)
		if !ok {
			return nil, false
		}
		return types.ArrayOf(got), true
	case types.Composite, types.Record:
		return fitFields(d, f)
	case types.Text, types.Varchar:
		return d, f.Kind == types.Text || f.Kind == types.JSON || f.Kind == types.Bytea
	}
	return d, types.Equal(d, f) || widens(f, d)
}

func fitFields(d, f *types.Type) (*types.Type, bool) {
	if f.Kind != types.Record || len(d.Fields) != len(f.Fields) {
		return nil, false
	}
	out := *d
	out.Fields = slices.Clone(d.Fields)
	for i := range out.Fields {
		t, ok := fit(d.Fields[i].Type, f.Fields[i].Type)
		if !ok || d.Fields[i].Name != f.Fields[i].Name {
			return nil, false
		}
		out.Fields[i].Type = t
	}
	return &out, true
}

// sqlNames are SQL's spellings of types, beside PostgreSQL's internal names.
var sqlNames = map[string]*types.Type{
	"boolean": types.BoolT, "smallint": types.Int2T, "integer": types.Int4T, "int": types.Int4T, "bigint": types.Int8T,
	"real": types.Float4T, "double precision": types.Float8T, "decimal": types.NumericT, "character varying": types.VarcharT,
	"timestamp with time zone": types.TimestampTZT, "timestamp without time zone": types.TimestampT,
	"time without time zone": types.TimeT,
}

// typeNamed reads a built-in type as format_type writes it.
func typeNamed(s string) (*types.Type, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		t, err := typeNamed(elem)
		if err != nil || t.Kind == types.Array {
			return t, err
		}
		return types.ArrayOf(t), nil
	}
	base, modifiers, _ := strings.Cut(name, "(")
	base = strings.TrimSpace(base)
	if t := sqlNames[base]; t != nil {
		base = t.Name
	}
	var mods []int32
	for _, m := range strings.FieldsFunc(modifiers, func(r rune) bool { return strings.ContainsRune(" ,)", r) }) {
		var n int32
		if _, err := fmt.Sscanf(m, "%d", &n); err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "type %q has modifiers that are not numbers", s)
		}
		mods = append(mods, n)
	}
	if t, ok := types.Resolve(base, mods); ok && t != nil {
		return t, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist or has other modifiers", s)
}

// column settles one column over all files: its type, and whether it can be NULL.
func (w wanted) column(table string, files []dataFile, footers []*footer) (plan.TableColumn, error) {
	c := plan.TableColumn{Name: w.name, Nullable: w.nullable}
	if w.origin.key {
		return w.keyColumn(files)
	}
	first := -1
	for i, f := range footers {
		fl := f.field(w.origin.name)
		if fl == nil {
			if !w.nullable {
				return c, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q of table %s is declared NOT NULL, but file %q lacks it",
					w.name, table, files[i].path)
			}
			continue
		}
		typ := fl.typ
		if w.typ != nil {
			var ok bool
			if typ, ok = fit(w.typ, fl.typ); !ok {
				return c, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q of table %s is declared %s, but is %s in file %q",
					w.name, table, w.typ, fl.typ, files[i].path).
					WithHint("declare it %s and cast it in a query or a view", fl.typ)
			}
		}
		if first < 0 {
			first, c.Type = i, typ
			continue
		}
		wide, ok := merge(c.Type, typ)
		if !ok {
			return c, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q of table %s is %s in file %q and %s in file %q",
				w.name, table, c.Type, files[first].path, typ, files[i].path).
				WithHint("the files of one table must have compatible schemas; move the files apart")
		}
		c.Type = wide
	}
	return c, nil
}

// keyColumn is the column of a folder key; every value must be one of the declared type.
func (w wanted) keyColumn(files []dataFile) (plan.TableColumn, error) {
	c := partitionColumn(w.origin.name, files)
	c.Name = w.name
	if w.typ != nil {
		switch w.typ.Kind {
		case types.Int2, types.Int4, types.Int8, types.Date, types.Text, types.Varchar:
			c.Type = w.typ
		default:
			return c, sqlerr.Unsupported(fmt.Sprintf("type %s for column %q of folder names", w.typ, w.name)).
				WithHint("smallint, integer, bigint, date and text are there")
		}
	}
	for _, f := range files {
		p := f.key(w.origin.name)
		if p.null && !w.nullable && w.typ != nil {
			return c, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q is declared NOT NULL, but file %q has it NULL", w.name, f.path)
		}
		if _, err := partitionValue(p, c.Type); err != nil {
			return c, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %q is declared %s, but file %q is in folder %s=%s", w.name, c.Type,
				f.path, p.key, p.value)
		}
	}
	c.Nullable = c.Nullable || w.typ != nil && w.nullable
	return c, nil
}
