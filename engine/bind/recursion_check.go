package bind

import (
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// selfReference is where in a recursive query the walk stands (PostgreSQL's RecursionContext).
type selfReference uint8

const (
	inRecursiveTerm selfReference = iota
	inNonRecursiveTerm
	inSubquery
	inOuterJoin
	inIntersect
	inExcept
)

var misplaced = [...]string{
	inNonRecursiveTerm: "its non-recursive term", inSubquery: "a subquery", inOuterJoin: "an outer join",
	inIntersect: "INTERSECT", inExcept: "EXCEPT",
}

// recursionCheck holds a recursive query to the form start UNION [ALL] step, where step reads the query itself once, at
// a place at which the rows of the last round alone tell what the next one adds (checkWellFormedRecursion).
type recursionCheck struct {
	b     *binder
	name  string
	at    selfReference
	inner [][]string
	seen  int
}

func (b *binder) checkRecursion(e *parse.CommonTableExpr) error {
	sel := e.Ctequery.GetSelectStmt()
	if sel.Op != parse.SetopUnion {
		return sqlerr.New(sqlerr.InvalidRecursion, "recursive query %q does not have the form non-recursive-term UNION [ALL] recursive-term",
			e.Ctename).At(b.pos(e.Location))
	}
	if err := (&recursionCheck{b: b, name: e.Ctename, at: inNonRecursiveTerm}).walk(sel.Larg); err != nil {
		return err
	}
	if err := (&recursionCheck{b: b, name: e.Ctename}).walk(sel.Rarg); err != nil {
		return err
	}
	if sel.WithClause != nil {
		c := &recursionCheck{b: b, name: e.Ctename, at: inSubquery}
		for _, n := range sel.WithClause.Ctes {
			if err := c.walk(n.GetCommonTableExpr()); err != nil {
				return err
			}
		}
	}
	return b.checkDecoration(sel)
}

// checkDecoration refuses what would stand above the union: it has no meaning while only a part of the rows is known.
func (b *binder) checkDecoration(sel *parse.SelectStmt) error {
	refused := func(what string, at *parse.Node) error {
		pos := 0
		if at != nil {
			pos = b.posOf(at)
		}
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s in a recursive query is not implemented", what).At(pos)
	}
	switch {
	case len(sel.SortClause) > 0:
		return refused("ORDER BY", sel.SortClause[0])
	case sel.LimitOffset != nil:
		return refused("OFFSET", sel.LimitOffset)
	case sel.LimitCount != nil:
		return refused("LIMIT", sel.LimitCount)
	case len(sel.LockingClause) > 0:
		return refused("FOR UPDATE/SHARE", nil)
	}
	return nil
}

func (c *recursionCheck) walk(node any) error {
	switch n := node.(type) {
	case *parse.RangeVar:
		return c.relation(n)
	case *parse.SelectStmt:
		if n.WithClause != nil {
			return walkWith(n, &c.inner, c.walk, func() error { return c.query(n) })
		}
		return c.query(n)
	case *parse.WithClause:
		return nil
	case *parse.JoinExpr:
		return c.join(n)
	case *parse.SubLink:
		if err := c.under(inSubquery, n.Subselect); err != nil {
			return err
		}
		return c.walkNode(n.Testexpr)
	}
	return parse.Children(node, c.walk)
}

func (c *recursionCheck) walkNode(n *parse.Node) error {
	if n == nil {
		return nil
	}
	return parse.Children(n, c.walk)
}

// under walks n as part of something that a self reference must not stand in.
func (c *recursionCheck) under(at selfReference, n *parse.Node) error {
	was := c.at
	c.at = at
	defer func() { c.at = was }()
	return c.walkNode(n)
}

func (c *recursionCheck) relation(n *parse.RangeVar) error {
	if !unqualified(n) || n.Relname != c.name || captured(c.inner, n.Relname) {
		return nil
	}
	pos := c.b.pos(n.Location)
	if c.at != inRecursiveTerm {
		return sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear within %s", c.name, misplaced[c.at]).At(pos)
	}
	if c.seen++; c.seen > 1 {
		return sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear more than once", c.name).At(pos)
	}
	return nil
}

// query walks a SELECT without its WITH. Below ALL, INTERSECT and EXCEPT count rows, and what EXCEPT takes away does not
// grow with the rows of the query.
func (c *recursionCheck) query(n *parse.SelectStmt) error {
	was := c.at
	if was != inRecursiveTerm || n.Op != parse.SetopIntersect && n.Op != parse.SetopExcept {
		return parse.Children(n, c.walk)
	}
	defer func() { c.at = was }()
	left, right := was, inExcept
	switch {
	case n.Op == parse.SetopIntersect && n.All:
		left, right = inIntersect, inIntersect
	case n.Op == parse.SetopIntersect:
		right = was
	case n.All:
		left = inExcept
	}
	c.at = left
	if err := c.walk(n.Larg); err != nil {
		return err
	}
	c.at = right
	if err := c.walk(n.Rarg); err != nil {
		return err
	}
	c.at = was
	for _, more := range append(append([]*parse.Node(nil), n.SortClause...), n.LimitOffset, n.LimitCount) {
		if err := c.walkNode(more); err != nil {
			return err
		}
	}
	return nil
}

// join lets a self reference stand where its rows are kept.
func (c *recursionCheck) join(n *parse.JoinExpr) error {
	left, right := c.at, c.at
	if c.at == inRecursiveTerm {
		if n.Jointype == parse.JoinRight || n.Jointype == parse.JoinFull {
			left = inOuterJoin
		}
		if n.Jointype == parse.JoinLeft || n.Jointype == parse.JoinFull {
			right = inOuterJoin
		}
	}
	if err := c.under(left, n.Larg); err != nil {
		return err
	}
	if err := c.under(right, n.Rarg); err != nil {
		return err
	}
	return c.walkNode(n.Quals)
}
