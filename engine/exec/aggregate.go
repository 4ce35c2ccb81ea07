package exec

import (
	"context"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// aggregate groups in two phases: each partition of the input fills groups of its own, then the groups are merged, in
// parallel by their keys' hashes when there are many. Each merged part is a partition of the output.
type aggregate struct {
	run   *run
	node  *plan.Aggregate
	input relation
	out   *arrow.Schema
	exprs *keyed // keys, then the aggregates' arguments, filters and order keys
	keys  []*types.Type
	aggs  []aggSpec
	parts int
	ready *once
	final []*groups // after ready; nil entries for partitions without groups
	tally *tally
}

// aggSpec is one aggregate: where its inputs are in the extended batch, and how it accumulates.
type aggSpec struct {
	args   []int
	filter int // -1: none
	make   func() accumulator
	// twin is an earlier exact sum over the same values, whose state this one's result comes from; -1: none.
	twin int
}

func newAggregate(r *run, n *plan.Aggregate) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	a := &aggregate{run: r, node: n, input: input, out: schemaOf(n.Columns())}
	var es []expr.Expr
	for _, k := range n.Keys {
		es = append(es, k.Expr)
		a.keys = append(a.keys, k.Type)
	}
	if n.GroupingSets != nil {
		a.keys = append(a.keys, types.Int4T) // the set's number
	}
	for _, item := range n.Aggs {
		spec := aggSpec{filter: -1, twin: -1}
		if spec.make, err = newAccumulator(r, item); err != nil {
			return nil, err
		}
		for _, e := range item.Args {
			spec.args = append(spec.args, len(es))
			es = append(es, guarded(e, item.Filter))
		}
		for _, k := range item.OrderBy {
			spec.args = append(spec.args, len(es))
			es = append(es, guarded(k.Expr, item.Filter))
		}
		if item.Filter != nil {
			spec.filter = len(es)
			es = append(es, item.Filter)
		}
		a.aggs = append(a.aggs, spec)
	}
	if a.exprs, err = newKeyed(es, n.Input.Columns()); err != nil {
		return nil, err
	}
	for i := range a.aggs {
		for k, e := range a.aggs[i].args {
			a.aggs[i].args[k] = a.exprs.ords[e]
		}
		if f := a.aggs[i].filter; f >= 0 {
			a.aggs[i].filter = a.exprs.ords[f]
		}
	}
	a.findTwins()
	a.parts = 1
	if len(n.Keys) > 0 {
		a.parts = input.partitions()
	}
	a.reset()
	r.onRenew(a.reset)
	r.atEnd(a.release)
	return a, nil
}

// reset is before the first row.
func (a *aggregate) reset() {
	a.release()
	a.ready, a.final = newOnce(), make([]*groups, a.parts)
	a.tally = newTally(a.parts, a.release)
}

// guarded evaluates e only where the filter passes: what it fails on elsewhere is no error.
func guarded(e, filter expr.Expr) expr.Expr {
	switch e.(type) {
	case *expr.Column, *expr.Const:
		return e
	}
	if filter == nil {
		return e
	}
	return &expr.Case{Whens: []expr.When{{Cond: filter, Then: e}}, Typ: e.Type()}
}

// findTwins lets sum(x) and avg(x) of exact types share one state.
func (a *aggregate) findTwins() {
	for i, item := range a.node.Aggs {
		_, exact := a.aggs[i].make().(*exactSum)
		for k := 0; k < i && exact; k++ {
			if _, other := a.aggs[k].make().(*exactSum); !other || a.aggs[k].twin >= 0 {
				continue
			}
			if a.aggs[k].filter == a.aggs[i].filter && slices.Equal(a.aggs[k].args, a.aggs[i].args) &&
				types.Equal(item.Args[0].Type(), a.node.Aggs[k].Args[0].Type()) {
				a.aggs[i].twin = k
				break
			}
		}
	}
}

func (a *aggregate) schema() *arrow.Schema { return a.out }
func (a *aggregate) partitions() int       { return a.parts }
func (a *aggregate) open(part int) batch.Reader {
	return &aggregateStream{aggregate: a, part: part}
}

func (a *aggregate) release() {
	for _, g := range a.final {
		if g != nil {
			g.close()
		}
	}
}

// compute drains the input into local groups and merges them.
func (a *aggregate) compute(ctx context.Context) error {
	local := make([]*groups, a.input.partitions())
	evals := make([]*eval.Evaluator, len(local))
	for i := range local {
		local[i], evals[i] = a.newGroups(), a.exprs.open(a.run.rt.Env)
	}
	err := a.run.drain(ctx, a.input, func(part int, rec arrow.RecordBatch) error {
		defer rec.Release()
		if rec.NumRows() == 0 {
			return nil
		}
		ext, err := a.exprs.extend(evals[part], rec)
		if err != nil {
			return err
		}
		defer ext.Release()
		return local[part].sink(ext)
	})
	if err == nil {
		err = a.merge(ctx, local)
	}
	var held int64
	for _, g := range append(slices.Clone(local), a.final...) {
		if g == nil {
			continue
		}
		held += g.ledger.used
		if err != nil || !slices.Contains(a.final, g) {
			g.close()
		}
	}
	a.run.note(a.node, held)
	return err
}

// aggregateStream outputs one part of the groups.
type aggregateStream struct {
	*aggregate
	part, at int
	closed   bool
}

var _ batch.Reader = (*aggregateStream)(nil)

func (s *aggregateStream) Schema() *arrow.Schema { return s.out }

func (s *aggregateStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if err := s.ready.do(ctx, s.compute); err != nil {
		return nil, err
	}
	g := s.final[s.part]
	if g == nil || s.at == g.n() {
		return nil, io.EOF
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	from, to := s.at, min(s.at+s.run.rows, g.n())
	s.at = to
	return s.output(g, from, to)
}

// output is the groups [from, to) as a batch.
func (s *aggregateStream) output(g *groups, from, to int) (arrow.RecordBatch, error) {
	cols := make([]arrow.Array, 0, s.out.NumFields())
	fail := func(err error) (arrow.RecordBatch, error) {
		batch.ReleaseAll(cols)
		return nil, err
	}
	for k := range s.node.Keys {
		c, err := g.key(k, from, to)
		if err != nil {
			return fail(err)
		}
		cols = append(cols, c)
	}
	for _, acc := range g.accs {
		c, err := acc.result(from, to)
		if err != nil {
			return fail(err)
		}
		cols = append(cols, c)
	}
	if t := s.node.GroupingCol.Type; t != nil {
		cols = append(cols, groupingColumn(g, len(s.keys)-1, t, from, to))
	}
	return batch.NewRecord(s.out, cols, to-from), nil
}

func groupingColumn(g *groups, key int, t *types.Type, from, to int) arrow.Array {
	if g.table == nil || key < 0 {
		return fixedArray(t.Arrow(), make([]int64, to-from), nil)
	}
	words := g.table.keys[key].words[from:to]
	if t.Kind == types.Int8 {
		return fixedArray(t.Arrow(), words, nil)
	}
	out := make([]int32, len(words))
	for i, w := range words {
		out[i] = int32(w)
	}
	return fixedArray(t.Arrow(), out, nil)
}

func (s *aggregateStream) Close() error {
	if !s.closed {
		s.closed = true
		s.tally.done()
	}
	return nil
}
