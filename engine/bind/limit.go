package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// limit puts LIMIT, OFFSET and FETCH over a plan. Subqueries in them are evaluated first: the plan is joined laterally to
// their one row.
func (b *binder) limit(sel *parse.SelectStmt, n plan.Node, keys []plan.SortKey, l *level) (plan.Node, error) {
	if sel.LimitCount == nil && sel.LimitOffset == nil {
		return n, nil
	}
	ties := sel.LimitOption == parse.LimitOptionWithTies
	if ties && len(keys) == 0 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
	}
	out := &plan.Limit{Input: n, Ties: ties}
	if ties {
		out.Keys = keys
	}
	var subs []pending
	var err error
	if out.Offset, err = b.rowCount(sel.LimitOffset, "OFFSET", l, &subs); err != nil {
		return nil, err
	}
	if out.Count, err = b.rowCount(sel.LimitCount, "LIMIT", l, &subs); err != nil {
		return nil, err
	}
	if len(subs) == 0 {
		return out, nil
	}
	one := attachAll(&plan.Values{Rows: [][]expr.Expr{{}}}, subs)
	joined := plan.Node(&plan.Apply{Join: plan.Join{Kind: plan.Inner, Left: one, Right: out}})
	if len(keys) > 0 {
		joined = &plan.Sort{Input: joined, Keys: keys}
	}
	return joined, nil
}

func (b *binder) rowCount(n *parse.Node, what string, l *level, subs *[]pending) (expr.Expr, error) {
	if n == nil || isNullConst(n) && what == "LIMIT" {
		return nil, nil
	}
	c := &clause{b: b, lv: l, name: what, subqueries: subs}
	before := len(*subs)
	e, err := c.expr(n)
	if err != nil {
		return nil, err
	}
	pos := b.posOf(n)
	variable := l.reads(e)
	for _, s := range (*subs)[before:] {
		plan.Walk(s.right, func(n plan.Node) bool {
			for _, e := range plan.Exprs(n) {
				variable = variable || l.reads(e)
			}
			return !variable
		})
	}
	if variable {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "argument of %s must not contain variables", what).At(pos)
	}
	if t := e.Type(); t.Kind != types.Unknown && !canCoerce(t, types.Int8T, expr.AssignmentCast) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", what, bare(t)).At(pos)
	}
	e, err = b.coerce(e, types.Int8T, expr.AssignmentCast)
	return e, b.at(err, pos)
}

// reads says whether an expression refers to a column of this level's own FROM.
func (l *level) reads(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		c, ok := e.(*expr.Column)
		found = found || ok && l.hasColumn(c.ID)
		return !found
	})
	return found
}
