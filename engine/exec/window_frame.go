package exec

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// frames are the frames of all rows before exclusion: rows [head, tail) of the ordered input, within the partition.
type frames struct {
	layout     *layout
	head, tail []int32
	exclude    plan.FrameExclusion
	// running: every frame begins with its partition and leaves nothing out.
	running bool
}

// span is rows [from, to).
type span struct{ from, to int32 }

// spans gives what is in row i's frame as up to three runs of rows, in order, none of them empty.
func (f *frames) spans(i int, dst *[3]span) []span {
	head, tail := f.head[i], f.tail[i]
	out := dst[:0]
	add := func(from, to int32) {
		if from = max(from, head); from < min(to, tail) {
			out = append(out, span{from, min(to, tail)})
		}
	}
	switch f.exclude {
	case plan.ExcludeNothing:
		add(head, tail)
	case plan.ExcludeCurrentRow:
		add(head, int32(i))
		add(int32(i)+1, tail)
	default:
		start, end := f.layout.peers(i)
		add(head, int32(start))
		if f.exclude == plan.ExcludeTies {
			add(int32(i), int32(i)+1)
		}
		add(int32(end), tail)
	}
	return out
}

// addOffsets adds the offsets that read columns: values of subqueries, the same in every row.
func (w *window) addOffsets(add func(expr.Expr) int) {
	w.offsets = [2]int{-1, -1}
	for i, b := range []plan.Bound{w.node.Frame.Start, w.node.Frame.End} {
		used := map[expr.ColumnID]bool{}
		if b.Offset != nil {
			expr.Columns(b.Offset, used)
		}
		if len(used) > 0 {
			w.offsets[i] = add(b.Offset)
		}
	}
}

// offset is the value of a bound's offset.
func (s *windowStream) offset(i int, e expr.Expr) (any, error) {
	if ord := s.offsets[i]; ord >= 0 {
		return datum.FromArray(e.Type(), s.rec.Column(ord), 0), nil
	}
	return eval.Constant(e, s.run.rt.Env)
}

// frameOffsets evaluates the bounds' offsets, which hold for the whole execution, and refuses what no frame can have.
func (s *windowStream) frameOffsets() ([2]any, error) {
	var out [2]any
	f := &s.node.Frame
	for i, b := range []plan.Bound{f.Start, f.End} {
		if b.Offset == nil || s.offsets[i] >= 0 && s.rec.NumRows() == 0 {
			continue
		}
		which := [2]string{"starting", "ending"}[i]
		v, err := s.offset(i, b.Offset)
		if err != nil {
			return out, err
		}
		if v == nil {
			return out, sqlerr.New(sqlerr.NullNotAllowed, "frame %s offset must not be null", which)
		}
		if n, ok := v.(int64); ok && n < 0 && f.Unit != plan.RangeFrame {
			return out, sqlerr.New(invalidFrameSize, "frame %s offset must not be negative", which)
		}
		out[i] = v
	}
	return out, nil
}

// invalidFrameSize is PostgreSQL's invalid_preceding_or_following_size.
const invalidFrameSize = "22013"

// newFrames finds the frame of every row.
func (s *windowStream) newFrames(offsets [2]any) (*frames, error) {
	l, spec := s.layout, &s.node.Frame
	f := &frames{layout: l, exclude: spec.Exclude, head: make([]int32, l.n), tail: make([]int32, l.n)}
	f.running = spec.Start.Kind == plan.UnboundedPreceding && spec.Exclude == plan.ExcludeNothing
	var values *rangeValues
	if s.byValue != nil {
		var err error
		if values, err = s.rangeValues(offsets); err != nil {
			return nil, err
		}
	}
	for p := range len(l.partStart) - 1 {
		b := bounds{l: l, unit: spec.Unit, values: values, part: p, start: l.partStart[p], end: l.partStart[p+1]}
		b.heads(f.head, spec.Start, offsets[0])
		b.tails(f.tail, spec.End, offsets[1])
	}
	for i, h := range f.head {
		f.tail[i] = max(f.tail[i], h)
	}
	return f, nil
}

// bounds finds where the frames of one partition's rows begin and end.
type bounds struct {
	l          *layout
	unit       plan.FrameUnit
	values     *rangeValues
	part       int
	start, end int32 // the partition
}

