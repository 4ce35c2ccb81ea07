// Package postgres reads PostgreSQL servers (and those that speak its protocol and know its catalogs): binary COPY
// decoded straight into Arrow buffers, parallel over ranges of pages inside one exported snapshot, and the extended
// protocol for reads with parameters and look-ups of keys.
//
// A statement's transaction is REPEATABLE READ READ ONLY, and everything it sets is SET LOCAL, so that poolers in
// transaction mode can stand between. Tables are locked in ACCESS SHARE mode, which only DDL conflicts with, before
// the snapshot is taken: without that, a snapshot sees old catalogs and reads a truncated or rewritten table as empty.
package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// Kind is the name that the package registers under.
const Kind = "postgres"

// Register makes the kind known to a registry.
func Register(r *sources.Registry) {
	r.Register(Kind, func(ctx context.Context, c sources.Config) (sources.Source, error) { return Open(ctx, c) })
}

// Source is one server. Safe for concurrent use.
type Source struct {
	name    string
	options options
	limits  sources.Limits
	budget  *sources.Connections
	log     *slog.Logger

	mu     sync.Mutex
	idle   map[string][]*conn // by pool key, the longest idle first
	open   int                // sockets: idle, busy and being dialled
	closed bool
}

var _ sources.Source = (*Source)(nil)

// Open makes a source of a server's declaration, without connecting to it. Options are host, port, dbname, sslmode and
// other words of libpq's connection strings, or a url; max_connections (8); statement_timeout, lock_timeout and
// idle_in_transaction_session_timeout as PostgreSQL writes them; application_name; pooler ('transaction' sends no
// startup parameters). What is not given comes from the PG* environment and the password file, as in libpq.
func Open(_ context.Context, c sources.Config) (*Source, error) {
	o, err := readOptions(c)
	if err != nil {
		return nil, fmt.Errorf("opening server %s: %w", c.Name, err)
	}
	s := &Source{
		name: c.Name, options: o, limits: o.limits, budget: c.Connections, log: c.Log, idle: map[string][]*conn{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.budget == nil {
		s.budget = sources.NewConnections()
	}
	s.budget.SetLimit(s.name, o.maxConnections)
	return s, nil
}

// Capabilities says what Plan takes.
func (s *Source) Capabilities() sources.Capabilities {
	return sources.Capabilities{
		Filter: true, Project: true, Limit: true, TopN: true, Barrier: true,
		Functions: sqltext.Postgres.Functions(), Lookup: true, LookupBatch: 10_000,
		RoundTrip: 0.000_3, RowCost: 0.000_001, MaxLanes: s.options.maxConnections,
	}
}

// Close closes idle connections; those in use are closed when they are given back.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	var all []*conn
	for key, list := range s.idle {
		all = append(all, list...)
		delete(s.idle, key)
	}
	s.mu.Unlock()
	for _, c := range all {
		s.discard(c)
	}
	return nil
}

// take gives a connection of an identity: an idle one, else a new one. The caller holds a token for it.
func (s *Source) take(ctx context.Context, id sources.Identity) (*conn, error) {
	key := poolKey(id)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, s.failed("connecting", errClosed)
	}
	if list := s.idle[key]; len(list) > 0 {
		c := list[len(list)-1]
		s.idle[key] = list[:len(list)-1]
		s.mu.Unlock()
		c.leaveIdle()
		return c, nil
	}
	victim := s.makeRoom()
	s.open++
	s.mu.Unlock()
	if victim != nil {
		s.discard(victim)
	}
	c, err := s.dial(ctx, id)
	if err != nil {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
		return nil, err
	}
	return c, nil
}

// makeRoom takes another identity's idle connection out of the pool when sockets are at their limit. Tokens are at most
// the limit, so that there is one.
func (s *Source) makeRoom() *conn {
	if s.open < s.options.maxConnections {
		return nil
	}
	for key, list := range s.idle {
		if len(list) > 0 {
			s.idle[key] = list[1:]
			return list[0]
		}
	}
	return nil
}

// give takes a connection back that is in no transaction.
func (s *Source) give(c *conn) {
	s.mu.Lock()
	if s.closed || c.pg.IsClosed() || c.pg.TxStatus() != 'I' {
		s.mu.Unlock()
		s.discard(c)
		return
	}
	s.idle[c.key] = append(s.idle[c.key], c)
	c.timer = time.AfterFunc(idleConnection, func() { s.expire(c) })
	s.mu.Unlock()
}

// idleConnection is how long a connection waits for its next use before it is closed.
const idleConnection = 2 * time.Minute

func (s *Source) expire(c *conn) {
	s.mu.Lock()
	list := s.idle[c.key]
	for i, other := range list {
		if other == c {
			s.idle[c.key] = append(list[:i:i], list[i+1:]...)
			s.mu.Unlock()
			s.discard(c)
			return
		}
	}
	s.mu.Unlock()
}

func (s *Source) discard(c *conn) {
	c.leaveIdle()
	c.close()
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
}

func poolKey(id sources.Identity) string { return id.Key + "\x00" + id.User }
