package expr

// Children are the direct operands of e, in order of evaluation.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Cast:
		return []Expr{e.Arg}
	case *Logic:
		return e.Args
	case *Not:
		return []Expr{e.Arg}
	case *IsNull:
		return []Expr{e.Arg}
	case *IsBool:
		return []Expr{e.Arg}
	case *IsDistinct:
		return []Expr{e.Left, e.Right}
	case *Case:
		return caseChildren(e)
	case *Coalesce:
		return e.Args
	case *In:
		return append([]Expr{e.Arg}, e.List...)
	case *Quantified:
		return []Expr{e.Arg, e.Array}
	case *ArrayOf:
		return e.Elems
	case *RowOf:
		return e.Elems
	case *Field:
		return []Expr{e.Arg}
	case *Subscript:
		return []Expr{e.Arg, e.Index}
	}
	return nil
}

func caseChildren(e *Case) []Expr {
	out := make([]Expr, 0, 2*len(e.Whens)+1)
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Then)
	}
	if e.Else != nil {
		out = append(out, e.Else)
	}
	return out
}

// Walk calls visit for e and, while it returns true, for everything below, parents first.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	for _, c := range Children(e) {
		Walk(c, visit)
	}
}

// Rewrite replaces bottom-up: f sees each expression after its operands were rewritten and returns what takes
// its place. Parts that f leaves alone are shared with e.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	old := Children(e)
	var kids []Expr
	for i, c := range old {
		n := Rewrite(c, f)
		if n != c && kids == nil {
			kids = append(make([]Expr, 0, len(old)), old[:i]...)
		}
		if kids != nil {
			kids = append(kids, n)
		}
	}
	if kids != nil {
		e = withChildren(e, kids)
	}
	return f(e)
}

// MapChildren is e with f applied to its direct operands; e itself when f changes none of them.
func MapChildren(e Expr, f func(Expr) Expr) Expr {
	old := Children(e)
	kids, same := make([]Expr, len(old)), true
	for i, c := range old {
		kids[i] = f(c)
		same = same && kids[i] == c
	}
	if same {
		return e
	}
	return withChildren(e, kids)
}

func withChildren(e Expr, k []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		return &Call{Fn: e.Fn, Args: k, Typ: e.Typ}
	case *Cast:
		return &Cast{Arg: k[0], Typ: e.Typ, Explicit: e.Explicit}
	case *Logic:
		return &Logic{Op: e.Op, Args: k}
	case *Not:
		return &Not{Arg: k[0]}
	case *IsNull:
		return &IsNull{Arg: k[0], Negate: e.Negate}
	case *IsBool:
		return &IsBool{Arg: k[0], Value: e.Value, Negate: e.Negate}
	case *IsDistinct:
		return &IsDistinct{Left: k[0], Right: k[1], Negate: e.Negate}
	case *Case:
		c := &Case{Typ: e.Typ, Whens: make([]When, len(e.Whens))}
		for i := range c.Whens {
			c.Whens[i] = When{Cond: k[2*i], Then: k[2*i+1]}
		}
		if e.Else != nil {
			c.Else = k[len(k)-1]
		}
		return c
	case *Coalesce:
		return &Coalesce{Args: k, Typ: e.Typ}
	case *In:
		return &In{Arg: k[0], List: k[1:], Negate: e.Negate}
	case *Quantified:
		return &Quantified{Arg: k[0], Op: e.Op, Array: k[1], All: e.All}
	case *ArrayOf:
		return &ArrayOf{Elems: k, Typ: e.Typ}
	case *RowOf:
		return &RowOf{Elems: k, Typ: e.Typ}
	case *Field:
		return &Field{Arg: k[0], Index: e.Index}
	case *Subscript:
		return &Subscript{Arg: k[0], Index: k[1]}
	}
	return e
}

// Columns adds the IDs of the columns that e refers to.
func Columns(e Expr, into map[ColumnID]bool) {
	Walk(e, func(e Expr) bool {
		if c, ok := e.(*Column); ok {
			into[c.ID] = true
		}
		return true
	})
}

// Conjuncts splits e at its top-level ANDs; nil gives none.
func Conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	l, ok := e.(*Logic)
	if !ok || l.Op != And {
		return []Expr{e}
	}
	var out []Expr
	for _, a := range l.Args {
		out = append(out, Conjuncts(a)...)
	}
	return out
}

// AndAll is the conjunction of es: nil for none, the expression itself for one.
func AndAll(es []Expr) Expr {
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return &Logic{Op: And, Args: es}
}

// Leakproof says whether e may run on rows that a security barrier hides: it cannot raise an error that
// depends on their values, nor tell anything of them but its result.
func Leakproof(e Expr) bool {
	ok := true
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Call:
			ok = ok && e.Fn.Leakproof
		case *Quantified:
			ok = ok && e.Op.Leakproof
		case *Cast:
			ok = ok && LeakproofCast(e.Arg.Type(), e.Typ)
		case *Subscript, *Case:
			// A subscript is total; CASE only guards what its parts do.
		}
		return ok
	})
	return ok
}

// VolatilityOf is the highest volatility of any function in e.
func VolatilityOf(e Expr) Volatility {
	v := Immutable
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Call:
			v = max(v, e.Fn.Volatility)
		case *Quantified:
			v = max(v, e.Op.Volatility)
		}
		return v != Volatile
	})
	return v
}
