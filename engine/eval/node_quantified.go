package eval

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// quantifiedNode is arg op ANY (array) or arg op ALL (array): the operator runs over all elements of the batch's arrays at once.
type quantifiedNode struct {
	arg, array node
	op         *callNode // over (arg repeated, elements)
	all        bool
	slot       int
}

func (c *compiler) quantified(e *expr.Quantified) (node, error) {
	if in := membership(e); in != nil {
		return c.in(in)
	}
	arg, err := c.compile(e.Arg)
	if err != nil {
		return nil, err
	}
	array, err := c.compile(e.Array)
	if err != nil {
		return nil, err
	}
	m := implemented[e.Op.ID]
	ts := []*types.Type{e.Arg.Type(), e.Array.Type().Elem}
	if m == nil {
		return nil, noKernel("the operator "+e.Op.Name, ts)
	}
	k, err := m(ts, types.BoolT)
	if err != nil {
		return nil, err
	}
	op := &callNode{argTypes: ts, typ: types.BoolT, kernel: k, strict: e.Op.Strict, volatile: e.Op.Volatility == expr.Volatile, slot: c.prog.calls}
	c.prog.calls++
	return &quantifiedNode{arg, array, op, e.All, c.vector()}, nil
}

// membership is = ANY or <> ALL of a constant array as a membership test, or nil.
func membership(e *expr.Quantified) *expr.In {
	one, all := e.Op.Name == "=" && !e.All, e.Op.Name == "<>" && e.All
	if !one && !all || !types.Same(e.Arg.Type(), e.Array.Type().Elem) {
		return nil
	}
	in := &expr.In{Arg: e.Arg, Negate: all}
	switch a := e.Array.(type) {
	case *expr.Const:
		elems, ok := a.Value.([]any)
		if !ok || len(elems) == 0 {
			return nil
		}
		for _, d := range elems {
			in.List = append(in.List, &expr.Const{Typ: a.Typ.Elem, Value: d})
		}
		return in
	case *expr.ArrayOf:
		if len(a.Elems) == 0 {
			return nil
		}
		in.List = a.Elems
		return in
	}
	return nil
}

func (nd *quantifiedNode) eval(s *scratch, f *frame) (*vector, error) {
	x, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	a, err := nd.array.eval(s, f)
	if err != nil {
		return nil, err
	}
	if a, err = a.decode(); err != nil {
		return nil, err
	}
	res, err := nd.overElements(s, x, a, f.n)
	if err != nil {
		return nil, err
	}
	return nd.fold(&s.vectors[nd.slot], a, res, f.n), nil
}

// overElements applies the operator to every element of every row's array.
func (nd *quantifiedNode) overElements(s *scratch, x, a *vector, n int) (*vector, error) {
	var rows, elems []int32
	for i := range n {
		if a.null(i) {
			continue
		}
		for e := a.offs[a.at(i)]; e < a.offs[a.at(i)+1]; e++ {
			rows, elems = append(rows, int32(i)), append(elems, e)
		}
	}
	all, err := a.elems.plain()
	if err != nil {
		return nil, err
	}
	left, right := &vector{}, &vector{}
	if err := left.gather(x, rows); err != nil {
		return nil, err
	}
	if err := right.gather(all, elems); err != nil {
		return nil, err
	}
	st := &s.calls[nd.op.slot]
	st.args = []*vector{left, right}
	st.call.env, st.call.typ, st.call.args = s.env, nd.op.typ, nd.op.argTypes
	v, err := nd.op.apply(st, len(rows))
	if err != nil {
		return nil, err
	}
	return v.decode()
}

// fold combines each row's results: ANY is OR, ALL is AND; a NULL array is NULL, an empty one FALSE or TRUE.
func (nd *quantifiedNode) fold(out, a, res *vector, n int) *vector {
	out.reset(types.BoolT, n)
	clear(out.bits)
	k := 0
	for i := range n {
		if a.null(i) {
			out.setNull(i)
			continue
		}
		decided, unknown := false, false
		for range a.offs[a.at(i)+1] - a.offs[a.at(i)] {
			if res.null(k) {
				unknown = true
			} else if res.truth(k) != nd.all {
				decided = true
			}
			k++
		}
		switch {
		case decided:
			setBit(out.bits, i, !nd.all)
		case unknown:
			out.setNull(i)
		default:
			setBit(out.bits, i, nd.all)
		}
	}
	return out
}
