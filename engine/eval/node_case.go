package eval

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// caseNode is a searched CASE. Arms run only over the rows that reach them.
type caseNode struct {
	conds, thens []node
	dense        []bool // arm k cannot fail: it may run over all rows, which saves gathering its columns
	other        node   // nil for NULL
	otherDense   bool
	typ          *types.Type
	frames       []int // two an arm: rows that reach it, rows that take it; one for ELSE
	slot         int
}

func (c *compiler) caseOf(e *expr.Case) (node, error) {
	nd := &caseNode{typ: e.Typ, frames: c.frameSlots(2*len(e.Whens) + 1), slot: c.vector()}
	for _, w := range e.Whens {
		cond, err := c.compile(w.Cond)
		if err != nil {
			return nil, err
		}
		then, err := c.compileAs(w.Then, e.Typ)
		if err != nil {
			return nil, err
		}
		nd.conds, nd.thens = append(nd.conds, cond), append(nd.thens, then)
		nd.dense = append(nd.dense, expr.Leakproof(w.Then))
	}
	if e.Else != nil {
		other, err := c.compileAs(e.Else, e.Typ)
		if err != nil {
			return nil, err
		}
		nd.other, nd.otherDense = other, expr.Leakproof(e.Else)
	}
	return nd, nil
}

// piece is a vector that holds the values of the rows at sel: of these alone, or, when it is whole, of all rows.
type piece struct {
	v     *vector
	sel   []int32
	whole bool
}

// at is the index in v of the i-th row of sel.
func (p *piece) at(i int) int {
	if p.whole {
		return p.v.at(int(p.sel[i]))
	}
	return p.v.at(i)
}

func (nd *caseNode) eval(s *scratch, f *frame) (*vector, error) {
	rest := allRows(f.n)
	var pieces []piece
	for k := range nd.conds {
		if len(rest) == 0 {
			break
		}
		hit, miss, err := nd.split(s, f, k, rest)
		if err != nil {
			return nil, err
		}
		if len(hit) > 0 {
			p, err := arm(s, nd.thens[k], nd.dense[k], nd.frames[2*k+1], f, hit)
			if err != nil {
				return nil, err
			}
			pieces = append(pieces, p)
		}
		rest = miss
	}
	if len(rest) > 0 {
		p, err := nd.otherwise(s, f, rest)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, p)
	}
	out := &s.vectors[nd.slot]
	return out, out.assemble(nd.typ, f.n, pieces)
}

func (nd *caseNode) otherwise(s *scratch, f *frame, rest []int32) (piece, error) {
	if nd.other == nil {
		v := &vector{}
		v.setNullConst(nd.typ, len(rest))
		return piece{v: v, sel: rest}, nil
	}
	return arm(s, nd.other, nd.otherDense, nd.frames[len(nd.frames)-1], f, rest)
}

// arm evaluates one arm for the rows at sel.
func arm(s *scratch, n node, dense bool, slot int, f *frame, sel []int32) (piece, error) {
	if dense && len(sel)*keepDense >= f.n {
		v, err := n.eval(s, f)
		return piece{v, sel, true}, err
	}
	v, err := n.eval(s, subset(s, slot, f, sel))
	return piece{v: v, sel: sel}, err
}

// split evaluates condition k over the rows at rest and parts them.
func (nd *caseNode) split(s *scratch, f *frame, k int, rest []int32) (hit, miss []int32, err error) {
	v, err := nd.conds[k].eval(s, subset(s, nd.frames[2*k], f, rest))
	if err != nil {
		return nil, nil, err
	}
	var buf []uint64
	t, err := trueBits(v, &buf)
	if err != nil {
		return nil, nil, err
	}
	hits := countBits(t, len(rest))
	if hits == 0 {
		return nil, rest, nil
	}
	if hits == len(rest) {
		return rest, nil, nil
	}
	hit, miss = make([]int32, 0, hits), make([]int32, 0, len(rest)-hits)
	for i, r := range rest {
		if bitAt(t, i) {
			hit = append(hit, r)
		} else {
			miss = append(miss, r)
		}
	}
	return hit, miss, nil
}

