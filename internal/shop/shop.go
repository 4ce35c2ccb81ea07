// Package shop generates one shop's data, the same for a seed: customers and orders for PostgreSQL, payments for MongoDB,
// events for Parquet files. It also computes the answers to the composed queries of demo and tests from the generated
// rows, row by row, without any engine.
package shop

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Customer is a row of PostgreSQL's public.customers.
type Customer struct {
	ID      int32
	Name    string
	Email   *string
	Country string // two letters
	Segment string // an enum: private, business, public
	Credit  Cents  // numeric(12,2)
	Rating  *float64
	Tags    []string
	Since   time.Time // whole seconds, UTC
	Born    *time.Time
	VIP     bool
	Ref     [16]byte
	Prefs   string // jsonb
}

// Order is a row of PostgreSQL's public.orders.
type Order struct {
	ID       int64
	Customer int32
	Status   string // an enum: new, paid, shipped, returned
	Total    Cents
	Placed   time.Time
	Note     *string
}

// Payment is a document of MongoDB's payments.payments. Fields that are nil are missing; Method is a nested document;
// Attempts an array of documents; Fee is an int32 in some documents, a double in others, missing in the rest.
type Payment struct {
	ID       [12]byte
	Order    int64
	Customer int32
	Amount   Cents // Decimal128
	Currency string
	Status   string // settled, pending, failed
	Method   *Method
	Attempts []Attempt
	Fee      any // nil, int32 or float64
	Paid     time.Time
}

// Method is how a payment was made.
type Method struct {
	Type  string
	Brand *string
}

// Attempt is one try of a payment.
type Attempt struct {
	At time.Time
	OK bool
}

// Event is a row of the Parquet table events, in a hive partition by month.
type Event struct {
	ID       int64
	Customer int32
	Kind     string // view, cart, checkout, support
	At       time.Time
	Page     *string
	Millis   int32
	Value    *Cents // decimal(12,2)
}

// Month is the event's partition, "2024-03".
func (e *Event) Month() string { return e.At.Format("2006-01") }

// Cents is an amount of money in hundredths.
type Cents int64

// String is the amount with two decimals.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// Shop is one generated data set.
type Shop struct {
	Customers []Customer
	Orders    []Order
	Payments  []Payment
	Events    []Event
}

// Rows at scale 1.
const (
	customersPerScale = 1000
	ordersPerScale    = 5000
	eventsPerScale    = 20000
)

// Generate makes the shop of a seed; scale 1 is 1,000 customers, 5,000 orders, some 4,600 payments and 20,000 events.
func Generate(seed uint64, scale float64) *Shop {
	g := &generator{r: rand.New(rand.NewPCG(seed, 0x5e1f))}
	s := &Shop{}
	for i := range max(1, int(customersPerScale*scale)) {
		s.Customers = append(s.Customers, g.customer(int32(i+1)))
	}
	for i := range max(1, int(ordersPerScale*scale)) {
		s.Orders = append(s.Orders, g.order(int64(100000+i), len(s.Customers)))
	}
	for i := range s.Orders {
		s.Payments = append(s.Payments, g.payments(&s.Orders[i], len(s.Payments))...)
	}
	for i := range max(1, int(eventsPerScale*scale)) {
		s.Events = append(s.Events, g.event(int64(i+1), len(s.Customers)))
	}
	return s
}

type generator struct{ r *rand.Rand }

