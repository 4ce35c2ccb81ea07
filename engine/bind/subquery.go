package bind

import (
	"errors"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func asError(err error, e **sqlerr.Error) bool { return errors.As(err, e) }

// pending is a subquery of an expression that waits to be joined to the expression's input.
type pending struct {
	kind      plan.JoinKind
	right     plan.Node
	on        []expr.Expr
	mark      plan.Column
	nullAware bool
	pos       int
}

// attach joins the subquery to n, dependently when it refers to n's columns.
func (p *pending) attach(n plan.Node) plan.Node {
	return joined(plan.Join{Kind: p.kind, Left: n, Right: p.right, On: p.on, MarkCol: p.mark, NullAware: p.nullAware})
}

func (p *pending) refersTo(n plan.Node) bool {
	if refersTo(p.right, n) {
		return true
	}
	cols := columnsByID(n)
	for _, e := range p.on {
		used := map[expr.ColumnID]bool{}
		expr.Columns(e, used)
		for id := range used {
			if _, ok := cols[id]; ok {
				return true
			}
		}
	}
	return false
}

func attachAll(n plan.Node, subs []pending) plan.Node {
	for i := range subs {
		n = subs[i].attach(n)
	}
	return n
}

// filter keeps the rows of n for which a condition is true. Subqueries that stand as conjuncts of it become semi- and
// anti-joins; those inside of other expressions are joined before.
func (c *clause) filter(n plan.Node, cond *parse.Node) (plan.Node, error) {
	var conds []expr.Expr
	var joins []pending
	var before []pending
	was := c.subqueries
	c.subqueries = &before
	defer func() { c.subqueries = was }()
	for _, part := range conjuncts(cond) {
		j, err := c.conjunct(part)
		if err != nil {
			return nil, err
		}
		if j != nil {
			joins = append(joins, *j)
			continue
		}
		e, err := c.expr(part)
		if err != nil {
			return nil, err
		}
		what := c.conditionName()
		if part != cond {
			what = "AND"
		}
		if e, err = c.b.boolean(e, what, c.b.posOf(part)); err != nil {
			return nil, err
		}
		conds = append(conds, expr.Conjuncts(e)...)
	}
	n = attachAll(n, before)
	if len(conds) > 0 {
		n = &plan.Filter{Input: n, Conds: conds}
	}
	return attachAll(n, joins), nil
}

// conjuncts splits a condition at its ANDs.
func conjuncts(n *parse.Node) []*parse.Node {
	if b := n.GetBoolExpr(); b != nil && b.Boolop == parse.AndExpr {
		var out []*parse.Node
		for _, a := range b.Args {
			out = append(out, conjuncts(a)...)
		}
		return out
	}
	return []*parse.Node{n}
}

// conjunct makes a join of [NOT] EXISTS and of comparisons with ANY and ALL of a subquery; nil when n is something else.
func (c *clause) conjunct(n *parse.Node) (*pending, error) {
	negate := false
	for {
		b := n.GetBoolExpr()
		if b == nil || b.Boolop != parse.NotExpr {
			break
		}
		negate = !negate
		n = b.Args[0]
	}
	s := n.GetSubLink()
	if s == nil {
		return nil, nil
	}
	switch s.SubLinkType {
	case parse.ExistsSublink:
		q, err := c.subselect(s)
		if err != nil {
			return nil, err
		}
		kind := plan.LeftSemi
		if negate {
			kind = plan.LeftAnti
		}
		return &pending{kind: kind, right: q.node, pos: c.b.pos(s.Location)}, nil
	case parse.AnySublink, parse.AllSublink:
		cmp, q, all, err := c.compareAny(s)
		if err != nil {
			return nil, err
		}
		// x op ALL (q) is NOT (x negated-op ANY (q)): cmp is the comparison under ANY.
		kind := plan.LeftSemi
		if all != negate {
			kind = plan.NullAwareAnti
		}
		return &pending{kind: kind, right: q.node, on: []expr.Expr{cmp}, nullAware: kind == plan.NullAwareAnti, pos: c.b.pos(s.Location)}, nil
	}
	return nil, nil
}

// subselect binds the query of a subquery expression.
func (c *clause) subselect(s *parse.SubLink) (*result, error) {
	was := c.lv.within
	c.lv.within = c
	defer func() { c.lv.within = was }()
	return c.b.query(s.Subselect.GetSelectStmt(), c.lv, false)
}

// compareAny binds x op ANY (q), and x op ALL (q) as the negated comparison under ANY. The comparison is over the
// columns of both sides.
func (c *clause) compareAny(s *parse.SubLink) (cmp expr.Expr, q *result, all bool, err error) {
	pos := c.b.pos(s.Location)
	symbol := "="
	if len(s.OperName) > 0 {
		if symbol, err = c.symbolOf(s.OperName, pos); err != nil {
			return nil, nil, false, err
		}
	}
	var left []expr.Expr
	if s.Testexpr.GetRowExpr() != nil {
		left, err = c.rowElems(s.Testexpr)
	} else {
		left, err = c.exprs([]*parse.Node{s.Testexpr})
	}
	if err != nil {
		return nil, nil, false, err
	}
	if q, err = c.subselect(s); err != nil {
		return nil, nil, false, err
	}
	if err = sameWidth(len(left), len(q.cols), pos); err != nil {
		return nil, nil, false, err
	}
	right := columnRefs(q.cols)
	all = s.SubLinkType == parse.AllSublink
	if len(left) == 1 {
		cmp, err = c.b.operate(symbol, []expr.Expr{left[0], right[0]}, pos)
	} else {
		cmp, err = c.b.compareRows(symbol, left, right, pos)
	}
	if err != nil {
		return nil, nil, false, err
	}
	if cmp.Type().Kind != types.Bool {
		return nil, nil, false, sqlerr.New(sqlerr.DatatypeMismatch, "operator %s must return type boolean, not type %s",
			symbol, bare(cmp.Type())).At(pos)
	}
	if all {
		cmp = c.b.negated(symbol, cmp, left, right)
	}
	return cmp, q, all, nil
}

var negators = map[string]string{"=": "<>", "<>": "=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

// negated is the comparison that is true where cmp is false, NULL where it is NULL.
func (b *binder) negated(symbol string, cmp expr.Expr, left, right []expr.Expr) expr.Expr {
	if n := negators[symbol]; n != "" && len(left) == 1 {
		if e, err := b.operate(n, []expr.Expr{left[0], right[0]}, 0); err == nil {
			return e
		}
	}
	return &expr.Not{Arg: cmp}
}

// subLink binds a subquery in an expression: it is joined to the input, and the expression reads the join's column.
func (c *clause) subLink(s *parse.SubLink) (expr.Expr, error) {
	pos := c.b.pos(s.Location)
	if c.subqueries == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot use subquery in %s", c.name).At(pos)
	}
	switch s.SubLinkType {
	case parse.ExistsSublink:
		q, err := c.subselect(s)
		if err != nil {
			return nil, err
		}
		mark := c.b.newColumn("exists", types.BoolT, false)
		c.wait(pending{kind: plan.Mark, right: q.node, mark: mark, pos: pos})
		return mark.Ref(), nil
	case parse.AnySublink, parse.AllSublink:
		cmp, q, all, err := c.compareAny(s)
		if err != nil {
			return nil, err
		}
		mark := c.b.newColumn("any", types.BoolT, true)
		c.wait(pending{kind: plan.Mark, right: q.node, on: []expr.Expr{cmp}, mark: mark, nullAware: true, pos: pos})
		if all {
			return &expr.Not{Arg: mark.Ref()}, nil
		}
		return mark.Ref(), nil
	case parse.ExprSublink:
		return c.scalarSubquery(s, pos)
	case parse.ArraySublink:
		return c.arraySubquery(s, pos)
	}
	return nil, sqlerr.Unsupported("this kind of subquery").At(pos)
}

func (c *clause) wait(p pending) { *c.subqueries = append(*c.subqueries, p) }

// guard notes that what is bound next is evaluated only where a condition holds; unguard forgets all but n of them.
func (c *clause) guard(cond expr.Expr) {
	if cond.Type().Kind != types.Bool || expr.VolatilityOf(cond) == expr.Volatile {
		cond = &expr.Const{Typ: types.BoolT, Value: true}
	}
	c.guards = append(c.guards[:len(c.guards):len(c.guards)], cond)
}

func (c *clause) unguard(n int) { c.guards = c.guards[:n] }

// guarded are the conditions under which a subquery that is bound now is needed.
func (c *clause) guarded() []expr.Expr {
	var out []expr.Expr
	for _, g := range c.guards {
		if _, constant := g.(*expr.Const); !constant {
			out = append(out, g)
		}
	}
	return out
}

// single waits for the one row of a subquery and gives its columns. Where it is not needed it has no row, so that a
// second one is no error there.
func (c *clause) single(q *result, pos int) []plan.Column {
	// The join yields the subquery's columns: they must not be ones that the query around it yields too.
	node, cols := c.b.fresh(q)
	c.wait(pending{kind: plan.Single, right: node, on: c.guarded(), pos: pos})
	return cols
}

func (c *clause) scalarSubquery(s *parse.SubLink, pos int) (expr.Expr, error) {
	q, err := c.subselect(s)
	if err != nil {
		return nil, err
	}
	if len(q.cols) != 1 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery must return only one column").At(pos)
	}
	return c.single(q, pos)[0].Ref(), nil
}

