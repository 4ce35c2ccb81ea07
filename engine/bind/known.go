package bind

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The functions and operators (left type, symbol, right type) of PostgreSQL 15: what is among them and not in
// the engine's own table is refused as unsupported, rather than said not to exist.
var (
	//go:embed known_functions.txt
	functionRows string
	//go:embed known_operators.txt
	operatorRows string
)

// knownFunctions are PostgreSQL's functions by name, as candidates without an implementation. A row is the name, v for a
// variadic one, the parameters' types, and how many of the last may be left out.
var knownFunctions = sync.OnceValue(func() map[string][]*expr.Function {
	out := map[string][]*expr.Function{}
	for row := range strings.SplitSeq(strings.TrimSuffix(functionRows, "\n"), "\n") {
		f := strings.Split(row, " ")
		fn := &expr.Function{Name: f[0], Variadic: f[1] == "v"}
		if f[2] != "-" {
			for name := range strings.SplitSeq(f[2], ",") {
				fn.Args = append(fn.Args, parameterType(name))
			}
		}
		optional, _ := strconv.Atoi(f[3])
		for n := range optional + 1 {
			c := *fn
			c.Args = fn.Args[:len(fn.Args)-n]
			out[f[0]] = append(out[f[0]], &c)
		}
	}
	return out
})

// parameterType is a parameter's type by name: the engine's own, a pseudo-type, or one that it does not have.
func parameterType(name string) *types.Type {
	switch name {
	case "any":
		return types.AnyT
	case "anyarray", "anycompatiblearray":
		return types.AnyArrayT
	case "anyelement", "anynonarray", "anycompatible", "anycompatiblenonarray":
		return types.AnyElementT
	case "anyenum":
		return types.AnyEnumT
	case "anyrange", "anycompatiblerange":
		return types.AnyRangeT
	case "anymultirange", "anycompatiblemultirange":
		return types.AnyMultirangeT
	case types.JSONPathT.Name:
		return types.JSONPathT
	}
	if t := types.ByName(name); t != nil {
		return t
	}
	return types.OpaqueOf(0, name)
}

// knownOperators are the operand types of PostgreSQL's operators by symbol; a prefix operator has no left one.
var knownOperators = sync.OnceValue(func() map[string][][]string {
	out := map[string][][]string{}
	for row := range strings.SplitSeq(strings.TrimSuffix(operatorRows, "\n"), "\n") {
		f := strings.Split(row, " ")
		operands := []string{f[0], f[2]}
		if f[0] == "" {
			operands = operands[1:]
		}
		out[f[1]] = append(out[f[1]], operands)
	}
	return out
})

// lacking are the functions of a name that PostgreSQL has and the engine has not: they take part in choosing, so that the
// choice is PostgreSQL's, and are refused when chosen.
func lacking(name string, n int) []candidate {
	var out []candidate
	for _, f := range knownFunctions()[name] {
		c, ok := expand(f, n)
		if !ok {
			continue
		}
		for _, have := range expr.Functions(name) {
			if o, fits := expand(have, n); fits && sameParameters(o.args, c.args) {
				ok = false
			}
		}
		if ok {
			c.lacking = true
			out = append(out, c)
		}
	}
	return out
}

func sameParameters(a, b []*types.Type) bool {
	for i := range a {
		if !types.Same(a[i], b[i]) && !(anything(a[i]) && anything(b[i])) {
			return false
		}
	}
	return len(a) == len(b)
}

func anything(t *types.Type) bool { return t.Kind == types.Any || t.Kind == types.AnyElement }

// lacksExact says whether PostgreSQL has an operator of exactly these types, which the engine has not.
func lacksExact(symbol string, want []*types.Type) bool {
	for _, operands := range knownOperators()[symbol] {
		ok := len(operands) == len(want)
		for i := range want {
			ok = ok && want[i].OID != 0 && operands[i] == want[i].Name
		}
		if ok {
			return true
		}
	}
	return false
}

// unsupportedOperator is 0A000 for an operator that only PostgreSQL has for these operands.
func unsupportedOperator(symbol string, actual []*types.Type) *sqlerr.Error {
	for _, operands := range knownOperators()[symbol] {
		if len(operands) != len(actual) {
			continue
		}
		ok := true
		for i, t := range actual {
			ok = ok && takes(operands[i], t) && !ofRanges(operands[i])
		}
		if ok {
			return sqlerr.Unsupported("the operator " + signature(symbol, actual))
		}
	}
	return nil
}

// ofRanges says whether a parameter takes ranges of any type: the engine has all operators of these, so that operands
// that they do not take have none.
func ofRanges(name string) bool { return name == "anyrange" || name == "anymultirange" }

// takes says whether a parameter of the named type takes a value of type t.
func takes(name string, t *types.Type) bool {
	switch name {
	case "anyarray", "anycompatiblearray":
		return t.Kind == types.Array || t.Kind == types.Unknown
	case "anyenum":
		return t.Kind == types.Enum || t.Kind == types.Unknown
	case "anyrange":
		return t.Kind == types.Range || t.Kind == types.Unknown
	case "anymultirange":
		return t.Kind == types.Multirange || t.Kind == types.Unknown
	case "anyelement", "anycompatible":
		return true
	case "record":
		return isRow(t)
	}
	if t.Kind == types.Unknown {
		return true
	}
	to := types.ByName(name)
	return to != nil && canCoerce(t, to, expr.ImplicitCast)
}
