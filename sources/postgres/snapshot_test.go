package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Pairs of rows are updated together, while two lanes read the table in splits: every pair is read as it was.
func TestSplitsSeeOneSnapshot(t *testing.T) {
	s := newServer(t, `CREATE TABLE acc (id int4, v int8, pad text);
		INSERT INTO acc SELECT i, 0, repeat('x', 700) FROM generate_series(0, 19999) i; ANALYZE acc`)
	rs := s.plan(scanNode(s.table("acc")))
	require.True(t, rs.Splittable())
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		conn, err := pgx.Connect(context.Background(), s.url)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close(context.Background()) }()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			a := i * 37 % 10000
			_, err := conn.Exec(context.Background(), "UPDATE acc SET v = v + 1 WHERE id IN ($1, $2)", a, 19999-a)
			if err != nil {
				return
			}
		}
	}()
	for range 5 {
		got := readValues(t, s, rs.Tables()[0].(*sources.Table), 2)
		require.Len(t, got, 20000)
		for id, v := range got {
			require.Equal(t, v, got[19999-id], "half of an update of %d was seen", id)
		}
	}
	close(stop)
	<-done
}

func readValues(t *testing.T, s *server, table *sources.Table, lanes int) map[int64]int64 {
	t.Helper()
	ctx := t.Context()
	rs := s.plan(scanNode(table))
	sn, end, err := s.begin(ctx, lanes, lanes, table)
	require.NoError(t, err)
	defer end()
	env := &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}}
	var mu sync.Mutex
	out := map[int64]int64{}
	var queue sources.SplitQueue
	var wg sync.WaitGroup
	for range lanes {
		ln, err := sn.Lane(ctx, false)
		require.NoError(t, err)
		defer func() { _ = ln.Close() }()
		if queue == nil {
			queue, err = ln.Splits(ctx, rs, env)
			require.NoError(t, err)
		}
		wg.Go(func() {
			for {
				split, err := queue.Next(ctx)
				if errors.Is(err, io.EOF) {
					return
				}
				r, err := ln.Open(ctx, rs, split, env)
				if err != nil {
					t.Error(err)
					return
				}
				for {
					rec, err := r.Next(ctx)
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, row := range texts(rs, []recordBatch{rec}) {
						id, _ := strconv.ParseInt(row[0], 10, 64)
						v, _ := strconv.ParseInt(row[1], 10, 64)
						out[id] = v
					}
					mu.Unlock()
				}
				_ = r.Close()
			}
		})
	}
	wg.Wait()
	require.Greater(t, env.Stats.Splits.Load(), int64(2))
	return out
}

func TestPartitionsAndChildrenAreSplit(t *testing.T) {
	s := newServer(t, `CREATE TABLE p (id int4, v int8, pad text) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (15000);
		CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (15000) TO (20000);
		INSERT INTO p SELECT i, i, repeat('x', 700) FROM generate_series(0, 19999) i;
		CREATE TABLE parent (id int4, v int8, pad text); CREATE TABLE child (extra int4) INHERITS (parent);
		INSERT INTO parent SELECT i, i, repeat('x', 700) FROM generate_series(0, 9) i;
		INSERT INTO child SELECT i, i, repeat('x', 700), 1 FROM generate_series(10, 19999) i;`)
	for _, name := range []string{"p", "parent"} {
		got := readValues(t, s, s.table(name), 2)
		require.Len(t, got, 20000, name)
		for id, v := range got {
			require.Equal(t, id, v)
		}
	}
}