func (b *bounds) heads(head []int32, at plan.Bound, offset any) {
	switch {
	case at.Kind == plan.UnboundedPreceding:
		for i := b.start; i < b.end; i++ {
			head[i] = b.start
		}
	case at.Kind == plan.CurrentRow && b.unit == plan.RowsFrame:
		for i := b.start; i < b.end; i++ {
			head[i] = i
		}
	case at.Kind == plan.CurrentRow:
		for i := b.start; i < b.end; i++ {
			head[i] = b.l.groupStart[b.l.group[i]]
		}
	case b.unit == plan.RangeFrame:
		b.values.heads(head, b.start, b.end)
	case b.unit == plan.RowsFrame:
		by := signed(at, offset)
		for i := b.start; i < b.end; i++ {
			head[i] = b.clamp(i, by)
		}
	default:
		by := signed(at, offset)
		for i := b.start; i < b.end; i++ {
			head[i] = b.l.groupStart[b.clampGroup(b.l.group[i], by)]
		}
	}
}

func (b *bounds) tails(tail []int32, at plan.Bound, offset any) {
	switch {
	case at.Kind == plan.UnboundedFollowing:
		for i := b.start; i < b.end; i++ {
			tail[i] = b.end
		}
	case at.Kind == plan.CurrentRow && b.unit == plan.RowsFrame:
		for i := b.start; i < b.end; i++ {
			tail[i] = i + 1
		}
	case at.Kind == plan.CurrentRow:
		for i := b.start; i < b.end; i++ {
			tail[i] = b.l.groupStart[b.l.group[i]+1]
		}
	case b.unit == plan.RangeFrame:
		b.values.tails(tail, b.start, b.end)
	case b.unit == plan.RowsFrame:
		by := signed(at, offset)
		for i := b.start; i < b.end; i++ {
			tail[i] = b.clamp(i+1, by)
		}
	default:
		by := signed(at, offset)
		for i := b.start; i < b.end; i++ {
			tail[i] = b.l.groupStart[b.clampGroup(b.l.group[i]+1, by)]
		}
	}
}

// signed is a bound's offset in rows or groups, negative before the current one, no further than there can be rows.
func signed(at plan.Bound, offset any) int64 {
	n := min(offset.(int64), maxRows)
	if at.Kind == plan.Preceding {
		return -n
	}
	return n
}

// clamp is row i moved by some rows, within the partition.
func (b *bounds) clamp(i int32, by int64) int32 {
	return int32(min(max(int64(i)+by, int64(b.start)), int64(b.end)))
}

// clampGroup is group g moved by some groups, within the partition's groups and the one behind them.
func (b *bounds) clampGroup(g int32, by int64) int32 {
	first, end := int64(b.l.partGroup[b.part]), int64(b.l.partGroup[b.part+1])
	return int32(min(max(int64(g)+by, first), end))
}

// rangeExprs is what a frame whose bounds are offsets in values needs of the rows: the order key and, for times, the
// key moved by the offsets, which the expressions of the session's time zone compute.
type rangeExprs struct {
	key   int
	moved [2]int // -1: not computed by an expression
}

func (r *rangeExprs) place(ords []int) {
	r.key = ords[r.key]
	for i, e := range r.moved {
		if e >= 0 {
			r.moved[i] = ords[e]
		}
	}
}

// newRangeExprs adds the expressions that the frame needs; nil when no bound is an offset in values.
func newRangeExprs(n *plan.Window, add func(expr.Expr) int) (*rangeExprs, error) {
	f := &n.Frame
	if f.Unit != plan.RangeFrame || f.Start.Offset == nil && f.End.Offset == nil {
		return nil, nil
	}
	if len(n.Order) != 1 {
		return nil, sqlerr.New(sqlerr.InternalError, "a frame by value has %d order keys", len(n.Order))
	}
	key := n.Order[0].Expr
	out := &rangeExprs{moved: [2]int{-1, -1}}
	plus, minus, key := movers(key)
	out.key = add(key)
	if plus == "" {
		return out, nil
	}
	for i, b := range []plan.Bound{f.Start, f.End} {
		if b.Offset == nil {
			continue
		}
		if expr.VolatilityOf(b.Offset) == expr.Volatile {
			return nil, sqlerr.Unsupported("a volatile offset of a RANGE frame")
		}
		id := plus
		if (b.Kind == plan.Preceding) != n.Order[0].Desc {
			id = minus
		}
		fn := expr.MustFunction(id)
		out.moved[i] = add(&expr.Call{Fn: fn, Args: []expr.Expr{key, b.Offset}, Typ: fn.Result})
	}
	return out, nil
}
