package optimize

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// TestFailingConstants: a failing call over constants is an error unless a constant stands before it that decides.
func TestFailingConstants(t *testing.T) {
	constant := func(v any) *expr.Const {
		if b, ok := v.(bool); ok {
			return &expr.Const{Typ: types.BoolT, Value: b}
		}
		return &expr.Const{Typ: types.Int4T, Value: v}
	}
	div := &expr.Call{Fn: expr.MustFunction("int4div"), Args: []expr.Expr{constant(int64(1)), constant(int64(0))}, Typ: types.Int4T}
	x := &expr.Column{ID: 1, Typ: types.BoolT, Name: "x"}
	isNull := &expr.IsNull{Arg: div}
	when := func(cond expr.Expr) expr.Expr {
		return &expr.Case{Whens: []expr.When{{Cond: cond, Then: div}}, Else: constant(int64(1)), Typ: types.Int4T}
	}
	for _, e := range []expr.Expr{
		div, when(x), when(constant(true)), &expr.Coalesce{Args: []expr.Expr{constant(nil), div}, Typ: types.Int4T},
		&expr.Logic{Op: expr.And, Args: []expr.Expr{x, isNull, constant(false)}},
	} {
		require.ErrorContains(t, failing(e), "division by zero", "%s", e)
	}
	for _, e := range []expr.Expr{
		when(constant(false)), &expr.Coalesce{Args: []expr.Expr{constant(int64(2)), div}, Typ: types.Int4T},
		&expr.Logic{Op: expr.And, Args: []expr.Expr{x, constant(false), isNull}}, nil,
		&expr.Case{Whens: []expr.When{{Cond: constant(true), Then: constant(int64(1))}}, Else: div, Typ: types.Int4T},
	} {
		require.NoError(t, failing(e))
	}
}
