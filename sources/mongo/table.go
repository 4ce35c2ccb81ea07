package mongo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// tableBuilder makes a table of a declaration, or of what was learned with the declaration's options on top.
type tableBuilder struct {
	settings *settings
	table    *sources.Table
	detail   *detail
	declared *sources.Table // nil for none
	shape    *shape         // nil when every column is declared
	// sampled and statistics are of the sample, nil where none was taken.
	sampled    *shape
	statistics *statistics
}

// rawColumn is a column before its options are applied.
type rawColumn struct {
	name     string
	typ      *types.Type
	ids      *objectIDs
	nullable bool
	width    float64
}

func (b *tableBuilder) build() error {
	t := b.table
	t.ColumnOptions = map[string]map[string]string{}
	if b.declared != nil {
		t.Options, t.Comment = b.declared.Options, b.declared.Comment
		t.PrimaryKey, t.Unique = b.declared.PrimaryKey, b.declared.Unique
		for name, options := range b.declared.ColumnOptions {
			t.ColumnOptions[name] = maps.Clone(options)
		}
	}
	columns := b.learned()
	if b.shape == nil {
		columns = b.declaredColumns()
	}
	columns = b.unseen(columns)
	for _, c := range columns {
		if err := b.column(c); err != nil {
			return err
		}
	}
	if b.sampled != nil {
		b.detail.width = b.sampled.width()
	}
	b.key()
	if err := b.strangers(); err != nil {
		return err
	}
	t.Detail = b.detail
	return nil
}

// unseen adds the columns that nothing was learned of and that an option gives a type: a field may be rare.
func (b *tableBuilder) unseen(columns []rawColumn) []rawColumn {
	for _, name := range slices.Sorted(maps.Keys(b.table.ColumnOptions)) {
		known := slices.ContainsFunc(columns, func(c rawColumn) bool { return c.name == name })
		if b.table.ColumnOptions[name]["type"] != "" && !known && name != b.settings.document {
			columns = append(columns, rawColumn{name: name, typ: types.TextT, nullable: true})
		}
	}
	return columns
}

// strangers refuses options of columns that there are not.
func (b *tableBuilder) strangers() error {
	names := make([]string, len(b.table.Cols))
	for i, c := range b.table.Cols {
		names[i] = c.Name
	}
	for _, name := range slices.Sorted(maps.Keys(b.table.ColumnOptions)) {
		if name == b.settings.document && b.shape != nil && len(b.table.ColumnOptions[name]) > 0 {
			return sqlerr.New(sources.InvalidOptionName, "column %s of %s takes no options", quoteIdentifier(name), b.name())
		}
		if slices.Contains(names, name) {
			continue
		}
		e := sqlerr.New(sqlerr.UndefinedColumn, "column %s of %s has options, but no document of the sample has such a field",
			quoteIdentifier(name), b.name())
		declare := fmt.Sprintf("ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE … declares a field that is rare", b.name(), quoteIdentifier(name))
		if near := sources.Nearest(name, names); near != "" {
			return e.WithHint("did you mean %s? %s", quoteIdentifier(near), declare)
		}
		return e.WithHint("%s", declare)
	}
	return nil
}

func (b *tableBuilder) declaredColumns() []rawColumn {
	out := make([]rawColumn, 0, len(b.declared.Cols))
	for _, c := range b.declared.Cols {
		out = append(out, rawColumn{name: c.Name, typ: c.Type, nullable: c.Nullable})
	}
	return out
}

// learned are the columns of the shape: _id first, the others in their order, then the document.
func (b *tableBuilder) learned() []rawColumn {
	if b.shape == nil {
		return nil
	}
	if b.shape.index["_id"] == nil && b.detail.key() {
		b.shape.field("_id", 0).kinds = kindObjectID // an empty collection: what servers and drivers make
	}
	fields := slices.DeleteFunc(b.shape.ordered(), func(f *namedShape) bool { return f.name == "" })
	if len(fields) > maxTop {
		slices.SortStableFunc(fields, func(a, c *namedShape) int { return cmp.Compare(c.count, a.count) })
		fields = fields[:maxTop]
	}
	slices.SortStableFunc(fields, func(a, c *namedShape) int {
		return cmp.Compare(btoi(a.name != "_id"), btoi(c.name != "_id"))
	})
	path := b.table.SchemaName + "." + b.table.TableName + "."
	out := make([]rawColumn, 0, len(fields))
	for _, f := range fields {
		typ := f.typ(path + f.name)
		c := rawColumn{name: f.name, typ: typ, ids: objectIDsOf(typ), width: f.width()}
		c.nullable = f.name != "_id" || !b.detail.key()
		out = append(out, c)
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// column adds one column with its options applied.
func (b *tableBuilder) column(c rawColumn) error {
	options := b.table.ColumnOptions[c.name]
	mismatch := b.settings.onMismatch
	if v, ok := b.table.Options["on_mismatch"]; ok {
		mismatch = v
	}
	if v, ok := options["on_mismatch"]; ok {
		mismatch = v
	}
	name := cmp.Or(options["name"], c.name)
	if err := b.retype(&c, options); err != nil {
		return err
	}
	if mismatch == "json" && c.name != "_id" {
		c.typ, c.ids = types.JSONT, nil
	}
	f, err := newField(nil, name, c.typ, c.ids, mismatch == "null" && c.nullable)
	if err != nil {
		return sqlerr.New(sqlerr.Code(err), "column %s of %s.%s.%s: %w", c.name, b.table.ServerName, b.table.SchemaName,
			b.table.TableName, err)
	}
	if c.name == b.settings.document && b.shape == nil && f.op == opJSON {
		f.op, f.addressable = opDocument, false
	}
	if c.ids != nil {
		option, err := c.ids.option()
		if err != nil {
			return fmt.Errorf("writing the option bson of column %s: %w", c.name, err)
		}
		b.setOption(c.name, "bson", option)
	}
	return b.unique(f, c)
}

// retype applies the options type and bson.
func (b *tableBuilder) retype(c *rawColumn, options map[string]string) error {
	if v, ok := options["type"]; ok {
		t, err := parseType(v)
		if err != nil {
			return err
		}
		c.typ = t
		if c.ids != nil && c.ids.fits(t) != "" {
			c.ids = nil
		}
	}
	v, ok := options["bson"]
	if !ok {
		return nil
	}
	ids, err := parseObjectIDs(v)
	if err != nil {
		return err
	}
	if why := ids.fits(c.typ); why != "" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "option bson of column %s of %s is %q, but %s", quoteIdentifier(c.name), b.name(), v, why)
	}
	c.ids = ids
	return nil
}

