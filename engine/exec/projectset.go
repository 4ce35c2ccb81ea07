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
	"github.com/skeinsql/skein/engine/types"
)

// Bounds of one step of a ProjectSet: the input rows whose arguments are evaluated at once, since a text can hold many
// elements, and the bytes of kept columns that one batch repeats.
const (
	setStep  = 1024
	setBytes = 16 << 20
)

// projectSet repeats its input's rows beside the rows of set-returning calls. Sizes of calls are numbers wherever they
// can be known before the rows are made; then one loop lays out a batch, and each call fills its columns in another.
type projectSet struct {
	run   *run
	node  *plan.ProjectSet
	input relation
	out   *arrow.Schema
	quick bool  // see promptly
	keep  []int // the input's columns that are passed on
	read  []int // the input's columns that args takes, in order
	args  *eval.Projection
	makes []func() setCall
	first []int // of each call's arguments in args, and their number at the end
}

func newProjectSet(r *run, n *plan.ProjectSet) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	p := &projectSet{run: r, node: n, input: input, out: schemaOf(n.Columns()), quick: *r.prompt}
	cols := n.Input.Columns()
	at := make(map[expr.ColumnID]int, len(cols))
	for i, c := range cols {
		at[c.ID] = i
	}
	for _, c := range n.Keep {
		p.keep = append(p.keep, at[c.ID])
	}
	var args []expr.Expr
	for i := range n.Calls {
		p.first = append(p.first, len(args))
		mine, make, err := compileSetCall(r, &n.Calls[i])
		if err != nil {
			return nil, err
		}
		args, p.makes = append(args, mine...), append(p.makes, make)
	}
	p.first = append(p.first, len(args))
	var in []plan.Column
	p.read, in = columnsRead(args, cols)
	p.args, err = project(args, in)
	return p, err
}

func (p *projectSet) schema() *arrow.Schema { return p.out }
func (p *projectSet) partitions() int       { return p.input.partitions() }

func (p *projectSet) open(part int) batch.Reader {
	s := &projectSetStream{
		projectSet: p, input: p.input.open(part), eval: p.args.Open(p.run.rt.Env),
		small: p.run.coalescer(p.out, p.quick),
	}
	for _, make := range p.makes {
		s.calls = append(s.calls, make())
	}
	return s
}

type projectSetStream struct {
	*projectSet
	input batch.Reader
	eval  *eval.Evaluator
	calls []setCall
	small *batch.Coalescer

	rec    arrow.RecordBatch // the input's batch, nil before the next one
	next   int               // its first row that no step has taken
	step   arrow.RecordBatch // the rows whose calls are loaded
	loaded []arrow.Array     // the calls' arguments
	sizes  []int64           // rows of each input row; nil when some call cannot tell beforehand
	widths []int64           // bytes of the kept columns of each input row; nil when they are alike
	row    int               // the input row that is being repeated
	done   int64             // how often it was already

	rows  []int32 // scratch: the input row of each output row
	at    []int64 // scratch: which of its rows, -1 for an input row without any
	ended bool
}

var _ batch.Reader = (*projectSetStream)(nil)

func (s *projectSetStream) Schema() *arrow.Schema { return s.out }

func (s *projectSetStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for !s.ended {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if s.step == nil {
			err := s.advance(ctx)
			if errors.Is(err, io.EOF) {
				s.ended = true
				break
			}
			if err != nil {
				return nil, err
			}
		}
		rec, err := s.make()
		if err != nil {
			return nil, err
		}
		if rec == nil {
			s.endStep()
			continue
		}
		if rec, err = s.small.Push(rec); rec != nil || err != nil {
			return rec, err
		}
	}
	out, err := s.small.Flush()
	if out == nil && err == nil {
		err = io.EOF
	}
	return out, err
}

// advance evaluates the arguments for the next rows of the input.
func (s *projectSetStream) advance(ctx context.Context) error {
	for s.rec == nil || s.next >= int(s.rec.NumRows()) {
		s.endBatch()
		rec, err := s.input.Next(ctx)
		if err != nil {
			return err
		}
		s.rec, s.next = rec, 0
	}
	end := min(s.next+setStep, int(s.rec.NumRows()))
	s.step = s.rec.NewSlice(int64(s.next), int64(end))
	s.next, s.row, s.done = end, 0, 0
	in, err := pick(s.step, s.read, nil, true)
	if err != nil {
		return err
	}
	defer in.Release()
	if s.loaded, err = s.eval.Eval(in); err != nil {
		return err
	}
	for i, a := range s.loaded {
		plain, err := batch.Plain(a)
		if err != nil {
			return err
		}
		a.Release()
		s.loaded[i] = plain
	}
	for i, c := range s.calls {
		if err := c.load(s.loaded[s.first[i]:s.first[i+1]], int(s.step.NumRows())); err != nil {
			return err
		}
	}
	s.measure()
	return nil
}

