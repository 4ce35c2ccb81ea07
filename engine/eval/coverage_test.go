package eval

import (
	"testing"

	"github.com/skeinsql/skein/engine/expr"
)

func TestEveryFunctionIsImplemented(t *testing.T) {
	for _, f := range expr.AllFunctions() {
		if (f.Kind == expr.Scalar || f.Kind == expr.Operator) && !Implemented(f.ID) {
			t.Errorf("%s (%s) has no implementation", f.ID, f)
		}
	}
	for id := range implemented {
		if expr.FunctionByID(id) == nil && !isInternal(id) {
			t.Errorf("%s is implemented but not in the function table", id)
		}
	}
}

func isInternal(id string) bool {
	for _, f := range anyCompare {
		if f.ID == id {
			return true
		}
	}
	return false
}
