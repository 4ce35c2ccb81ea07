package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// joinStream probes with one partition of the left input.
type joinStream struct {
	*join
	left      batch.Reader
	keys      *eval.Evaluator
	selector  *eval.Selector
	truthEval *eval.Evaluator
	small     *batch.Coalescer

	main   prober
	rest   prober
	vecs   []keyVec
	rec    arrow.RecordBatch // the current left batch, extended; nil: none
	rows   int
	l, b   []int32 // pairs with equal keys, not yet checked
	sel    []int32
	hit    []bool // left rows of the batch that matched
	maybe  []bool // left rows of the batch with a comparison that was NULL
	seenBy []uint64

	queue []arrow.RecordBatch
	phase probePhase
	blank []arrow.Array
	tail  int // the next build row to look at in the tail
}

type probePhase uint8

const (
	beforeBuild probePhase = iota
	inProbe
	inTail
	atEnd
)

var _ batch.Reader = (*joinStream)(nil)

func (s *joinStream) Schema() *arrow.Schema { return s.out }

func (s *joinStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		if len(s.queue) > 0 {
			rec := s.queue[0]
			s.queue = s.queue[1:]
			out, err := s.small.Push(rec)
			if out != nil || err != nil {
				return out, err
			}
			continue
		}
		if s.phase == atEnd {
			out, err := s.small.Flush()
			if out == nil && err == nil {
				err = io.EOF
			}
			return out, err
		}
		if err := s.step(ctx); err != nil {
			return nil, err
		}
	}
}

// step does the next piece of work, which may put batches into the queue.
func (s *joinStream) step(ctx context.Context) error {
	switch s.phase {
	case beforeBuild:
		return s.begin(ctx)
	case inProbe:
		if s.rec != nil {
			return s.probeMore()
		}
		return s.nextLeft(ctx)
	case inTail:
		return s.tailMore()
	}
	return nil
}

func (s *joinStream) begin(ctx context.Context) error {
	if err := s.ready.do(ctx, s.build); err != nil {
		return err
	}
	b := s.built
	s.main = prober{t: b.table, build: b.keys}
	if b.rest != nil {
		s.rest = prober{t: b.rest, build: b.keys[1:]}
	}
	if s.outer() {
		s.seenBy = make([]uint64, (b.rows+63)/64)
	}
	s.phase = inProbe
	if b.rows == 0 && (s.kind == plan.Inner || s.kind == plan.LeftSemi || s.kind == plan.RightOuter) {
		s.phase = atEnd
	}
	return nil
}

func (s *joinStream) nextLeft(ctx context.Context) error {
	rec, err := s.left.Next(ctx)
	if errors.Is(err, io.EOF) {
		return s.endLeft()
	}
	if err != nil {
		return err
	}
	defer rec.Release()
	if rec.NumRows() == 0 {
		return nil
	}
	if s.rec, err = s.probe.extend(s.keys, rec); err != nil {
		return err
	}
	s.rows = int(rec.NumRows())
	if s.vecs, err = s.probe.vectors(s.rec, s.vecs); err != nil {
		return err
	}
	s.hit, s.maybe = zeroed(s.hit, s.rows), zeroed(s.maybe, s.rows)
	s.main.start(s.vecs, s.rows, unmatchable(s.vecs, s.nullsEqual))
	return nil
}

// probeMore handles as many candidates of the current left batch as fill one output batch, or ends the batch.
func (s *joinStream) probeMore() error {
	s.l, s.b = s.l[:0], s.b[:0]
	p := &s.main
	for len(p.sel) > 0 && (len(s.l) == 0 || len(s.l)+len(p.sel) <= s.run.rows) {
		s.l, s.b = p.round(s.l, s.b)
		if !s.pairs() && s.check == nil && s.truth == nil {
			// A match is all that counts: the row needs no further candidates.
			for _, r := range s.l {
				s.hit[r] = true
			}
			s.l, s.b = s.l[:0], s.b[:0]
			p.drop(s.hit)
		}
	}
	if err := s.matchPairs(); err != nil {
		return err
	}
	if len(p.sel) > 0 {
		return nil
	}
	return s.endBatch()
}

// matchPairs checks the pairs collected and notes or outputs what remains.
func (s *joinStream) matchPairs() error {
	if len(s.l) == 0 {
		return nil
	}
	if err := s.checkPairs(); err != nil {
		return err
	}
	if s.truth != nil {
		if err := s.truthOfPairs(); err != nil {
			return err
		}
	}
	if s.kind == plan.Single {
		for _, r := range s.l {
			if s.hit[r] {
				return sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
			}
			s.hit[r] = true
		}
	}
	for _, r := range s.l {
		s.hit[r] = true
	}
	if !s.pairs() {
		s.main.drop(s.hit)
		return nil
	}
	for _, r := range s.b {
		if s.seenBy == nil {
			break
		}
		s.seenBy[r>>6] |= 1 << (r & 63)
	}
	return s.emit(s.l, s.b)
}

