package expr

import (
	_ "embed"
	"strings"

	"github.com/skeinsql/skein/engine/types"
)

// operatorFunctions lists the functions behind PostgreSQL's operators, which SQL may call by name too: the name, the
// symbol, the operands' types ("-" for none).
//
//go:embed operator_functions.txt
var operatorFunctions string

// internalNames are names that PostgreSQL calls functions by inside, by the function's ID.
var internalNames = map[string]string{
	"dexp": "dexp", "dlog1": "dlog1", "dlog10": "dlog10", "dround": "dround", "dtrunc": "dtrunc",
	"numeric_exp": "numeric_exp", "numeric_ln": "numeric_ln", "numeric_log": "numeric_log", "numeric_sqrt": "numeric_sqrt",
	"numeric_div_trunc": "numeric_div_trunc", "textlen": "textlen",
}

// init runs behind those of the families (functions_….go), as files are initialised by name.
func init() {
	for name, id := range internalNames {
		functionsByName[name] = append(functionsByName[name], MustFunction(id))
	}
	for line := range strings.Lines(operatorFunctions) {
		f := strings.Fields(line)
		if o := operatorOf(f[1], f[2:]); o != nil && !hasFunction(f[0], o.Args) {
			functionsByName[f[0]] = append(functionsByName[f[0]], o)
		}
	}
}

// operatorOf is the operator of a symbol and the names of its operands' types, nil where there is none.
func operatorOf(symbol string, operands []string) *Function {
	if operands[0] == "-" {
		operands = operands[1:]
	}
	for _, o := range operatorsByName[symbol] {
		ok := len(o.Args) == len(operands)
		for i := range o.Args {
			ok = ok && o.Args[i].Name == plainPolymorphic(operands[i])
		}
		if ok {
			return o
		}
	}
	return nil
}

// plainPolymorphic is a polymorphic type's name as the function table has it.
func plainPolymorphic(name string) string {
	switch name {
	case "anycompatiblearray":
		return types.AnyArrayT.Name
	case "anycompatible", "anynonarray", "anycompatiblenonarray":
		return types.AnyElementT.Name
	}
	return name
}

func hasFunction(name string, args []*types.Type) bool {
	for _, f := range functionsByName[name] {
		ok := len(f.Args) == len(args)
		for i := range f.Args {
			ok = ok && types.Same(f.Args[i], args[i])
		}
		if ok {
			return true
		}
	}
	return false
}
