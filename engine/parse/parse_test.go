package parse

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func TestPlaceholders(t *testing.T) {
	for _, c := range []struct {
		in, out string
		params  int
	}{
		{"select 1", "select 1", 0},
		{"select ?", "select  $1 ", 1},
		{"select * from t where a=? and b in (?, ?)", "select * from t where a= $1  and b in ( $2 ,  $3 )", 3},
		{"select '?', \"?\", $$?$$, $x$?$x$, e'\\'?', 1 -- ?\n /* ? /* ? */ ? */", "", 0},
		{"select j ? 'a'", "", 0},
		{"select j ?| array['a'], j ?& array['b'], j @? '$.a'", "", 0},
		{"select j ?? 'a', j ??| array['a'], j ??& ?", "select j ? 'a', j ?| array['a'], j ?&  $1 ", 1},
		{"select j ? ?", "select j ?  $1 ", 1},
		{"select ? ? ?", "select  $1  ?  $2 ", 2},
		{"select a from t limit ? offset ?", "select a from t limit  $1  offset  $2 ", 2},
		{"select a from t fetch first ? rows only", "select a from t fetch first  $1  rows only", 1},
		{"select ?::int, ?||'x', coalesce(?,1), -?", "select  $1 ::int,  $2 ||'x', coalesce( $3 ,1), - $4 ", 4},
		{"select a between ? and ?, a like ?, case when ? then ? else ? end", "", 6},
		{"select t.? from x", "", 1},
		{"select a at time zone ? from t", "select a at time zone  $1  from t", 1},
		{"values (?,?),(?,?)", "", 4},
		{"select * from t where ? = a", "select * from t where  $1  = a", 1},
		{"select (a)? b", "", 0},
		{"select arr[1] ? 'x'", "", 0},
	} {
		r, err := placeholders(c.in)
		require.NoError(t, err, c.in)
		if c.out == "" && c.params == 0 {
			c.out = c.in
		}
		if c.out != "" {
			require.Equal(t, c.out, r.text)
		}
		require.Equal(t, c.params, r.params, c.in)
	}
	_, err := Parse("select ?, $1")
	require.True(t, sqlerr.Is(err, sqlerr.SyntaxError))
}

func TestPositionsAreOfTheOriginalText(t *testing.T) {
	for _, c := range []struct {
		sql, message string
		pos          int
	}{
		{"select 'äöü', * fro x", `syntax error at or near "fro"`, 17},
		{"select ?, 'ü', ?, * fro x", `syntax error at or near "fro"`, 21},
		{"selec 1", `syntax error at or near "selec"`, 1},
		{"select 1 +", "syntax error at end of input", 11},
		{"select 'abc", "unterminated quoted string at or near \"'abc\"", 8},
		{"select 1 from ? where", `syntax error at or near "?"`, 15},
	} {
		_, err := Parse(c.sql)
		var e *sqlerr.Error
		require.True(t, errors.As(err, &e), c.sql)
		require.Equal(t, sqlerr.SyntaxError, e.Code)
		require.Equal(t, c.pos, e.Position, c.sql)
	}
	s, err := Parse("select ?, 'ü', ?, nosuch")
	require.NoError(t, err)
	ref := s.Root.GetSelectStmt().TargetList[3].GetResTarget().Val.GetColumnRef()
	require.Equal(t, 19, s.Position(ref.Location))
}

func TestOneStatement(t *testing.T) {
	for _, sql := range []string{"", " ", ";", "-- nothing", "/* */ ;;"} {
		s, err := Parse(sql)
		require.NoError(t, err, sql)
		require.True(t, s.Empty())
		require.Equal(t, Empty, s.Command())
	}
	for _, sql := range []string{"select 1;", "select 1 ; ", "select ';'"} {
		_, err := Parse(sql)
		require.NoError(t, err, sql)
	}
	_, err := Parse("select 1; select 2")
	require.ErrorContains(t, err, "cannot insert multiple commands")
	stmts, err := ParseScript("create schema a;\n-- ü\n create schema b; select ? ")
	require.NoError(t, err)
	require.Len(t, stmts, 3)
	require.Equal(t, "create schema b", stmts[1].SQL())
	require.Equal(t, "select ?", stmts[2].SQL())
}

