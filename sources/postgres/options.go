package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/sources"
)

// options are a server's, understood.
type options struct {
	// keywords are libpq's, those of the url included, without user and password.
	keywords       map[string]string
	user, password string
	maxConnections int
	limits         sources.Limits
	application    string
	// bare: no startup parameters, for poolers that refuse them.
	bare bool
}

// libpqKeywords are the options that go to the connection as they are.
var libpqKeywords = []string{
	"channel_binding", "connect_timeout", "dbname", "host", "krbspn", "krbsrvname", "options", "passfile", "port",
	"require_auth", "service", "sslcert", "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "sslsni",
	"target_session_attrs", "user",
}

// defaultLimits keep a server from being held: they are far beyond what a healthy statement needs.
var defaultLimits = sources.Limits{
	Statement: time.Hour, Lock: 10 * time.Second, Idle: 10 * time.Minute, Connect: 10 * time.Second,
}

func readOptions(c sources.Config) (options, error) {
	o := options{keywords: map[string]string{}, maxConnections: 8, limits: fillLimits(c.Limits, defaultLimits), application: "skein"}
	if err := o.readURL(c.Options["url"]); err != nil {
		return o, err
	}
	for name, value := range c.Options {
		if err := o.set(name, value); err != nil {
			return o, fmt.Errorf("option %s: %w", name, err)
		}
	}
	if c.User != "" {
		o.user = c.User
	}
	if c.Secret != "" {
		o.password = c.Secret
	}
	if u := o.keywords["user"]; u != "" && o.user == "" {
		o.user = u
	}
	delete(o.keywords, "user")
	_, err := o.config(sources.Identity{})
	return o, err
}

func (o *options) set(name, value string) (err error) {
	switch name {
	case "url":
		return nil
	case "max_connections":
		o.maxConnections, err = strconv.Atoi(value)
		if err == nil && o.maxConnections < 1 {
			err = errors.New("at least one connection is needed")
		}
	case "statement_timeout":
		o.limits.Statement, err = readDuration(value)
	case "lock_timeout":
		o.limits.Lock, err = readDuration(value)
	case "idle_in_transaction_session_timeout":
		o.limits.Idle, err = readDuration(value)
	case "application_name":
		o.application = value
	case "pooler":
		if value != "transaction" && value != "session" && value != "none" {
			return errors.New("it is 'transaction', 'session' or 'none'")
		}
		o.bare = value == "transaction"
	default:
		if !slices.Contains(libpqKeywords, name) {
			return fmt.Errorf("there is no such option; there are url, max_connections, statement_timeout, lock_timeout, "+
				"idle_in_transaction_session_timeout, application_name, pooler, %s", strings.Join(libpqKeywords, ", "))
		}
		o.keywords[name] = value
	}
	return err
}

// readURL takes a postgres:// URL apart. What a URL holds is not shown in errors: it may hold a password.
func (o *options) readURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("option url is not of the form postgres://user@host:port/dbname?sslmode=…")
	}
	if u.User != nil {
		o.user = u.User.Username()
		o.password, _ = u.User.Password()
	}
	hosts, ports := splitHosts(u.Host)
	put := func(name, value string) {
		if value != "" {
			o.keywords[name] = value
		}
	}
	put("host", hosts)
	put("port", ports)
	put("dbname", strings.TrimPrefix(u.Path, "/"))
	for name, values := range u.Query() {
		value := values[len(values)-1]
		if name == "password" {
			o.password = value
		} else if err := o.set(name, value); err != nil {
			return fmt.Errorf("option url, parameter %s: %w", name, err)
		}
	}
	return nil
}

// splitHosts takes "a:1,b:2" apart as libpq wants it: "a,b" and "1,2".
func splitHosts(list string) (hosts, ports string) {
	var hs, ps []string
	some := false
	for one := range strings.SplitSeq(list, ",") {
		host, port := one, ""
		if i := strings.LastIndexByte(one, ':'); i > strings.LastIndexByte(one, ']') {
			host, port = one[:i], one[i+1:]
		}
		hs, ps = append(hs, strings.Trim(host, "[]")), append(ps, port)
		some = some || port != ""
	}
	if !some {
		return strings.Join(hs, ","), ""
	}
	return strings.Join(hs, ","), strings.Join(ps, ",")
}

// readDuration reads a PostgreSQL time setting ("30s", "1500", "5min") or a Go duration.
func readDuration(text string) (time.Duration, error) {
	if ms, err := strconv.Atoi(text); err == nil && ms >= 0 {
		return time.Duration(ms) * time.Millisecond, nil
	}
	units := map[string]time.Duration{
		"ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
	}
	i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if i > 0 {
		if unit, ok := units[strings.TrimSpace(text[i:])]; ok {
			n, err := strconv.Atoi(text[:i])
			return time.Duration(n) * unit, err
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errors.New("it is a time such as '30s' or '5min'; 0 is no limit")
	}
	return d, nil
}

// fillLimits is l with the zero limits taken from d.
func fillLimits(l, d sources.Limits) sources.Limits {
	pick := func(a, b time.Duration) time.Duration {
		if a == 0 {
			return b
		}
		return a
	}
	return sources.Limits{
		Statement: pick(l.Statement, d.Statement), Lock: pick(l.Lock, d.Lock), Idle: pick(l.Idle, d.Idle),
		Connect: pick(l.Connect, d.Connect),
	}
}

// config is what a connection of an identity is made with.
func (o *options) config(id sources.Identity) (*pgconn.Config, error) {
	user, password := o.user, o.password
	if id.User != "" {
		user, password = id.User, id.Secret
	}
	words := make([]string, 0, len(o.keywords)+1)
	for name, value := range o.keywords {
		words = append(words, name+"="+quoteKeyword(value))
	}
	if user != "" {
		words = append(words, "user="+quoteKeyword(user))
	}
	sort.Strings(words)
	cfg, err := pgconn.ParseConfig(strings.Join(words, " "))
	if err != nil {
		return nil, fmt.Errorf("bad connection options: %w", errors.Unwrap(err)) // without the string itself
	}
	if password != "" {
		cfg.Password = password
	}
	if _, given := o.keywords["connect_timeout"]; !given {
		cfg.ConnectTimeout = o.limits.Connect
	}
	if o.bare {
		clear(cfg.RuntimeParams)
	}
	return cfg, nil
}

func quoteKeyword(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}
