// Package sourcetest is the conformance suite of [sources.Source]: every kind runs it over a server of its own, filled
// with tables of adversarial rows that the suite hands out.
//
// Its centre is metamorphic: whatever fragment a source takes, its answer behind the residual conjuncts has to be the
// one that the engine's own evaluator gives over a full scan. A fragment that a source refuses is no failure; a wrong
// answer is.
package sourcetest

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// ServerName is what the source under test is called.
const ServerName = "tested"

// Prompt is how long a cancelled call may take, on a machine that is busy with other tests as well: the contract's
// second, and two more.
const Prompt = 3 * time.Second

// Column is a column of a table of the suite.
type Column struct {
	Name    string
	Type    *types.Type
	NotNull bool
}

// Table is a table that a kind loads into its server. Rows are datums in the order of Columns, nil for NULL.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]any
	// Key is the primary key's column, "" for none.
	Key string
}

// Harness is what a kind brings to the suite.
type Harness struct {
	// Load puts the tables into a new server, which lives until the test ends.
	Load func(t *testing.T, tables []Table) *Server
	// Holds says whether the kind can hold a type (value nil) and one value of it, and gives both back as they are;
	// nil holds everything.
	Holds func(t *types.Type, value any) bool
	// Rows is how many rows the large table has, 0 for 20,000: enough for several splits and batches.
	Rows int
}

// Server is a loaded server. Functions that are nil are what the kind has no way to do; their checks are skipped.
type Server struct {
	// Schema is where the tables are found.
	Schema string
	// Key is a column beside the suite's own that holds the same values as id, "" for none: where keys are looked up.
	Key string
	// Open opens a source over the server under [ServerName]; the suite closes it.
	Open func(t testing.TB, budget *sources.Connections) sources.Source
	// Alter makes column v of table "shifting", an int4, a text.
	Alter func(t testing.TB)
	// Update adds one to column version of every row of table "many", in one transaction.
	Update func(t testing.TB)
	// Unreachable opens a source at an address where nobody answers, with password as its credential.
	Unreachable func(t testing.TB, password string, limits sources.Limits) sources.Source
	// Secret is the credential that Open's source has, which no text may hold; "" for none.
	Secret string
	// Denied opens a source over the server with a credential that the server turns down.
	Denied func(t testing.TB, password string) sources.Source
	// Blocks are the ways, by their names, to make statements that read table "many" wait for the server until release is
	// called: a lock that it waits for, or no answer from it at all.
	Blocks map[string]func(t testing.TB) (release func())
	// Idle fails the test unless everything that the source began at the server has ended.
	Idle func(t testing.TB)
}

// Run checks a kind of source against the contract, one named subtest per promise that the kind makes.
func Run(t *testing.T, h Harness) {
	if h.Holds == nil {
		h.Holds = func(*types.Type, any) bool { return true }
	}
	if h.Rows == 0 {
		h.Rows = 20_000
	}
	s := &suite{tables: makeTables(h), budget: sources.NewConnections()}
	s.server = h.Load(t, s.tables)
	others := goleak.IgnoreCurrent()
	s.source = s.server.Open(t, s.budget)
	s.budget.SetLimit(ServerName, 4)
	t.Cleanup(func() {
		if err := s.source.Close(); err != nil {
			t.Errorf("closing the source: %v", err)
		}
		if err := s.source.Close(); err != nil {
			t.Errorf("closing the source again: %v", err)
		}
		goleak.VerifyNone(t, others)
	})
	can := s.source.Capabilities()
	for _, c := range []struct {
		name    string
		applies bool // to this kind
		check   func(*suite, *testing.T)
	}{
		{"Discover", true, (*suite).discover},
		{"PlanIsPure", true, (*suite).planIsPure},
		{"Rows", true, (*suite).rows},
		{"Projections", true, (*suite).projections},
		{"Splits", true, (*suite).splits},
		{"FilteredSplits", can.Filter, (*suite).filteredSplits},
		{"Conjuncts", can.Filter, (*suite).conjuncts},
		{"RandomConditions", can.Filter, (*suite).randomConditions},
		{"Parameters", can.Filter, (*suite).parameters},
		{"Limits", can.Limit, (*suite).limits},
		{"TopN", can.TopN || can.Sort, (*suite).topN},
		{"Aggregates", can.Aggregate, (*suite).aggregates},
		{"PartialAggregates", can.PartialAggregate, (*suite).partialAggregates},
		{"Lookup", can.Lookup, (*suite).lookup},
		{"DynamicFilters", can.DynamicFilter, (*suite).dynamicFilters},
		{"EarlyClose", true, (*suite).earlyClose},
		{"Cancel", true, (*suite).cancel},
		{"CancelBlocked", len(s.server.Blocks) > 0, (*suite).cancelBlocked},
		{"ClosedSnapshot", true, (*suite).cancelledBefore},
		{"Tokens", true, (*suite).tokens},
		{"Wanted", true, (*suite).wanted},
		{"Unreachable", s.server.Unreachable != nil, (*suite).unreachable},
		{"Denied", s.server.Denied != nil, (*suite).denied},
		{"OneSnapshot", s.server.Update != nil, (*suite).oneSnapshot},
		{"Unchanged", true, (*suite).rowsAgain},
		{"Stale", s.server.Alter != nil, (*suite).stale},
	} {
		if !c.applies {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.check(s, t)
			if n := s.budget.InUse(ServerName); n != 0 {
				t.Errorf("%d connection tokens were not given back", n)
			}
			if s.server.Idle != nil {
				s.server.Idle(t)
			}
		})
	}
}

// suite is one run.
type suite struct {
	tables []Table
	server *Server
	budget *sources.Connections
	source sources.Source
}

func (s *suite) table(name string) *Table {
	for i := range s.tables {
		if s.tables[i].Name == name {
			return &s.tables[i]
		}
	}
	panic("sourcetest: no table " + name)
}
