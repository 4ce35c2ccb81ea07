package optimize

import (
	"github.com/skeinsql/skein/engine/plan"
)

// parallelize places the exchanges: partitions are gathered where one stream is needed, and merged where order is.
func (o *optimizer) parallelize(root plan.Node) plan.Node {
	if o.Workers <= 1 {
		return root
	}
	p := &parallelizer{shared: map[int]plan.Node{}}
	n, many := p.place(root)
	return gathered(n, many)
}

type parallelizer struct{ shared map[int]plan.Node }

func gathered(n plan.Node, many bool) plan.Node {
	if !many {
		return n
	}
	return &plan.Exchange{Input: n, Kind: plan.Gather}
}

// place gives n with exchanges, and whether it comes in several partitions.
func (p *parallelizer) place(n plan.Node) (plan.Node, bool) {
	if s, ok := n.(*plan.Shared); ok {
		return p.placeShared(s)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	many := make([]bool, len(kids))
	for i, k := range kids {
		next[i], many[i] = p.place(k)
	}
	switch n := n.(type) {
	case *plan.Remote:
		return n, n.Scan.Splittable()
	case *plan.Sort:
		if many[0] {
			return merged(&plan.Sort{Input: next[0], Keys: n.Keys}, n.Keys), false
		}
	case *plan.Limit:
		return placeLimit(n, next[0], many[0]), false
	case *plan.Window, *plan.Aggregate:
		// An aggregate drains all partitions of its input into one result; a window needs its partitions whole.
		if _, ok := n.(*plan.Window); ok {
			next[0] = gathered(next[0], many[0])
		}
		return plan.WithChildren(n, next), false
	case *plan.Recursive:
		c := *n
		c.Start, c.Step = gathered(next[0], many[0]), gathered(next[1], many[1])
		return &c, false
	case *plan.SetOp:
		if n.Op == plan.Union && n.All {
			return plan.WithChildren(n, next), anyOf(many) || len(next) > 1
		}
		return plan.WithChildren(n, next), false
	}
	out := plan.WithChildren(n, next)
	return out, len(many) > 0 && many[0]
}

func anyOf(bs []bool) bool {
	for _, b := range bs {
		if b {
			return true
		}
	}
	return false
}

func (p *parallelizer) placeShared(s *plan.Shared) (plan.Node, bool) {
	in, ok := p.shared[s.ID]
	if !ok {
		var many bool
		in, many = p.place(s.Input)
		in = gathered(in, many)
		p.shared[s.ID] = in
	}
	return plan.WithChildren(s, []plan.Node{in}), false
}

func merged(n plan.Node, keys []plan.SortKey) plan.Node {
	return &plan.Exchange{Input: n, Kind: plan.Merge, Keys: keys}
}

// placeLimit cuts each partition first where the number of rows is known, then all of them together.
func placeLimit(n *plan.Limit, in plan.Node, many bool) plan.Node {
	c := *n
	if !many {
		c.Input = in
		return &c
	}
	if n.Ties {
		c.Input = merged(in, n.Keys)
		return &c
	}
	first := partialLimit(n, in)
	if n.Keys == nil {
		c.Input = gathered(first, true)
		return &c
	}
	if first == in {
		c.Input = gathered(in, true)
		return &c
	}
	return &plan.Limit{Input: merged(first, n.Keys), Count: n.Count, Offset: n.Offset}
}

// partialLimit is the limit of one partition: offset and count together, where they are known; else in itself.
func partialLimit(n *plan.Limit, in plan.Node) plan.Node {
	count, ok := constantInt(n.Count)
	offset := int64(0)
	if n.Offset != nil {
		var known bool
		offset, known = constantInt(n.Offset)
		ok = ok && known
	}
	if !ok || count < 0 || offset < 0 || count+offset < 0 {
		return in
	}
	return &plan.Limit{Input: in, Count: int8Const(count + offset), Keys: n.Keys}
}
