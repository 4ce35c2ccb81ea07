package interchange

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// convertOne sends one column through a converter, in a slice that does not begin at its first row, so that every
// test sees offsets too.
func convertOne(t require.TestingT, typ *types.Type, in arrow.Array, o Options) (arrow.Array, error) {
	c, err := NewConverter([]plan.Column{{ID: 1, Name: "x", Type: typ, Nullable: true}}, o)
	require.NoError(t, err)
	whole := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "x", Type: in.DataType(), Nullable: true}}, nil),
		[]arrow.Array{in}, int64(in.Len()))
	out, err := c.Convert(whole)
	if err != nil {
		return nil, err
	}
	require.True(t, out.Schema().Equal(c.Schema()))
	return out.Column(0), nil
}

func numerics(values ...string) arrow.Array {
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	for _, s := range values {
		if s == "" {
			b.AppendNull()
			continue
		}
		d, _, err := apd.NewFromString(s)
		if err != nil {
			panic(err)
		}
		b.Append(numeric.Append(nil, numeric.FromApd(d)))
	}
	return b.NewArray()
}

func texts(a arrow.Array) []string {
	out := make([]string, a.Len())
	for i := range out {
		out[i] = a.ValueStr(i)
	}
	return out
}

func TestUnboundedNumericKeepsEveryDigitOrFails(t *testing.T) {
	got, err := convertOne(t, types.NumericT, numerics("1.50", "", "-0.00000000000000000000000000000000000001",
		"99999999999999999999999999999999999999", "1e5", "0"), Options{})
	require.NoError(t, err)
	require.True(t, arrow.TypeEqual(&arrow.Decimal256Type{Precision: 76, Scale: 38}, got.DataType()))
	d := got.(*array.Decimal256)
	require.Equal(t, "1.50000000000000000000000000000000000000", d.Value(0).ToString(38))
	require.True(t, d.IsNull(1))
	require.Equal(t, decimal256.FromI64(-1), d.Value(2))
	require.Equal(t, "99999999999999999999999999999999999999.00000000000000000000000000000000000000", d.Value(3).ToString(38))
	require.Equal(t, decimal256.FromI64(0), d.Value(5))

	for _, bad := range []string{
		"NaN", "Infinity", "-Infinity", "0.000000000000000000000000000000000000001",
		"100000000000000000000000000000000000000",
	} {
		_, err := convertOne(t, types.NumericT, numerics("1", bad), Options{})
		require.Equal(t, sqlerr.NumericOutOfRange, sqlerr.Code(err), bad)
		require.ErrorContains(t, err, `column "x"`)
		var e *sqlerr.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Hint, "skein.numeric")
	}
}

func TestNumericForms(t *testing.T) {
	in := numerics("1.50", "", "NaN", "Infinity", "-0.1", "12345678901234567890.123")
	text, err := convertOne(t, types.NumericT, in, Options{Numeric: NumericForm{Kind: NumericText}})
	require.NoError(t, err)
	require.Equal(t, []string{"1.50", "(null)", "NaN", "Infinity", "-0.1", "12345678901234567890.123"}, texts(text))
	double, err := convertOne(t, types.NumericT, in, Options{Numeric: NumericForm{Kind: NumericDouble}})
	require.NoError(t, err)
	v := double.(*array.Float64).Float64Values()
	require.True(t, math.IsNaN(v[2]) && math.IsInf(v[3], 1))
	require.Equal(t, []float64{1.5, -0.1, 12345678901234567890.123}, []float64{v[0], v[4], v[5]})
	exact, err := convertOne(t, types.NumericT, numerics("1.50", "-7"), Options{Numeric: NumericForm{Precision: 10, Scale: 2}})
	require.NoError(t, err)
	require.Equal(t, []string{"1.5", "-7"}, texts(exact))
}

