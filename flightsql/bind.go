package flightsql

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// binding is what a client bound to a statement: all rows of all batches, in order. Nil stands for "nothing was
// bound", which runs the statement once. Immutable.
type binding struct {
	stream []byte // as an Arrow IPC stream
	recs   []arrow.RecordBatch
}

// boundRow is one row of a binding; the zero value is a run without parameters.
type boundRow struct {
	batch arrow.RecordBatch
	index int
}

func (b *binding) rows() iter.Seq[boundRow] {
	return func(yield func(boundRow) bool) {
		if b == nil {
			yield(boundRow{})
			return
		}
		for _, rec := range b.recs {
			for i := range int(rec.NumRows()) {
				if !yield(boundRow{rec, i}) {
					return
				}
			}
		}
	}
}

func (b *binding) list() []boundRow {
	var out []boundRow
	for r := range b.rows() {
		out = append(out, r)
	}
	return out
}

func (b *binding) encoded() (bound bool, stream []byte) {
	if b == nil {
		return false, nil
	}
	return true, b.stream
}

func (b *binding) release() {
	if b == nil {
		return
	}
	for _, rec := range b.recs {
		rec.Release()
	}
	b.recs = nil
}

// encodeBinding keeps batches as bytes that a handle can carry.
func encodeBinding(schema *arrow.Schema, recs []arrow.RecordBatch) ([]byte, error) {
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(schema))
	for _, rec := range recs {
		if err := w.Write(rec); err != nil {
			return nil, fmt.Errorf("keeping parameters: %w", errors.Join(err, w.Close()))
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("keeping parameters: %w", err)
	}
	return buf.Bytes(), nil
}

// decodeBinding is its reverse. The caller releases it.
func decodeBinding(bound bool, stream []byte) (*binding, error) {
	if !bound {
		return nil, nil
	}
	r, err := ipc.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, fmt.Errorf("reading kept parameters: %w", err)
	}
	defer r.Release()
	b := &binding{stream: stream}
	for r.Next() {
		rec := r.RecordBatch()
		rec.Retain()
		b.recs = append(b.recs, rec)
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		b.release()
		return nil, fmt.Errorf("reading kept parameters: %w", err)
	}
	return b, nil
}

// paramReader reads the batches that a client sends after a command. It starts with the message that carried the
// command, which may carry the schema too.
type paramReader struct {
	opening *flight.FlightData
	stream  flight.FlightService_DoPutServer
	reader  *flight.Reader
}

func newParamReader(opening *flight.FlightData, stream flight.FlightService_DoPutServer) *paramReader {
	return &paramReader{opening: opening, stream: stream}
}

// Recv gives the opening message again, then the stream's.
func (p *paramReader) Recv() (*flight.FlightData, error) {
	if first := p.opening; first != nil {
		p.opening = nil
		if len(first.DataHeader) == 0 {
			return p.stream.Recv()
		}
		return first, nil
	}
	return p.stream.Recv()
}

// schema reads up to the schema. Nil: the client sent no data at all.
func (p *paramReader) schema() (*arrow.Schema, error) {
	if p.opening != nil && len(p.opening.DataHeader) == 0 {
		next, err := p.stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		p.opening = next
	}
	r, err := flight.NewRecordReader(p)
	if err != nil {
		return nil, badRequest("the parameters cannot be read: %v", err)
	}
	p.reader = r
	return r.Schema(), nil
}

// next gives the next batch, borrowed until the call after; io.EOF at the end.
func (p *paramReader) next() (arrow.RecordBatch, error) {
	rec, err := p.reader.Read()
	switch {
	case err == nil:
		return rec, nil
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case p.stream.Context().Err() != nil:
		return nil, p.stream.Context().Err()
	}
	return nil, badRequest("the parameters cannot be read: %v", err)
}

func (p *paramReader) close() {
	if p.reader != nil {
		p.reader.Release()
	}
}

// each reads all batches that a client binds to a statement with these parameters, and hands them over, borrowed.
// Bound says whether anything was: no data at all, or a schema without columns, is an unbound statement.
func (p *paramReader) each(want *arrow.Schema, take func(arrow.RecordBatch) error) (bound bool, schema *arrow.Schema, err error) {
	schema, err = p.schema()
	if err != nil || schema == nil {
		return false, nil, err
	}
	if schema.NumFields() != 0 && schema.NumFields() != want.NumFields() {
		return false, nil, sqlerr.New(errProtocol, "%d parameters were bound, the statement has %d", schema.NumFields(), want.NumFields())
	}
	for {
		rec, err := p.next()
		if errors.Is(err, io.EOF) {
			return schema.NumFields() > 0, schema, nil
		}
		if err != nil {
			return false, nil, err
		}
		if schema.NumFields() == 0 {
			continue
		}
		if err := take(rec); err != nil {
			return false, nil, err
		}
	}
}
