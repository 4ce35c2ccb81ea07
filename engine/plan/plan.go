// Package plan is the relational intermediate representation, logical and physical: sealed, immutable nodes over
// columns with statement-wide IDs.
//
// The binder builds logical nodes; the optimizer rewrites them, replaces subtrees that a source takes by [Remote],
// and chooses physical nodes; the executor opens what results. A node never changes after construction and may be
// shared by plans that run at the same time.
package plan

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Column is one output column of a node.
type Column struct {
	ID       expr.ColumnID
	Name     string // for the result's header and for messages
	Type     *types.Type
	Nullable bool
}

// Ref is an expression that reads the column.
func (c Column) Ref() *expr.Column { return &expr.Column{ID: c.ID, Name: c.Name, Typ: c.Type} }

// Item is a computed output column.
type Item struct {
	Column
	Expr expr.Expr
}

// Node is a relation. The set is closed.
type Node interface {
	// Columns are the output columns in order.
	Columns() []Column
	// Children are the inputs in order, outer (left, probe) before inner (right, build).
	Children() []Node
	isNode()
}

// TableRef is a table as plans know it. Sources provide it; everything it gives is immutable.
type TableRef interface {
	Server() string
	Schema() string
	Name() string
	Columns() []TableColumn
	// Rows is an estimate of the number of rows, negative when unknown.
	Rows() float64
}

// TableColumn is a column of a TableRef.
type TableColumn struct {
	Name     string
	Type     *types.Type
	Nullable bool
	// Distinct is an estimate of the number of distinct values, 0 when unknown; NullFraction of NULLs;
	// Width of the average value's bytes, 0 when unknown.
	Distinct     float64
	NullFraction float64
	Width        float64
	// Min and Max bound the values where the source knows them exactly or as an estimate: datums or nil. Exact says
	// that every value that a statement can read lies within them, or the source says that the table is stale.
	Min, Max any
	Exact    bool
	// Values says more of the values where the source does; nil otherwise. It may be of rows that a policy hides, so that
	// it serves estimates alone and is shown to nobody.
	Values *ValueStats
}

// ValueStats describes the distribution of a column's values, as PostgreSQL's pg_stats does. It is an estimate, and
// immutable.
type ValueStats struct {
	// Common are the most common values, datums, and Frequencies their fractions of all rows, NULLs included.
	Common      []any
	Frequencies []float64
	// Histogram are datums in ascending order between which lie equal numbers of the values that are neither NULL nor
	// Common; empty when unknown.
	Histogram []any
	// Correlation is between the values' order and that of the rows in storage: from -1 to 1, 0 when unknown.
	Correlation float64
}

// Scan reads a table's columns. Ordinals index Table.Columns() and run parallel to Cols.
type Scan struct {
	Table    TableRef
	Cols     []Column
	Ordinals []int
}

// Values is a list of rows of constants, parameters and stable expressions; one row without columns is the input
// of a SELECT without FROM.
type Values struct {
	Cols []Column
	Rows [][]expr.Expr
}

// SetCall is one call of a ProjectSet.
type SetCall struct {
	// Fn is set-returning; nil stands for an expression, Args[0], which makes one row.
	Fn *expr.Function
	// Args refer to the input's columns and hold no set-returning call themselves.
	Args []expr.Expr
	// Cols is the one column of the result, or with Expand a column per field of a composite result.
	Cols   []Column
	Expand bool
}

// ProjectSet evaluates set-returning calls once for each row of its input and yields the row as often as the longest of
// them has rows, side by side with those, in their order; shorter ones are NULL at the end (PostgreSQL's ProjectSet, and
// ROWS FROM). An input row for which every call is empty yields nothing, or with Outer itself once, its calls'
// columns and the ordinality NULL: LEFT JOIN LATERAL f(…) ON true. Output is Keep, the calls' columns, then the
// ordinality. There is at least one call. A function in FROM over no columns has the one row without columns as input.
// A volatile argument is evaluated once an input row.
type ProjectSet struct {
	Input Node
	// Keep are the input's columns that are passed on, under their own IDs.
	Keep  []Column
	Calls []SetCall
	// Ordinality, when its Type is set, numbers (int8) the rows of each input row from 1.
	Ordinality Column
	Outer      bool
}

