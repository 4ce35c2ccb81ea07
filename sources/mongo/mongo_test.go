package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(m)) }

// testbed is a source over a database of its own, and a client to fill it with.
type testbed struct {
	t        testing.TB
	uri      string
	database string
	client   *mongo.Client
	source   *Source
	mu       sync.Mutex
	sent     []bson.Raw
	cursors  int64 // that were open before the test
}

func newTestbed(t testing.TB, opts map[string]string) *testbed {
	uri, database := fixture.MongoDatabase(t)
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Disconnect(context.Background())) })
	b := &testbed{t: t, uri: uri, database: database, client: client}
	b.source = b.open(opts)
	b.cursors = b.openCursors()
	return b
}

func (b *testbed) open(opts map[string]string) *Source {
	all := map[string]string{"url": b.uri, "database": b.database}
	for k, v := range opts {
		all[k] = v
	}
	s, err := Open(b.t.Context(), sources.Config{Name: "pay", Options: all})
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, s.Close()) })
	return s.(*Source)
}

func (b *testbed) db() *mongo.Database { return b.client.Database(b.database) }

func (b *testbed) insert(collection string, docs ...any) {
	b.t.Helper()
	_, err := b.db().Collection(collection).InsertMany(b.t.Context(), docs)
	require.NoError(b.t, err)
}

func (b *testbed) table(name string, declared ...*sources.Table) *sources.Table {
	b.t.Helper()
	tables, err := b.source.Discover(b.t.Context(), sources.Pattern{Schema: b.database, Table: name, Declared: declared})
	require.NoError(b.t, err)
	require.Len(b.t, tables, 1)
	return tables[0]
}

// options declares options of columns, as ALTER FOREIGN TABLE does.
func (b *testbed) options(name string, columns map[string]map[string]string) *sources.Table {
	return &sources.Table{ServerName: "pay", SchemaName: b.database, TableName: name, ColumnOptions: columns}
}

// scanOf is a scan of columns by name; their IDs count from 1 in the order of the table.
func scanOf(t *sources.Table, names ...string) *plan.Scan {
	s := &plan.Scan{Table: t}
	for i, c := range t.Cols {
		if len(names) > 0 && !slices.Contains(names, c.Name) {
			continue
		}
		s.Cols = append(s.Cols, plan.Column{ID: expr.ColumnID(i + 1), Name: c.Name, Type: c.Type, Nullable: c.Nullable})
		s.Ordinals = append(s.Ordinals, i)
	}
	return s
}

func col(t *sources.Table, name string) *expr.Column {
	i := t.Column(name)
	if i < 0 {
		panic("no column " + name)
	}
	return &expr.Column{ID: expr.ColumnID(i + 1), Name: name, Typ: t.Cols[i].Type}
}

// read runs a fragment and gives its rows as text, column by column.
func (b *testbed) read(root plan.Node, params ...any) ([][]string, *Scan, error) {
	b.t.Helper()
	remote, err := b.source.Plan(plan.Fragment{Server: "pay", Root: root})
	if err != nil {
		return nil, nil, err
	}
	scan := remote.(*Scan)
	rows, err := b.readScan(b.t.Context(), scan, &sources.Env{Env: &eval.Env{Params: params}})
	return rows, scan, err
}

func (b *testbed) readScan(ctx context.Context, scan *Scan, env *sources.Env) ([][]string, error) {
	b.t.Helper()
	snap, err := b.source.Begin(ctx, sources.Identity{Query: "q1"}, sources.Need{Lanes: 1, Tables: scan.Tables()})
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(b.t, snap.Close()) }()
	lane, err := snap.Lane(ctx, false)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, lane.Close()) }()
	splits, err := lane.Splits(ctx, scan, env)
	require.NoError(b.t, err)
	var rows [][]string
	for {
		split, err := splits.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		require.NoError(b.t, err)
		r, err := lane.Open(ctx, scan, split, env)
		if err != nil {
			return nil, err
		}
		rows, err = drainRows(ctx, r, rows)
		require.NoError(b.t, r.Close())
		if err != nil {
			return nil, err
		}
	}
}

func drainRows(ctx context.Context, r batch.Reader, rows [][]string) ([][]string, error) {
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range int(rec.NumRows()) {
			row := make([]string, rec.NumCols())
			for j, c := range rec.Columns() {
				row[j] = c.ValueStr(i)
			}
			rows = append(rows, row)
		}
		rec.Release()
	}
}

// columns lists a table's columns as "name type".
func columns(t *sources.Table) []string {
	var out []string
	for _, c := range t.Cols {
		out = append(out, fmt.Sprintf("%s %s", c.Name, c.Type))
	}
	return out
}

// monitored reconnects the source so that the commands that it sends are kept.
func (b *testbed) monitored() {
	o := b.source.settings.client("", "").SetMonitor(&event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.sent = append(b.sent, slices.Clone(e.Command))
		},
	})
	client, err := mongo.Connect(o)
	require.NoError(b.t, err)
	if old := b.source.clients[""]; old != nil {
		require.NoError(b.t, old.client.Disconnect(b.t.Context()))
	}
	b.source.clients[""] = &deployment{client: client}
}
