package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// hardColumn is a column of the shop's extremes, or an expression over them, and constants to compare it with.
type hardColumn struct {
	name      string
	constants []string
}

var hardColumns = []hardColumn{
	{name: "i2", constants: []string{"0", "1", "-32768", "32767", "32768", "-32769", "0.5", "1.0", "'1'", "'-1'", "9223372036854775807", "NULL", "1e0::float8", "'NaN'::float8"}},
	{name: "i4", constants: []string{"0", "1", "-2147483648", "2147483647", "2147483648", "1.5", "'7'", "'Infinity'::float8", "'NaN'::numeric", "NULL"}},
	{name: "i8", constants: []string{"0", "1", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "9223372036854775807::float8", "9223372036854775806.5", "1::int2", "NULL"}},
	{name: "f4", constants: []string{"0", "1", "'NaN'", "'Infinity'", "'-Infinity'", "1.5", "1e-45", "'-0'", "0.1", "1e-45::float8", "'NaN'::float8", "NULL"}},
	{name: "f8", constants: []string{"0", "1", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "5e-324", "1.5", "9223372036854775807", "'NaN'::numeric", "NULL"}},
	{name: "n", constants: []string{"0", "'NaN'", "'Infinity'::numeric", "1.5", "1.50", "1e40", "-1e40", "1e-38", "1.5::float8", "1e40::float8", "1", "NULL"}},
	{name: "n15", constants: []string{"0", "0.01", "-0.01", "0.001", "9999999999999.99", "9999999999999.994", "99999999999999", "1.5", "1.5::float8", "'NaN'", "1", "NULL"}},
	{name: "n38", constants: []string{"0", "0.0000000001", "9999999999999999999999999999.9999999999", "1e28", "1.5", "'NaN'", "1", "NULL"}},
	{name: "t", constants: []string{"''", "'zzz'", "'ABC'", "'trailing'", "'trailing  '", "'Ünïcödé 漢字 🙂'", "'Z'", "'a'::char(3)", "'é'", "NULL", "'ABC'::varchar(2)"}},
	{name: "v", constants: []string{"''", "'zzz'", "'trail'", "'trail  '", "'Ärger'", "'abc'::char(6)", "'a%'", "NULL"}},
	{name: "c", constants: []string{"''", "'ab'", "'ab    '", "'ab'::text", "'ab    '::text", "'ß'", "'ABC'::varchar", "'abcdefgh'", "'a_'", "'a_    '", "NULL"}},
	{name: "b", constants: []string{`''`, `'\x00'`, `'\xff'`, `'\xff00'`, `'abc'`, `'\x616263'::bytea`, "NULL"}},
	{name: "d", constants: []string{"'1970-01-01'", "'0001-01-01'", "'infinity'", "'-infinity'", "'2024-02-29'::timestamp", "'1970-01-01 00:00:00+00'::timestamptz", "'9999-12-31'", "'0044-03-15 BC'", "NULL"}},
	{name: "ts", constants: []string{"'1970-01-01'", "'2024-02-29'::date", "'infinity'", "'-infinity'::date", "'2024-02-29 12:34:56.789'", "'9999-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.789+00'::timestamptz", "NULL"}},
	{name: "tz", constants: []string{"'1970-01-01'", "'2024-02-29'::date", "'infinity'", "'2024-02-29 14:34:56.789+02'", "'2024-02-29 12:34:56.789'::timestamp", "'1970-01-01 01:00+01'", "NULL"}},
	{name: "tm", constants: []string{"'00:00'", "'24:00:00'", "'12:00'", "'23:59:59.999999'", "'12:34:56.789'", "NULL"}},
	{name: "iv", constants: []string{"'30 days'", "'1 mon'", "'720:00:00'", "'-1 years'", "'0'", "'1 day -01:00'", "'23:00:00'", "NULL"}},
	{name: "u", constants: []string{"'00000000-0000-0000-0000-000000000000'", "'12345678-1234-1234-1234-123456789abc'", "'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF'", "NULL"}},
	{name: "a", constants: []string{"'{}'", "'{0}'", "'{NULL}'", "'{1,NULL,3}'", "ARRAY[1,1]", "'{1}'", "NULL"}},
	{name: "flag", constants: []string{"true", "false", "'t'", "NULL"}},
	{name: "j", constants: []string{`'null'`, `'1'`, `'1.0'`, `'{}'`, `'[]'`, `'"s"'`, `'{"a": {"x": "ü"}, "b": [1, 2.5, null]}'`, "NULL"}},
	{name: "i4 + i2", constants: []string{"2", "0"}},
	{name: "f8 * 2", constants: []string{"2", "'NaN'"}},
	{name: "n15 * 3", constants: []string{"4.5", "0.03"}},
	{name: "t || v", constants: []string{"''", "'ABCabc'"}},
	{name: "upper(t)", constants: []string{"'ABC'", "'ÜNÏCÖDÉ 漢字 🙂'"}},
	{name: "d + 1", constants: []string{"'1970-01-02'", "'infinity'"}},
	{name: "a[1]", constants: []string{"1", "NULL"}},
	{name: "j->>'a'", constants: []string{`'{"x": "ü"}'`, "NULL"}},
}