var (
	firstNames   = []string{"Ada", "Björn", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiroshi", "Inês", "José", "Käthe", "Li", "Мария", "Noor", "Ömer", "Zoë"}
	lastNames    = []string{"Adams", "Bauer", "Çelik", "Dubois", "Evans", "Fischer", "García", "Håkansson", "Ito", "Jensen", "Kowalski", "O'Neill", "Petrov", "Quinn", "Řezník", "Wang"}
	countryCodes = []string{"DE", "FR", "US", "JP", "BR", "NO", "TR", "GB"}
	segments     = []string{"private", "private", "private", "business", "public"}
	statuses     = []string{"new", "paid", "paid", "shipped", "shipped", "shipped", "returned"}
	tags         = []string{"newsletter", "beta", "wholesale", "late payer", `"quoted"`, "comma, separated"}
	brands       = []string{"Visa", "Mastercard", "Amex"}
	kinds        = []string{"view", "view", "view", "view", "cart", "cart", "checkout", "support"}
	pages        = []string{"/", "/sale", "/products/1", "/products/2", "/help", "/straße"}
	epoch        = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
)

func pick[T any](g *generator, of []T) T { return of[g.r.IntN(len(of))] }

// maybe is a value with probability p, else nil.
func maybe[T any](g *generator, p float64, v T) *T {
	if g.r.Float64() >= p {
		return nil
	}
	return &v
}

func (g *generator) time(days int) time.Time {
	return epoch.Add(time.Duration(g.r.IntN(days*86400)) * time.Second)
}

func (g *generator) customer(id int32) Customer {
	first, last := pick(g, firstNames), pick(g, lastNames)
	c := Customer{
		ID: id, Name: first + " " + last, Email: maybe(g, 0.9, fmt.Sprintf("%s.%d@example.org", last, id)),
		Country: pick(g, countryCodes), Segment: pick(g, segments), Credit: Cents(g.r.IntN(2_000_000) - 500_000),
		Rating: maybe(g, 0.8, float64(g.r.IntN(50))/10), Since: g.time(365).AddDate(-3, 0, 0), VIP: g.r.IntN(10) == 0,
		Prefs: fmt.Sprintf(`{"theme": "%s", "limit": %d}`, pick(g, []string{"dark", "light"}), g.r.IntN(100)),
	}
	if born := g.time(365*50).AddDate(-70, 0, 0).Truncate(24 * time.Hour); g.r.IntN(5) > 0 {
		c.Born = &born
	}
	for range g.r.IntN(3) {
		c.Tags = append(c.Tags, pick(g, tags))
	}
	for i := range c.Ref {
		c.Ref[i] = byte(g.r.Uint32())
	}
	return c
}

func (g *generator) order(id int64, customers int) Order {
	return Order{
		ID: id, Customer: int32(g.r.IntN(customers)) + 1, Status: pick(g, statuses), Total: Cents(g.r.IntN(50_000) + 99),
		Placed: g.time(366), Note: maybe(g, 0.2, pick(g, []string{"gift", "", "  ring twice  ", "für Oma"})),
	}
}

// payments of an order: none for one in ten, and a failed one before the one that settled for some.
func (g *generator) payments(o *Order, n int) []Payment {
	if g.r.IntN(10) == 0 {
		return nil
	}
	p := g.payment(o, n)
	if g.r.IntN(12) > 0 {
		return []Payment{p}
	}
	failed := g.payment(o, n+1)
	failed.Status = "failed"
	return []Payment{failed, p}
}

func (g *generator) payment(o *Order, n int) Payment {
	p := Payment{
		ID: objectID(o, n), Order: o.ID, Customer: o.Customer, Amount: o.Total, Currency: pick(g, []string{"EUR", "EUR", "USD"}),
		Status: pick(g, []string{"settled", "settled", "settled", "pending"}),
		Paid:   o.Placed.Add(time.Duration(g.r.IntN(86400*3))*time.Second + time.Duration(g.r.IntN(1000))*time.Millisecond),
	}
	if g.r.IntN(8) > 0 {
		p.Method = &Method{Type: pick(g, []string{"card", "card", "transfer"})}
		if p.Method.Type == "card" {
			p.Method.Brand = maybe(g, 0.9, pick(g, brands))
		}
	}
	for i := range g.r.IntN(3) {
		p.Attempts = append(p.Attempts, Attempt{At: p.Paid.Add(-time.Duration(i) * time.Minute), OK: i == 0})
	}
	switch g.r.IntN(3) {
	case 0:
		p.Fee = int32(g.r.IntN(5))
	case 1:
		p.Fee = float64(g.r.IntN(400)) / 100
	}
	return p
}

// objectID is unique and ascends with the order.
func objectID(o *Order, n int) [12]byte {
	var id [12]byte
	sec := uint32(o.Placed.Unix())
	for i := range 4 {
		id[i] = byte(sec >> (24 - 8*i))
		id[8+i] = byte(uint32(n) >> (24 - 8*i))
		id[4+i] = byte(uint32(o.ID) >> (24 - 8*i))
	}
	return id
}

func (g *generator) event(id int64, customers int) Event {
	e := Event{
		ID: id, Customer: int32(g.r.IntN(customers)) + 1, Kind: pick(g, kinds), At: g.time(366),
		Page: maybe(g, 0.95, pick(g, pages)), Millis: int32(g.r.IntN(60_000)),
	}
	if e.Kind == "cart" {
		e.Value = maybe(g, 0.9, Cents(g.r.IntN(30_000)))
	}
	return e
}
