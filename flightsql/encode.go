package flightsql

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// encoder makes messages of batches that have the contract's schema. Safe for concurrent use.
type encoder struct {
	opts     []ipc.Option
	target   int // bytes that a message is aimed at
	limit    int // bytes that none exceeds
	progress *progress
}

func newEncoder(cfg *Config, compression string, p *progress) (*encoder, error) {
	e := &encoder{target: cfg.MessageBytes, limit: cfg.MaxMessageBytes, progress: p}
	e.opts = append(e.opts, ipc.WithAllocator(memory.NewGoAllocator()))
	switch compression {
	case "", "none":
	case "lz4":
		e.opts = append(e.opts, ipc.WithLZ4())
	case "zstd":
		e.opts = append(e.opts, ipc.WithZstd())
	default:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unknown IPC compression %q in the header %s", compression, compressionHeader).
			WithHint("use lz4, zstd or none")
	}
	return e, nil
}

// compressionHeader asks for compressed bodies. They are plain by default: the Arrow Flight SQL JDBC driver cannot
// read compressed ones.
const compressionHeader = "x-skein-ipc-compression"

// schema is the message that starts a stream.
func (e *encoder) schema(s *arrow.Schema) (*message, error) {
	p := ipc.GetSchemaPayload(s, memory.NewGoAllocator())
	return e.message(&p, 0)
}

// batch gives rec to emit in messages near the target. The sizes are those of the encoding itself: what turns out too
// large is halved and encoded again, which copies no buffers unless they are compressed.
func (e *encoder) batch(rec arrow.RecordBatch, emit func(*message) error) error {
	m, err := e.encode(rec)
	if err != nil {
		return err
	}
	size, rows := m.encodedSize(), rec.NumRows()
	switch {
	case size <= 2*e.target || (rows <= 1 && size <= e.limit):
		return emit(m)
	case rows <= 1:
		return sqlerr.New(sqlerr.ProgramLimit, "a row of %d bytes exceeds the %d bytes that a message may have", size, e.limit).
			WithHint("select fewer or smaller columns, or raise the server's message limit and the client's (ADBC: with_max_msg_size)")
	}
	parts := int64((size + e.target - 1) / e.target)
	step := max((rows+parts-1)/parts, 1)
	for from := int64(0); from < rows; from += step {
		if err := e.slice(rec, from, min(from+step, rows), emit); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) slice(rec arrow.RecordBatch, from, to int64, emit func(*message) error) error {
	part := rec.NewSlice(from, to)
	defer part.Release()
	packed, err := packViews(part)
	if err != nil {
		return err
	}
	defer packed.Release()
	return e.batch(packed, emit)
}

func (e *encoder) encode(rec arrow.RecordBatch) (*message, error) {
	p, err := ipc.GetRecordBatchPayload(rec, e.opts...)
	if err != nil {
		return nil, fmt.Errorf("encoding a batch of %d rows: %w", rec.NumRows(), err)
	}
	return e.message(&p, rec.NumRows())
}

// message takes the payload's buffers. They stay valid after their release, being garbage-collected memory.
func (e *encoder) message(p *ipc.Payload, rows int64) (*message, error) {
	defer p.Release()
	meta := p.Meta()
	defer meta.Release()
	m := &message{head: meta.Bytes(), rows: rows, progress: e.progress}
	if err := p.SerializeBody((*capture)(m)); err != nil {
		return nil, fmt.Errorf("encoding a batch of %d rows: %w", rows, err)
	}
	return m, nil
}

// capture is the io.Writer that keeps the slices written to it as a message's body.
type capture message

func (c *capture) Write(b []byte) (int, error) {
	c.body = append(c.body, b)
	c.size += len(b)
	return len(b), nil
}

// emptyBatch is a batch without rows, sent to keep a silent stream alive.
func (e *encoder) emptyBatch(s *arrow.Schema) (*message, error) {
	b := array.NewRecordBuilder(memory.NewGoAllocator(), s)
	defer b.Release()
	rec := b.NewRecordBatch()
	defer rec.Release()
	return e.encode(rec)
}
