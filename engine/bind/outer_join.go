package bind

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// outerJoinOn binds the condition of an outer join. A subquery in it is joined to the side whose columns it reads; one
// that reads both sides is evaluated for the pairs of rows.
func (l *level) outerJoinOn(c *clause, quals *parse.Node, kind plan.JoinKind, left, right plan.Node) (plan.Node, error) {
	var conds []expr.Expr
	for _, part := range conjuncts(quals) {
		e, err := c.expr(part)
		if err != nil {
			return nil, err
		}
		what := c.conditionName()
		if part != quals {
			what = "AND"
		}
		if e, err = c.b.boolean(e, what, c.b.posOf(part)); err != nil {
			return nil, err
		}
		conds = append(conds, expr.Conjuncts(e)...)
	}
	var both []pending
	for _, s := range *c.subqueries {
		switch {
		case len(both) > 0 || s.refersTo(left) && s.refersTo(right):
			both = append(both, s)
		case s.refersTo(left), !s.refersTo(right) && kind == plan.RightOuter:
			left = s.attach(left)
		default:
			right = s.attach(right)
		}
	}
	if len(both) == 0 {
		return joinNodes(kind, left, right, conds), nil
	}
	return l.b.joinPairs(kind, left, right, both, conds)
}

// joinPairs is an outer join whose condition has subqueries over both sides: the pairs that satisfy it are found by an
// inner join, and rows without a pair are told by numbering the rows of the sides that keep theirs.
func (b *binder) joinPairs(kind plan.JoinKind, left, right plan.Node, subs []pending, conds []expr.Expr) (plan.Node, error) {
	pairs := &pairing{b: b, by: map[expr.ColumnID]expr.Expr{}}
	l, r := left, right
	var keptLeft, keptRight *numbered
	var err error
	if kind != plan.RightOuter {
		if keptLeft, err = pairs.number(left); err != nil {
			return nil, err
		}
		l = keptLeft.again
	}
	if kind != plan.LeftOuter {
		if keptRight, err = pairs.number(right); err != nil {
			return nil, err
		}
		r = keptRight.again
	}
	found := pairs.matching(l, r, subs, conds)
	switch kind {
	case plan.LeftOuter:
		return pairs.keep(keptLeft, pairs.only(found, keptLeft.numberAgain, right))
	case plan.RightOuter:
		return pairs.keep(keptRight, pairs.only(found, keptRight.numberAgain, left))
	}
	p := pairs.only(found, keptLeft.numberAgain, nil)
	p.Items = append(p.Items, plan.Item{Column: keptRight.numberAgain, Expr: keptRight.numberAgain.Ref()})
	x, err := pairs.keep(keptLeft, p)
	if err != nil {
		return nil, err
	}
	eq, err := b.operate("=", []expr.Expr{keptRight.numberAgain.Ref(), keptRight.number.Ref()}, 0)
	return &plan.Join{Kind: plan.FullOuter, Left: x, Right: keptRight.node, On: []expr.Expr{eq}}, err
}

// pairing is one such join. by has the columns under which the sides are read a second time.
type pairing struct {
	b  *binder
	by map[expr.ColumnID]expr.Expr
}

// numbered is a side that is read twice: node with its own columns and a number, again with others.
type numbered struct {
	node, again         plan.Node
	number, numberAgain plan.Column
}

func (p *pairing) number(n plan.Node) (*numbered, error) {
	cand, err := p.b.function("row_number", nil, 0, expr.Window)
	if err != nil {
		return nil, err
	}
	out := &numbered{number: p.b.newColumn("row_number", types.Int8T, false)}
	w := &plan.Window{
		Input: n, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
		Items: []plan.AggItem{{Column: out.number, Fn: cand.fn}},
	}
	id := p.b.nextShared
	p.b.nextShared++
	cols := w.Columns()
	again := make([]plan.Column, len(cols))
	for i, c := range cols {
		again[i] = p.b.newColumn(c.Name, c.Type, c.Nullable)
		p.by[c.ID] = again[i].Ref()
	}
	out.numberAgain = again[len(again)-1]
	out.node = &plan.Shared{ID: id, Name: "outer", Input: w, Cols: cols}
	out.again = &plan.Shared{ID: id, Name: "outer", Input: w, Cols: again}
	return out, nil
}

// matching are the pairs of l and r that satisfy conds.
func (p *pairing) matching(l, r plan.Node, subs []pending, conds []expr.Expr) plan.Node {
	replace := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
			if c, ok := e.(*expr.Column); ok && p.by[c.ID] != nil {
				return p.by[c.ID]
			}
			return e
		})
	}
	made := map[expr.ColumnID]bool{}
	for i := range subs {
		s := &subs[i]
		s.right = plan.Rewrite(s.right, func(n plan.Node) plan.Node { return plan.MapExprs(n, replace) })
		s.on = slices.Clone(s.on)
		for j := range s.on {
			s.on[j] = replace(s.on[j])
		}
		made[s.mark.ID] = s.kind == plan.Mark
		for _, c := range s.right.Columns() {
			made[c.ID] = true
		}
	}
	var before, behind []expr.Expr
	for _, e := range conds {
		used := map[expr.ColumnID]bool{}
		expr.Columns(e, used)
		waits := false
		for id := range used {
			waits = waits || made[id]
		}
		if waits {
			behind = append(behind, replace(e))
		} else {
			before = append(before, replace(e))
		}
	}
	return &plan.Filter{Input: attachAll(joinNodes(plan.Inner, l, r, before), subs), Conds: behind}
}

// only projects pairs to the number of a row and the columns of the other side.
func (p *pairing) only(pairs plan.Node, number plan.Column, other plan.Node) *plan.Project {
	out := &plan.Project{Input: pairs, Items: []plan.Item{{Column: number, Expr: number.Ref()}}}
	if other == nil {
		return out
	}
	for _, c := range other.Columns() {
		out.Items = append(out.Items, plan.Item{Column: c, Expr: c.Ref()})
	}
	return out
}

// keep joins a side to its pairs.
func (p *pairing) keep(side *numbered, pairs plan.Node) (plan.Node, error) {
	eq, err := p.b.operate("=", []expr.Expr{side.number.Ref(), side.numberAgain.Ref()}, 0)
	return &plan.Join{Kind: plan.LeftOuter, Left: side.node, Right: pairs, On: []expr.Expr{eq}}, err
}
