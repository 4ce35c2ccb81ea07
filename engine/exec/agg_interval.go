package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// intervalSum is sum and avg of intervals: interval_pl part by part, divided at the end by interval_div.
type intervalSum struct {
	mean bool
	n    []int64
	sum  []datum.Interval
}

func (s *intervalSum) grow(n int) { s.n, s.sum = grown(s.n, n), grown(s.sum, n) }

func (s *intervalSum) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	for i, v := range fixedView[arrow.MonthDayNanoInterval](args[0].Data()) {
		if null != nil && null[i] {
			continue
		}
		if err := s.plus(ids[i], 1, intervalValue(v)); err != nil {
			return err
		}
	}
	return nil
}

func intervalValue(v arrow.MonthDayNanoInterval) datum.Interval {
	return datum.Interval{Months: v.Months, Days: v.Days, Micros: v.Nanoseconds / 1000}
}

func (s *intervalSum) plus(g int32, n int64, v datum.Interval) (err error) {
	s.sum[g], err = s.sum[g].Add(v)
	s.n[g] += n
	return err
}

func (s *intervalSum) merge(other accumulator, from, to []int32) error {
	o := other.(*intervalSum)
	for i, f := range from {
		if err := s.plus(to[i], o.n[f], o.sum[f]); err != nil {
			return err
		}
	}
	return nil
}

func (s *intervalSum) result(from, to int) (arrow.Array, error) {
	out, null := make([]arrow.MonthDayNanoInterval, to-from), make([]bool, to-from)
	for i := range out {
		n, v := s.n[from+i], s.sum[from+i]
		if null[i] = n == 0; n == 0 {
			continue
		}
		var err error
		if s.mean {
			if v, err = v.Scale(float64(n), true); err != nil {
				return nil, err
			}
		}
		if out[i], err = v.Storage(); err != nil {
			return nil, err
		}
	}
	return fixedArray(types.IntervalT.Arrow(), out, null), nil
}

func (s *intervalSum) bytes() int64 { return int64(24 * cap(s.n)) }

// mergedIntervals is the average of (sum, count) pairs; the sum of a part without values is NULL.
type mergedIntervals struct{ intervalSum }

func (m *mergedIntervals) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	sums, counts := fixedView[arrow.MonthDayNanoInterval](args[0].Data()), fixedView[int64](args[1].Data())
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		if err := m.plus(g, counts[i], intervalValue(sums[i])); err != nil {
			return err
		}
	}
	return nil
}

func (m *mergedIntervals) merge(o accumulator, from, to []int32) error {
	return m.intervalSum.merge(&o.(*mergedIntervals).intervalSum, from, to)
}
