package engine

import (
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// systemTable is one table of schema skein_catalog. rows gives its content as the role may see it, as datums.
type systemTable struct {
	name string
	cols []plan.TableColumn
	rows func(e *Engine, role string) [][]any
}

func column(name string, t *types.Type, nullable bool) plan.TableColumn {
	return plan.TableColumn{Name: name, Type: t, Nullable: nullable}
}

var systemTables = []systemTable{
	{"queries", []plan.TableColumn{
		column("id", types.TextT, false), column("pid", types.Int4T, false), column("role", types.TextT, false),
		column("state", types.TextT, false), column("started", types.TimestampTZT, false),
		column("rows", types.Int8T, false), column("statement", types.TextT, false),
	}, queryRows},
	{"servers", []plan.TableColumn{
		column("name", types.TextT, false), column("kind", types.TextT, true),
		column("connections", types.Int4T, false), column("max_connections", types.Int4T, true),
		column("declared", types.TextT, true),
	}, serverRows},
	{"settings", []plan.TableColumn{
		column("name", types.TextT, false), column("initial", types.TextT, false), column("description", types.TextT, false),
	}, settingRows},
	{"views", []plan.TableColumn{
		column("schema", types.TextT, false), column("name", types.TextT, false), column("definition", types.TextT, false),
		column("comment", types.TextT, true), column("declared", types.TextT, false),
	}, viewRows},
}

func queryRows(e *Engine, role string) [][]any {
	var out [][]any
	for _, q := range e.queries.list() {
		if q.session.identity.Role == role {
			out = append(out, []any{q.id, int64(q.pid), role, q.state.Load(), q.started.UnixMicro(), q.rows.Load(), q.text})
		}
	}
	return out
}

func serverRows(e *Engine, _ string) [][]any {
	var out [][]any
	for _, name := range e.catalog.Servers() {
		row := []any{name, nil, int64(e.connections.InUse(name)), nil, nil}
		if limit := e.connections.Limit(name); limit > 0 {
			row[3] = int64(limit)
		}
		if s := e.catalog.Definitions().Servers[name]; s != nil {
			row[1], row[4] = s.Kind, s.Origin
		}
		out = append(out, row)
	}
	return out
}

func settingRows(*Engine, string) [][]any {
	var out [][]any
	for _, name := range slices.Sorted(maps.Keys(settingTable)) {
		out = append(out, []any{name, settingTable[name].initial, settingTable[name].about})
	}
	return out
}

func viewRows(e *Engine, _ string) [][]any {
	var out [][]any
	for _, v := range e.catalog.Definitions().AllViews() {
		row := []any{v.Schema, v.Name, v.Query.SQL(), nil, v.Origin}
		if v.Comment != "" {
			row[3] = v.Comment
		}
		out = append(out, row)
	}
	return out
}

// systemSource serves the tables of skein_catalog from the engine's own state: the server called skein.
type systemSource struct{ engine *Engine }

func newSystemSource(e *Engine) *systemSource { return &systemSource{e} }

var _ sources.Source = (*systemSource)(nil)

func (s *systemSource) Discover(_ context.Context, p sources.Pattern) ([]*sources.Table, error) {
	if p.Schema == pgcatalog.Catalog || p.Schema == pgcatalog.InformationSchema {
		return pgTables(p), nil
	}
	var out []*sources.Table
	for i := range systemTables {
		t := &systemTables[i]
		if p.Schema != "" && p.Schema != catalog.System || p.Table != "" && p.Table != t.name {
			continue
		}
		out = append(out, &sources.Table{
			ServerName: catalog.Home, SchemaName: catalog.System, TableName: t.name, Type: sources.ViewTable,
			Cols: t.cols, RowCount: 100, Detail: t,
		})
	}
	return out, nil
}

// Capabilities takes filters: they say which servers need not be asked, and are all rechecked.
func (s *systemSource) Capabilities() sources.Capabilities { return sources.Capabilities{Filter: true} }

func (s *systemSource) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	switch n := f.Root.(type) {
	case *plan.Scan:
		return &systemScan{scan: n}, nil
	case *plan.Filter:
		if scan, ok := n.Input.(*plan.Scan); ok {
			return &systemScan{scan: scan, conds: n.Conds}, nil
		}
	}
	return nil, sources.Refuse(f.Root, nil, "system tables are only scanned")
}

