package eval

import (
	"github.com/skeinsql/skein/engine/types"
)

// node is a compiled expression: immutable, its memory lies in the scratch. eval gives a vector of f.n rows, which is
// good until the node is evaluated again.
type node interface {
	eval(s *scratch, f *frame) (*vector, error)
}

type columnNode struct{ index int }

func (c *columnNode) eval(_ *scratch, f *frame) (*vector, error) { return f.column(c.index) }

// constNode is a datum that is known when the expression is compiled.
type constNode struct {
	value *vector // for one row, shared by all evaluators
	slot  int
}

func (c *constNode) eval(s *scratch, f *frame) (*vector, error) {
	v := &s.vectors[c.slot]
	if v.typ == nil {
		*v = *c.value
		v.borrowed = true
	}
	v.n = f.n
	return v, nil
}

// paramNode is $n.
type paramNode struct {
	index int
	typ   *types.Type
	slot  int
}

func (p *paramNode) eval(s *scratch, f *frame) (*vector, error) {
	v := &s.vectors[p.slot]
	if v.typ == nil {
		if p.index > len(s.env.Params) {
			return nil, missingParam(p.index, len(s.env.Params))
		}
		c, err := constVector(p.typ, s.env.Params[p.index-1], f.n)
		if err != nil {
			return nil, err
		}
		*v = *c
		v.borrowed = true
	}
	v.n = f.n
	return v, nil
}

// callNode applies a kernel: a function of the table, a cast, a comparison that the compiler made.
type callNode struct {
	args     []node
	argTypes []*types.Type
	typ      *types.Type
	kernel   kernel
	strict   bool
	volatile bool
	constant bool // without columns: evaluated once
	slot     int
}

// callState is a callNode's memory.
type callState struct {
	call  call
	args  []*vector
	out   vector
	coded vector
	done  bool
}

func (nd *callNode) eval(s *scratch, f *frame) (*vector, error) {
	st := &s.calls[nd.slot]
	if st.done {
		st.out.n = f.n
		return &st.out, nil
	}
	if st.args == nil {
		st.args = make([]*vector, len(nd.args))
		st.call.env, st.call.typ, st.call.args = s.env, nd.typ, nd.argTypes
	}
	for i, a := range nd.args {
		v, err := a.eval(s, f)
		if err != nil {
			return nil, err
		}
		st.args[i] = v
	}
	return nd.apply(st, f.n)
}

func (nd *callNode) apply(st *callState, n int) (*vector, error) {
	if n == 0 {
		st.out.reset(nd.typ, 0)
		return &st.out, nil
	}
	konst, coded := !nd.volatile, (*vector)(nil)
	for _, a := range st.args {
		if nd.strict && a.nullConst() {
			st.out.setNullConst(nd.typ, n)
			return &st.out, nil
		}
		if !a.konst {
			konst = false
			coded = a
		}
	}
	if konst {
		err := nd.run(st, 1)
		st.out.setConst(n)
		st.done = err == nil && nd.constant
		return &st.out, err
	}
	if coded != nil && coded.dict != nil && coded.dict.n <= n && nd.mayRunOverDictionary(st, coded) {
		if v := nd.runDictionary(st, coded, n); v != nil {
			return v, nil
		}
	}
	for i, a := range st.args {
		v, err := a.decode()
		if err != nil {
			return nil, err
		}
		st.args[i] = v
	}
	return &st.out, nd.run(st, n)
}

// mayRunOverDictionary says whether coded is the only argument that is not constant, and equal values give equal results.
func (nd *callNode) mayRunOverDictionary(st *callState, coded *vector) bool {
	if !nd.strict || nd.volatile {
		return false
	}
	for _, a := range st.args {
		if !a.konst && a != coded {
			return false
		}
	}
	return true
}

// runDictionary computes the result for each entry of the dictionary. It gives nil when one of them fails, as it may be
// one that no row has.
func (nd *callNode) runDictionary(st *callState, coded *vector, n int) *vector {
	rows := make([]*vector, len(st.args))
	copy(rows, st.args)
	for i, a := range st.args {
		if a == coded {
			st.args[i] = coded.dict
		}
	}
	err := nd.run(st, coded.dict.n)
	copy(st.args, rows)
	if err != nil {
		return nil
	}
	if st.out.konst {
		st.out.n = n
		return &st.out
	}
	st.coded = vector{
		typ: nd.typ, n: n, valid: coded.valid, codes: coded.codes, dict: &st.out, borrowed: true,
		flat: st.coded.flat, mask: st.coded.mask,
	}
	return &st.coded
}

// run calls the kernel for n rows of arguments without dictionaries.
func (nd *callNode) run(st *callState, n int) error {
	out, c := &st.out, &st.call
	out.reset(nd.typ, n)
	c.n, c.valid = n, nil
	if nd.strict {
		for _, a := range st.args {
			if !a.konst {
				out.andValid(a)
			}
		}
		if c.valid = out.valid; c.valid != nil && countBits(c.valid, n) == 0 {
			out.setNullConst(nd.typ, n)
			return nil
		}
	}
	return nd.kernel(c, st.args, out)
}
