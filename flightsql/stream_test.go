package flightsql

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"pgregory.net/rapid"
)

// received are a stream's messages as they were on the wire.
func received(ctx context.Context, t require.TestingT, c *sql.Client, text string) ([]*flight.FlightData, error) {
	info, err := c.Execute(ctx, text)
	require.NoError(t, err)
	s, err := c.Client.DoGet(ctx, info.Endpoint[0].Ticket)
	require.NoError(t, err)
	var out []*flight.FlightData
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, m)
	}
}

func wide(n, size int) arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	rows := make([]string, n)
	for i := range rows {
		rows[i] = strings.Repeat(string(rune('a'+i%26)), size)
	}
	return stringRecord(schema, rows...)
}

func TestMessagesAreSplitBySize(t *testing.T) {
	f := serve(t, nil)
	rec := wide(100, 100<<10)
	f.engine.rows("WIDE", rec)
	f.engine.rows("HUGE", wide(1, 17<<20))
	f.engine.rows("LARGE", wide(2, 10<<20))
	c := f.client(t)
	messages, err := received(t.Context(), t, c, "WIDE")
	require.NoError(t, err)
	require.Greater(t, len(messages), 5)
	for _, m := range messages {
		require.Less(t, proto.Size(m), 2<<20)
	}
	recs, err := query(t.Context(), c, "WIDE")
	require.NoError(t, err)
	require.Equal(t, texts([]arrow.RecordBatch{rec}), texts(recs))

	messages, err = received(t.Context(), t, c, "LARGE")
	require.NoError(t, err, "a row may be as large as a message")
	require.Len(t, messages, 3)
	_, err = query(t.Context(), c, "HUGE")
	require.ErrorContains(t, err, "SQLSTATE 54000")
	require.ErrorContains(t, err, "a row of 17")
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// TestSizesAreExact: what encodedSize says is what gRPC sends, whatever the batch.
func TestSizesAreExact(t *testing.T) {
	f := serve(t, func(c *Config) { c.MessageBytes = 4 << 10 })
	c := f.client(t)
	rapid.Check(t, func(rt *rapid.T) {
		rec := drawBatch(rt)
		f.engine.rows("SELECT", rec)
		recs, err := query(t.Context(), c, "SELECT")
		require.NoError(rt, err)
		rows := int64(0)
		for _, r := range recs {
			part := rec.NewSlice(rows, rows+r.NumRows())
			require.True(rt, array.RecordEqual(part, r), "%v\n%v", part, r)
			rows += r.NumRows()
		}
		require.Equal(rt, rec.NumRows(), rows)
		messages, err := received(t.Context(), rt, c, "SELECT")
		require.NoError(rt, err)
		enc, err := newEncoder(&f.server.cfg, "", nil)
		require.NoError(rt, err)
		fit, err := conform(t.Context(), rec, rec.Schema())
		require.NoError(rt, err)
		i := 1
		require.NoError(rt, enc.batch(fit, func(m *message) error {
			if m.rows > 1 {
				require.LessOrEqual(rt, m.encodedSize(), 8<<10)
			}
			if m.rows > 0 && m.size > 0 {
				require.Equal(rt, proto.Size(messages[i]), m.encodedSize())
			}
			i++
			return nil
		}))
	})
}

func drawBatch(rt *rapid.T) arrow.RecordBatch {
	n := rapid.IntRange(1, 3000).Draw(rt, "rows")
	rng := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(rt, "seed")))
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32), Nullable: true},
		{Name: "v", Type: arrow.BinaryTypes.StringView, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for range n {
		if rng.IntN(10) == 0 {
			for _, f := range b.Fields() {
				f.AppendNull()
			}
			continue
		}
		text := strings.Repeat("ä", rng.IntN(30))
		b.Field(0).(*array.Int64Builder).Append(rng.Int64())
		b.Field(1).(*array.StringBuilder).Append(text)
		b.Field(2).(*array.BooleanBuilder).Append(rng.IntN(2) == 0)
		list := b.Field(3).(*array.ListBuilder)
		list.Append(true)
		for range rng.IntN(4) {
			list.ValueBuilder().(*array.Int32Builder).Append(rng.Int32())
		}
		b.Field(4).(*array.StringViewBuilder).Append(text)
	}
	rec := b.NewRecordBatch()
	from := rapid.Int64Range(0, rec.NumRows()-1).Draw(rt, "from")
	return rec.NewSlice(from, rapid.Int64Range(from+1, rec.NumRows()).Draw(rt, "to"))
}

