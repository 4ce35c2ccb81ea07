package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// reserveChunk is how much a growing reservation asks for at once, so that the pool's lock is rarely taken.
const reserveChunk = 256 << 10

// ledger asks its reservation in chunks. For use by one goroutine at a time.
type ledger struct {
	res  *budget.Reservation
	used int64
}

// add accounts for n more bytes before they are used.
func (l *ledger) add(n int64) error {
	if l.used+n > l.res.Held() {
		if err := l.res.Grow(max(n, min(reserveChunk, l.res.Held()/4+4096))); err != nil {
			return err
		}
	}
	l.used += n
	return nil
}

// set accounts for exactly n bytes, in coarse steps.
func (l *ledger) set(n int64) error {
	if n > l.used {
		return l.add(n - l.used)
	}
	l.used = n
	return nil
}

func (l *ledger) close() { l.res.Close(); l.used = 0 }

// collector keeps all batches of a relation in memory.
type collector struct {
	run     *run
	name    string
	schema  *arrow.Schema
	parts   [][]arrow.RecordBatch
	ledgers []ledger
}

func newCollector(r *run, name string, schema *arrow.Schema, parts int) *collector {
	c := &collector{run: r, name: name, schema: schema, parts: make([][]arrow.RecordBatch, parts), ledgers: make([]ledger, parts)}
	for i := range c.ledgers {
		c.ledgers[i].res = r.reserve(name)
	}
	return c
}

// add takes rec over. Dictionaries are resolved: what is kept then costs what is accounted for, whoever else holds the
// dictionary.
func (c *collector) add(part int, rec arrow.RecordBatch) error {
	defer rec.Release()
	if rec.NumRows() == 0 {
		return nil
	}
	plain, err := batch.PlainRecord(rec)
	if err != nil {
		return err
	}
	if err := c.ledgers[part].add(batch.EncodedBytes(plain)); err != nil {
		plain.Release()
		return err
	}
	c.parts[part] = append(c.parts[part], plain)
	return nil
}

// batches are all batches, still the collector's.
func (c *collector) batches() []arrow.RecordBatch {
	var out []arrow.RecordBatch
	for _, p := range c.parts {
		out = append(out, p...)
	}
	return out
}

func (c *collector) held() int64 {
	var n int64
	for _, l := range c.ledgers {
		n += l.used
	}
	return n
}

// concat makes one batch of everything; columns are joined in parallel. The parts are released, and so is their
// memory; the result is accounted for by the ledger that is returned.
func (c *collector) concat(ctx context.Context) (arrow.RecordBatch, ledger, error) {
	recs := c.batches()
	own := ledger{res: c.run.reserve(c.name)}
	rows := int64(0)
	for _, r := range recs {
		rows += r.NumRows()
	}
	switch {
	case rows > maxRows:
		return nil, own, sqlerr.New(sqlerr.ProgramLimit, "%s needs %d rows at once, and can have at most %d", c.name, rows, maxRows).
			WithHint("narrow the query so that fewer rows go into joins, groups and sorts")
	case len(recs) == 0:
		return batch.Empty(c.schema), own, nil
	default:
		// While they are joined the parts and the whole are there.
		if err := own.add(c.held()); err != nil {
			return nil, own, err
		}
	}
	cols := make([]arrow.Array, c.schema.NumFields())
	err := c.run.each(ctx, len(cols), func(i int) error {
		parts := make([]arrow.Array, len(recs))
		for p, r := range recs {
			parts[p] = r.Column(i)
		}
		var err error
		cols[i], err = batch.Concat(parts)
		return err
	})
	if err != nil {
		batch.ReleaseAll(cols)
		return nil, own, err
	}
	c.close()
	return batch.NewRecord(c.schema, cols, int(rows)), own, nil
}

// maxRows is what row numbers of 32 bits can tell apart; one is kept for NULL.
const maxRows = 1<<31 - 2

// each runs f(0) … f(n-1) on as many goroutines as the execution has workers.
func (r *run) each(ctx context.Context, n int, f func(i int) error) error {
	w := min(r.workers, n)
	if w <= 1 {
		for i := range n {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	return r.parallel(ctx, w, func(ctx context.Context, part int) error {
		for i := part; i < n; i += w {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *collector) close() {
	for p := range c.parts {
		for _, r := range c.parts[p] {
			r.Release()
		}
		c.parts[p] = nil
		c.ledgers[p].close()
	}
}
