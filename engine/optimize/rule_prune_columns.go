package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// pruneColumns removes the columns that nobody reads: at scans, projections, aggregates and set operations.
func pruneColumns(root plan.Node) plan.Node {
	p := &pruner{shared: map[int]columnSet{}, done: map[int]plan.Node{}}
	p.collectShared(root)
	return keepOrder(root.Columns(), p.prune(root, columnsOf(root)))
}

type pruner struct {
	// shared holds what the places that read a shared subplan need of it, all together; done its one pruned plan.
	shared map[int]columnSet
	done   map[int]plan.Node
}

// collectShared keeps every column of shared subplans: their readers are few and their results are buffered once.
func (p *pruner) collectShared(n plan.Node) {
	plan.Walk(n, func(n plan.Node) bool {
		if s, ok := n.(*plan.Shared); ok {
			p.shared[s.ID] = columnsOf(s.Input)
		}
		return true
	})
}

func (s columnSet) with(es ...expr.Expr) columnSet {
	out := make(columnSet, len(s))
	for id := range s {
		out[id] = true
	}
	for _, e := range es {
		expr.Columns(e, out)
	}
	return out
}

// prune gives n with at least the columns of need.
func (p *pruner) prune(n plan.Node, need columnSet) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, need)
	case *plan.Project:
		return p.pruneProject(n, need)
	case *plan.ProjectSet:
		return p.pruneProjectSet(n, need)
	case *plan.Aggregate:
		return p.pruneAggregate(n, need)
	case *plan.SetOp:
		return p.pruneSetOp(n, need)
	case *plan.Values:
		return pruneValues(n, need)
	case *plan.Recursive:
		return p.pruneRecursive(n)
	case *plan.Join:
		if unread(n, need) {
			return p.prune(n.Left, need)
		}
	case *plan.Shared:
		in, ok := p.done[n.ID]
		if !ok {
			in = keepOrder(n.Input.Columns(), p.prune(n.Input, p.shared[n.ID]))
			p.done[n.ID] = in
		}
		return plan.WithChildren(n, []plan.Node{in})
	}
	inner := need.with(plan.Exprs(n)...)
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = p.prune(c, inner)
	}
	return plan.WithChildren(n, next)
}

// unread says whether a join only adds the answer of a subquery, one for each row on the left, which nobody reads. Its
// failure, of a scalar subquery with two rows, is then none either, as in PostgreSQL.
func unread(n *plan.Join, need columnSet) bool {
	switch n.Kind {
	case plan.Mark:
		return !need[n.MarkCol.ID] && !volatilePlan(n.Right)
	case plan.Single:
		for _, c := range n.Right.Columns() {
			if need[c.ID] {
				return false
			}
		}
		return !volatilePlan(n.Right)
	}
	return false
}

func pruneScan(n *plan.Scan, need columnSet) plan.Node {
	out := &plan.Scan{Table: n.Table}
	for i, c := range n.Cols {
		if need[c.ID] {
			out.Cols = append(out.Cols, c)
			out.Ordinals = append(out.Ordinals, n.Ordinals[i])
		}
	}
	if len(out.Cols) == len(n.Cols) {
		return n
	}
	return out
}

func (p *pruner) pruneProject(n *plan.Project, need columnSet) plan.Node {
	var items []plan.Item
	inner := columnSet{}
	for _, it := range n.Items {
		if need[it.ID] {
			items = append(items, it)
			expr.Columns(it.Expr, inner)
		}
	}
	return dropIdle(&plan.Project{Input: p.prune(n.Input, inner), Items: items})
}

// pruneProjectSet passes on what is read above only. Every call stays: together they say how many rows there are.
func (p *pruner) pruneProjectSet(n *plan.ProjectSet, need columnSet) plan.Node {
	c := *n
	c.Keep = nil
	for _, k := range n.Keep {
		if need[k.ID] {
			c.Keep = append(c.Keep, k)
		}
	}
	if !need[n.Ordinality.ID] {
		c.Ordinality = plan.Column{}
	}
	inner := columnSet{}.with(plan.Exprs(n)...)
	for _, k := range c.Keep {
		inner[k.ID] = true
	}
	c.Input = p.prune(n.Input, inner)
	return &c
}

// dropIdle removes a projection that only passes its input on.
func dropIdle(n *plan.Project) plan.Node {
	in := n.Input.Columns()
	if len(in) != len(n.Items) {
		return n
	}
	for i, it := range n.Items {
		c, ok := it.Expr.(*expr.Column)
		if !ok || c.ID != it.ID || in[i].ID != it.ID {
			return n
		}
	}
	return n.Input
}

func (p *pruner) pruneAggregate(n *plan.Aggregate, need columnSet) plan.Node {
	g := *n
	g.Aggs = nil
	for _, a := range n.Aggs {
		if need[a.ID] {
			g.Aggs = append(g.Aggs, a)
		}
	}
	if len(n.Keys) == 0 && len(g.Aggs) == 0 {
		// One row comes out whatever goes in; an aggregate has to say so.
		g.Aggs = n.Aggs[:min(1, len(n.Aggs))]
	}
	g.Input = p.prune(n.Input, columnSet{}.with(plan.Exprs(&g)...))
	return &g
}

// pruneSetOp narrows UNION ALL only: the others compare whole rows.
func (p *pruner) pruneSetOp(n *plan.SetOp, need columnSet) plan.Node {
	keep := make([]bool, len(n.Cols))
	all := n.Op != plan.Union || !n.All
	out := *n
	out.Cols, out.Inputs = nil, make([]plan.Node, len(n.Inputs))
	for i, c := range n.Cols {
		keep[i] = all || need[c.ID]
		if keep[i] {
			out.Cols = append(out.Cols, c)
		}
	}
	for i, in := range n.Inputs {
		var want []plan.Column
		for j, c := range in.Columns() {
			if keep[j] {
				want = append(want, c)
			}
		}
		set := columnSet{}
		for _, c := range want {
			set[c.ID] = true
		}
		out.Inputs[i] = keepOrder(want, p.prune(in, set))
	}
	return &out
}

func pruneValues(n *plan.Values, need columnSet) plan.Node {
	out := &plan.Values{Rows: make([][]expr.Expr, len(n.Rows))}
	for i, c := range n.Cols {
		if !need[c.ID] {
			continue
		}
		out.Cols = append(out.Cols, c)
		for r := range n.Rows {
			out.Rows[r] = append(out.Rows[r], n.Rows[r][i])
		}
	}
	return out
}
