package mongo

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func TestDynamicFilters(t *testing.T) {
	b := newTestbed(t, nil)
	for k := range 20 {
		b.insert("c", bson.D{{Key: "_id", Value: int32(k)}, {Key: "s", Value: strconv.Itoa(k)}, {Key: "f", Value: float64(k)}})
	}
	b.insert("c", bson.D{{Key: "_id", Value: int32(99)}, {Key: "f", Value: math.NaN()}})
	table := b.table("c")
	scan := b.plan(scanOf(table, "_id", "s", "f"))
	require.Len(t, scan.Inputs().Filters, 3)
	read := func(column string, set *eval.KeySet) int {
		f := eval.NewDynamicFilter(col(table, column).ID)
		f.Publish(set)
		rows, err := b.readScan(t.Context(), scan, &sources.Env{Env: &eval.Env{Filters: map[int]*eval.DynamicFilter{0: f}}})
		require.NoError(t, err)
		return len(rows)
	}
	keys := newColumn(&field{typ: types.TextT, op: opText})
	keys.reset(2)
	require.True(t, keys.appendText([]byte("3")) && keys.appendText([]byte("nothing")))
	batch := recordOf(t, keys)
	defer batch.Release()
	require.Equal(t, 21, read("s", nil))
	require.Equal(t, 0, read("s", &eval.KeySet{Empty: true}))
	require.Equal(t, 1, read("s", &eval.KeySet{Values: batch.Column(0)}))
	require.Equal(t, 6, read("_id", &eval.KeySet{Min: int64(5), Max: int64(10)}))
	require.Equal(t, 21, read("f", &eval.KeySet{Min: 0.0, Max: math.NaN()}))
	require.Equal(t, 20, read("f", &eval.KeySet{Min: math.Inf(-1), Max: 19.0}))

	limited := b.plan(&plan.Limit{Input: scanOf(table), Count: constant(types.Int8T, int64(3))})
	require.Empty(t, limited.Inputs().Filters)
	b.insert("c", bson.D{{Key: "_id", Value: "stranger"}})
	f := eval.NewDynamicFilter(expr.ColumnID(1))
	f.Publish(&eval.KeySet{Min: int64(5), Max: int64(10)})
	_, err := b.readScan(t.Context(), scan, &sources.Env{Env: &eval.Env{Filters: map[int]*eval.DynamicFilter{0: f}}})
	require.True(t, sqlerr.Is(err, sqlerr.FDWSchemaMismatch), err)
}
