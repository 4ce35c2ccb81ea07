package sources

import (
	"context"
	"slices"
	"sync"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Connections is the process's budget of connections: so many per server, over all statements and identities. A
// statement acquires its minimum at all servers in one atomic step, first come first served, and holds nothing while
// it waits, so that statements that need the same servers in another order cannot wait for each other. Safe for
// concurrent use.
type Connections struct {
	mu      sync.Mutex
	limit   map[string]int
	used    map[string]int
	waiting []*waiter
}

type waiter struct {
	need  map[string]int
	ready chan struct{}
	given bool
}

// NewConnections is a budget without servers: a server without a limit is not limited.
func NewConnections() *Connections {
	return &Connections{limit: map[string]int{}, used: map[string]int{}}
}

// SetLimit sets a server's number of connections; 0 or less means no limit.
func (c *Connections) SetLimit(server string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n <= 0 {
		delete(c.limit, server)
	} else {
		c.limit[server] = n
	}
	c.serve()
}

// Limit is a server's number of connections, 0 for no limit.
func (c *Connections) Limit(server string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit[server]
}

// InUse is how many tokens of a server are out.
func (c *Connections) InUse(server string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used[server]
}

// Acquire takes the tokens of need (server → number) at once, waiting its turn. A need that exceeds a server's limit is
// refused up front with 53300. The lease is given back with Close.
func (c *Connections) Acquire(ctx context.Context, need map[string]int) (*Lease, error) {
	c.mu.Lock()
	for server, n := range need {
		if limit, ok := c.limit[server]; ok && n > limit {
			c.mu.Unlock()
			return nil, sqlerr.New(sqlerr.TooManyConnections,
				"the statement needs %d connections to %s at once, which may have %d", n, server, limit).
				WithHint("raise max_connections of server %s, or join fewer of its tables in one statement", server)
		}
	}
	w := &waiter{need: need, ready: make(chan struct{})}
	c.waiting = append(c.waiting, w)
	c.serve()
	c.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		if !w.given {
			c.waiting = slices.DeleteFunc(c.waiting, func(o *waiter) bool { return o == w })
			c.serve()
			return nil, context.Cause(ctx)
		}
	}
	held := make(map[string]int, len(need))
	for server, n := range need {
		held[server] = n
	}
	return &Lease{pool: c, held: held}, nil
}

// serve gives tokens to waiters in order; a waiter that must wait reserves its place at the servers that it needs, so
// that nobody behind it overtakes there.
func (c *Connections) serve() {
	blocked := map[string]bool{}
	c.waiting = slices.DeleteFunc(c.waiting, func(w *waiter) bool {
		ok := true
		for server, n := range w.need {
			limit, limited := c.limit[server]
			ok = ok && !blocked[server] && (!limited || c.used[server]+n <= limit)
		}
		for server, n := range w.need {
			if ok {
				c.used[server] += n
			} else {
				blocked[server] = true
			}
		}
		if ok {
			w.given = true
			close(w.ready)
		}
		return ok
	})
}

func (c *Connections) wanted(server string) bool {
	for _, w := range c.waiting {
		if w.need[server] > 0 {
			return true
		}
	}
	return false
}

// Lease is a statement's tokens. Safe for concurrent use.
type Lease struct {
	pool *Connections
	held map[string]int // guarded by pool.mu
}

// Extra takes one more token of a server if it is free and nobody waits for it.
func (l *Lease) Extra(server string) bool {
	c := l.pool
	c.mu.Lock()
	defer c.mu.Unlock()
	limit, limited := c.limit[server]
	if c.wanted(server) || limited && c.used[server] >= limit {
		return false
	}
	c.used[server]++
	l.held[server]++
	return true
}

// Wanted says whether somebody waits for a token of the server.
func (l *Lease) Wanted(server string) bool {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	return l.pool.wanted(server)
}

// Release gives one token of a server back: called when its socket is closed or returned to a pool of idle ones.
func (l *Lease) Release(server string) {
	c := l.pool
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.held[server] > 0 {
		l.held[server]--
		c.used[server]--
		c.serve()
	}
}

// Close gives every token back. Idempotent.
func (l *Lease) Close() {
	c := l.pool
	c.mu.Lock()
	defer c.mu.Unlock()
	for server, n := range l.held {
		c.used[server] -= n
	}
	clear(l.held)
	c.serve()
}
