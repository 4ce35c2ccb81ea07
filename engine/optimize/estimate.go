package optimize

import (
	"math"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// Guesses where nothing is known (System R's, Selinger et al., SIGMOD 1979, as PostgreSQL keeps them).
const (
	unknownRows      = 1e5
	equalityGuess    = 0.005
	inequalityGuess  = 1.0 / 3
	rangeGuess       = 0.05
	otherGuess       = 0.25
	semiMatchGuess   = 0.5
	distinctFraction = 0.1
)

// stats is what is expected of a relation: its rows, and per column the distinct values and bounds.
type stats struct {
	rows float64
	cols map[expr.ColumnID]colStats
}

type colStats struct {
	distinct, nulls, width float64
	min, max               float64 // NaN when unknown or not numeric
	whole                  bool    // the column holds whole numbers, so that its bounds bound its distinct values
}

func (s *stats) distinct(id expr.ColumnID) float64 {
	c, ok := s.cols[id]
	switch {
	case ok && c.distinct > 0:
		return math.Min(c.distinct, math.Max(s.rows, 1))
	case ok && c.whole && c.max >= c.min:
		return math.Min(c.max-c.min+1, math.Max(s.rows, 1))
	}
	return math.Max(1, s.rows*distinctFraction)
}

// scaled keeps the columns and changes the rows.
func (s *stats) scaled(rows float64) *stats { return &stats{rows: math.Max(rows, 0), cols: s.cols} }

// stats estimates a node, remembering the answer.
func (o *optimizer) stats(n plan.Node) *stats {
	if s := o.memo[n]; s != nil {
		return s
	}
	s := o.estimate(n)
	o.memo[n] = s
	return s
}

func (o *optimizer) estimate(n plan.Node) *stats {
	switch n := n.(type) {
	case *plan.Scan:
		return scanStats(n)
	case *plan.Remote:
		s := o.stats(n.Fragment.Root)
		if est := n.Scan.Estimate(); est.Rows >= 0 {
			return s.scaled(math.Min(s.rows, est.Rows))
		}
		return s
	case *plan.Values:
		return &stats{rows: float64(len(n.Rows))}
	case *plan.ProjectSet:
		return projectSetStats(n, o.stats(n.Input))
	case *plan.Filter:
		in := o.stats(n.Input)
		return in.scaled(in.rows * selectivity(n.Conds, in))
	case *plan.Project:
		return projectStats(n, o.stats(n.Input))
	case *plan.Join:
		return joinStats(n.Kind, n.On, o.stats(n.Left), o.stats(n.Right), columnsOf(n.Left), columnsOf(n.Right))
	case *plan.Aggregate:
		return aggregateStats(n, o.stats(n.Input))
	case *plan.Limit:
		in := o.stats(n.Input)
		if c, ok := n.Count.(*expr.Const); ok {
			if k, ok := c.Value.(int64); ok {
				return in.scaled(math.Min(in.rows, float64(k)))
			}
		}
		return in
	case *plan.SetOp:
		return o.setOpStats(n)
	case *plan.Recursive:
		return o.recursiveStats(n)
	case *plan.WorkTable:
		return o.workTableStats(n)
	case *plan.Shared:
		return renamed(o.stats(n.Input), n.Input.Columns(), n.Cols)
	}
	if kids := n.Children(); len(kids) > 0 {
		return o.stats(kids[0])
	}
	return &stats{rows: unknownRows}
}

func scanStats(n *plan.Scan) *stats {
	s := &stats{rows: n.Table.Rows(), cols: make(map[expr.ColumnID]colStats, len(n.Cols))}
	if s.rows < 0 {
		s.rows = unknownRows
	}
	table := n.Table.Columns()
	for i, c := range n.Cols {
		t := table[n.Ordinals[i]]
		s.cols[c.ID] = colStats{
			distinct: t.Distinct, nulls: t.NullFraction, width: t.Width, min: number(t.Min), max: number(t.Max),
			whole: t.Type.IsInteger() || t.Type.Kind == types.Date,
		}
	}
	return s
}

// number is a datum as a float where it is one, else NaN.
func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case interface{ Float64() (float64, error) }:
		if f, err := v.Float64(); err == nil {
			return f
		}
	}
	return math.NaN()
}

func renamed(s *stats, from, to []plan.Column) *stats {
	out := &stats{rows: s.rows, cols: map[expr.ColumnID]colStats{}}
	for i, c := range from {
		if cs, ok := s.cols[c.ID]; ok {
			out.cols[to[i].ID] = cs
		}
	}
	return out
}

func projectStats(n *plan.Project, in *stats) *stats {
	out := &stats{rows: in.rows, cols: map[expr.ColumnID]colStats{}}
	for _, it := range n.Items {
		if c := bareColumn(it.Expr); c != nil {
			out.cols[it.ID] = in.cols[c.ID]
		}
	}
	return out
}

// bareColumn is the column that e reads, through casts, or nil.
func bareColumn(e expr.Expr) *expr.Column {
	switch e := e.(type) {
	case *expr.Column:
		return e
	case *expr.Cast:
		return bareColumn(e.Arg)
	}
	return nil
}

