package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/types"
)

// aggregated is an aggregate's input: the arguments at the rows that its filter lets pass, in order. A "place" is such
// a row's number.
type aggregated struct {
	*frames
	args   []arrow.Array
	n      int     // places
	before []int32 // how many places come before each row; nil: all rows are places
	make   func() accumulator
}

// aggregateColumn chooses how an aggregate is computed over the frames. Frames that begin with their partition only
// grow, and are folded on from row to row. Of moving frames, exact sums and counts are differences of running ones;
// other aggregates whose order of evaluation does not matter are looked up in a tree of partial results; what is left
// (floats, whose sums depend on the order, and lists) is computed frame by frame, as PostgreSQL does.
func (s *windowStream) aggregateColumn(it *windowItem) (windowColumn, error) {
	kept, before, err := s.kept(it)
	if err != nil {
		return nil, err
	}
	a := &aggregated{frames: s.frames, n: s.layout.n, before: before, make: it.make}
	if kept != nil {
		a.n = len(kept)
	}
	if a.args, err = s.arguments(it, kept); err != nil {
		return nil, err
	}
	if kept != nil {
		s.own(a.args)
	}
	if name := it.Fn.Name; (name == "min" || name == "max") && sortable([]*types.Type{it.Args[0].Type()}) == nil {
		return s.extremeColumn(a, it.Args[0].Type(), name == "max")
	}
	switch acc := it.make().(type) {
	case *counter:
		return s.exactColumn(a)
	case *exactSum:
		if acc.kind != numericValues {
			return s.exactColumn(a)
		}
		return s.associativeColumn(a)
	case *exactVariance:
		if !acc.isWide() {
			return s.exactColumn(a)
		}
		return s.associativeColumn(a)
	case *boolFold, *bitFold[int16], *bitFold[int32], *bitFold[int64]:
		return s.associativeColumn(a)
	case *floatSum[float32], *floatSum[float64], *floatMoments, *regression:
		if a.running {
			return s.sequentialColumn(a)
		}
	}
	return &recomputed{aggregated: a, ledger: &s.ledger}, nil
}

// own makes arrays the stream's to release.
func (s *windowStream) own(as []arrow.Array) {
	for _, a := range as {
		s.sorted[-1-len(s.sorted)] = a
	}
}

// places turns rows into places.
func (a *aggregated) places(s span) span {
	if a.before == nil {
		return s
	}
	return span{a.before[s.from], a.before[s.to]}
}

func (a *aggregated) place(row int32) int32 {
	if a.before == nil {
		return row
	}
	return a.before[row]
}

// recomputed is an aggregate that is computed anew for every frame.
type recomputed struct {
	*aggregated
	ledger *ledger
	rows   []int32
	ids    []int32
}

// recomputeChunk is how many rows of frames are gathered before they are folded in; recomputeRows is how many an
// accumulator gets before its results are taken and another one begins, so that lists over large frames are not all held
// at once.
const (
	recomputeChunk = 32 << 10
	recomputeRows  = 1 << 20
)

func (r *recomputed) values(ctx context.Context, from, to int) (arrow.Array, error) {
	var parts []arrow.Array
	defer func() { batch.ReleaseAll(parts) }()
	for from < to {
		end, rows := from, int64(0)
		var buf [3]span
		for end < to && (end == from || rows < recomputeRows) {
			for _, s := range r.spans(end, &buf) {
				s = r.places(s)
				rows += int64(s.to - s.from)
			}
			end++
		}
		part, err := r.some(ctx, from, end)
		if err != nil {
			return nil, err
		}
		parts, from = append(parts, part), end
	}
	return batch.Concat(parts)
}

// some are the values of a few rows.
func (r *recomputed) some(ctx context.Context, from, to int) (arrow.Array, error) {
	acc := r.make()
	acc.grow(to - from)
	held := r.ledger.used
	r.rows, r.ids = r.rows[:0], r.ids[:0]
	var buf [3]span
	for i := from; i < to; i++ {
		for _, s := range r.spans(i, &buf) {
			s = r.places(s)
			for s.from < s.to {
				for ; s.from < s.to && len(r.rows) < recomputeChunk; s.from++ {
					r.rows, r.ids = append(r.rows, s.from), append(r.ids, int32(i-from))
				}
				if len(r.rows) < recomputeChunk {
					continue
				}
				if err := r.fold(ctx, acc, held); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := r.fold(ctx, acc, held); err != nil {
		return nil, err
	}
	out, err := acc.result(0, to-from)
	if err != nil {
		return nil, err
	}
	return out, r.ledger.set(held)
}

// fold gives an accumulator the rows that have been gathered.
func (r *recomputed) fold(ctx context.Context, acc accumulator, held int64) error {
	args, err := batch.GatherColumns(r.args, r.rows)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(args)
	if err := acc.add(r.ids, args); err != nil {
		return err
	}
	r.rows, r.ids = r.rows[:0], r.ids[:0]
	if err := r.ledger.set(held + acc.bytes()); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// statesColumn is an aggregate that has been computed for as many states as frames differ.
type statesColumn struct {
	results arrow.Array
	of      []int32 // the state of each row
	one     bool    // each row has a state of its own
}

func (c *statesColumn) values(_ context.Context, from, to int) (arrow.Array, error) {
	if c.one {
		return array.NewSlice(c.results, int64(from), int64(to)), nil
	}
	return batch.Gather(c.results, c.of[from:to])
}
