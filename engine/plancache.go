package engine

import (
	"container/list"
	"sync"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// planCacheSize is how many plans are kept: a few hundred statements of a service, at some 10 kB each.
const planCacheSize = 512

// maxCachedText is the longest statement, in bytes, whose plan is kept: a tree is many times as large as its text, which
// may have megabytes, and long lists of literals do not come twice.
const maxCachedText = 64 << 10

// planKey is everything that a plan depends on besides the tables, which are verified when it runs.
type planKey struct {
	sql, searchPath, zone, pushdown, numeric, uuid, json, role, version string
	workers                                                             int
}

// planned is a statement ready to run. Immutable.
type planned struct {
	stmt      *parse.Statement
	bound     *bind.Bound
	root      plan.Node
	converter *interchange.Converter
	// fails is the error that every run of the statement ends with before it reads anything; nil for nearly all.
	fails error
	// text is the statement without its literals, fingerprint a hash of that: literals are data and stay out of logs.
	text, fingerprint string
	// shadowable: a table that is created at a source may change what the statement means, so it is bound each time.
	shadowable bool
	// declared are the types of parameters that PREPARE gave.
	declared []*types.Type
	// kept: the plan is one for the cache, under its statement's text. Written before the plan is shared.
	kept bool
}

// planCache keeps the plans that were used last. Safe for concurrent use.
type planCache struct {
	mu    sync.Mutex
	limit int
	order *list.List // of *cached, most recently used first
	byKey map[planKey]*list.Element
}

type cached struct {
	key  planKey
	plan *planned
}

func newPlanCache(limit int) *planCache {
	return &planCache{limit: limit, order: list.New(), byKey: map[planKey]*list.Element{}}
}

func (c *planCache) get(k planKey) *planned {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.byKey[k]
	if el == nil {
		return nil
	}
	c.order.MoveToFront(el)
	return el.Value.(*cached).plan
}

// put keeps a plan, unless its text is too long.
func (c *planCache) put(k planKey, p *planned) {
	if len(k.sql) > maxCachedText || p.shadowable {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.byKey[k]; el != nil {
		el.Value.(*cached).plan = p
		c.order.MoveToFront(el)
		return
	}
	c.byKey[k] = c.order.PushFront(&cached{k, p})
	if c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byKey, last.Value.(*cached).key)
	}
}

// drop removes one plan, if it is still the one that is kept.
func (c *planCache) drop(k planKey, p *planned) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.byKey[k]; el != nil && el.Value.(*cached).plan == p {
		c.order.Remove(el)
		delete(c.byKey, k)
	}
}
