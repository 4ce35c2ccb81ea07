package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// lockingQuery binds a query with FOR UPDATE and its kin. Nothing can be locked here: over tables it is refused as in a
// read-only transaction; over what has no rows to lock it means nothing. What PostgreSQL forbids is refused as there.
func (b *binder) lockingQuery(sel *parse.SelectStmt, parent *level, keepUnknown bool) (*result, error) {
	word := lockWord(sel.LockingClause[0].GetLockingClause())
	if sel.Op != parse.SetopNone {
		return nil, lockRefused("%s is not allowed with UNION/INTERSECT/EXCEPT", word)
	}
	q, err := b.plainQuery(sel, parent, keepUnknown)
	if err != nil {
		return nil, err
	}
	l := &locking{b: b, names: map[string]bool{}}
	for _, n := range sel.LockingClause {
		c := n.GetLockingClause()
		if len(sel.ValuesLists) > 0 {
			return nil, lockRefused("%s cannot be applied to VALUES", lockWord(c))
		}
		if err := l.query(sel, lockWord(c), c.LockedRels); err != nil {
			return nil, err
		}
	}
	if l.tables {
		return nil, sqlerr.New(sqlerr.ReadOnlyTransaction, "cannot execute SELECT %s in a read-only transaction", word)
	}
	return q, nil
}

// locking collects what locking clauses reach.
type locking struct {
	b      *binder
	names  map[string]bool // of WITH queries
	tables bool            // a table is to be locked
}

func lockWord(c *parse.LockingClause) string {
	switch c.Strength.String() {
	case "LCS_FORKEYSHARE":
		return "FOR KEY SHARE"
	case "LCS_FORSHARE":
		return "FOR SHARE"
	case "LCS_FORNOKEYUPDATE":
		return "FOR NO KEY UPDATE"
	}
	return "FOR UPDATE"
}

func lockRefused(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.FeatureNotSupported, format, args...)
}

// query applies a clause to a query: to everything in its FROM, or to the relations that are named.
func (l *locking) query(sel *parse.SelectStmt, word string, named []*parse.Node) error {
	if what := unlockable(sel); what != "" {
		return lockRefused("%s is not allowed with %s", word, what)
	}
	for _, n := range sel.WithClause.GetCtes() {
		l.names[n.GetCommonTableExpr().GetCtename()] = true
	}
	if len(named) == 0 {
		return l.items(sel.FromClause, word)
	}
	for _, n := range named {
		r := n.GetRangeVar()
		if r.Schemaname != "" || r.Catalogname != "" {
			return sqlerr.New(sqlerr.SyntaxError, "%s must specify unqualified relation names", word).At(l.b.pos(r.Location))
		}
		item := itemNamed(sel.FromClause, r.Relname)
		if item == nil {
			return sqlerr.New(sqlerr.UndefinedTable, "relation %q in %s clause not found in FROM clause", r.Relname, word).At(l.b.pos(r.Location))
		}
		if err := l.named(item, word, l.b.pos(r.Location)); err != nil {
			return err
		}
	}
	return nil
}

// unlockable is what in a query has no rows of tables to lock, "" for nothing.
func unlockable(sel *parse.SelectStmt) string {
	switch {
	case sel.Op != parse.SetopNone:
		return "UNION/INTERSECT/EXCEPT"
	case len(sel.DistinctClause) > 0:
		return "DISTINCT clause"
	case len(sel.GroupClause) > 0:
		return "GROUP BY clause"
	case sel.HavingClause != nil:
		return "HAVING clause"
	}
	for _, t := range append(sel.TargetList[:len(sel.TargetList):len(sel.TargetList)], sel.SortClause...) {
		if what := unlockableCall(t); what != "" {
			return what
		}
	}
	return ""
}

// unlockableCall finds aggregates, window functions and sets outside of subqueries.
func unlockableCall(n *parse.Node) string {
	what := ""
	parse.Visit(n, func(node any) bool {
		switch f := node.(type) {
		case *parse.SubLink:
			return false
		case *parse.FuncCall:
			names := parse.Names(f.Funcname)
			switch name := names[len(names)-1]; {
			case f.Over != nil:
				what = "window functions"
			case isAggregate(name):
				what = "aggregate functions"
			case isSet(name):
				what = "set-returning functions in the target list"
			}
		}
		return what == ""
	})
	return what
}

func isSet(name string) bool {
	for _, f := range expr.Functions(name) {
		if f.Kind == expr.SetReturning {
			return true
		}
	}
	return false
}

// items applies a clause to all of a FROM; functions and VALUES have nothing to lock.
func (l *locking) items(list []*parse.Node, word string) error {
	for _, n := range list {
		var err error
		switch {
		case n.GetRangeVar() != nil:
			r := n.GetRangeVar()
			l.tables = l.tables || r.Schemaname != "" || !l.names[r.Relname]
		case n.GetJoinExpr() != nil:
			err = l.items([]*parse.Node{n.GetJoinExpr().Larg, n.GetJoinExpr().Rarg}, word)
		case n.GetRangeSubselect() != nil:
			if sub := n.GetRangeSubselect().Subquery.GetSelectStmt(); len(sub.ValuesLists) == 0 {
				err = l.query(sub, word, nil)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// named applies a clause to one item of FROM.
func (l *locking) named(n *parse.Node, word string, pos int) error {
	what := ""
	switch {
	case n.GetJoinExpr() != nil:
		what = "a join"
	case n.GetRangeFunction() != nil:
		what = "a function"
	case n.GetRangeTableFunc() != nil:
		what = "a table function"
	case n.GetRangeVar() != nil && n.GetRangeVar().Schemaname == "" && l.names[n.GetRangeVar().Relname]:
		what = "a WITH query"
	}
	if what != "" {
		return lockRefused("%s cannot be applied to %s", word, what).At(pos)
	}
	return l.items([]*parse.Node{n}, word)
}

// itemNamed finds the item of FROM that a name refers to.
func itemNamed(list []*parse.Node, name string) *parse.Node {
	for _, n := range list {
		var alias *parse.Alias
		switch {
		case n.GetRangeVar() != nil:
			if alias = n.GetRangeVar().Alias; alias == nil && n.GetRangeVar().Relname == name {
				return n
			}
		case n.GetJoinExpr() != nil:
			j := n.GetJoinExpr()
			if alias = j.Alias; alias == nil && j.JoinUsingAlias != nil && j.JoinUsingAlias.Aliasname == name {
				return n
			}
			if alias == nil {
				if found := itemNamed([]*parse.Node{j.Larg, j.Rarg}, name); found != nil {
					return found
				}
			}
		case n.GetRangeSubselect() != nil:
			alias = n.GetRangeSubselect().Alias
		case n.GetRangeFunction() != nil:
			alias = n.GetRangeFunction().Alias
		case n.GetRangeTableFunc() != nil:
			alias = n.GetRangeTableFunc().Alias
		}
		if alias.GetAliasname() == name && name != "" {
			return n
		}
	}
	return nil
}
