package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// target is an output column, or a hidden one that only sorting needs.
type target struct {
	name   string
	e      expr.Expr
	node   *parse.Node
	hidden bool
	col    plan.Column
	// constant is what e was while its type was still unknown.
	constant expr.Expr
}

// block is a SELECT while it is bound.
type block struct {
	*level
	sel     *parse.SelectStmt
	clause  *clause // the select list's
	after   []pending
	before  []pending // subqueries in GROUP BY
	targets []*target
	order   []orderKey
	keys    []groupKey
	having  expr.Expr
	// unique: SELECT DISTINCT; on are the expressions of DISTINCT ON.
	unique bool
	on     []*target
}

// orderKey is an element of ORDER BY.
type orderKey struct {
	target *target
	key    plan.SortKey
}

// selectBlock binds SELECT … FROM … in the order in which PostgreSQL analyses it, so that of several errors the same one
// is reported.
func (b *binder) selectBlock(sel *parse.SelectStmt, parent *level, keepUnknown bool) (*result, error) {
	k := &block{level: newLevel(b, parent), sel: sel}
	k.level.sel = sel
	if err := k.defineWindows(); err != nil {
		return nil, err
	}
	node, err := k.from(sel.FromClause)
	if err != nil {
		return nil, err
	}
	k.clause = &clause{b: b, lv: k.level, name: "SELECT", aggregates: true, windows: true, sets: true, subqueries: &k.after}
	if err := k.selectList(keepUnknown); err != nil {
		return nil, err
	}
	if sel.WhereClause != nil {
		where := &clause{b: b, lv: k.level, name: "WHERE"}
		if node, err = where.filter(node, sel.WhereClause); err != nil {
			return nil, err
		}
	}
	if err := k.bindRest(); err != nil {
		return nil, err
	}
	return k.assemble(node)
}

// bindRest binds what follows WHERE: HAVING, ORDER BY, GROUP BY, DISTINCT.
func (k *block) bindRest() error {
	if k.sel.HavingClause != nil {
		c := &clause{b: k.b, lv: k.level, name: "HAVING", aggregates: true, subqueries: &k.after}
		e, err := c.truth(k.sel.HavingClause)
		if err != nil {
			return err
		}
		k.having = e
	}
	if err := k.orderBy(); err != nil {
		return err
	}
	if err := k.groupBy(); err != nil {
		return err
	}
	if err := k.distinct(); err != nil {
		return err
	}
	return k.checkWindows()
}

func (k *block) selectList(keepUnknown bool) error {
	for _, n := range k.sel.TargetList {
		r := n.GetResTarget()
		star, err := k.expandStar(r)
		if err != nil {
			return err
		}
		if star {
			continue
		}
		e, err := k.clause.expr(r.Val)
		if err != nil {
			return err
		}
		t := &target{name: r.Name, node: r.Val, e: e}
		if t.name == "" {
			t.name = columnName(r.Val)
		}
		if e.Type().Kind == types.Unknown {
			if keepUnknown && !k.uniqueList() {
				t.constant = e
			}
			if _, param := e.(*expr.Param); param && t.constant != nil {
				t.e = &expr.Const{Typ: types.TextT} // the set operation reads the parameter itself
			} else if t.e, err = k.b.settle(e); err != nil {
				return k.b.at(err, k.b.posOf(r.Val))
			}
		}
		k.targets = append(k.targets, t)
	}
	return nil
}

// uniqueList says whether the list is of SELECT DISTINCT, whose constants are text at once.
func (k *block) uniqueList() bool { return len(k.sel.DistinctClause) > 0 }

// expandStar adds the columns of *, t.* or (row).*.
func (k *block) expandStar(r *parse.ResTarget) (bool, error) {
	if ref := r.Val.GetColumnRef(); ref != nil && ref.Fields[len(ref.Fields)-1].GetAStar() != nil {
		return true, k.expandRelation(ref)
	}
	ind := r.Val.GetAIndirection()
	if ind == nil || ind.Indirection[len(ind.Indirection)-1].GetAStar() == nil {
		return false, nil
	}
	inner := &parse.Node{Node: &parse.NodeAIndirection{AIndirection: &parse.AIndirection{
		Arg: ind.Arg, Indirection: ind.Indirection[:len(ind.Indirection)-1],
	}}}
	e, err := k.clause.expr(inner)
	if err != nil {
		return true, err
	}
	if !isRow(e.Type()) {
		return true, sqlerr.New(sqlerr.WrongObjectType, "type %s is not composite", bare(e.Type())).At(k.b.posOf(ind.Arg))
	}
	for i, f := range e.Type().Fields {
		k.targets = append(k.targets, &target{name: f.Name, e: fieldOf(e, i), node: r.Val})
	}
	return true, nil
}

