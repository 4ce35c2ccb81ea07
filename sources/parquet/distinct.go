package parquet

import (
	"io"
	"math"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

const (
	// sampledFiles is how many files of a table have the headers of their dictionaries read; one row group of each.
	sampledFiles = 3
	// fullDictionary is a dictionary's size from which on writers are likely to have gone over to plain values, when the
	// footer does not tell.
	fullDictionary = 512 << 10
)

// sampled says whether the i-th of n files is one of those whose dictionaries are counted: first, middle and last.
func sampled(i, n int) bool {
	return n <= sampledFiles || i == 0 || i == n/2 || i == n-1
}

// dictionaries are the numbers of distinct values, by leaf, of one row group; 0 where unknown.
type dictionaries struct {
	group    int
	distinct []int64
}

// countDictionaries reads, once, how many values the dictionaries of the largest row group have: the distinct values of
// that group. It reads no data; what cannot be read counts as unknown, and whoever reads the rows gets the error.
func (f *footer) countDictionaries(r io.ReaderAt) {
	groups := f.file.Metadata().RowGroups
	if len(groups) == 0 || f.dictionaries.Load() != nil {
		return
	}
	d := &dictionaries{}
	for g := range groups {
		if groups[g].NumRows > groups[d.group].NumRows {
			d.group = g
		}
	}
	for leaf, c := range f.chunks[d.group] {
		m := &groups[d.group].Columns[leaf].MetaData
		n := m.Statistics.DistinctCount
		if n <= 0 && onlyCodes(m) {
			n = dictionaryLength(r, c, len(m.EncodingStats) > 0)
		}
		d.distinct = append(d.distinct, max(0, n))
	}
	f.dictionaries.Store(d)
}

// onlyCodes says whether all data pages may be dictionary-encoded.
func onlyCodes(m *format.ColumnMetaData) bool {
	for _, e := range m.EncodingStats {
		data := e.PageType == format.DataPage || e.PageType == format.DataPageV2
		if data && e.Count > 0 && !codes(e.Encoding) {
			return false
		}
	}
	return true
}

// dictionaryLength is the number of values of the dictionary that a column chunk begins with, 0 when it has none, or one
// that may not have all values.
func dictionaryLength(r io.ReaderAt, c chunkLayout, complete bool) int64 {
	b := make([]byte, min(256, c.size))
	if n, err := r.ReadAt(b, c.start); n < len(b) && err != nil {
		return 0
	}
	scan := thriftScan{data: b}
	if scan.structure(0) != nil {
		return 0
	}
	var h format.PageHeader
	var protocol thrift.CompactProtocol
	if thrift.NewDecoder(protocol.NewReaderFromBytes(b[:scan.at])).Decode(&h) != nil || h.Type != format.DictionaryPage {
		return 0
	}
	if !complete && h.UncompressedPageSize >= fullDictionary {
		return 0
	}
	return max(0, int64(h.DictionaryPageHeader.V.NumValues))
}

// estimateDistinct fills in the number of distinct values of columns from the dictionaries that were counted: the
// largest of the estimates that each file gives.
func estimateDistinct(t *sources.Table, footers []*footer) {
	for i := range t.Cols {
		c, from := &t.Cols[i], t.Detail.(*detail).origins[i]
		if from.key {
			continue
		}
		most := t.RowCount * (1 - c.NullFraction)
		for _, f := range footers {
			fl := f.field(from.name)
			d := f.dictionaries.Load()
			if fl == nil || fl.kind != leafField || d == nil || d.distinct[fl.column.Index()] == 0 {
				continue
			}
			g := &f.file.Metadata().RowGroups[d.group]
			nulls := g.Columns[fl.column.Index()].MetaData.Statistics.NullCount
			own, share := float64(d.distinct[fl.column.Index()]), shareOfRange(c, chunkBounds(fl, g))
			n := allDistinct(own, float64(g.NumRows-nulls), most)
			if share < 0.5 { // the table is clustered by the column: other groups have other values
				n = own / share
			}
			c.Distinct = max(c.Distinct, n)
		}
		c.Distinct = min(c.Distinct, most)
		if low, ok := c.Min.(int64); ok && c.Type.IsInteger() {
			if high, ok := c.Max.(int64); ok && c.Distinct > 0 {
				c.Distinct = min(c.Distinct, float64(high)-float64(low)+1)
			}
		}
	}
}

// allDistinct is how many values there are when rows drawn at random have own distinct ones, between own and most:
// own = n·(1-e^(-rows/n)) solved for n.
func allDistinct(own, rows, most float64) float64 {
	low, high := own, max(own, most)
	for range 50 {
		n := (low + high) / 2
		if n*(1-math.Exp(-rows/n)) < own {
			low = n
		} else {
			high = n
		}
	}
	return (low + high) / 2
}

// shareOfRange is the part of a column's range that a row group has, 1 when it is not known.
func shareOfRange(c *plan.TableColumn, b bounds) float64 {
	low, ok1 := c.Min.(int64)
	high, ok2 := c.Max.(int64)
	from, ok3 := b.low.(int64)
	until, ok4 := b.high.(int64)
	if !ok1 || !ok2 || !ok3 || !ok4 || high <= low {
		return 1
	}
	return max((float64(until)-float64(from)+1)/(float64(high)-float64(low)+1), 1e-9)
}
