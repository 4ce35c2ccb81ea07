package clients_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(stoppingShop{m})) }

// stoppingShop stops the shop that the tests shared before the fixtures that it stands on.
type stoppingShop struct{ m *testing.M }

func (s stoppingShop) Run() int {
	code := s.m.Run()
	if err := stopShop(); err != nil {
		slog.Error("stopping the shop", "err", err)
		code = max(code, 1)
	}
	return code
}

// secret is the token of the secured listener.
const secret = "the token of the shop"

// endpoint is the shop's data behind two listeners of one DB: one for everybody, one with token and TLS.
type endpoint struct {
	shop        *shop.Shop
	plain       string // host:port
	secured     string
	certificate []byte // of the secured listener, PEM
	urls        map[string]string
	db          *skein.DB
}

var started struct {
	sync.Mutex
	endpoint *endpoint
	stop     []func() error
}

func stopShop() error {
	var errs []error
	for i := len(started.stop) - 1; i >= 0; i-- {
		errs = append(errs, started.stop[i]())
	}
	return errors.Join(errs...)
}

// atStop is called, last first, when all tests have ended.
func atStop(f func() error) { started.stop = append(started.stop, f) }

// serving gives the endpoint that the tests share.
func serving(t *testing.T) *endpoint {
	t.Helper()
	started.Lock()
	defer started.Unlock()
	if started.endpoint == nil {
		e := &endpoint{shop: shop.Generate(7, 0.2)}
		e.loadSources(t)
		e.open(t)
		e.plain = e.listen(t)
		cert, pem := certificate(t)
		e.certificate = pem
		e.secured = e.listen(t, skein.Token(secret), skein.TLS(&tls.Config{Certificates: []tls.Certificate{cert}}))
		started.endpoint = e
	}
	return started.endpoint
}

func (e *endpoint) loadSources(t *testing.T) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "skein-clients-")
	require.NoError(t, err)
	atStop(func() error { return os.RemoveAll(dir) })
	require.NoError(t, e.shop.WriteParquet(filepath.Join(dir, "lake")))
	pg, err := fixture.StartPostgres(ctx, fixture.PostgresOptions{})
	require.NoError(t, err)
	atStop(pg.Stop)
	url, drop, err := pg.NewDatabase(ctx)
	require.NoError(t, err)
	atStop(func() error { return drop(ctx) })
	require.NoError(t, e.shop.LoadPostgres(ctx, url))
	m, err := fixture.StartMongo(ctx, fixture.MongoOptions{})
	require.NoError(t, err)
	atStop(m.Stop)
	e.loadMongo(t, m)
	e.urls = map[string]string{"crm": url, "pay": m.URI(), "lake": "parquet://" + filepath.Join(dir, "lake")}
}

// payments is the database that the shop's queries name.
const payments = "payments"

func (e *endpoint) loadMongo(t *testing.T, m *fixture.Mongo) {
	ctx := context.Background()
	if m.External() {
		client, err := mongo.Connect(options.Client().ApplyURI(m.URI()))
		require.NoError(t, err)
		require.NoError(t, client.Database(payments).Drop(ctx))
		require.NoError(t, client.Disconnect(ctx))
	}
	require.NoError(t, e.shop.LoadMongo(ctx, m.URI(), payments))
}

func (e *endpoint) open(t *testing.T) {
	opts := []skein.Option{skein.CatalogSQL(catalogSQL)}
	for name, url := range e.urls {
		opts = append(opts, skein.Source(name, url))
	}
	db, err := skein.Open(context.Background(), opts...)
	require.NoError(t, err)
	atStop(db.Close)
	e.db = db
}

// catalogSQL declares a view over two sources.
const catalogSQL = `CREATE SCHEMA shop;
CREATE VIEW shop.paid AS SELECT c.id, c.name, p.amount FROM crm.public.customers c
  JOIN pay.payments.payments p ON p.customer_id = c.id WHERE p.status = 'settled';`

func (e *endpoint) listen(t *testing.T, opts ...skein.ServeOption) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	quiet := skein.FlightConfig(func(c *flightsql.Config) { c.Log = slog.New(slog.DiscardHandler) })
	go func() { served <- e.db.Serve(ctx, l, append(opts, quiet)...) }()
	atStop(func() error {
		cancel()
		return <-served
	})
	return l.Addr().String()
}

// certificate makes a self-signed certificate for loopback.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	cert, key, err := fixture.SelfSigned()
	require.NoError(t, err)
	pair, err := tls.X509KeyPair(cert, key)
	require.NoError(t, err)
	return pair, cert
}
