package engine

import (
	"sync/atomic"
	"time"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/datum"
)

// Session is one client's identity and settings. Safe for concurrent use.
type Session struct {
	engine   *Engine
	id       string
	identity Identity
	settings *settings
	used     atomic.Int64 // unix nanoseconds of the last use

	transaction transaction
	prepared    preparedStatements
}

// ID is unguessable and unique: it is the session's bearer and cookie.
func (s *Session) ID() string { return s.id }

// Identity is who the session belongs to.
func (s *Session) Identity() Identity { return s.identity }

// Set changes a setting as SET does. Unknown names are 42704, bad values 22023, claims 42501. "catalog" and "schema" set
// the first element of the search path.
func (s *Session) Set(name, value string) error { return s.settings.set(name, value) }

// Get reads a setting as SHOW does.
func (s *Session) Get(name string) (string, error) { return s.settings.get(name) }

// Default is the value that the server was configured to give a setting in every session; false: the built-in one.
func (s *Session) Default(name string) (string, bool) {
	v, ok := s.settings.defaults[name] // written before the session is
	return v, ok
}

// Reset restores a setting's default.
func (s *Session) Reset(name string) error { return s.settings.reset(name) }

// Settings are all settings and their values.
func (s *Session) Settings() map[string]string { return s.settings.all() }

// Close ends the session and what runs in it. Idempotent.
func (s *Session) Close() error {
	s.engine.mu.Lock()
	delete(s.engine.sessions, s.id)
	s.engine.mu.Unlock()
	s.end()
	return nil
}

// end cancels the session's statements.
func (s *Session) end() { s.engine.queries.cancelSession(s.id) }

func (s *Session) touch() { s.used.Store(time.Now().UnixNano()) }

// expired says whether the session has outlived its identity or was idle too long. A running statement is use.
func (s *Session) expired(now time.Time) bool {
	if !s.identity.Expires.IsZero() && now.After(s.identity.Expires) {
		return true
	}
	idle := now.Sub(time.Unix(0, s.used.Load())) > s.engine.cfg.SessionIdle
	return idle && !s.engine.queries.hasSession(s.id)
}

// resolver looks names up along the session's search path.
func (s *Session) resolver() *catalog.Resolver {
	return s.engine.catalog.Resolver(splitPath(s.settings.value(SettingSearchPath)))
}

// zone is the session's time zone.
func (s *Session) zone() *time.Location {
	loc, _, err := datum.SessionZone(s.settings.value(SettingTimeZone))
	if err != nil {
		return time.UTC // SET checked the name; the zone database went away
	}
	return loc
}