// Filter keeps the rows for which every conjunct is true.
type Filter struct {
	Input Node
	Conds []expr.Expr
}

// Project computes columns. An item that is a bare Column of the input keeps that column's ID.
type Project struct {
	Input Node
	Items []Item
}

// JoinKind says which rows of two inputs a join yields.
type JoinKind uint8

// The kinds. LeftSemi and LeftAnti yield left rows with (without) a match. NullAwareAnti is NOT IN: its first
// conjunct is the comparison whose NULL makes the answer NULL. Mark yields every left row once with a boolean
// column that is IN's three-valued answer (its first conjunct is the comparison; with no null-aware comparison it
// is EXISTS). Single yields every left row once, with NULLs or the one match, and fails with 21000 on a second:
// a scalar subquery.
const (
	Inner JoinKind = iota
	LeftOuter
	RightOuter
	FullOuter
	LeftSemi
	LeftAnti
	NullAwareAnti
	Mark
	Single
)

var joinNames = [...]string{"Inner", "Left", "Right", "Full", "Semi", "Anti", "NullAwareAnti", "Mark", "Single"}

func (k JoinKind) String() string { return joinNames[k] }

// LeftOnly says whether the join's output has no columns of the right input (but perhaps a mark).
func (k JoinKind) LeftOnly() bool {
	return k == LeftSemi || k == LeftAnti || k == NullAwareAnti || k == Mark
}

// Join is a logical join on a conjunction; no conjunct makes a cross product.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	On          []expr.Expr
	// MarkCol is Mark's output column; NullAware says whether it answers IN (true) or EXISTS (false).
	MarkCol   Column
	NullAware bool
}

// Apply is a dependent join: Right refers to columns of Left. The optimizer removes every Apply.
type Apply struct {
	Join
}

// AggItem is one aggregate of an Aggregate.
type AggItem struct {
	Column
	Fn       *expr.Function
	Args     []expr.Expr // none for count(*)
	Distinct bool
	Filter   expr.Expr // nil for none
	OrderBy  []SortKey
}

// Aggregate groups by Keys and computes Aggs. With neither keys nor grouping sets it yields exactly one row. Without
// Aggs it is DISTINCT. GroupingSets hold indices into Keys; nil means one set of all keys. GroupingCol, when its
// Type is set, numbers the grouping set of each output row.
//
// Partial lets a group come in several rows, each of a disjoint part of its input, by splits for example; without keys
// in any number of rows, or none. Who answers as without Partial answers right. An Aggregate above merges the rows by
// the engine's equality of keys, with the functions that [Decompose] gives.
type Aggregate struct {
	Input        Node
	Keys         []Item
	Aggs         []AggItem
	GroupingSets [][]int
	GroupingCol  Column
	Partial      bool
}

// SortKey is one key of an ORDER BY. NullsFirst is always explicit; text compares by bytes.
type SortKey struct {
	Expr       expr.Expr
	Desc       bool
	NullsFirst bool
}

// Sort orders its input, stably over equal keys in no promised order.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// Limit skips Offset rows and passes Count (nil: all). Both are constants, parameters or stable int8 expressions; a
// NULL Count is no limit. Ties, with Keys, are FETCH … WITH TIES over an input ordered by Keys. With Keys and
// without Ties it is top-N: the input need not be ordered, the output is.
type Limit struct {
	Input  Node
	Count  expr.Expr
	Offset expr.Expr
	Keys   []SortKey
	Ties   bool
}

// SetOpKind is UNION, INTERSECT or EXCEPT.
type SetOpKind uint8

// The set operations.
const (
	Union SetOpKind = iota
	Intersect
	Except
)

// SetOp combines inputs column by column: the inputs' columns have the types of Cols, in order. Without All the
// result has no duplicates. Union takes two or more inputs, the others two.
type SetOp struct {
	Op     SetOpKind
	All    bool
	Inputs []Node
	Cols   []Column
}

