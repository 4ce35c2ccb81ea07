package flightsql

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fixture struct {
	engine *scripted
	server *Server
	addr   string
}

type testingT interface {
	require.TestingT
	Helper()
	Cleanup(func())
}

func serve(t testingT, change func(*Config)) *fixture {
	t.Helper()
	e := newScripted()
	return serveOn(t, e, change)
}

func serveOn(t testingT, e *scripted, change func(*Config)) *fixture {
	t.Helper()
	cfg := Config{Engine: Adapt(e), Auth: NoAuth(engine.Identity{}), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	require.NoError(t, err)
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, <-done)
	})
	return &fixture{e, s, l.Addr().String()}
}

func (f *fixture) client(t testingT, opts ...grpc.DialOption) *sql.Client {
	t.Helper()
	return f.clientWith(t, nil, opts...)
}

func (f *fixture) clientWith(t testingT, mw []flight.ClientMiddleware, opts ...grpc.DialOption) *sql.Client {
	t.Helper()
	opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	c, err := sql.NewClient(f.addr, nil, mw, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// fetch reads all of a FlightInfo's rows.
func fetch(ctx context.Context, c *sql.Client, info *flight.FlightInfo) ([]arrow.RecordBatch, error) {
	r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	announced, err := flight.DeserializeSchema(info.Schema, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	if !r.Schema().Equal(announced) {
		return nil, errors.New("the stream's schema differs from the announced one")
	}
	var out []arrow.RecordBatch
	for r.Next() {
		rec := r.RecordBatch()
		rec.Retain()
		out = append(out, rec)
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		return out, err
	}
	return out, nil
}

func query(ctx context.Context, c *sql.Client, text string) ([]arrow.RecordBatch, error) {
	info, err := c.Execute(ctx, text)
	if err != nil {
		return nil, err
	}
	return fetch(ctx, c, info)
}

func int64s(recs []arrow.RecordBatch) (out []int64) {
	for _, r := range recs {
		out = append(out, r.Column(0).(*array.Int64).Int64Values()...)
	}
	return out
}

func texts(recs []arrow.RecordBatch) (out []string) {
	for _, r := range recs {
		for i := range int(r.NumRows()) {
			out = append(out, r.Column(0).(*array.String).Value(i))
		}
	}
	return out
}

func TestStatement(t *testing.T) {
	f := serve(t, nil)
	f.engine.rows("SELECT", ints(0, 3, 2), ints(3, 2, 2))
	c := f.client(t)
	for range 2 {
		recs, err := query(t.Context(), c, "SELECT 1")
		require.NoError(t, err)
		require.Equal(t, []int64{0, 1, 2, 3, 4}, int64s(recs))
	}
	info, err := c.Execute(t.Context(), "SELECT 1")
	require.NoError(t, err)
	require.EqualValues(t, -1, info.TotalRecords)
	require.Empty(t, info.Endpoint[0].Location)
	require.Less(t, len(info.Endpoint[0].Ticket.Ticket), 10<<10)
	require.NotNil(t, info.Endpoint[0].ExpirationTime)

	res, err := c.GetExecuteSchema(t.Context(), "SELECT 1")
	require.NoError(t, err)
	s, err := flight.DeserializeSchema(res.Schema, memory.DefaultAllocator)
	require.NoError(t, err)
	require.True(t, s.Equal(ints(0, 0, 2).Schema()))
	require.True(t, waitFor(func() bool { return f.engine.open.Load() == 0 && f.engine.live() == 0 }), "nothing is left")
}

func TestUnboundParametersAreRefused(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("ECHO", scriptEcho(nil))
	c := f.client(t)
	_, err := c.Execute(t.Context(), "ECHO")
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = c.ExecuteUpdate(t.Context(), "ECHO")
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// TestEffectsRunOnce: SET and DDL arrive through the query path too, and must run whether or not they are fetched.
func TestEffectsRunOnce(t *testing.T) {
	f := serve(t, nil)
	var runs atomic.Int64
	f.engine.on("DO", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{effects: func(boundRow) (int64, error) { return runs.Add(1), nil }}, nil
	})
	c := f.client(t)
	info, err := c.Execute(t.Context(), "DO")
	require.NoError(t, err)
	require.EqualValues(t, 1, runs.Load())
	for range 2 {
		recs, err := fetch(t.Context(), c, info)
		require.NoError(t, err)
		require.Empty(t, recs)
	}
	require.EqualValues(t, 1, runs.Load())
	n, err := c.ExecuteUpdate(t.Context(), "DO")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
}

func TestEffectsWithRowsRunAtTheFirstFetch(t *testing.T) {
	f := serve(t, nil)
	var runs atomic.Int64
	f.engine.on("RETURNING", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{
			schema: ints(0, 0, 1).Schema(), effects: func(boundRow) (int64, error) { return runs.Add(1), nil },
			next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
				if i > 0 {
					return nil, io.EOF
				}
				return ints(7, 1, 1), nil
			},
		}, nil
	})
	c := f.client(t)
	info, err := c.Execute(t.Context(), "RETURNING")
	require.NoError(t, err)
	require.Zero(t, runs.Load())
	require.Nil(t, info.Endpoint[0].ExpirationTime, "the client must not retry")
	recs, err := fetch(t.Context(), c, info)
	require.NoError(t, err)
	require.Equal(t, []int64{7}, int64s(recs))
	_, err = fetch(t.Context(), c, info)
	require.ErrorContains(t, err, "may run only once")
	require.EqualValues(t, 1, runs.Load())
}

// TestTicketOnAnotherServer: tickets and handles work wherever the key is known, and nowhere else.
func TestTicketOnAnotherServer(t *testing.T) {
	key, old := make([]byte, 32), make([]byte, 40)
	key[0], old[0] = 1, 2
	e := newScripted()
	e.rows("SELECT", ints(5, 2, 1))
	var runs atomic.Int64
	e.on("ECHO", scriptEcho(&runs))
	a := serveOn(t, e, func(c *Config) { c.TicketKeys = [][]byte{old} })
	b := serveOn(t, e, func(c *Config) { c.TicketKeys = [][]byte{key, old} })
	stranger := serveOn(t, e, nil)
	ca, cb, cs := a.client(t), b.client(t), stranger.client(t)

	info, err := ca.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	recs, err := fetch(t.Context(), cb, info)
	require.NoError(t, err)
	require.Equal(t, []int64{5, 6}, int64s(recs))
	_, err = fetch(t.Context(), cs, info)
	require.Equal(t, codes.NotFound, status.Code(err))
	require.ErrorContains(t, err, "not sealed by this server")

	p, err := ca.Prepare(t.Context(), "ECHO")
	require.NoError(t, err)
	elsewhere := sql.NewPreparedStatement(cb, p.Handle())
	elsewhere.SetParameters(ints(40, 2, 1))
	info, err = elsewhere.Execute(t.Context())
	require.NoError(t, err)
	require.NoError(t, elsewhere.Close(t.Context()))
	info2, err := cb.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	_, err = fetch(t.Context(), ca, info2)
	require.Error(t, err, "a knows only the old key, b seals with the new one")
	recs, err = fetch(t.Context(), cb, info)
	require.NoError(t, err, "a ticket outlives ClosePreparedStatement")
	require.Equal(t, []int64{40, 40, 41, 41}, int64s(recs))
}

// TestTicketKeepsSettings: a ticket runs with the settings of the session that asked, wherever it is fetched.
func TestTicketKeepsSettings(t *testing.T) {
	f := serve(t, nil)
	c := f.clientWith(t, []flight.ClientMiddleware{flight.NewClientCookieMiddleware()})
	_, err := c.Execute(t.Context(), "SHOW timezone") // the client takes cookies from unary calls and finished streams alone
	require.NoError(t, err)
	_, err = c.ExecuteUpdate(t.Context(), "SET timezone Europe/Zurich")
	require.NoError(t, err)
	info, err := c.Execute(t.Context(), "SHOW timezone")
	require.NoError(t, err)
	_, err = c.ExecuteUpdate(t.Context(), "SET timezone Asia/Tokyo")
	require.NoError(t, err)
	for _, reader := range []*sql.Client{c, f.client(t)} {
		recs, err := fetch(t.Context(), reader, info)
		require.NoError(t, err)
		require.Equal(t, []string{"Europe/Zurich"}, texts(recs))
	}
	recs, err := query(t.Context(), c, "SHOW timezone")
	require.NoError(t, err)
	require.Equal(t, []string{"Asia/Tokyo"}, texts(recs))
	require.Equal(t, 1, f.engine.live(), "the session itself; those of the fetches are gone")
}

func TestLongStatementsStayHere(t *testing.T) {
	f := serve(t, nil)
	f.engine.rows("SELECT", ints(1, 1, 1))
	c := f.client(t)
	long := "SELECT " + string(make([]byte, 100<<10))
	info, err := c.Execute(t.Context(), long)
	require.NoError(t, err)
	require.Less(t, len(info.Endpoint[0].Ticket.Ticket), 10<<10)
	recs, err := fetch(t.Context(), c, info)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, int64s(recs))
}

func TestExpiredTicket(t *testing.T) {
	f := serve(t, func(c *Config) { c.TicketTTL = -time.Hour })
	f.engine.rows("SELECT", ints(1, 1, 1))
	c := f.client(t)
	info, err := c.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	_, err = fetch(t.Context(), c, info)
	require.ErrorContains(t, err, "expired")
}

// TestFlippedBits: no bit of a ticket or a handle may change unnoticed.
func TestFlippedBits(t *testing.T) {
	f := serve(t, nil)
	f.engine.rows("SELECT", ints(1, 1, 1))
	c := f.client(t)
	info, err := c.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	good := info.Endpoint[0].Ticket.Ticket
	sealedFrom := len(good) - 150 // within the statement handle
	for i := sealedFrom * 8; i < len(good)*8; i += 7 {
		bad := append([]byte(nil), good...)
		bad[i/8] ^= 1 << (i % 8)
		r, err := c.DoGet(t.Context(), &flight.Ticket{Ticket: bad})
		if err == nil {
			r.Release()
		}
		require.Error(t, err, "bit %d", i)
	}
}

func bearer(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}
