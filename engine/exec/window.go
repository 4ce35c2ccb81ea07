package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// window materialises its input, orders it by partition and order keys, and yields the rows in that order with the
// window functions' values. Rows that the order does not tell apart stay in the order in which they came, so that
// several windows over one specification see one order.
type window struct {
	run       *run
	node      *plan.Window
	input     relation
	out       *arrow.Schema
	exprs     *keyed // keys, arguments, filters, and what frames by value need
	partition []windowKey
	order     []windowKey
	items     []windowItem
	offsets   [2]int      // where the bounds' offsets are that are no constants; -1: nowhere
	byValue   *rangeExprs // nil: no bound is an offset in values
}

// windowKey is a column of the extended batch that rows are partitioned or ordered by.
type windowKey struct {
	ord int
	typ *types.Type
	dir direction
}

// windowItem is one function: where its inputs are in the extended batch.
type windowItem struct {
	plan.AggItem
	args   []int
	filter int                // -1: none
	make   func() accumulator // nil: not an aggregate
}

func newWindow(r *run, n *plan.Window) (relation, error) {
	input, err := r.compile(n.Input)
	if err != nil {
		return nil, err
	}
	w := &window{run: r, node: n, input: input, out: schemaOf(n.Columns())}
	var es []expr.Expr
	add := func(e expr.Expr) int {
		es = append(es, e)
		return len(es) - 1
	}
	for _, e := range n.Partition {
		w.partition = append(w.partition, windowKey{ord: add(e), typ: e.Type()})
	}
	for _, k := range n.Order {
		if err := sortable([]*types.Type{k.Expr.Type()}); err != nil {
			return nil, err
		}
		d := direction{desc: k.Desc, nullsFirst: k.NullsFirst}
		w.order = append(w.order, windowKey{ord: add(k.Expr), typ: k.Expr.Type(), dir: d})
	}
	for _, it := range n.Items {
		item := windowItem{AggItem: it, filter: -1}
		if it.Fn.Kind == expr.Aggregate {
			if item.make, err = newAccumulator(r, it); err != nil {
				return nil, err
			}
		}
		for _, a := range it.Args {
			item.args = append(item.args, add(guarded(a, it.Filter)))
		}
		if it.Filter != nil {
			item.filter = add(it.Filter)
		}
		w.items = append(w.items, item)
	}
	w.addOffsets(add)
	if w.needsFrames() {
		if w.byValue, err = newRangeExprs(n, add); err != nil {
			return nil, err
		}
	}
	if w.exprs, err = newKeyed(es, n.Input.Columns()); err != nil {
		return nil, err
	}
	w.place()
	return w, nil
}

// place turns numbers of expressions into columns of the extended batch.
func (w *window) place() {
	ords := w.exprs.ords
	for i := range w.partition {
		w.partition[i].ord = ords[w.partition[i].ord]
	}
	for i := range w.order {
		w.order[i].ord = ords[w.order[i].ord]
	}
	for i := range w.items {
		it := &w.items[i]
		for k, e := range it.args {
			it.args[k] = ords[e]
		}
		if it.filter >= 0 {
			it.filter = ords[it.filter]
		}
	}
	for i, e := range w.offsets {
		if e >= 0 {
			w.offsets[i] = ords[e]
		}
	}
	if w.byValue != nil {
		w.byValue.place(ords)
	}
}

// needsFrames says whether any function looks at the frame rather than at the partition. A frame by value is found in
// any case, for the errors of its offsets.
func (w *window) needsFrames() bool {
	if f := &w.node.Frame; f.Unit == plan.RangeFrame && (f.Start.Offset != nil || f.End.Offset != nil) {
		return true
	}
	for _, it := range w.items {
		if it.framed() {
			return true
		}
	}
	return false
}

// framed says whether the function's value depends on the frame.
func (it *windowItem) framed() bool {
	switch it.Fn.Name {
	case "first_value", "last_value", "nth_value":
		return true
	}
	return it.make != nil
}

func (w *window) schema() *arrow.Schema { return w.out }
func (w *window) partitions() int       { return 1 }
func (w *window) open(int) batch.Reader { return &windowStream{window: w} }