func (k *block) expandRelation(ref *parse.ColumnRef) error {
	pos := k.b.pos(ref.Location)
	parts := parse.Names(ref.Fields[:len(ref.Fields)-1])
	var cols []named
	if len(parts) == 0 {
		if len(k.sel.FromClause) == 0 {
			return sqlerr.New(sqlerr.SyntaxError, "SELECT * with no tables specified is not valid").At(pos)
		}
		cols = starColumns(k.ns)
	} else {
		v, err := k.relation(parts, pos)
		if err != nil {
			return err
		}
		if v == nil {
			return k.clause.missingRelation(parts, pos)
		}
		cols = v.cols
	}
	for _, c := range cols {
		k.targets = append(k.targets, &target{name: c.name, e: k.clause.located(c.e, pos)})
	}
	return nil
}

// outputTarget finds what an element of ORDER BY, GROUP BY or DISTINCT ON means among the output columns: by name, or by
// number; nil when it is an expression of its own.
func (c *clause) outputTarget(n *parse.Node, targets []*target, what string) (*target, error) {
	pos := c.b.posOf(n)
	if ref := n.GetColumnRef(); ref != nil && len(ref.Fields) == 1 && ref.Fields[0].GetString_() != nil {
		return c.namedTarget(ref.Fields[0].GetString_().Sval, targets, what, pos)
	}
	k := n.GetAConst()
	if k == nil {
		return nil, nil
	}
	if k.GetIval() == nil {
		return nil, sqlerr.New(sqlerr.SyntaxError, "non-integer constant in %s", what).At(pos)
	}
	i := int(k.GetIval().Ival)
	for _, t := range targets {
		if t.hidden {
			continue
		}
		if i--; i == 0 {
			return t, nil
		}
	}
	return nil, sqlerr.New(sqlerr.InvalidColumnReference, "%s position %d is not in select list", what, k.GetIval().Ival).At(pos)
}

func (c *clause) namedTarget(name string, targets []*target, what string, pos int) (*target, error) {
	if what == "GROUP BY" { // SQL99: a column of FROM comes before an output column
		if e, err := c.lv.ownColumn(name, pos); e != nil || err != nil {
			if err != nil && sqlerr.Code(err) != sqlerr.AmbiguousColumn {
				return nil, err
			}
			return nil, nil
		}
	}
	var found *target
	for _, t := range targets {
		if t.hidden || t.name != name {
			continue
		}
		if found != nil && !expr.Equal(found.e, t.e) {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, "%s %q is ambiguous", what, name).At(pos)
		}
		if found == nil {
			found = t
		}
	}
	return found, nil
}

// findTarget finds or adds the output column of an expression.
func (k *block) findTarget(c *clause, n *parse.Node, what string) (*target, error) {
	t, err := c.outputTarget(n, k.targets, what)
	if t != nil || err != nil {
		return t, err
	}
	e, err := c.settled(n)
	if err != nil {
		return nil, err
	}
	for _, t := range k.targets {
		if expr.Equal(t.e, e) {
			return t, nil
		}
	}
	t = &target{name: "?column?", e: e, node: n, hidden: true}
	k.targets = append(k.targets, t)
	return t, nil
}

func (k *block) orderBy() error {
	c := *k.clause
	c.name = "ORDER BY"
	for _, n := range k.sel.SortClause {
		s := n.GetSortBy()
		t, err := k.findTarget(&c, s.Node, "ORDER BY")
		if err != nil {
			return err
		}
		key, err := c.sortKey(t.e, s)
		if err != nil {
			return err
		}
		k.order = append(k.order, orderKey{t, key})
	}
	return nil
}

