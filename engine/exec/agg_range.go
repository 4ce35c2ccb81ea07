package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// spans is range_agg, the union of ranges or multiranges as a multirange, and range_intersect_agg, their intersection.
type spans struct {
	item      plan.AggItem
	arg, rng  *types.Type
	intersect bool
	seen      []bool
	held      [][]datum.Range
	n         int64 // ranges held
}

func spansOf(item plan.AggItem) func() accumulator {
	arg := item.Args[0].Type()
	rng := arg
	if arg.Kind == types.Multirange {
		rng = arg.Elem
	}
	return func() accumulator {
		return &spans{item: item, arg: arg, rng: rng, intersect: item.Fn.Name == "range_intersect_agg"}
	}
}

func (s *spans) grow(n int) { s.seen, s.held = grown(s.seen, n), grown(s.held, n) }

func (s *spans) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	offs, data := varView(args[0].Data())
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		v, err := s.read(string(data[offs[i]:offs[i+1]]))
		if err != nil {
			return err
		}
		s.take(g, v)
	}
	return nil
}

func (s *spans) read(text string) ([]datum.Range, error) {
	if s.arg.Kind == types.Multirange {
		return datum.ReadMultirange(s.arg, text)
	}
	r, err := datum.ReadRange(s.arg, text)
	return r.Ranges(), err
}

// take keeps a union's ranges as they come; they are put in order at the end.
func (s *spans) take(g int32, v []datum.Range) {
	had := s.held[g]
	switch {
	case !s.seen[g]:
		s.held[g] = v
	case s.intersect && s.arg.Kind == types.Multirange:
		s.held[g] = datum.IntersectMultiranges(s.rng, had, v)
	case s.intersect:
		a, b := datum.Hull(had), datum.Hull(v)
		r := datum.IntersectRanges(s.rng.Elem, &a, &b)
		s.held[g] = r.Ranges()
	default:
		s.held[g] = append(had, v...)
	}
	s.seen[g] = true
	s.n += int64(len(s.held[g]) - len(had))
}

func (s *spans) merge(other accumulator, from, to []int32) error {
	o := other.(*spans)
	for i, f := range from {
		if o.seen[f] {
			s.take(to[i], append([]datum.Range(nil), o.held[f]...))
		}
	}
	return nil
}

func (s *spans) result(from, to int) (arrow.Array, error) {
	return textPerGroup(s.item.Type, from, to, func(dst []byte, g int) ([]byte, bool, error) {
		switch {
		case !s.seen[g]:
			return dst, true, nil
		case s.item.Type.Kind == types.Range:
			r := datum.Hull(s.held[g])
			return datum.AppendRange(dst, s.item.Type, &r, nil), false, nil
		case !s.intersect:
			s.held[g] = datum.NewMultirange(s.rng, s.held[g])
		}
		return datum.AppendMultirange(dst, s.item.Type, s.held[g], nil), false, nil
	})
}

// rangeBytes is about what one range holds.
const rangeBytes = 160

func (s *spans) bytes() int64 { return s.n*rangeBytes + int64(25*cap(s.held)) }
