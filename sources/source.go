// Package sources is the contract between the engine and the systems that hold the data: one Source per connected
// server, one Snapshot per statement and server, one Lane per connection. The kinds (postgres, mongo, parquet, memory)
// live in packages of their own and register with a [Registry].
//
// What a source takes it answers exactly as the engine would, or as a superset with a residual that the engine
// rechecks. A wrong "exact" is the worst bug that a source can have; in doubt it refuses or leaves a residual.
package sources

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// Source is one connected server. Safe for concurrent use.
type Source interface {
	// Discover lists the tables that match, with columns, keys and statistics. It never writes to the server. It
	// waits for one connection token and gives it back before it returns. A table that is not there is not an error.
	Discover(ctx context.Context, p Pattern) ([]*Table, error)
	// Capabilities says, as data, what the server answers exactly as the engine would. It does no I/O.
	Capabilities() Capabilities
	// Plan takes the whole fragment or returns *Refused. It is pure: no I/O, nothing read from data, so that a plan
	// can be cached and run twice at once.
	Plan(f plan.Fragment) (plan.RemoteScan, error)
	// Begin opens the statement's one consistent view of this server and verifies that the tables named are still
	// what was bound: *Stale, also from Open or the first Next, makes the engine replan once if no batch has left.
	// It never waits for connection tokens: need.Lease holds them. ctx is the statement's.
	Begin(ctx context.Context, id Identity, need Need) (Snapshot, error)
	// Close closes idle connections; snapshots that are open end with errors. Idempotent.
	Close() error
}

// TypeSource is a Source whose server has types of its own, which statements can name in casts.
type TypeSource interface {
	// FindType gives the type of a name in the first of the schemas that has one, nil when none has: an enum, a
	// composite (a table's row type too), a domain or an array of them. It asks the server once, as Discover does.
	FindType(ctx context.Context, schemas []string, name string) (*types.Type, error)
}

// Identity is who asks, as far as a source needs it: the user mapping is resolved already.
type Identity struct {
	// Role is the engine's role, for logs and application names.
	Role string
	// User and Secret are the user mapping's credentials, empty for the server's own. Never log Secret.
	User, Secret string
	// Key tells pools apart: identities with equal keys may share connections.
	Key string
	// Query is the engine's query id, for the application name and comments.
	Query string
}

// Need is what a statement wants of a server.
type Need struct {
	// Lanes is how many lanes the statement needs at least; they are opened without waiting.
	Lanes int
	// MaxLanes is how many it could use; more than Lanes are extras.
	MaxLanes int
	// Lease holds tokens for Lanes connections; extras are asked from it.
	Lease *Lease
	// Tables are those that the statement's fragments at this server read.
	Tables []plan.TableRef
	// Memory is the query's budget.
	Memory *budget.Query
	// Limits protect the server; zero values mean the server's own defaults.
	Limits Limits
}

// Snapshot lives for one statement: every lane sees the same rows. Safe for concurrent use; Close comes after every
// lane's, ends transactions and cursors, and is idempotent.
type Snapshot interface {
	// Lane gives a connection inside the snapshot. The first Need.Lanes never wait. With extra it returns nil, nil
	// when there is none to spare.
	Lane(ctx context.Context, extra bool) (Lane, error)
	Close() error
}

// Lane is one connection inside a snapshot, used by one goroutine, with at most one open Reader. The context given to
// Splits, Open or Lookup governs the reader until its Close: when it ends, work at the server is cancelled within a
// second and the lane is still good for Close.
type Lane interface {
	// Splits makes the queue of s's splits, inside the snapshot, to be shared by all lanes that read s. A scan that
	// is not splittable has one split.
	Splits(ctx context.Context, s plan.RemoteScan, env *Env) (SplitQueue, error)
	// Open reads one split. The reader's schema has one field per s.Columns(), in that order, of the types' storage.
	Open(ctx context.Context, s plan.RemoteScan, split Split, env *Env) (batch.Reader, error)
	// Lookup reads the rows whose lookup columns equal one of keys: keys are distinct, one column per
	// s.Inputs().Lookup. Column 0 of the answer is the key's ordinal (int64), then s.Columns(), in any order of rows;
	// an unmatched key, or one with a NULL, gives no row.
	Lookup(ctx context.Context, s plan.RemoteScan, keys arrow.RecordBatch, env *Env) (batch.Reader, error)
	// Wanted is asked between splits: give this extra lane back, somebody waits for it.
	Wanted() bool
	// Close returns the connection and its token. Idempotent.
	Close() error
}

// Split is one part of a scan; only its source looks inside. It is immutable.
type Split interface{ String() string }

// SplitQueue hands out splits. Safe for concurrent use.
type SplitQueue interface {
	// Next gives a split, or io.EOF when there are no more.
	Next(ctx context.Context) (Split, error)
}

// Env is what an execution gives to a source.
type Env struct {
	*eval.Env
	// Reservation accounts for what the reader buffers beyond one batch. It belongs to the lane's goroutine.
	Reservation *budget.Reservation
	// Stats is counted up by readers; may be nil. See [ReadStats].
	Stats *ReadStats
	// BatchRows is the most rows of a batch, 0 for batch.Rows. Tests set it.
	BatchRows int
	// Codes are columns of text that may come dictionary-encoded (int32 codes), each with a number that its dictionary
	// has to stay below: who reads them works on codes. All of a split should share one dictionary.
	Codes map[expr.ColumnID]int
}
