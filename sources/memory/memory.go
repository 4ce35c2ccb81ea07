// Package memory is the kind "memory": Arrow tables that the embedding program registered, as one server's schema
// main. Registered data is converted to the engine's storage once and then shared by every statement without copying.
package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Kind is the name of the kind, DefaultName that of the server when it is given none, Schema that of its one schema.
const (
	Kind        = "memory"
	DefaultName = "memory"
	Schema      = "main"
)

// Source holds registered tables. Registering, replacing and dropping are safe while statements run: each statement
// reads the tables as they were when it began. Safe for concurrent use.
type Source struct {
	name   string
	mu     sync.RWMutex
	tables map[string]*data
	closed bool
}

var _ sources.Source = (*Source)(nil)

// New is a server without tables; an empty name means [DefaultName].
func New(name string) *Source {
	if name == "" {
		name = DefaultName
	}
	return &Source{name: name, tables: map[string]*data{}}
}

// Opener opens servers of the kind: always s, whose name must be the server's.
func Opener(s *Source) sources.Opener {
	return func(_ context.Context, c sources.Config) (sources.Source, error) {
		if c.Name != s.name {
			return nil, fmt.Errorf("opening server %s: the registered tables belong to server %s", c.Name, s.name)
		}
		for option := range c.Options {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "server %s: kind memory has no option %q", c.Name, option)
		}
		return s, nil
	}
}

// Register makes batches of one schema a table, replacing a table of that name. They are borrowed. Columns are
// converted once (see interchange.FromArrow for the types); what cannot be converted is an error and changes nothing.
func (s *Source) Register(name string, schema *arrow.Schema, batches ...arrow.RecordBatch) error {
	d, err := newData(s.name, name, schema, batches)
	if err != nil {
		return fmt.Errorf("registering table %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		d.release()
		return sqlerr.New(sqlerr.CannotConnectNow, "server %s is closed", s.name)
	}
	if old := s.tables[name]; old != nil {
		old.release()
	}
	s.tables[name] = d
	return nil
}

// RegisterTable is Register for a table of chunked columns, which it borrows.
func (s *Source) RegisterTable(name string, t arrow.Table) error {
	r := array.NewTableReader(t, 0)
	defer r.Release()
	return s.RegisterReader(name, r)
}

// RegisterReader is Register for what is left in a reader, which it reads to the end and does not release.
func (s *Source) RegisterReader(name string, r array.RecordReader) error {
	var batches []arrow.RecordBatch
	defer func() {
		for _, b := range batches {
			b.Release()
		}
	}()
	for r.Next() {
		b := r.RecordBatch()
		b.Retain()
		batches = append(batches, b)
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("registering table %s: %w", name, err)
	}
	return s.Register(name, r.Schema(), batches...)
}

// Drop forgets a table; false when there is none. Statements that began before still read it.
func (s *Source) Drop(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.tables[name]
	if d == nil {
		return false
	}
	delete(s.tables, name)
	d.release()
	return true
}

// Discover lists the tables, by name.
func (s *Source) Discover(_ context.Context, p sources.Pattern) ([]*sources.Table, error) {
	if p.Schema != "" && p.Schema != Schema {
		return nil, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*sources.Table
	for name, d := range s.tables {
		if p.Table == "" || p.Table == name {
			out = append(out, d.table)
		}
	}
	slices.SortFunc(out, func(a, b *sources.Table) int { return strings.Compare(a.TableName, b.TableName) })
	return out, nil
}

// Capabilities says that only bare scans are taken, which cost nearly nothing.
func (s *Source) Capabilities() sources.Capabilities { return sources.Capabilities{RowCost: 1e-9} }

// Plan takes a scan of columns and nothing else: the engine does the rest as fast.
func (s *Source) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	n, ok := f.Root.(*plan.Scan)
	if !ok {
		return nil, sources.Refuse(f.Root, nil, "registered tables are only scanned")
	}
	return &scan{server: s.name, node: n}, nil
}

// Begin takes the current data of every table; a table that was dropped or registered with other columns since the
// statement was planned is Stale.
func (s *Source) Begin(_ context.Context, _ sources.Identity, need sources.Need) (sources.Snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, sqlerr.New(sqlerr.CannotConnectNow, "server %s is closed", s.name)
	}
	snap := &snapshot{tables: map[string]*data{}}
	for _, t := range need.Tables {
		d := s.tables[t.Name()]
		if d == nil || !sameColumns(d.table.Cols, t.Columns()) {
			_ = snap.Close()
			return nil, &sources.Stale{Tables: []plan.TableRef{t}, Reason: "another table was registered in its place"}
		}
		if snap.tables[t.Name()] == nil {
			d.retain()
			snap.tables[t.Name()] = d
		}
	}
	return snap, nil
}

// Close forgets every table.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.tables {
		d.release()
	}
	s.tables, s.closed = map[string]*data{}, true
	return nil
}

// importers compiles the conversions of a schema's fields.
func importers(schema *arrow.Schema) ([]*interchange.Importer, error) {
	out := make([]*interchange.Importer, schema.NumFields())
	seen := map[string]bool{}
	for i, f := range schema.Fields() {
		if seen[f.Name] {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q is there twice", f.Name)
		}
		seen[f.Name] = true
		im, err := interchange.NewImporter(f, interchange.ImportOptions{})
		if err != nil {
			return nil, err
		}
		out[i] = im
	}
	return out, nil
}
