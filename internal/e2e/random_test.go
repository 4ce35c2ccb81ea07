package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

var (
	randomStatements = flag.Int("random-statements", 200, "random statements of TestRandomStatementsOverThreeSources")
	randomSeed       = flag.Uint64("random-seed", 1, "their seed")
)

// randomTable is a table of the shop and what random statements say of it.
type randomTable struct {
	name     string // %s is the database of the payments
	oracle   string
	customer string // the column with the customer's key
	groups   []string
	amounts  []string
	tests    []string // %[1]s is the alias
}

var randomTables = map[string]randomTable{
	"c": {"crm.public.customers", "public.customers", "id", []string{"country", "segment", "vip"}, []string{"credit", "rating", "id"}, []string{
		"%[1]s.country IN ('DE', 'FR')", "%[1]s.vip", "%[1]s.rating > 2.5", "%[1]s.born IS NULL", "%[1]s.credit BETWEEN -1000 AND 9000.55", "%[1]s.id %% 3 = 1",
		"%[1]s.name LIKE '%%e%%'", "%[1]s.since < '2021-06-01'", "%[1]s.segment = 'business'", "%[1]s.email IS NOT NULL", "length(%[1]s.name) > 11", "'beta' = ANY (%[1]s.tags)",
	}},
	"o": {"crm.public.orders", "public.orders", "customer_id", []string{"status", "note"}, []string{"total", "id"}, []string{
		"%[1]s.status <> 'paid'", "%[1]s.total > 250", "%[1]s.note IS NULL", "%[1]s.note = ''", "%[1]s.placed_at >= '2024-05-01'", "%[1]s.id %% 2 = 0", "%[1]s.status IN ('new', 'shipped')",
		"extract(month from %[1]s.placed_at) > 6", "%[1]s.total < %[1]s.id / 500",
	}},
	"p": {"pay.%s.payments", "oracle.payments", "customer_id", []string{"status", "currency"}, []string{"amount", "order_id"}, []string{
		"%[1]s.status = 'settled'", "%[1]s.amount >= 100.5", "%[1]s.currency <> 'EUR'", "%[1]s.paid_at < '2024-07-01'", "%[1]s.order_id IN (100003, 100007, 100020)", "%[1]s.amount * 2 > 600",
		"%[1]s.status LIKE '%%ed'", "NOT (%[1]s.amount BETWEEN 50 AND 300)", "%[1]s.customer_id < 20",
	}},
	"e": {"lake.main.events", "oracle.events", "customer_id", []string{"kind", "month", "page"}, []string{"duration_ms", "value"}, []string{
		"%[1]s.kind = 'cart'", "%[1]s.month >= '2024-09'", "%[1]s.value IS NOT NULL", "%[1]s.value > 150", "%[1]s.page LIKE '/products%%'", "%[1]s.duration_ms < 9000", "%[1]s.page IS NULL",
		"%[1]s.month IN ('2024-01', '2024-02')", "%[1]s.at > '2024-10-10 12:00'", "coalesce(%[1]s.value, 0) < 20",
	}},
}

// statementMaker writes random statements; the tables' names come later.
type statementMaker struct{ r *rand.Rand }

func choose[T any](m statementMaker, of []T) T { return of[m.r.IntN(len(of))] }

func (m statementMaker) test(alias string) string {
	return fmt.Sprintf(choose(m, randomTables[alias].tests), alias)
}

// condition is a predicate over the aliases: tests joined by AND, OR and NOT, and subqueries.
func (m statementMaker) condition(aliases []string, depth int) string {
	switch n := m.r.IntN(10); {
	case depth > 0 && n < 3:
		return "(" + m.condition(aliases, depth-1) + choose(m, []string{" AND ", " OR "}) + m.condition(aliases, depth-1) + ")"
	case depth > 0 && n == 3:
		return "NOT (" + m.condition(aliases, depth-1) + ")"
	case n == 4:
		a, inner := choose(m, aliases), choose(m, []string{"c", "o", "p", "e"})
		return fmt.Sprintf("%s.%s %s (SELECT s.%s FROM {%s} s WHERE %s)", a, randomTables[a].customer, choose(m, []string{"IN", "NOT IN"}),
			randomTables[inner].customer, inner, fmt.Sprintf(choose(m, randomTables[inner].tests), "s"))
	case n == 5:
		a, inner := choose(m, aliases), choose(m, []string{"c", "o", "p", "e"})
		return fmt.Sprintf("%s (SELECT 1 FROM {%s} s WHERE s.%s = %s.%s AND %s)", choose(m, []string{"EXISTS", "NOT EXISTS"}), inner,
			randomTables[inner].customer, a, randomTables[a].customer, fmt.Sprintf(choose(m, randomTables[inner].tests), "s"))
	}
	return m.test(choose(m, aliases))
}

