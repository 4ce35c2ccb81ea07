package engine

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// Catalogs lists the servers and the home catalog, sorted.
func (s *Session) Catalogs(context.Context) ([]string, error) {
	out := append(s.engine.catalog.Servers(), catalog.Home)
	slices.Sort(out)
	return out, nil
}

// Schemas lists (catalog, schema) pairs, sorted. Servers that are down are left out.
func (s *Session) Schemas(ctx context.Context, cat, schemaPattern *string) ([][2]string, error) {
	tables, err := s.Tables(ctx, TableFilter{Catalog: cat, SchemaPattern: schemaPattern})
	if err != nil {
		return nil, err
	}
	var out [][2]string
	add := func(catalogName, schema string) {
		pair := [2]string{catalogName, schema}
		if !slices.Contains(out, pair) {
			out = append(out, pair)
		}
	}
	for _, t := range tables {
		add(t.Catalog, t.Schema)
	}
	if cat == nil || *cat == catalog.Home {
		for name := range s.engine.catalog.Definitions().Schemas {
			if matches(schemaPattern, name) {
				add(catalog.Home, name)
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1]) })
	return out, nil
}

// Tables lists tables and views, ordered by catalog, schema and name. The servers are asked at the same time; one that
// is down is left out and logged.
func (s *Session) Tables(ctx context.Context, f TableFilter) ([]TableInfo, error) {
	servers := slices.DeleteFunc(append(s.engine.catalog.Servers(), catalog.Home), func(n string) bool {
		return f.Catalog != nil && *f.Catalog != n
	})
	lists := make([][]TableInfo, len(servers))
	var wg sync.WaitGroup
	for i, server := range servers {
		wg.Go(func() { lists[i] = s.serverTables(ctx, server, f) })
	}
	var views []TableInfo
	if f.Catalog == nil || *f.Catalog == catalog.Home {
		views = s.viewTables(ctx, f)
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, asSQL(err)
	}
	out := slices.Concat(append(lists, views)...)
	slices.SortFunc(out, func(a, b TableInfo) int {
		return strings.Compare(a.Catalog+"\x00"+a.Schema+"\x00"+a.Name, b.Catalog+"\x00"+b.Schema+"\x00"+b.Name)
	})
	return out, nil
}

func (f *TableFilter) takes(schema, name string, t sources.TableType) bool {
	if len(f.Types) > 0 && !slices.ContainsFunc(f.Types, func(w string) bool {
		return strings.EqualFold(w, string(t)) || strings.EqualFold(w, "TABLE") && t != sources.ViewTable
	}) {
		return false
	}
	return matches(f.SchemaPattern, schema) && matches(f.TablePattern, name)
}

func (s *Session) serverTables(ctx context.Context, server string, f TableFilter) []TableInfo {
	ts, err := s.engine.catalog.List(ctx, server, !f.Columns && !f.Keys)
	if err != nil {
		s.engine.log.Warn("listing tables: a server was left out", "server", server, "error", err)
		return nil
	}
	var out []TableInfo
	for _, t := range ts {
		if !f.takes(t.SchemaName, t.TableName, t.Type) {
			continue
		}
		info := TableInfo{
			Catalog: server, Schema: t.SchemaName, Name: t.TableName, Type: t.Type, PrimaryKey: t.PrimaryKey, Foreign: t.Foreign,
		}
		if f.Columns {
			info.ArrowSchema = s.tableSchema(t)
		}
		out = append(out, info)
	}
	return out
}

// tableSchema is what SELECT * of a table returns.
func (s *Session) tableSchema(t *sources.Table) *arrow.Schema {
	cols := make([]plan.Column, len(t.Cols))
	o := s.exportOptions()
	o.Origins = map[expr.ColumnID]interchange.Origin{}
	for i, c := range t.Cols {
		cols[i] = plan.Column{ID: expr.ColumnID(i), Name: c.Name, Type: c.Type, Nullable: c.Nullable}
		o.Origins[expr.ColumnID(i)] = interchange.Origin{Catalog: t.ServerName, Schema: t.SchemaName, Table: t.TableName}
	}
	return clientSchema(cols, o)
}

func clientSchema(cols []plan.Column, o interchange.Options) *arrow.Schema {
	schema, err := interchange.Schema(cols, o)
	if err != nil {
		return noFields // every storage type has a client's form
	}
	return schema
}

func (s *Session) viewTables(ctx context.Context, f TableFilter) []TableInfo {
	var out []TableInfo
	for _, v := range s.engine.catalog.Definitions().AllViews() {
		if !f.takes(v.Schema, v.Name, sources.ViewTable) {
			continue
		}
		info := TableInfo{Catalog: catalog.Home, Schema: v.Schema, Name: v.Name, Type: sources.ViewTable}
		if f.Columns {
			bound, err := s.bindView(ctx, v)
			if err != nil {
				s.engine.log.Warn("listing tables: a view was left out", "view", v.QualifiedName(), "error", err)
				continue
			}
			info.ArrowSchema = clientSchema(bound.Columns, s.exportOptions())
		}
		out = append(out, info)
	}
	return out
}

// bindView gives a view its columns; the error says why it cannot be used.
func (s *Session) bindView(ctx context.Context, v *catalog.View) (*bind.Bound, error) {
	stmt, err := parse.Parse("SELECT * FROM " + quoteName(catalog.Home, v.Schema, v.Name))
	if err != nil {
		return nil, err
	}
	bound, err := bind.Bind(ctx, stmt, names{resolver: s.resolver(), shadowable: new(bool)}, bind.Options{Zone: s.zone()})
	if err != nil {
		return nil, err
	}
	return bound, printRegistered(bound)
}

func quoteName(parts ...string) string {
	for i, p := range parts {
		parts[i] = `"` + strings.ReplaceAll(p, `"`, `""`) + `"`
	}
	return strings.Join(parts, ".")
}

// matches is SQL's LIKE with backslash as escape; a nil pattern matches everything.
func matches(pattern *string, s string) bool {
	if pattern == nil {
		return true
	}
	return like([]rune(*pattern), []rune(s))
}

func like(p, s []rune) bool {
	// Greedy with one point to come back to: the last % and where it stood.
	star, mark, i, j := -1, 0, 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '%':
			star, mark = i, j
			i++
		case i < len(p) && p[i] == '\\' && i+1 < len(p) && p[i+1] == s[j]:
			i, j = i+2, j+1
		case i < len(p) && p[i] != '\\' && (p[i] == '_' || p[i] == s[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '%' {
		i++
	}
	return i == len(p)
}

// CheckView says why a view cannot be used, nil when it can.
func (s *Session) CheckView(ctx context.Context, v *catalog.View) error {
	_, err := s.bindView(ctx, v)
	return err
}
