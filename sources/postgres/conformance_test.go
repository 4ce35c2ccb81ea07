package postgres

import (
	"context"
	"fmt"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Harness{Load: loadConformance})
}

func loadConformance(t *testing.T, tables []sourcetest.Table) *sourcetest.Server {
	direct := fixture.PostgresURL(t)
	u, err := neturl.Parse(direct)
	require.NoError(t, err)
	gate, err := fixture.StartGate(u.Host)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gate.Stop()) })
	u.Host = gate.Address()
	url := u.String()
	run := func(t testing.TB, sql string) {
		t.Helper()
		conn, err := pgx.Connect(context.Background(), direct)
		require.NoError(t, err)
		defer func() { _ = conn.Close(context.Background()) }()
		_, err = conn.Exec(context.Background(), sql)
		require.NoError(t, err)
	}
	for _, table := range tables {
		run(t, ddlOf(table))
	}
	open := func(t testing.TB, c sources.Config) sources.Source {
		src, err := Open(context.Background(), c)
		require.NoError(t, err)
		return src
	}
	role, password := fmt.Sprintf("sourcetest_%d", time.Now().UnixNano()), "canary-77c0-password"
	run(t, fmt.Sprintf("CREATE ROLE %[1]s LOGIN PASSWORD '%[2]s'; GRANT pg_read_all_data TO %[1]s", role, password))
	t.Cleanup(func() { run(t, "DROP ROLE "+role) })
	return &sourcetest.Server{
		Schema: "public",
		Open: func(t testing.TB, budget *sources.Connections) sources.Source {
			return open(t, sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": url}, User: role, Secret: password, Connections: budget,
			})
		},
		Secret: password,
		Denied: func(t testing.TB, password string) sources.Source {
			return open(t, sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": url}, User: role, Secret: password,
				Connections: sources.NewConnections(),
			})
		},
		Blocks: map[string]func(testing.TB) func(){
			"lock": func(t testing.TB) func() {
				conn, err := pgx.Connect(context.Background(), direct)
				require.NoError(t, err)
				_, err = conn.Exec(context.Background(), "BEGIN; LOCK TABLE many IN ACCESS EXCLUSIVE MODE")
				require.NoError(t, err)
				return func() { _ = conn.Close(context.Background()) }
			},
			"no answer": func(testing.TB) func() {
				gate.Shut()
				return gate.Open
			},
		},
		Alter:  func(t testing.TB) { run(t, "ALTER TABLE shifting ALTER v TYPE text") },
		Update: func(t testing.TB) { run(t, "UPDATE many SET version = version + 1") },
		Unreachable: func(t testing.TB, password string, limits sources.Limits) sources.Source {
			return open(t, sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": "postgres://127.0.0.1:1/none"},
				User: "somebody", Secret: password, Connections: sources.NewConnections(), Limits: limits,
			})
		},
		Idle: func(t testing.TB) { requireNoTransactions(t, direct) },
	}
}

// requireNoTransactions waits a moment for the server to notice what has ended.
func requireNoTransactions(t testing.TB, url string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var n int
	for range 500 {
		err = conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`).Scan(&n)
		require.NoError(t, err)
		if n == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	require.Zero(t, n, "sessions are not idle")
}

// ddlOf creates and fills a table.
func ddlOf(t sourcetest.Table) string {
	var cols []string
	for _, c := range t.Columns {
		def := c.Name + " " + c.Type.String()
		if c.NotNull {
			def += " NOT NULL"
		}
		cols = append(cols, def)
	}
	if t.Key != "" {
		cols = append(cols, "PRIMARY KEY ("+t.Key+")")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (%s);\n", t.Name, strings.Join(cols, ", "))
	for i, row := range t.Rows {
		if i%1000 == 0 {
			fmt.Fprintf(&b, ";\nINSERT INTO %s VALUES ", t.Name)
		} else {
			b.WriteString(", ")
		}
		values := make([]string, len(row))
		for k, v := range row {
			values[k] = "NULL"
			if v != nil {
				values[k] = quoteLiteral(datum.Text(t.Columns[k].Type, v, time.UTC))
			}
		}
		b.WriteString("(" + strings.Join(values, ", ") + ")")
	}
	return b.String() + ";\nANALYZE " + t.Name
}
