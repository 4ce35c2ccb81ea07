package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// domain is the set of the values of outer columns that a dependent subquery is evaluated for: D in Neumann and Kemper's
// paper. Every place that needs it reads it as a shared subplan.
type domain struct {
	d *decorrelator
	// outer are the outer columns that the subquery reads, then the number of the outer row if rows are told apart by that.
	outer []plan.Column
	reads columnSet // of outer
	// key are the indices of outer that tell values apart.
	key    []int
	id     int
	core   plan.Node
	pushed map[int]*pushedShared
	// work are the recursions in whose steps this is the domain, by the IDs that they had.
	work map[int]*plan.Recursive
}

// unnest evaluates the right input of a for its domain and joins it with the left one on the domain.
func (d *decorrelator) unnest(a *plan.Apply) (plan.Node, error) {
	left, m := d.domainOf(a)
	right, cols, err := m.push(a.Right, false)
	if err != nil {
		return nil, err
	}
	j := a.Join
	j.Left, j.Right = left, right
	j.On = append(flattenBehind(&a.Join), m.equal(m.outer, cols)...)
	return keepOrder(a.Columns(), &j), nil
}

// flattenBehind are a join's conditions, of which a null-aware comparison stays the first and whole.
func flattenBehind(j *plan.Join) []expr.Expr { return append([]expr.Expr(nil), conjunctsOf(j)...) }

// domainOf makes the domain of a's right input, and the left input that is to be joined with it. Where equal values do
// not do (they look different, or the subquery is volatile), every outer row is a value of its own.
func (d *decorrelator) domainOf(a *plan.Apply) (plan.Node, *domain) {
	m := &domain{d: d, reads: columnSet{}, pushed: map[int]*pushedShared{}}
	for _, c := range a.Left.Columns() {
		one := columnSet{c.ID: true}
		if refers(a.Right, one) {
			m.outer, m.reads[c.ID] = append(m.outer, c), true
		}
	}
	m.id = d.shared()
	if byRow(a.Right, m.outer) {
		return m.numbered(a), m
	}
	left, from, by := d.twice(a.Left)
	m.core = filtered(from, substituteAll(guards(&a.Join), by))
	agg := &plan.Aggregate{Input: m.core}
	for i, c := range m.outer {
		e := substitute(c.Ref(), by)
		key := c
		key.ID = e.(*expr.Column).ID
		agg.Keys = append(agg.Keys, plan.Item{Column: key, Expr: e})
		m.key = append(m.key, i)
	}
	m.core = agg
	return left, m
}

// numbered makes the rows of the left input the domain, told apart by a number.
func (m *domain) numbered(a *plan.Apply) plan.Node {
	number := m.d.o.newColumn("row_number", types.Int8T, false)
	in := &plan.Window{
		Input: a.Left, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
		Items: []plan.AggItem{{Column: number, Fn: expr.MustFunction("window_row_number")}},
	}
	left, from, by := m.d.share(in)
	m.key = []int{len(m.outer)}
	m.outer = append(m.outer, number)
	items := make([]plan.Item, len(m.outer))
	for i, c := range m.outer {
		e := substitute(c.Ref(), by)
		c.ID = e.(*expr.Column).ID
		items[i] = plan.Item{Column: c, Expr: e}
	}
	m.core = &plan.Project{Input: filtered(from, substituteAll(guards(&a.Join), by)), Items: items}
	return left
}

// guards are the conditions of a join over its left input: rows for which they do not hold ask nothing of the right one.
func guards(j *plan.Join) []expr.Expr {
	left := columnsOf(j.Left)
	on := conjunctsOf(j)
	if nullAware(j) {
		on = on[1:]
	}
	out, _ := split(on, func(e expr.Expr) bool { return movable(e) && left.within(e) })
	return out
}

// twice gives a plan for two places: as it is and, with columns of its own, a second time. A plain read of a table is
// written twice, so that both can go to its source; anything else is computed once.
func (d *decorrelator) twice(n plan.Node) (plan.Node, plan.Node, map[expr.ColumnID]expr.Expr) {
	if !copyable(n) {
		return d.share(n)
	}
	by := map[expr.ColumnID]expr.Expr{}
	return n, d.copied(n, by), by
}

