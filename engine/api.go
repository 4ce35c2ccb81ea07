// Package engine is the façade: it parses, binds, plans and runs statements for sessions, whatever the door that
// they came through. Users, limits, sessions and cancellation live here, not in any protocol.
package engine

import (
	"context"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/sources"
)

// Identity is who a session belongs to. It is set by authentication alone.
type Identity struct {
	// Role is the name of the engine's role, "" before roles exist.
	Role string
	// Claims are what authentication says of the user, read by current_setting('skein.claim.…').
	Claims map[string]string
	// Expires ends the identity's sessions, tickets and streams; zero is never.
	Expires time.Time
}

// SessionAPI is what a protocol needs of a session. *Session implements it. Safe for concurrent use.
type SessionAPI interface {
	// ID is unguessable and unique: it is the session's bearer and cookie.
	ID() string
	Identity() Identity
	// Set changes a setting as SET does; Get reads one as SHOW does; Reset restores the default. Unknown names and
	// bad values are errors (42704, 22023), those that only authentication may write 42501. "catalog" and "schema"
	// are settings too: the first element of the search path.
	Set(name, value string) error
	Get(name string) (string, error)
	Reset(name string) error
	Settings() map[string]string
	// Prepare parses, binds and plans one statement. Errors carry SQLSTATE and position.
	Prepare(ctx context.Context, sql string) (*Statement, error)
	// Close ends the session and what runs in it.
	Close() error
}

// StatementAPI is a prepared statement. *Statement implements it. It is immutable and safe for concurrent use;
// Execute may run many times at once. A table that changed at its source is planned again by Execute; when the
// result's schema would change, Execute fails with 0A000 "cached plan must not change result type".
type StatementAPI interface {
	SQL() string
	// Tag is the command: SELECT, SET, SHOW, EXPLAIN, BEGIN, …
	Tag() string
	// HasEffects says that running it twice is not the same as once (SET): it must run exactly once.
	HasEffects() bool
	// ReturnsRows is false for commands that only have a tag.
	ReturnsRows() bool
	// Schema is what clients receive (see package interchange), nullability and SQL type metadata included; no
	// fields when no rows are returned.
	Schema() *arrow.Schema
	// ParamSchema has a field $1, $2, … per parameter, concrete, nullable.
	ParamSchema() *arrow.Schema
	// Execute runs the statement. params is nil or a batch whose columns are castable to ParamSchema; row is the
	// row of it that is bound. The context governs planning and the whole stream until Result.Close.
	Execute(ctx context.Context, params arrow.RecordBatch, row int) (*Result, error)
}

// Result streams a statement's rows in the client's schema. It is a batch.Reader: Close cancels and waits.
type Result struct {
	batch.Reader
	// QueryID is the id in logs, in skein_catalog.queries and for cancelling.
	QueryID string
	// Affected is the number of rows that the command says it changed, -1 for none.
	Affected int64
}

// TableFilter selects tables for metadata. Nil matches everything; patterns are SQL LIKE patterns with backslash as
// escape. Catalog is exact.
type TableFilter struct {
	Catalog       *string
	SchemaPattern *string
	TablePattern  *string
	Types         []string // BASE TABLE, VIEW, …; empty for all
	Columns       bool     // whether ArrowSchema is filled
	Keys          bool     // whether PrimaryKey and Foreign are filled
}

// TableInfo is one table or view as a session may see it.
type TableInfo struct {
	Catalog, Schema, Name string
	Type                  sources.TableType
	// Schema is what `SELECT * FROM table` returns, with SQL type metadata; nil unless asked for.
	ArrowSchema *arrow.Schema
	PrimaryKey  []string
	Foreign     []sources.ForeignKey
}

// Metadata lists what a session may see. *Session implements it. Rows are ordered by catalog, schema, name. A source
// that is down is left out, and named in warnings.
type Metadata interface {
	Catalogs(ctx context.Context) ([]string, error)
	// Schemas gives (catalog, schema) pairs.
	Schemas(ctx context.Context, catalog, schemaPattern *string) ([][2]string, error)
	Tables(ctx context.Context, f TableFilter) ([]TableInfo, error)
}

// Sessions is the registry of sessions and queries. *Engine implements it. Safe for concurrent use.
type Sessions interface {
	// NewSession opens a session; it ends by Close, or after the idle timeout.
	NewSession(id Identity) (*Session, error)
	// Session finds an open session by its ID; unknown or ended ones are an error (28000), never silently made anew.
	Session(id string) (*Session, error)
	// Cancel ends a running query of the identity (57014); false when there is none.
	Cancel(id Identity, queryID string) bool
}
