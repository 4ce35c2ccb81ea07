package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// coerceDomain makes e a value of a domain: of the type below it, with the length or precision that the domain declares,
// and then checked by its constraints.
func (b *binder) coerceDomain(e expr.Expr, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	from := e.Type()
	if types.Same(from, to) && types.SameDomain(from, to) {
		return e, nil
	}
	base, err := b.coerce(e, to.WithDomain(nil), context)
	if err != nil {
		return nil, err
	}
	return b.checked(&expr.Cast{Arg: base, Typ: to}, to.Domain)
}

// checked is a value of a domain's type, which fails where a constraint of the domain does not hold: those of the domains
// below it first, NOT NULL before CHECK.
func (b *binder) checked(e expr.Expr, d *types.Domain) (expr.Expr, error) {
	if !d.Constrained() {
		return e, nil
	}
	if expr.VolatilityOf(e) == expr.Volatile {
		return nil, sqlerr.Unsupported("a cast of a volatile expression to domain " + d.Name).
			WithHint("Compute the expression in a materialized common table expression.")
	}
	if err := b.repeatable(0, e); err != nil {
		return nil, err
	}
	c := &expr.Case{Typ: e.Type()}
	refuse := func(cond expr.Expr, constraint string) {
		c.Whens = append(c.Whens, expr.When{Cond: cond, Then: violation(e.Type(), d.Name, constraint)})
	}
	if d.RefusesNull() {
		refuse(&expr.IsNull{Arg: e}, "")
	}
	for _, x := range d.Chain() {
		for _, k := range x.Checks {
			cond, err := b.condition(k, x, e)
			if err != nil {
				return nil, err
			}
			refuse(&expr.IsBool{Arg: cond, Value: false}, k.Name)
		}
	}
	c.Else = e
	return c, nil
}

// violation is a call that fails for every row that it is evaluated for.
func violation(t *types.Type, domain, constraint string) expr.Expr {
	text := func(s string) expr.Expr { return &expr.Const{Typ: types.TextT, Value: s} }
	return &expr.Call{Fn: expr.MustFunction("domain_violation"), Args: []expr.Expr{text(domain), text(constraint)}, Typ: t}
}

// condition binds a domain's constraint, in which VALUE stands for e.
func (b *binder) condition(k types.Check, d *types.Domain, e expr.Expr) (expr.Expr, error) {
	unsupported := func(err error) error {
		return sqlerr.Unsupported("constraint "+k.Name+" of domain "+d.Name+" ("+k.Condition+")").WithDetail("%s", err)
	}
	parsed, err := parse.ParseExpr(k.Condition)
	if err != nil {
		return nil, unsupported(err)
	}
	stmt, quiet := b.stmt, b.quiet
	defer func() { b.stmt, b.quiet = stmt, quiet }()
	b.stmt, b.quiet = parsed.Statement, true
	lv := newLevel(b, nil)
	value := &expr.Cast{Arg: e, Typ: e.Type().WithDomain(d.Over)}
	lv.ns = []*visible{{name: "value", cols: []named{{"value", value}}, colsVisible: true}}
	c := &clause{b: b, lv: lv, name: "CHECK"}
	cond, err := c.expr(parsed.Node)
	if err == nil {
		cond, err = b.boolean(cond, "CHECK", 0)
	}
	if err != nil {
		return nil, unsupported(err)
	}
	return cond, nil
}

// checksInside says whether values of t have parts of a domain that refuses values: their conversions from other types
// would have to check each part.
func checksInside(t *types.Type) *types.Domain {
	switch t.Kind {
	case types.Array:
		if t.Elem.Domain.Constrained() {
			return t.Elem.Domain
		}
		return checksInside(t.Elem)
	case types.Composite, types.Record:
		for _, f := range t.Fields {
			if f.Type.Domain.Constrained() {
				return f.Type.Domain
			}
			if d := checksInside(f.Type); d != nil {
				return d
			}
		}
	}
	return nil
}