func TestStale(t *testing.T) {
	cases := map[string]string{
		"type changed":    "ALTER TABLE t ALTER a TYPE int8",
		"column dropped":  "ALTER TABLE t DROP b",
		"column replaced": "ALTER TABLE t DROP a; ALTER TABLE t ADD a int4",
		"column added":    "ALTER TABLE t ADD z int4",
		"typmod changed":  "ALTER TABLE t ALTER n TYPE numeric(12,4)",
		"renamed":         "ALTER TABLE t RENAME b TO c",
		"table dropped":   "DROP TABLE t CASCADE",
		"enum extended":   "ALTER TYPE mood ADD VALUE 'new' BEFORE 'sad'\nINSERT INTO t VALUES (1, 'x', 1, 'new', NULL)",
		"composite":       "ALTER TABLE t ALTER p TYPE text; DROP TYPE pair; CREATE TYPE pair AS (a int4); ALTER TABLE t ALTER p TYPE pair USING NULL",
	}
	for name, ddl := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int4, b text);
				CREATE TABLE t (a int4, b text, n numeric(10,2), m mood, p pair);
				INSERT INTO t VALUES (1, 'x', 1.5, 'ok', (1, 'y'))`)
			rs := s.plan(scanNode(s.table("t")))
			_, err := s.read(rs, nil)
			require.NoError(t, err)
			for one := range strings.SplitSeq(ddl, "\n") {
				s.run(one)
			}
			_, err = s.read(rs, nil)
			var st *sources.Stale
			require.ErrorAs(t, err, &st)
			require.Equal(t, "t", st.Tables[0].Name())
			require.Zero(t, s.budget.InUse("pg"))
		})
	}
}

// Without the lock first, a truncated or rewritten table would be read as empty.
func TestDDLWaitsForTheSnapshot(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4); INSERT INTO t SELECT generate_series(1, 1000)`)
	rs := s.plan(scanNode(s.table("t")))
	sn, end, err := s.begin(t.Context(), 1, 1, rs.Tables()...)
	require.NoError(t, err)
	s.run("SET lock_timeout = '50ms'")
	_, err = s.admin.Exec(t.Context(), "TRUNCATE t")
	require.ErrorContains(t, err, "lock timeout")
	ln, err := sn.Lane(t.Context(), false)
	require.NoError(t, err)
	batches, err := readLane(t.Context(), ln, rs, nil)
	require.NoError(t, err)
	require.Len(t, texts(rs, batches), 1000)
	require.NoError(t, ln.Close())
	end()
	s.run("TRUNCATE t")
}

// Tables that may not be locked are read all the same, and what changed in them is noticed.
func TestWithoutTheRightToLock(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4, secret text, b text); INSERT INTO t VALUES (1, 's', 'x');
		CREATE MATERIALIZED VIEW mv AS SELECT a, b FROM t; CREATE VIEW v AS SELECT a, b FROM t;
		DROP ROLE IF EXISTS skein_limited; CREATE ROLE skein_limited LOGIN PASSWORD 'p';
		GRANT SELECT ON mv, v TO skein_limited; GRANT SELECT (a, b) ON t TO skein_limited`)
	defer s.run("DROP OWNED BY skein_limited; DROP ROLE skein_limited")
	limited := s.open("url", s.url, "user", "skein_limited")
	limited.options.user, limited.options.password = "skein_limited", "p"
	s.source = limited
	defer func() { _ = limited.Close() }()
	for _, name := range []string{"mv", "v", "t"} {
		node := scanNode(s.table(name))
		if name == "t" { // only what is granted
			node.Cols, node.Ordinals = append(node.Cols[:1:1], node.Cols[2]), []int{0, 2}
		}
		rs := s.plan(node)
		got, err := s.read(rs, nil)
		require.NoError(t, err, name)
		require.Equal(t, [][]string{{"1", "x"}}, texts(rs, got))
	}
	whole := s.plan(scanNode(s.table("t")))
	_, err := s.read(whole, nil)
	require.Equal(t, sqlerr.InsufficientPrivilege, sqlerr.Code(err), "%v", err)
	node := scanNode(s.table("t"))
	node.Cols, node.Ordinals = node.Cols[:1], node.Ordinals[:1]
	rs := s.plan(node)
	s.run("DROP VIEW v; DROP MATERIALIZED VIEW mv; ALTER TABLE t ALTER a TYPE int8")
	_, err = s.read(rs, nil)
	var st *sources.Stale
	require.ErrorAs(t, err, &st)
}

// A cancelled COPY leaves no statement at the server, and the connection and its snapshot are good for the next.
func TestCancelInTheMiddle(t *testing.T) {
	s := newServer(t, `CREATE TABLE t AS SELECT i AS a, repeat('x', 500) AS b FROM generate_series(1, 300000) i;
		CREATE TABLE small AS SELECT 1 AS a`)
	big, small := s.plan(scanNode(s.table("t"))), s.plan(scanNode(s.table("small")))
	sn, end, err := s.begin(t.Context(), 1, 1, append(big.Tables(), small.Tables()...)...)
	require.NoError(t, err)
	ln, err := sn.Lane(t.Context(), false)
	require.NoError(t, err)
	pid := ln.(*lane).conn.pg.PID()
	ln.(*lane).conn.patience = time.Minute // of a busy machine
	for range 20 {
		ctx, cancel := context.WithCancelCause(t.Context())
		r, err := ln.Open(ctx, big, everything, &sources.Env{Env: &eval.Env{}})
		require.NoError(t, err)
		_, err = r.Next(ctx)
		require.NoError(t, err)
		cause := sqlerr.New(sqlerr.QueryCanceled, "cancelled by a test")
		cancel(cause)
		for err == nil {
			_, err = r.Next(ctx)
		}
		require.ErrorIs(t, err, cause)
		require.NoError(t, r.Close())
		got, err := readLane(t.Context(), ln, small, nil)
		require.NoError(t, err)
		require.Equal(t, [][]string{{"1"}}, texts(small, got))
		// Closed early, without being cancelled.
		r, err = ln.Open(t.Context(), big, everything, &sources.Env{Env: &eval.Env{}})
		require.NoError(t, err)
		_, err = r.Next(t.Context())
		require.NoError(t, err)
		require.NoError(t, r.Close())
		got, err = readLane(t.Context(), ln, small, nil)
		require.NoError(t, err)
		require.Len(t, got, 1)
	}
	require.Equal(t, pid, ln.(*lane).conn.pg.PID(), "the connection was kept")
	require.NoError(t, ln.Close())
	end()
	require.Zero(t, s.budget.InUse("pg"))
	requireIdle(t, s)
}

// requireIdle waits until no connection of the source works or is in a transaction.
func requireIdle(t *testing.T, s *server) {
	t.Helper()
	require.Eventually(t, func() bool {
		var n int
		require.NoError(t, s.admin.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`).Scan(&n))
		return n == 0
	}, 10*time.Second, 5*time.Millisecond)
}

