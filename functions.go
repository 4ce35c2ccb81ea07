package skein

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/flightsql"
)

// functionGroups are the names of the scalar functions by what their first argument is, as JDBC groups them.
func functionGroups() flightsql.Functions {
	var g flightsql.Functions
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Scalar {
			continue
		}
		group := &g.System
		if len(f.Args) > 0 {
			switch f.Args[0].Category() {
			case 'N':
				group = &g.Numeric
			case 'S', 'Z':
				group = &g.String
			case 'D', 'T':
				group = &g.Datetime
			}
		}
		if !slices.Contains(*group, f.Name) {
			*group = append(*group, f.Name)
		}
	}
	return g
}
