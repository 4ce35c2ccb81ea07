package sources

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Config is what a server was declared with.
type Config struct {
	Name string
	// Options are those of CREATE SERVER, never a credential.
	Options map[string]string
	// Declared are the tables that the catalog declares for the server, and the alterations of tables that the server
	// will be asked for, as tables without columns: their options are checked when the server is opened.
	Declared []*Table
	// User and Secret are the credentials of the user mapping for PUBLIC, if any. Never log Secret.
	User, Secret string
	// Connections is the process's budget; Name is its key.
	Connections *Connections
	Limits      Limits
	Log         *slog.Logger
}

// Limits protect a server.
type Limits struct {
	// Statement bounds one request at the server, Lock the wait for a lock, Idle an idle transaction, Connect a dial.
	Statement, Lock, Idle, Connect time.Duration
}

// Opener opens a server of one kind. It must not do I/O to the server: an unreachable server opens, and fails its
// statements. Bad options, those of declared tables and their columns too, are errors.
type Opener func(ctx context.Context, c Config) (Source, error)

// Registry knows the kinds (the FOREIGN DATA WRAPPER of CREATE SERVER). Fill it before use; then it is read-only.
type Registry struct{ kinds map[string]Opener }

// NewRegistry is an empty registry.
func NewRegistry() *Registry { return &Registry{kinds: map[string]Opener{}} }

// Register adds a kind; a second one of a name replaces the first.
func (r *Registry) Register(kind string, open Opener) { r.kinds[kind] = open }

// Kinds are the names of the kinds, sorted.
func (r *Registry) Kinds() []string {
	out := make([]string, 0, len(r.kinds))
	for k := range r.kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Open opens a server of a kind.
func (r *Registry) Open(ctx context.Context, kind string, c Config) (Source, error) {
	open := r.kinds[kind]
	if open == nil {
		return nil, fmt.Errorf("opening server %s: no kind of source is called %q (there are %s)", c.Name, kind,
			strings.Join(r.Kinds(), ", "))
	}
	return open(ctx, c)
}

// ReadStats counts what a scan read from its server, for EXPLAIN ANALYZE and limits. Safe for concurrent use.
type ReadStats struct {
	Rows, Bytes, Batches, Splits, Pruned, Requests atomic.Int64
}