// rowSubquery compares a row with the one row of a subquery; NULL where it has none.
func (c *clause) rowSubquery(symbol string, n *parse.AExpr, pos int) (expr.Expr, error) {
	left, err := c.rowElems(n.Lexpr)
	if err != nil {
		return nil, err
	}
	q, err := c.subselect(n.Rexpr.GetSubLink())
	if err != nil {
		return nil, err
	}
	if err := sameWidth(len(left), len(q.cols), pos); err != nil {
		return nil, err
	}
	return c.b.compareRows(symbol, left, columnRefs(c.single(q, pos)), pos)
}

func sameWidth(left, right, pos int) error {
	switch {
	case left < right:
		return sqlerr.New(sqlerr.SyntaxError, "subquery has too many columns").At(pos)
	case left > right:
		return sqlerr.New(sqlerr.SyntaxError, "subquery has too few columns").At(pos)
	}
	return nil
}

func columnRefs(cols []plan.Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = c.Ref()
	}
	return out
}

// arraySubquery is ARRAY(q): the values of its one column, in its order.
func (c *clause) arraySubquery(s *parse.SubLink, pos int) (expr.Expr, error) {
	q, err := c.subselect(s)
	if err != nil {
		return nil, err
	}
	if len(q.cols) != 1 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery must return only one column").At(pos)
	}
	value := q.cols[0].Ref()
	cand, err := c.b.function("array_agg", typesOf([]expr.Expr{value}), pos, expr.Aggregate)
	if err != nil {
		return nil, err
	}
	args, t, err := c.b.apply(cand, []expr.Expr{value})
	if err != nil {
		return nil, c.b.at(err, pos)
	}
	agg := plan.AggItem{Column: c.b.newColumn("array", t, true), Fn: cand.fn, Args: args, OrderBy: orderOf(q.node)}
	node := &plan.Aggregate{Input: q.node, Aggs: []plan.AggItem{agg}}
	c.wait(pending{kind: plan.Single, right: node, on: c.guarded(), pos: pos})
	return &expr.Coalesce{Args: []expr.Expr{agg.Ref(), emptyArray(t)}, Typ: t}, nil
}

