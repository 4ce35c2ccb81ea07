package flightsql

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// alive says that the server still answers.
func alive(t require.TestingT, c *sql.Client) {
	recs, err := query(context.Background(), c, "SHOW timezone")
	require.NoError(t, err)
	require.Equal(t, []string{"UTC"}, texts(recs))
}

// TestBrokenPuts: DoPut without a descriptor once killed servers, as an update with an empty statement did.
func TestBrokenPuts(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("", func(*scriptedSession, string) (*scriptedStatement, error) { panic("no statement") })
	c := f.client(t)
	for name, m := range map[string]*flight.FlightData{
		"nothing":         nil,
		"no descriptor":   {},
		"empty":           {FlightDescriptor: &flight.FlightDescriptor{}},
		"path":            {FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"x"}}},
		"not an Any":      {FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte{255}}},
		"unknown":         {FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte("\x0a\x03x/y")}},
		"no update":       {FlightDescriptor: describe(t, &pb.CommandGetCatalogs{})},
		"foreign":         {FlightDescriptor: describe(t, &healthpb.HealthCheckRequest{})},
		"empty statement": {FlightDescriptor: describe(t, &pb.CommandStatementUpdate{})},
		"empty handle":    {FlightDescriptor: describe(t, &pb.CommandPreparedStatementUpdate{})},
		"data only":       {DataHeader: []byte("x"), DataBody: []byte("y")},
	} {
		s, err := c.Client.DoPut(t.Context())
		require.NoError(t, err)
		if m != nil {
			require.NoError(t, s.Send(m))
		}
		require.NoError(t, s.CloseSend())
		_, err = s.Recv()
		require.Error(t, err, name)
		want := []codes.Code{codes.InvalidArgument, codes.NotFound}
		if name == "empty statement" {
			want = []codes.Code{codes.Internal}
		}
		require.Contains(t, want, status.Code(err), "%s: %v", name, err)
	}
	alive(t, c)
}

// TestPanics: a bug of the engine costs one call, wherever it is.
func TestPanics(t *testing.T) {
	var logged bytes.Buffer
	f := serve(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&lockedWriter{w: &logged}, nil)) })
	f.engine.on("PREPARE", func(*scriptedSession, string) (*scriptedStatement, error) { panic("in prepare") })
	f.engine.on("NEXT", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: ints(0, 0, 1).Schema()}, nil
	})
	f.engine.on("NEXT", func(*scriptedSession, string) (*scriptedStatement, error) {
		st, err := scriptEcho(nil)(nil, "")
		st.params = nil // Next will dereference the parameters that are not there
		return st, err
	})
	c := f.client(t)
	_, err := c.Execute(t.Context(), "PREPARE")
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, err.Error(), "in prepare")
	_, err = c.Prepare(t.Context(), "PREPARE")
	require.Equal(t, codes.Internal, status.Code(err))
	_, err = query(t.Context(), c, "NEXT")
	require.Equal(t, codes.Internal, status.Code(err))
	alive(t, c)
	f.server.Close()
	require.Contains(t, logged.String(), "in prepare")
	require.Contains(t, logged.String(), "goroutine")
	require.Zero(t, f.engine.open.Load())
}

