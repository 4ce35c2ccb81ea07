package bind

import (
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// withItem is one common table expression of a WITH clause, before it is bound.
type withItem struct {
	*parse.CommonTableExpr
	pos int
	// reads are the other items that it reads, which are bound before it; self: it reads itself.
	reads map[string]bool
	self  bool
	// places is how often the statement reads it, without its own recursion.
	places int
}

// with binds a WITH clause in levels around the query proper, one for each common table expression, so that each sees
// those that it may.
func (b *binder) with(w *parse.WithClause, query *parse.SelectStmt, parent *level) (*level, error) {
	items, err := b.withItems(w, query)
	if err != nil {
		return nil, err
	}
	if w.Recursive {
		if items, err = inOrder(items); err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.self {
				if err := b.checkRecursion(it.CommonTableExpr); err != nil {
					return nil, err
				}
			}
		}
	}
	for i, it := range items {
		l := newLevel(b, parent)
		l.cte = &cte{item: it, b: b, around: parent}
		if !w.Recursive {
			l.cte.later = items[i:]
		}
		if err := l.cte.bind(l); err != nil {
			return nil, err
		}
		parent = l
	}
	return parent, nil
}

// withItems are the items of the clause, with what reads them.
func (b *binder) withItems(w *parse.WithClause, query *parse.SelectStmt) ([]*withItem, error) {
	var items []*withItem
	byName := map[string]*withItem{}
	for _, n := range w.Ctes {
		it := &withItem{CommonTableExpr: n.GetCommonTableExpr(), reads: map[string]bool{}}
		it.pos = b.pos(it.Location)
		if byName[it.Ctename] != nil {
			return nil, sqlerr.New(sqlerr.DuplicateAlias, "WITH query name %q specified more than once", it.Ctename).At(it.pos)
		}
		if err := b.plainSelect(it); err != nil {
			return nil, err
		}
		byName[it.Ctename] = it
		items = append(items, it)
	}
	if !w.Recursive {
		clear(byName) // an item sees those before it
	}
	for _, it := range items {
		referencesIn(it.Ctequery.GetSelectStmt(), func(n *parse.RangeVar) {
			switch to := byName[n.Relname]; to {
			case nil:
			case it:
				it.self = true
			default:
				it.reads[to.Ctename] = true
				to.places++
			}
		})
		byName[it.Ctename] = it
	}
	body := &references{found: func(n *parse.RangeVar) {
		if to := byName[n.Relname]; to != nil {
			to.places++
		}
	}}
	_ = parse.Children(query, body.walk) // found does not fail
	return items, nil
}

// plainSelect refuses what a common table expression can be beside a query.
func (b *binder) plainSelect(it *withItem) error {
	switch {
	case it.Ctequery.GetSelectStmt() == nil:
		return sqlerr.New(sqlerr.ReadOnlyTransaction, "a WITH query that changes data cannot run in a read-only transaction").At(it.pos)
	case it.SearchClause != nil:
		return sqlerr.Unsupported("SEARCH in a WITH query").At(b.pos(it.SearchClause.Location))
	case it.CycleClause != nil:
		return sqlerr.Unsupported("CYCLE in a WITH query").At(b.pos(it.CycleClause.Location))
	}
	return nil
}

// inOrder sorts the items of WITH RECURSIVE so that each stands behind those that it reads (TopologicalSort).
func inOrder(items []*withItem) ([]*withItem, error) {
	var out []*withItem
	left := append([]*withItem(nil), items...)
	for len(left) > 0 {
		at := -1
		for i, it := range left {
			if len(it.reads) == 0 {
				at = i
				break
			}
		}
		if at < 0 {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "mutual recursion between WITH items is not implemented").At(left[0].pos)
		}
		it := left[at]
		// As PostgreSQL does, the first of the rest takes its place.
		left[at] = left[0]
		left = left[1:]
		for _, other := range left {
			delete(other.reads, it.Ctename)
		}
		out = append(out, it)
	}
	return out, nil
}

// withQuery finds the common table expression that a name means in l, nil for none.
func (l *level) withQuery(name string) *cte {
	for lv := l; lv != nil; lv = lv.parent {
		if c := lv.cte; c != nil && c.item.Ctename == name && (!c.binding || c.work != nil) {
			return c
		}
	}
	return nil
}

// explainMissing says of a relation that does not exist that a later item of a WITH clause has its name.
func (l *level) explainMissing(err error, name string) error {
	var e *sqlerr.Error
	if !asError(err, &e) || e.Code != sqlerr.UndefinedTable {
		return err
	}
	for lv := l; lv != nil; lv = lv.parent {
		if lv.cte == nil || !lv.cte.binding {
			continue
		}
		for _, it := range lv.cte.later {
			if it.Ctename == name {
				return e.WithDetail("There is a WITH item named %q, but it cannot be referenced from this part of the query.", name).
					WithHint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.")
			}
		}
	}
	return err
}

// volatile says whether an expression in n gives another value each time.
func volatile(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			found = found || isVolatile(e)
		}
		return !found
	})
	return found
}
