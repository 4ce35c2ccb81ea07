package flightsql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// scripted is an engine that plays statements from a script: by their text, or by their first word.
type scripted struct {
	mu       sync.Mutex
	sessions map[string]*scriptedSession
	scripts  map[string]func(s *scriptedSession, sql string) (*scriptedStatement, error)
	tables   []engine.TableInfo
	opened   atomic.Int64 // sessions ever
	canceled atomic.Int64 // queries asked to be cancelled by id
	open     atomic.Int64 // results not closed
	prepared atomic.Int64
	serial   atomic.Int64
}

func newScripted() *scripted {
	e := &scripted{sessions: map[string]*scriptedSession{}, scripts: map[string]func(*scriptedSession, string) (*scriptedStatement, error){}}
	e.scripts["SET"] = scriptSet
	e.scripts["SHOW"] = scriptShow
	return e
}

func (e *scripted) on(sql string, st func(s *scriptedSession, sql string) (*scriptedStatement, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scripts[sql] = st
}

// rows scripts a statement that returns batches.
func (e *scripted) rows(sql string, recs ...arrow.RecordBatch) {
	e.on(sql, func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: recs[0].Schema(), next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
			if i >= len(recs) {
				return nil, io.EOF
			}
			recs[i].Retain()
			return recs[i], nil
		}}, nil
	})
}

func (e *scripted) fails(sql string, err error) {
	e.on(sql, func(*scriptedSession, string) (*scriptedStatement, error) { return nil, err })
}

func (e *scripted) live() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.sessions)
}

func (e *scripted) NewSession(id engine.Identity) (*scriptedSession, error) {
	e.opened.Add(1)
	s := &scriptedSession{engine: e, identity: id, id: fmt.Sprintf("s%d", e.serial.Add(1)), settings: defaults()}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sessions[s.id] = s
	return s, nil
}

func (e *scripted) Session(id string) (*scriptedSession, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.sessions[id]; ok {
		return s, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidAuthorization, "no such session")
}

// Cancel knows one query, of everybody: "q1".
func (e *scripted) Cancel(_ engine.Identity, queryID string) bool {
	e.canceled.Add(1)
	return queryID == "q1"
}

func defaults() map[string]string {
	return map[string]string{"search_path": "skein.public", "timezone": "UTC", "skein.pushdown": "on"}
}

type scriptedSession struct {
	engine   *scripted
	id       string
	identity engine.Identity
	mu       sync.Mutex
	settings map[string]string
	closed   atomic.Bool
}

func (s *scriptedSession) ID() string                { return s.id }
func (s *scriptedSession) Identity() engine.Identity { return s.identity }
func (s *scriptedSession) Settings() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.settings)
}

func (s *scriptedSession) Set(name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	catalog, schema, _ := strings.Cut(s.settings["search_path"], ".")
	switch name {
	case "catalog":
		name, value = "search_path", value+"."+schema
	case "schema":
		name, value = "search_path", catalog+"."+value
	}
	if _, ok := s.settings[name]; !ok {
		return sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
	}
	if name == "skein.pushdown" && value != "on" && value != "off" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q", name)
	}
	s.settings[name] = value
	return nil
}

func (s *scriptedSession) Get(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	catalog, schema, _ := strings.Cut(s.settings["search_path"], ".")
	switch name {
	case "catalog":
		return catalog, nil
	case "schema":
		return schema, nil
	}
	if v, ok := s.settings[name]; ok {
		return v, nil
	}
	return "", sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
}

func (s *scriptedSession) Reset(name string) error {
	if name == "catalog" || name == "schema" {
		name = "search_path"
	}
	return s.Set(name, defaults()[name])
}

func (s *scriptedSession) Close() error {
	s.closed.Store(true)
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	delete(s.engine.sessions, s.id)
	return nil
}

func (s *scriptedSession) Prepare(ctx context.Context, sql string) (*scriptedStatement, error) {
	if s.closed.Load() {
		return nil, errors.New("prepare in a closed session")
	}
	s.engine.prepared.Add(1)
	word, _, _ := strings.Cut(sql, " ")
	s.engine.mu.Lock()
	f, ok := s.engine.scripts[sql]
	if !ok {
		f, ok = s.engine.scripts[word]
	}
	s.engine.mu.Unlock()
	if !ok {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", sql).At(15).WithHint("did you mean \"süd\"?")
	}
	st, err := f(s, sql)
	if err != nil {
		return nil, err
	}
	if st.prepare != nil {
		if err := st.prepare(ctx); err != nil {
			return nil, err
		}
	}
	st.session, st.sql, st.tag = s, sql, word
	return st, nil
}

