package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// An aggregation that a source does not take whole, or that lies over UNION ALL of several servers, is taken apart: the
// parts (partial aggregates, see plan.Decompose) go to the sources, and what they give is merged here. Nothing crosses
// a security barrier: what stands above one is put on top of it, in a fragment as here, and a barrier above UNION ALL
// hides the union.

// partialShare is how much of its input a partial aggregate may leave and still pay: PostgreSQL's and Trino's adaptive
// partial aggregation give up in the same region, where a group has fewer than two rows.
const partialShare = 0.5

// parts is an aggregation that was taken apart.
type parts struct {
	partial *plan.Aggregate // over the input that the aggregation had
	merge   *plan.Aggregate // without an input
}

// takeApart splits an aggregation; nil when one of its functions has no parts.
func (o *optimizer) takeApart(n *plan.Aggregate) *parts {
	if n.Partial || n.GroupingSets != nil || n.GroupingCol.Type != nil {
		return nil
	}
	for _, e := range plan.Exprs(n) {
		if !movable(e) {
			return nil
		}
	}
	p := &parts{partial: &plan.Aggregate{Input: n.Input, Partial: true}, merge: &plan.Aggregate{}}
	for _, k := range n.Keys {
		c := o.newColumn(k.Name, k.Type, k.Nullable)
		p.partial.Keys = append(p.partial.Keys, plan.Item{Column: c, Expr: k.Expr})
		p.merge.Keys = append(p.merge.Keys, plan.Item{Column: k.Column, Expr: c.Ref()})
	}
	for _, a := range n.Aggs {
		some, merge, ok := plan.Decompose(a, o.newColumn)
		if !ok {
			return nil
		}
		known := map[expr.ColumnID]expr.Expr{}
		for _, part := range some {
			known[part.ID] = p.add(part).Ref()
		}
		for i, arg := range merge.Args {
			merge.Args[i] = substitute(arg, known)
		}
		p.merge.Aggs = append(p.merge.Aggs, merge)
	}
	return p
}

// add gives the column of a part, which several functions may share: a sum and an average of one value.
func (p *parts) add(part plan.AggItem) plan.Column {
	for _, have := range p.partial.Aggs {
		if have.Fn == part.Fn && expr.Equal(have.Filter, part.Filter) && sameExprs(have.Args, part.Args) {
			return have.Column
		}
	}
	p.partial.Aggs = append(p.partial.Aggs, part)
	return part.Column
}

