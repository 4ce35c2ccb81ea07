package plan

import "github.com/skeinsql/skein/engine/expr"

// Walk calls visit for n and, while it returns true, for everything below, parents first. What is below a Shared is
// visited at the first place that reads it only: the places of nested ones grow exponentially.
func Walk(n Node, visit func(Node) bool) { walk(n, visit, map[int]bool{}) }

func walk(n Node, visit func(Node) bool, shared map[int]bool) {
	if n == nil || !visit(n) {
		return
	}
	if s, ok := n.(*Shared); ok {
		if shared[s.ID] {
			return
		}
		shared[s.ID] = true
	}
	for _, c := range n.Children() {
		walk(c, visit, shared)
	}
}

// WithChildren is n with other inputs, as many as it has; n itself when they are the same.
func WithChildren(n Node, kids []Node) Node {
	same := true
	for i, c := range n.Children() {
		same = same && c == kids[i]
	}
	if same {
		return n
	}
	switch n := n.(type) {
	case *ProjectSet:
		c := *n
		c.Input = kids[0]
		return &c
	case *Filter:
		return &Filter{Input: kids[0], Conds: n.Conds}
	case *Project:
		return &Project{Input: kids[0], Items: n.Items}
	case *Aggregate:
		c := *n
		c.Input = kids[0]
		return &c
	case *Sort:
		return &Sort{Input: kids[0], Keys: n.Keys}
	case *Limit:
		c := *n
		c.Input = kids[0]
		return &c
	case *Window:
		c := *n
		c.Input = kids[0]
		return &c
	case *SecurityBarrier:
		return &SecurityBarrier{Input: kids[0], Object: n.Object}
	case *Shared:
		c := *n
		c.Input = kids[0]
		return &c
	case *Recursive:
		c := *n
		c.Start, c.Step = kids[0], kids[1]
		return &c
	case *Exchange:
		return &Exchange{Input: kids[0], Kind: n.Kind, Keys: n.Keys}
	case *Join:
		c := *n
		c.Left, c.Right = kids[0], kids[1]
		return &c
	case *Apply:
		c := *n
		c.Left, c.Right = kids[0], kids[1]
		return &c
	case *HashJoin:
		c := *n
		c.Left, c.Right = kids[0], kids[1]
		return &c
	case *NestedLoopJoin:
		c := *n
		c.Left, c.Right = kids[0], kids[1]
		return &c
	case *SetOp:
		c := *n
		c.Inputs = kids
		return &c
	}
	return n
}

// Rewrite replaces bottom-up: f sees each node after its inputs were rewritten and returns what takes its place. What is
// below a Shared is rewritten once, for all places that read it.
func Rewrite(n Node, f func(Node) Node) Node {
	places := &SharedInputs{}
	var rewrite func(Node) Node
	rewrite = func(n Node) Node {
		if s, ok := n.(*Shared); ok {
			return f(places.Map(s, rewrite))
		}
		old := n.Children()
		kids := make([]Node, len(old))
		for i, c := range old {
			kids[i] = rewrite(c)
		}
		return f(WithChildren(n, kids))
	}
	return rewrite(n)
}

// SharedInputs keeps the new inputs of shared subplans during one pass over a plan, so that all places of one keep one
// input. The zero value is ready.
type SharedInputs struct{ byID map[int]Node }

// Map is s over f of its input; f runs once for all places of s.
func (m *SharedInputs) Map(s *Shared, f func(Node) Node) Node {
	in, done := m.byID[s.ID]
	if !done {
		in = f(s.Input)
		if m.byID == nil {
			m.byID = map[int]Node{}
		}
		m.byID[s.ID] = in
	}
	return WithChildren(s, []Node{in})
}

// Exprs are the scalar expressions of the node itself, not of its inputs.
func Exprs(n Node) []expr.Expr {
	var out []expr.Expr
	add := func(es ...expr.Expr) {
		for _, e := range es {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	keys := func(ks []SortKey) {
		for _, k := range ks {
			add(k.Expr)
		}
	}
	aggs := func(as []AggItem) {
		for _, a := range as {
			add(a.Args...)
			add(a.Filter)
			keys(a.OrderBy)
		}
	}
	switch n := n.(type) {
	case *Values:
		for _, r := range n.Rows {
			add(r...)
		}
	case *ProjectSet:
		for _, c := range n.Calls {
			add(c.Args...)
		}
	case *Filter:
		add(n.Conds...)
	case *Project:
		for _, it := range n.Items {
			add(it.Expr)
		}
	case *Join:
		add(n.On...)
	case *Apply:
		add(n.On...)
	case *Aggregate:
		for _, it := range n.Keys {
			add(it.Expr)
		}
		aggs(n.Aggs)
	case *Sort:
		keys(n.Keys)
	case *Limit:
		add(n.Count, n.Offset)
		keys(n.Keys)
	case *Window:
		add(n.Partition...)
		keys(n.Order)
		add(n.Frame.Start.Offset, n.Frame.End.Offset)
		aggs(n.Items)
	case *Exchange:
		keys(n.Keys)
	case *HashJoin:
		add(n.ProbeKeys...)
		add(n.BuildKeys...)
		add(n.Residual...)
	case *NestedLoopJoin:
		add(n.On...)
	}
	return out
}
