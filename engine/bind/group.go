package bind

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// groupKey is an expression of GROUP BY and the column that it becomes.
type groupKey struct {
	e expr.Expr
	// target is the output column that GROUP BY names or repeats; nil for none. With grouping sets two of them are two keys,
	// also where they are equal.
	target *target
	col    plan.Column
}

// groupBy binds GROUP BY: the keys, and with ROLLUP, CUBE or GROUPING SETS the cross product of what each says.
func (k *block) groupBy() error {
	if len(k.sel.GroupClause) == 0 {
		return nil
	}
	c := &clause{b: k.b, lv: k.level, name: "GROUP BY", sets: true, subqueries: &k.before}
	all := [][]int{{}}
	if slices.ContainsFunc(k.sel.GroupClause, func(n *parse.Node) bool { return n.GetGroupingSet() != nil }) {
		k.sets = &groupingSets{}
	}
	for _, n := range k.sel.GroupClause {
		sets, err := k.groupElement(c, n)
		if err != nil {
			return err
		}
		all = cross(all, sets)
		if len(all) > 4096 {
			return sqlerr.New(sqlerr.StatementTooComplex, "too many grouping sets present (maximum 4096)").At(k.b.posOf(n))
		}
	}
	if k.sets != nil {
		if k.sel.GroupDistinct {
			all = withoutRepeats(all)
		}
		k.sets.sets = all
	}
	return nil
}

// groupElement gives the grouping sets that one element of GROUP BY stands for.
func (k *block) groupElement(c *clause, n *parse.Node) ([][]int, error) {
	g := n.GetGroupingSet()
	if g == nil {
		set, err := k.groupExprs(c, n)
		return [][]int{set}, err
	}
	switch g.Kind {
	case parse.GroupingSetEmpty:
		return [][]int{{}}, nil
	case parse.GroupingSetSets:
		var out [][]int
		for _, m := range g.Content {
			sets, err := k.groupElement(c, m)
			if err != nil {
				return nil, err
			}
			out = append(out, sets...)
		}
		return out, nil
	}
	var parts [][]int
	for _, m := range g.Content {
		set, err := k.groupExprs(c, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, set)
	}
	if g.Kind == parse.GroupingSetRollup {
		return rollup(parts), nil
	}
	if len(parts) > 12 {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "CUBE is limited to 12 elements").At(k.b.pos(g.Location))
	}
	return cube(parts), nil
}

// groupExprs adds the key of an expression, or those of a parenthesised list.
func (k *block) groupExprs(c *clause, n *parse.Node) ([]int, error) {
	if r := n.GetRowExpr(); r != nil && r.RowFormat == parse.CoerceImplicitCast {
		set := []int{}
		for _, a := range r.Args {
			one, err := k.groupExprs(c, a)
			if err != nil {
				return nil, err
			}
			set = union(set, one)
		}
		return set, nil
	}
	e, t, err := k.groupExpr(c, n)
	if err != nil {
		return nil, err
	}
	if err := comparableType(e.Type(), k.b.posOf(n)); err != nil {
		return nil, err
	}
	for i, have := range k.keys {
		one := k.sets == nil || have.target == nil || t == nil
		if t != nil && have.target == t || one && expr.Equal(have.e, e) {
			return []int{i}, nil
		}
	}
	k.keys = append(k.keys, groupKey{e: e, target: t})
	return []int{len(k.keys) - 1}, nil
}

// groupExpr gives an expression of GROUP BY, and the output column that it is.
func (k *block) groupExpr(c *clause, n *parse.Node) (expr.Expr, *target, error) {
	t, err := c.outputTarget(n, k.targets, "GROUP BY")
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		before := len(k.before)
		e, err := c.settled(n)
		if err != nil {
			return nil, nil, err
		}
		e = k.reuse(e, before)
		for _, t := range k.targets {
			if expr.Alike(t.e, e) {
				return e, t, nil
			}
		}
		return e, nil, nil
	}
	if id, bad := k.firstAggregate(t.e); bad {
		what, code := "aggregate functions are not allowed in GROUP BY", sqlerr.GroupingError
		if k.isWindow(id) {
			what, code = "window functions are not allowed in GROUP BY", sqlerr.WindowingError
		}
		return nil, nil, sqlerr.New(code, "%s", what).At(k.b.posOf(t.node))
	}
	if k.usesSubquery(t.e) || k.setUsesSubquery(t.e) {
		// The subquery moves below the grouping, with those bound before it.
		k.before = append(k.before, k.after...)
		k.after = nil
	}
	return t.e, t, nil
}

