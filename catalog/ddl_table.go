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
	typ, err := columnType(s, def.TypeName)
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

// columnType resolves a column's declared type.
func columnType(s *parse.Statement, n *parse.TypeName) (*types.Type, error) {
	names := parse.Names(n.Names)
	name := names[len(names)-1]
	var mods []int32
	for _, m := range n.Typmods {
		c := m.GetAConst()
		if c == nil {
			return nil, sqlerr.New(sqlerr.SyntaxError, "type modifiers must be constants").At(s.Position(n.Location))
		}
		mods = append(mods, c.GetIval().GetIval())
	}
	t, ok := types.Resolve(name, mods)
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
	srv, err := b.server(rel.Catalogname)
	if err != nil {
		return err
	}
	key := rel.Schemaname + "." + rel.Relname
	declared := b.defs.Tables[srv.Name][key]
	alt := srv.Altered[key]
	if alt == nil {
		alt = &Alteration{Columns: map[string]map[string]string{}}
		srv.Altered[key] = alt
	}
	for _, node := range n.Cmds {
		c := node.GetAlterTableCmd()
		switch c.Subtype {
		case parse.ATGenericOptions:
			alt.Options, err = b.options(s, alt.Options, c.Def.GetList().GetItems())
		case parse.ATAlterColumnGenericOptions:
			alt.Columns[c.Name], err = b.options(s, alt.Columns[c.Name], c.Def.GetList().GetItems())
		case parse.ATAlterColumnType:
			err = b.alterColumnType(s, declared, alt, c)
		default:
			err = sqlerr.Unsupported("this form of ALTER FOREIGN TABLE").
				WithHint("ALTER COLUMN … TYPE …, ALTER COLUMN … OPTIONS (…) and OPTIONS (…) are there")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// alterColumnType sets a declared column's type; for a discovered table it is the column's option "type".
func (b *Builder) alterColumnType(s *parse.Statement, declared *sources.Table, alt *Alteration, c *parse.AlterTableCmd) error {
	t, err := columnType(s, c.Def.GetColumnDef().GetTypeName())
	if err != nil {
		return err
	}
	if declared == nil {
		if alt.Columns[c.Name] == nil {
			alt.Columns[c.Name] = map[string]string{}
		}
		alt.Columns[c.Name]["type"] = t.String()
		return nil
	}
	i := declared.Column(c.Name)
	if i < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", c.Name, declared.TableName)
	}
	declared.Cols[i].Type = t
	return nil
}
