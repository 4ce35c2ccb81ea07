package main

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/flightsql"
)

// security is how clients reach the server, and what they must show.
type security struct {
	address string
	auth    flightsql.Authenticator
	token   string // "" without authentication
	made    bool   // the token was made for this run
	tls     *tls.Config
	self    bool
	keys    [][]byte
}

// security decides on token and TLS, and refuses what would leave data open to a network.
func (c *serveCmd) security(file *fileConfig) (*security, error) {
	s := &security{address: or(c.Listen, file.Listen, defaultListen)}
	loopback, err := onLoopback(s.address)
	if err != nil {
		return nil, err
	}
	insecure := c.Insecure || file.Insecure
	if err := c.chooseAuth(s, file); err != nil {
		return nil, err
	}
	if err := c.chooseTLS(s, file); err != nil {
		return nil, err
	}
	switch {
	case s.token == "" && !loopback && !insecure:
		return nil, fmt.Errorf("--no-auth is for loopback only, and %s is not: whoever reaches it would read everything. Drop --no-auth, or add --insecure if another layer asks who they are", s.address)
	case s.tls == nil && !loopback && !insecure:
		return nil, fmt.Errorf("%s is not on loopback, so it needs TLS: give --tls-cert and --tls-key, or --tls self-signed; or add --insecure if another layer encrypts", s.address)
	}
	keys := c.TicketKey
	if len(keys) == 0 {
		keys = file.TicketKeys
	}
	for _, path := range keys {
		key, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading a ticket key: %w", err)
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// onLoopback says whether an address can be reached from this machine only.
func onLoopback(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("--listen %s: it is written host:port: %w", address, err)
	}
	if host == "localhost" {
		return true, nil
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback(), nil
}

func (c *serveCmd) chooseAuth(s *security, file *fileConfig) error {
	token, path := or(c.Token, file.Auth.Token), or(c.TokenFile, file.Auth.TokenFile)
	if c.Token != "" || c.TokenFile != "" { // what is given nearer wins as a whole
		token, path = c.Token, c.TokenFile
	}
	if c.NoAuth || file.Auth.NoAuth {
		if token != "" || path != "" {
			return errors.New("--no-auth and a token contradict each other: drop one of them")
		}
		s.auth = flightsql.NoAuth(engine.Identity{})
		return nil
	}
	s.token = token
	if path != "" && s.token == "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading the token: %w", err)
		}
		if s.token = strings.TrimSpace(string(text)); s.token == "" {
			return fmt.Errorf("the token file %s is empty", path)
		}
	}
	if s.token == "" {
		var b [24]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
		s.token, s.made = hex.EncodeToString(b[:]), true
	}
	s.auth = flightsql.StaticToken(s.token, skein.Identity{})
	return nil
}

func (c *serveCmd) chooseTLS(s *security, file *fileConfig) error {
	cert, key := or(c.TLSCert, file.TLS.Cert), or(c.TLSKey, file.TLS.Key)
	var pair tls.Certificate
	var err error
	switch {
	case (cert != "" || key != "") && (c.TLS == "self-signed" || file.TLS.SelfSigned):
		return errors.New("--tls self-signed and certificate files contradict each other: drop one of them")
	case cert != "" && key != "":
		if pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
			return fmt.Errorf("reading the TLS certificate: %w", err)
		}
	case cert != "" || key != "":
		return errors.New("--tls-cert and --tls-key go together")
	case c.TLS == "self-signed" || file.TLS.SelfSigned:
		if pair, err = selfSigned(s.address); err != nil {
			return err
		}
		s.self = true
	default:
		return nil
	}
	s.tls = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	return nil
}

// announce prints the line that says ready, and what to paste into Python.
func (s *security) announce(addr net.Addr) {
	scheme := "grpc"
	if s.tls != nil {
		scheme = "grpc+tls"
	}
	uri := scheme + "://" + addr.String()
	fmt.Printf("skein is ready: %s\n\n", uri)
	fmt.Print(pythonLines(uri, s.shownToken(), s.self))
}

// shownToken is the token if it was made for this run; one that was given is known to whoever gave it.
func (s *security) shownToken() string {
	if s.token != "" && !s.made {
		return "…"
	}
	return s.token
}

// pythonLines are what connects from Python (pip install adbc_driver_flightsql pyarrow).
func pythonLines(uri, token string, selfSigned bool) string {
	var kw []string
	if token != "" {
		kw = append(kw, fmt.Sprintf("    %q: %q,\n", "adbc.flight.sql.authorization_header", "Bearer "+token))
	}
	if selfSigned {
		kw = append(kw, fmt.Sprintf("    %q: %q,\n", "adbc.flight.sql.client_option.tls_skip_verify", "true"))
	}
	open := fmt.Sprintf("db = dbapi.connect(%q, autocommit=True)\n", uri)
	if len(kw) > 0 {
		open = fmt.Sprintf("db = dbapi.connect(%q, autocommit=True, db_kwargs={\n%s})\n", uri, strings.Join(kw, ""))
	}
	return "from adbc_driver_flightsql import dbapi\n" + open +
		"cur = db.cursor(); cur.execute(\"SELECT 1 AS one\"); print(cur.fetch_arrow_table())\n"
}
