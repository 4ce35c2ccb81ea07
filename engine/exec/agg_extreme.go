package exec

import (
	"bytes"
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// extremeOf is min or max over the types that PostgreSQL has them for and whose order is one of vectors.
func extremeOf(t *types.Type, largest bool) func() accumulator {
	switch t.Kind {
	case types.Int2:
		return func() accumulator { return &extreme[int16]{typ: t, largest: largest} }
	case types.Int4, types.Enum, types.Date:
		return func() accumulator { return &extreme[int32]{typ: t, largest: largest} }
	case types.Int8, types.OID, types.Money, types.Time, types.Timestamp, types.TimestampTZ:
		return func() accumulator { return &extreme[int64]{typ: t, largest: largest} }
	case types.Float4:
		return func() accumulator { return &extreme[float32]{typ: t, largest: largest} }
	case types.Float8:
		return func() accumulator { return &extreme[float64]{typ: t, largest: largest} }
	case types.Interval:
		return func() accumulator { return &extremePair{typ: t, largest: largest, key: intervalPair} }
	case types.Numeric:
		switch t.NumericStorage() {
		case types.Decimal64:
			return func() accumulator { return &extreme[int64]{typ: t, largest: largest} }
		case types.Decimal128:
			return func() accumulator { return &extremePair{typ: t, largest: largest, key: decimalPair} }
		}
		return func() accumulator { return &extremeBytes{typ: t, largest: largest, compare: numeric.Compare} }
	case types.Bpchar:
		return func() accumulator {
			return &extremeBytes{typ: t, largest: largest, first: true, compare: compareBlankPadded}
		}
	case types.Text, types.Varchar, types.Name, types.Unknown:
		return func() accumulator {
			return &extremeBytes{typ: t, largest: largest, first: true, compare: bytes.Compare}
		}
	case types.TimeTZ, types.Inet, types.Array:
		return func() accumulator { return &extremeKey{typ: t, largest: largest} }
	}
	return nil
}

func compareBlankPadded(a, b []byte) int { return bytes.Compare(trimBlanks(a), trimBlanks(b)) }

// extreme is the smallest or largest value by group; NaN is larger than every number. Of values that are equal but not
// the same (float zeros, intervals, numerics of other scales) PostgreSQL keeps the last, of char(n) the first.
type extreme[T int16 | int32 | int64 | float32 | float64] struct {
	typ     *types.Type
	largest bool
	seen    []bool
	v       []T
}

func (e *extreme[T]) grow(n int) { e.seen, e.v = grown(e.seen, n), grown(e.v, n) }

func (e *extreme[T]) add(ids []int32, args []arrow.Array) error {
	v, null := fixedView[T](args[0].Data()), nullsOf(args[0])
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		if x := v[i]; !e.seen[g] || beats(x, e.v[g], e.largest) {
			e.v[g], e.seen[g] = x, true
		}
	}
	return nil
}

func beats[T int16 | int32 | int64 | float32 | float64](x, old T, largest bool) bool {
	if largest {
		return x >= old || x != x
	}
	return x <= old || old != old
}

func (e *extreme[T]) merge(other accumulator, from, to []int32) error {
	o := other.(*extreme[T])
	for i, f := range from {
		if g := to[i]; o.seen[f] && (!e.seen[g] || beats(o.v[f], e.v[g], e.largest)) {
			e.v[g], e.seen[g] = o.v[f], true
		}
	}
	return nil
}

func (e *extreme[T]) result(from, to int) (arrow.Array, error) {
	return fixedArray(e.typ.Arrow(), e.v[from:to], unseen(e.seen[from:to])), nil
}

func (e *extreme[T]) bytes() int64 { return int64(9 * cap(e.v)) }

func unseen(seen []bool) []bool {
	null := make([]bool, len(seen))
	for i, s := range seen {
		null[i] = !s
	}
	return null
}

// orderedPair is a signed 128-bit value that sorts as its owner does.
type orderedPair struct {
	hi int64
	lo uint64
}

func (a orderedPair) less(b orderedPair) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

func decimalPair(v [2]uint64) orderedPair { return orderedPair{int64(v[1]), v[0]} }

func intervalPair(v [2]uint64) orderedPair {
	hi, lo := intervalSpan(arrow.MonthDayNanoInterval{
		Months: int32(uint32(v[0])), Days: int32(uint32(v[0] >> 32)), Nanoseconds: int64(v[1]),
	})
	return orderedPair{hi, lo}
}

// extremePair is [extreme] for values of 16 bytes.
type extremePair struct {
	typ     *types.Type
	largest bool
	key     func([2]uint64) orderedPair
	seen    []bool
	v       [][2]uint64
	k       []orderedPair
}

func (e *extremePair) grow(n int) {
	e.seen, e.v, e.k = grown(e.seen, n), grown(e.v, n), grown(e.k, n)
}

func (e *extremePair) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	for i, x := range fixedView[[2]uint64](args[0].Data()) {
		if null == nil || !null[i] {
			e.take(ids[i], x)
		}
	}
	return nil
}

func (e *extremePair) take(g int32, x [2]uint64) {
	k := e.key(x)
	if !e.seen[g] || e.largest && !k.less(e.k[g]) || !e.largest && !e.k[g].less(k) {
		e.v[g], e.k[g], e.seen[g] = x, k, true
	}
}

func (e *extremePair) merge(other accumulator, from, to []int32) error {
	o := other.(*extremePair)
	for i, f := range from {
		if o.seen[f] {
			e.take(to[i], o.v[f])
		}
	}
	return nil
}

func (e *extremePair) result(from, to int) (arrow.Array, error) {
	return fixedArray(e.typ.Arrow(), e.v[from:to], unseen(e.seen[from:to])), nil
}

func (e *extremePair) bytes() int64 { return int64(33 * cap(e.v)) }

// extremeBytes is [extreme] for values of variable width; a group's buffer is used again for its next value.
type extremeBytes struct {
	typ     *types.Type
	largest bool
	first   bool // of equal values the first stays
	compare func(a, b []byte) int
	seen    []bool
	v       [][]byte
	held    int64
}

func (e *extremeBytes) grow(n int) { e.seen, e.v = grown(e.seen, n), grown(e.v, n) }

func (e *extremeBytes) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	offs, data := varView(args[0].Data())
	for i, g := range ids {
		if null == nil || !null[i] {
			e.take(g, data[offs[i]:offs[i+1]])
		}
	}
	return nil
}

func (e *extremeBytes) take(g int32, x []byte) {
	if e.seen[g] {
		c := e.compare(x, e.v[g])
		if !e.largest {
			c = -c
		}
		if c < 0 || c == 0 && e.first {
			return
		}
	}
	had := cap(e.v[g])
	e.v[g], e.seen[g] = append(e.v[g][:0], x...), true
	e.held += int64(cap(e.v[g]) - had)
}

func (e *extremeBytes) merge(other accumulator, from, to []int32) error {
	o := other.(*extremeBytes)
	for i, f := range from {
		if o.seen[f] {
			e.take(to[i], o.v[f])
		}
	}
	return nil
}

func (e *extremeBytes) result(from, to int) (arrow.Array, error) {
	offs, data := make([]int32, to-from+1), []byte(nil)
	for i := range to - from {
		data = append(data, e.v[from+i]...)
		if len(data) > math.MaxInt32 {
			return nil, tooLong(len(data))
		}
		offs[i+1] = int32(len(data))
	}
	return bytesArray(e.typ.Arrow(), offs, data, unseen(e.seen[from:to])), nil
}

func (e *extremeBytes) bytes() int64 { return int64(25*cap(e.v)) + e.held }
