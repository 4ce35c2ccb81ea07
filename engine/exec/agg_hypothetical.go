package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// hypothetical is rank, dense_rank, percent_rank or cume_dist WITHIN GROUP: the place that a row of the direct arguments
// would have among the group's rows, which come in order.
type hypothetical struct {
	item plan.AggItem
	rows *rowStore // the direct arguments, then what is ordered by
}

func (h *hypothetical) grow(n int) { h.rows.grow(n) }

func (h *hypothetical) add(ids []int32, args []arrow.Array) error {
	h.rows.add(ids, args)
	return nil
}

func (h *hypothetical) merge(o accumulator, from, to []int32) error {
	return h.rows.merge(o.(*hypothetical).rows, from, to)
}

func (h *hypothetical) bytes() int64 { return h.rows.held }

func (h *hypothetical) result(from, to int) (arrow.Array, error) {
	if err := h.rows.settle(); err != nil {
		return nil, err
	}
	var direct, ordered []orderKey
	for i, k := range h.item.OrderBy {
		if len(h.rows.ids) == 0 {
			break
		}
		t, d := k.Expr.Type(), direction{desc: k.Desc, nullsFirst: k.NullsFirst}
		a, err := newOrderKey(h.rows.cols[i], t, d)
		if err != nil {
			return nil, err
		}
		b, err := newOrderKey(h.rows.cols[len(h.item.Args)+i], t, d)
		if err != nil {
			return nil, err
		}
		direct, ordered = append(direct, a), append(ordered, b)
	}
	whole, share := make([]int64, to-from), make([]float64, to-from)
	for i := range whole {
		whole[i], share[i] = h.place(h.rows.rows(from+i), direct, ordered)
	}
	if h.item.Type.Kind == types.Int8 {
		return fixedArray(arrow.PrimitiveTypes.Int64, whole, nil), nil
	}
	return fixedArray(arrow.PrimitiveTypes.Float64, share, nil), nil
}

// place is the rank or the share of a group's hypothetical row (orderedsetaggs.c).
func (h *hypothetical) place(rows []int32, direct, ordered []orderKey) (whole int64, share float64) {
	before, distinct, upTo := 0, 0, 0
	for i, r := range rows {
		c := compareAcross(ordered, r, direct, rows[0])
		if c > 0 {
			break
		}
		upTo++
		if c == 0 {
			continue
		}
		before++
		if i == 0 || compareRows(ordered, rows[i-1], r) != 0 {
			distinct++
		}
	}
	switch n := float64(len(rows)); h.item.Fn.Name {
	case "rank":
		return int64(before) + 1, 0
	case "dense_rank":
		return int64(distinct) + 1, 0
	case "percent_rank":
		if n == 0 {
			return 0, 0
		}
		return 0, float64(before) / n
	default:
		return 0, float64(upTo+1) / (n + 1)
	}
}