// filterStatements ask for the rows whose column stands in a relation to constants.
func filterStatements() []string {
	var out []string
	where := func(format string, args ...any) {
		out = append(out, "SELECT id FROM public.extremes WHERE "+fmt.Sprintf(format, args...)+" ORDER BY id")
	}
	for _, c := range hardColumns {
		where("(%s) IS NULL", c.name)
		where("NOT ((%s) IS NOT NULL)", c.name)
		for i, k := range c.constants {
			for _, op := range []string{"=", "<>", "<", "<=", ">", ">="} {
				where("(%s) %s %s", c.name, op, k)
			}
			next := c.constants[(i+1)%len(c.constants)]
			where("%s < (%s)", k, c.name)
			where("(%s) IS DISTINCT FROM %s", c.name, k)
			where("(%s) IS NOT DISTINCT FROM %s", c.name, k)
			where("(%s) IN (%s, %s)", c.name, k, next)
			where("(%s) NOT IN (%s, %s)", c.name, k, next)
			where("NOT ((%s) > %s OR (%s) = %s)", c.name, k, c.name, next)
			where("(%s) BETWEEN %s AND %s", c.name, k, next)
			where("(%s) NOT BETWEEN SYMMETRIC %s AND %s", c.name, k, next)
			where("((%s) <= %s) IS NOT TRUE", c.name, k)
		}
	}
	return out
}