func (s *scriptedSession) Catalogs(context.Context) ([]string, error) {
	return []string{"crm", "skein"}, nil
}

func (s *scriptedSession) Schemas(_ context.Context, catalog, pattern *string) ([][2]string, error) {
	var out [][2]string
	for _, p := range [][2]string{{"crm", "public"}, {"crm", "sales"}, {"skein", "shop"}} {
		if (catalog == nil || *catalog == p[0]) && (pattern == nil || like(p[1], *pattern)) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *scriptedSession) Tables(_ context.Context, f engine.TableFilter) ([]engine.TableInfo, error) {
	var out []engine.TableInfo
	for _, t := range s.engine.tables {
		if (f.Catalog != nil && *f.Catalog != t.Catalog) || (f.SchemaPattern != nil && !like(t.Schema, *f.SchemaPattern)) ||
			(f.TablePattern != nil && !like(t.Name, *f.TablePattern)) || (len(f.Types) > 0 && !strings.Contains(strings.Join(f.Types, "|"), string(t.Type))) {
			continue
		}
		if !f.Columns {
			t.ArrowSchema = nil
		}
		if !f.Keys {
			t.PrimaryKey, t.Foreign = nil, nil
		}
		out = append(out, t)
	}
	return out, nil
}

// like is LIKE for short patterns.
func like(s, p string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '%':
		return like(s, p[1:]) || (s != "" && like(s[1:], p))
	case p[0] == '\\' && len(p) > 1:
		return s != "" && s[0] == p[1] && like(s[1:], p[2:])
	case s == "":
		return false
	}
	return (p[0] == '_' || p[0] == s[0]) && like(s[1:], p[1:])
}

type scriptedStatement struct {
	session  *scriptedSession
	sql, tag string
	schema   *arrow.Schema // nil: no rows
	params   *arrow.Schema
	effects  func(row boundRow) (int64, error)
	prepare  func(ctx context.Context) error
	execute  func(ctx context.Context) error
	next     func(ctx context.Context, row boundRow, i int) (arrow.RecordBatch, error)
	runs     *atomic.Int64
}

func (s *scriptedStatement) SQL() string       { return s.sql }
func (s *scriptedStatement) Tag() string       { return s.tag }
func (s *scriptedStatement) HasEffects() bool  { return s.effects != nil }
func (s *scriptedStatement) ReturnsRows() bool { return s.schema != nil }
func (s *scriptedStatement) Schema() *arrow.Schema {
	if s.schema == nil {
		return noColumns
	}
	return s.schema
}

func (s *scriptedStatement) ParamSchema() *arrow.Schema {
	if s.params == nil {
		return noColumns
	}
	return s.params
}

func (s *scriptedStatement) Execute(ctx context.Context, params arrow.RecordBatch, row int) (*engine.Result, error) {
	if s.session.closed.Load() {
		return nil, errors.New("execute in a closed session")
	}
	if s.runs != nil {
		s.runs.Add(1)
	}
	if s.execute != nil {
		if err := s.execute(ctx); err != nil {
			return nil, err
		}
	}
	res := &engine.Result{QueryID: fmt.Sprintf("q%d", s.session.engine.serial.Add(1)), Affected: -1}
	at := boundRow{params, row}
	if s.effects != nil {
		n, err := s.effects(at)
		if err != nil {
			return nil, err
		}
		res.Affected = n
	}
	r := &scriptedReader{st: s, ctx: ctx, row: at}
	s.session.engine.open.Add(1)
	res.Reader = r
	return res, nil
}

type scriptedReader struct {
	st     *scriptedStatement
	ctx    context.Context
	row    boundRow
	i      int
	closed atomic.Bool
}

func (r *scriptedReader) Schema() *arrow.Schema { return r.st.Schema() }
func (r *scriptedReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.closed.Load() {
		return nil, errors.New("next after close")
	}
	if r.st.next == nil {
		return nil, io.EOF
	}
	r.i++
	return r.st.next(ctx, r.row, r.i-1)
}

func (r *scriptedReader) Close() error {
	if r.closed.CompareAndSwap(false, true) {
		r.st.session.engine.open.Add(-1)
	}
	return nil
}