// TestViewsAreCompacted: the format would send every buffer of a view array with each of its slices.
func TestViewsAreCompacted(t *testing.T) {
	b := array.NewStringViewBuilder(memory.DefaultAllocator)
	for i := range 100_000 {
		b.Append(strings.Repeat(string(rune('a'+i%26)), 40))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: arrow.BinaryTypes.StringView, Nullable: true}}, nil)
	rec := array.NewRecordBatch(schema, []arrow.Array{b.NewArray()}, -1).NewSlice(500, 510)
	f := serve(t, nil)
	f.engine.rows("VIEW", rec)
	c := f.client(t)
	messages, err := received(t.Context(), t, c, "VIEW")
	require.NoError(t, err)
	require.Less(t, proto.Size(messages[1]), 2<<10)
	recs, err := query(t.Context(), c, "VIEW")
	require.NoError(t, err)
	require.True(t, array.RecordEqual(rec, recs[0]))
}

func TestDictionariesAreDecoded(t *testing.T) {
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "d", Type: dict, Nullable: true},
		{Name: "l", Type: arrow.ListOf(dict), Nullable: true},
		{Name: "s", Type: arrow.StructOf(arrow.Field{Name: "x", Type: dict, Nullable: true}), Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range 10 {
		v := string(rune('a' + i%3))
		if i == 4 {
			for _, f := range b.Fields() {
				f.AppendNull()
			}
			continue
		}
		require.NoError(t, b.Field(0).(*array.BinaryDictionaryBuilder).AppendString(v))
		l := b.Field(1).(*array.ListBuilder)
		l.Append(true)
		require.NoError(t, l.ValueBuilder().(*array.BinaryDictionaryBuilder).AppendString(v))
		s := b.Field(2).(*array.StructBuilder)
		s.Append(true)
		require.NoError(t, s.FieldBuilder(0).(*array.BinaryDictionaryBuilder).AppendString(v))
	}
	rec := b.NewRecordBatch().NewSlice(1, 9)
	plain := stringRecord(arrow.NewSchema([]arrow.Field{{Name: "d", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), "z")
	f := serve(t, nil)
	f.engine.rows("DICT", rec)
	f.engine.rows("MIXED", rec.NewSlice(0, 2))
	f.engine.on("MIXED", func(*scriptedSession, string) (*scriptedStatement, error) {
		one := arrow.NewSchema(schema.Fields()[:1], nil)
		coded := array.NewRecordBatch(one, rec.Columns()[:1], rec.NumRows())
		return &scriptedStatement{schema: one, next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
			if i >= 2 {
				return nil, io.EOF
			}
			return []arrow.RecordBatch{coded, plain}[i], nil
		}}, nil
	})
	c := f.client(t)
	recs, err := query(t.Context(), c, "DICT")
	require.NoError(t, err)
	require.Len(t, recs, 1)
	require.Equal(t, []string{"b", "c", "a", "", "c", "a", "b", "c"}, texts(recs))
	require.Equal(t, `[["b"] ["c"] ["a"] (null) ["c"] ["a"] ["b"] ["c"]]`, recs[0].Column(1).String())
	require.Equal(t, `{["b" "c" "a" (null) "c" "a" "b" "c"]}`, recs[0].Column(2).String())
	recs, err = query(t.Context(), c, "MIXED")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "c", "a", "", "c", "a", "b", "c", "z"}, texts(recs))
}

// TestContract: a batch that breaks the announced schema ends the stream before it is sent.
func TestContract(t *testing.T) {
	f := serve(t, nil)
	null := array.NewRecordBuilder(memory.DefaultAllocator, ints(0, 0, 1).Schema())
	null.Field(0).AppendNull()
	for name, bad := range map[string]arrow.RecordBatch{
		"NULLS": null.NewRecordBatch(), "TYPE": wide(1, 1), "WIDTH": ints(0, 1, 2),
	} {
		f.engine.on(name, func(*scriptedSession, string) (*scriptedStatement, error) {
			return &scriptedStatement{schema: ints(0, 0, 1).Schema(), next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
				return []arrow.RecordBatch{ints(0, 1, 1), bad}[i], nil
			}}, nil
		})
		recs, err := query(t.Context(), f.client(t), name)
		require.Equal(t, codes.Internal, status.Code(err), name)
		require.ErrorContains(t, err, "SQLSTATE XX000")
		require.LessOrEqual(t, len(recs), 1)
	}
	require.True(t, waitFor(func() bool { return f.engine.open.Load() == 0 }))
}

// endless scripts a statement whose rows never end; ended says that it was closed or canceled.
func endless(f *fixture, name string, rec arrow.RecordBatch) {
	f.engine.on(name, func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: rec.Schema(), next: func(ctx context.Context, _ boundRow, _ int) (arrow.RecordBatch, error) {
			rec.Retain()
			return rec, ctx.Err()
		}}, nil
	})
}

