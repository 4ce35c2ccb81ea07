package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// recursive is a recursive query, evaluated semi-naively: each round runs the step over the rows that the round before
// added, and over nothing else (PostgreSQL's RecursiveUnion). Rows are passed on as they come; no round begins before its
// rows are asked for. It has one partition; what the step does not read of the last round may have several.
type recursive struct {
	run   *run
	step  *run
	node  *plan.Recursive
	start relation
	round relation
	out   *arrow.Schema
	keys  *keyed // all columns; nil for UNION ALL
}

func newRecursive(r *run, n *plan.Recursive) (relation, error) {
	q := &recursive{run: r, step: r.step(n.ID), node: n, out: schemaOf(n.Cols)}
	var err error
	if q.start, err = r.compile(n.Start); err != nil {
		return nil, err
	}
	q.step.last = &lastRound{}
	if q.round, err = q.step.compile(n.Step); err != nil {
		return nil, err
	}
	if !n.All {
		q.keys, err = allColumns(n.Cols, n.Cols)
	}
	return q, err
}

func (q *recursive) schema() *arrow.Schema { return q.out }
func (q *recursive) partitions() int       { return 1 }

func (q *recursive) open(int) batch.Reader {
	s := &recursiveStream{
		recursive: q, input: gathered(q.run, q.start), seen: ledger{res: q.run.reserve("a recursive query")},
		last: newCollector(q.run, "a recursive query", q.out, 1), next: newCollector(q.run, "a recursive query", q.out, 1),
	}
	if q.keys != nil {
		s.table = newGroupTable(q.keys.types, &s.seen)
	}
	return s
}

type recursiveStream struct {
	*recursive
	input      batch.Reader // of the start or of a round; nil between them
	last, next *collector   // the rows that the last round added, and those of this one
	rounds     int64

	table *groupTable // the rows that were there, for UNION
	seen  ledger
	hash  hasher
	vecs  []keyVec
	ids   []int32

	closed bool
}

var _ batch.Reader = (*recursiveStream)(nil)

func (s *recursiveStream) Schema() *arrow.Schema { return s.out }

func (s *recursiveStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for !s.closed {
		if s.input == nil {
			if err := s.begin(ctx); err != nil {
				return nil, err
			}
		}
		rec, err := s.input.Next(ctx)
		if errors.Is(err, io.EOF) {
			in := s.input
			s.input = nil
			if err := in.Close(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		out, err := s.add(rec)
		rec.Release()
		if out != nil || err != nil {
			return out, err
		}
	}
	return nil, io.EOF
}

// begin starts a round over what the one before added, io.EOF when that was nothing.
func (s *recursiveStream) begin(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.step.renew() // what still runs there reads the rows that go now
	s.last, s.next = s.next, s.last
	s.next.close()
	s.step.last.recs = s.last.batches()
	if len(s.step.last.recs) == 0 {
		if err := s.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	s.rounds++
	s.run.noteRound(s.node, s.rounds, s.last.held()+s.seen.used)
	s.input = gathered(s.step, s.round)
	return nil
}

// add gives the rows of a borrowed batch that count, nil for none, and keeps them for the next round.
func (s *recursiveStream) add(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	if rec.NumRows() == 0 {
		return nil, nil
	}
	fresh, err := s.unseen(rec)
	if fresh == nil || err != nil {
		return nil, err
	}
	plain, err := batch.PlainRecord(fresh)
	fresh.Release()
	if err != nil {
		return nil, err
	}
	plain.Retain() // for the collector
	if err := s.next.add(0, plain); err != nil {
		plain.Release()
		return nil, err
	}
	return plain, nil
}

// unseen are the rows that were not there before, under the query's schema.
func (s *recursiveStream) unseen(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	if s.table == nil {
		return renamed(s.out, rec), nil
	}
	n := int(rec.NumRows())
	var err error
	if s.vecs, err = s.keys.vectors(rec, s.vecs); err != nil {
		return nil, err
	}
	s.ids = sized(s.ids, n)
	if err := s.table.find(s.vecs, s.hash.hash(s.vecs, n), s.ids); err != nil {
		return nil, err
	}
	switch len(s.table.fresh) {
	case 0:
		return nil, nil
	case n:
		return renamed(s.out, rec), nil
	}
	cols, err := batch.GatherColumns(rec.Columns(), s.table.fresh)
	if err != nil {
		return nil, err
	}
	return batch.NewRecord(s.out, cols, len(s.table.fresh)), nil
}

func (s *recursiveStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	if s.input != nil {
		err = s.input.Close()
		s.input = nil
	}
	s.step.renew()
	s.step.last.recs = nil
	s.last.close()
	s.next.close()
	s.seen.close()
	return err
}

// lastRound are the rows that the last round of a recursion added. They are the recursion's.
type lastRound struct{ recs []arrow.RecordBatch }

// workTable is a place in a step that reads them.
type workTable struct {
	last *lastRound
	out  *arrow.Schema
}

func newWorkTable(r *run, n *plan.WorkTable) (relation, error) {
	last := r.lastRound(n.ID)
	if last == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "the rows of the recursive query %s are read outside of its step", n.Name)
	}
	return &workTable{last: last, out: schemaOf(n.Cols)}, nil
}

func (w *workTable) schema() *arrow.Schema { return w.out }
func (w *workTable) partitions() int       { return 1 }
func (w *workTable) open(int) batch.Reader { return &workTableStream{workTable: w, recs: w.last.recs} }

type workTableStream struct {
	*workTable
	recs []arrow.RecordBatch
}

var _ batch.Reader = (*workTableStream)(nil)

func (s *workTableStream) Schema() *arrow.Schema { return s.out }

func (s *workTableStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if len(s.recs) == 0 {
		return nil, io.EOF
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	rec := s.recs[0]
	s.recs = s.recs[1:]
	return renamed(s.out, rec), nil
}

func (s *workTableStream) Close() error {
	s.recs = nil
	return nil
}
