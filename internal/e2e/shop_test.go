package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/shop"
)

// composed is a statement over several sources and its answer, computed from the generator's rows or written out.
type composed struct {
	sql    string
	answer func(s *shop.Shop) [][]string
}

// written is an answer that is known.
func written(rows ...[]string) func(*shop.Shop) [][]string {
	return func(*shop.Shop) [][]string { return rows }
}

var composedQueries = []composed{
	// The same numbers in three sources.
	{"SELECT a.id, b._id, c.id FROM crm.public.extremes a JOIN pay.payments.extremes b ON a.i8 = b.i JOIN lake.main.extremes c ON c.i = b.i ORDER BY 1, 2, 3", written(
		[]string{"2", "4", "2"}, []string{"3", "3", "3"}, []string{"4", "5", "4"}, []string{"5", "6", "5"}, []string{"7", "6", "5"})},
	{"SELECT a.id, b._id, c.id FROM crm.public.extremes a JOIN pay.payments.extremes b ON a.f8 = b.f JOIN lake.main.extremes c ON c.f = b.f ORDER BY 1, 2, 3", written(
		[]string{"2", "4", "2"}, []string{"3", "3", "3"}, []string{"4", "5", "4"}, []string{"5", "6", "5"})},
	{"SELECT a.id, b._id, c.id FROM crm.public.extremes a JOIN pay.payments.extremes b ON a.t = b.t JOIN lake.main.extremes c ON c.t = b.t ORDER BY 1, 2, 3", written(
		[]string{"2", "3", "2"}, []string{"4", "4", "4"}, []string{"5", "5", "3"})},
	{"SELECT a.id, c.id FROM crm.public.extremes a JOIN lake.main.extremes c ON a.d = c.d ORDER BY 1, 2", written([]string{"2", "2"}, []string{"3", "3"}, []string{"4", "4"})},
	{"SELECT a.id, b._id, c.id FROM crm.public.extremes a LEFT JOIN pay.payments.extremes b ON b.at = a.tz FULL JOIN lake.main.extremes c ON c.at = a.tz ORDER BY 1, 2, 3", written(
		[]string{"1", null, null}, []string{"2", "4", "2"}, []string{"3", null, "3"}, []string{"4", "3", "4"}, []string{"5", null, null}, []string{"6", null, null},
		[]string{"7", null, null}, []string{null, null, "1"}, []string{null, null, "5"})},
	{"SELECT a.id, b._id FROM crm.public.extremes a JOIN pay.payments.extremes b ON a.n15 = b.n ORDER BY 1, 2", written([]string{"4", "5"})},
	{"SELECT a.id, c.id FROM crm.public.extremes a JOIN lake.main.extremes c ON a.n15 = c.n ORDER BY 1, 2", written([]string{"4", "4"}, []string{"6", "5"})},
	{"SELECT a.id, c.id FROM crm.public.extremes a JOIN lake.main.extremes c ON a.b = c.b ORDER BY 1, 2", written([]string{"2", "2"}, []string{"3", "3"})},
	{"SELECT a.id FROM crm.public.extremes a WHERE a.i8 NOT IN (SELECT i FROM lake.main.extremes WHERE i IS NOT NULL AND i > 0) ORDER BY 1", written([]string{"2"}, []string{"4"}, []string{"6"})},
	{"SELECT a.id FROM crm.public.extremes a WHERE a.i8 NOT IN (SELECT i FROM lake.main.extremes) ORDER BY 1", written()},
	{"SELECT a._id FROM pay.payments.extremes a WHERE NOT EXISTS (SELECT 1 FROM crm.public.extremes b WHERE b.f8 = a.f) ORDER BY 1", written([]string{"1"}, []string{"2"})},
	{"SELECT f::text, count(*) FROM (SELECT f8 AS f FROM crm.public.extremes UNION ALL SELECT f FROM pay.payments.extremes UNION ALL SELECT f FROM lake.main.extremes) u GROUP BY f ORDER BY f", written(
		[]string{"-0", "3"}, []string{"-Infinity", "3"}, []string{"1.5", "1"}, []string{"5e-324", "1"}, []string{"Infinity", "3"}, []string{"NaN", "3"}, []string{null, "4"})},
	{"SELECT x FROM (SELECT t AS x FROM crm.public.extremes UNION SELECT t FROM pay.payments.extremes UNION SELECT t FROM lake.main.extremes) u ORDER BY x", written(
		[]string{""}, []string{"ABC"}, []string{"quote ' back\\slash %_"}, []string{"quote ' back\\slash %_\n"}, []string{"trailing  "}, []string{"zzz"}, []string{"Ünïcödé 漢字 🙂"}, []string{null})},
	{"SELECT i8 FROM crm.public.extremes INTERSECT SELECT i FROM pay.payments.extremes INTERSECT SELECT i FROM lake.main.extremes ORDER BY 1", written(
		[]string{"-9223372036854775808"}, []string{"0"}, []string{"1"}, []string{"9223372036854775807"}, []string{null})},
	{"SELECT t FROM pay.payments.extremes EXCEPT SELECT t FROM crm.public.extremes ORDER BY 1", written([]string{"quote ' back\\slash %_"})},
	{"SELECT _id, (sub).x FROM pay.payments.extremes WHERE sub IS NOT NULL OR _id = 6 ORDER BY 1", written([]string{"5", "1"}, []string{"6", null})},
	{"SELECT id, l, l[1], cardinality(l) FROM lake.main.extremes WHERE id IN (3, 4) ORDER BY id", written([]string{"3", "{1,2}", "1", "2"}, []string{"4", "{}", null, "0"})},
	// Nested fields, arrays and partitions over the shop.
	{"SELECT (method).type, count(*) FROM pay.payments.payments GROUP BY 1 ORDER BY 1", func(s *shop.Shop) [][]string {
		return counted(s.Payments, func(p shop.Payment) string {
			if p.Method == nil {
				return null
			}
			return p.Method.Type
		})
	}},
	{"SELECT (method).brand, count(*) FROM pay.payments.payments WHERE (method).type = 'card' GROUP BY 1 ORDER BY 1", func(s *shop.Shop) [][]string {
		cards := slices.DeleteFunc(slices.Clone(s.Payments), func(p shop.Payment) bool { return p.Method == nil || p.Method.Type != "card" })
		return counted(cards, func(p shop.Payment) string {
			if p.Method.Brand == nil {
				return null
			}
			return *p.Method.Brand
		})
	}},
	{"SELECT month, count(*) FROM lake.main.events WHERE month BETWEEN '2024-03' AND '2024-05' GROUP BY month ORDER BY month", func(s *shop.Shop) [][]string {
		in := slices.DeleteFunc(slices.Clone(s.Events), func(e shop.Event) bool { return e.Month() < "2024-03" || e.Month() > "2024-05" })
		return counted(in, func(e shop.Event) string { return e.Month() })
	}},
	{"SELECT c.country, count(*) FROM lake.main.events e JOIN crm.public.customers c ON c.id = e.customer_id WHERE e.month = '2024-02' AND 'beta' = ANY (c.tags) GROUP BY 1 ORDER BY 1", func(s *shop.Shop) [][]string {
		in := slices.DeleteFunc(slices.Clone(s.Events), func(e shop.Event) bool {
			return e.Month() != "2024-02" || !slices.Contains(s.Customers[e.Customer-1].Tags, "beta")
		})
		return counted(in, func(e shop.Event) string { return s.Customers[e.Customer-1].Country })
	}},
	{"SELECT c.segment, count(*) FROM crm.public.customers c WHERE NOT EXISTS (SELECT 1 FROM pay.payments.payments p WHERE p.customer_id = c.id AND p.status = 'failed') GROUP BY c.segment ORDER BY c.segment::text", func(s *shop.Shop) [][]string {
		failed := map[int32]bool{}
		for _, p := range s.Payments {
			failed[p.Customer] = failed[p.Customer] || p.Status == "failed"
		}
		in := slices.DeleteFunc(slices.Clone(s.Customers), func(c shop.Customer) bool { return failed[c.ID] })
		return counted(in, func(c shop.Customer) string { return c.Segment })
	}},
	{"SELECT o.status, count(p.order_id) FROM crm.public.orders o LEFT JOIN pay.payments.payments p ON p.order_id = o.id AND p.amount = o.total AND p.status = 'pending' GROUP BY o.status ORDER BY o.status::text", func(s *shop.Shop) [][]string {
		n := map[string]int{}
		status := map[int64]string{}
		for _, o := range s.Orders {
			status[o.ID] = o.Status
			n[o.Status] += 0
		}
		for _, p := range s.Payments {
			if p.Status == "pending" {
				n[status[p.Order]]++
			}
		}
		return rowsOf(n)
	}},
	{"SELECT p.currency, sum(p.amount), count(*), min(p.amount), max(p.paid_at) FROM pay.payments.payments p JOIN crm.public.orders o ON o.id = p.order_id JOIN crm.public.customers c ON c.id = o.customer_id WHERE c.vip GROUP BY 1 ORDER BY 1", func(s *shop.Shop) [][]string {
		var out [][]string
		for _, currency := range []string{"EUR", "USD"} {
			var sum, least shop.Cents
			n, last := 0, ""
			for _, p := range s.Payments {
				if p.Currency != currency || !s.Customers[p.Customer-1].VIP {
					continue
				}
				if n == 0 || p.Amount < least {
					least = p.Amount
				}
				sum, n, last = sum+p.Amount, n+1, max(last, p.Paid.Format("2006-01-02 15:04:05.999999+00"))
			}
			out = append(out, []string{currency, sum.String(), fmt.Sprint(n), least.String(), last})
		}
		return out
	}},
}