func TestParseNumericForm(t *testing.T) {
	for in, want := range map[string]string{
		"text": "text", "Double": "double", "decimal": "decimal(76,38)",
		"decimal(38, 10)": "decimal(38,10)", "DECIMAL(5)": "decimal(5,0)",
	} {
		got, err := ParseNumericForm(in)
		require.NoError(t, err)
		require.Equal(t, want, got.String())
	}
	for _, in := range []string{"", "decimal(", "decimal()", "decimal(77,1)", "decimal(5,6)", "decimal(5,-1)", "float", "decimal(5,1"} {
		_, err := ParseNumericForm(in)
		require.Equal(t, sqlerr.InvalidParameterValue, sqlerr.Code(err), in)
	}
}

func TestNumericClientTypes(t *testing.T) {
	for _, c := range []struct {
		typ  *types.Type
		want string
	}{
		{types.NumericOf(15, 2), "decimal(15, 2)"},
		{types.NumericOf(38, 10), "decimal(38, 10)"},
		{types.NumericOf(50, 10), "decimal256(50, 10)"},
		{types.NumericOf(80, 10), "decimal256(76, 38)"},
		{types.NumericOf(5, -2), "decimal(7, 0)"},
		{types.NumericOf(3, 5), "decimal(5, 5)"},
		{types.NumericScaled(30, 4), "decimal(38, 4)"},
		{types.NumericScaled(10, 4), "decimal(38, 4)"},
		{types.NumericT, "decimal256(76, 38)"},
		{types.MoneyT, "decimal(19, 2)"},
		{types.ArrayOf(types.NumericOf(15, 2)), "list<item: decimal(15, 2), nullable>"},
	} {
		got, err := clientType(c.typ, Options{})
		require.NoError(t, err)
		require.Equal(t, c.want, got.String(), c.typ.String())
	}
}

func TestFixedNumericIsWidened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Int64Range(-999999999999999999, 999999999999999999)).Draw(t, "values")
		typ := types.NumericOf(18, 3)
		b := array.NewDecimal64Builder(memory.DefaultAllocator, typ.Arrow().(*arrow.Decimal64Type))
		for i, v := range values {
			if i%5 == 3 {
				b.AppendNull()
			} else {
				b.Append(decimal.Decimal64(v))
			}
		}
		whole := b.NewArray()
		skip := rapid.IntRange(0, len(values)).Draw(t, "skip")
		out, err := convertOne(t, typ, array.NewSlice(whole, int64(skip), int64(len(values))), Options{})
		require.NoError(t, err)
		got := out.(*array.Decimal128)
		for i := range got.Len() {
			require.Equal(t, whole.IsNull(skip+i), got.IsNull(i))
			if got.IsValid(i) {
				require.Equal(t, decimal128.FromI64(values[skip+i]), got.Value(i))
			}
		}
	})
}

func TestNestedAndEncodedColumns(t *testing.T) {
	color := types.EnumOf("public.color", []string{"red", "", "grün"})
	rec := types.RecordOf([]types.Field{{Name: "c", Type: color}, {Name: "u", Type: types.UUIDT}, {Name: "m", Type: types.MoneyT}})
	typ := types.ArrayOf(rec)
	b := array.NewListBuilder(memory.DefaultAllocator, rec.Arrow())
	sb := b.ValueBuilder().(*array.StructBuilder)
	add := func(c int32, u byte, m int64) {
		sb.Append(true)
		sb.FieldBuilder(0).(*array.Int32Builder).Append(c)
		sb.FieldBuilder(1).(*array.FixedSizeBinaryBuilder).Append([]byte{u, 15: 0xff})
		sb.FieldBuilder(2).(*array.Int64Builder).Append(m)
	}
	b.Append(true)
	add(9, 0, 0) // no such label: cut off by the slice below
	b.Append(true)
	add(0, 1, 150)
	add(2, 2, -1)
	b.AppendNull()
	b.Append(true)
	sb.AppendNull()
	whole := b.NewArray()
	got, err := convertOne(t, typ, array.NewSlice(whole, 1, 4), Options{})
	require.NoError(t, err)
	require.Equal(t, []string{
		`[{"c":"red","m":"1.5","u":"01000000-0000-0000-0000-0000000000ff"},{"c":"grün","m":"-0.01","u":"02000000-0000-0000-0000-0000000000ff"}]`,
		"(null)", "[null]",
	}, texts(got))
	_, err = convertOne(t, typ, whole, Options{})
	require.Equal(t, sqlerr.InternalError, sqlerr.Code(err))
}

