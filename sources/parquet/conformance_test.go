package parquet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	apq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Harness{
		// What Parquet's logical types say by themselves.
		Holds: func(t *types.Type, v any) bool {
			switch t.Kind {
			case types.Varchar, types.Bpchar, types.UUID, types.JSON, types.JSONB, types.Interval:
				return false
			case types.Numeric:
				return t.Precision > 0
			case types.Date:
				return v != datum.DateInfinity && v != datum.DateNegInfinity
			case types.Timestamp, types.TimestampTZ:
				return v != datum.TimestampInfinity && v != datum.TimestampNegInfinity
			}
			return true
		},
		Load: loadConformance,
	})
}

func loadConformance(t *testing.T, tables []sourcetest.Table) *sourcetest.Server {
	dir := t.TempDir()
	for _, table := range tables {
		writeTable(t, dir, table)
	}
	return &sourcetest.Server{
		Schema: schemaName,
		Open: func(testing.TB, *sources.Connections) sources.Source {
			s, err := Open(t.Context(), sources.Config{Name: sourcetest.ServerName, Options: map[string]string{"path": dir}})
			require.NoError(t, err)
			return s
		},
		Alter: func(t testing.TB) {
			for _, table := range tables {
				if table.Name == "shifting" {
					table.Columns = []sourcetest.Column{table.Columns[0], {Name: "v", Type: types.TextT}}
					table.Rows = [][]any{{int64(1), "ten"}}
					writeTable(t, dir, table)
				}
			}
		},
	}
}

// writeTable writes a table with arrow-go's writer, in row groups of a few rows or, where there are many, of a thousand.
func writeTable(t testing.TB, dir string, table sourcetest.Table) {
	fields := make([]arrow.Field, len(table.Columns))
	cols := make([]arrow.Array, len(table.Columns))
	for i, c := range table.Columns {
		values := make([]any, len(table.Rows))
		for k, row := range table.Rows {
			values[k] = row[i]
		}
		stored := c.Type
		if stored.Kind == types.Numeric {
			stored = types.NumericOf(30, stored.Scale) // wide enough for a decimal128, which every reader knows
		}
		a, err := datum.ToArray(stored, values)
		require.NoError(t, err)
		fields[i], cols[i] = arrow.Field{Name: c.Name, Type: stored.Arrow(), Nullable: !c.NotNull}, a
	}
	rec := batch.NewRecord(arrow.NewSchema(fields, nil), cols, len(table.Rows))
	next := filepath.Join(dir, "."+table.Name)
	f, err := os.Create(next)
	require.NoError(t, err)
	properties := apq.NewWriterProperties(apq.WithMaxRowGroupLength(max(5, int64(len(table.Rows)/20))), apq.WithStats(true),
		apq.WithPageIndexEnabled(true))
	w, err := pqarrow.NewFileWriter(rec.Schema(), f, properties, pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(rec))
	require.NoError(t, w.Close())
	require.NoError(t, os.Rename(next, filepath.Join(dir, table.Name+".parquet")))
}
