package datum_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// arrayOf draws an array of any dimensions and bounds.
func arrayOf(t *rapid.T, elem *types.Type) datum.Array {
	a, n := datum.Array{Elems: []any{}}, 1
	for range rapid.IntRange(0, 3).Draw(t, "dimensions") {
		d := datum.Dimension{Length: rapid.Int32Range(1, 3).Draw(t, "length"), Lower: rapid.SampledFrom([]int32{1, 1, 1, 0, -7, 5}).Draw(t, "lower")}
		a.Dims, n = append(a.Dims, d), n*int(d.Length)
	}
	for range n {
		if len(a.Dims) > 0 {
			a.Elems = append(a.Elems, orNull(t, elem))
		}
	}
	return a
}

func TestArraysOfAnyShapeReadBack(t *testing.T) {
	for _, elem := range []*types.Type{types.Int4T, types.NumericT, types.TextT, types.TimestampTZT} {
		typ := types.ShapedArrayOf(elem, 2)
		rapid.Check(t, func(t *rapid.T) {
			a, b := arrayOf(t, elem), arrayOf(t, elem)
			text := datum.Text(typ, a, nil)
			back, err := datum.ParseArray(typ, text, nil)
			require.NoError(t, err, text)
			require.Zero(t, datum.Compare(typ, a, back), text)
			require.Equal(t, text, datum.Text(typ, back, nil))

			arr, err := datum.ToArray(typ, []any{a, nil, b})
			require.NoError(t, err)
			defer arr.Release()
			require.Zero(t, datum.Compare(typ, a, datum.FromArray(typ, arr, 0)))
			require.Nil(t, datum.FromArray(typ, arr, 1))
			require.Zero(t, datum.Compare(typ, b, datum.FromArray(typ, arr, 2)))

			x, err := datum.AppendOrdered(nil, typ, a)
			require.NoError(t, err)
			y, err := datum.AppendOrdered(nil, typ, b)
			require.NoError(t, err)
			require.Equal(t, sign(datum.Compare(typ, a, b)), bytes.Compare(x, y))
		})
	}
}

// Types without dimensions take no array of another shape.
func TestPlainTypesRefuseShapes(t *testing.T) {
	typ := types.ArrayOf(types.Int4T)
	for _, s := range []string{"{{1}}", "[2:2]={1}", "[0:0][1:1]={{1}}"} {
		_, err := datum.Parse(typ, s, nil)
		require.Equal(t, sqlerr.FeatureNotSupported, sqlerr.Code(err), s)
	}
	v, err := datum.Parse(typ, "[1:2]={1,2}", nil)
	require.NoError(t, err)
	require.Equal(t, []any{int64(1), int64(2)}, v)
}

func TestArrayTextNeverPanics(t *testing.T) {
	words := []string{"{", "}", "[", "]", ":", "=", ",", "1", "-", "\"", "\\", " ", "null", "2147483647"}
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for range rapid.IntRange(0, 14).Draw(t, "n") {
			s += rapid.SampledFrom(words).Draw(t, "word")
		}
		a, err := datum.ParseArray(types.ArrayOf(types.TextT), s, nil)
		if err == nil {
			n := 1
			for _, d := range a.Dims {
				n *= int(d.Length)
			}
			require.True(t, n == len(a.Elems) || len(a.Dims) == 0 && len(a.Elems) == 0, s)
		}
	})
}
