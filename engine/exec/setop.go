package exec

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// newSetOp runs UNION ALL as an append and the others as groups of equal rows with a count per input.
func newSetOp(r *run, n *plan.SetOp) (relation, error) {
	if n.Op == plan.Union && n.All {
		return newUnion(r, n)
	}
	if n.Op == plan.Union {
		all := &plan.SetOp{Op: plan.Union, All: true, Inputs: n.Inputs, Cols: n.Cols}
		keys := make([]plan.Item, len(n.Cols))
		for i, c := range n.Cols {
			keys[i] = plan.Item{Column: c, Expr: c.Ref()}
		}
		if len(keys) == 0 {
			return newLimit(r, &plan.Limit{Input: all, Count: justOne}) // rows without columns are all equal
		}
		return newAggregate(r, &plan.Aggregate{Input: all, Keys: keys})
	}
	return newBag(r, n)
}

var justOne = &expr.Const{Typ: types.Int8T, Value: int64(1)}

// union appends its inputs: every partition reads its part of the first, waits until all have ended there, and goes on
// with the next, so that one input's lanes are open at a time.
type union struct {
	run    *run
	inputs []relation
	out    *arrow.Schema
	parts  int
	gates  []*gate
}

// gate opens when as many streams as a relation has partitions have ended.
type gate struct {
	wg   sync.Mutex
	left int
	open chan struct{}
}

func (g *gate) done() {
	g.wg.Lock()
	defer g.wg.Unlock()
	if g.left--; g.left == 0 {
		close(g.open)
	}
}

func newUnion(r *run, n *plan.SetOp) (relation, error) {
	u := &union{run: r, out: schemaOf(n.Cols), parts: 1}
	for _, in := range n.Inputs {
		rel, err := r.compile(in)
		if err != nil {
			return nil, err
		}
		u.inputs = append(u.inputs, rel)
		u.parts = max(u.parts, rel.partitions())
		g := &gate{left: rel.partitions(), open: make(chan struct{})}
		u.gates = append(u.gates, g)
	}
	r.onRenew(u.shut)
	return u, nil
}

// shut closes the gates again.
func (u *union) shut() {
	for i, in := range u.inputs {
		u.gates[i] = &gate{left: in.partitions(), open: make(chan struct{})}
	}
}

func (u *union) schema() *arrow.Schema { return u.out }
func (u *union) partitions() int       { return u.parts }

func (u *union) open(part int) batch.Reader {
	s := &unionStream{union: u}
	for _, in := range u.inputs {
		var r batch.Reader
		if part < in.partitions() {
			r = in.open(part)
		}
		s.readers = append(s.readers, r)
	}
	return s
}

type unionStream struct {
	*union
	readers []batch.Reader // nil: this partition has no part of the input, or is done with it
	at      int
}

var _ batch.Reader = (*unionStream)(nil)

func (s *unionStream) Schema() *arrow.Schema { return s.out }

