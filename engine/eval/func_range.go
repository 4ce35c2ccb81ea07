package eval

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// A range is a multirange of at most one range, so that one implementation serves both: an argument is loaded as lists
// of ranges, those of all rows in one slice.

// spans are the ranges of an argument: row i has flat[offs[i]:offs[i+1]].
type spans struct {
	flat []datum.Range
	offs []int32
	mask int
}

func (s *spans) of(i int) []datum.Range {
	i &= s.mask
	return s.flat[s.offs[i]:s.offs[i+1]]
}

// rangeOf is the range type that t is or is made of.
func rangeOf(t *types.Type) *types.Type {
	if t.Kind == types.Multirange {
		return t.Elem
	}
	return t
}

// spansOf reads the ranges of argument k; rows that do not count have none.
func (c *call) spansOf(k int, v *vector) (*spans, error) {
	s, _ := c.loaded[k].(*spans)
	if s == nil {
		s = &spans{}
		c.loaded[k] = s
	}
	s.flat, s.offs, s.mask = s.flat[:0], append(s.offs[:0], 0), stride(v)
	for i := range v.count() {
		if v.konst || c.rowValid(i) {
			if err := s.read(v.typ, v.str(i)); err != nil {
				return nil, err
			}
		}
		s.offs = append(s.offs, int32(len(s.flat)))
	}
	return s, nil
}

func (s *spans) read(t *types.Type, text string) error {
	if t.Kind == types.Multirange {
		m, err := datum.ReadMultirange(t, text)
		s.flat = append(s.flat, m...)
		return err
	}
	r, err := datum.ReadRange(t, text)
	if !r.Empty {
		s.flat = append(s.flat, r)
	}
	return err
}

// relation is the form of a relation between two arguments that are ranges or multiranges.
func relation(f func(rng *types.Type, a, b []datum.Range) bool) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, err := c.spansOf(0, args[0])
		if err != nil {
			return err
		}
		b, err := c.spansOf(1, args[1])
		if err != nil {
			return err
		}
		rng := rangeOf(c.args[0])
		clear(out.bits)
		for i := range c.n {
			if c.rowValid(i) && f(rng, a.of(i), b.of(i)) {
				setBit(out.bits, i, true)
			}
		}
		return nil
	})
}

// swapped is the relation with its sides exchanged.
func swapped(f func(rng *types.Type, a, b []datum.Range) bool) func(rng *types.Type, a, b []datum.Range) bool {
	return func(rng *types.Type, a, b []datum.Range) bool { return f(rng, b, a) }
}

func rangesContain(rng *types.Type, a, b []datum.Range) bool {
	return datum.MultirangeContains(rng.Elem, a, b)
}

func rangesOverlap(rng *types.Type, a, b []datum.Range) bool {
	return datum.MultirangesOverlap(rng.Elem, a, b)
}

func rangesBefore(rng *types.Type, a, b []datum.Range) bool {
	return len(a) > 0 && len(b) > 0 && datum.CompareBounds(rng.Elem, &a[len(a)-1].Upper, &b[0].Lower) < 0
}

// rangesOverLeft: a does not extend beyond b's end; rangesOverRight: nor before b's beginning.
func rangesOverLeft(rng *types.Type, a, b []datum.Range) bool {
	return len(a) > 0 && len(b) > 0 && datum.CompareBounds(rng.Elem, &a[len(a)-1].Upper, &b[len(b)-1].Upper) <= 0
}

func rangesOverRight(rng *types.Type, a, b []datum.Range) bool {
	return len(a) > 0 && len(b) > 0 && datum.CompareBounds(rng.Elem, &a[0].Lower, &b[0].Lower) >= 0
}

// hasElement is the form of @> and <@ with an element; at says which argument the ranges are.
func hasElement(at int) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		s, err := c.spansOf(at, args[at])
		if err != nil {
			return err
		}
		elem, v := rangeOf(c.args[at]).Elem, args[1-at]
		ints := intsOf(c, v)
		var b datum.Bound
		clear(out.bits)
		for i := range c.n {
			if !c.rowValid(i) {
				continue
			}
			if ints != nil {
				b.Int = ints(i)
			} else {
				b.SetDatum(datumAt(v, i))
			}
			if datum.MultirangeHas(elem, s.of(i), &b) {
				setBit(out.bits, i, true)
			}
		}
		return nil
	})
}

// intsOf reads a vector's values whose datums are integers; nil for other types.
func intsOf(_ *call, v *vector) func(i int) int64 {
	switch v.typ.Kind {
	case types.Int2, types.Int4, types.Int8, types.Date, types.Timestamp, types.TimestampTZ:
		return func(i int) int64 { return wordKey(v, v.at(i)) }
	}
	return nil
}

// spanFact is the form of a statement about one range or multirange.
func spanFact(f func(m []datum.Range) bool) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		s, err := c.spansOf(0, args[0])
		if err != nil {
			return err
		}
		clear(out.bits)
		for i := range c.n {
			if c.rowValid(i) && f(s.of(i)) {
				setBit(out.bits, i, true)
			}
		}
		return nil
	})
}

// boundOf is the form of lower and upper: the hull's bound, NULL where there is none.
func boundOf(pick func(hull *datum.Range) *datum.Bound) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		s, err := c.spansOf(0, args[0])
		if err != nil {
			return err
		}
		ds := make([]any, c.n)
		for i := range ds {
			if m := s.of(i); c.rowValid(i) && len(m) > 0 {
				hull := datum.Hull(m)
				ds[i] = pick(&hull).Datum()
			}
		}
		return storeDatums(out, c.typ, ds)
	})
}

// spanResult is the form of a function of two arguments whose result is a range or a multirange.
func spanResult(f func(rng *types.Type, a, b []datum.Range) ([]datum.Range, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, err := c.spansOf(0, args[0])
		if err != nil {
			return err
		}
		b, err := c.spansOf(len(args)-1, args[len(args)-1])
		if err != nil {
			return err
		}
		rng := rangeOf(c.args[0])
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			m, err := f(rng, a.of(i), b.of(i))
			if err != nil {
				return dst, err
			}
			return appendSpans(dst, c.typ, m), nil
		})
	})
}

// appendSpans adds the stored text of a range or multirange.
func appendSpans(dst []byte, t *types.Type, m []datum.Range) []byte {
	if t.Kind == types.Multirange {
		return datum.AppendMultirange(dst, t, m, nil)
	}
	r := datum.Hull(m)
	return datum.AppendRange(dst, t, &r, nil)
}

// onRanges makes a function of two ranges one of lists.
func onRanges(f func(rng *types.Type, a, b *datum.Range) (datum.Range, error)) func(rng *types.Type, a, b []datum.Range) ([]datum.Range, error) {
	return func(rng *types.Type, a, b []datum.Range) ([]datum.Range, error) {
		x, y := datum.Hull(a), datum.Hull(b)
		r, err := f(rng, &x, &y)
		return r.Ranges(), err
	}
}
