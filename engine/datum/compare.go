package datum

import (
	"bytes"
	"cmp"
	"math/bits"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/types"
)

// Compare is PostgreSQL's btree order of two datums of t under collation C, negative, zero or positive: NaN is equal to
// itself and largest, intervals count a month as 30 days, char(n) ignores trailing blanks, enums go by declaration. NULL
// (nil) comes last and is equal to itself, as inside arrays and rows.
func Compare(t *types.Type, a, b any) int {
	if a == nil || b == nil {
		return compareBool(a == nil, b == nil)
	}
	switch t.Kind {
	case types.Bool:
		return compareBool(a.(bool), b.(bool))
	case types.Int2, types.Int4, types.Int8, types.OID, types.Date, types.Time, types.Timestamp, types.TimestampTZ,
		types.Enum, types.Money:
		return cmp.Compare(a.(int64), b.(int64))
	case types.Float4, types.Float8:
		return compareFloat(a.(float64), b.(float64))
	case types.Numeric:
		return CompareNumeric(a.(*apd.Decimal), b.(*apd.Decimal))
	case types.Bytea:
		return bytes.Compare(a.([]byte), b.([]byte))
	case types.UUID:
		x, y := a.([16]byte), b.([16]byte)
		return bytes.Compare(x[:], y[:])
	case types.Interval:
		return CompareInterval(a.(Interval), b.(Interval))
	case types.Array:
		return compareArrays(t.Elem, ArrayOf(a), ArrayOf(b))
	case types.Composite, types.Record:
		return compareRows(t.Fields, a.([]any), b.([]any))
	}
	return compareText(t, a.(string), b.(string))
}

// Equal says whether two datums of t are the same value by t's equality; NULL equals NULL.
func Equal(t *types.Type, a, b any) bool { return Compare(t, a, b) == 0 }

func compareText(t *types.Type, a, b string) int {
	switch t.Kind {
	case types.Bpchar:
		return strings.Compare(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
	case types.JSONB:
		x, errX := ParseJSONB(a)
		y, errY := ParseJSONB(b)
		if errX == nil && errY == nil {
			return CompareJSONB(x, y)
		}
	case types.TimeTZ:
		return compareTimeTZ(a, b)
	case types.Inet:
		return compareNetwork(t, a, b)
	case types.Range:
		x, errX := ReadRange(t, a)
		y, errY := ReadRange(t, b)
		if errX == nil && errY == nil {
			return CompareRanges(t.Elem, &x, &y)
		}
	case types.Multirange:
		x, errX := ReadMultirange(t, a)
		y, errY := ReadMultirange(t, b)
		if errX == nil && errY == nil {
			return CompareMultiranges(t.Elem.Elem, x, y)
		}
	}
	return strings.Compare(a, b)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareFloat orders NaN behind everything; -0 equals 0.
func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return compareBool(a != a, b != b)
}

// CompareNumeric orders numerics by value, NaN behind Infinity.
func CompareNumeric(a, b *apd.Decimal) int {
	if an, bn := a.Form == apd.NaN, b.Form == apd.NaN; an || bn {
		return compareBool(an, bn)
	}
	return a.Cmp(b)
}

// CompareInterval orders intervals with a month of 30 days and a day of 24 hours.
func CompareInterval(a, b Interval) int {
	ahi, alo := a.span()
	bhi, blo := b.span()
	if c := cmp.Compare(ahi, bhi); c != 0 {
		return c
	}
	return cmp.Compare(alo, blo)
}

// span is the interval's length in microseconds as a 128-bit number.
func (v Interval) span() (hi int64, lo uint64) {
	days := int64(v.Months)*30 + int64(v.Days)
	u := uint64(days)
	if days < 0 {
		u = -u
	}
	h, l := bits.Mul64(u, uint64(microsPerDay))
	if days < 0 {
		var borrow uint64
		l, borrow = bits.Sub64(0, l, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	var carry uint64
	lo, carry = bits.Add64(l, uint64(v.Micros), 0)
	h, _ = bits.Add64(h, uint64(v.Micros>>63), carry)
	return int64(h), lo
}

// compareTimeTZ orders by the instant, then by the zone, west after east.
func compareTimeTZ(a, b string) int {
	at, aoff := splitTimeTZ(a)
	bt, boff := splitTimeTZ(b)
	if c := cmp.Compare(at-aoff*microsPerSecond, bt-boff*microsPerSecond); c != 0 {
		return c
	}
	return cmp.Compare(boff, aoff)
}

// splitTimeTZ takes the canonical text of a timetz apart: microseconds of the day and seconds east of UTC.
func splitTimeTZ(s string) (micros, offset int64) {
	at := strings.LastIndexAny(s, "+-")
	if at < 0 {
		return 0, 0
	}
	c, _ := decodeClock(s[:at], false)
	off, _ := decodeOffset(s[at:])
	return clockMicros(c), off
}

func compareArrays(elem *types.Type, a, b Array) int {
	for i := range min(len(a.Elems), len(b.Elems)) {
		if c := Compare(elem, a.Elems[i], b.Elems[i]); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(a.Elems), len(b.Elems)); c != 0 {
		return c
	}
	return CompareShapes(a.Dims, b.Dims)
}

func compareRows(fields []types.Field, a, b []any) int {
	for i, f := range fields {
		if c := Compare(f.Type, a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}
