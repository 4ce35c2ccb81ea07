package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// numericSeries is generate_series of numerics, each value the one before plus the step, with the scale that this has.
type numericSeries struct {
	lazySeries[numeric.Num]
	args       []arrow.Array
	stop, step numeric.Num // of the current input row
}

func newNumericSeries() *numericSeries {
	c := &numericSeries{}
	c.begin, c.next = c.first, c.after
	c.array = func(vals []numeric.Num, null []bool) (arrow.Array, error) {
		return numericArray(null, func(i int) (numeric.Num, error) { return vals[i], nil })
	}
	return c
}

func (c *numericSeries) load(args []arrow.Array, _ int) error {
	c.reset()
	c.args = args
	return nil
}

func (c *numericSeries) first(row int) (numeric.Num, bool, error) {
	if anyNull(c.args, row) {
		return numeric.Num{}, false, nil
	}
	start := storedNumeric(c.args[0], row)
	c.stop, c.step = storedNumeric(c.args[1], row), numeric.FromInt64(1, 0)
	if len(c.args) > 2 {
		c.step = storedNumeric(c.args[2], row)
	}
	for i, v := range []numeric.Num{start, c.stop, c.step} {
		what := [...]string{"start value", "stop value", "step size"}[i]
		switch v.Class {
		case numeric.Finite:
		case numeric.NaN:
			return start, false, sqlerr.New(sqlerr.InvalidParameterValue, "%s cannot be NaN", what)
		default:
			return start, false, sqlerr.New(sqlerr.InvalidParameterValue, "%s cannot be infinity", what)
		}
	}
	if c.step.Sign() == 0 {
		return start, false, stepIsZero()
	}
	return start, c.within(start), nil
}

func (c *numericSeries) after(v numeric.Num) (numeric.Num, bool, error) {
	v, err := numeric.Add(v, c.step)
	return v, err == nil && c.within(v), err
}

func (c *numericSeries) within(v numeric.Num) bool { return v.Cmp(c.stop)*c.step.Sign() <= 0 }

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

// storedNumeric is a numeric of an array whose own type says how it is stored.
func storedNumeric(a arrow.Array, row int) numeric.Num {
	switch dt := a.DataType().(type) {
	case *arrow.Decimal64Type:
		return numericAt(a, types.NumericScaled(dt.Precision, dt.Scale), row)
	case *arrow.Decimal128Type:
		return numericAt(a, types.NumericScaled(dt.Precision, dt.Scale), row)
	}
	return numericAt(a, types.NumericT, row)
}
