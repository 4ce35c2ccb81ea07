package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	flightclient "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// hanging are servers of two kinds, and a folder, whose tables take long to discover: the servers answer nothing.
type hanging struct {
	postgres, mongo *fixture.Gate
	lake            string
	folders         int
}

func newHanging(t *testing.T) *hanging {
	t.Helper()
	closed := func() *fixture.Gate {
		g, err := fixture.StartGate("")
		require.NoError(t, err)
		g.Shut()
		t.Cleanup(func() { require.NoError(t, g.Stop()) })
		return g
	}
	return &hanging{postgres: closed(), mongo: closed(), lake: t.TempDir()}
}

func (h *hanging) sources() []skein.Option {
	return []skein.Option{
		skein.Source("pg", "postgres://u:p@"+h.postgres.Address()+"/x?sslmode=disable&connect_timeout=60"),
		skein.Source("mg", "mongodb://u:p@"+h.mongo.Address()+"/?connectTimeoutMS=60000"),
		skein.Source("pq", "parquet://"+h.lake),
	}
}

// asked says whether a server has been.
func (h *hanging) asked() bool { return h.postgres.Connections()+h.mongo.Connections() > 0 }

// statements give, by kind, a statement whose planning takes long.
func (h *hanging) statements() map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"postgres": func(*testing.T) string { return "SELECT * FROM pg.public.t WHERE 'a secret' <> ''" },
		"mongo":    func(*testing.T) string { return "SELECT * FROM mg.db.t WHERE 'a secret' <> ''" },
		"parquet":  h.manyFiles,
	}
}

// manyFiles makes a table of so many files that it takes seconds to read their footers.
func (h *hanging) manyFiles(t *testing.T) string {
	t.Helper()
	h.folders++
	dir := fmt.Sprintf("%s/many%d", h.lake, h.folders)
	require.NoError(t, os.Mkdir(dir, 0o755))
	first := dir + "/first.parquet"
	require.NoError(t, parquet.WriteFile(first, []struct{ ID int64 }{{1}}))
	for i := range 40_000 {
		require.NoError(t, os.Link(first, fmt.Sprintf("%s/%d.parquet", dir, i)))
	}
	return fmt.Sprintf("SELECT * FROM pq.main.many%d WHERE 'a secret' <> ''", h.folders)
}

// planned waits until the statement is listed as being planned, and the source has been asked.
func (h *hanging) planned(t *testing.T, other *flightclient.Client) (id, pid string) {
	t.Helper()
	var a *answer
	require.Eventually(t, func() bool {
		var err error
		a, err = fetch(t.Context(), other, "SELECT id, pid, state, statement FROM skein_catalog.queries WHERE statement NOT LIKE '%queries%'")
		require.NoError(t, err)
		return len(a.rows) == 1 && (h.asked() || strings.Contains(a.rows[0][3], "pq.main"))
	}, time.Minute, 5*time.Millisecond)
	require.Equal(t, "planning", a.rows[0][2])
	require.NotContains(t, a.rows[0][3], "secret")
	return a.rows[0][0], a.rows[0][1]
}

// ended waits until nothing of the statement is left: no lease, and no connection to PostgreSQL. MongoDB's driver keeps
// one to watch the server by.
func (h *hanging) ended(t *testing.T, s *service, start time.Time) {
	t.Helper()
	for !s.isIdle("pg", "mg", "pq") || h.postgres.Connections() > 0 {
		require.Less(t, time.Since(start), endsWithin, "%d statements run, %d connections are open", s.db.Engine().Running(), h.postgres.Connections())
		time.Sleep(time.Millisecond)
	}
	t.Logf("quiet after %v", time.Since(start).Round(time.Millisecond))
}

// ways to cancel a statement, given its id and process.
func cancelling(t *testing.T, other *flightclient.Client) map[string]func(sql, id, pid string) {
	byInfo := func(d *flight.FlightDescriptor) {
		_, err := other.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: &flight.FlightInfo{FlightDescriptor: d}})
		require.NoError(t, err)
	}
	path := func(id string) *flight.FlightDescriptor {
		return &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", id}}
	}
	return map[string]func(sql, id, pid string){
		"pg_cancel_backend": func(_, _, pid string) {
			a, err := fetch(t.Context(), other, "SELECT pg_cancel_backend("+pid+")")
			require.NoError(t, err)
			require.Equal(t, "t", a.rows[0][0])
		},
		"query id": func(_, id, _ string) { byInfo(path(id)) },
		"command": func(sql, _, _ string) {
			command, err := anypb.New(&pb.CommandStatementQuery{Query: sql})
			require.NoError(t, err)
			body, err := proto.Marshal(command)
			require.NoError(t, err)
			byInfo(&flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: body})
		},
		"CancelQuery": func(_, id, _ string) {
			res, err := other.CancelQuery(t.Context(), &flight.FlightInfo{FlightDescriptor: path(id)}) //nolint:staticcheck // what older clients send
			require.NoError(t, err)
			require.Equal(t, flightclient.CancelResultCancelled, res)
		},
	}
}

