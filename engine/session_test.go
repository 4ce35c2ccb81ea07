package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// open is an engine over views alone, and a session of it.
func open(t *testing.T, cfg Config) (*Engine, *Session) {
	t.Helper()
	b := catalog.NewBuilder(nil)
	require.NoError(t, b.Script("test.sql", "CREATE SCHEMA shop; CREATE VIEW shop.numbers AS SELECT g AS n FROM generate_series(1, 3) g; CREATE VIEW broken AS SELECT * FROM nope.x.y;"))
	cfg.Definitions, cfg.Registry = b.Build(), sources.NewRegistry()
	e, err := New(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	s, err := e.NewSession(Identity{Role: "tester", Claims: map[string]string{"region": "north"}})
	require.NoError(t, err)
	return e, s
}

// rows runs a statement and gives its cells as text.
func rows(ctx context.Context, s *Session, sql string) ([]string, error) {
	st, err := s.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	r, err := st.Execute(ctx, nil, 0)
	if err != nil {
		return nil, err
	}
	var out []string
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, r.Close()
		}
		if err != nil {
			return out, errors.Join(err, r.Close())
		}
		for i := range int(rec.NumRows()) {
			var cells []string
			for _, c := range rec.Columns() {
				cells = append(cells, c.ValueStr(i))
			}
			out = append(out, strings.Join(cells, "|"))
		}
		rec.Release()
	}
}

func mustRows(t *testing.T, s *Session, sql string) []string {
	t.Helper()
	out, err := rows(t.Context(), s, sql)
	require.NoError(t, err, sql)
	return out
}

func codeOf(s *Session, sql string) string {
	_, err := rows(context.Background(), s, sql)
	return sqlerr.Code(err)
}

func TestSetShowReset(t *testing.T) {
	_, s := open(t, Config{Settings: map[string]string{"statement_timeout": "5s"}})
	require.Equal(t, []string{"5s"}, mustRows(t, s, "SHOW statement_timeout"))
	mustRows(t, s, "SET statement_timeout = '7s'")
	require.Equal(t, []string{"7s"}, mustRows(t, s, "SHOW statement_timeout"))
	mustRows(t, s, "RESET statement_timeout")
	require.Equal(t, []string{"5s"}, mustRows(t, s, "SHOW statement_timeout"))
	mustRows(t, s, "SET TIME ZONE 'Europe/Berlin'")
	require.Equal(t, []string{"Europe/Berlin"}, mustRows(t, s, "SHOW TIME ZONE"))
	require.Equal(t, []string{"2024-07-01 02:00:00+02"}, mustRows(t, s, "SELECT (timestamptz '2024-07-01 00:00Z')::text"))
	mustRows(t, s, "SET skein.pushdown TO false")
	require.Equal(t, []string{"off"}, mustRows(t, s, "SHOW skein.pushdown"))
	mustRows(t, s, "RESET ALL")
	require.Equal(t, []string{"on"}, mustRows(t, s, "SHOW skein.pushdown"))
	require.Equal(t, []string{"UTC"}, mustRows(t, s, "SHOW timezone"))
	mustRows(t, s, "SET search_path = 'crm.public', shop")
	require.Equal(t, []string{"crm.public, shop"}, mustRows(t, s, "SHOW search_path"))
	mustRows(t, s, "DISCARD ALL")
	require.Equal(t, []string{""}, mustRows(t, s, "SHOW search_path"))
	require.Greater(t, len(mustRows(t, s, "SHOW ALL")), 20)
	require.Equal(t, []string{"north"}, mustRows(t, s, "SELECT current_setting('skein.claim.region')"))
	for sql, code := range map[string]string{
		"SHOW nope": "42704", "SET nope = 1": "42704", "RESET nope": "42704", "SET skein.claim.region = 'south'": "42501",
		"SET timezone = 'Mars'": "22023", "SET statement_timeout = 'soon'": "22023", "SET skein.workers = '-1'": "22023",
		"SET skein.numeric = 'decimal(99,1)'": "22023", "SET server_version = '16'": "55P02", "SET bytea_output = 'escape'": "22023",
		"SET skein.batch_rows = 0": "22023", "SET skein.memory_limit = 'much'": "22023", "SET skein.json = 'x'": "22023",
	} {
		require.Equal(t, code, codeOf(s, sql), sql)
	}
	_, err := New(t.Context(), Config{Definitions: &catalog.Definitions{}, Registry: sources.NewRegistry(), Settings: map[string]string{"nope": "1"}})
	require.Error(t, err)
}

