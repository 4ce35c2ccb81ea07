package differential

import (
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// aggregates applies every aggregate in every form.
func (e *expander) aggregates() error {
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Aggregate {
			continue
		}
		var refs []string
		table := ""
		ok := true
		for i := range f.Args {
			p, found := argument(f, i)
			if f.ID == "string_agg_text" || f.ID == "string_agg_bytea" {
				p, found = columnOf[f.Args[i].Kind], true
			}
			ok = ok && found && !strings.HasPrefix(p.table, "(")
			table = p.table
			refs = append(refs, p.column)
		}
		if len(f.Args) == 2 && f.Args[0].Kind == types.Float8 {
			refs[1] = "i4"
		}
		if len(f.Args) == 0 {
			e.aggregate(f.Name, "*", "num", "id")
		} else if ok {
			e.aggregate(f.Name, strings.Join(refs, ", "), table, refs[0])
		}
		if len(f.Args) == 1 && f.Args[0].Kind == types.Numeric {
			e.aggregate(f.Name, "n2", "num", "n2")
			e.aggregate(f.Name, "nw", "num", "nw")
		}
	}
	for _, c := range []struct{ table, name string }{{"str", "t"}, {"str", "v"}, {"str", "c"}, {"num", "f8"}, {"num", "n"}, {"num", "n2"}, {"tim", "ts"}, {"doc", "jb"}, {"doc", "j"}, {"arr", "ia"}, {"odd", "m"}, {"odd", "ir"}, {"tim", "iv"}} {
		e.aggregate("array_agg", c.name, c.table, c.name)
		for _, f := range []string{"json_agg", "jsonb_agg"} {
			e.say("SELECT %s(%s ORDER BY id) FROM %s", f, c.name, c.table)
			e.say("SELECT id %% 3, %s(%s ORDER BY id DESC) FILTER (WHERE id > 2) FROM %s GROUP BY 1 ORDER BY 1", f, c.name, c.table)
			e.say("SELECT %s(DISTINCT %s) FROM %s WHERE id < 0", f, c.name, c.table)
		}
		e.say("SELECT json_object_agg(id, %s ORDER BY id), jsonb_object_agg(id, %s) FROM %s", c.name, c.name, c.table)
		e.say("SELECT mode() WITHIN GROUP (ORDER BY %s), percentile_disc(0.5) WITHIN GROUP (ORDER BY %s) FROM %s", c.name, c.name, c.table)
		e.say("SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY %s), percentile_cont(ARRAY[0, 0.5, 1]) WITHIN GROUP (ORDER BY %s DESC) FROM %s WHERE id < 4", c.name, c.name, c.table)
	}
	return nil
}

// finite are the rows of a table where sums do not run over.
const finite = "id NOT IN (4, 5, 7, 8, 9, 10)"

func (e *expander) aggregate(name, args, table, first string) {
	call := fmt.Sprintf("%s(%s)", name, args)
	if strings.HasSuffix(name, "_agg") {
		call = fmt.Sprintf("%s(%s ORDER BY id)", name, args)
	}
	e.say("SELECT %s FROM %s", call, table)
	e.say("SELECT %s FROM %s WHERE %s", call, table, finite)
	e.say("SELECT %s FROM %s WHERE id = 6", call, table)
	e.say("SELECT %s FROM %s WHERE id < 0", call, table)
	e.say("SELECT id %% 3, %s FROM %s WHERE %s GROUP BY 1 ORDER BY 1", call, table, finite)
	e.say("SELECT id %% 4, %s FROM %s GROUP BY 1 ORDER BY 1", call, table)
	e.say("SELECT %s FILTER (WHERE id < 4), %s FILTER (WHERE false) FROM %s", call, call, table)
	e.say("SELECT id %% 2, %s FROM %s WHERE %s GROUP BY ROLLUP (1) ORDER BY 1", call, table, finite)
	if args == "*" {
		return
	}
	e.say("SELECT %s(DISTINCT %s) FROM %s WHERE %s", name, args, table, finite)
	e.say("SELECT %s(%s ORDER BY id DESC) FROM %s WHERE %s", name, args, table, finite)
	e.say("SELECT %s(DISTINCT %s ORDER BY %s DESC) FILTER (WHERE id <> 2) FROM %s WHERE %s", name, args, first, table, finite)
	call = fmt.Sprintf("%s(%s)", name, args)
	e.say("SELECT id, %s OVER (ORDER BY id), %s OVER (PARTITION BY id %% 2 ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM %s WHERE %s ORDER BY id", call, call, table, finite)
	e.say("SELECT id, %s OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM %s ORDER BY id", call, table)
}

