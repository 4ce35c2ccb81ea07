package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// seriesCall is generate_series for the type of its arguments.
func seriesCall(r *run, c *plan.SetCall) (func() setCall, error) {
	switch t := c.Cols[0].Type; t.Kind {
	case types.Int4:
		return func() setCall { return &arithmetic[int32]{} }, nil
	case types.Int8:
		return func() setCall { return &arithmetic[int64]{} }, nil
	case types.Numeric:
		if t.NumericStorage() != types.VarNumeric {
			return nil, sqlerr.New(sqlerr.InternalError, "generate_series of numeric was given a fixed scale")
		}
		return func() setCall { return newNumericSeries() }, nil
	case types.Timestamp, types.TimestampTZ:
		zone := r.rt.Env.Zone
		if t.Kind == types.Timestamp {
			zone = nil
		}
		return func() setCall { return newTimeSeries(t, zone) }, nil
	}
	return nil, sqlerr.Unsupported("the function " + c.Fn.String())
}

func stepIsZero() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "step size cannot equal zero")
}

// arithmetic is a series of integers for each input row. Its rows are counted beforehand, so it ends before a value would
// overflow, as PostgreSQL's does.
type arithmetic[T int32 | int64] struct {
	start, step []T
	counts      []int64
}

func (c *arithmetic[T]) load(args []arrow.Array, n int) error {
	c.start, c.step, c.counts = fixedView[T](args[0].Data()), nil, c.counts[:0]
	stop := fixedView[T](args[1].Data())
	if len(args) > 2 {
		c.step = fixedView[T](args[2].Data())
	}
	for i := range n {
		size := int64(0)
		if !anyNull(args, i) {
			step := T(1)
			if c.step != nil {
				step = c.step[i]
			}
			if step == 0 {
				return stepIsZero()
			}
			size = stepsBetween(int64(c.start[i]), int64(stop[i]), int64(step))
		}
		c.counts = append(c.counts, size)
	}
	return nil
}

func anyNull(args []arrow.Array, row int) bool {
	for _, a := range args {
		if a.IsNull(row) {
			return true
		}
	}
	return false
}

// stepsBetween is how many of start, start+step, … are not beyond stop; as many as an int64 holds at most.
func stepsBetween(start, stop, step int64) int64 {
	span, stride := uint64(stop)-uint64(start), uint64(step)
	if step < 0 {
		span, stride = uint64(start)-uint64(stop), -uint64(step)
		start, stop = stop, start
	}
	if start > stop {
		return 0
	}
	return int64(min(span/stride, math.MaxInt64-1)) + 1
}

func (c *arithmetic[T]) sizes() []int64                       { return c.counts }
func (c *arithmetic[T]) size(row int, _ int64) (int64, error) { return c.counts[row], nil }

func (c *arithmetic[T]) values(rows []int32, at []int64) ([]arrow.Array, error) {
	out := make([]T, len(rows))
	var null []bool
	for i, r := range rows {
		if uint64(at[i]) >= uint64(c.counts[r]) {
			if null == nil {
				null = make([]bool, len(rows))
			}
			null[i] = true
			continue
		}
		step := T(1)
		if c.step != nil {
			step = c.step[r]
		}
		out[i] = c.start[r] + T(at[i])*step
	}
	t := types.Int4T
	if _, wide := any(out).([]int64); wide {
		t = types.Int8T
	}
	return []arrow.Array{fixedArray(t.Arrow(), out, null)}, nil
}

// loadShaped is load for arrays of any dimensions.
func (c *subscripts) loadShaped(s *array.Struct, args []arrow.Array, n int) error {
	list, bounds := s.Field(0).(*array.List), s.Field(1).(*array.List)
	wanted := fixedView[int32](args[1].Data())
	c.start, c.step, c.counts = make([]int32, n), make([]int32, n), c.counts[:0]
	for i := range n {
		c.start[i], c.step[i] = 1, 1
		if anyNull(args, i) {
			c.counts = append(c.counts, 0)
			continue
		}
		from, to := list.ValueOffsets(i)
		dims := []datum.Dimension{{Length: int32(to - from), Lower: 1}}
		if bounds.IsValid(i) {
			dims = dimensionsAt(bounds, i)
		}
		d := datum.Dimension{Lower: 1}
		if k := wanted[i]; k >= 1 && int(k) <= len(dims) {
			d = dims[k-1]
		}
		c.start[i] = d.Lower
		if len(args) > 2 && args[2].(*array.Boolean).Value(i) {
			c.start[i], c.step[i] = d.Upper(), -1
		}
		c.counts = append(c.counts, int64(d.Length))
	}
	return nil
}

// subscripts is generate_subscripts: arrays have one dimension, and begin at 1.
type subscripts struct{ arithmetic[int32] }

func (c *subscripts) load(args []arrow.Array, n int) error {
	if s, ok := args[0].(*array.Struct); ok && s.NumField() == 2 {
		return c.loadShaped(s, args, n)
	}
	l, ok := args[0].(*array.List)
	if !ok {
		return sqlerr.Unsupported("generate_subscripts of " + args[0].DataType().String())
	}
	dims, offs := fixedView[int32](args[1].Data()), l.Offsets()[l.Data().Offset():]
	c.start, c.step, c.counts = make([]int32, n), make([]int32, n), c.counts[:0]
	for i := range n {
		size := offs[i+1] - offs[i]
		if anyNull(args, i) || dims[i] != 1 {
			size = 0
		}
		c.start[i], c.step[i] = 1, 1
		if len(args) > 2 && args[2].(*array.Boolean).Value(i) {
			c.start[i], c.step[i] = size, -1
		}
		c.counts = append(c.counts, int64(size))
	}
	return nil
}

// lazySeries is a series whose length only counting its values tells. It holds the values that were counted and not yet
// taken, at most those of one batch.
type lazySeries[V any] struct {
	// begin gives the first value of an input row; next what follows one. ok is false at the end.
	begin func(row int) (v V, ok bool, err error)
	next  func(v V) (V, bool, error)
	array func(vals []V, null []bool) (arrow.Array, error)

	row     int   // the input row that is being counted, -1 before the first
	counted int64 // its values so far
	last    V
	more    bool // a value follows last, or is it when nothing was counted
	rows    []int32
	at      []int64
	vals    []V
}

func (c *lazySeries[V]) reset() {
	c.row, c.rows, c.at, c.vals = -1, c.rows[:0], c.at[:0], c.vals[:0]
}

func (c *lazySeries[V]) sizes() []int64 { return nil }

func (c *lazySeries[V]) size(row int, want int64) (int64, error) {
	var err error
	if row != c.row {
		c.row, c.counted = row, 0
		if c.last, c.more, err = c.begin(row); err != nil {
			return 0, err
		}
	}
	for c.more && c.counted < want {
		c.rows, c.at, c.vals = append(c.rows, int32(row)), append(c.at, c.counted), append(c.vals, c.last)
		c.counted++
		if c.last, c.more, err = c.next(c.last); err != nil {
			return 0, err
		}
	}
	return c.counted, nil
}

func (c *lazySeries[V]) values(rows []int32, at []int64) ([]arrow.Array, error) {
	out, null := make([]V, len(rows)), make([]bool, len(rows))
	k := 0
	for i, r := range rows {
		if k < len(c.vals) && c.rows[k] == r && c.at[k] == at[i] {
			out[i] = c.vals[k]
			k++
			continue
		}
		null[i] = true
	}
	c.rows, c.at, c.vals = c.rows[:0], c.at[:0], c.vals[:0]
	a, err := c.array(out, null)
	return []arrow.Array{a}, err
}
