package interchange

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// fromJSON builds an array of a type from JSON values, with one more in front that is sliced off again.
func fromJSON(t require.TestingT, dt arrow.DataType, values string) arrow.Array {
	padded := "[null" + strings.TrimSuffix(", "+strings.TrimPrefix(values, "["), ", ")
	if values == "[]" {
		padded = "[null]"
	}
	a, _, err := array.FromJSON(memory.DefaultAllocator, dt, strings.NewReader(padded))
	require.NoError(t, err)
	return array.NewSlice(a, 1, int64(a.Len()))
}

func importOne(t require.TestingT, in arrow.Array, o ImportOptions) (*types.Type, arrow.Array, error) {
	im, err := NewImporter(arrow.Field{Name: "x", Type: in.DataType(), Nullable: true}, o)
	require.NoError(t, err)
	out, err := im.Import(in)
	if err == nil {
		require.True(t, arrow.TypeEqual(im.Type().Arrow(), out.DataType()))
		if v, ok := out.(interface{ ValidateFull() error }); ok {
			require.NoError(t, v.ValidateFull())
		}
	}
	return im.Type(), out, err
}

func TestImport(t *testing.T) {
	ts := func(u arrow.TimeUnit, zone string) arrow.DataType {
		return &arrow.TimestampType{Unit: u, TimeZone: zone}
	}
	for _, c := range []struct {
		dt             arrow.DataType
		in, typ, wants string
	}{
		{arrow.PrimitiveTypes.Int8, "[-128,null,127]", "smallint", "-128 (null) 127"},
		{arrow.PrimitiveTypes.Uint8, "[0,255]", "smallint", "0 255"},
		{arrow.PrimitiveTypes.Uint16, "[65535,null]", "integer", "65535 (null)"},
		{arrow.PrimitiveTypes.Uint32, "[4294967295]", "bigint", "4294967295"},
		{arrow.PrimitiveTypes.Uint64, "[18446744073709551615,null]", "numeric(20,0)", "18446744073709551615 (null)"},
		{arrow.FixedWidthTypes.Float16, "[1.5,null]", "real", "1.5 (null)"},
		{&arrow.Decimal32Type{Precision: 5, Scale: 2}, `["-1.25",null]`, "numeric(5,2)", "-1.25 (null)"},
		{&arrow.Decimal64Type{Precision: 15, Scale: 2}, `["-1.25"]`, "numeric(15,2)", "-1.25"},
		{&arrow.Decimal128Type{Precision: 15, Scale: 2}, `["-1.25",null,"9999999999999.99"]`, "numeric(15,2)", "-1.25 (null) 9999999999999.99"},
		{&arrow.Decimal128Type{Precision: 38, Scale: 2}, `["-1.25"]`, "numeric(38,2)", "-1.25"},
		{&arrow.Decimal256Type{Precision: 30, Scale: 2}, `["-1.25","1234567890123456789012345678.99"]`, "numeric(30,2)", "-1.25 1234567890123456789012345678.99"},
		{arrow.BinaryTypes.LargeString, `["a","",null,"ü"]`, "text", "a  (null) ü"},
		{arrow.BinaryTypes.StringView, `["a","a string too long to lie inline",null]`, "text", "a a string too long to lie inline (null)"},
		{arrow.BinaryTypes.LargeBinary, `["YQ==",null]`, "bytea", "YQ== (null)"},
		{&arrow.FixedSizeBinaryType{ByteWidth: 2}, `["YWI=",null]`, "bytea", "YWI= (null)"},
		{arrow.FixedWidthTypes.Time32s, `["13:14:15",null]`, "time without time zone", "13:14:15.000000 (null)"},
		{arrow.FixedWidthTypes.Time64ns, `["13:14:15.123456"]`, "time without time zone", "13:14:15.123456"},
		{ts(arrow.Second, ""), `["1969-12-31 23:59:59",null]`, "timestamp without time zone", "1969-12-31T23:59:59 (null)"},
		{ts(arrow.Nanosecond, "Europe/Berlin"), `["2020-01-02T03:04:05.123456+01:00"]`, "timestamp with time zone", "2020-01-02T02:04:05.123456Z"},
		{ts(arrow.Millisecond, "UTC"), `["2020-01-02T03:04:05.123Z"]`, "timestamp with time zone", "2020-01-02T03:04:05.123Z"},
		{arrow.FixedWidthTypes.Date64, `["2020-01-02",null]`, "date", "2020-01-02 (null)"},
		{arrow.LargeListOf(arrow.PrimitiveTypes.Int8), "[[1,null],null,[],[3]]", "smallint[]", "[1,null] (null) [] [3]"},
		{arrow.ListViewOf(arrow.BinaryTypes.LargeString), `[["a"],null,["b","c"]]`, "text[]", `["a"] (null) ["b","c"]`},
		{arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int32), "[[1,2],null,[3,null]]", "integer[]", "[1,2] (null) [3,null]"},
		{
			arrow.MapOf(arrow.BinaryTypes.LargeString, arrow.PrimitiveTypes.Uint8), `[[{"key":"k","value":1}],null,[]]`, "record[]",
			`[{"key":"k","value":1}] (null) []`,
		},
		{
			arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Uint16, Nullable: true}), `[{"a":1},null,{"a":null}]`, "record",
			`{"a":1} (null) {"a":null}`,
		},
		{extensions.NewBool8Type(), "[true,null,false]", "boolean", "true (null) false"},
		{arrow.Null, "[null,null]", "text", "(null) (null)"},
	} {
		typ, got, err := importOne(t, fromJSON(t, c.dt, c.in), ImportOptions{})
		require.NoError(t, err, c.dt)
		require.Equal(t, c.typ, typ.String(), c.dt)
		require.Equal(t, c.wants, strings.Join(texts(got), " "), c.dt)
	}
}

