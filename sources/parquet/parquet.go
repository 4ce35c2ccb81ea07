// Package parquet is the kind "parquet": a folder (or one file, or a glob) of Parquet files as one server. Each file and
// each folder directly below the path is a table of schema main; a folder's table has the rows of all files below it, at
// any depth, and a column for each key of key=value folder names. Nothing outside of the path's folder is ever opened,
// whatever links it holds.
package parquet

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Kind is the name of the kind.
const Kind = "parquet"

const schemaName = "main"

// Source is one server. Safe for concurrent use.
type Source struct {
	name    string
	path    string
	options leafOptions
	log     *slog.Logger
	footers footers
	zstd    zstdDecoder
	closed  atomic.Bool
}

var _ sources.Source = (*Source)(nil)

// Open opens a server without touching its files. Options: path (a file, a folder or a glob), and nanoseconds, 'error'
// (the default) or 'truncate': what to do with times finer than PostgreSQL's microseconds.
func Open(_ context.Context, c sources.Config) (sources.Source, error) {
	s := &Source{name: c.Name, log: c.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for option, value := range c.Options {
		switch option {
		case "path":
			s.path = value
		case "nanoseconds":
			if value != "error" && value != "truncate" {
				return nil, sqlerr.New(sqlerr.InvalidParameterValue, "server %s: nanoseconds is %q", c.Name, value).
					WithHint("use 'error' or 'truncate'")
			}
			s.options.truncateNanos = value == "truncate"
		default:
			return nil, invalidOption("server "+c.Name, option, "path", "nanoseconds")
		}
	}
	if s.path == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "server %s: option path is missing", c.Name).
			WithHint("set it to a Parquet file, a folder of them, or a glob")
	}
	return s, nil
}

// openRoot opens the folder of the server, which the caller closes.
func (s *Source) openRoot() (*os.Root, place, error) {
	if s.closed.Load() {
		return nil, place{}, sqlerr.New(sqlerr.CannotConnectNow, "server %s is closed", s.name)
	}
	p, err := locate(s.path)
	if err != nil {
		return nil, p, s.from(err)
	}
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, p, s.from(fileError(err, "the folder of the server"))
	}
	return root, p, nil
}

// filesOf lists the files of one table: those of its name, or of a declaration's path.
func (s *Source) filesOf(root *os.Root, p place, t plan.TableRef, path string) ([]dataFile, error) {
	if path != "" {
		return p.below(root, path)
	}
	if t.Schema() != schemaName {
		return nil, nil
	}
	found, err := p.listing(root, t.Name(), s.skipped)
	return found[t.Name()], err
}

// from names the server in an error.
func (s *Source) from(err error) error {
	if e, ok := err.(*sqlerr.Error); ok { //nolint:errorlint // only an error that is not wrapped is renamed
		return e.From(s.name)
	}
	return fmt.Errorf("source %s: %w", s.name, err)
}

// skipped tells the log of a table that is left out of a list: one broken file does not hide the others. Whoever names
// the table gets the error.
func (s *Source) skipped(table string, err error) {
	s.log.Warn("a Parquet table cannot be read", "server", s.name, "table", table, "error", err)
}

// Discover lists tables with what the footers of their files say, and those that the catalog declares, which take
// columns, names and files from their declaration. A table that cannot be read is an error where it is named, and left
// out of lists of all.
func (s *Source) Discover(ctx context.Context, p sources.Pattern) ([]*sources.Table, error) {
	root, where, err := s.openRoot()
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	found, err := s.find(root, where, p)
	if err != nil {
		return nil, s.from(err)
	}
	var out []*sources.Table
	for _, f := range found {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !p.NamesOnly {
			err = s.describe(ctx, root, f)
			if err != nil && p.Table == "" && ctx.Err() == nil {
				s.skipped(f.table.TableName, err)
				continue
			}
			if err != nil {
				return nil, s.from(err)
			}
		}
		out = append(out, f.table)
	}
	slices.SortFunc(out, func(a, b *sources.Table) int {
		return cmp.Or(strings.Compare(a.SchemaName, b.SchemaName), strings.Compare(a.TableName, b.TableName))
	})
	return out, nil
}

// candidate is a table before its files are looked into.
type candidate struct {
	table    *sources.Table
	declared *sources.Table // nil for none
	files    []dataFile
}