func TestCommands(t *testing.T) {
	for sql, want := range map[string]struct {
		command Command
		tag     string
	}{
		"select 1": {Query, "SELECT"}, "values (1)": {Query, "SELECT"}, "table x": {Query, "SELECT"},
		"explain analyze select 1": {Explain, "EXPLAIN"}, "set a.b = 1": {Set, "SET"}, "reset all": {Set, "RESET"},
		"show x": {Show, "SHOW"}, "begin": {Transaction, "BEGIN"}, "start transaction": {Transaction, "START TRANSACTION"},
		"commit": {Transaction, "COMMIT"}, "end": {Transaction, "COMMIT"}, "rollback": {Transaction, "ROLLBACK"},
		"prepare p as select 1": {Prepare, "PREPARE"}, "execute p": {Execute, "EXECUTE"},
		"deallocate all": {Deallocate, "DEALLOCATE"}, "discard all": {Discard, "DISCARD"},
		"insert into t values (1)": {DML, "INSERT"}, "delete from t": {DML, "DELETE"},
		"create server s foreign data wrapper postgres options (host 'x')": {DDL, "CREATE SERVER"},
		"create user mapping for public server s":                          {DDL, "CREATE USER MAPPING"},
		"create view v as select 1":                                        {DDL, "CREATE VIEW"},
		"create foreign table a.b.c (x int) server s":                      {DDL, "CREATE FOREIGN TABLE"},
		"alter foreign table c alter column email options (add mask 'x')":  {DDL, "ALTER FOREIGN TABLE"},
		"drop server s": {DDL, "DROP FOREIGN SERVER"}, "drop view v": {DDL, "DROP VIEW"},
		"grant select on t to r": {DDL, "GRANT"}, "revoke select on t from r": {DDL, "REVOKE"},
		"create table t (a int)": {Other, "CREATE TABLE"}, "vacuum": {Other, "VACUUM"},
		"select 1 into x": {Other, "SELECT INTO"}, "declare c cursor for select 1": {Other, "DECLARE CURSOR"},
		"fetch 1 from c": {Other, "FETCH"}, "move 1 in c": {Other, "MOVE"}, "close c": {Other, "CLOSE CURSOR"},
		"create index on t (a)": {Other, "CREATE INDEX"}, "create type e as enum ('a')": {Other, "CREATE TYPE"},
		"create materialized view v as select 1": {Other, "CREATE MATERIALIZED VIEW"}, "analyze t": {Other, "ANALYZE"},
		"create table t as select 1": {Other, "CREATE TABLE AS"}, "create aggregate a (int) (sfunc = f, stype = int)": {Other, "CREATE AGGREGATE"},
		"create function f() returns int language sql as 'select 1'": {Other, "CREATE FUNCTION"}, "listen x": {Other, "LISTEN"},
		"refresh materialized view v": {Other, "REFRESH MATERIALIZED VIEW"}, "call f()": {Other, "CALL"},
	} {
		s, err := Parse(sql)
		require.NoError(t, err, sql)
		require.Equal(t, want.command, s.Command(), sql)
		require.Equal(t, want.tag, s.Tag(), sql)
	}
}

func TestAccessors(t *testing.T) {
	s, err := Parse("explain (analyze, format json, costs off) select 1")
	require.NoError(t, err)
	e, err := s.Explain()
	require.NoError(t, err)
	require.True(t, e.Analyze)
	require.False(t, e.Costs)
	require.Equal(t, ExplainJSON, e.Format)
	require.Equal(t, Query, e.Query.Command())

	for sql, want := range map[string]Setting{
		"set search_path = 'crm.public', x": {Name: "search_path", Values: []string{"crm.public", "x"}},
		"set local a.b to 5":                {Name: "a.b", Values: []string{"5"}, Local: true},
		"set x = default":                   {Name: "x"},
		"reset x":                           {Name: "x"},
		"reset all":                         {},
		"set time zone 'Europe/Zurich'":     {Name: "timezone", Values: []string{"Europe/Zurich"}},
		"set x = on":                        {Name: "x", Values: []string{"on"}},
		"set transaction read only":         {Name: "TRANSACTION", Values: []string{"transaction_read_only=1"}},
		"set statement_timeout = 1.5":       {Name: "statement_timeout", Values: []string{"1.5"}},
	} {
		s, err := Parse(sql)
		require.NoError(t, err, sql)
		require.Equal(t, want, s.Setting(), sql)
	}
	s, err = Parse("create server s foreign data wrapper postgres options (host 'db1', port '5')")
	require.NoError(t, err)
	opts := s.Options(s.Root.GetCreateForeignServerStmt().Options)
	require.Equal(t, "host", opts[0].Name)
	require.Equal(t, "db1", opts[0].Value)
	require.Equal(t, 56, opts[0].Position)

	x, err := ParseExpr("left(email, 1) || '***'")
	require.NoError(t, err)
	require.NotNil(t, x.Node.GetAExpr())
	for _, bad := range []string{"", "1, 2", "1 from t", "a as b", "1; 2", "*", "1 where true"} {
		_, err := ParseExpr(bad)
		if bad == "*" {
			continue
		}
		require.Error(t, err, bad)
	}
}

