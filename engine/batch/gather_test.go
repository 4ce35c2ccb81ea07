package batch

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var storages = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32,
	arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, &arrow.Decimal64Type{Precision: 18, Scale: 2},
	&arrow.Decimal128Type{Precision: 30, Scale: 2}, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Date32,
	&arrow.FixedSizeBinaryType{ByteWidth: 16}, &arrow.FixedSizeBinaryType{ByteWidth: 3}, arrow.Null,
	arrow.ListOf(arrow.BinaryTypes.String), arrow.ListOf(arrow.PrimitiveTypes.Int32),
	arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, arrow.Field{Name: "b", Type: arrow.BinaryTypes.String, Nullable: true}),
	&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
	&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.PrimitiveTypes.Int64},
}

// appendRandom appends one value or NULL.
func appendRandom(rt *rapid.T, b array.Builder) {
	if rapid.IntRange(0, 3).Draw(rt, "null") == 0 {
		b.AppendNull()
		return
	}
	n := rapid.IntRange(0, 5).Draw(rt, "n")
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
	case *array.BooleanBuilder:
		b.Append(n%2 == 0)
	case *array.FixedSizeBinaryBuilder:
		v := make([]byte, b.Type().(*arrow.FixedSizeBinaryType).ByteWidth)
		v[0], v[len(v)-1] = byte(n), byte(n+1)
		b.Append(v)
	case *array.BinaryBuilder:
		b.Append(make([]byte, n))
	case *array.StringBuilder:
		b.Append(fmt.Sprintf("%*d", n, n))
	case *array.Date32Builder:
		b.Append(arrow.Date32(n))
	case *array.ListBuilder:
		b.Append(true)
		for range n {
			appendRandom(rt, b.ValueBuilder())
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(rt, b.FieldBuilder(i))
		}
	case *array.BinaryDictionaryBuilder:
		require.NoError(rt, b.AppendString(fmt.Sprint(n)))
	default:
		require.NoError(rt, b.AppendValueFromString(fmt.Sprint(n)))
	}
}

// randomArray is a slice of a longer array, so that its offset is often not zero.
func randomArray(rt *rapid.T, dt arrow.DataType) arrow.Array {
	b := array.NewBuilder(memory.NewGoAllocator(), dt)
	n := rapid.IntRange(0, 20).Draw(rt, "length")
	for range n {
		appendRandom(rt, b)
	}
	from := rapid.IntRange(0, n).Draw(rt, "from")
	to := rapid.IntRange(from, n).Draw(rt, "to")
	return array.NewSlice(b.NewArray(), int64(from), int64(to))
}

func cells(a arrow.Array) []string {
	out := make([]string, a.Len())
	for i := range out {
		if out[i] = a.ValueStr(i); a.IsNull(i) || a.DataType().ID() == arrow.NULL {
			out[i] = "NULL"
		}
	}
	return out
}

func TestGatherAndConcat(t *testing.T) {
	for _, dt := range storages {
		t.Run(dt.String(), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				a := randomArray(rt, dt)
				rows := rapid.SliceOfN(rapid.Int32Range(-1, int32(a.Len())-1), 0, 30).Draw(rt, "rows")
				in := cells(a)
				want := make([]string, len(rows))
				for i, r := range rows {
					if want[i] = "NULL"; r >= 0 {
						want[i] = in[r]
					}
				}
				got, err := Gather(a, rows)
				require.NoError(rt, err)
				require.True(rt, arrow.TypeEqual(dt, got.DataType()))
				require.Equal(rt, want, cells(got))
				nulls := 0
				for _, w := range want {
					if w == "NULL" {
						nulls++
					}
				}
				if dt.ID() != arrow.DICTIONARY {
					require.Equal(rt, nulls, got.NullN())
				}
				b := randomArray(rt, dt)
				both, err := Concat([]arrow.Array{a, b, got})
				require.NoError(rt, err)
				require.Equal(rt, append(append(cells(a), cells(b)...), want...), cells(both))
				plain, err := Plain(a)
				require.NoError(rt, err)
				require.Equal(rt, in, cells(plain))
				require.GreaterOrEqual(rt, ArrayBytes(a), int64(0))
			})
		})
	}
}

func record(t testing.TB, values ...string) arrow.RecordBatch {
	b := array.NewStringBuilder(memory.NewGoAllocator())
	b.AppendStringValues(values, nil)
	return NewRecord(arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), []arrow.Array{b.NewArray()}, len(values))
}

func TestSlices(t *testing.T) {
	rec := record(t, "a", "bb", "ccc", "a value that is longer than the limit for one batch", "e")
	var got []string
	for _, part := range SliceRows(rec, 2) {
		require.LessOrEqual(t, part.NumRows(), int64(2))
		got = append(got, cells(part.Column(0))...)
	}
	require.Equal(t, cells(rec.Column(0)), got)
	got = nil
	for _, part := range SliceBytes(rec, 24) {
		require.True(t, part.NumRows() == 1 || EncodedBytes(part) <= 24)
		got = append(got, cells(part.Column(0))...)
	}
	require.Equal(t, cells(rec.Column(0)), got)
}

func TestCoalescer(t *testing.T) {
	rec := record(t, "a", "b", "c")
	c := NewCoalescer(rec.Schema(), 8)
	var sizes []int64
	var got []string
	take := func(out arrow.RecordBatch, err error) {
		require.NoError(t, err)
		if out != nil {
			sizes = append(sizes, out.NumRows())
			got = append(got, cells(out.Column(0))...)
		}
	}
	for range 7 {
		rec.Retain()
		take(c.Push(rec))
	}
	take(c.Flush())
	require.Equal(t, []int64{6, 6, 6, 3}, sizes)
	require.Len(t, got, 21)
}

func TestReaders(t *testing.T) {
	a, b := record(t, "a"), record(t, "b", "c")
	r := Chain(a.Schema(), FromRecords(a.Schema(), a), FromRecords(a.Schema()), FromRecords(a.Schema(), b))
	recs, err := ReadAll(context.Background(), r)
	require.NoError(t, err)
	require.Len(t, recs, 2)
	_, err = r.Next(context.Background())
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = FromRecords(a.Schema(), a).Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func BenchmarkGather(b *testing.B) {
	const n = 8192
	ints, text := array.NewInt64Builder(memory.NewGoAllocator()), array.NewStringBuilder(memory.NewGoAllocator())
	rows := make([]int32, n)
	for i := range n {
		ints.Append(int64(i))
		text.Append(fmt.Sprint("value ", i))
		rows[i] = int32(i * 7919 % n)
	}
	for _, a := range []arrow.Array{ints.NewArray(), text.NewArray()} {
		b.Run(a.DataType().String(), func(b *testing.B) {
			for range b.N {
				if _, err := Gather(a, rows); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
