package differential_test

import (
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
	x, err := differential.OpenExternal(t.Context(), fixture.PostgresURL(t))
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
		SELEC 1; SELECT 1 FROM;`)
	require.NoError(t, err)
	var verdicts []differential.Verdict
	for _, r := range results {
		verdicts = append(verdicts, r.Verdict)
	}
	require.Equal(t, []differential.Verdict{
		differential.Identical, differential.Identical, differential.Identical, differential.Identical, differential.Identical, differential.Silent, differential.Unsupported, differential.Identical, differential.Identical,
	}, verdicts, "%v", results)
}
