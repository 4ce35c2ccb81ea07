package eval

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
)

// pools are adversarial values by type, in their text form.
var pools = map[types.Kind][]string{
	types.Bool:    {"t", "f"},
	types.Int2:    {"0", "1", "-1", "2", "7", "-13", "32767", "-32768"},
	types.Int4:    {"0", "1", "-1", "2", "7", "-13", "31", "65536", "46341", "2147483647", "-2147483648"},
	types.Int8:    {"0", "1", "-1", "2", "7", "-13", "63", "3037000500", "9223372036854775807", "-9223372036854775808"},
	types.OID:     {"0", "1", "4294967295"},
	types.Float4:  {"0", "-0", "1", "-1", "0.5", "2.5", "-3.25", "NaN", "Infinity", "-Infinity", "3e38", "1e-40"},
	types.Float8:  {"0", "-0", "1", "-1", "0.5", "1.5", "2.5", "-3.25", "NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1e-308", "5e-324", "123456.789", "1e19", "1e10"},
	types.Numeric: {"0", "0.00", "1", "1.0", "-1", "0.5", "-0.5", "1.50", "2.5", "-2.5", "3", "7.0000", "100", "1000", "0.9999", "1.1", "12345678901234567890.123456789", "-0.000001", "1e30", "1e-30", "-123.456", "99999999999999999999999999999999999999.99", "NaN", "Infinity", "-Infinity", "9999", "10000", "99.9999", "1e-10", "2", "10"},
	types.Text:    {"", "a", "b", "A", "ab", "a ", "é", "zz", "abc"},
	types.Bpchar:  {"", "a", "a  ", "b", "é"},
	types.Name:    {"", "a", "B", "ab"},
	types.Bytea:   {`\x`, `\x00`, `\x61`, `\xff00`},
	types.Date:    {"1970-01-01", "2000-02-29", "1999-12-31", "0001-01-01", "9999-12-31", "infinity", "-infinity", "4713-01-01 BC"},
	types.Time:    {"00:00:00", "24:00:00", "12:34:56.789", "23:59:59.999999"},
	types.Timestamp: {
		"1970-01-01 00:00:00", "2000-02-29 12:34:56.789012", "1999-12-31 23:59:59.5", "0001-01-01 00:00:00", "infinity", "-infinity", "2262-04-11 23:47:16.854775",
	},
	types.TimestampTZ: {"1970-01-01 00:00:00+00", "2000-02-29 12:34:56.789012+00", "infinity", "-infinity", "1969-12-31 23:59:59.5+00"},
	types.Interval:    {"0", "1 mon", "30 days", "1 day", "24:00:00", "-1 mon 29 days", "1 year 2 mons 3 days 04:05:06.7", "-00:00:01"},
	types.UUID:        {"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
	types.Money:       {"0.00", "-1.50", "100.00"},
	types.Char:        {"a", "b"},
	types.Bit:         {"1", "0"},
}

// oracle asks PostgreSQL.
type oracle struct {
	t    *testing.T
	conn *pgx.Conn
}

func newOracle(t *testing.T) *oracle {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, fixture.PostgresURL(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(ctx) })
	_, err = conn.Exec(ctx, `SET lc_monetary TO 'C'; SET timezone TO 'UTC';
CREATE FUNCTION try(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  EXECUTE 'SELECT (' || q || ')::text' INTO r;
  RETURN coalesce('=' || r, 'NULL');
EXCEPTION WHEN OTHERS THEN RETURN '!' || SQLSTATE;
END $$`)
	require.NoError(t, err)
	return &oracle{t, conn}
}

// ask gives PostgreSQL's answers to expressions: "=text", "NULL" or "!SQLSTATE".
func (o *oracle) ask(exprs []string) []string {
	rows, err := o.conn.Query(context.Background(), "SELECT try(q) FROM unnest($1::text[]) WITH ORDINALITY AS u(q, n) ORDER BY n", exprs)
	require.NoError(o.t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(o.t, err)
	return out
}

// answer is the engine's own, in the same form.
func answer(e expr.Expr) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("!panic: %v", p)
		}
	}()
	v, err := Constant(e, &Env{})
	switch {
	case err != nil && sqlerr.Code(err) != "":
		return "!" + sqlerr.Code(err)
	case err != nil:
		return "!" + err.Error()
	case v == nil:
		return "NULL"
	}
	if b, ok := v.(bool); ok {
		return "=" + strconv.FormatBool(b)
	}
	if e.Type().Kind == types.Bpchar {
		return "=" + strings.TrimRight(datum.Text(e.Type(), v, nil), " ")
	}
	return "=" + datum.Text(e.Type(), v, nil)
}