// subset is the frame of f's rows at sel: f itself when that is all of them.
func subset(s *scratch, slot int, f *frame, sel []int32) *frame {
	if len(sel) == f.n {
		return f
	}
	return s.frames[slot].narrow(f, sel)
}

func allRows(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// assemble makes v the vector of n rows of which each piece gives some; together they give all.
func (v *vector) assemble(t *types.Type, n int, pieces []piece) error {
	parts, idx := make([]*vector, len(pieces)), make([]int32, n)
	base := int32(0)
	for k, p := range pieces {
		d, err := p.v.decode()
		if err != nil {
			return err
		}
		parts[k], pieces[k].v = d, d
		for i, r := range p.sel {
			idx[r] = base + int32(pieces[k].at(i))
		}
		base += int32(d.count())
	}
	if s, _ := shapeOf(t); s == fixedShape {
		return v.scatter(t, n, parts, pieces)
	}
	var all vector
	if err := all.concat(t, parts); err != nil {
		return err
	}
	return v.gather(&all, idx)
}

// scatter is assemble for values of fixed width, without the copy between.
func (v *vector) scatter(t *types.Type, n int, parts []*vector, pieces []piece) error {
	v.reset(t, n)
	_, width := shapeOf(t)
	for k, p := range parts {
		pc := &pieces[k]
		switch width {
		case 2:
			scatterFixed(values[uint16](v), values[uint16](p), pc)
		case 4:
			scatterFixed(values[uint32](v), values[uint32](p), pc)
		case 8:
			scatterFixed(values[uint64](v), values[uint64](p), pc)
		default:
			scatterFixed(values[[2]uint64](v), values[[2]uint64](p), pc)
		}
		if p.valid == nil {
			continue
		}
		for i, r := range pc.sel {
			if !bitAt(p.valid, pc.at(i)) {
				v.setNull(int(r))
			}
		}
	}
	return nil
}

func scatterFixed[T any](dst, src []T, p *piece) {
	switch {
	case p.v.konst:
		x := src[0]
		for _, r := range p.sel {
			dst[r] = x
		}
	case p.whole:
		for _, r := range p.sel {
			dst[r] = src[r]
		}
	default:
		src = src[:len(p.sel)]
		for i, r := range p.sel {
			dst[r] = src[i]
		}
	}
}

// coalesceNode is COALESCE. Later arguments run only over the rows that are still NULL.
type coalesceNode struct {
	args   []node
	typ    *types.Type
	frames []int
	slot   int
}

func (nd *coalesceNode) eval(s *scratch, f *frame) (*vector, error) {
	rest := allRows(f.n)
	var pieces []piece
	for k, a := range nd.args {
		if len(rest) == 0 && k > 0 {
			break
		}
		v, err := a.eval(s, subset(s, nd.frames[k], f, rest))
		if err != nil {
			return nil, err
		}
		if v, err = v.decode(); err != nil {
			return nil, err
		}
		last := k == len(nd.args)-1
		if k == 0 && (v.valid == nil || last) {
			return v, nil
		}
		got, open := rest, []int32(nil)
		if !last && v.valid != nil {
			if got, open, v, err = v.partNulls(rest); err != nil {
				return nil, err
			}
		}
		pieces = append(pieces, piece{v: v, sel: got})
		rest = open
	}
	out := &s.vectors[nd.slot]
	return out, out.assemble(nd.typ, f.n, pieces)
}

// partNulls parts rows, which v has values for, into those with a value (given with the vector of these) and those
// that are NULL.
func (v *vector) partNulls(rows []int32) (got, open []int32, values *vector, err error) {
	var keep []int32
	for i, r := range rows {
		if v.null(i) {
			open = append(open, r)
		} else {
			got, keep = append(got, r), append(keep, int32(i))
		}
	}
	values = &vector{}
	return got, open, values, values.gather(v, keep)
}
