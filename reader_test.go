package skein_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
)

// TestReadToEnd holds that a reader that was read to its end, or failed, holds nothing any more.
func TestReadToEnd(t *testing.T) {
	db, err := skein.Open(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for sql, failure := range map[string]string{
		"SELECT x FROM generate_series(1, 20000) x":           "",
		"SELECT 1 / (x - 9) FROM generate_series(1, 20000) x": "division by zero",
	} {
		rows, err := db.Query(t.Context(), sql)
		require.NoError(t, err)
		for rows.Next() {
			require.Positive(t, rows.RecordBatch().NumRows())
		}
		require.Zero(t, db.Engine().Running(), sql)
		require.False(t, rows.Next())
		if failure == "" {
			require.NoError(t, rows.Err())
		} else {
			require.ErrorContains(t, rows.Err(), failure)
		}
		rows.Release()
	}
}
