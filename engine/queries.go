package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// The states of a statement in skein_catalog.queries: its names are looked up at the sources and it is planned; it waits
// for connections; its operators run; its client has rows to take, and has not asked for more.
const (
	statePlanning = "planning"
	stateWaiting  = "waiting"
	stateRunning  = "running"
	stateFetching = "fetching"
)

// query is one statement that is being planned or run.
type query struct {
	id      string
	pid     int32
	session *Session
	text    string // normalised: literals are data
	started time.Time
	cancel  context.CancelCauseFunc
	rows    atomic.Int64
	state   atomic.Value // string, one of the states
}

// queryRegistry knows what is being planned and what runs. Safe for concurrent use.
type queryRegistry struct {
	mu      sync.Mutex
	byID    map[string]*query
	nextPID int32
	done    sync.WaitGroup
}

func newQueryRegistry() *queryRegistry { return &queryRegistry{byID: map[string]*query{}} }

func (r *queryRegistry) start(s *Session, text string, cancel context.CancelCauseFunc) *query {
	q := &query{id: newID(), session: s, text: text, started: time.Now(), cancel: cancel}
	q.state.Store(statePlanning)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nextPID = r.nextPID%(1<<30) + 1
	q.pid = r.nextPID
	r.byID[q.id] = q
	r.done.Add(1)
	return q
}

func (r *queryRegistry) finish(q *query) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[q.id] == q {
		delete(r.byID, q.id)
		r.done.Done()
	}
}

// list gives the running queries, oldest first.
func (r *queryRegistry) list() []*query {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*query, 0, len(r.byID))
	for _, q := range r.byID {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b *query) int { return cmp.Compare(a.started.UnixNano(), b.started.UnixNano()) })
	return out
}

func (r *queryRegistry) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

func (r *queryRegistry) each(match func(*query) bool, cause error) bool {
	found := false
	for _, q := range r.list() {
		if match(q) {
			found = true
			q.cancel(cause)
		}
	}
	return found
}

func errCanceled() error {
	return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
}

func (r *queryRegistry) cancel(id Identity, queryID string) bool {
	return r.each(func(q *query) bool { return q.id == queryID && q.session.identity.Role == id.Role }, errCanceled())
}

func (r *queryRegistry) cancelPID(id Identity, pid int32) bool {
	return r.each(func(q *query) bool { return q.pid == pid && q.session.identity.Role == id.Role }, errCanceled())
}

func (r *queryRegistry) cancelSession(session string) {
	r.each(func(q *query) bool { return q.session.id == session },
		sqlerr.New(sqlerr.QueryCanceled, "canceling statement because its session ended"))
}

func (r *queryRegistry) cancelAll(cause error) { r.each(func(*query) bool { return true }, cause) }

func (r *queryRegistry) hasSession(session string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range r.byID {
		if q.session.id == session {
			return true
		}
	}
	return false
}

// wait returns when no query runs any more, or after limit: a result that its reader abandoned without Close never ends.
func (r *queryRegistry) wait(limit time.Duration) {
	idle := make(chan struct{})
	go func() {
		r.done.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(limit):
	}
}
