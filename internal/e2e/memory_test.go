package e2e

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/skeinsql/skein/internal/fixture"
)

// The rows that TestScansKeepMemoryFlat streams: go test -run Flat -stream-rows 5000000 -stream-documents 5000000
// is the full size.
var (
	streamRows      = flag.Int("stream-rows", 500_000, "rows of the PostgreSQL and Parquet tables that are streamed")
	streamDocuments = flag.Int("stream-documents", 20_000, "documents of the collection that is streamed")
)

// mostGrowth is how many MiB a server's resident memory may grow from its first batch to its last: batches under way, and
// what the collector leaves until it runs.
const mostGrowth = 300

// TestScansKeepMemoryFlat streams large tables of each source through the server's own binary and watches its memory.
func TestScansKeepMemoryFlat(t *testing.T) {
	pgURL := fixture.PostgresURL(t)
	_, err := connect(t, pgURL).Exec(t.Context(), fmt.Sprintf(`CREATE TABLE narrow AS SELECT g::bigint AS id, g * 0.5::float8 AS v,
		'name ' || mod(g, 1000) AS name FROM generate_series(1, %d) g; ANALYZE`, *streamRows))
	require.NoError(t, err)
	lake := t.TempDir()
	writeNarrow(t, filepath.Join(lake, "narrow.parquet"))
	uri, database := fixture.MongoDatabase(t)
	insertNarrow(t, uri, database)

	binary := filepath.Join(t.TempDir(), "skein")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/skein").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, scan := range []struct {
		name, sql string
		rows      int
	}{
		{"postgres", "SELECT * FROM pg.public.narrow", *streamRows},
		{"parquet", "SELECT * FROM pq.main.narrow", *streamRows},
		{"mongo", fmt.Sprintf("SELECT * FROM mg.%s.narrow", database), *streamDocuments},
	} {
		t.Run(scan.name, func(t *testing.T) {
			addr, pid := startServer(t, binary, "--source", "pg="+pgURL, "--source", "pq=parquet://"+lake, "--source", "mg="+uri)
			watchStream(t, addr, pid, scan.sql, scan.rows)
		})
	}
}

// startServer runs the binary until the test ends.
func startServer(t *testing.T, binary string, args ...string) (addr string, pid int) {
	t.Helper()
	var log logged
	cmd := exec.Command(binary, append([]string{"serve", "--no-auth", "--listen", "127.0.0.1:0"}, args...)...) //nolint:noctx // stopped below
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v: %s", err, log.text())
		}
	})
	require.Eventually(t, func() bool {
		_, rest, _ := strings.Cut(log.text(), "skein is ready: grpc://")
		var complete bool
		addr, _, complete = strings.Cut(rest, "\n")
		return complete
	}, time.Minute, 10*time.Millisecond)
	return addr, cmd.Process.Pid
}

// watchStream reads a result and samples the server's resident memory: it prints a table over the rows read.
func watchStream(t *testing.T, addr string, pid int, sql string, rows int) {
	t.Helper()
	c, err := flightsql.NewClient(addr, nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	start := time.Now()
	r, err := open(t.Context(), c, sql)
	require.NoError(t, err)
	defer r.Release()
	var table strings.Builder
	read, first, most, next := 0, 0, 0, 0
	for r.Next() {
		read += int(r.RecordBatch().NumRows())
		now := resident(t, pid)
		if first == 0 {
			first = now
		}
		most = max(most, now)
		if read >= next {
			fmt.Fprintf(&table, "%10d rows %7.2fs %5d MiB\n", read, time.Since(start).Seconds(), now)
			next += max(1, rows/10)
		}
	}
	require.NoError(t, r.Err())
	require.Equal(t, rows, read)
	t.Logf("%s\n%smost %d MiB; %.0f rows/s", sql, table.String(), most, float64(rows)/time.Since(start).Seconds())
	require.Less(t, most-first, mostGrowth, "growth in MiB")
}

// resident is a process's resident memory in MiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		fixture.Missing(t, "/proc, to read memory from", err)
	}
	_, after, ok := strings.Cut(string(text), "VmRSS:")
	require.True(t, ok)
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(t, err)
	return kib / 1024
}

func writeNarrow(t *testing.T, path string) {
	t.Helper()
	type row struct {
		ID   int64   `parquet:"id"`
		V    float64 `parquet:"v"`
		Name string  `parquet:"name,dict"`
	}
	f, err := os.Create(path)
	require.NoError(t, err)
	w := parquet.NewGenericWriter[row](f, parquet.MaxRowsPerRowGroup(200_000), parquet.Compression(&parquet.Snappy))
	batch := make([]row, 0, 10_000)
	for i := 1; i <= *streamRows; i++ {
		batch = append(batch, row{int64(i), math.Sqrt(float64(i)), "name " + strconv.Itoa(i%1000)})
		if len(batch) == cap(batch) || i == *streamRows {
			_, err := w.Write(batch)
			require.NoError(t, err)
			batch = batch[:0]
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
}

func insertNarrow(t *testing.T, uri, database string) {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	defer func() { _ = client.Disconnect(context.Background()) }()
	docs := make([]any, 0, 10_000)
	for i := 1; i <= *streamDocuments; i++ {
		docs = append(docs, bson.D{{Key: "_id", Value: int64(i)}, {Key: "v", Value: float64(i) / 2}, {Key: "name", Value: "name " + strconv.Itoa(i%1000)}})
		if len(docs) == cap(docs) || i == *streamDocuments {
			_, err := client.Database(database).Collection("narrow").InsertMany(t.Context(), docs, options.InsertMany().SetOrdered(false))
			require.NoError(t, err)
			docs = docs[:0]
		}
	}
}
