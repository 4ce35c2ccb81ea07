package eval

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// likeNaively is LIKE by its definition.
func likeNaively(s, p []rune) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0] == '%':
		return likeNaively(s, p[1:]) || len(s) > 0 && likeNaively(s[1:], p)
	case len(s) == 0:
		return false
	case p[0] == '\\':
		return s[0] == p[1] && likeNaively(s[1:], p[2:])
	}
	return (p[0] == '_' || p[0] == s[0]) && likeNaively(s[1:], p[1:])
}

// Every shortcut gives what the definition gives, over slices of arrays with NULLs and empty strings, for constant and
// varying patterns.
func TestLikeIsLike(t *testing.T) {
	word := func(alphabet []string, most int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			s := ""
			for range rapid.IntRange(0, most).Draw(t, "n") {
				s += rapid.SampledFrom(alphabet).Draw(t, "c")
			}
			return s
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(word([]string{"a", "b", "é", "%"}, 6), 1, 150).Draw(t, "texts")
		pattern := word([]string{"%", "%", "_", "a", "b", "é", `\%`, `\a`}, 5).Draw(t, "pattern")
		nulls := rapid.IntRange(0, len(texts)).Draw(t, "null")
		from := rapid.IntRange(0, len(texts)-1).Draw(t, "from")
		negate := rapid.Bool().Draw(t, "negate")
		values, patterns := make([]any, len(texts)), make([]any, len(texts))
		for i, s := range texts {
			values[i], patterns[i] = s, pattern
		}
		if nulls < len(texts) {
			values[nulls] = nil
		}
		id := "textlike"
		if negate {
			id = "textnlike"
		}
		constant := &expr.Const{Typ: types.TextT, Value: pattern}
		for _, p := range []expr.Expr{constant, &expr.Column{ID: 2, Typ: types.TextT}} {
			got := evalSliced(t, &expr.Call{
				Fn: expr.MustFunction(id), Typ: types.BoolT,
				Args: []expr.Expr{&expr.Column{ID: 1, Typ: types.TextT}, p},
			}, from, values, patterns)
			for i, v := range values[from:] {
				want := any(nil)
				if v != nil {
					want = likeNaively([]rune(v.(string)), []rune(pattern)) != negate
				}
				require.Equal(t, want, got[i], "%q like %q", v, pattern)
			}
		}
	})
}

// evalSliced evaluates e over text columns 1, 2, … from a row on.
func evalSliced(t require.TestingT, e expr.Expr, from int, columns ...[]any) []any {
	var in []InputColumn
	var arrays []arrow.Array
	var fields []arrow.Field
	for i, c := range columns {
		a, err := datum.ToArray(types.TextT, c)
		require.NoError(t, err)
		in = append(in, InputColumn{ID: expr.ColumnID(i + 1), Type: types.TextT})
		arrays = append(arrays, array.NewSlice(a, int64(from), int64(len(c))))
		fields = append(fields, arrow.Field{Name: "c", Type: a.DataType(), Nullable: true})
	}
	rec := array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, int64(len(columns[0])-from))
	p, err := NewProjection([]expr.Expr{e}, in)
	require.NoError(t, err)
	out, err := p.Open(nil).Eval(rec)
	require.NoError(t, err)
	got := make([]any, out[0].Len())
	for i := range got {
		got[i] = datum.FromArray(e.Type(), out[0], i)
	}
	return got
}