func (s *unionStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for s.at < len(s.readers) {
		if s.readers[s.at] == nil {
			if s.at+1 < len(s.readers) {
				select {
				case <-s.gates[s.at].open:
				case <-ctx.Done():
					return nil, context.Cause(ctx)
				}
			}
			s.at++
			continue
		}
		rec, err := s.readers[s.at].Next(ctx)
		if errors.Is(err, io.EOF) {
			if err := s.end(s.at); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		defer rec.Release()
		return renamed(s.out, rec), nil
	}
	return nil, io.EOF
}

func (s *unionStream) end(i int) error {
	r := s.readers[i]
	if r == nil {
		return nil
	}
	s.readers[i] = nil
	defer s.gates[i].done()
	return r.Close()
}

func (s *unionStream) Close() error {
	var errs []error
	for i := range s.readers {
		errs = append(errs, s.end(i))
	}
	s.at = len(s.readers)
	return errors.Join(errs...)
}

// bag is INTERSECT and EXCEPT, with ALL or without: equal rows are a group with a count per input.
type bag struct {
	run   *run
	node  *plan.SetOp
	left  relation
	right relation
	out   *arrow.Schema
	quick bool   // see promptly
	keys  *keyed // all columns, of either input
	rkeys *keyed
}

func newBag(r *run, n *plan.SetOp) (relation, error) {
	b := &bag{run: r, node: n, out: schemaOf(n.Cols), quick: *r.prompt}
	var err error
	if b.left, err = r.compile(n.Inputs[0]); err != nil {
		return nil, err
	}
	if b.right, err = r.compile(n.Inputs[1]); err != nil {
		return nil, err
	}
	if b.keys, err = allColumns(n.Inputs[0].Columns(), n.Cols); err != nil {
		return nil, err
	}
	b.rkeys, err = allColumns(n.Inputs[1].Columns(), n.Cols)
	return b, err
}

func allColumns(cols, typed []plan.Column) (*keyed, error) {
	es := make([]expr.Expr, len(cols))
	for i, c := range cols {
		c.Type = typed[i].Type
		es[i] = c.Ref()
	}
	return newKeyed(es, cols)
}

func (b *bag) schema() *arrow.Schema { return b.out }
func (b *bag) partitions() int       { return 1 }
func (b *bag) open(int) batch.Reader {
	return &bagStream{bag: b, ledger: ledger{res: b.run.reserve("a set operation")}, small: b.run.coalescer(b.out, b.quick)}
}

// bagStream counts the right input's rows by group, then passes left rows as the counts allow.
type bagStream struct {
	*bag
	ledger ledger
	table  *groupTable
	counts []int64
	hash   hasher
	vecs   []keyVec
	ids    []int32
	sel    []int32
	input  batch.Reader
	small  *batch.Coalescer
	ended  bool
}

var _ batch.Reader = (*bagStream)(nil)

func (s *bagStream) Schema() *arrow.Schema { return s.out }

func (s *bagStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.table == nil && !s.ended {
		if err := s.countRight(ctx); err != nil {
			return nil, err
		}
		s.input = gathered(s.run, s.left)
	}
	for !s.ended {
		rec, err := s.input.Next(ctx)
		if errors.Is(err, io.EOF) {
			s.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		out, err := s.pass(rec)
		rec.Release()
		if err != nil {
			return nil, err
		}
		if out == nil {
			continue
		}
		if out, err = s.small.Push(out); out != nil || err != nil {
			return out, err
		}
	}
	out, err := s.small.Flush()
	if out == nil && err == nil {
		err = io.EOF
	}
	return out, err
}

func (s *bagStream) countRight(ctx context.Context) error {
	s.table = newGroupTable(s.keys.types, &s.ledger)
	in := gathered(s.run, s.right)
	for {
		rec, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return in.Close()
		}
		if err != nil {
			return errors.Join(err, in.Close())
		}
		err = s.number(rec, s.rkeys)
		rec.Release()
		if err != nil {
			return errors.Join(err, in.Close())
		}
		for _, g := range s.ids {
			s.counts[g]++
		}
	}
}

// number finds the groups of a batch's rows.
func (s *bagStream) number(rec arrow.RecordBatch, k *keyed) error {
	n := int(rec.NumRows())
	var err error
	if s.vecs, err = k.vectors(rec, s.vecs); err != nil {
		return err
	}
	s.ids = sized(s.ids, n)
	if err := s.table.find(s.vecs, s.hash.hash(s.vecs, n), s.ids); err != nil {
		return err
	}
	s.counts = grown(s.counts, s.table.n)
	return nil
}

// pass is the left rows of a batch that are part of the answer. A count below zero marks a group that was output or
// must not be.
func (s *bagStream) pass(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	if err := s.number(rec, s.keys); err != nil {
		return nil, err
	}
	s.sel = s.sel[:0]
	intersect := s.node.Op == plan.Intersect
	for i, g := range s.ids {
		c := &s.counts[g]
		matched := *c > 0
		switch {
		case *c < 0:
			continue
		case s.node.All && matched:
			*c--
		case !s.node.All:
			*c = -1
		}
		if matched == intersect {
			s.sel = append(s.sel, int32(i))
		}
	}
	if len(s.sel) == 0 {
		return nil, nil
	}
	cols, err := batch.GatherColumns(rec.Columns(), s.sel)
	if err != nil {
		return nil, err
	}
	return batch.NewRecord(s.out, cols, len(s.sel)), nil
}

func (s *bagStream) Close() error {
	s.ended = true
	s.small.Close()
	s.ledger.close()
	if s.input == nil {
		return nil
	}
	in := s.input
	s.input = nil
	return in.Close()
}
