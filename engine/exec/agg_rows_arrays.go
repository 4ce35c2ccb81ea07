package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// collectedArrays is array_agg of arrays: an array of one dimension more (accumArrayResultArr).
type collectedArrays struct {
	rows *rowStore
	elem *types.Type // of the arguments, arrays
	typ  *types.Type
}

func (c *collectedArrays) grow(n int) { c.rows.grow(n) }

func (c *collectedArrays) add(ids []int32, args []arrow.Array) error {
	c.rows.add(ids, args)
	return nil
}

func (c *collectedArrays) merge(o accumulator, from, to []int32) error {
	return c.rows.merge(o.(*collectedArrays).rows, from, to)
}

func (c *collectedArrays) settle() error { return c.rows.settle() }

func (c *collectedArrays) bytes() int64 { return c.rows.held }

func (c *collectedArrays) result(from, to int) (arrow.Array, error) {
	if err := c.rows.settle(); err != nil {
		return nil, err
	}
	out := make([]any, to-from)
	for i := range out {
		if rows := c.rows.rows(from + i); len(rows) > 0 {
			whole, err := c.stack(rows)
			if err != nil {
				return nil, err
			}
			out[i] = whole
		}
	}
	return datum.ToArray(c.typ, out)
}

// stack puts arrays of one shape into one.
func (c *collectedArrays) stack(rows []int32) (datum.Array, error) {
	var out datum.Array
	for _, r := range rows {
		v := datum.FromArray(c.elem, c.rows.cols[0], int(r))
		a := datum.ArrayOf(v)
		switch {
		case v == nil:
			return out, sqlerr.New(sqlerr.NullNotAllowed, "cannot accumulate null arrays")
		case len(a.Dims) == 0:
			return out, sqlerr.New(sqlerr.ArraySubscript, "cannot accumulate empty arrays")
		case out.Dims == nil:
			if len(a.Dims) == datum.MaxDimensions {
				return out, sqlerr.New(sqlerr.ProgramLimit, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
					len(a.Dims)+1, datum.MaxDimensions)
			}
			out.Dims = append([]datum.Dimension{{Length: int32(len(rows)), Lower: 1}}, a.Dims...)
		case !slices.Equal(out.Dims[1:], a.Dims):
			return out, sqlerr.New(sqlerr.ArraySubscript, "cannot accumulate arrays of different dimensionality")
		}
		out.Elems = append(out.Elems, a.Elems...)
	}
	return out, nil
}
