package optimize

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// dropEmpty finds what has no rows, by conditions that are never true or contradict each other and by LIMIT 0, and what
// follows for the operators above: joins without a side, branches of UNION. An empty relation is Values without rows.
func dropEmpty(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Filter:
			if isEmpty(n.Input) || impossible(n.Conds, facts(n.Input)) {
				return emptyOf(n.Columns())
			}
		case *plan.Limit:
			if k, ok := constantInt(n.Count); ok && k == 0 && n.Offset == nil || isEmpty(n.Input) && rowlessLimit(n) {
				return emptyOf(n.Columns())
			}
		case *plan.Project, *plan.Sort, *plan.Window, *plan.ProjectSet, *plan.SecurityBarrier, *plan.Shared:
			if isEmpty(n.Children()[0]) {
				return emptyOf(n.Columns())
			}
		case *plan.Aggregate:
			if n.GroupingSets == nil && len(n.Keys) > 0 && isEmpty(n.Input) {
				return emptyOf(n.Columns())
			}
		case *plan.Join:
			return withoutSide(n)
		case *plan.SetOp:
			return withoutBranches(n)
		}
		return n
	})
}

func isEmpty(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 0
}

func emptyOf(cols []plan.Column) plan.Node { return &plan.Values{Cols: cols} }

// rowlessLimit says whether a limit's own expressions cannot fail, as a negative count does.
func rowlessLimit(n *plan.Limit) bool {
	for _, e := range []expr.Expr{n.Count, n.Offset} {
		if e == nil {
			continue
		}
		if k, ok := constantInt(e); !ok || k < 0 {
			return false
		}
	}
	return true
}

// impossible says whether no row meets all conditions, beside what is known of the rows already.
func impossible(conds []expr.Expr, known []fact) bool {
	flat := flatten(conds)
	if rejectsNulls(flat, columnSet{}) {
		return true
	}
	own := factsOf(flat)
	if len(own) == 0 {
		return false
	}
	ranges := map[expr.ColumnID]*bounds{}
	for _, f := range append(own, known...) {
		if ranges[f.column] == nil {
			ranges[f.column] = &bounds{}
		}
		if !ranges[f.column].meet(f.cond) {
			return true
		}
	}
	return false
}

// bounds are those of a column's values, nil for none.
type bounds struct {
	low, high             *expr.Const
	lowStrict, highStrict bool
}

// meet narrows the bounds by a comparison; false when nothing is left.
func (b *bounds) meet(cond expr.Expr) bool {
	c, ok := cond.(*expr.Call)
	if !ok {
		return true
	}
	op := c.Fn.Name
	k, isConst := c.Args[1].(*expr.Const)
	if !isConst {
		k = c.Args[0].(*expr.Const)
		if m := mirrored[op]; m != "" {
			op = m
		}
	}
	if op == "=" || op == ">" || op == ">=" {
		strict := op == ">"
		if s := b.against(k, b.low); b.low == nil || s > 0 || s == 0 && strict {
			b.low, b.lowStrict = k, strict
		}
	}
	if op == "=" || op == "<" || op == "<=" {
		strict := op == "<"
		if s := b.against(k, b.high); b.high == nil || s < 0 || s == 0 && strict {
			b.high, b.highStrict = k, strict
		}
	}
	if b.low == nil || b.high == nil {
		return true
	}
	s := b.against(b.low, b.high)
	return s < 0 || s == 0 && !b.lowStrict && !b.highStrict
}

func (b *bounds) against(x, y *expr.Const) int {
	if y == nil {
		return 0
	}
	return datum.Compare(x.Typ, x.Value, y.Value)
}

// withoutSide is a join of which a side has no rows, or whose conditions are never true.
func withoutSide(j *plan.Join) plan.Node {
	noLeft, noRight := isEmpty(j.Left), isEmpty(j.Right)
	if !nullAware(j) && !noLeft && rejectsNulls(flatten(j.On), columnSet{}) {
		// No pair matches: to each side the other is empty, but for a full join, which keeps both.
		noRight = noRight || j.Kind != plan.FullOuter && j.Kind != plan.RightOuter
		noLeft = j.Kind == plan.RightOuter
	}
	switch {
	case noLeft && j.Kind != plan.RightOuter && j.Kind != plan.FullOuter, noLeft && noRight,
		noRight && (j.Kind == plan.Inner || j.Kind == plan.LeftSemi || j.Kind == plan.RightOuter):
		return emptyOf(j.Columns())
	case noLeft:
		return padded(j, j.Right)
	case !noRight:
		return j
	case j.Kind == plan.LeftAnti || j.Kind == plan.NullAwareAnti:
		return j.Left
	}
	return padded(j, j.Left)
}

// padded is one side of a join with the columns that a match would have: NULLs, and a mark of false.
func padded(j *plan.Join, side plan.Node) plan.Node {
	mine := columnsOf(side)
	p := &plan.Project{Input: side}
	for _, c := range j.Columns() {
		var e expr.Expr = &expr.Const{Typ: c.Type}
		switch {
		case mine[c.ID]:
			e = c.Ref()
		case j.Kind == plan.Mark:
			e = boolConst(false)
		}
		p.Items = append(p.Items, plan.Item{Column: c, Expr: e})
	}
	return p
}

// withoutBranches is a set operation without the inputs that have no rows.
func withoutBranches(n *plan.SetOp) plan.Node {
	var kept []plan.Node
	for _, in := range n.Inputs {
		if !isEmpty(in) {
			kept = append(kept, in)
		}
	}
	switch {
	case len(kept) == len(n.Inputs):
		return n
	case len(kept) == 0, n.Op == plan.Intersect, n.Op == plan.Except && isEmpty(n.Inputs[0]):
		return emptyOf(n.Cols)
	case len(kept) > 1:
		c := *n
		c.Inputs = kept
		return &c
	}
	p := &plan.Project{Input: kept[0]}
	for i, c := range kept[0].Columns() {
		p.Items = append(p.Items, plan.Item{Column: n.Cols[i], Expr: c.Ref()})
	}
	if n.All {
		return p
	}
	return &plan.Aggregate{Input: p, Keys: passed(n.Cols)}
}
