package parquet

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// selection are a scan's conditions, compiled: the reader evaluates them over their own columns first and decodes of
// the others what is left. The conditions stay as residual, so that letting more rows pass is never wrong.
type selection struct {
	predicate *eval.Predicate
	columns   []int // positions among the scan's columns
}

// newSelection compiles conditions, nil when there is nothing to gain: none, volatile ones, ones without columns, or
// ones that need every column.
func newSelection(n *plan.Scan, conds []expr.Expr) *selection {
	s := &selection{}
	var in []eval.InputColumn
	stable := true
	for i, c := range n.Cols {
		if slices.ContainsFunc(conds, func(e expr.Expr) bool { return refers(e, c.ID) }) {
			s.columns = append(s.columns, i)
			in = append(in, eval.InputColumn{ID: c.ID, Type: c.Type})
		}
	}
	for _, e := range conds {
		expr.Walk(e, func(e expr.Expr) bool {
			if call, ok := e.(*expr.Call); ok && call.Fn.Volatility == expr.Volatile {
				stable = false
			}
			return true
		})
	}
	if len(conds) == 0 || !stable || len(in) == 0 || len(in) == len(n.Cols) {
		return nil
	}
	var err error
	if s.predicate, err = eval.NewPredicate(conds, in); err != nil {
		return nil
	}
	return s
}

func refers(e expr.Expr, id expr.ColumnID) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		c, ok := e.(*expr.Column)
		found = found || ok && c.ID == id
		return !found
	})
	return found
}

// selector is a reader's use of a selection.
type selector struct {
	*selection
	eval       *eval.Selector
	schema     *arrow.Schema
	rows       []int32
	seen, kept int
}

// pickShare is the share of rows (one in pickShare) up to which values are picked one by one; above it whole columns
// are decoded. After usefulBatches a reader gives up conditions that let more pass.
const (
	pickShare     = 4
	usefulBatches = 4
)

func newSelector(s *selection, schema *arrow.Schema, env *sources.Env) *selector {
	if s == nil || env == nil || env.Env == nil {
		return nil
	}
	fields := make([]arrow.Field, len(s.columns))
	for i, c := range s.columns {
		fields[i] = schema.Field(c)
	}
	return &selector{selection: s, eval: s.predicate.Open(env.Env), schema: arrow.NewSchema(fields, nil)}
}

// futile says whether the conditions let so many rows pass that decoding all of them costs less.
func (s *selector) futile() bool {
	return s.seen > usefulBatches*batch.Rows && s.kept*pickShare > s.seen
}

// uses says whether the conditions need a column of the scan.
func (s *selector) uses(column int) bool { return s != nil && slices.Contains(s.columns, column) }

// choose reads the columns of the conditions into cols and gives the rows where they hold.
func (r *reader) choose(cols []arrow.Array, rows int) ([]int32, error) {
	s := r.selector
	own := make([]arrow.Array, len(s.columns))
	for i, c := range s.columns {
		a, err := r.read(&r.cols[c], rows)
		if err != nil {
			return nil, r.locate(err, r.cols[c].name)
		}
		cols[c], own[i] = a, a
	}
	rec := array.NewRecordBatch(s.schema, own, int64(rows))
	defer rec.Release()
	sel, err := s.eval.Select(rec, s.rows)
	if err != nil {
		return nil, err // the statement's error, not the file's
	}
	s.rows = sel
	s.seen += rows
	s.kept += len(sel)
	return sel, nil
}

// pick decodes the chosen rows of the columns that are left, and cuts those that were read down to them.
func (r *reader) pick(cols []arrow.Array, rows int, sel []int32) error {
	for i := range r.cols {
		var a arrow.Array
		var err error
		if old := cols[i]; old != nil {
			a, err = batch.Gather(old, sel)
			old.Release()
			cols[i] = nil
			r.cols[i].reuse() // Gather copies: nothing refers to the old array
		} else {
			a, err = r.readRows(&r.cols[i], rows, sel)
		}
		if err != nil {
			return r.locate(err, r.cols[i].name)
		}
		cols[i] = a
	}
	return nil
}

// reuse lets a column's next array overwrite its last one.
func (c *column) reuse() {
	if c == nil || c.leaf == nil {
		return
	}
	if s, ok := c.leaf.sink.(interface{ reuse() }); ok {
		s.reuse()
	}
}

// readRows reads the next rows of a column and keeps those of sel.
func (r *reader) readRows(c *outputColumn, rows int, sel []int32) (arrow.Array, error) {
	if c.column == nil {
		return constant(c.typ, c.constant, len(sel))
	}
	if c.leaf != nil && c.leaf.column().MaxRepetitionLevel() == 0 {
		c.leaf.choosing, c.leaf.chosen, c.leaf.passed = true, sel, 0
		defer func() { c.leaf.choosing = false }()
		return r.readAs(c, rows, len(sel))
	}
	a, err := r.read(c, rows)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	return batch.Gather(a, sel)
}

// useChosen is use for the chosen rows alone: levels from slot up to until, the values that are there from at on.
func (l *leaf) useChosen(until int) error {
	highest := byte(l.column().MaxDefinitionLevel())
	first := l.passed - l.slot // the taken row of the page's first slot
	value, slot := l.at, l.slot
	l.picked = l.picked[:0]
	k := 0
	for ; k < len(l.chosen) && int(l.chosen[k]) < first+until; k++ {
		row := int(l.chosen[k]) - first
		if l.defs == nil {
			l.picked = append(l.picked, int32(l.at+row-l.slot))
			continue
		}
		for ; slot < row; slot++ {
			if l.defs[slot] == highest {
				value++
			}
		}
		l.takenDefs = append(l.takenDefs, l.defs[row])
		if l.defs[row] == highest {
			l.picked = append(l.picked, int32(value))
		}
	}
	l.chosen = l.chosen[k:]
	l.taken += k
	l.passed += until - l.slot
	n := until - l.slot
	if l.defs != nil {
		n = value - l.at
		for _, d := range l.defs[slot:until] {
			if d == highest {
				n++
			}
		}
	}
	l.slot, l.at = until, l.at+n
	return l.give()
}

// give hands the picked values to the sink: codes at once, others run by run.
func (l *leaf) give() error {
	if len(l.picked) == 0 {
		return nil
	}
	if l.codes != nil {
		if int(l.picked[len(l.picked)-1]) >= len(l.codes) {
			return corrupt("a page has %d codes where its levels say more", len(l.codes))
		}
		for i, v := range l.picked {
			l.picked[i] = l.codes[v]
		}
		return l.sink.codes(l.picked)
	}
	for i := 0; i < len(l.picked); {
		j := i + 1
		for j < len(l.picked) && l.picked[j] == l.picked[j-1]+1 {
			j++
		}
		if err := l.sink.values(&l.data, int(l.picked[i]), int(l.picked[j-1])+1); err != nil {
			return err
		}
		i = j
	}
	return nil
}
