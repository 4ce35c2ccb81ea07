package engine

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/optimize"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Statement is a prepared statement: immutable, safe for concurrent use, and good until its session ends.
type Statement struct {
	session *Session
	stmt    *parse.Statement
	schema  *arrow.Schema
	params  *arrow.Schema
	effects bool
	rows    bool
	command command
}

// command is what a statement does when it is executed.
type command interface {
	// run starts it. params are datums of the statement's parameter types.
	run(ctx context.Context, s *Statement, params []any) (*Result, error)
}

// Prepare parses, binds and plans one statement. Errors carry SQLSTATE and position.
func (s *Session) Prepare(ctx context.Context, sql string) (*Statement, error) {
	s.touch()
	if p := s.engine.plans.get(s.planKey(sql)); p != nil && !s.outdated(ctx, p) {
		if err := s.transaction.admit(p.stmt); err != nil {
			return nil, err
		}
		return s.query(p), nil
	}
	stmt, err := parse.Parse(sql)
	if err != nil {
		return nil, s.transaction.failed(err)
	}
	if err := s.transaction.admit(stmt); err != nil {
		return nil, err
	}
	st, err := s.prepare(ctx, stmt)
	if err != nil {
		return nil, s.transaction.failed(err)
	}
	return st, nil
}

// planning calls f with a context under which the statement is known as being planned: skein_catalog.queries shows it, and
// it can be cancelled. The text has no literals.
func (s *Session) planning(ctx context.Context, text string, f func(context.Context) error) error {
	ctx, q, stop := s.startQuery(ctx, text)
	defer s.engine.queries.finish(q)
	defer stop()
	err := f(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil && (errors.Is(err, cause) || errors.Is(err, ctx.Err())) {
		return asSQL(cause)
	}
	return err
}

// startQuery registers a statement, whose context ends when it is cancelled, by statement_timeout, or by stop.
func (s *Session) startQuery(ctx context.Context, text string) (_ context.Context, q *query, stop context.CancelFunc) {
	ctx, stopTimer := s.withTimeout(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, s.engine.queries.start(s, text, cancel), func() {
		cancel(nil)
		stopTimer()
	}
}

// withTimeout bounds ctx by statement_timeout.
func (s *Session) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	d, err := parseDuration(s.settings.value(SettingStatementTimeout))
	if err != nil || d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, d,
		sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout").WithHint("it is set by statement_timeout"))
}

func (s *Session) prepare(ctx context.Context, stmt *parse.Statement) (*Statement, error) {
	switch stmt.Command() {
	case parse.Query:
		p, err := s.plan(ctx, stmt, planOptions{})
		if err != nil {
			return nil, err
		}
		p.kept = true
		s.engine.plans.put(s.planKey(stmt.Text), p)
		return s.query(p), nil
	case parse.Explain:
		return s.prepareExplain(ctx, stmt)
	case parse.Show:
		return s.prepareShow(stmt)
	case parse.Set:
		return s.effect(stmt, setCommand{}), nil
	case parse.Transaction:
		return s.effect(stmt, transactionCommand{}), nil
	case parse.Discard:
		return s.effect(stmt, discardCommand{}), nil
	case parse.Prepare:
		return s.effect(stmt, prepareCommand{}), nil
	case parse.Execute:
		return s.prepareExecute(ctx, stmt)
	case parse.Deallocate:
		return s.effect(stmt, deallocateCommand{}), nil
	case parse.Empty:
		return s.effect(stmt, emptyCommand{}), nil
	case parse.DML:
		return nil, readOnly(stmt)
	case parse.DDL:
		return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied: %s is for catalog files", stmt.Tag()).
			WithHint("declare servers, schemas and views in a catalog file, or with --source")
	}
	if stmt.Tag() == "SELECT INTO" || stmt.Tag() == "CREATE TABLE AS" {
		return nil, readOnly(stmt)
	}
	return nil, sqlerr.Unsupported(stmt.Tag())
}

func readOnly(stmt *parse.Statement) error {
	return sqlerr.New(sqlerr.ReadOnlyTransaction, "cannot execute %s in a read-only transaction", stmt.Tag()).
		WithHint("the engine only reads: write at the source itself")
}

var noFields = arrow.NewSchema(nil, nil)

// effect is a statement without rows that must run exactly once.
func (s *Session) effect(stmt *parse.Statement, c command) *Statement {
	return &Statement{session: s, stmt: stmt, schema: noFields, params: noFields, effects: true, command: c}
}

func (s *Session) query(p *planned) *Statement {
	return &Statement{
		session: s, stmt: p.stmt, schema: p.converter.Schema(), params: paramSchema(p.bound.Params, s.exportOptions()),
		rows: true, command: &selectCommand{plan: p},
	}
}

// SQL is the statement's text.
func (st *Statement) SQL() string { return st.stmt.Text }

// Tag is the command: SELECT, SET, EXPLAIN, …
func (st *Statement) Tag() string { return st.stmt.Tag() }

// HasEffects says that running it twice is not the same as once.
func (st *Statement) HasEffects() bool { return st.effects }

// ReturnsRows is false for commands that only have a tag.
func (st *Statement) ReturnsRows() bool { return st.rows }

// Schema is what clients receive: Arrow types by the session's settings, real nullability, SQL type metadata.
func (st *Statement) Schema() *arrow.Schema { return st.schema }

// ParamSchema has a nullable field $1, $2, … of a concrete type per parameter.
func (st *Statement) ParamSchema() *arrow.Schema { return st.params }

// planKey is what a plan of this session's would be kept by.
func (s *Session) planKey(sql string) planKey {
	set := s.settings
	set.mu.RLock()
	defer set.mu.RUnlock()
	return planKey{
		sql: sql, searchPath: set.lookup(SettingSearchPath), zone: set.lookup(SettingTimeZone),
		pushdown: set.lookup(SettingPushdown), numeric: set.lookup(SettingNumeric), uuid: set.lookup(SettingUUID),
		json: set.lookup(SettingJSON), role: s.identity.Role, version: s.engine.catalog.Definitions().Version,
		workers: s.workersLocked(),
	}
}

func (s *Session) workersLocked() int {
	if n := atoi(s.settings.lookup(SettingWorkers)); n > 0 {
		return n
	}
	return s.engine.cfg.Workers
}

func (s *Session) workers() int {
	s.settings.mu.RLock()
	defer s.settings.mu.RUnlock()
	return s.workersLocked()
}

// planOptions are what a plan depends on besides the statement and the session.
type planOptions struct {
	// text is the statement without literals, when the caller knows it.
	text string
	// params are the declared types of parameters; those that are missing or nil are found from the context.
	params []*types.Type
}

// plan binds and optimizes a query, which is registered meanwhile.
func (s *Session) plan(ctx context.Context, stmt *parse.Statement, o planOptions) (p *planned, err error) {
	if o.text == "" {
		if o.text, err = stmt.Normalized(); err != nil {
			return nil, err
		}
	}
	err = s.planning(ctx, o.text, func(ctx context.Context) error {
		p, err = s.planNow(ctx, stmt, o)
		return err
	})
	return p, err
}

func (s *Session) planNow(ctx context.Context, stmt *parse.Statement, o planOptions) (*planned, error) {
	bound, shadowable, err := s.bindNow(ctx, stmt, o)
	if err != nil {
		return nil, err
	}
	if err := printRegistered(bound); err != nil {
		return nil, err
	}
	p := &planned{stmt: stmt, bound: bound, shadowable: shadowable, text: o.text, declared: o.params}
	p.root, err = optimize.Plan(ctx, bound.Root, optimize.Options{
		Source: s.engine.catalog.Source, Pushdown: s.settings.value(SettingPushdown) == "on",
		Workers: s.workers(), NextColumn: bound.NextID, Failing: func(err error) { p.fails = err },
	})
	if err != nil {
		return nil, err
	}
	if p.converter, err = interchange.NewConverter(bound.Columns, s.exportOptions()); err != nil {
		return nil, err
	}
	if p.fingerprint, err = stmt.Fingerprint(); err != nil {
		return nil, err
	}
	return p, nil
}

// printRegistered makes text of result columns whose values are identifiers that are printed as names.
func printRegistered(b *bind.Bound) error {
	var items []plan.Item
	found := false
	for i, c := range b.Columns {
		item := plan.Item{Column: c, Expr: c.Ref()}
		switch {
		case c.Type.Kind == types.Array && c.Type.Elem.IsRegistered():
			return sqlerr.Unsupported("a result of type " + c.Type.String())
		case c.Type.IsRegistered():
			found = true
			item.Expr = expr.RegisteredCast(item.Expr, types.TextT)
			item.ID, item.Type = b.NextID, c.Type.Printed()
			b.NextID++
			b.Columns[i] = item.Column
		}
		items = append(items, item)
	}
	if found {
		b.Root = &plan.Project{Input: b.Root, Items: items}
	}
	return nil
}

// exportOptions are the forms in which the session wants its results.
func (s *Session) exportOptions() interchange.Options {
	o := interchange.Options{}
	// SET accepts only what ParseNumericForm reads.
	o.Numeric, _ = interchange.ParseNumericForm(s.settings.value(SettingNumeric))
	switch s.settings.value(SettingUUID) {
	case "arrow":
		o.UUID = interchange.UUIDExtension
	case "binary":
		o.UUID = interchange.UUIDBinary
	}
	if s.settings.value(SettingJSON) == "arrow" {
		o.JSON = interchange.JSONExtension
	}
	return o
}

// paramSchema describes parameters to clients, in the form that drivers which bind by it can use. JDBC's and Go's for
// database/sql know no decimal256, so a numeric is described as text unless skein.numeric names a form that they know.
// JDBC's (18.3.0, TimestampAvaticaParameterConverter) writes milliseconds whatever the unit, so times are described in
// milliseconds. What a client binds may have any form: bindParam converts it.
func paramSchema(params []*types.Type, o interchange.Options) *arrow.Schema {
	if o.Numeric.Kind == interchange.NumericDecimal && (o.Numeric.Precision == 0 || o.Numeric.Precision > types.MaxDecimal128) {
		o.Numeric = interchange.NumericForm{Kind: interchange.NumericText}
	}
	cols := make([]plan.Column, len(params))
	for i, t := range params {
		cols[i] = plan.Column{ID: expr.ColumnID(i), Name: "$" + itoa(i+1), Type: t, Nullable: true}
	}
	schema, err := interchange.Schema(cols, o)
	if err != nil {
		return noFields // every concrete type has a client's form
	}
	fields := schema.Fields()
	for i := range fields {
		fields[i].Type = inMilliseconds(fields[i].Type)
	}
	return arrow.NewSchema(fields, nil)
}

func inMilliseconds(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.TimestampType:
		return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: t.TimeZone}
	case *arrow.Time64Type:
		return arrow.FixedWidthTypes.Time32ms
	}
	return t
}

