package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// orderBy is the compiled ORDER BY of a node.
type orderBy struct {
	*keyed
	dirs []direction
}

func newOrderBy(keys []plan.SortKey, cols []plan.Column) (*orderBy, error) {
	es, dirs := make([]expr.Expr, len(keys)), make([]direction, len(keys))
	for i, k := range keys {
		es[i], dirs[i] = k.Expr, direction{desc: k.Desc, nullsFirst: k.NullsFirst}
	}
	k, err := newKeyed(es, cols)
	if err != nil {
		return nil, err
	}
	return &orderBy{keyed: k, dirs: dirs}, sortable(k.types)
}

// keysOf are the order keys of an extended batch.
func (o *orderBy) keysOf(rec arrow.RecordBatch) ([]orderKey, error) {
	out := make([]orderKey, len(o.ords))
	for i, ord := range o.ords {
		var err error
		if out[i], err = newOrderKey(rec.Column(ord), o.types[i], o.dirs[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sorter orders its whole input into one stream: partitions are collected in parallel, the rows are sorted in as many
// runs as there are workers, and the runs are merged while they are read.
type sorter struct {
	run   *run
	node  plan.Node
	input relation
	out   *arrow.Schema
	by    *orderBy
}

func newSort(r *run, n *plan.Sort) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	s := &sorter{run: r, node: n, input: input, out: schemaOf(n.Columns())}
	s.by, err = newOrderBy(n.Keys, n.Input.Columns())
	return s, err
}

func (s *sorter) schema() *arrow.Schema { return s.out }
func (s *sorter) partitions() int       { return 1 }
func (s *sorter) open(int) batch.Reader { return &sortStream{sorter: s} }

type sortStream struct {
	*sorter
	sorted bool
	rec    arrow.RecordBatch
	keys   []orderKey
	runs   [][]sortItem
	rows   []int32
	ledger ledger
	closed bool
}

var _ batch.Reader = (*sortStream)(nil)

func (s *sortStream) Schema() *arrow.Schema { return s.out }

func (s *sortStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if !s.sorted {
		if err := s.sort(ctx); err != nil {
			return nil, err
		}
		s.sorted = true
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.rows = mergeRuns(s.keys, s.runs, s.rows[:0], s.run.rows)
	if len(s.rows) == 0 {
		return nil, io.EOF
	}
	cols, err := batch.GatherColumns(s.rec.Columns()[:s.out.NumFields()], s.rows)
	if err != nil {
		return nil, err
	}
	return batch.NewRecord(s.out, cols, len(s.rows)), nil
}

func (s *sortStream) sort(ctx context.Context) error {
	rec, l, err := s.run.collect(ctx, "a sort", s.input, s.by.keyed)
	s.ledger = l
	if err != nil {
		return err
	}
	s.rec = rec
	n := int(rec.NumRows())
	// Two items a row while a run is sorted, and a word for each key.
	if err := s.ledger.add(int64(n) * int64(32+9*len(s.by.ords))); err != nil {
		return err
	}
	s.run.note(s.node, s.ledger.used)
	if s.keys, err = s.by.keysOf(rec); err != nil {
		return err
	}
	s.runs, err = s.run.sortRuns(ctx, s.keys, n)
	return err
}

// parallelSort is the number of rows from which a sort is cut into a run for each worker.
const parallelSort = 32 << 10

func (r *run) sortRuns(ctx context.Context, keys []orderKey, n int) ([][]sortItem, error) {
	parts := r.workers
	if n < parallelSort {
		parts = 1
	}
	runs := make([][]sortItem, parts)
	err := r.each(ctx, parts, func(i int) error {
		from, to := n*i/parts, n*(i+1)/parts
		runs[i] = make([]sortItem, to-from)
		sortItems(keys, runs[i], int32(from))
		return nil
	})
	return runs, err
}

// mergeRuns takes the next rows, at most limit, from the heads of sorted runs, which it moves on.
func mergeRuns(keys []orderKey, runs [][]sortItem, dst []int32, limit int) []int32 {
	if len(runs) == 1 {
		n := min(limit, len(runs[0]))
		for _, it := range runs[0][:n] {
			dst = append(dst, it.row)
		}
		runs[0] = runs[0][n:]
		return dst
	}
	for len(dst) < limit {
		best := -1
		for i, r := range runs {
			if len(r) > 0 && (best < 0 || itemBefore(keys, r[0], runs[best][0])) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		dst = append(dst, runs[best][0].row)
		runs[best] = runs[best][1:]
	}
	return dst
}

func itemBefore(keys []orderKey, a, b sortItem) bool {
	if a.prefix != b.prefix {
		return a.prefix < b.prefix
	}
	return compareRows(keys, a.row, b.row) < 0
}

// collect materialises a relation, with the computed columns of k, as one batch. The ledger is the caller's to close,
// after an error too.
func (r *run) collect(ctx context.Context, name string, rel relation, k *keyed) (arrow.RecordBatch, ledger, error) {
	c := newCollector(r, name, k.out, rel.partitions())
	defer c.close()
	evals := make([]*eval.Evaluator, rel.partitions())
	for i := range evals {
		evals[i] = k.open(r.rt.Env)
	}
	err := r.drain(ctx, rel, func(part int, rec arrow.RecordBatch) error {
		defer rec.Release()
		ext, err := k.extend(evals[part], rec)
		if err != nil {
			return err
		}
		return c.add(part, ext)
	})
	if err != nil {
		return nil, ledger{res: r.reserve(name)}, err
	}
	return c.concat(ctx)
}

func (s *sortStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.rec != nil {
		s.rec.Release()
	}
	if s.ledger.res != nil {
		s.ledger.close()
	}
	return nil
}
