package parquet

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/numeric"
)

// TestOtherWriters reads files that other programs wrote, see testdata/README.md.
func TestOtherWriters(t *testing.T) {
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(t, err)
	require.Len(t, files, 8)
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

// TestPyarrowEncodings spells out what pyarrow was given for each row.
func TestPyarrowEncodings(t *testing.T) {
	text := func(format string, v ...any) string { return fmt.Sprintf(format, v...) }
	decimal := func(quarters, places int) string { // quarters * 10^places / 4, without zeros at the end of a fraction
		if places == 0 {
			return text("%g", float64(quarters)/4)
		}
		if quarters == 0 {
			return "0"
		}
		return text("%d", quarters*25) + strings.Repeat("0", places-2)
	}
	wide := func(i int) string { // in numeric's storage, which is bytes
		hundredths := new(big.Int).Mul(big.NewInt(int64(i-20)*25), new(big.Int).Exp(big.NewInt(10), big.NewInt(40), nil))
		return base64.StdEncoding.EncodeToString(numeric.Append(nil, numeric.FromBig(hundredths, 2)))
	}
	second := func(i int, zone string) string {
		if i < 20 {
			return text("1969-12-31T23:59:%02d%s", 40+i, zone)
		}
		return text("1970-01-01T00:00:%02d%s", i-20, zone)
	}
	join := func(n int, each func(j int) string) string {
		parts := make([]string, n)
		for j := range parts {
			parts[j] = each(j)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	want := func(i int) []string {
		micro := text("1970-01-01T00:00:00.%06d", i-20)
		if i < 20 {
			micro = text("1969-12-31T23:59:59.%06d", 1_000_000+i-20)
		} else if i == 20 {
			micro = "1970-01-01T00:00:00"
		}
		if i != 20 {
			micro = strings.TrimRight(micro, "0")
		}
		nan := text("%g", float64(i)/2)
		if i%5 == 0 {
			nan = "NaN"
		}
		return []string{
			text("%d", i*7919%1000-500), text("%d", i*i*1000003-5), strings.Repeat("t", i%5) + text("%d", i), text("common prefix %d", i/3),
			text("%g", float64(i)/4-3), text("%g", float64(i)/8-3), text("%d", i*3-7), text("%d", i*3000000000-7), decimal(5*i, 0),
			text("%t", i%3 == 0), text("%g", float64(i)/2-3),
			decimal(i-20, 0), decimal(i-20, 6), wide(i),
			text("%d", 255-i), text("%d", 1<<32-1-i), text("%d", uint64(1<<64-1)-uint64(i)),
			micro, second(i, "Z"), text("00:00:%02d.000000", i), nan, base64.StdEncoding.EncodeToString([]byte{15: byte(i)}), text(`{"a": %d}`, i),
			join(i%4, func(j int) string {
				if j%2 == 1 {
					return text(`{"x":%d,"y":null}`, j)
				}
				return text(`{"x":%d,"y":"%d"}`, j, j)
			}),
			join(i%3, func(j int) string { return text(`{"key":"k%d","value":%d}`, j, j) }),
			join(i%4, func(j int) string { return join(j, func(k int) string { return text("%d", k) }) }),
			text("L%d", i), strings.Repeat("z", 80) + text("%d", i),
		}
	}
	for _, path := range []string{"testdata/pyarrow_codecs_v1.parquet", "testdata/pyarrow_codecs_v2.parquet"} {
		s := openSource(t, path)
		tab := discover(t, s, tableName(path))
		for _, rows := range []int{1, 3, 8192} {
			recs, _, err := readAll(t, s, scanOf(tab), 1, rows)
			require.NoError(t, err)
			got := texts(recs)
			require.Len(t, got, 40)
			for i, row := range got {
				expected := want(i)
				for c, v := range row {
					if i%7 == 3 {
						expected[c] = "(null)"
					}
					require.Equal(t, expected[c], v, "%s row %d column %s", path, i, tab.Cols[c].Name)
				}
			}
		}
	}
	empty := discover(t, openSource(t, "testdata/pyarrow_empty.parquet"), "pyarrow_empty")
	require.Len(t, empty.Cols, len(want(0)))
}

// TestFilesWithoutValues reads a row group without rows, and a file without columns, which has rows nonetheless.
func TestFilesWithoutValues(t *testing.T) {
	dir := t.TempDir()
	none := crafted{typ: format.Int64}.bytes(t)
	bare := withFooter([]byte(magic), marshal(t, &format.FileMetaData{
		Version: 2, NumRows: 3, Schema: []format.SchemaElement{{Name: "root", NumChildren: thrift.New(int32(0))}},
		RowGroups: []format.RowGroup{{NumRows: 3}},
	}))
	for name, file := range map[string][]byte{"none": none, "bare": bare} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".parquet"), file, 0o600))
	}
	s := openSource(t, dir)
	for name, rows := range map[string]int{"none": 0, "bare": 3} {
		tab := discover(t, s, name)
		require.EqualValues(t, rows, tab.Rows())
		recs, _, err := readAll(t, s, scanOf(tab), 1, 2)
		require.NoError(t, err)
		require.Len(t, texts(recs), rows)
	}
}
