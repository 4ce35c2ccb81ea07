package flightsql

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/skeinsql/skein/engine"
)

const secret = "the token of the server"

func withToken(c *Config) { c.Auth = StaticToken(secret, engine.Identity{Role: "analyst"}) }

func authorized(ctx context.Context, value string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", value)
}

func basicOf(user, password string, enc *base64.Encoding) string {
	return "Basic " + enc.EncodeToString([]byte(user+":"+password))
}

func TestAuthentication(t *testing.T) {
	f := serve(t, withToken)
	c := f.client(t)
	for name, tc := range map[string]struct {
		header string
		code   codes.Code
	}{
		"none":                  {"", codes.Unauthenticated},
		"wrong":                 {"Bearer guess", codes.Unauthenticated},
		"right":                 {"Bearer " + secret, codes.OK},
		"lower case":            {"bearer " + secret, codes.OK},
		"two spaces":            {"Bearer  " + secret, codes.OK},
		"basic":                 {basicOf("any", secret, base64.StdEncoding), codes.OK},
		"basic, unpadded":       {basicOf("ab", secret, base64.RawStdEncoding), codes.OK},
		"basic, wrong":          {basicOf("any", "x", base64.StdEncoding), codes.Unauthenticated},
		"basic, no colon":       {"Basic " + base64.StdEncoding.EncodeToString([]byte("x")), codes.Unauthenticated},
		"basic, not base64":     {"Basic !!!", codes.Unauthenticated},
		"empty bearer":          {"Bearer ", codes.Unauthenticated},
		"unknown scheme":        {"Digest x", codes.Unauthenticated},
		"made-up session":       {"Bearer " + sessionScheme + "AAAA", codes.Unauthenticated},
		"not base64 as session": {"Bearer " + sessionScheme + "!", codes.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if tc.header != "" {
				ctx = authorized(ctx, tc.header)
			}
			_, err := c.Execute(ctx, "SHOW timezone")
			require.Equal(t, tc.code, status.Code(err), "%v", err)
			if err != nil {
				require.NotContains(t, err.Error(), secret)
			}
			_, err = c.Prepare(ctx, "SHOW timezone")
			require.Equal(t, tc.code, status.Code(err), "streams too: %v", err)
		})
	}
}

// TestHandshake does as ADBC, JDBC and older clients do.
func TestHandshake(t *testing.T) {
	f := serve(t, withToken)
	c := f.client(t)
	ctx, err := c.Client.AuthenticateBasicToken(t.Context(), "any", secret)
	require.NoError(t, err)
	recs, err := query(ctx, c, "SHOW timezone")
	require.NoError(t, err)
	require.Equal(t, []string{"UTC"}, texts(recs))
	_, err = c.Client.AuthenticateBasicToken(t.Context(), "any", "wrong")
	require.Equal(t, codes.Unauthenticated, status.Code(err))

	// JDBC shakes hands with its bearer token, and reads the answer's headers, not its trailers.
	for _, header := range []string{"Bearer " + secret, basicOf("u", secret, base64.RawStdEncoding)} {
		s, err := c.Client.Handshake(authorized(t.Context(), header))
		require.NoError(t, err)
		require.NoError(t, s.CloseSend())
		md, err := s.Header()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(md.Get("authorization")[0], "Bearer "+sessionScheme))
		require.Contains(t, md.Get("set-cookie")[0], sessionCookie+"=")
		_, err = query(authorized(t.Context(), md.Get("authorization")[0]), c, "SHOW timezone")
		require.NoError(t, err)
	}

	// The oldest send a message.
	for password, code := range map[string]codes.Code{secret: codes.OK, "wrong": codes.Unauthenticated, "": codes.Unauthenticated} {
		s, err := c.Client.Handshake(t.Context())
		require.NoError(t, err)
		payload, err := proto.Marshal(&pb.BasicAuth{Username: "u", Password: password})
		require.NoError(t, err)
		require.NoError(t, s.Send(&flight.HandshakeRequest{Payload: payload}))
		answer, err := s.Recv()
		require.Equal(t, code, status.Code(err))
		if err == nil {
			_, err = query(metadata.AppendToOutgoingContext(t.Context(), "auth-token-bin", string(answer.Payload)), c, "SHOW timezone")
			require.NoError(t, err)
		}
	}
	s, err := c.Client.Handshake(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.CloseSend())
	_, err = s.Recv()
	require.Equal(t, codes.Unauthenticated, status.Code(err))
}

// adopting is a client that takes the bearer of any response's headers, as ADBC does.
func adopting(f *fixture, t testingT, initial string) *sql.Client {
	token := initial
	unary := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if token != "" {
			ctx = authorized(ctx, token)
		}
		var md metadata.MD
		err := invoke(ctx, method, req, reply, cc, append(opts, grpc.Header(&md))...)
		if v := md.Get("authorization"); len(v) > 0 {
			token = v[0]
		}
		return err
	}
	stream := func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, s grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		if token != "" {
			ctx = authorized(ctx, token)
		}
		cs, err := s(ctx, desc, cc, method, opts...)
		return &adoptingStream{cs, &token}, err
	}
	return f.client(t, grpc.WithUnaryInterceptor(unary), grpc.WithStreamInterceptor(stream))
}

