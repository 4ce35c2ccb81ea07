package optimize

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// tightenNumerics computes sums, differences and products of numerics in the narrowest fixed-point storage that the
// bounds of their columns allow: l_extendedprice * (1 - l_discount) * (1 + l_tax) of numeric(15,2) has up to 47 digits,
// but 16 with the bounds that a Parquet footer knows, which is one machine word. A column is narrowed by a cast, which
// checks every value, so that a bound that does not hold is an error and never a wrong digit. Scales do not change.
func (o *optimizer) tightenNumerics(root plan.Node) plan.Node {
	t := &tightener{o: o, bounds: map[expr.ColumnID]*types.Type{}}
	plan.Walk(root, t.learn)
	if len(t.bounds) == 0 {
		return root
	}
	return plan.Rewrite(root, t.node)
}

type tightener struct {
	o *optimizer
	// bounds are the narrow types of columns with exact bounds.
	bounds map[expr.ColumnID]*types.Type
}

// learn collects the bounds of the columns that scans read, also inside of fragments.
func (t *tightener) learn(n plan.Node) bool {
	if r, ok := n.(*plan.Remote); ok {
		plan.Walk(r.Fragment.Root, t.learn)
	}
	s, ok := n.(*plan.Scan)
	if !ok {
		return true
	}
	table := s.Table.Columns()
	for i, c := range s.Cols {
		if narrow := narrowType(table[s.Ordinals[i]]); narrow != nil {
			t.bounds[c.ID] = narrow
		}
	}
	return true
}

// narrowType is a fixed-point column's type with only the digits that its bounds need; nil when that is no less.
func narrowType(c plan.TableColumn) *types.Type {
	if !c.Exact || c.Type.Kind != types.Numeric || c.Type.Precision == 0 {
		return nil
	}
	low, ok1 := c.Min.(*apd.Decimal)
	high, ok2 := c.Max.(*apd.Decimal)
	if !ok1 || !ok2 || low.Form != apd.Finite || high.Form != apd.Finite {
		return nil
	}
	whole := max(wholeDigits(low), wholeDigits(high))
	narrow := types.NumericScaled(max(whole+c.Type.Scale, 1), c.Type.Scale)
	if narrow.Precision == 0 || narrow.Precision >= c.Type.Precision || narrow.NumericStorage() != c.Type.NumericStorage() {
		return nil
	}
	return narrow
}

// wholeDigits is the number of digits before the decimal point, 0 for values below 1.
func wholeDigits(d *apd.Decimal) int32 {
	if d.Coeff.Sign() == 0 {
		return 0
	}
	return max(int32(d.NumDigits())+d.Exponent, 0)
}

// node narrows an aggregate's arguments, whose own type nobody sees, and what is inside of other expressions.
func (t *tightener) node(n plan.Node) plan.Node {
	if a, ok := n.(*plan.Aggregate); ok {
		return t.aggregate(a)
	}
	return plan.MapExprs(n, t.expr)
}

// expr narrows e and casts the result back to e's own type.
func (t *tightener) expr(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		c, ok := e.(*expr.Call)
		if !ok || !arithmetic(c.Fn) || c.Typ.NumericStorage() == types.Decimal64 {
			return e
		}
		tight := t.tight(c)
		if tight.Type().NumericStorage() == types.VarNumeric || types.Equal(tight.Type(), c.Typ) {
			return e
		}
		return castTo(tight, c.Typ)
	})
}

func arithmetic(f *expr.Function) bool {
	return f.ID == "numeric_add" || f.ID == "numeric_sub" || f.ID == "numeric_mul"
}

// tight is e over narrowed columns, with the types that follow from them.
func (t *tightener) tight(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Column:
		if narrow := t.bounds[e.ID]; narrow != nil {
			return &expr.Cast{Arg: e, Typ: narrow}
		}
	case *expr.Cast:
		// A cast back to a wider type that an inner rewrite left is undone.
		if inner := e.Arg.Type(); inner.Kind == types.Numeric && e.Typ.Kind == types.Numeric && e.Typ.Mod < 0 && inner.Scale == e.Typ.Scale && inner.Precision != 0 {
			return t.tight(e.Arg)
		}
	case *expr.Call:
		if !arithmetic(e.Fn) {
			return e
		}
		args := make([]expr.Expr, len(e.Args))
		argTypes := make([]*types.Type, len(e.Args))
		for i, a := range e.Args {
			args[i] = t.tight(a)
			argTypes[i] = args[i].Type()
		}
		return &expr.Call{Fn: e.Fn, Args: args, Typ: e.Fn.ResultType(argTypes)}
	}
	return e
}

// aggregate narrows the arguments of sums and averages; a sum whose own type becomes narrower is cast back above.
func (t *tightener) aggregate(n *plan.Aggregate) plan.Node {
	out := *n
	out.Aggs = make([]plan.AggItem, len(n.Aggs))
	back := map[expr.ColumnID]plan.Column{}
	for i, a := range n.Aggs {
		out.Aggs[i] = a
		if a.Fn.ID != "sum_numeric" && a.Fn.ID != "avg_numeric" || a.Distinct || len(a.Args) != 1 {
			continue
		}
		arg := t.tight(a.Args[0])
		if arg.Type().NumericStorage() == types.VarNumeric {
			continue
		}
		out.Aggs[i].Args = []expr.Expr{arg}
		if typ := a.Fn.ResultType([]*types.Type{arg.Type()}); !types.Equal(typ, a.Type) {
			narrow := t.o.newColumn(a.Name, typ, a.Nullable)
			back[a.ID] = narrow
			out.Aggs[i].Column = narrow
		}
	}
	if len(back) == 0 {
		return &out
	}
	return t.castBack(n, &out, back)
}

func (t *tightener) castBack(n, narrowed *plan.Aggregate, back map[expr.ColumnID]plan.Column) plan.Node {
	var items []plan.Item
	for _, c := range n.Columns() {
		it := plan.Item{Column: c, Expr: c.Ref()}
		if narrow, ok := back[c.ID]; ok {
			it.Expr = castTo(narrow.Ref(), c.Type)
		}
		items = append(items, it)
	}
	return &plan.Project{Input: narrowed, Items: items}
}
