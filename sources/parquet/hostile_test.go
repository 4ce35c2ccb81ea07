package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// crafted is a file of one column chunk, made by hand.
type crafted struct {
	typ      format.Type
	width    int32 // of FIXED_LEN_BYTE_ARRAY
	optional bool
	codec    format.CompressionCodec
	rows     int64
	pages    []craftedPage
}

// craftedPage is a page; uncompressed is what its header says, the length of data when it is 0.
type craftedPage struct {
	header       format.PageHeader
	data         []byte
	uncompressed int32
}

var compact thrift.CompactProtocol

func marshal(t testing.TB, v any) []byte {
	b, err := thrift.Marshal(&compact, v)
	require.NoError(t, err)
	return b
}

func (c crafted) bytes(t testing.TB) []byte {
	out := []byte(magic)
	for _, p := range c.pages {
		h := p.header
		h.CompressedPageSize, h.UncompressedPageSize = int32(len(p.data)), p.uncompressed
		if p.uncompressed == 0 {
			h.UncompressedPageSize = int32(len(p.data))
		}
		out = append(append(out, marshal(t, &h)...), p.data...)
	}
	repetition := format.Required
	if c.optional {
		repetition = format.Optional
	}
	leaf := format.SchemaElement{Name: "v", Type: thrift.New(c.typ), RepetitionType: thrift.New(repetition)}
	if c.width > 0 {
		leaf.TypeLength = thrift.New(c.width)
	}
	footer := marshal(t, &format.FileMetaData{
		Version: 2, NumRows: c.rows,
		Schema: []format.SchemaElement{{Name: "root", NumChildren: thrift.New(int32(1))}, leaf},
		RowGroups: []format.RowGroup{{NumRows: c.rows, TotalByteSize: 1, Columns: []format.ColumnChunk{{MetaData: format.ColumnMetaData{
			Type: c.typ, PathInSchema: []string{"v"}, Codec: c.codec, NumValues: c.rows, TotalUncompressedSize: 1,
			TotalCompressedSize: int64(len(out) - 4), DataPageOffset: 4, Encoding: []format.Encoding{format.Plain},
		}}}}},
	})
	return withFooter(out, footer)
}

func withFooter(body, footer []byte) []byte {
	out := append(bytes.Clone(body), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), magic...)
}

func dataPage(n int32, e format.Encoding, data []byte) craftedPage {
	return craftedPage{data: data, header: format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{
		NumValues: n, Encoding: e, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	})}}
}

func dictionaryPage(n int32, data []byte) craftedPage {
	return craftedPage{data: data, header: format.PageHeader{
		Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: n, Encoding: format.Plain}),
	}}
}

func uvarints(v ...uint64) []byte {
	var out []byte
	for _, x := range v {
		out = binary.AppendUvarint(out, x)
	}
	return out
}

// tryToRead reads a file of these bytes with a budget of 64 MB and says what was allocated meanwhile.
func tryToRead(t testing.TB, file []byte, limit int64) (rows int, allocated uint64, err error) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	s := openSource(t, path)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := s.Discover(context.Background(), sources.Pattern{Table: "t"})
	if err == nil && len(found) == 1 {
		res := budget.NewPool(limit).Query(limit).Reserve("scan")
		recs, _, readErr := readWith(t, s, scanOf(found[0]), 1, &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}, Reservation: res})
		for _, r := range recs {
			rows += int(r.NumRows())
		}
		err = readErr
		require.Zero(t, res.Held())
	}
	runtime.ReadMemStats(&after)
	return rows, after.TotalAlloc - before.TotalAlloc, err
}

