package flightsql

import (
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// offerTTL is how long the token of a session that is not kept here is good. Half of it later the session is kept, so
// that a connection that is used stays good.
const offerTTL = 24 * time.Hour

// maxClosed bounds the closed sessions that are remembered though they were never kept: the oldest go first.
const maxClosed = 100_000

// offer is the content of a session token. As long as nothing was changed in the session nothing of it is kept here:
// each call runs in a session of its own. The first change makes it one that is kept.
type offer struct {
	name     randomID
	instance randomID
	expires  time.Time
	identity engine.Identity
}

// lasting says that the session is to be kept though nothing was changed.
func (o offer) lasting() bool { return time.Until(o.expires) < offerTTL/2 }

func (s *Server) sealOffer(o offer) string {
	w := &writer{}
	w.bytes(o.name[:])
	w.bytes(o.instance[:])
	w.uint(uint64(o.expires.Unix()))
	w.string(o.identity.Role)
	w.strings(o.identity.Claims)
	w.bool(!o.identity.Expires.IsZero())
	w.uint(uint64(o.identity.Expires.UnixNano()))
	return sessionScheme + base64.RawURLEncoding.EncodeToString(s.sealer.seal(sealSession, w.buf))
}

var errSessionToken = sqlerr.New(sqlerr.InvalidAuthorization, "the session is not known to this server: it may have been restarted").
	WithHint("connect again")

func (s *Server) openOffer(token string) (offer, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, sessionScheme))
	if err != nil {
		return offer{}, errSessionToken
	}
	content, err := s.sealer.open(sealSession, sealed)
	if err != nil {
		return offer{}, errSessionToken
	}
	r := &reader{buf: content}
	o := offer{name: r.id(), instance: r.id(), expires: time.Unix(int64(r.uint()), 0)}
	o.identity.Role = r.string()
	o.identity.Claims = r.strings()
	limited, at := r.bool(), r.uint()
	if limited {
		o.identity.Expires = time.Unix(0, int64(at))
	}
	if r.failed || o.instance != s.instance {
		return offer{}, errSessionToken
	}
	return o, nil
}

// sessions knows the sessions that are kept, by the names that their tokens carry, and those that have ended, until
// their tokens expire. Safe for concurrent use.
type sessions struct {
	engine Engine
	closed *ttlStore[struct{}] // by name: ended without ever having been kept
	mu     sync.Mutex
	kept   map[randomID]*keptSession
	pruned time.Time
}

type keptSession struct {
	id      string // the engine's
	base    map[string]string
	expires time.Time // of the offer
	ended   bool
}

func newSessions(e Engine) *sessions {
	return &sessions{engine: e, closed: newStore[struct{}](offerTTL, maxClosed), kept: map[randomID]*keptSession{}}
}

// pruneEvery bounds how often the register is walked, and so how long an ended session stays in it.
const pruneEvery = time.Minute

var errSessionEnded = sqlerr.New(sqlerr.InvalidAuthorization, "the session has ended").WithHint("connect again")

// find gives the session of an offer when it is kept. Nil: it is not, and the offer is good.
func (r *sessions) find(o offer) (*clientSession, error) {
	r.mu.Lock()
	e := r.kept[o.name]
	ended := e != nil && e.ended
	r.mu.Unlock()
	if e == nil {
		if _, closed := r.closed.get(o.name); closed || time.Now().After(o.expires) {
			return nil, errSessionEnded
		}
		return nil, nil
	}
	if ended {
		return nil, errSessionEnded
	}
	live, err := r.engine.Session(e.id)
	if err != nil {
		r.mu.Lock()
		e.ended = true
		r.mu.Unlock()
		return nil, errSessionEnded
	}
	return &clientSession{Session: live, name: o.name, base: e.base}, nil
}

var errSessionRaced = sqlerr.New(sqlerr.ObjectNotInPrerequisite, "another call of the same session changed it at the same time").
	WithHint("run the statement again")

// keep keeps a session that a call has opened for itself, before the call changes it. It refuses when another call's session was kept meanwhile.
func (r *sessions) keep(c *clientSession, o offer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept[o.name] != nil {
		return errSessionRaced
	}
	r.prune()
	c.base = c.Settings()
	r.kept[o.name] = &keptSession{id: c.ID(), base: c.base, expires: o.expires}
	return nil
}

// end makes the token of a session worthless.
func (r *sessions) end(o offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.kept[o.name]; e != nil {
		e.ended = true
		return
	}
	r.closed.put(o.name, struct{}{}, 1, true)
}

func (r *sessions) prune() {
	now := time.Now()
	if now.Sub(r.pruned) < pruneEvery {
		return
	}
	r.pruned = now
	maps.DeleteFunc(r.kept, func(_ randomID, e *keptSession) bool {
		if now.Before(e.expires) {
			return false
		}
		if !e.ended {
			_, err := r.engine.Session(e.id)
			e.ended = err != nil
		}
		return e.ended
	})
}

// clientSession is an engine's session with the name that its client's token carries.
type clientSession struct {
	Session
	name randomID
	base map[string]string // the settings that it began with; nil as long as nothing was changed
}

func newClientSession(e Engine, o offer) (*clientSession, error) {
	live, err := e.NewSession(o.identity)
	if err != nil {
		return nil, err
	}
	return &clientSession{Session: live, name: o.name}, nil
}

// changes are the settings that differ from a new session's. Nil for none. The parts of the search path are not among
// them: the path is.
func (c *clientSession) changes() map[string]string {
	if c.base == nil {
		return nil
	}
	var out map[string]string
	settings := c.Settings()
	if _, ok := settings["search_path"]; ok {
		for _, part := range pathParts {
			delete(settings, part)
		}
	}
	for name, value := range settings {
		if was, ok := c.base[name]; ok && was == value {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = value
	}
	return out
}

// sessionWith opens a session of its own that has these settings: the statement of a ticket runs in one when the
// session that it was planned in has moved on, or lives elsewhere.
func (s *Server) sessionWith(id engine.Identity, settings map[string]string) (*clientSession, error) {
	c, err := newClientSession(s.cfg.Engine, offer{identity: id})
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := c.Set(name, settings[name]); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}
