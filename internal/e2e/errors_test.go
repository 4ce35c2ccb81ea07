package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// canary is a password that must appear nowhere.
const canary = "cAnArY-hunter2"

func TestErrorsAreClearAndTheNextStatementRuns(t *testing.T) {
	h := openHouse(t)
	wrong, err := url.Parse(h.pgURL)
	require.NoError(t, err)
	wrong.User = url.UserPassword("nobody", canary)
	lake := t.TempDir()
	whole, err := os.ReadFile(filepath.Join(h.lake, "extremes.parquet"))
	require.NoError(t, err)
	writeFile(t, filepath.Join(lake, "whole.parquet"), string(whole))
	writeFile(t, filepath.Join(lake, "cut.parquet"), string(whole[:len(whole)/2]))
	writeFile(t, filepath.Join(lake, "torn.parquet"), string(whole[:8])+strings.Repeat("\x00", len(whole)-508)+string(whole[len(whole)-500:]))
	start := time.Now()
	s := serve(t, nil,
		skein.Source("crm", h.pgURL), skein.Source("lake", "parquet://"+lake), skein.Source("wrong", wrong.String()),
		skein.Source("pgdown", "postgres://u:"+canary+"@127.0.0.1:1/x?connect_timeout=2"),
		skein.Source("mongodown", "mongodb://u:"+canary+"@127.0.0.1:1/x?serverSelectionTimeoutMS=1000"),
		skein.Source("nowhere", "parquet:///nonexistent/folder"),
		skein.Setting("search_path", "crm.public"))
	require.Less(t, time.Since(start), 10*time.Second)
	c, _ := s.client()
	s.answers(c, "SELECT 1", "1")
	s.answers(c, "SELECT count(*) FROM crm.public.extremes", "7")
	s.answers(c, "SELECT count(*) FROM lake.main.whole", "5")

	s.fails(c, "SELECT * FROM pgdown.public.t", "08001", "pgdown")
	s.fails(c, "SELECT * FROM mongodown.x.t", "08001", "mongodown")
	s.fails(c, "SELECT * FROM crm.public.extremes JOIN pgdown.public.t USING (id)", "08001", "pgdown")
	s.fails(c, "SELECT * FROM wrong.public.extremes", "28P01", "wrong")
	s.fails(c, "SELECT * FROM nowhere.main.x", "58P01", "nowhere")
	s.fails(c, "SELECT * FROM customer", "42P01", "customers")
	s.fails(c, "SELECT * FROM crm.public.customer", "42P01", "customers")
	s.fails(c, "SELECT * FROM lake.main.hole", "42P01", "whole")
	s.fails(c, "SELECT nam FROM customers", "42703", "name")
	s.fails(c, "SELECT lengtf(name) FROM customers", "42883", "lengtf")
	s.fails(c, "SELECT id FRM customers WHERE", "42601")
	s.fails(c, "SELECT name + 1 FROM customers", "42883")
	s.fails(c, "SELECT id FROM customers WHERE id = 'abc'", "22P02")
	s.fails(c, "SELECT i4 + 1 FROM extremes ORDER BY id", "22003", "integer out of range")
	s.fails(c, "SELECT 1 / i4 FROM extremes WHERE id = 4", "22012", "division by zero")
	s.fails(c, "SELECT sum(i8) / 0 FROM extremes", "22012", "division by zero")
	s.fails(c, "SELECT * FROM lake.main.cut", "XX001", "cut")
	s.fails(c, "SELECT count(t) FROM lake.main.torn", "XX001", "torn")
	s.fails(c, "DELETE FROM customers", "25006")
	s.fails(c, "CREATE SERVER x FOREIGN DATA WRAPPER postgres", "42501")

	_, err = fetch(t.Context(), c, "SELECT id,\n  nam\nFROM customers")
	state, position := sqlState(err)
	require.Equal(t, [2]string{"42703", "14"}, [2]string{state, position}, "%v", err)
	_, err = fetch(t.Context(), c, "SELECT 1 FROM FROM")
	state, position = sqlState(err)
	require.Equal(t, [2]string{"42601", "15"}, [2]string{state, position}, "%v", err)

	for _, sql := range []string{
		"SELECT * FROM skein_catalog.servers", "SELECT * FROM skein_catalog.settings", "SELECT * FROM skein_catalog.queries", "SELECT * FROM skein_catalog.views",
		"SHOW ALL", "EXPLAIN SELECT * FROM crm.public.customers JOIN lake.main.whole USING (id)",
		"EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM crm.public.customers WHERE id < 5",
	} {
		a, err := fetch(t.Context(), c, sql)
		require.NoError(t, err, sql)
		noSecret(t, sql, fmt.Sprint(a.rows))
	}
	families, err := s.metrics.Gather()
	require.NoError(t, err)
	noSecret(t, "metrics", fmt.Sprint(families))
	noSecret(t, "log", s.log.text())
	s.idle(10*time.Second, "crm", "wrong", "pgdown")
}