// TestHostileFiles: whatever a file claims, it gives an error before the memory that it asks for is taken.
func TestHostileFiles(t *testing.T) {
	zeros := make([]byte, 64<<20)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(zeros)
	require.NoError(t, w.Close())
	var brotlied bytes.Buffer
	b := brotli.NewWriter(&brotlied)
	_, _ = b.Write(zeros)
	require.NoError(t, b.Close())
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	lz := make([]byte, lz4.CompressBlockBound(len(zeros)))
	n, err := lz4.CompressBlock(zeros, lz, nil)
	require.NoError(t, err)
	bomb := func(c format.CompressionCodec, data []byte, says int32) crafted {
		p := dataPage(100, format.Plain, data)
		p.uncompressed = says
		return crafted{typ: format.Int64, codec: c, rows: 100, pages: []craftedPage{p}}
	}
	plain := func(p craftedPage) crafted { return crafted{typ: format.Int64, rows: 3, pages: []craftedPage{p}} }
	texts := func(e format.Encoding, data []byte) crafted {
		return crafted{typ: format.ByteArray, rows: 1000, pages: []craftedPage{dataPage(1000, e, data)}}
	}
	run := func(count uint64) []byte { return append(uvarints(count<<1), 0) }
	levels := func(count uint64) []byte {
		r := run(count)
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(r))), r...)
	}
	// A value of 1 MB, and 2,000 codes for it.
	long := append(binary.LittleEndian.AppendUint32(nil, 1<<20), bytes.Repeat([]byte{'x'}, 1<<20)...)
	repeated := crafted{typ: format.ByteArray, rows: 2000, pages: []craftedPage{
		dictionaryPage(1, long), dataPage(2000, format.RLEDictionary, append([]byte{1}, run(2000)...)),
	}}
	// Lengths of 1 << 30, all alike: deltas of no bits.
	same := func(n uint64) []byte {
		out := binary.AppendVarint(uvarints(128, 4, n), 1<<30)
		for left := int(n) - 1; left > 0; left -= 128 {
			out = append(append(out, 0), 0, 0, 0, 0)
		}
		return out
	}
	// 999 values of no suffix that repeat a prefix of 1 MB: 1 GB of text.
	prefixes := append(binary.AppendVarint(uvarints(128, 4, 1000), 0), binary.AppendVarint(nil, 0)...)
	prefixes = append(prefixes, 20, 0, 0, 0)
	prefixes = append(prefixes, bytes.Repeat([]byte{0xff}, 80)...)
	for left := 999 - 128; left > 0; left -= 128 {
		prefixes = append(prefixes, 0, 0, 0, 0, 0)
	}
	for name, file := range map[string]crafted{
		"gzip":                  bomb(format.Gzip, zipped.Bytes(), 800),
		"brotli":                bomb(format.Brotli, brotlied.Bytes(), 800),
		"zstd":                  bomb(format.Zstd, z.EncodeAll(zeros, nil), 800),
		"snappy":                bomb(format.Snappy, snappy.Encode(nil, zeros), 800),
		"snappy's length":       bomb(format.Snappy, binary.AppendUvarint(nil, math.MaxUint32), 800),
		"lz4":                   bomb(format.Lz4Raw, lz[:n], 800),
		"too little":            bomb(format.Snappy, snappy.Encode(nil, zeros[:800]), 808),
		"an unknown codec":      bomb(format.CompressionCodec(40), nil, 800),
		"LZO":                   bomb(format.LZO, nil, 800),
		"a page of 2 GB":        bomb(format.Zstd, z.EncodeAll(zeros, nil), math.MaxInt32),
		"budget":                bomb(format.Zstd, z.EncodeAll(zeros, nil), 65<<20),
		"a long value repeated": repeated,
		"codes":                 plain(dataPage(3, format.RLEDictionary, append([]byte{1}, run(1<<30)...))),
		"codes of no bits":      plain(dataPage(3, format.RLEDictionary, append([]byte{0}, bytes.Repeat(uvarints(1<<28|1), 100)...))),
		"wide codes":            plain(dataPage(3, format.RLEDictionary, []byte{255, 2, 0})),
		"values":                plain(dataPage(math.MaxInt32, format.Plain, make([]byte, 24))),
		"a dictionary":          plain(dictionaryPage(math.MaxInt32, make([]byte, 24))),
		"negative":              plain(dictionaryPage(-1, nil)),
		"deltas":                plain(dataPage(3, format.DeltaBinaryPacked, binary.AppendVarint(uvarints(128, 4, math.MaxInt32), 7))),
		"deltas in huge blocks": plain(dataPage(3, format.DeltaBinaryPacked, binary.AppendVarint(uvarints(1<<40, 1, 3), 7))),
		"lengths":               texts(format.DeltaLengthByteArray, same(1000)),
		"prefixes":              texts(format.DeltaByteArray, append(same(1000), same(1000)...)),
		"repeated prefixes":     texts(format.DeltaByteArray, prefixes),
		"level run":             {typ: format.Int64, optional: true, rows: 3, pages: []craftedPage{dataPage(3, format.Plain, levels(1<<30))}},
		"NULLs": {typ: format.Int64, optional: true, rows: 1 << 30, pages: []craftedPage{
			dataPage(1<<30, format.Plain, levels(1<<30)),
		}},
		"a wide type": {typ: format.FixedLenByteArray, width: math.MaxInt32, rows: 3, pages: []craftedPage{
			dataPage(3, format.ByteStreamSplit, make([]byte, 24)),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, allocated, err := tryToRead(t, file.bytes(t), 60<<20)
			require.Error(t, err)
			want := sqlerr.DataCorrupted
			if name == "budget" || name == "a long value repeated" {
				want = sqlerr.OutOfMemory
			}
			require.Equal(t, want, sqlerr.Code(err), err)
			require.Less(t, allocated, uint64(40<<20), err)
		})
	}
}

