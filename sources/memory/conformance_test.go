package memory_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/memory"
	"github.com/skeinsql/skein/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Harness{
		Rows: 3 * 65536,
		// What plain Arrow types say by themselves, without SQL's own (varchar, json, uuid, numeric without a scale).
		Holds: func(t *types.Type, _ any) bool {
			switch t.Kind {
			case types.Varchar, types.Bpchar, types.UUID, types.JSON, types.JSONB:
				return false
			case types.Numeric:
				return t.Precision > 0
			}
			return true
		},
		Load: load,
	})
}

func load(_ *testing.T, tables []sourcetest.Table) *sourcetest.Server {
	var src *memory.Source
	register := func(t testing.TB, table sourcetest.Table) {
		rec := record(t, table)
		half := rec.NumRows() / 2
		require.NoError(t, src.Register(table.Name, rec.Schema(), rec.NewSlice(0, half), rec.NewSlice(half, rec.NumRows())))
	}
	change := func(t testing.TB, name string, f func(*sourcetest.Table)) {
		for _, table := range tables {
			if table.Name == name {
				f(&table)
				register(t, table)
			}
		}
	}
	return &sourcetest.Server{
		Schema: memory.Schema,
		Open: func(t testing.TB, _ *sources.Connections) sources.Source {
			src = memory.New(sourcetest.ServerName)
			for _, table := range tables {
				register(t, table)
			}
			return src
		},
		Alter: func(t testing.TB) {
			change(t, "shifting", func(table *sourcetest.Table) {
				table.Columns = []sourcetest.Column{table.Columns[0], {Name: "v", Type: types.TextT}}
				table.Rows = nil
			})
		},
		Update: func(t testing.TB) {
			change(t, "many", func(table *sourcetest.Table) {
				rows := make([][]any, len(table.Rows))
				for i, row := range table.Rows {
					rows[i] = []any{row[0], row[1], row[2].(int64) + 1, row[3]}
				}
				table.Rows = rows
			})
		},
	}
}

func record(t testing.TB, table sourcetest.Table) arrow.RecordBatch {
	fields := make([]arrow.Field, len(table.Columns))
	cols := make([]arrow.Array, len(table.Columns))
	for i, c := range table.Columns {
		values := make([]any, len(table.Rows))
		for k, row := range table.Rows {
			values[k] = row[i]
		}
		a, err := datum.ToArray(c.Type, values)
		require.NoError(t, err)
		fields[i], cols[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: !c.NotNull}, a
	}
	return batch.NewRecord(arrow.NewSchema(fields, nil), cols, len(table.Rows))
}
