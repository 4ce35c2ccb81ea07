package eval

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

func intConst(v any) expr.Expr {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	return &expr.Const{Typ: types.Int4T, Value: v}
}

func intArray(vs ...any) expr.Expr {
	elems := make([]expr.Expr, len(vs))
	for i, v := range vs {
		elems[i] = intConst(v)
	}
	return &expr.ArrayOf{Elems: elems, Typ: types.ArrayOf(types.Int4T)}
}

func intRow(vs ...any) expr.Expr {
	r := &expr.RowOf{}
	var fields []types.Field
	for _, v := range vs {
		r.Elems = append(r.Elems, intConst(v))
		fields = append(fields, types.Field{Name: "f", Type: types.Int4T})
	}
	r.Typ = types.RecordOf(fields)
	return r
}

func quantified(arg expr.Expr, id string, array expr.Expr, all bool) expr.Expr {
	return &expr.Quantified{Arg: arg, Op: expr.MustFunction(id), Array: array, All: all}
}

func TestNestedValuesAnswerAsPostgres(t *testing.T) {
	o := newOracle(t)
	arrayT := types.ArrayOf(types.Int4T)
	null := &expr.Const{Typ: arrayT}
	variadic := func(id string, vs ...any) expr.Expr {
		c := &expr.Call{Fn: expr.MustFunction(id), Typ: types.Int4T}
		for _, v := range vs {
			c.Args = append(c.Args, intConst(v))
		}
		return c
	}
	cases := []struct {
		e   expr.Expr
		sql string
	}{
		{intArray(1, nil, 3), "ARRAY[1,NULL,3]"},
		{&expr.Subscript{Arg: intArray(1, nil, 3), Index: intConst(3)}, "(ARRAY[1,NULL,3])[3]"},
		{&expr.Subscript{Arg: intArray(1, nil, 3), Index: intConst(4)}, "(ARRAY[1,NULL,3])[4]"},
		{&expr.Subscript{Arg: intArray(1, nil, 3), Index: intConst(nil)}, "(ARRAY[1,NULL,3])[NULL::int]"},
		{quantified(intConst(1), "int4eq", intArray(2, nil), false), "1 = ANY(ARRAY[2,NULL])"},
		{quantified(intConst(2), "int4eq", intArray(2, nil), false), "2 = ANY(ARRAY[2,NULL])"},
		{quantified(intConst(2), "int4ne", intArray(2, nil), true), "2 <> ALL(ARRAY[2,NULL])"},
		{quantified(intConst(2), "int4gt", intArray(1, nil), true), "2 > ALL(ARRAY[1,NULL])"},
		{quantified(intConst(2), "int4gt", intArray(1, 0), true), "2 > ALL(ARRAY[1,0])"},
		{quantified(intConst(2), "int4lt", intArray(1, nil), false), "2 < ANY(ARRAY[1,NULL])"},
		{quantified(intConst(2), "int4lt", null, false), "2 < ANY(NULL::int[])"},
		{quantified(intConst(2), "int4eq", null, false), "2 = ANY(NULL::int[])"},
		{quantified(intConst(nil), "int4lt", intArray(), false), "NULL::int < ANY(ARRAY[]::int[])"},
		{quantified(intConst(nil), "int4eq", intArray(), false), "NULL::int = ANY(ARRAY[]::int[])"},
		{compare(opEq, intRow(1, 1), intRow(1, nil)), "ROW(1,1) = ROW(1,NULL::int)"},
		{compare(opEq, intRow(1, 1), intRow(2, nil)), "ROW(1,1) = ROW(2,NULL::int)"},
		{compare(opLt, intRow(1, 2), intRow(1, nil)), "ROW(1,2) < ROW(1,NULL::int)"},
		{compare(opLt, intRow(1, 2), intRow(2, nil)), "ROW(1,2) < ROW(2,NULL::int)"},
		{compare(opGe, intRow(1, 2), intRow(1, 2)), "ROW(1,2) >= ROW(1,2)"},
		{compare(opNe, intRow(1, nil), intRow(2, 2)), "ROW(1,NULL::int) <> ROW(2,2)"},
		{&expr.In{Arg: intRow(1, 1), List: []expr.Expr{intRow(1, nil)}}, "(1,1) IN ((1,NULL::int))"},
		{&expr.In{Arg: intConst(nil), List: []expr.Expr{intConst(1)}, Negate: true}, "NULL::int NOT IN (1)"},
		{&expr.Field{Arg: intRow(7, 8), Index: 1}, "8"},
		{call2("array_lt", intArray(1, 2), intArray(1, nil)), "ARRAY[1,2] < ARRAY[1,NULL]"},
		{call2("array_eq", intArray(1, nil), intArray(1, nil)), "ARRAY[1,NULL] = ARRAY[1,NULL]"},
		{variadic("greatest", 3, nil, 5, 1), "greatest(3,NULL,5,1)"},
		{variadic("least", nil, nil), "least(NULL::int,NULL)"},
		{&expr.Cast{Arg: intArray(1, nil), Typ: types.ArrayOf(types.NumericOf(5, 1))}, "ARRAY[1,NULL]::numeric(5,1)[]"},
		{&expr.Cast{Arg: intArray(1, nil), Typ: types.ArrayOf(types.TextT)}, "ARRAY[1,NULL]::text[]"},
		{&expr.Cast{Arg: &expr.Const{Typ: types.TextT, Value: "{1,2}"}, Typ: arrayT}, "'{1,2}'::int[]"},
	}
	sql := make([]string, len(cases))
	for i, c := range cases {
		sql[i] = c.sql
	}
	for i, want := range o.ask(sql) {
		require.Equal(t, want, answer(cases[i].e), cases[i].sql)
	}
}

