package fake_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// statements draws SELECTs over the tables of shopTables. Every statement that has a LIMIT orders by all its columns.
type statements struct {
	rt      *rapid.T
	aliases int
}

func (g *statements) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(g.rt, label)
}

func (g *statements) coin(label string) bool { return rapid.Bool().Draw(g.rt, label) }

var columnsByType = map[string][]string{"int": {"id", "g", "n"}, "text": {"s"}, "float": {"f"}, "bool": {"b"}}

// scope is what a FROM clause makes visible: aliases of relations with the columns of the tables.
type scope []string

func (g *statements) statement() string {
	switch g.pick("statement", "select", "select", "select", "union", "repeating", "derived", "sharded", "sharded") {
	case "union":
		return g.plainSelect() + " " + g.setOp() + " " + g.plainSelect()
	case "repeating":
		return g.repeatingSelect() + " " + g.setOp() + " " + g.repeatingSelect()
	case "sharded":
		return g.sharded()
	case "derived":
		return fmt.Sprintf("SELECT q.s, count(*), sum(q.g), min(q.id) FROM (%s) q %s GROUP BY q.s",
			g.starSelect(), g.where(scope{"q"}))
	}
	return g.selectStatement()
}

func (g *statements) setOp() string {
	return g.pick("op", "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
}

// repeatingSelect has columns of a few values, so that both sides of a set operation hold most rows more than once.
func (g *statements) repeatingSelect() string {
	r := g.alias()
	return fmt.Sprintf("SELECT %[1]s.g AS x, %[1]s.b AS y FROM %[2]s %[1]s%[3]s", r, g.table(), g.where(scope{r}))
}

// sharded groups UNION ALL of tables of one or both servers, perhaps below a projection.
func (g *statements) sharded() string {
	var shards []string
	for range rapid.IntRange(2, 3).Draw(g.rt, "shards") {
		r := g.alias()
		shards = append(shards, fmt.Sprintf("SELECT %[1]s.* FROM %[2]s %[1]s%[3]s", r, g.table(), g.filter(scope{r})))
	}
	union := strings.Join(shards, " UNION ALL ")
	if g.coin("projected") {
		union = "SELECT p.id + 0 AS id, p.g AS g, p.n * 2 AS n, p.s, p.f, p.b FROM (" + union + ") p"
	}
	q := g.alias()
	return g.groupedOver(" FROM ("+union+") "+q, scope{q})
}

func (g *statements) table() string { return g.pick("table", "a.main.t", "a.main.u", "b.main.v") }

func (g *statements) alias() string {
	g.aliases++
	return fmt.Sprint("r", g.aliases)
}

// from is a FROM clause of one to three relations, joined in some way.
func (g *statements) from() (string, scope) {
	first := g.alias()
	text, seen := " FROM "+g.table()+" "+first, scope{first}
	for range rapid.IntRange(0, 2).Draw(g.rt, "joins") {
		next := g.alias()
		kind := g.pick("join", "JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
		if kind == "CROSS JOIN" {
			text += fmt.Sprintf(" CROSS JOIN (SELECT * FROM %s WHERE id < 3) %s", g.table(), next)
			seen = append(seen, next)
			continue
		}
		on := fmt.Sprintf("%s.%s = %s.%s", g.pick("left", seen...), g.pick("key", "id", "g", "n"), next, g.pick("key", "id", "g"))
		if kind != "FULL JOIN" && g.coin("more") {
			on += " AND " + g.condition(append(append(scope{}, seen...), next), 1)
		}
		text += fmt.Sprintf(" %s %s %s ON %s", kind, g.table(), next, on)
		seen = append(seen, next)
	}
	return text, seen
}

func (g *statements) column(in scope, typ string) string {
	return g.pick("relation", in...) + "." + g.pick("column", columnsByType[typ]...)
}

func (g *statements) scalar(in scope, typ string) string {
	switch typ {
	case "int":
		switch g.pick("int", "column", "column", "constant", "sum", "case", "coalesce") {
		case "constant":
			return g.pick("value", "0", "1", "2", "-1", "NULL::int")
		case "sum":
			return "(" + g.column(in, "int") + " + " + g.column(in, "int") + ")"
		case "case":
			return "(CASE WHEN " + g.atom(in) + " THEN " + g.column(in, "int") + " ELSE 1 END)"
		case "coalesce":
			return "coalesce(" + g.column(in, "int") + ", 0)"
		}
	case "text":
		switch g.pick("text", "column", "column", "constant", "lower", "concat") {
		case "constant":
			return g.pick("value", "''", "'a'", "'ab'", "'a '", "NULL::text")
		case "lower":
			return "lower(" + g.column(in, "text") + ")"
		case "concat":
			return "(" + g.column(in, "text") + " || 'x')"
		}
	}
	return g.column(in, typ)
}

func (g *statements) atom(in scope) string {
	typ := g.pick("type", "int", "int", "text", "float")
	left := g.scalar(in, typ)
	switch g.pick("predicate", "compare", "compare", "null", "in", "between", "distinct", "bool") {
	case "null":
		return left + g.pick("null", " IS NULL", " IS NOT NULL")
	case "in":
		if typ == "text" {
			return left + g.pick("in", " IN ('a', 'b')", " NOT IN ('', 'ab')", " IN ('a', NULL)", " LIKE 'a%'", " NOT LIKE '%b'")
		}
		return left + g.pick("in", " IN (1, 2)", " NOT IN (0, 1)", " NOT IN (1, NULL)", " IN (0)")
	case "between":
		if typ == "text" {
			return left + " BETWEEN 'a' AND 'b'"
		}
		return left + " BETWEEN 0 AND 2"
	case "distinct":
		return left + g.pick("distinct", " IS DISTINCT FROM ", " IS NOT DISTINCT FROM ") + g.scalar(in, typ)
	case "bool":
		return g.column(in, "bool") + g.pick("bool", "", " IS TRUE", " IS NOT FALSE")
	}
	return left + " " + g.pick("operator", "=", "<>", "<", "<=", ">", ">=") + " " + g.scalar(in, typ)
}

func (g *statements) condition(in scope, depth int) string {
	if depth == 0 {
		return g.atom(in)
	}
	switch g.pick("condition", "atom", "atom", "and", "or", "not") {
	case "and":
		return "(" + g.condition(in, depth-1) + " AND " + g.condition(in, depth-1) + ")"
	case "or":
		return "(" + g.condition(in, depth-1) + " OR " + g.condition(in, depth-1) + ")"
	case "not":
		return "NOT (" + g.condition(in, depth-1) + ")"
	}
	return g.atom(in)
}

// where is a WHERE clause or nothing, with subqueries now and then.
func (g *statements) where(in scope) string {
	var conds []string
	for range rapid.IntRange(0, 2).Draw(g.rt, "conditions") {
		conds = append(conds, g.condition(in, 2))
	}
	if rapid.IntRange(0, 3).Draw(g.rt, "subquery") == 0 {
		conds = append(conds, g.subquery(in))
	}
	if conds == nil {
		return ""
	}
	return " WHERE " + strings.Join(conds, " AND ")
}

func (g *statements) subquery(in scope) string {
	q := g.alias()
	inner := scope{q}
	from := " FROM " + g.table() + " " + q
	correlated := fmt.Sprintf("%s.%s = %s", q, g.pick("key", "id", "g"), g.column(in, "int"))
	switch g.pick("subquery", "in", "not in", "exists", "not exists", "scalar", "mark") {
	case "in":
		return g.scalar(in, "int") + " IN (SELECT " + g.column(inner, "int") + from + g.filter(inner) + ")"
	case "not in":
		return g.scalar(in, "int") + " NOT IN (SELECT " + g.column(inner, "int") + from + g.filter(inner) + ")"
	case "exists":
		return "EXISTS (SELECT 1" + from + " WHERE " + correlated + " AND " + g.condition(inner, 1) + ")"
	case "not exists":
		return "NOT EXISTS (SELECT 1" + from + " WHERE " + correlated + " AND " + g.condition(inner, 1) + ")"
	case "mark":
		return "(" + g.scalar(in, "int") + " IN (SELECT " + g.column(inner, "int") + from + g.filter(inner) + ") OR " + g.atom(in) + ")"
	}
	return g.column(in, "int") + g.pick("operator", " = ", " < ", " >= ") + "(SELECT " +
		g.pick("fold", "max", "min", "count", "sum") + "(" + g.column(inner, "int") + ")" + from + " WHERE " + correlated + ")"
}

func (g *statements) filter(in scope) string {
	if g.coin("filter") {
		return " WHERE " + g.condition(in, 1)
	}
	return ""
}

// plainSelect has the columns int, text, int, for set operations.
func (g *statements) plainSelect() string {
	from, in := g.from()
	distinct := g.pick("distinct", "", "", "DISTINCT ")
	return fmt.Sprintf("SELECT %s%s AS x, %s AS y, %s AS z%s%s", distinct, g.scalar(in, "int"), g.scalar(in, "text"), g.column(in, "int"),
		from, g.where(in))
}

// starSelect gives a table's columns, filtered, perhaps limited.
func (g *statements) starSelect() string {
	r := g.alias()
	text := fmt.Sprintf("SELECT %[1]s.* FROM %[2]s %[1]s%[3]s", r, g.table(), g.where(scope{r}))
	if g.coin("limit") {
		text += fmt.Sprintf(" ORDER BY %s.id %s LIMIT %d", r, g.pick("direction", "ASC", "DESC"), rapid.IntRange(0, 9).Draw(g.rt, "limit"))
	}
	return text
}

func (g *statements) selectStatement() string {
	if g.coin("grouped") {
		return g.grouped()
	}
	text := g.plainSelect()
	if g.coin("ordered") {
		text += " ORDER BY x" + g.direction() + ", y" + g.direction() + ", z" + g.direction()
		if g.coin("limit") {
			text += fmt.Sprintf(" LIMIT %d", rapid.IntRange(0, 12).Draw(g.rt, "limit"))
		}
		if g.coin("offset") {
			text += fmt.Sprintf(" OFFSET %d", rapid.IntRange(0, 4).Draw(g.rt, "offset"))
		}
	}
	return text
}

func (g *statements) direction() string {
	return g.pick("direction", "", " DESC", " NULLS FIRST", " DESC NULLS LAST")
}

func (g *statements) grouped() string {
	return g.groupedOver(g.from())
}

func (g *statements) groupedOver(from string, in scope) string {
	keys := []string{g.scalar(in, "int"), g.column(in, "text")}[:rapid.IntRange(0, 2).Draw(g.rt, "keys")]
	folds := []string{
		"count(*)", "count(" + g.column(in, "text") + ")", "sum(" + g.column(in, "int") + ")", "min(" + g.column(in, "text") + ")",
		"max(" + g.column(in, "float") + ")", "avg(" + g.column(in, "int") + ")", "sum(" + g.column(in, "float") + ")",
		"variance(" + g.column(in, "int") + ")", "stddev_pop(" + g.column(in, "int") + ")", "avg(" + g.column(in, "float") + ")",
		"count(DISTINCT " + g.column(in, "int") + ")", "bool_or(" + g.column(in, "bool") + ")",
		"sum(" + g.column(in, "int") + ") FILTER (WHERE " + g.atom(in) + ")",
	}
	at, n := rapid.IntRange(0, len(folds)-1).Draw(g.rt, "first fold"), rapid.IntRange(1, len(folds)).Draw(g.rt, "folds")
	text := "SELECT " + strings.Join(append(keys, folds[at:min(at+n, len(folds))]...), ", ") + from + g.where(in)
	if len(keys) > 0 {
		positions := []string{"1", "2"}[:len(keys)]
		text += " GROUP BY " + strings.Join(positions, ", ")
	}
	if g.coin("having") {
		text += " HAVING count(*) " + g.pick("having", "> 1", ">= 0", "< 3")
	}
	return text
}
