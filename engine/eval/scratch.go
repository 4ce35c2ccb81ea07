package eval

import "github.com/apache/arrow-go/v18/arrow"

// scratch is the memory of one evaluator: what nodes keep between batches.
type scratch struct {
	env     *Env
	vectors []vector
	calls   []callState
	frames  []frame
	sets    []memberSet
	root    frame
}

func newScratch(p *program, env *Env) *scratch {
	if env == nil {
		env = &Env{}
	}
	return &scratch{
		env: env, vectors: make([]vector, p.vectors), calls: make([]callState, p.calls), frames: make([]frame, p.frames),
		sets: make([]memberSet, p.sets), root: frame{prog: p},
	}
}

// frame is a set of rows that nodes are evaluated over: a whole batch, or the rows of another frame that are selected.
// Columns are gathered when they are first asked for.
type frame struct {
	prog   *program
	n      int
	rec    arrow.RecordBatch
	parent *frame
	sel    []int32
	cols   []*vector
	own    []vector
}

// open makes f the frame of a batch.
func (f *frame) open(rec arrow.RecordBatch, p *program) {
	f.prog, f.rec, f.n, f.parent, f.sel = p, rec, int(rec.NumRows()), nil, nil
	f.forget(len(p.in))
}

// narrow makes f the frame of parent's rows at sel, which must stay unchanged while f is in use.
func (f *frame) narrow(parent *frame, sel []int32) *frame {
	f.prog, f.rec, f.n, f.parent, f.sel = parent.prog, nil, len(sel), parent, sel
	f.forget(len(parent.prog.in))
	return f
}

func (f *frame) forget(columns int) {
	if len(f.own) < columns {
		f.own, f.cols = make([]vector, columns), make([]*vector, columns)
	}
	clear(f.cols)
}

// column is the input's i-th column over the frame's rows.
func (f *frame) column(i int) (*vector, error) {
	if v := f.cols[i]; v != nil {
		return v, nil
	}
	v := &f.own[i]
	if f.parent == nil {
		if err := v.wrap(f.rec.Column(i), f.prog.in[i].Type); err != nil {
			return nil, err
		}
	} else {
		src, err := f.parent.column(i)
		if err != nil {
			return nil, err
		}
		if err := v.gather(src, f.sel); err != nil {
			return nil, err
		}
	}
	f.cols[i] = v
	return v, nil
}