// frames are frame clauses; those with RANGE offsets need an order by one number.
var frames = []string{
	"", "ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING", "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING", "RANGE CURRENT ROW",
	"RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING", "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "GROUPS CURRENT ROW",
	"ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES", "RANGE BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW",
}

func (e *expander) windows() error {
	calls := []string{
		"sum(k)", "avg(n)", "count(*)", "min(x)", "max(t)", "array_agg(k)", "first_value(id)", "last_value(id)", "nth_value(t, 2)", "row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()",
		"ntile(3)", "lag(n)", "lead(t, 2)", "lag(k, 1, -1)", "string_agg(t, '')", "stddev(x)", "count(DISTINCT g)", "bool_or(g > 2)", "sum(n) FILTER (WHERE k > 3)", "json_agg(k)",
	}
	for i, call := range calls {
		for j, frame := range frames {
			order := []string{"id", "k, id", "id DESC"}[(i+j)%3]
			if strings.Contains(frame, "RANGE BETWEEN") && strings.ContainsAny(frame, "123") {
				order = []string{"id", "id DESC"}[(i+j)%2]
			}
			partition := []string{"", "PARTITION BY g ", "PARTITION BY g, k % 2 ", "PARTITION BY t IS NULL "}[(i+2*j)%4]
			e.say("SELECT id, %s OVER (%sORDER BY %s %s) FROM many WHERE id %% 29 < 2 ORDER BY id", call, partition, order, frame)
		}
	}
	return nil
}

// joins combines kinds, conditions and tables.
func (e *expander) joins() error {
	conditions := []string{
		"l.a = r.a", "l.a = r.a AND l.b = r.b", "l.a < r.a", "l.a = r.a AND l.b < r.b", "l.a IS NOT DISTINCT FROM r.a", "l.a = r.a OR l.b = r.b", "l.a = 1", "r.b = 2", "true", "false", "NULL",
		"l.a + 1 = r.a", "l.a = r.a AND l.t = r.u", "l.t = r.u", "l.a BETWEEN r.b AND r.a", "l.a = r.a AND r.b > 1", "l.a = r.a AND l.b IS NULL", "coalesce(l.a, 0) = coalesce(r.a, 0)", "l.a <> r.a", "(l.a, l.b) = (r.a, r.b)",
		"(l.a, l.b) < (r.a, r.b)", "l.a = r.a AND l.a > 1", "l.a::text = r.u", "l.a IN (r.a, r.b)", "l.a = ANY (ARRAY[r.a, r.b])", "EXISTS (SELECT 1 FROM dup x WHERE x.a = l.a AND x.b = r.b)", "l.a = (SELECT max(a) FROM dup)",
	}
	for _, kind := range []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"} {
		for i, on := range conditions {
			e.say("SELECT * FROM dup l %s dup2 r ON %s", kind, on)
			e.say("SELECT count(*), count(l.a), count(r.a), sum(l.b), sum(r.b) FROM dup l %s dup2 r ON %s WHERE %s", kind, on, []string{"l.a IS NULL", "r.a IS NULL", "l.b = 1", "r.b > 0 OR l.t = 'x'", "l.a = r.a"}[i%5])
		}
		e.say("SELECT * FROM dup l %s empty r ON l.a = r.a", kind)
		e.say("SELECT * FROM empty l %s dup r ON l.a = r.a", kind)
		e.say("SELECT * FROM empty l %s empty r ON l.a = r.a", kind)
		for _, using := range []string{"USING (a)", "USING (a, b)", "USING (b) AS j"} {
			e.say("SELECT * FROM dup l %s dup2 r %s", kind, using)
			e.say("SELECT a, l.b, r.b, l.a, r.a FROM dup l %s dup2 r %s ORDER BY 1, 2, 3, 4, 5", kind, strings.Replace(using, "(b) AS j", "(a)", 1))
		}
		e.say("SELECT * FROM dup NATURAL %s dup2", kind)
		e.say("SELECT * FROM dup NATURAL %s dup2 NATURAL JOIN (SELECT 1 AS a) s", kind)
		for _, second := range []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"} {
			e.say("SELECT e.id, d.id, p.id FROM emp e %s dept d ON e.dept_id = d.id %s proj p ON p.dept_id = d.id ORDER BY 1, 2, 3", kind, second)
			e.say("SELECT e.id, d.id, p.id FROM emp e %s (dept d %s proj p ON p.dept_id = d.id) ON e.dept_id = d.id AND e.salary > 2600 ORDER BY 1, 2, 3", kind, second)
			e.say("SELECT e.id, w.proj_id, d.name FROM emp e %s work w ON w.emp_id = e.id %s dept d ON d.id = e.dept_id AND w.hours > 5 WHERE w.role IS DISTINCT FROM 'dev' ORDER BY 1, 2, 3", kind, second)
		}
		e.say("SELECT e.id, b.id, c.id FROM emp e %s emp b ON e.boss = b.id %s emp c ON b.boss = c.id ORDER BY 1, 2, 3", kind, kind)
		e.say("SELECT d.name, count(e.id), sum(e.salary), avg(e.salary) FROM dept d %s emp e ON e.dept_id = d.id GROUP BY d.name ORDER BY 1", kind)
	}
	e.say("SELECT * FROM dup CROSS JOIN dup2")
	e.say("SELECT * FROM dup, dup2 WHERE dup.a = dup2.a")
	e.say("SELECT * FROM dup, empty")
	return nil
}

