package catalog

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Resolver finds relations by name for one search path. Safe for concurrent use.
type Resolver struct {
	catalog *Catalog
	// path are the elements of the search path.
	path []place
}

// homeSchemas are the home catalog's schemas of tables that the engine makes.
var homeSchemas = map[string]bool{System: true, "pg_catalog": true, "information_schema": true}

// place is a catalog and a schema in it.
type place struct{ catalog, schema string }

// Found is what a name stands for: one of Table and View is set.
type Found struct {
	Table *sources.Table
	View  *View
	// Shadowable: a table of that name that is created earlier on the search path would take its place.
	Shadowable bool
}

// Resolver looks names up along a search path of "catalog.schema" elements; the home catalog's public schema comes
// last.
func (c *Catalog) Resolver(searchPath []string) *Resolver {
	r := &Resolver{catalog: c}
	for _, p := range searchPath {
		catalog, schema, ok := strings.Cut(p, ".")
		if !ok {
			// A bare word is a schema of the home catalog, or a server's only usual schema.
			catalog, schema = c.expandWord(p)
		}
		r.path = append(r.path, place{catalog, schema})
	}
	r.path = append(r.path, place{Home, "public"})
	return r
}

func (c *Catalog) expandWord(word string) (catalog, schema string) {
	if c.defs.Schemas[word] != nil {
		return Home, word
	}
	if s := c.defs.Servers[word]; s != nil {
		return word, s.usualSchema()
	}
	if c.Source(word) != nil {
		return word, "main"
	}
	return Home, word
}

// usualSchema is where a server's tables are when nothing else is said.
func (s *Server) usualSchema() string {
	switch s.Kind {
	case "postgres":
		return "public"
	case "mongo":
		if d := s.Options["database"]; d != "" {
			return d
		}
		if u, err := url.Parse(s.Options["url"]); err == nil && len(u.Path) > 1 {
			return u.Path[1:]
		}
	}
	return "main"
}

// ForView is the resolver for names inside a view: its own schema, then the catalog's search path.
func (r *Resolver) ForView(v *View) *Resolver {
	return r.catalog.Resolver(append([]string{Home + "." + v.Schema}, r.catalog.cfg.SearchPath...))
}

// Relation finds a table or view by a name of one to three parts. A name that stands for nothing is 42P01, with a hint
// when something similar is there.
func (r *Resolver) Relation(ctx context.Context, name []string) (*Found, error) {
	if len(name) > 3 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "improper qualified name (too many dotted names): %s", strings.Join(name, "."))
	}
	f, err := r.Lookup(ctx, name)
	if f == nil && err == nil {
		err = r.missing(ctx, name)
	}
	return f, err
}

// Lookup is Relation that gives nil for a name that stands for nothing.
func (r *Resolver) Lookup(ctx context.Context, name []string) (*Found, error) {
	shadowable := false
	for _, p := range r.places(name) {
		f, err := r.catalog.find(ctx, p, name[len(name)-1])
		if f != nil {
			f.Shadowable = shadowable
		}
		if f != nil || err != nil {
			return f, err
		}
		shadowable = shadowable || p.catalog != Home // what is at home changes with the catalog's version only
	}
	return nil, nil
}

// places are where a name may be: a qualified one in its catalog; schema.table along the path's catalogs, then at home;
// a bare one along the path.
func (r *Resolver) places(name []string) []place {
	switch len(name) {
	case 3:
		return []place{{name[0], name[1]}}
	case 2:
		if homeSchemas[name[0]] {
			return []place{{Home, name[0]}}
		}
		var out []place
		seen := map[string]bool{}
		for _, p := range r.path {
			if !seen[p.catalog] {
				seen[p.catalog] = true
				out = append(out, place{p.catalog, name[0]})
			}
		}
		// What pg_catalog calls a schema of another catalog than the current one: "catalog.schema".
		if c, schema, ok := strings.Cut(name[0], "."); ok && (c == Home || r.catalog.Source(c) != nil) {
			out = append(out, place{c, schema})
		}
		return out
	}
	return append([]place{{Home, "pg_catalog"}}, r.path...)
}

