package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

func postgres(t *testing.T, statements ...string) string {
	t.Helper()
	pg := fixture.PostgresURL(t)
	execPostgres(t, pg, statements...)
	return pg
}

func execPostgres(t *testing.T, pg string, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also for cleaning up
	conn, err := pgx.Connect(ctx, pg)
	require.NoError(t, err)
	for _, s := range statements {
		_, err := conn.Exec(ctx, s)
		require.NoError(t, err, s)
	}
	require.NoError(t, conn.Close(ctx))
}

func TestCheckListsEveryProblem(t *testing.T) {
	pg := postgres(t, "create table person (id int primary key, name text, age int)")
	views := writeFile(t, filepath.Join(t.TempDir(), "views.sql"), `CREATE SCHEMA app;
CREATE VIEW app.names AS SELECT id, name FROM crm.public.person;
CREATE VIEW app.ages AS SELECT id, age + 1 AS next FROM crm.public.person;
`)
	args := []string{"check", "--source", "crm=" + pg, "--catalog", views}
	o := runSkein(t, nil, args...)
	require.Equal(t, 0, o.code, o)
	require.Contains(t, o.out, "ok    source crm (1 tables)")

	execPostgres(t, pg, "alter table person alter age type text using age::text", "alter table person drop column name")
	o = runSkein(t, nil, append(args, "--source", "down=postgres://127.0.0.1:1/x")...)
	require.Equal(t, 1, o.code)
	for _, want := range []string{"ok    source crm", "FAIL  source down", "FAIL  view   skein.app.names", "FAIL  view   skein.app.ages"} {
		require.Contains(t, o.out, want)
	}
	require.Contains(t, o.err, "3 of the sources, tables and views do not work")
}

// TestViewOverSeveralServers: a view that joins three kinds of sources answers a Flight client; once a source has lost a
// column that it needs, check says which view is broken and fails, and the other view goes on.
func TestViewOverSeveralServers(t *testing.T) {
	pg := fixture.PostgresURL(t)
	uri, database := fixture.MongoDatabase(t)
	dir := t.TempDir()
	s := shop.Generate(3, 0.05)
	require.NoError(t, s.LoadPostgres(t.Context(), pg))
	require.NoError(t, s.LoadMongo(t.Context(), uri, database))
	require.NoError(t, s.WriteParquet(filepath.Join(dir, "lake")))
	views := writeFile(t, filepath.Join(dir, "views.sql"), `CREATE SCHEMA shop;
CREATE VIEW shop.activity AS
  SELECT c.id, c.country, p.paid, e.events
  FROM crm.public.customers c
  JOIN (SELECT customer_id, sum(amount) AS paid FROM pay.`+database+`.payments WHERE status = 'settled' GROUP BY 1) p ON p.customer_id = c.id
  JOIN (SELECT customer_id, count(*) AS events FROM lake.main.events GROUP BY 1) e ON e.customer_id = c.id;
CREATE VIEW shop.totals AS SELECT count(*) AS customers, sum(events) AS events FROM shop.activity;
CREATE VIEW shop.kinds AS SELECT DISTINCT kind FROM lake.main.events;
`)
	paid, events, want := map[int32]bool{}, map[int32]int{}, [2]int{}
	for _, p := range s.Payments {
		paid[p.Customer] = paid[p.Customer] || p.Status == "settled"
	}
	for _, e := range s.Events {
		events[e.Customer]++
	}
	for _, c := range s.Customers {
		if paid[c.ID] && events[c.ID] > 0 {
			want[0], want[1] = want[0]+1, want[1]+events[c.ID]
		}
	}
	args := []string{"--source", "crm=" + pg, "--source", "pay=" + uri, "--source", "lake=parquet://" + filepath.Join(dir, "lake"), "--catalog", views}
	srv := startServer(t, nil, append([]string{"--no-auth"}, args...)...)
	require.Equal(t, output{out: fmt.Sprintf("customers,events\n%d,%d\n", want[0], want[1])}, srv.query(t, "select * from shop.totals"))
	require.Equal(t, output{out: "table_name\nactivity\nkinds\ntotals\n"},
		srv.query(t, "select name as table_name from skein_catalog.views where schema = 'shop' order by 1"))
	check := append([]string{"check"}, args...)
	o := runSkein(t, nil, check...)
	require.Equal(t, 0, o.code, o)

	execPostgres(t, pg, "alter table customers drop column country cascade")
	o = runSkein(t, nil, check...)
	require.Equal(t, 1, o.code, o)
	for _, line := range []string{"FAIL  view   skein.shop.activity", "FAIL  view   skein.shop.totals", "ok    view   skein.shop.kinds", "ok    source crm"} {
		require.Contains(t, o.out, line)
	}
	require.Contains(t, o.out, "country", "the report says what is missing")
	require.Contains(t, o.err, "2 of the sources, tables and views do not work")
	broken := srv.query(t, "select * from shop.totals")
	require.Equal(t, 1, broken.code)
	require.Contains(t, broken.err, "country")
	require.Equal(t, 0, srv.query(t, "select * from shop.kinds").code, "what does not need it goes on")
}