func TestCatalogAndSchemaAreTheFirstOfThePath(t *testing.T) {
	_, s := open(t, Config{})
	for _, step := range [][3]string{
		{"schema", "shop", "shop"},
		{"catalog", "skein", "skein"},
		{"schema", "shop", "skein.shop"},
		{"search_path", "a.b, c.d", "a.b, c.d"},
		{"schema", "x", "a.x, c.d"},
		{"catalog", "y", "y, c.d"},
		{"schema", "", "y, c.d"},
	} {
		require.NoError(t, s.Set(step[0], step[1]))
		got, err := s.Get("search_path")
		require.NoError(t, err)
		require.Equal(t, step[2], got, step)
	}
	require.NoError(t, s.Set("search_path", "skein.shop"))
	for name, want := range map[string]string{"catalog": "skein", "schema": "shop"} {
		got, err := s.Get(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, []string{"1", "2", "3"}, mustRows(t, s, "SELECT n FROM numbers ORDER BY n"))
}

func TestStatementsThatAreRefused(t *testing.T) {
	_, s := open(t, Config{})
	for sql, code := range map[string]string{
		"INSERT INTO t VALUES (1)": "25006", "UPDATE t SET a = 1": "25006", "DELETE FROM t": "25006", "CREATE SCHEMA x": "42501",
		"CREATE TABLE t (a int)": "0A000", "DROP VIEW shop.numbers": "42501", "CREATE SERVER x FOREIGN DATA WRAPPER postgres": "42501",
		"CREATE USER MAPPING FOR PUBLIC SERVER x": "42501", "EXPLAIN INSERT INTO t VALUES (1)": "0A000", "SELEC 1": "42601",
		"EXPLAIN (FORMAT xml) SELECT 1": "0A000", "SELECT 1; SELECT 2": "42601", "SELECT * FROM broken": "42P01",
	} {
		require.Equal(t, code, codeOf(s, sql), sql)
	}
	for _, sql := range []string{"", "  -- nothing", "BEGIN", "COMMIT", "ROLLBACK"} {
		require.Empty(t, mustRows(t, s, sql))
	}
}

func TestExplain(t *testing.T) {
	_, s := open(t, Config{})
	sql := "SELECT count(*) FROM shop.numbers WHERE n > 1"
	plain := strings.Join(mustRows(t, s, "EXPLAIN "+sql), "\n")
	require.NotContains(t, plain, "time=")
	measured := strings.Join(mustRows(t, s, "EXPLAIN ANALYZE "+sql), "\n")
	require.Contains(t, measured, "Rows: 1")
	require.Contains(t, measured, "time=")
	require.NotContains(t, strings.Join(mustRows(t, s, "EXPLAIN (ANALYZE, TIMING off) "+sql), "\n"), "time=")
	require.Contains(t, strings.Join(mustRows(t, s, "EXPLAIN (ANALYZE, FORMAT JSON) "+sql), ""), `"Rows": 1`)
}

func TestThePlanCacheIsKeyedBySettings(t *testing.T) {
	e, s := open(t, Config{})
	sql := "SELECT timestamptz '2024-07-01 00:00Z' AS t"
	first, err := s.Prepare(t.Context(), sql)
	require.NoError(t, err)
	again, err := s.Prepare(t.Context(), sql)
	require.NoError(t, err)
	require.Same(t, first.command.(*selectCommand).plan, again.command.(*selectCommand).plan)
	require.NoError(t, s.Set("timezone", "Asia/Tokyo"))
	other, err := s.Prepare(t.Context(), sql)
	require.NoError(t, err)
	require.NotSame(t, first.command.(*selectCommand).plan, other.command.(*selectCommand).plan)
	for i := range planCacheSize + 10 {
		_, err := s.Prepare(t.Context(), fmt.Sprintf("SELECT %d", i))
		require.NoError(t, err)
	}
	require.Equal(t, planCacheSize, e.plans.order.Len())
	require.Len(t, e.plans.byKey, planCacheSize)
}

const endless = "SELECT count(*) FROM generate_series(1, 1000000000000) g"

func TestStatementsEnd(t *testing.T) {
	e, s := open(t, Config{})
	require.NoError(t, s.Set("statement_timeout", "50ms"))
	_, err := rows(t.Context(), s, endless)
	require.Equal(t, sqlerr.QueryCanceled, sqlerr.Code(err))
	require.ErrorContains(t, err, "statement timeout")
	require.NoError(t, s.Reset("statement_timeout"))

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = rows(ctx, s, endless)
	require.Equal(t, sqlerr.QueryCanceled, sqlerr.Code(err))

	done := make(chan error, 1)
	go func() {
		_, err := rows(context.Background(), s, endless)
		done <- err
	}()
	require.Eventually(t, func() bool { return e.Running() == 1 }, 30*time.Second, time.Millisecond)
	id := e.queries.list()[0].id
	require.False(t, e.Cancel(Identity{Role: "stranger"}, id))
	require.True(t, e.Cancel(Identity{Role: "tester"}, id))
	require.Equal(t, sqlerr.QueryCanceled, sqlerr.Code(<-done))

	go func() {
		_, err := rows(context.Background(), s, endless)
		done <- err
	}()
	require.Eventually(t, func() bool { return e.Running() == 1 }, 30*time.Second, time.Millisecond)
	require.NoError(t, e.Close())
	require.Equal(t, sqlerr.AdminShutdown, sqlerr.Code(<-done))
	require.Zero(t, e.Running())
	_, err = e.NewSession(Identity{})
	require.Equal(t, sqlerr.AdminShutdown, sqlerr.Code(err))
}

func TestMemoryIsLimited(t *testing.T) {
	e, s := open(t, Config{})
	require.NoError(t, s.Set("skein.memory_limit", "1MB"))
	_, err := rows(t.Context(), s, "SELECT g, count(*) FROM generate_series(1, 1000000) g GROUP BY g ORDER BY 1")
	require.Equal(t, "53200", sqlerr.Code(err))
	require.Zero(t, e.Memory().Used(), "what it held was given back")
	require.Equal(t, []string{"3"}, mustRows(t, s, "SELECT count(*) FROM shop.numbers"))
}

func TestSessionsEnd(t *testing.T) {
	e, s := open(t, Config{SessionIdle: time.Second, MaxSessions: 2})
	found, err := e.Session(s.ID())
	require.NoError(t, err)
	require.Same(t, s, found)
	_, err = e.NewSession(Identity{})
	require.NoError(t, err)
	_, err = e.NewSession(Identity{})
	require.Equal(t, sqlerr.TooManyConnections, sqlerr.Code(err))
	require.Eventually(t, func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return len(e.sessions) == 0
	}, 30*time.Second, 5*time.Millisecond)
	_, err = e.Session(s.ID())
	require.Equal(t, sqlerr.InvalidAuthorization, sqlerr.Code(err))
	brief, err := e.NewSession(Identity{Expires: time.Now().Add(-time.Second)})
	require.NoError(t, err)
	_, err = e.Session(brief.ID())
	require.Equal(t, sqlerr.InvalidAuthorization, sqlerr.Code(err))
}

