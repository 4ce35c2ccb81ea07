package eval

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// InputColumn is one column of the batches that an expression is evaluated over, in order.
type InputColumn struct {
	ID   expr.ColumnID
	Type *types.Type
}
