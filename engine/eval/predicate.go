package eval

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/expr"
)

// Predicate is a conjunction compiled over one input. It is immutable and may be shared.
type Predicate struct {
	conds []conjunct
	prog  program
}

type conjunct struct {
	node  node
	total bool // cannot fail, so that it may run over rows that are out already
}

// NewPredicate compiles conds, boolean expressions that all have to be TRUE, over batches whose columns are in.
func NewPredicate(conds []expr.Expr, in []InputColumn) (*Predicate, error) {
	c := newCompiler(in)
	p := &Predicate{}
	for _, e := range conds {
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		p.conds = append(p.conds, conjunct{n, expr.Leakproof(e)})
	}
	c.prog.frames++
	p.prog = c.prog
	return p, nil
}

// Open makes the scratch of one goroutine; env as for [Projection.Open].
func (p *Predicate) Open(env *Env) *Selector {
	return &Selector{p: p, scratch: newScratch(&p.prog, env)}
}

// Selector evaluates a Predicate. Not for concurrent use.
type Selector struct {
	p *Predicate
	*scratch
	mask, bits []uint64
	rows       []int32
}

// Select appends to dst[:0] the indices of the rows of rec where every conjunct is TRUE, ascending. The conjuncts
// run in order; one that can fail runs only on rows that passed those before it. rec is borrowed.
func (s *Selector) Select(rec arrow.RecordBatch, dst []int32) ([]int32, error) {
	s.root.open(rec, &s.p.prog)
	n := s.root.n
	dst = dst[:0]
	if len(s.p.conds) == 0 {
		for i := range n {
			dst = append(dst, int32(i))
		}
		return dst, nil
	}
	// A prefix of conjuncts that cannot fail runs over the whole batch while it keeps most rows.
	acc, k, err := s.dense(n)
	if err != nil {
		return nil, err
	}
	dst = ones(dst, acc, n)
	for ; k < len(s.p.conds) && len(dst) > 0; k++ {
		if dst, err = s.narrow(s.p.conds[k], dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// keepDense is the share of rows (one in keepDense) from which on a conjunct runs over the whole batch rather than
// over gathered rows: gathering a value costs about four comparisons (BenchmarkSelect).
const keepDense = 4

// dense evaluates leading conjuncts over the whole batch: the first always, others while they cannot fail and enough
// rows are left. It gives the rows left and the number of conjuncts done.
func (s *Selector) dense(n int) (acc []uint64, k int, err error) {
	s.mask = grow(s.mask, words(n))
	acc = s.mask
	fill(acc, ^uint64(0))
	for k = 0; k < len(s.p.conds); k++ {
		if k > 0 && (!s.p.conds[k].total || countBits(acc, n)*keepDense < n) {
			break
		}
		v, err := s.p.conds[k].node.eval(s.scratch, &s.root)
		if err != nil {
			return nil, k, err
		}
		t, err := trueBits(v, &s.bits)
		if err != nil {
			return nil, k, err
		}
		for i := range acc {
			acc[i] &= t[i]
		}
	}
	return acc, k, nil
}

// narrow keeps the rows at sel where c is TRUE.
func (s *Selector) narrow(c conjunct, sel []int32) ([]int32, error) {
	n := s.root.n
	f := &s.root
	whole := c.total && len(sel)*keepDense >= n || len(sel) == n
	if !whole {
		f = s.frames[len(s.frames)-1].narrow(&s.root, sel)
	}
	v, err := c.node.eval(s.scratch, f)
	if err != nil {
		return nil, err
	}
	t, err := trueBits(v, &s.bits)
	if err != nil {
		return nil, err
	}
	s.rows = append(s.rows[:0], sel...)
	out := sel[:0]
	for i, r := range s.rows {
		at := i
		if whole {
			at = int(r)
		}
		if bitAt(t, at) {
			out = append(out, r)
		}
	}
	return out, nil
}
