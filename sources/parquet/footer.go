package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// footer is what a file says of itself: schema, row groups and statistics. It is immutable, but for what
// is counted once, and outlives the open file. Safe for concurrent use.
type footer struct {
	file   *parquet.File
	fields []*field
	chunks [][]chunkLayout // by row group and leaf
	// dictionaries are nil before they were counted.
	dictionaries atomic.Pointer[dictionaries]
}

// footers keeps footers by file, size and time of change. Safe for concurrent use.
type footers struct {
	mu   sync.Mutex
	kept map[footerKey]*footer
}

type footerKey struct {
	path  string
	size  int64
	mtime int64
}

// maxFooters bounds the cache; a footer takes some ten kilobytes.
const maxFooters = 4096

func keyOf(f dataFile) footerKey { return footerKey{f.path, f.size, f.mtime.UnixNano()} }

// get gives a file's footer, from r where it is not kept.
func (c *footers) get(f dataFile, r io.ReaderAt) (*footer, error) {
	c.mu.Lock()
	kept := c.kept[keyOf(f)]
	c.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	read, err := readFooter(f, r)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[footerKey]*footer{}
	}
	for k := range c.kept {
		if len(c.kept) < maxFooters {
			break
		}
		delete(c.kept, k)
	}
	c.kept[keyOf(f)] = read
	return read, nil
}

// readFooter decodes and checks a footer. parquet-go panics on some broken ones.
func readFooter(f dataFile, r io.ReaderAt) (out *footer, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, badFile(f, fmt.Errorf("decoding the footer: %v", p))
		}
	}()
	if f.size < 12 {
		return nil, badFile(f, fmt.Errorf("%d bytes are too few for a Parquet file; it was cut short or is still being written", f.size))
	}
	raw, err := footerBytes(f, r)
	if err != nil {
		return nil, err
	}
	l, err := scanFooter(raw)
	if err != nil {
		return nil, badFile(f, err)
	}
	image := footerImage(raw)
	file, err := parquet.OpenFile(bytes.NewReader(image), int64(len(image)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, badFile(f, err)
	}
	chunks, err := chunkLayouts(file, l, f.size)
	if err != nil {
		return nil, badFile(f, err)
	}
	fs, err := fields(file)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", f.path, err)
	}
	return &footer{file: file, fields: fs, chunks: chunks}, nil
}

// badFile is the error for a file whose content cannot be.
func badFile(f dataFile, cause error) error {
	return sqlerr.New(sqlerr.DataCorrupted, "file %q is no valid Parquet file: %w", f.path, cause)
}

// footerBytes reads the footer: Thrift, its length and a magic number end a file.
func footerBytes(f dataFile, r io.ReaderAt) ([]byte, error) {
	var ends [12]byte
	for _, part := range []struct {
		b  []byte
		at int64
	}{{ends[:4], 0}, {ends[4:], f.size - 8}} {
		if n, err := r.ReadAt(part.b, part.at); n < len(part.b) {
			return nil, fileError(err, fmt.Sprintf("file %q", f.path))
		}
	}
	switch {
	case string(ends[8:]) == "PARE":
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "file %q is encrypted, which is not supported", f.path)
	case string(ends[:4]) != magic || string(ends[8:]) != magic:
		return nil, badFile(f, errors.New("it does not begin and end with PAR1; it was cut short or is still being written"))
	}
	size := int64(binary.LittleEndian.Uint32(ends[4:]))
	if size > f.size-12 || size > maxFooter {
		return nil, badFile(f, fmt.Errorf("its footer has %d bytes, more than the file of %d, or than %d", size, f.size, maxFooter))
	}
	out := make([]byte, size)
	if n, err := r.ReadAt(out, f.size-8-size); n < len(out) {
		return nil, fileError(err, fmt.Sprintf("file %q", f.path))
	}
	return out, nil
}

const magic = "PAR1"

// footerImage is a file of a footer alone.
func footerImage(footer []byte) []byte {
	out := make([]byte, 0, len(footer)+12)
	out = append(append(out, magic...), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), magic...)
}

// chunkLayouts refuses column chunks that lie outside of the file, and counts that cannot be. It makes parquet-go expect
// every chunk's pages from offset 0 on: it reads them from a pageStream.
func chunkLayouts(file *parquet.File, l *layout, size int64) ([][]chunkLayout, error) {
	leaves := len(leafElements(file))
	groups := file.Metadata().RowGroups
	if len(l.codecs) != leaves*len(groups) {
		return nil, fmt.Errorf("its %d row groups have %d columns together, where the schema has %d", len(groups), len(l.codecs), leaves)
	}
	out := make([][]chunkLayout, len(groups))
	for i := range groups {
		g := &groups[i]
		if g.NumRows < 0 || len(g.Columns) != leaves {
			return nil, fmt.Errorf("row group %d has %d rows and %d columns, the schema %d", i, g.NumRows, len(g.Columns), leaves)
		}
		for j := range g.Columns {
			m := &g.Columns[j].MetaData
			start := m.DataPageOffset
			if m.DictionaryPageOffset > 0 {
				start = min(start, m.DictionaryPageOffset)
			}
			if start < 0 || m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || start > size-m.TotalCompressedSize {
				return nil, fmt.Errorf("column %d of row group %d lies outside of the file of %d bytes; it was cut short", j, i, size)
			}
			if g.Columns[j].FilePath != "" {
				return nil, fmt.Errorf("column %d of row group %d lies in another file, %q", j, i, g.Columns[j].FilePath)
			}
			out[i] = append(out[i], chunkLayout{
				start: start, size: m.TotalCompressedSize, codec: format.CompressionCodec(l.codecs[i*leaves+j]),
			})
			m.DataPageOffset, m.DictionaryPageOffset, m.TotalCompressedSize = 0, 0, math.MaxInt64/2
		}
	}
	return out, nil
}
