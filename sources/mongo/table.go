package mongo

import (
	"cmp"
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
}

// rawColumn is a column before its options are applied.
type rawColumn struct {
	name     string
	typ      *types.Type
	objectID bool
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
	for _, c := range columns {
		if err := b.column(c); err != nil {
			return err
		}
	}
	b.key()
	if b.shape != nil {
		b.detail.width = b.shape.width()
	}
	t.Detail = b.detail
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
		c := rawColumn{name: f.name, typ: typ, nullable: true, width: f.width()}
		if typ == objectIDText {
			c.typ, c.objectID = types.TextT, true
		} else if typ.Kind == types.Array && typ.Elem == objectIDText {
			c.typ, c.objectID = types.ArrayOf(types.TextT), true
		}
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
	name := c.name
	objectID, mismatch := c.objectID, b.settings.onMismatch
	if v, ok := b.table.Options["on_mismatch"]; ok {
		mismatch = v
	}
	for key, v := range options {
		switch key {
		case "on_mismatch":
			mismatch = v
		case "bson":
			if v != "objectId" {
				return b.invalid(c.name, "bson", v, "objectId")
			}
			objectID = true
		case "name":
			name = v
		case "type":
			t, err := parseType(v)
			if err != nil {
				return err
			}
			objectID = objectID && (types.Same(t, types.TextT) || t.Kind == types.Varchar)
			c.typ = t
		}
	}
	switch mismatch {
	case "error", "null":
	case "json":
		if c.name != "_id" {
			c.typ, objectID = types.JSONT, false
		}
	default:
		return b.invalid(c.name, "on_mismatch", mismatch, "error, null or json")
	}
	f, err := newField(nil, name, c.typ, objectID, mismatch == "null" && c.nullable)
	if err != nil {
		return sqlerr.New(sqlerr.Code(err), "column %s of %s.%s.%s: %w", c.name, b.table.ServerName, b.table.SchemaName,
			b.table.TableName, err)
	}
	if c.name == b.settings.document && b.shape == nil && f.op == opJSON {
		f.op, f.addressable = opDocument, false
	}
	if objectID {
		b.setOption(c.name, "bson", "objectId")
	}
	b.add(c, f)
	return nil
}

func (b *tableBuilder) add(c rawColumn, f *field) {
	b.detail.fields = append(b.detail.fields, f)
	b.detail.widths = append(b.detail.widths, c.width)
	b.table.Cols = append(b.table.Cols, plan.TableColumn{Name: c.name, Type: c.typ, Nullable: c.nullable, Width: c.width})
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
		b.add(rawColumn{name: name, typ: types.JSONT, width: b.shape.width()}, f)
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

func (b *tableBuilder) invalid(column, option, value, allowed string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "option %s of column %s of %s.%s.%s is %q; it must be %s", option,
		column, b.table.ServerName, b.table.SchemaName, b.table.TableName, value, allowed)
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
