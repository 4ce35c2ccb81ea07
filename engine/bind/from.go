package bind

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// item is one bound element of FROM: its plan, and the relations that it lets names refer to.
type item struct {
	node plan.Node
	ns   []*visible
	// lateral: the plan may refer to columns of what stands left of it.
	lateral bool
}

// from binds the FROM clause: its items side by side, those that are LATERAL applied to the ones before.
func (l *level) from(list []*parse.Node) (plan.Node, error) {
	if len(list) == 0 {
		return &plan.Values{Rows: [][]expr.Expr{{}}}, nil
	}
	var all *item
	for _, n := range list {
		if all != nil {
			l.ns = lateralOnly(all.ns, true)
		}
		it, err := l.fromItem(n)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = it
			continue
		}
		if err := distinctNames(all.ns, it.ns, n, l.b); err != nil {
			return nil, err
		}
		all = &item{node: joinNodes(plan.Inner, all.node, it.node, nil), ns: append(all.ns[:len(all.ns):len(all.ns)], it.ns...)}
	}
	l.ns = all.ns
	return all.node, nil
}

// lateralOnly gives copies of ns that only LATERAL items may refer to.
func lateralOnly(ns []*visible, ok bool) []*visible {
	out := make([]*visible, len(ns))
	for i, v := range ns {
		c := *v
		c.lateralOnly, c.lateralBad = true, v.lateralBad || !ok
		out[i] = &c
	}
	return out
}

// distinctNames refuses two relations of one name in one FROM.
func distinctNames(left, right []*visible, n *parse.Node, b *binder) error {
	for _, l := range left {
		for _, r := range right {
			if !l.relVisible || !r.relVisible || l.name != r.name || l.name == "" {
				continue
			}
			if len(l.parts) > 0 && len(r.parts) > 0 && strings.Join(l.parts, ".") != strings.Join(r.parts, ".") {
				continue // different tables of one name, as PostgreSQL allows
			}
			return sqlerr.New(sqlerr.DuplicateAlias, "table name %q specified more than once", r.name)
		}
	}
	_, _ = n, b
	return nil
}

// joinNodes joins two plans, dependently when the right one refers to the left one's columns.
func joinNodes(kind plan.JoinKind, left, right plan.Node, on []expr.Expr) plan.Node {
	return joined(plan.Join{Kind: kind, Left: left, Right: right, On: on})
}

func joined(j plan.Join) plan.Node {
	if v, ok := j.Left.(*plan.Values); ok && j.Kind == plan.Inner && len(j.On) == 0 && len(v.Cols) == 0 && len(v.Rows) == 1 {
		return j.Right
	}
	if refersTo(j.Right, j.Left) {
		return &plan.Apply{Join: j}
	}
	return &j
}

// refersTo says whether anything in n refers to an output column of of.
func refersTo(n, of plan.Node) bool {
	cols := columnsByID(of)
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			expr.Walk(e, func(e expr.Expr) bool {
				if c, ok := e.(*expr.Column); ok && !found {
					_, found = cols[c.ID]
				}
				return !found
			})
		}
		return !found
	})
	return found
}

func (l *level) fromItem(n *parse.Node) (*item, error) {
	switch v := n.Node.(type) {
	case *parse.NodeRangeVar:
		return l.rangeVar(v.RangeVar)
	case *parse.NodeRangeSubselect:
		return l.rangeSubselect(v.RangeSubselect)
	case *parse.NodeRangeFunction:
		return l.rangeFunction(v.RangeFunction)
	case *parse.NodeJoinExpr:
		return l.join(v.JoinExpr)
	case *parse.NodeRangeTableSample:
		return nil, sqlerr.Unsupported("TABLESAMPLE").At(l.b.pos(v.RangeTableSample.Location))
	case *parse.NodeRangeTableFunc:
		return nil, sqlerr.Unsupported("XMLTABLE").At(l.b.pos(v.RangeTableFunc.Location))
	}
	return nil, sqlerr.Unsupported("this kind of FROM item").At(l.b.posOf(n))
}

