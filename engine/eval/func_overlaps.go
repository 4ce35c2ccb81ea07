package eval

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{}
	for _, t := range []string{"time", "timestamp", "timestamptz"} {
		for _, form := range []string{"", "_spans", "_first", "_second"} {
			table["overlaps_"+t+form] = byDatum(overlaps)
		}
	}
	table["overlaps_timetz"] = byDatum(overlaps)
	register(table)
}

// overlaps is (a, b) OVERLAPS (c, d): an interval as the second of a pair is added to the first. A pair with one NULL is
// what is known of it, so that the answer can be NULL, true or false.
func overlaps(c *call, a []any) (any, error) {
	t := c.args[0]
	var ends [4]any
	for k := 0; k < 4; k += 2 {
		end := a[k+1]
		if v, ok := end.(datum.Interval); ok {
			if end = nil; a[k] != nil {
				sum, err := plusInterval(c, t, a[k].(int64), v)
				if err != nil {
					return nil, err
				}
				end = sum
			}
		}
		from, to := a[k], end
		if from == nil || to != nil && datum.Compare(t, from, to) > 0 {
			from, to = to, from
		}
		if from == nil {
			return nil, nil
		}
		ends[k], ends[k+1] = from, to
	}
	return pairsOverlap(t, ends), nil
}

func plusInterval(c *call, t *types.Type, at int64, v datum.Interval) (int64, error) {
	switch t.Kind {
	case types.Time:
		return wrapTime(at, v.Micros), nil
	case types.TimestampTZ:
		return datum.AddInterval(at, v, c.zone())
	}
	return datum.AddInterval(at, v, nil)
}

// pairsOverlap compares [e0, e1] with [e2, e3], whose beginnings are known.
func pairsOverlap(t *types.Type, e [4]any) any {
	c := datum.Compare(t, e[0], e[2])
	if c > 0 {
		e = [4]any{e[2], e[3], e[0], e[1]}
	}
	switch {
	case c == 0 && (e[1] == nil || e[3] == nil):
		return nil
	case c == 0:
		return true
	case e[1] == nil:
		return nil
	case datum.Compare(t, e[2], e[1]) < 0:
		return true
	case e[3] == nil:
		return nil
	}
	return false
}