type adoptingStream struct {
	grpc.ClientStream
	token *string
}

func (s *adoptingStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if md, hErr := s.Header(); hErr == nil {
		if v := md.Get("authorization"); len(v) > 0 {
			*s.token = v[0]
		}
	}
	return err
}

func TestSessions(t *testing.T) {
	for name, mk := range map[string]func(*fixture) *sql.Client{
		"bearer, no auth": func(f *fixture) *sql.Client { return adopting(f, t, "") },
		"bearer":          func(f *fixture) *sql.Client { return adopting(f, t, "Bearer "+secret) },
		"basic":           func(f *fixture) *sql.Client { return adopting(f, t, basicOf("x", secret, base64.StdEncoding)) },
		"cookie": func(f *fixture) *sql.Client {
			return f.clientWith(t, []flight.ClientMiddleware{flight.NewClientCookieMiddleware()}, grpc.WithPerRPCCredentials(static("Bearer "+secret)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, func(c *Config) {
				if name != "bearer, no auth" {
					withToken(c)
				}
			})
			c := mk(f)
			_, err := c.Execute(t.Context(), "SHOW timezone")
			require.NoError(t, err)
			_, err = c.ExecuteUpdate(t.Context(), "SET timezone Europe/Zurich")
			require.NoError(t, err)
			recs, err := query(t.Context(), c, "SHOW timezone")
			require.NoError(t, err)
			require.Equal(t, []string{"Europe/Zurich"}, texts(recs))
			require.Equal(t, 1, f.engine.live())

			testOptions(t, c)

			res, err := c.CloseSession(t.Context(), &flight.CloseSessionRequest{})
			require.NoError(t, err)
			require.Equal(t, flight.CloseSessionResultClosed, res.Status)
			require.Zero(t, f.engine.live())
			_, err = c.Execute(t.Context(), "SHOW timezone")
			require.Equal(t, codes.Unauthenticated, status.Code(err))
			require.ErrorContains(t, err, "the session has ended")
			require.ErrorContains(t, err, "connect again")
			require.Zero(t, f.engine.live(), "nothing is made anew")
		})
	}
}

type static string

func (s static) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": string(s)}, nil
}
func (static) RequireTransportSecurity() bool { return false }

func testOptions(t *testing.T, c *sql.Client) {
	t.Helper()
	options, err := flight.NewSessionOptionValues(map[string]any{"catalog": "crm", "schema": "sales", "no.such": int64(1), "skein.pushdown": true})
	require.NoError(t, err)
	set, err := c.SetSessionOptions(t.Context(), &flight.SetSessionOptionsRequest{SessionOptions: options})
	require.NoError(t, err)
	require.Len(t, set.Errors, 2)
	require.Equal(t, flight.SetSessionOptionsResultErrorInvalidName, set.Errors["no.such"].Value)
	require.Equal(t, flight.SetSessionOptionsResultErrorInvalidValue, set.Errors["skein.pushdown"].Value)
	got, err := c.GetSessionOptions(t.Context(), &flight.GetSessionOptionsRequest{})
	require.NoError(t, err)
	require.Equal(t, "crm", got.SessionOptions["catalog"].GetStringValue())
	require.Equal(t, "sales", got.SessionOptions["schema"].GetStringValue())
	reset := map[string]*flight.SessionOptionValue{"catalog": {}}
	_, err = c.SetSessionOptions(t.Context(), &flight.SetSessionOptionsRequest{SessionOptions: reset})
	require.NoError(t, err)
	got, err = c.GetSessionOptions(t.Context(), &flight.GetSessionOptionsRequest{})
	require.NoError(t, err)
	require.Equal(t, "skein", got.SessionOptions["catalog"].GetStringValue())
}

// TestClientsWithoutSessions: one that ignores the offers costs nothing that lasts.
func TestClientsWithoutSessions(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	for range 50 {
		_, err := query(t.Context(), c, "SHOW timezone")
		require.NoError(t, err)
	}
	require.True(t, waitFor(func() bool { return f.engine.live() == 0 }))
	require.Empty(t, f.server.sessions.kept)
}

// TestClosedWithoutChange: the token of a session that was never kept ends with it all the same.
func TestClosedWithoutChange(t *testing.T) {
	f := serve(t, withToken)
	c := f.client(t)
	ctx, err := c.Client.AuthenticateBasicToken(t.Context(), "any", secret)
	require.NoError(t, err)
	_, err = query(ctx, c, "SHOW timezone")
	require.NoError(t, err)
	_, err = c.CloseSession(ctx, &flight.CloseSessionRequest{})
	require.NoError(t, err)
	_, err = query(ctx, c, "SHOW timezone")
	require.ErrorContains(t, err, "the session has ended")
	require.Zero(t, f.engine.live())
}

