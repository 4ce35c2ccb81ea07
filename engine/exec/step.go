package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
)

// A recursive query's step is compiled once and opened once a round. What its operators hold belongs to a run of its
// own, which is renewed before each round: relations are as new then, and their streams may be opened again. What does
// not read the last round is compiled in the run around, and stays as it is (see keeper).

// step is the run of the step of a recursion.
func (r *run) step(recursion int) *run {
	s := &run{
		rt: r.rt, outer: r.outer, ctx: r.ctx, cancel: r.cancel, memory: r.memory, rows: r.rows, workers: r.workers,
		shared: r.shared, demand: r.demand, coded: r.coded, prompt: r.prompt, around: r, recursion: recursion,
	}
	r.atEnd(s.release)
	return s
}

// keeper is the run that n belongs to: the innermost around the place of n in which what n yields can change from round to
// round.
func (r *run) keeper(n plan.Node) *run {
	if r.around == nil {
		return r
	}
	reads := plan.WorkTables(n)
	for r.around != nil && !reads[r.recursion] {
		r = r.around
	}
	return r
}

// lastRound is the work table of a recursion around.
func (r *run) lastRound(recursion int) *lastRound {
	for ; r != nil; r = r.around {
		if r.recursion == recursion && r.last != nil {
			return r.last
		}
	}
	return nil
}

// onRenew registers, while a relation is compiled, what makes it as new.
func (r *run) onRenew(f func()) {
	if r.around != nil {
		r.renewals = append(r.renewals, f)
	}
}

// renew makes everything that belongs to a step as new, readers before what they read: a shared subplan or an exchange may
// still run below streams that are closed, until its renewal joins it.
func (r *run) renew() {
	for _, f := range slices.Backward(r.renewals) {
		f()
	}
	r.rounds++ // what ran till now reads it
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, res := range r.reservations {
		res.Close()
	}
	clear(r.reservations)
	r.reservations = r.reservations[:0]
}

// coalescer joins small batches, unless they have to be handed on at once.
func (r *run) coalescer(schema *arrow.Schema, prompt bool) *batch.Coalescer {
	if prompt {
		return batch.NewCoalescer(schema, 1)
	}
	return batch.NewCoalescer(schema, r.rows)
}

// promptly compiles n for a reader that may stop before the end of a recursion below: what waited for more rows there
// would read on for ever, or into an error that nobody asked for.
func (r *run) promptly(n plan.Node) (relation, error) {
	if *r.prompt || !recurses(n) {
		return r.compile(n)
	}
	*r.prompt = true
	defer func() { *r.prompt = false }()
	return r.compile(n)
}

func recurses(n plan.Node) bool {
	return holds(n, func(n plan.Node) bool { _, is := n.(*plan.Recursive); return is })
}

func readsSource(n plan.Node) bool {
	return holds(n, func(n plan.Node) bool { _, is := n.(*plan.Remote); return is })
}

func holds(n plan.Node, is func(plan.Node) bool) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		found = found || is(n)
		return !found
	})
	return found
}
