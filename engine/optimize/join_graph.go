package optimize

import (
	"math/bits"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// maxRelations bounds the relations that are ordered together, since a set of them is a word of 64 bits: what is left
// of a longer chain is ordered by itself and counts as one.
const maxRelations = 60

// joinGraph is one set of relations to be joined. A dependent one is the right input of a semi, anti, mark or left outer
// join. It may be joined as soon as the relations that its condition reads have been: such a join only drops or extends
// the rows of its left input, each by itself, which inner joins do to rows as well, so that they can change places.
type joinGraph struct {
	o      *optimizer
	leaves []joinLeaf
	joins  int
	// conds are conditions of inner joins and filters between joins, and masks the leaves that each reads. Equalities
	// between relations that follow from one another stand in classes instead. Volatile conditions stay on top.
	conds    []expr.Expr
	masks    []uint64
	classes  []*equalityClass
	volatile []expr.Expr
	cols     map[expr.ColumnID]colStats // of all leaves
	rows     map[uint64]float64         // of joined sets
}

// joinLeaf is a relation to be joined. Of a dependent one, join is the join whose right input it is, over whatever is
// joined before, and needs are the leaves that must be.
type joinLeaf struct {
	node  plan.Node
	join  *plan.Join
	needs uint64
	under uint64 // the leaves that its join had below
}

// equalityClass are expressions that inner joins make equal. Any two of them, one of each side, connect two sets, and the
// others follow: c = s and s = n let c be joined with n first.
type equalityClass struct {
	family  string
	members []classMember
	mask    uint64
}

type classMember struct {
	e    expr.Expr
	leaf int
}

func (g *joinGraph) collect(n plan.Node) {
	switch v := n.(type) {
	case *plan.Filter:
		if g.isJoin(v.Input) {
			g.conds = append(g.conds, flatten(v.Conds)...)
			g.collect(v.Input)
			return
		}
	case *plan.Project:
		if g.isJoin(v.Input) && passesOn(v) {
			g.collect(v.Input)
			return
		}
	case *plan.Join:
		if g.collectJoin(v) {
			return
		}
	}
	g.leaves = append(g.leaves, joinLeaf{node: n})
}

func (g *joinGraph) isJoin(n plan.Node) bool {
	j, ok := n.(*plan.Join)
	return ok && g.ordered(j)
}

// ordered says whether a join takes part in the ordering.
func (g *joinGraph) ordered(j *plan.Join) bool {
	if g.joins >= maxRelations-1 {
		return false
	}
	switch j.Kind {
	case plan.Inner:
		return true
	case plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.NullAwareAnti, plan.Mark:
		for _, c := range j.On {
			if !movable(c) {
				return false
			}
		}
		return true
	}
	return false
}

func (g *joinGraph) collectJoin(j *plan.Join) bool {
	if !g.ordered(j) {
		return false
	}
	g.joins++
	if j.Kind == plan.Inner {
		g.conds = append(g.conds, flatten(j.On)...)
		g.collect(j.Left)
		g.collect(j.Right)
		return true
	}
	before := len(g.leaves)
	g.collect(j.Left)
	leaf := joinLeaf{node: j.Right, join: j}
	for i := before; i < len(g.leaves); i++ {
		leaf.under |= 1 << i
	}
	g.leaves = append(g.leaves, leaf)
	return true
}

// passesOn says whether a projection only leaves columns out.
func passesOn(p *plan.Project) bool {
	for _, it := range p.Items {
		if c, ok := it.Expr.(*expr.Column); !ok || c.ID != it.ID {
			return false
		}
	}
	return true
}

// prepare orders what is below the leaves, and sorts the conditions.
func (g *joinGraph) prepare() {
	owner := map[expr.ColumnID]uint64{}
	for i := range g.leaves {
		l := &g.leaves[i]
		l.node = g.o.reorder(l.node)
		for _, c := range l.node.Columns() {
			owner[c.ID] = 1 << i
		}
		if l.join != nil && l.join.Kind == plan.Mark {
			owner[l.join.MarkCol.ID] = 1 << i
		}
	}
	for i := range g.leaves {
		l := &g.leaves[i]
		if l.join == nil {
			continue
		}
		for _, c := range l.join.On {
			l.needs |= maskOf(c, owner)
		}
		if l.needs &^= 1 << i; l.needs == 0 {
			l.needs = l.under
		}
	}
	g.classify(owner)
	g.cols = map[expr.ColumnID]colStats{}
	for _, l := range g.leaves {
		for id, c := range g.o.stats(l.node).cols {
			g.cols[id] = c
		}
	}
	g.rows = map[uint64]float64{}
}

func maskOf(e expr.Expr, owner map[expr.ColumnID]uint64) uint64 {
	var mask uint64
	refs := columnSet{}
	expr.Columns(e, refs)
	for id := range refs {
		mask |= owner[id]
	}
	return mask
}

// classify sorts conditions into classes, filters of leaves, conditions between leaves, and those that stay on top.
func (g *joinGraph) classify(owner map[expr.ColumnID]uint64) {
	conds := g.conds
	g.conds = nil
	var own []expr.Expr
	for _, c := range conds {
		mask := maskOf(c, owner)
		switch {
		case !movable(c) || mask == 0:
			g.volatile = append(g.volatile, c)
		case g.isEquality(c, owner):
			g.equate(c.(*expr.Call), owner)
		case bits.OnesCount64(mask) == 1 && g.leaves[bits.TrailingZeros64(mask)].join == nil:
			own = append(own, c)
		default:
			g.conds, g.masks = append(g.conds, c), append(g.masks, mask)
		}
	}
	for _, k := range g.classes {
		own = append(own, k.within()...)
	}
	for _, c := range own {
		l := &g.leaves[bits.TrailingZeros64(maskOf(c, owner))]
		l.node = filtered(l.node, []expr.Expr{c})
	}
}

// isEquality says whether c equates two relations of inner joins by an equality that is transitive.
func (g *joinGraph) isEquality(c expr.Expr, owner map[expr.ColumnID]uint64) bool {
	call, ok := c.(*expr.Call)
	if !ok || equalityFamily(call.Fn) == "" {
		return false
	}
	a, b := maskOf(call.Args[0], owner), maskOf(call.Args[1], owner)
	return a != b && g.isRelation(a) && g.isRelation(b)
}

// isRelation says whether mask is one leaf that is not dependent.
func (g *joinGraph) isRelation(mask uint64) bool {
	return bits.OnesCount64(mask) == 1 && g.leaves[bits.TrailingZeros64(mask)].join == nil
}

// integerFamily is the family of the equalities of integers of any two sizes.
const integerFamily = "integer"

// equalityFamily names the equalities that are transitive together: of one type, or of integers. Others have none.
func equalityFamily(f *expr.Function) string {
	if f.Kind != expr.Operator || f.Name != "=" || len(f.Args) != 2 || !f.Strict {
		return ""
	}
	a, b := f.Args[0], f.Args[1]
	switch {
	case a.IsInteger() && b.IsInteger():
		return integerFamily
	case a.Kind != b.Kind:
		return ""
	}
	switch a.Kind {
	case types.Bool, types.Numeric, types.Text, types.Bpchar, types.Name, types.Date, types.Time, types.Timestamp,
		types.TimestampTZ, types.UUID, types.Bytea, types.Float4, types.Float8, types.OID:
		return f.ID
	}
	return ""
}

// equate puts both sides of an equality into one class.
func (g *joinGraph) equate(c *expr.Call, owner map[expr.ColumnID]uint64) {
	joined := &equalityClass{family: equalityFamily(c.Fn)}
	for _, e := range c.Args {
		joined.add(classMember{e, bits.TrailingZeros64(maskOf(e, owner))})
	}
	kept := g.classes[:0]
	for _, k := range g.classes {
		if k.family == joined.family && k.shares(joined) {
			for _, m := range joined.members {
				k.add(m)
			}
			joined = k
			continue
		}
		kept = append(kept, k)
	}
	g.classes = append(kept, joined)
}

func (k *equalityClass) add(m classMember) {
	for _, have := range k.members {
		if expr.Equal(have.e, m.e) {
			return
		}
	}
	k.members, k.mask = append(k.members, m), k.mask|1<<m.leaf
}

func (k *equalityClass) shares(other *equalityClass) bool {
	for _, a := range k.members {
		for _, b := range other.members {
			if expr.Equal(a.e, b.e) {
				return true
			}
		}
	}
	return false
}

// within are the equalities of members of one leaf.
func (k *equalityClass) within() []expr.Expr {
	var out []expr.Expr
	for i, a := range k.members {
		for _, b := range k.members[:i] {
			if a.leaf == b.leaf {
				out = append(out, equalityOf(k.family, b.e, a.e))
				break
			}
		}
	}
	return out
}

// between is the equality of the class that connects two sets; nil when it does not reach both.
func (k *equalityClass) between(a, b uint64) expr.Expr {
	if k.mask&a == 0 || k.mask&b == 0 {
		return nil
	}
	return equalityOf(k.family, k.of(a).e, k.of(b).e)
}

// of is a member of a set, a bare column where there is one.
func (k *equalityClass) of(set uint64) classMember {
	var found *classMember
	for i, m := range k.members {
		if set>>m.leaf&1 == 0 {
			continue
		}
		if _, bare := m.e.(*expr.Column); bare {
			return m
		}
		if found == nil {
			found = &k.members[i]
		}
	}
	return *found
}

// equalityOf compares two expressions of one equality family.
func equalityOf(family string, a, b expr.Expr) expr.Expr {
	f := expr.FunctionByID(family)
	if family == integerFamily {
		for _, g := range expr.Operators("=") {
			if len(g.Args) == 2 && g.Args[0].Kind == a.Type().Kind && g.Args[1].Kind == b.Type().Kind {
				f = g
			}
		}
	}
	return &expr.Call{Fn: f, Args: []expr.Expr{a, b}, Typ: types.BoolT}
}
