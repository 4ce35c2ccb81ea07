package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// relation is a plan node in one execution: the state that its partitions share.
type relation interface {
	schema() *arrow.Schema
	partitions() int
	// open gives a partition's stream; each is opened at most once, and all or none of them. In the step of a recursive
	// query that holds for one round.
	open(part int) batch.Reader
}

// compile opens a node and everything below.
func (r *run) compile(n plan.Node) (relation, error) {
	rel, err := r.compileNode(n)
	if err != nil {
		return nil, err
	}
	if r.rt.Stats != nil {
		rel = &counted{relation: rel, run: r, stats: r.rt.Stats.node(n)}
	}
	if wrap := relationHook; wrap != nil {
		rel = wrap(r, rel)
	}
	return rel, nil
}

func (r *run) compileNode(n plan.Node) (relation, error) {
	switch n := n.(type) {
	case *plan.Remote:
		return newRemote(r, n)
	case *plan.Values:
		return newValues(r, n)
	case *plan.ProjectSet:
		return newProjectSet(r, n)
	case *plan.Filter:
		return newFilter(r, n)
	case *plan.Project:
		return newProject(r, n)
	case *plan.SecurityBarrier:
		return r.compile(n.Input)
	case *plan.HashJoin:
		return newHashJoin(r, n)
	case *plan.NestedLoopJoin:
		return newNestedLoop(r, n)
	case *plan.Aggregate:
		return newAggregate(r, n)
	case *plan.Sort:
		return newSort(r, n)
	case *plan.Limit:
		return newLimit(r, n)
	case *plan.SetOp:
		return newSetOp(r, n)
	case *plan.Shared:
		return newShared(r, n)
	case *plan.Recursive:
		return newRecursive(r, n)
	case *plan.WorkTable:
		return newWorkTable(r, n)
	case *plan.Exchange:
		return newExchange(r, n)
	case *plan.Window:
		return newWindow(r, n)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "a logical %T node reached the executor", n)
}

// relationHook, set by tests alone before anything runs, wraps every relation.
var relationHook func(*run, relation) relation

// schemaOf is the logical schema of columns.
func schemaOf(cols []plan.Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func inputOf(cols []plan.Column) []eval.InputColumn {
	out := make([]eval.InputColumn, len(cols))
	for i, c := range cols {
		out[i] = eval.InputColumn{ID: c.ID, Type: c.Type}
	}
	return out
}

// project compiles expressions over columns.
func project(es []expr.Expr, cols []plan.Column) (*eval.Projection, error) {
	return eval.NewProjection(es, inputOf(cols))
}

// drain pulls every partition of rel to its end in parallel and gives each batch to sink, which owns it; sink is
// called by one goroutine per partition. Streams are closed before it returns, and so their lanes.
func (r *run) drain(ctx context.Context, rel relation, sink func(part int, rec arrow.RecordBatch) error) error {
	streams := openAll(rel)
	return r.parallel(ctx, len(streams), func(ctx context.Context, i int) (err error) {
		defer func() { err = errors.Join(err, streams[i].Close()) }()
		for {
			rec, err := streams[i].Next(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := sink(i, rec); err != nil {
				return err
			}
		}
	})
}

func openAll(rel relation) []batch.Reader {
	streams := make([]batch.Reader, rel.partitions())
	for i := range streams {
		streams[i] = rel.open(i)
	}
	return streams
}

// once is work that the first of several streams does and the others wait for.
type once struct {
	started atomic.Bool
	done    chan struct{}
	err     error // written before done is closed
}

func newOnce() *once { return &once{done: make(chan struct{})} }

// do runs f in the first caller; all callers get its error. f's failure is final.
func (o *once) do(ctx context.Context, f func(ctx context.Context) error) error {
	if o.started.CompareAndSwap(false, true) {
		o.err = guard(func() error { return f(ctx) })
		close(o.done)
		return o.err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tally calls last when as many streams as a relation has partitions were closed.
type tally struct {
	left atomic.Int32
	last func()
}

func newTally(n int, last func()) *tally {
	t := &tally{last: last}
	t.left.Store(int32(n))
	return t
}

func (t *tally) done() {
	if t.left.Add(-1) == 0 {
		t.last()
	}
}

func checkColumns(what string, rec arrow.RecordBatch, schema *arrow.Schema) error {
	if int(rec.NumCols()) != schema.NumFields() {
		return sqlerr.New(sqlerr.InternalError, "%s gave a batch of %d columns instead of %d", what, rec.NumCols(),
			schema.NumFields())
	}
	for i, f := range schema.Fields() {
		got := rec.Column(i).DataType()
		if d, ok := got.(*arrow.DictionaryType); ok {
			got = d.ValueType
		}
		if !arrow.TypeEqual(got, f.Type) {
			return fmt.Errorf("%w", sqlerr.New(sqlerr.InternalError, "%s gave column %d (%s) as %s instead of %s", what,
				i+1, f.Name, got, f.Type))
		}
	}
	return nil
}