func TestImportRefusesLoss(t *testing.T) {
	bad := func(a arrow.Array, code string) {
		t.Helper()
		_, _, err := importOne(t, a, ImportOptions{})
		require.Equal(t, code, sqlerr.Code(err), a.DataType())
		require.ErrorContains(t, err, `column "x"`)
	}
	ns := &arrow.TimestampType{Unit: arrow.Nanosecond}
	bad(fromJSON(t, ns, `["2020-01-02 03:04:05.123456789"]`), sqlerr.DatetimeFieldOverflow)
	raw := func(dt arrow.DataType, v ...int64) arrow.Array {
		return newArray(dt, len(v), 0, []*memory.Buffer{nil, bufferOf(v)})
	}
	bad(raw(&arrow.TimestampType{Unit: arrow.Second}, 1<<60), sqlerr.DatetimeFieldOverflow)
	bad(raw(arrow.FixedWidthTypes.Time64ns, 86_400_000_001_000), sqlerr.DatetimeFieldOverflow)
	bad(raw(arrow.FixedWidthTypes.Date64, 1), sqlerr.DatetimeFieldOverflow)
	bad(raw(arrow.FixedWidthTypes.Duration_s, 1<<40), sqlerr.DatetimeFieldOverflow)
	bad(newArray(&arrow.Decimal128Type{Precision: 3}, 1, 0, []*memory.Buffer{nil, bufferOf([]int64{1000, 0})}), sqlerr.NumericOutOfRange)
	bad(fromStrings("a\xff"), sqlerr.CharacterNotInRepertoire)
	bad(fromStrings("a\x00b"), sqlerr.CharacterNotInRepertoire)
	bad(fromStrings("\xc3", "\xbc"), sqlerr.CharacterNotInRepertoire) // only the whole is UTF-8

	_, got, err := importOne(t, raw(ns, -1, 1999), ImportOptions{TruncateNanoseconds: true})
	require.NoError(t, err)
	require.Equal(t, []arrow.Timestamp{-1, 1}, got.(*array.Timestamp).TimestampValues())
}

func TestImportIgnoresWhatIsUnderNulls(t *testing.T) {
	ns := &arrow.TimestampType{Unit: arrow.Nanosecond}
	a := newArray(ns, 2, 1, []*memory.Buffer{memory.NewBufferBytes([]byte{1}), bufferOf([]int64{1000, 999})})
	_, got, err := importOne(t, a, ImportOptions{})
	require.NoError(t, err)
	require.True(t, got.IsNull(1))
}

func TestRefusedTypesNameTheColumn(t *testing.T) {
	u := arrow.DenseUnionOf([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int8}}, []arrow.UnionTypeCode{0})
	_, err := FromArrow(arrow.Field{Name: "payload", Type: arrow.ListOf(u)})
	require.Equal(t, sqlerr.FeatureNotSupported, sqlerr.Code(err))
	require.ErrorContains(t, err, "payload")
}

func TestUUIDRoundTrip(t *testing.T) {
	b := extensions.NewUUIDBuilder(memory.DefaultAllocator)
	b.AppendBytes([16]byte{1, 2, 3})
	b.AppendNull()
	typ, got, err := importOne(t, b.NewArray(), ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, types.UUID, typ.Kind)
	text, err := convertOne(t, typ, got, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"01020300-0000-0000-0000-000000000000", "(null)"}, texts(text))
}

// TestEncodingsAgree imports the same text plain, large, as a view, dictionary- and run-end-encoded.
func TestEncodingsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.SampledFrom([]string{"", "a", "ü", "(null)", "a text that is longer than twelve bytes"})).Draw(t, "values")
		from := rapid.IntRange(0, len(values)).Draw(t, "from")
		whole := fromStrings(values...)
		want := texts(array.NewSlice(whole, int64(from), int64(len(values))))
		for _, dt := range []arrow.DataType{
			arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView,
			&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: arrow.BinaryTypes.String},
		} {
			b := array.NewBuilder(memory.DefaultAllocator, dt)
			for i := range whole.Len() {
				if whole.IsNull(i) {
					b.AppendNull()
				} else {
					require.NoError(t, b.AppendValueFromString(whole.ValueStr(i)))
				}
			}
			_, got, err := importOne(t, array.NewSlice(b.NewArray(), int64(from), int64(len(values))), ImportOptions{})
			require.NoError(t, err)
			require.Equal(t, want, texts(got), dt)
		}
		if len(values) == 0 {
			return
		}
		ends, err := compute.RunEndEncodeArray(context.Background(), compute.RunEndEncodeOptions{RunEndType: arrow.PrimitiveTypes.Int32}, whole)
		require.NoError(t, err)
		_, got, err := importOne(t, array.NewSlice(ends, int64(from), int64(len(values))), ImportOptions{})
		require.NoError(t, err)
		require.Equal(t, want, texts(got))
	})
}

func BenchmarkCheckText(b *testing.B) {
	values := make([]string, 8192)
	for i := range values {
		values[i] = "carefully final deposits detect slyly"
	}
	a := fromStrings(values...)
	b.SetBytes(int64(len(values) * len(values[0])))
	for b.Loop() {
		if err := CheckText(a); err != nil {
			b.Fatal(err)
		}
	}
}
