package parquet

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// TestCodesStandForTheSameText reads random tables plainly and with codes wanted of every column, whatever the writer made
// of dictionaries, pages, NULLs and conditions.
func TestCodesStandForTheSameText(t *testing.T) {
	coded := 0
	rapid.Check(t, func(t *rapid.T) {
		fields := append(randomFields(t),
			arrow.Field{Name: "s", Type: arrow.BinaryTypes.String, Nullable: rapid.Bool().Draw(t, "nullable s")},
			arrow.Field{Name: "key", Type: arrow.PrimitiveTypes.Int64, Nullable: true})
		path, remove := randomFile(t, fields, rapid.IntRange(0, 200).Draw(t, "rows"))
		defer remove()
		s := openSource(t, path)
		n := scanOf(discover(t, s, "t"))
		var root plan.Node = n
		if rapid.Bool().Draw(t, "condition") {
			three := &expr.Const{Typ: types.Int8T, Value: int64(3)}
			key := n.Cols[len(n.Cols)-1].Ref()
			root = &plan.Filter{Input: n, Conds: []expr.Expr{
				&expr.Call{Fn: expr.MustFunction("int8eq"), Args: []expr.Expr{key, three}, Typ: types.BoolT},
			}}
		}
		rows := rapid.SampledFrom([]int{1, 2, 7, 50, 8192}).Draw(t, "batch rows")
		env := &sources.Env{Env: &eval.Env{}, BatchRows: rows, Codes: map[expr.ColumnID]int{}}
		for _, c := range n.Cols {
			env.Codes[c.ID] = rapid.SampledFrom([]int{1, 3, 4096}).Draw(t, "below")
		}
		want, _, err := readAll(t, s, root, 1, rows)
		require.NoError(t, err)
		got, _, err := readWith(t, s, root, 1, env)
		require.NoError(t, err)
		require.Equal(t, texts(want), texts(plainly(t, got, &coded)))
	})
	require.Positive(t, coded)
}

// plainly spells out dictionary-encoded columns, and counts them.
func plainly(t *rapid.T, recs []arrow.RecordBatch, coded *int) []arrow.RecordBatch {
	var out []arrow.RecordBatch
	for _, rec := range recs {
		cols := make([]arrow.Array, rec.NumCols())
		fields := rec.Schema().Fields()
		for i, c := range rec.Columns() {
			if _, ok := c.(*array.Dictionary); ok {
				*coded++
			}
			var err error
			cols[i], err = batch.Plain(c)
			require.NoError(t, err)
			fields[i].Type = cols[i].DataType()
		}
		out = append(out, batch.NewRecord(arrow.NewSchema(fields, nil), cols, int(rec.NumRows())))
	}
	return out
}
