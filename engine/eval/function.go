package eval

import (
	"fmt"

	"github.com/skeinsql/skein/engine/types"
)

// How a function is implemented
//
// Every row of the function table that is a scalar function or an operator has an implementation under its ID, put
// into one package-level table per file:
//
//	func init() { register(implementations{"text_lower": byRow1(lower), "int4pl": fixed(addInt4)}) }
//
// An implementation is a maker: it is asked once, when an expression is compiled, with the types of the arguments and of
// the result, and gives the kernel for them (or refuses with sqlerr.Unsupported). fixed wraps a kernel that needs no types.
//
// A kernel sees whole vectors and runs once a batch. It is called with
//   - args, one vector per argument, plain (n values) or constant (konst: one value, at index 0); never dictionaries. It may
//     run over the distinct values of a dictionary instead of over rows, which it cannot tell.
//   - out, reset to c.n rows of the result's type: it stores c.n values. For a strict function the NULLs of the arguments
//     are in out.valid already (c.valid is the same bitmap, nil when no row is NULL), the kernel may add more by
//     out.setNull(i); what it stores into NULL rows is ignored. Whoever is not strict looks at args[k].null(i) itself.
//   - Values of NULL rows are garbage: nothing that is computed from them may raise an error. Compute everything, notice
//     overflow in a flag, then look for the first row that is valid and bad; or visit valid rows only.
//
// When all arguments are constant the kernel runs for one row and its result is constant; when no row is valid it does
// not run. Volatile functions run for every row. So a kernel needs no special case for constants beyond its own speed.
//
// Most functions are not hot and are written over single values with one of the forms below, whose loop visits valid
// rows only, stops at the first error and does no allocation of its own per row:
//
//	byRow1, byRow2, byRow3   func(c *call, a A, b B) (R, error)                    values by Go type
//	toText1, toText2, toText3   func(c *call, dst []byte, a A, …) ([]byte, error)     results that are bytes, appended to dst
//	byDatum                   func(c *call, args []any) (any, error)             datums, for polymorphic and variadic
//	                          functions; NULL arguments are nil, a nil result is NULL
//
// The Go types of values are bool, int16, int32, int64, float32, float64, string, []byte, numeric.Num (any of numeric's storages),
// arrow.MonthDayNanoInterval and [16]byte, as the type's storage has them; Go strings and bytes that a form hands in
// borrow from the vector. A byRow function that returns ErrNull gives NULL.
//
// c.state is the call's own memory, kept from batch to batch within one evaluator: a compiled pattern, a cache.
type kernel func(c *call, args []*vector, out *vector) error

// maker chooses a kernel for the types of the arguments and the result.
type maker func(args []*types.Type, result *types.Type) (kernel, error)

// implementations maps function IDs to makers.
type implementations map[string]maker

// call is what a kernel knows of the call that it runs for.
type call struct {
	env    *Env
	typ    *types.Type   // of the result
	args   []*types.Type // of the arguments
	n      int           // rows to compute
	valid  []uint64      // rows that count; nil: all
	state  any
	loaded [4]any // scratch of the forms
}

// rowValid says whether row i counts.
func (c *call) rowValid(i int) bool { return c.valid == nil || bitAt(c.valid, i) }

// fixed is the maker of a kernel that is good for the function's declared types.
func fixed(k kernel) maker {
	return func([]*types.Type, *types.Type) (kernel, error) { return k, nil }
}

// implemented holds all makers. It is written while the package is initialised and read-only afterwards.
var implemented = implementations{}

// register adds a file's table.
func register(table implementations) {
	for id, m := range table {
		if implemented[id] != nil {
			panic(fmt.Sprintf("eval: function %s is implemented twice", id))
		}
		implemented[id] = m
	}
}

// Implemented says whether the scalar function with that ID can be evaluated.
func Implemented(id string) bool { return implemented[id] != nil }
