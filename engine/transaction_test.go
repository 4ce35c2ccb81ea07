package engine

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func TestTransactionBlocks(t *testing.T) {
	_, s := open(t, Config{})
	zone := func() string { return mustRows(t, s, "SHOW timezone")[0] }

	mustRows(t, s, "BEGIN")
	mustRows(t, s, "BEGIN") // PostgreSQL warns
	began := mustRows(t, s, "SELECT now()")
	time.Sleep(2 * time.Millisecond)
	require.Equal(t, began, mustRows(t, s, "SELECT now()"), "a transaction's time stands still")
	mustRows(t, s, "SET timezone = 'Asia/Tokyo'")
	mustRows(t, s, "SAVEPOINT a")
	mustRows(t, s, "SET LOCAL timezone = 'Europe/Berlin'")
	require.Equal(t, "Europe/Berlin", zone())
	mustRows(t, s, "ROLLBACK TO a")
	require.Equal(t, "Asia/Tokyo", zone())
	mustRows(t, s, "SET LOCAL timezone = 'Europe/Berlin'")
	mustRows(t, s, "RELEASE SAVEPOINT a")
	require.Equal(t, "Europe/Berlin", zone())
	mustRows(t, s, "COMMIT")
	require.Equal(t, "Asia/Tokyo", zone(), "COMMIT ends SET LOCAL and keeps SET")
	require.NotEqual(t, began, mustRows(t, s, "SELECT now()"))

	mustRows(t, s, "START TRANSACTION READ ONLY, ISOLATION LEVEL READ COMMITTED, NOT DEFERRABLE")
	mustRows(t, s, "SET timezone = 'UTC'")
	mustRows(t, s, "SET LOCAL search_path = 'skein.shop'")
	require.Equal(t, []string{"3"}, mustRows(t, s, "SELECT count(*) FROM numbers"))
	mustRows(t, s, "ROLLBACK AND CHAIN")
	require.Equal(t, "Asia/Tokyo", zone(), "ROLLBACK takes SET back")
	require.Equal(t, []string{""}, mustRows(t, s, "SHOW search_path"))
	mustRows(t, s, "SET LOCAL timezone = 'UTC'")
	mustRows(t, s, "SET LOCAL timezone TO DEFAULT")
	require.Equal(t, "UTC", zone())
	mustRows(t, s, "END")
	require.Equal(t, "Asia/Tokyo", zone())

	mustRows(t, s, "SET LOCAL timezone = 'Europe/Berlin'")
	require.Equal(t, "Asia/Tokyo", zone(), "outside of a block SET LOCAL has no effect")
	for _, sql := range []string{
		"COMMIT", "ROLLBACK", "SET TRANSACTION READ ONLY", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
		"SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "SET default_transaction_isolation = 'read committed'",
	} {
		require.Empty(t, mustRows(t, s, sql), sql)
	}
	require.Equal(t, []string{"read committed"}, mustRows(t, s, "SHOW TRANSACTION ISOLATION LEVEL"))
	for sql, code := range map[string]string{
		"SAVEPOINT a": "25P01", "ROLLBACK TO a": "25P01", "RELEASE a": "25P01", "BEGIN READ WRITE": "0A000",
		"BEGIN ISOLATION LEVEL SERIALIZABLE": "0A000", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ": "0A000",
		"SET default_transaction_isolation = 'serializable'": "22023", "PREPARE TRANSACTION 'x'": "0A000",
		"SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE": "0A000",
		"SET TRANSACTION SNAPSHOT 'x'":                          "0A000",
	} {
		require.Equal(t, code, codeOf(s, sql), sql)
	}
}

func TestAnErrorAbortsTheBlock(t *testing.T) {
	_, s := open(t, Config{})
	for _, failure := range []struct{ sql, code string }{
		{"INSERT INTO t VALUES (1)", "25006"},
		{"CREATE TABLE t AS SELECT 1", "25006"},
		{"SELECT 1 AS a INTO t", "25006"},
		{"SELEC 1", "42601"},
		{"SELECT nope", "42703"},
		{"SELECT 1 / x FROM generate_series(0, 0) x", "22012"},
		{"SET timezone = 'Mars'", "22023"},
		{"ROLLBACK TO nowhere", "3B001"},
		{"DISCARD ALL", "25001"},
		{"EXECUTE nothing", "26000"},
	} {
		mustRows(t, s, "SELECT 1") // its plan is cached
		mustRows(t, s, "BEGIN")
		mustRows(t, s, "SET timezone = 'Asia/Tokyo'")
		mustRows(t, s, "SAVEPOINT here")
		require.Equal(t, failure.code, codeOf(s, failure.sql), failure.sql)
		for _, sql := range []string{"SELECT 1", "SHOW timezone", "BEGIN", "SAVEPOINT b", "SELECT 12345"} {
			require.Equal(t, "25P02", codeOf(s, sql), "%s after %s", sql, failure.sql)
		}
		mustRows(t, s, "ROLLBACK TO here")
		require.Equal(t, []string{"1"}, mustRows(t, s, "SELECT 1"))
		require.Equal(t, failure.code, codeOf(s, failure.sql))
		mustRows(t, s, "COMMIT")
		require.Equal(t, []string{"UTC"}, mustRows(t, s, "SHOW timezone"), "an aborted block rolls back")
		require.NotEmpty(t, codeOf(s, "SELECT nope"), "outside of a block an error is that statement's alone")
		require.Equal(t, []string{"1"}, mustRows(t, s, "SELECT 1"))
	}
}

