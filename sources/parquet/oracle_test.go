package parquet

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	apq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// randomType draws a type that Parquet and the engine both have.
func randomType(t *rapid.T, depth int) arrow.DataType {
	flat := []arrow.DataType{
		arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Int16,
		arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Float16,
		arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, &arrow.FixedSizeBinaryType{ByteWidth: 3},
		&arrow.Decimal128Type{Precision: 7, Scale: 2}, &arrow.Decimal128Type{Precision: 17, Scale: 2},
		&arrow.Decimal128Type{Precision: 38, Scale: 10}, &arrow.Decimal256Type{Precision: 60, Scale: 3},
		arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Time64us,
		arrow.FixedWidthTypes.Timestamp_us, &arrow.TimestampType{Unit: arrow.Millisecond}, extensions.NewUUIDType(),
	}
	n := len(flat)
	if depth > 0 {
		n += 3
	}
	switch i := rapid.IntRange(0, n-1).Draw(t, "type"); {
	case i < len(flat):
		return flat[i]
	case i == len(flat):
		return arrow.ListOfField(arrow.Field{Name: "element", Type: randomType(t, depth-1), Nullable: rapid.Bool().Draw(t, "nullable")})
	case i == len(flat)+1:
		return arrow.StructOf(
			arrow.Field{Name: "a", Type: randomType(t, depth-1), Nullable: rapid.Bool().Draw(t, "nullable")},
			arrow.Field{Name: "b", Type: randomType(t, depth-1), Nullable: true})
	}
	return arrow.MapOf(arrow.BinaryTypes.String, randomType(t, depth-1))
}

// appendRandom appends one value; few distinct ones, so that dictionaries pay, with NULLs only where allowed.
func appendRandom(t *rapid.T, b array.Builder, nullable bool) {
	if nullable && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		b.AppendNull()
		return
	}
	small := rapid.IntRange(0, 9)
	switch b := b.(type) {
	case *array.MapBuilder:
		b.Append(true)
		for i := range rapid.IntRange(0, 3).Draw(t, "entries") {
			b.KeyBuilder().(*array.StringBuilder).Append(string(rune('a' + i)))
			appendRandom(t, b.ItemBuilder(), true)
		}
	case *array.ListBuilder:
		b.Append(true)
		for range rapid.IntRange(0, 4).Draw(t, "elements") {
			appendRandom(t, b.ValueBuilder(), b.Type().(*arrow.ListType).ElemField().Nullable)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(t, b.FieldBuilder(i), b.Type().(*arrow.StructType).Field(i).Nullable)
		}
	case *array.StringBuilder:
		b.Append(rapid.SampledFrom([]string{"", "a", "ü€", "a rather long text that repeats", "ABC\t"}).Draw(t, "text"))
	case *array.BinaryBuilder:
		b.Append(rapid.SampledFrom([][]byte{{}, {0}, {255, 0, 1}}).Draw(t, "bytes"))
	case *array.FixedSizeBinaryBuilder:
		b.Append(bytes.Repeat([]byte{byte(small.Draw(t, "byte"))}, b.Type().(*arrow.FixedSizeBinaryType).ByteWidth))
	case *extensions.UUIDBuilder:
		b.AppendBytes([16]byte{byte(small.Draw(t, "byte")), 15: 7})
	case *array.BooleanBuilder:
		b.Append(rapid.Bool().Draw(t, "bool"))
	default:
		n := small.Draw(t, "number")
		text := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}[n]
		switch b.Type().ID() {
		case arrow.DATE32:
			text = "2020-01-0" + []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "9"}[n]
		case arrow.TIME32, arrow.TIME64:
			text = "01:02:0" + text
		case arrow.TIMESTAMP:
			text = "1969-12-31T23:59:5" + text
			if b.Type().(*arrow.TimestampType).TimeZone != "" {
				text += "Z"
			}
		case arrow.DECIMAL128, arrow.DECIMAL256:
			text = "-" + text + ".25"
		}
		require.NoError(t, b.AppendValueFromString(text))
	}
}

// properties draws page sizes, versions, encodings and codecs.
func properties(t *rapid.T) *apq.WriterProperties {
	opts := []apq.WriterProperty{
		apq.WithDataPageSize(rapid.SampledFrom([]int64{1, 64, 1 << 20}).Draw(t, "page size")),
		apq.WithDictionaryDefault(rapid.Bool().Draw(t, "dictionary")),
		apq.WithDictionaryPageSizeLimit(rapid.SampledFrom([]int64{8, 1 << 20}).Draw(t, "dictionary limit")),
		apq.WithBatchSize(rapid.SampledFrom([]int64{1, 7, 1024}).Draw(t, "batch")),
		apq.WithCompression(rapid.SampledFrom([]compress.Compression{
			compress.Codecs.Uncompressed, compress.Codecs.Snappy,
			compress.Codecs.Gzip, compress.Codecs.Zstd,
		}).Draw(t, "codec")),
		apq.WithDataPageVersion(rapid.SampledFrom([]apq.DataPageVersion{apq.DataPageV1, apq.DataPageV2}).Draw(t, "page version")),
		apq.WithMaxRowGroupLength(rapid.SampledFrom([]int64{3, 50, 1 << 20}).Draw(t, "row group")),
	}
	return apq.NewWriterProperties(opts...)
}

