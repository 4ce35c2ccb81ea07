package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
)

// allocator gives plain garbage-collected memory.
var allocator = memory.NewGoAllocator()

// endBatch outputs what depends on a left row's having no match, or on its having one.
func (s *joinStream) endBatch() error {
	defer s.endRecord()
	switch s.kind {
	case plan.LeftOuter, plan.FullOuter, plan.Single:
		return s.emitUnmatched()
	case plan.LeftSemi:
		return s.emitLeft(func(r int) bool { return s.hit[r] })
	case plan.LeftAnti:
		return s.emitLeft(func(r int) bool { return !s.hit[r] })
	case plan.NullAwareAnti:
		if err := s.findNulls(); err != nil {
			return err
		}
		return s.emitLeft(func(r int) bool { return !s.hit[r] && !s.maybe[r] })
	case plan.Mark:
		if s.nullAware {
			if err := s.findNulls(); err != nil {
				return err
			}
		}
		return s.emitMarked()
	}
	return nil
}

func (s *joinStream) emitUnmatched() error {
	s.l, s.b = s.l[:0], s.b[:0]
	for r, hit := range s.hit {
		if !hit {
			s.l, s.b = append(s.l, int32(r)), append(s.b, -1)
		}
	}
	return s.emit(s.l, s.b)
}

func (s *joinStream) emitLeft(want func(r int) bool) error {
	s.sel = s.sel[:0]
	for r := range s.rows {
		if want(r) {
			s.sel = append(s.sel, int32(r))
		}
	}
	if len(s.sel) == 0 {
		return nil
	}
	cols, err := s.leftColumns(s.sel)
	if err != nil {
		return err
	}
	s.queue = append(s.queue, batch.NewRecord(s.out, cols, len(s.sel)))
	return nil
}

// emitMarked outputs the whole left batch with the mark: true, NULL or false.
func (s *joinStream) emitMarked() error {
	values, valid := make([]byte, (s.rows+7)/8), make([]byte, (s.rows+7)/8)
	nulls := 0
	for r, hit := range s.hit {
		switch {
		case hit:
			values[r>>3] |= 1 << (r & 7)
			valid[r>>3] |= 1 << (r & 7)
		case s.maybe[r]:
			nulls++
		default:
			valid[r>>3] |= 1 << (r & 7)
		}
	}
	buffers := []*memory.Buffer{memory.NewBufferBytes(valid), memory.NewBufferBytes(values)}
	data := array.NewData(arrow.FixedWidthTypes.Boolean, s.rows, buffers, nil, nulls, 0)
	defer data.Release()
	cols := append([]arrow.Array(nil), s.rec.Columns()[:len(s.leftCols)]...)
	for _, c := range cols {
		c.Retain()
	}
	s.queue = append(s.queue, batch.NewRecord(s.out, append(cols, array.MakeFromData(data)), s.rows))
	return nil
}

// findNulls marks the rows without a match whose IN is NULL: the row's own value is NULL and the set is not empty, or
// the set holds a NULL. The set of a row are the build rows that satisfy all other conditions.
func (s *joinStream) findNulls() error {
	if s.truth != nil || len(s.vecs) == 0 || s.built.rows == 0 {
		return nil
	}
	own, theirs := s.vecs[0].null, s.built.firstNull
	if own == nil && theirs == nil {
		return nil
	}
	if s.built.rest == nil {
		for r := range s.maybe {
			s.maybe[r] = theirs != nil || own[r]
		}
		return nil
	}
	return s.findNullsBeside(own, theirs)
}

func (s *joinStream) findNullsBeside(own, theirs []bool) error {
	others := s.vecs[1:]
	skip := unmatchable(others, s.nullsEqual[1:])
	if skip == nil {
		skip = make([]bool, s.rows)
	}
	for r := range skip {
		skip[r] = skip[r] || s.hit[r] || theirs == nil && !own[r]
	}
	p := &s.rest
	p.start(others, s.rows, skip)
	for len(p.sel) > 0 {
		s.l, s.b = s.l[:0], s.b[:0]
		for len(p.sel) > 0 && (len(s.l) == 0 || len(s.l)+len(p.sel) <= s.run.rows) {
			s.l, s.b = p.round(s.l, s.b)
		}
		n := 0
		for i, r := range s.l {
			if own != nil && own[r] || theirs != nil && theirs[s.b[i]] {
				s.l[n], s.b[n] = r, s.b[i]
				n++
			}
		}
		s.l, s.b = s.l[:n], s.b[:n]
		if err := s.checkPairs(); err != nil {
			return err
		}
		for _, r := range s.l {
			s.maybe[r] = true
		}
		p.drop(s.maybe)
	}
	return nil
}

// endLeft merges what this partition saw; the last one to end outputs the build rows that nobody matched.
func (s *joinStream) endLeft() error {
	s.phase = atEnd
	if !s.outer() {
		return nil
	}
	s.mu.Lock()
	if s.seen == nil {
		s.seen = make([]uint64, len(s.seenBy))
	}
	for i, w := range s.seenBy {
		s.seen[i] |= w
	}
	s.mu.Unlock()
	if s.probing.Add(-1) == 0 {
		s.phase = inTail
	}
	return nil
}

func (s *joinStream) tailMore() error {
	s.l, s.b = s.l[:0], s.b[:0]
	for ; s.tail < s.built.rows && len(s.b) < s.run.rows; s.tail++ {
		if s.seen[s.tail>>6]>>(s.tail&63)&1 == 0 {
			s.l, s.b = append(s.l, -1), append(s.b, int32(s.tail))
		}
	}
	if s.tail == s.built.rows {
		s.phase = atEnd
	}
	return s.emit(s.l, s.b)
}