// distinct binds DISTINCT and DISTINCT ON, and checks that ORDER BY agrees.
func (k *block) distinct() error {
	list := k.sel.DistinctClause
	if len(list) == 0 {
		return nil
	}
	k.unique = len(list) == 1 && (list[0] == nil || list[0].Node == nil)
	if !k.unique {
		return k.distinctOn(list)
	}
	for _, t := range k.targets {
		if t.hidden {
			return sqlerr.New(sqlerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list").
				At(k.b.posOf(t.node))
		}
		if err := comparableType(t.e.Type(), k.b.posOf(t.node)); err != nil {
			return err
		}
	}
	return nil
}

func (k *block) distinctOn(list []*parse.Node) error {
	c := *k.clause
	c.name = "DISTINCT ON"
	for _, n := range list {
		t, err := k.findTarget(&c, n, "DISTINCT ON")
		if err != nil {
			return err
		}
		if err := comparableType(t.e.Type(), k.b.posOf(n)); err != nil {
			return err
		}
		k.on = append(k.on, t)
	}
	return k.checkDistinctOn(list[0])
}

// checkDistinctOn: the expressions of DISTINCT ON must be the first of ORDER BY, in any order.
func (k *block) checkDistinctOn(first *parse.Node) error {
	in := map[*target]bool{}
	for _, t := range k.on {
		in[t] = true
	}
	seen := map[*target]bool{}
	for _, o := range k.order {
		if len(seen) == len(in) {
			return nil
		}
		if !in[o.target] {
			return sqlerr.New(sqlerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions").
				At(k.b.posOf(first))
		}
		seen[o.target] = true
	}
	return nil
}

// assemble builds the plan above the WHERE clause.
func (k *block) assemble(node plan.Node) (*result, error) {
	node, err := k.aggregation(node)
	if err != nil {
		return nil, err
	}
	if err := k.checkRecursiveTerm(); err != nil {
		return nil, err
	}
	before, behind := k.splitByWindows()
	node = attachAll(node, before)
	if k.having != nil {
		node = &plan.Filter{Input: node, Conds: expr.Conjuncts(k.having)}
	}
	node = k.expand(node, k.windowSets())
	if node, err = k.computeWindows(node); err != nil {
		return nil, err
	}
	node = attachAll(node, behind)
	late := k.lateSets()
	if late == nil {
		node = k.expand(node, k.setsIn(k.targetExprs()...))
	}
	node = k.project(node, late)
	if k.unique {
		node = &plan.Aggregate{Input: node, Keys: k.visibleItems(node)}
	}
	if len(k.on) > 0 {
		if node, err = k.firstOfEach(node); err != nil {
			return nil, err
		}
	}
	keys := make([]plan.SortKey, len(k.order))
	for i, o := range k.order {
		keys[i] = o.key
		keys[i].Expr = o.target.col.Ref()
	}
	if len(keys) > 0 {
		node = &plan.Sort{Input: node, Keys: keys}
	}
	if late != nil {
		node = k.projectLate(k.expand(node, late))
	}
	if node, err = k.b.limit(k.sel, node, keys, k.level); err != nil {
		return nil, err
	}
	for _, s := range k.expansions {
		delete(k.b.sets, s.id()) // from here on they are columns as others are
	}
	out := &result{node: node}
	for _, t := range k.targets {
		if t.hidden {
			continue
		}
		c := t.col
		c.Name = t.name
		out.cols = append(out.cols, c)
		if t.constant != nil {
			if out.constants == nil {
				out.constants = map[expr.ColumnID]expr.Expr{}
			}
			out.constants[c.ID] = t.constant
		}
	}
	return out, nil
}

// project computes the targets; one that is a bare column of the input stays that column. Targets over late calls wait for
// them: what they read of the input is passed on.
func (k *block) project(node plan.Node, late []*setCall) plan.Node {
	p := &projection{by: columnsByID(node), seen: map[expr.ColumnID]bool{}}
	var wait []expr.Expr
	for _, s := range late {
		wait = append(wait, s.Args...)
	}
	for _, t := range k.targets {
		if len(late) > 0 && len(k.setsIn(t.e)) > 0 {
			wait = append(wait, t.e)
			continue
		}
		k.projectTarget(p, t)
	}
	read := map[expr.ColumnID]bool{}
	for _, e := range wait {
		expr.Columns(e, read)
	}
	for _, c := range node.Columns() {
		if read[c.ID] {
			p.pass(c)
		}
	}
	return &plan.Project{Input: node, Items: p.items}
}

// projectLate computes the targets over late calls above these.
func (k *block) projectLate(node plan.Node) plan.Node {
	p := &projection{by: columnsByID(node), seen: map[expr.ColumnID]bool{}}
	for _, t := range k.targets {
		if t.col.Type != nil {
			p.pass(t.col)
		} else {
			k.projectTarget(p, t)
		}
	}
	return &plan.Project{Input: node, Items: p.items}
}

// projection is a list of items over columns.
type projection struct {
	by    map[expr.ColumnID]plan.Column
	seen  map[expr.ColumnID]bool
	items []plan.Item
}

// pass adds a column as it is, once.
func (p *projection) pass(c plan.Column) {
	if !p.seen[c.ID] {
		p.seen[c.ID] = true
		p.items = append(p.items, plan.Item{Column: c, Expr: c.Ref()})
	}
}

func (k *block) projectTarget(p *projection, t *target) {
	if c, ok := t.e.(*expr.Column); ok {
		if in, ok := p.by[c.ID]; ok {
			t.col = in
			in.Name = t.name
			p.pass(in)
			return
		}
	}
	t.col = k.b.newColumn(t.name, t.e.Type(), nullable(t.e, p.by))
	p.items = append(p.items, plan.Item{Column: t.col, Expr: t.e})
}

// visibleItems are the output columns as grouping keys, each once.
func (k *block) visibleItems(node plan.Node) []plan.Item {
	var out []plan.Item
	for _, c := range node.Columns() {
		out = append(out, plan.Item{Column: c, Expr: c.Ref()})
	}
	return out
}
