package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// maxInlined bounds how often one statement's common table expressions are bound again for a further place: NOT
// MATERIALIZED ones that read each other twice double with every level.
const maxInlined = 256

// cte is a common table expression.
type cte struct {
	b      *binder
	item   *withItem
	around *level      // in which its query is bound
	later  []*withItem // itself and those behind it, which its query cannot see
	node   plan.Node
	cols   []plan.Column
	// shared: it is computed once, and each reference has columns of its own; else it stands in the place of its one
	// reference, and further ones bind its query again.
	shared bool
	id     int
	used   bool
	// binding: its query is being bound; work is what a reference in its recursive term reads, nil elsewhere.
	binding bool
	work    *plan.WorkTable
}

// bind binds the query of the common table expression of l, and decides whether it is computed once (inline_cte).
func (c *cte) bind(l *level) error {
	if err := c.query(l); err != nil {
		return err
	}
	it := c.item
	c.id = c.b.nextShared
	c.b.nextShared++
	switch {
	case it.self:
		c.shared = it.places > 1
	case volatile(c.node):
		c.shared = true
	case it.Ctematerialized == parse.CTEMaterializeNever:
	default:
		c.shared = it.Ctematerialized == parse.CTEMaterializeAlways || it.places > 1
	}
	return nil
}

func (c *cte) query(l *level) error {
	c.binding = true
	defer func() { c.binding = false }()
	var q *result
	var err error
	if c.item.self {
		q, err = c.b.recursion(c, l)
	} else {
		q, err = c.b.query(c.item.Ctequery.GetSelectStmt(), l, false)
	}
	if err != nil {
		return err
	}
	c.node, c.cols = c.b.exactly(q)
	c.cols, err = c.named(c.cols)
	return err
}

// named gives columns the names that are written behind the name of the common table expression.
func (c *cte) named(cols []plan.Column) ([]plan.Column, error) {
	names := c.item.Aliascolnames
	if len(names) > len(cols) {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "WITH query %q has %d columns available but %d columns specified",
			c.item.Ctename, len(cols), len(names)).At(c.item.pos)
	}
	out := append([]plan.Column(nil), cols...)
	for i, n := range names {
		out[i].Name = n.GetString_().GetSval()
	}
	return out, nil
}

func isVolatile(e expr.Expr) bool { return expr.VolatilityOf(e) == expr.Volatile }

// cteReference reads a common table expression: its own plan where that is the only place, else a shared one.
func (l *level) cteReference(c *cte, n *parse.RangeVar, pos int) (*item, error) {
	name := c.item.Ctename
	if c.work != nil {
		l.selfReference = true
		w := &plan.WorkTable{ID: c.work.ID, Name: name, Cols: l.fresh(c.work.Cols)}
		return l.aliased(w, w.Cols, name, nil, n.Alias, pos)
	}
	if !c.shared && c.used {
		if err := c.again(); err != nil {
			return nil, err
		}
	}
	if !c.shared {
		c.used = true
		return l.aliased(c.node, c.cols, name, nil, n.Alias, pos)
	}
	s := &plan.Shared{ID: c.id, Name: name, Input: c.node, Cols: l.fresh(c.cols)}
	return l.aliased(s, s.Cols, name, nil, n.Alias, pos)
}

// again binds the query once more, for a further place. The last time that a statement may, the result is shared.
func (c *cte) again() error {
	c.b.inlined++
	c.shared = c.b.inlined >= maxInlined
	l := newLevel(c.b, c.around)
	l.cte = c
	return c.query(l)
}

// fresh are columns like cols under IDs of their own.
func (l *level) fresh(cols []plan.Column) []plan.Column {
	out := make([]plan.Column, len(cols))
	for i, c := range cols {
		out[i] = l.b.newColumn(c.Name, c.Type, c.Nullable)
	}
	return out
}