// randomFile writes a random table with arrow-go's writer, as t.parquet in a new folder.
func randomFile(t *rapid.T, fields []arrow.Field, rows int) (path string, remove func()) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for i, f := range fields {
		for range rows {
			appendRandom(t, b.Field(i), f.Nullable)
		}
	}
	rec := b.NewRecordBatch()
	dir, err := os.MkdirTemp("", "skein-parquet")
	require.NoError(t, err)
	path = filepath.Join(dir, "t.parquet")
	out, err := os.Create(path)
	require.NoError(t, err)
	w, err := pqarrow.NewFileWriter(rec.Schema(), out, properties(t), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	require.NoError(t, err)
	require.NoError(t, w.Write(rec))
	require.NoError(t, w.Close())
	return path, func() { _ = os.RemoveAll(dir) }
}

func randomFields(t *rapid.T) []arrow.Field {
	fields := make([]arrow.Field, rapid.IntRange(1, 3).Draw(t, "columns"))
	for i := range fields {
		fields[i] = arrow.Field{Name: string(rune('a' + i)), Type: randomType(t, 3), Nullable: rapid.Bool().Draw(t, "nullable")}
	}
	return fields
}

// TestAgreesWithPqarrow writes random tables with arrow-go's writer and reads them both with its reader and with ours.
func TestAgreesWithPqarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path, remove := randomFile(t, randomFields(t), rapid.IntRange(0, 60).Draw(t, "rows"))
		defer remove()
		require.Equal(t, expected(t, path), ours(t, path, rapid.SampledFrom([]int{1, 2, 7, 8192}).Draw(t, "batch rows")))
	})
}

// TestChosenRowsKeepTheirValues reads with a condition, which decodes chosen rows alone, and without.
func TestChosenRowsKeepTheirValues(t *testing.T) {
	fewer := false
	rapid.Check(t, func(t *rapid.T) {
		fields := append(randomFields(t), arrow.Field{Name: "key", Type: arrow.PrimitiveTypes.Int64, Nullable: rapid.Bool().Draw(t, "nullable key")})
		path, remove := randomFile(t, fields, rapid.IntRange(0, 200).Draw(t, "rows"))
		defer remove()
		s := openSource(t, path)
		n := scanOf(discover(t, s, "t"))
		key := len(n.Cols) - 1
		op := rapid.SampledFrom([]string{"int8eq", "int8lt", "int8gt"}).Draw(t, "op")
		constant := rapid.IntRange(0, 9).Draw(t, "constant")
		cond := &expr.Call{Fn: expr.MustFunction(op), Args: []expr.Expr{n.Cols[key].Ref(), &expr.Const{Typ: types.Int8T, Value: int64(constant)}}, Typ: types.BoolT}
		rows := rapid.SampledFrom([]int{1, 2, 7, 50, 8192}).Draw(t, "batch rows")
		holds := func(row []string) bool {
			k, err := strconv.Atoi(row[key])
			return err == nil && map[string]bool{"int8eq": k == constant, "int8lt": k < constant, "int8gt": k > constant}[op]
		}
		read := func(root plan.Node) (matching [][]string, all int) {
			recs, _, err := readAll(t, s, root, 1, rows)
			require.NoError(t, err)
			got := append([][]string{}, texts(recs)...)
			return slices.DeleteFunc(slices.Clone(got), func(r []string) bool { return !holds(r) }), len(got)
		}
		want, whole := read(n)
		got, some := read(&plan.Filter{Input: n, Conds: []expr.Expr{cond}})
		require.Equal(t, want, got)
		fewer = fewer || some < whole
	})
	require.True(t, fewer)
}

// expected reads a file with pqarrow and imports what it gives.
func expected(t *rapid.T, path string) [][]string {
	f, err := file.OpenParquetFile(path, false)
	require.NoError(t, err)
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: 1 << 20}, memory.DefaultAllocator)
	require.NoError(t, err)
	tab, err := r.ReadTable(context.Background())
	require.NoError(t, err)
	rows := make([][]string, tab.NumRows())
	for c := range int(tab.NumCols()) {
		im, err := interchange.NewImporter(tab.Schema().Field(c), interchange.ImportOptions{})
		require.NoError(t, err)
		at := 0
		for _, chunk := range tab.Column(c).Data().Chunks() {
			a, err := im.Import(chunk)
			require.NoError(t, err)
			for i := range a.Len() {
				rows[at] = append(rows[at], a.ValueStr(i))
				at++
			}
		}
	}
	return rows
}

// ours reads a file with this package.
func ours(t *rapid.T, path string, rows int) [][]string {
	s := openSource(t, path)
	recs, _, err := readAll(t, s, scanOf(discover(t, s, "t")), 1, rows)
	require.NoError(t, err)
	got := texts(recs)
	if got == nil {
		got = [][]string{}
	}
	return got
}
