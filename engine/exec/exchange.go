package exec

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
)

// newExchange changes the number of partitions. Operators that care for order give one partition already, so Merge
// only has to keep it.
func newExchange(r *run, n *plan.Exchange) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	switch n.Kind {
	case plan.Hash:
		return newRepartition(r, n, input)
	case plan.Merge:
		if input.partitions() > 1 {
			return newMerge(r, n, input)
		}
	}
	return &gather{run: r, input: input}, nil
}

// gather makes one stream of all partitions, in any order.
type gather struct {
	run   *run
	input relation
}

func (g *gather) schema() *arrow.Schema { return g.input.schema() }
func (g *gather) partitions() int       { return 1 }
func (g *gather) open(int) batch.Reader { return gathered(g.run, g.input) }

// gathered is rel as one stream.
func gathered(r *run, rel relation) batch.Reader {
	if rel.partitions() == 1 {
		return rel.open(0)
	}
	return &gatherStream{run: r, input: rel}
}

// gatherStream reads each partition in a goroutine of its own. A send transfers a batch; a cancelled sender releases.
type gatherStream struct {
	run    *run
	input  relation
	crew   *crew
	ch     chan arrow.RecordBatch
	closed bool
}

var _ batch.Reader = (*gatherStream)(nil)

func (g *gatherStream) Schema() *arrow.Schema { return g.input.schema() }

func (g *gatherStream) start() {
	g.crew = newCrew(g.run)
	streams := openAll(g.input)
	g.ch = make(chan arrow.RecordBatch, len(streams))
	var running sync.WaitGroup
	running.Add(len(streams))
	for _, s := range streams {
		// Done comes after a failure is known: a channel that closes without one is the end of the rows.
		g.crew.launch(func(ctx context.Context) error { return pump(ctx, s, g.ch) }, running.Done)
	}
	g.crew.launch(func(context.Context) error {
		running.Wait()
		close(g.ch)
		return nil
	})
}

// pump sends a stream's batches until it ends, and closes it.
func pump(ctx context.Context, s batch.Reader, ch chan<- arrow.RecordBatch) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	for {
		rec, err := s.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case ch <- rec:
		case <-ctx.Done():
			rec.Release()
			return context.Cause(ctx)
		}
	}
}

func (g *gatherStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if g.closed {
		return nil, io.EOF
	}
	if g.crew == nil {
		g.start()
	}
	select {
	case rec, ok := <-g.ch:
		if ok {
			return rec, nil
		}
		// The channel closes after an error too: what failed first is the execution's cause.
		if err := context.Cause(g.crew.ctx); err != nil {
			return nil, err
		}
		return nil, io.EOF
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (g *gatherStream) Close() error {
	if g.closed {
		return nil
	}
	g.closed = true
	if g.crew == nil {
		return nil
	}
	g.crew.stop(errStopped)
	for rec := range g.ch {
		rec.Release()
	}
	g.crew.close()
	return nil
}