// scriptSet is SET name value.
func scriptSet(s *scriptedSession, sql string) (*scriptedStatement, error) {
	f := strings.Fields(sql)
	if len(f) != 3 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "syntax error").At(5)
	}
	return &scriptedStatement{effects: func(boundRow) (int64, error) { return -1, s.Set(f[1], f[2]) }}, nil
}

// scriptShow is SHOW name.
func scriptShow(s *scriptedSession, sql string) (*scriptedStatement, error) {
	_, name, _ := strings.Cut(sql, " ")
	if _, err := s.Get(name); err != nil {
		return nil, err
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	return &scriptedStatement{schema: schema, next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
		if i > 0 {
			return nil, io.EOF
		}
		v, err := s.Get(name)
		return stringRecord(schema, v), err
	}}, nil
}

func stringRecord(schema *arrow.Schema, values ...string) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues(values, nil)
	return b.NewRecordBatch()
}

// ints is a batch of n rows and the given number of int64 columns, counting from start.
func ints(start, n, columns int) arrow.RecordBatch {
	fields := make([]arrow.Field, columns)
	cols := make([]arrow.Array, columns)
	for c := range columns {
		fields[c] = arrow.Field{Name: "c" + strconv.Itoa(c), Type: arrow.PrimitiveTypes.Int64}
		b := array.NewInt64Builder(memory.DefaultAllocator)
		for i := range n {
			b.Append(int64(start + i + c))
		}
		cols[c] = b.NewArray()
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(n))
}

var paramSchema = arrow.NewSchema([]arrow.Field{{Name: "$1", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)

// scriptEcho returns its parameter twice.
func scriptEcho(runs *atomic.Int64) func(*scriptedSession, string) (*scriptedStatement, error) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	return func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: schema, params: paramSchema, runs: runs, next: func(_ context.Context, row boundRow, i int) (arrow.RecordBatch, error) {
			if i > 0 {
				return nil, io.EOF
			}
			b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
			defer b.Release()
			in := row.batch.Column(0).(*array.Int64)
			for range 2 {
				b.Field(0).(*array.Int64Builder).Append(in.Value(row.index))
			}
			return b.NewRecordBatch(), nil
		}}, nil
	}
}

// scriptSlow blocks in the given phase until its context ends, and says when it began and ended.
func scriptSlow(phase string, began, ended chan struct{}) func(*scriptedSession, string) (*scriptedStatement, error) {
	block := func(ctx context.Context) error {
		close(began)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}
	return func(*scriptedSession, string) (*scriptedStatement, error) {
		st := &scriptedStatement{schema: ints(0, 1, 1).Schema(), next: func(context.Context, boundRow, int) (arrow.RecordBatch, error) { return nil, io.EOF }}
		switch phase {
		case "prepare":
			st.prepare = block
		case "execute":
			st.execute = block
		case "next":
			st.next = func(ctx context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
				if i == 0 {
					return ints(0, 10, 1), nil
				}
				return nil, block(ctx)
			}
		}
		return st, nil
	}
}

func shopTables() []engine.TableInfo {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64, Metadata: arrow.MetadataFrom(map[string]string{"ARROW:FLIGHT:SQL:TYPE_NAME": "int8"})},
		{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	other := arrow.NewSchema([]arrow.Field{{Name: "wrong", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	return []engine.TableInfo{
		{Catalog: "crm", Schema: "public", Name: "aXb", Type: sources.BaseTable, ArrowSchema: other},
		{Catalog: "crm", Schema: "public", Name: "a_b", Type: sources.BaseTable, ArrowSchema: schema, PrimaryKey: []string{"id", "name"}},
		{Catalog: "crm", Schema: "sales", Name: "orders", Type: sources.BaseTable, ArrowSchema: schema, PrimaryKey: []string{"id"}, Foreign: []sources.ForeignKey{
			{Name: "orders_fk", Columns: []string{"id"}, RefSchema: "public", RefTable: "a_b", RefColumns: []string{"id"}, DelRule: "CASCADE", UpdateRule: "NO ACTION"},
		}},
		{Catalog: "skein", Schema: "shop", Name: "history", Type: sources.ViewTable, ArrowSchema: schema},
	}
}

// waitFor polls for a condition that comes about soon.
func waitFor(cond func() bool) bool {
	for range 1000 {
		if cond() {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}
