package interchange_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// sent are arrays as a client gets them, from a batch that begins with another row.
func sent(t *testing.T, typ *types.Type, texts ...string) (arrow.Array, error) {
	values := []any{nil}
	for _, s := range texts {
		if s == "NULL" {
			values = append(values, nil)
			continue
		}
		v, err := datum.ParseArray(typ, s, nil)
		require.NoError(t, err)
		values = append(values, v)
	}
	arr, err := datum.ToArray(typ, values)
	require.NoError(t, err)
	defer arr.Release()
	rows := array.NewSlice(arr, 1, int64(len(values)))
	defer rows.Release()
	cols := []plan.Column{{Name: "x", Type: typ, Nullable: true}}
	c, err := interchange.NewConverter(cols, interchange.Options{})
	require.NoError(t, err)
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ.Arrow(), Nullable: true}}, nil)
	rec := array.NewRecordBatch(schema, []arrow.Array{rows}, int64(len(texts)))
	defer rec.Release()
	out, err := c.Convert(rec)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	out.Column(0).Retain()
	return out.Column(0), nil
}

func TestArraysOfSeveralDimensionsAreListsOfLists(t *testing.T) {
	a, err := sent(t, types.ShapedArrayOf(types.Int4T, 2), "{{1,2},{3,NULL}}", "{}", "NULL", "{{5},{6},{7}}")
	require.NoError(t, err)
	defer a.Release()
	require.Equal(t, "[[[1 2] [3 (null)]] [] (null) [[5] [6] [7]]]", a.String())
	require.True(t, arrow.TypeEqual(arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int32)), a.DataType()))
	money, err := sent(t, types.ShapedArrayOf(types.MoneyT, 3), "{{{1.25,2}},{{3,4}}}")
	require.NoError(t, err)
	defer money.Release()
	require.Equal(t, "[[[[1.25 2]] [[3 4]]]]", money.String())
}

// What Arrow's lists cannot tell is refused, never flattened.
func TestArraysThatListsCannotTellAreRefused(t *testing.T) {
	for s, dims := range map[string]int32{"{1,2}": 2, "{{1}}": 1, "[2:3]={1,2}": 1, "[1:1][0:0]={{1}}": 2, "{{{1}}}": 2} {
		_, err := sent(t, types.ShapedArrayOf(types.Int4T, dims), s)
		require.Equal(t, sqlerr.FeatureNotSupported, sqlerr.Code(err), s)
	}
}
