package bind

import (
	"cmp"
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// windowKey is one expression that a window's rows are sorted by, its place among all such expressions of the query.
type windowKey struct {
	place            int
	desc, nullsFirst bool
}

// sequenceWindows puts specifications into the sequence in which PostgreSQL computes them (select_active_windows): those
// that share a beginning of their sort keys side by side, the longer first. Rows leave in the order of the last one,
// which a LIMIT without ORDER BY and ties in ORDER BY show.
func (k *block) sequenceWindows(specs []*plan.Window) {
	var places []expr.Expr
	for _, o := range k.order {
		placeOf(&places, o.key.Expr)
	}
	keys := map[*plan.Window][]windowKey{}
	for _, w := range specs {
		order := make([]windowKey, len(w.Order))
		for i, s := range w.Order {
			order[i] = windowKey{placeOf(&places, s.Expr), s.Desc, s.NullsFirst}
		}
		var all []windowKey
		for _, e := range w.Partition {
			all = appendUnique(all, windowKey{place: placeOf(&places, e)})
		}
		for _, s := range order {
			all = appendUnique(all, s)
		}
		keys[w] = all
	}
	slices.SortStableFunc(specs, func(a, b *plan.Window) int { return compareWindowKeys(keys[a], keys[b]) })
}

func compareWindowKeys(a, b []windowKey) int {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if c := cmp.Or(cmp.Compare(y.place, x.place), trueFirst(x.desc, y.desc), trueFirst(x.nullsFirst, y.nullsFirst)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(b), len(a))
}

func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func appendUnique(keys []windowKey, k windowKey) []windowKey {
	if slices.Contains(keys, k) {
		return keys
	}
	return append(keys, k)
}

// placeOf is the place of e among the expressions, behind them when it is new.
func placeOf(among *[]expr.Expr, e expr.Expr) int {
	for i, known := range *among {
		if expr.Equal(known, e) {
			return i
		}
	}
	*among = append(*among, e)
	return len(*among) - 1
}
