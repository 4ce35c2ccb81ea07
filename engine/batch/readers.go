package batch

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// Slice is a Reader over batches in memory. It takes the batches over.
type Slice struct {
	schema *arrow.Schema
	recs   []arrow.RecordBatch
}

var _ Reader = (*Slice)(nil)

// FromRecords is a Reader that yields recs in order and owns them; a retained batch can be read by several.
func FromRecords(schema *arrow.Schema, recs ...arrow.RecordBatch) *Slice {
	return &Slice{schema: schema, recs: recs}
}

// Schema is the logical schema.
func (s *Slice) Schema() *arrow.Schema { return s.schema }

// Next hands out the next batch.
func (s *Slice) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if len(s.recs) == 0 {
		return nil, io.EOF
	}
	rec := s.recs[0]
	s.recs = s.recs[1:]
	return rec, nil
}

// Close releases what was not read.
func (s *Slice) Close() error {
	for _, r := range s.recs {
		r.Release()
	}
	s.recs = nil
	return nil
}

// chain reads readers one after another.
type chain struct {
	schema  *arrow.Schema
	readers []Reader
}

// Chain is a Reader over readers of one schema, one after another. It closes each at its end, the rest on Close.
func Chain(schema *arrow.Schema, readers ...Reader) Reader {
	return &chain{schema: schema, readers: readers}
}

func (c *chain) Schema() *arrow.Schema { return c.schema }

func (c *chain) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for len(c.readers) > 0 {
		rec, err := c.readers[0].Next(ctx)
		if !errors.Is(err, io.EOF) {
			return rec, err
		}
		r := c.readers[0]
		c.readers = c.readers[1:]
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return nil, io.EOF
}

func (c *chain) Close() error {
	var errs []error
	for _, r := range c.readers {
		errs = append(errs, r.Close())
	}
	c.readers = nil
	return errors.Join(errs...)
}

// ReadAll reads r to its end. The caller releases the batches; on an error there are none. It does not close r.
func ReadAll(ctx context.Context, r Reader) ([]arrow.RecordBatch, error) {
	var out []arrow.RecordBatch
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			for _, o := range out {
				o.Release()
			}
			return nil, err
		}
		out = append(out, rec)
	}
}