// shapeStatements sort, group, aggregate, join and cast each column.
func shapeStatements() []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, c := range hardColumns {
		e := "(" + c.name + ")"
		for _, order := range []string{"", " DESC", " NULLS FIRST", " DESC NULLS LAST"} {
			say("SELECT id, %s::text FROM public.extremes ORDER BY %s%s, id", e, e, order)
		}
		say("SELECT id FROM public.extremes ORDER BY %s DESC, id LIMIT 3", e)
		say("SELECT id FROM public.extremes ORDER BY %s, id DESC OFFSET 2 LIMIT 3", e)
		say("SELECT %s::text, count(*), min(id), max(id) FROM public.extremes GROUP BY %s ORDER BY 3", e, e)
		say("SELECT count(%s), count(DISTINCT %s) FROM public.extremes", e, e)
		say("SELECT DISTINCT %s::text FROM public.extremes ORDER BY 1 NULLS FIRST", e)
		say("SELECT min(%s)::text, max(%s)::text FROM public.extremes", e, e)
		say("SELECT min(%s)::text, max(%s)::text FROM public.extremes WHERE id IN (1, 5, 7)", e, e) // equal ones of other text may win
		say("SELECT sum(%s)::text, avg(%s)::text FROM public.extremes WHERE id NOT IN (2, 3)", e, e)
		say("SELECT sum(%s)::text FROM public.extremes", e)
		say("SELECT avg(%s)::text FROM public.extremes", e)
		say("SELECT stddev_samp(%s)::text FROM public.extremes WHERE id > 4", e)
		if c.name != "a" { // an array of arrays is refused with another SQLSTATE
			say("SELECT array_agg(%s ORDER BY id)::text FROM public.extremes", e)
		}
		say("SELECT a.id, b.id FROM public.extremes a JOIN public.extremes b ON %s = %s ORDER BY 1, 2",
			qualified(c.name, "a"), qualified(c.name, "b"))
		say("SELECT a.id FROM public.extremes a WHERE %s NOT IN (SELECT %s FROM public.extremes b WHERE b.id > 5) ORDER BY 1",
			qualified(c.name, "a"), qualified(c.name, "b"))
		say("SELECT a.id FROM public.extremes a WHERE NOT EXISTS (SELECT 1 FROM public.extremes b WHERE %s = %s AND b.id <> a.id) ORDER BY 1",
			qualified(c.name, "a"), qualified(c.name, "b"))
		say("SELECT id, coalesce(%s, %s)::text, nullif(%s, %s)::text FROM public.extremes ORDER BY id", e, c.constants[0], e, c.constants[0])
		say("SELECT id, greatest(%s, %s)::text, least(%s, %s)::text FROM public.extremes ORDER BY id", e, c.constants[0], e, c.constants[0])
		say("SELECT id, CASE WHEN %s > %s THEN 'more' WHEN %s IS NULL THEN 'none' ELSE 'less' END FROM public.extremes ORDER BY id", e, c.constants[0], e)
		say("SELECT id, CASE %s WHEN %s THEN 1 WHEN %s THEN 2 END FROM public.extremes ORDER BY id", e, c.constants[0], c.constants[1])
		say("SELECT %s::text FROM public.extremes UNION SELECT %s::text FROM public.extremes ORDER BY 1", e, e)
		say("SELECT id FROM (SELECT id, %s AS x FROM public.extremes UNION ALL SELECT id + 10, %s FROM public.extremes WHERE id < 4) s ORDER BY x, id", e, c.constants[0])
		say("SELECT %s FROM public.extremes EXCEPT SELECT %s FROM public.extremes WHERE id < 5 ORDER BY 1", e, e)
		say("SELECT id, %s FROM public.extremes ORDER BY id", e)
		for _, to := range castTargets {
			say("SELECT id, (%s::%s)::text FROM public.extremes ORDER BY id", e, to)
			say("SELECT id, (%s::%s)::text FROM public.extremes WHERE id IN (1, 5, 7) ORDER BY id", e, to)
			ids := "1, 4, 7"
			if strings.HasPrefix(to, "numeric(") {
				ids = "1, 7" // NaN has no place in a numeric of fixed precision here: 22003
			}
			say("SELECT id, (%s::text::%s)::text FROM public.extremes WHERE id IN (%s) ORDER BY id", e, to, ids)
		}
	}
	return out
}

var castTargets = []string{
	"int2", "int4", "int8", "float4", "float8", "numeric", "numeric(5,1)", "numeric(30,3)", "text", "varchar(3)", "char(4)", "bytea",
	"date", "timestamp", "timestamp(1)", "timestamptz", "time", "interval", "uuid", "jsonb", "json", "int[]", "text[]", "bool",
}

// qualified puts an alias before the columns of an expression.
func qualified(expr, alias string) string {
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "[", " [", "->>", " ->> ").Replace(expr))
	for i, w := range words {
		if slices.ContainsFunc(hardColumns, func(c hardColumn) bool { return c.name == w }) {
			words[i] = alias + "." + w
		}
	}
	return "(" + strings.Join(words, " ") + ")"
}

