package flightsql

import (
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

func TestPrepared(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("ECHO", scriptEcho(nil))
	f.engine.rows("SELECT", ints(1, 2, 1))
	c := f.client(t)

	p, err := c.Prepare(t.Context(), "SELECT")
	require.NoError(t, err)
	require.True(t, p.DatasetSchema().Equal(ints(0, 0, 1).Schema()))
	require.Zero(t, p.ParameterSchema().NumFields())
	update, ok := p.IsUpdate()
	require.True(t, ok)
	require.False(t, update)
	for range 2 {
		info, err := p.Execute(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, info.Schema)
		recs, err := fetch(t.Context(), c, info)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2}, int64s(recs))
	}
	res, err := p.GetSchema(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, res.Schema)
	require.NoError(t, p.Close(t.Context()))

	p, err = c.Prepare(t.Context(), "ECHO")
	require.NoError(t, err)
	require.True(t, p.ParameterSchema().Equal(paramSchema))
	_, err = p.Execute(t.Context())
	require.Equal(t, codes.InvalidArgument, status.Code(err), "nothing is bound")
	for _, start := range []int{10, 20} { // bound anew for every run
		p.SetParameters(ints(start, 2, 1))
		info, err := p.Execute(t.Context())
		require.NoError(t, err)
		recs, err := fetch(t.Context(), c, info)
		require.NoError(t, err)
		n := int64(start)
		require.Equal(t, []int64{n, n, n + 1, n + 1}, int64s(recs))
	}
	p.SetParameters(ints(0, 2, 2))
	_, err = p.Execute(t.Context())
	require.ErrorContains(t, err, "2 parameters were bound, the statement has 1")
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// TestBindSeveralBatches: all rows of all batches run, in order; large parameters stay here.
func TestBindSeveralBatches(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("ECHO", scriptEcho(nil))
	c := f.client(t)
	p, err := c.Prepare(t.Context(), "ECHO")
	require.NoError(t, err)
	a, b := ints(0, 1500, 1), ints(1500, 500, 1)
	r, err := array.NewRecordReader(a.Schema(), []arrow.RecordBatch{a, b})
	require.NoError(t, err)
	p.SetRecordReader(r)
	info, err := p.Execute(t.Context())
	require.NoError(t, err)
	require.Less(t, len(info.Endpoint[0].Ticket.Ticket), 10<<10)
	require.Less(t, len(p.Handle()), 10<<10)
	recs, err := fetch(t.Context(), c, info)
	require.NoError(t, err)
	got := int64s(recs)
	require.Len(t, got, 4000)
	require.EqualValues(t, 0, got[0])
	require.EqualValues(t, 1999, got[3999])

	// No rows: the statement does not run, and the stream is empty.
	p.SetParameters(nil)
	stream, err := array.NewRecordReader(a.Schema(), nil)
	require.NoError(t, err)
	p.SetRecordReader(stream)
	info, err = p.Execute(t.Context())
	require.NoError(t, err)
	recs, err = fetch(t.Context(), c, info)
	require.NoError(t, err)
	require.Empty(t, recs)
}

// TestHandleIsNotAdopted: older drivers go on with the first handle after a bind.
func TestHandleIsNotAdopted(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("ECHO", scriptEcho(nil))
	c := f.client(t)
	p, err := c.Prepare(t.Context(), "ECHO")
	require.NoError(t, err)
	first := p.Handle()
	p.SetParameters(ints(3, 1, 1))
	require.NoError(t, p.ExecutePut(t.Context()))
	require.NotEqual(t, first, p.Handle())
	info, err := sql.NewPreparedStatement(c, first).Execute(t.Context())
	require.NoError(t, err)
	recs, err := fetch(t.Context(), c, info)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 3}, int64s(recs))
	require.NoError(t, sql.NewPreparedStatement(c, first).Close(t.Context()))
	_, err = sql.NewPreparedStatement(c, first).Execute(t.Context())
	require.ErrorContains(t, err, "none were bound")
}