type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func TestBrokenActionsAndTickets(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	for _, a := range actions {
		for _, body := range [][]byte{nil, {255}, {10, 3, 'x', '/', 'y'}, bytes.Repeat([]byte{10}, 1000)} {
			s, err := c.Client.DoAction(t.Context(), &flight.Action{Type: a.Type, Body: body})
			require.NoError(t, err)
			_, err = s.Recv()
			require.NotContains(t, []codes.Code{codes.Internal, codes.Unknown}, status.Code(err), "%s %v: %v", a.Type, body, err)
		}
	}
	for _, ticket := range [][]byte{nil, {0}, {255, 255}, []byte("SELECT 1"), bytes.Repeat([]byte{1}, 40<<10)} {
		s, err := c.Client.DoGet(t.Context(), &flight.Ticket{Ticket: ticket})
		require.NoError(t, err)
		_, err = s.Recv()
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
	_, err := c.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	alive(t, c)
}

func TestLargeMessages(t *testing.T) {
	f := serve(t, func(c *Config) { c.MaxRecvBytes = 1 << 20 })
	f.engine.rows("SELECT", ints(0, 1, 1))
	c := f.client(t)
	_, err := c.Execute(t.Context(), "SELECT "+strings.Repeat("x", 2<<20))
	require.Error(t, err)
	alive(t, c)
	_, err = c.ExecuteUpdate(t.Context(), "SELECT "+strings.Repeat("x", 2<<20))
	require.Error(t, err)
	alive(t, c)
}

func TestHealthAndReflection(t *testing.T) {
	f := serve(t, withToken)
	conn, err := grpc.NewClient(f.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	res, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, healthpb.HealthCheckResponse_SERVING, res.Status)
	s, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}))
	list, err := s.Recv()
	require.NoError(t, err)
	require.Contains(t, list.String(), "arrow.flight.protocol.FlightService")
	require.NoError(t, s.CloseSend())
	_, _ = s.Recv()
}

func TestMetricsAndLog(t *testing.T) {
	var logged bytes.Buffer
	f := serve(t, func(c *Config) {
		withToken(c)
		c.Log = slog.New(slog.NewTextHandler(&lockedWriter{w: &logged}, nil))
	})
	f.engine.rows("SELECT", ints(0, 1000, 1))
	registry := prometheus.NewRegistry()
	registry.MustRegister(f.server.Collectors()...)
	c := f.client(t)
	ctx := bearer(t.Context(), secret)
	_, err := query(ctx, c, "SELECT 'private'")
	require.NoError(t, err)
	_, err = c.Execute(ctx, "nothing")
	require.Error(t, err)
	f.server.Close()
	families, err := registry.Gather()
	require.NoError(t, err)
	text := ""
	for _, fam := range families {
		text += fam.String() + "\n"
	}
	require.Contains(t, text, "skein_flight_sent_rows_total")
	require.Regexp(t, `sent_rows_total.*1000`, text)
	require.Contains(t, text, "42P01")
	require.Contains(t, logged.String(), "query_id=q")
	require.Contains(t, logged.String(), "rows=1000")
	require.NotContains(t, logged.String(), "private")
	require.NotContains(t, logged.String(), secret)
	require.NotContains(t, logged.String(), sessionScheme)
}

func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	f := serve(t, func(c *Config) {
		c.TLS = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	})
	f.engine.rows("SELECT", ints(0, 100_000, 8))
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	c, err := sql.NewClient(f.addr, nil, nil, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots})))
	require.NoError(t, err)
	defer c.Close()
	recs, err := query(t.Context(), c, "SELECT")
	require.NoError(t, err)
	require.Len(t, int64s(recs), 100_000)
	_, err = f.client(t).Execute(t.Context(), "SELECT")
	require.Equal(t, codes.Unavailable, status.Code(err))
}

// fuzzServer is one server for a whole fuzz run.
func fuzzServer(f *testing.F) (*fixture, *sql.Client) {
	x := serve(f, nil)
	x.engine.tables = shopTables()
	x.engine.rows("SELECT", ints(0, 3, 1))
	x.engine.on("ECHO", scriptEcho(nil))
	return x, x.client(f)
}

func seedCommands(f *testing.F, x *fixture, c *sql.Client) [][]byte {
	var out [][]byte
	p, err := c.Prepare(f.Context(), "SELECT")
	require.NoError(f, err)
	name := "a_b"
	for _, m := range []proto.Message{
		&pb.CommandStatementQuery{Query: "SELECT"}, &pb.CommandStatementUpdate{Query: "SET timezone UTC"}, &pb.CommandGetTables{IncludeSchema: true},
		&pb.CommandPreparedStatementQuery{PreparedStatementHandle: p.Handle()}, &pb.CommandGetSqlInfo{Info: []uint32{1, 2}}, &pb.CommandGetXdbcTypeInfo{},
		&pb.CommandGetExportedKeys{Table: name}, &pb.CommandGetCrossReference{PkTable: name, FkTable: name}, &pb.CommandGetDbSchemas{Catalog: &name},
		&pb.CommandStatementIngest{}, &pb.CommandStatementSubstraitPlan{}, &pb.TicketStatementQuery{StatementHandle: p.Handle()},
	} {
		out = append(out, describe(f, m).Cmd)
	}
	return out
}