// share computes n once for two places. The first keeps the columns.
func (d *decorrelator) share(n plan.Node) (plan.Node, plan.Node, map[expr.ColumnID]expr.Expr) {
	id := d.shared()
	first := &plan.Shared{ID: id, Name: "outer", Input: n, Cols: n.Columns()}
	second := &plan.Shared{ID: id, Name: "outer", Input: n}
	by := map[expr.ColumnID]expr.Expr{}
	for _, c := range first.Cols {
		second.Cols = append(second.Cols, d.fresh(c, by))
	}
	return first, second, by
}

// fresh is a column like c with an ID of its own, noted in by.
func (d *decorrelator) fresh(c plan.Column, by map[expr.ColumnID]expr.Expr) plan.Column {
	n := d.o.newColumn(c.Name, c.Type, c.Nullable)
	by[c.ID] = n.Ref()
	return n
}

// copyable says whether reading n a second time gives the same rows for little.
func copyable(n plan.Node) bool {
	for _, e := range plan.Exprs(n) {
		if !movable(e) {
			return false
		}
	}
	switch n := n.(type) {
	case *plan.Scan, *plan.Shared, *plan.WorkTable:
		return true
	case *plan.Filter:
		return copyable(n.Input)
	case *plan.Project:
		return copyable(n.Input)
	case *plan.SecurityBarrier:
		return copyable(n.Input)
	}
	return false
}

// copied is a copyable plan with columns of its own, noted in by.
func (d *decorrelator) copied(n plan.Node, by map[expr.ColumnID]expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		c := &plan.Scan{Table: n.Table, Ordinals: n.Ordinals}
		for _, col := range n.Cols {
			c.Cols = append(c.Cols, d.fresh(col, by))
		}
		return c
	case *plan.Shared:
		c := &plan.Shared{ID: n.ID, Name: n.Name, Input: n.Input}
		for _, col := range n.Cols {
			c.Cols = append(c.Cols, d.fresh(col, by))
		}
		return c
	case *plan.WorkTable:
		c := &plan.WorkTable{ID: n.ID, Name: n.Name}
		for _, col := range n.Cols {
			c.Cols = append(c.Cols, d.fresh(col, by))
		}
		return c
	case *plan.Project:
		c := &plan.Project{Input: d.copied(n.Input, by)}
		for _, it := range n.Items {
			e := substitute(it.Expr, by)
			if col, ok := e.(*expr.Column); ok {
				own := it.Column
				own.ID = col.ID
				by[it.ID] = col
				c.Items = append(c.Items, plan.Item{Column: own, Expr: col})
				continue
			}
			c.Items = append(c.Items, plan.Item{Column: d.fresh(it.Column, by), Expr: e})
		}
		return c
	}
	in := d.copied(n.Children()[0], by)
	n = plan.MapExprs(n, func(e expr.Expr) expr.Expr { return substitute(e, by) })
	return plan.WithChildren(n, []plan.Node{in})
}

// byRow says whether the subquery has to be evaluated for each outer row rather than for each value.
func byRow(n plan.Node, outer []plan.Column) bool {
	if volatilePlan(n) {
		return true
	}
	for _, c := range outer {
		switch identity := identityOf(c.Type); {
		case identity == ungroupable, identity == lookalike && !onlyCompared(n, c.ID):
			return true
		}
	}
	return false
}

// identity says what equality means for values of a type.
type identity uint8

const (
	same        identity = iota // equal values are one value
	lookalike                   // equal values can differ: 1.0 and 1.00, -0 and 0, '30 days' and '1 mon'
	ungroupable                 // the type has no equality
)

func identityOf(t *types.Type) identity {
	switch t.Kind {
	case types.Numeric:
		if t.Precision > 0 {
			return same
		}
		return lookalike
	case types.Float4, types.Float8, types.Interval, types.Bpchar, types.JSONB, types.Range, types.Multirange:
		return lookalike
	case types.JSON, types.Opaque:
		return ungroupable
	case types.Array:
		return identityOf(t.Elem)
	case types.Record, types.Composite:
		worst := same
		for _, f := range t.Fields {
			worst = max(worst, identityOf(f.Type))
		}
		return worst
	}
	return same
}

