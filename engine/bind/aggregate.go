package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// aggregate binds a call of an aggregate: what a SELECT computes once per group, and a reference to it. The SELECT is
// the innermost one whose columns the call reads, which can be one around this one (check_agglevels_and_constraints).
func (c *clause) aggregate(name string, n *parse.FuncCall, pos int) (expr.Expr, error) {
	var subs []pending
	item, err := c.aggregateItem(name, n, pos, &subs)
	if err != nil {
		return nil, err
	}
	lv, err := c.levelOf(item, subs, pos)
	if err != nil {
		return nil, err
	}
	at := c
	if lv != c.lv {
		if at = lv.within; at == nil || lv.hidden {
			return nil, sqlerr.New(sqlerr.GroupingError, "aggregate functions are not allowed in FROM clause of their own query level").
				At(pos)
		}
	}
	if err := at.aggregateAllowed(pos); err != nil {
		return nil, err
	}
	if c.b.usesAggregate(lv, item) {
		return nil, sqlerr.New(sqlerr.GroupingError, "aggregate function calls cannot be nested").At(pos)
	}
	for _, have := range lv.aggs {
		if sameAggregate(have, *item) {
			return have.Ref(), nil
		}
	}
	item.Column = c.b.newColumn(name, item.Type, aggregateNullable(item.Fn))
	c.b.aggregates[item.ID] = lv
	lv.aggs, lv.aggArgs = append(lv.aggs, *item), append(lv.aggArgs, subs...)
	lv.noteAggregate(pos)
	return item.Ref(), nil
}

// levelOf is the level of an aggregate's call. Direct arguments do not tell it, and read no columns of levels below.
func (c *clause) levelOf(item *plan.AggItem, subs []pending, pos int) (*level, error) {
	if !item.Fn.OrderedSet {
		return c.aggregateLevel(item, subs), nil
	}
	aggregated := *item
	aggregated.Args = nil
	lv, direct := c.aggregateLevel(&aggregated, subs), c.aggregateLevel(&plan.AggItem{Args: item.Args}, nil)
	used := map[expr.ColumnID]bool{}
	for _, a := range item.Args {
		expr.Columns(a, used)
	}
	for at := c.lv; at != lv && len(used) > 0; at = at.parent {
		if at == direct {
			return nil, sqlerr.New(sqlerr.GroupingError,
				"outer-level aggregate cannot contain a lower-level variable in its direct arguments").At(pos)
		}
	}
	return lv, nil
}

func aggregateNullable(f *expr.Function) bool { return f.Name != "count" }

func (c *clause) aggregateAllowed(pos int) error {
	switch {
	case c.inAggregate:
		return sqlerr.New(sqlerr.GroupingError, "aggregate function calls cannot be nested").At(pos)
	case c.aggregates:
		return nil
	}
	return sqlerr.New(sqlerr.GroupingError, "aggregate functions are not allowed in %s", c.name).At(pos)
}

// aggregateItem binds the call's arguments, order and filter below the grouping.
func (c *clause) aggregateItem(name string, n *parse.FuncCall, pos int, subs *[]pending) (*plan.AggItem, error) {
	inner := &clause{b: c.b, lv: c.lv, name: "aggregate arguments", inAggregate: true, subqueries: subs}
	args, err := inner.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	item := &plan.AggItem{Distinct: n.AggDistinct}
	if n.AggFilter != nil {
		filter := *inner
		filter.name = "FILTER"
		if item.Filter, err = filter.truth(n.AggFilter); err != nil {
			return nil, err
		}
	}
	order, err := inner.sortKeys(n.AggOrder)
	if err != nil {
		return nil, err
	}
	item.OrderBy = order
	if n.AggWithinGroup {
		return c.orderedSet(name, n, item, args, pos)
	}
	cand, err := c.b.function(name, typesOf(args), pos, expr.Aggregate, expr.Scalar, expr.Window)
	if err != nil {
		return nil, err
	}
	switch {
	case cand.fn != nil && cand.fn.Kind == expr.Window:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "window function %s requires an OVER clause", name).At(pos)
	case cand.fn != nil && cand.fn.OrderedSet:
		return nil, needsWithinGroup(name, pos)
	}
	if len(n.Args) == 0 && !n.AggStar && cand.fn != nil && len(cand.fn.Args) == 0 {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name).At(pos)
	}
	if err := undetermined(cand, typesOf(args), pos); err != nil {
		return nil, err
	}
	if item.Args, item.Type, err = c.b.apply(cand, args); err != nil {
		return nil, c.b.at(err, pos)
	}
	item.Fn = cand.fn
	if !item.Distinct {
		return item, nil
	}
	return item, c.distinctAggregate(item, n, pos)
}

