package mongo

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
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
	for name := range c.Options {
		if !slices.Contains(optionNames, name) {
			return nil, sqlerr.New("HV00D", "server %s has an option %q, which mongo does not know", c.Name, name).
				WithHint("it knows %s", strings.Join(optionNames, ", "))
		}
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
	if s.connect <= 0 {
		s.connect = 5 * time.Second
	}
	if d, ok := c.Options["document_column"]; ok {
		s.document = d
	}
	s.prefName = r.choice("read_preference", r.choice("readPreference", "primary", prefNames...), prefNames...)
	mode, err := readpref.ModeFromString(s.prefName)
	if err == nil {
		s.pref, err = readpref.New(mode)
	}
	if err != nil {
		r.fail("read_preference", "it is not one of the driver's")
	}
	s.readURL(r)
	s.readTLS(r)
	if s.snapshot == "transaction" && s.prefName != "primary" {
		r.fail("snapshot", "transactions read from the primary only; use 'session' with read_preference %s", s.prefName)
	}
	return s, r.err
}

var prefNames = []string{"primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"}

// readURL takes the address from url or from host and port, and the credentials out of it.
func (s *settings) readURL(r *optionReader) {
	raw, ok := r.options["url"]
	if !ok {
		host := r.options["host"]
		if host == "" {
			r.fail("url", "it is missing, and so is host")
			return
		}
		raw = "mongodb://" + host
		if port := r.options["port"]; port != "" {
			raw += ":" + port
		}
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || scheme != "mongodb" && scheme != "mongodb+srv" {
		r.fail("url", "it does not begin with mongodb:// or mongodb+srv://")
		return
	}
	hosts, tail, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		user, secret, _ := strings.Cut(hosts[:at], ":")
		hosts = hosts[at+1:]
		if s.user == "" {
			s.user, _ = url.PathUnescape(user)
			s.secret, _ = url.PathUnescape(secret)
		}
	}
	path, query, _ := strings.Cut(tail, "?")
	values, err := url.ParseQuery(query)
	if err != nil || hosts == "" {
		r.fail("url", "it names no host or has a malformed query")
		return
	}
	s.readDatabases(r, path, values)
	if set := r.options["replica_set"]; set != "" {
		values.Set("replicaSet", set)
	}
	if r.bool("direct_connection") {
		values.Set("directConnection", "true")
	}
	s.uri = scheme + "://" + hosts + "/"
	if len(values) > 0 {
		s.uri += "?" + values.Encode()
	}
	if scheme == "mongodb" { // the other scheme asks the DNS
		if err := options.Client().ApplyURI(s.uri).Validate(); err != nil {
			r.fail("url", "the driver refuses it")
		}
	}
}

func (s *settings) readDatabases(r *optionReader, path string, values url.Values) {
	names := r.options["database"]
	if names == "" {
		names, _ = url.PathUnescape(path)
	} else if path != "" && s.authSource == "" {
		s.authSource, _ = url.PathUnescape(path)
	}
	for _, n := range strings.Split(names, ",") {
		if n = strings.TrimSpace(n); n != "" {
			s.databases = append(s.databases, n)
		}
	}
	if s.authSource == "" {
		s.authSource = values.Get("authSource")
	}
	if s.mechanism == "" {
		s.mechanism = values.Get("authMechanism")
	}
	values.Del("authSource")
	values.Del("authMechanism")
	if pref := values.Get("readPreference"); pref != "" && r.options["read_preference"] == "" {
		if mode, err := readpref.ModeFromString(pref); err == nil {
			s.prefName = pref
			s.pref, _ = readpref.New(mode)
		}
	}
}

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

// client are the driver's options for one user.
func (s *settings) client(user, secret string) *options.ClientOptions {
	o := options.Client().ApplyURI(s.uri).
		SetAppName("skein").
		SetServerSelectionTimeout(s.connect).
		SetConnectTimeout(s.connect).
		SetReadPreference(s.pref).
		SetRetryReads(true)
	if s.lanes > 0 {
		// One connection more than lanes: a cancelled read's cursor is killed through it.
		o.SetMaxPoolSize(uint64(s.lanes) + 1)
	}
	if s.tls != nil {
		o.SetTLSConfig(s.tls)
	}
	if user != "" {
		o.SetAuth(options.Credential{
			AuthMechanism: s.mechanism, AuthSource: s.authSource, Username: user, Password: secret, PasswordSet: secret != "",
		})
	}
	return o
}