func (b *tableBuilder) name() *tableName {
	return &tableName{b.table.ServerName, b.table.SchemaName, b.table.TableName}
}

// unique adds a column whose field no other column reads: one would stay empty.
func (b *tableBuilder) unique(f *field, c rawColumn) error {
	for i, other := range b.detail.fields {
		if other.name == f.name && other.op != opDocument && f.op != opDocument {
			return sqlerr.New(sqlerr.DuplicateColumn, "columns %s and %s of %s both read the field %s",
				quoteIdentifier(b.table.Cols[i].Name), quoteIdentifier(c.name), b.name(), f.name).
				WithHint("declare the field once; a view can show it twice")
		}
	}
	b.add(c, f)
	return nil
}

func (b *tableBuilder) add(c rawColumn, f *field) {
	column := plan.TableColumn{Name: c.name, Type: c.typ, Nullable: c.nullable, Width: c.width}
	if f.op != opDocument {
		if b.sampled != nil && b.sampled.index[f.name] != nil {
			column.Width = b.sampled.index[f.name].width()
		}
		b.statistics.describe(&column, f.name, b.table.RowCount)
	}
	b.detail.fields = append(b.detail.fields, f)
	b.detail.widths = append(b.detail.widths, column.Width)
	b.table.Cols = append(b.table.Cols, column)
}

func (b *tableBuilder) setOption(column, option, value string) {
	if b.table.ColumnOptions[column] == nil {
		b.table.ColumnOptions[column] = map[string]string{}
	}
	b.table.ColumnOptions[column][option] = value
}

// key adds the document column and makes _id the primary key.
func (b *tableBuilder) key() {
	name := b.settings.document
	if b.shape != nil && name != "" && b.table.Column(name) < 0 {
		f := &field{name: name, path: name, typ: types.JSONT, op: opDocument}
		b.add(rawColumn{name: name, typ: types.JSONT, width: b.detail.width}, f)
	}
	i := b.table.Column("_id")
	if i < 0 || !b.detail.key() || b.detail.fields[i].op == opDocument {
		return
	}
	b.table.Cols[i].Nullable = false
	b.detail.fields[i].null = false
	if len(b.table.PrimaryKey) == 0 {
		b.table.PrimaryKey = []string{"_id"}
	}
}

// sqlTypes are SQL's spellings of the types that a column can be given, beside PostgreSQL's internal names.
var sqlTypes = map[string]*types.Type{
	"boolean": types.BoolT, "smallint": types.Int2T, "integer": types.Int4T, "int": types.Int4T, "bigint": types.Int8T,
	"double precision": types.Float8T, "decimal": types.NumericT, "character varying": types.VarcharT,
	"timestamp with time zone": types.TimestampTZT, "timestamp without time zone": types.TimestampT,
	"timestamp": types.TimestampT,
}

// parseType reads a type as format_type writes it.
func parseType(s string) (*types.Type, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		t, err := parseType(elem)
		if err != nil {
			return nil, err
		}
		return types.ArrayOf(t), nil
	}
	base, modifiers, modified := strings.Cut(name, "(")
	t := sqlTypes[strings.TrimSpace(base)]
	if t == nil {
		t = types.ByName(strings.TrimSpace(base))
	}
	if t == nil {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", s)
	}
	if !modified {
		return t, nil
	}
	var n [2]int
	for i, m := range strings.SplitN(strings.TrimSuffix(modifiers, ")"), ",", 2) {
		v, err := strconv.Atoi(strings.TrimSpace(m))
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "type %q has modifiers that are not numbers", s)
		}
		n[i] = v
	}
	switch t.Kind {
	case types.Numeric:
		return types.NumericOf(int32(n[0]), int32(n[1])), nil
	case types.Varchar:
		return types.VarcharOf(int32(n[0])), nil
	}
	return nil, sqlerr.Unsupported("type " + s + " for a field of a document")
}
