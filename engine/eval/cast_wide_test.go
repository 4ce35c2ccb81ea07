package eval

import (
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// TestCastToMoreDigitsThanDecimal128: numeric(71,70) has no fixed-point storage, so a decimal is not widened into one.
func TestCastToMoreDigitsThanDecimal128(t *testing.T) {
	c := &expr.Const{Typ: types.NumericScaled(2, 1), Value: apd.New(10, -1)}
	v, err := Constant(&expr.Cast{Arg: c, Typ: types.NumericOf(71, 70), Explicit: true}, &Env{})
	require.NoError(t, err)
	require.Zero(t, v.(*apd.Decimal).Cmp(apd.New(1, 0)))
	require.EqualValues(t, -70, v.(*apd.Decimal).Exponent)
}
