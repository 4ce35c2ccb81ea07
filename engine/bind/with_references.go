package bind

import (
	"slices"

	"github.com/skeinsql/skein/engine/parse"
)

// references walks a query and calls found for every relation of one part that no WITH inside of the query captures:
// what may be a common table expression of the query's surroundings.
type references struct {
	found func(n *parse.RangeVar)
	inner [][]string // the names of the WITH clauses around, innermost last
}

func referencesIn(node any, found func(n *parse.RangeVar)) {
	r := &references{found: found}
	_ = r.walk(node) // found does not fail
}

func (r *references) walk(node any) error {
	switch n := node.(type) {
	case *parse.RangeVar:
		if unqualified(n) && !captured(r.inner, n.Relname) {
			r.found(n)
		}
		return nil
	case *parse.SelectStmt:
		if n.WithClause != nil {
			return walkWith(n, &r.inner, r.walk, func() error { return parse.Children(n, r.walk) })
		}
	case *parse.WithClause:
		return nil
	}
	return parse.Children(node, r.walk)
}

func unqualified(n *parse.RangeVar) bool { return n.Schemaname == "" && n.Catalogname == "" }

func captured(inner [][]string, name string) bool {
	for _, names := range inner {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// walkWith walks the common table expressions of a SELECT, then its body, with the names in inner that each of them
// sees: all with RECURSIVE, else those before.
func walkWith(n *parse.SelectStmt, inner *[][]string, walk func(any) error, body func() error) error {
	at := len(*inner)
	*inner = append(*inner, nil)
	defer func() { *inner = (*inner)[:at] }()
	if n.WithClause.Recursive {
		for _, c := range n.WithClause.Ctes {
			(*inner)[at] = append((*inner)[at], c.GetCommonTableExpr().Ctename)
		}
	}
	for _, c := range n.WithClause.Ctes {
		e := c.GetCommonTableExpr()
		if err := parse.Children(e.Ctequery, walk); err != nil {
			return err
		}
		if !n.WithClause.Recursive {
			(*inner)[at] = append((*inner)[at], e.Ctename)
		}
	}
	return body()
}
