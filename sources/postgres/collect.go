package postgres

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// maxBatchBytes ends a batch before it has all its rows.
const maxBatchBytes = 4 << 20

// collector turns rows off the wire into batches: rows gather in a block, a block is decoded column by column.
type collector struct {
	schema  *arrow.Schema
	names   []string
	columns []column
	block   *block
	rows    int // decoded since the last batch
	limit   int // rows of a batch
	stats   *sources.ReadStats
	memory  *budget.Reservation
}

func newCollector(schema *arrow.Schema, cols []plan.Column, env *sources.Env, utf8 bool) *collector {
	c := &collector{schema: schema, block: newBlock(len(cols)), limit: batch.Rows, stats: env.Stats, memory: env.Reservation}
	if env.BatchRows > 0 {
		c.limit = env.BatchRows
	}
	for _, col := range cols {
		c.names = append(c.names, col.Name)
		c.columns = append(c.columns, newColumn(col.Type, utf8))
	}
	return c
}

// reserve asks for the memory of n more bytes of an unfinished row. What a batch may have is not counted.
func (c *collector) reserve(n int) error {
	if need := len(c.block.bytes) + n; need > maxBatchBytes && c.memory != nil {
		return c.memory.Resize(int64(need))
	}
	return nil
}

// room is how many more rows the block may take.
func (c *collector) room() int { return min(blockRows, c.limit-c.rows) }

// decode moves the block's rows into the columns and says whether a batch is due. more says that a good many will follow.
func (c *collector) decode(more bool) (due bool, err error) {
	n := c.block.rows
	if n > 0 {
		ahead := n
		if more && len(c.columns) > 0 {
			ahead = c.expect(n)
		}
		for i, col := range c.columns {
			col.grow(ahead)
			if err := col.decode(c.block.data, c.block.column(i)); err != nil {
				return false, inColumn(c.names[i], err)
			}
		}
		c.rows += n
	}
	c.block.reset()
	return c.rows >= c.limit || c.size() >= maxBatchBytes, nil
}

// expect is how many more rows the batch will take when n of the block are the next, so that a column is allocated once.
func (c *collector) expect(n int) int {
	first, last := c.block.column(0), c.block.column(len(c.columns)-1)
	width := int(last[n-1]-first[0])/n + 1
	return max(n, min(c.limit-c.rows, maxBatchBytes/width))
}

// inColumn says which column an error is about, and keeps its SQLSTATE and hint.
func inColumn(name string, err error) error {
	var own *sqlerr.Error
	if errors.As(err, &own) {
		e := *own
		e.Message = "column " + name + ": " + e.Message
		return &e
	}
	return fmt.Errorf("column %s: %w", name, err)
}

func (c *collector) size() int {
	n := 0
	for _, col := range c.columns {
		n += col.size()
	}
	return n
}

// take gives what was decoded as a batch.
func (c *collector) take() arrow.RecordBatch {
	arrays := make([]arrow.Array, len(c.columns))
	bytes := c.size()
	for i, col := range c.columns {
		data := col.take()
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	rec := array.NewRecordBatch(c.schema, arrays, int64(c.rows))
	for _, a := range arrays {
		a.Release()
	}
	if c.stats != nil {
		c.stats.Rows.Add(int64(c.rows))
		c.stats.Bytes.Add(int64(bytes))
		c.stats.Batches.Add(1)
	}
	c.rows = 0
	return rec
}
