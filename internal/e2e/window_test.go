package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// windowSchema is what the statements about window functions read: ties, NULLs, the ends of types, NaN and infinities.
const windowSchema = `
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE w (
	id int PRIMARY KEY, g text, i2 smallint, i4 int, i8 bigint, n numeric, d numeric(10,2), f4 real, f8 double precision,
	b boolean, t text, c char(6), dt date, tm time, ts timestamp, tz timestamptz, iv interval, m mood, tags int[], k int
);
INSERT INTO w SELECT
	i,
	CASE WHEN i % 11 = 0 THEN NULL ELSE chr(97 + i % 4) END,
	CASE WHEN i % 13 = 0 THEN NULL WHEN i = 5 THEN 32767 WHEN i = 6 THEN -32768 ELSE i * 7 % 10 END,
	CASE WHEN i % 9 = 0 THEN NULL WHEN i = 7 THEN 2147483647 WHEN i = 8 THEN -2147483648 ELSE i * 5 % 12 - 4 END,
	CASE WHEN i % 10 = 0 THEN NULL WHEN i = 3 THEN 9223372036854775807 WHEN i = 4 THEN -9223372036854775808 ELSE i * 3 % 17 END,
	CASE WHEN i % 12 = 0 THEN NULL WHEN i = 9 THEN 'NaN' WHEN i = 14 THEN 'Infinity' WHEN i = 15 THEN '-Infinity'
		WHEN i % 3 = 0 THEN (i % 5)::numeric ELSE round((i % 5)::numeric + 0.5, i % 4 + 1) END,
	CASE WHEN i % 14 = 0 THEN NULL ELSE (i * 37 % 100)::numeric / 8 END,
	CASE WHEN i % 8 = 0 THEN NULL WHEN i = 17 THEN 'NaN' ELSE (i * 13 % 29) / 7.0 END,
	CASE WHEN i % 7 = 0 THEN NULL WHEN i = 18 THEN 'NaN' WHEN i = 19 THEN 'Infinity' WHEN i = 20 THEN '-Infinity' ELSE (i * 17 % 31) / 3.0 END,
	CASE WHEN i % 6 = 0 THEN NULL ELSE i % 4 < 2 END,
	CASE WHEN i % 15 = 0 THEN NULL ELSE repeat(chr(97 + i % 7), i % 3) END,
	CASE WHEN i % 16 = 0 THEN NULL ELSE chr(98 + i % 5) END,
	CASE WHEN i % 17 = 0 THEN NULL WHEN i = 21 THEN 'infinity' ELSE date '2024-01-25' + i * 3 % 11 END,
	CASE WHEN i % 18 = 0 THEN NULL ELSE time '22:00' + (i * 7 % 9) * interval '20 min' END,
	CASE WHEN i % 9 = 1 THEN NULL WHEN i = 22 THEN '-infinity' ELSE timestamp '2024-02-27 12:00' + (i * 5 % 13) * interval '7 hours' END,
	timestamptz '2024-03-30 12:00+00' + (i * 7 % 11) * interval '5 hours',
	CASE WHEN i % 10 = 3 THEN NULL ELSE (i % 4) * interval '1 month' + (i % 7) * interval '10 days' END,
	CASE WHEN i % 10 = 4 THEN NULL ELSE (ARRAY['sad', 'ok', 'happy'])[i % 3 + 1]::mood END,
	CASE WHEN i % 10 = 5 THEN NULL ELSE ARRAY[i % 2, i % 3] END,
	i * 7 % 6
FROM generate_series(1, 40) i;
CREATE TABLE empty (LIKE w);
`

