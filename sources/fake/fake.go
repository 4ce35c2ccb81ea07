// Package fake is a scripted source for tests: tables of datums in memory, and a naive evaluator that takes joins,
// aggregates, orders, limits, set operations, lookups and dynamic filters, one row at a time. Switches claim or refuse
// each capability, leave residuals, report tables as stale, and fail or block reads. Only scalar expressions are the
// engine's: what a plan node means is written here a second time, independently of the operators.
package fake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Kind is the name of the kind; Schema is the one schema that every fake server has.
const (
	Kind   = "fake"
	Schema = "main"
)

// Table is a table of a fake server: rows are datums in the order of Columns.
type Table struct {
	Name    string
	Columns []plan.TableColumn
	Rows    [][]any
	// Key are the columns that lookups go by, and the primary key.
	Key []string
}

// Script says how a source behaves. It is given once; see the Source's methods for what may change later.
type Script struct {
	Capabilities sources.Capabilities
	// Refuse, if not nil, refuses conjuncts.
	Refuse func(e expr.Expr) bool
	// Superset answers filters at a fragment's top with more rows than asked for, and leaves them as residual.
	Superset bool
	// SplitRows is how many rows one split of a scan has, 0 for one split.
	SplitRows int
}

// Everything claims all that the evaluator can do.
func Everything() sources.Capabilities {
	return sources.Capabilities{
		Filter: true, Project: true, Join: true, Aggregate: true, PartialAggregate: true, Sort: true, Limit: true, TopN: true,
		Distinct: true, SetOp: true, Barrier: true, DynamicFilter: true, Lookup: true, LookupBatch: 1000, RoundTrip: 1e-6, RowCost: 1e-8,
	}
}

// Asked counts what a source was asked for.
type Asked struct {
	Discovers, Plans, Refusals, Begins, Lanes, Opens, Lookups, Nexts atomic.Int64
}

// Source is one scripted server. Safe for concurrent use.
type Source struct {
	Asked  Asked
	name   string
	script Script
	budget *sources.Connections

	mu     sync.Mutex
	tables map[string]*data
	stale  int
	next   func(ctx context.Context, n int64) error
	down   error
	closed bool
}

var _ sources.Source = (*Source)(nil)

// data is one version of a table; it never changes.
type data struct {
	table *sources.Table
	rows  [][]any
}

// New is a server of a name. budget is the connections that Discover takes a token of; nil is no budget.
func New(name string, script Script, budget *sources.Connections) *Source {
	return &Source{name: name, script: script, budget: budget, tables: map[string]*data{}}
}

// Put adds a table or takes the place of one; statements that have begun keep what they read.
func (s *Source) Put(t Table) {
	d := &data{rows: slices.Clone(t.Rows), table: &sources.Table{
		ServerName: s.name, SchemaName: Schema, TableName: t.Name, Type: sources.BaseTable, Cols: slices.Clone(t.Columns),
		PrimaryKey: t.Key, RowCount: float64(len(t.Rows)),
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[t.Name] = d
}

// Stale makes the next n statements find that their tables changed.
func (s *Source) Stale(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = n
}

// OnNext is called before every batch with the number of batches asked for so far, from 1: an error fails the read, and
// waiting blocks it. nil ends that.
func (s *Source) OnNext(f func(ctx context.Context, n int64) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = f
}

// Down makes every request fail with err until it is called with nil.
func (s *Source) Down(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

// Discover lists the tables, by name.
func (s *Source) Discover(ctx context.Context, p sources.Pattern) ([]*sources.Table, error) {
	s.Asked.Discovers.Add(1)
	if s.budget != nil {
		lease, err := s.budget.Acquire(ctx, map[string]int{s.name: 1})
		if err != nil {
			return nil, err
		}
		defer lease.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failure(); err != nil {
		return nil, err
	}
	var out []*sources.Table
	for name, d := range s.tables {
		if (p.Table == "" || p.Table == name) && (p.Schema == "" || p.Schema == Schema) {
			out = append(out, d.table)
		}
	}
	slices.SortFunc(out, func(a, b *sources.Table) int { return strings.Compare(a.TableName, b.TableName) })
	return out, nil
}

// failure is why no request is answered; s.mu is held.
func (s *Source) failure() error {
	if s.closed {
		return sqlerr.New(sqlerr.CannotConnectNow, "the server is closed").From(s.name)
	}
	return s.down
}

// Capabilities are the script's.
func (s *Source) Capabilities() sources.Capabilities { return s.script.Capabilities }

// Plan takes what the script claims and the evaluator can do.
func (s *Source) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	s.Asked.Plans.Add(1)
	sc, err := s.take(f.Root)
	if err != nil {
		s.Asked.Refusals.Add(1)
		return nil, err
	}
	return sc, nil
}

// Begin keeps the current version of every table that the statement reads.
func (s *Source) Begin(_ context.Context, _ sources.Identity, need sources.Need) (sources.Snapshot, error) {
	s.Asked.Begins.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failure(); err != nil {
		return nil, err
	}
	if s.stale > 0 {
		s.stale--
		return nil, &sources.Stale{Tables: need.Tables, Reason: "the script says so"}
	}
	snap := &snapshot{source: s, need: need, tables: map[string]*data{}}
	for _, t := range need.Tables {
		d := s.tables[t.Name()]
		if d == nil || !slices.EqualFunc(d.table.Cols, t.Columns(), sameColumn) {
			return nil, &sources.Stale{Tables: []plan.TableRef{t}, Reason: "another table was put in its place"}
		}
		snap.tables[t.Name()] = d
	}
	return snap, nil
}

func sameColumn(a, b plan.TableColumn) bool {
	return a.Name == b.Name && a.Type.String() == b.Type.String() && a.Nullable == b.Nullable
}

// Close ends the source; what is open fails.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Source) beforeBatch(ctx context.Context) error {
	n := s.Asked.Nexts.Add(1)
	s.mu.Lock()
	f, err := s.next, s.failure()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f == nil {
		return nil
	}
	return f(ctx, n)
}

var errForeign = errors.New("fake: a scan or split of another source")
