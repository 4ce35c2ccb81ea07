package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// rankColumn is row_number, rank, dense_rank, percent_rank or cume_dist: all follow from the layout.
type rankColumn struct {
	layout *layout
	name   string
}

func (c *rankColumn) values(_ context.Context, from, to int) (arrow.Array, error) {
	l := c.layout
	switch c.name {
	case "percent_rank", "cume_dist":
		return fixedArray(arrow.PrimitiveTypes.Float64, c.shares(from, to), nil), nil
	}
	out := make([]int64, to-from)
	switch c.name {
	case "row_number":
		for k := range out {
			start, _ := l.part(from + k)
			out[k] = int64(from + k - start + 1)
		}
	case "rank":
		for k := range out {
			g := l.group[from+k]
			out[k] = int64(l.groupStart[g]-l.partStart[l.groupPart[g]]) + 1
		}
	default: // dense_rank
		for k := range out {
			g := l.group[from+k]
			out[k] = int64(g-l.partGroup[l.groupPart[g]]) + 1
		}
	}
	return fixedArray(arrow.PrimitiveTypes.Int64, out, nil), nil
}

// shares are percent_rank, (rank-1)/(rows-1), and cume_dist, the share of rows up to the last peer.
func (c *rankColumn) shares(from, to int) []float64 {
	l, out := c.layout, make([]float64, to-from)
	for k := range out {
		first, end := l.part(from + k)
		peer, last := l.peers(from + k)
		rows := float64(end - first)
		switch {
		case c.name == "cume_dist":
			out[k] = float64(last-first) / rows
		case rows > 1:
			out[k] = float64(peer-first) / (rows - 1)
		}
	}
	return out
}

// tileColumn is ntile, computed at once.
type tileColumn struct {
	v    []int32
	null []bool
}

func (c *tileColumn) values(_ context.Context, from, to int) (arrow.Array, error) {
	var null []bool
	if c.null != nil {
		null = c.null[from:to]
	}
	return fixedArray(arrow.PrimitiveTypes.Int32, c.v[from:to], null), nil
}

// tiles deals each partition's rows out to as many buckets as the argument says in the first row where it is not NULL;
// rows before have NULL. Leading buckets take the rows that remain (windowfuncs.c, window_ntile).
func (s *windowStream) tiles(it *windowItem) (windowColumn, error) {
	arg, err := s.inOrder(it.args[0])
	if err != nil {
		return nil, err
	}
	l := s.layout
	if err := s.ledger.add(int64(5 * l.n)); err != nil {
		return nil, err
	}
	buckets, null := fixedView[int32](arg.Data()), nullsOf(arg)
	c := &tileColumn{v: make([]int32, l.n)}
	if null != nil {
		c.null = make([]bool, l.n)
	}
	for p := range len(l.partStart) - 1 {
		from, to := int(l.partStart[p]), int(l.partStart[p+1])
		i := from
		for i < to && null != nil && null[i] {
			c.null[i] = true
			i++
		}
		if i == to {
			continue
		}
		if buckets[i] <= 0 {
			return nil, sqlerr.New("22014", "argument of ntile must be greater than zero")
		}
		deal(c.v[i:to], to-from, int(buckets[i]))
	}
	return c, nil
}

// deal numbers rows by buckets whose sizes are those for total rows.
func deal(rows []int32, total, buckets int) {
	size, longer := total/buckets, total%buckets
	if size == 0 {
		size, longer = 1, 0
	} else if longer > 0 {
		size++
	}
	bucket, in := 1, 0
	for i := range rows {
		if in++; in > size {
			if longer > 0 && bucket == longer {
				size, longer = size-1, 0
			}
			bucket, in = bucket+1, 1
		}
		rows[i] = int32(bucket)
	}
}
