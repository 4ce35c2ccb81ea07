package plan

import "github.com/skeinsql/skein/engine/expr"

// Fragment is a complete subtree over tables of one server, offered to its source. Root consists of logical nodes
// only. The source must yield at least the columns of Root and may be asked for them only.
type Fragment struct {
	Server string
	Root   Node
}

// RemoteScan is a fragment as a source took it. It is pure data: immutable, shared by plans that run at the same time,
// with nothing read from the source in it. Sources implement it; only the source that made it looks inside.
type RemoteScan interface {
	// Server names the source that took the fragment.
	Server() string
	// Columns are the output by ID: those of the fragment's root, and those that only Residual needs. An
	// output's types are exactly the planned ones.
	Columns() []Column
	// Residual are conjuncts over Columns that the engine rechecks above the whole fragment, because the source
	// answers them with a superset only. Nil when the answer is exact.
	Residual() []expr.Expr
	// Estimate is the cost of a full read.
	Estimate() Estimate
	// Ordering is the order in which the single reader yields rows, nil for none. A splittable scan has none.
	Ordering() []SortKey
	// Splittable says whether several lanes may read disjoint splits at once.
	Splittable() bool
	// Inputs are what the scan takes at run time.
	Inputs() Inputs
	// Text is the template of what is sent to the source, with $n for values, for EXPLAIN.
	Text() string
	// Tables are the tables that the scan reads, to be verified when the snapshot begins.
	Tables() []TableRef
}

// Estimate is the cost of reading a scan completely, before residuals.
type Estimate struct {
	Rows  float64 // output rows, negative when unknown
	Bytes float64 // output bytes, negative when unknown
	// Startup and PerRow are seconds at the source and on the wire.
	Startup, PerRow float64
}

// Inputs says which values a scan takes when it runs.
type Inputs struct {
	Params bool
	// Filters are the output columns on which a dynamic filter may be applied at the source.
	Filters []expr.ColumnID
	// Lookup are the output columns on which keys can be looked up, nil when Lookup is not possible.
	Lookup []expr.ColumnID
}
