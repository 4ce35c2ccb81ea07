package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
)

// topN keeps the first rows of each partition in sorted buffers, whose last row is a cut-off for what comes, and sorts
// what they leave. A LIMIT too large for that is a sort.
type topN struct {
	run   *run
	node  *plan.Limit
	input relation
	out   *arrow.Schema
	by    *orderBy
}

// topNMost is the number of rows up to which a buffer is kept.
const topNMost = 100_000

func newTopN(r *run, n *plan.Limit, input relation) (relation, error) {
	t := &topN{run: r, node: n, input: input, out: schemaOf(n.Columns())}
	var err error
	t.by, err = newOrderBy(n.Keys, n.Input.Columns())
	return t, err
}

func (t *topN) schema() *arrow.Schema { return t.out }
func (t *topN) partitions() int       { return 1 }

func (t *topN) open(int) batch.Reader {
	s := &sorter{run: t.run, node: t.node, input: t.input, out: t.out, by: t.by}
	return &topNStream{topN: t, sorted: &sortStream{sorter: s}}
}

type topNStream struct {
	*topN
	sorted *sortStream
	begun  bool
	skip   int64
	left   int64
	closed bool
}

var _ batch.Reader = (*topNStream)(nil)

func (s *topNStream) Schema() *arrow.Schema { return s.out }

func (s *topNStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if !s.begun {
		if err := s.begin(ctx); err != nil {
			return nil, err
		}
		s.begun = true
	}
	for s.left != 0 {
		rec, err := s.sorted.Next(ctx)
		if err != nil {
			return nil, err
		}
		from := min(s.skip, rec.NumRows())
		s.skip -= from
		to := rec.NumRows()
		if s.left > 0 {
			to = min(to, from+s.left)
			s.left -= to - from
		}
		if from == 0 && to == rec.NumRows() {
			return rec, nil
		}
		out := rec.NewSlice(from, to)
		rec.Release()
		if out.NumRows() > 0 {
			return out, nil
		}
		out.Release()
	}
	return nil, io.EOF
}

// begin evaluates the bounds and fills the buffers.
func (s *topNStream) begin(ctx context.Context) error {
	var err error
	if s.left, s.skip, err = s.run.bounds(s.node); err != nil {
		return err
	}
	if s.left <= 0 || s.left > topNMost || s.skip > topNMost {
		return nil // nothing, or a plain sort
	}
	return s.fill(ctx, int(s.left+s.skip))
}

func (s *topNStream) fill(ctx context.Context, n int) error {
	c := newCollector(s.run, "a top-N sort", s.by.out, s.input.partitions())
	defer c.close()
	buffers := make([]*topBuffer, s.input.partitions())
	for i := range buffers {
		buffers[i] = &topBuffer{topN: s.topN, n: n, eval: s.by.open(s.run.rt.Env), ledger: ledger{res: s.run.reserve("a top-N sort")}}
	}
	defer func() {
		for _, b := range buffers {
			b.close()
		}
	}()
	err := s.run.drain(ctx, s.input, func(part int, rec arrow.RecordBatch) error { return buffers[part].add(rec) })
	if err != nil {
		return err
	}
	for i, b := range buffers {
		for _, rec := range b.recs {
			rec.Retain()
			if err := c.add(i, rec); err != nil {
				return err
			}
		}
	}
	rec, l, err := c.concat(ctx)
	out := s.sorted
	out.ledger = l
	if err != nil {
		return err
	}
	out.rec = rec
	if out.keys, err = s.by.keysOf(rec); err != nil {
		return err
	}
	out.runs, err = s.run.sortRuns(ctx, out.keys, int(rec.NumRows()))
	out.sorted = true
	return err
}

// topBuffer is one partition's candidates for the first n rows.
type topBuffer struct {
	*topN
	n      int
	eval   *eval.Evaluator
	recs   []arrow.RecordBatch
	rows   int
	cutoff uint64 // rows whose first key's prefix is larger cannot be among the first n
	full   bool
	sel    []int32
	ledger ledger
}

// add takes rec over.
func (b *topBuffer) add(rec arrow.RecordBatch) error {
	defer rec.Release()
	ext, err := b.by.extend(b.eval, rec)
	if err != nil {
		return err
	}
	if b.full {
		if ext, err = b.cut(ext); err != nil || ext == nil {
			return err
		}
	}
	plain, err := batch.PlainRecord(ext)
	ext.Release()
	if err != nil {
		return err
	}
	if err := b.ledger.add(batch.EncodedBytes(plain)); err != nil {
		plain.Release()
		return err
	}
	b.recs = append(b.recs, plain)
	b.rows += int(plain.NumRows())
	if b.rows > 2*b.n+4*batch.Rows {
		return b.compact()
	}
	return nil
}

// cut takes ext over and drops rows behind the cut-off, nil when none is left.
func (b *topBuffer) cut(ext arrow.RecordBatch) (arrow.RecordBatch, error) {
	k, err := newOrderKey(ext.Column(b.by.ords[0]), b.by.types[0], b.by.dirs[0])
	if err != nil {
		ext.Release()
		return nil, err
	}
	b.sel = b.sel[:0]
	for r := range int(ext.NumRows()) {
		if k.prefix(r) <= b.cutoff {
			b.sel = append(b.sel, int32(r))
		}
	}
	if len(b.sel) == int(ext.NumRows()) {
		return ext, nil
	}
	defer ext.Release()
	if len(b.sel) == 0 {
		return nil, nil
	}
	return batch.GatherRecord(ext, b.sel)
}

// compact keeps the first n rows only.
func (b *topBuffer) compact() error {
	whole, err := batch.ConcatRecords(b.by.out, b.recs)
	if err != nil {
		return err
	}
	defer whole.Release()
	keys, err := b.by.keysOf(whole)
	if err != nil {
		return err
	}
	rows := sortedRows(keys, b.rows)
	if len(rows) > b.n {
		rows = rows[:b.n]
	}
	kept, err := batch.GatherRecord(whole, rows)
	if err != nil {
		return err
	}
	b.close()
	b.recs, b.rows = append(b.recs, kept), len(rows)
	if len(rows) == b.n && b.n > 0 {
		b.full, b.cutoff = true, keys[0].prefix(int(rows[b.n-1]))
	}
	return b.ledger.set(batch.EncodedBytes(kept))
}

func (b *topBuffer) close() {
	for _, r := range b.recs {
		r.Release()
	}
	b.recs = nil
	b.ledger.close()
}

func (s *topNStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.sorted.Close()
}
