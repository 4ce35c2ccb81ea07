package eval_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

const benchRows = 8192

// benchColumn is a column of one type with values like TPC-H's.
func benchColumn(b *testing.B, typ *types.Type) arrow.Array {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"furiously", "special", "requests", "carefully", "pending", "deposits", "sleep", "quickly", "ironic"}
	values := make([]any, benchRows)
	for i := range values {
		switch typ.Kind {
		case types.Text:
			values[i] = fmt.Sprintf("%s %s %s %s", words[r.IntN(9)], words[r.IntN(9)], words[r.IntN(9)], words[r.IntN(9)])
		case types.Date:
			values[i] = int64(8036 + r.IntN(2557))
		default:
			values[i] = (8036*86400 + r.Int64N(2557*86400)) * 1_000_000
		}
	}
	arr, err := datum.ToArray(typ, values)
	require.NoError(b, err)
	return arr
}

// BenchmarkFunctions runs a function over one column with constants for the other arguments.
func BenchmarkFunctions(b *testing.B) {
	for _, c := range []struct {
		name, id string
		args     []string // "" is the column
	}{
		{"like-contains", "textlike", []string{"", "%requests%"}},
		{"like-contains-rare", "textlike", []string{"", "%nothing of the kind%"}},
		{"like-prefix", "textlike", []string{"", "special%"}},
		{"like-two-pieces", "textnlike", []string{"", "%special%requests%"}},
		{"like-general", "textlike", []string{"", "%spec_al%"}},
		{"regex", "textregexeq", []string{"", "s[a-z]+l r"}},
		{"substring", "text_substring", []string{"", "1", "2"}},
		{"lower", "text_lower", []string{""}},
		{"length", "textlen", []string{""}},
		{"extract-year", "extract_date", []string{"year", ""}},
		{"extract-year-timestamp", "extract_timestamp", []string{"year", ""}},
		{"date-trunc-month", "timestamp_trunc", []string{"month", ""}},
		{"date-trunc-hour", "timestamp_trunc", []string{"hour", ""}},
		{"date-plus-interval", "date_pl_interval", []string{"", "3 mons"}},
	} {
		b.Run(c.name, func(b *testing.B) { benchFunction(b, c.id, c.args) })
	}
}

func benchFunction(b *testing.B, id string, args []string) {
	fn := expr.MustFunction(id)
	call := &expr.Call{Fn: fn, Typ: fn.ResultType(fn.Args)}
	var column arrow.Array
	var in eval.InputColumn
	for i, a := range args {
		if a == "" {
			in = eval.InputColumn{ID: 1, Type: fn.Args[i]}
			column = benchColumn(b, in.Type)
			call.Args = append(call.Args, &expr.Column{ID: 1, Typ: in.Type})
			continue
		}
		v, err := datum.Parse(fn.Args[i], a, nil)
		require.NoError(b, err)
		call.Args = append(call.Args, &expr.Const{Typ: fn.Args[i], Value: v})
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "c", Type: column.DataType()}}, nil)
	rec := array.NewRecordBatch(schema, []arrow.Array{column}, benchRows)
	p, err := eval.NewProjection([]expr.Expr{call}, []eval.InputColumn{in})
	require.NoError(b, err)
	e := p.Open(nil)
	b.ReportAllocs()
	for b.Loop() {
		out, err := e.Eval(rec)
		if err != nil {
			b.Fatal(err)
		}
		out[0].Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}
