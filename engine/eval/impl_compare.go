package eval

import (
	"encoding/binary"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/expr"
	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// compareOp is one of the six comparisons.
type compareOp uint8

const (
	opEq compareOp = iota
	opNe
	opLt
	opLe
	opGt
	opGe
)

// anyCompare are functions of our own that compare two values of one type, for what the compiler expands. They are
// not in the function table.
var anyCompare = [...]*expr.Function{
	opEq: anyComparison("compare_eq", "="), opNe: anyComparison("compare_ne", "<>"), opLt: anyComparison("compare_lt", "<"),
	opLe: anyComparison("compare_le", "<="), opGt: anyComparison("compare_gt", ">"), opGe: anyComparison("compare_ge", ">="),
}

func anyComparison(id, symbol string) *expr.Function {
	return &expr.Function{
		ID: id, Name: symbol, Kind: expr.Operator, Args: []*types.Type{types.AnyElementT, types.AnyElementT},
		Result: types.BoolT, Strict: true, Leakproof: true,
	}
}

func init() {
	table := implementations{}
	for op, f := range anyCompare {
		table[f.ID] = comparison(compareOp(op))
	}
	for _, symbol := range []string{"=", "<>", "<", "<=", ">", ">="} {
		for _, f := range expr.Operators(symbol) {
			if f.Kind == expr.Operator {
				table[f.ID] = comparison(opOf(symbol))
			}
		}
	}
	register(table)
}

func opOf(symbol string) compareOp {
	switch symbol {
	case "=":
		return opEq
	case "<>":
		return opNe
	case "<":
		return opLt
	case "<=":
		return opLe
	case ">":
		return opGt
	}
	return opGe
}

// comparer compares whole vectors of one pair of types: eq and less set dst's bit i where a = b or a < b at row i. Both
// may be constant.
type comparer struct {
	eq, less func(c *call, dst []uint64, a, b *vector) error
}

// comparison is the maker of one comparison operator.
func comparison(op compareOp) maker {
	return func(args []*types.Type, _ *types.Type) (kernel, error) {
		cmp, err := comparerOf(args[0], args[1])
		if err != nil {
			return nil, err
		}
		return cmp.kernel(op), nil
	}
}

func (p comparer) kernel(op compareOp) kernel {
	swap, invert, f := op == opGt || op == opLe, op == opNe || op == opLe || op == opGe, p.less
	if op == opEq || op == opNe {
		f = p.eq
	}
	return func(c *call, args []*vector, out *vector) error {
		a, b := args[0], args[1]
		if swap {
			a, b = b, a
		}
		if err := f(c, out.bits, a, b); err != nil {
			return err
		}
		if invert {
			kernels.Invert(out.bits)
		}
		return nil
	}
}

// comparerOf chooses by the types of both sides.
func comparerOf(a, b *types.Type) (comparer, error) {
	switch {
	case a.Kind == types.Numeric && b.Kind == types.Numeric:
		return numericComparer(a, b), nil
	case isInt(a) && isInt(b):
		return intComparer(a, b), nil
	case a.IsFloat() && b.IsFloat():
		return floatComparer(a, b), nil
	case isDatetime(a) && isDatetime(b):
		return datetimeComparer(a, b), nil
	case a.Kind == types.Bpchar && b.Kind == types.Bpchar:
		return bytesComparer(trimBlanks), nil
	case byBytes(a) && byBytes(b):
		return bytesComparer(nil), nil
	}
	return sameKindComparer(a, b)
}

func sameKindComparer(a, b *types.Type) (comparer, error) {
	if isRow(a) && isRow(b) {
		return keyComparer(), nil
	}
	if a.Kind != b.Kind {
		return comparer{}, noKernel("comparison", []*types.Type{a, b})
	}
	switch a.Kind {
	case types.Bool:
		return boolComparer, nil
	case types.Enum:
		return ordered[int32](), nil
	case types.Money, types.Time:
		return ordered[int64](), nil
	case types.Interval:
		return wideComparer(intervalWide), nil
	case types.UUID:
		return wideComparer(uuidWide), nil
	case types.JSONB, types.TimeTZ, types.Range, types.Multirange, types.Inet, types.Array:
		return keyComparer(), nil
	}
	return comparer{}, noKernel("comparison", []*types.Type{a, b})
}

func isRow(t *types.Type) bool { return t.Kind == types.Composite || t.Kind == types.Record }

func isInt(t *types.Type) bool { return t.IsInteger() }

func isDatetime(t *types.Type) bool {
	return t.Kind == types.Date || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ
}

// byBytes says whether values compare as their bytes do.
func byBytes(t *types.Type) bool {
	switch t.Kind {
	case types.Unknown, types.Text, types.Varchar, types.Name, types.Char, types.Bytea, types.Bit, types.Bpchar:
		return true
	}
	return false
}

// ordered compares values that Go orders as SQL does.
func ordered[T int16 | int32 | int64]() comparer {
	return comparer{
		eq: func(_ *call, dst []uint64, a, b *vector) error {
			eqOrdered(dst, values[T](a), values[T](b), a.konst, b.konst)
			return nil
		},
		less: func(_ *call, dst []uint64, a, b *vector) error {
			lessOrdered(dst, values[T](a), values[T](b), a.konst, b.konst)
			return nil
		},
	}
}

func eqOrdered[T int16 | int32 | int64](dst []uint64, a, b []T, ca, cb bool) {
	switch {
	case cb:
		kernels.EqualTo(dst, a, b[0])
	case ca:
		kernels.EqualTo(dst, b, a[0])
	default:
		kernels.Equal(dst, a, b)
	}
}

func lessOrdered[T int16 | int32 | int64](dst []uint64, a, b []T, ca, cb bool) {
	switch {
	case cb:
		kernels.LessThan(dst, a, b[0])
	case ca:
		kernels.GreaterThan(dst, b, a[0])
	default:
		kernels.Less(dst, a, b)
	}
}

// intComparer compares integers, the narrower side widened.
func intComparer(a, b *types.Type) comparer {
	_, wa := shapeOf(a)
	_, wb := shapeOf(b)
	switch {
	case wa == 2 && wb == 2:
		return ordered[int16]()
	case wa == 4 && wb == 4:
		return ordered[int32]()
	case wa == 8 && wb == 8:
		return ordered[int64]()
	}
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			eqOrdered(dst, widenInts(c, 0, a), widenInts(c, 1, b), a.konst, b.konst)
			return nil
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			lessOrdered(dst, widenInts(c, 0, a), widenInts(c, 1, b), a.konst, b.konst)
			return nil
		},
	}
}

