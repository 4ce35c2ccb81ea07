package optimize

import (
	"math"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// joinStats estimates a join from its inputs: each equality of an inner join passes one pair in as many as the larger
// number of distinct values (System R), the common values each by itself where both sides know theirs (PostgreSQL's
// eqjoinsel); equalities of one pair of relations are taken as the parts of one key.
func joinStats(kind plan.JoinKind, on []expr.Expr, l, r *stats, lc, rc columnSet) *stats {
	cols := make(map[expr.ColumnID]colStats, len(l.cols)+len(r.cols))
	for id, c := range l.cols {
		cols[id] = c
	}
	if !kind.LeftOnly() {
		for id, c := range r.cols {
			cols[id] = c
		}
	}
	out := &stats{cols: cols}
	switch kind {
	case plan.LeftSemi:
		out.rows = l.rows * matchFraction(on, l, r, lc, rc)
	case plan.LeftAnti, plan.NullAwareAnti:
		out.rows = l.rows * (1 - 0.9*matchFraction(on, l, r, lc, rc)) // some row is always without
	case plan.Mark, plan.Single:
		out.rows = l.rows
	default:
		out.rows = innerRows(on, l, r, lc, rc)
	}
	switch kind {
	case plan.LeftOuter:
		out.rows = math.Max(out.rows, l.rows)
	case plan.RightOuter:
		out.rows = math.Max(out.rows, r.rows)
	case plan.FullOuter:
		out.rows = math.Max(out.rows, math.Max(l.rows, r.rows))
	}
	return out
}

func innerRows(on []expr.Expr, l, r *stats, lc, rc columnSet) float64 {
	both := &stats{rows: l.rows * r.rows, cols: l.merged(r)}
	rest := 1.0
	var ds []float64
	for _, c := range flatten(on) {
		a, b, ok := equality(c, lc, rc)
		if !ok {
			rest *= selectivityOf(c, both)
			continue
		}
		ds = append(ds, 1/equalSelectivity(a, b, l, r))
	}
	if len(ds) == 0 {
		return both.rows * rest
	}
	return both.rows * rest / keyDivisor(ds, math.Min(l.rows, r.rows))
}

func (s *stats) merged(r *stats) map[expr.ColumnID]colStats {
	out := make(map[expr.ColumnID]colStats, len(s.cols)+len(r.cols))
	for id, c := range s.cols {
		out[id] = c
	}
	for id, c := range r.cols {
		out[id] = c
	}
	return out
}

// equalSelectivity is the part of the pairs of two relations for which two expressions are equal.
func equalSelectivity(a, b expr.Expr, l, r *stats) float64 {
	x, y := bareColumn(a), bareColumn(b)
	if x != nil && y != nil {
		if f, ok := commonMatches(l.cols[x.ID], r.cols[y.ID]); ok {
			return f
		}
	}
	return 1 / math.Max(1, math.Max(domainOfExpr(a, l), domainOfExpr(b, r)))
}

func domainOfExpr(e expr.Expr, s *stats) float64 {
	if c := bareColumn(e); c != nil {
		if d := s.domain(c.ID); d > 0 {
			return d
		}
	}
	return math.Max(1, s.rows*distinctFraction)
}

// commonMatches is the selectivity of an equality of two columns whose common values are known (PostgreSQL's
// eqjoinsel_inner): common values that meet, those that meet the others of the other side, and the others with each
// other, each by the larger number of distinct values.
func commonMatches(a, b colStats) (float64, bool) {
	if a.values == nil || b.values == nil || len(a.values.Common) == 0 || len(b.values.Common) == 0 || a.distinct <= 0 || b.distinct <= 0 {
		return 0, false
	}
	other := map[any]float64{}
	for i, v := range b.values.Common {
		other[mapKey(v)] = b.values.Frequencies[i]
	}
	var matched, metA, metB, allA, allB, n float64
	for i, v := range a.values.Common {
		f := a.values.Frequencies[i]
		allA += f
		if g, ok := other[mapKey(v)]; ok {
			matched, metA, metB, n = matched+f*g, metA+f, metB+g, n+1
		}
	}
	for _, g := range b.values.Frequencies {
		allB += g
	}
	restA, restB := math.Max(0, 1-a.nulls-allA), math.Max(0, 1-b.nulls-allB)
	da, db := a.distinct, b.distinct
	f := matched
	if left := db - float64(len(b.values.Common)); left > 0 {
		f += (allA - metA) * restB / left
	}
	if left := db - n; left > 0 {
		f += restA * (restB + allB - metB) / math.Max(left, da-n)
	}
	if left := da - float64(len(a.values.Common)); left > 0 {
		f += (allB - metB) * restA / left
	}
	return math.Min(1, math.Max(f, 1e-12)), true
}

// mapKey is a datum as a key of a map, in which equal numbers are one.
func mapKey(v any) any {
	if f := number(v); !math.IsNaN(f) {
		return f
	}
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return v
}

// matchFraction is the part of the left rows that have a match on the right: of as many distinct values as the right has
// left, of those that the left has in its table (PostgreSQL's eqjoinsel_semi).
func matchFraction(on []expr.Expr, l, r *stats, lc, rc columnSet) float64 {
	f, rest, keys := 1.0, 1.0, 1.0
	both := &stats{rows: l.rows * r.rows, cols: l.merged(r)}
	for _, c := range flatten(on) {
		a, b, ok := equality(c, lc, rc)
		if !ok {
			rest *= selectivityOf(c, both)
			continue
		}
		of := domainOfExpr(a, l)
		have := r.rows * distinctFraction
		if y := bareColumn(b); y != nil {
			have = r.distinct(y.ID)
		}
		part := math.Min(1, math.Max(have, 1)/of)
		if x := bareColumn(a); x != nil {
			part *= 1 - l.cols[x.ID].nulls
		}
		f, keys = math.Min(f, part), math.Max(keys, have)
	}
	// Of the rows that a key finds, one has to meet the other conditions.
	f *= 1 - math.Pow(1-rest, math.Max(1, r.rows/keys))
	if r.rows < 1 {
		f *= math.Max(r.rows, 0)
	}
	return f
}
