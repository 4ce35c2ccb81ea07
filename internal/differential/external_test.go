package differential_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/differential"
	"github.com/skeinsql/skein/internal/fixture"
)

func TestSplit(t *testing.T) {
	require.Equal(t, []string{
		"SELECT 'a;b', \"c;d\", $$e;f$$, $x$g;$$$x$", "SELECT 1", "SELECT E'it\\';'", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "COPY t FROM stdin", "SELECT 2   + 1", "SELECT $1",
	}, differential.Split("SELECT 'a;b', \"c;d\", $$e;f$$, $x$g;$$$x$; -- no; end\n\\d t\nSELECT 1;SELECT E'it\\';';\nCREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\n"+
		"COPY t FROM stdin;\n1\t;2\n\\.\nSELECT 2 /* a /* nested; */ b */ + 1;\nSELECT $1"))
}

// TestExternal runs a script that makes its own table.
func TestExternal(t *testing.T) {
	x, err := differential.OpenExternal(t.Context(), fixture.PostgresURL(t), differential.ExternalOptions{Settings: map[string]string{"timezone": "PST8PDT"}})
	require.NoError(t, err)
	defer func() { require.NoError(t, x.Close(t.Context())) }()
	results, err := x.Run(t.Context(), "script", `CREATE TABLE t (a int, b text);
		INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y;');
		SELECT * FROM t ORDER BY a;
		SELECT nosuch FROM t;
		BEGIN; SELECT 1 / 0; SELECT 2; ROLLBACK;
		SELECT b FROM t LIMIT 1;
		SELECT clock_timestamp() FROM t;
		SELECT a FROM t TABLESAMPLE SYSTEM (100) ORDER BY 1;
		INSERT INTO t SELECT 4, 'z';
		SELECT count(*), sum(a) FROM t;
		SELEC 1; SELECT 1 FROM;
		CREATE TEMP TABLE u (b bytea) ON COMMIT DROP;
		COPY u FROM stdin;
\\x61
\\x
\.
		SELECT b, length(b) FROM u;
		SELECT timestamptz '2024-07-01 12:00+00';
		SET TimeZone = 'Asia/Tokyo'; SELECT timestamptz '2024-07-01 12:00+00', '2024-07-01'::timestamptz::text;
		CREATE SCHEMA s; SET search_path = s, public; CREATE TABLE t (c int); SELECT * FROM t, u;
		CREATE SEQUENCE q; SELECT nextval('q'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT f();
		\set three 3
		SELECT :three AS three, :'three' AS ":three" \gset p_
		\if :p_three
		SELECT 1; \elif true
		SELECT :p_three + 1;
		\endif
		WITH w AS (DELETE FROM u RETURNING b) SELECT * FROM w;
		SET intervalstyle = 'sql_standard'; SELECT interval '1 day'::text;
		\q
		SELECT 1 / 0;`)
	require.NoError(t, err)
	var verdicts []differential.Verdict
	for _, r := range results {
		verdicts = append(verdicts, r.Verdict)
	}
	require.Equal(t, slices.Concat(slices.Repeat([]differential.Verdict{differential.Identical}, 5), []differential.Verdict{differential.Unsupported},
		slices.Repeat([]differential.Verdict{differential.Identical}, 9)), verdicts, "%v", results)
	require.Contains(t, results[len(results)-2].Got, `[["4"]]`)
	require.Equal(t, map[string]int{"volatile or about the session": 2, "functions of its own": 1}, x.LeftOut())
}

// TestExternalRecords runs sqllogictest's records.
func TestExternalRecords(t *testing.T) {
	x, err := differential.OpenExternal(t.Context(), fixture.PostgresURL(t), differential.ExternalOptions{Fresh: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, x.Close(t.Context())) }()
	for range 2 {
		results, err := x.RunRecords(t.Context(), "records", `# a comment
statement ok
CREATE TABLE t (a int,
  b text)

statement ok
INSERT INTO t VALUES (1, 'x')

query IT rowsort
SELECT *
FROM t
----
1 x

onlyif mysql
query I
SELECT 1 DIV 1
----
1

skipif mysql
query I
SELECT 1 / 0
----
1

statement error pgcode 42703
SELECT c FROM t

halt

query I
SELECT 3
`)
		require.NoError(t, err)
		require.Len(t, results, 3)
		for _, r := range results {
			require.Equal(t, differential.Identical, r.Verdict, "%s", r)
		}
	}
}