// TestOldTokens: a connection that is used outlives its token.
func TestOldTokens(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	o := f.server.newOffer(engine.Identity{})
	o.expires = time.Now().Add(time.Hour)
	ctx := bearer(t.Context(), f.server.sealOffer(o))
	_, err := query(ctx, c, "SHOW timezone")
	require.NoError(t, err)
	require.Equal(t, 1, f.engine.live())
	f.server.sessions.kept[o.name].expires = time.Now().Add(-time.Hour)
	_, err = query(ctx, c, "SHOW timezone")
	require.NoError(t, err)
	f.engine.sessions = map[string]*scriptedSession{} // idle for too long
	_, err = query(ctx, c, "SHOW timezone")
	require.ErrorContains(t, err, "the session has ended")

	o = f.server.newOffer(engine.Identity{})
	o.expires = time.Now().Add(-time.Minute)
	_, err = query(bearer(t.Context(), f.server.sealOffer(o)), c, "SHOW timezone")
	require.ErrorContains(t, err, "the session has ended")
}

// TestChangesThatRace: of two first changes at once one is kept, and the other one says so.
func TestChangesThatRace(t *testing.T) {
	f := serve(t, nil)
	o := f.server.newOffer(engine.Identity{})
	a, b := &call{server: f.server, offer: o}, &call{server: f.server, offer: o}
	for _, c := range []*call{a, b} {
		_, err := c.open()
		require.NoError(t, err)
	}
	require.NoError(t, a.changes())
	require.NoError(t, a.changes())
	require.ErrorIs(t, b.changes(), errSessionRaced)
}

func TestForeignCookie(t *testing.T) {
	key := make([]byte, 32)
	e := newScripted()
	a := serveOn(t, e, func(c *Config) { c.TicketKeys = [][]byte{key}; c.Auth = StaticToken("a", engine.Identity{Role: "a"}) })
	b := serveOn(t, e, func(c *Config) { c.TicketKeys = [][]byte{key} })
	offer := a.server.newOffer(engine.Identity{Role: "b"})
	c := a.client(t)
	ctx := metadata.AppendToOutgoingContext(bearer(t.Context(), "a"), "cookie", "x=1; "+sessionCookie+"="+a.server.sealOffer(offer))
	_, err := c.Execute(ctx, "SHOW timezone")
	require.ErrorContains(t, err, "belongs to another user")
	ctx = metadata.AppendToOutgoingContext(t.Context(), "cookie", sessionCookie+"="+a.server.sealOffer(offer))
	_, err = c.Execute(ctx, "SHOW timezone")
	require.Equal(t, codes.Unauthenticated, status.Code(err), "a cookie is no credential")
	_, err = b.client(t).Execute(bearer(t.Context(), a.server.sealOffer(offer)), "SHOW timezone")
	require.Equal(t, codes.Unauthenticated, status.Code(err), "a session lives on one server")
	require.ErrorContains(t, err, "not known to this server")
}

func TestTicketsBelongToTheirUser(t *testing.T) {
	key := make([]byte, 32)
	e := newScripted()
	e.rows("SELECT", ints(1, 1, 1))
	as := func(role string) *sql.Client {
		return serveOn(t, e, func(c *Config) { c.TicketKeys = [][]byte{key}; c.Auth = NoAuth(engine.Identity{Role: role}) }).client(t)
	}
	alice, bob := as("alice"), as("bob")
	info, err := alice.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	_, err = fetch(t.Context(), bob, info)
	require.Equal(t, codes.PermissionDenied, status.Code(err))
	_, err = bob.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: info})
	require.Equal(t, codes.PermissionDenied, status.Code(err))
	_, err = fetch(t.Context(), alice, info)
	require.NoError(t, err)
}

// TestExpiringIdentity: credentials that expire end their sessions, tickets and streams.
func TestExpiringIdentity(t *testing.T) {
	until := time.Now().Add(2 * time.Second)
	f := serve(t, func(c *Config) { c.Auth = NoAuth(engine.Identity{Role: "a", Expires: until}) })
	endless(f, "FOREVER", ints(0, 10, 1))
	c := f.client(t)
	info, err := c.Execute(t.Context(), "FOREVER")
	require.NoError(t, err)
	require.LessOrEqual(t, info.Endpoint[0].ExpirationTime.AsTime(), until)
	s, err := c.Client.DoGet(t.Context(), info.Endpoint[0].Ticket)
	require.NoError(t, err)
	for err == nil {
		_, err = s.Recv()
	}
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	require.ErrorContains(t, err, "credentials have expired")
	_, err = c.Execute(t.Context(), "SHOW timezone")
	require.Equal(t, codes.Unauthenticated, status.Code(err))
}

func metadataCookie(ctx context.Context, cookie string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "cookie", cookie)
}