// widenInts gives integers of any width as int64.
func widenInts(c *call, k int, v *vector) []int64 {
	if _, w := shapeOf(v.typ); w == 8 {
		return values[int64](v)
	}
	return scratchOf(c, k, v.count(), func(dst []int64) {
		if v.typ.Kind == types.Int2 {
			for i, x := range values[int16](v) {
				dst[i] = int64(x)
			}
			return
		}
		for i, x := range values[int32](v) {
			dst[i] = int64(x)
		}
	})
}

// scratchOf is n values of scratch that belongs to argument k of the call, filled.
func scratchOf[T any](c *call, k, n int, fill func(dst []T)) []T {
	return loadScratch(c, k, n, fill).([]T)
}

// floatComparer compares in PostgreSQL's order of floats.
func floatComparer(a, b *types.Type) comparer {
	if a.Kind == types.Float4 && b.Kind == types.Float4 {
		return floats(func(_ *call, _ int, v *vector) []float32 { return values[float32](v) })
	}
	return floats(widenFloats)
}

func widenFloats(c *call, k int, v *vector) []float64 {
	if v.typ.Kind == types.Float8 {
		return values[float64](v)
	}
	return scratchOf(c, k, v.count(), func(dst []float64) {
		for i, x := range values[float32](v) {
			dst[i] = float64(x)
		}
	})
}

func floats[T float32 | float64](get func(*call, int, *vector) []T) comparer {
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			x, y := get(c, 0, a), get(c, 1, b)
			switch {
			case b.konst:
				kernels.EqualToFloat(dst, x, y[0])
			case a.konst:
				kernels.EqualToFloat(dst, y, x[0])
			default:
				kernels.EqualFloat(dst, x, y)
			}
			return nil
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			x, y := get(c, 0, a), get(c, 1, b)
			switch {
			case b.konst:
				kernels.LessThanFloat(dst, x, y[0])
			case a.konst:
				kernels.GreaterThanFloat(dst, y, x[0])
			default:
				kernels.LessFloat(dst, x, y)
			}
			return nil
		},
	}
}

var boolComparer = comparer{
	eq: func(_ *call, dst []uint64, a, b *vector) error {
		for i := range dst {
			dst[i] = ^(bitWord(a, i) ^ bitWord(b, i))
		}
		return nil
	},
	less: func(_ *call, dst []uint64, a, b *vector) error {
		for i := range dst {
			dst[i] = ^bitWord(a, i) & bitWord(b, i)
		}
		return nil
	},
}

// bitWord is word i of a boolean vector.
func bitWord(v *vector, i int) uint64 {
	if v.konst {
		return -(v.bits[0] & 1)
	}
	return v.bits[i]
}

// datetimeComparer compares dates and timestamps; a timestamp without zone meets one with in the session's zone.
func datetimeComparer(a, b *types.Type) comparer {
	switch {
	case a.Kind == types.Date && b.Kind == types.Date:
		return ordered[int32]()
	case a.Kind == b.Kind:
		return ordered[int64]()
	}
	local := a.Kind == types.TimestampTZ || b.Kind == types.TimestampTZ
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			eqOrdered(dst, instants(c, 0, a, local), instants(c, 1, b, local), a.konst, b.konst)
			return nil
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			lessOrdered(dst, instants(c, 0, a, local), instants(c, 1, b, local), a.konst, b.konst)
			return nil
		},
	}
}