// subqueries combines kinds of subqueries, their correlation and where they stand.
func (e *expander) subqueries() error {
	inner := []string{
		"SELECT r.%s FROM dup2 r", "SELECT r.%s FROM dup2 r WHERE r.b > 1", "SELECT r.%s FROM dup2 r WHERE false", "SELECT r.%s FROM dup2 r WHERE r.b IS NOT NULL AND r.a IS NOT NULL",
		"SELECT r.%s FROM dup2 r WHERE r.b = l.b", "SELECT r.%s FROM dup2 r WHERE r.b < l.b", "SELECT r.%s FROM dup2 r WHERE r.u = l.t AND r.a IS NOT NULL", "SELECT DISTINCT r.%s FROM dup2 r WHERE r.b IS NOT DISTINCT FROM l.b",
		"SELECT r.%s FROM dup2 r JOIN dup s ON s.a = r.a WHERE s.b = l.b", "SELECT max(r.%s) FROM dup2 r WHERE r.b = l.b", "SELECT max(r.%s) FROM dup2 r WHERE r.b = l.b GROUP BY r.u", "SELECT r.%s FROM dup2 r WHERE r.b = l.b UNION ALL SELECT 1",
		"SELECT r.%s FROM dup2 r WHERE r.b >= l.b ORDER BY 1 LIMIT 2",
	}
	for _, sub := range inner {
		q := fmt.Sprintf(sub, "a")
		for _, test := range []string{
			"l.a IN (%s)", "l.a NOT IN (%s)", "EXISTS (%s)", "NOT EXISTS (%s)", "l.a = ANY (%s)", "l.a <> ALL (%s)", "l.a > ANY (%s)", "l.a >= ALL (%s)", "(l.a IN (%s)) IS NULL", "l.a IN (%s) OR l.b = 3", "NOT (l.a IN (%s) AND l.t = 'x')",
		} {
			e.say("SELECT l.a, l.b, l.t FROM dup l WHERE "+test, q)
		}
		e.say("SELECT l.a, l.b, l.a IN (%s), EXISTS (%s), l.a > ALL (%s) FROM dup l", q, q, q)
		e.say("SELECT l.a, l.b, CASE WHEN EXISTS (%s) THEN 'y' ELSE 'n' END FROM dup l ORDER BY 1, 2", q)
		e.say("SELECT l.a, ARRAY(%s ORDER BY 1) FROM dup l", strings.TrimSuffix(q, " ORDER BY 1 LIMIT 2"))
		for _, f := range []string{"max(s.a)", "count(*)", "sum(s.a)", "count(s.a)", "string_agg(s.a::text, ',' ORDER BY s.a)", "bool_and(s.a > 1)"} {
			e.say("SELECT l.a, l.b, (SELECT %s FROM (%s) s(a)) FROM dup l", f, q)
		}
		e.say("SELECT l.a, s.a FROM dup l, LATERAL (%s) s(a)", q)
		e.say("SELECT l.a, s.a FROM dup l LEFT JOIN LATERAL (%s) s(a) ON s.a > l.a", q)
	}
	return nil
}
