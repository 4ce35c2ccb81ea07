package datum

import (
	"cmp"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Bound is one end of a [Range].
type Bound struct {
	Infinite bool
	Closed   bool // the bound itself belongs to the range; false where it is infinite
	Lower    bool // which end it is: it decides how open bounds of one value compare
	// Int is the value where the subtype's datums are int64 (integers, dates, timestamps) and Value is nil.
	Int int64
	// Value is the datum of any other subtype.
	Value any
}

// Range is a range's value. Empty ones have no bounds. The zero value is not a range.
type Range struct {
	Empty        bool
	Lower, Upper Bound
}

// EmptyRange is the range without elements.
var EmptyRange = Range{Empty: true}

// SetDatum makes v the bound's value.
func (b *Bound) SetDatum(v any) {
	b.Int, b.Value = 0, nil
	if n, ok := v.(int64); ok {
		b.Int = n
	} else {
		b.Value = v
	}
}

// Datum is the bound's value, nil where it is infinite.
func (b *Bound) Datum() any {
	switch {
	case b.Infinite:
		return nil
	case b.Value == nil:
		return b.Int
	}
	return b.Value
}

// NewRange is the range between two bounds in its canonical form: [a,b) for discrete subtypes. It fails with 22000 when
// the lower bound is above the upper one, and when canonical bounds exceed the subtype.
func NewRange(t *types.Type, lower, upper Bound) (Range, error) {
	lower.Lower, upper.Lower = true, false
	lower.Closed, upper.Closed = lower.Closed && !lower.Infinite, upper.Closed && !upper.Infinite
	r := Range{Lower: lower, Upper: upper}
	if !lower.Infinite && !upper.Infinite && CompareBoundValues(t.Elem, &r.Lower, &r.Upper) > 0 {
		return r, sqlerr.New("22000", "range lower bound must be less than or equal to range upper bound")
	}
	return r.canonical(t)
}

// canonical is r with discrete bounds as [lower, upper), or the empty range when nothing lies between them. Bounds in
// the wrong order give the empty range.
func (r Range) canonical(t *types.Type) (Range, error) {
	if r.Empty || r.hollow(t.Elem) {
		return EmptyRange, nil
	}
	if !t.Discrete() {
		return r, nil
	}
	if !r.Lower.Infinite && !r.Lower.Closed && !infiniteDate(t.Elem, r.Lower.Int) {
		if err := r.Lower.step(t.Elem); err != nil {
			return r, err
		}
		r.Lower.Closed = true
	}
	if !r.Upper.Infinite && r.Upper.Closed && !infiniteDate(t.Elem, r.Upper.Int) {
		if err := r.Upper.step(t.Elem); err != nil {
			return r, err
		}
		r.Upper.Closed = false
	}
	if r.hollow(t.Elem) {
		return EmptyRange, nil
	}
	return r, nil
}

// hollow says whether nothing lies between the bounds.
func (r *Range) hollow(elem *types.Type) bool {
	if r.Lower.Infinite || r.Upper.Infinite {
		return false
	}
	c := CompareBoundValues(elem, &r.Lower, &r.Upper)
	return c > 0 || c == 0 && !(r.Lower.Closed && r.Upper.Closed)
}

func infiniteDate(elem *types.Type, n int64) bool {
	return elem.Kind == types.Date && (n == DateInfinity || n == DateNegInfinity)
}

// step moves a discrete bound to the next value.
func (b *Bound) step(elem *types.Type) error {
	switch {
	case elem.Kind == types.Date && b.Int+1 >= endDay:
		return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range")
	case elem.Kind == types.Int4 && b.Int == 1<<31-1:
		return sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	case elem.Kind == types.Int8 && b.Int == 1<<63-1:
		return sqlerr.New(sqlerr.NumericOutOfRange, "bigint out of range")
	}
	b.Int++
	return nil
}

// CompareBoundValues compares the values of two bounds, infinite ones by their end (range_cmp_bound_values).
func CompareBoundValues(elem *types.Type, a, b *Bound) int {
	if c, ok := compareInfinite(a, b); ok {
		return c
	}
	if a.Value == nil && b.Value == nil {
		return cmp.Compare(a.Int, b.Int)
	}
	return Compare(elem, a.Datum(), b.Datum())
}

func compareInfinite(a, b *Bound) (int, bool) {
	switch {
	case a.Infinite && b.Infinite:
		return compareBool(b.Lower, a.Lower), true
	case a.Infinite:
		return side(a.Lower), true
	case b.Infinite:
		return -side(b.Lower), true
	}
	return 0, false
}

// side is where an infinite bound, or an open one beside the value itself, lies.
func side(lower bool) int {
	if lower {
		return -1
	}
	return 1
}

// CompareBounds orders two bounds, each a lower or an upper one, by where they cut the subtype's line
// (range_cmp_bounds).
func CompareBounds(elem *types.Type, a, b *Bound) int {
	if c, ok := compareInfinite(a, b); ok {
		return c
	}
	if c := CompareBoundValues(elem, a, b); c != 0 {
		return c
	}
	switch {
	case !a.Closed && !b.Closed:
		return compareBool(a.Lower, b.Lower)
	case !a.Closed:
		return -side(a.Lower)
	case !b.Closed:
		return side(b.Lower)
	}
	return 0
}

// CompareRanges is btree's order of two ranges: the empty one first, then by lower bound, then by upper bound.
func CompareRanges(elem *types.Type, a, b *Range) int {
	if a.Empty || b.Empty {
		return compareBool(b.Empty, a.Empty)
	}
	if c := CompareBounds(elem, &a.Lower, &b.Lower); c != 0 {
		return c
	}
	return CompareBounds(elem, &a.Upper, &b.Upper)
}
