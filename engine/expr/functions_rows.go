package expr

import "github.com/skeinsql/skein/engine/types"

// The numbers of rows of LIMIT and OFFSET where they are computed row by row (LIMIT in a correlated subquery): the number
// itself, 2201W or 2201X for a negative one. Their names are keywords, which no call can be written with.
func init() {
	define(function("limit_rows", "LIMIT", types.Int8T, types.Int8T), function("offset_rows", "OFFSET", types.Int8T, types.Int8T))
}
