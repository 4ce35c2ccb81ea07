// Package optimize turns the binder's logical plan into the plan that runs: it rewrites, orders joins, offers
// fragments to their sources and chooses physical nodes. One rule a file; every rule maps an immutable plan to an
// equivalent one.
package optimize

import (
	"context"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Options are what planning needs to know beside the plan.
type Options struct {
	// Source gives the connected server of a name; nil is a bug of the catalog.
	Source func(server string) sources.Source
	// Pushdown off leaves only the choice of columns to sources (SET skein.pushdown = off).
	Pushdown bool
	// Workers is how many partitions a splittable input is read in.
	Workers int
	// Failing takes the error with which a statement fails whenever it runs, for its constants do (1/0): it can be prepared,
	// and its result described, like any other. Without Failing such a statement has no plan.
	Failing func(error)
	// NextColumn is the first column ID that the plan does not use.
	NextColumn expr.ColumnID
}

// Plan optimizes a bound plan. It does no I/O and reads no data. Errors are *sqlerr.Error: what cannot be planned is
// refused by its name. It ends soon after ctx does, with ctx's cause.
func Plan(ctx context.Context, root plan.Node, opts Options) (plan.Node, error) {
	o := &optimizer{ctx: ctx, Options: opts, memo: map[plan.Node]*stats{}}
	root = unwrapComparisons(foldConstants(root))
	// Conditions go down before subqueries become joins: outer rows that they drop need no subquery.
	root, err := o.decorrelate(pushFilters(lateralSets(root)))
	if err != nil {
		return nil, err
	}
	root = dropSorts(simplifyAggregates(root))
	root = pushFilters(strengthenJoins(factorOr(root)))
	for range inferenceRounds {
		root = pushFilters(inferPredicates(root))
	}
	// Joins are ordered without the columns and projections between them that nobody reads any more.
	root = o.reduceGroups(o.orderJoins(pruneColumns(mergeProjects(root))))
	root = o.splitRowNotIn(root)
	root = pushFilters(root)
	root = mergeProjects(root)
	root = pushLimits(root)
	root = pruneColumns(root)
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if err := failingConstants(root); err != nil {
		if opts.Failing == nil {
			return nil, err
		}
		opts.Failing(err)
	}
	root, err = o.cutFragments(dropEmpty(root))
	if err != nil {
		return nil, err
	}
	root = o.choosePhysical(settleRecursions(o.tightenNumerics(root)))
	return o.parallelize(root), nil
}

// inferenceRounds lets what was inferred at a join be carried over a join below it.
const inferenceRounds = 2

type optimizer struct {
	ctx context.Context // of the one call of Plan that this optimizer is for
	Options
	memo map[plan.Node]*stats
	// reordered keeps what join ordering made of shared subplans.
	reordered plan.SharedInputs
	// starts are the estimated rows that recursions start with.
	starts map[int]float64
}

// newColumn makes a column that no other node has.
func (o *optimizer) newColumn(name string, t *types.Type, nullable bool) plan.Column {
	id := o.NextColumn
	o.NextColumn++
	return plan.Column{ID: id, Name: name, Type: t, Nullable: nullable}
}

// columnSet is a set of column IDs.
type columnSet map[expr.ColumnID]bool

func columnsOf(n plan.Node) columnSet {
	out := columnSet{}
	for _, c := range n.Columns() {
		out[c.ID] = true
	}
	return out
}

// within says whether every column that e refers to is in s.
func (s columnSet) within(e expr.Expr) bool {
	refs := columnSet{}
	expr.Columns(e, refs)
	for id := range refs {
		if !s[id] {
			return false
		}
	}
	return true
}

// touches says whether e refers to a column of s.
func (s columnSet) touches(e expr.Expr) bool {
	refs := columnSet{}
	expr.Columns(e, refs)
	for id := range refs {
		if s[id] {
			return true
		}
	}
	return false
}

// filtered is n below a filter of conds, n itself when there are none.
func filtered(n plan.Node, conds []expr.Expr) plan.Node {
	if len(conds) == 0 {
		return n
	}
	if f, ok := n.(*plan.Filter); ok {
		return &plan.Filter{Input: f.Input, Conds: append(append([]expr.Expr(nil), f.Conds...), conds...)}
	}
	return &plan.Filter{Input: n, Conds: conds}
}

// substitute replaces columns by expressions.
func substitute(e expr.Expr, by map[expr.ColumnID]expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok {
			if r, ok := by[c.ID]; ok {
				return r
			}
		}
		return e
	})
}
