package eval

import (
	"cmp"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{
		"range_contains_elem": hasElement(0), "elem_contained_by_range": hasElement(1),
		"multirange_contains_elem": hasElement(0), "elem_contained_by_multirange": hasElement(1),
		"range_union": spanResult(onRanges(func(t *types.Type, a, b *datum.Range) (datum.Range, error) {
			return datum.UniteRanges(t, a, b, false)
		})),
		"range_merge": spanResult(onRanges(func(t *types.Type, a, b *datum.Range) (datum.Range, error) {
			return datum.UniteRanges(t, a, b, true)
		})),
		"range_minus": spanResult(onRanges(datum.SubtractRange)),
		"range_intersect": spanResult(onRanges(func(t *types.Type, a, b *datum.Range) (datum.Range, error) {
			return datum.IntersectRanges(t.Elem, a, b), nil
		})),
		"multirange_union": spanResult(func(t *types.Type, a, b []datum.Range) ([]datum.Range, error) {
			return datum.UniteMultiranges(t, a, b), nil
		}),
		"multirange_intersect": spanResult(func(t *types.Type, a, b []datum.Range) ([]datum.Range, error) {
			return datum.IntersectMultiranges(t, a, b), nil
		}),
		"multirange_minus":            spanResult(datum.SubtractMultiranges),
		"range_merge_from_multirange": spanResult(firstSpans), "multirange_constructor1": spanResult(firstSpans),
		"range_cmp": byDatum(compareDatums), "multirange_cmp": byDatum(compareDatums),
		"multirange_unnest": byDatum(unnestMultirange),
	}
	relations := map[string]func(rng *types.Type, a, b []datum.Range) bool{
		"contains": rangesContain, "contained_by": swapped(rangesContain), "overlaps": rangesOverlap,
		"before": rangesBefore, "after": swapped(rangesBefore), "overleft": rangesOverLeft, "overright": rangesOverRight,
		"adjacent": datum.MultirangesAdjacent,
	}
	for name, f := range relations {
		m := relation(f)
		table["range_"+name], table["range_"+name+"_multirange"] = m, m
		table["multirange_"+name+"_range"], table["multirange_"+name+"_multirange"] = m, m
	}
	for _, p := range []string{"range_", "multirange_"} {
		table[p+"lower"] = boundOf(func(r *datum.Range) *datum.Bound { return &r.Lower })
		table[p+"upper"] = boundOf(func(r *datum.Range) *datum.Bound { return &r.Upper })
		table[p+"empty"] = spanFact(func(m []datum.Range) bool { return len(m) == 0 })
		table[p+"lower_inc"] = spanFact(func(m []datum.Range) bool { return len(m) > 0 && m[0].Lower.Closed })
		table[p+"upper_inc"] = spanFact(func(m []datum.Range) bool { return len(m) > 0 && m[len(m)-1].Upper.Closed })
		table[p+"lower_inf"] = spanFact(func(m []datum.Range) bool { return len(m) > 0 && m[0].Lower.Infinite })
		table[p+"upper_inf"] = spanFact(func(m []datum.Range) bool { return len(m) > 0 && m[len(m)-1].Upper.Infinite })
	}
	for _, name := range []string{"int4", "int8", "num", "date", "ts", "tstz"} {
		table[name+"range_constructor2"], table[name+"range_constructor3"] = byDatum(makeRange), byDatum(makeRange)
		table[name+"multirange_constructor0"] = byDatum(makeMultirange)
		table[name+"multirange_constructor1"] = spanResult(firstSpans)
		table[name+"multirange_constructor2"] = byDatum(makeMultirange)
		table[name+"range_subdiff"] = byDatum(boundDistance)
	}
	for _, name := range []string{"int4", "int8", "date"} {
		table[name+"range_canonical"] = byDatum(func(_ *call, a []any) (any, error) { return a[0], nil })
	}
	register(table)
}

// firstSpans gives the ranges of the first argument: they become a range or a multirange by the result's type.
func firstSpans(_ *types.Type, a, _ []datum.Range) ([]datum.Range, error) { return a, nil }

func compareDatums(c *call, a []any) (any, error) {
	return int64(cmp.Compare(datum.Compare(c.args[0], a[0], a[1]), 0)), nil
}

// makeRange is int4range(lower, upper [, bounds]): a NULL bound is infinite.
func makeRange(c *call, a []any) (any, error) {
	flags := "[)"
	if len(a) == 3 {
		if a[2] == nil {
			return nil, sqlerr.New("22000", "range constructor flags argument must not be null")
		}
		flags = a[2].(string)
	}
	switch flags {
	case "[]", "[)", "(]", "()":
	default:
		return nil, sqlerr.New(sqlerr.SyntaxError, "invalid range bound flags").
			WithHint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\".")
	}
	lower, upper := datum.Bound{Closed: flags[0] == '['}, datum.Bound{Closed: flags[1] == ']'}
	for i, b := range []*datum.Bound{&lower, &upper} {
		if b.Infinite = a[i] == nil; !b.Infinite {
			b.SetDatum(a[i])
		}
	}
	r, err := datum.NewRange(c.typ, lower, upper)
	if err != nil {
		return nil, err
	}
	return string(datum.AppendRange(nil, c.typ, &r, nil)), nil
}

// makeMultirange is int4multirange(range, …).
func makeMultirange(c *call, a []any) (any, error) {
	rs := make([]datum.Range, len(a))
	for i, x := range a {
		if x == nil {
			return nil, sqlerr.New("22004", "multirange values cannot contain null members")
		}
		var err error
		if rs[i], err = datum.ReadRange(c.typ.Elem, x.(string)); err != nil {
			return nil, err
		}
	}
	return string(datum.AppendMultirange(nil, c.typ, datum.NewMultirange(c.typ.Elem, rs), nil)), nil
}

func unnestMultirange(c *call, a []any) (any, error) {
	m, err := datum.ReadMultirange(c.args[0], a[0].(string))
	if err != nil {
		return nil, err
	}
	out := make([]any, len(m))
	for i := range m {
		out[i] = string(datum.AppendRange(nil, c.args[0].Elem, &m[i], nil))
	}
	return out, nil
}

// boundDistance is a range type's subdiff function: how far two bounds are apart, times in seconds.
func boundDistance(c *call, a []any) (any, error) {
	switch c.args[0].Kind {
	case types.Numeric:
		var d apd.Decimal
		if _, err := apd.BaseContext.WithPrecision(40).Sub(&d, a[0].(*apd.Decimal), a[1].(*apd.Decimal)); err != nil {
			return nil, err
		}
		return d.Float64()
	case types.Timestamp, types.TimestampTZ:
		return (float64(a[0].(int64)) - float64(a[1].(int64))) / 1e6, nil
	case types.Int8:
		return float64(a[0].(int64)) - float64(a[1].(int64)), nil
	}
	return float64(a[0].(int64) - a[1].(int64)), nil
}
