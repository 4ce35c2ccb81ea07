package mongo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// TestDistinctIsEstimated: keys, few values and skewed ones, out of a sample of a hundredth.
func TestDistinctIsEstimated(t *testing.T) {
	for name, c := range map[string]struct {
		value     func(i int) any
		low, high float64
	}{
		"key":      {func(i int) any { return int64(i) }, 100_000, 100_000},
		"five":     {func(i int) any { return int32(i % 5) }, 5, 5},
		"few":      {func(i int) any { return int32(i % 300) }, 290, 330},
		"thousand": {func(i int) any { return int32(i % 5000) }, 3000, 8000},
		"half":     {func(i int) any { return map[bool]any{true: nil, false: int64(i)}[i%2 == 0] }, 46_000, 54_000},
	} {
		s := newStatistics()
		draw := rand.New(rand.NewPCG(1, 2))
		for i, n := range draw.Perm(100_000)[:1000] {
			raw, err := bson.Marshal(bson.D{{Key: "_id", Value: i}, {Key: "v", Value: c.value(n)}})
			require.NoError(t, err)
			s.add(raw)
			s.add(raw) // a sample may give a document twice
		}
		column := plan.TableColumn{Type: types.Int8T}
		s.describe(&column, "v", 100_000)
		require.GreaterOrEqual(t, column.Distinct, c.low*0.999, name)
		require.LessOrEqual(t, column.Distinct, c.high*1.001, name)
	}
}

func TestColumnsHaveStatistics(t *testing.T) {
	b := newTestbed(t, nil)
	var docs []any
	for i := range 200 {
		doc := bson.D{{Key: "_id", Value: i}, {Key: "kind", Value: []string{"a", "b"}[i%2]}, {Key: "f", Value: float64(i) / 4}, {Key: "at", Value: bson.DateTime(i)}}
		if i%4 == 0 {
			doc = append(doc, bson.E{Key: "rare", Value: math.NaN()})
		}
		docs = append(docs, doc)
	}
	b.insert("c", docs...)
	learned := b.table("c")
	pinned := &sources.Table{ServerName: "pay", SchemaName: b.database, TableName: "c", ColumnOptions: map[string]map[string]string{"id": {"name": "_id"}}}
	for _, c := range learned.Cols {
		if c.Name == "_id" {
			c.Name = "id"
		}
		pinned.Cols = append(pinned.Cols, plan.TableColumn{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
	}
	for _, table := range []*sources.Table{learned, b.table("c", pinned)} {
		require.EqualValues(t, 200, table.RowCount)
		id, kind, f, at, rare := table.Cols[0], table.Cols[1], table.Cols[2], table.Cols[3], table.Cols[4]
		require.Equal(t, []any{200.0, 0.0, int64(0), int64(199)}, []any{id.Distinct, id.NullFraction, id.Min, id.Max})
		require.Equal(t, []any{2.0, nil}, []any{kind.Distinct, kind.Min})
		require.Equal(t, []any{0.0, 49.75}, []any{f.Min, f.Max})
		require.Equal(t, []any{int64(0), int64(199_000)}, []any{at.Min, at.Max})
		require.Equal(t, []any{0.75, nil, false}, []any{rare.NullFraction, rare.Min, rare.Exact})
		require.Positive(t, kind.Width)
	}
}

// TestCommonValues: what stands out in a sample, with its part of the documents.
func TestCommonValues(t *testing.T) {
	for name, c := range map[string]struct {
		typ   *types.Type
		value func(i int) any
		want  []any
		first float64
	}{
		"skewed": {types.Int8T, func(i int) any { return map[bool]any{true: int32(7), false: int64(i)}[i%4 == 0] }, []any{int64(7)}, 0.25},
		"few":    {types.TextT, func(i int) any { return []string{"a", "b", "b", "c"}[i%4] }, []any{"b", "a", "c"}, 0.5},
		"bool":   {types.BoolT, func(i int) any { return map[bool]any{true: nil, false: i%4 == 1}[i%2 == 0] }, []any{true, false}, 0.25},
		"key":    {types.Int8T, func(i int) any { return int64(i) }, nil, 0},
		"mixed":  {types.TextT, func(int) any { return int32(1) }, nil, 0},
	} {
		s := newStatistics()
		for i := range 1000 {
			raw, err := bson.Marshal(bson.D{{Key: "_id", Value: i}, {Key: "v", Value: c.value(i)}})
			require.NoError(t, err)
			s.add(raw)
		}
		column := plan.TableColumn{Type: c.typ}
		s.describe(&column, "v", 100_000)
		if c.want == nil {
			require.Nil(t, column.Values, name)
			continue
		}
		require.ElementsMatch(t, c.want, column.Values.Common, name)
		require.InDelta(t, c.first, column.Values.Frequencies[0], 0.01, name)
	}
}