// rangeVar is a common table expression, a table, or a view.
func (l *level) rangeVar(n *parse.RangeVar) (*item, error) {
	pos := l.b.pos(n.Location)
	name := parse.RelationName(n)
	if len(name) == 1 {
		if c := l.cte(n.Relname); c != nil {
			return l.cteReference(c, n, pos)
		}
	}
	rel, err := l.b.cat.Relation(l.b.ctx, name)
	if err != nil {
		return nil, l.b.at(err, pos)
	}
	if rel.View != nil {
		node, cols, err := l.b.view(rel.View, pos)
		if err != nil {
			return nil, err
		}
		return l.aliased(node, cols, n.Relname, qualified(rel.View.Name, name), n.Alias, pos)
	}
	l.b.addTable(rel.Table)
	scan := l.b.scan(rel)
	parts := []string{rel.Table.Server(), rel.Table.Schema(), rel.Table.Name()}
	return l.aliased(scan, scan.Cols, n.Relname, parts, n.Alias, pos)
}

func qualified(viewName string, written []string) []string {
	if p := strings.Split(viewName, "."); len(p) >= len(written) {
		return p
	}
	return written
}

// scan reads all columns of a table; the optimizer drops those that nobody needs.
func (b *binder) scan(rel *Relation) *plan.Scan {
	s := &plan.Scan{Table: rel.Table}
	byName := map[string]expr.ColumnID{}
	for i, c := range rel.Table.Columns() {
		col := b.newColumn(c.Name, c.Type, c.Nullable)
		byName[c.Name] = col.ID
		s.Cols, s.Ordinals = append(s.Cols, col), append(s.Ordinals, i)
	}
	if len(rel.PrimaryKey) == 0 {
		return s
	}
	k := &keyed{}
	for _, name := range rel.PrimaryKey {
		id, ok := byName[name]
		if !ok {
			return s
		}
		k.key = append(k.key, id)
	}
	for _, c := range s.Cols {
		b.keys[c.ID] = k
	}
	return s
}

// aliased names a plan's columns: the alias hides the relation's own name, and renames its first columns.
func (l *level) aliased(node plan.Node, cols []plan.Column, name string, parts []string, alias *parse.Alias, pos int) (*item, error) {
	v := &visible{name: name, parts: parts, relVisible: true, colsVisible: true}
	var renamed []*parse.Node
	if alias != nil {
		v.name, v.parts, renamed = alias.Aliasname, nil, alias.Colnames
	}
	v.relation = name
	*l.all = append(*l.all, v)
	if len(renamed) > len(cols) {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "table %q has %d columns available but %d columns specified",
			v.name, len(cols), len(renamed))
	}
	for i, c := range cols {
		n := named{name: c.Name, e: c.Ref()}
		if i < len(renamed) {
			n.name = renamed[i].GetString_().GetSval()
			n.e.(*expr.Column).Name = n.name
		}
		l.b.names[c.ID] = v.name + "." + n.name
		v.cols = append(v.cols, n)
	}
	return &item{node: node, ns: []*visible{v}}, nil
}

// view binds a view's query by its own catalog. Positions inside would be of its own text: they are left out.
func (b *binder) view(v *View, pos int) (plan.Node, []plan.Column, error) {
	if b.viewDepth >= maxViewDepth {
		return nil, nil, sqlerr.New(sqlerr.InvalidRecursion, "view %s refers to itself, or views are nested more than %d deep",
			v.Name, maxViewDepth).At(pos)
	}
	outerStmt, outerCat, quiet, params, paramAt := b.stmt, b.cat, b.quiet, b.params, b.paramAt
	b.stmt, b.cat, b.quiet, b.params, b.paramAt = v.Query, v.Catalog, true, nil, nil
	b.viewDepth++
	q, err := b.query(v.Query.Root.GetSelectStmt(), nil, false)
	b.viewDepth--
	b.stmt, b.cat, b.quiet, b.params, b.paramAt = outerStmt, outerCat, quiet, params, paramAt
	if err != nil {
		return nil, nil, inView(err, v.Name, pos)
	}
	b.views = append(b.views, v.Name)
	node := q.node
	if v.Barrier {
		node, q.cols = b.exactly(q)
		node = &plan.SecurityBarrier{Input: node, Object: v.Name}
	}
	cols := append([]plan.Column(nil), q.cols...)
	for i, name := range v.Columns {
		if i < len(cols) {
			cols[i].Name = name
		}
	}
	return node, cols, nil
}

