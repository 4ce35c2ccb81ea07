package sourcetest

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

var comparisons = []string{"=", "<>", "<", "<=", ">", ">="}

var patterns = []string{"a%", "%", "", "a_b", `a\%%`, `\\%`, "ä%", "%b", "_", "a", "$%", "it's%", "Z%"}

// operator is the row of the function table for a symbol over two values of type t, and t as the operator wants it: a
// varchar compares as a text.
func operator(symbol string, t *types.Type) (*expr.Function, *types.Type) {
	want := t
	if t.Kind == types.Varchar {
		want = types.TextT
	}
	for _, f := range expr.Operators(symbol) {
		if len(f.Args) == 2 && matches(f.Args[0], want) && matches(f.Args[1], want) {
			return f, want
		}
	}
	return nil, nil
}

func matches(param, t *types.Type) bool {
	switch param.Kind {
	case types.AnyArray:
		return t.Kind == types.Array
	case types.AnyEnum:
		return t.Kind == types.Enum
	}
	return param.Kind == t.Kind && (t.Kind != types.Array || types.Same(param, t))
}

// compare is left symbol right over values of one type; nil when the type has no such operator.
func compare(symbol string, left, right expr.Expr) expr.Expr {
	f, t := operator(symbol, left.Type())
	if f == nil {
		return nil
	}
	return &expr.Call{Fn: f, Args: []expr.Expr{as(left, t), as(right, t)}, Typ: types.BoolT}
}

func as(e expr.Expr, t *types.Type) expr.Expr {
	if e.Type().Kind == t.Kind {
		return e
	}
	if c, ok := e.(*expr.Const); ok {
		return &expr.Const{Typ: t, Value: c.Value}
	}
	return &expr.Cast{Arg: e, Typ: t}
}

// constants are the values of a column's type: those that the table has, and NULL. A numeric constant has no declared
// precision, whatever its column has.
func (s *suite) constants(c *expr.Column) []expr.Expr {
	t := c.Typ
	if t.Kind == types.Numeric {
		t = types.NumericT
	}
	if t.Kind == types.Varchar {
		t = types.TextT
	}
	out := []expr.Expr{&expr.Const{Typ: t}}
	for _, a := range adversarial {
		if a.name != c.Name {
			continue
		}
		for _, text := range a.values {
			out = append(out, &expr.Const{Typ: t, Value: parse(a.typ, text)})
		}
	}
	return out
}

// conditions are single conjuncts over one column: comparisons with constants on either side, IN, BETWEEN, IS NULL, IS
// DISTINCT FROM, LIKE, and their negations.
func (s *suite) conditions(c *expr.Column) []expr.Expr {
	var out []expr.Expr
	add := func(es ...expr.Expr) {
		for _, e := range es {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	consts := s.constants(c)
	add(&expr.IsNull{Arg: c}, &expr.IsNull{Arg: c, Negate: true}, compare("=", c, c), compare("<>", c, c))
	for i, k := range consts {
		for j, op := range comparisons {
			e := compare(op, c, k)
			if e == nil {
				continue
			}
			add(e)
			switch (i + j) % 4 {
			case 0:
				add(&expr.Not{Arg: e})
			case 1:
				add(compare(op, k, c))
			case 2:
				add(&expr.Logic{Op: expr.Or, Args: []expr.Expr{e, &expr.IsNull{Arg: c}}})
			case 3:
				add(&expr.IsBool{Arg: e, Value: true, Negate: i%2 == 0}, &expr.IsNull{Arg: e})
			}
		}
		if f, t := operator("=", c.Typ); f != nil {
			add(&expr.IsDistinct{Left: as(c, t), Right: as(k, t), Negate: i%2 == 0})
		}
	}
	add(memberships(c, consts)...)
	if c.Typ.Kind == types.Bool {
		add(c, &expr.Not{Arg: c}, &expr.IsBool{Arg: c, Value: true}, &expr.IsBool{Arg: c, Value: false, Negate: true})
	}
	return append(out, likes(c)...)
}

// memberships are IN, NOT IN and BETWEEN over windows of constants, with NULL in some lists.
func memberships(c *expr.Column, consts []expr.Expr) (out []expr.Expr) {
	_, t := operator("=", c.Typ)
	if t == nil {
		return nil
	}
	if f, _ := operator("<", c.Typ); f == nil {
		return nil
	}
	for i := 1; i+1 < len(consts); i++ {
		list := []expr.Expr{as(consts[i], t), as(consts[i+1], t)}
		if i%3 == 0 {
			list = append(list, as(consts[0], t))
		}
		out = append(out,
			&expr.In{Arg: as(c, t), List: list}, &expr.In{Arg: as(c, t), List: slices.Clone(list), Negate: true},
			&expr.Logic{Op: expr.And, Args: []expr.Expr{compare(">=", c, consts[i]), compare("<=", c, consts[i+1])}},
			&expr.Not{Arg: &expr.Logic{Op: expr.And, Args: []expr.Expr{compare("<", c, consts[i]), compare(">", c, consts[i+1])}}},
		)
	}
	return out
}

func likes(c *expr.Column) (out []expr.Expr) {
	if !c.Typ.IsString() {
		return nil
	}
	for _, symbol := range []string{"~~", "!~~"} {
		f, t := operator(symbol, c.Typ)
		if f == nil {
			continue
		}
		for _, p := range patterns {
			out = append(out, &expr.Call{Fn: f, Typ: types.BoolT, Args: []expr.Expr{as(c, t), &expr.Const{Typ: t, Value: p}}})
		}
	}
	return out
}

// columnsOf are the columns of a scan but for the key.
func columnsOf(n *plan.Scan) []*expr.Column {
	var out []*expr.Column
	for _, c := range n.Cols {
		if c.Name != "id" {
			out = append(out, c.Ref())
		}
	}
	return out
}
