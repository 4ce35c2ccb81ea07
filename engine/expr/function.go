package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/types"
)

// FunctionKind says what a function is applied to.
type FunctionKind uint8

// The kinds of functions. An Operator is a Scalar that is written as one: Name is its symbol.
const (
	Scalar FunctionKind = iota
	Operator
	Aggregate
	Window
	SetReturning
)

// Volatility is PostgreSQL's: whether equal arguments give equal results for ever, within one statement, or
// never.
type Volatility uint8

// The volatilities, ascending. A Stable function (now, current_user) is evaluated once per execution and its
// value sent to sources; it is never folded into a plan.
const (
	Immutable Volatility = iota
	Stable
	Volatile
)

// Function is one row of the function table. Rows are static data: immutable, compared by pointer.
type Function struct {
	// ID is unique in the table and is what package eval, the aggregates and source dialects key their
	// implementations by: PostgreSQL's internal name where it has one ("int4pl", "text_lower").
	ID string
	// Name is how SQL calls it: "lower", "+", "sum".
	Name string
	Kind FunctionKind
	// Args are the parameters' types; AnyElement, AnyArray, AnyEnum and Any stand for others, as in
	// PostgreSQL. A prefix operator has one.
	Args []*types.Type
	// Variadic: the last parameter's type may repeat once or more.
	Variadic bool
	// Result is the type of the result; nil where ResultOf computes it from the actual arguments' types.
	Result   *types.Type
	ResultOf func(args []*types.Type) *types.Type
	// OrderedSet: an aggregate that is called f(direct…) WITHIN GROUP (ORDER BY …). Args are the direct parameters, Direct
	// of them, then those that are ordered by.
	OrderedSet bool
	Direct     int
	// OutName is the name of the only output parameter, where it has one: that of the column in FROM.
	OutName string
	// Strict: NULL when any argument is NULL, without being called. For aggregates: NULL inputs are skipped.
	Strict     bool
	Volatility Volatility
	// Leakproof: on our own list of functions that tell nothing of hidden rows (no error that depends on a
	// value, no side channel). It goes by function and argument types.
	Leakproof bool
	// Shapes is what the function does with arrays of several dimensions.
	Shapes Shapes
	// Compatible: AnyElement and AnyArray stand for one common type that all arguments can become (anycompatible).
	Compatible bool
}

// ResultType is the type of a call with arguments of the given types. Polymorphic results and the precision
// and scale of numeric results come from the arguments.
func (f *Function) ResultType(args []*types.Type) *types.Type {
	if f.ResultOf != nil {
		return f.ResultOf(args)
	}
	return f.Result
}

// String is the signature: "lower(text)", "int4 + int4".
func (f *Function) String() string {
	names := make([]string, len(f.Args))
	for i, a := range f.Args {
		names[i] = a.String()
	}
	if f.Kind == Operator && len(names) == 2 {
		return fmt.Sprintf("%s %s %s", names[0], f.Name, names[1])
	}
	return f.Name + "(" + strings.Join(names, ", ") + ")"
}

var (
	functionsByName = map[string][]*Function{} // scalar, aggregate, window, set-returning
	operatorsByName = map[string][]*Function{}
	functionsByID   = map[string]*Function{}
)

// define adds rows to the table while the package is initialised.
func define(fs ...*Function) {
	for _, f := range fs {
		if functionsByID[f.ID] != nil {
			panic("expr: function " + f.ID + " is defined twice")
		}
		functionsByID[f.ID] = f
		if f.Kind == Operator {
			operatorsByName[f.Name] = append(operatorsByName[f.Name], f)
		} else {
			functionsByName[f.Name] = append(functionsByName[f.Name], f)
		}
	}
}

// Functions are the functions (not operators) of a name, lower-case as SQL folds it; shared, not to be changed.
func Functions(name string) []*Function { return functionsByName[name] }

// Operators are the operators of a symbol, prefix and infix; shared, not to be changed.
func Operators(symbol string) []*Function { return operatorsByName[symbol] }

// FunctionByID is the row with that ID, or nil.
func FunctionByID(id string) *Function { return functionsByID[id] }

// MustFunction is the row with that ID; it panics when there is none, which is a bug of the caller.
func MustFunction(id string) *Function {
	f := functionsByID[id]
	if f == nil {
		panic("expr: no function " + id)
	}
	return f
}

// AllFunctions are all rows, ordered by name, then ID.
func AllFunctions() []*Function {
	out := make([]*Function, 0, len(functionsByID))
	for _, f := range functionsByID {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *Function) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}
