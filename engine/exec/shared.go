package exec

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
)

// shared computes its input once, in goroutines of its own, and keeps it for all who read it.
type shared struct {
	run     *run
	node    *plan.Shared
	input   relation
	started atomic.Bool
	crew    *crew
	done    chan struct{}
	parts   *collector
	recs    []arrow.RecordBatch // after done
}

// sharedView is one place that reads a shared input. Its partitions take batches by turns.
type sharedView struct {
	*shared
	out *arrow.Schema
	at  atomic.Int64
}

func newShared(r *run, n *plan.Shared) (relation, error) {
	s := r.shared[n.ID]
	if s == nil {
		input, err := r.compile(n.Input)
		if err != nil {
			return nil, err
		}
		s = &shared{run: r, node: n, input: input, done: make(chan struct{}), crew: newCrew(r)}
		s.parts = newCollector(r, "a shared subquery", input.schema(), input.partitions())
		r.shared[n.ID] = s
		r.atEnd(func() {
			s.crew.close()
			s.parts.close()
		})
	}
	return &sharedView{shared: s, out: schemaOf(n.Cols)}, nil
}

func (s *sharedView) schema() *arrow.Schema { return s.out }
func (s *sharedView) partitions() int       { return s.input.partitions() }
func (s *sharedView) open(int) batch.Reader { return &sharedStream{sharedView: s} }

// wait starts the computation if nobody did, and waits for its end.
func (s *shared) wait(ctx context.Context) error {
	if s.started.CompareAndSwap(false, true) {
		s.crew.launch(func(ctx context.Context) error {
			err := s.run.drain(ctx, s.input, s.parts.add)
			s.recs = s.parts.batches()
			s.run.note(s.node, s.parts.held())
			return err
		}, func() { close(s.done) })
	}
	select {
	case <-s.done:
		return context.Cause(s.crew.ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

type sharedStream struct {
	*sharedView
	closed bool
}

var _ batch.Reader = (*sharedStream)(nil)

func (s *sharedStream) Schema() *arrow.Schema { return s.out }

func (s *sharedStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	at := int(s.at.Add(1)) - 1
	if at >= len(s.recs) {
		return nil, io.EOF
	}
	return renamed(s.out, s.recs[at]), nil
}

// renamed is rec, borrowed, under another schema of the same types.
func renamed(schema *arrow.Schema, rec arrow.RecordBatch) arrow.RecordBatch {
	cols := append([]arrow.Array(nil), rec.Columns()...)
	for _, c := range cols {
		c.Retain()
	}
	return batch.NewRecord(schema, cols, int(rec.NumRows()))
}

func (s *sharedStream) Close() error {
	s.closed = true
	return nil
}
