package catalog

import (
	"strings"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func (b *Builder) createTable(s *parse.Statement, n *parse.CreateForeignTableStmt) error {
	base := n.BaseStmt
	srv, err := b.server(n.Servername)
	if err != nil {
		return err
	}
	rel := base.Relation
	if rel.Catalogname != "" && rel.Catalogname != srv.Name || rel.Schemaname == "" {
		return sqlerr.New("42602", "a table of server %s is called %s.schema.table", srv.Name, srv.Name).At(s.Position(rel.Location))
	}
	options, err := b.options(s, nil, n.Options)
	if err != nil {
		return err
	}
	t := &sources.Table{
		ServerName: srv.Name, SchemaName: rel.Schemaname, TableName: rel.Relname, Type: sources.ForeignTable,
		RowCount: -1, Options: options, ColumnOptions: map[string]map[string]string{},
	}
	for _, e := range base.TableElts {
		if err := b.tableElement(s, t, e); err != nil {
			return err
		}
	}
	if b.defs.Tables[srv.Name] == nil {
		b.defs.Tables[srv.Name] = map[string]*sources.Table{}
	}
	key := t.SchemaName + "." + t.TableName
	if b.defs.Tables[srv.Name][key] != nil {
		if base.IfNotExists {
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q of server %s already exists", key, srv.Name)
	}
	b.defs.Tables[srv.Name][key] = t
	return nil
}

// tableElement adds a column or a key.
func (b *Builder) tableElement(s *parse.Statement, t *sources.Table, e *parse.Node) error {
	if c := e.GetConstraint(); c != nil {
		return b.constraint(s, t, c, nil)
	}
	def := e.GetColumnDef()
	if def == nil {
		return sqlerr.Unsupported("this element of CREATE FOREIGN TABLE")
	}
	if t.Column(def.Colname) >= 0 {
		return sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", def.Colname).At(s.Position(def.Location))
	}
	typ, err := b.columnType(s, def.TypeName)
	if err != nil {
		return err
	}
	t.Cols = append(t.Cols, plan.TableColumn{Name: def.Colname, Type: typ, Nullable: true})
	if len(def.Fdwoptions) > 0 {
		if t.ColumnOptions[def.Colname], err = b.options(s, nil, def.Fdwoptions); err != nil {
			return err
		}
	}
	for _, c := range def.Constraints {
		if err := b.constraint(s, t, c.GetConstraint(), []string{def.Colname}); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) constraint(s *parse.Statement, t *sources.Table, c *parse.Constraint, columns []string) error {
	if len(c.Keys) > 0 {
		columns = parse.Names(c.Keys)
	}
	for _, name := range columns {
		if t.Column(name) < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q named in key does not exist", name).At(s.Position(c.Location))
		}
	}
	switch c.Contype {
	case parse.ConstrNotnull:
		t.Cols[t.Column(columns[0])].Nullable = false
	case parse.ConstrNull:
	case parse.ConstrPrimary:
		t.PrimaryKey = columns
		for _, name := range columns {
			t.Cols[t.Column(name)].Nullable = false
		}
	case parse.ConstrUnique:
		t.Unique = append(t.Unique, columns)
	default:
		return sqlerr.Unsupported("this constraint of a foreign table").At(s.Position(c.Location))
	}
	return nil
}

// columnType resolves a column's declared type: a built-in one, or one of CREATE TYPE by its name as written there.
func (b *Builder) columnType(s *parse.Statement, n *parse.TypeName) (*types.Type, error) {
	names := parse.Names(n.Names)
	var mods []int32
	for _, m := range n.Typmods {
		c := m.GetAConst()
		if c == nil {
			return nil, sqlerr.New(sqlerr.SyntaxError, "type modifiers must be constants").At(s.Position(n.Location))
		}
		mods = append(mods, c.GetIval().GetIval())
	}
	var t *types.Type
	ok := true
	if own := b.defs.Types[strings.Join(names, ".")]; own != nil && len(mods) == 0 {
		t = own
	} else if len(names) == 1 || len(names) == 2 && names[0] == "pg_catalog" {
		t, ok = types.Resolve(names[len(names)-1], mods)
	}
	if t == nil || !ok {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist or has other modifiers", strings.Join(names, ".")).
			At(s.Position(n.Location))
	}
	for range n.ArrayBounds {
		if t.Kind == types.Array {
			break // PostgreSQL has one array type for all dimensions
		}
		t = types.ArrayOf(t)
	}
	return t, nil
}

// alterTable changes options of a declared or a discovered table and of its columns.
func (b *Builder) alterTable(s *parse.Statement, n *parse.AlterTableStmt) error {
	rel := n.Relation
	if rel.Catalogname == "" {
		return sqlerr.New("42602", "a foreign table is called server.schema.table").At(s.Position(rel.Location))
	}
	srv, err := b.server(rel.Catalogname)
	if err != nil {
		return err
	}
	key := rel.Schemaname + "." + rel.Relname
	target := &alterTarget{declared: b.defs.Tables[srv.Name][key], alt: srv.Altered[key]}
	if target.declared != nil {
		target.alt = &Alteration{Options: target.declared.Options, Columns: target.declared.ColumnOptions}
	} else if target.alt == nil {
		target.alt = &Alteration{Columns: map[string]map[string]string{}}
		srv.Altered[key] = target.alt
	}
	for _, node := range n.Cmds {
		if err := b.alterCommand(s, target, node.GetAlterTableCmd()); err != nil {
			return err
		}
	}
	if target.declared != nil {
		target.declared.Options = target.alt.Options
	}
	return nil
}

// alterTarget is what ALTER FOREIGN TABLE changes; declared is nil for a table that its server will be asked for.
type alterTarget struct {
	declared *sources.Table
	alt      *Alteration
}

func (b *Builder) alterCommand(s *parse.Statement, t *alterTarget, c *parse.AlterTableCmd) (err error) {
	if t.declared != nil && c.Name != "" && t.declared.Column(c.Name) < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", c.Name, t.declared.TableName)
	}
	switch c.Subtype {
	case parse.ATGenericOptions:
		t.alt.Options, err = b.options(s, t.alt.Options, c.Def.GetList().GetItems())
	case parse.ATAlterColumnGenericOptions:
		t.alt.Columns[c.Name], err = b.options(s, t.alt.Columns[c.Name], c.Def.GetList().GetItems())
	case parse.ATAlterColumnType:
		return b.alterColumnType(s, t, c)
	default:
		return sqlerr.Unsupported("this form of ALTER FOREIGN TABLE").
			WithHint("ALTER COLUMN … TYPE …, ALTER COLUMN … OPTIONS (…) and OPTIONS (…) are there")
	}
	return err
}

// alterColumnType sets a declared column's type; for a discovered table it is the column's option "type".
func (b *Builder) alterColumnType(s *parse.Statement, t *alterTarget, c *parse.AlterTableCmd) error {
	typ, err := b.columnType(s, c.Def.GetColumnDef().GetTypeName())
	if err != nil {
		return err
	}
	if t.declared != nil {
		t.declared.Cols[t.declared.Column(c.Name)].Type = typ
		return nil
	}
	if t.alt.Columns[c.Name] == nil {
		t.alt.Columns[c.Name] = map[string]string{}
	}
	t.alt.Columns[c.Name]["type"] = typ.String()
	return nil
}