// measure finds the sizes of all input rows, where every call knows its own, and the widths of the kept columns.
func (s *projectSetStream) measure() {
	n := int(s.step.NumRows())
	s.sizes = nil
	for i, c := range s.calls {
		sizes := c.sizes()
		if sizes == nil {
			s.sizes = nil
			break
		}
		if i == 0 {
			s.sizes = append(make([]int64, 0, n), sizes...)
			continue
		}
		for r, size := range sizes {
			s.sizes[r] = max(s.sizes[r], size)
		}
	}
	s.widths = nil
	for _, c := range s.keep {
		s.widths = addWidths(s.widths, s.step.Column(c), n)
	}
}

// addWidths adds the bytes of each value of a column of varying width.
func addWidths(widths []int64, a arrow.Array, n int) []int64 {
	switch a.DataType().ID() {
	case arrow.STRING, arrow.BINARY, arrow.LIST, arrow.STRUCT:
	default:
		return widths
	}
	if widths == nil {
		widths = make([]int64, n)
	}
	switch a := a.(type) {
	case *array.List:
		offs := a.Offsets()[a.Data().Offset():]
		per := int64(8)
		if total := int64(a.ListValues().Len()); total > 0 {
			per = batch.ArrayBytes(a.ListValues())/total + 1
		}
		for r := range n {
			widths[r] += int64(offs[r+1]-offs[r]) * per
		}
	case *array.Struct:
		for i := range a.NumField() {
			widths = addWidths(widths, a.Field(i), n)
		}
	default:
		offs, _ := varView(a.Data())
		for r := range n {
			widths[r] += int64(offs[r+1] - offs[r])
		}
	}
	return widths
}

// make is the next batch of the step, nil at its end.
func (s *projectSetStream) make() (arrow.RecordBatch, error) {
	s.rows, s.at = s.rows[:0], s.at[:0]
	n, budget := int(s.step.NumRows()), int64(setBytes)
	for s.row < n && len(s.rows) < s.run.rows {
		room := int64(s.run.rows - len(s.rows))
		if s.widths != nil {
			if budget <= 0 {
				break
			}
			room = min(room, budget/(s.widths[s.row]+1)+1)
		}
		size, err := s.size(room)
		if err != nil {
			return nil, err
		}
		take := min(size-s.done, room)
		s.lay(take)
		if s.widths != nil {
			budget -= take * s.widths[s.row]
		}
		if s.done += take; take < room || size == s.done && s.sizes != nil {
			if s.done == 0 && s.node.Outer {
				s.rows, s.at = append(s.rows, int32(s.row)), append(s.at, -1)
			}
			s.row, s.done = s.row+1, 0
		}
	}
	if len(s.rows) == 0 {
		return nil, nil
	}
	return s.fill()
}

// size is how many rows the current input row makes, counted as far as room more of them.
func (s *projectSetStream) size(room int64) (int64, error) {
	if s.sizes != nil {
		return s.sizes[s.row], nil
	}
	size := int64(0)
	for _, c := range s.calls {
		n, err := c.size(s.row, s.done+room)
		if err != nil {
			return 0, err
		}
		size = max(size, n)
	}
	return size, nil
}

// lay repeats the current input row for its next take rows.
func (s *projectSetStream) lay(take int64) {
	for k := range take {
		s.rows = append(s.rows, int32(s.row))
		s.at = append(s.at, s.done+k)
	}
}

// fill makes the columns of the rows that were laid out.
func (s *projectSetStream) fill() (arrow.RecordBatch, error) {
	cols := make([]arrow.Array, 0, s.out.NumFields())
	for _, c := range s.keep {
		a, err := batch.Gather(s.step.Column(c), s.rows)
		if err != nil {
			batch.ReleaseAll(cols)
			return nil, err
		}
		cols = append(cols, a)
	}
	for _, c := range s.calls {
		out, err := c.values(s.rows, s.at)
		if err != nil {
			batch.ReleaseAll(cols)
			return nil, err
		}
		cols = append(cols, out...)
	}
	if s.node.Ordinality.Type != nil {
		cols = append(cols, s.numbers())
	}
	return batch.NewRecord(s.out, cols, len(s.rows)), nil
}

func (s *projectSetStream) numbers() arrow.Array {
	out := make([]int64, len(s.at))
	var null []bool
	for i, at := range s.at {
		if out[i] = at + 1; at < 0 {
			if null == nil {
				null = make([]bool, len(s.at))
			}
			null[i] = true
		}
	}
	return fixedArray(types.Int8T.Arrow(), out, null)
}

func (s *projectSetStream) endStep() {
	batch.ReleaseAll(s.loaded)
	s.loaded = nil
	if s.step != nil {
		s.step.Release()
		s.step = nil
	}
}

func (s *projectSetStream) endBatch() {
	s.endStep()
	if s.rec != nil {
		s.rec.Release()
		s.rec = nil
	}
}

func (s *projectSetStream) Close() error {
	s.ended = true
	s.endBatch()
	s.small.Close()
	return s.input.Close()
}
