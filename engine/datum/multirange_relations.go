package datum

import "github.com/skeinsql/skein/engine/types"

// The relations of multiranges (multirangetypes.c), which are sorted lists of ranges that do not touch. A single range is
// a list of one, an empty one a list of none.

// Ranges is r as a multirange.
func (r *Range) Ranges() []Range {
	if r.Empty {
		return nil
	}
	return []Range{*r}
}

// Hull is the smallest range that holds all of m.
func Hull(m []Range) Range {
	if len(m) == 0 {
		return EmptyRange
	}
	return Range{Lower: m[0].Lower, Upper: m[len(m)-1].Upper}
}

// MultirangeHas says whether the value v lies in m.
func MultirangeHas(elem *types.Type, m []Range, v *Bound) bool {
	for i := range m {
		if m[i].Contains(elem, v) {
			return true
		}
	}
	return false
}

// MultirangeContains is a @> b.
func MultirangeContains(elem *types.Type, a, b []Range) bool {
	i := 0
	for k := range b {
		for i < len(a) && RangeBefore(elem, &a[i], &b[k]) {
			i++
		}
		if i == len(a) || !RangeContains(elem, &a[i], &b[k]) {
			return false
		}
	}
	return true
}

// MultirangesOverlap is a && b.
func MultirangesOverlap(elem *types.Type, a, b []Range) bool {
	i := 0
	for k := range b {
		for i < len(a) && RangeBefore(elem, &a[i], &b[k]) {
			i++
		}
		if i == len(a) {
			return false
		}
		if RangesOverlap(elem, &a[i], &b[k]) {
			return true
		}
	}
	return false
}

// MultirangesAdjacent is a -|- b for multiranges over ranges of type rng.
func MultirangesAdjacent(rng *types.Type, a, b []Range) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	return boundsTouch(rng, &a[len(a)-1].Upper, &b[0].Lower) || boundsTouch(rng, &b[len(b)-1].Upper, &a[0].Lower)
}

// UniteMultiranges is a + b.
func UniteMultiranges(rng *types.Type, a, b []Range) []Range {
	return NewMultirange(rng, append(append(make([]Range, 0, len(a)+len(b)), a...), b...))
}

// IntersectMultiranges is a * b.
func IntersectMultiranges(rng *types.Type, a, b []Range) []Range {
	out := []Range{}
	for i, k := 0, 0; i < len(a) && k < len(b); {
		if r := IntersectRanges(rng.Elem, &a[i], &b[k]); !r.Empty {
			out = append(out, r)
		}
		if CompareBounds(rng.Elem, &a[i].Upper, &b[k].Upper) < 0 {
			i++
		} else {
			k++
		}
	}
	return NewMultirange(rng, out)
}

// SubtractMultiranges is a - b.
func SubtractMultiranges(rng *types.Type, a, b []Range) ([]Range, error) {
	out := []Range{}
	first := 0
	for _, r := range a {
		for first < len(b) && RangeBefore(rng.Elem, &b[first], &r) {
			first++
		}
		for k := first; k < len(b) && !r.Empty && RangesOverlap(rng.Elem, &r, &b[k]); k++ {
			cut := &b[k]
			if CompareBounds(rng.Elem, &r.Lower, &cut.Lower) < 0 && CompareBounds(rng.Elem, &r.Upper, &cut.Upper) > 0 {
				left, err := Range{Lower: r.Lower, Upper: cut.Lower.opposite()}.canonical(rng)
				if err != nil {
					return nil, err
				}
				out = append(out, left)
				if r, err = (Range{Lower: cut.Upper.opposite(), Upper: r.Upper}).canonical(rng); err != nil {
					return nil, err
				}
				continue
			}
			var err error
			if r, err = SubtractRange(rng, &r, cut); err != nil {
				return nil, err
			}
		}
		out = append(out, r)
	}
	return NewMultirange(rng, out), nil
}
