package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func TestServeIsReadyWhileSourcesAreDown(t *testing.T) {
	s := startServer(t, []string{
		"SKEIN_TOKEN=letmein", "SKEIN_ADMIN_LISTEN=127.0.0.1:0",
		"SKEIN_SOURCE_CRM=postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=1",
		"SKEIN_SOURCE_FAR=postgres://10.255.255.1/x", "SKEIN_SOURCE_PAY=mongodb://127.0.0.1:1/x?connect_timeout=1s",
	})
	require.Contains(t, s.intro, "from adbc_driver_flightsql import dbapi\n")
	require.NotContains(t, s.intro, "letmein", "a token that was given is not repeated")
	require.NotContains(t, s.log.String(), "hunter2")
	require.Equal(t, output{out: "one\n1\n"}, s.query(t, "select 1 as one", "--token", "letmein"))
	for _, table := range []string{"crm.public.t", "pay.x.t"} {
		o := s.query(t, "select * from "+table, "--token", "letmein")
		require.Equal(t, 1, o.code)
		require.Contains(t, o.err, "08001")
		require.NotContains(t, o.err, "hunter2")
	}
	o := s.query(t, "select 1", "--token", "wrong")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.err, "28P01")
	o = s.query(t, "create schema x", "--token", "letmein")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.err, "42501")
	require.Equal(t, output{out: "name\ncrm\nfar\nmemory\npay\n"},
		s.query(t, "select name from skein_catalog.servers order by 1", "--token", "letmein"))

	admin := "http://" + s.logged(t, `health checks and metrics" address=(\S+)`)
	for path, want := range map[string]string{
		"/healthz": "ok", "/readyz": "ready", "/metrics": `skein_source_connections{server="crm"} 0`,
	} {
		require.Contains(t, get(t, admin+path, http.StatusOK), want)
	}
	require.NotEmpty(t, s.logged(t, `query_id=(\S+)`))
	s.signal(t, syscall.SIGTERM)
	require.Equal(t, 0, s.wait(t, time.Minute).ExitStatus())
}

func get(t *testing.T, url string, status int) string {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer http.DefaultClient.CloseIdleConnections()
	defer r.Body.Close()
	require.Equal(t, status, r.StatusCode, url)
	var b strings.Builder
	_, err = io.Copy(&b, r.Body)
	require.NoError(t, err)
	return b.String()
}

func TestServeRefusesWhatLeavesDataOpen(t *testing.T) {
	dir := t.TempDir()
	empty := writeFile(t, filepath.Join(dir, "token"), "\n")
	short := writeFile(t, filepath.Join(dir, "key"), "short")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no token off loopback":  {[]string{"--listen", "0.0.0.0:0", "--no-auth", "--tls", "self-signed"}, "--no-auth is for loopback only"},
		"no TLS off loopback":    {[]string{"--listen", "0.0.0.0:0", "--token", "x"}, "needs TLS"},
		"all addresses":          {[]string{"--listen", ":0"}, "needs TLS"},
		"half a certificate":     {[]string{"--tls-cert", "x.pem"}, "go together"},
		"two certificates":       {[]string{"--tls", "self-signed", "--tls-cert", "x.pem", "--tls-key", "y.pem"}, "contradict"},
		"a token and none":       {[]string{"--no-auth", "--token", "x"}, "contradict"},
		"an empty token file":    {[]string{"--token-file", empty}, "is empty"},
		"a missing token file":   {[]string{"--token-file", dir + "/none"}, "no such file"},
		"a short ticket key":     {[]string{"--ticket-key", short}, "32"},
		"an address":             {[]string{"--listen", "nowhere"}, "host:port"},
		"a source without URL":   {[]string{"--source", "crm"}, "NAME=VALUE"},
		"an unknown kind":        {[]string{"--source", "crm=oracle://x"}, "postgres://"},
		"a URL, password hidden": {[]string{"--source", "crm=postgres://u:hun/ter2@h/x"}, "%2F"},
		"an unset variable":      {[]string{"--source", "crm=postgres://u:${NO_SUCH}@h/x"}, "NO_SUCH is not set"},
		"a setting":              {[]string{"--set", "no.such=1"}, "no.such"},
		"a value":                {[]string{"--set", "timezone=Mars"}, "timezone"},
		"a size":                 {[]string{"--memory", "much"}, "memory"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"serve"}, c.args...)
			if c.args[0] != "--listen" {
				args = append(args, "--listen", "127.0.0.1:0")
			}
			o := runSkein(t, nil, args...)
			require.Equal(t, 1, o.code, o)
			require.Contains(t, o.err, c.want)
			require.NotContains(t, o.err, "ter2")
			require.Empty(t, o.out)
		})
	}
	require.Equal(t, 2, runSkein(t, nil, "serve", "--no-such-flag").code)
}

