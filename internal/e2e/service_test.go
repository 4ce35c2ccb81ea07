package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	flightclient "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
)

// service is a DB served through Flight SQL on loopback, and what it logs.
type service struct {
	t       testing.TB
	db      *skein.DB
	addr    string
	log     *logged
	metrics *prometheus.Registry
}

// logged collects a log. Safe for concurrent use.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// serve opens a DB and serves it until the test ends.
func serve(t testing.TB, change func(*flightsql.Config), opts ...skein.Option) *service {
	t.Helper()
	s := &service{t: t, log: &logged{}, metrics: prometheus.NewRegistry()}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db, err := skein.Open(context.Background(), append(opts, skein.Logger(logger))...)
	require.NoError(t, err)
	s.db = db
	srv, err := db.Server(skein.FlightConfig(func(c *flightsql.Config) {
		c.Log, c.LogStatements = logger, true
		if change != nil {
			change(c)
		}
	}))
	require.NoError(t, err)
	s.metrics.MustRegister(srv.Collectors()...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.addr = l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		require.NoError(t, <-done)
		require.NoError(t, db.Close())
	})
	return s
}

// client connects; it ends with the test, or by the function.
func (s *service) client(opts ...grpc.DialOption) (*flightclient.Client, func()) {
	s.t.Helper()
	c, err := flightclient.NewClient(s.addr, nil, nil, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(s.t, err)
	var once sync.Once
	end := func() { once.Do(func() { _ = c.Close() }) }
	s.t.Cleanup(end)
	return c, end
}

// open runs a statement and gives its stream.
func open(ctx context.Context, c *flightclient.Client, sql string) (*flight.Reader, error) {
	info, err := c.Execute(ctx, sql)
	if err != nil {
		return nil, err
	}
	return c.DoGet(ctx, info.Endpoint[0].Ticket)
}

// fetch runs a statement and prints its rows.
func fetch(ctx context.Context, c *flightclient.Client, sql string) (*answer, error) {
	r, err := open(ctx, c, sql)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	return read(r)
}

func read(r *flight.Reader) (*answer, error) {
	p, err := newPrinter(r.Schema())
	if err != nil {
		return nil, err
	}
	for r.Next() {
		if err := p.add(r.RecordBatch()); err != nil {
			return nil, err
		}
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return &p.answer, nil
}

// sqlState is the SQLSTATE of a failed call and the position in its statement, "" when there is none.
func sqlState(err error) (state, position string) {
	st, ok := status.FromError(err)
	if !ok {
		return "", ""
	}
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.Reason, info.Metadata["position"]
		}
	}
	_, after, ok := strings.Cut(st.Message(), "(SQLSTATE ")
	if ok && len(after) >= 5 {
		return after[:5], ""
	}
	return "", ""
}

// fails checks that a statement fails as it should, and that the server then serves the next one.
func (s *service) fails(c *flightclient.Client, sql, state string, words ...string) string {
	s.t.Helper()
	_, err := fetch(s.t.Context(), c, sql)
	require.Error(s.t, err, sql)
	got, _ := sqlState(err)
	require.Equal(s.t, state, got, "%s: %v", sql, err)
	for _, w := range words {
		require.Contains(s.t, err.Error(), w, sql)
	}
	s.answers(c, "SELECT 1", "1")
	return err.Error()
}

// answers checks a result of one row.
func (s *service) answers(c *flightclient.Client, sql string, row ...string) {
	s.t.Helper()
	a, err := fetch(s.t.Context(), c, sql)
	require.NoError(s.t, err, sql)
	require.Equal(s.t, [][]string{row}, a.rows, sql)
}

// idle waits until nothing runs and no connection is out.
func (s *service) idle(within time.Duration, servers ...string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.isIdle(servers...) }, within, 5*time.Millisecond, "%d statements run", s.db.Engine().Running())
}

func (s *service) isIdle(servers ...string) bool {
	return s.db.Engine().Running() == 0 && !slices.ContainsFunc(servers, func(name string) bool { return s.db.Engine().Connections().InUse(name) > 0 })
}
