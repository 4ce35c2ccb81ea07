package optimize

import (
	"math/bits"
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// maxExhaustive is the number of relations up to which every bushy order is considered: 3^10 pairs of subsets take
// milliseconds. Beyond it the cheapest pair is joined first (greedy operator ordering, Fegaras 1998).
const maxExhaustive = 10

// tree is a joined set of relations, of which left and right are joined last.
type tree struct {
	left, right *tree
	leaf        int
	set         uint64
	cost        float64
}

// order joins the leaves in the cheapest order that is found.
func (g *joinGraph) order() plan.Node {
	g.prepare()
	leaves := make([]*tree, len(g.leaves))
	for i := range leaves {
		leaves[i] = &tree{leaf: i, set: 1 << i}
	}
	var best *tree
	if len(leaves) <= maxExhaustive {
		best = g.exhaustive(leaves)
	} else {
		best = g.greedy(leaves)
	}
	return filtered(g.build(best), g.volatile)
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
				if t := g.join(l, r); t != nil && (best[set] == nil || t.cost < best[set].cost) {
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

// reaches says whether something connects a relation of set with one outside it.
func (g *joinGraph) reaches(set uint64) bool {
	for _, m := range g.masks {
		if m&set != 0 && m&^set != 0 {
			return true
		}
	}
	for _, k := range g.classes {
		if k.mask&set != 0 && k.mask&^set != 0 {
			return true
		}
	}
	for i := range g.leaves {
		inside := set>>i&1 == 1
		if g.leaves[i].join != nil && (inside && g.leaves[i].needs&^set != 0 || !inside && g.leaves[i].needs&set != 0) {
			return true
		}
	}
	return false
}

// connected says whether a condition of joins connects two sets by itself.
func (g *joinGraph) connected(a, b uint64) bool {
	for _, m := range g.masks {
		if m&a != 0 && m&b != 0 && m&^(a|b) == 0 {
			return true
		}
	}
	for _, k := range g.classes {
		if k.mask&a != 0 && k.mask&b != 0 {
			return true
		}
	}
	return g.dependent(a) && g.fits(a, b) || g.dependent(b) && g.fits(b, a)
}

// dependent says whether set is a dependent leaf alone.
func (g *joinGraph) dependent(set uint64) bool {
	return bits.OnesCount64(set) == 1 && g.leaves[bits.TrailingZeros64(set)].join != nil
}

// fits says whether a dependent leaf may be joined to a set.
func (g *joinGraph) fits(leaf, set uint64) bool {
	return !g.dependent(set) && g.leaves[bits.TrailingZeros64(leaf)].needs&^set == 0
}

func (g *joinGraph) greedy(ts []*tree) *tree {
	ts = slices.Clone(ts)
	for len(ts) > 1 {
		var best *tree
		var bi, bj int
		for _, cross := range []bool{false, true} {
			for i := range ts {
				for j := i + 1; j < len(ts); j++ {
					if !cross && !g.connected(ts[i].set, ts[j].set) {
						continue
					}
					t := g.join(ts[i], ts[j])
					if t != nil && (best == nil || g.rowsOf(t.set) < g.rowsOf(best.set)) {
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

// join puts the smaller tree on the right, and a dependent leaf always; nil where that may not be joined yet. The cost is
// what joins put out and what is built.
func (g *joinGraph) join(a, b *tree) *tree {
	switch {
	case g.dependent(a.set):
		a, b = b, a
	case !g.dependent(b.set) && g.rowsOf(a.set) < g.rowsOf(b.set):
		a, b = b, a
	}
	if g.dependent(b.set) && !g.fits(b.set, a.set) {
		return nil
	}
	set := a.set | b.set
	return &tree{left: a, right: b, set: set, cost: a.cost + b.cost + g.rowsOf(set) + g.rowsOf(b.set)}
}

// build makes the plan of a tree.
func (g *joinGraph) build(t *tree) plan.Node {
	if t.left == nil {
		return g.leaves[t.leaf].node
	}
	l, r := g.build(t.left), g.build(t.right)
	var on []expr.Expr
	for _, k := range g.classes {
		if e := k.between(t.left.set, t.right.set); e != nil {
			on = append(on, e)
		}
	}
	for i, m := range g.masks {
		if m&^t.set == 0 && m&^t.left.set != 0 && m&^t.right.set != 0 || m&^t.set == 0 && g.dependent(t.right.set) && m == t.right.set {
			on = append(on, g.conds[i])
		}
	}
	if !g.dependent(t.right.set) {
		return &plan.Join{Kind: plan.Inner, Left: l, Right: r, On: on}
	}
	j := *g.leaves[t.right.leaf].join
	j.Left, j.Right = l, r
	return filtered(g.o.smallerRight(&j), on)
}
