package datum

import (
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The relations of ranges (rangetypes.c). A range that is empty contains nothing, is contained in every range and has no
// place.

// Contains says whether the value v, whose Infinite, Closed and Lower do not matter, lies in r.
func (r *Range) Contains(elem *types.Type, v *Bound) bool {
	if r.Empty {
		return false
	}
	if !r.Lower.Infinite {
		if c := CompareBoundValues(elem, &r.Lower, v); c > 0 || c == 0 && !r.Lower.Closed {
			return false
		}
	}
	if !r.Upper.Infinite {
		if c := CompareBoundValues(elem, &r.Upper, v); c < 0 || c == 0 && !r.Upper.Closed {
			return false
		}
	}
	return true
}

// RangeContains is a @> b.
func RangeContains(elem *types.Type, a, b *Range) bool {
	switch {
	case b.Empty:
		return true
	case a.Empty:
		return false
	}
	return CompareBounds(elem, &a.Lower, &b.Lower) <= 0 && CompareBounds(elem, &a.Upper, &b.Upper) >= 0
}

// RangesOverlap is a && b.
func RangesOverlap(elem *types.Type, a, b *Range) bool {
	if a.Empty || b.Empty {
		return false
	}
	return CompareBounds(elem, &a.Lower, &b.Upper) <= 0 && CompareBounds(elem, &b.Lower, &a.Upper) <= 0
}

// RangeBefore is a << b.
func RangeBefore(elem *types.Type, a, b *Range) bool {
	return !a.Empty && !b.Empty && CompareBounds(elem, &a.Upper, &b.Lower) < 0
}

// RangesAdjacent is a -|- b for ranges of type t.
func RangesAdjacent(t *types.Type, a, b *Range) bool {
	if a.Empty || b.Empty {
		return false
	}
	return boundsTouch(t, &a.Upper, &b.Lower) || boundsTouch(t, &b.Upper, &a.Lower)
}

// boundsTouch says whether nothing lies between an upper and a lower bound, and nothing in both (bounds_adjacent).
func boundsTouch(t *types.Type, upper, lower *Bound) bool {
	c := CompareBoundValues(t.Elem, upper, lower)
	switch {
	case c == 0:
		return upper.Closed != lower.Closed
	case c > 0 || !t.Discrete():
		return false
	}
	from, to := *upper, *lower
	from.Closed, to.Closed, from.Lower, to.Lower = !from.Closed, !to.Closed, true, false
	gap, err := Range{Lower: from, Upper: to}.canonical(t)
	return err == nil && gap.Empty
}

// UniteRanges is a + b; with gaps, the smallest range that holds both (range_merge) where they are apart, else 22000.
func UniteRanges(t *types.Type, a, b *Range, gaps bool) (Range, error) {
	switch {
	case a.Empty:
		return *b, nil
	case b.Empty:
		return *a, nil
	case !gaps && !RangesOverlap(t.Elem, a, b) && !RangesAdjacent(t, a, b):
		return Range{}, sqlerr.New("22000", "result of range union would not be contiguous")
	}
	out := *a
	if CompareBounds(t.Elem, &b.Lower, &a.Lower) < 0 {
		out.Lower = b.Lower
	}
	if CompareBounds(t.Elem, &b.Upper, &a.Upper) > 0 {
		out.Upper = b.Upper
	}
	return out, nil
}

// IntersectRanges is a * b.
func IntersectRanges(elem *types.Type, a, b *Range) Range {
	if !RangesOverlap(elem, a, b) {
		return EmptyRange
	}
	out := *a
	if CompareBounds(elem, &b.Lower, &a.Lower) > 0 {
		out.Lower = b.Lower
	}
	if CompareBounds(elem, &b.Upper, &a.Upper) < 0 {
		out.Upper = b.Upper
	}
	return out
}

// SubtractRange is a - b; 22000 when b cuts a in two.
func SubtractRange(t *types.Type, a, b *Range) (Range, error) {
	if a.Empty || b.Empty {
		return *a, nil
	}
	lowLow, lowUp := CompareBounds(t.Elem, &a.Lower, &b.Lower), CompareBounds(t.Elem, &a.Lower, &b.Upper)
	upLow, upUp := CompareBounds(t.Elem, &a.Upper, &b.Lower), CompareBounds(t.Elem, &a.Upper, &b.Upper)
	switch {
	case lowLow < 0 && upUp > 0:
		return Range{}, sqlerr.New("22000", "result of range difference would not be contiguous")
	case lowUp > 0 || upLow < 0:
		return *a, nil
	case lowLow >= 0 && upUp <= 0:
		return EmptyRange, nil
	case upUp <= 0:
		return Range{Lower: a.Lower, Upper: b.Lower.opposite()}.canonical(t)
	}
	return Range{Lower: b.Upper.opposite(), Upper: a.Upper}.canonical(t)
}

// opposite is the bound on the other side of the same cut: what follows an upper bound, what precedes a lower one.
func (b *Bound) opposite() Bound {
	o := *b
	o.Closed, o.Lower = !b.Closed, !b.Lower
	return o
}