// mixedStatements join and compare columns of different types, and try patterns.
func mixedStatements() []string {
	var out []string
	pairs := [][2]string{
		{"i2", "i4"},
		{"i4", "i8"},
		{"i2", "f4"},
		{"i4", "f8"},
		{"i8", "f8"},
		{"f4", "f8"},
		{"n", "i8"},
		{"n", "f8"},
		{"n", "n15"},
		{"n15", "n38"},
		{"n38", "f4"},
		{"t", "v"},
		{"t", "c"},
		{"v", "c"},
		{"d", "ts"},
		{"d", "tz"},
		{"ts", "tz"},
		{"t", "i4"},
		{"tm", "iv"},
		{"u", "t"},
		{"b", "t"},
	}
	for _, p := range pairs {
		for _, op := range []string{"=", "<", "IS NOT DISTINCT FROM"} {
			out = append(out,
				fmt.Sprintf("SELECT a.id, b.id FROM public.extremes a JOIN public.extremes b ON a.%s %s b.%s ORDER BY 1, 2", p[0], op, p[1]),
				fmt.Sprintf("SELECT a.id, b.id FROM public.extremes a FULL JOIN public.extremes b ON a.%s %s b.%s AND a.id > b.id ORDER BY 1, 2", p[0], op, p[1]),
				fmt.Sprintf("SELECT id, %s %s %s FROM public.extremes ORDER BY id", p[0], op, p[1]))
		}
		out = append(out,
			fmt.Sprintf("SELECT a.id, b.id FROM public.extremes a LEFT JOIN public.extremes b ON a.%s = b.%s ORDER BY 1, 2", p[0], p[1]),
			fmt.Sprintf("SELECT id FROM public.extremes WHERE %s NOT IN (SELECT %s FROM public.extremes WHERE id > 1) ORDER BY 1", p[0], p[1]),
			fmt.Sprintf("SELECT id FROM public.extremes WHERE %s IN (SELECT %s FROM public.extremes) ORDER BY 1", p[0], p[1]),
			fmt.Sprintf("SELECT (%s)::text FROM public.extremes UNION ALL SELECT (%s)::text FROM public.extremes ORDER BY 1", p[0], p[1]),
			fmt.Sprintf("SELECT x::text FROM (SELECT %s AS x FROM public.extremes UNION SELECT %s FROM public.extremes) s ORDER BY 1", p[0], p[1]))
	}
	for _, col := range []string{"t", "v", "c", "b"} {
		for _, pattern := range []string{"''", "'%'", "'_'", "'a%'", "'%  '", "'ab'", "'ab  '", "'%漢_%'", "'A_C'", `'%\%%'`, `'%\\%'`, "'%'' %'", `'a\_'`, "NULL", "'z__'", `'%🙂'`} {
			for _, op := range []string{"LIKE", "NOT LIKE", "ILIKE"} {
				out = append(out, fmt.Sprintf("SELECT id FROM public.extremes WHERE %s %s %s ORDER BY id", col, op, pattern))
			}
		}
		for _, f := range []string{
			"length(%s)", "octet_length(%s)", "%s || '|'", "upper(%s)", "lower(%s)", "substring(%s from 2 for 3)", "position('c' in %s)",
			"trim(%s)", "replace(%s, 'z', 'yy')", "left(%s, -1)", "right(%s, 2)", "lpad(%s, 5, 'x')", "reverse(%s)", "md5(%s)", "%s ~ '^[A-Z]+$'",
			"starts_with(%s, 'a')", "split_part(%s, ' ', 1)", "initcap(%s)", "ascii(%s)", "concat(%s, 1)", "quote_literal(%s)", "repeat(%s, 2)",
			"translate(%s, 'abc', 'x')", "char_length(%s)", "encode(%s::bytea, 'base64')", "strpos(%s, 'n')", "regexp_replace(%s, '[aeiou]', '-', 'g')",
		} {
			out = append(out, fmt.Sprintf("SELECT id, "+f+" FROM public.extremes ORDER BY id", col))
		}
	}
	for _, col := range []string{"d", "ts", "tz", "tm", "iv"} {
		for _, f := range []string{
			"extract(year from %s)", "extract(epoch from %s)", "extract(dow from %s)", "extract(second from %s)", "extract(month from %s)", "date_trunc('month', %s)",
			"date_trunc('hour', %s)", "%s + interval '1 month'", "%s - interval '1 day 1 us'", "%s::text", "extract(day from %s)", "date_part('hour', %s)",
			"%s - %[1]s", "age(%s)", "to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')", "%s at time zone 'Europe/Berlin'", "extract(isoyear from %s)", "extract(century from %s)",
		} {
			if f == "age(%s)" {
				continue // depends on the day
			}
			out = append(out,
				fmt.Sprintf("SELECT id, ("+f+")::text FROM public.extremes WHERE id IN (1, 4, 7) ORDER BY id", col),
				fmt.Sprintf("SELECT id, ("+f+")::text FROM public.extremes ORDER BY id", col))
		}
	}
	for _, col := range []string{"i2", "i4", "i8", "f4", "f8", "n", "n15", "n38"} {
		for _, f := range []string{
			"-%s", "abs(%s)", "%s + 1", "%s - 1", "%s * 2", "%s / 2", "%s % 2", "%s / 0", "round(%s)", "ceil(%s)", "floor(%s)", "trunc(%s)", "sign(%s)", "sqrt(%s)",
			"power(%s, 2)", "round(%s, 1)", "round(exp(%s)::numeric, 12)", "ln(%s)", "mod(%s, 3)", "%s::float8 + 0.5", "%s + 0.5", "%s * 1.10", "1 / %s", "%s & 3", "%s << 1", "~%s", "-(-%s)", "%s / 3",
			"log(%s)", "round(cbrt(%s)::numeric, 3)", "to_char(%s, '999D99')", "%s = -%[1]s", "1.0 / %s", "div(%s, 2)", "width_bucket(%s, 0, 10, 5)", "scale(%s)", "greatest(%s, 0.5)",
		} {
			f = strings.ReplaceAll(strings.ReplaceAll(f, "% 2", "%% 2"), "%%%%", "%%")
			out = append(out,
				fmt.Sprintf("SELECT id, ("+f+")::text FROM public.extremes ORDER BY id", col),
				fmt.Sprintf("SELECT id, ("+f+")::text FROM public.extremes WHERE id IN (1, 4, 7) ORDER BY id", col),
				fmt.Sprintf("SELECT id, ("+f+")::text FROM public.extremes WHERE id IN (5, 7) ORDER BY id", col))
		}
	}
	return out
}