func TestSourcesTakeSecretsFromFilesAndTheEnvironment(t *testing.T) {
	pg := postgres(t, "create role reader login password 's3:cr/et'", "create table t (n int)", "insert into t values (5)",
		"grant select on t to reader")
	t.Cleanup(func() { execPostgres(t, pg, "drop table t", "drop role reader") })
	u, err := url.Parse(pg)
	require.NoError(t, err)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "crm.pw"), "s3:cr/et\n")
	pass := writeFile(t, filepath.Join(dir, "pgpass"), "*:*:*:reader:s3\\:cr/et\n")
	u.User = url.User("reader")
	bare := *u
	q := u.Query()
	q.Set("password_file", "crm.pw")
	u.RawQuery = q.Encode()
	file := writeFile(t, filepath.Join(dir, "skein.yaml"), "sources:\n  crm: "+u.String()+"\n")
	want := output{out: "n\n5\n"}
	query := []string{"query", "-f", "csv", "select n from crm.public.t"}
	require.Equal(t, want, runSkein(t, nil, append(query, "-c", file)...))
	require.Equal(t, want, runSkein(t, []string{"PGPASSFILE=" + pass}, append(query, "--source", "crm="+bare.String())...))
	require.Equal(t, want, runSkein(t, []string{
		"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGUSER=reader", "PGPASSWORD=s3:cr/et", "PGDATABASE=" + u.Path[1:],
		"PGSSLMODE=disable", "SKEIN_SOURCE_CRM=postgres://",
	}, query...))
}

func TestImportIsACatalog(t *testing.T) {
	pg := postgres(t, `create type mood as enum ('sad', 'it''s ok')`, "create type address as (street text, zip varchar(8))",
		`create table person (id bigint primary key, "Full Name" varchar(40) not null, mood mood, home address,
			tags text[], amount numeric(12,2), any_number numeric, born date, seen timestamptz(3), span int4range, flag "char",
			doc jsonb, unique ("Full Name", born))`,
		`insert into person values (1, 'Zoë', 'it''s ok', ('Main', '123'), '{a,b}', 12.50, 1.5, '2000-01-02', '2024-01-01 00:00:00Z', '[1,5)', 'x', '{"a": 1}')`)
	uri, database := fixture.MongoDatabase(t)
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	_, err = client.Database(database).Collection("orders").InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "total", Value: 3.5},
		{Key: "ship", Value: bson.D{{Key: "city", Value: "Köln"}, {Key: "geo", Value: bson.D{{Key: "lat", Value: 50.9}}}}},
		{Key: "lines", Value: bson.A{bson.D{{Key: "sku", Value: "a"}, {Key: "n", Value: int32(2)}}}},
	})
	require.NoError(t, err)
	require.NoError(t, client.Disconnect(t.Context()))
	dir := t.TempDir()
	require.NoError(t, shop.Generate(1, 0.02).WriteParquet(filepath.Join(dir, "lake")))
	args := []string{"--source", "crm=" + pg, "--source", "pay=" + uri, "--source", "lake=parquet://" + filepath.Join(dir, "lake")}
	ddl := runSkein(t, nil, append([]string{"import"}, args...)...)
	require.Equal(t, 0, ddl.code, ddl.err)
	require.Contains(t, ddl.out, `CREATE TYPE "crm"."public"."mood" AS ENUM ('sad', 'it''s ok');`)
	pinned := append(args, "--catalog", writeFile(t, filepath.Join(dir, "pinned.sql"), ddl.out))
	again := runSkein(t, nil, append([]string{"import"}, pinned...)...)
	require.Equal(t, 0, again.code, again.err)
	require.Equal(t, ddl.out, again.out, "what was imported is what is declared")
	for _, table := range []string{"crm.public.person", "pay." + database + ".orders", "lake.main.events"} {
		sql := "select * from " + table + " order by 1"
		want := runSkein(t, nil, append([]string{"query", "-f", "csv", sql}, args...)...)
		require.Equal(t, 0, want.code, want.err)
		require.Equal(t, want, runSkein(t, nil, append([]string{"query", "-f", "csv", sql}, pinned...)...))
	}
	require.Equal(t, 1, runSkein(t, nil, append([]string{"import", "nobody"}, args...)...).code)
}
