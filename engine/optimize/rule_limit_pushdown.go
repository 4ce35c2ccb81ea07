package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// pushLimits makes a LIMIT over a sort a top-N, moves limits below projections, and copies them into the inputs of
// UNION ALL, where they cut the work but not the answer.
func pushLimits(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok {
			return n
		}
		return pushLimit(l)
	})
}

func pushLimit(l *plan.Limit) plan.Node {
	switch in := l.Input.(type) {
	case *plan.Sort:
		if l.Keys == nil && l.Count != nil {
			return &plan.Limit{Input: in.Input, Count: l.Count, Offset: l.Offset, Keys: in.Keys}
		}
	case *plan.Project:
		if l.Keys == nil && !l.Ties && pureProject(in) {
			c := *l
			c.Input = in.Input
			return &plan.Project{Input: pushLimit(&c), Items: in.Items}
		}
	case *plan.SetOp:
		if in.Op == plan.Union && in.All && l.Keys == nil && !l.Ties {
			return limitInputs(l, in)
		}
	}
	return l
}

// pureProject says whether a projection yields the same values however many rows are asked of it.
func pureProject(n *plan.Project) bool {
	for _, it := range n.Items {
		if !movable(it.Expr) {
			return false
		}
	}
	return true
}

func limitInputs(l *plan.Limit, in *plan.SetOp) plan.Node {
	count, ok := constantInt(l.Count)
	offset, ok2 := constantInt(l.Offset)
	if l.Offset == nil {
		offset, ok2 = 0, true
	}
	if !ok || !ok2 || count < 0 || offset < 0 || count+offset < 0 {
		return l
	}
	c := *in
	c.Inputs = make([]plan.Node, len(in.Inputs))
	for i, k := range in.Inputs {
		c.Inputs[i] = pushLimit(&plan.Limit{Input: k, Count: int8Const(count + offset)})
	}
	o := *l
	o.Input = &c
	return &o
}

func constantInt(e expr.Expr) (int64, bool) {
	c, ok := e.(*expr.Const)
	if !ok {
		return 0, false
	}
	v, ok := c.Value.(int64)
	return v, ok
}

func int8Const(v int64) expr.Expr { return &expr.Const{Typ: types.Int8T, Value: v} }
