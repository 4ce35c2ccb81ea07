package engine

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// objects answers the functions about system catalogs for one execution. What its world does not know, because the
// statement reads no system relation that needs it, it knows from the declarations only.
type objects struct {
	session *Session
	world   *pgcatalog.World
	pid     int32

	once sync.Once
	defs *pgcatalog.Definitions
}

var _ eval.Objects = (*objects)(nil)

// nameParts takes a name as written apart: catalog.schema.table, with quotes where needed.
func nameParts(name string) ([]string, error) {
	stmt, err := parse.Parse("TABLE " + name)
	if err == nil {
		from := stmt.Root.GetSelectStmt().GetFromClause()
		if len(from) == 1 && len(stmt.Root.GetSelectStmt().GetSortClause()) == 0 {
			v := from[0].GetRangeVar()
			return slices.DeleteFunc([]string{v.GetCatalogname(), v.GetSchemaname(), v.GetRelname()}, func(p string) bool { return p == "" }), nil
		}
	}
	return nil, sqlerr.New("42602", "invalid name syntax")
}

func (o *objects) Relation(ctx context.Context, name string) (int64, error) {
	parts, err := nameParts(name)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, worldTimeout)
	defer cancel()
	f, err := o.session.resolver().Lookup(ctx, parts)
	switch {
	case err != nil:
		return 0, err
	case f == nil:
		return 0, nil
	case f.View != nil:
		return o.oids().ClassOID(catalog.Home, f.View.Schema, f.View.Name), nil
	}
	return o.oids().ClassOID(f.Table.ServerName, f.Table.SchemaName, f.Table.TableName), nil
}

func (o *objects) oids() *pgcatalog.OIDs { return &o.session.engine.oids }

// class is the relation of an identifier that was given out.
func (o *objects) class(oid int64) (pgcatalog.Object, bool) {
	if name, ok := pgcatalog.WellKnown(oid); ok {
		return pgcatalog.Object{Kind: pgcatalog.Class, Server: catalog.Home, Schema: pgcatalog.Catalog, Name: name}, true
	}
	x, ok := o.oids().Object(oid)
	if x.Server == "" {
		x.Server = catalog.Home
	}
	return x, ok && (x.Kind == pgcatalog.Class || x.Kind == pgcatalog.Index)
}

func (o *objects) RelationName(oid int64) (string, bool) {
	x, ok := o.class(oid)
	if !ok {
		return "", false
	}
	name := pgcatalog.Quote(x.Name)
	if o.onPath(x) {
		return name, true
	}
	current, _ := o.session.resolver().Current()
	return pgcatalog.Quote(pgcatalog.SchemaName(current, x.Server, x.Schema)) + "." + name, true
}

func (o *objects) onPath(x pgcatalog.Object) bool {
	return x.Schema == pgcatalog.Catalog || slices.Contains(o.session.resolver().Path(), [2]string{x.Server, x.Schema})
}

// Visible says whether a schema of the search path has the relation. One of the same name in a schema before it is not
// looked for: that would ask every server on the path.
func (o *objects) Visible(oid int64) bool {
	x, ok := o.class(oid)
	return ok && o.onPath(x)
}

func (o *objects) TypeName(oid int64, mod int32) (string, bool) {
	if oid < pgcatalog.FirstOID {
		if t := types.ByOID(uint32(oid), -1); t != nil {
			return types.ByOID(uint32(oid), mod).String(), true
		}
		return pgcatalog.BuiltinName(oid)
	}
	x, ok := o.oids().Object(oid)
	name := x.Name
	if schema, short, qualified := strings.Cut(name, "."); qualified && o.onPath(pgcatalog.Object{Server: x.Server, Schema: strings.Trim(schema, `"`)}) {
		name = short
	}
	return name, ok && (x.Kind == pgcatalog.Type || x.Kind == pgcatalog.RowType)
}

func (o *objects) Type(ctx context.Context, name string) (int64, error) {
	stmt, err := parse.Parse("SELECT NULL::" + name)
	if err != nil {
		return 0, err
	}
	targets := stmt.Root.GetSelectStmt().GetTargetList()
	if len(targets) != 1 {
		return 0, nil
	}
	cast := targets[0].GetResTarget().GetVal().GetTypeCast()
	if cast == nil {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, worldTimeout)
	defer cancel()
	shadowable := false
	t, err := bind.TypeNameIn(ctx, stmt, names{resolver: o.session.resolver(), shadowable: &shadowable}, cast.TypeName)
	switch sqlerr.Code(err) {
	case "":
		if err != nil {
			return 0, err
		}
		return o.TypeOID(t), nil
	case sqlerr.UndefinedObject:
		return 0, nil
	}
	return 0, err
}

