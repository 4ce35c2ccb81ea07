package exec

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// counter is count(*) and count(any).
type counter struct{ n []int64 }

func (c *counter) grow(n int) { c.n = grown(c.n, n) }

func (c *counter) add(ids []int32, args []arrow.Array) error {
	if len(args) == 0 || args[0].NullN() == 0 {
		if len(c.n) == 1 {
			c.n[0] += int64(len(ids))
			return nil
		}
		for _, g := range ids {
			c.n[g]++
		}
		return nil
	}
	for i, is := range nullsOf(args[0]) {
		if !is {
			c.n[ids[i]]++
		}
	}
	return nil
}

func (c *counter) merge(o accumulator, from, to []int32) error {
	for i, f := range from {
		c.n[to[i]] += o.(*counter).n[f]
	}
	return nil
}

func (c *counter) result(from, to int) (arrow.Array, error) {
	return fixedArray(arrow.PrimitiveTypes.Int64, c.n[from:to], nil), nil
}

func (c *counter) bytes() int64 { return int64(8 * cap(c.n)) }

// int192 is a signed integer in two's complement, least significant word first. Sums of fewer than 2^64 values of 128
// bits fit.
type int192 [3]uint64

func (s *int192) add64(v int64) {
	var c uint64
	sign := uint64(v >> 63)
	s[0], c = bits.Add64(s[0], uint64(v), 0)
	s[1], c = bits.Add64(s[1], sign, c)
	s[2], _ = bits.Add64(s[2], sign, c)
}

func (s *int192) add128(lo, hi uint64) {
	var c uint64
	s[0], c = bits.Add64(s[0], lo, 0)
	s[1], c = bits.Add64(s[1], hi, c)
	s[2], _ = bits.Add64(s[2], uint64(int64(hi)>>63), c)
}

func (s *int192) add(o *int192) {
	var c uint64
	s[0], c = bits.Add64(s[0], o[0], 0)
	s[1], c = bits.Add64(s[1], o[1], c)
	s[2], _ = bits.Add64(s[2], o[2], c)
}

// small says whether the value fits into 128 bits.
func (s *int192) small() bool { return s[2] == uint64(int64(s[1])>>63) }

// num is the value at a scale.
func (s *int192) num(scale int32) numeric.Num {
	if s.small() {
		return numeric.FromInt128(int64(s[1]), s[0], scale)
	}
	v := new(big.Int)
	for i := 2; i >= 0; i-- {
		v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(s[i]))
	}
	if int64(s[2]) < 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), 192))
	}
	return numeric.FromBig(v, scale)
}

// exactValues feeds the values of an exact type to f-free loops: integers and decimals of up to 64 bits as words, wider
// ones as pairs, numerics of their own scale as encodings.
type exactKind uint8

const (
	notExact exactKind = iota
	int16Values
	int32Values
	int64Values
	int128Values
	numericValues
)

func exactOf(t *types.Type) (kind exactKind, scale int32) {
	switch t.Kind {
	case types.Int2:
		return int16Values, 0
	case types.Int4:
		return int32Values, 0
	case types.Int8, types.Money:
		return int64Values, 0
	case types.Numeric:
		switch t.NumericStorage() {
		case types.Decimal64:
			return int64Values, t.Scale
		case types.Decimal128:
			return int128Values, t.Scale
		}
		return numericValues, 0
	}
	return notExact, 0
}

// exactSum is the count and the exact sum by group; sum and avg of exact types.
type exactSum struct {
	kind  exactKind
	scale int32
	typ   *types.Type // of the result
	mean  bool
	n     []int64
	sum   []int192
	nums  []numeric.Num // numericValues
}

func sumOf(arg, result *types.Type) func() accumulator {
	switch arg.Kind {
	case types.Float4:
		return func() accumulator { return &floatSum[float32]{dt: arrow.PrimitiveTypes.Float32} }
	case types.Float8:
		return func() accumulator { return &floatSum[float64]{dt: arrow.PrimitiveTypes.Float64} }
	case types.Interval:
		return func() accumulator { return &intervalSum{} }
	}
	kind, scale := exactOf(arg)
	if kind == notExact {
		return nil
	}
	return func() accumulator { return &exactSum{kind: kind, scale: scale, typ: result} }
}