func TestSystemTables(t *testing.T) {
	_, s := open(t, Config{})
	require.Equal(t, []string{"shop|numbers", "public|broken"}, mustRows(t, s, "SELECT schema, name FROM skein_catalog.views ORDER BY name DESC LIMIT 2")[:2])
	q := mustRows(t, s, "SELECT role, state, statement FROM skein_catalog.queries WHERE statement LIKE '%queries%' AND 'secret' <> ''")
	require.Len(t, q, 1)
	require.NotContains(t, q[0], "secret", "literals are data")
	require.NotEmpty(t, mustRows(t, s, "SELECT name FROM skein_catalog.settings WHERE name = 'search_path'"))
	require.Empty(t, mustRows(t, s, "SELECT name FROM skein_catalog.servers"))
}

func TestMetadataFollowsPatterns(t *testing.T) {
	_, s := open(t, Config{})
	list := func(f TableFilter) (out []string) {
		ts, err := s.Tables(t.Context(), f)
		require.NoError(t, err)
		for _, x := range ts {
			out = append(out, x.Catalog+"."+x.Schema+"."+x.Name)
		}
		return out
	}
	p := func(v string) *string { return &v }
	require.Equal(t, []string{"skein.shop.numbers"}, list(TableFilter{SchemaPattern: p("shop")}))
	require.Equal(t, []string{"skein.shop.numbers"}, list(TableFilter{TablePattern: p("num_e%s")}))
	require.Equal(t, []string{"skein.skein_catalog.queries"}, list(TableFilter{SchemaPattern: p(`skein\_catalog`), TablePattern: p("q%")}))
	require.Empty(t, list(TableFilter{Catalog: p("nope")}))
	require.Empty(t, list(TableFilter{Types: []string{"BASE TABLE"}}))
	ts, err := s.Tables(t.Context(), TableFilter{SchemaPattern: p("shop"), Columns: true})
	require.NoError(t, err)
	require.Equal(t, "n", ts[0].ArrowSchema.Field(0).Name)
	schemas, err := s.Schemas(t.Context(), nil, p("s%"))
	require.NoError(t, err)
	require.Equal(t, [][2]string{{"skein", "shop"}, {"skein", "skein_catalog"}}, schemas)
}
