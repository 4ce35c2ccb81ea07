package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// limit passes some rows of one stream. It closes its input as soon as it has them.
type limit struct {
	run   *run
	node  *plan.Limit
	input relation
	out   *arrow.Schema
	ties  *orderBy // nil: none
}

func newLimit(r *run, n *plan.Limit) (relation, error) {
	input, err := r.promptly(n.Input)
	if err != nil {
		return nil, err
	}
	if len(n.Keys) > 0 && !n.Ties {
		return newTopN(r, n, input)
	}
	l := &limit{run: r, node: n, input: input, out: schemaOf(n.Columns())}
	if n.Ties {
		l.ties, err = newOrderBy(n.Keys, n.Input.Columns())
	}
	return l, err
}

func (l *limit) schema() *arrow.Schema { return l.out }
func (l *limit) partitions() int       { return 1 }
func (l *limit) open(int) batch.Reader {
	return &limitStream{limit: l, input: gathered(l.run, l.input)}
}

// bounds evaluates LIMIT and OFFSET; count is -1 for no limit.
func (r *run) bounds(n *plan.Limit) (count, offset int64, err error) {
	count = -1
	if n.Count != nil {
		v, null, err := r.int8Value(n.Count)
		if err != nil {
			return 0, 0, err
		}
		if v < 0 && !null {
			return 0, 0, sqlerr.New(sqlerr.InvalidLimit, "LIMIT must not be negative")
		}
		if !null {
			count = v
		}
	}
	if n.Offset != nil {
		v, _, err := r.int8Value(n.Offset)
		if err != nil {
			return 0, 0, err
		}
		if v < 0 {
			return 0, 0, sqlerr.New(sqlerr.InvalidOffset, "OFFSET must not be negative")
		}
		offset = v
	}
	return count, offset, nil
}

// int8Value evaluates an expression without columns.
func (r *run) int8Value(e expr.Expr) (v int64, null bool, err error) {
	cols, err := r.constants([]expr.Expr{e})
	if err != nil {
		return 0, false, err
	}
	defer batch.ReleaseAll(cols)
	if cols[0].IsNull(0) {
		return 0, true, nil
	}
	a, ok := cols[0].(*array.Int64)
	if !ok {
		return 0, false, sqlerr.New(sqlerr.InternalError, "a count of rows has type %s instead of bigint", e.Type())
	}
	return a.Value(0), false, nil
}

// constants evaluates expressions without columns to arrays of one plain value each.
func (r *run) constants(es []expr.Expr) ([]arrow.Array, error) {
	p, err := project(es, nil)
	if err != nil {
		return nil, err
	}
	one := array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 1)
	defer one.Release()
	cols, err := p.Open(r.rt.Env).Eval(one)
	if err != nil {
		return nil, err
	}
	defer batch.ReleaseAll(cols)
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		if out[i], err = batch.Plain(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type limitStream struct {
	*limit
	input    batch.Reader
	started  bool
	ended    bool
	closed   bool
	skip     int64
	left     int64 // rows still to pass, -1: all
	lastKeys []orderKey
	lastRow  int32
	lastRec  arrow.RecordBatch // keeps lastKeys' memory
}

var _ batch.Reader = (*limitStream)(nil)

func (s *limitStream) Schema() *arrow.Schema { return s.out }

func (s *limitStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if !s.started {
		s.started = true
		var err error
		if s.left, s.skip, err = s.run.bounds(s.node); err != nil {
			return nil, err
		}
		s.ended = s.left == 0
	}
	for !s.ended {
		rec, err := s.input.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		out, err := s.take(rec)
		rec.Release()
		if out != nil || err != nil {
			return out, err
		}
	}
	s.ended = true
	// Whatever feeds the rest need not run on.
	if err := s.closeInput(); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// take passes the rows of a borrowed batch that count, nil for none.
func (s *limitStream) take(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	n := rec.NumRows()
	from := min(s.skip, n)
	s.skip -= from
	to := n
	if s.left >= 0 {
		to = min(n, from+s.left)
	}
	if s.left > 0 {
		s.left -= to - from
	}
	if s.ties != nil && s.left == 0 {
		var err error
		if to, err = s.extendTies(rec, to); err != nil {
			return nil, err
		}
	} else if s.left == 0 {
		s.ended = true
	}
	if from >= to {
		return nil, nil
	}
	return rec.NewSlice(from, to), nil
}

// extendTies moves to behind the rows that are equal to the last row that counts.
func (s *limitStream) extendTies(rec arrow.RecordBatch, to int64) (int64, error) {
	ext, err := s.ties.extend(s.ties.open(s.run.rt.Env), rec)
	if err != nil {
		return 0, err
	}
	keys, err := s.ties.keysOf(ext)
	if err != nil {
		ext.Release()
		return 0, err
	}
	if s.lastKeys == nil {
		s.lastKeys, s.lastRow, s.lastRec = keys, int32(to-1), ext
	} else {
		defer ext.Release()
	}
	for to < rec.NumRows() && compareAcross(s.lastKeys, s.lastRow, keys, int32(to)) == 0 {
		to++
	}
	s.ended = to < rec.NumRows()
	return to, nil
}

func (s *limitStream) closeInput() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.input.Close()
}

func (s *limitStream) Close() error {
	s.ended = true
	if s.lastRec != nil {
		s.lastRec.Release()
		s.lastRec = nil
	}
	return s.closeInput()
}
