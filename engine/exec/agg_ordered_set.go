package exec

import (
	"math"
	"sort"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// orderedSetOf sorts each group by what is ordered by before it goes to an ordered-set aggregate, whose columns are the
// direct arguments and then those.
func orderedSetOf(r *run, item plan.AggItem, base func() accumulator) (func() accumulator, error) {
	n := len(item.Args) + len(item.OrderBy)
	var by []feedKey
	for i, k := range item.OrderBy {
		if err := sortable([]*types.Type{k.Expr.Type()}); err != nil {
			return nil, err
		}
		by = append(by, feedKey{
			col: len(item.Args) + i, typ: k.Expr.Type(), dir: direction{desc: k.Desc, nullsFirst: k.NullsFirst},
		})
	}
	if !item.Fn.Variadic {
		by[0].dir.nullsFirst = false // they do not count, and lie where they can be cut off
	}
	return func() accumulator { return newOrdered(r, base(), n, n, by) }, nil
}

// picked is percentile_cont, percentile_disc or mode: values of each group by their place in its order. The direct
// argument is that of the group's first row, since it can only be of grouped columns.
type picked struct {
	run  *run
	item plan.AggItem
	rows *rowStore // the direct argument, if any, and the values
}

func orderedPick(r *run, item plan.AggItem) func() accumulator {
	return func() accumulator { return &picked{run: r, item: item, rows: newRowStore(len(item.Args) + 1)} }
}

func (p *picked) grow(n int) { p.rows.grow(n) }

func (p *picked) add(ids []int32, args []arrow.Array) error {
	p.rows.add(ids, args)
	return nil
}

func (p *picked) merge(o accumulator, from, to []int32) error {
	return p.rows.merge(o.(*picked).rows, from, to)
}

func (p *picked) bytes() int64 { return p.rows.held }

func (p *picked) result(from, to int) (arrow.Array, error) {
	if err := p.rows.settle(); err != nil {
		return nil, err
	}
	if len(p.rows.ids) == 0 {
		if err := p.checkFractions(); err != nil {
			return nil, err
		}
		return array.MakeArrayOfNull(allocator, p.item.Type.Arrow(), to-from), nil
	}
	switch {
	case p.item.Fn.Name == "mode":
		return p.modes(from, to)
	case p.item.Args[0].Type().Kind == types.Array:
		return p.lists(from, to)
	}
	c := newPercentiles(p)
	fractions, null := fixedView[float64](p.rows.cols[0].Data()), nullsOf(p.rows.cols[0])
	for g := from; g < to; g++ {
		rows := p.rows.rows(g)
		if len(rows) == 0 || null != nil && null[rows[0]] {
			c.none()
		} else if err := c.place(rows, fractions[rows[0]]); err != nil {
			return nil, err
		}
	}
	return c.values()
}

// checkFractions refuses constant fractions out of range, which are an error even of no rows.
func (p *picked) checkFractions() error {
	if len(p.item.Args) == 0 {
		return nil
	}
	used := map[expr.ColumnID]bool{}
	if expr.Columns(p.item.Args[0], used); len(used) > 0 {
		return nil
	}
	v, err := eval.Constant(p.item.Args[0], p.run.rt.Env)
	if err != nil {
		return err
	}
	if f, ok := v.(float64); ok {
		return checkFraction(f)
	}
	return nil
}

// lists gives each group an array of the values at an array of fractions; the array's NULLs stay NULL.
func (p *picked) lists(from, to int) (arrow.Array, error) {
	whole := p.rows.cols[0]
	list, bounds := arrayParts(whole)
	c := newPercentiles(p)
	elems := list.ListValues()
	fractions, null := fixedView[float64](elems.Data()), nullsOf(elems)
	offs, none, firsts := make([]int32, to-from+1), make([]bool, to-from), make([]int32, to-from)
	for i := range none {
		rows := p.rows.rows(from + i)
		if none[i] = c.valued(rows) == 0 || whole.IsNull(int(rows[0])); !none[i] {
			first, end := list.ValueOffsets(int(rows[0]))
			for e := first; e < end; e++ {
				if null != nil && null[e] {
					c.none()
				} else if err := c.place(rows, fractions[e]); err != nil {
					return nil, err
				}
			}
		}
		offs[i+1] = int32(len(c.low))
		if firsts[i] = -1; len(rows) > 0 {
			firsts[i] = rows[0]
		}
	}
	values, err := c.values()
	if err != nil {
		return nil, err
	}
	defer values.Release()
	if bounds == nil {
		return listArray(p.item.Type, offs, values, none), nil
	}
	lists := listArray(p.item.Type.Fields[0].Type, offs, values, none)
	defer lists.Release()
	shape, err := batch.Gather(bounds, firsts)
	if err != nil {
		return nil, err
	}
	defer shape.Release()
	return structArray(p.item.Type, none, lists, shape), nil
}

// listArray is an array of lists over the values that it shares.
func listArray(t *types.Type, offs []int32, values arrow.Array, null []bool) arrow.Array {
	valid, nulls := bitmapOf(null)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(offs))), 4*len(offs))
	d := array.NewData(t.Arrow(), len(offs)-1, []*memory.Buffer{valid, memory.NewBufferBytes(b)},
		[]arrow.ArrayData{values.Data()}, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// percentiles are places between two rows each: low, high and how far from low to high; -1 for NULL.
type percentiles struct {
	*picked
	null      []bool // of the values
	low, high []int32
	share     []float64
}

func newPercentiles(p *picked) *percentiles {
	return &percentiles{picked: p, null: nullsOf(p.rows.cols[len(p.rows.cols)-1])}
}

// valued is how many of a group's rows have a value; NULLs are behind them.
func (c *percentiles) valued(rows []int32) int {
	return valued(rows, c.null)
}

func valued(rows []int32, null []bool) int {
	if null == nil {
		return len(rows)
	}
	return sort.Search(len(rows), func(i int) bool { return null[rows[i]] })
}

func (c *percentiles) none() { c.put(-1, -1, 0) }

func (c *percentiles) put(low, high int32, share float64) {
	c.low, c.high, c.share = append(c.low, low), append(c.high, high), append(c.share, share)
}

func checkFraction(v float64) error {
	if v >= 0 && v <= 1 {
		return nil
	}
	text := "nan" // as C prints it
	if v == v {
		text = strconv.FormatFloat(v, 'g', 6, 64)
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "percentile value %s is not between 0 and 1", text)
}

// place finds a fraction of a group's rows, which are in order (orderedsetaggs.c).
func (c *percentiles) place(rows []int32, fraction float64) error {
	if err := checkFraction(fraction); err != nil {
		return err
	}
	if rows = rows[:c.valued(rows)]; len(rows) == 0 {
		c.none()
		return nil
	}
	n := float64(len(rows))
	if c.item.Fn.Name == "percentile_disc" {
		at := rows[max(int(math.Ceil(fraction*n)), 1)-1]
		c.put(at, at, 0)
		return nil
	}
	at := fraction * (n - 1)
	first := math.Floor(at)
	c.put(rows[int(first)], rows[int(math.Ceil(at))], at-first)
	return nil
}

// values are the values at the places, between two rows by the share.
func (c *percentiles) values() (arrow.Array, error) {
	col := c.rows.cols[len(c.rows.cols)-1]
	if c.item.Fn.Name == "percentile_disc" {
		return batch.Gather(col, c.low)
	}
	null := make([]bool, len(c.low))
	if c.item.OrderBy[0].Expr.Type().Kind == types.Float8 {
		v, out := fixedView[float64](col.Data()), make([]float64, len(c.low))
		for i, at := range c.low {
			if null[i] = at < 0; at >= 0 {
				out[i] = v[at]
				if c.high[i] != at {
					out[i] += float64(c.share[i] * (v[c.high[i]] - v[at]))
				}
			}
		}
		return fixedArray(arrow.PrimitiveTypes.Float64, out, null), nil
	}
	v, out := fixedView[arrow.MonthDayNanoInterval](col.Data()), make([]arrow.MonthDayNanoInterval, len(c.low))
	for i, at := range c.low {
		if null[i] = at < 0; at < 0 {
			continue
		}
		between, err := intervalBetween(intervalValue(v[at]), intervalValue(v[c.high[i]]), c.share[i])
		if err != nil {
			return nil, err
		}
		if out[i], err = between.Storage(); err != nil {
			return nil, err
		}
	}
	return fixedArray(types.IntervalT.Arrow(), out, null), nil
}

// intervalBetween is low + share × (high - low), as interval_lerp of PostgreSQL.
func intervalBetween(low, high datum.Interval, share float64) (datum.Interval, error) {
	if low == high || share == 0 {
		return low, nil
	}
	diff, err := high.Sub(low)
	if err != nil {
		return low, err
	}
	if diff, err = diff.Scale(share, false); err != nil {
		return low, err
	}
	return diff.Add(low)
}

// modes are the most frequent values; of several the first in order.
func (p *picked) modes(from, to int) (arrow.Array, error) {
	col := p.rows.cols[0]
	key, err := newOrderKey(col, p.item.OrderBy[0].Expr.Type(), direction{})
	if err != nil {
		return nil, err
	}
	picks, null := make([]int32, to-from), nullsOf(col)
	for i := range picks {
		picks[i] = -1
		rows, most := p.rows.rows(from+i), 0
		rows = rows[:valued(rows, null)]
		for at := 0; at < len(rows); {
			end := at + 1
			for end < len(rows) && key.compare(rows[at], &key, rows[end]) == 0 {
				end++
			}
			if end-at > most {
				picks[i], most = rows[at], end-at
			}
			at = end
		}
	}
	return batch.Gather(col, picks)
}
