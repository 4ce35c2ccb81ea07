package flightsql

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// maxProto is the largest message that protobuf allows.
const maxProto = math.MaxInt32

// The fields of FlightData.
const (
	fieldHeader = 2
	fieldBody   = 1000
)

// message is a FlightData whose body is the batch's own buffers. It is encoded without copying: gRPC reads the
// buffers after SendMsg has returned, so they must be plain garbage-collected memory that nobody writes again.
type message struct {
	head []byte   // the Arrow message: FlightData.data_header
	body [][]byte // FlightData.data_body in pieces
	size int      // bytes of the body
	rows int64
	// progress is told when gRPC has taken pieces of the body.
	progress *progress
}

// encodedSize is the message's size on the wire, as a client's receive limit counts it.
func (m *message) encodedSize() int {
	n := protowire.SizeTag(fieldHeader) + protowire.SizeBytes(len(m.head))
	return n + protowire.SizeTag(fieldBody) + protowire.SizeBytes(m.size)
}

// piece is the most that gRPC takes before progress is noted. A client is stalled when it takes less than a piece in
// the time allowed.
const piece = 64 << 10

func (m *message) buffers() mem.BufferSlice {
	prefix := make([]byte, 0, len(m.head)+4*protowire.SizeVarint(math.MaxUint32))
	prefix = protowire.AppendTag(prefix, fieldHeader, protowire.BytesType)
	prefix = protowire.AppendBytes(prefix, m.head)
	if m.size > 0 {
		prefix = protowire.AppendTag(prefix, fieldBody, protowire.BytesType)
		prefix = protowire.AppendVarint(prefix, uint64(m.size))
	}
	out := make(mem.BufferSlice, 0, 1+len(m.body)+m.size/piece)
	out = append(out, mem.SliceBuffer(prefix))
	for _, b := range m.body {
		for len(b) > piece {
			out = append(out, m.buffer(b[:piece:piece]))
			b = b[piece:]
		}
		if len(b) > 0 {
			out = append(out, m.buffer(b[:len(b):len(b)]))
		}
	}
	return out
}

func (m *message) buffer(b []byte) mem.Buffer {
	if m.progress == nil {
		return mem.SliceBuffer(b)
	}
	return mem.NewBuffer(&b, m.progress)
}

// flightData is the message for the standard codec. It copies the body.
func (m *message) flightData() *flight.FlightData {
	body := make([]byte, 0, m.size)
	for _, b := range m.body {
		body = append(body, b...)
	}
	return &flight.FlightData{DataHeader: m.head, DataBody: body}
}

// progress notes when the transport last took something. It is the pool that "gets back" buffers: it keeps none,
// for they belong to the garbage collector. Safe for concurrent use.
type progress struct{ last atomic.Int64 }

// Get is never asked for memory by gRPC's send path; it makes some all the same.
func (p *progress) Get(n int) *[]byte { b := make([]byte, n); return &b }

// Put notes the moment.
func (p *progress) Put(*[]byte) { p.note() }

func (p *progress) note()                { p.last.Store(time.Now().UnixNano()) }
func (p *progress) since() time.Duration { return time.Since(time.Unix(0, p.last.Load())) }

// codec is protobuf's, but for messages, whose buffers it passes through.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(protocodec.Name)} }

// Marshal encodes v.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if m, ok := v.(*message); ok {
		return m.buffers(), nil
	}
	return c.CodecV2.Marshal(v)
}