// A statement whose client has gone is cancelled even while nobody reads.
func TestCancelWhileNobodyReads(t *testing.T) {
	s := newServer(t, `CREATE TABLE t AS SELECT i AS a, repeat('x', 500) AS b FROM generate_series(1, 300000) i`)
	rs := s.plan(scanNode(s.table("t")))
	sn, end, err := s.begin(t.Context(), 1, 1, rs.Tables()...)
	require.NoError(t, err)
	ln, err := sn.Lane(t.Context(), false)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := ln.Open(ctx, rs, everything, &sources.Env{Env: &eval.Env{}})
	require.NoError(t, err)
	_, err = r.Next(ctx)
	require.NoError(t, err)
	cancel()
	require.NoError(t, r.Close())
	require.NoError(t, ln.Close())
	end()
	requireIdle(t, s)
}

func TestErrors(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4, n numeric(5,2)); INSERT INTO t VALUES (1, 'NaN')`)
	t.Run("nan in a declared numeric", func(t *testing.T) {
		_, err := s.read(s.plan(scanNode(s.table("t"))), nil)
		require.Equal(t, sqlerr.NumericOutOfRange, sqlerr.Code(err))
		require.ErrorContains(t, err, "column n")
	})
	t.Run("wrong password", func(t *testing.T) {
		src := s.open("url", s.url)
		src.options.password = "sesame-wrong"
		_, err := src.Discover(t.Context(), sources.Pattern{})
		require.Equal(t, sqlerr.InvalidPassword, sqlerr.Code(err))
		require.NotContains(t, fmt.Sprintf("%+v", err), "sesame")
	})
	t.Run("unreachable", func(t *testing.T) {
		src := s.open("host", "127.0.0.1", "port", "1", "dbname", "x", "user", "u", "sslmode", "disable")
		_, err := src.Discover(t.Context(), sources.Pattern{})
		require.Equal(t, sqlerr.SourceUnable, sqlerr.Code(err))
	})
	t.Run("no database", func(t *testing.T) {
		src := s.open("url", s.url, "dbname", "no_such_database")
		_, err := src.Discover(t.Context(), sources.Pattern{})
		require.Equal(t, sqlerr.UndefinedCatalog, sqlerr.Code(err))
	})
	t.Run("bad options", func(t *testing.T) {
		for _, o := range []map[string]string{
			{"hots": "x"}, {"port": "x"}, {"max_connections": "0"}, {"url": "postgres://u:sesame@h:port/x"}, {"statement_timeout": "soon"},
		} {
			_, err := Open(t.Context(), sources.Config{Name: "pg", Options: o})
			require.Error(t, err, "%v", o)
			require.NotContains(t, err.Error(), "sesame")
		}
	})
	require.Zero(t, s.budget.InUse("pg"))
}

// A server that restarts, or closes idle connections, costs no statement.
func TestIdleConnectionThatDied(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4); INSERT INTO t VALUES (1)`)
	rs := s.plan(scanNode(s.table("t")))
	for range 3 {
		_, err := s.read(rs, nil)
		require.NoError(t, err)
		s.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	}
}

