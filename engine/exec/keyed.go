package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// keyed computes expressions over batches and appends those that are not columns already. It is immutable.
type keyed struct {
	ords  []int // where each expression's value is, in the extended batch
	types []*types.Type
	out   *arrow.Schema
	proj  *eval.Projection // nil: nothing to compute
}

func newKeyed(es []expr.Expr, cols []plan.Column) (*keyed, error) {
	k := &keyed{ords: make([]int, len(es)), types: make([]*types.Type, len(es))}
	at := map[expr.ColumnID]int{}
	for i, c := range cols {
		at[c.ID] = i
	}
	var computed []expr.Expr
	fields := schemaOf(cols).Fields()
	for i, e := range es {
		k.types[i] = e.Type()
		if c, ok := e.(*expr.Column); ok {
			if ord, found := at[c.ID]; found {
				k.ords[i] = ord
				continue
			}
		}
		k.ords[i] = len(cols) + len(computed)
		computed = append(computed, e)
		fields = append(fields, arrow.Field{Type: e.Type().Arrow(), Nullable: true})
	}
	k.out = arrow.NewSchema(fields, nil)
	if len(computed) == 0 {
		return k, nil
	}
	var err error
	k.proj, err = project(computed, cols)
	return k, err
}

// open makes the evaluator of one stream, nil when nothing is computed.
func (k *keyed) open(env *eval.Env) *eval.Evaluator {
	if k.proj == nil {
		return nil
	}
	return k.proj.Open(env)
}

// extend is rec with the computed columns; the caller releases it. rec is borrowed.
func (k *keyed) extend(ev *eval.Evaluator, rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	if k.proj == nil {
		rec.Retain()
		return rec, nil
	}
	extra, err := ev.Eval(rec)
	if err != nil {
		return nil, err
	}
	cols := append(append(make([]arrow.Array, 0, len(rec.Columns())+len(extra)), rec.Columns()...), extra...)
	for _, c := range rec.Columns() {
		c.Retain()
	}
	return batch.NewRecord(k.out, cols, int(rec.NumRows())), nil
}

// vectors are the expressions' values in key form, over an extended batch that outlives them.
func (k *keyed) vectors(rec arrow.RecordBatch, dst []keyVec) ([]keyVec, error) {
	dst = dst[:0]
	for i, ord := range k.ords {
		v, err := canonical(rec.Column(ord), k.types[i])
		if err != nil {
			return nil, err
		}
		dst = append(dst, v)
	}
	return dst, nil
}
