package mongo

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func recordOf(t testing.TB, c *column) arrow.RecordBatch {
	data := c.data()
	defer data.Release()
	a := array.MakeFromData(data)
	defer a.Release()
	return array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "k", Type: a.DataType()}}, nil), []arrow.Array{a}, int64(a.Len()))
}

// nineFields is a document of 9 fields and about 200 bytes.
func nineFields(k int) bson.D {
	return bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "customer", Value: int64(k)},
		{Key: "amount", Value: 12.5},
		{Key: "currency", Value: "EUR"},
		{Key: "status", Value: "settled"},
		{Key: "at", Value: bson.NewDateTimeFromTime(time.Unix(int64(k), 0))},
		{Key: "method", Value: bson.D{{Key: "kind", Value: "card"}, {Key: "last4", Value: "1234"}}},
		{Key: "paid", Value: true},
		{Key: "note", Value: "a note of some length, as people write"},
	}
}

func decoderFor(t testing.TB, docs []byte) *decoder {
	s := &shape{}
	doc, _, err := nextDocument(docs)
	require.NoError(t, err)
	s.add(bsonDocument, doc, 0)
	var fields []*field
	var schema []arrow.Field
	for _, f := range s.ordered() {
		typ := f.typ(f.name)
		x, err := newField(nil, f.name, typ, objectIDsOf(typ), false)
		require.NoError(t, err)
		fields = append(fields, x)
		schema = append(schema, arrow.Field{Name: f.name, Type: typ.Arrow(), Nullable: true})
	}
	return newDecoder(fields, len(fields), arrow.NewSchema(schema, nil))
}

func arrayOf(t testing.TB, n int) []byte {
	list := bson.A{}
	for k := range n {
		list = append(list, nineFields(k))
	}
	raw, err := bson.Marshal(bson.D{{Key: "a", Value: list}})
	require.NoError(t, err)
	v := bson.Raw(raw).Lookup("a").Value
	return v[4 : len(v)-1]
}

// BenchmarkDecode compares decoding documents of 9 fields into vectors with walking over them.
func BenchmarkDecode(b *testing.B) {
	const rows = 8192
	docs := arrayOf(b, rows)
	drain := func(visit func([]byte)) {
		for rest := docs; len(rest) > 0; {
			doc, r, err := nextDocument(rest)
			if err != nil {
				b.Fatal(err)
			}
			visit(doc)
			rest = r
		}
	}
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		b.SetBytes(int64(len(docs)))
		b.ReportAllocs()
	}
	b.Run("walk", func(b *testing.B) {
		n := 0
		for b.Loop() {
			drain(func(d []byte) { n += len(d) })
		}
		report(b)
	})
	b.Run("decode", func(b *testing.B) {
		d := decoderFor(b, docs)
		for b.Loop() {
			d.begin(rows)
			drain(func(doc []byte) {
				if err := d.add(doc); err != nil {
					b.Fatal(err)
				}
			})
			d.batch().Release()
		}
		report(b)
	})
	b.Run("two of nine", func(b *testing.B) {
		all := decoderFor(b, docs)
		fields := []*field{all.top.cols[1].f, all.top.cols[2].f}
		d := newDecoder(fields, 2, arrow.NewSchema(all.schema.Fields()[1:3], nil))
		for b.Loop() {
			d.begin(rows)
			drain(func(doc []byte) {
				if err := d.add(doc); err != nil {
					b.Fatal(err)
				}
			})
			d.batch().Release()
		}
		report(b)
	})
	b.Run("driver", func(b *testing.B) {
		for b.Loop() {
			drain(func(doc []byte) {
				var m bson.D
				if err := bson.Unmarshal(doc, &m); err != nil {
					b.Fatal(err)
				}
			})
		}
		report(b)
	})
}

// FuzzDocument: what is not valid BSON is an error, never a panic or a read beyond the bytes.
func FuzzDocument(f *testing.F) {
	raw, err := bson.Marshal(nineFields(1))
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte{5, 0, 0, 0, 0})
	seed := arrayOf(f, 1)
	f.Fuzz(func(t *testing.T, doc []byte) {
		d := decoderFor(t, seed)
		document := &field{name: "_document", typ: types.JSONT, op: opDocument}
		d.top = newGroup(append(d.top.cols, newColumn(document)))
		d.begin(1)
		_ = d.add(doc[:len(doc):len(doc)])
		s := &shape{}
		s.add(bsonDocument, doc, 0)
		_ = s.typ("t")
	})
}

func TestDocumentsThatDiffer(t *testing.T) {
	d := decoderFor(t, arrayOf(t, 1))
	docs := []bson.D{
		nineFields(1),
		{},
		{{Key: "note", Value: "n"}, {Key: "paid", Value: false}},
		{{Key: "other", Value: 1}, {Key: "customer", Value: int64(4)}},
		{{Key: "customer", Value: int64(5)}, {Key: "customer", Value: int64(6)}},
		nineFields(7),
	}
	d.begin(len(docs))
	for _, doc := range docs {
		raw, err := bson.Marshal(doc)
		require.NoError(t, err)
		require.NoError(t, d.add(raw))
	}
	batch := d.batch()
	defer batch.Release()
	var got []string
	for i := range len(docs) {
		got = append(got, batch.Column(1).ValueStr(i)+" "+batch.Column(7).ValueStr(i))
	}
	require.Equal(t, "1 true|(null) (null)|(null) false|4 (null)|5 (null)|7 true", strings.Join(got, "|"))
}