// Extra lanes come from what is free, give way to those who wait, and give their tokens back.
func TestExtraLanes(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4)`, "max_connections", "3")
	table := s.table("t")
	sn, end, err := s.begin(t.Context(), 1, 8, table)
	require.NoError(t, err)
	base, err := sn.Lane(t.Context(), false)
	require.NoError(t, err)
	var extras []sources.Lane
	for range 2 {
		ln, err := sn.Lane(t.Context(), true)
		require.NoError(t, err)
		require.NotNil(t, ln)
		extras = append(extras, ln)
	}
	none, err := sn.Lane(t.Context(), true)
	require.NoError(t, err)
	require.Nil(t, none)
	require.Equal(t, 3, s.budget.InUse("pg"))
	waiting := make(chan error, 1)
	go func() {
		_, end, err := s.begin(t.Context(), 1, 1, table)
		if err == nil {
			end()
		}
		waiting <- err
	}()
	require.Eventually(t, extras[0].Wanted, time.Minute, time.Millisecond)
	require.False(t, base.Wanted())
	require.NoError(t, extras[0].Close())
	require.NoError(t, <-waiting)
	require.NoError(t, extras[1].Close())
	require.NoError(t, base.Close())
	end()
	require.Zero(t, s.budget.InUse("pg"))
	require.LessOrEqual(t, s.source.open, 3)
}

// What a transaction-mode pooler allows: nothing outlives a transaction, no startup parameters.
func TestNothingOutlivesATransaction(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4); INSERT INTO t VALUES (1)`, "pooler", "transaction", "application_name", "me")
	cfg, err := s.source.options.config(sources.Identity{})
	require.NoError(t, err)
	require.Empty(t, cfg.RuntimeParams)
	table := s.table("t")
	c, err := s.source.take(t.Context(), sources.Identity{})
	require.NoError(t, err)
	before := sessionState(t, c)
	s.source.give(c)
	rs := s.plan(scanNode(table))
	_, err = s.read(rs, nil)
	require.NoError(t, err)
	c, err = s.source.take(t.Context(), sources.Identity{})
	require.NoError(t, err)
	require.True(t, c.reused)
	require.Equal(t, before, sessionState(t, c))
	s.source.give(c)
}

func sessionState(t *testing.T, c *conn) string {
	results, err := c.exec(t.Context(), `SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
		WHERE source = 'session'`, "SELECT count(*) FROM pg_prepared_statements")
	require.NoError(t, err)
	return fmt.Sprintf("%s %s", results[0].Rows[0][0], results[1].Rows[0][0])
}