// agree compares answers; floats of transcendental functions may differ in the last digits.
func agree(t *types.Type, got, want string) bool {
	if got == want {
		return true
	}
	if !t.IsFloat() || got[0] != '=' || want[0] != '=' {
		return false
	}
	g, err1 := strconv.ParseFloat(got[1:], 64)
	w, err2 := strconv.ParseFloat(want[1:], 64)
	return err1 == nil && err2 == nil && (math.Abs(g-w) <= 1e-12*math.Abs(w) || g != g && w != w)
}

// argument is a value of a type with its SQL.
type argument struct {
	e   expr.Expr
	sql string
}

func argumentOf(t *testing.T, typ *types.Type, s string) argument {
	d, err := datum.Parse(typ, s, nil)
	require.NoError(t, err, "%s %q", typ, s)
	return argument{&expr.Const{Typ: typ, Value: d}, fmt.Sprintf("'%s'::%s", s, sqlName(typ))}
}

// sqlName is a type as SQL writes it; "character" alone would be character(1).
func sqlName(t *types.Type) string {
	switch {
	case t.Kind == types.Char:
		return `"char"`
	case t.Kind == types.Bpchar && t.Mod < 0:
		return "bpchar"
	}
	return t.String()
}

// fixedNumerics are types whose values lie in the two fixed-point storages.
var fixedNumerics = []*types.Type{types.NumericOf(10, 2), types.NumericOf(15, 0), types.NumericOf(30, 4), types.NumericOf(38, 10)}

// drawArgument draws a value of a parameter's type, numerics in any storage.
func drawArgument(t *testing.T, r *rand.Rand, typ *types.Type) (argument, bool) {
	pool := pools[typ.Kind]
	if len(pool) == 0 {
		return argument{}, false
	}
	if r.IntN(25) == 0 {
		return argument{&expr.Const{Typ: typ}, "NULL::" + typ.String()}, true
	}
	if typ.Kind == types.Numeric && r.IntN(2) == 0 {
		typ = fixedNumerics[r.IntN(len(fixedNumerics))]
		for {
			s := pool[r.IntN(len(pool))]
			if d, err := datum.Parse(typ, s, nil); err == nil && s != "NaN" {
				return argument{&expr.Const{Typ: typ, Value: d}, fmt.Sprintf("'%s'::%s", s, typ)}, true
			}
		}
	}
	return argumentOf(t, typ, pool[r.IntN(len(pool))]), true
}

// draws is the number of calls a function is compared on.
const draws = 150

func TestFunctionsAnswerAsPostgres(t *testing.T) {
	o := newOracle(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Scalar && f.Kind != expr.Operator || f.Variadic || !mine(f) || !Implemented(f.ID) {
			continue
		}
		var calls []expr.Expr
		var sql []string
		for range draws {
			args, texts, ts, ok := drawArguments(t, r, f)
			if !ok {
				break
			}
			if f.ID == "width_bucket_float8" && strings.Contains(render(f, texts), "e308") {
				texts, args = []string{"1", "0", "2", "3"}, nil // PostgreSQL 15 overflows: its answer is noise
				for _, s := range texts {
					args = append(args, &expr.Const{Typ: f.Args[len(args)], Value: constOf(f.Args[len(args)], s)})
				}
			}
			calls = append(calls, &expr.Call{Fn: f, Args: args, Typ: f.ResultType(ts)})
			sql = append(sql, render(f, texts))
		}
		if len(calls) < draws {
			continue
		}
		want := o.ask(sql)
		bad := 0
		for i, c := range calls {
			if got := answer(c); !agree(c.Type(), got, want[i]) {
				if bad++; bad <= 6 {
					t.Errorf("%s: %s\n  got  %s\n  want %s", f.ID, sql[i], got, want[i])
				}
			}
		}
	}
}

