package eval

import (
	"slices"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// arrayNode is ARRAY[…].
type arrayNode struct {
	elems []node
	typ   *types.Type
	slot  int
}

func (nd *arrayNode) eval(s *scratch, f *frame) (*vector, error) {
	parts := make([]*vector, len(nd.elems))
	for k, e := range nd.elems {
		v, err := e.eval(s, f)
		if err != nil {
			return nil, err
		}
		if parts[k], err = v.decode(); err != nil {
			return nil, err
		}
	}
	if nd.typ.Dims > 0 {
		return nd.stack(s, f.n, parts)
	}
	var all vector
	if err := all.concat(nd.typ.Elem, parts); err != nil {
		return nil, err
	}
	idx := make([]int32, 0, f.n*len(parts))
	for i := range f.n {
		base := int32(0)
		for _, p := range parts {
			idx = append(idx, base+int32(p.at(i)))
			base += int32(p.count())
		}
	}
	out := &s.vectors[nd.slot]
	out.reset(nd.typ, f.n)
	for i := range f.n {
		out.offs = append(out.offs, int32((i+1)*len(parts)))
	}
	return out, out.elems.gather(&all, idx)
}

// stack makes arrays of one dimension more out of arrays (ExecEvalArrayExpr): of equal shapes, or all empty.
func (nd *arrayNode) stack(s *scratch, n int, parts []*vector) (*vector, error) {
	out := &s.vectors[nd.slot]
	out.reset(nd.typ, n)
	rows := make([]any, n)
	for i := range rows {
		whole, err := stacked(parts, i)
		if err != nil {
			return nil, err
		}
		rows[i] = whole
	}
	return out, storeDatums(out, nd.typ, rows)
}

func stacked(parts []*vector, row int) (datum.Array, error) {
	var out datum.Array
	hollow := false
	for _, p := range parts {
		a := datum.ArrayOf(datumAt(p, row))
		switch {
		case len(a.Dims) == 0:
			hollow = true
		case out.Dims == nil:
			out.Dims = append([]datum.Dimension{{Length: int32(len(parts)), Lower: 1}}, a.Dims...)
			out.Elems = append(out.Elems, a.Elems...)
		case slices.Equal(out.Dims[1:], a.Dims):
			out.Elems = append(out.Elems, a.Elems...)
		default:
			return out, differentShapes()
		}
	}
	switch {
	case hollow && out.Dims != nil:
		return out, differentShapes()
	case len(out.Dims) > datum.MaxDimensions:
		return out, sqlerr.New(sqlerr.ProgramLimit, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
			len(out.Dims), datum.MaxDimensions)
	}
	return out, nil
}

func differentShapes() error {
	return sqlerr.New("2202E", "multidimensional arrays must have array expressions with matching dimensions")
}

// rowNode is ROW(…).
type rowNode struct {
	elems []node
	typ   *types.Type
	slot  int
}

func (c *compiler) row(e *expr.RowOf) (node, error) {
	nd := &rowNode{typ: e.Typ, slot: c.vector()}
	for i, a := range e.Elems {
		n, err := c.compileAs(a, e.Typ.Fields[i].Type)
		if err != nil {
			return nil, err
		}
		nd.elems = append(nd.elems, n)
	}
	return nd, nil
}

func (nd *rowNode) eval(s *scratch, f *frame) (*vector, error) {
	out := &s.vectors[nd.slot]
	*out = vector{typ: nd.typ, n: f.n, fields: out.fields[:0]}
	for _, e := range nd.elems {
		v, err := e.eval(s, f)
		if err != nil {
			return nil, err
		}
		if v, err = v.plain(); err != nil {
			return nil, err
		}
		out.fields = append(out.fields, v)
	}
	return out, nil
}

// fieldNode is (row).field.
type fieldNode struct {
	arg   node
	index int
	slot  int
}

func (nd *fieldNode) eval(s *scratch, f *frame) (*vector, error) {
	v, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	if v, err = v.decode(); err != nil {
		return nil, err
	}
	out := &s.vectors[nd.slot]
	if v.nullConst() {
		out.setNullConst(v.typ.Fields[nd.index].Type, f.n)
		return out, nil
	}
	field, err := v.fields[nd.index].plain()
	if err != nil {
		return nil, err
	}
	if err := out.gather(field, allRows(v.count())); err != nil {
		return nil, err
	}
	if v.konst {
		out.setConst(f.n)
		return out, nil
	}
	out.andValid(v)
	return out, nil
}

// subscriptNode is array[index].
type subscriptNode struct {
	arg, index node
	elem       *types.Type
	slot       int
}

func (c *compiler) subscript(e *expr.Subscript) (node, error) {
	arg, err := c.compile(e.Arg)
	if err != nil {
		return nil, err
	}
	at := e.Index
	if at.Type().Kind != types.Int4 {
		at = &expr.Cast{Arg: at, Typ: types.Int4T}
	}
	index, err := c.compile(at)
	return &subscriptNode{arg, index, e.Arg.Type().Elem, c.vector()}, err
}

func (nd *subscriptNode) eval(s *scratch, f *frame) (*vector, error) {
	a, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	if a, err = a.decode(); err != nil {
		return nil, err
	}
	x, err := nd.index.eval(s, f)
	if err != nil {
		return nil, err
	}
	if x, err = x.decode(); err != nil {
		return nil, err
	}
	return nd.pick(&s.vectors[nd.slot], a, x, f.n)
}

// pick gathers the elements asked for; rows without one take element 0 and are NULL.
func (nd *subscriptNode) pick(out, a, x *vector, n int) (*vector, error) {
	elems, err := a.elems.plain()
	if err != nil {
		return nil, err
	}
	if elems.n == 0 {
		out.setNullConst(nd.elem, n)
		return out, nil
	}
	idx, missing := make([]int32, n), make([]bool, n)
	for i := range idx {
		if missing[i] = a.null(i) || x.null(i); missing[i] {
			continue
		}
		k := int64(values[int32](x)[x.at(i)]) - 1
		first, last := int64(a.offs[a.at(i)]), int64(a.offs[a.at(i)+1])
		if missing[i] = k < 0 || first+k >= last; !missing[i] {
			idx[i] = int32(first + k)
		}
	}
	if err := out.gather(elems, idx); err != nil {
		return nil, err
	}
	for i, m := range missing {
		if m {
			out.setNull(i)
		}
	}
	return out, nil
}
