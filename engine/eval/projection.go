package eval

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// InputColumn is one column of the batches that an expression is evaluated over, in order.
type InputColumn struct {
	ID   expr.ColumnID
	Type *types.Type
}

// Projection is a list of expressions compiled over one input. It is immutable and may be shared.
type Projection struct {
	roots []node
	types []*types.Type
	prog  program
}

// program is what an evaluator has to provide for compiled nodes.
type program struct {
	in      []InputColumn
	vectors int // scratch vectors
	calls   int
	frames  int
	sets    int
}

// NewProjection compiles es over batches whose columns are in. A column that is not in the input or a function
// without an implementation is an error.
func NewProjection(es []expr.Expr, in []InputColumn) (*Projection, error) {
	c := newCompiler(in)
	p := &Projection{}
	for _, e := range es {
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		p.roots, p.types = append(p.roots, n), append(p.types, e.Type())
	}
	p.prog = c.prog
	return p, nil
}

// Open makes the scratch of one goroutine. env may be shared by many; nil is an environment without parameters.
func (p *Projection) Open(env *Env) *Evaluator {
	return &Evaluator{p: p, scratch: newScratch(&p.prog, env)}
}

// Evaluator evaluates a Projection. Not for concurrent use.
type Evaluator struct {
	p *Projection
	*scratch
}

// Eval gives one array per expression of rec.NumRows() values in the storage type of the expression's type. A bare column is
// passed through as it is, dictionary-encoded too. rec is borrowed; the arrays belong to the caller, who releases
// each once; they stay valid after the next Eval. The first error of a row that is evaluated ends it.
func (e *Evaluator) Eval(rec arrow.RecordBatch) ([]arrow.Array, error) {
	e.root.open(rec, &e.p.prog)
	out := make([]arrow.Array, 0, len(e.p.roots))
	for i, n := range e.p.roots {
		a, err := e.evalRoot(n, rec, e.p.types[i])
		if err != nil {
			for _, a := range out {
				a.Release()
			}
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func (e *Evaluator) evalRoot(n node, rec arrow.RecordBatch, t *types.Type) (arrow.Array, error) {
	if c, ok := n.(*columnNode); ok {
		a := rec.Column(c.index)
		a.Retain()
		return a, nil
	}
	v, err := n.eval(e.scratch, &e.root)
	if err != nil {
		return nil, err
	}
	return v.finish(t)
}

// Constant evaluates an expression without columns to its datum, nil for NULL. env may be nil when e has no parameter
// and no function that depends on the session.
func Constant(e expr.Expr, env *Env) (any, error) {
	if c, ok := e.(*expr.Const); ok {
		return c.Value, nil
	}
	c := newCompiler(nil)
	n, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	s := newScratch(&c.prog, env)
	s.root.n = 1
	v, err := n.eval(s, &s.root)
	if err != nil {
		return nil, err
	}
	return datumAt(v, 0), nil
}