// TypeOID is PostgreSQL's own where t has one. A type of a source is called by the name that it is declared by there.
func (o *objects) TypeOID(t *types.Type) int64 {
	if t.BuiltIn() {
		return o.oids().TypeOID("", t)
	}
	return o.oids().Of(pgcatalog.Object{Kind: pgcatalog.Type, Server: o.session.engine.catalog.TypeServer(t), Name: t.Named()})
}

func (o *objects) Namespace(name string) int64 {
	s := o.session
	current, _ := s.resolver().Current()
	cat, schema := s.engine.catalogOfSchema(current, name)
	if cat == catalog.Home {
		if !s.engine.hasSchema(schema) {
			return 0
		}
		return o.oids().NamespaceOID(cat, schema)
	}
	oid, _ := o.oids().Known(pgcatalog.Object{Kind: pgcatalog.Namespace, Server: cat, Name: schema})
	return oid
}

// hasSchema says whether the home catalog has a schema.
func (e *Engine) hasSchema(name string) bool {
	return e.catalog.Definitions().Schemas[name] != nil || name == catalog.System || name == pgcatalog.Catalog || name == pgcatalog.InformationSchema
}

func (o *objects) NamespaceName(oid int64) (string, bool) {
	current, _ := o.session.resolver().Current()
	if oid == pgcatalog.CatalogOID {
		return pgcatalog.Catalog, true
	}
	x, ok := o.oids().Object(oid)
	return pgcatalog.Quote(pgcatalog.SchemaName(current, x.Server, x.Name)), ok && x.Kind == pgcatalog.Namespace
}

func (o *objects) ViewDefinition(oid int64) (string, bool) {
	if x, ok := o.class(oid); ok && x.Server == catalog.Home {
		if s := o.session.engine.catalog.Definitions().Schemas[x.Schema]; s != nil && s.Views[x.Name] != nil {
			return viewQuery(s.Views[x.Name]), true
		}
	}
	return "", false
}

func (o *objects) RoleName(oid int64) (string, bool) {
	if oid == pgcatalog.OwnerOID {
		return pgcatalog.Owner, true
	}
	x, ok := o.oids().Object(oid)
	return x.Name, ok && x.Kind == pgcatalog.Role
}

func (o *objects) definitions() *pgcatalog.Definitions {
	o.once.Do(func() {
		o.defs = &pgcatalog.Definitions{}
		if o.world != nil {
			o.defs = o.world.Describe()
		}
	})
	return o.defs
}

func (o *objects) Comment(oid int64) (string, bool) {
	c, ok := o.definitions().Comments[oid]
	if x, known := o.class(oid); !ok && known && x.Server == catalog.Home {
		if s := o.session.engine.catalog.Definitions().Schemas[x.Schema]; s != nil && s.Views[x.Name] != nil {
			c = s.Views[x.Name].Comment
		}
	}
	return c, c != ""
}

func (o *objects) ConstraintDefinition(oid int64) (string, bool) {
	d, ok := o.definitions().Constraints[oid]
	return d, ok
}

func (o *objects) IndexDefinition(oid int64, column int, pretty bool) (string, bool) {
	if column == 0 && pretty {
		d, ok := o.definitions().PrettyIndexes[oid]
		return d, ok
	}
	if column == 0 {
		d, ok := o.definitions().Indexes[oid]
		return d, ok
	}
	columns := o.definitions().IndexColumns[oid]
	if column < 0 || column > len(columns) {
		return "", false
	}
	return pgcatalog.Quote(columns[column-1]), true
}

func (o *objects) Schemas(implicit bool) []string {
	r := o.session.resolver()
	current, _ := r.Current()
	var out []string
	if implicit {
		out = append(out, pgcatalog.Catalog)
	}
	path := r.Path()
	if n := len(path); n > 1 { // the home catalog's public is always behind it, written or not
		path = path[:n-1]
	}
	for _, p := range path {
		out = append(out, pgcatalog.SchemaName(current, p[0], p[1]))
	}
	return out
}

func (o *objects) PID() int32 { return o.pid }

func (o *objects) Set(name, value string, local bool) (string, error) {
	s := o.session
	var err error
	switch {
	case !local:
		err = s.Set(name, value)
	case s.transaction.isOpen():
		err = s.settings.setLocal(name, value)
	default:
		// Outside of a block it lasts for the statement, which has its settings already: it is checked only.
		_, err = s.Get(name)
	}
	if err != nil {
		return "", err
	}
	if local && !s.transaction.isOpen() {
		return value, nil
	}
	return s.Get(name)
}
