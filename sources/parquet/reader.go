package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/parquet-go/parquet-go"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// batchBytes is what a batch should not exceed; the number of rows is fitted to it from batch to batch.
const batchBytes = 8 << 20

// reader decodes one row group, a batch at a time.
type reader struct {
	schema *arrow.Schema
	where  split
	server string
	cols   []outputColumn
	rows   int64 // left
	limit  int   // rows a batch
	stats  *sources.ReadStats
	input  *countingReader
	failed error
	// selector is nil when every row is decoded.
	selector *selector
	// codes are the columns that may be dictionary-encoded: see sources.Env.
	codes  map[expr.ColumnID]int
	chunks []chunkLayout
	zstd   *zstdDecoder
	memory *budget.Reservation // nil: nobody counts
}

// outputColumn is one column of the batches: decoded, or the same value for every row of the file.
type outputColumn struct {
	*column
	name     string
	constant any // the datum of a folder's value; nil for NULL
	typ      *types.Type
	required bool // NULL is an error: a declaration may promise more than the file does
}

// Open reads one row group. Only the chunks of the scan's columns are read.
func (l *lane) Open(_ context.Context, s plan.RemoteScan, sp sources.Split, env *sources.Env) (batch.Reader, error) {
	sc, t, err := l.table(s)
	if err != nil {
		return nil, err
	}
	part, ok := sp.(split)
	if !ok || part.file >= len(t.footers) || part.group >= len(t.footers[part.file].file.RowGroups()) {
		return nil, sqlerr.New(sqlerr.InternalError, "a split of another scan was given to Parquet files")
	}
	r := &reader{
		schema: sc.schema(), where: part, server: sc.server, limit: batch.Rows, stats: &sources.ReadStats{},
		input: &countingReader{file: t.files[part.file]}, chunks: t.footers[part.file].chunks[part.group], zstd: &l.snap.source.zstd,
	}
	if env != nil && env.BatchRows > 0 {
		r.limit = env.BatchRows
	}
	if env != nil && env.Stats != nil {
		r.stats = env.Stats
	}
	r.selector = newSelector(sc.choose, r.schema, env)
	if env != nil {
		r.codes, r.memory = env.Codes, env.Reservation
	}
	if err := r.open(sc, t, l.snap.source.options); err != nil {
		_ = r.Close()
		return nil, r.locate(err, "")
	}
	r.stats.Splits.Add(1)
	return r, nil
}

func (r *reader) open(sc *scan, t *openTable, o leafOptions) (err error) {
	defer caught(&err)
	f := t.footers[r.where.file]
	group := f.file.RowGroups()[r.where.group]
	r.rows = group.NumRows()
	chunks := group.ColumnChunks()
	width := int64(0)
	for i, c := range sc.node.Cols {
		ordinal := sc.node.Ordinals[i]
		out := outputColumn{name: c.Name, typ: c.Type}
		from := t.detail.origins[ordinal]
		out.required = !t.table.Cols[ordinal].Nullable
		if from.key {
			if out.constant, err = partitionValue(t.detail.files[r.where.file].key(from.name), c.Type); err != nil {
				return err
			}
		} else if fl := f.field(from.name); fl != nil {
			if out.column, err = r.openColumn(fl, c.Type, chunks, o); err != nil {
				return err
			}
			if most := r.codes[c.ID]; most > 0 && !r.selector.uses(i) {
				out.column.mayCode(most)
			}
		}
		r.cols = append(r.cols, out)
		if out.column != nil {
			_ = out.leaves(func(l *leaf) error {
				width += f.file.Metadata().RowGroups[r.where.group].Columns[l.column().Index()].MetaData.TotalUncompressedSize
				return nil
			})
		}
	}
	if r.rows > 0 && width/r.rows > 0 {
		r.limit = max(1, min(r.limit, int(batchBytes/(width/r.rows))))
	}
	return nil
}

// openColumn builds the tree of readers of a field, as a type that the field's widens to.
func (r *reader) openColumn(f *field, to *types.Type, chunks []parquet.ColumnChunk, o leafOptions) (*column, error) {
	c := &column{field: f, to: to}
	switch f.kind {
	case leafField:
		chunk, ok := chunks[f.column.Index()].(*parquet.FileColumnChunk)
		if !ok {
			return nil, sqlerr.New(sqlerr.InternalError, "column chunk of type %T", chunks[f.column.Index()])
		}
		var err error
		input := newPageStream(r.input, f, r.chunks[f.column.Index()], r.zstd, r.memory)
		c.leaf, err = newLeafReader(f, to, chunk, input, o)
		return c, err
	case listField:
		kid, err := r.openColumn(f.kids[0], to.Elem, chunks, o)
		c.kids = []*column{kid}
		return c, err
	}
	for i, k := range f.kids {
		kid, err := r.openColumn(k, to.Fields[i].Type, chunks, o)
		if err != nil {
			return nil, err
		}
		c.kids = append(c.kids, kid)
	}
	return c, nil
}

func (r *reader) Schema() *arrow.Schema { return r.schema }