// checkPairs keeps the pairs that satisfy the condition.
func (s *joinStream) checkPairs() error {
	if s.check == nil || len(s.l) == 0 {
		return nil
	}
	rec, err := s.pairBatch(s.checkRead, s.l, s.b)
	if err != nil {
		return err
	}
	defer rec.Release()
	if s.sel, err = s.selector.Select(rec, s.sel[:0]); err != nil {
		return err
	}
	for i, at := range s.sel {
		s.l[i], s.b[i] = s.l[at], s.b[at]
	}
	s.l, s.b = s.l[:len(s.sel)], s.b[:len(s.sel)]
	return nil
}

// truthOfPairs keeps the pairs whose comparison is true, and notes the rows where it is NULL.
func (s *joinStream) truthOfPairs() error {
	if len(s.l) == 0 {
		return nil
	}
	rec, err := s.pairBatch(s.truthRead, s.l, s.b)
	if err != nil {
		return err
	}
	defer rec.Release()
	cols, err := s.truthEval.Eval(rec)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(cols)
	truth, err := batch.Plain(cols[0])
	if err != nil {
		return err
	}
	defer truth.Release()
	is := truth.(*array.Boolean)
	n := 0
	for i := range s.l {
		switch {
		case is.IsNull(i):
			s.maybe[s.l[i]] = true
		case is.Value(i):
			s.l[n], s.b[n] = s.l[i], s.b[i]
			n++
		}
	}
	s.l, s.b = s.l[:n], s.b[:n]
	return nil
}

// pairBatch gathers the columns that a condition reads, of pairs of rows.
func (s *joinStream) pairBatch(read pairColumns, l, b []int32) (arrow.RecordBatch, error) {
	cols := make([]arrow.Array, 0, len(read.left)+len(read.right))
	fields := make([]arrow.Field, 0, cap(cols))
	add := func(rec arrow.RecordBatch, ord int, rows []int32) error {
		c, err := batch.Gather(rec.Column(ord), rows)
		if err == nil {
			cols, fields = append(cols, c), append(fields, arrow.Field{Type: c.DataType(), Nullable: true})
		}
		return err
	}
	for _, ord := range read.left {
		if err := add(s.rec, ord, l); err != nil {
			return nil, err
		}
	}
	for _, ord := range read.right {
		if err := add(s.built.rec, s.slot[ord], b); err != nil {
			return nil, err
		}
	}
	return batch.NewRecord(arrow.NewSchema(fields, nil), cols, len(l)), nil
}

// emit outputs pairs; a negative row is a row of NULLs.
func (s *joinStream) emit(l, b []int32) error {
	if len(l) == 0 {
		return nil
	}
	cols := make([]arrow.Array, 0, len(s.leftCols)+len(s.rightCols))
	left, err := s.leftColumns(l)
	if err != nil {
		return err
	}
	cols = append(cols, left...)
	for i := range s.rightCols {
		at := len(s.leftCols) + i
		if s.unread[at] {
			cols = append(cols, s.nothing(at, len(l)))
			continue
		}
		c, err := batch.Gather(s.built.rec.Column(s.slot[i]), b)
		if err != nil {
			batch.ReleaseAll(cols)
			return err
		}
		cols = append(cols, c)
	}
	s.queue = append(s.queue, batch.NewRecord(s.out, cols, len(l)))
	return nil
}

// nothing stands in the place of an output column that nobody reads: NULLs in memory that all batches share.
func (s *joinStream) nothing(col, n int) arrow.Array {
	if s.blank == nil {
		s.blank = make([]arrow.Array, len(s.unread))
	}
	if s.blank[col] == nil || s.blank[col].Len() < n {
		s.blank[col] = array.MakeArrayOfNull(allocator, s.out.Field(col).Type, max(n, s.run.rows))
	}
	return array.NewSlice(s.blank[col], 0, int64(n))
}

// leftColumns gathers the left side of pairs; when every row occurs once and in order it is the batch itself.
func (s *joinStream) leftColumns(l []int32) ([]arrow.Array, error) {
	if s.rec == nil { // the tail: all rows are NULL
		out := make([]arrow.Array, len(s.leftCols))
		for i := range out {
			c, err := batch.Gather(array.MakeArrayOfNull(allocator, s.out.Field(i).Type, 0), l)
			if err != nil {
				batch.ReleaseAll(out)
				return nil, err
			}
			out[i] = c
		}
		return out, nil
	}
	out, whole := make([]arrow.Array, len(s.leftCols)), len(l) == s.rows && identity(l)
	for i := range out {
		c := s.rec.Column(i)
		switch {
		case whole:
			c.Retain()
		case s.unread[i]:
			c = s.nothing(i, len(l))
		default:
			var err error
			if c, err = batch.Gather(c, l); err != nil {
				batch.ReleaseAll(out)
				return nil, err
			}
		}
		out[i] = c
	}
	return out, nil
}

func identity(rows []int32) bool {
	for i, r := range rows {
		if int(r) != i {
			return false
		}
	}
	return true
}

func (s *joinStream) Close() error {
	if s.left == nil {
		return nil
	}
	err := s.left.Close()
	s.left = nil
	s.phase = atEnd
	s.endRecord()
	for _, r := range s.queue {
		r.Release()
	}
	s.queue = nil
	s.small.Close()
	s.tally.done()
	return err
}

func (s *joinStream) endRecord() {
	if s.rec != nil {
		s.rec.Release()
		s.rec = nil
	}
}
