package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// valueColumn is a function that takes its value from another row: of the partition (lag, lead) or of the frame.
type valueColumn struct {
	name   string
	layout *layout
	frames *frames // of the frame's functions
	arg    arrow.Array
	offset []int32 // lag and lead: how far; nth_value: which; nil: not given
	null   []bool  // NULL offsets
	other  arrow.Array
	rows   []int32
}

func (s *windowStream) valueColumn(it *windowItem) (windowColumn, error) {
	c := &valueColumn{name: it.Fn.Name, layout: s.layout, frames: s.frames}
	args := make([]arrow.Array, 3)
	for i, ord := range it.args {
		var err error
		if args[i], err = s.inOrder(ord); err != nil {
			return nil, err
		}
	}
	c.arg, c.other = args[0], args[2]
	if args[1] != nil {
		c.offset, c.null = fixedView[int32](args[1].Data()), nullsOf(args[1])
	}
	return c, nil
}

// Where a row of a [valueColumn] has its value from when it is no row's: nowhere, or the default.
const (
	fromNowhere int32 = -1
	fromDefault int32 = -2
)

func (c *valueColumn) values(_ context.Context, from, to int) (arrow.Array, error) {
	c.rows = sized(c.rows, to-from)
	defaults := false
	switch c.name {
	case "lag", "lead":
		defaults = c.shifted(from)
	case "nth_value":
		if err := c.nth(from); err != nil {
			return nil, err
		}
	default:
		c.ends(from)
	}
	if !defaults {
		return batch.Gather(c.arg, c.rows)
	}
	return c.withDefaults(from, to)
}

// shifted finds the rows that lag and lead look at, and says whether some are outside of the partition and have a
// default.
func (c *valueColumn) shifted(from int) (defaults bool) {
	back := c.name == "lag"
	for k := range c.rows {
		i := from + k
		if c.null != nil && c.null[i] {
			c.rows[k] = fromNowhere
			continue
		}
		by := int64(1)
		if c.offset != nil {
			by = int64(c.offset[i])
		}
		if back {
			by = -by
		}
		start, end := c.layout.part(i)
		at := int64(i) + by
		switch {
		case at >= int64(start) && at < int64(end):
			c.rows[k] = int32(at)
		case c.other != nil:
			c.rows[k], defaults = fromDefault, true
		default:
			c.rows[k] = fromNowhere
		}
	}
	return defaults
}

// withDefaults gathers the values and puts the row's own default where none is.
func (c *valueColumn) withDefaults(from, to int) (arrow.Array, error) {
	values, err := batch.Gather(c.arg, c.rows)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	own := array.NewSlice(c.other, int64(from), int64(to))
	defer own.Release()
	both, err := batch.Concat([]arrow.Array{values, own})
	if err != nil {
		return nil, err
	}
	defer both.Release()
	for k, r := range c.rows {
		c.rows[k] = int32(k)
		if r == fromDefault {
			c.rows[k] = int32(to - from + k)
		}
	}
	return batch.Gather(both, c.rows)
}

// ends finds the first or last rows of the frames.
func (c *valueColumn) ends(from int) {
	var buf [3]span
	for k := range c.rows {
		spans := c.frames.spans(from+k, &buf)
		switch {
		case len(spans) == 0:
			c.rows[k] = fromNowhere
		case c.name == "first_value":
			c.rows[k] = spans[0].from
		default:
			c.rows[k] = spans[len(spans)-1].to - 1
		}
	}
}

// nth finds the rows at the wanted places of the frames.
func (c *valueColumn) nth(from int) error {
	var buf [3]span
	for k := range c.rows {
		i := from + k
		c.rows[k] = fromNowhere
		if c.null != nil && c.null[i] {
			continue
		}
		left := c.offset[i]
		if left <= 0 {
			return sqlerr.New("22016", "argument of nth_value must be greater than zero")
		}
		for _, s := range c.frames.spans(i, &buf) {
			if n := s.to - s.from; left > n {
				left -= n
				continue
			}
			c.rows[k] = s.from + left - 1
			break
		}
	}
	return nil
}
