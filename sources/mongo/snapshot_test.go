package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sourcetest"
)

// many inserts n documents of about 200 bytes.
func (b *testbed) many(collection string, n int) {
	docs := make([]any, 0, n)
	for k := range n {
		docs = append(docs, bson.D{
			{Key: "_id", Value: int32(k)}, {Key: "version", Value: int32(0)}, {Key: "text", Value: strings.Repeat("x", 150)},
		})
	}
	b.insert(collection, docs...)
}

// openCursors asks the server how many cursors are open beyond those of before the test.
func (b *testbed) openCursors() int64 {
	raw, err := b.db().RunCommand(b.t.Context(), bson.D{{Key: "serverStatus", Value: 1}}).Raw()
	require.NoError(b.t, err)
	return raw.Lookup("metrics", "cursor", "open", "total").AsInt64() - b.cursors
}

func (b *testbed) begin(lanes int, scan *Scan) (sources.Snapshot, []sources.Lane) {
	snap, err := b.source.Begin(b.t.Context(), sources.Identity{}, sources.Need{Lanes: lanes, Tables: scan.Tables()})
	require.NoError(b.t, err)
	var out []sources.Lane
	for range lanes {
		l, err := snap.Lane(b.t.Context(), false)
		require.NoError(b.t, err)
		out = append(out, l)
	}
	return snap, out
}

func (b *testbed) plan(root plan.Node) *Scan {
	s, err := b.source.Plan(plan.Fragment{Root: root})
	require.NoError(b.t, err)
	return s.(*Scan)
}

// TestOneSnapshotOverLanes updates every document between the first batches of one lane and the reads of another.
func TestOneSnapshotOverLanes(t *testing.T) {
	b := newTestbed(t, map[string]string{"batch_bytes": "20000"})
	b.many("c", 3000)
	b.many("other", 10)
	scan := b.plan(scanOf(b.table("c")))
	snap, lanes := b.begin(2, scan)
	first, err := lanes[0].Open(t.Context(), scan, whole{}, nil)
	require.NoError(t, err)
	batch, err := first.Next(t.Context())
	require.NoError(t, err)
	rows := batch.NumRows()
	batch.Release()
	for _, name := range []string{"c", "other"} {
		_, err = b.db().Collection(name).UpdateMany(t.Context(), bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: int32(1)}}}})
		require.NoError(t, err)
	}
	other := b.plan(scanOf(b.table("other")))
	second, err := lanes[1].Open(t.Context(), other, whole{}, nil)
	require.NoError(t, err)
	old, err := drainRows(t.Context(), second, nil)
	require.NoError(t, err)
	rest, err := drainRows(t.Context(), first, nil)
	require.NoError(t, err)
	require.EqualValues(t, 3000, int(rows)+len(rest))
	for _, row := range append(rest, old...) {
		require.Equal(t, "0", row[1])
	}
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	require.NoError(t, lanes[0].Close())
	require.NoError(t, lanes[1].Close())
	require.NoError(t, snap.Close())
	require.Zero(t, b.openCursors())
}

func TestCancelLeavesNothing(t *testing.T) {
	b := newTestbed(t, map[string]string{"batch_bytes": "20000"})
	b.many("c", 5000)
	scan := b.plan(scanOf(b.table("c")))
	ctx, cancel := context.WithCancelCause(t.Context())
	snap, lanes := b.begin(1, scan)
	r, err := lanes[0].Open(ctx, scan, whole{}, nil)
	require.NoError(t, err)
	batch, err := r.Next(ctx)
	require.NoError(t, err)
	batch.Release()
	cancel(errors.New("the client went away"))
	start := time.Now()
	for err == nil {
		if batch, err = r.Next(ctx); err == nil {
			batch.Release()
		}
	}
	require.True(t, sqlerr.Is(err, sqlerr.QueryCanceled), err)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	require.NoError(t, lanes[0].Close())
	require.NoError(t, snap.Close())
	require.Less(t, time.Since(start), sourcetest.Prompt)
	require.Zero(t, b.openCursors())

	// The source serves the next statement, and an early Close without cancelling leaves nothing either.
	snap, lanes = b.begin(1, scan)
	r, err = lanes[0].Open(t.Context(), scan, whole{}, nil)
	require.NoError(t, err)
	batch, err = r.Next(t.Context())
	require.NoError(t, err)
	batch.Release()
	require.NoError(t, r.Close())
	_, err = r.Next(t.Context())
	require.ErrorIs(t, err, io.EOF)
	require.Zero(t, b.openCursors())
	require.NoError(t, lanes[0].Close())
	require.NoError(t, snap.Close())
}