// Window computes window functions that share one specification; output is the input's columns, then Items'.
type Window struct {
	Input     Node
	Partition []expr.Expr
	Order     []SortKey
	Frame     Frame
	Items     []AggItem
}

// Frame is a window frame.
type Frame struct {
	Unit       FrameUnit
	Start, End Bound
	Exclude    FrameExclusion
}

// FrameUnit is RANGE, ROWS or GROUPS.
type FrameUnit uint8

// The frame units; the zero Frame with RANGE is the default frame once its bounds are set.
const (
	RangeFrame FrameUnit = iota
	RowsFrame
	GroupsFrame
)

// FrameExclusion is a frame's EXCLUDE clause.
type FrameExclusion uint8

// The exclusions.
const (
	ExcludeNothing FrameExclusion = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// BoundKind is where a frame starts or ends.
type BoundKind uint8

// The bounds.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a frame; Offset is set for Preceding and Following.
type Bound struct {
	Kind   BoundKind
	Offset expr.Expr
}

// SecurityBarrier marks that everything below belongs to a policy: expressions from above it may be evaluated
// below, or together with what is below at a source, only if they are leakproof. Owner may see through it in
// EXPLAIN. Filters are never merged across it.
type SecurityBarrier struct {
	Input Node
	// Object is the qualified name of the table or view that the barrier protects, for EXPLAIN.
	Object string
}

// Shared is a subplan that several places read and that is computed once (a CTE that is referenced twice). Places
// with the same ID have the same Input; each has columns of its own, parallel to Input's.
type Shared struct {
	ID    int
	Name  string
	Input Node
	Cols  []Column
}

// Remote is a fragment that a source took: physical, a leaf for the executor. Fragment is kept for EXPLAIN and for
// replanning. The residual conjuncts of Scan stand in a Filter above.
type Remote struct {
	Fragment Fragment
	Scan     RemoteScan
}

// ExchangeKind is how an exchange moves rows between partitions.
type ExchangeKind uint8

// The exchanges: Gather makes one stream of all partitions, in any order; Merge makes one ordered stream of ordered
// partitions; Hash sends each row to the partition of its keys' hash.
const (
	Gather ExchangeKind = iota
	Merge
	Hash
)

// Exchange is a physical node that changes the number of partitions.
type Exchange struct {
	Input Node
	Kind  ExchangeKind
	Keys  []SortKey // Merge: the order; Hash: the expressions
}

// HashJoin is a physical join: Right is built into a hash table on BuildKeys, Left probes it with ProbeKeys (equal
// in number and types), and Residual is checked on the pairs. For Single, Mark and NullAwareAnti see [Join].
type HashJoin struct {
	Kind        JoinKind
	Left, Right Node
	ProbeKeys   []expr.Expr
	BuildKeys   []expr.Expr
	// NullsEqual, per key: the keys compare as IS NOT DISTINCT FROM.
	NullsEqual []bool
	Residual   []expr.Expr
	MarkCol    Column
	NullAware  bool
}

// NestedLoopJoin is a physical join without an equality: Right is materialised and every pair is checked.
type NestedLoopJoin struct {
	Kind        JoinKind
	Left, Right Node
	On          []expr.Expr
	MarkCol     Column
	NullAware   bool
}

func (*Scan) isNode()            {}
func (*Values) isNode()          {}
func (*ProjectSet) isNode()      {}
func (*Filter) isNode()          {}
func (*Project) isNode()         {}
func (*Join) isNode()            {}
func (*Apply) isNode()           {}
func (*Aggregate) isNode()       {}
func (*Sort) isNode()            {}
func (*Limit) isNode()           {}
func (*SetOp) isNode()           {}
func (*Window) isNode()          {}
func (*SecurityBarrier) isNode() {}
func (*Shared) isNode()          {}
func (*Remote) isNode()          {}
func (*Exchange) isNode()        {}
func (*HashJoin) isNode()        {}
func (*NestedLoopJoin) isNode()  {}
