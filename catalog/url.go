package catalog

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// urlKinds are the kinds that a source's URL may name by its scheme.
var urlKinds = map[string]string{
	"postgres": "postgres", "postgresql": "postgres", "mongodb": "mongo", "mongodb+srv": "mongo", "parquet": "parquet",
}

// AddURL declares a server by a URL: postgres://user:password@host/db, mongodb://…, parquet:///folder. ${VAR} is
// expanded; the parameter password_file names a file that holds the password. Credentials become PUBLIC's user mapping
// and stay out of the server's options; an error never repeats them. origin says where the URL comes from, for messages;
// relative paths start from its folder.
func (b *Builder) AddURL(name, rawURL, origin string) error {
	b.dir = filepath.Dir(origin)
	text, err := b.expandVars(rawURL)
	if err != nil {
		return fmt.Errorf("source %s: %w", name, err)
	}
	scheme, rest, ok := strings.Cut(text, ":")
	kind := urlKinds[scheme]
	if !ok || kind == "" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "source %s: the URL has no scheme that names a kind of source", name).
			WithHint("write postgres://host/database, mongodb://host/database or parquet:///folder")
	}
	if kind == "parquet" {
		path := b.located("path", strings.TrimPrefix(rest, "//"))
		return b.AddServer(name, kind, map[string]string{"path": path}, origin)
	}
	u, err := url.Parse(text)
	if err != nil { // whose text repeats parts of the URL, of a password perhaps
		return sqlerr.New(sqlerr.InvalidParameterValue, "source %s: the URL cannot be read", name).
			WithHint("in user names and passwords, letters and digits stand for themselves and other characters are written %%XX: %%40 for @, %%2F for /")
	}
	options, user, secret, err := b.urlOptions(u, kind)
	if err != nil {
		return fmt.Errorf("source %s: %w", name, err)
	}
	if err := b.AddServer(name, kind, options, origin); err != nil {
		return err
	}
	return b.SetCredentials(name, user, secret)
}

// urlOptions takes the credentials, and the options that are the engine's own, out of a URL.
func (b *Builder) urlOptions(u *url.URL, kind string) (options map[string]string, user, secret string, err error) {
	options = map[string]string{}
	if u.User != nil {
		user = u.User.Username()
		secret, _ = u.User.Password()
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, "", "", sqlerr.New(sqlerr.InvalidParameterValue, "the URL's parameters cannot be read").
			WithHint("write them name=value&name=value, with special characters as %%XX")
	}
	take := func(name string) (string, bool) {
		v, ok := q.Get(name), q.Has(name)
		q.Del(name)
		return v, ok
	}
	for _, own := range ownOptions[kind] {
		if v, ok := take(own); ok {
			options[own] = b.located(own, v)
		}
	}
	if v, ok := take("user"); ok {
		user = v
	}
	if v, ok := take("password"); ok {
		secret = v
	}
	if v, ok := take("password_file"); ok {
		if secret, err = b.secretFile(v); err != nil {
			return nil, "", "", err
		}
	}
	c := *u
	c.User, c.RawQuery = nil, q.Encode()
	options["url"] = c.String()
	return options, user, secret, nil
}

// holdsPassword says whether a URL has a password in it.
func holdsPassword(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return strings.Contains(rawURL, "@") // unreadable; a password is why that mostly is
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// ownOptions are options of servers that a URL may carry among its parameters and that are not the driver's. PostgreSQL's
// driver takes every option so.
var ownOptions = map[string][]string{
	"postgres": {"max_connections"},
	"mongo": {
		"auth_mechanism", "auth_source", "batch_bytes", "connect_timeout", "database", "direct_connection",
		"document_column", "max_connections", "maxTimeMS", "on_mismatch", "projection", "read_preference", "replica_set",
		"sample_size", "snapshot", "statement_timeout", "tls_ca_file", "tls_certificate_key_file", "tls_insecure",
	},
}
