package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// join binds JOIN … ON, USING, NATURAL and CROSS JOIN.
func (l *level) join(n *parse.JoinExpr) (*item, error) {
	outside := l.ns
	defer func() { l.ns = outside }()
	left, err := l.fromItem(n.Larg)
	if err != nil {
		return nil, err
	}
	kind, ok := map[parse.JoinType]plan.JoinKind{
		parse.JoinInner: plan.Inner, parse.JoinLeft: plan.LeftOuter, parse.JoinRight: plan.RightOuter, parse.JoinFull: plan.FullOuter,
	}[n.Jointype]
	if !ok {
		return nil, sqlerr.Unsupported("this kind of join")
	}
	if kind == plan.RightOuter || kind == plan.FullOuter {
		l.mayBeMissing(left)
	}
	l.ns = append(outside[:len(outside):len(outside)], lateralOnly(left.ns, kind == plan.Inner || kind == plan.LeftOuter)...)
	right, err := l.fromItem(n.Rarg)
	if err != nil {
		return nil, err
	}
	if kind == plan.LeftOuter || kind == plan.FullOuter {
		l.mayBeMissing(right)
	}
	if err := distinctNames(left.ns, right.ns); err != nil {
		return nil, err
	}
	l.ns = append(left.ns[:len(left.ns):len(left.ns)], right.ns...)
	out := &item{ns: l.ns}
	if n.IsNatural || len(n.UsingClause) > 0 {
		err = l.joinUsing(n, kind, left, right, out)
	} else {
		err = l.joinOn(n, kind, left, right, out)
	}
	if err != nil {
		return nil, err
	}
	if n.Alias != nil {
		return l.joinAlias(n.Alias, out)
	}
	return out, nil
}

func (l *level) joinOn(n *parse.JoinExpr, kind plan.JoinKind, left, right *item, out *item) error {
	if n.Quals == nil {
		out.node = joinNodes(kind, left.node, right.node, nil)
		return nil
	}
	var subs []pending
	c := &clause{b: l.b, lv: l, name: "JOIN conditions", boolean: "JOIN/ON", subqueries: &subs}
	if kind == plan.Inner {
		node := joinNodes(kind, left.node, right.node, nil)
		var err error
		out.node, err = c.filter(node, n.Quals)
		if err == nil {
			out.node = intoJoin(out.node, node)
		}
		return err
	}
	var err error
	out.node, err = l.outerJoinOn(c, n.Quals, kind, left.node, right.node)
	return err
}

// intoJoin makes the filter right above an inner join its condition.
func intoJoin(n, join plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok || f.Input != join {
		return n
	}
	switch j := join.(type) {
	case *plan.Join:
		c := *j
		c.On = f.Conds
		return &c
	case *plan.Apply:
		c := *j
		c.On = f.Conds
		return &c
	}
	return n
}

// joinAlias hides what a join is made of behind its alias.
func (l *level) joinAlias(alias *parse.Alias, it *item) (*item, error) {
	v := &visible{name: alias.Aliasname, relVisible: true, colsVisible: true}
	*l.all = append(*l.all, v)
	for _, in := range it.ns {
		if in.colsVisible {
			v.cols = append(v.cols, in.cols...)
		}
	}
	if len(alias.Colnames) > len(v.cols) {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "join expression %q has %d columns available but %d columns specified",
			v.name, len(v.cols), len(alias.Colnames))
	}
	for i, n := range alias.Colnames {
		v.cols[i].name = n.GetString_().GetSval()
	}
	return &item{node: it.node, ns: []*visible{v}}, nil
}

// joinUsing merges the columns of one name: they come first, then what is left of both sides.
func (l *level) joinUsing(n *parse.JoinExpr, kind plan.JoinKind, left, right *item, out *item) error {
	names := parse.Names(n.UsingClause)
	lcols, rcols := starColumns(left.ns), starColumns(right.ns)
	if n.IsNatural {
		names = commonNames(lcols, rcols)
	}
	merged := &visible{colsVisible: true}
	var on []expr.Expr
	used := map[string]bool{}
	for _, name := range names {
		if used[name] {
			return sqlerr.New(sqlerr.DuplicateColumn, "column name %q appears more than once in USING clause", name)
		}
		used[name] = true
		a, err := usingColumn(lcols, name, "left")
		if err != nil {
			return err
		}
		b, err := usingColumn(rcols, name, "right")
		if err != nil {
			return err
		}
		eq, err := l.b.operate("=", []expr.Expr{a, b}, 0)
		if err != nil {
			return err
		}
		on = append(on, eq)
		m, err := l.b.mergedColumn(kind, a, b)
		if err != nil {
			return err
		}
		merged.cols = append(merged.cols, named{name, m})
	}
	for _, side := range [][]named{lcols, rcols} {
		for _, c := range side {
			if !used[c.name] {
				merged.cols = append(merged.cols, c)
			}
		}
	}
	out.node = joinNodes(kind, left.node, right.node, on)
	out.ns = []*visible{merged}
	for _, v := range append(left.ns[:len(left.ns):len(left.ns)], right.ns...) {
		hidden := *v
		hidden.colsVisible = false
		out.ns = append(out.ns, &hidden)
	}
	if a := n.JoinUsingAlias; a != nil {
		v := &visible{name: a.Aliasname, relVisible: true, cols: merged.cols[:len(names)]}
		if err := distinctNames(out.ns, []*visible{v}); err != nil {
			return err
		}
		out.ns = append(out.ns, v)
	}
	return nil
}

// mergedColumn is the one column that USING makes of two.
func (b *binder) mergedColumn(kind plan.JoinKind, l, r expr.Expr) (expr.Expr, error) {
	both := []expr.Expr{l, r}
	t, err := b.unify(both, "JOIN/USING", func(int) int { return 0 })
	if err != nil {
		return nil, err
	}
	switch kind {
	case plan.RightOuter:
		return both[1], nil
	case plan.FullOuter:
		return &expr.Coalesce{Args: both, Typ: t}, nil
	case plan.Inner:
		if _, ok := both[0].(*expr.Column); !ok {
			if _, ok := both[1].(*expr.Column); ok {
				return both[1], nil
			}
		}
	}
	return both[0], nil
}

func commonNames(l, r []named) []string {
	var out []string
	for _, a := range l {
		for _, b := range r {
			if a.name == b.name {
				out = append(out, a.name)
				break
			}
		}
	}
	return out
}

func usingColumn(cols []named, name, side string) (expr.Expr, error) {
	var found expr.Expr
	for _, c := range cols {
		if c.name != name {
			continue
		}
		if found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, "common column name %q appears more than once in %s table", name, side)
		}
		found = c.e
	}
	if found == nil {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q specified in USING clause does not exist in %s table", name, side)
	}
	return found, nil
}
