package e2e

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"google.golang.org/grpc"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
	"github.com/skeinsql/skein/internal/fixture"
)

// large is a table of each kind that takes seconds to read through a client.
type large struct {
	pgURL, mongoURI, database, lake string
	rows                            int
}

var (
	largeOnce   sync.Once
	largeTables large
)

const largeRows = 400_000

// openLarge gives tables that no socket's buffers hold: 400,000 rows of some 200 bytes, fewer documents.
func openLarge(t testing.TB) *large {
	t.Helper()
	l := &largeTables
	largeOnce.Do(func() {
		ctx := context.Background()
		l.pgURL = fixture.PostgresURL(keeping{t})
		conn, err := pgx.Connect(ctx, l.pgURL)
		require.NoError(t, err)
		_, err = conn.Exec(ctx, fmt.Sprintf(`CREATE TABLE large AS SELECT g AS id, repeat(md5(g::text), 6) AS pad FROM generate_series(1, %d) g;
			CREATE TABLE other AS SELECT * FROM large; ANALYZE`, largeRows))
		require.NoError(t, err)
		require.NoError(t, conn.Close(ctx))
		l.lake = sharedDir(t)
		writeLarge(t, l.lake+"/large.parquet")
		l.mongoURI, l.database = fixture.MongoDatabase(keeping{t})
		client, err := mongo.Connect(options.Client().ApplyURI(l.mongoURI))
		require.NoError(t, err)
		pad := strings.Repeat("x", 500)
		for from := 0; from < largeRows/20; from += 2000 {
			docs := make([]any, 2000)
			for i := range docs {
				docs[i] = bson.D{{Key: "_id", Value: int64(from + i)}, {Key: "pad", Value: pad}}
			}
			_, err := client.Database(l.database).Collection("large").InsertMany(ctx, docs)
			require.NoError(t, err)
		}
		require.NoError(t, client.Disconnect(ctx))
		l.rows = largeRows
	})
	require.NotZero(t, l.rows, "the large tables could not be made: see the first test that failed")
	return l
}

