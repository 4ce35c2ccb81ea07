// Package budget accounts for memory before it is used: the process has a pool, a query a share of it, an
// operator a reservation. Reservations are asked before something grows with its input; what streams through
// is not counted. Nothing here allocates: a budget is a promise about sizes, kept by those who ask.
package budget

import (
	"sync"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Pool is the memory that all queries of a process share. Safe for concurrent use.
type Pool struct {
	mu    sync.Mutex
	limit int64
	used  int64
	peak  int64
}

// NewPool is a pool of limit bytes; 0 or less means no limit.
func NewPool(limit int64) *Pool { return &Pool{limit: limit} }

// Used and Peak are bytes reserved now and at most so far.
func (p *Pool) Used() int64 { p.mu.Lock(); defer p.mu.Unlock(); return p.used }

// Peak is the most that was ever reserved.
func (p *Pool) Peak() int64 { p.mu.Lock(); defer p.mu.Unlock(); return p.peak }

// Query opens a query's share: at most limit bytes (0 or less: the pool's).
func (p *Pool) Query(limit int64) *Query { return &Query{pool: p, limit: limit} }

// Query is one statement's share of a pool. Safe for concurrent use.
type Query struct {
	pool  *Pool
	limit int64
	used  int64 // guarded by pool.mu
	peak  int64
}

// Peak is the most that the query ever held, in bytes.
func (q *Query) Peak() int64 { q.pool.mu.Lock(); defer q.pool.mu.Unlock(); return q.peak }

// Reserve opens an empty reservation; operator names it in errors ("hash join").
func (q *Query) Reserve(operator string) *Reservation {
	return &Reservation{query: q, operator: operator}
}

// Reservation is what one operator holds. For use by one goroutine at a time.
type Reservation struct {
	query    *Query
	operator string
	held     int64
}

// Held is the number of bytes held.
func (r *Reservation) Held() int64 { return r.held }

// Grow asks for n more bytes before they are used. On refusal (53200) nothing changes.
func (r *Reservation) Grow(n int64) error {
	q, p := r.query, r.query.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if q.limit > 0 && q.used+n > q.limit {
		return r.refused(n, q.used, q.limit, "the statement's memory limit", "skein.memory_limit")
	}
	if p.limit > 0 && p.used+n > p.limit {
		return r.refused(n, p.used, p.limit, "the memory of the server", "limits.memory")
	}
	q.used += n
	p.used += n
	r.held += n
	q.peak, p.peak = max(q.peak, q.used), max(p.peak, p.used)
	return nil
}

// Resize makes the reservation hold exactly n bytes.
func (r *Reservation) Resize(n int64) error {
	if n > r.held {
		return r.Grow(n - r.held)
	}
	r.shrink(r.held - n)
	return nil
}

// Close gives everything back. It may be called more than once.
func (r *Reservation) Close() { r.shrink(r.held) }

func (r *Reservation) shrink(n int64) {
	if n == 0 {
		return
	}
	p := r.query.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	r.held -= n
	r.query.used -= n
	p.used -= n
}

func (r *Reservation) refused(n, used, limit int64, what, setting string) error {
	return sqlerr.New(sqlerr.OutOfMemory, "%s needs %d more bytes, but %s (%d bytes) has only %d left",
		r.operator, n, what, limit, max(limit-used, 0)).
		WithHint("narrow the query (fewer rows or columns into joins, groups and sorts), or raise %s", setting)
}
