package clients_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/driver"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein/internal/shop"
)

func connect(t *testing.T, addr string, creds credentials.TransportCredentials) *flightsql.Client {
	t.Helper()
	c, err := flightsql.NewClient(addr, nil, nil, grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// read drains the endpoints of a result into text, as PostgreSQL would print most values.
func read(t *testing.T, c *flightsql.Client, info *flight.FlightInfo) [][]string {
	t.Helper()
	var rows [][]string
	for _, e := range info.Endpoint {
		r, err := c.DoGet(t.Context(), e.Ticket)
		require.NoError(t, err)
		for r.Next() {
			rows = append(rows, texts(r.RecordBatch())...)
		}
		require.NoError(t, r.Err())
		r.Release()
	}
	return rows
}

func texts(rec arrow.RecordBatch) [][]string {
	var rows [][]string
	for i := range int(rec.NumRows()) {
		var row []string
		for _, col := range rec.Columns() {
			if col.IsNull(i) {
				row = append(row, "")
			} else {
				row = append(row, col.ValueStr(i))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestFlightSQLClient(t *testing.T) {
	e := serving(t)
	c := connect(t, e.plain, insecure.NewCredentials())
	ctx := t.Context()
	t.Run("queries", func(t *testing.T) {
		for _, q := range shop.Queries()[:2] {
			info, err := c.Execute(ctx, q.SQL)
			require.NoError(t, err)
			require.Empty(t, shop.Difference(read(t, c, info), q.Answer(e.shop)), q.Title)
		}
	})
	t.Run("prepared", func(t *testing.T) { preparedWithParameters(t, e, c) })
	t.Run("transactions are refused", func(t *testing.T) {
		_, err := c.BeginTransaction(ctx)
		require.Equal(t, codes.Unimplemented, status.Code(err), err)
		require.ErrorContains(t, err, "0A000")
	})
	t.Run("updates are refused", func(t *testing.T) {
		_, err := c.ExecuteUpdate(ctx, "DELETE FROM crm.public.customers")
		require.ErrorContains(t, err, "25006")
	})
	t.Run("errors", func(t *testing.T) {
		_, err := c.Execute(ctx, "SELECT naame FROM crm.public.customers")
		require.Equal(t, codes.NotFound, status.Code(err))
		require.ErrorContains(t, err, "42703")
		require.Len(t, status.Convert(err).Details(), 1)
	})
	t.Run("cancel in mid-stream", func(t *testing.T) { cancelMidStream(t, c) })
	t.Run("schema of a table", func(t *testing.T) {
		name := "orders"
		info, err := c.GetTables(ctx, &flightsql.GetTablesOpts{TableNameFilterPattern: &name, IncludeSchema: true})
		require.NoError(t, err)
		require.Len(t, read(t, c, info), 1)
	})
}

func preparedWithParameters(t *testing.T, e *endpoint, c *flightsql.Client) {
	ctx := t.Context()
	p, err := c.Prepare(ctx, "SELECT name FROM crm.public.customers WHERE id = $1")
	require.NoError(t, err)
	require.Equal(t, arrow.PrimitiveTypes.Int32, p.ParameterSchema().Field(0).Type)
	require.Equal(t, "name", p.DatasetSchema().Field(0).Name)
	for id := int32(1); id <= 3; id++ {
		b := array.NewRecordBuilder(memory.DefaultAllocator, p.ParameterSchema())
		b.Field(0).(*array.Int32Builder).Append(id)
		p.SetParameters(b.NewRecordBatch())
		b.Release()
		info, err := p.Execute(ctx)
		require.NoError(t, err)
		require.Equal(t, [][]string{{e.shop.Customers[id-1].Name}}, read(t, c, info))
	}
	require.NoError(t, p.Close(ctx))
	_, err = p.Execute(ctx)
	require.Error(t, err)
}

func cancelMidStream(t *testing.T, c *flightsql.Client) {
	info, err := c.Execute(t.Context(), "SELECT g FROM generate_series(1, 1000000000) AS g")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
	require.NoError(t, err)
	require.True(t, r.Next())
	cancel()
	for r.Next() {
	}
	require.Equal(t, codes.Canceled, status.Code(r.Err()), r.Err())
	r.Release()
	require.Eventually(t, func() bool {
		info, err := c.Execute(t.Context(), "SELECT count(*) FROM skein_catalog.queries WHERE statement LIKE '%generate_series%' AND statement NOT LIKE '%queries%'")
		require.NoError(t, err)
		return read(t, c, info)[0][0] == "0"
	}, time.Minute, 20*time.Millisecond, "the statement ends at the server too")
}

func TestFlightSQLClientWithTokenAndTLS(t *testing.T) {
	e := serving(t)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(e.certificate))
	c := connect(t, e.secured, credentials.NewTLS(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}))
	_, err := c.Execute(t.Context(), "SELECT 1")
	require.Equal(t, codes.Unauthenticated, status.Code(err), err)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+secret)
	info, err := c.Execute(ctx, "SELECT count(*) FROM crm.public.customers")
	require.NoError(t, err)
	r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
	require.NoError(t, err)
	defer r.Release()
	rec, err := r.Read()
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(len(e.shop.Customers)), rec.Column(0).ValueStr(0))
	basic, err := c.Client.AuthenticateBasicToken(t.Context(), "anyone", secret)
	require.NoError(t, err)
	_, err = c.Execute(basic, "SELECT 1")
	require.NoError(t, err)
	_, err = c.Client.AuthenticateBasicToken(t.Context(), "anyone", "wrong")
	require.Equal(t, codes.Unauthenticated, status.Code(err), err)
}

func openSQL(t *testing.T, dsn *driver.DriverConfig) *sql.DB {
	t.Helper()
	db, err := sql.Open("flightsql", dsn.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestDatabaseSQL(t *testing.T) {
	e := serving(t)
	u, err := url.Parse("flightsql://" + e.plain + "?timeout=30s")
	require.NoError(t, err)
	cfg, err := driver.NewDriverConfigFromDSN(u.String())
	require.NoError(t, err)
	db := openSQL(t, cfg)
	ctx := t.Context()
	t.Run("rows", func(t *testing.T) {
		rows, err := db.QueryContext(ctx, "SELECT id, name, email, rating, since, vip FROM crm.public.customers ORDER BY id")
		require.NoError(t, err)
		defer func() { require.NoError(t, rows.Close()) }()
		n := 0
		for ; rows.Next(); n++ {
			var id int32
			var name string
			var email sql.NullString
			var rating sql.NullFloat64
			var since time.Time
			var vip bool
			require.NoError(t, rows.Scan(&id, &name, &email, &rating, &since, &vip))
			want := e.shop.Customers[n]
			require.Equal(t, want.Name, name)
			require.Equal(t, want.Email != nil, email.Valid)
			require.Equal(t, want.Rating != nil, rating.Valid)
			require.True(t, want.Since.Equal(since))
			require.Equal(t, want.VIP, vip)
		}
		require.NoError(t, rows.Err())
		require.Equal(t, len(e.shop.Customers), n)
	})
	t.Run("parameters", func(t *testing.T) {
		var name string
		// database/sql makes int64 of every integer, and the driver binds it to a bigint only.
		require.NoError(t, db.QueryRowContext(ctx, "SELECT name FROM crm.public.customers WHERE id = $1::bigint", 3).Scan(&name))
		require.Equal(t, e.shop.Customers[2].Name, name)
		var id int64
		require.NoError(t, db.QueryRowContext(ctx, "SELECT id FROM crm.public.customers WHERE name = ? AND credit = ?::numeric LIMIT 1",
			name, e.shop.Customers[2].Credit.String()).Scan(&id))
		require.Equal(t, int64(3), id)
	})
	t.Run("prepared", func(t *testing.T) {
		s, err := db.PrepareContext(ctx, "SELECT count(*) FROM pay.payments.payments WHERE status = ?")
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		total := 0
		for _, state := range []string{"settled", "pending", "failed"} {
			var n int
			require.NoError(t, s.QueryRowContext(ctx, state).Scan(&n))
			total += n
		}
		require.Equal(t, len(e.shop.Payments), total)
	})
	t.Run("transactions are refused", func(t *testing.T) {
		_, err := db.BeginTx(ctx, nil)
		require.ErrorContains(t, err, "0A000")
		var one int
		require.NoError(t, db.QueryRowContext(ctx, "SELECT 1").Scan(&one))
	})
	t.Run("errors", func(t *testing.T) {
		_, err := db.QueryContext(ctx, "SELECT 1 FROM nowhere")
		require.ErrorContains(t, err, "42P01")
	})
	t.Run("a large result, given up", func(t *testing.T) {
		within, cancel := context.WithCancel(ctx)
		rows, err := db.QueryContext(within, "SELECT g FROM generate_series(1, 1000000000) AS g")
		require.NoError(t, err)
		require.True(t, rows.Next())
		cancel()
		for rows.Next() {
		}
		if err := rows.Err(); err != nil {
			require.NotErrorIs(t, err, io.EOF)
		}
		_ = rows.Close()
	})
}
