package optimize

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// zoneDependent says whether e is a cast whose answer depends on the session's time zone, which is stable, not
// immutable (pg_cast's functions date→timestamptz, timestamp→timestamptz and back, and their text forms).
func zoneDependent(e expr.Expr) bool {
	c, ok := e.(*expr.Cast)
	if !ok {
		return false
	}
	from, to := zoned(c.Arg.Type()), zoned(c.Typ)
	return from != to
}

func zoned(t *types.Type) bool {
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		return true
	case types.Array:
		return zoned(t.Elem)
	}
	return false
}
