package eval

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// trueBits is the set of v's rows that are TRUE, in *buf or v's own memory; bits behind the last row are unspecified.
func trueBits(v *vector, buf *[]uint64) ([]uint64, error) {
	v, err := v.decode()
	if err != nil {
		return nil, err
	}
	if !v.konst && v.valid == nil {
		return v.bits, nil
	}
	w := grow(*buf, words(v.n))
	*buf = w
	switch {
	case v.konst && !v.nullConst() && v.bits[0]&1 != 0:
		fill(w, ^uint64(0))
	case v.konst:
		clear(w)
	default:
		for i := range w {
			w[i] = v.bits[i] & v.valid[i]
		}
	}
	return w, nil
}

// validBits is the set of v's rows that are not NULL, nil for all.
func validBits(v *vector, buf *[]uint64) []uint64 {
	if v.konst {
		if !v.nullConst() {
			return nil
		}
		w := grow(*buf, words(v.n))
		*buf = w
		clear(w)
		return w
	}
	return v.valid
}

// logicNode is AND or OR. It keeps two bitmaps, the rows that are TRUE and the rows that are FALSE; a row in neither is
// NULL.
type logicNode struct {
	and   bool
	args  []node
	total []bool
	frame []int
	slot  int // TRUE rows; the two slots behind it are scratch
}

func (c *compiler) logic(e *expr.Logic) (node, error) {
	nd := &logicNode{and: e.Op == expr.And, frame: c.frameSlots(len(e.Args)), slot: c.vector()}
	c.vector()
	c.vector()
	for _, a := range e.Args {
		n, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		nd.args, nd.total = append(nd.args, n), append(nd.total, expr.Leakproof(a))
	}
	return nd, nil
}

func (nd *logicNode) eval(s *scratch, f *frame) (*vector, error) {
	out, no, tmp := &s.vectors[nd.slot], &s.vectors[nd.slot+1], &s.vectors[nd.slot+2]
	out.reset(types.BoolT, f.n)
	no.reset(types.BoolT, f.n)
	t, fa := out.bits, no.bits
	if nd.and {
		fill(t, ^uint64(0))
		clear(fa)
	} else {
		clear(t)
		fill(fa, ^uint64(0))
	}
	for k := range nd.args {
		decided := fa
		if !nd.and {
			decided = t
		}
		open := f.n - countBits(decided, f.n)
		if open == 0 {
			break
		}
		if open == f.n || nd.total[k] && open*keepDense >= f.n {
			if err := nd.whole(s, f, k, t, fa, tmp); err != nil {
				return nil, err
			}
			continue
		}
		if err := nd.part(s, f, k, t, fa, decided, tmp); err != nil {
			return nil, err
		}
	}
	nullFree := true
	for i := range t {
		no.bits[i] |= t[i]
		nullFree = nullFree && no.bits[i] == ^uint64(0)
	}
	if !nullFree {
		out.valid = no.bits
	}
	return out, nil
}

// whole combines argument k over all rows.
func (nd *logicNode) whole(s *scratch, f *frame, k int, t, fa []uint64, tmp *vector) error {
	v, err := nd.args[k].eval(s, f)
	if err != nil {
		return err
	}
	if v, err = v.decode(); err != nil {
		return err
	}
	vt, err := trueBits(v, &tmp.bits)
	if err != nil {
		return err
	}
	valid := validBits(v, &tmp.mask)
	for i := range t {
		is, not := vt[i], ^vt[i]
		if valid != nil {
			not &= valid[i]
		}
		if nd.and {
			t[i], fa[i] = t[i]&is, fa[i]|not
		} else {
			t[i], fa[i] = t[i]|is, fa[i]&not
		}
	}
	return nil
}

// part combines argument k over the rows that are not decided.
func (nd *logicNode) part(s *scratch, f *frame, k int, t, fa, decided []uint64, tmp *vector) error {
	tmp.mask = grow(tmp.mask, len(decided))
	for i := range decided {
		tmp.mask[i] = ^decided[i]
	}
	tmp.codes = ones(tmp.codes[:0], tmp.mask, f.n)
	v, err := nd.args[k].eval(s, s.frames[nd.frame[k]].narrow(f, tmp.codes))
	if err != nil {
		return err
	}
	if v, err = v.decode(); err != nil {
		return err
	}
	for i, r := range tmp.codes {
		null := v.null(i)
		is := !null && v.truth(i)
		not := !null && !is
		if nd.and {
			setBit(t, int(r), bitAt(t, int(r)) && is)
			setBit(fa, int(r), bitAt(fa, int(r)) || not)
		} else {
			setBit(t, int(r), bitAt(t, int(r)) || is)
			setBit(fa, int(r), bitAt(fa, int(r)) && not)
		}
	}
	return nil
}

// notNode is NOT.
type notNode struct {
	arg  node
	slot int
}

func (nd *notNode) eval(s *scratch, f *frame) (*vector, error) {
	v, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	if v, err = v.decode(); err != nil {
		return nil, err
	}
	out := &s.vectors[nd.slot]
	out.reset(types.BoolT, v.count())
	for i := range out.bits {
		out.bits[i] = ^v.bits[i]
	}
	if v.valid != nil {
		out.ownValid(v.count())
		copy(out.valid, v.valid)
	}
	if v.konst {
		out.setConst(f.n)
	}
	return out, nil
}

// isNullNode is IS [NOT] NULL.
type isNullNode struct {
	arg    node
	negate bool
	slot   int
}

func (nd *isNullNode) eval(s *scratch, f *frame) (*vector, error) {
	v, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	out := &s.vectors[nd.slot]
	out.reset(types.BoolT, f.n)
	switch {
	case v.konst:
		if v.nullConst() {
			fill(out.bits, ^uint64(0))
		} else {
			clear(out.bits)
		}
	case v.dict != nil && v.dict.valid != nil:
		for i := range f.n {
			setBit(out.bits, i, v.null(i))
		}
	case v.valid == nil:
		clear(out.bits)
	default:
		for i := range out.bits {
			out.bits[i] = ^v.valid[i]
		}
	}
	if nd.negate {
		for i := range out.bits {
			out.bits[i] = ^out.bits[i]
		}
	}
	return out, nil
}

// isBoolNode is IS [NOT] TRUE or FALSE.
type isBoolNode struct {
	arg           node
	value, negate bool
	slot          int
}

func (nd *isBoolNode) eval(s *scratch, f *frame) (*vector, error) {
	v, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	if v, err = v.decode(); err != nil {
		return nil, err
	}
	out := &s.vectors[nd.slot]
	out.reset(types.BoolT, f.n)
	t, err := trueBits(v, &s.vectors[nd.slot+1].bits)
	if err != nil {
		return nil, err
	}
	valid := validBits(v, &out.mask)
	for i := range out.bits {
		x := t[i]
		if !nd.value {
			x = ^x
			if valid != nil {
				x &= valid[i]
			}
		}
		if nd.negate {
			x = ^x
		}
		out.bits[i] = x
	}
	return out, nil
}