func sameExprs(a, b []expr.Expr) bool {
	for i := range a {
		if len(a) != len(b) || !expr.Equal(a[i], b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// merged is the aggregation over rows of the partial one.
func (p *parts) merged(in plan.Node) plan.Node { return plan.WithChildren(p.merge, []plan.Node{in}) }

// partly offers an aggregation that was not taken with its input as it is: through projections that stay here, then in
// parts; nil when no source takes any, or when it would not pay.
func (c *cutter) partly(n *plan.Aggregate, in *taken) (*taken, error) {
	if in.below != nil && in.below.union == nil {
		n, in = through(n, in.below.columns), in.below.base
		if t, err := c.grow(n, []*taken{in}); t != nil || err != nil {
			return t, err
		}
	}
	if in.frag == nil && in.below == nil {
		return nil, nil
	}
	p := c.o.takeApart(n)
	if p == nil {
		return nil, nil
	}
	if in.frag == nil {
		return c.overUnion(p, in.below)
	}
	t, err := c.offerPart(p.partial, in)
	if t == nil || err != nil {
		return nil, err
	}
	return local(p.merged(t.plan())), nil
}

// through is an aggregation with the expressions of a projection below in the place of its columns.
func through(n *plan.Aggregate, columns map[expr.ColumnID]expr.Expr) *plan.Aggregate {
	return plan.MapExprs(n, func(e expr.Expr) expr.Expr { return substitute(e, columns) }).(*plan.Aggregate)
}

// offerPart offers a partial aggregate on top of a fragment; nil when it is not taken.
func (c *cutter) offerPart(n *plan.Aggregate, in *taken) (*taken, error) {
	if !in.exact() {
		return nil, nil
	}
	src := c.o.Source(in.frag.Server)
	over := *n
	over.Input = in.frag.Root
	can := src.Capabilities()
	over.Partial = can.PartialAggregate
	if !claims(can, &over) || !c.pays(&over) {
		return nil, nil
	}
	t, err := offer(src, plan.Fragment{Server: in.frag.Server, Root: &over})
	if t == nil || !t.exact() {
		return nil, err
	}
	return t, nil
}

func (c *cutter) pays(n *plan.Aggregate) bool {
	rows := c.o.stats(n.Input).rows
	return rows > 1 && c.o.stats(n).rows <= rows*partialShare
}

// below is what an aggregation can be pushed into although it stays here: a fragment or UNION ALL below projections.
// columns gives what the columns above are over those of the fragment or of the set operation.
type below struct {
	base     *taken // the fragment; nil for a union
	union    *plan.SetOp
	branches []*taken // of the union, cut
	columns  map[expr.ColumnID]expr.Expr
}

// belowOf is what n, which stays here, lets an aggregation through to; nil for nothing.
func belowOf(n plan.Node, cuts []*taken) *below {
	switch n := n.(type) {
	case *plan.SetOp:
		if n.Op == plan.Union && n.All {
			return &below{union: n, branches: cuts}
		}
	case *plan.Project:
		if !pureProject(n) {
			return nil
		}
		b := below{base: cuts[0]}
		if cuts[0].below != nil {
			b = *cuts[0].below
		} else if !cuts[0].exact() {
			return nil
		}
		columns := map[expr.ColumnID]expr.Expr{}
		for _, it := range n.Items {
			columns[it.ID] = substitute(it.Expr, b.columns)
		}
		b.columns = columns
		return &b
	}
	return nil
}

// overUnion aggregates each branch in part, at its source where that takes it, and merges what the branches give.
func (c *cutter) overUnion(p *parts, u *below) (*taken, error) {
	op := &plan.SetOp{Op: plan.Union, All: true, Cols: p.partial.Columns()}
	remote := false
	for _, b := range u.branches {
		n, ok := c.o.branchPart(p.partial, u, b)
		if !ok {
			return nil, nil
		}
		t, err := c.offerBranch(n, b)
		if err != nil {
			return nil, err
		}
		if t != nil {
			remote = true
		} else {
			n.Partial = false
			t = local(plan.WithChildren(n, []plan.Node{b.plan()}))
		}
		op.Inputs = append(op.Inputs, t.plan())
	}
	if !remote {
		return nil, nil
	}
	return local(p.merged(op)), nil
}

func (c *cutter) offerBranch(n *plan.Aggregate, b *taken) (*taken, error) {
	if b.below != nil && b.below.base != nil {
		return c.offerPart(through(n, b.below.columns), b.below.base)
	}
	return c.offerPart(n, b)
}

// branchPart is the partial aggregate over the columns of one branch, with columns of its own; ok is false when a
// branch's columns are not quite of the union's types.
func (o *optimizer) branchPart(n *plan.Aggregate, u *below, b *taken) (part *plan.Aggregate, ok bool) {
	in := b.node
	if b.frag != nil {
		in = b.frag.Root
	}
	by := map[expr.ColumnID]expr.Expr{}
	for i, c := range in.Columns() {
		if !types.Equal(c.Type, u.union.Cols[i].Type) {
			return nil, false
		}
		by[u.union.Cols[i].ID] = c.Ref()
	}
	out := *through(through(n, u.columns), by)
	out.Input = in
	out.Keys, out.Aggs = append([]plan.Item(nil), out.Keys...), append([]plan.AggItem(nil), out.Aggs...)
	for i, k := range out.Keys {
		out.Keys[i].Column = o.newColumn(k.Name, k.Type, k.Nullable)
	}
	for i, a := range out.Aggs {
		out.Aggs[i].Column = o.newColumn(a.Name, a.Type, a.Nullable)
	}
	return &out, true
}
