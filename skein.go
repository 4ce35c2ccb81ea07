// Package skein joins and unions rows from PostgreSQL, MongoDB, Parquet files and Arrow tables in one SQL statement,
// inside an application or as an Arrow Flight SQL server. SQL is PostgreSQL's; results are Arrow record batches.
//
// A [DB] is a set of sources and the engine over them. It keeps no data and has no global state: a process may open
// several.
package skein

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/memory"
	"github.com/skeinsql/skein/sources/mongo"
	"github.com/skeinsql/skein/sources/parquet"
	"github.com/skeinsql/skein/sources/postgres"
)

// MemoryServer is the server that [DB.Register] puts tables into, in schema main: memory.main.name.
const MemoryServer = "memory"

// DB is an engine and its sources. Safe for concurrent use. Close it.
type DB struct {
	engine *engine.Engine
	memory *memory.Source
}

// Option changes how a DB opens.
type Option func(*options) error

type options struct {
	builder  *catalog.Builder
	registry *sources.Registry
	config   engine.Config
}

// Registry knows the kinds of sources that are built in: postgres, mongo, parquet and memory.
func Registry() *sources.Registry {
	r := sources.NewRegistry()
	r.Register("postgres", func(ctx context.Context, c sources.Config) (sources.Source, error) {
		return asSource(postgres.Open(ctx, c))
	})
	r.Register("mongo", mongo.Open)
	r.Register("parquet", parquet.Open)
	return r
}

// asSource keeps a failed opening from becoming a source that is not nil.
func asSource[S sources.Source](s S, err error) (sources.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Source adds a server by URL: postgres://user:password@host/database, mongodb://host/database, parquet:///folder.
func Source(name, url string) Option {
	return func(o *options) error { return o.builder.AddURL(name, url, "skein.Source") }
}

// SourceAt is [Source] for a URL that was read from a file: origin is its path, which messages name, and relative paths
// in the URL start from its folder.
func SourceAt(name, url, origin string) Option {
	return func(o *options) error { return o.builder.AddURL(name, url, origin) }
}

// CatalogFile adds what a file of SQL declares: servers, user mappings, schemas, views, foreign tables.
func CatalogFile(path string) Option {
	return func(o *options) error { return o.builder.File(path) }
}

// CatalogSQL adds what SQL text declares.
func CatalogSQL(text string) Option {
	return func(o *options) error { return o.builder.Script("skein.CatalogSQL", text) }
}

// Setting sets a default of every session, such as "search_path" or "statement_timeout".
func Setting(name, value string) Option {
	return func(o *options) error {
		o.config.Settings[name] = value
		return nil
	}
}

// Memory bounds what all statements together hold for joins, groups and sorts, in bytes.
func Memory(bytes int64) Option {
	return func(o *options) error {
		o.config.Memory = bytes
		return nil
	}
}

// Workers is how many partitions a statement runs in; without it, the number of processors.
func Workers(n int) Option {
	return func(o *options) error {
		o.config.Workers = n
		return nil
	}
}

// StatementMemory bounds what one statement holds, in bytes.
func StatementMemory(bytes int64) Option {
	return func(o *options) error {
		o.config.StatementMemory = bytes
		return nil
	}
}

// Sessions bounds the number of sessions, and ends those that were idle for so long; zero values are 10,000 and an hour.
func Sessions(most int, idle time.Duration) Option {
	return func(o *options) error {
		o.config.MaxSessions, o.config.SessionIdle = most, idle
		return nil
	}
}

// SourceLimits protect the servers; zero values are each kind's own defaults.
func SourceLimits(l sources.Limits) Option {
	return func(o *options) error {
		o.config.Limits = l
		return nil
	}
}

// Logger is where the DB logs; without it, nowhere.
func Logger(l *slog.Logger) Option {
	return func(o *options) error {
		o.config.Log = l
		return nil
	}
}

// Kind adds a kind of source: the FOREIGN DATA WRAPPER of CREATE SERVER.
func Kind(name string, open sources.Opener) Option {
	return func(o *options) error {
		o.registry.Register(name, open)
		return nil
	}
}

// Open opens a DB. It does no I/O to the sources: one that is down fails only the statements that name it. The error is
// that of the options, of all that are wrong.
func Open(ctx context.Context, opts ...Option) (*DB, error) {
	o := &options{builder: catalog.NewBuilder(nil), registry: Registry()}
	o.config.Settings = map[string]string{}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(o))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("opening skein: %w", err)
	}
	o.config.Definitions, o.config.Registry = o.builder.Build(), o.registry
	e, err := engine.New(ctx, o.config)
	if err != nil {
		return nil, fmt.Errorf("opening skein: %w", err)
	}
	db := &DB{engine: e, memory: memory.New(MemoryServer)}
	if e.Catalog().Source(MemoryServer) == nil {
		if err := e.Catalog().Attach(MemoryServer, db.memory); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return db, nil
}

// Engine is the engine below, for those who serve it by another door.
func (db *DB) Engine() *engine.Engine { return db.engine }

// Close ends what runs and closes the sources. Idempotent.
func (db *DB) Close() error { return db.engine.Close() }

// Register makes Arrow data a table, memory.main.name, replacing one of that name; statements that run go on over the
// old rows. data is an arrow.Table, an arrow.RecordBatch, a slice of batches of one schema, or an array.RecordReader,
// which is drained. The data is retained and must not be changed.
func (db *DB) Register(name string, data any) error {
	switch d := data.(type) {
	case arrow.Table:
		return db.memory.RegisterTable(name, d)
	case arrow.RecordBatch:
		return db.memory.Register(name, d.Schema(), d)
	case []arrow.RecordBatch:
		if len(d) == 0 {
			return fmt.Errorf("registering %s: an empty slice of batches has no schema; register a RecordBatch without rows", name)
		}
		return db.memory.Register(name, d[0].Schema(), d...)
	case array.RecordReader:
		return db.memory.RegisterReader(name, d)
	}
	return fmt.Errorf("registering %s: %T is neither an arrow.Table, arrow.RecordBatch, []arrow.RecordBatch nor array.RecordReader", name, data)
}
