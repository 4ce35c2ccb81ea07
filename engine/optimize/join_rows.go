package optimize

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/skeinsql/skein/engine/plan"
)

// rowsOf estimates what joining a set of leaves yields, whatever the order: the relations one by one, the largest first,
// each with the equalities that connect it; then the dependent ones.
func (g *joinGraph) rowsOf(set uint64) float64 {
	if rows, ok := g.rows[set]; ok {
		return rows
	}
	rows, joined := 0.0, uint64(0)
	for _, i := range g.sequence(set) {
		l := &g.leaves[i]
		switch {
		case l.join != nil && joined != 0:
			rows = g.dependentRows(rows, l)
		case joined == 0:
			rows = g.o.stats(l.node).rows
		default:
			rows *= g.o.stats(l.node).rows / g.divisor(joined, i)
		}
		joined |= 1 << i
	}
	all := &stats{rows: rows, cols: g.cols}
	for i, c := range g.conds {
		if g.masks[i]&^set == 0 {
			rows *= selectivityOf(c, all)
		}
	}
	if math.IsNaN(rows) {
		rows = unknownRows
	}
	g.rows[set] = rows
	return rows
}

// sequence is an order of a set: the largest relation, then connected ones by size, then dependent ones.
func (g *joinGraph) sequence(set uint64) []int {
	var inner, dependent []int
	for rest := set; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		if g.leaves[i].join != nil {
			dependent = append(dependent, i)
		} else {
			inner = append(inner, i)
		}
	}
	slices.SortStableFunc(inner, func(a, b int) int { return cmp.Compare(g.base(b), g.base(a)) })
	var out []int
	var joined uint64
	for len(inner) > 0 {
		next := slices.IndexFunc(inner, func(i int) bool { return g.connected(joined, 1<<i) })
		next = max(next, 0)
		joined |= 1 << inner[next]
		out = append(out, inner[next])
		inner = slices.Delete(inner, next, next+1)
	}
	return append(out, dependent...)
}

// base is how many rows a leaf has without its filters.
func (g *joinGraph) base(leaf int) float64 { return g.o.baseRows(g.leaves[leaf].node) }

// divisor is by how much the equalities of a relation with a joined set divide their product: the larger number of
// distinct values, of each equality (System R). Equalities of one pair of relations are the parts of a key, of which
// there are no more than rows of the smaller relation.
func (g *joinGraph) divisor(joined uint64, leaf int) float64 {
	byOwner := map[int][]float64{}
	for _, k := range g.classes {
		if k.mask&joined == 0 || k.mask>>leaf&1 == 0 {
			continue
		}
		a, b := k.of(joined), k.of(1<<leaf)
		d := 1 / equalSelectivity(a.e, b.e, g.tableOf(a.leaf), g.tableOf(b.leaf))
		owner := g.partner(k.mask&joined, joined, leaf)
		byOwner[owner] = append(byOwner[owner], d)
	}
	out := 1.0
	for owner, ds := range byOwner {
		out *= keyDivisor(ds, math.Min(g.base(leaf), g.base(owner)))
	}
	return out
}

// keyDivisor is the number of distinct keys whose parts have ds distinct values, of which there are at most rows.
func keyDivisor(ds []float64, rows float64) float64 {
	product := 1.0
	for _, d := range ds {
		product *= d
	}
	return math.Max(1, math.Max(slices.Max(ds), math.Min(product, rows)))
}

// partner is, of the leaves of a class, the one that most classes connect with leaf.
func (g *joinGraph) partner(candidates, joined uint64, leaf int) int {
	best, most := -1, -1
	for rest := candidates; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		n := 0
		for _, k := range g.classes {
			if k.mask>>leaf&1 == 1 && k.mask>>i&1 == 1 {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// tableOf is a leaf's statistics without its filters.
func (g *joinGraph) tableOf(leaf int) *stats {
	return g.o.stats(g.leaves[leaf].node).scaled(g.base(leaf))
}

// dependentRows is what a semi, anti, mark or left outer join makes of rows.
func (g *joinGraph) dependentRows(rows float64, l *joinLeaf) float64 {
	left := &stats{rows: rows, cols: g.cols}
	right := g.o.stats(l.node)
	return joinStats(l.join.Kind, l.join.On, left, right, g.without(l), columnsOf(l.node)).rows
}

// without are the columns of all leaves but one.
func (g *joinGraph) without(l *joinLeaf) columnSet {
	out := columnSet{}
	mine := columnsOf(l.node)
	for id := range g.cols {
		if !mine[id] {
			out[id] = true
		}
	}
	for _, c := range l.join.Left.Columns() {
		out[c.ID] = true
	}
	return out
}

// baseRows is how many rows n has without filters, which limits how many distinct keys it can have.
func (o *optimizer) baseRows(n plan.Node) float64 {
	switch v := n.(type) {
	case *plan.Filter:
		return o.baseRows(v.Input)
	case *plan.Project:
		return o.baseRows(v.Input)
	case *plan.SecurityBarrier:
		return o.baseRows(v.Input)
	case *plan.Join:
		if v.Kind == plan.LeftSemi || v.Kind == plan.LeftAnti || v.Kind == plan.NullAwareAnti {
			return o.baseRows(v.Left)
		}
	}
	return o.stats(n).rows
}