// windowColumn yields a function's values for rows [from, to) of the ordered input. Calls go through the rows in order.
type windowColumn interface {
	values(ctx context.Context, from, to int) (arrow.Array, error)
}

type windowStream struct {
	*window
	ready  bool
	rec    arrow.RecordBatch
	rows   []int32 // the input's rows in order; nil: as they are
	layout *layout
	frames *frames
	cols   []windowColumn
	sorted map[int]arrow.Array // columns of rec in order
	at     int
	ledger ledger
	closed bool
}

var _ batch.Reader = (*windowStream)(nil)

func (s *windowStream) Schema() *arrow.Schema { return s.out }

func (s *windowStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if !s.ready {
		if err := s.compute(ctx); err != nil {
			return nil, err
		}
		s.ready = true
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	n := int(s.rec.NumRows())
	if s.at == n {
		return nil, io.EOF
	}
	from, to := s.at, min(s.at+s.run.rows, n)
	s.at = to
	return s.output(ctx, from, to)
}

func (s *windowStream) output(ctx context.Context, from, to int) (arrow.RecordBatch, error) {
	input := s.rec.Columns()[:s.out.NumFields()-len(s.cols)]
	var cols []arrow.Array
	if s.rows == nil {
		for _, c := range input {
			cols = append(cols, array.NewSlice(c, int64(from), int64(to)))
		}
	} else {
		var err error
		if cols, err = batch.GatherColumns(input, s.rows[from:to]); err != nil {
			return nil, err
		}
	}
	for _, c := range s.cols {
		v, err := c.values(ctx, from, to)
		if err != nil {
			batch.ReleaseAll(cols)
			return nil, err
		}
		cols = append(cols, v)
	}
	return batch.NewRecord(s.out, cols, to-from), nil
}

// compute reads and orders the input, and prepares the functions.
func (s *windowStream) compute(ctx context.Context) error {
	var err error
	s.rec, s.ledger, err = s.run.collect(ctx, "a window function", s.input, s.exprs)
	if err != nil {
		return err
	}
	offsets, err := s.frameOffsets()
	if err != nil {
		return err
	}
	n := int(s.rec.NumRows())
	// The order and two items a row while it is made; group, partition and frame of each row; a word a key.
	if err := s.ledger.add(int64(n) * int64(60+9*(len(s.partition)+len(s.order)))); err != nil {
		return err
	}
	if err := s.arrange(ctx); err != nil {
		return err
	}
	s.sorted = map[int]arrow.Array{}
	if s.needsFrames() {
		if s.frames, err = s.newFrames(offsets); err != nil {
			return err
		}
	}
	for i := range s.items {
		c, err := s.column(&s.items[i])
		if err != nil {
			return err
		}
		s.cols = append(s.cols, c)
	}
	s.run.note(s.node, s.ledger.used)
	return nil
}

// column prepares one function.
func (s *windowStream) column(it *windowItem) (windowColumn, error) {
	if it.make != nil {
		return s.aggregateColumn(it)
	}
	switch it.Fn.Name {
	case "ntile":
		return s.tiles(it)
	case "lag", "lead", "first_value", "last_value", "nth_value":
		return s.valueColumn(it)
	}
	return &rankColumn{layout: s.layout, name: it.Fn.Name}, nil
}

// inOrder is a column of the extended batch in the window's order; it stays the stream's.
func (s *windowStream) inOrder(ord int) (arrow.Array, error) {
	if a := s.sorted[ord]; a != nil {
		return a, nil
	}
	a, err := s.pick(ord, s.rows)
	if err == nil {
		s.sorted[ord] = a
	}
	return a, err
}

// pick is a column's values at rows (nil: all), accounted for; the caller's.
func (s *windowStream) pick(ord int, rows []int32) (arrow.Array, error) {
	c := s.rec.Column(ord)
	if rows == nil {
		c.Retain()
		return c, nil
	}
	if err := s.ledger.add(batch.ArrayBytes(c)); err != nil {
		return nil, err
	}
	return batch.Gather(c, rows)
}

func (s *windowStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	for _, a := range s.sorted {
		a.Release()
	}
	if s.rec != nil {
		s.rec.Release()
	}
	if s.ledger.res != nil {
		s.ledger.close()
	}
	return nil
}
