package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// cte is a bound common table expression.
type cte struct {
	name string
	node plan.Node
	cols []plan.Column
	// shared: several places read it, or it must be computed once: each reference has columns of its own.
	shared bool
	id     int
}

// cte finds a common table expression by name.
func (l *level) cte(name string) *cte {
	for lv := l; lv != nil; lv = lv.parent {
		if c := lv.ctes[name]; c != nil {
			return c
		}
	}
	return nil
}

// with binds a WITH clause in a level around the query proper.
func (b *binder) with(w *parse.WithClause, query *parse.SelectStmt, parent *level) (*level, error) {
	l := newLevel(b, parent)
	l.ctes = map[string]*cte{}
	for _, n := range w.Ctes {
		e := n.GetCommonTableExpr()
		pos := b.pos(e.Location)
		if l.ctes[e.Ctename] != nil {
			return nil, sqlerr.New(sqlerr.DuplicateAlias, "WITH query name %q specified more than once", e.Ctename).At(pos)
		}
		if w.Recursive && mentions(e.Ctequery, e.Ctename) > 0 {
			return nil, sqlerr.Unsupported("WITH RECURSIVE").At(pos)
		}
		sel := e.Ctequery.GetSelectStmt()
		if sel == nil {
			return nil, sqlerr.New(sqlerr.ReadOnlyTransaction, "a WITH query that changes data cannot run in a read-only transaction").At(pos)
		}
		c, err := b.commonTable(e, l, pos)
		if err != nil {
			return nil, err
		}
		root := &parse.Node{Node: &parse.NodeSelectStmt{SelectStmt: query}}
		c.shared = e.Ctematerialized == parse.CTEMaterializeAlways || volatile(c.node) ||
			e.Ctematerialized != parse.CTEMaterializeNever && mentions(root, e.Ctename) > 1
		if e.Ctematerialized == parse.CTEMaterializeNever && mentions(root, e.Ctename) > 1 {
			c.shared = true // one plan cannot stand in two places: its columns would be the same
		}
		l.ctes[e.Ctename] = c
	}
	return l, nil
}

func (b *binder) commonTable(e *parse.CommonTableExpr, l *level, pos int) (*cte, error) {
	q, err := b.query(e.Ctequery.GetSelectStmt(), l, false)
	if err != nil {
		return nil, err
	}
	if len(e.Aliascolnames) > len(q.cols) {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "WITH query %q has %d columns available but %d columns specified",
			e.Ctename, len(q.cols), len(e.Aliascolnames)).At(pos)
	}
	c := &cte{name: e.Ctename, id: b.nextShared}
	b.nextShared++
	c.node, c.cols = b.exactly(q)
	c.cols = append([]plan.Column(nil), c.cols...)
	for i, n := range e.Aliascolnames {
		c.cols[i].Name = n.GetString_().GetSval()
	}
	return c, nil
}

// mentions counts the places that name a relation of one part, shadowed ones too.
func mentions(n *parse.Node, name string) int {
	count := 0
	parse.Visit(n, func(n any) bool {
		if r, ok := n.(*parse.RangeVar); ok && r.Relname == name && r.Schemaname == "" && r.Catalogname == "" {
			count++
		}
		return true
	})
	return count
}

func volatile(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			found = found || expr.VolatilityOf(e) == expr.Volatile
		}
		return !found
	})
	return found
}

// cteReference reads a common table expression: its own plan where that is the only place, else a shared one.
func (l *level) cteReference(c *cte, n *parse.RangeVar, pos int) (*item, error) {
	if !c.shared {
		return l.aliased(c.node, c.cols, c.name, nil, n.Alias, pos)
	}
	s := &plan.Shared{ID: c.id, Name: c.name, Input: c.node}
	for _, col := range c.cols {
		s.Cols = append(s.Cols, l.b.newColumn(col.Name, col.Type, col.Nullable))
	}
	return l.aliased(s, s.Cols, c.name, nil, n.Alias, pos)
}