func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{canary, "skein:skein@"} {
		require.NotContains(t, text, secret, where)
	}
}

func TestDocumentOfUnexpectedTypeNamesItsCure(t *testing.T) {
	ctx := t.Context()
	uri, database := fixture.MongoDatabase(t)
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	defer func() { _ = client.Disconnect(context.Background()) }()
	items := client.Database(database).Collection("items")
	for i := range 20 {
		_, err := items.InsertOne(ctx, bson.D{{Key: "_id", Value: i}, {Key: "price", Value: int32(i)}})
		require.NoError(t, err)
	}
	s := serve(t, nil, skein.Source("pay", uri))
	c, _ := s.client()
	sum := fmt.Sprintf("SELECT sum(price) FROM pay.%s.items", database)
	s.answers(c, sum, "190")
	_, err = items.InsertOne(ctx, bson.D{{Key: "_id", Value: "odd"}, {Key: "price", Value: "twelve"}})
	require.NoError(t, err)
	text := s.fails(c, sum, "HV021", "price", "odd", "ALTER FOREIGN TABLE")

	// The hint's second statement, in a catalog file, cures it.
	_, hint, ok := strings.Cut(text, "or ALTER")
	require.True(t, ok, text)
	alter, _, ok := strings.Cut("ALTER"+hint, " to read")
	require.True(t, ok, text)
	file := writeFile(t, filepath.Join(t.TempDir(), "cure.sql"), alter+";\n")
	cured := serve(t, nil, skein.Source("pay", uri), skein.CatalogFile(file))
	cc, _ := cured.client()
	cured.answers(cc, sum, "190")
	cured.answers(cc, fmt.Sprintf("SELECT count(*) FROM pay.%s.items WHERE price IS NULL", database), "1")
}

func TestTablesThatChangeAtTheirSource(t *testing.T) {
	ctx := t.Context()
	pgURL := fixture.PostgresURL(t)
	admin := connect(t, pgURL)
	run := func(sql string) {
		t.Helper()
		_, err := admin.Exec(ctx, sql)
		require.NoError(t, err)
	}
	run("CREATE TABLE t (id int, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 10) g")
	s := serve(t, nil, skein.Source("pg", pgURL), skein.Setting("search_path", "pg.public"))
	c, _ := s.client()
	s.answers(c, "SELECT sum(v) FROM t", "55")
	prepared, err := c.Prepare(ctx, "SELECT id, v FROM t ORDER BY id LIMIT 1")
	require.NoError(t, err)
	execute := func() (*answer, error) {
		info, err := prepared.Execute(ctx)
		if err != nil {
			return nil, err
		}
		r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
		if err != nil {
			return nil, err
		}
		defer r.Release()
		return read(r)
	}
	a, err := execute()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1", "1"}}, a.rows)

	run("ALTER TABLE t ADD COLUMN extra text DEFAULT 'x'") // the same result: planned again
	a, err = execute()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1", "1"}}, a.rows)
	run("ALTER TABLE t ALTER COLUMN v TYPE text USING 'v' || v") // another result: a clear error
	_, err = execute()
	state, _ := sqlState(err)
	require.Equal(t, "0A000", state, "%v", err)
	s.answers(c, "SELECT v FROM t WHERE id = 3", "v3")
	const star = "SELECT * FROM t WHERE id = 4" // a kept plan, unprepared: what the table is now
	s.answers(c, star, "4", "v4", "x")
	run("ALTER TABLE t ADD COLUMN more int DEFAULT 7")
	s.answers(c, star, "4", "v4", "x", "7")
	run("ALTER TABLE t DROP COLUMN extra, ADD COLUMN extra int DEFAULT 8")
	s.answers(c, star, "4", "v4", "7", "8")
	run("ALTER TABLE t ADD COLUMN later int DEFAULT 9")
	s.answers(c, "SELECT later FROM t WHERE id = 5", "9")
	s.answers(c, "SELECT max(v), count(extra) FROM t", "v9", "10")

	run("DROP TABLE t")
	s.fails(c, "SELECT v FROM t WHERE id = 3", "42P01")
	s.fails(c, "SELECT * FROM fresh", "42P01")
	run("CREATE TABLE fresh (x int); INSERT INTO fresh VALUES (42); CREATE TABLE t (id int, v float8); INSERT INTO t VALUES (1, 1.5)")
	s.answers(c, "SELECT * FROM fresh", "42")
	s.answers(c, "SELECT * FROM t", "1", "1.5")
	require.NoError(t, prepared.Close(ctx))
}