// keyOf is the key that an output column is; nil for none.
func (k *block) keyOf(t *target) *groupKey {
	for i := range k.keys {
		if k.keys[i].target == t {
			return &k.keys[i]
		}
	}
	return nil
}

func (k *block) isWindow(id expr.ColumnID) bool {
	for _, w := range k.windows {
		if w.item.ID == id {
			return true
		}
	}
	return false
}

// firstAggregate finds the result of an aggregate or window function of this level in e.
func (k *block) firstAggregate(e expr.Expr) (expr.ColumnID, bool) {
	var id expr.ColumnID
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Column); ok && !found && (k.b.aggregates[c.ID] == k.level || k.isWindow(c.ID)) {
			id, found = c.ID, true
		}
		return !found
	})
	return id, found
}

func (k *block) setUsesSubquery(e expr.Expr) bool {
	for _, s := range k.setsIn(e) {
		for _, a := range s.Args {
			if k.usesSubquery(a) {
				return true
			}
		}
	}
	return false
}

func (k *block) usesSubquery(e expr.Expr) bool {
	made := map[expr.ColumnID]bool{}
	for _, p := range k.after {
		for _, c := range p.right.Columns() {
			made[c.ID] = true
		}
		made[p.mark.ID] = p.kind == plan.Mark
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		c, ok := e.(*expr.Column)
		found = found || ok && made[c.ID]
		return !found
	})
	return found
}

// aggregation puts the Aggregate over the input where there is anything to group or to aggregate, and rewrites what is
// evaluated above it. 42803 for a column that is neither grouped nor aggregated.
func (k *block) aggregation(node plan.Node) (plan.Node, error) {
	if len(k.aggs) == 0 && len(k.sel.GroupClause) == 0 && len(k.groupings) == 0 && k.having == nil {
		return node, nil
	}
	node = attachAll(node, append(k.before, k.aggArgs...))
	var keys []expr.Expr
	for _, key := range k.keys {
		keys = append(keys, key.e)
	}
	node = k.expand(node, k.setsIn(keys...))
	u := &ungrouper{k: k, inner: columnsByID(node), grouped: map[expr.ColumnID]bool{}}
	agg := &plan.Aggregate{Input: node, Aggs: k.aggs}
	for i := range k.keys {
		agg.Keys = append(agg.Keys, k.keyItem(i, u))
	}
	if err := k.checkDirect(u); err != nil {
		return nil, err
	}
	if err := k.groupingColumn(agg); err != nil {
		return nil, err
	}
	if k.sets != nil {
		agg.GroupingSets = k.sets.sets
		if len(agg.GroupingSets) == 0 {
			agg.GroupingSets = [][]int{{}}
		}
	}
	for _, t := range k.targets {
		if key := k.keyOf(t); key != nil {
			t.e = key.col.Ref()
		} else {
			t.e = u.rewrite(t.e)
		}
	}
	for _, w := range k.windows {
		w.rewrite(u.rewrite)
	}
	k.having = u.rewrite(k.having)
	if u.err != nil {
		return nil, u.err
	}
	if err := k.ungroupSubqueries(u); err != nil {
		return nil, err
	}
	for i := range u.extra { // every set has the key that determines them
		for s := range agg.GroupingSets {
			agg.GroupingSets[s] = append(slices.Clone(agg.GroupingSets[s]), len(agg.Keys)+i)
		}
	}
	agg.Keys = append(agg.Keys, u.extra...)
	return agg, nil
}

// keyItem is the aggregate's item for a key: a bare column keeps its ID, unless grouping sets make other values of it.
func (k *block) keyItem(i int, u *ungrouper) plan.Item {
	key := &k.keys[i]
	if c, ok := key.e.(*expr.Column); ok && k.sets == nil {
		if in, ok := u.inner[c.ID]; ok {
			key.col = in
			u.grouped[c.ID] = true
			return plan.Item{Column: in, Expr: c}
		}
	}
	name := ""
	if c, ok := key.e.(*expr.Column); ok {
		name = c.Name
	}
	key.col = k.b.newColumn(name, key.e.Type(), nullable(key.e, u.inner) || k.sets != nil)
	return plan.Item{Column: key.col, Expr: key.e}
}