// Begin gives a snapshot without a world: the execution begins the statements that read the catalogs.
func (s *systemSource) Begin(_ context.Context, id sources.Identity, _ sources.Need) (sources.Snapshot, error) {
	return s.begin(id.Role, nil), nil
}

func (s *systemSource) begin(role string, world *pgcatalog.World) *systemSnapshot {
	return &systemSnapshot{engine: s.engine, role: role, world: world}
}

func (s *systemSource) Close() error { return nil }

// systemScan reads one system table; conds are rechecked.
type systemScan struct {
	scan  *plan.Scan
	conds []expr.Expr
}

func (s *systemScan) Server() string           { return catalog.Home }
func (s *systemScan) Columns() []plan.Column   { return s.scan.Cols }
func (s *systemScan) Residual() []expr.Expr    { return s.conds }
func (s *systemScan) Estimate() plan.Estimate  { return plan.Estimate{Rows: 100, Bytes: 1e4} }
func (s *systemScan) Ordering() []plan.SortKey { return nil }
func (s *systemScan) Splittable() bool         { return false }
func (s *systemScan) Inputs() plan.Inputs      { return plan.Inputs{} }
func (s *systemScan) Text() string             { return s.scan.Table.Schema() + "." + s.scan.Table.Name() }
func (s *systemScan) Tables() []plan.TableRef  { return []plan.TableRef{s.scan.Table} }

// systemSnapshot is its own lane: there is no connection behind it.
type systemSnapshot struct {
	engine *Engine
	role   string
	world  *pgcatalog.World
}

func (s *systemSnapshot) Lane(_ context.Context, extra bool) (sources.Lane, error) {
	if extra {
		return nil, nil
	}
	return s, nil
}

// oneSplit is the queue of a table that is read whole.
type oneSplit struct{ once sync.Once }

type wholeTable struct{}

func (wholeTable) String() string { return "all" }

func (o *oneSplit) Next(context.Context) (sources.Split, error) {
	err := io.EOF
	o.once.Do(func() { err = nil })
	if err != nil {
		return nil, err
	}
	return wholeTable{}, nil
}

func (s *systemSnapshot) Splits(context.Context, plan.RemoteScan, *sources.Env) (sources.SplitQueue, error) {
	return &oneSplit{}, nil
}

func (s *systemSnapshot) Open(_ context.Context, scan plan.RemoteScan, _ sources.Split, env *sources.Env) (batch.Reader, error) {
	sys := scan.(*systemScan).scan
	rows, err := s.content(sys.Table.(*sources.Table))
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(sys.Cols))
	arrays := make([]arrow.Array, len(sys.Cols))
	for i, c := range sys.Cols {
		values := make([]any, len(rows))
		for r := range rows {
			values[r] = rows[r][sys.Ordinals[i]]
		}
		arr, err := datum.ToArray(c.Type, values)
		if err != nil {
			return nil, err
		}
		arrays[i] = arr
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable}
	}
	schema := arrow.NewSchema(fields, nil)
	rec := batch.NewRecord(schema, arrays, len(rows))
	limit := env.BatchRows
	if limit <= 0 {
		limit = batch.Rows
	}
	defer rec.Release()
	return batch.FromRecords(schema, batch.SliceRows(rec, limit)...), nil
}

// content is a table's rows.
func (s *systemSnapshot) content(t *sources.Table) ([][]any, error) {
	if table, ok := t.Detail.(*systemTable); ok {
		return table.rows(s.engine, s.role), nil
	}
	if s.world == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "%s.%s was not prepared for", t.SchemaName, t.TableName)
	}
	return t.Detail.(*pgcatalog.Relation).Rows(s.world), nil
}

func (s *systemSnapshot) Lookup(context.Context, plan.RemoteScan, arrow.RecordBatch, *sources.Env) (batch.Reader, error) {
	return nil, sqlerr.New(sqlerr.InternalError, "system tables have no lookup")
}

func (s *systemSnapshot) Wanted() bool { return false }

func (s *systemSnapshot) Close() error { return nil }
