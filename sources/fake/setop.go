package fake

import "github.com/skeinsql/skein/engine/plan"

// setOp combines inputs by counting equal rows.
func (e *evaluation) setOp(n *plan.SetOp) (*relation, error) {
	inputs := make([]*relation, len(n.Inputs))
	for i, in := range n.Inputs {
		var err error
		if inputs[i], err = e.node(in); err != nil {
			return nil, err
		}
	}
	out := &relation{cols: n.Cols}
	if n.Op == plan.Union {
		for _, in := range inputs {
			out.rows = append(out.rows, in.rows...)
		}
	} else {
		out.rows = matched(n, inputs[0], inputs[1])
	}
	if !n.All {
		out.rows, _ = grouped(out)
	}
	return out, nil
}

// matched are the rows of left that INTERSECT ALL or EXCEPT ALL keeps: as many of each as both have, or as many more as
// left has; without ALL, whether right has any is what counts.
func matched(n *plan.SetOp, left, right *relation) (out [][]any) {
	used := make([]bool, len(right.rows))
	for _, l := range left.rows {
		found := false
		for i, r := range right.rows {
			if (n.All && used[i]) || !sameRow(n.Cols, l, r) {
				continue
			}
			used[i], found = true, true
			break
		}
		if found == (n.Op == plan.Intersect) {
			out = append(out, l)
		}
	}
	return out
}