// ungrouper rewrites expressions over an aggregate's input to expressions over its output.
type ungrouper struct {
	k       *block
	inner   map[expr.ColumnID]plan.Column // the aggregate's input
	grouped map[expr.ColumnID]bool        // columns that pass through under their own ID
	extra   []plan.Item                   // columns that a primary key among the keys determines
	sets    map[*setCall]*setCall         // calls above the grouping by what they were written as
	err     error
}

func (u *ungrouper) rewrite(e expr.Expr) expr.Expr {
	if e == nil || u.err != nil {
		return e
	}
	switch e.(type) {
	case *expr.Const, *expr.Param:
		return e
	}
	for i := range u.k.keys {
		if key := &u.k.keys[i]; expr.Equal(key.e, e) {
			return key.col.Ref()
		}
	}
	c, ok := e.(*expr.Column)
	if !ok {
		return expr.MapChildren(e, u.rewrite)
	}
	if s := u.k.setOfColumn(c.ID); s != nil && !u.grouped[c.ID] {
		return u.aboveGrouping(s)
	}
	in, local := u.inner[c.ID]
	if !local || u.grouped[c.ID] {
		return e
	}
	if u.determined(c.ID) {
		u.grouped[c.ID] = true
		u.extra = append(u.extra, plan.Item{Column: in, Expr: in.Ref()})
		return e
	}
	u.err = sqlerr.New(sqlerr.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function",
		u.k.b.nameOf(c)).At(u.k.b.where[c])
	return e
}

// determined says whether the keys hold a primary key of the column's table.
func (u *ungrouper) determined(id expr.ColumnID) bool {
	k := u.k.b.keys[id]
	if k == nil {
		return false
	}
	for _, id := range k.key {
		found := false
		for i, key := range u.k.keys {
			c, ok := key.e.(*expr.Column)
			found = found || ok && c.ID == id && u.k.inEverySet(i)
		}
		if !found {
			return false
		}
	}
	return true
}

// inEverySet says whether all grouping sets group by key i.
func (k *block) inEverySet(i int) bool {
	return k.sets == nil || !slices.ContainsFunc(k.sets.sets, func(set []int) bool { return !slices.Contains(set, i) })
}

// nameOf is a column's qualified name for messages.
func (b *binder) nameOf(c *expr.Column) string {
	if n := b.names[c.ID]; n != "" {
		return n
	}
	return c.Name
}

// ungroupSubqueries checks the subqueries above the grouping: what they take from this level must be grouped.
func (k *block) ungroupSubqueries(u *ungrouper) error {
	for i := range k.after {
		p := &k.after[i]
		if err := k.ungroupPlan(p, u); err != nil {
			return err
		}
		for j, e := range p.on {
			p.on[j] = u.rewriteOver(e, columnsByID(p.right))
		}
		if u.err != nil {
			return u.err
		}
	}
	return nil
}

// rewriteOver rewrites but leaves the columns of another relation alone.
func (u *ungrouper) rewriteOver(e expr.Expr, other map[expr.ColumnID]plan.Column) expr.Expr {
	if c, ok := e.(*expr.Column); ok {
		if _, ok := other[c.ID]; ok {
			return e
		}
	}
	if _, ok := e.(*expr.Column); ok {
		return u.rewrite(e)
	}
	for i := range u.k.keys {
		if key := &u.k.keys[i]; expr.Equal(key.e, e) {
			return key.col.Ref()
		}
	}
	return expr.MapChildren(e, func(e expr.Expr) expr.Expr { return u.rewriteOver(e, other) })
}

// ungroupPlan replaces this level's columns in a subquery's plan by the grouped ones.
func (k *block) ungroupPlan(p *pending, u *ungrouper) error {
	var err error
	p.right = plan.Rewrite(p.right, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e expr.Expr) expr.Expr {
			return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
				c, ok := e.(*expr.Column)
				if !ok || err != nil {
					return e
				}
				if _, local := u.inner[c.ID]; !local || u.grouped[c.ID] {
					return e
				}
				out := u.rewrite(e)
				if u.err != nil {
					err = sqlerr.New(sqlerr.GroupingError, "subquery uses ungrouped column %q from outer query", k.b.nameOf(c)).
						At(k.b.where[c])
					u.err = nil
				}
				return out
			})
		})
	})
	return err
}
