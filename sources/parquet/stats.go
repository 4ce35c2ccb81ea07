package parquet

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// bounds are what a row group's statistics promise of one column. Nothing unsure is in them: low and high are nil where
// they are missing, truncated away, or of an order that is not the engine's. Values are int64 (integers, dates, times),
// float64, string or numeric.Num.
type bounds struct {
	low, high any
	// allNull: every value is NULL. noNull: none is.
	allNull, noNull bool
}

// chunkBounds reads the statistics of a top-level leaf. Null counts of zero are not trusted: a missing count looks the
// same. Floats have no upper bound: their statistics leave out NaN, which is greater than every number.
func chunkBounds(f *field, g *format.RowGroup) bounds {
	if f == nil {
		return bounds{allNull: true}
	}
	b := bounds{noNull: !f.optional}
	if f.kind != leafField || f.column.MaxRepetitionLevel() > 0 {
		return b
	}
	m := &g.Columns[f.column.Index()].MetaData
	s := &m.Statistics
	if b.allNull = g.NumRows > 0 && s.NullCount == g.NumRows && f.optional; b.allNull {
		return b
	}
	low, high := s.MinValue, s.MaxValue
	if len(low) == 0 && len(high) == 0 && signedOrder(f) {
		low, high = s.Min, s.Max
	}
	b.low, b.high = statValue(f, low), statValue(f, high)
	if v, ok := b.low.(float64); ok && math.IsNaN(v) {
		b.low = nil
	}
	if v, ok := b.high.(float64); ok && math.IsNaN(v) {
		b.high = nil
		b.low = nil
	}
	return b
}

// signedOrder says whether the deprecated statistics, which compare as signed numbers, are in the type's order.
func signedOrder(f *field) bool {
	t := f.element.Type.V
	return (t == format.Int32 || t == format.Int64) && !unsigned(f.element) || t == format.Float || t == format.Double
}

// statValue decodes one PLAIN value of a leaf; nil when it cannot be used.
func statValue(f *field, b []byte) any {
	e := f.element
	n, isInt := int64(0), true
	switch {
	case e.Type.V == format.Int32 && len(b) == 4 && unsigned(e):
		n = int64(binary.LittleEndian.Uint32(b))
	case e.Type.V == format.Int32 && len(b) == 4:
		n = int64(int32(binary.LittleEndian.Uint32(b)))
	case e.Type.V == format.Int64 && len(b) == 8 && !unsigned(e):
		n = int64(binary.LittleEndian.Uint64(b))
	default:
		isInt = false
	}
	switch f.typ.Kind {
	case types.Int2, types.Int4, types.Int8, types.Date:
		if isInt {
			return n
		}
	case types.Numeric:
		if isInt {
			return numeric.FromInt64(n, f.typ.Scale)
		}
	case types.Time, types.Timestamp, types.TimestampTZ:
		if isInt {
			return statTime(n, nanos(e))
		}
	case types.Float4, types.Float8:
		return statFloat(e, b)
	case types.Text:
		if e.Type.V == format.ByteArray && len(b) > 0 {
			return string(b)
		}
	}
	return nil
}

func statTime(n, unit int64) any {
	switch unit {
	case 1:
		q := n / 1000
		return q + (n-q*1000)>>63
	case 1_000_000:
		if n > math.MaxInt64/1000 || n < -math.MaxInt64/1000 {
			return nil
		}
		return n * 1000
	}
	return n
}

func statFloat(e *format.SchemaElement, b []byte) any {
	switch {
	case e.Type.V == format.Float && len(b) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case e.Type.V == format.Double && len(b) == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return nil
}

// compare orders two values of one form; ok is false when they have different ones, or when one is NaN.
func compare(a, b any) (c int, ok bool) {
	switch x := a.(type) {
	case int64:
		if y, is := b.(int64); is {
			return order(x, y), true
		}
	case float64:
		if y, is := b.(float64); is {
			return order(x, y), x == x && y == y
		}
	case string:
		if y, is := b.(string); is {
			return strings.Compare(x, y), true
		}
	case numeric.Num:
		if y, is := b.(numeric.Num); is {
			return x.Cmp(y), x.Class == numeric.Finite && y.Class == numeric.Finite
		}
	}
	return 0, false
}

func order[T int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// comparable turns a datum into the form of bounds.
func comparable(v any) any {
	if d, ok := v.(*apd.Decimal); ok {
		return numeric.FromApd(d)
	}
	return v
}

// toDatum turns a bound into a datum.
func toDatum(v any) any {
	if n, ok := v.(numeric.Num); ok {
		return n.Apd()
	}
	return v
}

// summarize fills in what the footers tell the planner of each column: NULLs, widths and extremes.
func summarize(t *sources.Table, footers []*footer) {
	for i := range t.Cols {
		c, from := &t.Cols[i], t.Detail.(*detail).origins[i]
		if from.key {
			continue
		}
		rows, nulls, bytes := 0.0, 0.0, 0.0
		var low, high any
		known := true
		for _, f := range footers {
			fl := f.field(from.name)
			groups := f.file.Metadata().RowGroups
			for g := range groups {
				n := float64(groups[g].NumRows)
				rows += n
				b := chunkBounds(fl, &groups[g])
				switch {
				case n == 0:
					continue
				case b.allNull:
					nulls += n
					continue
				case fl.kind == leafField:
					m := &groups[g].Columns[fl.column.Index()].MetaData
					nulls += float64(m.Statistics.NullCount)
					bytes += float64(m.TotalUncompressedSize)
				}
				known = known && b.low != nil && b.high != nil
				low, high = extreme(low, b.low, -1), extreme(high, b.high, 1)
			}
		}
		if rows > 0 {
			c.NullFraction, c.Width = min(nulls/rows, 1), bytes/rows
		}
		if known {
			c.Min, c.Max = toDatum(low), toDatum(high)
			c.Exact = low != nil
		}
		if c.Type.IsFloat() {
			c.Max, c.Exact = nil, false // NaN is in no statistics
		}
	}
}

// extreme is the one of two bounds that lies further in a direction.
func extreme(a, b any, sign int) any {
	if a == nil {
		return b
	}
	if c, ok := compare(b, a); ok && c == sign {
		return b
	}
	return a
}
