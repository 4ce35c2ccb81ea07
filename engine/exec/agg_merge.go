package exec

import (
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// mergeOf merges what partial aggregates gave: the functions of plan.Decompose, whose arguments are the parts' columns.
func mergeOf(item plan.AggItem) func() accumulator {
	name := strings.TrimPrefix(item.Fn.Name, "merge_")
	arg := item.Args[0].Type()
	switch name {
	case "count":
		return func() accumulator { return &mergedCount{} }
	case "sum":
		return sumOf(arg, item.Type)
	case "avg":
		return mergedAverageOf(arg)
	}
	root, sample := strings.HasPrefix(name, "stddev"), !strings.HasSuffix(name, "_pop")
	sum, last := item.Args[1].Type(), item.Args[2].Type()
	if sum.Kind == types.Float8 {
		return func() accumulator { return &mergedMoments{floatMoments{sample: sample, root: root}} }
	}
	return func() accumulator {
		return &mergedVariance{exactVariance: exactVariance{kind: numericValues, sample: sample, root: root}, sum: sum, squares: last}
	}
}

// mergedCount adds counts up; of no parts it is 0.
type mergedCount struct{ counter }

func (c *mergedCount) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	for i, n := range fixedView[int64](args[0].Data()) {
		if null == nil || !null[i] {
			c.n[ids[i]] += n
		}
	}
	return nil
}

func (c *mergedCount) merge(o accumulator, from, to []int32) error {
	return c.counter.merge(&o.(*mergedCount).counter, from, to)
}

func mergedAverageOf(sum *types.Type) func() accumulator {
	if sum.Kind == types.Float8 {
		return func() accumulator { return &mergedMean{} }
	}
	if sum.Kind == types.Interval {
		return func() accumulator { return &mergedIntervals{intervalSum{mean: true}} }
	}
	kind, scale := exactOf(sum)
	if kind == notExact {
		return nil
	}
	return func() accumulator {
		return &mergedAverage{exactSum{kind: kind, scale: scale, typ: types.NumericT, mean: true}}
	}
}

// mergedAverage is the average of (sum, count) pairs of an exact type; the sum of a part without values is NULL.
type mergedAverage struct{ exactSum }

func (m *mergedAverage) add(ids []int32, args []arrow.Array) error {
	if err := m.exactSum.add(ids, args[:1]); err != nil {
		return err
	}
	// The sum has counted every part as one value.
	null := nullsOf(args[0])
	for i, n := range fixedView[int64](args[1].Data()) {
		if null == nil || !null[i] {
			m.n[ids[i]] += n - 1
		}
	}
	return nil
}

func (m *mergedAverage) merge(o accumulator, from, to []int32) error {
	return m.exactSum.merge(&o.(*mergedAverage).exactSum, from, to)
}

// mergedMean is the average of (sum, count) pairs of floats.
type mergedMean struct {
	n   []int64
	sum []float64
}

func (m *mergedMean) grow(n int) { m.n, m.sum = grown(m.n, n), grown(m.sum, n) }

func (m *mergedMean) add(ids []int32, args []arrow.Array) error {
	sums, counts, null := fixedView[float64](args[0].Data()), fixedView[int64](args[1].Data()), nullsOf(args[0])
	for i, g := range ids {
		if null == nil || !null[i] {
			if err := m.plus(g, counts[i], sums[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// plus starts at 0, as PostgreSQL's float8_accum does: the average of -0 is 0.
func (m *mergedMean) plus(g int32, n int64, v float64) error {
	old := m.sum[g]
	m.sum[g], m.n[g] = old+v, m.n[g]+n
	if math.IsInf(m.sum[g], 0) && !math.IsInf(old, 0) && !math.IsInf(v, 0) {
		return floatOverflow()
	}
	return nil
}

func (m *mergedMean) merge(other accumulator, from, to []int32) error {
	o := other.(*mergedMean)
	for i, f := range from {
		if err := m.plus(to[i], o.n[f], o.sum[f]); err != nil {
			return err
		}
	}
	return nil
}

func (m *mergedMean) result(from, to int) (arrow.Array, error) {
	out, null := make([]float64, to-from), make([]bool, to-from)
	for i := range out {
		n := m.n[from+i]
		if null[i] = n == 0; n > 0 {
			out[i] = m.sum[from+i] / float64(n)
		}
	}
	return fixedArray(arrow.PrimitiveTypes.Float64, out, null), nil
}

func (m *mergedMean) bytes() int64 { return int64(16 * cap(m.n)) }

// mergedMoments is the variance of (count, sum, sum of squared deviations) of floats.
type mergedMoments struct{ floatMoments }

func (m *mergedMoments) add(ids []int32, args []arrow.Array) error {
	counts, sums, squares := fixedView[int64](args[0].Data()), fixedView[float64](args[1].Data()), fixedView[float64](args[2].Data())
	for i, g := range ids {
		if err := m.combine(g, float64(counts[i]), sums[i], squares[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *mergedMoments) merge(o accumulator, from, to []int32) error {
	return m.floatMoments.merge(&o.(*mergedMoments).floatMoments, from, to)
}

// mergedVariance is the variance of (count, sum, sum of squares) of numerics.
type mergedVariance struct {
	exactVariance
	sum, squares *types.Type // of the second and the third argument
}

func (m *mergedVariance) add(ids []int32, args []arrow.Array) error {
	counts, null := fixedView[int64](args[0].Data()), nullsOf(args[1])
	sums, squares := numbers(args[1], m.sum), numbers(args[2], m.squares)
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		m.n[g] += counts[i]
		if sums[i].Class != numeric.Finite || squares[i].Class != numeric.Finite {
			m.wide[g].special = true
			continue
		}
		if err := m.wide[g].add(&exactMoments{sum: sums[i], squares: squares[i]}); err != nil {
			return err
		}
	}
	return nil
}

func (m *mergedVariance) merge(o accumulator, from, to []int32) error {
	return m.exactVariance.merge(&o.(*mergedVariance).exactVariance, from, to)
}

// numbers are the values of an array of numerics in any storage; NULLs are 0.
func numbers(a arrow.Array, t *types.Type) []numeric.Num {
	out, null := make([]numeric.Num, a.Len()), nullsOf(a)
	valid := func(i int) bool { return null == nil || !null[i] }
	switch t.NumericStorage() {
	case types.Decimal64:
		for i, v := range fixedView[int64](a.Data()) {
			if valid(i) {
				out[i] = numeric.FromInt64(v, t.Scale)
			}
		}
	case types.Decimal128:
		for i, v := range fixedView[[2]uint64](a.Data()) {
			if valid(i) {
				out[i] = numeric.FromInt128(int64(v[1]), v[0], t.Scale)
			}
		}
	default:
		offs, data := varView(a.Data())
		for i := range out {
			if valid(i) {
				out[i] = numeric.Decode(data[offs[i]:offs[i+1]])
			}
		}
	}
	return out
}
