// Package exec runs physical plans. A plan node is opened into a relation, whose partitions are pulled as
// batch.Readers by as many goroutines, with the state of one execution shared between them. Plans are never changed.
//
// Rules that operators keep, and that others rely on:
//
//   - Who reads a relation opens all its partitions at once, reads each in a goroutine of its own or all from one
//     that never waits for two of them, and closes every one.
//   - At any moment at most one pipeline of scans is open: builds, sinks and the inputs of a union are drained one
//     after another. So a statement needs one lane per server at least ([Needs]), and further lanes are extras.
//   - A stream starts nothing before its first Next.
//   - Batches have at most Runtime.BatchRows rows.
//   - Memory that grows with the input is reserved before it grows; a refusal is 53200.
package exec

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// Runtime is what one execution of a plan needs.
type Runtime struct {
	Env *eval.Env
	// Memory is the query's budget; nil is no limit.
	Memory *budget.Query
	// Workers is how many partitions a splittable input is read in, at least 1.
	Workers int
	// BatchRows is the most rows of a batch, 0 for batch.Rows.
	BatchRows int
	// Snapshots are the statement's, one per server of the plan's Remote nodes.
	Snapshots map[string]sources.Snapshot
	// Stats, if not nil, is filled while the plan runs.
	Stats *Stats
}

// errStopped ends goroutines whose results nobody wants any more.
var errStopped = errors.New("the reader was closed")

// Open prepares root and gives its rows as one stream; nothing runs before the first Next. ctx governs the whole
// stream. Errors carry SQLSTATEs; a plan that holds logical nodes is a bug (XX000). Close cancels what runs and waits
// for it; the snapshots stay open and belong to the caller.
func Open(ctx context.Context, root plan.Node, rt *Runtime) (batch.Reader, error) {
	r := &run{
		rt: rt, rows: rt.BatchRows, workers: max(rt.Workers, 1), shared: map[int]*shared{}, demand: demandOf(root), coded: codedOf(root),
		prompt: new(bool),
	}
	if r.rows <= 0 {
		r.rows = batch.Rows
	}
	if r.rt.Memory == nil {
		r.memory = budget.NewPool(0).Query(0)
	} else {
		r.memory = rt.Memory
	}
	r.outer = ctx
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	var rel relation
	err := guard(func() (err error) {
		rel, err = r.compile(root)
		return err
	})
	if err != nil {
		r.cancel(errStopped)
		r.release()
		return nil, err
	}
	return &result{run: r, schema: rel.schema(), stream: gathered(r, rel)}, nil
}

// run is one execution of a plan, or within it of the step of a recursive query.
type run struct {
	rt      *Runtime
	outer   context.Context // the caller's
	ctx     context.Context
	cancel  context.CancelCauseFunc
	memory  *budget.Query
	rows    int
	workers int
	shared  map[int]*shared
	demand  demand
	coded   coded
	prompt  *bool // while compiling: operators hand on what they have at once (see promptly)

	// Of the run of a recursion's step; zero for a whole execution.
	around    *run
	recursion int
	last      *lastRound
	renewals  []func()
	rounds    int64

	mu           sync.Mutex
	reservations []*budget.Reservation // guarded by mu
	closers      []func()              // guarded by mu
}

// fail ends the execution; the first error is the statement's.
func (r *run) fail(err error) { r.cancel(err) }

// reserve opens a reservation that ends with the execution at the latest.
func (r *run) reserve(operator string) *budget.Reservation {
	res := r.memory.Reserve(operator)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reservations = append(r.reservations, res)
	return res
}

// atEnd registers what is closed when the execution ends.
func (r *run) atEnd(f func()) {
	for r.around != nil {
		r = r.around
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closers = append(r.closers, f)
}

func (r *run) release() {
	r.mu.Lock()
	closers, reservations := r.closers, r.reservations
	r.closers, r.reservations = nil, nil
	r.mu.Unlock()
	// What reads was registered after what it reads, and stops first.
	for _, f := range slices.Backward(closers) {
		f()
	}
	for _, res := range reservations {
		res.Close()
	}
}

// result is the reader of a whole execution.
type result struct {
	run    *run
	schema *arrow.Schema
	stream batch.Reader
	err    error
	closed bool
}

var _ batch.Reader = (*result)(nil)

func (r *result) Schema() *arrow.Schema { return r.schema }

func (r *result) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.closed {
		return nil, errStopped
	}
	defer r.run.follow(ctx)()
	var rec arrow.RecordBatch
	err := guard(func() (err error) {
		rec, err = r.stream.Next(r.run.ctx)
		return err
	})
	switch {
	case err == nil:
		return rec, nil
	case errors.Is(err, io.EOF):
		r.err = io.EOF
	default:
		// A cancelled part reports the cancellation; what the statement failed with is its cause.
		r.run.fail(err)
		r.err = context.Cause(r.run.ctx)
	}
	return nil, r.err
}

// follow makes the end of another context that of the execution, until the function that it gives is called.
func (r *run) follow(ctx context.Context) (stop func()) {
	if ctx == r.outer || ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(done)
		r.fail(context.Cause(ctx))
	})
	return func() {
		if !unhook() {
			<-done
		}
	}
}

func (r *result) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.run.cancel(errStopped)
	err := guard(r.stream.Close)
	r.run.release()
	return err
}
