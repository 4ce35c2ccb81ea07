package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// recursion binds start UNION [ALL] step. The step sees the query as a relation with the start's columns; what both give
// must have the start's types (determineRecursiveColTypes, analyzeCTE).
func (b *binder) recursion(c *cte, l *level) (*result, error) {
	sel := c.item.Ctequery.GetSelectStmt()
	if sel.WithClause != nil {
		var err error
		if l, err = b.with(sel.WithClause, sel, l); err != nil {
			return nil, err
		}
	}
	start, err := b.setTree(sel.Larg, l, false)
	if err != nil {
		return nil, err
	}
	r := &plan.Recursive{ID: b.nextShared, Name: c.item.Ctename, All: sel.All}
	b.nextShared++
	for _, col := range start.cols {
		// What is NULL in a later round is not known before.
		r.Cols = append(r.Cols, b.newColumn(col.Name, unscaled(col.Type), true))
	}
	seen, err := c.named(r.Cols)
	if err != nil {
		return nil, err
	}
	step, err := b.recursiveTerm(c, sel.Rarg, l, &plan.WorkTable{ID: r.ID, Cols: seen})
	if err != nil {
		return nil, err
	}
	if len(step.cols) != len(start.cols) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "each UNION query must have the same number of columns").At(b.firstTarget(sel.Rarg))
	}
	if err := b.settleRecursion(r, sel, start, step); err != nil {
		return nil, err
	}
	return &result{node: r, cols: r.Cols}, nil
}

// recursiveTerm binds the step, in which the name of the common table expression means w.
func (b *binder) recursiveTerm(c *cte, sel *parse.SelectStmt, l *level, w *plan.WorkTable) (*result, error) {
	c.work = w
	defer func() { c.work = nil }()
	return b.setTree(sel, l, false)
}

// settleRecursion brings both terms to the types of r's columns.
func (b *binder) settleRecursion(r *plan.Recursive, sel *parse.SelectStmt, start, step *result) error {
	starts, steps := start.exprs(), step.exprs()
	for i := range r.Cols {
		c := &r.Cols[i]
		pair := []expr.Expr{starts[i], steps[i]}
		overall, err := b.unify(pair, "UNION", func(k int) int {
			return b.targetPos([]*parse.SelectStmt{sel.Larg, sel.Rarg}[k], i)
		})
		if err != nil {
			return err
		}
		pos := b.targetPos(sel.Larg, i)
		if !types.Same(overall, c.Type) || unscaled(overall).Mod != c.Type.Mod {
			return sqlerr.New(sqlerr.DatatypeMismatch, "recursive query %q column %d has type %s in non-recursive term but type %s overall",
				r.Name, i+1, c.Type, overall).WithHint("Cast the output of the non-recursive term to the correct type.").At(pos)
		}
		if !r.All {
			if err := hashableType(c.Type, pos); err != nil {
				return err
			}
		}
		starts[i], steps[i] = stored(pair[0], c.Type), stored(pair[1], c.Type)
	}
	r.Start, r.Step = b.computed(start, starts), b.computed(step, steps)
	return nil
}

// stored is a value of the same SQL type in the storage of t.
func stored(e expr.Expr, t *types.Type) expr.Expr {
	if types.Equal(e.Type(), t) {
		return e
	}
	return retype(e, t)
}

// hashableType refuses what UNION cannot find equal rows by: recursion has no other way than hashing.
func hashableType(t *types.Type, pos int) error {
	if err := comparableType(t, pos); err != nil {
		return err
	}
	if unhashable(t) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "could not implement recursive UNION").WithDetail("All column datatypes must be hashable.")
	}
	return nil
}

// unhashable says whether values of a type have an order in PostgreSQL but no hash.
func unhashable(t *types.Type) bool {
	switch t.Kind {
	case types.Money, types.Bit:
		return true
	case types.Array, types.Range, types.Multirange:
		return unhashable(t.Elem)
	case types.Composite, types.Record:
		for _, f := range t.Fields {
			if unhashable(f.Type) {
				return true
			}
		}
	}
	return false
}

// unscaled is a type in which every value of its SQL type has a place: a numeric that was not declared with digits keeps
// each value's own, since those of later rounds are not known.
func unscaled(t *types.Type) *types.Type {
	switch {
	case t.Kind == types.Numeric && t.Mod < 0:
		return types.NumericT
	case t.Kind == types.Array:
		if e := unscaled(t.Elem); e != t.Elem {
			c := *t
			c.Elem = e
			return &c
		}
	case t.Kind == types.Record:
		c := *t
		c.Fields = append([]types.Field(nil), t.Fields...)
		for i := range c.Fields {
			c.Fields[i].Type = unscaled(c.Fields[i].Type)
		}
		return &c
	}
	return t
}

// noteAggregate keeps the position of the level's first aggregate.
func (l *level) noteAggregate(pos int) {
	if l.aggregateAt == 0 || pos < l.aggregateAt {
		l.aggregateAt = pos
	}
}

// checkRecursiveTerm refuses aggregates over the rows of the last round: what they give is not of these rows alone.
func (k *block) checkRecursiveTerm() error {
	if !k.selfReference || len(k.aggs) == 0 {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term").At(k.aggregateAt)
}
