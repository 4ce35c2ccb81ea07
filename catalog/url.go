package catalog

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// urlKinds are the kinds that a source's URL may name by its scheme.
var urlKinds = map[string]string{
	"postgres": "postgres", "postgresql": "postgres", "mongodb": "mongo", "mongodb+srv": "mongo", "parquet": "parquet",
}

// AddURL declares a server by a URL: postgres://user:password@host/db, mongodb://…, parquet:///folder. ${VAR} is
// expanded. Credentials in it become PUBLIC's user mapping and stay out of the server's options; an error never repeats
// them.
func (b *Builder) AddURL(name, rawURL, origin string) error {
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
		return b.AddServer(name, kind, map[string]string{"path": strings.TrimPrefix(rest, "//")}, origin)
	}
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("source %s: the URL cannot be read: %w", name, withoutURL(err))
	}
	options, user, secret := urlOptions(u)
	if err := b.AddServer(name, kind, options, origin); err != nil {
		return err
	}
	return b.SetCredentials(name, user, secret)
}

// urlOptions takes the credentials, and the options that are the engine's own, out of a URL.
func urlOptions(u *url.URL) (options map[string]string, user, secret string) {
	options = map[string]string{}
	if u.User != nil {
		user = u.User.Username()
		secret, _ = u.User.Password()
	}
	q := u.Query()
	for _, own := range ownOptions {
		if q.Has(own) {
			options[own] = q.Get(own)
			q.Del(own)
		}
	}
	if q.Has("password") {
		secret = q.Get("password")
		q.Del("password")
	}
	if q.Has("user") {
		user = q.Get("user")
		q.Del("user")
	}
	c := *u
	c.User, c.RawQuery = nil, q.Encode()
	options["url"] = c.String()
	return options, user, secret
}

// ownOptions are options of servers that a URL may carry in its query and that are not the driver's.
var ownOptions = []string{
	"max_connections", "statement_timeout", "lock_timeout", "pooler",
	"on_mismatch", "sample_size", "snapshot", "projection", "document_column",
}

// withoutURL drops the URL that url.Error repeats: it may hold a password.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// URLSchemes are the schemes of AddURL, sorted.
func URLSchemes() []string {
	out := make([]string, 0, len(urlKinds))
	for s := range urlKinds {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
