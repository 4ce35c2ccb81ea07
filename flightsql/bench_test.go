package flightsql

import (
	"context"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

// discard is a client's codec that reads nothing of the results: what is left is the server's and the wire's cost.
type discard struct{ encoding.CodecV2 }

func (d discard) Unmarshal(data mem.BufferSlice, v any) error {
	if m, ok := v.(*flight.FlightData); ok {
		m.DataBody = m.DataBody[:0]
		return nil
	}
	return d.CodecV2.Unmarshal(data, v)
}

// BenchmarkStream sends 8 columns of int64 in batches of 8,192 and 65,536 rows, zero-copy and the standard way, to a
// client that decodes them and to one that drops them.
func BenchmarkStream(b *testing.B) {
	for _, rows := range []int{8192, 65536} {
		rec := ints(0, rows, 8)
		for _, way := range []string{"zerocopy", "standard"} {
			for _, client := range []string{"decode", "discard"} {
				b.Run(way+"/"+client+"/rows="+itoa(rows), func(b *testing.B) { benchStream(b, rec, way, client) })
			}
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func benchStream(b *testing.B, rec arrow.RecordBatch, way, client string) {
	f := serve(b, nil)
	f.server.plain = way == "standard"
	total := 256 << 20
	batches := total / (int(rec.NumRows()) * 64)
	f.engine.on("SELECT", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: rec.Schema(), next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
			if i >= batches {
				return nil, io.EOF
			}
			rec.Retain()
			return rec, nil
		}}, nil
	})
	var opts []grpc.DialOption
	if client == "discard" {
		opts = append(opts, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(discard{newCodec()})))
	}
	c := f.client(b, opts...)
	b.SetBytes(int64(total))
	for b.Loop() {
		info, err := c.Execute(b.Context(), "SELECT")
		require.NoError(b, err)
		drainStream(b, c, info, client)
	}
}

func drainStream(b *testing.B, c *sql.Client, info *flight.FlightInfo, client string) {
	if client == "discard" {
		s, err := c.Client.DoGet(b.Context(), info.Endpoint[0].Ticket)
		require.NoError(b, err)
		var m flight.FlightData
		for err == nil {
			err = s.RecvMsg(&m)
		}
		require.ErrorIs(b, err, io.EOF)
		return
	}
	r, err := c.DoGet(b.Context(), info.Endpoint[0].Ticket)
	require.NoError(b, err)
	defer r.Release()
	for r.Next() {
	}
	require.NoError(b, r.Err())
}

// BenchmarkSelect1 is the round trip of a small statement: GetFlightInfo and DoGet.
func BenchmarkSelect1(b *testing.B) {
	f := serve(b, nil)
	f.engine.rows("SELECT", ints(1, 1, 1))
	c := f.client(b)
	for b.Loop() {
		_, err := query(b.Context(), c, "SELECT")
		require.NoError(b, err)
	}
}