func TestZonesAnswerAsPostgres(t *testing.T) {
	o := newOracle(t)
	const name = "America/New_York"
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	var sql []string
	var es []expr.Expr
	for _, s := range []string{
		"2021-03-14 02:30:00", "2021-03-14 01:59:59", "2021-11-07 01:30:00", "2021-11-07 00:30:00", "1999-12-31 23:59:59.5", "infinity",
	} {
		ts, tz := argumentOf(t, types.TimestampT, s), argumentOf(t, types.TimestampTZT, s)
		asZoned := &expr.Cast{Arg: ts.e, Typ: types.TimestampTZT}
		es = append(es, asZoned, &expr.Cast{Arg: tz.e, Typ: types.TimestampT}, &expr.Cast{Arg: tz.e, Typ: types.DateT},
			&expr.Call{Fn: expr.MustFunction("timestamp_lt_timestamptz"), Args: []expr.Expr{ts.e, tz.e}, Typ: types.BoolT})
		utc := "('" + s + "+00'::timestamptz)"
		sql = append(sql, "("+ts.sql+"::timestamptz) AT TIME ZONE 'UTC'", utc+"::timestamp", utc+"::date", ts.sql+" < "+utc)
	}
	_, err = o.conn.Exec(t.Context(), "SET timezone TO '"+name+"'")
	require.NoError(t, err)
	for i, want := range o.ask(sql) {
		v, err := Constant(es[i], &Env{Zone: zone})
		require.NoError(t, err)
		e := es[i]
		if e.Type().Kind == types.TimestampTZ { // shown in UTC
			e = &expr.Cast{Arg: &expr.Const{Typ: types.TimestampTZT, Value: v}, Typ: types.TimestampT}
		} else {
			e = &expr.Const{Typ: e.Type(), Value: v}
		}
		require.Equal(t, want, answer(e), sql[i])
	}
}

func TestParametersAreValuesOfTheExecution(t *testing.T) {
	e := call2("int4pl", &expr.Param{Index: 1, Typ: types.Int4T}, &expr.Param{Index: 2, Typ: types.Int4T})
	p, err := NewProjection([]expr.Expr{e}, nil)
	require.NoError(t, err)
	_ = p
	v, err := Constant(e, &Env{Params: []any{int64(2), int64(40)}})
	require.NoError(t, err)
	require.Equal(t, int64(42), v)
	_, err = Constant(e, &Env{Params: []any{int64(2)}})
	require.ErrorContains(t, err, "$2")
}

// Arrays and rows through batches: what goes in comes out, at any offset.
func TestNestedColumnsKeepTheirValues(t *testing.T) {
	row := types.RecordOf([]types.Field{{Name: "a", Type: types.Int4T}, {Name: "b", Type: types.TextT}})
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, rows: 5}
		list := types.ArrayOf(types.TextT)
		var lists, rows []any
		for range g.rows {
			var l []any
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				l = append(l, g.value(types.TextT))
			}
			if l == nil && rapid.Bool().Draw(t, "null") {
				lists = append(lists, nil)
			} else {
				lists = append(lists, append([]any{}, l...))
			}
			rows = append(rows, []any{g.value(types.Int4T), g.value(types.TextT)})
		}
		g.in = []InputColumn{{1, list}, {2, row}, {3, types.Int4T}}
		g.pool = [][]any{lists, rows, {int64(1), int64(2), nil, int64(0), int64(7)}}
		c1, c2, c3 := &expr.Column{ID: 1, Typ: list}, &expr.Column{ID: 2, Typ: row}, &expr.Column{ID: 3, Typ: types.Int4T}
		guard := call2("int4lt", c3, intConst(2))
		for _, e := range []expr.Expr{
			&expr.Case{Whens: []expr.When{{Cond: guard, Then: c1}}, Typ: list},
			&expr.Coalesce{Args: []expr.Expr{&expr.Case{Whens: []expr.When{{Cond: guard, Then: c2}}, Typ: row}, c2}, Typ: row},
			&expr.Subscript{Arg: c1, Index: c3}, &expr.Field{Arg: c2, Index: 1},
			&expr.ArrayOf{Elems: []expr.Expr{&expr.Field{Arg: c2, Index: 0}, c3}, Typ: types.ArrayOf(types.Int4T)},
			&expr.RowOf{Elems: []expr.Expr{c3, &expr.Field{Arg: c2, Index: 1}}, Typ: row},
			quantified(&expr.Field{Arg: c2, Index: 1}, "text_eq", c1, false), quantified(&expr.Field{Arg: c2, Index: 1}, "text_ge", c1, true),
		} {
			want := make([]any, g.rows)
			for i := range want {
				v, err := g.alone(e, i)
				require.NoError(t, err)
				want[i] = v
			}
			p, err := NewProjection([]expr.Expr{e}, g.in)
			require.NoError(t, err)
			g.check(e, p.Open(nil), rapid.SampledFrom([]int{0, 1, 64, 65}).Draw(t, "rows"), want, nil)
		}
	})
}
