package optimize

import (
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// failingConstants gives the error of a call over constants that is left in a plan where constants were folded: that it
// could not be folded means that it fails. PostgreSQL evaluates such calls when it plans, whether or not a row would
// reach them (CASE WHEN x > 0 THEN 1 ELSE 1/0 END), except behind a constant condition that never lets them be.
func failingConstants(root plan.Node) error {
	var err error
	plan.Walk(root, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			if err == nil {
				err = failing(e)
			}
		}
		return err == nil
	})
	return err
}

func failing(e expr.Expr) error {
	switch e := e.(type) {
	case nil, *expr.Const, *expr.Column, *expr.Param:
		return nil
	case *expr.Case:
		return failingCase(e)
	case *expr.Coalesce:
		return failingUntil(e.Args, func(k *expr.Const) bool { return k.Value != nil })
	case *expr.Logic:
		return failingUntil(e.Args, func(k *expr.Const) bool { return k.Value == (e.Op == expr.Or) })
	}
	constant := true
	for _, c := range expr.Children(e) {
		if err := failing(c); err != nil {
			return err
		}
		_, ok := c.(*expr.Const)
		constant = constant && ok
	}
	if _, ok := e.(*expr.Call); !ok || !constant || expr.VolatilityOf(e) != expr.Immutable {
		return nil
	}
	_, err := eval.Constant(e, &eval.Env{})
	return err
}

// failingCase looks at the arms that a row may reach.
func failingCase(c *expr.Case) error {
	for _, w := range c.Whens {
		k, constant := w.Cond.(*expr.Const)
		if constant && k.Value != true {
			continue
		}
		if err := failing(w.Cond); err != nil {
			return err
		}
		if err := failing(w.Then); err != nil || constant {
			return err
		}
	}
	return failing(c.Else)
}

// failingUntil looks at arguments up to the constant that decides.
func failingUntil(args []expr.Expr, decides func(*expr.Const) bool) error {
	for _, a := range args {
		if k, ok := a.(*expr.Const); ok && decides(k) {
			return nil
		}
		if err := failing(a); err != nil {
			return err
		}
	}
	return nil
}
