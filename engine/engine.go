package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Config is what an engine is made of. The zero value of a field means its default.
type Config struct {
	Definitions *catalog.Definitions
	Registry    *sources.Registry
	// Memory is the process's budget for operators in bytes, 0 for no limit; StatementMemory one statement's share.
	Memory, StatementMemory int64
	// Workers is how many partitions one statement runs in; 0 is the number of processors.
	Workers int
	// Settings are the defaults of sessions' settings.
	Settings map[string]string
	// SessionIdle ends sessions that nobody used for so long; 0 is an hour. MaxSessions bounds their number; 0 is 10,000.
	SessionIdle time.Duration
	MaxSessions int
	// Limits protect the servers.
	Limits sources.Limits
	Log    *slog.Logger
}

// Engine runs statements over a catalog of sources. Safe for concurrent use.
type Engine struct {
	cfg         Config
	log         *slog.Logger
	catalog     *catalog.Catalog
	connections *sources.Connections
	memory      *budget.Pool
	queries     *queryRegistry
	plans       *planCache
	oids        pgcatalog.OIDs

	mu       sync.Mutex
	sessions map[string]*Session
	closed   bool
	reaper   *time.Timer
}

// New opens an engine and its servers; it does no I/O to them. The error is that of bad options or settings. Close it.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.SessionIdle <= 0 {
		cfg.SessionIdle = time.Hour
	}
	if cfg.MaxSessions <= 0 {
		cfg.MaxSessions = 10_000
	}
	if _, err := newSettings(cfg.Settings, nil); err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: cfg, log: cfg.Log, connections: sources.NewConnections(), memory: budget.NewPool(cfg.Memory),
		queries: newQueryRegistry(), plans: newPlanCache(planCacheSize), sessions: map[string]*Session{},
	}
	var err error
	e.catalog, err = catalog.Open(ctx, cfg.Definitions, catalog.Config{
		Registry: cfg.Registry, Connections: e.connections, Limits: cfg.Limits, Log: cfg.Log,
		System: newSystemSource(e), SearchPath: splitPath(cfg.Settings[SettingSearchPath]),
	})
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reaper = time.AfterFunc(cfg.SessionIdle/4, e.reap)
	return e, nil
}

// Catalog is the engine's catalog.
func (e *Engine) Catalog() *catalog.Catalog { return e.catalog }

// Connections is the budget of connections to the sources.
func (e *Engine) Connections() *sources.Connections { return e.connections }

// Memory is the budget of operators' memory.
func (e *Engine) Memory() *budget.Pool { return e.memory }

// Running is the number of statements that run now.
func (e *Engine) Running() int { return e.queries.len() }

// NewSession opens a session; it ends by Close, after the idle timeout, or with the engine.
func (e *Engine) NewSession(id Identity) (*Session, error) {
	set, err := newSettings(e.cfg.Settings, id.Claims)
	if err != nil {
		return nil, err
	}
	s := &Session{engine: e, id: newID(), identity: id, settings: set}
	s.touch()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errShutdown()
	}
	if len(e.sessions) >= e.cfg.MaxSessions {
		return nil, sqlerr.New(sqlerr.TooManyConnections, "there are %d sessions already, which is the limit", e.cfg.MaxSessions).
			WithHint("close sessions that are not used, or raise limits.sessions")
	}
	e.sessions[s.id] = s
	return s, nil
}

// Session finds an open session by its ID; unknown and ended ones are an error (28000).
func (e *Engine) Session(id string) (*Session, error) {
	e.mu.Lock()
	s := e.sessions[id]
	e.mu.Unlock()
	if s == nil || s.expired(time.Now()) {
		return nil, sqlerr.New(sqlerr.InvalidAuthorization, "the session is unknown or has ended").WithHint("connect again")
	}
	s.touch()
	return s, nil
}

// Cancel ends a running query of the identity (57014); false when there is none.
func (e *Engine) Cancel(id Identity, queryID string) bool { return e.queries.cancel(id, queryID) }

// Close ends every session and statement and closes the servers. Idempotent.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	e.reaper.Stop()
	open := e.sessions
	e.sessions = map[string]*Session{}
	e.mu.Unlock()
	e.queries.cancelAll(errShutdown()) // the first cause given is the one that clients see
	for _, s := range open {
		s.end()
	}
	e.queries.wait(closeTimeout)
	return e.catalog.Close()
}

// closeTimeout is how long Close waits for readers of results to notice that they were cancelled.
const closeTimeout = 10 * time.Second

func errShutdown() error {
	return sqlerr.New(sqlerr.AdminShutdown, "terminating because the server is shutting down")
}

// reap ends idle sessions.
func (e *Engine) reap() {
	now := time.Now()
	e.mu.Lock()
	var idle []*Session
	for id, s := range e.sessions {
		if s.expired(now) {
			idle = append(idle, s)
			delete(e.sessions, id)
		}
	}
	if !e.closed {
		e.reaper.Reset(e.cfg.SessionIdle / 4)
	}
	e.mu.Unlock()
	for _, s := range idle {
		s.end()
	}
}

// newID is an unguessable name: 192 bits.
func newID() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