func TestServeOverTLSWithAGeneratedToken(t *testing.T) {
	s := startServer(t, nil, "--tls", "self-signed")
	_, rest, ok := strings.Cut(s.intro, `"Bearer `)
	require.True(t, ok, s.intro)
	token, _, _ := strings.Cut(rest, `"`)
	require.Len(t, token, 48)
	require.Contains(t, s.intro, "tls_skip_verify")
	require.Equal(t, output{out: "one\n1\n"}, s.query(t, "select 1 as one", "--token", token, "--tls-skip-verify"))
	o := s.query(t, "select 1 as one", "--token", token)
	require.Equal(t, 1, o.code, "a certificate that nobody signed is not trusted")
}

func TestServeReadsItsFile(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "token"), "from-file\n")
	writeFile(t, filepath.Join(dir, "sql", "shop.sql"), "CREATE SCHEMA shop;\nCREATE VIEW shop.numbers AS SELECT generate_series(1, 3) AS n;\n")
	file := writeFile(t, filepath.Join(dir, "skein.yaml"), `
listen: ${ADDRESS}
auth: {token_file: token}
catalog: [sql/shop.sql]
search_path: skein.shop
settings: {statement_timeout: 7s}
limits: {drain_timeout: 1s, memory: 64MB, workers: 1}
log: {format: json}
`)
	s := startCommand(t, command(t, []string{"ADDRESS=127.0.0.1:0"}, "serve", "-c", file))
	require.Equal(t, output{out: "sum\n6\n"}, s.query(t, "select sum(n) from numbers", "--token", "from-file"))
	require.Equal(t, output{out: "statement_timeout\n7s\n"}, s.query(t, "show statement_timeout", "--token", "from-file"))

	bad := writeFile(t, filepath.Join(dir, "bad.yaml"), "listen: 127.0.0.1:0\nlimits:\n  memroy: 1GB\n")
	o := runSkein(t, nil, "serve", "-c", bad)
	require.Equal(t, 1, o.code)
	require.Contains(t, o.err, bad+`:3: there is no setting called "memroy" here`)
}

// fetchStream starts a statement whose rows come as long as they are taken.
func fetchStream(t *testing.T, s *server, sql string) *flight.Reader {
	t.Helper()
	client, err := flightsql.NewClient(strings.TrimPrefix(s.uri, "grpc://"), nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	ctx := ctxSeconds(t, 60)
	info, err := client.Execute(ctx, sql)
	require.NoError(t, err)
	r, err := client.DoGet(ctx, info.Endpoint[0].Ticket)
	require.NoError(t, err)
	t.Cleanup(r.Release)
	require.True(t, r.Next(), "%v", r.Err())
	return r
}

const longStatement = "select g, repeat('x', 100) from generate_series(1, 2000000) g"

func TestStreamsFinishWhileTheServerDrains(t *testing.T) {
	s := startServer(t, nil, "--no-auth", "--admin-listen", "127.0.0.1:0", "--drain-timeout", "60s")
	admin := "http://" + s.logged(t, `health checks and metrics" address=(\S+)`)
	r := fetchStream(t, s, longStatement)
	rows := r.RecordBatch().NumRows()
	s.signal(t, syscall.SIGTERM)
	s.logged(t, `(draining)`)
	get(t, admin+"/readyz", http.StatusServiceUnavailable)
	get(t, admin+"/healthz", http.StatusOK)
	for r.Next() {
		rows += r.RecordBatch().NumRows()
	}
	require.NoError(t, r.Err())
	require.EqualValues(t, 2_000_000, rows)
	require.Equal(t, 0, s.wait(t, time.Minute).ExitStatus())
}

func TestStreamsEndWhenDrainingTakesTooLong(t *testing.T) {
	s := startServer(t, nil, "--no-auth", "--drain-timeout", "300ms")
	r := fetchStream(t, s, longStatement)
	s.signal(t, syscall.SIGTERM)
	s.logged(t, `(draining)`)
	time.Sleep(time.Second)
	for r.Next() {
	}
	require.ErrorContains(t, r.Err(), "57P01")
	require.Equal(t, 0, s.wait(t, time.Minute).ExitStatus())
}

func TestTheSecondSignalEndsTheServer(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		s := startServer(t, nil, "--no-auth", "--drain-timeout", "60s")
		fetchStream(t, s, longStatement)
		s.signal(t, os.Signal(syscall.SIGTERM))
		s.logged(t, `(draining)`)
		s.signal(t, sig)
		require.Equal(t, sig, s.wait(t, 30*time.Second).Signal())
	}
}
