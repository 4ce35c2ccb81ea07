package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// choosePhysical turns logical joins into hash joins where an equality connects the sides, else nested loops.
func (o *optimizer) choosePhysical(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok {
			return n
		}
		return physicalJoin(j)
	})
}

func physicalJoin(j *plan.Join) plan.Node {
	left, right := columnsOf(j.Left), columnsOf(j.Right)
	h := &plan.HashJoin{
		Kind: j.Kind, Left: j.Left, Right: j.Right, MarkCol: j.MarkCol, NullAware: j.NullAware,
	}
	for _, c := range conjunctsOf(j) {
		probe, build, nulls, ok := hashable(c, left, right)
		if !ok {
			if len(h.ProbeKeys) == 0 && nullAware(j) {
				break // the comparison that answers IN is not an equality: every pair has to be looked at
			}
			h.Residual = append(h.Residual, c)
			continue
		}
		h.ProbeKeys = append(h.ProbeKeys, probe)
		h.BuildKeys = append(h.BuildKeys, build)
		h.NullsEqual = append(h.NullsEqual, nulls)
	}
	if len(h.ProbeKeys) == 0 {
		return &plan.NestedLoopJoin{
			Kind: j.Kind, Left: j.Left, Right: j.Right, On: conjunctsOf(j), MarkCol: j.MarkCol, NullAware: j.NullAware,
		}
	}
	return h
}

func nullAware(j *plan.Join) bool { return j.Kind == plan.NullAwareAnti || j.NullAware }

// conjunctsOf are a join's conditions, one by one. The comparison of a null-aware join stays whole: (a, b) = (x, y) is
// NULL where one part is NULL and no part is false, which its parts alone do not tell.
func conjunctsOf(j *plan.Join) []expr.Expr {
	if !nullAware(j) || len(j.On) == 0 {
		return flatten(j.On)
	}
	return append([]expr.Expr{j.On[0]}, flatten(j.On[1:])...)
}

// hashable splits an equality, or IS NOT DISTINCT FROM, between the two sides of a join. Only comparisons of two values
// of one storage can be hashed.
func hashable(e expr.Expr, left, right columnSet) (probe, build expr.Expr, nullsEqual, ok bool) {
	if d, isDistinct := e.(*expr.IsDistinct); isDistinct && d.Negate {
		e = &expr.Call{Fn: equalityShape, Args: []expr.Expr{d.Left, d.Right}}
		nullsEqual = true
	}
	probe, build, ok = equality(e, left, right)
	if !ok || !left.touches(probe) || !right.touches(build) || !right.within(build) {
		return nil, nil, false, false
	}
	probe, build, ok = alignKeys(probe, build)
	return probe, build, nullsEqual, ok
}

// alignKeys casts two keys that compare equal across types to one type, in which equal values hash alike.
func alignKeys(a, b expr.Expr) (expr.Expr, expr.Expr, bool) {
	x, y := a.Type(), b.Type()
	var t *types.Type
	switch {
	case types.Equal(x, y):
		return a, b, true
	case x.Kind == types.Numeric && y.Kind == types.Numeric:
		t = expr.ComparableNumeric(x, y)
	case x.IsInteger() && y.IsInteger():
		t = types.Int8T
	case x.Kind == y.Kind && types.SameStorage(x, y):
		return a, b, true
	default:
		return nil, nil, false
	}
	return castTo(a, t), castTo(b, t), true
}

func castTo(e expr.Expr, t *types.Type) expr.Expr {
	if types.Equal(e.Type(), t) {
		return e
	}
	return &expr.Cast{Arg: e, Typ: t}
}

// equalityShape lets IS NOT DISTINCT FROM be split like an equality; it is never evaluated.
var equalityShape = &expr.Function{ID: "is_not_distinct", Name: "=", Kind: expr.Operator}
