package expr

import (
	"strings"

	"github.com/skeinsql/skein/engine/types"
)

// castTable is pg_cast of PostgreSQL 15 for the types that the engine has: for each context the source types, and
// for each the targets.
var castTable = map[CastContext]map[string]string{
	// Anywhere.
	ImplicitCast: {
	},
	// On assignment, or where written.
	AssignmentCast: {
	},
	// Only where written.
	ExplicitCast: {
	},
}

// castPaths is castTable by source and target.
var castPaths = pathsOf(castTable)

func pathsOf(table map[CastContext]map[string]string) map[[2]string]CastContext {
	out := map[[2]string]CastContext{}
	for context, sources := range table {
		for from, targets := range sources {
			for _, to := range strings.Fields(targets) {
				out[[2]string{from, to}] = context
			}
		}
	}
	return out
}

// CastPath is the weakest context in which PostgreSQL converts from one type to another, NoCast when it never does
// (find_coercion_pathway). Besides pg_cast there are conversions through the text form: to strings on assignment, from
// strings where written. Arrays convert as their elements do. Rows are the caller's matter.
func CastPath(from, to *types.Type) CastContext {
	if types.Same(from, to) || from.Kind == types.Unknown {
		return ImplicitCast
	}
	if from.Kind == types.Array && to.Kind == types.Array {
		return CastPath(from.Elem, to.Elem)
	}
	if from.OID != 0 && to.OID != 0 {
		if c, ok := castPaths[[2]string{from.Name, to.Name}]; ok {
			return c
		}
	}
	switch {
	case to.IsPseudo() || from.IsPseudo() || from.Kind == types.Void || to.Kind == types.Void || to.Kind == types.Record:
		return NoCast
	case to.Category() == 'S':
		return AssignmentCast
	case from.Category() == 'S':
		return ExplicitCast
	}
	return NoCast
}