func TestPreparedUpdate(t *testing.T) {
	f := serve(t, nil)
	var runs atomic.Int64
	f.engine.on("INSERT", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{params: paramSchema, effects: func(row boundRow) (int64, error) {
			runs.Add(row.batch.Column(0).(*array.Int64).Value(row.index))
			return 1, nil
		}}, nil
	})
	f.engine.on("DO", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{effects: func(boundRow) (int64, error) { runs.Add(1); return -1, nil }}, nil
	})
	c := f.client(t)
	p, err := c.Prepare(t.Context(), "INSERT")
	require.NoError(t, err)
	update, ok := p.IsUpdate()
	require.True(t, ok && update)
	p.SetParameters(ints(1, 4, 1))
	n, err := p.ExecuteUpdate(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4, n)
	require.EqualValues(t, 10, runs.Load())

	// Nothing bound is a schema without columns and a batch without rows: it runs once.
	runs.Store(0)
	p, err = c.Prepare(t.Context(), "DO")
	require.NoError(t, err)
	n, err = p.ExecuteUpdate(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 0, n)
	require.EqualValues(t, 1, runs.Load())

	// Through the query path it runs at once, and once.
	info, err := p.Execute(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, runs.Load())
	recs, err := fetch(t.Context(), c, info)
	require.NoError(t, err)
	require.Empty(t, recs)
	require.EqualValues(t, 2, runs.Load())
}

func TestSchemaChangedSincePrepare(t *testing.T) {
	f := serve(t, nil)
	f.engine.rows("SELECT", ints(1, 1, 1))
	c := f.client(t)
	p, err := c.Prepare(t.Context(), "SELECT")
	require.NoError(t, err)
	info, err := c.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	f.engine.rows("SELECT", ints(1, 1, 2))
	_, err = p.Execute(t.Context())
	require.ErrorContains(t, err, "cached plan must not change result type")
	require.Equal(t, codes.Unimplemented, status.Code(err))
	_, err = fetch(t.Context(), c, info)
	require.ErrorContains(t, err, "cached plan must not change result type")
}

// TestParametersThatCannotBeRead sends nonsense where batches belong.
func TestParametersThatCannotBeRead(t *testing.T) {
	f := serve(t, nil)
	f.engine.on("ECHO", scriptEcho(nil))
	c := f.client(t)
	p, err := c.Prepare(t.Context(), "ECHO")
	require.NoError(t, err)
	desc := describe(t, &pb.CommandPreparedStatementQuery{PreparedStatementHandle: p.Handle()})
	for name, messages := range map[string][]*flight.FlightData{
		"no data":         {{FlightDescriptor: desc}},
		"garbage header":  {{FlightDescriptor: desc, DataHeader: []byte("garbage that is no flatbuffer")}},
		"garbage after":   {{FlightDescriptor: desc}, {DataHeader: []byte{255, 255, 255, 255, 0}}},
		"garbage body":    append(withBody(t, desc, []byte{1}), &flight.FlightData{DataHeader: []byte{0}}),
		"body cut short":  withBody(t, desc, []byte{1, 2, 3}),
		"body is missing": withBody(t, desc, nil),
	} {
		s, err := c.Client.DoPut(t.Context())
		require.NoError(t, err)
		for _, m := range messages {
			if s.Send(m) != nil {
				break
			}
		}
		require.NoError(t, s.CloseSend())
		_, err = s.Recv()
		if name == "no data" {
			require.NoError(t, err, "nothing is bound")
			continue
		}
		require.Error(t, err, name)
		require.Contains(t, []codes.Code{codes.InvalidArgument, codes.Internal}, status.Code(err), "%s: %v", name, err)
	}
	_, err = query(t.Context(), c, "SHOW timezone")
	require.NoError(t, err)
}

func describe(t require.TestingT, m proto.Message) *flight.FlightDescriptor {
	box, err := anypb.New(m)
	require.NoError(t, err)
	cmd, err := proto.Marshal(box)
	require.NoError(t, err)
	return &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: cmd}
}

// withBody are the messages of one batch whose body is replaced.
func withBody(t *testing.T, desc *flight.FlightDescriptor, body []byte) []*flight.FlightData {
	var out recorder
	w := flight.NewRecordWriter(&out, ipc.WithSchema(ints(0, 0, 1).Schema()))
	w.SetFlightDescriptor(desc)
	require.NoError(t, w.Write(ints(0, 100, 1)))
	require.NoError(t, w.Close())
	out[len(out)-1].DataBody = body
	return out
}

type recorder []*flight.FlightData

func (r *recorder) Send(d *flight.FlightData) error {
	*r = append(*r, proto.Clone(d).(*flight.FlightData))
	return nil
}