// Current is the catalog and schema that the search path names first.
func (r *Resolver) Current() (catalog, schema string) { return r.path[0].catalog, r.path[0].schema }

// Path are the catalogs and schemas of the search path in order, each once.
func (r *Resolver) Path() [][2]string {
	var out [][2]string
	for _, p := range r.path {
		if e := [2]string{p.catalog, p.schema}; !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// find looks in one schema; nil when the name is not there.
func (c *Catalog) find(ctx context.Context, p place, name string) (*Found, error) {
	if p.catalog == Home {
		if s := c.defs.Schemas[p.schema]; s != nil && s.Views[name] != nil {
			return &Found{View: s.Views[name]}, nil
		}
		if !homeSchemas[p.schema] {
			return nil, nil
		}
	}
	t, err := c.table(ctx, p.catalog, p.schema, name)
	if t == nil || err != nil {
		return nil, err
	}
	return &Found{Table: t}, nil
}

// Type finds a type that is not built in, by a name of one to three parts, along the same places as a table's. asked says
// that a server was asked for it: what it means can change with the next statement.
func (r *Resolver) Type(ctx context.Context, name []string) (t *types.Type, asked bool, err error) {
	last := name[len(name)-1]
	places := slices.DeleteFunc(r.places(name), func(p place) bool { return p.catalog == Home })
	for len(places) > 0 {
		server := places[0].catalog
		var schemas []string
		for len(places) > 0 && places[0].catalog == server { // one question a server
			schemas, places = append(schemas, places[0].schema), places[1:]
		}
		asked = true
		src, ok := r.catalog.Source(server).(sources.TypeSource)
		if !ok {
			if t, err := r.catalog.rowType(ctx, server, schemas, last); t != nil || err != nil {
				return t, true, err
			}
			continue
		}
		t, err := guarded(ctx, func(ctx context.Context) (*types.Type, error) { return src.FindType(ctx, schemas, last) })
		if err != nil {
			return nil, true, fromServer(server, err)
		}
		if t != nil {
			r.catalog.cache.noteType(server, t)
			return t, true, nil
		}
	}
	return r.catalog.typeOfColumns(strings.Join(name, ".")), asked, nil
}

// rowType is the type of a table's rows, where the server has no types by name.
func (c *Catalog) rowType(ctx context.Context, server string, schemas []string, name string) (*types.Type, error) {
	for _, schema := range schemas {
		t, err := c.table(ctx, server, schema, name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		fields := make([]types.Field, len(t.Cols))
		for i, col := range t.Cols {
			fields[i] = types.Field{Name: col.Name, Type: col.Type}
		}
		return types.CompositeOf(schema+"."+name, fields), nil
	}
	return nil, nil
}

// typeOfColumns finds a type among those of the columns that were discovered: those that were declared are there only.
func (c *Catalog) typeOfColumns(want string) *types.Type {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	for _, t := range c.cache.tables {
		for i := range t.Cols {
			typ := t.Cols[i].Type
			if typ.Kind == types.Array {
				typ = typ.Elem
			}
			if typ.OID == 0 && (typ.Name == want || strings.HasSuffix(typ.Name, "."+want)) {
				return typ
			}
		}
	}
	return nil
}

// noteType remembers whose a type is.
func (c *tableCache) noteType(server string, t *types.Type) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.typeServers) < maxTypeServers {
		c.typeServers[t.Named()] = server
	}
}

// TypeServer is the server that a type belongs to which a statement named or a discovered column has, "" for others.
func (c *Catalog) TypeServer(t *types.Type) string {
	for t.Kind == types.Array && t.Domain == nil {
		t = t.Elem
	}
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	if server := c.cache.typeServers[t.Named()]; server != "" {
		return server
	}
	for k, table := range c.cache.tables {
		for i := range table.Cols {
			typ := table.Cols[i].Type
			for typ.Kind == types.Array && typ.Domain == nil {
				typ = typ.Elem
			}
			if types.Same(typ, t) && types.SameDomain(typ, t) {
				return k.server
			}
		}
	}
	return ""
}