func (l *level) rangeSubselect(n *parse.RangeSubselect) (*item, error) {
	pos := l.b.posOf(n.Subquery)
	q, err := l.nested(n.Lateral, func(parent *level) (*result, error) {
		return l.b.query(n.Subquery.GetSelectStmt(), parent, false)
	})
	if err != nil {
		return nil, err
	}
	it, err := l.aliased(q.node, q.cols, "", nil, n.Alias, pos)
	if it != nil {
		it.lateral = n.Lateral
	}
	return it, err
}

// nested binds a subquery in FROM: names of the level around it count only with LATERAL, those of the levels
// further out always.
func (l *level) nested(lateral bool, bind func(parent *level) (*result, error)) (*result, error) {
	was := l.lateral
	l.lateral = lateral
	defer func() { l.lateral = was }()
	hidden := *l
	if !lateral {
		hidden.ns = nil
	}
	hidden.lateral = lateral
	return bind(&hidden)
}

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
	l.ns = append(outside[:len(outside):len(outside)], lateralOnly(left.ns, kind == plan.Inner || kind == plan.LeftOuter)...)
	right, err := l.fromItem(n.Rarg)
	if err != nil {
		return nil, err
	}
	if err := distinctNames(left.ns, right.ns, n.Rarg, l.b); err != nil {
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
	on, err := c.truth(n.Quals)
	if err != nil {
		return err
	}
	l2, r2, err := outerSubqueries(kind, left.node, right.node, subs, l.b.posOf(n.Quals))
	if err != nil {
		return err
	}
	out.node = joinNodes(kind, l2, r2, expr.Conjuncts(on))
	return nil
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

// outerSubqueries joins the subqueries in an outer join's condition to its inner side, where they must belong.
func outerSubqueries(kind plan.JoinKind, left, right plan.Node, subs []pending, pos int) (l, r plan.Node, err error) {
	for _, s := range subs {
		switch {
		case kind == plan.LeftOuter && !s.refersTo(left):
			right = s.attach(right)
		case kind == plan.RightOuter && !s.refersTo(right):
			left = s.attach(left)
		default:
			return nil, nil, sqlerr.Unsupported("a subquery over both sides in the condition of an outer join").At(pos)
		}
	}
	return left, right, nil
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
		out.ns = append(out.ns, &visible{name: a.Aliasname, relVisible: true, cols: merged.cols[:len(names)]})
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

// starColumns are what * means over relations.
func starColumns(ns []*visible) []named {
	var out []named
	for _, v := range ns {
		if v.colsVisible {
			out = append(out, v.cols...)
		}
	}
	return out
}

// rangeFunction is a set-returning function, or a scalar one that gives one row.
func (l *level) rangeFunction(n *parse.RangeFunction) (*item, error) {
	if len(n.Functions) != 1 || n.IsRowsfrom {
		return nil, sqlerr.Unsupported("ROWS FROM")
	}
	if len(n.Coldeflist) > 0 {
		return nil, sqlerr.Unsupported("a column definition list")
	}
	fn := n.Functions[0].GetList().GetItems()[0]
	call := fn.GetFuncCall()
	name, pos := columnName(fn), l.b.posOf(fn)
	var it *item
	q, err := l.nested(true, func(parent *level) (*result, error) {
		if call != nil && call.Over == nil {
			if r, err := l.b.tableFunction(call, parent, n.Ordinality, pos); r != nil || err != nil {
				return r, err
			}
		}
		return l.b.scalarInFrom(fn, parent, n.Ordinality, name, pos)
	})
	if err != nil {
		return nil, err
	}
	alias := n.Alias
	if alias != nil && len(q.cols) > 0 && !isRow(q.cols[0].Type) && len(alias.Colnames) == 0 {
		q.cols[0].Name = alias.Aliasname // a function of one column is named by its alias
	}
	if it, err = l.aliased(q.node, q.cols, name, nil, alias, pos); err != nil {
		return nil, err
	}
	it.lateral = true
	it.ns[0].scalar = len(q.cols) == 1
	return it, nil
}

// tableFunction binds a call of a set-returning function; nil when the name is none.
func (b *binder) tableFunction(n *parse.FuncCall, parent *level, ordinality bool, pos int) (*result, error) {
	name := lastString(n.Funcname)
	if !returnsSet(name) {
		return nil, nil
	}
	var subs []pending
	c := &clause{b: b, lv: newLevel(b, parent), name: "functions in FROM", subqueries: &subs}
	args, err := c.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	if len(subs) > 0 {
		return nil, sqlerr.Unsupported("a subquery in the arguments of a function in FROM").At(pos)
	}
	cand, err := b.function(name, typesOf(args), pos, expr.SetReturning)
	if err != nil {
		return nil, err
	}
	out, t, err := b.apply(cand, args)
	if err != nil {
		return nil, b.at(err, pos)
	}
	if t.Kind == types.Numeric {
		t = types.NumericT
	}
	for _, a := range out {
		if hasColumn(a) {
			return nil, sqlerr.Unsupported("a function in FROM over columns of other tables").At(pos)
		}
	}
	for i, a := range out {
		if a.Type().Kind == types.Numeric { // the steps of a series keep no fixed scale
			out[i] = plainNumeric(a)
		}
	}
	tf := &plan.TableFunction{Fn: cand.fn, Args: out, Ordinality: ordinality}
	if isRow(t) {
		for _, f := range t.Fields {
			tf.Cols = append(tf.Cols, b.newColumn(f.Name, f.Type, true))
		}
	} else {
		tf.Cols = append(tf.Cols, b.newColumn(name, t, true))
	}
	if ordinality {
		tf.Cols = append(tf.Cols, b.newColumn("ordinality", types.Int8T, false))
	}
	return &result{node: tf, cols: append([]plan.Column(nil), tf.Cols...)}, nil
}

func plainNumeric(e expr.Expr) expr.Expr {
	if types.Equal(e.Type(), types.NumericT) {
		return e
	}
	return retype(e, types.NumericT)
}

// scalarInFrom is a function that gives one row.
func (b *binder) scalarInFrom(n *parse.Node, parent *level, ordinality bool, name string, pos int) (*result, error) {
	var subs []pending
	c := &clause{b: b, lv: newLevel(b, parent), name: "functions in FROM", subqueries: &subs}
	e, err := c.settled(n)
	if err != nil {
		return nil, err
	}
	if len(subs) > 0 || ordinality {
		return nil, sqlerr.Unsupported("this use of a function in FROM").At(pos)
	}
	var items []plan.Item
	if isRow(e.Type()) {
		for i, f := range e.Type().Fields {
			items = append(items, plan.Item{Column: b.newColumn(f.Name, f.Type, true), Expr: fieldOf(e, i)})
		}
	} else {
		items = append(items, plan.Item{Column: b.newColumn(name, e.Type(), true), Expr: e})
	}
	p := &plan.Project{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Items: items}
	return &result{node: p, cols: p.Columns()}, nil
}

// inView says in which view an error was found.
func inView(err error, view string, pos int) error {
	code := sqlerr.Code(err)
	if code == "" {
		return err
	}
	var e *sqlerr.Error
	if !asError(err, &e) {
		return err
	}
	c := *e
	c.Message = "in view " + view + ": " + e.Message
	c.Position = pos
	return &c
}

func ordinal(i int) string { return strconv.Itoa(i) }
