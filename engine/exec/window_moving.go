package exec

import (
	"context"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/types"
)

// exactColumn computes counts, exact sums and exact variances in one pass, whatever the frames are.
func (s *windowStream) exactColumn(a *aggregated) (windowColumn, error) {
	if a.running {
		return s.runningColumn(a)
	}
	acc, err := s.accumulated(a, a.n+1)
	if err != nil {
		return nil, err
	}
	ids, before := make([]int32, a.n), make([]int32, a.n)
	for i := range ids {
		ids[i], before[i] = int32(i+1), int32(i)
	}
	if err := acc.add(ids, a.args); err != nil {
		return nil, err
	}
	if err := acc.merge(acc, before, ids); err != nil {
		return nil, err
	}
	return &differences{aggregated: a, total: acc}, nil
}

// differences are values over frames as differences of running totals: group k of total has the first k places.
type differences struct {
	*aggregated
	total accumulator
}

func (d *differences) values(_ context.Context, from, to int) (arrow.Array, error) {
	acc := d.make()
	acc.grow(to - from)
	var buf [3]span
	for i := from; i < to; i++ {
		for _, s := range d.spans(i, &buf) {
			s = d.places(s)
			switch acc := acc.(type) {
			case *counter:
				t := d.total.(*counter)
				acc.n[i-from] += t.n[s.to] - t.n[s.from]
			case *exactSum:
				t := d.total.(*exactSum)
				acc.n[i-from] += t.n[s.to] - t.n[s.from]
				acc.sum[i-from].addDifference(&t.sum[s.to], &t.sum[s.from])
			case *exactVariance:
				t := d.total.(*exactVariance)
				acc.n[i-from] += t.n[s.to] - t.n[s.from]
				acc.sum[i-from].addDifference(&t.sum[s.to], &t.sum[s.from])
				acc.squares[i-from].addDifference(&t.squares[s.to], &t.squares[s.from])
			}
		}
	}
	return acc.result(0, to-from)
}

func (s *int192) addDifference(a, b *int192) {
	var d int192
	var borrow uint64
	d[0], borrow = bits.Sub64(a[0], b[0], 0)
	d[1], borrow = bits.Sub64(a[1], b[1], borrow)
	d[2], _ = bits.Sub64(a[2], b[2], borrow)
	s.add(&d)
}

// associativeColumn computes aggregates whose parts can be put together in any way.
func (s *windowStream) associativeColumn(a *aggregated) (windowColumn, error) {
	if a.running {
		return s.runningColumn(a)
	}
	acc, err := s.accumulated(a, 2*a.n)
	if err != nil {
		return nil, err
	}
	ids := make([]int32, a.n)
	for i := range ids {
		ids[i] = int32(a.n + i)
	}
	if err := acc.add(ids, a.args); err != nil {
		return nil, err
	}
	var from, to []int32
	for i := a.n - 1; i >= 1; i-- {
		from, to = append(from, int32(2*i), int32(2*i+1)), append(to, int32(i), int32(i))
	}
	if err := acc.merge(acc, from, to); err != nil {
		return nil, err
	}
	return &treeColumn{aggregated: a, tree: acc}, nil
}

// treeColumn looks frames up in a segment tree: group n+i of tree has place i, group i what groups 2i and 2i+1 have.
type treeColumn struct {
	*aggregated
	tree     accumulator
	from, to []int32
}

func (t *treeColumn) values(_ context.Context, from, to int) (arrow.Array, error) {
	acc := t.make()
	acc.grow(to - from)
	t.from, t.to = t.from[:0], t.to[:0]
	var buf [3]span
	for i := from; i < to; i++ {
		for _, s := range t.spans(i, &buf) {
			had := len(t.from)
			t.from = treeNodes(t.from, t.places(s), t.n)
			for range len(t.from) - had {
				t.to = append(t.to, int32(i-from))
			}
		}
	}
	if err := acc.merge(t.tree, t.from, t.to); err != nil {
		return nil, err
	}
	return acc.result(0, to-from)
}

// treeNodes adds the nodes of a segment tree over n leaves that make up a span.
func treeNodes(dst []int32, s span, n int) []int32 {
	l, r := s.from+int32(n), s.to+int32(n)
	for l < r {
		if l&1 == 1 {
			dst = append(dst, l)
			l++
		}
		if r&1 == 1 {
			r--
			dst = append(dst, r)
		}
		l, r = l>>1, r>>1
	}
	return dst
}

// extremes is min or max by the place of the smallest or largest value.
type extremes struct {
	key     orderKey
	largest bool
	// first: of equal values the first counts (char(n)), else the last, as PostgreSQL's functions choose.
	first bool
}

// better is the place of the two whose value counts; -1 is none.
func (e *extremes) better(a, b int32) int32 {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	c := e.key.compare(a, &e.key, b)
	if e.largest {
		c = -c
	}
	switch {
	case c < 0:
		return a
	case c > 0:
		return b
	case e.first:
		return min(a, b)
	}
	return max(a, b)
}

// of is place i, -1 when its value is NULL.
func (e *extremes) of(i int32) int32 {
	if e.key.null != nil && e.key.null[i] {
		return -1
	}
	return i
}

func (s *windowStream) extremeColumn(a *aggregated, t *types.Type, largest bool) (windowColumn, error) {
	key, err := newOrderKey(a.args[0], t, direction{})
	if err != nil {
		return nil, err
	}
	e := &extremes{key: key, largest: largest, first: t.Kind == types.Bpchar}
	if err := s.ledger.add(int64(17 * a.n)); err != nil {
		return nil, err
	}
	if a.running {
		return runExtremes(a, e), nil
	}
	tree := make([]int32, 2*a.n)
	for i := range a.n {
		tree[a.n+i] = e.of(int32(i))
	}
	for i := a.n - 1; i >= 1; i-- {
		tree[i] = e.better(tree[2*i], tree[2*i+1])
	}
	return &extremeTree{aggregated: a, extremes: e, tree: tree}, nil
}

// runExtremes finds the places of running frames' extremes.
func runExtremes(a *aggregated, e *extremes) windowColumn {
	st := a.states()
	best := make([]int32, st.n())
	for k := range best {
		best[k] = -1
		if st.chained[k] {
			best[k] = best[k-1]
		}
		for j := st.begin[k]; j < st.end[k]; j++ {
			best[k] = e.better(best[k], e.of(j))
		}
	}
	for i, k := range st.of {
		st.of[i] = best[k]
	}
	return &statesColumn{results: a.args[0], of: st.of}
}

// extremeTree is a segment tree of extremes; see [treeColumn].
type extremeTree struct {
	*aggregated
	*extremes
	tree  []int32
	nodes []int32
	best  []int32
}

func (t *extremeTree) values(_ context.Context, from, to int) (arrow.Array, error) {
	t.best = sized(t.best, to-from)
	var buf [3]span
	for i := from; i < to; i++ {
		best := int32(-1)
		for _, s := range t.spans(i, &buf) {
			t.nodes = treeNodes(t.nodes[:0], t.places(s), t.n)
			for _, node := range t.nodes {
				best = t.better(best, t.tree[node])
			}
		}
		t.best[i-from] = best
	}
	return batch.Gather(t.args[0], t.best)
}