func TestStalledClient(t *testing.T) {
	f := serve(t, func(c *Config) { c.StallTimeout = 2 * time.Second })
	endless(f, "FOREVER", ints(0, 8192, 8))
	c := f.client(t)
	info, err := c.Execute(t.Context(), "FOREVER")
	require.NoError(t, err)
	s, err := c.Client.DoGet(t.Context(), info.Endpoint[0].Ticket)
	require.NoError(t, err)
	_, err = s.Recv()
	require.NoError(t, err)
	require.EqualValues(t, 1, f.engine.open.Load())
	require.True(t, waitFor(func() bool { return f.engine.open.Load() == 0 }), "the sources are free")
	for err == nil { // what was on its way, then the reason
		_, err = s.Recv()
	}
	require.Equal(t, codes.Canceled, status.Code(err))
	require.ErrorContains(t, err, "SQLSTATE 57014")
	require.ErrorContains(t, err, "took nothing of the result")
}

// TestSlowClient: one that reads slowly, but reads, keeps its statement though a message takes longer than allowed.
func TestSlowClient(t *testing.T) {
	f := serve(t, func(c *Config) { c.StallTimeout = 1500 * time.Millisecond })
	rec := ints(0, 8192, 32) // 2 MiB
	f.engine.rows("SELECT", rec, rec, rec)
	c := f.client(t, grpc.WithInitialWindowSize(64<<10), grpc.WithInitialConnWindowSize(64<<10), grpc.WithStaticStreamWindowSize(64<<10),
		grpc.WithStaticConnWindowSize(64<<10), grpc.WithContextDialer(throttled(1<<20)))
	recs, err := query(t.Context(), c, "SELECT")
	require.NoError(t, err)
	require.Len(t, int64s(recs), 3*8192)
}

func TestCancelReachesTheEngine(t *testing.T) {
	for _, phase := range []string{"prepare", "execute", "next"} {
		t.Run(phase, func(t *testing.T) {
			f := serve(t, nil)
			began, ended := make(chan struct{}), make(chan struct{})
			f.engine.on("SLOW", scriptSlow(phase, began, ended))
			c := f.client(t)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := query(ctx, c, "SLOW")
				done <- err
			}()
			<-began
			cancel()
			<-ended
			require.Error(t, <-done)
			require.True(t, waitFor(func() bool { return f.engine.open.Load() == 0 && f.engine.live() == 0 }))
		})
	}
}

// TestCancelByInfo: CancelFlightInfo ends what runs, and keeps from running what has not been fetched.
func TestCancelByInfo(t *testing.T) {
	f := serve(t, nil)
	began, ended := make(chan struct{}), make(chan struct{})
	f.engine.on("SLOW", scriptSlow("next", began, ended))
	f.engine.rows("SELECT", ints(0, 1, 1))
	c := f.client(t)
	info, err := c.Execute(t.Context(), "SLOW")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := fetch(t.Context(), c, info)
		done <- err
	}()
	<-began
	res, err := c.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: info})
	require.NoError(t, err)
	require.Equal(t, flight.CancelStatusCancelled, res.Status)
	<-ended
	err = <-done
	require.Equal(t, codes.Canceled, status.Code(err))
	require.ErrorContains(t, err, "canceling statement due to user request")

	info, err = c.Execute(t.Context(), "SELECT")
	require.NoError(t, err)
	old, err := c.CancelQuery(t.Context(), info) //nolint:staticcheck // what older clients send
	require.NoError(t, err)
	require.Equal(t, sql.CancelResultCancelled, old)
	_, err = fetch(t.Context(), c, info)
	require.Equal(t, codes.Canceled, status.Code(err))
}

