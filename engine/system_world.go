package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// worldTimeout bounds what one server's tables may take; a server that needs longer is left out as one that is down.
const worldTimeout = 30 * time.Second

// pgTables are the relations of pg_catalog or information_schema that match.
func pgTables(p sources.Pattern) []*sources.Table {
	var out []*sources.Table
	for _, r := range pgcatalog.All() {
		if r.Schema == p.Schema && (p.Table == "" || p.Table == r.Name) {
			out = append(out, r.Table(catalog.Home))
		}
	}
	return out
}

// world is what the system relations that a plan reads have to tell, nil when it reads none. Only the servers that their
// rows can come from are asked, all at the same time; one that does not answer is left out and logged.
func (s *Session) world(ctx context.Context, root plan.Node, env *eval.Env) (*pgcatalog.World, error) {
	d := demandOf(root, env, s.engine)
	if !d.any {
		return nil, nil
	}
	w := s.emptyWorld(env)
	if d.depth == pgcatalog.Nothing {
		return w, nil
	}
	servers := slices.DeleteFunc(slices.Clone(s.engine.catalog.Servers()), func(n string) bool { return !d.asks(n) })
	lists := make([][]*sources.Table, len(servers))
	var wg sync.WaitGroup
	for i, server := range servers {
		wg.Go(func() { lists[i] = s.worldTables(ctx, server, d) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w.Tables = slices.Concat(lists...)
	if d.asks(catalog.Home) {
		w.Tables = append(w.Tables, s.homeTables(ctx, w, d)...)
	}
	return w, nil
}

func (s *Session) emptyWorld(env *eval.Env) *pgcatalog.World {
	e := s.engine
	defs := e.catalog.Definitions()
	w := &pgcatalog.World{
		Home: catalog.Home, Current: env.Catalog, Role: s.identity.Role, OIDs: &e.oids, Kinds: map[string]string{},
		Catalogs: append(e.catalog.Servers(), catalog.Home), Definitions: map[[2]string]string{}, Path: s.resolver().Path(),
		Settings: s.worldSettings(), Activity: e.activity(s.identity.Role),
	}
	slices.Sort(w.Catalogs)
	for name, server := range defs.Servers {
		w.Kinds[name] = server.Kind
	}
	for name := range defs.Schemas {
		w.Schemas = append(w.Schemas, [2]string{catalog.Home, name})
	}
	for _, v := range defs.AllViews() {
		w.Definitions[[2]string{v.Schema, v.Name}] = viewQuery(v)
	}
	return w
}

// viewQuery is a view's SELECT; its statement's text is that of the whole definition.
func viewQuery(v *catalog.View) string {
	text, err := parse.Deparse(v.Query.Root)
	if err != nil {
		return v.Query.SQL() // what was parsed can be written
	}
	return text
}

func (s *Session) worldSettings() []pgcatalog.Setting {
	values := s.Settings()
	var out []pgcatalog.Setting
	for _, name := range slices.Sorted(maps.Keys(values)) {
		def, shown := settingTable[name], name
		if def.shown != "" {
			shown = def.shown
		}
		initial := def.initial
		if v, ok := s.Default(name); ok {
			initial = v
		}
		out = append(out, pgcatalog.Setting{Name: shown, Value: values[name], Initial: initial, About: def.about, ReadOnly: def.readOnly})
	}
	return out
}

// activity are the role's statements.
func (e *Engine) activity(role string) []pgcatalog.Activity {
	var out []pgcatalog.Activity
	for _, q := range e.queries.list() {
		if q.session.identity.Role == role {
			out = append(out, pgcatalog.Activity{
				PID: q.pid, Role: role, State: q.state.Load().(string), Text: q.text, Started: q.started,
				Label: q.session.settings.value("application_name"),
			})
		}
	}
	return out
}

func (s *Session) worldTables(ctx context.Context, server string, d demand) []*sources.Table {
	ctx, cancel := context.WithTimeout(ctx, worldTimeout)
	defer cancel()
	ts, err := s.engine.catalog.ListMatching(ctx, server, sources.Pattern{
		Schema: d.schema, Table: d.table, NamesOnly: d.depth == pgcatalog.Names,
	})
	if err != nil {
		s.engine.log.Warn("system catalogs: a server was left out", "server", server, "error", err)
		return nil
	}
	return ts
}

// homeTables are the views of the home catalog and the engine's own relations.
func (s *Session) homeTables(ctx context.Context, w *pgcatalog.World, d demand) []*sources.Table {
	out := pgcatalog.SystemTables(w.Home)
	for i := range systemTables {
		t := &systemTables[i]
		out = append(out, &sources.Table{
			ServerName: catalog.Home, SchemaName: catalog.System, TableName: t.name, Type: sources.ViewTable, Cols: t.cols, RowCount: 100,
		})
	}
	for _, v := range s.engine.catalog.Definitions().AllViews() {
		if d.schema != "" && d.schema != v.Schema || d.table != "" && d.table != v.Name {
			continue
		}
		t := &sources.Table{
			ServerName: catalog.Home, SchemaName: v.Schema, TableName: v.Name, Type: sources.ViewTable, RowCount: -1, Comment: v.Comment,
		}
		if d.depth == pgcatalog.Columns {
			t.Cols = s.viewColumns(ctx, v)
		}
		out = append(out, t)
	}
	return out
}

// viewColumns are a view's columns, none when it cannot be used.
func (s *Session) viewColumns(ctx context.Context, v *catalog.View) []plan.TableColumn {
	ctx, cancel := context.WithTimeout(ctx, worldTimeout)
	defer cancel()
	bound, err := s.bindView(ctx, v)
	if err != nil {
		s.engine.log.Warn("system catalogs: a view's columns were left out", "view", v.QualifiedName(), "error", err)
		return nil
	}
	out := make([]plan.TableColumn, len(bound.Columns))
	for i, c := range bound.Columns {
		out[i] = plan.TableColumn{Name: c.Name, Type: c.Type, Nullable: true}
	}
	return out
}

// catalogOfSchema takes apart what pg_catalog calls a schema (see pgcatalog.SchemaName).
func (e *Engine) catalogOfSchema(current, name string) (cat, schema string) {
	if name == pgcatalog.Catalog || name == pgcatalog.InformationSchema {
		return catalog.Home, name
	}
	if c, schema, ok := strings.Cut(name, "."); ok && e.catalog.Source(c) != nil {
		return c, schema
	}
	return current, name
}
