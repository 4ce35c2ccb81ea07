package flightsql

import (
	"container/list"
	"crypto/rand"
	"sync"
	"time"
)

// randomID names tickets, handles, sessions and stored values: unguessable, so never reused.
type randomID [16]byte

func newID() (id randomID) {
	rand.Read(id[:]) //nolint:errcheck // crypto/rand.Read never fails: it crashes the process instead
	return id
}

// ttlStore keeps values for one time to live and within one bound, without a goroutine: what has expired goes when
// something is put. Safe for concurrent use.
type ttlStore[V any] struct {
	mu    sync.Mutex
	ttl   time.Duration
	bound int
	used  int
	items map[randomID]*list.Element
	order list.List // of *stored[V], oldest first: one ttl for all makes that the order of expiry
}

type stored[V any] struct {
	id      randomID
	value   V
	size    int
	expires time.Time
}

func newStore[V any](ttl time.Duration, bound int) *ttlStore[V] {
	return &ttlStore[V]{ttl: ttl, bound: bound, items: map[randomID]*list.Element{}}
}

// put keeps v, replacing what has the same id. Where evict is set the oldest values make room; else put refuses
// when the store is full. A value larger than the bound is always refused.
func (s *ttlStore[V]) put(id randomID, v V, size int, evict bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
	s.expire(time.Now())
	if size > s.bound || (!evict && s.used+size > s.bound) {
		return false
	}
	for s.used+size > s.bound {
		s.remove(s.order.Front())
	}
	s.items[id] = s.order.PushBack(&stored[V]{id, v, size, time.Now().Add(s.ttl)})
	s.used += size
	return true
}

// putNew is put without eviction that also refuses an id that is there: exists tells the two refusals apart.
func (s *ttlStore[V]) putNew(id randomID, v V, size int) (ok, exists bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(time.Now())
	if _, exists = s.items[id]; exists || s.used+size > s.bound {
		return false, exists
	}
	s.items[id] = s.order.PushBack(&stored[V]{id, v, size, time.Now().Add(s.ttl)})
	s.used += size
	return true, false
}

func (s *ttlStore[V]) get(id randomID) (v V, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.items[id]
	if !ok {
		return v, false
	}
	if it := e.Value.(*stored[V]); time.Now().Before(it.expires) {
		return it.value, true
	}
	return v, false
}

func (s *ttlStore[V]) delete(id randomID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
}

func (s *ttlStore[V]) drop(id randomID) {
	if e, ok := s.items[id]; ok {
		s.remove(e)
	}
}

func (s *ttlStore[V]) expire(now time.Time) {
	for e := s.order.Front(); e != nil && now.After(e.Value.(*stored[V]).expires); e = s.order.Front() {
		s.remove(e)
	}
}

func (s *ttlStore[V]) remove(e *list.Element) {
	it := s.order.Remove(e).(*stored[V])
	delete(s.items, it.id)
	s.used -= it.size
}