func writeLarge(t testing.TB, path string) {
	t.Helper()
	type row struct {
		ID  int64  `parquet:"id"`
		Pad string `parquet:"pad"`
	}
	f, err := os.Create(path)
	require.NoError(t, err)
	w := parquet.NewGenericWriter[row](f, parquet.MaxRowsPerRowGroup(20_000))
	rows := make([]row, 10_000)
	for from := 0; from < largeRows; from += len(rows) {
		for i := range rows {
			rows[i] = row{int64(from + i), strings.Repeat(fmt.Sprintf("%016x", uint64(from+i)*0x9e3779b97f4a7c15), 12)}
		}
		_, err := w.Write(rows)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
}

func (l *large) sources() []skein.Option {
	return []skein.Option{skein.Source("pg", l.pgURL), skein.Source("mg", l.mongoURI), skein.Source("pq", "parquet://"+l.lake)}
}

func (l *large) scans() map[string]string {
	return map[string]string{
		"postgres": "SELECT * FROM pg.public.large",
		"mongo":    fmt.Sprintf("SELECT * FROM mg.%s.large", l.database),
		"parquet":  "SELECT * FROM pq.main.large",
		"join":     "SELECT a.*, b.pad AS pad2 FROM pg.public.large a JOIN pq.main.large b USING (id)",
		"sort":     "SELECT * FROM (SELECT * FROM pg.public.large UNION ALL SELECT * FROM pq.main.large) u ORDER BY pad",
	}
}

// left is what may be there when a statement has ended.
type left struct {
	cursors    int64
	goroutines int
}

// left is what is there now, and a few goroutines of drivers' pools, which come and go.
func (l *large) left(t *testing.T) left {
	t.Helper()
	return left{l.openCursors(t), runtime.NumGoroutine() + 12}
}

// quiet waits until nothing of a statement is left, for as long as that may take: at PostgreSQL only idle sessions, at MongoDB no cursor, here no
// statement, no connection in use and no more goroutines than before.
func (l *large) quiet(t *testing.T, s *service, admin *pgx.Conn, most left) {
	t.Helper()
	start := time.Now()
	for {
		busy := l.busyBackends(t, admin)
		cursors := l.openCursors(t)
		running := runtime.NumGoroutine()
		idle := s.isIdle("pg", "mg", "pq")
		if idle && busy == 0 && cursors <= most.cursors && running <= most.goroutines {
			t.Logf("quiet after %v", time.Since(start).Round(time.Millisecond))
			return
		}
		if time.Since(start) > endsWithin {
			t.Fatalf("idle: %v, %d busy backends, %d cursors, %d goroutines; allowed are %+v", idle, busy, cursors, running, most)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (l *large) busyBackends(t *testing.T, admin *pgx.Conn) int {
	t.Helper()
	var n int
	require.NoError(t, admin.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND (state <> 'idle' OR backend_xmin IS NOT NULL)`).Scan(&n))
	return n
}

// openCursors is the number of cursors that the server knows, 0 where it does not say.
func (l *large) openCursors(t *testing.T) int64 {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(l.mongoURI))
	require.NoError(t, err)
	defer func() { _ = client.Disconnect(context.Background()) }()
	raw, err := client.Database("admin").RunCommand(context.Background(), bson.D{{Key: "serverStatus", Value: 1}}).Raw()
	if err != nil {
		return 0
	}
	n, _ := raw.Lookup("metrics", "cursor", "open", "total").AsInt64OK()
	return n
}

func TestCancellationLeavesNothing(t *testing.T) {
	l := openLarge(t)
	admin := connect(t, l.pgURL)
	s := serve(t, nil, l.sources()...)
	keep, _ := s.client()
	for name, sql := range l.scans() { // connections and caches that stay are there before goroutines are counted
		ctx, cancel := context.WithCancel(t.Context())
		r, err := open(ctx, keep, sql)
		require.NoError(t, err, name)
		cancel()
		r.Release()
	}
	s.idle(time.Minute, "pg", "mg", "pq")
	time.Sleep(200 * time.Millisecond)
	goroutines := l.left(t).goroutines
	for name, sql := range l.scans() {
		t.Run(name+"/mid-stream", func(t *testing.T) {
			before := left{l.openCursors(t), goroutines}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := open(ctx, keep, sql)
			require.NoError(t, err)
			defer r.Release()
			require.True(t, r.Next(), "%v", r.Err())
			cancel()
			l.quiet(t, s, admin, before)
		})
		t.Run(name+"/before the first row", func(t *testing.T) {
			for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(after, cancel)
				if r, err := open(ctx, keep, sql); err == nil {
					r.Release()
				}
				cancel()
			}
			// A server that answers a find after its client has gone may keep the cursor: MongoDB does not, the fixture does.
			l.quiet(t, s, admin, left{math.MaxInt64, goroutines})
		})
		t.Run(name+"/lost connection", func(t *testing.T) {
			before := left{l.openCursors(t), goroutines}
			c, end := s.client()
			r, err := open(context.Background(), c, sql)
			require.NoError(t, err)
			require.True(t, r.Next(), "%v", r.Err())
			end()
			r.Release()
			l.quiet(t, s, admin, before)
		})
	}
	s.answers(keep, "SELECT count(*) FROM pg.public.large", fmt.Sprint(largeRows))
}

// hold opens a stream and takes one batch of it.
func hold(t *testing.T, s *service, sql string) func() error {
	t.Helper()
	c, _ := s.client()
	r, err := open(context.Background(), c, sql)
	require.NoError(t, err)
	require.True(t, r.Next(), "%v", r.Err())
	return func() error {
		defer r.Release()
		for r.Next() {
		}
		return r.Err()
	}
}

func TestCancelByAnotherClient(t *testing.T) {
	l := openLarge(t)
	admin := connect(t, l.pgURL)
	s := serve(t, nil, l.sources()...)
	c, _ := s.client()
	before := l.left(t)
	before.goroutines += 20 // two clients' connections
	ended := hold(t, s, "SELECT * FROM pg.public.large")
	a, err := fetch(t.Context(), c, "SELECT id, pid, state FROM skein_catalog.queries WHERE statement LIKE '%large%' AND statement NOT LIKE '%skein_catalog%'")
	require.NoError(t, err)
	require.Len(t, a.rows, 1)
	s.answers(c, fmt.Sprintf("SELECT pg_cancel_backend(%s)", a.rows[0][1]), "t")
	err = ended()
	state, _ := sqlState(err)
	require.Equal(t, "57014", state, "%v", err)
	s.answers(c, fmt.Sprintf("SELECT pg_cancel_backend(%s)", a.rows[0][1]), "f")
	s.answers(c, "SELECT count(*) FROM skein_catalog.queries WHERE statement NOT LIKE '%skein_catalog%'", "0")
	l.quiet(t, s, admin, before)

	for name, sql := range l.scans() {
		t.Run("statement_timeout/"+name, func(t *testing.T) {
			r, err := s.db.Query(t.Context(), sql, skein.With("statement_timeout", "150ms"))
			if err == nil {
				for r.Next() {
					time.Sleep(60 * time.Millisecond)
				}
				err = r.Err()
				r.Release()
			}
			require.ErrorContains(t, err, "statement timeout")
			l.quiet(t, s, admin, left{math.MaxInt64, before.goroutines})
		})
	}
}

func TestStalledClientLosesItsStatement(t *testing.T) {
	l := openLarge(t)
	admin := connect(t, l.pgURL)
	s := serve(t, func(c *flightsql.Config) { c.StallTimeout = 500 * time.Millisecond }, l.sources()...)
	for name, sql := range l.scans() {
		t.Run(name, func(t *testing.T) {
			c, _ := s.client(grpc.WithInitialWindowSize(1<<16), grpc.WithInitialConnWindowSize(1<<16))
			r, err := open(context.Background(), c, sql)
			require.NoError(t, err)
			defer r.Release()
			require.True(t, r.Next(), "%v", r.Err())
			s.idle(time.Minute, "pg", "mg", "pq")
			require.Eventually(t, func() bool {
				return l.busyBackends(t, admin) == 0 && strings.Contains(s.log.text(), "57014")
			}, time.Minute, 10*time.Millisecond)
			for r.Next() {
			}
			state, _ := sqlState(r.Err())
			require.Equal(t, "57014", state, "%v", r.Err())
		})
	}
}

// TestScansSeeOneSnapshot moves amounts between two rows of a large table while splits of it are read in several
// connections: no statement may see a half of a move.
func TestScansSeeOneSnapshot(t *testing.T) {
	ctx := t.Context()
	url := fixture.PostgresURL(t)
	admin := connect(t, url)
	const rows = 60_000
	_, err := admin.Exec(ctx, fmt.Sprintf(`CREATE TABLE moves (id int PRIMARY KEY, amount bigint NOT NULL, pad text) WITH (fillfactor = 50);
		INSERT INTO moves SELECT g, 0, repeat('x', 300) FROM generate_series(1, %d) g; ANALYZE moves`, rows))
	require.NoError(t, err)
	db, err := skein.Open(ctx, skein.Source("pg", url))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	stop, moved := make(chan struct{}), make(chan int, 1)
	mover := connect(t, url)
	go func() {
		n := 0
		defer func() { moved <- n }()
		for ; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			from, to := 1+n*7919%rows, rows-n*104729%rows
			if from == to {
				continue
			}
			if _, err := mover.Exec(context.Background(),
				"UPDATE moves SET amount = amount + CASE id WHEN $1 THEN -1 ELSE 1 END WHERE id IN ($1, $2)", from, to); err != nil {
				t.Errorf("moving: %v", err)
				return
			}
		}
	}()
	for i := range 12 {
		for _, sql := range []string{
			"SELECT sum(amount)::text, count(*)::text FROM pg.public.moves",
			"SELECT (a.s - b.s)::text, a.n::text FROM (SELECT sum(abs(amount)) AS s, count(*) AS n FROM pg.public.moves) a, (SELECT sum(abs(amount)) AS s FROM pg.public.moves WHERE id > 0) b",
			"SELECT sum(a.amount - b.amount)::text, count(*)::text FROM pg.public.moves a JOIN pg.public.moves b ON a.id = b.id",
		} {
			a, err := ask(ctx, db, sql, skein.With("skein.workers", "4"), skein.With("skein.pushdown", []string{"on", "off"}[i%2]))
			require.NoError(t, err)
			require.Equal(t, [][]string{{"0", fmt.Sprint(rows)}}, a.rows, sql)
		}
	}
	close(stop)
	require.Positive(t, <-moved)
}

// TestConnectionBudget runs more statements at once than a server may have connections.
func TestConnectionBudget(t *testing.T) {
	ctx := t.Context()
	url := fixture.PostgresURL(t)
	admin := connect(t, url)
	_, err := admin.Exec(ctx, `CREATE TABLE a AS SELECT g AS id FROM generate_series(1, 50000) g; CREATE TABLE b AS SELECT * FROM a; ANALYZE`)
	require.NoError(t, err)
	db, err := skein.Open(ctx, skein.Source("pg", url+"&max_connections=2&application_name=budgeted"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	watch := connect(t, url)
	stop, most := make(chan struct{}), make(chan int, 1)
	go func() {
		high := 0
		defer func() { most <- high }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			var n int
			if err := watch.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name LIKE 'budgeted%'`).Scan(&n); err != nil {
				t.Errorf("counting: %v", err)
				return
			}
			high = max(high, n, db.Engine().Connections().InUse("pg"))
		}
	}()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			sql := "SELECT count(*)::text FROM pg.public.a x JOIN pg.public.b y ON x.id = y.id"
			if i%2 == 0 {
				sql = "SELECT count(*)::text FROM pg.public.a"
			}
			a, err := ask(ctx, db, sql, skein.With("skein.pushdown", []string{"on", "off"}[i/2%2]))
			if err != nil {
				t.Errorf("%s: %v", sql, err)
			} else if len(a.rows) != 1 || a.rows[0][0] != "50000" {
				t.Errorf("%s: %q", sql, a.rows)
			}
		})
	}
	wg.Wait()
	close(stop)
	high := <-most
	require.LessOrEqual(t, high, 2)
	require.Positive(t, high)
	require.Zero(t, db.Engine().Connections().InUse("pg"))
}
