package bind

import (
	"maps"
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Missing lists what PostgreSQL 15 has and the engine has not: the names of functions and the symbols of operators of which
// it has no form, and the types. All are sorted. A statement that uses one is refused with 0A000.
func Missing() (functions, operators, typeNames []string) {
	for name := range knownFunctions() {
		if len(expr.Functions(name)) == 0 && !builtinOnly[name] && types.ByName(name) == nil {
			functions = append(functions, name)
		}
	}
	for symbol := range knownOperators() {
		if len(expr.Operators(symbol)) == 0 {
			operators = append(operators, symbol)
		}
	}
	for name := range maps.Keys(builtinOnly) {
		if name[0] != '_' && types.ByName(name) == nil {
			typeNames = append(typeNames, name)
		}
	}
	slices.Sort(functions)
	slices.Sort(operators)
	slices.Sort(typeNames)
	return functions, operators, typeNames
}

// Known says whether PostgreSQL 15 has a function of the name, or an operator of the symbol.
func Known(name string) bool { return knownFunctions()[name] != nil || knownOperators()[name] != nil }
