package exec

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
)

// shared computes its input once and keeps it for all who read it: in goroutines of its own, or, where a recursion might
// not end, only as far as somebody reads.
type shared struct {
	run     *run // in which it is computed
	node    *plan.Shared
	input   relation
	started atomic.Bool
	crew    *crew
	done    chan struct{}
	parts   *collector
	recs    []arrow.RecordBatch // after done
	lazy    *lazily             // nil: all at once
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
		s = &shared{run: r.keeper(n), node: n}
		var err error
		if s.input, err = s.compile(); err != nil {
			return nil, err
		}
		s.reset()
		r.shared[n.ID] = s
		s.run.onRenew(func() {
			s.release()
			s.reset()
		})
		r.atEnd(s.release)
	}
	v := &sharedView{shared: s, out: schemaOf(n.Cols)}
	r.onRenew(func() { v.at.Store(0) })
	return v, nil
}

// compile prepares the input. One that reads a source is not left half read: its lane would be missing elsewhere.
func (s *shared) compile() (relation, error) {
	if !recurses(s.node.Input) || readsSource(s.node.Input) {
		return s.run.compile(s.node.Input)
	}
	s.lazy = &lazily{turn: make(chan struct{}, 1)}
	return s.run.promptly(s.node.Input)
}

// reset is before anybody reads.
func (s *shared) reset() {
	s.started.Store(false)
	s.done, s.crew, s.recs = make(chan struct{}), newCrew(s.run), nil
	s.parts = newCollector(s.run, "a shared subquery", s.input.schema(), s.input.partitions())
	if s.lazy != nil {
		*s.lazy = lazily{turn: s.lazy.turn}
	}
}

func (s *shared) release() {
	s.crew.close()
	if s.lazy != nil {
		s.lazy.close()
	}
	s.parts.close()
}

func (s *sharedView) schema() *arrow.Schema { return s.out }
func (s *sharedView) open(int) batch.Reader { return &sharedStream{sharedView: s} }

func (s *sharedView) partitions() int {
	if s.lazy != nil {
		return 1
	}
	return s.input.partitions()
}

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

// lazily is the state of an input that is read as far as somebody needs it, by whoever has the turn.
type lazily struct {
	turn   chan struct{}
	stream batch.Reader
	ended  bool
	err    error
}

func (l *lazily) close() {
	if l.stream != nil {
		_ = l.stream.Close() // its failure, if it had one, was that of whoever read it
		l.stream = nil
	}
}

// batch is the at-th batch of the input; io.EOF behind the last.
func (s *shared) batch(ctx context.Context, at int) (arrow.RecordBatch, error) {
	if s.lazy == nil {
		if err := s.wait(ctx); err != nil {
			return nil, err
		}
		if at >= len(s.recs) {
			return nil, io.EOF
		}
		return s.recs[at], nil
	}
	l := s.lazy
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-l.turn }()
	for at >= len(s.parts.parts[0]) && !l.ended && l.err == nil {
		l.err = s.read(l)
	}
	switch {
	case at < len(s.parts.parts[0]):
		return s.parts.parts[0][at], nil
	case l.err != nil:
		return nil, l.err
	}
	return nil, io.EOF
}

// read takes one more batch. A reader that is stopped meanwhile must not stop the others: the execution's context counts.
func (s *shared) read(l *lazily) error {
	if l.stream == nil {
		l.stream = gathered(s.run, s.input)
	}
	rec, err := l.stream.Next(s.run.ctx)
	if errors.Is(err, io.EOF) {
		l.ended = true
		l.close()
		s.run.note(s.node, s.parts.held())
		return nil
	}
	if err != nil {
		return err
	}
	return s.parts.add(0, rec)
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
	rec, err := s.batch(ctx, int(s.at.Add(1))-1)
	if err != nil {
		return nil, err
	}
	return renamed(s.out, rec), nil
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
