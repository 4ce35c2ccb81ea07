package sources

import "github.com/skeinsql/skein/engine/plan"

// Pattern says which tables to discover. Empty strings match everything; no wildcards.
type Pattern struct {
	Schema, Table string
	// NamesOnly asks for schemas, names and types of tables without their columns, which may be much cheaper.
	NamesOnly bool
	// Declared are the tables and column definitions that the catalog declares (CREATE FOREIGN TABLE), which take
	// the place of what the server says of them.
	Declared []*Table
}

// TableType is what a table is at its server, in the words of information_schema.
type TableType string

// The table types.
const (
	BaseTable        TableType = "BASE TABLE"
	ViewTable        TableType = "VIEW"
	MaterializedView TableType = "MATERIALIZED VIEW"
	PartitionedTable TableType = "PARTITIONED TABLE"
	ForeignTable     TableType = "FOREIGN TABLE"
)

// Table is a table as a source describes it. It is immutable once discovered and implements plan.TableRef. Detail
// belongs to the source (OIDs, field paths, files).
type Table struct {
	ServerName string
	SchemaName string
	TableName  string
	Type       TableType
	Cols       []plan.TableColumn
	PrimaryKey []string
	Unique     [][]string
	Foreign    []ForeignKey
	RowCount   float64 // estimate, negative when unknown
	Comment    string
	// ColumnOptions are the options of columns by name (declared or learned): what `skein import` writes.
	ColumnOptions map[string]map[string]string
	Options       map[string]string
	Detail        any
}

// ForeignKey is a reference to another table of the same server.
type ForeignKey struct {
	Name                string
	Columns             []string
	RefSchema, RefTable string
	RefColumns          []string
	UpdateRule, DelRule string
}

var _ plan.TableRef = (*Table)(nil)

// Server is the name of the server that the table lives on.
func (t *Table) Server() string { return t.ServerName }

// Schema is the schema's name.
func (t *Table) Schema() string { return t.SchemaName }

// Name is the table's name.
func (t *Table) Name() string { return t.TableName }

// Columns are the columns in order; not to be changed.
func (t *Table) Columns() []plan.TableColumn { return t.Cols }

// Rows is the estimated number of rows, negative when unknown.
func (t *Table) Rows() float64 { return t.RowCount }

// Column is the index of a column by name, -1 when there is none.
func (t *Table) Column(name string) int {
	for i := range t.Cols {
		if t.Cols[i].Name == name {
			return i
		}
	}
	return -1
}
