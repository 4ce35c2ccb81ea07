package e2e

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	flightclient "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/skeinsql/skein"
)

// silent is a server that takes connections and never answers.
type silent struct {
	address string
	open    atomic.Int64
}

func newSilent(t *testing.T) *silent {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &silent{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.open.Add(1)
			all.Go(func() {
				_, _ = io.Copy(io.Discard, c) // until the other side goes away
				_ = c.Close()
				s.open.Add(-1)
			})
		}
	})
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		all.Wait()
	})
	return s
}

// TestCancelDuringDiscovery: a statement that waits for a source to tell its tables is listed as being planned, ends within
// a second of being cancelled in any of the ways that there are, with 57014, and leaves nothing.
func TestCancelDuringDiscovery(t *testing.T) {
	slow := newSilent(t)
	s := serve(t, nil, skein.Source("slow", "postgres://u:p@"+slow.address+"/x?sslmode=disable&connect_timeout=60"))
	c, _ := s.client()
	other, _ := s.client()
	const sql = "SELECT * FROM slow.public.t WHERE 'a secret' <> ''"
	ask := func(query string) *answer {
		a, err := fetch(t.Context(), other, query)
		require.NoError(t, err)
		return a
	}
	waiting := func() []string {
		var a *answer
		require.Eventually(t, func() bool {
			a = ask("SELECT id, pid, state, statement FROM skein_catalog.queries WHERE statement LIKE '%slow.public%'")
			return len(a.rows) == 1 && slow.open.Load() > 0
		}, 5*time.Second, 5*time.Millisecond)
		require.Equal(t, "planning", a.rows[0][2])
		require.NotContains(t, a.rows[0][3], "secret")
		return a.rows[0]
	}
	cancelBy := func(info *flight.FlightInfo) error {
		_, err := other.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: info})
		return err
	}
	command, err := anypb.New(&pb.CommandStatementQuery{Query: sql})
	require.NoError(t, err)
	body, err := proto.Marshal(command)
	require.NoError(t, err)
	ways := map[string]func(id, pid string){
		"pg_cancel_backend": func(_, pid string) {
			require.Equal(t, "t", ask("SELECT pg_cancel_backend(" + pid + ")").rows[0][0])
		},
		"query id": func(id, _ string) {
			require.NoError(t, cancelBy(&flight.FlightInfo{FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", id}}}))
		},
		"command": func(string, string) {
			require.NoError(t, cancelBy(&flight.FlightInfo{FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: body}}))
		},
		"CancelQuery": func(id, _ string) {
			res, err := other.CancelQuery(t.Context(), &flight.FlightInfo{FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", id}}}) //nolint:staticcheck // what older clients send
			require.NoError(t, err)
			require.Equal(t, flightclient.CancelResultCancelled, res)
		},
	}
	for name, cancel := range ways {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			done := make(chan error, 1)
			go func() {
				_, err := c.Execute(ctx, sql)
				done <- err
			}()
			row := waiting()
			start := time.Now()
			cancel(row[0], row[1])
			err := <-done
			took := time.Since(start)
			require.Equal(t, codes.Canceled, status.Code(err), err)
			require.ErrorContains(t, err, "57014")
			require.ErrorContains(t, err, "user request")
			require.Less(t, took, 5*time.Second, "it does not wait for the source's own limit")
			s.idle(2*time.Second, "slow")
			require.Eventually(t, func() bool { return slow.open.Load() == 0 }, 5*time.Second, 5*time.Millisecond, "the connection to the source is closed")
		})
	}
	require.Error(t, cancelBy(&flight.FlightInfo{FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: []string{"query", "gone"}}}))
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
		s.idle(2*time.Second, "pg", "mg", "pq")
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