func FuzzDescriptor(f *testing.F) {
	x, c := fuzzServer(f)
	for _, s := range seedCommands(f, x, c) {
		f.Add(s, int32(2))
	}
	f.Fuzz(func(t *testing.T, cmd []byte, kind int32) {
		desc := &flight.FlightDescriptor{Type: pb.FlightDescriptor_DescriptorType(kind), Cmd: cmd}
		info, err := c.Client.GetFlightInfo(t.Context(), desc)
		noBug(t, err)
		if err == nil {
			_, err = fetch(t.Context(), c, info)
			noBug(t, err)
		}
		_, err = c.Client.GetSchema(t.Context(), desc)
		noBug(t, err)
		put, err := c.Client.DoPut(t.Context())
		require.NoError(t, err)
		_ = put.Send(&flight.FlightData{FlightDescriptor: desc})
		_ = put.CloseSend()
		_, err = put.Recv()
		noBug(t, err)
	})
}

// noBug fails on what a client's message alone must never cause.
func noBug(t *testing.T, err error) {
	t.Helper()
	switch status.Code(err) {
	case codes.Unknown, codes.DataLoss, codes.Unavailable:
		if err.Error() != "EOF" {
			t.Fatal(err)
		}
	case codes.Internal:
		if !strings.Contains(err.Error(), "invalid UTF-8") {
			t.Fatal(err)
		}
	}
}

func FuzzTicket(f *testing.F) {
	x, c := fuzzServer(f)
	info, err := c.Execute(f.Context(), "SELECT")
	require.NoError(f, err)
	f.Add(info.Endpoint[0].Ticket.Ticket)
	for _, s := range seedCommands(f, x, c) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, ticket []byte) {
		s, err := c.Client.DoGet(t.Context(), &flight.Ticket{Ticket: ticket})
		require.NoError(t, err)
		_, err = s.Recv()
		for err == nil {
			_, err = s.Recv()
		}
		noBug(t, err)
	})
}

func FuzzAction(f *testing.F) {
	_, c := fuzzServer(f)
	for _, a := range actions {
		f.Add(a.Type, []byte{})
	}
	for _, m := range []proto.Message{&pb.ActionCreatePreparedStatementRequest{Query: "SELECT"}, &pb.ActionClosePreparedStatementRequest{}} {
		box, err := anypb.New(m)
		require.NoError(f, err)
		body, err := proto.Marshal(box)
		require.NoError(f, err)
		f.Add(sql.CreatePreparedStatementActionType, body)
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		s, err := c.Client.DoAction(t.Context(), &flight.Action{Type: strings.ToValidUTF8(kind, ""), Body: body})
		require.NoError(t, err)
		_, err = s.Recv()
		noBug(t, err)
	})
}

func FuzzHandshake(f *testing.F) {
	x := serve(f, withToken)
	c := x.client(f)
	f.Add("Bearer x", []byte{}, "a=b")
	f.Add("Basic dTpw", []byte{}, sessionCookie+"=x")
	f.Add("", []byte{10, 1, 'u', 18, 1, 'p'}, "")
	f.Fuzz(func(t *testing.T, header string, payload []byte, cookie string) {
		ascii := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < 32 || r > 126 {
					return -1
				}
				return r
			}, s)
		}
		ctx := t.Context()
		if header != "" {
			ctx = authorized(ctx, ascii(header))
		}
		s, err := c.Client.Handshake(metadataCookie(ctx, ascii(cookie)))
		require.NoError(t, err)
		_ = s.Send(&flight.HandshakeRequest{Payload: payload})
		_ = s.CloseSend()
		_, err = s.Recv()
		noBug(t, err)
		if err == nil {
			t.Fatal("let in")
		}
	})
}
