package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// savepoint is where a lane goes back to after an error or a cancelled read: the snapshot and its locks stay.
const savepoint = "skein"

// Begin locks the tables, takes the snapshot, verifies the tables' columns and exports the snapshot if more than one
// lane may need it, all in one message.
func (s *Source) Begin(ctx context.Context, id sources.Identity, need sources.Need) (sources.Snapshot, error) {
	tables, err := s.tablesOf(need.Tables)
	if err != nil {
		return nil, err
	}
	sn := &snapshot{source: s, id: id, need: need, tables: tables, settings: s.settings(id, need.Limits)}
	c, err := s.take(ctx, id)
	if err != nil {
		return nil, err
	}
	err = sn.begin(ctx, c)
	if err != nil && c.reused && brokenConnection(err) && ctx.Err() == nil {
		// The server restarted, or closed an idle connection: nothing was done on it yet.
		s.discard(c)
		if c, err = s.take(ctx, id); err != nil {
			return nil, err
		}
		err = sn.begin(ctx, c)
	}
	if err != nil {
		s.putBack(c)
		return nil, s.failedIn(ctx, "opening a snapshot", changed(err, tables...))
	}
	sn.first, sn.free, sn.opened = c, []*conn{c}, 1
	return sn, nil
}

// putBack gives a connection to the pool if its transaction ends well.
func (s *Source) putBack(c *conn) {
	if c.rollback() {
		s.give(c)
	} else {
		s.discard(c)
	}
}

func brokenConnection(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == sqlerr.AdminShutdown
	}
	var st *sources.Stale
	return !errors.As(err, &st)
}

func (s *Source) tablesOf(refs []plan.TableRef) ([]*sources.Table, error) {
	out := make([]*sources.Table, 0, len(refs))
	seen := map[string]bool{}
	for _, ref := range refs {
		t, ok := ref.(*sources.Table)
		if ok {
			_, ok = t.Detail.(*relation)
		}
		if !ok || ref.Server() != s.name {
			return nil, sqlerr.New(sqlerr.InternalError, "table %s.%s was not discovered by server %s", ref.Schema(), ref.Name(), s.name)
		}
		if name := tableName(t); !seen[name] {
			seen[name] = true
			out = append(out, t)
		}
	}
	return out, nil
}

func tableName(t *sources.Table) string { return pgx.Identifier{t.SchemaName, t.TableName}.Sanitize() }