// TestCancelWithoutTicket: a query is cancelled by its id, and a statement that is being planned by its command, by those
// who present the same session, or none like it.
func TestCancelWithoutTicket(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	byPath := func(path ...string) error {
		_, err := c.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: &flight.FlightInfo{
			FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorPATH, Path: path},
		}})
		return err
	}
	require.NoError(t, byPath("query", "q1"))
	require.ErrorContains(t, byPath("query", "q2"), `with the id "q2"`)
	require.ErrorContains(t, byPath("q1"), "neither an endpoint nor a descriptor")
	require.Equal(t, int64(2), f.engine.canceled.Load())

	began, ended := make(chan struct{}), make(chan struct{})
	f.engine.rows("SELECT", ints(0, 1, 1))
	f.engine.on("SLOW", scriptSlow("prepare", began, ended))
	done := make(chan error, 1)
	go func() {
		_, err := c.Execute(t.Context(), "SLOW")
		done <- err
	}()
	<-began
	cmd, err := anypb.New(&pb.CommandStatementQuery{Query: "SLOW"})
	require.NoError(t, err)
	body, err := proto.Marshal(cmd)
	require.NoError(t, err)
	info := &flight.FlightInfo{FlightDescriptor: &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: body}}
	bob := f.clientWith(t, []flight.ClientMiddleware{flight.NewClientCookieMiddleware()})
	_, err = bob.Execute(t.Context(), "SELECT") // from now on it presents a session
	require.NoError(t, err)
	_, err = bob.CancelFlightInfo(t.Context(), &flight.CancelFlightInfoRequest{Info: info})
	require.ErrorContains(t, err, "not being planned in this session")
	old, err := c.CancelQuery(t.Context(), info) //nolint:staticcheck // what older clients send
	require.NoError(t, err)
	require.Equal(t, sql.CancelResultCancelled, old)
	<-ended
	err = <-done
	require.Equal(t, codes.Canceled, status.Code(err))
	require.ErrorContains(t, err, "canceling statement due to user request")
}

func TestKeepAlive(t *testing.T) {
	f := serve(t, func(c *Config) { c.KeepAlive = 20 * time.Millisecond })
	f.engine.on("WAIT", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: ints(0, 0, 2).Schema(), next: func(_ context.Context, _ boundRow, i int) (arrow.RecordBatch, error) {
			time.Sleep(500 * time.Millisecond)
			if i > 0 {
				return nil, io.EOF
			}
			return ints(0, 3, 2), nil
		}}, nil
	})
	c := f.client(t)
	messages, err := received(t.Context(), t, c, "WAIT")
	require.NoError(t, err)
	require.Greater(t, len(messages), 4)
	recs, err := query(t.Context(), c, "WAIT")
	require.NoError(t, err)
	require.Equal(t, []int64{0, 1, 2}, int64s(recs))
}

func TestCompression(t *testing.T) {
	f := serve(t, nil)
	rec := wide(100, 1000)
	f.engine.rows("SELECT", rec)
	c := f.client(t)
	for _, codec := range []string{"lz4", "zstd", "none"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), compressionHeader, codec)
		recs, err := query(ctx, c, "SELECT")
		require.NoError(t, err)
		require.True(t, array.RecordEqual(rec, recs[0]))
		messages, err := received(ctx, t, c, "SELECT")
		require.NoError(t, err)
		require.Equal(t, codec != "none", proto.Size(messages[1]) < 20<<10)
	}
	_, err := query(metadata.AppendToOutgoingContext(t.Context(), compressionHeader, "rar"), c, "SELECT")
	require.ErrorContains(t, err, "22023")
}

func TestStandardPath(t *testing.T) {
	f := serve(t, nil)
	f.server.plain = true
	f.engine.rows("SELECT", wide(10, 300<<10))
	recs, err := query(t.Context(), f.client(t), "SELECT")
	require.NoError(t, err)
	require.Len(t, texts(recs), 10)
}

func TestDrain(t *testing.T) {
	f := serve(t, nil)
	release := make(chan struct{})
	var once atomic.Bool
	f.engine.on("FINITE", func(*scriptedSession, string) (*scriptedStatement, error) {
		return &scriptedStatement{schema: ints(0, 0, 1).Schema(), next: func(context.Context, boundRow, int) (arrow.RecordBatch, error) {
			if once.CompareAndSwap(false, true) {
				return ints(0, 5, 1), nil
			}
			<-release
			return nil, io.EOF
		}}, nil
	})
	began, ended := make(chan struct{}), make(chan struct{})
	f.engine.on("SLOW", scriptSlow("next", began, ended))
	c := f.client(t)
	slow, err := c.Execute(t.Context(), "SLOW")
	require.NoError(t, err)
	failed, finished := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := fetch(t.Context(), c, slow)
		failed <- err
	}()
	<-began
	go func() {
		_, err := query(t.Context(), c, "FINITE")
		finished <- err
	}()
	require.True(t, waitFor(once.Load))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	drained := make(chan struct{})
	go func() { f.server.Drain(ctx); close(drained) }()
	time.Sleep(50 * time.Millisecond)
	close(release)
	require.NoError(t, <-finished, "what can finish in time does")
	err = <-failed
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "SQLSTATE 57P01")
	<-drained
	_, err = c.Execute(t.Context(), "SHOW timezone")
	require.Equal(t, codes.Unavailable, status.Code(err))
}
