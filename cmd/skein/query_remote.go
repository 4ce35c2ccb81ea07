package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
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
	client, err := flightsql.NewClient(u.Host, nil, nil, grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to %s: %w", u.Host, err)
	}
	if c.Token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.Token)
	}
	rows, err := fetch(ctx, client, sql)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("asking %s: %w", u.Host, err), client.Close())
	}
	return rows, func() error {
		rows.Release()
		return client.Close()
	}, nil
}

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
		return nil, fmt.Errorf("--url: the scheme %q is neither grpc nor grpc+tls", scheme)
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
