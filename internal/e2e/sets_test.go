package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// setsSchema is what the statements of testdata/sets read: arrays that are empty, NULL and of NULLs, documents of every
// kind, composites, and numbers in ties.
const setsSchema = `
CREATE TYPE pair AS (a int, b text);
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (id int PRIMARY KEY, g text, n int, a int[], s text[], p pair[], j json, jb jsonb, d numeric(10,2), ts timestamp);
INSERT INTO t VALUES
	(1, 'x', 3, '{1,2,3}', '{p,q}', ARRAY[(1,'one')::pair, (2,NULL)::pair], '[1, "two", null, {"a": 3}, [4]]', '[1, "two", null, {"a": 3}, [4]]', 1.50, '2024-01-30 12:00'),
	(2, 'x', 0, '{}', '{}', '{}', '{"k": 1, "l": "x", "k": {"m": null}}', '{"k": 1, "l": "x", "k": {"m": null}}', -2.25, '2024-02-29'),
	(3, 'y', 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(4, 'y', NULL, '{NULL,5}', '{NULL,""}', ARRAY[NULL, (3,'three')::pair], '[]', '[]', 0, '2024-12-31 23:59:59'),
	(5, NULL, 1, '{7}', '{z}', ARRAY[ROW(NULL,NULL)::pair], '{}', '{}', 100, '1999-12-31'),
	(6, 'z', -1, '{3,1,2,1}', '{"a b","c,d"}', NULL, '[{"a": 1, "b": "x"}, {"b": "y", "c": [1,2]}]', '[{"a": 1, "b": "x"}, {"b": "y", "c": [1,2]}]', 7.77, '2000-02-28');
CREATE TABLE r (id int PRIMARY KEY, parent int, name text, w numeric);
INSERT INTO r VALUES (1, NULL, 'root', 1), (2, 1, 'a', 1.5), (3, 1, 'b', 2), (4, 2, 'c', 0.25), (5, 4, 'd', NULL), (6, 3, 'e', 3), (7, NULL, 'other', 4);
CREATE TABLE e (src int, dst int);
INSERT INTO e VALUES (1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 4), (6, 7);
CREATE TABLE empty (LIKE t);
`

// TestSets compares set-returning functions, recursion and what stands around them with PostgreSQL, over batches of every
// size and several workers. Each file of testdata/sets has a statement a line.
func TestSets(t *testing.T) {
	r := newRival(t, setsSchema)
	files, err := os.ReadDir("testdata/sets")
	require.NoError(t, err)
	only := os.Getenv("SKEIN_SETS")
	for _, f := range files {
		t.Run(strings.TrimSuffix(f.Name(), ".sql"), func(t *testing.T) {
			text, err := os.ReadFile("testdata/sets/" + f.Name())
			require.NoError(t, err)
			statements := slices.DeleteFunc(statementsOf(string(text)), func(sql string) bool { return !strings.Contains(sql, only) })
			r.compareAll(t, statements, 3, len(r.settings)/2) // once without pushdown and once with it
		})
	}
}
