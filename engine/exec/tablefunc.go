package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// tableFunction runs a set-returning function over constants.
type tableFunction struct {
	run  *run
	node *plan.TableFunction
	out  *arrow.Schema
}

func newTableFunction(r *run, n *plan.TableFunction) (relation, error) {
	return &tableFunction{run: r, node: n, out: schemaOf(n.Cols)}, nil
}

func (f *tableFunction) schema() *arrow.Schema { return f.out }
func (f *tableFunction) partitions() int       { return 1 }
func (f *tableFunction) open(int) batch.Reader { return &tableFunctionStream{tableFunction: f} }

// rowSource makes the next at most limit values of a function's columns; none at the end.
type rowSource func(limit int) ([]arrow.Array, error)

type tableFunctionStream struct {
	*tableFunction
	source  rowSource
	ordinal int64
	closed  bool
}

var _ batch.Reader = (*tableFunctionStream)(nil)

func (s *tableFunctionStream) Schema() *arrow.Schema { return s.out }

func (s *tableFunctionStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if s.source == nil {
		args, err := s.run.constants(s.node.Args)
		if err != nil {
			return nil, err
		}
		if s.source, err = s.start(args); err != nil {
			return nil, err
		}
	}
	cols, err := s.source(s.run.rows)
	if err != nil {
		return nil, err
	}
	if len(cols) == 0 || cols[0].Len() == 0 {
		batch.ReleaseAll(cols)
		return nil, io.EOF
	}
	n := cols[0].Len()
	if s.node.Ordinality {
		numbers := make([]int64, n)
		for i := range numbers {
			s.ordinal++
			numbers[i] = s.ordinal
		}
		cols = append(cols, fixedArray(arrow.PrimitiveTypes.Int64, numbers, nil))
	}
	return batch.NewRecord(s.out, cols, n), nil
}

func (s *tableFunctionStream) Close() error {
	s.closed = true
	return nil
}

// start chooses the function. An argument that is NULL gives no rows.
func (s *tableFunctionStream) start(args []arrow.Array) (rowSource, error) {
	for _, a := range args {
		if a.IsNull(0) && s.node.Fn.Name != "unnest" {
			return noRows, nil
		}
	}
	t := s.node.Cols[0].Type
	switch s.node.Fn.Name {
	case "unnest":
		return unnest(args)
	case "generate_series":
		switch t.Kind {
		case types.Int4:
			return series[int32](args, t)
		case types.Int8:
			return series[int64](args, t)
		case types.Numeric:
			return numericSeries(args, s.node.Args[0].Type(), t)
		case types.Timestamp, types.TimestampTZ:
			return s.timeSeries(args, t)
		}
	}
	return nil, sqlerr.Unsupported("the function " + s.node.Fn.String() + " in FROM")
}

func noRows(int) ([]arrow.Array, error) { return nil, nil }

// unnest yields arrays side by side, shorter ones padded with NULL.
func unnest(args []arrow.Array) (rowSource, error) {
	elems, most := make([]arrow.Array, len(args)), 0
	for i, a := range args {
		l, ok := a.(*array.List)
		if !ok {
			return nil, sqlerr.Unsupported("unnest of " + a.DataType().String())
		}
		elems[i] = array.NewSlice(l.ListValues(), 0, 0)
		if !l.IsNull(0) {
			from, to := l.ValueOffsets(0)
			elems[i] = array.NewSlice(l.ListValues(), from, to)
		}
		most = max(most, elems[i].Len())
	}
	at := 0
	return func(limit int) ([]arrow.Array, error) {
		n := min(limit, most-at)
		if n == 0 {
			return nil, nil
		}
		rows, out := make([]int32, n), make([]arrow.Array, len(elems))
		for c, e := range elems {
			for i := range rows {
				if rows[i] = int32(at + i); at+i >= e.Len() {
					rows[i] = -1
				}
			}
			var err error
			if out[c], err = batch.Gather(e, rows); err != nil {
				return nil, err
			}
		}
		at += n
		return out, nil
	}, nil
}

func stepIsZero() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "step size cannot equal zero")
}

// series is generate_series of integers; it ends before a value would overflow, as PostgreSQL's does.
func series[T int32 | int64](args []arrow.Array, t *types.Type) (rowSource, error) {
	at, stop, step := fixedView[T](args[0].Data())[0], fixedView[T](args[1].Data())[0], T(1)
	if len(args) > 2 {
		step = fixedView[T](args[2].Data())[0]
	}
	if step == 0 {
		return nil, stepIsZero()
	}
	ended := false
	return func(limit int) ([]arrow.Array, error) {
		out := make([]T, 0, min(limit, batch.Rows))
		for !ended && len(out) < limit && (step > 0 && at <= stop || step < 0 && at >= stop) {
			out = append(out, at)
			next := at + step
			ended = (next > at) != (step > 0)
			at = next
		}
		return []arrow.Array{fixedArray(t.Arrow(), out, nil)}, nil
	}, nil
}

// numericAt is the numeric in a row of an array of type t.
func numericAt(a arrow.Array, t *types.Type, row int) numeric.Num {
	switch t.NumericStorage() {
	case types.Decimal64:
		return numeric.FromInt64(fixedView[int64](a.Data())[row], t.Scale)
	case types.Decimal128:
		v := fixedView[[2]uint64](a.Data())[row]
		return numeric.FromInt128(int64(v[1]), v[0], t.Scale)
	}
	offs, data := varView(a.Data())
	return numeric.Decode(data[offs[row]:offs[row+1]])
}

func numericSeries(args []arrow.Array, arg, t *types.Type) (rowSource, error) {
	if t.NumericStorage() != types.VarNumeric {
		return nil, sqlerr.New(sqlerr.InternalError, "generate_series of numeric was given a fixed scale")
	}
	at, stop, step := numericOf(args[0], arg), numericOf(args[1], arg), numeric.FromInt64(1, 0)
	if len(args) > 2 {
		step = numericOf(args[2], arg)
	}
	for i, v := range []numeric.Num{at, stop, step} {
		if v.Class != numeric.Finite {
			what := [...]string{"start value", "stop value", "step size"}[i]
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "%s cannot be infinity or NaN", what)
		}
	}
	if step.Sign() == 0 {
		return nil, stepIsZero()
	}
	return func(limit int) ([]arrow.Array, error) {
		var out []numeric.Num
		for len(out) < limit && at.Cmp(stop)*step.Sign() <= 0 {
			out = append(out, at)
			var err error
			if at, err = numeric.Add(at, step); err != nil {
				return nil, err
			}
		}
		a, err := numericArray(make([]bool, len(out)), func(i int) (numeric.Num, error) { return out[i], nil })
		return []arrow.Array{a}, err
	}, nil
}

// numericOf is the first value of an array whose own type says how numerics are stored in it.
func numericOf(a arrow.Array, t *types.Type) numeric.Num {
	switch dt := a.DataType().(type) {
	case *arrow.Decimal64Type:
		return numericAt(a, types.NumericScaled(dt.Precision, dt.Scale), 0)
	case *arrow.Decimal128Type:
		return numericAt(a, types.NumericScaled(dt.Precision, dt.Scale), 0)
	}
	return numericAt(a, types.NumericT, 0)
}
