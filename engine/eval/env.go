// Package eval compiles expressions once into vector evaluators: typed loops over the buffers of Arrow arrays,
// without a call, a closure or an allocation per row.
package eval

import (
	"context"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/expr"
)

// Env is what an execution gives to expressions and sources: parameters, the values of stable functions, and dynamic
// filters. It is immutable but for the filters, and safe for concurrent use.
type Env struct {
	// Params are the datums of $1, $2, … of the types that the statement's parameters were bound to.
	Params []any
	// Now is the statement's timestamp, in microseconds since 1970-01-01 UTC.
	Now int64
	// Zone is the session's time zone; nil is UTC.
	Zone *time.Location
	// User is current_user and session_user; Catalog is current_catalog; Schema is current_schema.
	User, Catalog, Schema string
	// Setting gives a session setting for current_setting; ok is false when it is unknown.
	Setting func(name string) (value string, ok bool)
	// Cancel ends the statement that skein_catalog.queries shows under pid, for pg_cancel_backend: false when the role
	// has no such statement. Nil cancels nothing.
	Cancel func(pid int32) bool
	// Objects answers the functions about what the system catalogs list; nil knows nothing.
	Objects Objects
	// Filters are the dynamic filters of the execution by their number in the plan.
	Filters map[int]*DynamicFilter
}

// DynamicFilter carries the keys of a join's build side to the scan of its probe side. The zero value is not usable:
// see NewDynamicFilter. Safe for concurrent use.
type DynamicFilter struct {
	// Column is the probe side's column.
	Column expr.ColumnID
	once   sync.Once
	done   chan struct{}
	set    *KeySet
}

// KeySet is a superset of the keys that can match: sorted distinct Values (an array of the column's storage type
// without NULLs) when there are few, else only the bounds Min and Max as datums. Empty means that no row matches.
type KeySet struct {
	Values   arrow.Array
	Min, Max any
	Empty    bool
}

// NewDynamicFilter is a filter that nothing was published to yet.
func NewDynamicFilter(column expr.ColumnID) *DynamicFilter {
	return &DynamicFilter{Column: column, done: make(chan struct{})}
}

// Publish sets the keys; nil gives the filter up, so that all rows pass. Only the first call counts; whoever builds
// the keys calls it on every way out.
func (f *DynamicFilter) Publish(keys *KeySet) {
	f.once.Do(func() {
		f.set = keys
		close(f.done)
	})
}

// Wait gives the keys once they are published, nil when they were given up, did not come within limit, or ctx ended.
// It is called before a lane is asked for.
func (f *DynamicFilter) Wait(ctx context.Context, limit time.Duration) *KeySet {
	select {
	case <-f.done:
		return f.set
	default:
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.set
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
