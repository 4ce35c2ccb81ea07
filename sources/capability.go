package sources

import (
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// Capabilities says what a server answers exactly as the engine would. The optimizer offers only what is claimed here;
// Plan still decides. The zero value takes bare scans with their columns chosen.
type Capabilities struct {
	Filter, Project, Join, Aggregate, Sort, Limit, TopN, Distinct, SetOp, Window bool
	// PartialAggregate: fragments may end in a plan.Aggregate with Partial, DISTINCT included, also where the complete one
	// is not claimed or refused: each split gives groups of its own. Nothing is put on top of it.
	PartialAggregate bool
	// Barrier: fragments may hold a SecurityBarrier, above which only leakproof expressions are rendered.
	Barrier bool
	// Functions are the IDs of functions and operators (see expr.Function) that may be rendered.
	Functions map[string]bool
	// DynamicFilter and Lookup: scans take dynamic filters, lanes look keys up.
	DynamicFilter, Lookup bool
	// LookupBatch is how many keys one Lookup takes at most.
	LookupBatch int
	// RoundTrip is the time of one request in seconds, RowCost of reading one row of 100 bytes: for costs.
	RoundTrip, RowCost float64
	// MaxLanes is how many lanes one statement can use, 0 for no limit but the connection budget's.
	MaxLanes int
}

// Refusal is one reason why a fragment was not taken: a node, or one conjunct of it.
type Refusal struct {
	Node     plan.Node
	Conjunct expr.Expr // nil: the node itself
	Reason   string
}

// Refused is returned by Plan; the optimizer lifts what was refused out of the fragment and offers again.
type Refused struct{ What []Refusal }

func (r *Refused) Error() string {
	reasons := make([]string, len(r.What))
	for i, w := range r.What {
		reasons[i] = w.Reason
	}
	return "fragment refused: " + strings.Join(reasons, "; ")
}

// Refuse is a Refused with one reason.
func Refuse(n plan.Node, conjunct expr.Expr, format string, args ...any) *Refused {
	return &Refused{What: []Refusal{{Node: n, Conjunct: conjunct, Reason: fmt.Sprintf(format, args...)}}}
}

// Stale says that tables are no longer what the statement was bound to. The engine discovers them again and replans
// once if no batch has left.
type Stale struct {
	Tables []plan.TableRef
	Reason string
}

func (s *Stale) Error() string {
	names := make([]string, len(s.Tables))
	for i, t := range s.Tables {
		names[i] = t.Server() + "." + t.Schema() + "." + t.Name()
	}
	return fmt.Sprintf("%s changed since the statement was planned: %s", strings.Join(names, ", "), s.Reason)
}
