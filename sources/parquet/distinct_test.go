package parquet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
)

type counted struct {
	Few       string `parquet:"few,dict"`
	Spread    int64  `parquet:"spread,dict"`
	Clustered int64  `parquet:"clustered,dict"`
	Plain     int64  `parquet:"plain,plain"`
}

// TestDistinctEstimates compares estimates from one row group's dictionaries with the numbers in the whole table.
func TestDistinctEstimates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	rows := make([]counted, 40_000)
	for i := range rows {
		x := int64(i) * 2654435761 % 4_000_037
		rows[i] = counted{Few: string(rune('a' + x%7)), Spread: x % 3000, Clustered: int64(i / 4), Plain: x}
	}
	f, err := os.Create(path)
	require.NoError(t, err)
	w := parquet.NewGenericWriter[counted](f, parquet.MaxRowsPerRowGroup(4000))
	_, err = w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	tab := discover(t, openSource(t, path), "t")
	for i, want := range []float64{7, 3000, 10_000, 0} {
		require.InEpsilon(t, want+1, tab.Cols[i].Distinct+1, 0.35, tab.Cols[i].Name)
	}
}
