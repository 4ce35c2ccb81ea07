package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/types"
)

// built is a join's materialised right input.
type built struct {
	rec    arrow.RecordBatch // the stored columns of all rows
	rows   int
	keys   []keyVec
	table  *joinTable
	ledger ledger
	// For a null-aware join: firstNull are the rows whose first key is NULL (nil: none); rest finds rows by all other
	// keys, where there are other conditions.
	firstNull []bool
	rest      *joinTable
}

func (b *built) close() {
	if b.rec != nil {
		b.rec.Release()
	}
	b.rec = nil
	b.ledger.close()
}

// build drains the right input and makes the table.
func (j *join) build(ctx context.Context) error {
	name := "a hash join"
	if len(j.buildKeys.ords) == 0 {
		name = "a nested loop join"
	}
	stored := make([]arrow.Field, len(j.keep))
	for i, ord := range j.keep {
		stored[i] = j.buildKeys.out.Field(ord)
	}
	c := newCollector(j.keeper, name, arrow.NewSchema(stored, nil), j.right.partitions())
	defer c.close()
	evals := make([]*eval.Evaluator, j.right.partitions())
	for i := range evals {
		evals[i] = j.buildKeys.open(j.run.rt.Env)
	}
	err := j.keeper.drain(ctx, j.right, func(part int, rec arrow.RecordBatch) error {
		defer rec.Release()
		ext, err := j.buildKeys.extend(evals[part], rec)
		if err != nil {
			return err
		}
		defer ext.Release()
		kept, err := pick(ext, j.keep, nil, true)
		if err != nil {
			return err
		}
		return c.add(part, kept)
	})
	if err != nil {
		return err
	}
	rec, l, err := c.concat(ctx)
	if err != nil {
		l.close()
		return err
	}
	b := &built{rec: rec, rows: int(rec.NumRows()), ledger: l}
	if err := j.index(b); err != nil {
		b.close()
		return err
	}
	j.run.note(j.node, b.ledger.used)
	j.mu.Lock()
	j.built = b
	j.mu.Unlock()
	return nil
}

func (j *join) index(b *built) error {
	ks := j.buildKeys
	b.keys = make([]keyVec, len(ks.ords))
	for i, ord := range ks.ords {
		var err error
		if b.keys[i], err = canonical(b.rec.Column(j.slot[ord]), ks.types[i]); err != nil {
			return err
		}
	}
	var err error
	skip := unmatchable(b.keys, j.nullsEqual)
	if b.table, err = newJoinTable(b.keys, ks.types, b.rows, skip, &b.ledger); err != nil {
		return err
	}
	if !j.nullAware || len(b.keys) == 0 {
		return nil
	}
	b.firstNull = b.keys[0].null
	if len(b.keys) > 1 || j.check != nil {
		rest := b.keys[1:]
		b.rest, err = newJoinTable(rest, restTypes(ks.types), b.rows, unmatchable(rest, j.nullsEqual[1:]), &b.ledger)
	}
	return err
}

func restTypes(ts []*types.Type) []*types.Type { return ts[1:] }

// unmatchable are the rows that have NULL in a key whose NULLs match nothing; nil when there are none.
func unmatchable(keys []keyVec, nullsEqual []bool) []bool {
	var out []bool
	for i := range keys {
		if keys[i].null == nil || nullsEqual[i] {
			continue
		}
		if out == nil {
			out = append([]bool(nil), keys[i].null...)
			continue
		}
		for r, is := range keys[i].null {
			out[r] = out[r] || is
		}
	}
	return out
}