func TestNewerSyntaxIsRefused(t *testing.T) {
	for sql, code := range map[string]string{
		"select * from (select 1)":     sqlerr.SyntaxError,
		"select * from (values (1))":   sqlerr.SyntaxError,
		"select 0x1f":                  sqlerr.SyntaxError,
		"select 1_000":                 sqlerr.SyntaxError,
		"select json_value('{}', '$')": sqlerr.FeatureNotSupported,
		"select * from json_table('[]', '$' columns (a int path '$')) t":    sqlerr.FeatureNotSupported,
		"select json_object('a': 1)":                                        sqlerr.FeatureNotSupported,
		"select '{}' is json":                                               sqlerr.FeatureNotSupported,
		"merge into t using s on true when matched then delete returning *": sqlerr.FeatureNotSupported,
	} {
		_, err := Parse(sql)
		require.Equal(t, code, sqlerr.Code(err), sql)
	}
}

// killers are texts that grow with n and, unguarded, kill the process or exhaust it.
func killers(n int) map[string]string {
	r := strings.Repeat
	return map[string]string{
		"plus": "select 1" + r("+1", n), "cast": "select 1" + r("::int", n), "union": "select 1" + r(" union select 1", n),
		"except": "select 1" + r(" except select 1", n), "not": "select " + r("not ", n) + "true",
		"minus": "select " + r("- ", n) + "1", "paren": "select " + r("(", n) + "1" + r(")", n),
		"array": "select " + r("array[", n) + "1" + r("]", n), "join": "select * from a" + r(" join a on true", n),
		"cross": "select * from a" + r(" cross join a", n), "natural": "select * from a" + r(" natural join a", n),
		"subquery": "select " + r("(select ", n) + "1" + r(")", n), "case": "select " + r("case when true then ", n) + "1" + r(" end", n),
		"case label": "select " + r("case when a.end then ", n) + "1" + r(" end", n),
		"case else":  "select " + r("case when true then 1 else ", n) + "1" + r(" end", n),
		"call":       "select " + r("f(", n) + "1" + r(")", n), "call2": "select " + r("f(1, ", n) + "1" + r(")", n),
		"collate": "select a" + r(` collate "C"`, n), "zone": "select a" + r(" at time zone 'x'", n),
		"row": "select " + r("row(", n) + "1" + r(")", n), "from": "select * from " + r("(select * from ", n) + "a" + r(") x", n),
		"with": r("with a as (", n) + "select 1" + r(") select 1", n), "in": "select 1" + r(" in (1)", n),
		"isnull": "select 1" + r(" is null", n), "notnull": "select 1" + r(" notnull", n), "concat": "select 'a'" + r("||'a'", n),
		"not paren": "select " + r("not (", n) + "true" + r(")", n), "selects": r("(", n) + "select 1" + r(")", n),
		"operator": "select 1" + r(" operator(pg_catalog.+) 1", n), "tilde": "select " + r("~ ", n) + "1",
		"json": "select a" + r("->'a'", n), "compare": "select " + r("(1 = ", n) + "1" + r(")", n),
		"between": "select 1" + r(" between 1 and 1", n), "like": "select a" + r(" like a escape a", n),
		"is distinct": "select a" + r(" is distinct from (a", n) + r(")", n), "mixed": "select " + r("(case when not -1 = (select 1 + ", n) + "1" + r(") then 1 end)", n),
		"subscripts": "select " + r("a[", n) + "1" + r("]", n), "exists": "select " + r("exists (select ", n) + "1" + r(")", n),
		"lateral": "select * from a" + r(", lateral (select * from a", n) + r(") x", n),
		"any":     "select " + r("1 = any (array[", n) + "1" + r("])", n), "filter": "select " + r("f(a) filter (where ", n) + "1" + r(")", n),
		"unclosed": "select " + r("(", n), "unclosed case": "select " + r("case ", n), "closed": "select " + r(")", n),
	}
}

