package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein/internal/fixture"
)

// authority is a certificate authority with its certificate in a file.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	path string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{cert, key, writePEM(t, name+".pem", "CERTIFICATE", der)}
}

// issue makes a server's certificate and its key, for hosts and addresses.
func (a *authority) issue(t *testing.T, names ...string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &k.PublicKey, a.key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	require.NoError(t, err)
	return writePEM(t, "server.pem", "CERTIFICATE", der), writePEM(t, "server.key", "PRIVATE KEY", secret)
}

func writePEM(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	return writeFile(t, filepath.Join(t.TempDir(), name), string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// TestServeWithCertificateFiles: clients that trust the authority get answers, those that do not, or ask for another
// name, do not.
func TestServeWithCertificateFiles(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	cert, key := ours.issue(t, "localhost", "127.0.0.1")
	s := startServer(t, []string{"SKEIN_TOKEN=letmein"}, "--tls-cert", cert, "--tls-key", key)
	require.True(t, strings.HasPrefix(s.uri, "grpc+tls://"), s.uri)
	address := strings.TrimPrefix(s.uri, "grpc+tls://")

	t.Run("skein query", func(t *testing.T) {
		require.Equal(t, output{out: "one\n1\n"}, s.query(t, "select 1 as one", "--token", "letmein", "--tls-ca", ours.path))
		for _, args := range [][]string{{"--tls-ca", theirs.path}, {}} {
			o := s.query(t, "select 1", append(args, "--token", "letmein")...)
			require.Equal(t, 1, o.code)
			require.Contains(t, o.err, "certificate signed by unknown authority")
			require.Contains(t, o.err, "hint: give the server's certificate by --tls-ca")
		}
	})
	t.Run("arrow-go", func(t *testing.T) {
		ask := func(a *authority, name string) error {
			roots := x509.NewCertPool()
			roots.AddCert(a.cert)
			c, err := flightsql.NewClient(address, nil, nil, grpc.WithTransportCredentials(
				credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS12})))
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close()) }()
			ctx := metadata.AppendToOutgoingContext(ctxSeconds(t, 20), "authorization", "Bearer letmein")
			info, err := c.Execute(ctx, "SELECT 1")
			if err != nil {
				return err
			}
			r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
			if err != nil {
				return err
			}
			defer r.Release()
			require.True(t, r.Next())
			return r.Err()
		}
		require.NoError(t, ask(ours, ""))
		require.NoError(t, ask(ours, "localhost"))
		require.Equal(t, codes.Unavailable, status.Code(ask(theirs, "")))
		require.ErrorContains(t, ask(ours, "elsewhere.example"), "not elsewhere.example")
	})
	t.Run("Python", func(t *testing.T) {
		python := fixture.NeedPython(t, fixture.PythonClients()...)
		const program = `
import sys
from adbc_driver_flightsql import DatabaseOptions, dbapi
def ask(roots):
    kw = {DatabaseOptions.AUTHORIZATION_HEADER.value: "Bearer letmein", DatabaseOptions.TLS_ROOT_CERTS.value: open(roots).read()}
    with dbapi.connect(sys.argv[1], autocommit=True, db_kwargs=kw) as db, db.cursor() as cur:
        cur.execute("SELECT 1 AS one")
        return cur.fetchone()[0]
print(ask(sys.argv[2]))
try:
    ask(sys.argv[3])
except Exception as e:
    print("refused" if "certificate" in str(e) else e)
`
		out, err := exec.CommandContext(t.Context(), python, "-c", program, s.uri, ours.path, theirs.path).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, "1\nrefused\n", string(out))
	})
	t.Run("the key of another certificate", func(t *testing.T) {
		_, other := ours.issue(t, "localhost")
		o := runSkein(t, nil, "serve", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", other)
		require.Equal(t, 1, o.code)
		require.Contains(t, o.err, "private key does not match public key")
		text, err := os.ReadFile(other)
		require.NoError(t, err)
		require.NotContains(t, o.err, strings.Split(string(text), "\n")[1])
	})
}