// mine are the functions of numbers and the comparisons; those of strings, dates and json have recorded answers, and
// limits of their own.
func mine(f *expr.Function) bool {
	if f.Volatility != expr.Immutable || f.Name == "LIMIT" || f.Name == "OFFSET" { // the latter are clauses, no functions
		return false
	}
	if f.Kind == expr.Operator && slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, f.Name) {
		return true
	}
	number := func(t *types.Type) bool { return isNumber(t) }
	return f.Result != nil && number(f.Result) && !slices.ContainsFunc(f.Args, func(t *types.Type) bool { return !number(t) })
}

func drawArguments(t *testing.T, r *rand.Rand, f *expr.Function) (args []expr.Expr, sql []string, ts []*types.Type, ok bool) {
	for _, p := range f.Args {
		a, ok := drawArgument(t, r, p)
		if !ok {
			return nil, nil, nil, false
		}
		args, sql, ts = append(args, a.e), append(sql, a.sql), append(ts, a.e.Type())
	}
	return args, sql, ts, true
}

func render(f *expr.Function, args []string) string {
	switch {
	case f.Kind == expr.Operator && len(args) == 1:
		return f.Name + " (" + args[0] + ")"
	case f.Kind == expr.Operator:
		return "(" + args[0] + ") " + f.Name + " (" + args[1] + ")"
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

func constOf(t *types.Type, s string) any {
	d, err := datum.Parse(t, s, nil)
	if err != nil {
		panic(err)
	}
	return d
}

// castTargets are the types that every pool is cast to.
var castTargets = []*types.Type{
	types.BoolT, types.Int2T, types.Int4T, types.Int8T, types.OIDT, types.Float4T, types.Float8T, types.NumericT,
	types.NumericOf(10, 2), types.NumericOf(3, 0), types.NumericOf(30, 4), types.NumericOf(5, -2), types.NumericOf(2, 4), types.TextT, types.VarcharOf(2),
	types.VarcharT, types.BpcharOf(2), types.BpcharT, types.NameT, types.ByteaT, types.DateT, types.TimeT, types.TimestampT, types.TimestampT.WithMod(0),
	types.TimestampT.WithMod(3), types.TimestampTZT, types.TimeT.WithMod(1), types.IntervalT, types.UUIDT, types.MoneyT,
}

func TestCastsAnswerAsPostgres(t *testing.T) {
	o := newOracle(t)
	var casts []expr.Expr
	var sql []string
	for kind, pool := range pools {
		from := typeOfKind(kind)
		sources := []*types.Type{from}
		if kind == types.Numeric {
			sources = append(sources, fixedNumerics...)
		}
		for _, from := range sources {
			for _, to := range castTargets {
				if expr.CastPath(from, to) == expr.NoCast {
					continue
				}
				for _, s := range pool {
					if _, err := datum.Parse(from, s, nil); err != nil || from.Precision != 0 && s == "NaN" {
						continue
					}
					if s == "NaN" && to.Kind == types.Numeric && to.Precision != 0 { // has no place in fixed-point storage
						continue
					}
					a := argumentOf(t, from, s)
					casts = append(casts, &expr.Cast{Arg: a.e, Typ: to, Explicit: true})
					sql = append(sql, "("+a.sql+")::"+sqlName(to))
				}
			}
		}
	}
	want, bad := o.ask(sql), 0
	for i, c := range casts {
		if got := answer(c); !agree(c.Type(), got, want[i]) {
			if bad++; bad <= 60 {
				t.Errorf("%s\n  got  %s\n  want %s", sql[i], got, want[i])
			}
		}
	}
	t.Logf("%d casts compared", len(casts))
}

func typeOfKind(k types.Kind) *types.Type {
	for _, t := range []*types.Type{
		types.BoolT, types.Int2T, types.Int4T, types.Int8T, types.OIDT, types.Float4T, types.Float8T, types.NumericT,
		types.TextT, types.BpcharT, types.NameT, types.CharT, types.ByteaT, types.DateT, types.TimeT, types.TimestampT,
		types.TimestampTZT, types.IntervalT, types.UUIDT, types.MoneyT, types.BitT,
	} {
		if t.Kind == k {
			return t
		}
	}
	panic("no type of that kind")
}
