package parquet

import (
	"fmt"
	"io"
	"sync"

	"github.com/parquet-go/parquet-go"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// footer is what a file says of itself: schema, row groups and statistics. It is immutable and outlives the open file.
type footer struct {
	file   *parquet.File
	fields []*field
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
	file, err := parquet.OpenFile(r, f.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, badFile(f, err)
	}
	if err := checkLayout(file, f.size); err != nil {
		return nil, badFile(f, err)
	}
	fs, err := fields(file)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", f.path, err)
	}
	return &footer{file: file, fields: fs}, nil
}

// badFile is the error for a file whose content cannot be.
func badFile(f dataFile, cause error) error {
	return sqlerr.New(sqlerr.DataCorrupted, "file %q is no valid Parquet file: %w", f.path, cause)
}

// checkLayout refuses column chunks that lie outside of the file, and counts that cannot be.
func checkLayout(file *parquet.File, size int64) error {
	leaves := len(leafElements(file))
	for i, g := range file.Metadata().RowGroups {
		if g.NumRows < 0 || len(g.Columns) != leaves {
			return fmt.Errorf("row group %d has %d rows and %d columns, the schema %d", i, g.NumRows, len(g.Columns), leaves)
		}
		for j := range g.Columns {
			m := &g.Columns[j].MetaData
			start := m.DataPageOffset
			if m.DictionaryPageOffset > 0 {
				start = min(start, m.DictionaryPageOffset)
			}
			if start < 0 || m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || start > size-m.TotalCompressedSize {
				return fmt.Errorf("column %d of row group %d lies outside of the file of %d bytes; it was cut short", j, i, size)
			}
		}
	}
	return nil
}