// undetermined refuses a polymorphic call that no argument gives a type.
func undetermined(cand candidate, actual []*types.Type, pos int) error {
	open := false
	for i, t := range actual {
		if cand.args[i].Kind != types.AnyElement && cand.args[i].Kind != types.AnyArray {
			continue
		}
		if t.Kind != types.Unknown {
			return nil
		}
		open = true
	}
	if !open {
		return nil
	}
	return sqlerr.New(sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown").At(pos)
}

func firstOf(list []*parse.Node) *parse.Node {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// distinctAggregate checks that equal arguments can be found, and that the order is one of the arguments.
func (c *clause) distinctAggregate(item *plan.AggItem, n *parse.FuncCall, pos int) error {
	if len(item.Args) == 0 {
		return sqlerr.New(sqlerr.InvalidColumnReference, "DISTINCT specified, but %s has no arguments", item.Fn.Name).At(pos)
	}
	for _, a := range item.Args {
		if err := comparableType(a.Type(), c.b.posOf(firstOf(n.Args))); err != nil {
			return err
		}
	}
	for i, k := range item.OrderBy {
		found := false
		for _, a := range item.Args {
			if expr.Equal(a, k.Expr) || expr.Equal(withoutImplicit(a), k.Expr) {
				item.OrderBy[i].Expr, found = a, true
				break
			}
		}
		if !found {
			pos = c.b.posOf(n.AggOrder[i].GetSortBy().GetNode())
			return sqlerr.New(sqlerr.InvalidColumnReference,
				"in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list").At(pos)
		}
	}
	return nil
}

// withoutImplicit is what an implicit conversion converts.
func withoutImplicit(e expr.Expr) expr.Expr {
	if c, ok := e.(*expr.Cast); ok && !c.Explicit {
		return c.Arg
	}
	return e
}

// exprsOf are the expressions of an aggregate's call.
func exprsOf(item *plan.AggItem) []expr.Expr {
	out := append(append([]expr.Expr(nil), item.Args...), item.Filter)
	for _, k := range item.OrderBy {
		out = append(out, k.Expr)
	}
	return out
}

// aggregateLevel is the innermost level that an aggregate's call, with the subqueries in it, reads columns of; this one
// when it reads none.
func (c *clause) aggregateLevel(item *plan.AggItem, subs []pending) *level {
	used := map[expr.ColumnID]bool{}
	for _, e := range exprsOf(item) {
		expr.Columns(e, used)
	}
	made := map[expr.ColumnID]bool{}
	for _, s := range subs {
		for _, e := range s.on {
			expr.Columns(e, used)
		}
		plan.Walk(s.right, func(n plan.Node) bool {
			for _, e := range plan.Exprs(n) {
				expr.Columns(e, used)
			}
			for _, col := range n.Columns() {
				made[col.ID] = true
			}
			return true
		})
		made[s.mark.ID] = true
	}
	depth, found := 0, (*level)(nil)
	for id := range used {
		if made[id] {
			continue
		}
		at, lv := 0, c.lv
		for lv != nil && !lv.hasColumn(id) && c.b.aggregates[id] != lv {
			at, lv = at+1, lv.parent
		}
		if lv == nil {
			return c.lv // what a subquery of this level was joined for
		}
		if found == nil || at < depth {
			depth, found = at, lv
		}
	}
	if found == nil {
		return c.lv
	}
	return found
}

// usesAggregate says whether a call reads the result of an aggregate of a level.
func (b *binder) usesAggregate(lv *level, item *plan.AggItem) bool {
	used := map[expr.ColumnID]bool{}
	for _, e := range exprsOf(item) {
		expr.Columns(e, used)
	}
	for id := range used {
		if b.aggregates[id] == lv {
			return true
		}
	}
	return false
}

func (l *level) hasColumn(id expr.ColumnID) bool {
	for _, v := range l.ns {
		for _, c := range v.cols {
			found := false
			expr.Walk(c.e, func(e expr.Expr) bool {
				col, ok := e.(*expr.Column)
				found = found || ok && col.ID == id
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

func sameAggregate(a, b plan.AggItem) bool {
	if a.Fn != b.Fn || a.Distinct != b.Distinct || !expr.Equal(a.Filter, b.Filter) || len(a.Args) != len(b.Args) ||
		len(a.OrderBy) != len(b.OrderBy) || a.Fn.Volatility == expr.Volatile {
		return false
	}
	for i := range a.Args {
		if !expr.Equal(a.Args[i], b.Args[i]) {
			return false
		}
	}
	for i := range a.OrderBy {
		if !sameKey(a.OrderBy[i], b.OrderBy[i]) {
			return false
		}
	}
	return true
}

func sameKey(a, b plan.SortKey) bool {
	return a.Desc == b.Desc && a.NullsFirst == b.NullsFirst && expr.Equal(a.Expr, b.Expr)
}

// truth binds a condition.
func (c *clause) truth(n *parse.Node) (expr.Expr, error) {
	e, err := c.expr(n)
	if err != nil {
		return nil, err
	}
	return c.b.boolean(e, c.conditionName(), c.b.posOf(n))
}

// sortKeys binds an ORDER BY that knows no output names: an aggregate's or a window's.
func (c *clause) sortKeys(list []*parse.Node) ([]plan.SortKey, error) {
	var out []plan.SortKey
	for _, n := range list {
		s := n.GetSortBy()
		e, err := c.settled(s.Node)
		if err != nil {
			return nil, err
		}
		k, err := c.sortKey(e, s)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// sortKey gives an expression the direction that was written; NULLs are last ascending and first descending.
func (c *clause) sortKey(e expr.Expr, s *parse.SortBy) (plan.SortKey, error) {
	pos := c.b.posOf(s.Node)
	if err := orderable(e.Type(), pos); err != nil {
		return plan.SortKey{}, err
	}
	desc := s.SortbyDir == parse.SortbyDesc
	if s.SortbyDir == parse.SortbyUsing {
		switch op := parse.Names(s.UseOp); op[len(op)-1] {
		case "<":
		case ">":
			desc = true
		default:
			return plan.SortKey{}, sqlerr.New(sqlerr.WrongObjectType, "operator %s is not a valid ordering operator", op[len(op)-1]).
				WithHint("Ordering operators must be \"<\" or \">\" members of btree operator families.").At(pos)
		}
	}
	first := desc
	switch s.SortbyNulls {
	case parse.SortbyNullsFirst:
		first = true
	case parse.SortbyNullsLast:
		first = false
	}
	return plan.SortKey{Expr: e, Desc: desc, NullsFirst: first}, nil
}