// shopStatements run over the tables of customers and orders.
func shopStatements() []string {
	var out []string
	for _, col := range []string{"id", "name", "email", "country", "segment", "credit", "rating", "tags", "since", "born", "vip", "ref", "prefs"} {
		out = append(out,
			fmt.Sprintf("SELECT id FROM public.customers ORDER BY %s, id LIMIT 20", col),
			fmt.Sprintf("SELECT id FROM public.customers ORDER BY %s DESC NULLS LAST, id OFFSET 13 LIMIT 20", col),
			fmt.Sprintf("SELECT %s::text, count(*), sum(credit), min(name), max(since) FROM public.customers GROUP BY %s ORDER BY min(id) LIMIT 50", col, col),
			fmt.Sprintf("SELECT min(%s)::text, max(%s)::text, count(%s), count(DISTINCT %s) FROM public.customers", col, col, col, col),
			fmt.Sprintf("SELECT c.%s::text, count(*), sum(o.total) FROM public.customers c JOIN public.orders o ON o.customer_id = c.id WHERE o.status <> 'returned' GROUP BY c.%s ORDER BY min(c.id) LIMIT 40", col, col),
			fmt.Sprintf("SELECT id FROM public.customers WHERE %s IN (SELECT %s FROM public.customers WHERE id %% 7 = 0) AND id < 300 ORDER BY id", col, col),
			fmt.Sprintf("SELECT count(*) FROM public.customers WHERE %s = (SELECT %s FROM public.customers WHERE id = 5)", col, col),
			fmt.Sprintf("SELECT id, lag(%s) OVER (ORDER BY id)::text, rank() OVER (ORDER BY %s) FROM public.customers ORDER BY id LIMIT 30", col, col))
	}
	return append(out,
		"SELECT status, count(*), sum(total), avg(total), min(placed_at) FROM public.orders GROUP BY status ORDER BY status",
		"SELECT status FROM public.orders WHERE status > 'paid' GROUP BY 1 ORDER BY 1 DESC",
		"SELECT status::text FROM public.orders WHERE status::text > 'paid' GROUP BY 1 ORDER BY 1 DESC",
		"SELECT min(status), max(status) FROM public.orders",
		"SELECT count(*) FROM public.orders WHERE status IN ('new', 'shipped') AND total BETWEEN 100 AND 200.50",
		"SELECT count(*) FROM public.orders WHERE status = 'nonsense'",
		"SELECT date_trunc('month', placed_at) AS m, count(*), sum(total) FROM public.orders GROUP BY 1 ORDER BY 1",
		"SELECT customer_id, sum(total) AS s FROM public.orders GROUP BY customer_id HAVING sum(total) > 2000 ORDER BY s DESC, customer_id LIMIT 20",
		"SELECT c.country, o.status, count(*) FROM public.customers c JOIN public.orders o ON c.id = o.customer_id GROUP BY ROLLUP (c.country, o.status) ORDER BY 1, 2",
		"SELECT c.id FROM public.customers c LEFT JOIN public.orders o ON o.customer_id = c.id AND o.total > 450 WHERE o.id IS NULL ORDER BY 1 LIMIT 50",
		"SELECT c.name, (SELECT max(total) FROM public.orders o WHERE o.customer_id = c.id) FROM public.customers c ORDER BY c.id LIMIT 30",
		"SELECT c.id, o.id FROM public.customers c CROSS JOIN LATERAL (SELECT id FROM public.orders o WHERE o.customer_id = c.id ORDER BY total DESC, id LIMIT 2) o ORDER BY 1, 2 LIMIT 40",
		"SELECT DISTINCT ON (customer_id) customer_id, id, total FROM public.orders ORDER BY customer_id, total DESC, id LIMIT 30",
		"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT r.n, count(o.id) FROM r LEFT JOIN public.orders o ON o.customer_id = r.n GROUP BY 1 ORDER BY 1",
		"SELECT note, count(*) FROM public.orders GROUP BY note ORDER BY note NULLS FIRST",
		"SELECT id, total, sum(total) OVER (PARTITION BY customer_id ORDER BY placed_at, id) FROM public.orders WHERE customer_id < 20 ORDER BY id",
		"SELECT prefs->>'theme', count(*), sum((prefs->>'limit')::int) FROM public.customers GROUP BY 1 ORDER BY 1",
		"SELECT t, count(*) FROM public.customers, unnest(tags) AS t GROUP BY t ORDER BY t",
		"SELECT count(*) FROM public.customers WHERE 'beta' = ANY (tags)",
		"SELECT id FROM public.customers WHERE since BETWEEN '2021-03-01' AND '2021-03-04 12:00' ORDER BY since, id",
		"SELECT id FROM public.customers WHERE (country, segment) IN (('DE', 'business'), ('FR', 'public')) ORDER BY id LIMIT 30",
		"SELECT id FROM public.customers WHERE (country, id) > ('NO', 500) ORDER BY country, id LIMIT 20",
		"SELECT id FROM public.customers WHERE country = 'DE ' ORDER BY id LIMIT 5",
		"SELECT country || '|' FROM public.customers WHERE country LIKE 'D_' ORDER BY id LIMIT 3",
		"SELECT string_agg(name, ', ' ORDER BY name, id) FROM public.customers WHERE country = 'JP' AND vip",
		"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM public.orders",
		"SELECT count(*) FILTER (WHERE vip), count(*) FILTER (WHERE NOT vip), bool_and(vip), bool_or(vip) FROM public.customers",
		"SELECT avg(rating), stddev(credit), variance(credit), sum(rating) FROM public.customers WHERE id < 100",
		"SELECT id FROM public.orders ORDER BY total DESC, id FETCH FIRST 7 ROWS ONLY",
		"SELECT * FROM public.customers ORDER BY id LIMIT 20",
		"SELECT * FROM public.orders ORDER BY id LIMIT 20",
		"SELECT x.country, x.n FROM (SELECT country, count(*) AS n FROM public.customers GROUP BY country) x WHERE x.n > 100 ORDER BY 2 DESC, 1",
		"SELECT id FROM public.orders WHERE customer_id = 3 UNION SELECT id::bigint FROM public.customers WHERE id < 4 ORDER BY 1",
		"SELECT country FROM public.customers INTERSECT SELECT 'DE' ORDER BY 1",
		"SELECT c.segment, avg(o.total) FROM public.customers c JOIN public.orders o ON o.customer_id = c.id GROUP BY c.segment ORDER BY c.segment",
	)
}