// windowFrames are frame clauses over an order of one integer.
var windowFrames = []string{
	"", "ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
	"ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING", "ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING",
	"ROWS BETWEEN UNBOUNDED PRECEDING AND 3 FOLLOWING", "ROWS BETWEEN 1 PRECEDING AND 3 PRECEDING",
	"ROWS BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING", "ROWS 0 PRECEDING",
	"RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
	"RANGE CURRENT ROW", "RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING", "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING",
	"RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING", "RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING",
	"RANGE BETWEEN 1 FOLLOWING AND 4 FOLLOWING", "RANGE BETWEEN 2147483647 PRECEDING AND 2147483647 FOLLOWING",
	"GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "GROUPS 2 PRECEDING", "GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING",
	"GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING", "GROUPS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING",
	"ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
	"ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE GROUP", "ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE TIES",
	"RANGE BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW", "RANGE UNBOUNDED PRECEDING EXCLUDE GROUP",
	"GROUPS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE TIES", "GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP",
	"RANGE UNBOUNDED PRECEDING EXCLUDE NO OTHERS",
}

// framed are calls whose value depends on the frame. Several of one line share a specification.
var framedCalls = []string{
	"count(*) OVER x, count(i4) OVER x, sum(i4) OVER x, avg(i4) OVER x, sum(i2) OVER x, sum(i8) OVER x, avg(i8) OVER x",
	"sum(n) OVER x, avg(n) OVER x, max(n) OVER x, min(n) OVER x, sum(d) OVER x, avg(d) OVER x, max(d) OVER x",
	"sum(f4) OVER x, avg(f4) OVER x, sum(f8) OVER x, avg(f8) OVER x, min(f8) OVER x, max(f8) OVER x",
	"stddev(f8) OVER x, variance(i4) OVER x, var_pop(d) OVER x, stddev_samp(i2) OVER x, var_samp(n) OVER x",
	"corr(f4, i2) OVER x, regr_count(f8, i4) OVER x, covar_pop(i2, k) OVER x",
	"min(t) OVER x, max(t) OVER x, min(c) OVER x, max(m) OVER x, min(dt) OVER x, max(tm) OVER x, min(iv) OVER x, max(tz) OVER x",
	"bool_and(b) OVER x, bool_or(b) OVER x, bit_and(k) OVER x, bit_or(i2) OVER x, bit_xor(k) OVER x",
	"string_agg(t, ',') OVER x, array_agg(k) OVER x, string_agg(g, t) FILTER (WHERE k > 1) OVER x",
	"first_value(t) OVER x, last_value(n) OVER x, nth_value(id, 2) OVER x, nth_value(m, k + 1) OVER x, first_value(tags) OVER x",
	"count(*) FILTER (WHERE b) OVER x, sum(i4) FILTER (WHERE k <> 2) OVER x, avg(f8) FILTER (WHERE b) OVER x, " +
		"max(n) FILTER (WHERE k > 2) OVER x, bool_or(b) FILTER (WHERE k < 3) OVER x",
	"row_number() OVER x, rank() OVER x, lag(t) OVER x, sum(k) OVER x",
}

// windowStatements are those that must answer as PostgreSQL does. Order by id where more rows than one come out.
func windowStatements() []string {
	var out []string
	for i, calls := range framedCalls {
		alike := i == 0 || i == 5 || i == 6 // the order within peers does not show
		for j, frame := range windowFrames {
			order := "k, id"
			switch {
			case strings.HasPrefix(frame, "RANGE") && strings.ContainsAny(frame, "0123456789"):
				order = []string{"k", "k DESC", "id", "i2 NULLS FIRST", "i4 DESC"}[(i+j)%5]
				if !alike {
					order = []string{"id", "id DESC"}[j%2]
				}
			case (i+j)%3 == 0 && alike && !strings.HasPrefix(frame, "ROWS") && frame != "":
				order = "k"
			case strings.HasPrefix(frame, "GROUPS") && alike:
				order = "k DESC"
			}
			partition := []string{"", "PARTITION BY g ", "PARTITION BY k % 2, b ", "PARTITION BY tags "}[(i+2*j)%4]
			out = append(out, fmt.Sprintf("SELECT id, %s FROM w WINDOW x AS (%sORDER BY %s %s) ORDER BY id", calls, partition, order, frame))
		}
	}
	return append(out, windowByHand...)
}