func TestPrepareExecuteDeallocate(t *testing.T) {
	_, s := open(t, Config{})
	mustRows(t, s, "PREPARE add(int, numeric) AS SELECT $1 + 1 AS a, ($2 * 2)::text AS b")
	require.Equal(t, []string{"3|5.0"}, mustRows(t, s, "EXECUTE add(2, 2.5)"))
	mustRows(t, s, "PREPARE inferred AS SELECT n FROM shop.numbers WHERE n >= $1 ORDER BY n")
	require.Equal(t, []string{"2", "3"}, mustRows(t, s, "EXECUTE inferred(1 + 1)"))
	require.Empty(t, mustRows(t, s, "EXECUTE inferred(NULL)"))
	mustRows(t, s, "PREPARE unused(int, text) AS SELECT $2 || '!' AS t")
	require.Equal(t, []string{"x!"}, mustRows(t, s, "EXECUTE unused(1, 'x')"))
	mustRows(t, s, "PREPARE zoned AS SELECT (timestamptz '2024-07-01 00:00Z')::text")
	require.Equal(t, []string{"2024-07-01 00:00:00+00"}, mustRows(t, s, "EXECUTE zoned"))
	mustRows(t, s, "SET timezone = 'Asia/Tokyo'")
	require.Equal(t, []string{"2024-07-01 09:00:00+09"}, mustRows(t, s, "EXECUTE zoned"), "planned again for the session as it is")
	mustRows(t, s, `PREPARE "q" AS VALUES (1)`)

	for sql, code := range map[string]string{
		"PREPARE add AS SELECT 1":                        sqlerr.DuplicatePrepared,
		"EXECUTE missing":                                sqlerr.InvalidStatementName,
		"DEALLOCATE missing":                             sqlerr.InvalidStatementName,
		"EXECUTE add(1)":                                 sqlerr.SyntaxError,
		"EXECUTE add(1, 2, 3)":                           sqlerr.SyntaxError,
		"EXECUTE add('x', 1)":                            sqlerr.InvalidText,
		"EXECUTE add('1'::text, 1)":                      sqlerr.DatatypeMismatch,
		"EXECUTE add(date '2024-01-01', 1)":              sqlerr.DatatypeMismatch,
		"EXECUTE add((SELECT 1), 1)":                     sqlerr.FeatureNotSupported,
		"EXECUTE add(count(*), 1)":                       sqlerr.FeatureNotSupported,
		"EXECUTE add(n, 1)":                              sqlerr.UndefinedColumn,
		"EXECUTE add($1, 1)":                             sqlerr.FeatureNotSupported,
		"EXECUTE add(99999999999, 1)":                    sqlerr.NumericOutOfRange,
		"PREPARE bad AS SELECT nope":                     sqlerr.UndefinedColumn,
		"PREPARE bad AS INSERT INTO t VALUES (1)":        sqlerr.ReadOnlyTransaction,
		"PREPARE bad(nosuchtype) AS SELECT $1":           sqlerr.UndefinedObject,
		"PREPARE bad AS SELECT $1 || $2 FROM nope.x.y z": sqlerr.UndefinedTable,
	} {
		require.Equal(t, code, codeOf(s, sql), sql)
	}

	mustRows(t, s, "DEALLOCATE add")
	require.Equal(t, sqlerr.InvalidStatementName, codeOf(s, "EXECUTE add(1, 2)"))
	mustRows(t, s, "DISCARD PLANS")
	require.Equal(t, []string{"Asia/Tokyo"}, mustRows(t, s, "SHOW timezone"), "DISCARD PLANS leaves the settings")
	mustRows(t, s, "DEALLOCATE ALL")
	require.Equal(t, sqlerr.InvalidStatementName, codeOf(s, "EXECUTE inferred(1)"))
	mustRows(t, s, "PREPARE again AS SELECT 1")
	mustRows(t, s, "DISCARD ALL")
	require.Equal(t, sqlerr.InvalidStatementName, codeOf(s, "EXECUTE again"))

	other, err := s.engine.NewSession(s.identity)
	require.NoError(t, err)
	mustRows(t, other, "PREPARE mine AS SELECT 1")
	require.Equal(t, sqlerr.InvalidStatementName, codeOf(s, "EXECUTE mine"), "they belong to a session")
	st, err := other.Prepare(context.Background(), "EXECUTE mine")
	require.NoError(t, err)
	require.True(t, st.HasEffects(), "it runs in its session alone")
	require.True(t, st.ReturnsRows())
}