func TestDictionariesAreDecoded(t *testing.T) {
	for _, values := range []arrow.Array{
		fromStrings("a", "", "(null)", "long long text"), fromInts(1, 2, 3, 4), fromBools(true, false, true),
	} {
		ib := array.NewInt16Builder(memory.DefaultAllocator)
		ib.AppendValues([]int16{0, 2, 1, 0, 2}, []bool{true, true, true, false, true})
		index := ib.NewArray()
		dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: values.DataType()}
		d := array.NewSlice(array.NewDictionaryArray(dt, index, values), 1, 5)
		typ, err := FromArrow(arrow.Field{Name: "x", Type: dt})
		require.NoError(t, err)
		got, err := convertOne(t, typ, d, Options{})
		require.NoError(t, err)
		require.Equal(t, []string{values.ValueStr(2), values.ValueStr(1), "(null)", values.ValueStr(2)}, texts(got))
	}
}

func TestDictionaryIndexOutOfRange(t *testing.T) {
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int64, ValueType: arrow.BinaryTypes.String}
	data := array.NewDataWithDictionary(dt, 1, []*memory.Buffer{nil, bufferOf([]int64{5})}, 0, 0,
		fromStrings("a").Data().(*array.Data))
	_, err := convertOne(t, types.TextT, array.NewDictionaryData(data), Options{})
	require.ErrorContains(t, err, "outside of its dictionary")
}

func TestDeclaredNotNullIsChecked(t *testing.T) {
	c, err := NewConverter([]plan.Column{{Name: "x", Type: types.TextT}}, Options{})
	require.NoError(t, err)
	_, err = c.Convert(array.NewRecordBatch(c.Schema(), []arrow.Array{fromStrings("(null)")}, 1))
	require.Equal(t, sqlerr.InternalError, sqlerr.Code(err))
}

func TestExtensionFormsAndMetadata(t *testing.T) {
	cols := []plan.Column{{ID: 3, Name: "u", Type: types.UUIDT}, {Name: "j", Type: types.JSONBT}, {Name: "n", Type: types.NumericOf(15, 2)}, {Name: "v", Type: types.VarcharOf(7), Nullable: true}}
	s, err := Schema(cols, Options{UUID: UUIDExtension, JSON: JSONExtension, Origins: map[expr.ColumnID]Origin{3: {"pg", "public", "t"}}})
	require.NoError(t, err)
	require.Equal(t, "extension<arrow.uuid>", s.Field(0).Type.String())
	require.Equal(t, arrow.EXTENSION, s.Field(1).Type.ID())
	get := func(i int, key string) string { v, _ := s.Field(i).Metadata.GetValue(key); return v }
	require.Equal(t, []string{"uuid", "t", "jsonb", "numeric", "15", "2", "character varying", "7"},
		[]string{get(0, TypeNameKey), get(0, TableNameKey), get(1, TypeNameKey), get(2, TypeNameKey), get(2, PrecisionKey), get(2, ScaleKey), get(3, TypeNameKey), get(3, PrecisionKey)})
	require.False(t, s.Field(0).Nullable)
	require.True(t, s.Field(3).Nullable)
}

func fromStrings(v ...string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for _, s := range v {
		if s == "(null)" {
			b.AppendNull()
		} else {
			b.Append(s)
		}
	}
	return b.NewArray()
}

func fromInts(v ...int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	return b.NewArray()
}

func fromBools(v ...bool) arrow.Array {
	b := array.NewBooleanBuilder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	return b.NewArray()
}

func ExampleNumericForm_String() {
	fmt.Println(NumericForm{})
	// Output: decimal(76,38)
}