var windowByHand = []string{
	// ranking
	"SELECT id, row_number() OVER (ORDER BY id), rank() OVER (ORDER BY k), dense_rank() OVER (ORDER BY k), percent_rank() OVER (ORDER BY k), cume_dist() OVER (ORDER BY k) FROM w ORDER BY id",
	"SELECT id, rank() OVER (PARTITION BY g ORDER BY k DESC), dense_rank() OVER (PARTITION BY g ORDER BY k DESC), percent_rank() OVER (PARTITION BY g ORDER BY k DESC), cume_dist() OVER (PARTITION BY g ORDER BY k DESC) FROM w ORDER BY id",
	"SELECT id, rank() OVER (), dense_rank() OVER (), percent_rank() OVER (), cume_dist() OVER () FROM w ORDER BY id",
	"SELECT id, ntile(3) OVER (ORDER BY id), ntile(7) OVER (PARTITION BY g ORDER BY id), ntile(100) OVER (ORDER BY id), ntile(1) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, ntile(CASE WHEN id > 4 THEN 3 END) OVER (ORDER BY id), ntile(NULL) OVER (ORDER BY id), ntile(k + 1) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT row_number() OVER (ORDER BY id) AS r, percent_rank() OVER (ORDER BY id) FROM w WHERE id = 1",
	"SELECT id, row_number() OVER w1, rank() OVER w2 FROM w WINDOW w1 AS (PARTITION BY g ORDER BY id), w2 AS (PARTITION BY g ORDER BY k) ORDER BY id",
	"SELECT id, rank() OVER (ORDER BY f8), rank() OVER (ORDER BY n), rank() OVER (ORDER BY c), rank() OVER (ORDER BY m DESC NULLS LAST), rank() OVER (ORDER BY iv), rank() OVER (ORDER BY ts NULLS FIRST) FROM w ORDER BY id",
	"SELECT id, rank() OVER (PARTITION BY f8 ORDER BY id), rank() OVER (PARTITION BY n ORDER BY id), rank() OVER (PARTITION BY c ORDER BY id), rank() OVER (PARTITION BY iv ORDER BY id) FROM w ORDER BY id",
	// lag and lead
	"SELECT id, lag(t) OVER (ORDER BY id), lead(t) OVER (ORDER BY id), lag(n, 2) OVER (ORDER BY id), lead(d, 3) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, lag(id, 1, 0) OVER (ORDER BY id), lead(id, 2, -1) OVER (PARTITION BY g ORDER BY id), lag(t, 1, 'none') OVER (ORDER BY id), lag(id, 0) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, lag(id, -1) OVER (ORDER BY id), lead(id, -2, 99) OVER (ORDER BY id), lag(id, k) OVER (ORDER BY id), lag(id, i2) OVER (ORDER BY id) FROM (SELECT id, k, i2::int FROM w) w ORDER BY id",
	"SELECT id, lag(id, NULL) OVER (ORDER BY id), lead(id, NULL, 5) OVER (ORDER BY id), lag(id, CASE WHEN k > 2 THEN 1 END, 7) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, lag(id, 1, 2.5) OVER (ORDER BY id), lag(i2, 1, id) OVER (ORDER BY id), lag(d, 1, id) OVER (ORDER BY id), lag(id, 1, d) OVER (ORDER BY id), lag(f4, 1, f8) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, lag(dt, 1, ts) OVER (ORDER BY id), lag(c, 1, t) OVER (ORDER BY id), lag(NULL::int, 1, k) OVER (ORDER BY id), lead(b, 1, true) OVER (ORDER BY id), lead(iv, 1, '1 day') OVER (ORDER BY id), lag(tags) OVER (ORDER BY id), lag(m, 2, 'ok') OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, lag(id, 2147483647) OVER (ORDER BY id), lag(id, -2147483648, -1) OVER (ORDER BY id), lag('x') OVER (ORDER BY id), lag('x', 1, 'y') OVER (ORDER BY id) FROM w ORDER BY id",
	// values
	"SELECT id, first_value(id) OVER (), last_value(k) OVER (PARTITION BY k), nth_value(g, 3) OVER (PARTITION BY g) FROM (SELECT * FROM w ORDER BY id) w WHERE k = 1 AND id < 7 ORDER BY id",
	"SELECT id, nth_value(id, 1) OVER (ORDER BY id), nth_value(id, NULL) OVER (ORDER BY id), nth_value(id, 50) OVER (ORDER BY id), nth_value(id, 2147483647) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, first_value(t) OVER x, last_value(t) OVER x, nth_value(t, 2) OVER x FROM w WINDOW x AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW) ORDER BY id",
	// named windows
	"SELECT id, sum(k) OVER (x ORDER BY id), sum(k) OVER x, sum(k) OVER (x ORDER BY id ROWS 1 PRECEDING) FROM w WINDOW x AS (PARTITION BY g) ORDER BY id",
	"SELECT id, count(*) OVER y, sum(k) OVER z FROM w WINDOW x AS (PARTITION BY b), y AS (x ORDER BY id), z AS (y ROWS 2 PRECEDING) ORDER BY id",
	"SELECT id, sum(k) OVER x FROM w WINDOW x AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), unused AS (ORDER BY t) ORDER BY id",
	// over groups and in expressions
	"SELECT g, sum(k), sum(sum(k)) OVER (), sum(count(*)) OVER (ORDER BY g), rank() OVER (ORDER BY sum(k) DESC, g) FROM w GROUP BY g ORDER BY g",
	"SELECT g, b, count(*), sum(count(*)) OVER (PARTITION BY g), 100.0 * count(*) / sum(count(*)) OVER () FROM w GROUP BY g, b ORDER BY g, b",
	"SELECT g, b, sum(k), rank() OVER (PARTITION BY grouping(g, b) ORDER BY sum(k), g, b) FROM w GROUP BY ROLLUP (g, b) ORDER BY 1, 2, 3, 4",
	"SELECT id, k - lag(k, 1, 0) OVER (ORDER BY id) AS diff, CASE WHEN rank() OVER (ORDER BY k) > 10 THEN 'late' ELSE 'early' END, coalesce(lag(t) OVER (ORDER BY id), '-') || t FROM w ORDER BY id",
	"SELECT id FROM w ORDER BY row_number() OVER (ORDER BY id DESC)",
	"SELECT id, k FROM w ORDER BY sum(k) OVER (PARTITION BY g) DESC, rank() OVER (ORDER BY id)",
	"SELECT DISTINCT g, count(*) OVER (PARTITION BY g) FROM w ORDER BY g",
	"SELECT DISTINCT ON (g) g, id FROM w ORDER BY g, id DESC",
	"SELECT DISTINCT ON (k, b) k, b, id, t FROM w ORDER BY k, b DESC, id",
	"SELECT DISTINCT ON (g) g, id, rank() OVER (ORDER BY id) FROM w ORDER BY g, id DESC LIMIT 3",
	"SELECT DISTINCT ON (k % 2) k % 2, first_value(id) OVER (ORDER BY id DESC) FROM w ORDER BY 1",
	"SELECT * FROM (SELECT id, g, row_number() OVER (PARTITION BY g ORDER BY id DESC) AS r FROM w) s WHERE r <= 2 ORDER BY g, r",
	"SELECT s.id FROM (SELECT id, rank() OVER (ORDER BY k) r FROM w) s JOIN (SELECT id, rank() OVER (ORDER BY k DESC) r FROM w) u USING (id) WHERE s.r < u.r ORDER BY 1",
	"SELECT id, row_number() OVER (ORDER BY id) FROM w ORDER BY id DESC LIMIT 3 OFFSET 2",
	"SELECT id, (SELECT max(k) FROM w) - sum(k) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT id, sum((SELECT count(*) FROM w)) OVER (ORDER BY id) FROM w ORDER BY id",
	"SELECT count(*) OVER (), sum(1) OVER (), row_number() OVER ()",
	"SELECT count(*) OVER () FROM w LIMIT 1",
	"SELECT row_number() OVER () FROM empty",
	"SELECT sum(k) OVER (ORDER BY id), lag(id, 1, 0) OVER (ORDER BY id), ntile(0) OVER () FROM empty",
	"SELECT id, count(*) OVER (PARTITION BY 1), count(*) OVER (ORDER BY 1), rank() OVER (ORDER BY 'x') FROM w ORDER BY id",
	"SELECT id, sum(k) OVER (ORDER BY g, id), sum(k) OVER (PARTITION BY lower(g) ORDER BY k * 2, id) FROM w ORDER BY id",
	"SELECT id, abs(sum(k) OVER (ORDER BY id ROWS 1 + 1 PRECEDING)), sum(k) OVER (ORDER BY id ROWS '1' PRECEDING), sum(k) OVER (ORDER BY id ROWS 1.5 PRECEDING) FROM w ORDER BY id",
	"SELECT id, sum(k) OVER (ORDER BY id) + sum(k) OVER (ORDER BY id DESC) AS s, row_number() OVER (ORDER BY id) * 2 FROM w ORDER BY id",
	"WITH r AS (SELECT g, id, row_number() OVER (PARTITION BY g ORDER BY id) n FROM w) SELECT a.g, a.id, b.id FROM r a JOIN r b ON a.g = b.g AND a.n = b.n + 1 ORDER BY 1, 2",
	"SELECT id, r FROM (SELECT id, rank() OVER (ORDER BY k) FROM w UNION ALL SELECT id, rank() OVER (ORDER BY id) FROM w) u(id, r) ORDER BY 1, 2",
	"SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY g) FROM w) s",
	"SELECT id FROM w WHERE id IN (SELECT max(id) OVER (PARTITION BY k) FROM w) ORDER BY id",
	"SELECT id, rank() OVER (ORDER BY k) IN (SELECT 1) FROM w ORDER BY id",
	"SELECT id, row_number() OVER (ORDER BY id) = (SELECT min(id) FROM w) FROM w ORDER BY id",
	"SELECT k, (SELECT max(r) FROM (SELECT rank() OVER (ORDER BY b.id) r FROM w b WHERE b.k = a.k) s) FROM (SELECT DISTINCT k FROM w) a ORDER BY k",
	"SELECT id FROM w a WHERE EXISTS (SELECT row_number() OVER () FROM w b WHERE b.id = a.id + 30) ORDER BY id",
	"SELECT count(*), sum(r) FROM (SELECT rank() OVER (PARTITION BY g ORDER BY k) FROM w) s(r)",
	"SELECT id, CASE WHEN id IN (SELECT 3) THEN sum(k) OVER (ORDER BY id) END, lag(id) OVER (ORDER BY id) IN (SELECT k FROM w) FROM w ORDER BY id",
	"SELECT id, rank() OVER (ORDER BY k) = ANY (SELECT k FROM w), exists(SELECT 1) AND row_number() OVER (ORDER BY id) > 5 FROM w ORDER BY id",
	"SELECT x, sum(x) OVER (ORDER BY x), avg(x) OVER (ORDER BY x ROWS 1 PRECEDING), max(x) OVER (ORDER BY x) FROM (VALUES (1.5), (2), (NULL), (2.50)) v(x) WHERE x <> 2.5 OR x IS NULL ORDER BY x",
	"SELECT i, first_value(i) OVER w, last_value(i) OVER w FROM generate_series(1, 6) i WINDOW w AS (ORDER BY i / 3 GROUPS 1 PRECEDING EXCLUDE TIES) ORDER BY i",
	"SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING), sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM w ORDER BY id FETCH FIRST 5 ROWS ONLY",
	"SELECT g, array_agg(id) FROM (SELECT id, g, row_number() OVER (PARTITION BY g ORDER BY id) r FROM w) s WHERE r = 1 GROUP BY g ORDER BY g",
	"SELECT rank() OVER (ORDER BY count(*) DESC) AS r, count(*) AS n FROM w WHERE k > 1 GROUP BY k ORDER BY r, n",
	"SELECT sum(x) OVER (ORDER BY o), stddev_pop(x) OVER (ORDER BY o), sum(x) OVER (ORDER BY o ROWS 1 PRECEDING) FROM (VALUES (1, 1e308::float8), (2, 1), (3, -1e308), (4, 1e-5)) v(o, x) ORDER BY o",
	"SELECT sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM (VALUES (1e308::float8), (1.5e308)) v(x)",
	// frames by value over each type
	"SELECT id, count(*) OVER (ORDER BY i2 RANGE BETWEEN 3::smallint PRECEDING AND 3::bigint FOLLOWING), count(*) OVER (ORDER BY i2 DESC RANGE BETWEEN 70000 PRECEDING AND 2 FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY i8 RANGE BETWEEN 5 PRECEDING AND 9223372036854775807 FOLLOWING), count(*) OVER (ORDER BY i8 DESC NULLS LAST RANGE BETWEEN 9223372036854775807 PRECEDING AND 5 FOLLOWING), count(*) OVER (ORDER BY i8 RANGE BETWEEN 2 FOLLOWING AND 5 FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY n RANGE BETWEEN 1.5 PRECEDING AND 0.25 FOLLOWING), count(*) OVER (ORDER BY n DESC RANGE BETWEEN 'Infinity' PRECEDING AND 1 FOLLOWING), count(*) OVER (ORDER BY n NULLS FIRST RANGE BETWEEN 1 FOLLOWING AND 'Infinity' FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY d RANGE BETWEEN 3 PRECEDING AND 0.5 FOLLOWING), sum(d) OVER (ORDER BY d DESC RANGE 2.5 PRECEDING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY f8 RANGE BETWEEN 1.5 PRECEDING AND 2 FOLLOWING), count(*) OVER (ORDER BY f8 DESC RANGE BETWEEN 'Infinity' PRECEDING AND 'Infinity' FOLLOWING), count(*) OVER (ORDER BY f8 RANGE BETWEEN 'Infinity' FOLLOWING AND 'Infinity' FOLLOWING), count(*) OVER (ORDER BY f8 RANGE BETWEEN 'Infinity' PRECEDING AND 'Infinity' PRECEDING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY f4 RANGE BETWEEN 0.5 PRECEDING AND 1 FOLLOWING), count(*) OVER (ORDER BY f4 DESC NULLS LAST RANGE BETWEEN 1 FOLLOWING AND 2 FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY dt RANGE BETWEEN '2 days' PRECEDING AND interval '1 day' FOLLOWING), count(*) OVER (ORDER BY dt DESC RANGE BETWEEN '1 month' PRECEDING AND '36 hours' FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY ts RANGE BETWEEN '1 day' PRECEDING AND '7 hours' FOLLOWING), count(*) OVER (ORDER BY ts DESC NULLS LAST RANGE BETWEEN '7 hours' FOLLOWING AND '1 month' FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY tz RANGE BETWEEN '10 hours' PRECEDING AND '1 day' FOLLOWING), max(id) OVER (ORDER BY tz RANGE '1 day' PRECEDING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY tm RANGE BETWEEN '40 min' PRECEDING AND '2 hours' FOLLOWING), count(*) OVER (ORDER BY tm DESC RANGE BETWEEN '1 day 20 min' PRECEDING AND CURRENT ROW) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY iv RANGE BETWEEN '10 days' PRECEDING AND '1 month' FOLLOWING), count(*) OVER (ORDER BY iv DESC RANGE BETWEEN '20 days' FOLLOWING AND UNBOUNDED FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (ORDER BY i4 NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING), count(*) OVER (ORDER BY i4 DESC NULLS FIRST RANGE BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING), count(*) OVER (ORDER BY i4 RANGE BETWEEN CURRENT ROW AND 0 FOLLOWING) FROM w ORDER BY id",
	"SELECT id, count(*) OVER (PARTITION BY g ORDER BY n RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES), first_value(id) OVER (PARTITION BY g ORDER BY id RANGE 4 PRECEDING) FROM w ORDER BY id",
	// errors of the data
	"SELECT ntile(0) OVER () FROM w", "SELECT ntile(-k) OVER (ORDER BY id) FROM w", "SELECT nth_value(id, 0) OVER () FROM w", "SELECT nth_value(id, -1) OVER () FROM empty",
	"SELECT sum(k) OVER (ORDER BY id ROWS -1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND -1 FOLLOWING) FROM empty",
	"SELECT sum(k) OVER (ORDER BY id ROWS NULL PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE NULL::int PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id GROUPS BETWEEN CURRENT ROW AND NULL FOLLOWING) FROM w",
	"SELECT sum(k) OVER (ORDER BY id RANGE -1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND -1 FOLLOWING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE -1 PRECEDING) FROM empty",
	"SELECT sum(k) OVER (ORDER BY f8 RANGE 'NaN' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY n RANGE 'NaN' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY n RANGE '-Infinity' PRECEDING) FROM w",
	"SELECT sum(k) OVER (ORDER BY ts RANGE '-1 day' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY tm RANGE '-1 min' PRECEDING) FROM w", "SELECT id, sum(k) OVER (ORDER BY tm RANGE '-1 day' PRECEDING) FROM w ORDER BY id",
	"SELECT row_number() OVER (ORDER BY id GROUPS -1 PRECEDING) FROM w", "SELECT id, row_number() OVER (ORDER BY id RANGE -1 PRECEDING) FROM w ORDER BY id",
	"SELECT sum(1 / (k - 1)) OVER () FROM w",
	// refused
	"SELECT row_number() FROM w", "SELECT id FROM w WHERE row_number() OVER () = 1", "SELECT g FROM w GROUP BY g HAVING rank() OVER () = 1", "SELECT 1 FROM w GROUP BY row_number() OVER ()",
	"SELECT rank() OVER () AS r FROM w GROUP BY r", "SELECT * FROM w a JOIN w b ON row_number() OVER () = a.id", "SELECT sum(row_number() OVER ()) FROM w", "SELECT sum(sum(k) OVER ()) OVER () FROM w",
	"SELECT sum(k) OVER (ORDER BY rank() OVER ()) FROM w", "SELECT sum(k) OVER (PARTITION BY rank() OVER ()) FROM w", "SELECT sum(k) FILTER (WHERE rank() OVER () > 1) OVER () FROM w", "SELECT sum(k) FILTER (WHERE sum(k) > 1) OVER () FROM w GROUP BY k",
	"SELECT count(DISTINCT k) OVER () FROM w", "SELECT array_agg(k ORDER BY k) OVER () FROM w", "SELECT rank() FILTER (WHERE true) OVER () FROM w", "SELECT lower(g) OVER () FROM w", "SELECT lower(DISTINCT g) OVER () FROM w",
	"SELECT count() OVER () FROM w", "SELECT rank(*) OVER () FROM w", "SELECT nosuch(k) OVER () FROM w", "SELECT rank(1) OVER () FROM w", "SELECT ntile('x') OVER () FROM w", "SELECT lag(id, 1, 'x') OVER () FROM w",
	"SELECT lag(id, 1, true) OVER () FROM w", "SELECT lag(id, 1.5) OVER () FROM w", "SELECT lag(id, 1::bigint) OVER () FROM w", "SELECT lag() OVER () FROM w",
	"SELECT sum(k) OVER nosuch FROM w", "SELECT sum(k) OVER (nosuch) FROM w", "SELECT sum(k) OVER (x PARTITION BY g) FROM w WINDOW x AS (PARTITION BY b)", "SELECT sum(k) OVER (x ORDER BY g) FROM w WINDOW x AS (ORDER BY b)",
	"SELECT sum(k) OVER (x ORDER BY g) FROM w WINDOW x AS (ROWS 1 PRECEDING)", "SELECT sum(k) OVER (x) FROM w WINDOW x AS (ORDER BY id ROWS 1 PRECEDING)", "SELECT 1 FROM w WINDOW x AS (), x AS ()", "SELECT 1 FROM w WINDOW x AS (x)",
	"SELECT 1 FROM w WINDOW x AS (y), y AS ()", "SELECT 1 FROM w WINDOW x AS (ORDER BY nosuch)", "SELECT id FROM w WINDOW x AS (ORDER BY sum(k))",
	"SELECT sum(k) OVER (ROWS id PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS sum(1) PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS 'x' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS true PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS rank() OVER () PRECEDING) FROM w",
	"SELECT sum(k) OVER (RANGE 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id, k RANGE 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY t RANGE 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE '1 day'::interval PRECEDING) FROM w",
	"SELECT sum(k) OVER (ORDER BY ts RANGE 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY f8 RANGE true PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE 1.5 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE 'x' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY ts RANGE 'x' PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id RANGE k PRECEDING) FROM w",
	"SELECT sum(k) OVER (GROUPS 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED FOLLOWING AND 1 PRECEDING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS 1 FOLLOWING) FROM w", "SELECT sum(k) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND CURRENT ROW) FROM w",
	"SELECT id, sum(k) OVER (ORDER BY g) FROM w GROUP BY id, g ORDER BY 1", "SELECT g, sum(k) OVER () FROM w GROUP BY g", "SELECT sum(k) OVER (PARTITION BY tags::text::json) FROM w",
	"SELECT DISTINCT ON (g) g, id FROM w ORDER BY id", "SELECT id FROM w LIMIT rank() OVER ()", "VALUES (rank() OVER ())", "SELECT * FROM generate_series(1, rank() OVER ())",
}