func averageOf(arg *types.Type) func() accumulator {
	if arg.IsFloat() {
		return func() accumulator { return &floatMoments{mean: true, single: arg.Kind == types.Float4} }
	}
	if arg.Kind == types.Interval {
		return func() accumulator { return &intervalSum{mean: true} }
	}
	kind, scale := exactOf(arg)
	if kind == notExact || arg.Kind == types.Money {
		return nil
	}
	return func() accumulator { return &exactSum{kind: kind, scale: scale, typ: types.NumericT, mean: true} }
}

func (s *exactSum) grow(n int) {
	s.n = grown(s.n, n)
	if s.kind == numericValues {
		s.nums = grown(s.nums, n)
	} else {
		s.sum = grown(s.sum, n)
	}
}

func (s *exactSum) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	d := args[0].Data()
	switch s.kind {
	case int16Values:
		addExact(s, ids, fixedView[int16](d), null)
	case int32Values:
		addExact(s, ids, fixedView[int32](d), null)
	case int64Values:
		addExact(s, ids, fixedView[int64](d), null)
	case int128Values:
		for i, v := range fixedView[[2]uint64](d) {
			if null == nil || !null[i] {
				s.sum[ids[i]].add128(v[0], v[1])
				s.n[ids[i]]++
			}
		}
	default:
		return s.addNumerics(ids, args[0], null)
	}
	return nil
}

// addExact adds values of at most 64 bits. One group, and no NULLs, have loops of their own.
func addExact[T int16 | int32 | int64](s *exactSum, ids []int32, v []T, null []bool) {
	switch {
	case null == nil && len(s.n) == 1:
		var lo, hi, c uint64
		for _, x := range v {
			lo, c = bits.Add64(lo, uint64(int64(x)), 0)
			hi += uint64(int64(x)>>63) + c
		}
		s.sum[0].add128(lo, hi)
		s.n[0] += int64(len(v))
	case null == nil:
		for i, g := range ids {
			s.sum[g].add64(int64(v[i]))
			s.n[g]++
		}
	default:
		for i, g := range ids {
			if !null[i] {
				s.sum[g].add64(int64(v[i]))
				s.n[g]++
			}
		}
	}
}

func (s *exactSum) addNumerics(ids []int32, a arrow.Array, null []bool) error {
	offs, data := varView(a.Data())
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		sum, err := numeric.Add(s.nums[g], numeric.Decode(data[offs[i]:offs[i+1]]))
		if err != nil {
			return err
		}
		s.nums[g] = sum
		s.n[g]++
	}
	return nil
}

func (s *exactSum) merge(other accumulator, from, to []int32) error {
	o := other.(*exactSum)
	for i, f := range from {
		t := to[i]
		s.n[t] += o.n[f]
		if s.kind != numericValues {
			s.sum[t].add(&o.sum[f])
			continue
		}
		var err error
		if s.nums[t], err = numeric.Add(s.nums[t], o.nums[f]); err != nil {
			return err
		}
	}
	return nil
}

// value is the sum of a group.
func (s *exactSum) value(g int) numeric.Num {
	if s.kind == numericValues {
		return s.nums[g]
	}
	return s.sum[g].num(s.scale)
}

func (s *exactSum) result(from, to int) (arrow.Array, error) {
	null := make([]bool, to-from)
	for i := range null {
		null[i] = s.n[from+i] == 0
	}
	switch {
	case s.mean:
		return numericArray(null, func(i int) (numeric.Num, error) {
			return numeric.Div(s.value(from+i), numeric.FromInt64(s.n[from+i], 0))
		})
	case s.typ.Kind == types.Int8 || s.typ.Kind == types.Money:
		return s.int64Result(from, to, null)
	case s.typ.NumericStorage() == types.Decimal128:
		return s.decimalResult(from, to, null)
	}
	return numericArray(null, func(i int) (numeric.Num, error) { return s.value(from + i), nil })
}