// TestStatementsAnswerAsPostgreSQL runs generated statements over tables of PostgreSQL through the engine, pushed down
// and not, and on PostgreSQL itself. Answers are equal as text; an error has PostgreSQL's SQLSTATE, or says that the
// engine does not support the statement.
func TestStatementsAnswerAsPostgreSQL(t *testing.T) {
	h := openHouse(t)
	conn := connect(t, h.pgURL)
	db, err := skein.Open(t.Context(), skein.Source("crm", h.pgURL), skein.Setting("search_path", "crm.public"), skein.Setting("skein.numeric", "text"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, group := range []struct {
		name       string
		statements []string
	}{{"filters", filterStatements()}, {"shapes", shapeStatements()}, {"mixed", mixedStatements()}, {"shop", shopStatements()}} {
		t.Run(group.name, func(t *testing.T) {
			unsupported := 0
			for i, sql := range group.statements {
				if i%everyth == 0 && compare(t, conn, db, sql) {
					unsupported++
				}
			}
			t.Logf("%d statements, %d of them not supported", len(group.statements), unsupported)
		})
	}
}

// compare reports whether the engine refused a statement that PostgreSQL answers.
func compare(t *testing.T, conn *pgx.Conn, db *skein.DB, sql string) (unsupported bool) {
	t.Helper()
	want, wantErr := postgres(t.Context(), conn, sql)
	for _, pushdown := range []string{"on", "off"} {
		got, err := ask(context.Background(), db, sql, skein.With("skein.pushdown", pushdown))
		var e *sqlerr.Error
		switch {
		case errors.As(err, &e) && e.Code == sqlerr.FeatureNotSupported:
			unsupported = true
		case pgCode(wantErr) == sqlerr.FeatureNotSupported && err == nil:
			// PostgreSQL has no FULL JOIN on conditions that are not equalities; the engine has.
		case wantErr != nil && err != nil:
			if e == nil || e.Code != pgCode(wantErr) {
				t.Errorf("%s (pushdown %s): %v; PostgreSQL: %v", sql, pushdown, err, wantErr)
			}
		case wantErr != nil:
			t.Errorf("%s (pushdown %s): %q; PostgreSQL: %v", sql, pushdown, got.rows, wantErr)
		case err != nil:
			t.Errorf("%s (pushdown %s): %v; PostgreSQL: %.200q", sql, pushdown, err, want.rows)
		default:
			if d := textDifference(got, want); d != "" {
				t.Errorf("%s (pushdown %s): %s", sql, pushdown, d)
			}
		}
	}
	return unsupported
}

func textDifference(got, want *answer) string {
	if !slices.Equal(got.names, want.names) {
		return fmt.Sprintf("columns %q instead of %q", got.names, want.names)
	}
	if len(got.rows) != len(want.rows) {
		return fmt.Sprintf("%d rows instead of %d: %.300q instead of %.300q", len(got.rows), len(want.rows), got.rows, want.rows)
	}
	for i := range got.rows {
		if !slices.Equal(got.rows[i], want.rows[i]) {
			return fmt.Sprintf("row %d is %q instead of %q", i+1, got.rows[i], want.rows[i])
		}
	}
	return ""
}