// TestWindowFunctions compares window functions with PostgreSQL, over batches of every size and several workers.
func TestWindowFunctions(t *testing.T) {
	r := newRival(t, windowSchema)
	r.compareAll(t, windowStatements(), 5, len(r.settings))
}

// TestRandomWindows compares random specifications with PostgreSQL.
func TestRandomWindows(t *testing.T) {
	r := newRival(t, windowSchema)
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		sql, setting := randomWindow(random), random.IntN(len(r.settings))
		r.compare(t, sql, func(j int) bool { return j == setting })
	}
}

// randomWindow is a statement of one call over a random specification. The order is total where the order of peers
// would show.
func randomWindow(r *rand.Rand) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	bound := func(start bool) string {
		if start {
			return pick("UNBOUNDED PRECEDING", "%d PRECEDING", "CURRENT ROW", "%d FOLLOWING")
		}
		return pick("%d PRECEDING", "CURRENT ROW", "%d FOLLOWING", "UNBOUNDED FOLLOWING")
	}
	unit := pick("ROWS", "RANGE", "GROUPS")
	from, to := bound(true), bound(false)
	fill := func(s string) string {
		if strings.Contains(s, "%d") {
			return fmt.Sprintf(s, r.IntN(5))
		}
		return s
	}
	call := pick("sum(i4)", "avg(d)", "count(i2)", "max(i8)", "min(dt)", "sum(n)", "variance(i8)", "bool_or(b)", "count(*) FILTER (WHERE b)",
		"sum(d) FILTER (WHERE k > 2)", "avg(i2) FILTER (WHERE NOT b)")
	order := pick("k", "k DESC", "i2 NULLS FIRST", "i4", "n", "d DESC")
	if unit == "ROWS" || r.IntN(2) == 0 {
		call = pick(call, "max(n)", "min(c)", "sum(f8)", "avg(f4)", "stddev(f8)", "array_agg(id)", "string_agg(t, '-')", "first_value(id)", "last_value(id)",
			"nth_value(id, 2)", "nth_value(n, k + 1)", "regr_slope(f4, k)", "string_agg(g, t) FILTER (WHERE b)")
		order = pick("id", "id DESC")
	}
	exclude := pick("", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES")
	partition := pick("", "PARTITION BY g ", "PARTITION BY b ", "PARTITION BY k % 2, g ")
	return fmt.Sprintf("SELECT id, %s OVER (%sORDER BY %s %s BETWEEN %s AND %s%s) FROM w ORDER BY id", call, partition, order, unit,
		fill(from), fill(to), exclude)
}
