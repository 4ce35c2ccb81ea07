package mongo

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

func dec(s string) bson.Decimal128 {
	d, err := bson.ParseDecimal128(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestEveryBSONType(t *testing.T) {
	b := newTestbed(t, nil)
	id := bson.NewObjectID()
	at := time.Date(2024, 2, 29, 12, 30, 45, 678e6, time.UTC)
	uuid := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	b.insert("c", bson.D{
		{Key: "_id", Value: id},
		{Key: "i", Value: int32(math.MinInt32)},
		{Key: "l", Value: int64(math.MaxInt64)},
		{Key: "d", Value: math.Copysign(0, -1)},
		{Key: "b", Value: true},
		{Key: "s", Value: "Größe\n"},
		{Key: "t", Value: at},
		{Key: "o", Value: id},
		{Key: "n", Value: dec("-1.500")},
		{Key: "bin", Value: []byte{0xff, 0}},
		{Key: "u", Value: bson.Binary{Subtype: 4, Data: uuid}},
		{Key: "doc", Value: bson.D{{Key: "x", Value: int32(1)}, {Key: "y", Value: bson.D{{Key: "z", Value: "deep"}}}}},
		{Key: "arr", Value: bson.A{"a", nil, "c"}},
		{Key: "docs", Value: bson.A{bson.D{{Key: "k", Value: int32(7)}}, bson.D{}, bson.D{{Key: "k", Value: nil}}}},
		{Key: "nested", Value: bson.A{bson.A{int32(1)}, bson.A{}}},
		{Key: "none", Value: bson.A{}},
		{Key: "e", Value: bson.D{}},
		{Key: "re", Value: bson.Regex{Pattern: "^a", Options: "i"}},
		{Key: "ts", Value: bson.Timestamp{T: 5, I: 6}},
		{Key: "js", Value: bson.JavaScript("f()")},
		{Key: "min", Value: bson.MinKey{}},
		{Key: "null", Value: nil},
		{Key: "mixed", Value: "text"},
		{Key: "MIXED", Value: int32(1)},
		{Key: "num", Value: int32(1)},
		{Key: "oids", Value: bson.A{id}},
	}, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "mixed", Value: int32(3)}, {Key: "num", Value: dec("NaN")}, {Key: "n", Value: dec("1E+3")}})
	table := b.table("c")
	require.Equal(t, []string{
		"_id text", "i integer", "l bigint", "d double precision", "b boolean", "s text", "t timestamp with time zone",
		"o text", "n numeric", "bin bytea", "u uuid", "doc " + b.database + ".c.doc", "arr text[]",
		"docs " + b.database + ".c.docs[]", "nested json", "none json", "e json", "re json", "ts json", "js json", "min json",
		"null text", "mixed json", "MIXED integer", "num numeric", "oids text[]", "_document json",
	}, columns(table))
	require.Equal(t, []string{"_id"}, table.PrimaryKey)
	require.False(t, table.Cols[0].Nullable)
	require.Equal(t, "objectId", table.ColumnOptions["_id"]["bson"])
	require.EqualValues(t, 2, table.Rows())

	rows, _, err := b.read(scanOf(table))
	require.NoError(t, err)
	require.Len(t, rows, 2)
	got := map[string]string{}
	for i, c := range table.Cols {
		got[c.Name] = rows[0][i]
	}
	require.Equal(t, id.Hex(), got["_id"])
	require.Equal(t, "-2147483648", got["i"])
	require.Equal(t, "9223372036854775807", got["l"])
	require.Equal(t, "-0", got["d"])
	require.Equal(t, "true", got["b"])
	require.Equal(t, "Größe\n", got["s"])
	require.Equal(t, "2024-02-29T12:30:45.678Z", got["t"])
	require.Equal(t, `{"x":1,"y":{"z":"deep"}}`, got["doc"])
	require.Equal(t, `["a",null,"c"]`, got["arr"])
	require.Equal(t, `[{"k":7},{"k":null},{"k":null}]`, got["docs"])
	require.Equal(t, `[[1],[]]`, got["nested"])
	require.Equal(t, `{"$regularExpression":{"pattern":"^a","options":"i"}}`, got["re"])
	require.Equal(t, `{"$timestamp":{"t":5,"i":6}}`, got["ts"])
	require.Equal(t, `{"$code":"f()"}`, got["js"])
	require.Equal(t, `{"$minKey":1}`, got["min"])
	require.Equal(t, `"text"`, got["mixed"])
	require.Equal(t, "1", got["MIXED"])
	require.Equal(t, "(null)", got["null"])
	require.Equal(t, `["`+id.Hex()+`"]`, got["oids"])
	require.JSONEq(t, relaxed(t, b, id), got["_document"])
}

