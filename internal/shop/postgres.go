package shop

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const postgresDDL = `
CREATE TYPE segment AS ENUM ('private', 'business', 'public');
CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped', 'returned');
CREATE TABLE customers (
    id int PRIMARY KEY, name text NOT NULL, email varchar(120), country char(2) NOT NULL, segment segment NOT NULL,
    credit numeric(12,2) NOT NULL, rating float8, tags text[] NOT NULL, since timestamptz NOT NULL, born date,
    vip boolean NOT NULL, ref uuid NOT NULL UNIQUE, prefs jsonb NOT NULL
);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, status order_status NOT NULL,
    total numeric(12,2) NOT NULL, placed_at timestamptz NOT NULL, note text
);
CREATE INDEX ON orders (customer_id);
COMMENT ON TABLE customers IS 'People and companies that buy';
` + extremesDDL

// extremesDDL are rows that go wrong elsewhere: NULL, NaN, infinities, blanks, non-ASCII text, the ends of each type.
const extremesDDL = `
CREATE TABLE extremes (
    id int PRIMARY KEY, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, n15 numeric(15,2), n38 numeric(38,10),
    t text, v varchar(10), c char(6), b bytea, d date, ts timestamp, tz timestamptz, tm time, iv interval, u uuid,
    j jsonb, a int[], flag boolean
);
INSERT INTO extremes VALUES
 (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (2, -32768, -2147483648, -9223372036854775808, '-Infinity', '-Infinity', '-1e40', -9999999999999.99, -9999999999999999999999999999.9999999999,
  '', '', '', '', '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', '00:00:00', '-1 years', '00000000-0000-0000-0000-000000000000', 'null', '{}', false),
 (3, 32767, 2147483647, 9223372036854775807, 'Infinity', 'Infinity', '1e40', 9999999999999.99, 9999999999999999999999999999.9999999999,
  'zzz', 'zzz', 'zzz', '\xff00', '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', '24:00:00', '1 mon 1 day 01:00:00.000001',
  'ffffffff-ffff-ffff-ffff-ffffffffffff', '{"b": [1, 2.50, null], "a": {"x": "ü"}}', '{1,NULL,3}', true),
 (4, 0, 0, 0, 'NaN', 'NaN', 'NaN', 0, 0, 'trailing  ', 'trail  ', 'ab  ', '\x00', '1970-01-01', '1970-01-01', '1970-01-01+00', '12:00', '30 days', '12345678-1234-1234-1234-123456789abc', '1.0', '{0}', NULL),
 (5, 1, 1, 1, '-0', '-0', 0.00000000000000000000000000000000000001, 0.01, 0.0000000001, 'Ünïcödé 漢字 🙂', 'Ärger', 'ß', 'abc', 'infinity', 'infinity', 'infinity', '23:59:59.999999', '1 mon', NULL, '"s"', NULL, true),
 (6, -1, -1, -1, 1e-45, 5e-324, 1.50, -0.01, 1.5, 'ABC', 'abc', 'ABC', NULL, '-infinity', '-infinity', '-infinity', '00:00:00.000001', '-00:00:00.000001', NULL, '[]', '{NULL}', false),
 (7, 1, 1, 1, 1.5, 1.5, 1.5, 1.50, 1.5, E'quote '' back\\slash %_\n', 'a%', 'a_', E'\\\\', '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+00', '12:34:56.789', '1 day -01:00', NULL, '{}', '{1,1}', true);
`

// LoadPostgres creates the shop's tables in an empty database and fills them.
func (s *Shop) LoadPostgres(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("loading the shop into PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, postgresDDL); err != nil {
		return fmt.Errorf("creating the shop's tables: %w", err)
	}
	if err := registerEnums(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"customers"},
		[]string{"id", "name", "email", "country", "segment", "credit", "rating", "tags", "since", "born", "vip", "ref", "prefs"},
		pgx.CopyFromSlice(len(s.Customers), func(i int) ([]any, error) { return customerRow(&s.Customers[i]), nil })); err != nil {
		return fmt.Errorf("loading customers: %w", err)
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"orders"},
		[]string{"id", "customer_id", "status", "total", "placed_at", "note"},
		pgx.CopyFromSlice(len(s.Orders), func(i int) ([]any, error) { return orderRow(&s.Orders[i]), nil })); err != nil {
		return fmt.Errorf("loading orders: %w", err)
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	return err
}

func registerEnums(ctx context.Context, conn *pgx.Conn) error {
	for _, name := range []string{"segment", "order_status"} {
		t, err := conn.LoadType(ctx, name)
		if err != nil {
			return fmt.Errorf("loading the type %s: %w", name, err)
		}
		conn.TypeMap().RegisterType(t)
	}
	return nil
}

func customerRow(c *Customer) []any {
	tags := c.Tags
	if tags == nil {
		tags = []string{}
	}
	return []any{
		c.ID, c.Name, c.Email, c.Country, c.Segment, c.Credit.String(), c.Rating, tags, c.Since, c.Born, c.VIP, c.Ref, c.Prefs,
	}
}

func orderRow(o *Order) []any {
	return []any{o.ID, o.Customer, o.Status, o.Total.String(), o.Placed, o.Note}
}
