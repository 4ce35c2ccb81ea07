package postgres

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
)

// wideDDL has rows of all lengths, up to more than the inbox holds, and enough pages for several splits.
const wideDDL = `CREATE TABLE wide (i int4, n numeric(15,2), t text, a int4[]);
INSERT INTO wide SELECT i, i::numeric / 7, repeat(chr(97 + i % 26), CASE WHEN i % 5000 = 77 THEN 300000 ELSE i % 50 END),
 CASE WHEN i % 3 > 0 THEN ARRAY[i, NULL, -i] END FROM generate_series(1, 60000) i; ANALYZE wide`

// TestOverTLS reads through encrypted connections: the rows are those of plain ones, cut up or not, cancelled or not. A
// certificate that does not prove who the server is gives class 08, and says why.
func TestOverTLS(t *testing.T) {
	cert, key, err := fixture.SelfSigned()
	require.NoError(t, err)
	pg, err := fixture.StartPostgres(t.Context(), fixture.PostgresOptions{Certificate: cert, Key: key})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pg.Stop()) })
	if pg.Log() == "" {
		t.Skip("SKEIN_TEST_PG_URL has a certificate of its own, or none")
	}
	s := serverAt(t, pg.URL(), wideDDL)
	root := filepath.Join(t.TempDir(), "root.crt")
	require.NoError(t, os.WriteFile(root, cert, 0o600))
	other := filepath.Join(t.TempDir(), "other.crt")
	foreign, _, err := fixture.SelfSigned()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(other, foreign, 0o600))
	plain := readText(t, s, s.source)
	slices.Sort(plain)
	for _, options := range [][]string{
		{"sslmode", "require"}, {"sslmode", "verify-ca", "sslrootcert", root}, {"sslmode", "verify-full", "sslrootcert", root},
	} {
		t.Run(options[1], func(t *testing.T) {
			src := s.open(append([]string{"url", withoutMode(t, s.url)}, options...)...)
			requireTLS(t, src)
			requireReads(t, s, src, plain)
		})
	}
	for name, options := range map[string][]string{
		"another authority": {"url", withoutMode(t, s.url), "sslmode", "verify-full", "sslrootcert", other},
		"another name":      {"url", strings.Replace(withoutMode(t, s.url), "127.0.0.1", "localhost", 1), "sslmode", "verify-full", "sslrootcert", root},
	} {
		_, err := s.open(options...).Discover(t.Context(), sources.Pattern{})
		require.True(t, strings.HasPrefix(sqlerr.Code(err), "08"), "%s: %v", name, err)
		var e *sqlerr.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Message+e.Detail, "certificate", name)
	}
}

func withoutMode(t testing.TB, address string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.RawQuery = ""
	return u.String()
}

func requireTLS(t *testing.T, src *Source) {
	c, err := src.take(t.Context(), sources.Identity{})
	require.NoError(t, err)
	defer src.give(c)
	results, err := c.exec(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
	require.NoError(t, err)
	require.Equal(t, "t", string(results[0].Rows[0][0]))
}

// TestThroughPooler reads through PgBouncer in transaction mode, which has fewer connections to the server than there are
// to it.
func TestThroughPooler(t *testing.T) {
	s := newServer(t, wideDDL)
	pooler, err := fixture.StartPooler(t.Context(), s.url, 3)
	if errors.Is(err, fixture.ErrNoPooler) {
		fixture.Missing(t, "PgBouncer", err)
	}
	require.NoError(t, err)
	u, err := url.Parse(s.url)
	require.NoError(t, err)
	u.Host = pooler.Address()
	plain := readText(t, s, s.source)
	slices.Sort(plain)
	t.Run("reads", func(t *testing.T) {
		own := *s
		own.t = t
		requireReads(t, s, own.open("url", u.String(), "pooler", "transaction"), plain)
	})
	requireIdle(t, s)
	require.NoError(t, pooler.Stop())
}

// requireReads reads a table through two lanes of one snapshot, after statements that were closed early, and cancelled.
func requireReads(t *testing.T, s *server, src *Source, want []string) {
	t.Helper()
	own := *s
	own.source = src
	rs := own.plan(scanNode(own.table("wide")))
	sn, end, err := own.begin(t.Context(), 2, 2, rs.Tables()...)
	require.NoError(t, err)
	var lanes []sources.Lane
	for range 2 {
		ln, err := sn.Lane(t.Context(), false)
		require.NoError(t, err)
		ln.(*lane).conn.patience = time.Minute // of a busy machine
		lanes = append(lanes, ln)
	}
	for _, ln := range lanes {
		for _, cancelled := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			r, err := ln.Open(ctx, rs, everything, &sources.Env{Env: &eval.Env{}})
			require.NoError(t, err)
			rec, err := r.Next(ctx)
			require.NoError(t, err)
			rec.Release()
			if cancelled {
				cancel()
			}
			require.NoError(t, r.Close())
			cancel()
		}
	}
	env := &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}}
	queue, err := lanes[0].Splits(t.Context(), rs, env)
	require.NoError(t, err)
	var got []string
	for at := 0; ; at++ {
		split, err := queue.Next(t.Context())
		if err != nil {
			break
		}
		r, err := lanes[at%2].Open(t.Context(), rs, split, env)
		require.NoError(t, err)
		for {
			rec, err := r.Next(t.Context())
			if err != nil {
				break
			}
			for i := range int(rec.NumRows()) {
				got = append(got, rowText(rec, i))
			}
			rec.Release()
		}
		require.NoError(t, r.Close())
	}
	for _, ln := range lanes {
		require.NoError(t, ln.Close())
	}
	end()
	slices.Sort(got)
	require.Equal(t, len(want), len(got))
	require.True(t, slices.Equal(want, got), "rows differ")
}

// serverAt is newServer at a server of the test's own.
func serverAt(t testing.TB, address, ddl string) *server {
	t.Helper()
	s := &server{t: t, url: address, budget: sources.NewConnections()}
	var err error
	s.admin, err = pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.admin.Close(context.Background()) })
	s.run(ddl)
	s.source = s.open("url", address)
	return s
}

// BenchmarkTransports reads a million rows of 16 columns over two lanes: plain, over TLS, and through PgBouncer.
func BenchmarkTransports(b *testing.B) {
	cert, key, err := fixture.SelfSigned()
	require.NoError(b, err)
	pg, err := fixture.StartPostgres(b.Context(), fixture.PostgresOptions{Certificate: cert, Key: key})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, pg.Stop()) })
	s := serverAt(b, pg.URL(), lineitemDDL)
	ways := map[string][]string{"plain": {"url", s.url}, "tls": {"url", withoutMode(b, s.url), "sslmode", "require"}}
	pooler, err := fixture.StartPooler(b.Context(), s.url, 3)
	if err == nil {
		b.Cleanup(func() { require.NoError(b, pooler.Stop()) })
		u, err := url.Parse(s.url)
		require.NoError(b, err)
		u.Host = pooler.Address()
		ways["pooler"] = []string{"url", u.String(), "pooler", "transaction"}
	}
	for name, options := range ways {
		own := *s
		own.source = s.open(options...)
		rs := own.plan(scanNode(own.table("lineitem")))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.EqualValues(b, 1_000_000, readLanes(b, &own, rs, 2))
			}
			b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
