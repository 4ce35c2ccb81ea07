package mongo

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// urlParameters are those of MongoDB's connection strings that mean something here, or nothing to a reader.
var urlParameters = []string{
	"appName", "authMechanism", "authSource", "compressors", "connectTimeoutMS", "directConnection",
	"heartbeatFrequencyMS", "journal", "loadBalanced", "localThresholdMS", "maxConnecting", "maxIdleTimeMS", "maxPoolSize",
	"maxStalenessSeconds", "minPoolSize", "readPreference", "readPreferenceTags", "replicaSet", "retryReads", "retryWrites",
	"serverMonitoringMode", "serverSelectionTimeoutMS", "socketTimeoutMS", "srvMaxHosts", "srvServiceName", "ssl",
	"timeoutMS", "tls", "tlsCAFile", "tlsCertificateFile", "tlsCertificateKeyFile", "tlsCertificateKeyFilePassword",
	"tlsDisableCertificateRevocationCheck", "tlsDisableOCSPEndpointCheck", "tlsInsecure", "tlsPrivateKeyFile", "w",
	"wTimeoutMS", "zlibCompressionLevel", "zstdCompressionLevel",
}

// query is a connection string's parameters, whose names have no case.
type query struct{ url.Values }

func (q query) key(name string) string {
	for k := range q.Values {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return ""
}

// take gives a parameter and removes it.
func (q query) take(name string) string {
	k := q.key(name)
	v := q.Get(k)
	q.Del(k)
	return v
}

// put replaces a parameter, if v is one.
func (q query) put(name, v string) {
	if v != "" {
		q.Del(q.key(name))
		q.Set(name, v)
	}
}

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
	path, parameters, _ := strings.Cut(tail, "?")
	values, err := url.ParseQuery(parameters)
	if err != nil || hosts == "" {
		r.fail("url", "it names no host or has a malformed query")
		return
	}
	q := query{values}
	s.readParameters(r, path, q)
	s.uri = scheme + "://" + hosts + "/"
	if len(q.Values) > 0 {
		s.uri += "?" + q.Encode()
	}
	s.validate(r, hosts, q)
}

// readParameters takes out of the query what the driver must not see, because it is said in other ways or for each
// command, and puts into it what options say. An option wins over the URL.
func (s *settings) readParameters(r *optionReader, path string, q query) {
	authSource, mechanism := q.take("authSource"), q.take("authMechanism")
	names := r.options["database"]
	if names == "" {
		names, _ = url.PathUnescape(path)
	} else if path != "" && authSource == "" {
		authSource, _ = url.PathUnescape(path)
	}
	for n := range strings.SplitSeq(names, ",") {
		if n = strings.TrimSpace(n); n != "" {
			s.databases = append(s.databases, n)
		}
	}
	if s.authSource == "" {
		s.authSource = authSource
	}
	if s.mechanism == "" {
		s.mechanism = mechanism
	}
	pref := r.choice("read_preference", r.choice("readPreference", "", prefNames...), prefNames...)
	q.put("readPreference", pref)
	q.put("replicaSet", r.options["replica_set"])
	if r.bool("direct_connection") {
		q.put("directConnection", "true")
	}
	// The driver would send a timeout of its own as maxTimeMS with requests that must not have one.
	timeout := &optionReader{server: r.server, options: map[string]string{
		"url": q.take("timeoutMS"), "connect": q.take("serverSelectionTimeoutMS"), "dial": q.take("connectTimeoutMS"),
	}}
	for name, v := range timeout.options {
		if v == "" {
			delete(timeout.options, name)
		}
	}
	if r.options["statement_timeout"] == "" && r.options["maxTimeMS"] == "" {
		s.statement = timeout.defaulted("url", s.statement)
	}
	if _, ok := r.options["connect_timeout"]; !ok {
		s.connect = timeout.defaulted("connect", timeout.defaulted("dial", s.connect))
	}
	if timeout.err != nil {
		r.fail("url", "its timeouts are not all numbers of milliseconds")
	}
}

// validate lets the driver read what is left, and refuses what it would pass over. Hosts are not asked for yet.
func (s *settings) validate(r *optionReader, hosts string, q query) {
	left := query{url.Values{}}
	for k, v := range q.Values {
		if !slices.ContainsFunc(urlParameters, func(p string) bool { return strings.EqualFold(p, k) }) {
			r.unknown(sources.UnknownOption("the URL of server "+s.server, k, urlParameters))
			return
		}
		if l := strings.ToLower(k); l != "srvmaxhosts" && l != "srvservicename" && l != "wtimeoutms" {
			left.Values[k] = v
		}
	}
	probe := "mongodb://" + hosts + "/?" + left.Encode()
	parsed, err := connstring.Parse(probe)
	if err == nil && len(parsed.UnknownOptions) > 0 {
		r.fail("url", "the driver does not know all of its parameters")
	}
	o := options.Client()
	if err == nil {
		o.ApplyURI(probe)
		err = o.Validate()
	}
	if err != nil {
		r.fail("url", "the driver refuses it")
		return
	}
	s.pref = o.ReadPreference
	if s.pref == nil {
		s.pref = readpref.Primary()
	}
	s.prefName = s.pref.Mode().String()
}

// unknown keeps an error about an option that there is not.
func (r *optionReader) unknown(err *sqlerr.Error) {
	if r.err == nil {
		r.err = err
	}
}

// defaulted is a duration that is set, else def; 0 sets none.
func (r *optionReader) defaulted(name string, def time.Duration) time.Duration {
	if d := r.duration(name, 0); d > 0 {
		return d
	}
	return def
}