// counted groups and counts, sorted by the group's text with NULL last.
func counted[T any](all []T, key func(T) string) [][]string {
	n := map[string]int{}
	for _, x := range all {
		n[key(x)]++
	}
	return rowsOf(n)
}

func rowsOf(n map[string]int) [][]string {
	var out [][]string
	for k, c := range n {
		out = append(out, []string{k, fmt.Sprint(c)})
	}
	slices.SortFunc(out, func(a, b []string) int {
		if (a[0] == null) != (b[0] == null) {
			return map[bool]int{true: 1, false: -1}[a[0] == null]
		}
		return strings.Compare(a[0], b[0])
	})
	return out
}

func TestComposedAnswers(t *testing.T) {
	h := openHouse(t)
	queries := slices.Clone(composedQueries)
	for _, q := range shop.Queries() {
		queries = append(queries, composed{q.SQL, q.Answer})
	}
	for i, q := range queries {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			sizes := []string{"257", "8192"}
			if strings.Contains(q.sql, "extremes") {
				sizes = []string{"1", "3", "8192"}
			}
			want := q.answer(h.shop)
			for _, settings := range matrix(sizes...) {
				got, err := ask(context.Background(), h.db, h.sql(q.sql), with(settings)...)
				require.NoError(t, err, "%s %v", q.sql, settings)
				require.Empty(t, shop.Difference(cleared(got.rows, q), want), "%s %v: %q", q.sql, settings, got.rows)
			}
		})
	}
}

// cleared has "" for NULL where the shop's own answers have it.
func cleared(rows [][]string, q composed) [][]string {
	if !strings.Contains(q.sql, "crm.public.customers c\nJOIN") && !strings.Contains(q.sql, "steps") {
		return rows
	}
	for _, r := range rows {
		for i := range r {
			if r[i] == null {
				r[i] = ""
			}
		}
	}
	return rows
}
