package differential

import (
	"fmt"
	"maps"
	"strconv"
)

// Placement is where the tables lie, and how they are reached.
type Placement uint8

// The placements.
const (
	Pushed   Placement = iota // in PostgreSQL, with pushdown
	Unpushed                  // in PostgreSQL, without
	Parquet                   // in Parquet files
	Memory                    // in memory, as Arrow tables
	placements
)

// Placements are all of them.
var Placements = []Placement{Pushed, Unpushed, Parquet, Memory}

func (p Placement) String() string {
	return [...]string{"pushed", "unpushed", "parquet", "memory"}[p]
}

// oracle is the schema that has the placement's tables in PostgreSQL.
func (p Placement) oracle() string {
	if p == Parquet || p == Memory {
		return schemaPortable
	}
	return schemaFull
}

// settings are those of a session over the placement's tables.
func (p Placement) settings() map[string]string {
	return map[Placement]map[string]string{
		Pushed:   {"search_path": "pg.public", "skein.pushdown": "on"},
		Unpushed: {"search_path": "pg.public", "skein.pushdown": "off"},
		Parquet:  {"search_path": "lake.main"},
		Memory:   {"search_path": "memory.main"},
	}[p]
}

// Form is the size of batches and the number of workers that a statement runs with.
type Form struct{ BatchRows, Workers int }

// Forms are those that must not change an answer.
var Forms = []Form{{8192, 1}, {1, 4}, {3, 1}, {8192, 4}, {1, 1}, {3, 4}}

func (f Form) String() string { return fmt.Sprintf("%d rows, %d workers", f.BatchRows, f.Workers) }

func (f Form) settings(p Placement) map[string]string {
	s := maps.Clone(p.settings())
	s["skein.batch_rows"], s["skein.workers"] = strconv.Itoa(f.BatchRows), strconv.Itoa(f.Workers)
	return s
}
