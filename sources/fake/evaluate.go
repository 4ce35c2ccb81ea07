package fake

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// relation is rows of datums under columns.
type relation struct {
	cols []plan.Column
	rows [][]any
}

// at is the position of a column, -1 when it is not there.
func (r *relation) at(id expr.ColumnID) int {
	return slices.IndexFunc(r.cols, func(c plan.Column) bool { return c.ID == id })
}

func schemaOf(cols []plan.Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// record is rows as a batch of the columns' storage.
func record(cols []plan.Column, rows [][]any) (arrow.RecordBatch, error) {
	arrays := make([]arrow.Array, len(cols))
	for i, c := range cols {
		values := make([]any, len(rows))
		for k, row := range rows {
			values[k] = row[i]
		}
		a, err := datum.ToArray(c.Type, values)
		if err != nil {
			return nil, err
		}
		arrays[i] = a
	}
	return batch.NewRecord(schemaOf(cols), arrays, len(rows)), nil
}

// evaluation is one run of a fragment.
type evaluation struct {
	ctx    context.Context
	env    *eval.Env
	tables map[string]*data
	part   split
}

func (e *evaluation) node(n plan.Node) (*relation, error) {
	if e.ctx.Err() != nil {
		return nil, context.Cause(e.ctx)
	}
	switch n := n.(type) {
	case *plan.Scan:
		return e.scan(n)
	case *plan.SecurityBarrier:
		return e.node(n.Input)
	case *plan.Filter:
		in, err := e.node(n.Input)
		if err != nil {
			return nil, err
		}
		return e.filter(in, n.Conds)
	case *plan.Project:
		return e.project(n)
	case *plan.Join:
		return e.join(n)
	case *plan.Aggregate:
		return e.aggregate(n)
	case *plan.Sort:
		in, err := e.node(n.Input)
		if err != nil {
			return nil, err
		}
		return e.sort(in, n.Keys)
	case *plan.Limit:
		return e.limit(n)
	case *plan.SetOp:
		return e.setOp(n)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "a fragment with %T was taken", n)
}

func (e *evaluation) scan(n *plan.Scan) (*relation, error) {
	d := e.tables[n.Table.Name()]
	if d == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "table %s is not in the snapshot", n.Table.Name())
	}
	rows := d.rows
	if e.part.to >= 0 {
		rows = rows[e.part.from:e.part.to]
	}
	out := &relation{cols: n.Cols}
	for _, row := range rows {
		picked := make([]any, len(n.Ordinals))
		for i, o := range n.Ordinals {
			picked[i] = row[o]
		}
		out.rows = append(out.rows, picked)
	}
	return out, nil
}

func inputs(cols []plan.Column) []eval.InputColumn {
	in := make([]eval.InputColumn, len(cols))
	for i, c := range cols {
		in[i] = eval.InputColumn{ID: c.ID, Type: c.Type}
	}
	return in
}

// filter keeps the rows for which all conjuncts are true, asking them one row after the other, in order.
func (e *evaluation) filter(in *relation, conds []expr.Expr) (*relation, error) {
	keep, err := e.holds(in, conds)
	if err != nil {
		return nil, err
	}
	out := &relation{cols: in.cols}
	for i, row := range in.rows {
		if keep[i] {
			out.rows = append(out.rows, row)
		}
	}
	return out, nil
}

// holds says for each row whether all conjuncts are true.
func (e *evaluation) holds(in *relation, conds []expr.Expr) ([]bool, error) {
	out := make([]bool, len(in.rows))
	p, err := eval.NewPredicate(conds, inputs(in.cols))
	if err != nil {
		return nil, err
	}
	rec, err := record(in.cols, in.rows)
	if err != nil {
		return nil, err
	}
	rows, err := p.Open(e.env).Select(rec, nil)
	for _, i := range rows {
		out[i] = true
	}
	return out, err
}

// values evaluates expressions over every row: one slice per expression.
func (e *evaluation) values(in *relation, es []expr.Expr) ([][]any, error) {
	p, err := eval.NewProjection(es, inputs(in.cols))
	if err != nil {
		return nil, err
	}
	rec, err := record(in.cols, in.rows)
	if err != nil {
		return nil, err
	}
	arrays, err := p.Open(e.env).Eval(rec)
	if err != nil {
		return nil, err
	}
	out := make([][]any, len(es))
	for i, a := range arrays {
		out[i] = make([]any, len(in.rows))
		for k := range in.rows {
			out[i][k] = datum.FromArray(es[i].Type(), a, k)
		}
	}
	return out, nil
}

func (e *evaluation) project(n *plan.Project) (*relation, error) {
	in, err := e.node(n.Input)
	if err != nil {
		return nil, err
	}
	return e.items(in, n.Items)
}

// items are computed columns over each row.
func (e *evaluation) items(in *relation, items []plan.Item) (*relation, error) {
	out := &relation{}
	es := make([]expr.Expr, len(items))
	for i, it := range items {
		out.cols = append(out.cols, it.Column)
		es[i] = it.Expr
	}
	values, err := e.values(in, es)
	if err != nil {
		return nil, err
	}
	out.rows = make([][]any, len(in.rows))
	for k := range in.rows {
		out.rows[k] = make([]any, len(items))
		for i := range items {
			out.rows[k][i] = values[i][k]
		}
	}
	return out, nil
}

func (e *evaluation) sort(in *relation, keys []plan.SortKey) (*relation, error) {
	es := make([]expr.Expr, len(keys))
	for i, k := range keys {
		es[i] = k.Expr
	}
	values, err := e.values(in, es)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(in.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		for i, k := range keys {
			if c := compareKeys(k, values[i][a], values[i][b]); c != 0 {
				return c
			}
		}
		return 0
	})
	out := &relation{cols: in.cols}
	for _, i := range order {
		out.rows = append(out.rows, in.rows[i])
	}
	return out, nil
}

func compareKeys(k plan.SortKey, a, b any) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case (a == nil) == k.NullsFirst:
			return -1
		}
		return 1
	}
	c := datum.Compare(k.Expr.Type(), a, b)
	if k.Desc {
		return -c
	}
	return c
}

func (e *evaluation) limit(n *plan.Limit) (*relation, error) {
	in, err := e.node(n.Input)
	if err != nil {
		return nil, err
	}
	if n.Keys != nil {
		if in, err = e.sort(in, n.Keys); err != nil {
			return nil, err
		}
	}
	offset, err := e.bound(n.Offset, 0, sqlerr.InvalidOffset, "OFFSET")
	if err != nil {
		return nil, err
	}
	rest := int64(len(in.rows))
	count, err := e.bound(n.Count, rest, sqlerr.InvalidLimit, "LIMIT")
	if err != nil {
		return nil, err
	}
	offset = min(offset, rest)
	return &relation{cols: in.cols, rows: in.rows[offset : offset+min(count, rest-offset)]}, nil
}

// bound is the value of a LIMIT or OFFSET, otherwise when there is none or it is NULL.
func (e *evaluation) bound(x expr.Expr, otherwise int64, code, what string) (int64, error) {
	if x == nil {
		return otherwise, nil
	}
	v, err := eval.Constant(x, e.env)
	if err != nil || v == nil {
		return otherwise, err
	}
	if v.(int64) < 0 {
		return 0, sqlerr.New(code, "%s must not be negative", what)
	}
	return v.(int64), nil
}
