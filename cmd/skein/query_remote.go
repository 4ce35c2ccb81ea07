package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein/engine"
)

// maxMessage is the largest message that a server may send: above what any server sends by default.
const maxMessage = 64 << 20

// openRemote runs the statement on a server.
func (c *queryCmd) openRemote(ctx context.Context, sql string) (array.RecordReader, func() error, error) {
	if len(c.Source) > 0 || len(c.Catalog) > 0 || c.Config != "" {
		return nil, nil, errors.New("--url asks a server, which has its own sources: drop --source, --catalog and -c")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return nil, nil, fmt.Errorf("--url %s: it is written grpc://host:port or grpc+tls://host:port", c.URL)
	}
	creds, err := c.transport(u.Scheme)
	if err != nil {
		return nil, nil, err
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), defaultPort)
	}
	client, err := dial(host, creds)
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to %s: %w", host, err)
	}
	if c.Token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.Token)
	}
	if c.printsText() {
		askForText(ctx, client)
	}
	rows, err := fetch(ctx, client, sql)
	if err != nil {
		return nil, nil, errors.Join(c.explain(host, err), client.Close())
	}
	return rows, func() error {
		rows.Release()
		endSession(ctx, client)
		return client.Close()
	}, nil
}

// dial makes a client that keeps the server's cookies, and so has one session.
func dial(address string, creds credentials.TransportCredentials) (*flightsql.Client, error) {
	return flightsql.NewClient(address, nil, []flight.ClientMiddleware{flight.NewClientCookieMiddleware()},
		grpc.WithTransportCredentials(creds), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
}

// askForText has the session send numerics of unknown scale as PostgreSQL prints them. A server of another make does not
// know the setting: then they come in its own form.
func askForText(ctx context.Context, client *flightsql.Client) {
	options, err := flight.NewSessionOptionValues(map[string]any{engine.SettingNumeric: numericAsText})
	if err == nil {
		_, _ = client.SetSessionOptions(ctx, &flight.SetSessionOptionsRequest{SessionOptions: options}) // see above
	}
}

// numericAsText is the value of skein.numeric under which every digit and zero arrives.
const numericAsText = "text"

// endSession lets the server forget the session at once; it would do so by itself later.
func endSession(ctx context.Context, client *flightsql.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = client.CloseSession(ctx, &flight.CloseSessionRequest{})
}

// explain says what to do about an error of the connection; the server's own errors say it themselves.
func (c *queryCmd) explain(host string, err error) error {
	st := status.Convert(err)
	text := st.Message()
	var hint string
	told := remoteError{st, text}
	switch {
	case st.Code() == codes.Unavailable && strings.Contains(text, "connection refused"):
		hint = "nothing listens there: start `skein serve`, or correct the host and port of --url"
	case st.Code() == codes.Unavailable && strings.Contains(text, "first record does not look like a TLS handshake"):
		hint = "the server speaks plain text: write --url grpc://" + host
	case st.Code() == codes.Unavailable && strings.Contains(text, "failed to verify certificate"):
		hint = "give the server's certificate by --tls-ca FILE, or --tls-skip-verify for a self-signed one that you expect"
	case st.Code() == codes.Unavailable && (strings.Contains(text, "EOF") || strings.Contains(text, "error reading server preface")):
		hint = "if the server speaks TLS, write --url grpc+tls://" + host
	case st.Code() == codes.Unavailable && (strings.Contains(text, "no such host") || strings.Contains(text, "name resolver error")):
		hint = "the name does not resolve: correct the host of --url"
	case st.Code() == codes.Unauthenticated && c.Token == "":
		hint = "the server asks for a token: give it by --token, or SKEIN_TOKEN"
	case st.Code() == codes.Unauthenticated:
		hint = "the server printed its token when it started, or was given it by SKEIN_TOKEN"
	default:
		return fmt.Errorf("asking %s: %w", host, told)
	}
	if m := transportText.FindStringSubmatch(text); m != nil {
		told.text = m[1]
	}
	told.text, _, _ = strings.Cut(told.text, "\nHINT:") // it is for any client: the one given here is for this one
	return fmt.Errorf("asking %s: %w\nhint: %s", host, told, hint)
}

// transportText finds what happened in gRPC's description of a connection's error.
var transportText = regexp.MustCompile(`^connection error: desc = "(?:transport: )?(?:Error while dialing: )?(.*)"$`)

// remoteError is a server's error without gRPC's words around it.
type remoteError struct {
	status *status.Status
	text   string
}

func (e remoteError) Error() string              { return e.text }
func (e remoteError) GRPCStatus() *status.Status { return e.status }

func fetch(ctx context.Context, client *flightsql.Client, sql string) (array.RecordReader, error) {
	info, err := client.Execute(ctx, sql)
	if err != nil {
		return nil, err
	}
	if len(info.Endpoint) != 1 {
		return nil, fmt.Errorf("the server answers in %d parts; a skein server answers in one", len(info.Endpoint))
	}
	return client.DoGet(ctx, info.Endpoint[0].Ticket)
}

func (c *queryCmd) transport(scheme string) (credentials.TransportCredentials, error) {
	switch scheme {
	case "grpc", "grpc+tcp":
		return insecure.NewCredentials(), nil
	case "grpc+tls", "grpcs":
	default:
		return nil, fmt.Errorf("--url %s: it is written grpc://host:port, or grpc+tls://host:port where the server has TLS", c.URL)
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.NoTLSV} //nolint:gosec // asked for by --tls-skip-verify
	if c.TLSCA != "" {
		pem, err := os.ReadFile(c.TLSCA)
		if err != nil {
			return nil, fmt.Errorf("reading --tls-ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--tls-ca %s holds no certificate", c.TLSCA)
		}
	}
	return credentials.NewTLS(cfg), nil
}
