package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// correlated writes random statements with correlated subqueries over subquerySchema's tables. Every alias is new, and
// every column of a subquery's answer an integer.
type correlated struct {
	statementMaker
	aliases int
}

// columns are the integer columns of the tables.
var columns = map[string][]string{"o": {"id", "x", "y"}, "s": {"id", "oid", "x", "y"}, "u": {"id", "sid", "z"}}

// relation is a table under a new alias, with its columns.
func (m *correlated) relation() (string, []string) {
	table := choose(m.statementMaker, []string{"o", "s", "s", "u", "u"})
	m.aliases++
	alias := fmt.Sprintf("a%d", m.aliases)
	var cols []string
	for _, c := range columns[table] {
		cols = append(cols, alias+"."+c)
	}
	return table + " " + alias, cols
}

// condition compares own columns with own and outer ones.
func (m *correlated) condition(own, outer []string, depth int) string {
	pick := func(of []string) string { return choose(m.statementMaker, of) }
	op := pick([]string{"=", "=", "=", "<", ">=", "<>", "IS NOT DISTINCT FROM"})
	switch n := m.r.IntN(12); {
	case n < 5 && len(outer) > 0:
		return pick(own) + " " + op + " " + pick(outer)
	case n < 6 && len(outer) > 0:
		return pick(own) + " + " + pick(outer) + " " + op + " " + pick(own)
	case n < 8 && depth >= 0:
		return "(" + m.condition(own, outer, -1) + pick([]string{" OR ", " AND "}) + m.condition(own, outer, -1) + ")"
	case n < 11 && depth > 0:
		return m.predicate(append(own[:len(own):len(own)], outer...), depth-1)
	}
	return pick(own) + " " + op + " " + fmt.Sprint(m.r.IntN(6))
}

// predicate is a condition with a subquery over outer columns.
func (m *correlated) predicate(outer []string, depth int) string {
	pick := func(of ...string) string { return choose(m.statementMaker, of) }
	x := choose(m.statementMaker, outer)
	switch m.r.IntN(6) {
	case 0, 1:
		return pick("EXISTS ", "NOT EXISTS ") + m.set(outer, depth)
	case 2:
		return x + pick(" IN ", " NOT IN ") + m.set(outer, depth)
	case 3:
		return x + pick(" = ", " < ", " <> ", " >= ") + pick("ANY ", "ALL ") + m.set(outer, depth)
	case 4:
		return "(" + x + pick(" IN ", " NOT IN ") + m.set(outer, depth) + ") IS" + pick(" NULL", " NOT TRUE", " FALSE")
	}
	return x + pick(" = ", " < ", " <> ") + m.scalar(outer, depth)
}

// body is FROM and WHERE of a subquery, and its columns.
func (m *correlated) body(outer []string, depth int) (string, []string) {
	from, own := m.relation()
	switch m.r.IntN(6) {
	case 0:
		right, cols := m.relation()
		own = append(own, cols...)
		kind := choose(m.statementMaker, []string{" JOIN ", " LEFT JOIN ", " RIGHT JOIN "})
		from += kind + right + " ON " + choose(m.statementMaker, own) + " = " + choose(m.statementMaker, cols) + " AND " + m.condition(own, outer, 0)
	case 1:
		m.aliases++
		alias := fmt.Sprintf("a%d", m.aliases)
		from += fmt.Sprintf(" CROSS JOIN LATERAL (SELECT %s AS v) %s", m.scalar(append(own[:len(own):len(own)], outer...), 0), alias)
		own = append(own, alias+".v")
	}
	return from + " WHERE " + m.condition(own, outer, depth), own
}

// set is a subquery of one column.
func (m *correlated) set(outer []string, depth int) string {
	body, own := m.body(outer, depth)
	c := choose(m.statementMaker, own)
	switch m.r.IntN(9) {
	case 0:
		return fmt.Sprintf("(SELECT count(%s) FROM %s)", c, body)
	case 1:
		return fmt.Sprintf("(SELECT max(%s) FROM %s GROUP BY %s)", c, body, choose(m.statementMaker, own))
	case 2:
		return fmt.Sprintf("(SELECT DISTINCT %s FROM %s)", c, body)
	case 3:
		order := strings.Join(own, ", ")
		return fmt.Sprintf("(SELECT %s FROM %s ORDER BY %s, %s LIMIT %d)", c, body, c, order, 1+m.r.IntN(3))
	case 4:
		other, cols := m.body(outer, 0)
		return fmt.Sprintf("(SELECT %s FROM %s %s SELECT %s FROM %s)", c, body,
			choose(m.statementMaker, []string{"UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL"}), choose(m.statementMaker, cols), other)
	case 5:
		return fmt.Sprintf("(SELECT %s + %s FROM %s)", c, choose(m.statementMaker, outer), body)
	}
	return fmt.Sprintf("(SELECT %s FROM %s)", c, body)
}

// scalar is a subquery of one row.
func (m *correlated) scalar(outer []string, depth int) string {
	body, own := m.body(outer, depth)
	c := choose(m.statementMaker, own)
	switch m.r.IntN(6) {
	case 0:
		return fmt.Sprintf("(SELECT count(*) FROM %s)::int", body)
	case 1:
		return fmt.Sprintf("(SELECT sum(%s) FROM %s HAVING count(*) > 1)::int", c, body)
	case 2:
		return fmt.Sprintf("(SELECT %s FROM %s ORDER BY %s, %s OFFSET %d LIMIT 1)", c, body, c, strings.Join(own, ", "), m.r.IntN(2))
	case 3:
		return fmt.Sprintf("(SELECT max(%s + %s) FROM %s)", c, choose(m.statementMaker, outer), body)
	case 4:
		return fmt.Sprintf("(SELECT sum(q.r) FROM (SELECT row_number() OVER (ORDER BY %s) AS r FROM %s) q)::int", strings.Join(own, ", "), body)
	}
	return fmt.Sprintf("(SELECT min(%s) FROM %s)", c, body)
}

func (m *correlated) statement() string {
	m.aliases = 0
	from, own := m.relation()
	item := m.scalar(own, 1)
	if m.r.IntN(2) == 0 {
		item = m.predicate(own, 1)
	}
	where := ""
	if m.r.IntN(2) == 0 {
		where = " WHERE " + m.condition(own, nil, 2)
	}
	return fmt.Sprintf("SELECT %s, %s AS answer FROM %s%s ORDER BY %s, answer", strings.Join(own, ", "), item, from, where, strings.Join(own, ", "))
}

// TestRandomCorrelatedSubqueries compares random correlated subqueries with PostgreSQL. The number of statements and
// their seed are those of the other random statements.
func TestRandomCorrelatedSubqueries(t *testing.T) {
	r := newRival(t, subquerySchema)
	m := &correlated{statementMaker: statementMaker{rand.New(rand.NewPCG(*randomSeed, 3))}}
	for i := range 2 * *randomStatements / everyth {
		r.compare(t, m.statement(), func(j int) bool { return j == i%len(r.settings) })
	}
}
