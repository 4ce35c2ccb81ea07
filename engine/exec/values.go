package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// values yields rows of constants.
type values struct {
	run  *run
	node *plan.Values
	out  *arrow.Schema
}

func newValues(r *run, n *plan.Values) (relation, error) {
	return &values{run: r, node: n, out: schemaOf(n.Cols)}, nil
}

func (v *values) schema() *arrow.Schema { return v.out }
func (v *values) partitions() int       { return 1 }
func (v *values) open(int) batch.Reader { return &valuesStream{values: v} }

type valuesStream struct {
	*values
	at     int
	closed bool
}

var _ batch.Reader = (*valuesStream)(nil)

func (s *valuesStream) Schema() *arrow.Schema { return s.out }

func (s *valuesStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed || s.at == len(s.node.Rows) {
		return nil, io.EOF
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	rows := s.node.Rows[s.at:min(s.at+s.run.rows, len(s.node.Rows))]
	s.at += len(rows)
	width := len(s.node.Cols)
	es := make([]expr.Expr, 0, width*len(rows))
	for _, row := range rows {
		es = append(es, row...)
	}
	cells, err := s.run.constants(es)
	if err != nil {
		return nil, err
	}
	defer batch.ReleaseAll(cells)
	cols, parts := make([]arrow.Array, width), make([]arrow.Array, len(rows))
	for c := range cols {
		for r := range rows {
			parts[r] = cells[r*width+c]
		}
		if cols[c], err = batch.Concat(parts); err != nil {
			batch.ReleaseAll(cols)
			return nil, err
		}
	}
	return batch.NewRecord(s.out, cols, len(rows)), nil
}

func (s *valuesStream) Close() error {
	s.closed = true
	return nil
}
