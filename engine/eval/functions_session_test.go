package eval_test

import (
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Stable functions tell of the session and the statement: 2026-01-02 03:04:05 UTC (see evaluate).
func TestSessionFunctions(t *testing.T) {
	york, err := datum.LoadZone("America/New_York")
	require.NoError(t, err)
	for _, c := range []struct {
		id   string
		args []string
		zone *time.Location
		want string
	}{
		{id: "now", want: "2026-01-02 03:04:05+00"},
		{id: "current_timestamp", zone: york, want: "2026-01-01 22:04:05-05"},
		{id: "current_date", zone: york, want: "2026-01-01"},
		{id: "current_date", want: "2026-01-02"},
		{id: "localtimestamp", zone: york, want: "2026-01-01 22:04:05"},
		{id: "localtime", want: "03:04:05"},
		{id: "current_time", zone: york, want: "22:04:05-05"},
		{id: "current_user", want: "tester"},
		{id: "session_user", want: "tester"},
		{id: "current_catalog", want: "skein"},
		{id: "current_schema", want: "shop"},
		{id: "version", want: "PostgreSQL 15.0 (Skein)"},
		{id: "show_config_by_name", args: []string{"server_version"}, want: "15.0"},
		{id: "timestamp_age_now", args: []string{"2025-12-01"}, want: "1 mon 1 day"},
	} {
		fn := expr.MustFunction(c.id)
		call := &expr.Call{Fn: fn, Typ: fn.ResultType(nil)}
		for i, a := range c.args {
			v, err := datum.Parse(fn.Args[i], a, nil)
			require.NoError(t, err)
			call.Args = append(call.Args, &expr.Const{Typ: fn.Args[i], Value: v})
		}
		v, err := evaluate(call, nil, nil, c.zone)
		require.NoError(t, err, c.id)
		require.Equal(t, c.want, datum.Text(call.Typ, v, c.zone), c.id)
	}
	_, err = evaluate(&expr.Call{
		Fn: expr.MustFunction("show_config_by_name"), Typ: types.TextT,
		Args: []expr.Expr{&expr.Const{Typ: types.TextT, Value: "nothing"}},
	}, nil, nil, nil)
	require.ErrorContains(t, err, "unrecognized configuration parameter")
}

// A volatile function runs for every row.
func TestRandomUUIDs(t *testing.T) {
	call := &expr.Call{Fn: expr.MustFunction("gen_random_uuid"), Typ: types.UUIDT}
	p, err := eval.NewProjection([]expr.Expr{call}, nil)
	require.NoError(t, err)
	out, err := p.Open(nil).Eval(rowsWithoutColumns(1000))
	require.NoError(t, err)
	defer out[0].Release()
	seen := map[any]bool{}
	for i := range 1000 {
		id := datum.FromArray(types.UUIDT, out[0], i).([16]byte)
		require.Equal(t, byte(4), id[6]>>4)
		require.Equal(t, byte(2), id[8]>>6)
		seen[id] = true
	}
	require.Len(t, seen, 1000)
}

// Every scalar function and operator of the table can be evaluated.
func TestEveryFunctionIsImplemented(t *testing.T) {
	for _, f := range expr.AllFunctions() {
		if (f.Kind == expr.Scalar || f.Kind == expr.Operator) && !eval.Implemented(f.ID) {
			t.Errorf("%s (%s) has no implementation", f.ID, f)
		}
	}
}

func rowsWithoutColumns(n int64) arrow.RecordBatch {
	return array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, n)
}
