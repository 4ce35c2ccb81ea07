package exec

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// Stats is what EXPLAIN ANALYZE shows of an execution. The zero value is ready. Safe for concurrent use.
type Stats struct {
	mu    sync.Mutex
	nodes map[plan.Node]*NodeStats
}

// NodeStats counts one plan node's output over all its partitions. Safe for concurrent use.
type NodeStats struct {
	Rows, Batches atomic.Int64
	// Nanos is the time that partitions spent in the node and below it, summed over partitions.
	Nanos atomic.Int64
	// Memory is the most bytes that the node reserved at once; 0 for nodes that only stream.
	Memory atomic.Int64
	// Partitions is how many partitions the node ran in.
	Partitions atomic.Int64
	// Rounds is how often the step of a Recursive ran, at most in one run of it.
	Rounds atomic.Int64
	// Read is what a Remote read from its server.
	Read sources.ReadStats
}

// Node is the node's counters, or nil when the node did not run.
func (s *Stats) Node(n plan.Node) *NodeStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nodes[n]
}

func (s *Stats) node(n plan.Node) *NodeStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nodes == nil {
		s.nodes = map[plan.Node]*NodeStats{}
	}
	if s.nodes[n] == nil {
		s.nodes[n] = &NodeStats{}
	}
	return s.nodes[n]
}

// memory notes how much a node holds.
func (r *run) note(n plan.Node, bytes int64) {
	if r.rt.Stats == nil {
		return
	}
	m := &r.rt.Stats.node(n).Memory
	for old := m.Load(); bytes > old && !m.CompareAndSwap(old, bytes); old = m.Load() {
	}
}

// noteRound notes a recursion's round, and what the recursion holds.
func (r *run) noteRound(n plan.Node, rounds, bytes int64) {
	if r.rt.Stats == nil {
		return
	}
	m := &r.rt.Stats.node(n).Rounds
	for old := m.Load(); rounds > old && !m.CompareAndSwap(old, rounds); old = m.Load() {
	}
	r.note(n, bytes)
}

// counted counts what a relation yields.
type counted struct {
	relation
	run   *run
	stats *NodeStats
}

func (c *counted) open(part int) batch.Reader {
	if c.run.rounds <= 1 {
		c.stats.Partitions.Add(1)
	}
	return &countedStream{Reader: c.relation.open(part), stats: c.stats}
}

type countedStream struct {
	batch.Reader
	stats *NodeStats
}

func (c *countedStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	start := time.Now()
	rec, err := c.Reader.Next(ctx)
	c.stats.Nanos.Add(int64(time.Since(start)))
	if err == nil {
		c.stats.Rows.Add(rec.NumRows())
		c.stats.Batches.Add(1)
	}
	return rec, err
}
