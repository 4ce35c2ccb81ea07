package eval

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// compiler turns expressions into nodes and counts the scratch that they need.
type compiler struct {
	index map[expr.ColumnID]int
	prog  program
}

func newCompiler(in []InputColumn) *compiler {
	c := &compiler{index: make(map[expr.ColumnID]int, len(in)), prog: program{in: in}}
	for i, col := range in {
		c.index[col.ID] = i
	}
	return c
}

func (c *compiler) vector() int { c.prog.vectors++; return c.prog.vectors - 1 }
func (c *compiler) frame() int  { c.prog.frames++; return c.prog.frames - 1 }
func (c *compiler) set() int    { c.prog.sets++; return c.prog.sets - 1 }

func (c *compiler) compile(e expr.Expr) (node, error) {
	switch e := e.(type) {
	case *expr.Column:
		i, ok := c.index[e.ID]
		if !ok {
			return nil, sqlerr.New(sqlerr.InternalError, "column %s (#%d) is not in the input", e.Name, e.ID)
		}
		return &columnNode{i}, nil
	case *expr.Const:
		v, err := constVector(e.Typ, e.Value, 1)
		return &constNode{v, c.vector()}, err
	case *expr.Param:
		return &paramNode{e.Index, e.Typ, c.vector()}, nil
	case *expr.Call:
		return c.call(e)
	case *expr.Cast:
		return c.cast(e)
	case *expr.Logic:
		return c.logic(e)
	case *expr.Not:
		arg, err := c.compile(e.Arg)
		return &notNode{arg, c.vector()}, err
	case *expr.IsNull:
		arg, err := c.compile(e.Arg)
		return &isNullNode{arg, e.Negate, c.vector()}, err
	case *expr.IsBool:
		arg, err := c.compile(e.Arg)
		slot := c.vector()
		c.vector()
		return &isBoolNode{arg, e.Value, e.Negate, slot}, err
	}
	return c.compileChoice(e)
}

func (c *compiler) compileChoice(e expr.Expr) (node, error) {
	switch e := e.(type) {
	case *expr.IsDistinct:
		return c.isDistinct(e)
	case *expr.Case:
		return c.caseOf(e)
	case *expr.Coalesce:
		args, err := c.compileAll(e.Args, e.Typ)
		return &coalesceNode{args, e.Typ, c.frameSlots(len(args)), c.vector()}, err
	case *expr.In:
		return c.in(e)
	case *expr.Quantified:
		return c.quantified(e)
	case *expr.ArrayOf:
		elem := e.Typ.Elem
		if e.Typ.Dims > 0 { // of arrays
			elem = e.Typ
		}
		args, err := c.compileAll(e.Elems, elem)
		return &arrayNode{args, e.Typ, c.vector()}, err
	case *expr.RowOf:
		return c.row(e)
	case *expr.Field:
		arg, err := c.compile(e.Arg)
		return &fieldNode{arg, e.Index, c.vector()}, err
	case *expr.Subscript:
		return c.subscript(e)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "the expression %T cannot be evaluated", e)
}

func (c *compiler) frameSlots(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = c.frame()
	}
	return out
}

// compileAll compiles es to vectors of t's storage.
func (c *compiler) compileAll(es []expr.Expr, t *types.Type) ([]node, error) {
	out := make([]node, len(es))
	for i, e := range es {
		n, err := c.compileAs(e, t)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// compileAs compiles e to vectors of t's storage: numerics of one SQL type may be stored in different ways.
func (c *compiler) compileAs(e expr.Expr, t *types.Type) (node, error) {
	if e.Type().Kind == types.Numeric && t.Kind == types.Numeric && !types.SameStorage(e.Type(), t) {
		to := *t
		to.Mod = -1
		return c.cast(&expr.Cast{Arg: e, Typ: &to, Explicit: true})
	}
	return c.compile(e)
}

func (c *compiler) call(e *expr.Call) (node, error) {
	m := implemented[e.Fn.ID]
	if m == nil {
		return nil, sqlerr.Unsupported("the function " + e.Fn.String())
	}
	args := make([]expr.Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = tighten(a)
	}
	return c.apply(m, args, e.Typ, e.Fn.Strict, expr.VolatilityOf(e) == expr.Volatile, e)
}

// apply compiles a call of m's kernel; whole is the expression that it stands for.
func (c *compiler) apply(m maker, args []expr.Expr, result *types.Type, strict, volatile bool, whole expr.Expr) (node, error) {
	nd := &callNode{typ: result, strict: strict, volatile: volatile, constant: !volatile && !hasColumns(whole)}
	for _, a := range args {
		n, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		nd.args, nd.argTypes = append(nd.args, n), append(nd.argTypes, a.Type())
	}
	k, err := m(nd.argTypes, result)
	if err != nil {
		return nil, err
	}
	nd.kernel, nd.slot = k, c.prog.calls
	c.prog.calls++
	return nd, nil
}

func hasColumns(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		_, is := e.(*expr.Column)
		found = found || is
		return !found
	})
	return found
}

// noKernel is the error for types that a function has no kernel for.
func noKernel(what string, args []*types.Type) error {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.String()
	}
	return sqlerr.Unsupported(fmt.Sprintf("%s for %s", what, strings.Join(names, ", ")))
}

func missingParam(index, have int) error {
	return sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d: the statement was given %d", index, have)
}

// tighten gives a numeric constant the storage of its own digits, which fixed-point kernels can meet.
func tighten(e expr.Expr) expr.Expr {
	k, ok := e.(*expr.Const)
	if !ok || k.Typ.Kind != types.Numeric || k.Typ.Precision != 0 {
		return e
	}
	d, ok := k.Value.(*apd.Decimal)
	if !ok {
		return e
	}
	return &expr.Const{Typ: expr.NumericTypeOf(d), Value: d}
}
