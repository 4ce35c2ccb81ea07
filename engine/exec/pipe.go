package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// pipe is a filter, a projection, or both in one pass: only the columns that the projection reads are gathered after
// the filter.
type pipe struct {
	run   *run
	input relation
	out   *arrow.Schema
	quick bool             // see promptly
	pred  *eval.Predicate  // nil: all rows
	proj  *eval.Projection // nil: the input's columns
	read  []int            // the input's columns that proj takes, in order
}

func newFilter(r *run, n *plan.Filter) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	p := &pipe{run: r, input: input, out: schemaOf(n.Columns()), quick: *r.prompt}
	p.pred, err = eval.NewPredicate(n.Conds, inputOf(n.Input.Columns()))
	return p, err
}

func newProject(r *run, n *plan.Project) (relation, error) {
	p := &pipe{run: r, out: schemaOf(n.Columns()), quick: *r.prompt}
	below := n.Input
	var err error
	if f, ok := below.(*plan.Filter); ok && r.rt.Stats == nil {
		if p.pred, err = eval.NewPredicate(f.Conds, inputOf(f.Input.Columns())); err != nil {
			return nil, err
		}
		below = f.Input
	}
	if p.input, err = r.compile(below); err != nil {
		return nil, err
	}
	es := make([]expr.Expr, len(n.Items))
	for i, it := range n.Items {
		es[i] = it.Expr
	}
	var cols []plan.Column
	p.read, cols = columnsRead(es, below.Columns())
	p.proj, err = project(es, cols)
	return p, err
}

// columnsRead are the ordinals and the columns that expressions refer to.
func columnsRead(es []expr.Expr, cols []plan.Column) ([]int, []plan.Column) {
	ids := map[expr.ColumnID]bool{}
	for _, e := range es {
		expr.Columns(e, ids)
	}
	read, out := []int{}, []plan.Column{}
	for i, c := range cols {
		if ids[c.ID] {
			read, out = append(read, i), append(out, c)
		}
	}
	return read, out
}

func (p *pipe) schema() *arrow.Schema { return p.out }
func (p *pipe) partitions() int       { return p.input.partitions() }

func (p *pipe) open(part int) batch.Reader {
	s := &pipeStream{pipe: p, input: p.input.open(part), small: p.run.coalescer(p.out, p.quick)}
	if p.pred != nil {
		s.selector = p.pred.Open(p.run.rt.Env)
	}
	if p.proj != nil {
		s.eval = p.proj.Open(p.run.rt.Env)
	}
	return s
}

type pipeStream struct {
	*pipe
	input    batch.Reader
	selector *eval.Selector
	eval     *eval.Evaluator
	sel      []int32
	small    *batch.Coalescer
	ended    bool
}

var _ batch.Reader = (*pipeStream)(nil)

func (s *pipeStream) Schema() *arrow.Schema { return s.out }

func (s *pipeStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for !s.ended {
		rec, err := s.input.Next(ctx)
		if errors.Is(err, io.EOF) {
			s.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		out, err := s.apply(rec)
		rec.Release()
		if err != nil {
			return nil, err
		}
		if out == nil {
			continue
		}
		if s.pred == nil {
			return out, nil
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

// apply filters and projects one batch, nil when no row is left. rec is borrowed.
func (s *pipeStream) apply(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	rows := int(rec.NumRows())
	if rows == 0 {
		return nil, nil
	}
	all := true
	if s.selector != nil {
		sel, err := s.selector.Select(rec, s.sel[:0])
		if err != nil {
			return nil, err
		}
		if s.sel = sel; len(sel) == 0 {
			return nil, nil
		}
		all, rows = len(sel) == rows, len(sel)
	}
	if s.eval == nil {
		if all {
			rec.Retain()
			return rec, nil
		}
		return batch.GatherRecord(rec, s.sel)
	}
	in, err := pick(rec, s.read, s.sel, all)
	if err != nil {
		return nil, err
	}
	defer in.Release()
	cols, err := s.eval.Eval(in)
	if err != nil {
		return nil, err
	}
	return batch.NewRecord(s.out, cols, rows), nil
}

// pick is some columns of rec, and the rows sel of them unless all.
func pick(rec arrow.RecordBatch, read []int, sel []int32, all bool) (arrow.RecordBatch, error) {
	fields, cols := make([]arrow.Field, len(read)), make([]arrow.Array, len(read))
	for i, c := range read {
		fields[i], cols[i] = rec.Schema().Field(c), rec.Column(c)
	}
	schema := arrow.NewSchema(fields, nil)
	if all {
		return array.NewRecordBatch(schema, cols, rec.NumRows()), nil
	}
	cols, err := batch.GatherColumns(cols, sel)
	if err != nil {
		return nil, err
	}
	return batch.NewRecord(schema, cols, len(sel)), nil
}

func (s *pipeStream) Close() error {
	s.ended = true
	s.small.Close()
	return s.input.Close()
}
