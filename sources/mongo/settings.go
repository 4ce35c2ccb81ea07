package mongo

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// settings are the options of CREATE SERVER, checked. Immutable.
type settings struct {
	server     string
	uri        string // without credentials
	user       string // from the URL, or of the user mapping
	secret     string
	authSource string
	mechanism  string
	databases  []string // none: every database that is not the server's own
	pref       *readpref.ReadPref
	prefName   string
	snapshot   string
	projection string
	onMismatch string
	document   string
	sample     int
	batchBytes int
	lanes      int
	connect    time.Duration
	statement  time.Duration
	tls        *tls.Config
}

var optionNames = []string{
	"auth_mechanism", "auth_source", "batch_bytes", "connect_timeout", "database", "direct_connection", "document_column",
	"host", "max_connections", "on_mismatch", "port", "projection", "read_preference", "readPreference", "replica_set",
	"sample_size", "snapshot", "statement_timeout", "maxTimeMS", "tls", "tls_ca_file", "tls_certificate_key_file",
	"tls_insecure", "url",
}

// optionReader takes options and keeps the first error.
type optionReader struct {
	server  string
	options map[string]string
	err     error
}

func (r *optionReader) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = sqlerr.New(sqlerr.InvalidParameterValue, "option "+name+" of server "+r.server+": "+format, args...)
	}
}

func (r *optionReader) choice(name, def string, allowed ...string) string {
	v, ok := r.options[name]
	if !ok {
		return def
	}
	if !slices.Contains(allowed, v) {
		r.fail(name, "%q is none of %s", v, strings.Join(allowed, ", "))
	}
	return v
}

func (r *optionReader) number(name string, def, lowest, highest int) int {
	v, ok := r.options[name]
	if !ok {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < lowest || n > highest {
		r.fail(name, "%q is not a number from %d to %d", v, lowest, highest)
	}
	return n
}

func (r *optionReader) bool(name string) bool {
	v, ok := r.options[name]
	if !ok {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.fail(name, "%q is neither true nor false", v)
	}
	return b
}

// duration is a time with its unit, or a plain number of milliseconds.
func (r *optionReader) duration(name string, def time.Duration) time.Duration {
	v, ok := r.options[name]
	if !ok {
		return def
	}
	if ms, err := strconv.Atoi(v); err == nil && ms >= 0 {
		return time.Duration(ms) * time.Millisecond
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		r.fail(name, "%q is not a duration such as 5s or 500 (milliseconds)", v)
	}
	return d
}

func readSettings(c sources.Config) (*settings, error) {
	r := &optionReader{server: c.Name, options: c.Options}
	if err := sources.CheckNames("server "+c.Name, c.Options, optionNames); err != nil {
		return nil, err
	}
	s := &settings{
		server: c.Name, user: c.User, secret: c.Secret,
		authSource: c.Options["auth_source"], mechanism: c.Options["auth_mechanism"],
		snapshot:   r.choice("snapshot", "auto", "auto", "transaction", "session", "none"),
		projection: r.choice("projection", "auto", "auto", "on", "off"),
		onMismatch: r.choice("on_mismatch", "error", "error", "null", "json"),
		document:   "_document",
		sample:     r.number("sample_size", 1000, 1, 1_000_000),
		batchBytes: r.number("batch_bytes", 4<<20, 1<<10, 16<<20),
		lanes:      r.number("max_connections", 0, 0, 10_000),
		connect:    r.duration("connect_timeout", c.Limits.Connect),
		statement:  r.duration("statement_timeout", r.duration("maxTimeMS", c.Limits.Statement)),
	}
	if d, ok := c.Options["document_column"]; ok {
		s.document = d
	}
	s.readURL(r)
	s.readTLS(r)
	if s.connect <= 0 {
		s.connect = 5 * time.Second
	}
	if s.mechanism != "" && !slices.Contains(mechanisms, s.mechanism) {
		r.fail("auth_mechanism", "%q is none of %s", s.mechanism, strings.Join(mechanisms, ", "))
	}
	if s.snapshot == "transaction" && s.prefName != "primary" {
		r.fail("snapshot", "transactions read from the primary only; use 'session' with read_preference %s", s.prefName)
	}
	return s, r.err
}

var (
	prefNames  = []string{"primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"}
	mechanisms = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "MONGODB-X509", "PLAIN"}
)

// readTLS makes a configuration from the files named; options in the URL's query are the driver's business.
func (s *settings) readTLS(r *optionReader) {
	ca, pair, insecure := r.options["tls_ca_file"], r.options["tls_certificate_key_file"], r.bool("tls_insecure")
	if !r.bool("tls") && ca == "" && pair == "" && !insecure {
		return
	}
	s.tls = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: insecure}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		s.tls.RootCAs = x509.NewCertPool()
		if err != nil || !s.tls.RootCAs.AppendCertsFromPEM(pem) {
			r.fail("tls_ca_file", "no certificate could be read from %s", ca)
		}
	}
	if pair != "" {
		cert, err := tls.LoadX509KeyPair(pair, pair)
		if err != nil {
			r.fail("tls_certificate_key_file", "no certificate and key could be read from %s", pair)
		}
		s.tls.Certificates = []tls.Certificate{cert}
	}
}

// idleTime is how long a connection may lie idle: shorter than what the common load balancers and firewalls allow (from
// four minutes), which drop connections without telling either end.
const idleTime = 3 * time.Minute

// client are the driver's options for one user.
func (s *settings) client(user, secret string) *options.ClientOptions {
	o := options.Client().ApplyURI(s.uri).
		SetServerSelectionTimeout(s.connect).
		SetConnectTimeout(s.connect).
		SetReadPreference(s.pref)
	if o.AppName == nil {
		o.SetAppName("skein")
	}
	if o.MaxConnIdleTime == nil {
		o.SetMaxConnIdleTime(idleTime)
	}
	if s.lanes > 0 {
		// One connection more than lanes: a cancelled read's cursor is killed through it.
		o.SetMaxPoolSize(uint64(s.lanes) + 1)
	}
	if s.tls != nil {
		o.SetTLSConfig(s.tls)
	}
	if user != "" || s.mechanism == "MONGODB-X509" {
		o.SetAuth(options.Credential{
			AuthMechanism: s.mechanism, AuthSource: s.authSource, Username: user, Password: secret, PasswordSet: secret != "",
		})
	}
	return o
}