// orderOf is the order that a query asks for; nil for none.
func orderOf(n plan.Node) []plan.SortKey {
	switch n := n.(type) {
	case *plan.Sort:
		return n.Keys
	case *plan.Limit:
		return orderOf(n.Input)
	}
	return nil
}

// fresh projects a result to columns with IDs of their own, and nothing else.
func (b *binder) fresh(q *result) (plan.Node, []plan.Column) {
	by := columnsByID(q.node)
	if p, ok := q.node.(*plan.Project); ok && len(p.Items) == len(q.cols) {
		own := true
		for i, it := range p.Items {
			_, bare := it.Expr.(*expr.Column)
			own = own && !bare && it.ID == q.cols[i].ID
		}
		if own {
			return q.node, q.cols
		}
	}
	if _, ok := q.node.(*plan.Aggregate); ok && len(q.node.Columns()) == len(q.cols) {
		return q.node, q.cols
	}
	items := make([]plan.Item, len(q.cols))
	for i, c := range q.cols {
		in, ok := by[c.ID]
		if !ok {
			in = c
		}
		items[i] = plan.Item{Column: b.newColumn(c.Name, in.Type, in.Nullable), Expr: in.Ref()}
	}
	p := &plan.Project{Input: q.node, Items: items}
	return p, p.Columns()
}
