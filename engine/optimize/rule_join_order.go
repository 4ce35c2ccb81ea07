package optimize

import (
	"math"
	"math/bits"
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// maxExhaustive is the number of relations up to which every bushy order is considered: 3^10 pairs of subsets take
// milliseconds. Beyond it the cheapest pair is joined first (greedy operator ordering, Fegaras 1998).
const maxExhaustive = 10

// maxRelations bounds the relations that are ordered together, since a set of them is a word of 64 bits: what is left
// of a longer chain is ordered by itself and counts as one.
const maxRelations = 60

// orderJoins chooses the order of inner joins by the rows that they put out. Joins of other kinds stay where they are
// and count as relations. The smaller input of a join becomes its right, which is built.
func (o *optimizer) orderJoins(n plan.Node) plan.Node {
	return keepOrder(n.Columns(), o.reorder(n))
}

func (o *optimizer) reorder(n plan.Node) plan.Node {
	if j, ok := n.(*plan.Join); ok && j.Kind == plan.Inner {
		var rels []plan.Node
		var conds []expr.Expr
		collectInner(j, &rels, &conds)
		for i, r := range rels {
			rels[i] = o.reorder(r)
		}
		g := &joinGraph{o: o, rels: rels, conds: conds}
		return g.order()
	}
	if s, ok := n.(*plan.Shared); ok {
		return o.reordered.Map(s, o.orderJoins)
	}
	kids := n.Children()
	next := make([]plan.Node, len(kids))
	for i, c := range kids {
		next[i] = o.reorder(c)
		if _, ok := n.(*plan.SetOp); ok {
			next[i] = keepOrder(c.Columns(), next[i])
		}
	}
	n = plan.WithChildren(n, next)
	if j, ok := n.(*plan.Join); ok {
		return o.smallerRight(j)
	}
	return n
}

// smallerRight swaps an outer join whose left input is the smaller one, so that the smaller one is built.
func (o *optimizer) smallerRight(j *plan.Join) plan.Node {
	var swapped plan.JoinKind
	switch j.Kind {
	case plan.LeftOuter:
		swapped = plan.RightOuter
	case plan.RightOuter:
		swapped = plan.LeftOuter
	case plan.FullOuter:
		swapped = plan.FullOuter
	default:
		return j
	}
	if o.stats(j.Left).rows*2 >= o.stats(j.Right).rows {
		return j
	}
	return &plan.Join{Kind: swapped, Left: j.Right, Right: j.Left, On: j.On}
}

// keepOrder restores an order of columns for consumers that go by position.
func keepOrder(want []plan.Column, n plan.Node) plan.Node {
	have := n.Columns()
	same := len(have) == len(want)
	for i := 0; same && i < len(want); i++ {
		same = have[i].ID == want[i].ID
	}
	if same {
		return n
	}
	items := make([]plan.Item, len(want))
	for i, c := range want {
		items[i] = plan.Item{Column: c, Expr: c.Ref()}
	}
	return &plan.Project{Input: n, Items: items}
}

// collectInner flattens a tree of inner joins, and filters between them, into relations and conjuncts.
func collectInner(n plan.Node, rels *[]plan.Node, conds *[]expr.Expr) {
	joins := 0
	var collect func(n plan.Node)
	collect = func(n plan.Node) {
		j, above := innerJoin(n)
		if j == nil || joins == maxRelations-1 {
			*rels = append(*rels, n)
			return
		}
		joins++
		*conds = append(append(*conds, above...), flatten(j.On)...)
		collect(j.Left)
		collect(j.Right)
	}
	collect(n)
}

// innerJoin is the inner join that n is, or that it filters by conds; nil for anything else.
func innerJoin(n plan.Node) (j *plan.Join, conds []expr.Expr) {
	if f, ok := n.(*plan.Filter); ok {
		n, conds = f.Input, flatten(f.Conds)
	}
	if j, ok := n.(*plan.Join); ok && j.Kind == plan.Inner {
		return j, conds
	}
	return nil, nil
}

// joinGraph is one set of relations to be joined.
type joinGraph struct {
	o     *optimizer
	rels  []plan.Node
	conds []expr.Expr
	masks []uint64 // the relations that each condition refers to
}

// tree is a joined set of relations.
type tree struct {
	node plan.Node
	set  uint64
	rows float64
	cost float64
}

func (g *joinGraph) order() plan.Node {
	owner := map[expr.ColumnID]uint64{}
	for i, r := range g.rels {
		for _, c := range r.Columns() {
			owner[c.ID] = 1 << i
		}
	}
	g.masks = make([]uint64, len(g.conds))
	for i, c := range g.conds {
		refs := columnSet{}
		expr.Columns(c, refs)
		for id := range refs {
			g.masks[i] |= owner[id]
		}
	}
	leaves := make([]*tree, len(g.rels))
	for i, r := range g.rels {
		leaves[i] = &tree{node: r, set: 1 << i, rows: g.o.stats(r).rows}
	}
	var best *tree
	if len(leaves) <= maxExhaustive {
		best = g.exhaustive(leaves)
	} else {
		best = g.greedy(leaves)
	}
	var rest []expr.Expr
	for i, c := range g.conds {
		if g.masks[i] == 0 {
			rest = append(rest, c)
		}
	}
	return filtered(best.node, rest)
}

// exhaustive is dynamic programming over subsets (Selinger; DPsub in Moerkotte and Neumann, VLDB 2006).
func (g *joinGraph) exhaustive(leaves []*tree) *tree {
	best := make([]*tree, 1<<len(leaves))
	for _, l := range leaves {
		best[l.set] = l
	}
	all := uint64(len(best) - 1)
	for set := uint64(1); set <= all; set++ {
		if bits.OnesCount64(set) < 2 {
			continue
		}
		if g.o.ctx.Err() != nil {
			break
		}
		for _, cross := range []bool{false, true} {
			for sub := (set - 1) & set; sub > 0; sub = (sub - 1) & set {
				l, r := best[sub], best[set&^sub]
				if sub < set&^sub || l == nil || r == nil || (!cross && !g.connected(sub, set&^sub)) {
					continue
				}
				if t := g.join(l, r); best[set] == nil || t.cost < best[set].cost {
					best[set] = t
				}
			}
			// A cross product is taken only where nothing connects, and of the whole set.
			if best[set] != nil || g.reaches(set) && set != all {
				break
			}
		}
	}
	if best[all] == nil {
		// Only a condition over three relations or more connects some of them.
		return g.greedy(leaves)
	}
	return best[all]
}

// reaches says whether some condition connects a relation of set with one outside it.
func (g *joinGraph) reaches(set uint64) bool {
	for _, m := range g.masks {
		if m&set != 0 && m&^set != 0 {
			return true
		}
	}
	return false
}

func (g *joinGraph) connected(a, b uint64) bool {
	for _, m := range g.masks {
		if m&a != 0 && m&b != 0 && m&^(a|b) == 0 {
			return true
		}
	}
	return false
}

func (g *joinGraph) greedy(ts []*tree) *tree {
	ts = slices.Clone(ts)
	for len(ts) > 1 {
		var best *tree
		bi, bj := 0, 1
		for _, cross := range []bool{false, true} {
			for i := range ts {
				for j := i + 1; j < len(ts); j++ {
					if !cross && !g.connected(ts[i].set, ts[j].set) {
						continue
					}
					if t := g.join(ts[i], ts[j]); best == nil || t.rows < best.rows {
						best, bi, bj = t, i, j
					}
				}
			}
			if best != nil {
				break
			}
		}
		ts[bi] = best
		ts = append(ts[:bj], ts[bj+1:]...)
	}
	return ts[0]
}

// join puts the smaller tree on the right. Its cost is what joins put out and what is built.
func (g *joinGraph) join(a, b *tree) *tree {
	if a.rows < b.rows {
		a, b = b, a
	}
	var on []expr.Expr
	for i, m := range g.masks {
		if m != 0 && m&^(a.set|b.set) == 0 && m&a.set != 0 && m&b.set != 0 {
			on = append(on, g.conds[i])
		} else if m != 0 && (m == a.set || m == b.set) && bits.OnesCount64(m) == 1 {
			// One-sided conditions were pushed already; a volatile one is left for the first join that has it.
			on = append(on, g.conds[i])
		}
	}
	j := &plan.Join{Kind: plan.Inner, Left: a.node, Right: b.node, On: on}
	rows := g.o.stats(j).rows
	if math.IsNaN(rows) {
		rows = unknownRows
	}
	return &tree{node: j, set: a.set | b.set, rows: rows, cost: a.cost + b.cost + rows + b.rows}
}
