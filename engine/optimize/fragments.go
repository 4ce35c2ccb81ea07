package optimize

import (
	"errors"
	"fmt"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// cutFragments replaces the largest subtrees that their sources take by Remotes, bottom-up: every operator is offered
// on top of what its input's source took already; what is refused stays here.
func (o *optimizer) cutFragments(root plan.Node) (plan.Node, error) {
	c := &cutter{o: o, shared: map[int]plan.Node{}}
	t, err := c.cut(root)
	if err != nil {
		return nil, err
	}
	return t.plan(), nil
}

type cutter struct {
	o      *optimizer
	shared map[int]plan.Node
}

// taken is a plan whose top may still be a fragment that can grow.
type taken struct {
	node plan.Node // the local plan when frag is nil
	frag *plan.Fragment
	scan plan.RemoteScan
	// below is what an aggregation above may be pushed into although node stays here.
	below *below
}

func local(n plan.Node) *taken { return &taken{node: n} }

// plan closes the fragment: a Remote below its residual conjuncts.
func (t *taken) plan() plan.Node {
	if t.frag == nil {
		return t.node
	}
	return filtered(&plan.Remote{Fragment: *t.frag, Scan: t.scan}, t.scan.Residual())
}

// exact says whether the fragment is one whose answer needs no recheck, so that more may be put on top.
func (t *taken) exact() bool { return t.frag != nil && len(t.scan.Residual()) == 0 }

func (c *cutter) cut(n plan.Node) (*taken, error) {
	if s, ok := n.(*plan.Scan); ok {
		return c.scan(s)
	}
	if s, ok := n.(*plan.Shared); ok && c.shared[s.ID] != nil {
		return local(plan.WithChildren(n, []plan.Node{c.shared[s.ID]})), nil
	}
	kids := n.Children()
	cuts := make([]*taken, len(kids))
	for i, k := range kids {
		var err error
		if cuts[i], err = c.cut(k); err != nil {
			return nil, err
		}
	}
	if c.o.Pushdown && len(cuts) > 0 {
		if t, err := c.grow(n, cuts); t != nil || err != nil {
			return t, err
		}
		if a, ok := n.(*plan.Aggregate); ok {
			if t, err := c.partly(a, cuts[0]); t != nil || err != nil {
				return t, err
			}
		}
	}
	next := make([]plan.Node, len(kids))
	for i := range cuts {
		next[i] = cuts[i].plan()
	}
	out := plan.WithChildren(n, next)
	if s, ok := n.(*plan.Shared); ok {
		c.shared[s.ID] = next[0]
	}
	if f, ok := out.(*plan.Filter); ok {
		return local(filtered(f.Input, f.Conds)), nil
	}
	return &taken{node: out, below: belowOf(n, cuts)}, nil
}

func (c *cutter) scan(s *plan.Scan) (*taken, error) {
	f := plan.Fragment{Server: s.Table.Server(), Root: s}
	src := c.o.Source(f.Server)
	if src == nil {
		return nil, fmt.Errorf("planning a scan of %s.%s.%s: server %s is not connected", f.Server, s.Table.Schema(), s.Table.Name(), f.Server)
	}
	scan, err := src.Plan(f)
	if err != nil {
		return nil, fmt.Errorf("planning a scan of %s.%s.%s: %w", f.Server, s.Table.Schema(), s.Table.Name(), err)
	}
	return &taken{frag: &f, scan: scan}, nil
}

// grow offers n on top of its inputs' fragments; nil when it stays here. An error is the source's own failure to plan,
// which is no refusal.
func (c *cutter) grow(n plan.Node, cuts []*taken) (*taken, error) {
	if cuts[0].frag == nil {
		return nil, nil
	}
	server := cuts[0].frag.Server
	roots := make([]plan.Node, len(cuts))
	for i, t := range cuts {
		if t.frag == nil || t.frag.Server != server || !t.exact() {
			return nil, nil
		}
		roots[i] = t.frag.Root
	}
	src := c.o.Source(server)
	if !claims(src.Capabilities(), n) {
		return nil, nil
	}
	if f, ok := n.(*plan.Filter); ok {
		return c.growFilter(src, f, cuts[0])
	}
	return offer(src, plan.Fragment{Server: server, Root: plan.WithChildren(n, roots)})
}

// offer asks a source to take a fragment; nil when it refuses.
func offer(src sources.Source, f plan.Fragment) (*taken, error) {
	scan, err := src.Plan(f)
	var r *sources.Refused
	switch {
	case err == nil:
		return &taken{frag: &f, scan: scan}, nil
	case errors.As(err, &r):
		return nil, nil
	}
	return nil, fmt.Errorf("planning a fragment for server %s: %w", f.Server, err)
}

// growFilter offers the conjuncts that may leave the engine, and lifts those that are refused until the rest is taken.
func (c *cutter) growFilter(src sources.Source, n *plan.Filter, in *taken) (*taken, error) {
	offered, here := split(n.Conds, func(e expr.Expr) bool { return expr.VolatilityOf(e) != expr.Volatile })
	for len(offered) > 0 {
		f := plan.Fragment{Server: in.frag.Server, Root: &plan.Filter{Input: in.frag.Root, Conds: offered}}
		scan, err := src.Plan(f)
		if err == nil {
			t := &taken{frag: &f, scan: scan}
			if len(here) > 0 {
				return local(filtered(t.plan(), here)), nil
			}
			return t, nil
		}
		var r *sources.Refused
		if !errors.As(err, &r) {
			return nil, fmt.Errorf("planning a filter for server %s: %w", f.Server, err)
		}
		kept, lifted := split(offered, func(e expr.Expr) bool { return !refuses(r, e) })
		if len(lifted) == 0 {
			return nil, nil
		}
		offered, here = kept, append(here, lifted...)
	}
	return nil, nil
}

func refuses(r *sources.Refused, conjunct expr.Expr) bool {
	for _, w := range r.What {
		if w.Conjunct == conjunct {
			return true
		}
	}
	return false
}

// claims says whether a server says that it answers this kind of node.
func claims(c sources.Capabilities, n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter:
		return c.Filter
	case *plan.Project:
		return c.Project
	case *plan.Join:
		return c.Join && !loops(n)
	case *plan.Aggregate:
		switch {
		case n.Partial:
			return c.PartialAggregate
		case len(n.Aggs) == 0:
			return c.Distinct
		}
		return c.Aggregate
	case *plan.Sort:
		return c.Sort
	case *plan.Limit:
		if n.Keys != nil {
			return c.TopN
		}
		return c.Limit
	case *plan.SetOp:
		return c.SetOp
	case *plan.Window:
		return c.Window
	case *plan.SecurityBarrier:
		return c.Barrier
	}
	return false
}

// loops says whether a join is by IS NOT DISTINCT FROM alone, which no server hashes as the engine does: PostgreSQL runs
// it as a nested loop.
func loops(n *plan.Join) bool {
	left, right := columnsOf(n.Left), columnsOf(n.Right)
	distinct := false
	for _, c := range flatten(n.On) {
		if _, _, ok := equality(c, left, right); ok {
			return false
		}
		d, ok := c.(*expr.IsDistinct)
		distinct = distinct || ok && d.Negate
	}
	return distinct
}
