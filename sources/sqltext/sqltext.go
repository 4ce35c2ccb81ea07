// Package sqltext renders fragments of plans as SQL: one renderer, with what differs between servers as data in a
// [Dialect]. What it renders, the server answers exactly as the engine would; what it cannot, it refuses with a reason,
// node by node and conjunct by conjunct, so that the optimizer can lift just that.
//
// Everything here is pure and safe for concurrent use.
package sqltext

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Dialect is one kind of server's SQL.
type Dialect struct {
	// TypeName is how the server calls a type, without modifiers; false when it has none.
	TypeName func(t *types.Type) (string, bool)
	// Literal is a constant of a type, typed; an error says why there is none.
	Literal func(t *types.Type, value any) (string, error)
	// Collate follows a text operand that is to compare by bytes.
	Collate string
	// calls are the functions, operators and aggregates that may be rendered, by ID.
	calls map[string]form
}

// form is how a call looks.
type form uint8

const (
	noForm     form = iota
	comparison      // infix; operands of character types compare by bytes
	infix           // infix, collation does not matter
	like            // infix, and the pattern language is the server's
	aggregate       // name(arguments)
	extremum        // an aggregate that orders its argument
)

// Functions are the IDs of the calls that the dialect renders; the caller's own map.
func (d *Dialect) Functions() map[string]bool {
	out := make(map[string]bool, len(d.calls))
	for id := range d.calls {
		out[id] = true
	}
	return out
}

// newCalls classifies the function table once: by name and by the types of the arguments, never by name alone.
func newCalls() map[string]form {
	calls := map[string]form{}
	for _, f := range expr.AllFunctions() {
		if form := classify(f); form != noForm {
			calls[f.ID] = form
		}
	}
	return calls
}

func classify(f *expr.Function) form {
	switch {
	case f.Kind == expr.Operator && len(f.Args) == 2:
		return classifyOperator(f)
	case f.Kind == expr.Aggregate:
		return classifyAggregate(f)
	}
	return noForm
}

func classifyOperator(f *expr.Function) form {
	a, b := f.Args[0], f.Args[1]
	switch f.Name {
	case "=", "<>", "<", "<=", ">", ">=":
		if a.IsInteger() && b.IsInteger() || a.IsFloat() && b.IsFloat() || a.Kind == b.Kind && comparable(a) ||
			zoneless(a) && zoneless(b) {
			return comparison
		}
	case "~~", "!~~":
		if a.Kind == types.Text && b.Kind == types.Text {
			return like
		}
	case "+", "-", "*":
		if a.IsInteger() && b.IsInteger() && a.Kind != types.OID && b.Kind != types.OID ||
			a.Kind == types.Numeric && b.Kind == types.Numeric {
			return infix
		}
	}
	return noForm
}

func classifyAggregate(f *expr.Function) form {
	switch f.Name {
	case "count":
		return aggregate
	case "sum":
		if len(f.Args) == 1 && (f.Args[0].IsInteger() || f.Args[0].Kind == types.Numeric) {
			return aggregate
		}
	case "min", "max":
		if len(f.Args) == 1 && f.Args[0].Kind != types.Bool && comparable(f.Args[0]) && !f.Args[0].IsPseudo() {
			return extremum
		}
	}
	return noForm
}

// comparable says whether equality and order of the type are the same at a server as in the engine, texts by their
// bytes. Intervals, JSON, ranges, bit strings and addresses are left to the engine: nobody has proved them.
func comparable(t *types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Float8, types.Numeric, types.Text,
		types.Varchar, types.Bpchar, types.Name, types.Bytea, types.Date, types.Time, types.Timestamp, types.TimestampTZ,
		types.UUID, types.Enum, types.AnyEnum:
		return true
	}
	return false
}

// zoneless says whether the type is a date or timestamp whose comparisons know no time zone.
func zoneless(t *types.Type) bool { return t.Kind == types.Date || t.Kind == types.Timestamp }

// collated says whether values of the type compare under a collation that can be chosen.
func collated(t *types.Type) bool {
	return t.Kind == types.Text || t.Kind == types.Varchar || t.Kind == types.Bpchar
}

// QuoteString is a string constant of standard SQL, which means the same whatever standard_conforming_strings is. The
// text must not hold a NUL.
func QuoteString(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// QuoteIdentifier is a name in double quotes.
func QuoteIdentifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func placeholder(n int) string { return "$" + strconv.Itoa(n) }
