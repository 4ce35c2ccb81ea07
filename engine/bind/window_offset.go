package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// frameOffsets binds n PRECEDING and n FOLLOWING: counts of rows or groups, or distances in values.
func (c *clause) frameOffsets(d *parse.WindowDef, w *windowCall, pos int) error {
	if d.StartOffset == nil && d.EndOffset == nil {
		return nil
	}
	what := [...]string{plan.RangeFrame: "RANGE", plan.RowsFrame: "ROWS", plan.GroupsFrame: "GROUPS"}[w.frame.Unit]
	if w.frame.Unit == plan.RangeFrame && len(w.order) != 1 {
		return sqlerr.New(sqlerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column").At(pos)
	}
	for _, b := range []struct {
		n  *parse.Node
		to *plan.Bound
	}{{d.StartOffset, &w.frame.Start}, {d.EndOffset, &w.frame.End}} {
		if b.n == nil {
			continue
		}
		e, err := c.frameOffset(b.n, what)
		if err != nil {
			return err
		}
		t := types.Int8T
		if w.frame.Unit == plan.RangeFrame {
			if t, err = rangeOffset(w.order[0].Expr.Type(), e.Type(), c.b.posOf(b.n)); err != nil {
				return err
			}
		}
		if from := e.Type(); from.Kind != types.Unknown && !canCoerce(from, t, expr.AssignmentCast) {
			return sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type %s, not type %s", what, bare(t), bare(from)).
				At(c.b.posOf(b.n))
		}
		if b.to.Offset, err = c.b.coerce(e, t, expr.AssignmentCast); err != nil {
			return c.b.at(err, c.b.posOf(b.n))
		}
	}
	return nil
}

// frameOffset binds an offset, which is one value for the whole execution. Its subqueries are joined to the window's input.
func (c *clause) frameOffset(n *parse.Node, what string) (expr.Expr, error) {
	inner := *c
	var subqueries []pending
	inner.name, inner.aggregates, inner.sets, inner.subqueries = "window "+what, false, false, &subqueries
	e, err := inner.expr(n)
	if err != nil {
		return nil, err
	}
	used := map[expr.ColumnID]bool{}
	expr.Columns(e, used)
	for _, s := range subqueries {
		delete(used, s.mark.ID)
		for _, col := range s.right.Columns() {
			delete(used, col.ID)
		}
		plan.Walk(s.right, func(n plan.Node) bool {
			for _, e := range plan.Exprs(n) {
				expr.Walk(e, func(e expr.Expr) bool {
					if col, ok := e.(*expr.Column); ok && c.lv.hasColumn(col.ID) {
						used[col.ID] = true
					}
					return true
				})
			}
			return true
		})
	}
	if len(used) > 0 {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "argument of %s must not contain variables", what).At(c.b.posOf(n))
	}
	*c.subqueries = append(*c.subqueries, subqueries...)
	return e, nil
}

// rangeOffsets are the types that an offset of a RANGE frame can have, by the type of the order key: PostgreSQL's
// in_range support functions of btree.
var rangeOffsets = map[types.Kind][]*types.Type{
	types.Int2: {types.Int2T, types.Int4T, types.Int8T}, types.Int4: {types.Int2T, types.Int4T, types.Int8T},
	types.Int8: {types.Int8T}, types.Float4: {types.Float8T}, types.Float8: {types.Float8T}, types.Numeric: {types.NumericT},
	types.Date: {types.IntervalT}, types.Timestamp: {types.IntervalT}, types.TimestampTZ: {types.IntervalT},
	types.Interval: {types.IntervalT}, types.Time: {types.IntervalT}, types.TimeTZ: {types.IntervalT},
}

// rangeOffset chooses the type of an offset over keys of a type (transformFrameOffset).
func rangeOffset(key, offset *types.Type, pos int) (*types.Type, error) {
	preferred := offset
	if offset.Kind == types.Unknown {
		preferred = key
	}
	all := rangeOffsets[key.Kind]
	if len(all) == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s",
			bare(key)).At(pos)
	}
	var chosen *types.Type
	matches := 0
	for _, t := range all {
		if !canCoerce(offset, t, expr.ImplicitCast) {
			continue
		}
		matches++
		if chosen == nil || !types.Same(chosen, preferred) {
			chosen = t
		}
	}
	switch {
	case matches == 0:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported,
			"RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", bare(key), bare(offset)).
			WithHint("Cast the offset value to an appropriate type.").At(pos)
	case matches > 1 && !types.Same(chosen, preferred):
		return nil, sqlerr.New(sqlerr.FeatureNotSupported,
			"RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for column type %s and offset type %s",
			bare(key), bare(offset)).WithHint("Cast the offset value to the exact intended type.").At(pos)
	}
	return chosen, nil
}