// relaxed is the document as the driver writes it.
func relaxed(t *testing.T, b *testbed, id bson.ObjectID) string {
	var raw bson.Raw
	require.NoError(t, b.db().Collection("c").FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Decode(&raw))
	text, err := bson.MarshalExtJSON(raw, false, false)
	require.NoError(t, err)
	return string(text)
}

func TestDecimalsAreExact(t *testing.T) {
	for in, want := range map[string]string{
		"1.50": "1.50", "-0": "0", "0E+3": "0", "1E+3": "1000", "1E-6176": "", "NaN": "NaN", "Infinity": "Infinity",
		"-Infinity": "-Infinity", "9999999999999999999999999999999999": "9999999999999999999999999999999999",
		"-1.234567890123456789012345678901234": "-1.234567890123456789012345678901234",
	} {
		raw, err := bson.Marshal(bson.D{{Key: "v", Value: dec(in)}})
		require.NoError(t, err)
		n := decimal(bson.Raw(raw).Lookup("v").Value).num()
		if want != "" {
			require.Equal(t, want, n.Apd().Text('f'), in)
		}
		if n.Class == numeric.Finite {
			back, ok := decimalOf(n)
			require.True(t, ok, in)
			require.Zero(t, numOf(t, back).Cmp(n), in)
		}
	}
	for _, f := range []float64{0.1, -1.5, 1e300, math.SmallestNonzeroFloat64, math.MaxFloat64, 3} {
		got, err := floatNum(f).Apd().Float64()
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	require.Equal(t, "0.1000000000000000055511151231257827021181583404541015625", floatNum(0.1).Apd().Text('f'))
}

func numOf(t *testing.T, d bson.Decimal128) numeric.Num {
	raw, err := bson.Marshal(bson.D{{Key: "v", Value: d}})
	require.NoError(t, err)
	return decimal(bson.Raw(raw).Lookup("v").Value).num()
}

func TestNumberFitsWhenItsValueDoes(t *testing.T) {
	value := func(v any) (byte, []byte) {
		raw, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
		require.NoError(t, err)
		rv := bson.Raw(raw).Lookup("v")
		return byte(rv.Type), rv.Value
	}
	for _, c := range []struct {
		typ  *types.Type
		v    any
		fits bool
	}{
		{types.Int4T, 3.0, true},
		{types.Int4T, 3.5, false},
		{types.Int4T, int64(1) << 31, false},
		{types.Int4T, dec("3.00"), true},
		{types.Int4T, dec("3.01"), false},
		{types.Int4T, "3", false},
		{types.Int8T, 9.3e18, false},
		{types.Int8T, math.NaN(), false},
		{types.Int8T, dec("9223372036854775807"), true},
		{types.Int8T, dec("9223372036854775808"), false},
		{types.Int8T, dec("1E+18"), true},
		{types.Int8T, dec("1E+19"), false},
		{types.Float8T, int64(1)<<53 + 1, false},
		{types.Float8T, int64(1) << 60, true},
		{types.Float8T, dec("0.5"), true},
		{types.Float8T, dec("0.1"), false},
		{types.Float8T, dec("1E+400"), false},
		{types.Float8T, dec("Infinity"), true},
		{types.NumericT, math.Inf(-1), true},
		{types.NumericT, dec("1E-6176"), true},
		{types.NumericOf(5, 2), dec("123.450"), true},
		{types.NumericOf(5, 2), dec("123.456"), false},
		{types.NumericOf(5, 2), int32(1000), false},
		{types.NumericOf(30, 2), int64(math.MaxInt64), true},
		{types.NumericOf(5, 2), dec("NaN"), false},
		{types.VarcharOf(3), "äöü", true},
		{types.VarcharOf(3), "äöüß", false},
		{types.TextT, "a\x00b", false},
		{types.DateT, bson.DateTime(86400000), true},
		{types.DateT, bson.DateTime(1), false},
		{types.TimestampTZT, bson.DateTime(math.MaxInt64), false},
		{types.TimestampTZT, bson.DateTime(-1), true},
		{types.UUIDT, bson.Binary{Subtype: 3, Data: make([]byte, 16)}, false},
		{types.UUIDT, bson.Binary{Subtype: 4, Data: make([]byte, 15)}, false},
	} {
		f, err := newField(nil, "v", c.typ, nil, false)
		require.NoError(t, err)
		column := newColumn(f)
		column.reset(1)
		bt, v := value(c.v)
		err = column.append(bt, v)
		require.Equal(t, c.fits, err == nil, "%v as %s", c.v, c.typ)
	}
}