// onlyCompared says whether everything in n that reads the column compares it: equal values then do the same.
func onlyCompared(n plan.Node, id expr.ColumnID) bool {
	ok := true
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			ok = ok && !shows(e, id)
		}
		return ok
	})
	return ok
}

// shows says whether more of the column than its place among others reaches the expression's value.
func shows(e expr.Expr, id expr.ColumnID) bool {
	operands := expr.Children(e)
	switch e := e.(type) {
	case nil:
		return false
	case *expr.Column:
		return e.ID == id
	case *expr.Call:
		switch {
		case e.Fn.Kind != expr.Operator:
			operands = nil
		case e.Fn.Name != "=" && e.Fn.Name != "<>" && e.Fn.Name != "<" && e.Fn.Name != "<=" && e.Fn.Name != ">" && e.Fn.Name != ">=":
			operands = nil
		}
	case *expr.IsDistinct, *expr.IsNull, *expr.In:
	default:
		operands = nil
	}
	for _, c := range expr.Children(e) {
		if bare := bareNumber(c); operands != nil && bare != nil && bare.ID == id {
			continue
		}
		if shows(c, id) {
			return true
		}
	}
	return false
}

// bareNumber is the column that e is, or casts from one type of numbers to another; nil for anything else.
func bareNumber(e expr.Expr) *expr.Column {
	for {
		c, ok := e.(*expr.Cast)
		if !ok || !isNumber(c.Typ) || !isNumber(c.Arg.Type()) {
			break
		}
		e = c.Arg
	}
	col, _ := e.(*expr.Column)
	return col
}

func isNumber(t *types.Type) bool {
	switch t.Kind {
	case types.Numeric, types.Float4, types.Float8:
		return true
	}
	return t.IsInteger()
}

// place reads the domain in one more place: a relation of columns parallel to outer.
func (m *domain) place() (plan.Node, []plan.Column) {
	s := &plan.Shared{ID: m.id, Name: "domain", Input: m.core}
	for _, c := range m.core.Columns() {
		s.Cols = append(s.Cols, m.d.o.newColumn(c.Name, c.Type, c.Nullable))
	}
	return s, s.Cols
}

// bind puts columns in the place of the outer ones.
func (m *domain) bind(cols []plan.Column) func(expr.Expr) expr.Expr {
	by := map[expr.ColumnID]expr.Expr{}
	for i, c := range m.outer {
		by[c.ID] = cols[i].Ref()
	}
	return func(e expr.Expr) expr.Expr { return substitute(e, by) }
}

// keys are those of cols, parallel to outer, that tell values apart.
func (m *domain) keys(cols []plan.Column) []plan.Column {
	out := make([]plan.Column, len(m.key))
	for i, k := range m.key {
		out[i] = cols[k]
	}
	return out
}

// equal are the conditions that two relations' domain columns are the same value.
func (m *domain) equal(a, b []plan.Column) []expr.Expr { return equalColumns(m.keys(a), m.keys(b)) }

func equalColumns(a, b []plan.Column) []expr.Expr {
	out := make([]expr.Expr, len(a))
	for i := range a {
		out[i] = sameValue(a[i], b[i])
	}
	return out
}

// sameValue is a plain equality where neither column is NULL, as that can be pushed to sources and ordered well.
func sameValue(a, b plan.Column) expr.Expr {
	if !a.Nullable && !b.Nullable {
		for _, f := range expr.Operators("=") {
			if len(f.Args) == 2 && types.Same(f.Args[0], a.Type) && types.Same(f.Args[1], b.Type) {
				return &expr.Call{Fn: f, Args: []expr.Expr{a.Ref(), b.Ref()}, Typ: types.BoolT}
			}
		}
	}
	return &expr.IsDistinct{Left: a.Ref(), Right: b.Ref(), Negate: true}
}
