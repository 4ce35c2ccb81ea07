package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// DefaultMaxConnections is a server's budget of connections where its option max_connections says nothing.
const DefaultMaxConnections = 8

// Config is what a catalog needs to connect its servers.
type Config struct {
	Registry    *sources.Registry
	Connections *sources.Connections
	Limits      sources.Limits
	Log         *slog.Logger
	// System serves the tables of schema skein_catalog; nil for none.
	System sources.Source
	// SearchPath is what names in views are looked up in, after the view's own schema.
	SearchPath []string
}

// Catalog is what is declared, the servers that are open, and what was discovered on them. Safe for concurrent use.
type Catalog struct {
	cfg   Config
	defs  *Definitions
	cache *tableCache

	mu     sync.RWMutex
	open   map[string]sources.Source
	closed bool
}

// Open opens every declared server. It does no I/O to them: one that is down fails only statements that name it. Bad
// options are an error.
func Open(ctx context.Context, defs *Definitions, cfg Config) (*Catalog, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Catalog{cfg: cfg, defs: defs, cache: newTableCache(), open: map[string]sources.Source{}}
	for _, name := range defs.ServerNames() {
		src, err := c.openServer(ctx, defs.Servers[name])
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.open[name] = src
	}
	return c, nil
}

func (c *Catalog) openServer(ctx context.Context, s *Server) (sources.Source, error) {
	limit := DefaultMaxConnections
	if v, ok := s.Options["max_connections"]; ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "%s: option max_connections of server %s is %q, not a positive number", s.Origin, s.Name, v)
		}
		limit = n
	}
	c.cfg.Connections.SetLimit(s.Name, limit)
	src, err := c.cfg.Registry.Open(ctx, s.Kind, sources.Config{
		Name: s.Name, Options: maps.Clone(s.Options), Declared: c.declared(s.Name), User: s.User, Secret: s.Secret,
		Connections: c.cfg.Connections, Limits: c.cfg.Limits, Log: c.cfg.Log.With("server", s.Name),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: server %s: %w", s.Origin, s.Name, err)
	}
	return src, nil
}

// Attach adds a connected source under a server name that no declaration has, replacing one that was attached before.
func (c *Catalog) Attach(name string, src sources.Source) error {
	if c.defs.Servers[name] != nil || reservedNames[name] {
		return sqlerr.New(sqlerr.DuplicateObject, "server %q already exists", name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return sqlerr.New(sqlerr.ObjectNotInPrerequisite, "the catalog is closed")
	}
	c.open[name] = src
	return nil
}

// Source is the open server of a name, or nil. The system tables' server is called skein.
func (c *Catalog) Source(server string) sources.Source {
	if server == Home {
		return c.cfg.System
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.open[server]
}

// Servers are the names of the open servers, sorted.
func (c *Catalog) Servers() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Sorted(maps.Keys(c.open))
}

// Definitions is the version of the declarations that the catalog serves.
func (c *Catalog) Definitions() *Definitions { return c.defs }

// Close closes every server. Idempotent.
func (c *Catalog) Close() error {
	c.mu.Lock()
	open := c.open
	c.open, c.closed = map[string]sources.Source{}, true
	c.mu.Unlock()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(open)) {
		if err := open[name].Close(); err != nil {
			errs = append(errs, fmt.Errorf("closing server %s: %w", name, err))
		}
	}
	c.cache.flights.stop()
	return errors.Join(errs...)
}