// statement is a random SELECT; {c}, {o}, {p} and {e} stand for tables.
func (m statementMaker) statement() string {
	aliases := []string{"c", "o", "p", "e"}
	m.r.Shuffle(4, func(i, j int) { aliases[i], aliases[j] = aliases[j], aliases[i] })
	aliases = aliases[:1+m.r.IntN(3)]
	from := fmt.Sprintf("{%s} %s", aliases[0], aliases[0])
	for i, a := range aliases[1:] {
		b := choose(m, aliases[:i+1])
		on := fmt.Sprintf("%s.%s = %s.%s", a, randomTables[a].customer, b, randomTables[b].customer)
		if a == "p" && b == "o" || a == "o" && b == "p" {
			on = fmt.Sprintf("%s AND o.id = p.order_id", on)
		}
		kind := choose(m, []string{"JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"})
		if m.r.IntN(3) == 0 {
			on += " AND " + m.test(choose(m, []string{a, b}))
		}
		from += fmt.Sprintf(" %s {%s} %s ON %s", kind, a, a, on)
	}
	where := ""
	if m.r.IntN(5) > 0 {
		where = " WHERE " + m.condition(aliases, 2)
	}
	a, b := choose(m, aliases), choose(m, aliases)
	group, amount := a+"."+choose(m, randomTables[a].groups), b+"."+choose(m, randomTables[b].amounts)
	switch m.r.IntN(4) {
	case 0: // a top few; every column orders, so that ties are equal rows
		return fmt.Sprintf("SELECT %s::text AS g, %s AS x FROM %s%s ORDER BY 2 %s, 1 LIMIT %d", group, amount, from, where, choose(m, []string{"", "DESC", "NULLS FIRST"}), 1+m.r.IntN(20))
	case 1:
		return fmt.Sprintf("SELECT DISTINCT %s::text AS g FROM %s%s ORDER BY 1", group, from, where)
	case 2:
		having := choose(m, []string{"", fmt.Sprintf(" HAVING count(*) > %d", m.r.IntN(200)), fmt.Sprintf(" HAVING max(%s) > 100", amount)})
		return fmt.Sprintf("SELECT %s::text AS g, count(*), count(%s), count(DISTINCT %s), min(%s), max(%s) FROM %s%s GROUP BY %s%s ORDER BY 1", group, amount, amount, amount, amount, from, where, group, having)
	}
	return fmt.Sprintf("SELECT count(*), count(%s) AS n, sum(%s)::numeric(30,2) AS s, count(DISTINCT %s) AS d FROM %s%s", amount, amount, group, from, where)
}

// TestRandomStatementsOverThreeSources runs random joins over the shop's sources, and on PostgreSQL over a copy of all.
func TestRandomStatementsOverThreeSources(t *testing.T) {
	ctx := t.Context()
	s := shop.Generate(11, 0.05)
	url, lake := fixture.PostgresURL(t), t.TempDir()
	uri, database := fixture.MongoDatabase(t)
	require.NoError(t, s.LoadPostgres(ctx, url))
	require.NoError(t, s.LoadMongo(ctx, uri, database))
	require.NoError(t, s.WriteParquet(lake))
	conn := connect(t, url)
	_, err := conn.Exec(ctx, `CREATE SCHEMA oracle;
		CREATE TABLE oracle.payments (order_id bigint, customer_id int, amount numeric, currency text, status text, paid_at timestamptz);
		CREATE TABLE oracle.events (id bigint, customer_id int, kind text, at timestamptz, page text, duration_ms int, value numeric(12,2), month text)`)
	require.NoError(t, err)
	const layout = "2006-01-02 15:04:05.999999+00"
	var payments, events bytes.Buffer
	for _, p := range s.Payments {
		fmt.Fprintf(&payments, "%d\t%d\t%s\t%s\t%s\t%s\n", p.Order, p.Customer, p.Amount, p.Currency, p.Status, p.Paid.Format(layout))
	}
	for i := range s.Events {
		e := &s.Events[i]
		page, value := `\N`, `\N`
		if e.Page != nil {
			page = *e.Page
		}
		if e.Value != nil {
			value = e.Value.String()
		}
		fmt.Fprintf(&events, "%d\t%d\t%s\t%s\t%s\t%d\t%s\t%s\n", e.ID, e.Customer, e.Kind, e.At.Format(layout), page, e.Millis, value, e.Month())
	}
	_, err = conn.PgConn().CopyFrom(ctx, &payments, "COPY oracle.payments FROM STDIN")
	require.NoError(t, err)
	_, err = conn.PgConn().CopyFrom(ctx, &events, "COPY oracle.events FROM STDIN")
	require.NoError(t, err)
	db, err := skein.Open(ctx, skein.Source("crm", url), skein.Source("pay", uri), skein.Source("lake", "parquet://"+lake), skein.Setting("skein.numeric", "text"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	settings := matrix("3", "8192")
	maker := statementMaker{rand.New(rand.NewPCG(*randomSeed, 1))}
	refused := 0
	for i := range *randomStatements / everyth {
		text := maker.statement()
		ours, theirs := text, text
		for alias, table := range randomTables {
			ours = strings.ReplaceAll(ours, "{"+alias+"}", strings.ReplaceAll(table.name, "%s", database))
			theirs = strings.ReplaceAll(theirs, "{"+alias+"}", table.oracle)
		}
		want, err := postgres(ctx, conn, theirs)
		if err != nil {
			require.Equal(t, "0A000", pgCode(err), "%s: %v", theirs, err) // FULL JOIN on more than equalities
			refused++
			continue
		}
		for _, c := range []map[string]string{settings[i%len(settings)], settings[(i+5)%len(settings)]} {
			got, err := ask(context.Background(), db, ours, with(c)...)
			if err != nil {
				t.Errorf("%s %v: %v", ours, c, err)
				continue
			}
			if d := valueDifference(got, want); d != "" {
				t.Errorf("%s %v: %s", ours, c, d)
			}
		}
	}
	t.Logf("%d statements, %d refused by PostgreSQL", *randomStatements/everyth, refused)
}

// valueDifference compares rows in order, numbers by value.
func valueDifference(got, want *answer) string {
	if !slices.Equal(got.names, want.names) {
		return fmt.Sprintf("columns %q instead of %q", got.names, want.names)
	}
	return shop.Difference(got.rows, want.rows)
}