func aggregateStats(n *plan.Aggregate, in *stats) *stats {
	groups := 1.0
	out := &stats{cols: map[expr.ColumnID]colStats{}}
	for _, k := range n.Keys {
		d := math.Max(1, in.rows*distinctFraction)
		if c := bareColumn(k.Expr); c != nil {
			d = in.distinct(c.ID)
			out.cols[k.ID] = in.cols[c.ID]
		}
		groups *= d
	}
	out.rows = math.Min(groups, math.Max(in.rows, 1))
	return out
}

func (o *optimizer) setOpStats(n *plan.SetOp) *stats {
	first := o.stats(n.Inputs[0])
	rows := first.rows
	for _, in := range n.Inputs[1:] {
		switch n.Op {
		case plan.Union:
			rows += o.stats(in).rows
		case plan.Intersect:
			rows = math.Min(rows, o.stats(in).rows)
		}
	}
	return renamed(first.scaled(rows), n.Inputs[0].Columns(), n.Cols)
}

// joinStats estimates |L ⋈ R| as |L|·|R| / Π max(distinct) over the equalities.
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
	both := &stats{rows: l.rows * r.rows, cols: cols}
	matchFraction := 1.0
	for _, c := range flatten(on) {
		a, b, ok := equality(c, lc, rc)
		if !ok {
			both.rows *= selectivityOf(c, both)
			continue
		}
		dl, dr := sideDistinct(a, l), sideDistinct(b, r)
		both.rows /= math.Max(1, math.Max(dl, dr))
		matchFraction = math.Min(matchFraction, math.Min(1, dr/math.Max(dl, 1)))
	}
	switch kind {
	case plan.LeftSemi:
		return &stats{rows: l.rows * math.Min(matchFraction, 1) * 0.9, cols: cols}
	case plan.LeftAnti, plan.NullAwareAnti:
		return &stats{rows: math.Max(1, l.rows*(1-matchFraction*semiMatchGuess)), cols: cols}
	case plan.Mark, plan.Single:
		return &stats{rows: l.rows, cols: cols}
	case plan.LeftOuter:
		both.rows = math.Max(both.rows, l.rows)
	case plan.RightOuter:
		both.rows = math.Max(both.rows, r.rows)
	case plan.FullOuter:
		both.rows = math.Max(both.rows, l.rows+r.rows)
	}
	return both
}

func sideDistinct(e expr.Expr, s *stats) float64 {
	if c := bareColumn(e); c != nil {
		return s.distinct(c.ID)
	}
	return math.Max(1, s.rows*distinctFraction)
}

func selectivity(conds []expr.Expr, s *stats) float64 {
	f := 1.0
	for _, c := range conds {
		f *= selectivityOf(c, s)
	}
	return f
}

func selectivityOf(e expr.Expr, s *stats) float64 {
	switch e := e.(type) {
	case *expr.Const:
		if e.Value == true {
			return 1
		}
		return 0
	case *expr.Logic:
		return logicSelectivity(e, s)
	case *expr.Not:
		return 1 - selectivityOf(e.Arg, s)
	case *expr.IsNull:
		f := 0.05
		if c := bareColumn(e.Arg); c != nil {
			f = s.cols[c.ID].nulls
		}
		if e.Negate {
			return 1 - f
		}
		return f
	case *expr.In:
		f := math.Min(1, float64(len(e.List))*equalTo(e.Arg, s))
		if e.Negate {
			return 1 - f
		}
		return f
	case *expr.Call:
		return callSelectivity(e, s)
	}
	return otherGuess
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

func equalTo(e expr.Expr, s *stats) float64 {
	c := bareColumn(e)
	if c == nil {
		return equalityGuess
	}
	if cs := s.cols[c.ID]; cs.distinct > 0 {
		return 1 / cs.distinct
	}
	if c.Typ.Kind == types.Bool {
		return 0.5
	}
	return equalityGuess
}

func callSelectivity(e *expr.Call, s *stats) float64 {
	if e.Fn.Kind != expr.Operator || len(e.Args) != 2 {
		return otherGuess
	}
	col, k, flipped := bareColumn(e.Args[0]), e.Args[1], false
	if col == nil {
		col, k, flipped = bareColumn(e.Args[1]), e.Args[0], true
	}
	if col == nil {
		return otherGuess
	}
	switch e.Fn.Name {
	case "=":
		return equalTo(col, s)
	case "<>":
		return 1 - equalTo(col, s)
	case "<", "<=":
		return rangeSelectivity(s.cols[col.ID], k, !flipped)
	case ">", ">=":
		return rangeSelectivity(s.cols[col.ID], k, flipped)
	}
	return rangeGuess
}

// rangeSelectivity interpolates between the column's bounds; below says that smaller values pass.
func rangeSelectivity(c colStats, k expr.Expr, below bool) float64 {
	v := math.NaN()
	if lit, ok := k.(*expr.Const); ok {
		v = number(lit.Value)
	}
	f := (v - c.min) / (c.max - c.min)
	if math.IsNaN(f) || math.IsInf(f, 0) || c.max == c.min {
		return inequalityGuess
	}
	if !below {
		f = 1 - f
	}
	return math.Min(1, math.Max(f, 0.001))
}