// TestCancelWhileTheServerHangs: a stopped server does not hold the client longer than a few seconds of cleaning up.
func TestCancelWhileTheServerHangs(t *testing.T) {
	server, err := fixture.StartMongo(t.Context(), fixture.MongoOptions{Standalone: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	src, err := Open(t.Context(), sources.Config{Name: "pay", Options: map[string]string{"url": server.URI(), "database": "d"}})
	require.NoError(t, err)
	defer func() { require.NoError(t, src.Close()) }()
	b := &testbed{t: t, database: "d", source: src.(*Source)}
	client, err := b.source.deployment(sources.Identity{})
	require.NoError(t, err)
	b.client = client.client
	b.many("c", 10)
	scan := b.plan(scanOf(b.table("c")))
	snap, lanes := b.begin(1, scan)
	resume := server.Pause()
	defer resume()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := lanes[0].Open(ctx, scan, whole{}, nil)
	require.NoError(t, err)
	start := time.Now()
	defer time.AfterFunc(100*time.Millisecond, cancel).Stop()
	_, err = r.Next(ctx)
	require.True(t, sqlerr.Is(err, sqlerr.QueryCanceled), err)
	require.NoError(t, r.Close())
	require.Less(t, time.Since(start), sourcetest.Prompt)
	require.NoError(t, lanes[0].Close())
	require.NoError(t, snap.Close())
}

// TestEveryViewReadsAll reads through each kind of snapshot, in many batches.
func TestEveryViewReadsAll(t *testing.T) {
	b := newTestbed(t, nil)
	b.many("c", 3000)
	for _, opts := range []map[string]string{
		{"snapshot": "transaction"},
		{"snapshot": "session"},
		{"snapshot": "none"},
		{"read_preference": "secondaryPreferred"},
		{"read_preference": "nearest", "snapshot": "none"},
	} {
		opts["batch_bytes"] = "50000"
		b.source = b.open(opts)
		rows, _, err := b.read(scanOf(b.table("c")))
		require.NoError(t, err, opts)
		require.Len(t, rows, 3000, opts)
		scan := b.plan(scanOf(b.table("c")))
		snap, lanes := b.begin(1, scan)
		r, err := lanes[0].Open(t.Context(), scan, whole{}, nil)
		require.NoError(t, err)
		batch, err := r.Next(t.Context())
		require.NoError(t, err)
		batch.Release()
		require.NoError(t, r.Close())
		require.NoError(t, lanes[0].Close())
		require.NoError(t, snap.Close())
		require.Zero(t, b.openCursors(), opts)
	}
}

func TestTLS(t *testing.T) {
	cert, key := selfSigned(t)
	server, err := fixture.StartMongo(t.Context(), fixture.MongoOptions{CertFile: cert, KeyFile: key})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	address, _, _ := strings.Cut(server.URI(), "?")
	for _, c := range []struct {
		options map[string]string
		code    string
	}{
		{map[string]string{"tls_ca_file": cert, "connect_timeout": "60s"}, ""},
		{map[string]string{"tls_insecure": "true", "connect_timeout": "60s"}, ""},
		{map[string]string{"tls": "true", "connect_timeout": "5s"}, sqlerr.SourceUnable}, // it tries until then
	} {
		c.options["url"], c.options["direct_connection"] = address, "true"
		src, err := Open(t.Context(), sources.Config{Name: "pay", Options: c.options})
		require.NoError(t, err)
		_, err = src.Discover(t.Context(), sources.Pattern{})
		require.Equal(t, c.code, sqlerr.Code(err), "%v: %v", c.options, err)
		var e *sqlerr.Error
		if errors.As(err, &e) {
			require.Contains(t, e.Detail, "certificate")
		}
		require.NoError(t, src.Close())
	}
}

// selfSigned writes a certificate for the loopback address and its key.
func selfSigned(t *testing.T) (certFile, keyFile string) {
	cert, key, err := fixture.SelfSigned()
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(certFile, cert, 0o600))
	require.NoError(t, os.WriteFile(keyFile, key, 0o600))
	return certFile, keyFile
}

func TestBeginSeesChangedCollections(t *testing.T) {
	b := newTestbed(t, nil)
	b.many("gone", 1)
	b.many("anew", 1)
	b.many("ruled", 1)
	for name, change := range map[string]func() error{
		"gone": func() error { return b.db().Collection("gone").Drop(t.Context()) },
		"anew": func() error {
			return errors.Join(b.db().Collection("anew").Drop(t.Context()), b.db().CreateCollection(t.Context(), "anew"))
		},
		"ruled": func() error {
			return b.db().RunCommand(t.Context(), bson.D{
				{Key: "collMod", Value: "ruled"}, {Key: "validator", Value: bson.D{{Key: "version", Value: 1}}},
			}).Err()
		},
	} {
		scan := b.plan(scanOf(b.table(name)))
		_, err := b.readScan(t.Context(), scan, nil)
		require.NoError(t, err)
		require.NoError(t, change())
		_, err = b.readScan(t.Context(), scan, nil)
		var stale *sources.Stale
		require.ErrorAs(t, err, &stale, name)
		require.Equal(t, name, stale.Tables[0].Name())
	}
	tables, err := b.source.Discover(t.Context(), sources.Pattern{Schema: b.database, Table: "gone"})
	require.NoError(t, err)
	require.Empty(t, tables)
}

func TestUnreachableServer(t *testing.T) {
	src, err := Open(t.Context(), sources.Config{Name: "pay", User: "u", Secret: "s3cret", Options: map[string]string{
		"url": "mongodb://127.0.0.1:1/db", "connect_timeout": "200ms",
	}})
	require.NoError(t, err)
	start := time.Now()
	_, err = src.Discover(t.Context(), sources.Pattern{})
	require.True(t, sqlerr.Is(err, sqlerr.SourceUnable), err)
	require.Less(t, time.Since(start), 10*time.Second)
	require.NotContains(t, err.Error(), "s3cret")
	require.NoError(t, src.Close())
	_, err = src.Discover(t.Context(), sources.Pattern{})
	require.Error(t, err)
}

func TestAuthentication(t *testing.T) {
	server, err := fixture.StartMongo(t.Context(), fixture.MongoOptions{User: "reader", Password: "p@ss:w/rd"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	_, address, _ := strings.Cut(server.URI(), "@")
	url := "mongodb://" + address
	for name, c := range map[string]struct {
		config sources.Config
		code   string
	}{
		"in the URL":     {sources.Config{Options: map[string]string{"url": server.URI()}}, ""},
		"user mapping":   {sources.Config{User: "reader", Secret: "p@ss:w/rd", Options: map[string]string{"url": url}}, ""},
		"wrong password": {sources.Config{User: "reader", Secret: "s3cret", Options: map[string]string{"url": url}}, sqlerr.InvalidPassword},
		"nobody":         {sources.Config{Options: map[string]string{"url": url}}, sqlerr.InsufficientPrivilege},
	} {
		c.config.Name = "pay"
		src, err := Open(t.Context(), c.config)
		require.NoError(t, err)
		_, err = src.Discover(t.Context(), sources.Pattern{})
		require.Equal(t, c.code, sqlerr.Code(err), "%s: %v", name, err)
		if err != nil {
			require.NotContains(t, err.Error(), "s3cret")
			var e *sqlerr.Error
			require.ErrorAs(t, err, &e)
			require.NotContains(t, e.Hint+e.Detail, "s3cret")
		}
		require.NoError(t, src.Close())
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []map[string]string{
		{},
		{"url": "postgres://x"},
		{"url": "mongodb://"},
		{"url": "mongodb://h", "sample_size": "0"},
		{"url": "mongodb://h", "nonsense": "1"},
		{"url": "mongodb://h", "on_mismatch": "ignore"},
		{"url": "mongodb://h", "read_preference": "any"},
		{"url": "mongodb://h", "snapshot": "transaction", "read_preference": "secondary"},
		{"url": "mongodb://h", "tls_ca_file": "/nowhere"},
		{"url": "mongodb://u:s3cret@h/?replicaSet=%zz"},
	} {
		_, err := Open(t.Context(), sources.Config{Name: "pay", Options: o})
		require.Error(t, err, o)
		require.NotContains(t, err.Error(), "s3cret")
		require.NotEmpty(t, sqlerr.Code(err))
	}
	src, err := Open(t.Context(), sources.Config{Name: "pay", Options: map[string]string{"host": "h", "port": "1", "database": "a, b"}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, src.(*Source).settings.databases)
	require.NoError(t, src.Close())
}

func TestValidatorsDeclarationsAndViews(t *testing.T) {
	b := newTestbed(t, nil)
	schema := bson.D{{Key: "bsonType", Value: "object"}, {Key: "properties", Value: bson.D{
		{Key: "amount", Value: bson.D{{Key: "bsonType", Value: bson.A{"decimal", "null"}}}},
		{Key: "at", Value: bson.D{{Key: "bsonType", Value: "date"}}},
		{Key: "to", Value: bson.D{{Key: "bsonType", Value: "object"}, {Key: "properties", Value: bson.D{
			{Key: "iban", Value: bson.D{{Key: "bsonType", Value: "string"}}},
		}}}},
		{Key: "tags", Value: bson.D{{Key: "bsonType", Value: "array"}, {Key: "items", Value: bson.D{{Key: "type", Value: "string"}}}}},
		{Key: "either", Value: bson.D{{Key: "bsonType", Value: bson.A{"string", "int"}}}},
		{Key: "status", Value: bson.D{{Key: "enum", Value: bson.A{"a", 1}}}},
	}}}
	require.NoError(t, b.db().CreateCollection(t.Context(), "v", options.CreateCollection().SetValidator(bson.D{{Key: "$jsonSchema", Value: schema}})))
	b.insert("v", bson.D{{Key: "_id", Value: int64(1)}, {Key: "to", Value: bson.D{{Key: "iban", Value: "x"}}}, {Key: "extra", Value: 1}})
	table := b.table("v")
	require.Equal(t, []string{
		"_id bigint", "amount numeric", "at timestamp with time zone", "to " + b.database + ".v.to", "tags text[]", "either json",
		"status json", "_document json",
	}, columns(table))

	require.NoError(t, b.db().CreateView(t.Context(), "w", "v", bson.A{bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}}}}}))
	view := b.table("w")
	require.Equal(t, sources.ViewTable, view.Type)
	require.Empty(t, view.PrimaryKey)
	rows, _, err := b.read(scanOf(view))
	require.NoError(t, err)
	require.Len(t, rows, 1)

	declared := &sources.Table{ServerName: "pay", SchemaName: b.database, TableName: "v", Cols: []plan.TableColumn{
		{Name: "id", Type: types.NumericOf(10, 0), Nullable: true}, {Name: "absent", Type: types.DateT, Nullable: true},
	}, ColumnOptions: map[string]map[string]string{"id": {"name": "_id"}}}
	rows, _, err = b.read(scanOf(b.table("v", declared)))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1", "(null)"}}, rows)

	b.source = b.open(map[string]string{"document_column": ""})
	require.NoError(t, b.db().CreateCollection(t.Context(), "empty"))
	require.Equal(t, []string{"_id text"}, columns(b.table("empty")))
	names, err := b.source.Discover(t.Context(), sources.Pattern{NamesOnly: true})
	require.NoError(t, err)
	require.Len(t, names, 3)
}

func TestLookup(t *testing.T) {
	b := newTestbed(t, nil)
	oids := []bson.ObjectID{bson.NewObjectID(), bson.NewObjectID(), bson.NewObjectID()}
	for i, id := range oids {
		b.insert("c", bson.D{{Key: "_id", Value: id}, {Key: "n", Value: int32(i)}})
	}
	scan := b.plan(scanOf(b.table("c"), "_id", "n"))
	require.Equal(t, []expr.ColumnID{1}, scan.Inputs().Lookup)
	snap, lanes := b.begin(1, scan)
	keys := newColumn(&field{typ: types.TextT, op: opText})
	keys.reset(5)
	for _, k := range []string{oids[2].Hex(), "no id", oids[0].Hex(), strings.ToUpper(oids[1].Hex() + "f")} {
		require.True(t, keys.appendText([]byte(k)))
	}
	keys.appendNull()
	batch := recordOf(t, keys)
	defer batch.Release()
	r, err := lanes[0].Lookup(t.Context(), scan, batch, nil)
	require.NoError(t, err)
	rows, err := drainRows(t.Context(), r, nil)
	require.NoError(t, err)
	require.ElementsMatch(t, [][]string{{"0", oids[2].Hex(), "2"}, {"2", oids[0].Hex(), "0"}}, rows)
	require.NoError(t, r.Close())
	require.NoError(t, lanes[0].Close())
	require.NoError(t, snap.Close())
}

// TestCommandsSent holds the commands, without what differs between runs, to those in testdata.
func TestCommandsSent(t *testing.T) {
	b := newTestbed(t, map[string]string{"statement_timeout": "30s", "projection": "on"})
	b.insert("c", bson.D{{Key: "_id", Value: int32(1)}, {Key: "a", Value: int32(1)}, {Key: "s", Value: "x"}})
	table := b.table("c")
	b.monitored()
	s := col(table, "s")
	conds := []expr.Expr{
		operator("=", s, constant(types.TextT, "x")), operator("~~", s, constant(types.TextT, "x%")),
		operator("<", col(table, "_id"), &expr.Param{Index: 1, Typ: types.Int4T}),
	}
	root := &plan.Limit{Input: &plan.Filter{Input: scanOf(table, "_id", "s"), Conds: conds}, Count: constant(types.Int8T, int64(3))}
	rows, scan, err := b.read(root, int64(5))
	require.NoError(t, err)
	require.Len(t, rows, 1)
	var got strings.Builder
	fmt.Fprintln(&got, "explained:", strings.ReplaceAll(scan.Text(), b.database, "DB"))
	for _, c := range b.sent {
		var d bson.D
		require.NoError(t, bson.Unmarshal(c, &d))
		kept := bson.D{}
		for _, e := range d {
			if e.Key != "lsid" && e.Key != "txnNumber" && !strings.HasPrefix(e.Key, "$") {
				kept = append(kept, e)
			}
		}
		text, err := bson.MarshalExtJSON(kept, false, false)
		require.NoError(t, err)
		fmt.Fprintln(&got, string(text))
	}
	golden := "testdata/commands.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

func TestReservationIsHeldWhileReading(t *testing.T) {
	b := newTestbed(t, nil)
	b.many("c", 2000)
	scan := b.plan(scanOf(b.table("c")))
	query := budget.NewPool(0).Query(100 << 10)
	env := &sources.Env{Reservation: query.Reserve("scan"), Stats: &sources.ReadStats{}}
	_, err := b.readScan(t.Context(), scan, env)
	require.True(t, sqlerr.Is(err, sqlerr.OutOfMemory), err)
	require.Zero(t, env.Reservation.Held())
	require.EqualValues(t, 1, env.Stats.Requests.Load())
}