// instants gives dates and timestamps as microseconds; local: those without a zone are of the session's zone.
func instants(c *call, k int, v *vector, local bool) []int64 {
	if v.typ.Kind == types.TimestampTZ || v.typ.Kind == types.Timestamp && !local {
		return values[int64](v)
	}
	return scratchOf(c, k, v.count(), func(dst []int64) {
		if v.typ.Kind == types.Date {
			for i, d := range values[int32](v) {
				dst[i] = dateInstant(d)
			}
		} else {
			copy(dst, values[int64](v))
		}
		if zone := c.env.Zone; local && zone != nil && zone != time.UTC {
			for i := range dst {
				if c.rowValid(i) || v.konst {
					dst[i] = localInstant(dst[i], zone)
				}
			}
		}
	})
}

// trimBlanks is b without the blanks at its end, which bpchar does not compare.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// wideComparer compares values that map to 128-bit integers in order.
func wideComparer(wide func(dst []kernels.Int128, v *vector)) comparer {
	get := func(c *call, k int, v *vector, n int) []kernels.Int128 {
		return wideRows(c, k, v, n, wide)
	}
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			kernels.Equal128(dst, get(c, 0, a, c.n), get(c, 1, b, c.n))
			return nil
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			kernels.Less128(dst, get(c, 0, a, c.n), get(c, 1, b, c.n))
			return nil
		},
	}
}

// wideRows maps v to n 128-bit integers, a constant repeated.
func wideRows(c *call, k int, v *vector, n int, wide func(dst []kernels.Int128, v *vector)) []kernels.Int128 {
	return scratchOf(c, k, n, func(dst []kernels.Int128) {
		if !v.konst {
			wide(dst, v)
			return
		}
		wide(dst[:1], v)
		kernels.Fill(dst, dst[0])
	})
}

// intervalWide orders intervals by their length, a month counting 30 days and a day 24 hours.
func intervalWide(dst []kernels.Int128, v *vector) {
	const micros = 86_400_000_000
	for i, x := range values[arrow.MonthDayNanoInterval](v) {
		days := int64(x.Months)*30 + int64(x.Days)
		kernels.MulWideTo(dst[i:i+1], []int64{days}, micros)
		dst[i], _ = dst[i].Add(kernels.Wide(x.Nanoseconds / 1000))
	}
}

func uuidWide(dst []kernels.Int128, v *vector) {
	for i, x := range values[[16]byte](v) {
		dst[i] = kernels.Int128{
			Hi: int64(binary.BigEndian.Uint64(x[:8]) ^ 1<<63), Lo: binary.BigEndian.Uint64(x[8:]),
		}
	}
}

// numericComparer brings both sides to one storage and compares there.
func numericComparer(a, b *types.Type) comparer {
	t := expr.ComparableNumeric(a, b)
	switch t.NumericStorage() {
	case types.Decimal64:
		return comparer{
			eq: func(c *call, dst []uint64, a, b *vector) error {
				eqOrdered(dst, scaled64(c, 0, a, t), scaled64(c, 1, b, t), a.konst, b.konst)
				return nil
			},
			less: func(c *call, dst []uint64, a, b *vector) error {
				lessOrdered(dst, scaled64(c, 0, a, t), scaled64(c, 1, b, t), a.konst, b.konst)
				return nil
			},
		}
	case types.Decimal128:
		return wideComparer(func(dst []kernels.Int128, v *vector) { scale128(dst, v, t) })
	}
	return varComparer
}

// varComparer compares numerics of any storage value by value.
var varComparer = comparer{
	eq: func(c *call, dst []uint64, a, b *vector) error {
		return eachNum(c, dst, a, b, func(x int) bool { return x == 0 })
	},
	less: func(c *call, dst []uint64, a, b *vector) error {
		return eachNum(c, dst, a, b, func(x int) bool { return x < 0 })
	},
}

func eachNum(c *call, dst []uint64, a, b *vector, test func(int) bool) error {
	clear(dst)
	if a.offs != nil && b.offs != nil && a.typ.NumericStorage() == types.VarNumeric && b.typ.NumericStorage() == types.VarNumeric {
		for i := range c.n {
			if c.rowValid(i) && test(numeric.Compare(a.bytes(i), b.bytes(i))) {
				setBit(dst, i, true)
			}
		}
		return nil
	}
	x, y := load[numeric.Num](c, 0, a), load[numeric.Num](c, 1, b)
	ma, mb := stride(a), stride(b)
	for i := range c.n {
		if c.rowValid(i) && test(x[i&ma].Cmp(y[i&mb])) {
			setBit(dst, i, true)
		}
	}
	return nil
}