// settings are the SET LOCAL statements of a transaction: limits, and what the text of values depends on.
func (s *Source) settings(id sources.Identity, l sources.Limits) string {
	l = fillLimits(l, s.limits)
	ms := func(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
	application := strings.Join(strings.Fields(s.options.application+" "+id.Role+" "+id.Query), " ")
	sets := [][2]string{
		{"application_name", sqltext.QuoteString(application)},
		{"statement_timeout", ms(l.Statement)},
		{"lock_timeout", ms(l.Lock)},
		{"idle_in_transaction_session_timeout", ms(l.Idle)},
		{"client_encoding", "'UTF8'"},
		{"timezone", "'UTC'"},
		{"datestyle", "'ISO, YMD'"},
		{"intervalstyle", "'postgres'"},
		{"extra_float_digits", "1"},
		{"bytea_output", "'hex'"},
		{"standard_conforming_strings", "on"},
		{"default_transaction_read_only", "on"},
	}
	var b strings.Builder
	for _, set := range sets {
		b.WriteString("SET LOCAL " + set[0] + " = " + set[1] + ";")
	}
	return b.String()
}

const beginTransaction = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// errRewritten says that a relation was rewritten between the snapshot and its lock.
var errRewritten = errors.New("it is rewritten again and again")

// rewrittenQuery counts the relations, among those that this transaction has locked, whose file in the snapshot is not
// the one that they have now: their rows are not those of the snapshot.
const rewrittenQuery = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation" +
	" WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid()" +
	" AND c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid)"

// begin opens the first transaction on c.
func (sn *snapshot) begin(ctx context.Context, c *conn) error {
	open, locked := sn.beginLocked, true
	for range 5 {
		err := open(ctx, c)
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg) && (pg.Code == sqlerr.InsufficientPrivilege || pg.Code == sqlerr.WrongObjectType) && locked:
			locked, open = false, sn.beginUnlocked
		case !errors.Is(err, errRewritten):
			return err
		}
		if _, err := c.exec(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	return stale(errRewritten.Error(), sn.tables...)
}

// beginLocked locks before the first query takes the snapshot, then compares what each table's columns are.
func (sn *snapshot) beginLocked(ctx context.Context, c *conn) error {
	sql := []string{beginTransaction, strings.TrimSuffix(sn.settings, ";")}
	var lock []string
	for _, t := range sn.tables {
		if !t.Detail.(*relation).lockable() {
			return &pgconn.PgError{Code: sqlerr.WrongObjectType}
		}
		lock = append(lock, tableName(t))
	}
	if len(lock) > 0 {
		sql = append(sql, "LOCK TABLE "+strings.Join(lock, ", ")+" IN ACCESS SHARE MODE")
	}
	for _, t := range sn.tables {
		sql = append(sql, describe(t))
	}
	sql = append(sql, rewrittenIf(sn.tables)...)
	if sn.shared() {
		sql = append(sql, "SELECT pg_catalog.pg_export_snapshot()")
	} else if len(sn.tables) == 0 {
		sql = append(sql, "SELECT")
	}
	sql = append(sql, "SAVEPOINT "+savepoint)
	results, err := c.exec(ctx, sql...)
	if err != nil {
		return err
	}
	results = selections(results)
	for i, t := range sn.tables {
		if err := compare(t, results[i].FieldDescriptions); err != nil {
			return err
		}
	}
	if len(rewrittenIf(sn.tables)) > 0 && string(results[len(sn.tables)].Rows[0][0]) != "0" {
		return errRewritten
	}
	return sn.keepID(results)
}

// rewrittenIf is the check for views: locking one locks the tables that it reads, but not materialised views and
// foreign tables.
func rewrittenIf(tables []*sources.Table) []string {
	for _, t := range tables {
		if t.Detail.(*relation).kind == 'v' {
			return []string{rewrittenQuery}
		}
	}
	return nil
}

// shared says whether another connection may have to join the snapshot.
func (sn *snapshot) shared() bool { return max(sn.need.Lanes, sn.need.MaxLanes) > 1 }

func (sn *snapshot) keepID(results []*pgconn.Result) error {
	if !sn.shared() {
		return nil
	}
	last := results[len(results)-1]
	if len(last.Rows) != 1 {
		return corrupt("pg_export_snapshot gave %d rows", len(last.Rows))
	}
	sn.id64 = string(last.Rows[0][0])
	return nil
}

// selections are the results of the queries among results.
func selections(results []*pgconn.Result) []*pgconn.Result {
	var out []*pgconn.Result
	for _, r := range results {
		if r.CommandTag.Select() {
			out = append(out, r)
		}
	}
	return out
}

// describe is a query whose row description shows what a table's columns are, those added since it was discovered too:
// a star stands for them.
func describe(t *sources.Table) string { return "SELECT * FROM " + tableName(t) + " LIMIT 0" }

func compare(t *sources.Table, fields []pgconn.FieldDescription) error {
	rel := t.Detail.(*relation)
	if len(fields) != rel.width {
		return stale("it has another number of columns", t)
	}
	at := make(map[uint16]pgconn.FieldDescription, len(fields))
	for _, f := range fields {
		at[f.TableAttributeNumber] = f
	}
	for _, a := range rel.columns {
		f, ok := at[uint16(a.num)] // positive
		if !ok || f.Name != a.name || f.DataTypeOID != a.baseOID || f.TypeModifier != a.baseMod {
			return stale("column "+a.name+" is another", t)
		}
	}
	return nil
}

func stale(reason string, tables ...*sources.Table) error {
	st := &sources.Stale{Reason: reason}
	for _, t := range tables {
		st.Tables = append(st.Tables, t)
	}
	return st
}

// beginUnlocked is for tables that may not be locked: foreign tables, materialised views, and those of which only some
// columns, or a view but not what it reads, may be read. A query locks them, but after the snapshot was taken. What
// could go wrong between shows in files: pg_class in the snapshot has another than the catalog now, of some relation
// that is locked. Then it begins again.
func (sn *snapshot) beginUnlocked(ctx context.Context, c *conn) error {
	sql := []string{beginTransaction, strings.TrimSuffix(sn.settings, ";")}
	var names []string
	for _, t := range sn.tables {
		sql = append(sql, "SELECT FROM "+tableName(t)+" LIMIT 0")
		names = append(names, sqltext.QuoteString(tableName(t))+"::pg_catalog.regclass")
	}
	sql = append(sql, rewrittenQuery,
		fmt.Sprintf(attributesQuery, strings.Join(names, ", ")))
	if sn.shared() {
		sql = append(sql, "SELECT pg_catalog.pg_export_snapshot()")
	}
	sql = append(sql, "SAVEPOINT "+savepoint)
	results, err := c.exec(ctx, sql...)
	if err != nil {
		return err
	}
	results = selections(results)
	if string(results[len(sn.tables)].Rows[0][0]) != "0" {
		return errRewritten
	}
	if err := compareAttributes(sn.tables, results[len(sn.tables)+1].Rows); err != nil {
		return err
	}
	return sn.keepID(results)
}

// compareAttributes checks the columns of tables against rows of pg_attribute.
func compareAttributes(tables []*sources.Table, rows [][][]byte) error {
	have := attributesOf(rows)
	for _, t := range tables {
		if reason := have.differ(t); reason != "" {
			return stale(reason, t)
		}
	}
	return nil
}