func (s *exactSum) int64Result(from, to int, null []bool) (arrow.Array, error) {
	out := make([]int64, to-from)
	for i := range out {
		v := &s.sum[from+i]
		if !v.small() || v[1] != uint64(int64(v[0])>>63) {
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", s.typ)
		}
		out[i] = int64(v[0])
	}
	return fixedArray(s.typ.Arrow(), out, null), nil
}

func (s *exactSum) decimalResult(from, to int, null []bool) (arrow.Array, error) {
	out := make([][2]uint64, to-from)
	for i := range out {
		v := &s.sum[from+i]
		if !v.small() || v.num(0).Digits() > types.MaxDecimal128 {
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "a sum of numeric needs more than %d digits", types.MaxDecimal128).
				WithHint("cast the argument to numeric without precision")
		}
		out[i] = [2]uint64{v[0], v[1]}
	}
	return fixedArray(s.typ.Arrow(), out, null), nil
}

func (s *exactSum) bytes() int64 { return int64(8*cap(s.n) + 24*cap(s.sum) + 48*cap(s.nums)) }

// exactTwin is another answer (the average, the sum) from the state of an exact sum over the same values.
type exactTwin struct{ of, as *exactSum }

func (t *exactTwin) grow(int)                                  {}
func (t *exactTwin) add([]int32, []arrow.Array) error          { return nil }
func (t *exactTwin) merge(accumulator, []int32, []int32) error { return nil }
func (t *exactTwin) bytes() int64                              { return 0 }

func (t *exactTwin) result(from, to int) (arrow.Array, error) {
	s := *t.of
	s.typ, s.mean = t.as.typ, t.as.mean
	return s.result(from, to)
}

// numericArray builds a vector of numerics of their own scales.
func numericArray(null []bool, f func(i int) (numeric.Num, error)) (arrow.Array, error) {
	offs, data := make([]int32, len(null)+1), make([]byte, 0, 12*len(null))
	for i, is := range null {
		if !is {
			v, err := f(i)
			if err != nil {
				return nil, err
			}
			data = numeric.Append(data, v)
		}
		offs[i+1] = int32(len(data))
	}
	return bytesArray(types.NumericT.Arrow(), offs, data, null), nil
}

// floatSum is sum of real and double precision, which PostgreSQL adds in the type itself.
type floatSum[T float32 | float64] struct {
	dt   arrow.DataType
	seen []bool
	sum  []T
}

func (s *floatSum[T]) grow(n int) { s.seen, s.sum = grown(s.seen, n), grown(s.sum, n) }

func (s *floatSum[T]) add(ids []int32, args []arrow.Array) error {
	v, null := fixedView[T](args[0].Data()), nullsOf(args[0])
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		if err := s.plus(g, v[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *floatSum[T]) plus(g int32, v T) error {
	if !s.seen[g] {
		s.sum[g], s.seen[g] = v, true // not 0 + v: the sum of -0 is -0
		return nil
	}
	old := s.sum[g]
	sum := old + v
	if math.IsInf(float64(sum), 0) && !math.IsInf(float64(old), 0) && !math.IsInf(float64(v), 0) {
		return floatOverflow()
	}
	s.sum[g] = sum
	return nil
}

func floatOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
}

func (s *floatSum[T]) merge(other accumulator, from, to []int32) error {
	o := other.(*floatSum[T])
	for i, f := range from {
		if o.seen[f] {
			if err := s.plus(to[i], o.sum[f]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *floatSum[T]) result(from, to int) (arrow.Array, error) {
	null := make([]bool, to-from)
	for i := range null {
		null[i] = !s.seen[from+i]
	}
	return fixedArray(s.dt, s.sum[from:to], null), nil
}

func (s *floatSum[T]) bytes() int64 { return int64(9 * cap(s.sum)) }
