package eval

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// compare is the call of one of the six comparisons between l and r. Anonymous rows are compared field by field with
// three-valued logic; composite values are compared as wholes.
func compare(op compareOp, l, r expr.Expr) expr.Expr {
	if l.Type().Kind == types.Record && r.Type().Kind == types.Record && len(l.Type().Fields) == len(r.Type().Fields) {
		return compareRows(op, l, r)
	}
	return &expr.Call{Fn: anyCompare[op], Args: []expr.Expr{l, r}, Typ: types.BoolT}
}

func rowField(e expr.Expr, i int) expr.Expr {
	if r, ok := e.(*expr.RowOf); ok {
		return r.Elems[i]
	}
	return &expr.Field{Arg: e, Index: i}
}

func compareRows(op compareOp, l, r expr.Expr) expr.Expr {
	n := len(l.Type().Fields)
	switch op {
	case opEq, opNe:
		parts := make([]expr.Expr, n)
		for i := range parts {
			parts[i] = compare(op, rowField(l, i), rowField(r, i))
		}
		return connect(op == opNe, parts)
	}
	strict := op
	switch op {
	case opLe:
		strict = opLt
	case opGe:
		strict = opGt
	}
	e := compare(op, rowField(l, n-1), rowField(r, n-1))
	for i := n - 2; i >= 0; i-- {
		a, b := rowField(l, i), rowField(r, i)
		e = connect(true, []expr.Expr{compare(strict, a, b), connect(false, []expr.Expr{compare(opEq, a, b), e})})
	}
	return e
}

// connect joins by OR or AND.
func connect(or bool, parts []expr.Expr) expr.Expr {
	if len(parts) == 1 {
		return parts[0]
	}
	op := expr.And
	if or {
		op = expr.Or
	}
	return &expr.Logic{Op: op, Args: parts}
}

// isDistinct compiles IS [NOT] DISTINCT FROM.
func (c *compiler) isDistinct(e *expr.IsDistinct) (node, error) {
	l, err := c.compile(e.Left)
	if err != nil {
		return nil, err
	}
	r, err := c.compile(e.Right)
	if err != nil {
		return nil, err
	}
	lt, rt := e.Left.Type(), e.Right.Type()
	cmp, err := comparerOf(lt, rt)
	if err != nil {
		return nil, err
	}
	nd := &callNode{args: []node{l, r}, argTypes: []*types.Type{lt, rt}, typ: types.BoolT, slot: c.prog.calls}
	c.prog.calls++
	negate := e.Negate
	nd.kernel = func(c *call, args []*vector, out *vector) error {
		return distinct(c, cmp, args[0], args[1], out, negate)
	}
	return nd, nil
}

func distinct(c *call, cmp comparer, a, b, out *vector, negate bool) error {
	var bufA, bufB, both []uint64
	va, vb := rowMask(a, c.n, &bufA), rowMask(b, c.n, &bufB)
	both = make([]uint64, words(c.n))
	for i := range both {
		both[i] = va[i] & vb[i]
	}
	c.valid = both
	if err := cmp.eq(c, out.bits, a, b); err != nil {
		return err
	}
	for i := range out.bits {
		same := out.bits[i]&both[i] | ^va[i]&^vb[i]
		if negate {
			out.bits[i] = same
		} else {
			out.bits[i] = ^same
		}
	}
	return nil
}

// rowMask is the set of v's rows that are not NULL, as n bits.
func rowMask(v *vector, n int, buf *[]uint64) []uint64 {
	if w := validBits(v, buf); w != nil {
		return w
	}
	*buf = grow(*buf, words(n))
	fill(*buf, ^uint64(0))
	return *buf
}

// inNode is a membership test whose list has constants, kept as a set, and other values, compared one by one.
type inNode struct {
	arg    node
	typ    *types.Type
	consts []node // constant over the execution
	others []node // comparisons with the rest: arg = value
	negate bool
	slot   int
	set    int
}