// TestJSONIsTheDrivers compares the json of random documents with what the driver writes.
func TestJSONIsTheDrivers(t *testing.T) {
	leaf := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int32(), func(i int32) any { return i }),
		rapid.Map(rapid.Int64(), func(i int64) any { return i }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		// The driver drops zeros at the end of a fraction; the specification has three digits or none.
		rapid.Map(rapid.Int64Range(-1e11, 1e12), func(s int64) any { return bson.DateTime(s*1000 + s%2*123) }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) any { return bson.Binary{Subtype: 5, Data: b} }),
		rapid.SampledFrom([]any{
			nil, true, math.NaN(), math.Inf(-1),
			bson.MinKey{},
			bson.MaxKey{},
			bson.Undefined{},
			bson.NewObjectID(), dec("-0E-5"),
			bson.Regex{Pattern: `a"\`, Options: "im"},
			bson.JavaScript("f()"), bson.Symbol("s"),
			bson.Timestamp{T: 1, I: 2},
			bson.A{},
			bson.D{},
			bson.CodeWithScope{Code: "g()", Scope: bson.D{{Key: "x", Value: 1}}},
			bson.DBPointer{DB: "d.c", Pointer: bson.NewObjectID()},
			bson.D{{Key: "a.b", Value: bson.A{1, bson.D{{Key: "\x01ü", Value: "\u2028"}}}}},
		}))
	rapid.Check(t, func(rt *rapid.T) {
		doc := bson.D{}
		for k, v := range rapid.MapOf(rapid.StringMatching(`[a-z"é]{1,4}`), leaf).Draw(rt, "document") {
			doc = append(doc, bson.E{Key: k, Value: bson.A{v, v}})
		}
		raw, err := bson.Marshal(doc)
		require.NoError(rt, err)
		want, err := bson.MarshalExtJSON(bson.Raw(raw), false, false)
		require.NoError(rt, err)
		got := appendJSON(nil, bsonDocument, raw)
		require.JSONEq(rt, string(want), string(got))
	})
}

// deep is a document of so many levels, as no server would store it.
func deep(levels int) []byte {
	doc := []byte{5, 0, 0, 0, 0}
	for range levels - 1 {
		size := 4 + 3 + len(doc) + 1
		outer := binary.LittleEndian.AppendUint32(make([]byte, 0, size), uint32(size))
		outer = append(append(outer, bsonDocument, 'a', 0), doc...)
		doc = append(outer, 0)
	}
	return doc
}

// TestDeepAndWideDocumentsAreErrors: neither the stack nor the memory is used up by a document that the protocol allows.
func TestDeepAndWideDocumentsAreErrors(t *testing.T) {
	document := &field{name: "_document", path: "_document", typ: types.JSONT, op: opDocument}
	for levels, code := range map[int]string{200: "", maxNesting: "", maxNesting + 1: "54000", 3000: "54000"} {
		c := newColumn(document)
		c.reset(1)
		doc := deep(levels)
		require.Equal(t, code, sqlerr.Code(c.absent(doc)), levels)
		s := &shape{}
		s.add(bsonDocument, doc, 0)
		require.NotNil(t, s.typ("t"))
	}
	// 2 million levels overflow a stack of 1 GB: only the first ones are looked at.
	bottomless := make([]byte, 0, 16<<20)
	for left := 16 << 20; left > 16; left -= 8 {
		bottomless = append(binary.LittleEndian.AppendUint32(bottomless, uint32(left)), bsonDocument, 'a', 0)
	}
	bottomless = append(bottomless, make([]byte, 16<<20-len(bottomless))...)
	require.Nil(t, appendJSON(nil, bsonDocument, bottomless))

	var fields []types.Field
	for i := range 200 {
		fields = append(fields, types.Field{Name: "f" + strings.Repeat("x", i), Type: types.Int8T})
	}
	f, err := newField(nil, "a", types.ArrayOf(types.CompositeOf("e", fields)), nil, false)
	require.NoError(t, err)
	d := newDecoder([]*field{f}, 1, arrow.NewSchema([]arrow.Field{{Name: "a", Type: f.typ.Arrow()}}, nil))
	d.begin(1)
	nulls := func(n int) []byte {
		raw, err := bson.Marshal(bson.D{{Key: "a", Value: make(bson.A, n)}})
		require.NoError(t, err)
		return raw
	}
	require.NoError(t, d.add(nulls(batchValues/200)))
	require.False(t, d.full())
	require.NoError(t, d.add(nulls(1)))
	require.True(t, d.full())
	require.Equal(t, "54000", sqlerr.Code(d.add(nulls(mostValues/200))))
}