// TestCancelDuringDiscovery: a statement that waits for a source to tell its tables is listed as being planned, ends
// within a second of being cancelled in any of the ways that there are, with 57014, and leaves nothing.
func TestCancelDuringDiscovery(t *testing.T) {
	h := newHanging(t)
	s := serve(t, nil, h.sources()...)
	c, _ := s.client()
	other, _ := s.client()
	for kind, statement := range h.statements() {
		for way, cancel := range cancelling(t, other) {
			t.Run(kind+"/"+way, func(t *testing.T) {
				sql := statement(t)
				ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
				defer stop()
				done := make(chan error, 1)
				go func() {
					_, err := c.Execute(ctx, sql)
					done <- err
				}()
				id, pid := h.planned(t, other)
				start := time.Now()
				cancel(sql, id, pid)
				err := <-done
				require.Equal(t, codes.Canceled, status.Code(err), err)
				require.ErrorContains(t, err, "57014")
				require.ErrorContains(t, err, "user request")
				h.ended(t, s, start)
			})
		}
		t.Run(kind+"/the call's context", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			sql := statement(t)
			done := make(chan error, 1)
			go func() {
				_, err := c.Execute(ctx, sql)
				done <- err
			}()
			h.planned(t, other)
			start := time.Now()
			cancel()
			require.Error(t, <-done)
			h.ended(t, s, start)
		})
	}
	_, err := other.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: &flight.FlightInfo{
		FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", "gone"}},
	}})
	require.Error(t, err)
}

// TestCancelRunningByQueryID ends a statement in mid-stream by the id that skein_catalog.queries shows.
func TestCancelRunningByQueryID(t *testing.T) {
	l := openLarge(t)
	s := serve(t, nil, l.sources()...)
	c, _ := s.client()
	other, _ := s.client()
	for kind, sql := range l.scans() {
		r, err := open(t.Context(), c, sql)
		require.NoError(t, err, kind)
		require.True(t, r.Next(), kind)
		a, err := fetch(t.Context(), other, "SELECT id FROM skein_catalog.queries WHERE state IN ('running', 'fetching') AND statement NOT LIKE '%queries%'")
		require.NoError(t, err)
		require.Len(t, a.rows, 1, kind)
		_, err = other.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: &flight.FlightInfo{
			FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", a.rows[0][0]}},
		}})
		require.NoError(t, err)
		for r.Next() {
		}
		require.Equal(t, codes.Canceled, status.Code(r.Err()), "%s: %v", kind, r.Err())
		require.ErrorContains(t, r.Err(), "57014")
		r.Release()
		s.idle(endsWithin, "pg", "mg", "pq")
	}
}

// TestTransactionsThroughFlight runs what clients that think in transactions send, over one session.
func TestTransactionsThroughFlight(t *testing.T) {
	h := openHouse(t)
	s := serve(t, nil, h.sources()...)
	c, err := flightclient.NewClient(s.addr, nil, []flight.ClientMiddleware{flight.NewClientCookieMiddleware()}, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	ctx := t.Context()
	effect := func(sql string) {
		_, err := c.ExecuteUpdate(ctx, sql)
		require.NoError(t, err, sql)
	}
	rows := func(sql string) [][]string {
		a, err := fetch(ctx, c, sql)
		require.NoError(t, err, sql)
		return a.rows
	}
	rows("SELECT 1") // arrow-go's client takes no cookie from an update's answer
	effect("BEGIN READ ONLY")
	began := rows("SELECT now()")
	effect("PREPARE one(int) AS SELECT id, name FROM crm.public.customers WHERE id = $1")
	require.Equal(t, [][]string{{"3", h.shop.Customers[2].Name}}, rows("EXECUTE one(3)"))
	prepared, err := c.Prepare(ctx, "EXECUTE one('4')")
	require.NoError(t, err)
	info, err := prepared.Execute(ctx)
	require.NoError(t, err)
	r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
	require.NoError(t, err)
	a, err := read(r)
	require.NoError(t, err)
	r.Release()
	require.NoError(t, prepared.Close(ctx))
	require.Equal(t, h.shop.Customers[3].Name, a.rows[0][1])
	require.Equal(t, began, rows("SELECT now()"))
	_, err = c.ExecuteUpdate(ctx, "DELETE FROM crm.public.customers")
	require.ErrorContains(t, err, "25006")
	_, err = c.Execute(ctx, "SELECT 1")
	require.ErrorContains(t, err, "25P02")
	effect("ROLLBACK")
	require.NotEqual(t, began, rows("SELECT now()"))
	effect("DEALLOCATE one")
	_, err = c.Execute(ctx, "EXECUTE one(3)")
	require.ErrorContains(t, err, "26000")
	effect("DISCARD ALL")
}
