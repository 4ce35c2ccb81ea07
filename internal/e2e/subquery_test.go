package e2e

import (
	_ "embed"
	"strings"
	"testing"
)

// subquerySchema is what the statements about subqueries and joins read: few values, so that rows meet, with NULLs and
// values that are equal and look different.
const subquerySchema = `
CREATE TABLE o (id int PRIMARY KEY, x int, y int, t text, n numeric, f double precision, tags int[]);
INSERT INTO o VALUES
	(1, 3, 2, 'a', 1.0, 0, '{1,2}'), (2, NULL, 2, 'b', 1.00, '-0', '{}'), (3, 3, NULL, 'a', 2.5, 1.5, NULL), (4, 7, 1, NULL, NULL, 2, '{3,NULL,7}'),
	(5, 1, 4, 'abc', 1, 'NaN', '{5}'), (6, 0, 0, '', 10, NULL, '{3,3}'), (7, 4, 3, 'b', 2.50, 1.5, '{NULL}'), (8, NULL, NULL, 'z', 'NaN', 3, '{1}');
CREATE TABLE s (id int PRIMARY KEY, oid int, x int, y int, t text, n numeric);
INSERT INTO s VALUES
	(1, 1, 3, 2, 'a', 1.000), (2, 1, 3, 5, 'b', 2), (3, 2, NULL, 2, 'a', NULL), (4, 3, 0, NULL, NULL, 1), (5, 3, 4, 3, 'ab', 2.5), (6, 4, 7, 1, 'c', 10.0),
	(7, 4, NULL, NULL, 'b', 'NaN'), (8, NULL, 3, 2, 'z', 5), (9, 5, 1, 4, '', 3), (10, 5, 1, 4, 'b', 4), (11, 5, 6, NULL, 'a', 4.0), (12, 9, 2, 2, 'q', 1);
CREATE TABLE u (id int NOT NULL, sid int, z int, t text);
INSERT INTO u VALUES
	(1, 1, 3, 'a'), (2, 1, 4, 'b'), (3, 2, NULL, 'c'), (4, 3, 2, 'a'), (4, 5, 3, 'd'), (6, NULL, 1, 'e'), (7, 7, 0, 'b'), (8, 9, 7, NULL), (9, 9, 1, 'x'), (10, 4, 5, 'z');
CREATE TABLE empty (id int, x int, y int);
`

//go:embed testdata/subqueries.sql
var subqueryStatements string

// statementsOf gives the statements of a text of one a line, without its comments.
func statementsOf(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return out
}

// TestSubqueriesAndJoins compares subqueries of every form, and joins, with PostgreSQL.
func TestSubqueriesAndJoins(t *testing.T) {
	newRival(t, subquerySchema).compareAll(t, statementsOf(subqueryStatements), 5, 6) // 6: with pushdown and without
}