// find lists what a pattern lets pass: the server's files, then declared tables with files of another name.
func (s *Source) find(root *os.Root, where place, p sources.Pattern) ([]*candidate, error) {
	found := map[string]*candidate{}
	add := func(schema, table string, files []dataFile) *candidate {
		c := &candidate{files: files, table: &sources.Table{
			ServerName: s.name, SchemaName: schema, TableName: table, Type: sources.BaseTable, RowCount: -1,
		}}
		found[nameOf(c.table)] = c
		return c
	}
	if p.Schema == "" || p.Schema == schemaName {
		files, err := where.listing(root, p.Table, s.skipped)
		if err != nil {
			return nil, err
		}
		for name, f := range files {
			add(schemaName, name, f)
		}
	}
	for _, d := range p.Declared {
		if p.Schema != "" && p.Schema != d.SchemaName || p.Table != "" && p.Table != d.TableName {
			continue
		}
		files, err := s.filesOf(root, where, d, d.Options[pathOption])
		if err == nil && len(files) == 0 {
			err = missingFiles(d)
		}
		if err != nil && p.Table == "" {
			s.skipped(d.TableName, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		add(d.SchemaName, d.TableName, files).declared = d
	}
	return slices.Collect(maps.Values(found)), nil
}

// missingFiles is the error for a declared table without files.
func missingFiles(d *sources.Table) error {
	name := d.SchemaName + "." + d.TableName
	if path := d.Options[pathOption]; path != "" {
		return sqlerr.New(sqlerr.UndefinedFile, "table %s is declared with path %q, where there are no Parquet files", name, path)
	}
	return sqlerr.New(sqlerr.UndefinedFile, "table %s is declared, but no file or folder is called so", name).
		WithHint("OPTIONS (path '…') names its files, below the server's folder")
}

// nameOf is what tables of one server are told apart by.
func nameOf(t plan.TableRef) string { return t.Schema() + "." + t.Name() }

func (s *Source) describe(ctx context.Context, root *os.Root, c *candidate) error {
	all := make([]*footer, len(c.files))
	for i, f := range c.files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		file, err := root.Open(f.path)
		if err != nil {
			return fileError(err, fmt.Sprintf("file %q", f.path))
		}
		all[i], err = s.footers.get(f, file)
		if err == nil && sampled(i, len(c.files)) {
			all[i].countDictionaries(file)
		}
		_ = file.Close()
		if err != nil {
			return err
		}
	}
	return describeTable(c.table, c.declared, c.files, all)
}

// Capabilities: scans with conditions, which prune row groups and files and are rechecked.
func (s *Source) Capabilities() sources.Capabilities {
	return sources.Capabilities{Filter: true, DynamicFilter: true, RoundTrip: 1e-4, RowCost: 1e-7}
}

// Plan takes a scan, with or without conditions over it. All conditions stay as residual.
func (s *Source) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	switch n := f.Root.(type) {
	case *plan.Scan:
		return newScan(s.name, n, nil), nil
	case *plan.Filter:
		if inner, ok := n.Input.(*plan.Scan); ok {
			return newScan(s.name, inner, n.Conds), nil
		}
		return nil, sources.Refuse(n.Input, nil, "Parquet files are scanned and filtered, nothing else")
	}
	return nil, sources.Refuse(f.Root, nil, "Parquet files are scanned and filtered, nothing else")
}

// Begin opens every file of the tables and keeps it open, so that files replaced meanwhile do no harm. A table whose
// files are not those that it was planned with is Stale.
func (s *Source) Begin(ctx context.Context, _ sources.Identity, need sources.Need) (sources.Snapshot, error) {
	snap := &snapshot{source: s, tables: map[string]*openTable{}}
	for _, t := range need.Tables {
		if snap.tables[nameOf(t)] != nil {
			continue
		}
		open, err := s.open(ctx, t)
		if err != nil {
			_ = snap.Close()
			return nil, err
		}
		snap.tables[nameOf(t)] = open
	}
	return snap, nil
}

// Close makes the server refuse new statements; open snapshots end on their own.
func (s *Source) Close() error {
	s.closed.Store(true)
	return nil
}

// open opens a table's files and verifies that they are those of its description.
func (s *Source) open(ctx context.Context, t plan.TableRef) (*openTable, error) {
	described, ok := t.(*sources.Table)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "table %s was not described by a Parquet server", t.Name())
	}
	d, ok := described.Detail.(*detail)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "table %s was not described by a Parquet server", t.Name())
	}
	root, where, err := s.openRoot()
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	found, err := s.filesOf(root, where, t, d.path)
	if err != nil {
		return nil, s.from(err)
	}
	stale := func(reason string) error {
		return &sources.Stale{Tables: []plan.TableRef{t}, Reason: reason}
	}
	if !slices.EqualFunc(found, d.files, dataFile.same) {
		return nil, stale("its files were changed, added or removed")
	}
	out := &openTable{table: described, detail: d}
	for _, f := range d.files {
		if ctx.Err() != nil {
			_ = out.close()
			return nil, context.Cause(ctx)
		}
		file, err := root.Open(f.path)
		if err != nil {
			_ = out.close()
			return nil, s.from(fileError(err, fmt.Sprintf("file %q", f.path)))
		}
		out.files = append(out.files, file)
		info, err := file.Stat()
		if err != nil || info.Size() != f.size || !info.ModTime().Equal(f.mtime) {
			_ = out.close()
			return nil, stale(fmt.Sprintf("file %q was replaced", f.path))
		}
		foot, err := s.footers.get(f, file)
		if err != nil {
			_ = out.close()
			return nil, s.from(err)
		}
		out.footers = append(out.footers, foot)
	}
	return out, nil
}

// openTable is a table's files, open for one statement.
type openTable struct {
	table   *sources.Table
	detail  *detail
	files   []*os.File
	footers []*footer
}

func (t *openTable) close() error {
	var first error
	for _, f := range t.files {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	t.files = nil
	return first
}
