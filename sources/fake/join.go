package fake

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// join looks at every pair of rows.
func (e *evaluation) join(n *plan.Join) (*relation, error) {
	left, err := e.node(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := e.node(n.Right)
	if err != nil {
		return nil, err
	}
	j := &joining{n: n, left: left, right: right, out: &relation{cols: n.Columns()}, used: make([]bool, len(right.rows))}
	for _, l := range left.rows {
		if err := j.match(e, l); err != nil {
			return nil, err
		}
		if err := j.emit(l); err != nil {
			return nil, err
		}
	}
	if n.Kind == plan.RightOuter || n.Kind == plan.FullOuter {
		for i, r := range right.rows {
			if !j.used[i] {
				j.out.rows = append(j.out.rows, joined(make([]any, len(left.cols)), r))
			}
		}
	}
	return j.out, nil
}

type joining struct {
	n           *plan.Join
	left, right *relation
	out         *relation
	used        []bool // right rows with a match
	matches     []int  // right rows that match the current left row
	unknown     bool   // for some right row the answer is NULL
}

func joined(l, r []any) []any { return append(append(make([]any, 0, len(l)+len(r)), l...), r...) }

// match finds the right rows of one left row. For NOT IN and IN it also says whether the comparison, the first conjunct,
// is NULL for a right row for which the others hold.
func (j *joining) match(e *evaluation, l []any) error {
	pairs := &relation{cols: append(append([]plan.Column(nil), j.left.cols...), j.right.cols...)}
	for _, r := range j.right.rows {
		pairs.rows = append(pairs.rows, joined(l, r))
	}
	j.matches, j.unknown = nil, false
	hit, err := e.holds(pairs, j.n.On)
	if err != nil {
		return err
	}
	for i, is := range hit {
		if is {
			j.matches = append(j.matches, i)
			j.used[i] = true
		}
	}
	if len(j.n.On) == 0 || j.n.Kind != plan.NullAwareAnti && !(j.n.Kind == plan.Mark && j.n.NullAware) {
		return nil
	}
	conds := append([]expr.Expr{&expr.IsNull{Arg: j.n.On[0]}}, j.n.On[1:]...)
	null, err := e.holds(pairs, conds)
	for _, is := range null {
		j.unknown = j.unknown || is
	}
	return err
}

// emit gives what the join yields for one left row.
func (j *joining) emit(l []any) error {
	add := func(row []any) { j.out.rows = append(j.out.rows, row) }
	matched := len(j.matches) > 0
	switch j.n.Kind {
	case plan.LeftSemi:
		if matched {
			add(l)
		}
		return nil
	case plan.LeftAnti:
		if !matched {
			add(l)
		}
		return nil
	case plan.NullAwareAnti:
		if !matched && !j.unknown {
			add(l)
		}
		return nil
	case plan.Mark:
		var mark any = matched
		if !matched && j.unknown {
			mark = nil
		}
		add(append(append([]any(nil), l...), mark))
		return nil
	case plan.Single:
		if len(j.matches) > 1 {
			return sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
		}
	}
	for _, r := range j.matches {
		add(joined(l, j.right.rows[r]))
	}
	if !matched && (j.n.Kind == plan.LeftOuter || j.n.Kind == plan.FullOuter || j.n.Kind == plan.Single) {
		add(joined(l, make([]any, len(j.right.cols))))
	}
	return nil
}
