package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// Coalescer joins small batches, as selective filters and joins leave them, into larger ones: a fixed cost per batch
// and operator is paid less often. The zero value is not usable.
type Coalescer struct {
	schema *arrow.Schema
	limit  int
	held   []arrow.RecordBatch
	rows   int
}

// NewCoalescer makes batches of at most limit rows.
func NewCoalescer(schema *arrow.Schema, limit int) *Coalescer {
	return &Coalescer{schema: schema, limit: limit}
}

// Push takes rec over and gives a batch that is ready, or nil. A batch of at least half the limit is not copied when
// nothing is held.
func (c *Coalescer) Push(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	n := int(rec.NumRows())
	if n == 0 {
		rec.Release()
		return nil, nil
	}
	if c.rows == 0 && 2*n >= c.limit {
		return rec, nil
	}
	if c.rows+n > c.limit {
		out, err := c.Flush()
		c.hold(rec)
		return out, err
	}
	c.hold(rec)
	if 2*c.rows >= c.limit {
		return c.Flush()
	}
	return nil, nil
}

func (c *Coalescer) hold(rec arrow.RecordBatch) {
	c.held = append(c.held, rec)
	c.rows += int(rec.NumRows())
}

// Flush gives what is held as one batch, nil when nothing is.
func (c *Coalescer) Flush() (arrow.RecordBatch, error) {
	if len(c.held) == 0 {
		return nil, nil
	}
	defer c.Close()
	return ConcatRecords(c.schema, c.held)
}

// Close releases what is held.
func (c *Coalescer) Close() {
	for _, r := range c.held {
		r.Release()
	}
	clear(c.held)
	c.held, c.rows = c.held[:0], 0
}