// harmless grow without deepening the tree.
func harmless(n int) map[string]string {
	r := strings.Repeat
	return map[string]string{
		"and": "select true" + r(" and true", n), "or": "select a" + r(" or a = 1", n), "commas": "select 1" + r(",1", n),
		"list": "select 1 in (1" + r(",1", n) + ")", "comments": "select " + r("/*", n) + r("*/", n) + "1",
		"continued": "select 'a'" + r("\n'a'", n), "escaped": "select e'" + r(`\'`, n) + "'", "dollar": "select $a$" + r("$b$", n) + "$a$",
		"values": "values (1)" + r(",(1)", n), "rows": "select (a = 1)" + r(" or (a = 1 and b = 2)", n),
		"unicode": `select u&'` + r(`\0061`, n) + "'", "names": `select "` + r(`""`, n) + `"`,
		"case": "select case" + r(" when a = 1 then 1", n) + " end", "from": "select * from a" + r(", a", n),
	}
}

func TestKillersAreRefused(t *testing.T) {
	for name, sql := range killers(50_000) {
		_, err := Parse(sql)
		require.Error(t, err, name)
		require.Contains(t, []string{sqlerr.StatementTooComplex, sqlerr.SyntaxError}, sqlerr.Code(err), name)
	}
}

// TestDeepestAllowed parses what is just below the limit, whose depth the C parser must bear.
func TestDeepestAllowed(t *testing.T) {
	passed := 0
	for name := range killers(1) {
		for n := MaxDepth; n > 0; n-- {
			sql := killers(n)[name]
			if check(sql) != nil {
				n -= n / 20
				continue
			}
			if _, err := Parse(sql); err == nil {
				passed++
			} else {
				require.NotEqual(t, sqlerr.StatementTooComplex, sqlerr.Code(err), "%s at %d: %v", name, n, err)
			}
			break
		}
	}
	require.Greater(t, passed, 25)
}

func TestLongButFlatIsAllowed(t *testing.T) {
	for name, sql := range harmless(10_000) {
		_, err := Parse(sql)
		require.NoError(t, err, name)
	}
}

func TestBytesAreBounded(t *testing.T) {
	_, err := Parse("select '" + strings.Repeat("x", MaxBytes) + "'")
	require.True(t, sqlerr.Is(err, sqlerr.StatementTooComplex))
	_, err = Parse("select '\xff'")
	require.True(t, sqlerr.Is(err, sqlerr.CharacterNotInRepertoire))
	_, err = Parse("select '\x00'")
	require.True(t, sqlerr.Is(err, sqlerr.CharacterNotInRepertoire))
}

// FuzzParse: no text may kill the process, and positions must lie in the text.
func FuzzParse(f *testing.F) {
	for _, sql := range killers(3) {
		f.Add(sql)
	}
	for _, sql := range harmless(3) {
		f.Add(sql)
	}
	f.Add("select j ? 'a', ?, $1 from t where a ?? b")
	f.Fuzz(func(t *testing.T, sql string) {
		stmts, err := ParseScript(sql)
		var e *sqlerr.Error
		if err != nil && (!errors.As(err, &e) || e.Position > len([]rune(sql))+1) {
			t.Fatalf("error without SQLSTATE or with a position outside: %v", err)
		}
		for _, s := range stmts {
			if s.Start < 0 || s.End > len(sql) || s.Start > s.End {
				t.Fatalf("statement at %d to %d of %d", s.Start, s.End, len(sql))
			}
			_ = s.Command()
			_ = s.Tag()
			_ = s.Position(FirstLocation(s.Root))
		}
	})
}
