package catalog

import (
	"slices"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func (b *Builder) createSchema(n *parse.CreateSchemaStmt) error {
	if len(n.SchemaElts) > 0 {
		return sqlerr.Unsupported("CREATE SCHEMA with elements")
	}
	if reservedNames[n.Schemaname] && n.Schemaname != Home {
		return sqlerr.New("42939", "the name %q is reserved", n.Schemaname).WithHint("give the schema another name")
	}
	if b.defs.Schemas[n.Schemaname] != nil {
		if n.IfNotExists {
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateSchema, "schema %q already exists", n.Schemaname)
	}
	b.defs.Schemas[n.Schemaname] = &Schema{Name: n.Schemaname, Views: map[string]*View{}}
	return nil
}

// homeSchema finds the schema of a view's name: [skein.]schema.view, or view in public.
func (b *Builder) homeSchema(catalog, schema string) (*Schema, error) {
	if catalog != "" && catalog != Home {
		return nil, sqlerr.New("42602", "views live in catalog %s, not in %s", Home, catalog).
			WithHint("CREATE VIEW schema.name, after CREATE SCHEMA schema")
	}
	if schema == "" {
		schema = "public"
	}
	s := b.defs.Schemas[schema]
	if s == nil {
		return nil, sqlerr.New(sqlerr.UndefinedSchema, "schema %q does not exist", schema).WithHint("CREATE SCHEMA %s first", schema)
	}
	return s, nil
}

func (b *Builder) createView(s *parse.Statement, n *parse.ViewStmt) error {
	schema, err := b.homeSchema(n.View.Catalogname, n.View.Schemaname)
	if err != nil {
		return err
	}
	name := n.View.Relname
	if schema.Views[name] != nil && !n.Replace {
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists, declared at %s", name, schema.Views[name].Origin)
	}
	v := &View{Schema: schema.Name, Name: name, Query: s.Sub(n.Query), Origin: b.originOf(s)}
	for _, a := range n.Aliases {
		v.Columns = append(v.Columns, parse.Literal(a))
	}
	if v.Query.Params > 0 {
		return sqlerr.New(sqlerr.UndefinedParameter, "a view cannot have parameters").At(s.Position(n.View.Location))
	}
	schema.Views[name] = v
	return nil
}

// drop removes servers, schemas, views and declared tables.
func (b *Builder) drop(n *parse.DropStmt) error {
	for _, o := range n.Objects {
		name := dropName(o)
		ok, err := b.dropOne(n, name)
		if err != nil {
			return err
		}
		if !ok && !n.MissingOk {
			return sqlerr.New(sqlerr.UndefinedObject, "%s does not exist", name[len(name)-1])
		}
	}
	return nil
}

func dropName(o *parse.Node) []string {
	if l := o.GetList(); l != nil {
		return parse.Names(l.Items)
	}
	return []string{parse.Literal(o)}
}

func (b *Builder) dropOne(n *parse.DropStmt, name []string) (bool, error) {
	last := name[len(name)-1]
	switch n.RemoveType {
	case parse.ObjectForeignServer:
		_, ok := b.defs.Servers[last]
		if len(b.defs.Tables[last]) > 0 && n.Behavior != parse.DropCascade {
			return false, sqlerr.New("2BP01", "cannot drop server %s because foreign tables depend on it", last).WithHint("use DROP … CASCADE")
		}
		delete(b.defs.Servers, last)
		delete(b.defs.Tables, last)
		return ok, nil
	case parse.ObjectSchema:
		s := b.defs.Schemas[last]
		if s != nil && len(s.Views) > 0 && n.Behavior != parse.DropCascade {
			return false, sqlerr.New("2BP01", "cannot drop schema %s because views depend on it", last).WithHint("use DROP … CASCADE")
		}
		delete(b.defs.Schemas, last)
		return s != nil, nil
	case parse.ObjectView:
		parts := append(slices.Repeat([]string{""}, max(0, 3-len(name))), name...)
		s, err := b.homeSchema(parts[0], parts[1])
		if err != nil {
			return false, err
		}
		_, ok := s.Views[last]
		delete(s.Views, last)
		return ok, nil
	case parse.ObjectForeignTable:
		if len(name) != 3 {
			return false, sqlerr.New("42602", "a foreign table is called server.schema.table")
		}
		key := name[1] + "." + name[2]
		_, ok := b.defs.Tables[name[0]][key]
		delete(b.defs.Tables[name[0]], key)
		return ok, nil
	}
	return false, sqlerr.Unsupported("this DROP in a catalog file")
}

func (b *Builder) comment(n *parse.CommentStmt) error {
	name := dropName(n.Object)
	if n.Objtype != parse.ObjectView {
		return sqlerr.Unsupported("COMMENT ON anything but a view")
	}
	parts := append(slices.Repeat([]string{""}, max(0, 3-len(name))), name...)
	s, err := b.homeSchema(parts[0], parts[1])
	if err != nil {
		return err
	}
	v := s.Views[parts[2]]
	if v == nil {
		return sqlerr.New(sqlerr.UndefinedTable, "view %q does not exist", parts[2])
	}
	v.Comment = n.Comment
	return nil
}
