package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// copied is a table of another source and the same rows in PostgreSQL, which is asked for the answers.
type copied struct {
	from, key string
	columns   []string // "name type"
}

// TestOtherSourcesAnswerAsPostgreSQL runs filters, sorts and groups over MongoDB's and Parquet's extremes, pushed down
// and not, and on PostgreSQL over a copy of their rows.
func TestOtherSourcesAnswerAsPostgreSQL(t *testing.T) {
	h := openHouse(t)
	url := fixture.PostgresURL(t)
	conn := connect(t, url)
	db, err := skein.Open(t.Context(), append(h.sources(), skein.Setting("skein.numeric", "text"))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for name, c := range map[string]copied{
		"mongo":   {"pay." + h.db2 + ".extremes", "_id", []string{"i bigint", "f float8", "t text", "n numeric", "at timestamptz"}},
		"parquet": {"lake.main.extremes", "id", []string{"i bigint", "f float8", "t text", "b bytea", "n numeric(18,2)", "d date", "at timestamptz"}},
	} {
		t.Run(name, func(t *testing.T) {
			copyRows(t, conn, db, name, c)
			for _, sql := range c.statements() {
				want, err := postgres(t.Context(), conn, strings.ReplaceAll(sql, "FROM T", "FROM "+name))
				require.NoError(t, err, sql)
				for _, pushdown := range []string{"on", "off"} {
					got, err := ask(t.Context(), db, strings.ReplaceAll(sql, "FROM T", "FROM "+c.from), skein.With("skein.pushdown", pushdown))
					if err != nil {
						t.Errorf("%s (pushdown %s): %v; PostgreSQL: %.200q", sql, pushdown, err, want.rows)
					} else if d := textDifference(got, want); d != "" {
						t.Errorf("%s (pushdown %s): %s", sql, pushdown, d)
					}
				}
			}
		})
	}
}

// copyRows makes a table of PostgreSQL with the rows of another source, through text.
func copyRows(t *testing.T, conn *pgx.Conn, db *skein.DB, name string, c copied) {
	t.Helper()
	defs := append([]string{c.key + " int"}, c.columns...)
	_, err := conn.Exec(t.Context(), fmt.Sprintf("CREATE TABLE %s (%s)", name, strings.Join(defs, ", ")))
	require.NoError(t, err)
	var texts, casts []string
	for i, d := range defs {
		column, typ, _ := strings.Cut(d, " ")
		texts = append(texts, column+"::text")
		casts = append(casts, fmt.Sprintf("$%d::text::%s", i+1, typ))
	}
	a, err := ask(t.Context(), db, fmt.Sprintf("SELECT %s FROM %s", strings.Join(texts, ", "), c.from), skein.With("skein.pushdown", "off"))
	require.NoError(t, err)
	for _, row := range a.rows {
		values := make([]any, len(row))
		for i, v := range row {
			if v != null {
				values[i] = v
			}
		}
		_, err := conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s VALUES (%s)", name, strings.Join(casts, ", ")), values...)
		require.NoError(t, err)
	}
}

// statements compare each column with the constants for a column of its type.
func (c copied) statements() []string {
	constants := map[string]string{"bigint": "i8", "float8": "f8", "text": "t", "numeric": "n", "numeric(18,2)": "n15", "timestamptz": "tz", "bytea": "b", "date": "d"}
	var out []string
	for _, d := range c.columns {
		column, typ, _ := strings.Cut(d, " ")
		at := slices.IndexFunc(hardColumns, func(h hardColumn) bool { return h.name == constants[typ] })
		list := hardColumns[at].constants
		where := func(format string, args ...any) {
			out = append(out, fmt.Sprintf("SELECT %s FROM T WHERE ", c.key)+fmt.Sprintf(format, args...)+" ORDER BY 1")
		}
		where("%s IS NULL", column)
		where("%s IS NOT NULL", column)
		for i, k := range list {
			next := list[(i+1)%len(list)]
			for _, op := range []string{"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"} {
				where("%s %s %s", column, op, k)
				where("NOT (%s %s %s)", column, op, k)
			}
			where("%s IN (%s, %s)", column, k, next)
			where("%s NOT IN (%s, %s)", column, k, next)
			where("%s BETWEEN %s AND %s", column, k, next)
			where("%s = %s OR %s IS NULL", column, k, column)
			where("%s > %s AND %s < 5", column, k, c.key)
			where("(%s < %s) IS NOT TRUE", column, k)
		}
		if typ == "text" {
			for _, p := range []string{"''", "'%'", "'t%'", "'%  '", "'_n%'", `'%\\%'`, `'%\%\_%'`, "'Ü%'"} {
				where("%s LIKE %s", column, p)
				where("%s NOT LIKE %s", column, p)
			}
		}
		for _, order := range []string{"", " DESC", " NULLS FIRST", " DESC NULLS LAST"} {
			out = append(out, fmt.Sprintf("SELECT %s, %s::text AS x FROM T ORDER BY %s%s, 1", c.key, column, column, order),
				fmt.Sprintf("SELECT %s FROM T ORDER BY %s%s, 1 LIMIT 3", c.key, column, order))
		}
		out = append(out, fmt.Sprintf("SELECT %s::text AS x, count(*), min(%s) FROM T GROUP BY %s ORDER BY 3", column, c.key, column),
			fmt.Sprintf("SELECT min(%s)::text AS a, max(%s)::text AS b FROM T", replaceMin(typ, column), replaceMin(typ, column)),
			fmt.Sprintf("SELECT count(%s), count(DISTINCT %s), count(*) FROM T", column, column))
	}
	return out
}

// replaceMin is what min and max take: bytea has none in PostgreSQL 15.
func replaceMin(typ, column string) string {
	if typ == "bytea" {
		return "encode(" + column + ", 'hex')"
	}
	return column
}
