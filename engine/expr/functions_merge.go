package expr

import "github.com/skeinsql/skein/engine/types"

// mergeFunctions put the values of partial aggregates together. They are no rows of the function table: no statement can
// call them, and no source renders them.
var mergeFunctions = map[string]*Function{}

func init() {
	for _, name := range []string{"count", "sum", "avg", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"} {
		mergeFunctions[name] = &Function{
			ID: "merge_" + name, Name: "merge_" + name, Kind: Aggregate, Args: []*types.Type{types.AnyT}, Strict: true,
		}
	}
}

// MergeFunction is the aggregate that makes the answer of the aggregate of a name from what its parts gave; nil where
// that is the aggregate itself, or nothing at all (see plan.Decompose).
func MergeFunction(name string) *Function { return mergeFunctions[name] }
