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
		"char":         "text",
		"name":         "text",
		"int8":         "oid float4 float8 numeric regclass regtype regnamespace",
		"int2":         "int8 int4 oid float4 float8 numeric regclass regtype regnamespace",
		"int4":         "int8 oid float4 float8 numeric regclass regtype regnamespace",
		"oid":          "regclass regtype regnamespace",
		"regclass":     "oid",
		"regtype":      "oid",
		"regnamespace": "oid",
		"text":         "name bpchar varchar",
		"cidr":         "inet",
		"float4":       "float8",
		"macaddr8":     "macaddr",
		"macaddr":      "macaddr8",
		"bpchar":       "name text varchar",
		"varchar":      "name text bpchar",
		"date":         "timestamp timestamptz",
		"time":         "interval timetz",
		"timestamp":    "timestamptz",
		"bit":          "varbit",
		"varbit":       "bit",
		"numeric":      "float4 float8",
	},
	// On assignment, or where written.
	AssignmentCast: {
		"bool":        "text bpchar varchar",
		"char":        "bpchar varchar",
		"name":        "bpchar varchar",
		"int8":        "int2 int4 money",
		"int4":        "int2 money",
		"text":        "char",
		"oid":         "int8 int4",
		"regclass":    "int8 int4",
		"regtype":     "int8 int4",
		"json":        "jsonb",
		"cidr":        "text bpchar varchar",
		"float4":      "int8 int2 int4 numeric",
		"float8":      "int8 int2 int4 float4 numeric",
		"money":       "numeric",
		"inet":        "text cidr bpchar varchar",
		"bpchar":      "char",
		"varchar":     "char",
		"timestamp":   "date time",
		"timestamptz": "date time timestamp timetz",
		"interval":    "time",
		"timetz":      "time",
		"numeric":     "int8 int2 int4 money",
		"jsonb":       "json",
	},
	// Only where written.
	ExplicitCast: {
		"bool":  "int4",
		"char":  "int4",
		"int8":  "bit",
		"int4":  "bool char bit",
		"bit":   "int8 int4",
		"jsonb": "bool int8 int2 int4 float4 float8 numeric",

		"int4range": "int4multirange",
		"int8range": "int8multirange",
		"numrange":  "nummultirange",
		"daterange": "datemultirange",
		"tsrange":   "tsmultirange",
		"tstzrange": "tstzmultirange",
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
