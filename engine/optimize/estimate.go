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
	rows                   float64 // of its table
	kind                   *types.Type
	values                 *plan.ValueStats // of kind; nil when unknown
}

// distinct is how many distinct values of a column are left in the relation.
func (s *stats) distinct(id expr.ColumnID) float64 {
	d, rows := s.domain(id), math.Max(s.rows, 1)
	if c := s.cols[id]; d > 0 && c.rows > rows {
		// Rows left out at random leave out those values all of whose rows they are (Yao, CACM 1977, as PostgreSQL has it).
		d *= 1 - math.Pow(1-rows/c.rows, c.rows/d)
	}
	if d == 0 {
		d = rows * distinctFraction
	}
	return math.Max(1, math.Min(d, rows))
}

// domain is how many distinct values a column has in its table, 0 when unknown.
func (s *stats) domain(id expr.ColumnID) float64 {
	c, ok := s.cols[id]
	switch {
	case ok && c.distinct > 0:
		return c.distinct
	case ok && c.whole && c.max >= c.min:
		return math.Max(1, math.Min(c.max-c.min+1, c.rows))
	}
	return 0
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
		return filterStats(n, o.stats(n.Input))
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

// filterStats also narrows the columns that conditions compare with constants: two sides of a join that both have x = 5
// have one value to meet in.
func filterStats(n *plan.Filter, in *stats) *stats {
	out := &stats{rows: math.Max(0, in.rows*selectivity(n.Conds, in)), cols: in.cols}
	known := factsOf(flatten(n.Conds))
	if len(known) == 0 {
		return out
	}
	out.cols = make(map[expr.ColumnID]colStats, len(in.cols))
	for id, c := range in.cols {
		out.cols[id] = c
	}
	for _, f := range known {
		c := out.cols[f.column]
		part := selectivityOf(f.cond, in) / math.Max(1-c.nulls, 1e-3)
		if d := in.domain(f.column); d > 0 {
			c.distinct = math.Max(1, d*math.Min(1, part))
		}
		if e, ok := f.cond.(*expr.Call); ok && e.Fn.Name == "=" {
			c.distinct = 1
		}
		c.rows, c.values, c.nulls = math.Max(1, c.rows*part), nil, 0
		out.cols[f.column] = c
	}
	return out
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
			whole: t.Type.IsInteger() || t.Type.Kind == types.Date, rows: s.rows, kind: t.Type, values: t.Values,
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
	case bool:
		if v {
			return 1
		}
		return 0
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
	out := &stats{cols: map[expr.ColumnID]colStats{}}
	groups := 1.0
	for _, k := range n.Keys {
		d := math.Max(1, in.rows*distinctFraction)
		if c := bareColumn(k.Expr); c != nil {
			d = in.distinct(c.ID)
			cs := in.cols[c.ID]
			cs.distinct, cs.values = in.domain(c.ID), nil // a value is as common as another now
			out.cols[k.ID] = cs
		}
		groups *= d
	}
	out.rows = math.Min(groups, math.Max(in.rows, 1))
	if sets := len(n.GroupingSets); sets > 1 {
		out.rows *= float64(sets)
	}
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
