package shop

import (
	"cmp"
	"slices"
	"strconv"
)

// Query is a statement over the shop's three sources, crm, pay and lake, with the answer computed from the rows.
type Query struct {
	// Title says what is asked, in words.
	Title string
	SQL   string
	// Answer gives the rows in order, each value as PostgreSQL prints it, "" for NULL.
	Answer func(s *Shop) [][]string
}

// Queries are the composed queries of the demo: each needs all that two or three sources have.
func Queries() []Query {
	return []Query{
		{Title: "Settled payments and carts by country (PostgreSQL ⋈ MongoDB ⋈ Parquet)", SQL: countriesSQL, Answer: countries},
		{Title: "Business customers whose shipped orders were never settled (PostgreSQL ▷ MongoDB)", SQL: unsettledSQL, Answer: unsettled},
		{Title: "One customer's last steps through the shop (PostgreSQL ∪ MongoDB ∪ Parquet)", SQL: timelineSQL, Answer: timeline},
	}
}

const countriesSQL = `SELECT c.country, count(*) AS customers, sum(p.paid) AS settled, sum(e.carts) AS carts
FROM crm.public.customers c
JOIN (SELECT customer_id, sum(amount) AS paid FROM pay.payments.payments
      WHERE status = 'settled' GROUP BY customer_id) p ON p.customer_id = c.id
LEFT JOIN (SELECT customer_id, count(*) AS carts FROM lake.main.events
      WHERE kind = 'cart' AND month >= '2024-07' GROUP BY customer_id) e ON e.customer_id = c.id
WHERE c.since < '2022-01-01'
GROUP BY c.country
ORDER BY settled DESC, c.country`

func countries(s *Shop) [][]string {
	paid := map[int32]Cents{}
	for _, p := range s.Payments {
		if p.Status == "settled" {
			paid[p.Customer] += p.Amount
		}
	}
	carts := map[int32]int{}
	for _, e := range s.Events {
		if e.Kind == "cart" && e.Month() >= "2024-07" {
			carts[e.Customer]++
		}
	}
	type group struct {
		country          string
		customers, carts int
		settled          Cents
		anyCarts         bool
	}
	groups := map[string]*group{}
	for _, c := range s.Customers {
		amount, ok := paid[c.ID]
		if !ok || c.Since.Year() >= 2022 {
			continue
		}
		g := groups[c.Country]
		if g == nil {
			g = &group{country: c.Country}
			groups[c.Country] = g
		}
		g.customers++
		g.settled += amount
		g.carts += carts[c.ID]
		g.anyCarts = g.anyCarts || carts[c.ID] > 0
	}
	var all []*group
	for _, g := range groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.settled, a.settled), cmp.Compare(a.country, b.country))
	})
	var out [][]string
	for _, g := range all {
		row := []string{g.country, itoa(g.customers), g.settled.String(), ""}
		if g.anyCarts {
			row[3] = itoa(g.carts)
		}
		out = append(out, row)
	}
	return out
}

const unsettledSQL = `SELECT c.name, o.id, o.total, o.placed_at::date AS placed
FROM crm.public.orders o
JOIN crm.public.customers c ON c.id = o.customer_id
WHERE o.status = 'shipped' AND c.segment = 'business'
  AND NOT EXISTS (SELECT 1 FROM pay.payments.payments p WHERE p.order_id = o.id AND p.status = 'settled')
ORDER BY o.total DESC, o.id
LIMIT 8`

func unsettled(s *Shop) [][]string {
	settled := map[int64]bool{}
	for _, p := range s.Payments {
		if p.Status == "settled" {
			settled[p.Order] = true
		}
	}
	var all []*Order
	for i := range s.Orders {
		o := &s.Orders[i]
		if o.Status == "shipped" && s.Customers[o.Customer-1].Segment == "business" && !settled[o.ID] {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *Order) int { return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.ID, b.ID)) })
	var out [][]string
	for _, o := range all[:min(8, len(all))] {
		out = append(out, []string{s.Customers[o.Customer-1].Name, itoa(int(o.ID)), o.Total.String(), o.Placed.Format("2006-01-02")})
	}
	return out
}

const timelineSQL = `SELECT what, detail, at FROM (
  SELECT 'order' AS what, status::text AS detail, placed_at AS at FROM crm.public.orders WHERE customer_id = 7
  UNION ALL
  SELECT 'payment', status || ' ' || amount::text || ' ' || currency, paid_at FROM pay.payments.payments WHERE customer_id = 7
  UNION ALL
  SELECT 'event', kind || coalesce(' ' || page, ''), at FROM lake.main.events WHERE customer_id = 7
) steps
ORDER BY at DESC, what, detail
LIMIT 10`

func timeline(s *Shop) [][]string {
	const customer = 7
	type step struct {
		what, detail, at string
	}
	const layout = "2006-01-02 15:04:05.999999+00"
	var all []step
	for _, o := range s.Orders {
		if o.Customer == customer {
			all = append(all, step{"order", o.Status, o.Placed.Format(layout)})
		}
	}
	for _, p := range s.Payments {
		if p.Customer == customer {
			all = append(all, step{"payment", p.Status + " " + p.Amount.String() + " " + p.Currency, p.Paid.Format(layout)})
		}
	}
	for _, e := range s.Events {
		if e.Customer == customer {
			detail := e.Kind
			if e.Page != nil {
				detail += " " + *e.Page
			}
			all = append(all, step{"event", detail, e.At.Format(layout)})
		}
	}
	slices.SortFunc(all, func(a, b step) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.what, b.what), cmp.Compare(a.detail, b.detail))
	})
	var out [][]string
	for _, x := range all[:min(10, len(all))] {
		out = append(out, []string{x.what, x.detail, x.at})
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
