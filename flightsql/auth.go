package flightsql

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// Authenticator says who a caller is. Safe for concurrent use. An error is a refusal: one made with sqlerr keeps
// its message, of any other the client learns only that it was refused. Secrets are to be compared in constant time.
type Authenticator interface {
	// Basic judges a name and password, from a handshake or any call.
	Basic(ctx context.Context, user, password string) (engine.Identity, error)
	// Bearer judges a token that is not one of a session.
	Bearer(ctx context.Context, token string) (engine.Identity, error)
	// Anonymous judges a caller without credentials.
	Anonymous(ctx context.Context) (engine.Identity, error)
}

// NoAuth lets everybody in with the identity given, whatever they present.
func NoAuth(id engine.Identity) Authenticator { return noAuth{id} }

type noAuth struct{ id engine.Identity }

func (a noAuth) Basic(context.Context, string, string) (engine.Identity, error) { return a.id, nil }
func (a noAuth) Bearer(context.Context, string) (engine.Identity, error)        { return a.id, nil }
func (a noAuth) Anonymous(context.Context) (engine.Identity, error)             { return a.id, nil }

// StaticToken lets in whoever presents the token, as bearer or as password of any user name.
func StaticToken(token string, id engine.Identity) Authenticator {
	return staticToken{sha256.Sum256([]byte(token)), id}
}

type staticToken struct {
	sum [sha256.Size]byte
	id  engine.Identity
}

func (a staticToken) Basic(ctx context.Context, _, password string) (engine.Identity, error) {
	return a.Bearer(ctx, password)
}

func (a staticToken) Bearer(_ context.Context, token string) (engine.Identity, error) {
	sum := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(sum[:], a.sum[:]) != 1 {
		return engine.Identity{}, sqlerr.New(sqlerr.InvalidPassword, "the token is not the server's").
			WithHint("present the token that the server was started with, as bearer or as password of any user")
	}
	return a.id, nil
}

func (a staticToken) Anonymous(context.Context) (engine.Identity, error) {
	return engine.Identity{}, sqlerr.New(sqlerr.InvalidAuthorization, "this server asks for a token, and none was sent").
		WithHint("send the header \"authorization: Bearer TOKEN\", or TOKEN as the password of any user")
}

// presented is what a call presents for credentials.
type presented struct {
	session        string // a session's token
	bearer         string
	user, password string
	kind           credentialKind
	cookie         string // a session's token from a cookie
}

type credentialKind byte

const (
	noCredentials credentialKind = iota
	sessionCredentials
	bearerCredentials
	basicCredentials
)

const (
	authHeader       = "authorization"
	legacyAuthHeader = "auth-token-bin" // what clients send that shook hands by payload
	cookieHeader     = "cookie"
	sessionCookie    = "arrow_flight_session_id"
	// sessionScheme starts every session token, so that one which has ended is told from a wrong password.
	sessionScheme = "skein-session."
)

// readCredentials takes the scheme without regard to case, and Basic with padding or without, as clients send it.
func readCredentials(md metadata.MD) (presented, error) {
	c := presented{cookie: cookieValue(md)}
	value := first(md, authHeader)
	if value == "" {
		if legacy := first(md, legacyAuthHeader); legacy != "" {
			value = "Bearer " + legacy
		}
	}
	scheme, rest, _ := strings.Cut(strings.TrimLeft(value, " "), " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case value == "":
		return c, nil
	case strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(rest, sessionScheme):
		c.kind, c.session = sessionCredentials, rest
	case strings.EqualFold(scheme, "Bearer"):
		c.kind, c.bearer = bearerCredentials, rest
	case strings.EqualFold(scheme, "Basic"):
		user, password, ok := decodeBasic(rest)
		if !ok {
			return c, sqlerr.New(sqlerr.InvalidAuthorization, "the Basic authorization header is malformed")
		}
		c.kind, c.user, c.password = basicCredentials, user, password
	default:
		return c, sqlerr.New(sqlerr.InvalidAuthorization, "the authorization header has an unknown scheme").
			WithHint("send Basic or Bearer")
	}
	return c, nil
}

func decodeBasic(s string) (user, password string, ok bool) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "= "))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(raw), ":")
}

func first(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// cookieValue finds the session's cookie by hand: a call may send several headers, and quotes must be taken as
// they are.
func cookieValue(md metadata.MD) string {
	for _, header := range md.Get(cookieHeader) {
		for part := range strings.SplitSeq(header, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if name == sessionCookie {
				return strings.Trim(value, `"`)
			}
		}
	}
	return ""
}
