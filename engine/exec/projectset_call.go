package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// setCall makes the rows of one set-returning call for the rows of one step of the input. For one goroutine.
type setCall interface {
	// load takes the arguments for n input rows, which stay as they are until the next load.
	load(args []arrow.Array, n int) error
	// sizes are the numbers of rows of every input row; nil when they are found only by making the rows.
	sizes() []int64
	// size is the number of rows of an input row, counted as far as want. Input rows come in order, want ascends.
	size(row int, want int64) (int64, error)
	// values are the call's columns: for each i the at[i]-th row (from 0) of input row rows[i], NULL where there is
	// none. Rows come in order, each once.
	values(rows []int32, at []int64) ([]arrow.Array, error)
}

// compileSetCall gives what has to be evaluated for a call, and the maker of its state.
func compileSetCall(r *run, c *plan.SetCall) ([]expr.Expr, func() setCall, error) {
	if c.Fn == nil {
		return c.Args, func() setCall { return &oneRow{fields: fieldCount(c)} }, nil
	}
	switch c.Fn.Name {
	case "unnest":
		if c.Args[0].Type().Kind == types.Multirange {
			break
		}
		return c.Args, func() setCall { return &unnested{fields: fieldCount(c)} }, nil
	case "generate_subscripts":
		return c.Args, func() setCall { return &subscripts{} }, nil
	case "generate_series":
		make, err := seriesCall(r, c)
		return c.Args, make, err
	}
	// The set as an array, made by package eval.
	set := &expr.Call{Fn: c.Fn, Args: c.Args, Typ: types.ArrayOf(rowType(c))}
	return []expr.Expr{set}, func() setCall { return &unnested{fields: fieldCount(c)} }, nil
}

// rowType is the type of one row of a call: its column's, or that of a row of its columns.
func rowType(c *plan.SetCall) *types.Type {
	if fieldCount(c) < 0 {
		return c.Cols[0].Type
	}
	fields := make([]types.Field, len(c.Cols))
	for i, col := range c.Cols {
		fields[i] = types.Field{Name: col.Name, Type: col.Type}
	}
	return types.RecordOf(fields)
}

// fieldCount is the number of fields that a call's rows are taken apart into, -1 when its rows are one value.
func fieldCount(c *plan.SetCall) int {
	if !c.Expand {
		return -1
	}
	return len(c.Cols)
}

// oneRow is an expression in the place of a call: each input row has one row of it.
type oneRow struct {
	fields int
	arg    arrow.Array
	ones   []int64
	pick   []int32
}

func (c *oneRow) load(args []arrow.Array, n int) error {
	c.arg = args[0]
	for len(c.ones) < n {
		c.ones = append(c.ones, 1)
	}
	return nil
}

func (c *oneRow) sizes() []int64                 { return c.ones[:c.arg.Len()] }
func (c *oneRow) size(int, int64) (int64, error) { return 1, nil }

func (c *oneRow) values(rows []int32, at []int64) ([]arrow.Array, error) {
	c.pick = c.pick[:0]
	for i, r := range rows {
		if at[i] != 0 {
			r = -1
		}
		c.pick = append(c.pick, r)
	}
	return gatherFields(c.arg, c.pick, c.fields)
}

// unnested takes the elements of arrays.
type unnested struct {
	fields int
	elems  arrow.Array
	offs   []int32 // one more than rows
	counts []int64
	pick   []int32
}

func (c *unnested) load(args []arrow.Array, n int) error {
	l, ok := args[0].(*array.List)
	if !ok {
		return sqlerr.Unsupported("unnest of " + args[0].DataType().String())
	}
	c.elems, c.offs, c.counts = l.ListValues(), l.Offsets()[l.Data().Offset():], c.counts[:0]
	for i := range n {
		size := int64(c.offs[i+1] - c.offs[i])
		if l.IsNull(i) {
			size = 0
		}
		c.counts = append(c.counts, size)
	}
	return nil
}

func (c *unnested) sizes() []int64                       { return c.counts }
func (c *unnested) size(row int, _ int64) (int64, error) { return c.counts[row], nil }

func (c *unnested) values(rows []int32, at []int64) ([]arrow.Array, error) {
	c.pick = c.pick[:0]
	for i, r := range rows {
		from := int32(-1)
		if uint64(at[i]) < uint64(c.counts[r]) {
			from = c.offs[r] + int32(at[i])
		}
		c.pick = append(c.pick, from)
	}
	return gatherFields(c.elems, c.pick, c.fields)
}

// gatherFields gathers values, or with fields not negative each field of composite ones, NULL where the whole is.
func gatherFields(a arrow.Array, rows []int32, fields int) ([]arrow.Array, error) {
	if fields < 0 {
		out, err := batch.Gather(a, rows)
		if err != nil {
			return nil, err
		}
		return []arrow.Array{out}, nil
	}
	s, ok := a.(*array.Struct)
	if !ok || s.NumField() != fields {
		return nil, sqlerr.New(sqlerr.InternalError, "%d columns were expected of rows of type %s", fields, a.DataType())
	}
	if s.NullN() > 0 {
		for i, r := range rows {
			if r >= 0 && s.IsNull(int(r)) {
				rows[i] = -1
			}
		}
	}
	cols := make([]arrow.Array, fields)
	for i := range cols {
		cols[i] = s.Field(i)
	}
	return batch.GatherColumns(cols, rows)
}