func (c *compiler) in(e *expr.In) (node, error) {
	if e.Arg.Type().Kind == types.Record {
		return c.inRows(e)
	}
	t := e.Arg.Type()
	if t.Kind == types.Numeric {
		for _, x := range e.List {
			t = expr.ComparableNumeric(t, tighten(x).Type())
		}
	}
	arg, err := c.compileAs(e.Arg, t)
	if err != nil {
		return nil, err
	}
	nd := &inNode{arg: arg, typ: t, negate: e.Negate, slot: c.vector(), set: c.set()}
	c.vector()
	for _, x := range e.List {
		if hasColumns(x) || expr.VolatilityOf(x) == expr.Volatile || !keyable(t) {
			n, err := c.compile(compare(opEq, e.Arg, x))
			if err != nil {
				return nil, err
			}
			nd.others = append(nd.others, n)
			continue
		}
		n, err := c.compileAs(x, t)
		if err != nil {
			return nil, err
		}
		nd.consts = append(nd.consts, n)
	}
	return nd, nil
}

// inRows expands a test of rows into comparisons, which are three-valued per field.
func (c *compiler) inRows(e *expr.In) (node, error) {
	parts := make([]expr.Expr, len(e.List))
	for i, x := range e.List {
		parts[i] = compare(opEq, e.Arg, x)
	}
	found := connect(true, parts)
	if e.Negate {
		found = &expr.Not{Arg: found}
	}
	return c.compile(found)
}

func (nd *inNode) eval(s *scratch, f *frame) (*vector, error) {
	v, err := nd.arg.eval(s, f)
	if err != nil {
		return nil, err
	}
	set := &s.sets[nd.set]
	if err := set.build(s, nd.typ, nd.consts); err != nil {
		return nil, err
	}
	out := &s.vectors[nd.slot]
	if err := nd.members(set, v, f.n, out); err != nil {
		return nil, err
	}
	// out.bits: the rows that are members; sure: the rows where that is known.
	sure := nd.known(set, v, f.n, out)
	for _, o := range nd.others {
		if err := orInto(s, f, o, out.bits, sure); err != nil {
			return nil, err
		}
	}
	out.valid = nil
	for i := range sure {
		if sure[i] |= out.bits[i]; sure[i] != ^uint64(0) {
			out.valid = sure
		}
		if nd.negate {
			out.bits[i] = ^out.bits[i]
		}
	}
	return out, nil
}

// members sets out's bits for v's rows that are in the set.
func (nd *inNode) members(set *memberSet, v *vector, n int, out *vector) error {
	out.reset(types.BoolT, n)
	if v.dict != nil && v.dict.n <= n {
		hit := make([]uint64, words(v.dict.n))
		set.test(hit, v.dict, v.dict.n)
		gatherBits(out.bits, hit, v.codes)
	} else {
		v, err := v.decode()
		if err != nil {
			return err
		}
		set.test(out.bits, v, n)
	}
	for i := range n {
		if bitAt(out.bits, i) && v.null(i) {
			setBit(out.bits, i, false)
		}
	}
	return nil
}

// known is the set of rows where no member was NULL and the argument is not, in scratch of out.
func (nd *inNode) known(set *memberSet, v *vector, n int, out *vector) []uint64 {
	out.mask = grow(out.mask, words(n))
	if set.null {
		clear(out.mask)
		return out.mask
	}
	fill(out.mask, ^uint64(0))
	if set.size == 0 { // an empty set has no member, not even NULL's equal
		return out.mask
	}
	if v.konst || v.valid != nil || v.dict != nil && v.dict.valid != nil {
		for i := range n {
			if v.null(i) {
				setBit(out.mask, i, false)
			}
		}
	}
	return out.mask
}

// orInto adds one comparison's result by three-valued OR.
func orInto(s *scratch, f *frame, o node, yes, sure []uint64) error {
	v, err := o.eval(s, f)
	if err != nil {
		return err
	}
	if v, err = v.decode(); err != nil {
		return err
	}
	var tb, vb []uint64
	t, err := trueBits(v, &tb)
	if err != nil {
		return err
	}
	valid := validBits(v, &vb)
	for i := range yes {
		yes[i] |= t[i]
		if valid != nil {
			sure[i] &= valid[i]
		}
	}
	return nil
}
