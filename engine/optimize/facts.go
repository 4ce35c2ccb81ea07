package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// fact is a comparison of one column with constants that every row of a relation meets.
type fact struct {
	column expr.ColumnID
	cond   expr.Expr
}

// factOf reads a comparison by an operator whose equality is of a family (see equalityFamily), or a list of constants; ok
// is false for anything else. Neither can fail.
func factOf(e expr.Expr) (fact, bool) {
	switch e := e.(type) {
	case *expr.Call:
		if e.Fn.Kind != expr.Operator || len(e.Args) != 2 || e.Fn.Volatility != expr.Immutable || !sameFamily(e.Fn) {
			return fact{}, false
		}
		a, b := e.Args[0], e.Args[1]
		if _, ok := a.(*expr.Const); ok {
			a, b = b, a
		}
		col, isColumn := a.(*expr.Column)
		if !isColumn || !constantIn(b) {
			return fact{}, false
		}
		return fact{col.ID, e}, true
	case *expr.In:
		col, ok := e.Arg.(*expr.Column)
		if !ok || e.Negate || !hasFamily(col.Typ) {
			return fact{}, false
		}
		for _, v := range e.List {
			if !constantIn(v) {
				return fact{}, false
			}
		}
		return fact{col.ID, e}, true
	}
	return fact{}, false
}

// sameFamily says whether a comparison is of two values of one type by the order that the type's equality belongs to.
func sameFamily(f *expr.Function) bool {
	switch f.Name {
	case "=", "<", "<=", ">", ">=":
	default:
		return false
	}
	if f.Args[0].Kind != f.Args[1].Kind {
		return false
	}
	return hasFamily(f.Args[0])
}

// facts are what is known of n's rows. What a policy below a security barrier knows is nobody's.
func facts(n plan.Node) []fact {
	switch n := n.(type) {
	case *plan.Filter:
		return append(factsOf(flatten(n.Conds)), facts(n.Input)...)
	case *plan.Sort, *plan.Limit, *plan.Window:
		return facts(n.Children()[0])
	case *plan.Project:
		return renamedFacts(facts(n.Input), n.Items)
	case *plan.Aggregate:
		if n.GroupingSets == nil && len(n.Keys) > 0 {
			return renamedFacts(facts(n.Input), n.Keys)
		}
	case *plan.Join:
		return joinFacts(n)
	}
	return nil
}

func factsOf(conds []expr.Expr) []fact {
	var out []fact
	for _, c := range conds {
		if f, ok := factOf(c); ok {
			out = append(out, f)
		}
	}
	return out
}

func joinFacts(n *plan.Join) []fact {
	switch n.Kind {
	case plan.Inner:
		return append(append(factsOf(flatten(n.On)), facts(n.Left)...), facts(n.Right)...)
	case plan.LeftSemi:
		left := columnsOf(n.Left)
		out := facts(n.Left)
		for _, f := range factsOf(flatten(n.On)) {
			if left[f.column] {
				out = append(out, f)
			}
		}
		return out
	case plan.RightOuter:
		return facts(n.Right)
	case plan.FullOuter:
		return nil
	}
	return facts(n.Left)
}

// renamedFacts are facts of the columns that items pass on.
func renamedFacts(in []fact, items []plan.Item) []fact {
	var out []fact
	for _, it := range items {
		c, ok := it.Expr.(*expr.Column)
		if !ok {
			continue
		}
		for _, f := range in {
			if f.column == c.ID {
				out = append(out, f.about(c.ID, it.Ref()))
			}
		}
	}
	return out
}

// about is the fact of another column.
func (f fact) about(old expr.ColumnID, c *expr.Column) fact {
	return fact{c.ID, substitute(f.cond, map[expr.ColumnID]expr.Expr{old: c})}
}

// hasFamily says whether the equality of a type's values with each other is of a family.
func hasFamily(t *types.Type) bool {
	for _, f := range expr.Operators("=") {
		if len(f.Args) == 2 && f.Args[0].Kind == t.Kind && f.Args[1].Kind == t.Kind {
			return equalityFamily(f) != ""
		}
	}
	return false
}
