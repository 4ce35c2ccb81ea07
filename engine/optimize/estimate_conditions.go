package optimize

import (
	"math"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// selectivity is the part of a relation's rows for which all conditions are true. Bounds of one column from below and from
// above are taken together, other conditions as independent (PostgreSQL's clauselist_selectivity).
func selectivity(conds []expr.Expr, s *stats) float64 {
	f := 1.0
	ranges := map[expr.ColumnID]*interval{}
	var order []expr.ColumnID
	for _, c := range flatten(conds) {
		col, part, below, ok := boundSelectivity(c, s)
		if !ok {
			f *= selectivityOf(c, s)
			continue
		}
		r := ranges[col]
		if r == nil {
			r = &interval{below: 1, above: 1}
			ranges[col] = r
			order = append(order, col)
		}
		r.add(part, below)
	}
	for _, id := range order {
		f *= ranges[id].selectivity(s.cols[id].nulls)
	}
	return f
}

// interval is what the bounds of one column leave.
type interval struct {
	below, above float64 // the parts of the rows below the upper bound, and above the lower one
	from, to     bool
}

func (r *interval) add(part float64, below bool) {
	if below {
		r.below, r.to = math.Min(r.below, part), true
	} else {
		r.above, r.from = math.Min(r.above, part), true
	}
}

func (r *interval) selectivity(nulls float64) float64 {
	switch {
	case !r.from:
		return r.below
	case !r.to:
		return r.above
	case r.below == inequalityGuess && r.above == inequalityGuess:
		return equalityGuess // PostgreSQL's guess for a range
	}
	return math.Max(r.below+r.above+nulls-1, 1e-4)
}

// boundSelectivity is the selectivity of column < constant and the like.
func boundSelectivity(e expr.Expr, s *stats) (col expr.ColumnID, part float64, below, ok bool) {
	c, isCall := e.(*expr.Call)
	if !isCall || c.Fn.Kind != expr.Operator || len(c.Args) != 2 || mirrored[c.Fn.Name] == "" {
		return 0, 0, false, false
	}
	op, column, k := c.Fn.Name, bareColumn(c.Args[0]), c.Args[1]
	if column == nil {
		op, column, k = mirrored[op], bareColumn(c.Args[1]), c.Args[0]
	}
	if column == nil || bareColumn(k) != nil {
		return 0, 0, false, false
	}
	below = op == "<" || op == "<="
	return column.ID, rangeSelectivity(s.cols[column.ID], k, below), below, true
}

func selectivityOf(e expr.Expr, s *stats) float64 {
	switch e := e.(type) {
	case *expr.Const:
		if e.Value == true {
			return 1
		}
		return 0
	case *expr.Column:
		return equalToValue(s.cols[e.ID], true, 0.5)
	case *expr.Logic:
		return logicSelectivity(e, s)
	case *expr.Not:
		return math.Max(0, 1-selectivityOf(e.Arg, s)-nullsOf(e.Arg, s))
	case *expr.IsNull:
		f := nullsOf(e.Arg, s)
		if e.Negate {
			return 1 - f
		}
		return f
	case *expr.IsBool:
		return boolSelectivity(e, s)
	case *expr.IsDistinct:
		f := equalTo(e.Left, e.Right, s)
		if e.Negate {
			return f
		}
		return 1 - f
	case *expr.In:
		return inSelectivity(e, s)
	case *expr.Call:
		return callSelectivity(e, s)
	}
	return otherGuess
}

// nullGuess is the part of NULLs in what nothing is known of (PostgreSQL's DEFAULT_UNK_SEL).
const nullGuess = 0.005

// nullsOf is the part of rows for which e is NULL.
func nullsOf(e expr.Expr, s *stats) float64 {
	switch v := e.(type) {
	case *expr.Column:
		if c, ok := s.cols[v.ID]; ok {
			return c.nulls
		}
	case *expr.Cast:
		return nullsOf(v.Arg, s)
	case *expr.Call:
		if !v.Fn.Strict {
			return 0
		}
		some := 1.0
		for _, a := range v.Args {
			some *= 1 - nullsOf(a, s)
		}
		return 1 - some
	case *expr.In:
		return nullsOf(v.Arg, s)
	case *expr.Const:
		if v.Value == nil {
			return 1
		}
		return 0
	case *expr.IsNull, *expr.IsBool, *expr.IsDistinct:
		return 0
	}
	return nullGuess
}

func boolSelectivity(e *expr.IsBool, s *stats) float64 {
	f := selectivityOf(e.Arg, s)
	if !e.Value {
		f = math.Max(0, 1-f-nullsOf(e.Arg, s))
	}
	if e.Negate {
		return 1 - f
	}
	return f
}

func inSelectivity(e *expr.In, s *stats) float64 {
	f := 0.0
	for _, v := range e.List {
		f += equalTo(e.Arg, v, s)
	}
	f = math.Min(1, f)
	if e.Negate {
		return math.Max(0, 1-f-nullsOf(e.Arg, s))
	}
	return f
}

func logicSelectivity(e *expr.Logic, s *stats) float64 {
	if e.Op == expr.And {
		return selectivity(e.Args, s)
	}
	miss := 1.0
	for _, a := range e.Args {
		miss *= 1 - selectivityOf(a, s)
	}
	return 1 - miss
}

// equalTo is the part of the rows for which two expressions are equal.
func equalTo(a, b expr.Expr, s *stats) float64 {
	col, other := bareColumn(a), b
	if col == nil {
		col, other = bareColumn(b), a
	}
	if col == nil {
		return equalityGuess
	}
	c := s.cols[col.ID]
	if k, ok := other.(*expr.Const); ok {
		if k.Value == nil {
			return 0
		}
		return equalToValue(c, k.Value, unknownEquality(col, s))
	}
	if o := bareColumn(other); o != nil {
		return 1 / math.Max(1, math.Max(s.domain(col.ID), math.Max(s.domain(o.ID), 1/equalityGuess)))
	}
	return unknownEquality(col, s)
}

func unknownEquality(col *expr.Column, s *stats) float64 {
	if d := s.domain(col.ID); d > 0 {
		return (1 - s.cols[col.ID].nulls) / d
	}
	if col.Typ.Kind == types.Bool {
		return 0.5
	}
	return equalityGuess
}

func callSelectivity(e *expr.Call, s *stats) float64 {
	if e.Fn.Kind != expr.Operator || len(e.Args) != 2 {
		return otherGuess
	}
	switch e.Fn.Name {
	case "=":
		return equalTo(e.Args[0], e.Args[1], s)
	case "<>":
		return math.Max(0, 1-equalTo(e.Args[0], e.Args[1], s)-nullsOf(e, s))
	case "<", "<=", ">", ">=":
		if _, part, _, ok := boundSelectivity(e, s); ok {
			return part
		}
		return inequalityGuess
	}
	if f, ok := sampled(e, s); ok {
		return f
	}
	return patternSelectivity(e)
}
