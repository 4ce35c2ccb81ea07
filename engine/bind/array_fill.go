package bind

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// counted is the type of a call of array_fill with as many dimensions as its second argument, where that is written out.
func counted(fn *expr.Function, args []expr.Expr, t *types.Type) *types.Type {
	if fn.Name != "array_fill" || len(args) < 2 {
		return t
	}
	n := 1
	switch e := args[1].(type) {
	case *expr.ArrayOf:
		n = len(e.Elems)
	case *expr.Const:
		n = len(datum.ArrayOf(e.Value).Elems)
	}
	if n < 1 || n > datum.MaxDimensions {
		return t
	}
	return types.ShapedArrayOf(t.Elem, int32(n))
}
