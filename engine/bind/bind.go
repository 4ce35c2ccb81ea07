package bind

import (
	"time"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// Options are what binding depends on besides the text and the catalog.
type Options struct {
	// ParamTypes are the types that the client declared for $1, $2, …; nil entries, and those beyond the end, are
	// found from the context.
	ParamTypes []*types.Type
	// Zone is the session's time zone, in which timestamptz literals without one are read; nil is UTC. A plan whose
	// Bound.Zoned is set is good for this zone only.
	Zone *time.Location
	// Now reads 'now', 'today' and the like in literals.
	Now time.Time
}

// Bound is a statement with a meaning. It is immutable.
type Bound struct {
	// Root yields exactly Columns, in order.
	Root plan.Node
	// Columns are the result's, with the names that PostgreSQL gives; names may repeat, IDs do not.
	Columns []plan.Column
	// Params are the types of $1, $2, …, all concrete.
	Params []*types.Type
	// Tables are the tables that the plan reads, each once.
	Tables []plan.TableRef
	// Views are the qualified names of the views that were expanded.
	Views []string
	// NextID is the first column ID that the plan does not use.
	NextID int32
}