// While DDL holds a table, a statement waits for lock_timeout at most, and can be cancelled.
func TestWaitingForALock(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4)`, "lock_timeout", "100ms")
	table := s.table("t")
	s.run("BEGIN; LOCK TABLE t")
	_, _, err := s.begin(t.Context(), 1, 1, table)
	require.Equal(t, "55P03", sqlerr.Code(err), "%v", err)
	patient := s.open("url", s.url, "lock_timeout", "0")
	s.source = patient
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the client has gone")
	timer := time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	defer timer.Stop()
	_, err = patient.Begin(ctx, sources.Identity{}, sources.Need{Lanes: 1, Tables: []plan.TableRef{table}})
	require.ErrorIs(t, err, cause)
	requireIdle(t, s)
	s.run("ROLLBACK")
	_, end, err := s.begin(t.Context(), 1, 1, table)
	require.NoError(t, err)
	end()
	require.Zero(t, s.budget.InUse("pg"))
}

// A server that goes away in the middle is an error with its SQLSTATE; nothing is left behind.
func TestServerGoesAwayInTheMiddle(t *testing.T) {
	s := newServer(t, `CREATE TABLE t AS SELECT i AS a, repeat('x', 500) AS b FROM generate_series(1, 200000) i`)
	rs := s.plan(scanNode(s.table("t")))
	sn, end, err := s.begin(t.Context(), 2, 2, rs.Tables()...)
	require.NoError(t, err)
	var lanes []sources.Lane
	for range 2 {
		ln, err := sn.Lane(t.Context(), false)
		require.NoError(t, err)
		lanes = append(lanes, ln)
	}
	for _, ln := range lanes {
		r, err := ln.Open(t.Context(), rs, everything, &sources.Env{Env: &eval.Env{}})
		require.NoError(t, err)
		_, err = r.Next(t.Context())
		require.NoError(t, err)
		s.run(fmt.Sprintf("SELECT pg_terminate_backend(%d)", ln.(*lane).conn.pg.PID()))
		for err == nil {
			_, err = r.Next(t.Context())
		}
		require.Contains(t, []string{sqlerr.AdminShutdown, sqlerr.ConnectionFailure}, sqlerr.Code(err), "%v", err)
		require.NoError(t, r.Close())
		require.NoError(t, ln.Close())
	}
	_, err = sn.Lane(t.Context(), false)
	require.Equal(t, sqlerr.ConnectionFailure, sqlerr.Code(err))
	end()
	require.Zero(t, s.budget.InUse("pg"))
	require.Zero(t, s.source.open)
	_, err = s.read(rs, nil)
	require.NoError(t, err)
}

// A materialised view that is refreshed all the time, and a table that is rewritten, are never read as empty: not even
// through a view, which cannot lock the first.
func TestRewrittenWhileReading(t *testing.T) {
	s := newServer(t, `CREATE TABLE t AS SELECT generate_series(1, 500) AS a; CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
		CREATE VIEW v AS SELECT a FROM mv;
		CREATE TABLE u AS SELECT a FROM t; CREATE INDEX u_a ON u (a); CREATE VIEW vu AS SELECT a FROM u`)
	var scans []plan.RemoteScan
	for _, name := range []string{"mv", "v", "vu", "u"} {
		scans = append(scans, s.plan(scanNode(s.table(name))))
	}
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		conn, err := pgx.Connect(context.Background(), s.url)
		for err == nil {
			select {
			case <-stop:
				done <- conn.Close(context.Background())
				return
			default:
			}
			_, err = conn.Exec(context.Background(), "REFRESH MATERIALIZED VIEW mv; CLUSTER u USING u_a")
		}
		done <- err
	}()
	for range 100 {
		for _, rs := range scans {
			got, err := s.read(rs, nil)
			var st *sources.Stale
			if errors.As(err, &st) {
				continue // it says so
			}
			require.NoError(t, err)
			require.Len(t, texts(rs, got), 500, rs.Text())
		}
	}
	close(stop)
	require.NoError(t, <-done)
}

// The query by which that is noticed: a file that is another than in the snapshot, of what a view reads.
func TestRewrittenQuery(t *testing.T) {
	s := newServer(t, `CREATE TABLE t AS SELECT generate_series(1, 500) AS a; CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
		CREATE VIEW v AS SELECT a FROM mv`)
	c, err := s.source.take(t.Context(), sources.Identity{})
	require.NoError(t, err)
	defer func() { s.source.putBack(c) }()
	count := func() string {
		results, err := c.exec(t.Context(), "SELECT FROM v LIMIT 0", rewrittenQuery)
		require.NoError(t, err)
		return string(results[1].Rows[0][0])
	}
	_, err = c.exec(t.Context(), beginTransaction, "SELECT 1")
	require.NoError(t, err)
	s.run("REFRESH MATERIALIZED VIEW mv")
	require.Equal(t, "1", count(), "the rows are not those of the snapshot")
	require.True(t, c.rollback())
	_, err = c.exec(t.Context(), beginTransaction)
	require.NoError(t, err)
	require.Equal(t, "0", count())
}