// names answers the binder from the catalog, and notes whether an answer may change with a new table, and the tables
// that it gave unless nobody asks.
type names struct {
	resolver   *catalog.Resolver
	shadowable *bool
	tables     *[]plan.TableRef
}

func (n names) Relation(ctx context.Context, name []string) (*bind.Relation, error) {
	f, err := n.resolver.Relation(ctx, name)
	if err != nil {
		return nil, err
	}
	*n.shadowable = *n.shadowable || f.Shadowable
	if f.Table != nil {
		if n.tables != nil {
			*n.tables = append(*n.tables, f.Table)
		}
		return &bind.Relation{Table: f.Table, PrimaryKey: f.Table.PrimaryKey}, nil
	}
	v := f.View
	return &bind.Relation{View: &bind.View{
		Name: v.QualifiedName(), Query: v.Query, Columns: v.Columns, Catalog: names{n.resolver.ForView(v), n.shadowable, n.tables},
	}}, nil
}

func (n names) Type(ctx context.Context, name []string) (*types.Type, error) {
	t, asked, err := n.resolver.Type(ctx, name)
	*n.shadowable = *n.shadowable || asked
	return t, err
}

// asSQL gives any error a SQLSTATE.
func asSQL(err error) error {
	var e *sqlerr.Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to the caller's deadline: %w", err)
	case errors.Is(err, context.Canceled):
		return sqlerr.New(sqlerr.QueryCanceled, "canceling statement because its caller went away: %w", err)
	}
	return sqlerr.New(sqlerr.InternalError, "%w", err)
}
