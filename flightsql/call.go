package flightsql

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// call is one RPC in progress: who makes it, in which session, and how it can be ended.
type call struct {
	server   *Server
	method   string
	started  time.Time
	identity engine.Identity
	ctx      context.Context
	cancel   context.CancelCauseFunc
	// stopTimer releases the timer of an identity that expires; nil without one.
	stopTimer context.CancelFunc

	offer   offer
	offered bool // the offer is new: the client has not presented it
	// unjudged is a handshake without credentials in its headers: its first message may bring some.
	unjudged bool

	mu      sync.Mutex
	session *clientSession
	own     bool // the session was opened for this call alone, and is not kept

	command []byte // of a call for a FlightInfo; guarded by the server's lock

	// For the log and the metrics; written by the handler's goroutine.
	queryID   string
	statement string
	rows      int64
	bytes     int64
}

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// newCall authenticates a call. It sends the headers that offer a session where there is none.
func (s *Server) newCall(ctx context.Context, method string) (*call, error) {
	c := &call{server: s, method: method, started: time.Now()}
	md, _ := metadata.FromIncomingContext(ctx)
	if err := c.authenticate(ctx, md); err != nil {
		return nil, err
	}
	c.ctx, c.cancel = context.WithCancelCause(context.WithValue(ctx, callKey{}, c))
	if !c.identity.Expires.IsZero() {
		c.ctx, c.stopTimer = context.WithDeadlineCause(c.ctx, c.identity.Expires, errIdentityExpired)
	}
	if c.offered {
		c.sendOffer(ctx)
	}
	return c, nil
}

var errIdentityExpired = sqlerr.New(sqlerr.InvalidAuthorization, "the credentials have expired").WithHint("connect again")

func (c *call) authenticate(ctx context.Context, md metadata.MD) error {
	cred, err := readCredentials(md)
	if err != nil {
		return err
	}
	auth := c.server.cfg.Auth
	switch cred.kind {
	case sessionCredentials:
		return c.resume(cred.session)
	case bearerCredentials:
		c.identity, err = auth.Bearer(ctx, cred.bearer)
	case basicCredentials:
		c.identity, err = auth.Basic(ctx, cred.user, cred.password)
	default:
		if c.method == methodHandshake {
			c.unjudged = true
			return nil
		}
		c.identity, err = auth.Anonymous(ctx)
	}
	if err != nil {
		return refusal(err)
	}
	if err := c.checkExpiry(); err != nil {
		return err
	}
	if cred.cookie != "" {
		return c.resumeCookie(cred.cookie)
	}
	c.offered = true
	c.offer = c.server.newOffer(c.identity)
	return nil
}

func refusal(err error) error {
	switch sqlerr.Code(err) {
	case "":
		return sqlerr.New(sqlerr.InvalidAuthorization, "the credentials were refused: %w", errHidden{err})
	default:
		return err
	}
}

// errHidden keeps a cause for the log without its text.
type errHidden struct{ error }

func (errHidden) Error() string   { return "see the server's log" }
func (e errHidden) Unwrap() error { return e.error }

func (s *Server) newOffer(id engine.Identity) offer {
	return offer{name: newID(), instance: s.instance, expires: time.Now().Add(offerTTL), identity: id}
}

// resume finds the session of a token, when it is kept.
func (c *call) resume(token string) error {
	o, err := c.server.openOffer(token)
	if err != nil {
		return err
	}
	c.offer, c.identity = o, o.identity
	if err := c.checkExpiry(); err != nil {
		return err
	}
	found, err := c.server.sessions.find(o)
	if err != nil {
		return err
	}
	c.session = found
	return nil
}

// resumeCookie is resume for a cookie, which never stands in for credentials.
func (c *call) resumeCookie(token string) error {
	who := fingerprintOf(c.identity)
	if err := c.resume(token); err != nil {
		return err
	}
	if fingerprintOf(c.identity) != who {
		return sqlerr.New(sqlerr.InvalidAuthorization, "the session's cookie belongs to another user")
	}
	return nil
}

func (c *call) checkExpiry() error {
	if e := c.identity.Expires; !e.IsZero() && time.Now().After(e) {
		return errIdentityExpired
	}
	return nil
}

// sendOffer puts the session's token into the response headers, where ADBC looks for a bearer and JDBC for a
// cookie and a bearer. Trailers would not do: Java reads them only when there was no header.
func (c *call) sendOffer(ctx context.Context) {
	token := c.server.sealOffer(c.offer)
	// It fails only where headers have been sent or there is no stream: then the client has no session, no more.
	_ = grpc.SetHeader(ctx, metadata.Pairs(authHeader, "Bearer "+token,
		"set-cookie", sessionCookie+"="+token+"; Path=/; HttpOnly"))
}

// cause is what ended the call's context; nil while it goes on.
func (c *call) cause() error { return context.Cause(c.ctx) }

// open gives the call's session: the one that is kept for its client, or one that ends with the call.
func (c *call) open() (*clientSession, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		return c.session, nil
	}
	session, err := newClientSession(c.server.cfg.Engine, c.offer)
	if err != nil {
		return nil, err
	}
	c.session, c.own = session, true
	if c.offer.lasting() {
		return session, c.keepLocked()
	}
	return session, nil
}

// changes is to be called before a call changes its session: it must outlive the call then.
func (c *call) changes() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.own {
		return nil
	}
	return c.keepLocked()
}

func (c *call) keepLocked() error {
	if err := c.server.sessions.keep(c.session, c.offer); err != nil {
		return err
	}
	c.own = false
	return nil
}

// closeSession ends the call's session and makes its token worthless.
func (c *call) closeSession() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server.sessions.end(c.offer)
	if c.session == nil {
		return nil
	}
	c.own = false
	return c.session.Close()
}

// finish releases what the call held. It may be called once, after the handler has returned.
func (c *call) finish() {
	c.cancel(context.Canceled)
	if c.stopTimer != nil {
		c.stopTimer()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own {
		if err := c.session.Close(); err != nil {
			c.server.cfg.Log.Warn("closing a call's session", "error", err)
		}
	}
}
