package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// splitRowNotIn lets (a, b) NOT IN (SELECT x, y …) be answered by hashing. A row stays if the comparison is false for all
// rows of the right side: if none of them equals it, and none may equal it because of a NULL. The first is an anti join on
// the parts; the second needs loops, but over the rows with a NULL alone, of the right side and of the left one.
func (o *optimizer) splitRowNotIn(root plan.Node) plan.Node {
	s := &rowSplitter{o: o, next: nextShared(root)}
	return plan.Rewrite(root, func(n plan.Node) plan.Node {
		if j, ok := n.(*plan.Join); ok && j.Kind == plan.NullAwareAnti {
			return s.split(j)
		}
		return n
	})
}

type rowSplitter struct {
	o    *optimizer
	next int
}

// nextShared is the first number that no shared subplan of a plan has.
func nextShared(root plan.Node) int {
	next := 0
	plan.Walk(root, func(n plan.Node) bool {
		if s, ok := n.(*plan.Shared); ok {
			next = max(next, s.ID+1)
		}
		return true
	})
	return next
}

func (s *rowSplitter) split(j *plan.Join) plan.Node {
	parts := rowParts(j)
	if parts == nil || readsWorkTable(j) || s.o.oneServer(j) {
		return j
	}
	left := columnsOf(j.Left)
	var leftNull, rightNull, maybe []expr.Expr
	for _, p := range parts {
		c := p.(*expr.Call)
		mine, theirs := c.Args[0], c.Args[1]
		if !left.within(mine) || !left.touches(mine) {
			mine, theirs = theirs, mine
		}
		leftNull, rightNull = appendNull(leftNull, mine, j.Left), appendNull(rightNull, theirs, j.Right)
		maybe = append(maybe, &expr.IsBool{Arg: p, Negate: true})
	}
	rest := j.On[1:]
	of := s.share("rows", j.Right)
	exact := of(j.Right.Columns())
	var out plan.Node = &plan.Join{Kind: plan.LeftAnti, Left: j.Left, Right: exact, On: append(parts, rest...)}
	if len(rightNull) > 0 {
		odd, by := s.again(of, j.Right.Columns())
		out = &plan.Join{
			Kind: plan.LeftAnti, Left: out, Right: &plan.Filter{Input: odd, Conds: []expr.Expr{substitute(anyOfThem(rightNull), by)}},
			On: substituteAll(append(maybe[:len(maybe):len(maybe)], rest...), by),
		}
	}
	if len(leftNull) == 0 {
		return out
	}
	return s.oddLeft(j, out, anyOfThem(leftNull), append(maybe, rest...), of)
}

// oddLeft compares the rows of in for which odd is true with all rows of the right side, one by one.
func (s *rowSplitter) oddLeft(j *plan.Join, in plan.Node, odd expr.Expr, on []expr.Expr, of func([]plan.Column) *plan.Shared) plan.Node {
	kept := s.share("kept", in)
	whole, byWhole := s.again(kept, in.Columns())
	broken, byBroken := s.again(kept, in.Columns())
	all, byAll := s.again(of, j.Right.Columns())
	for id, e := range byBroken {
		byAll[id] = e
	}
	return &plan.SetOp{Op: plan.Union, All: true, Cols: in.Columns(), Inputs: []plan.Node{
		&plan.Filter{Input: whole, Conds: []expr.Expr{substitute(&expr.Not{Arg: odd}, byWhole)}},
		&plan.Join{
			Kind: plan.LeftAnti, Left: &plan.Filter{Input: broken, Conds: []expr.Expr{substitute(odd, byBroken)}}, Right: all,
			On: substituteAll(on, byAll),
		},
	}}
}

// rowParts are the equalities of a comparison of rows that can be hashed; nil when it is none.
func rowParts(j *plan.Join) []expr.Expr {
	if len(j.On) == 0 {
		return nil
	}
	and, ok := j.On[0].(*expr.Logic)
	if !ok || and.Op != expr.And {
		return nil
	}
	left, right := columnsOf(j.Left), columnsOf(j.Right)
	parts := expr.Conjuncts(and)
	for _, p := range parts {
		c, isCall := p.(*expr.Call)
		if !isCall || equalityFamily(c.Fn) == "" || !movable(p) {
			return nil
		}
		if _, _, _, ok := hashable(p, left, right); !ok {
			return nil
		}
	}
	return parts
}

func appendNull(to []expr.Expr, e expr.Expr, of plan.Node) []expr.Expr {
	if c, ok := e.(*expr.Column); ok {
		for _, col := range of.Columns() {
			if col.ID == c.ID && !col.Nullable {
				return to
			}
		}
	}
	return append(to, &expr.IsNull{Arg: e})
}

func anyOfThem(es []expr.Expr) expr.Expr {
	if len(es) == 1 {
		return es[0]
	}
	return &expr.Logic{Op: expr.Or, Args: es}
}

// share gives places that read a relation, each with the columns that it is given.
func (s *rowSplitter) share(name string, n plan.Node) func([]plan.Column) *plan.Shared {
	id := s.next
	s.next++
	return func(cols []plan.Column) *plan.Shared { return &plan.Shared{ID: id, Name: name, Input: n, Cols: cols} }
}

// again is one more place, with columns of its own.
func (s *rowSplitter) again(of func([]plan.Column) *plan.Shared, cols []plan.Column) (*plan.Shared, map[expr.ColumnID]expr.Expr) {
	own := make([]plan.Column, len(cols))
	by := map[expr.ColumnID]expr.Expr{}
	for i, c := range cols {
		own[i] = s.o.newColumn(c.Name, c.Type, c.Nullable)
		by[c.ID] = own[i].Ref()
	}
	return of(own), by
}

// oneServer says whether all of n may go to one server that joins.
func (o *optimizer) oneServer(n plan.Node) bool {
	src := o.onlySource(n)
	return src != nil && src.Capabilities().Join
}
