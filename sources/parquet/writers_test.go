package parquet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOtherWriters reads files that other programs wrote, see testdata/README.md.
func TestOtherWriters(t *testing.T) {
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(50<<10))
		s := openSource(t, f)
		tab := discover(t, s, tableName(filepath.Base(f)))
		for _, rows := range []int{1, 7, 8192} {
			recs, _, err := readAll(t, s, scanOf(tab), 1, rows)
			require.NoError(t, err, f)
			require.EqualValues(t, tab.Rows(), len(texts(recs)), f)
		}
	}
}

// TestPyarrowValues spells out a row of each column, and holds both files of the same table together.
func TestPyarrowValues(t *testing.T) {
	read := func(path string) [][]string {
		s := openSource(t, path)
		recs, _, err := readAll(t, s, scanOf(discover(t, s, tableName(path))), 1, 2)
		require.NoError(t, err)
		return texts(recs)
	}
	v1 := read("testdata/pyarrow_v1.parquet")
	require.Equal(t, v1, read("testdata/pyarrow_v2.parquet"))
	require.Equal(t, []string{
		"true", "-128", "0", "0", "0", "0", "-9223372036854775808", "1.5", "1.5", "-Inf", "", "AP8=", "YWJj", "-1234567.89",
		"-1234567890123456.78", "-1234567890123456789012345678.0123456789",
	}, v1[0][:16])
	require.Equal(t, []string{
		"1969-12-31", "23:59:59.999000", "23:59:59.999999", "2020-01-02T03:04:05.123", "2020-01-02T03:04:05.123456",
		"2020-01-02T03:04:05.123456Z", "2020-01-02T03:04:05.123456", "AAECAwQFBgcICQoLDA0ODw==", "[1,null,3]", `[["a"],null,[]]`,
		`{"x":1,"y":[{"z":"q"}]}`, `[{"key":"k","value":1},{"key":"j","value":null}]`, "x",
	}, v1[0][17:])
	require.Equal(t, [][]string{
		{"2020-01-02T03:04:05.123456", "-9223372036854775808"},
		{"(null)", "(null)"},
		{"0001-01-01T00:00:00", "9223372036854775807"},
	}, read("testdata/pyarrow_int96.parquet"))
}
