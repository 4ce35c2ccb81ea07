package expr

import "github.com/skeinsql/skein/engine/types"

// Conversion of the connectives and comparisons into functions, as catalogs list them, and the variadic choices.

func firstType(args []*types.Type) *types.Type {
	if args[0].Kind == types.Numeric {
		return CommonNumeric(args...)
	}
	return args[0]
}

func init() {
	for _, f := range [][2]string{{"greatest", "greatest"}, {"least", "least"}} {
		define(&Function{
			ID: f[0], Name: f[1], Args: []*types.Type{types.AnyElementT}, Variadic: true, Result: types.AnyElementT,
			ResultOf: firstType,
		})
	}
}
