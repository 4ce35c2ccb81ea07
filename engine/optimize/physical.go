package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
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
	for _, c := range flatten(j.On) {
		probe, build, nulls, ok := hashable(c, left, right)
		if !ok {
			if len(h.ProbeKeys) == 0 && (j.Kind == plan.NullAwareAnti || j.NullAware) {
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
			Kind: j.Kind, Left: j.Left, Right: j.Right, On: flatten(j.On), MarkCol: j.MarkCol, NullAware: j.NullAware,
		}
	}
	return h
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
	return probe, build, nullsEqual, sameHash(probe, build)
}

// equalityShape lets IS NOT DISTINCT FROM be split like an equality; it is never evaluated.
var equalityShape = &expr.Function{ID: "is_not_distinct", Name: "=", Kind: expr.Operator}