func (r *reader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case r.failed != nil:
			return nil, r.failed
		case r.rows == 0:
			return nil, io.EOF
		}
		rows := int(min(int64(r.limit), r.rows))
		cols := make([]arrow.Array, len(r.cols))
		kept, err := r.decode(cols, rows)
		if err != nil {
			batch.ReleaseAll(cols)
			r.failed = err
			return nil, err
		}
		r.rows -= int64(rows)
		r.stats.Rows.Add(int64(rows))
		if kept == 0 {
			batch.ReleaseAll(cols)
			continue
		}
		rec := batch.NewRecord(r.schema, cols, kept)
		r.account(rec)
		return rec, nil
	}
}

// decode reads the next rows into cols, or those of them that the conditions let pass, and says how many it kept.
func (r *reader) decode(cols []arrow.Array, rows int) (int, error) {
	if r.selector != nil && r.selector.futile() {
		r.selector = nil
	}
	if r.selector != nil {
		sel, err := r.choose(cols, rows)
		if err != nil {
			return 0, err
		}
		if len(sel)*pickShare <= rows {
			return len(sel), r.pick(cols, rows, sel)
		}
	}
	for i := range r.cols {
		if cols[i] != nil {
			continue
		}
		a, err := r.read(&r.cols[i], rows)
		if err != nil {
			return 0, r.locate(err, r.cols[i].name)
		}
		cols[i] = a
	}
	return rows, nil
}

// account counts the batch, and fits the next one's rows to the size that this one had.
func (r *reader) account(rec arrow.RecordBatch) {
	r.stats.Batches.Add(1)
	r.stats.Bytes.Add(r.input.read.Swap(0))
	size := int64(0)
	for _, c := range rec.Columns() {
		for _, b := range c.Data().Buffers() {
			if b != nil {
				size += int64(b.Len())
			}
		}
	}
	if size > batchBytes {
		r.limit = max(1, int(int64(r.limit)*batchBytes/size))
	}
}

// read gives the next rows of one column.
func (r *reader) read(c *outputColumn, rows int) (arrow.Array, error) {
	return r.readAs(c, rows, rows)
}

// readAs takes the next rows of one column, which make an array of length n. parquet-go panics on some broken pages;
// what it says then is an error.
func (r *reader) readAs(c *outputColumn, rows, n int) (a arrow.Array, err error) {
	defer caught(&err)
	if c.column == nil {
		return constant(c.typ, c.constant, rows)
	}
	err = c.leaves(func(l *leaf) error {
		got, err := l.take(rows)
		if err == nil && got < rows {
			err = corrupt("it ends %d rows too early", rows-got)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a, err = c.assemble()
	if err != nil {
		return nil, err
	}
	if a.Len() != n {
		a.Release()
		return nil, corrupt("it has %d values for %d rows", a.Len(), n)
	}
	if c.required && a.NullN() > 0 {
		a.Release()
		return nil, sqlerr.New("23502", "it has a NULL, but is declared NOT NULL")
	}
	return a, c.leaves(func(l *leaf) error { l.reset(); return nil })
}

// caught turns a panic of the decoder into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = corrupt("decoding failed: %v", p)
	}
}

// locate says where in the files an error was met; SQLSTATE and hint stay.
func (r *reader) locate(err error, column string) error {
	at := r.where.String()
	if column != "" {
		at += fmt.Sprintf(", column %q", column)
	}
	var known *sqlerr.Error
	if !errors.As(err, &known) {
		known = sqlerr.New(sqlerr.DataCorrupted, "%w", err)
	}
	c := *known
	c.Message = fmt.Sprintf("reading %s: %s", at, known.Message)
	return c.From(r.server)
}

// Close ends the readers of all pages.
func (r *reader) Close() error {
	r.rows = 0
	var errs []error
	for _, c := range r.cols {
		if c.column != nil {
			errs = append(errs, c.leaves(func(l *leaf) error { return l.close() }))
		}
	}
	r.cols = nil
	return errors.Join(errs...)
}

// constant is a column of one value, or of NULLs.
func constant(t *types.Type, v any, rows int) (arrow.Array, error) {
	switch v := v.(type) {
	case nil:
		return array.MakeArrayOfNull(memory.DefaultAllocator, t.Arrow(), rows), nil
	case int64:
		switch t.Kind {
		case types.Date, types.Int4:
			return newArray(t.Arrow(), rows, 0, nil, memory.NewBufferBytes(asBytes(repeat(int32(v), rows)))), nil
		case types.Int2:
			return newArray(t.Arrow(), rows, 0, nil, memory.NewBufferBytes(asBytes(repeat(int16(v), rows)))), nil
		}
		return newArray(t.Arrow(), rows, 0, nil, memory.NewBufferBytes(asBytes(repeat(v, rows)))), nil
	case string:
		offsets, data := make([]int32, rows+1), make([]byte, 0, rows*len(v))
		for i := range rows {
			data = append(data, v...)
			offsets[i+1] = int32(len(data))
		}
		return newArray(t.Arrow(), rows, 0, nil, memory.NewBufferBytes(asBytes(offsets)), memory.NewBufferBytes(data)), nil
	}
	return nil, sqlerr.New(sqlerr.InternalError, "a folder's value of type %T", v)
}

func repeat[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// countingReader counts the bytes read from a file.
type countingReader struct {
	file *os.File
	read atomic.Int64
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.file.ReadAt(p, off)
	c.read.Add(int64(n))
	return n, err
}