// TestHostileFooters: the same of footers.
func TestHostileFooters(t *testing.T) {
	deep := make([]format.SchemaElement, 5000)
	for i := range deep {
		deep[i] = format.SchemaElement{Name: "g", NumChildren: thrift.New(int32(1)), RepetitionType: thrift.New(format.Optional)}
	}
	deep[len(deep)-1] = format.SchemaElement{Name: "v", Type: thrift.New(format.Int32), RepetitionType: thrift.New(format.Optional)}
	whole := (crafted{typ: format.Int64, rows: 1, pages: []craftedPage{dataPage(1, format.Plain, make([]byte, 8))}}).bytes(t)
	long := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(long[len(long)-8:], math.MaxUint32)
	for name, file := range map[string][]byte{
		"a list of 2^31 row groups": withFooter([]byte(magic), append([]byte{0x49, 0xfc}, uvarints(math.MaxInt32)...)),
		"structs in structs":        withFooter([]byte(magic), bytes.Repeat([]byte{0x1c}, 8<<20)),
		"lists in lists":            withFooter([]byte(magic), append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 8<<20)...)),
		"many small row groups":     withFooter([]byte(magic), append(append([]byte{0x49, 0xfc}, uvarints(8<<20)...), make([]byte, 8<<20)...)),
		"a deep schema":             withFooter([]byte(magic), marshal(t, &format.FileMetaData{Schema: deep})),
		"children that are not there": withFooter([]byte(magic), marshal(t, &format.FileMetaData{
			Schema: []format.SchemaElement{{Name: "root", NumChildren: thrift.New(int32(math.MaxInt32))}},
		})),
		"a footer longer than the file": long,
		"encrypted":                     append(bytes.Clone(whole[:len(whole)-4]), "PARE"...),
	} {
		t.Run(name, func(t *testing.T) {
			_, allocated, err := tryToRead(t, file, 0)
			require.Error(t, err)
			require.ErrorContains(t, err, "t.parquet")
			require.Contains(t, []string{sqlerr.DataCorrupted, sqlerr.FeatureNotSupported}, sqlerr.Code(err))
			require.Less(t, allocated, uint64(40<<20), err)
		})
	}
}

// TestLargePagesAreReserved reads a page of 48 MB with a budget that has room for it.
func TestLargePagesAreReserved(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	n := int32(6 << 20)
	p := dataPage(n, format.Plain, z.EncodeAll(make([]byte, 8*n), nil))
	p.uncompressed = 8 * n
	file := crafted{typ: format.Int64, codec: format.Zstd, rows: int64(n), pages: []craftedPage{p}}.bytes(t)
	rows, _, err := tryToRead(t, file, 60<<20)
	require.NoError(t, err)
	require.EqualValues(t, n, rows)
}

// FuzzFiles changes bytes of small files: there is an answer or an error with a SQLSTATE, within bounds of memory.
func FuzzFiles(f *testing.F) {
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(f, err)
	for _, name := range files {
		whole, err := os.ReadFile(name)
		require.NoError(f, err)
		if len(whole) < 20<<10 {
			f.Add(whole)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		_, allocated, err := tryToRead(t, file, 64<<20)
		if err != nil {
			require.NotEmpty(t, sqlerr.Code(err), err)
		}
		require.Less(t, allocated, uint64(1<<30))
	})
}
