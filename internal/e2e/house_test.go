package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(closing{m})) }

// closing closes what the tests shared before the servers stop.
type closing struct{ m *testing.M }

var shared struct {
	sync.Mutex
	close []func() error
}

func atEnd(f func() error) {
	shared.Lock()
	defer shared.Unlock()
	shared.close = append(shared.close, f)
}

func (c closing) Run() int {
	code := c.m.Run()
	for _, f := range slices.Backward(shared.close) {
		if err := f(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	return code
}

// keeping is a test's fixture whose databases stay until the servers stop, for what several tests share.
type keeping struct{ testing.TB }

func (keeping) Cleanup(func()) {}

// sharedDir is a directory for what several tests share.
func sharedDir(t testing.TB) string {
	dir, err := os.MkdirTemp("", "skein-e2e-")
	require.NoError(t, err)
	atEnd(func() error { return os.RemoveAll(dir) })
	return dir
}

// house is the shop in its three sources, crm, pay and lake, and a DB over them.
type house struct {
	db                   *skein.DB
	shop                 *shop.Shop
	pgURL, mongoURI, db2 string
	lake                 string
}

var (
	houseOnce sync.Once
	theHouse  house
)

// openHouse gives the shop that all tests read; none may change it.
func openHouse(t testing.TB) *house {
	t.Helper()
	h := &theHouse
	houseOnce.Do(func() {
		ctx := context.Background()
		h.shop = shop.Generate(7, 1)
		h.pgURL = fixture.PostgresURL(keeping{t})
		h.mongoURI, h.db2 = fixture.MongoDatabase(keeping{t})
		h.lake = sharedDir(t)
		require.NoError(t, h.shop.LoadPostgres(ctx, h.pgURL))
		require.NoError(t, h.shop.LoadMongo(ctx, h.mongoURI, h.db2))
		require.NoError(t, h.shop.WriteParquet(h.lake))
		db, err := skein.Open(ctx, h.sources()...)
		require.NoError(t, err)
		atEnd(db.Close)
		h.db = db
	})
	if h.db == nil {
		t.Skip("the shop could not be opened: see the first test that failed")
	}
	return h
}

func (h *house) sources() []skein.Option {
	return []skein.Option{
		skein.Source("crm", h.pgURL), skein.Source("pay", h.mongoURI), skein.Source("lake", "parquet://"+h.lake),
	}
}

// sql puts the name of the test's MongoDB database in the place of the shop's.
func (h *house) sql(text string) string {
	return strings.ReplaceAll(text, "pay.payments.", "pay."+h.db2+".")
}

// answer is a result as text: PostgreSQL's form of each value, null for NULL.
type answer struct {
	names []string
	types []string
	rows  [][]string
}

const null = "\x00"

// ask runs a statement and prints its rows.
func ask(ctx context.Context, db *skein.DB, sql string, args ...any) (*answer, error) {
	r, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	p, err := newPrinter(r.Schema())
	if err != nil {
		return nil, err
	}
	for r.Next() {
		if err := p.add(r.RecordBatch()); err != nil {
			return nil, err
		}
	}
	return &p.answer, r.Err()
}

// printer turns client batches into PostgreSQL's text.
type printer struct {
	answer
	importers []*interchange.Importer
}

func newPrinter(s *arrow.Schema) (*printer, error) {
	p := &printer{}
	for _, f := range s.Fields() {
		im, err := interchange.NewImporter(f, interchange.ImportOptions{})
		if err != nil {
			return nil, err
		}
		p.importers = append(p.importers, im)
		p.names = append(p.names, f.Name)
		p.types = append(p.types, im.Type().String())
	}
	return p, nil
}

func (p *printer) add(rec arrow.RecordBatch) error {
	first := len(p.rows)
	for range rec.NumRows() {
		p.rows = append(p.rows, make([]string, len(p.importers)))
	}
	for c, im := range p.importers {
		arr, err := im.Import(rec.Column(c))
		if err != nil {
			return err
		}
		for r := range int(rec.NumRows()) {
			p.rows[first+r][c] = printed(im.Type(), datum.FromArray(im.Type(), arr, r))
		}
	}
	return nil
}

func printed(t *types.Type, v any) string {
	if v == nil {
		return null
	}
	return datum.Text(t, v, time.UTC)
}

// postgres asks PostgreSQL itself.
func postgres(ctx context.Context, conn *pgx.Conn, sql string) (*answer, error) {
	res := conn.PgConn().Exec(ctx, sql)
	a := &answer{}
	var rows [][][]byte
	for res.NextResult() {
		r := res.ResultReader()
		a.names, a.types = nil, nil
		for _, f := range r.FieldDescriptions() {
			a.names = append(a.names, f.Name)
			name := ""
			if t, ok := conn.TypeMap().TypeForOID(f.DataTypeOID); ok {
				name = t.Name
			}
			a.types = append(a.types, name)
		}
		rows = r.Read().Rows
	}
	if err := res.Close(); err != nil {
		return nil, err
	}
	for _, r := range rows {
		row := make([]string, len(r))
		for i, v := range r {
			row[i] = null
			if v != nil {
				row[i] = string(v)
			}
		}
		a.rows = append(a.rows, row)
	}
	return a, nil
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// matrix is every way to run a statement that must not change its answer.
func matrix(batchRows ...string) []map[string]string {
	var out []map[string]string
	for _, pushdown := range []string{"on", "off"} {
		for _, rows := range batchRows {
			for _, workers := range []string{"1", "4"} {
				out = append(out, map[string]string{"skein.pushdown": pushdown, "skein.batch_rows": rows, "skein.workers": workers})
			}
		}
	}
	return out
}

func with(settings map[string]string) []any {
	var out []any
	for _, k := range slices.Sorted(maps.Keys(settings)) {
		out = append(out, skein.With(k, settings[k]))
	}
	return out
}

func writeFile(t testing.TB, path string, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
