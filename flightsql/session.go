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

// offerTTL is how long an offered session may be taken up.
const offerTTL = 24 * time.Hour

// offer is the content of a session token: the right to open, once, the session of this name on this server.
type offer struct {
	name     string
	instance randomID
	expires  time.Time
	identity engine.Identity
}

func (s *Server) sealOffer(o offer) string {
	w := &writer{}
	w.string(o.name)
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
	o := offer{name: r.string(), instance: r.id(), expires: time.Unix(int64(r.uint()), 0)}
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

// sessions knows the sessions that clients have taken up, by the names that their tokens carry, and those that have
// ended, until their tokens could no longer open them. Safe for concurrent use.
type sessions struct {
	engine Engine
	mu     sync.Mutex
	open   map[string]*openSession
	pruned time.Time
}

type openSession struct {
	id      string // the engine's
	base    map[string]string
	expires time.Time // of the offer
	ended   bool
}

// pruneEvery bounds how often the register is walked, and so how long an ended session stays in it.
const pruneEvery = time.Minute

var errSessionEnded = sqlerr.New(sqlerr.InvalidAuthorization, "the session has ended").WithHint("connect again")

// find gives the session of an offer that was taken up. Nil: not yet.
func (r *sessions) find(o offer) (*clientSession, error) {
	r.mu.Lock()
	e := r.open[o.name]
	ended := e != nil && e.ended
	r.mu.Unlock()
	switch {
	case ended:
		return nil, errSessionEnded
	case e == nil && time.Now().After(o.expires):
		return nil, errSessionEnded
	case e == nil:
		return nil, nil
	}
	live, err := r.engine.Session(e.id)
	if err != nil {
		r.end(o.name)
		return nil, errSessionEnded
	}
	return &clientSession{Session: live, name: o.name, base: e.base}, nil
}

// take opens the session of an offer and enters it, unless another call was faster.
func (r *sessions) take(o offer) (*clientSession, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.open[o.name]; e != nil {
		if e.ended {
			return nil, errSessionEnded
		}
		live, err := r.engine.Session(e.id)
		if err != nil {
			e.ended = true
			return nil, errSessionEnded
		}
		return &clientSession{Session: live, name: o.name, base: e.base}, nil
	}
	c, err := newClientSession(r.engine, o)
	if err != nil {
		return nil, err
	}
	r.enter(c, o)
	return c, nil
}

// keep enters a session that was opened for one call only, because the call changed it.
func (r *sessions) keep(c *clientSession, o offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.enter(c, o)
}

func (r *sessions) enter(c *clientSession, o offer) {
	r.prune()
	r.open[o.name] = &openSession{id: c.ID(), base: c.base, expires: o.expires}
}

// end marks a session as ended; its token stays refused.
func (r *sessions) end(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.open[name]; e != nil {
		e.ended = true
	}
}

// refuse makes an offer that was not taken up worthless.
func (r *sessions) refuse(o offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune()
	if e := r.open[o.name]; e != nil {
		e.ended = true
		return
	}
	r.open[o.name] = &openSession{expires: o.expires, ended: true}
}

func (r *sessions) prune() {
	now := time.Now()
	if now.Sub(r.pruned) < pruneEvery {
		return
	}
	r.pruned = now
	maps.DeleteFunc(r.open, func(_ string, e *openSession) bool {
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
	name string
	base map[string]string // the settings that it began with
}

func newClientSession(e Engine, o offer) (*clientSession, error) {
	live, err := e.NewSession(o.identity)
	if err != nil {
		return nil, err
	}
	return &clientSession{Session: live, name: o.name, base: live.Settings()}, nil
}

// changes are the settings that differ from a new session's. Nil for none. The parts of the search path are not among
// them: the path is.
func (c *clientSession) changes() map[string]string {
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
		if c.base[name] == settings[name] {
			continue
		}
		if err := c.Set(name, settings[name]); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}
