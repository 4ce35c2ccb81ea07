package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skeinsql/skein/engine/budget"
)

const (
	// pageMemory bounds one page: what it decompresses to, and what its values then decode to.
	pageMemory = 1 << 30
	// largeMemory is what a column may use without asking the statement's budget.
	largeMemory = 4 << 20
	// maxPageHeader is what other readers allow for (statistics of long values make headers long).
	maxPageHeader = 16 << 20
	// readAhead is how much of a column chunk is read at a time.
	readAhead = 256 << 10
)

// chunkLayout is where the pages of one column chunk lie, and how they are compressed.
type chunkLayout struct {
	start, size int64
	codec       format.CompressionCodec
}

// pageStream gives parquet-go the pages of one column chunk, decompressed: as an io.ReaderAt that is read from its
// beginning to its end, of pages whose headers say that they are not compressed. Nothing is believed of a page before
// the memory that it asks for was checked. For use by one goroutine.
type pageStream struct {
	input    *countingReader
	field    *field
	chunk    chunkLayout
	zstd     *zstdDecoder
	memory   holding
	at       int64  // in the file, behind what window holds
	left     int64  // bytes of the chunk behind at
	window   []byte // bytes of the file that come next
	store    []byte // what window lies in
	pos      int64  // what was given so far
	head     []byte // header to be given
	body     []byte // compressed bytes of the page, in window
	size     int    // of the page, decompressed; what is left of it when rest is set
	rest     []byte // what is left of a page that is given in parts
	header   format.PageHeader
	scratch  []byte
	protocol thrift.CompactProtocol
}

// newPageStream starts at the first page of a chunk.
func newPageStream(input *countingReader, f *field, c chunkLayout, z *zstdDecoder, r *budget.Reservation) *pageStream {
	return &pageStream{input: input, field: f, chunk: c, zstd: z, memory: holding{from: r}, at: c.start, left: c.size}
}

// ReadAt gives what comes next, at most until the end of a header or of a page. off says only that nothing was skipped.
func (s *pageStream) ReadAt(p []byte, off int64) (int, error) {
	if off != s.pos {
		return 0, errors.New("a page refers to a dictionary that is not there")
	}
	if len(s.head) == 0 && s.size == 0 && len(s.rest) == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	var n int
	switch {
	case len(s.head) > 0:
		n = copy(p, s.head)
		s.head = s.head[n:]
	case len(s.rest) > 0:
		n = copy(p, s.rest)
		s.rest = s.rest[n:]
	default:
		page := p
		if len(p) < s.size {
			s.scratch = grow(s.scratch[:0], s.size)
			page = s.scratch
		}
		page = page[:s.size]
		s.size = 0
		if err := s.unpack(page); err != nil {
			return 0, err
		}
		n = len(page)
		if len(p) < len(page) {
			n = copy(p, page)
			s.rest = page[n:]
		}
	}
	s.pos += int64(n)
	return n, nil
}

// close gives the memory back.
func (s *pageStream) close() { _ = s.memory.resize(0) }

// ensure makes the window hold n bytes at least, fewer at the end of the chunk.
func (s *pageStream) ensure(n int) error {
	if len(s.window) >= n || s.left == 0 {
		return nil
	}
	want := max(n, min(readAhead, len(s.window)+int(min(s.left, readAhead))))
	want = len(s.window) + int(min(s.left, int64(want-len(s.window))))
	if cap(s.store) < want {
		store := make([]byte, want)
		copy(store, s.window)
		s.store = store
	} else {
		s.store = s.store[:cap(s.store)]
		copy(s.store, s.window)
	}
	have := len(s.window)
	s.window = s.store[:want]
	got, err := s.input.ReadAt(s.window[have:], s.at)
	s.at, s.left = s.at+int64(got), s.left-int64(got)
	s.window = s.window[:have+got]
	if err != nil && !(errors.Is(err, io.EOF) && have+got == want) {
		return err
	}
	return nil
}

// next goes to the next page that has values.
func (s *pageStream) next() error {
	for {
		if len(s.window) == 0 && s.left == 0 {
			return io.EOF
		}
		n, err := s.readHeader()
		if err != nil {
			return err
		}
		s.window = s.window[n:]
		h := &s.header
		size := int(h.CompressedPageSize)
		if h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 || int64(size) > int64(len(s.window))+s.left {
			return fmt.Errorf("a page of %d bytes, %d decompressed, is not inside of its column", size, h.UncompressedPageSize)
		}
		if err := s.checkPage(); err != nil {
			return err
		}
		if err := s.ensure(size); err != nil {
			return err
		}
		s.body, s.window = s.window[:size], s.window[size:]
		if h.Type != format.DataPage && h.Type != format.DataPageV2 && h.Type != format.DictionaryPage {
			continue // an index page
		}
		if h.Type != format.DictionaryPage && h.DataPageHeader.V.NumValues == 0 && h.DataPageHeaderV2.V.NumValues == 0 {
			continue // pyarrow ends columns of lists with such pages; parquet-go cannot read those of version 2
		}
		if h.CRC != 0 && uint32(h.CRC) != crc32.ChecksumIEEE(s.body) {
			return errors.New("a page does not have the checksum that its header says")
		}
		return s.rewrite()
	}
}

// readHeader decodes the header at the beginning of the window and says how long it is.
func (s *pageStream) readHeader() (int, error) {
	for want := 64; ; want *= 4 {
		if err := s.ensure(want); err != nil {
			return 0, err
		}
		scan := thriftScan{data: s.window[:min(len(s.window), maxPageHeader)]}
		err := scan.structure(0)
		if errors.Is(err, errShort) && s.left > 0 && len(s.window) < maxPageHeader {
			want = max(want, len(s.window))
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("reading the header of a page: %w", err)
		}
		s.header = format.PageHeader{}
		r := s.protocol.NewReaderFromBytes(s.window[:scan.at])
		if err := thrift.NewDecoder(r).Decode(&s.header); err != nil {
			return 0, fmt.Errorf("reading the header of a page: %w", err)
		}
		return scan.at, nil
	}
}

// checkPage refuses a page whose header asks for more memory than there may be, and takes what it asks for.
func (s *pageStream) checkPage() error {
	h := &s.header
	size, n := int64(h.UncompressedPageSize), int64(0)
	switch h.Type {
	case format.DataPage:
		n = int64(h.DataPageHeader.V.NumValues)
	case format.DataPageV2:
		v := &h.DataPageHeaderV2.V
		n = int64(v.NumValues)
		levels := int64(v.DefinitionLevelsByteLength) + int64(v.RepetitionLevelsByteLength)
		if v.DefinitionLevelsByteLength < 0 || v.RepetitionLevelsByteLength < 0 || levels > size || levels > int64(h.CompressedPageSize) {
			return fmt.Errorf("the levels of a page, %d bytes, are longer than the page", levels)
		}
	case format.DictionaryPage:
		n = int64(h.DictionaryPageHeader.V.NumValues)
		if n*s.leastWidth() > size {
			return fmt.Errorf("a dictionary of %d bytes cannot have %d values", size, n)
		}
	}
	if n < 0 {
		return fmt.Errorf("a page has %d values", n)
	}
	need := size + 2*s.levels()*n
	if need > pageMemory {
		return fmt.Errorf("a page of %d values takes %d bytes once decompressed, more than %d", n, size, pageMemory)
	}
	return s.memory.resize(need)
}

// levels is the number of bytes that the levels of one value take.
func (s *pageStream) levels() int64 {
	c := s.field.column
	return int64(min(c.MaxDefinitionLevel(), 1) + min(c.MaxRepetitionLevel(), 1))
}

// width is the size of one decoded value, 0 for byte arrays.
func (s *pageStream) width() int64 {
	e := s.field.element
	switch e.Type.V {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	case format.FixedLenByteArray:
		return int64(e.TypeLength.V)
	}
	return 0
}

// leastWidth is what one value takes in PLAIN encoding at least.
func (s *pageStream) leastWidth() int64 {
	if s.field.element.Type.V == format.ByteArray {
		return 4
	}
	return s.width()
}

// rewrite makes the header that parquet-go gets.
func (s *pageStream) rewrite() error {
	h := s.header
	s.size = int(h.UncompressedPageSize)
	h.CompressedPageSize, h.CRC = h.UncompressedPageSize, 0
	h.DataPageHeader.V.Statistics, h.DataPageHeaderV2.V.Statistics = format.Statistics{}, format.Statistics{}
	if h.Type == format.DataPageV2 {
		h.DataPageHeaderV2.V.IsCompressed = thrift.New(false)
	}
	head, err := thrift.Marshal(&s.protocol, &h)
	s.head = head
	return err
}

// unpack decompresses the page and checks what decoding it will take.
func (s *pageStream) unpack(page []byte) error {
	h := &s.header
	src, dst := s.body, page
	codec := s.chunk.codec
	if v := &h.DataPageHeaderV2; h.Type == format.DataPageV2 {
		levels := int(v.V.DefinitionLevelsByteLength) + int(v.V.RepetitionLevelsByteLength)
		copy(dst, src[:levels])
		src, dst = src[levels:], dst[levels:]
		if v.V.IsCompressed.Valid && !v.V.IsCompressed.V {
			codec = format.Uncompressed
		}
	}
	if err := decompress(codec, dst, src, s.zstd); err != nil {
		return err
	}
	if h.Type == format.DictionaryPage {
		return nil
	}
	return s.checkValues(page)
}

// checkValues counts levels and values of a decompressed data page.
func (s *pageStream) checkValues(page []byte) error {
	c := s.field.column
	var n int64
	var encoding format.Encoding
	var err error
	if h := &s.header; h.Type == format.DataPage {
		n, encoding = int64(h.DataPageHeader.V.NumValues), h.DataPageHeader.V.Encoding
		for _, most := range []int{c.MaxRepetitionLevel(), c.MaxDefinitionLevel()} {
			if page, err = levelsOf(page, most, n); err != nil {
				return err
			}
		}
	} else {
		v := &h.DataPageHeaderV2.V
		n, encoding = int64(v.NumValues), v.Encoding
		reps, defs := int(v.RepetitionLevelsByteLength), int(v.DefinitionLevelsByteLength)
		if most := c.MaxRepetitionLevel(); most > 0 {
			err = countRuns(page[:reps], levelWidth(most), n+runSlack)
		}
		if most := c.MaxDefinitionLevel(); most > 0 && err == nil {
			err = countRuns(page[reps:reps+defs], levelWidth(most), n+runSlack)
		}
		if err != nil {
			return err
		}
		page = page[reps+defs:]
	}
	size, err := decodedSize(encoding, s.field.element.Type.V, s.width(), page, n)
	if err != nil {
		return err
	}
	size += int64(s.header.UncompressedPageSize) + 2*s.levels()*n
	if size > pageMemory {
		return fmt.Errorf("the %d values of a page take %d bytes, more than %d", n, size, pageMemory)
	}
	return s.memory.resize(size)
}

// levelsOf checks the levels of a page of the first version, and gives what follows them.
func levelsOf(page []byte, most int, n int64) ([]byte, error) {
	if most == 0 {
		return page, nil
	}
	if len(page) < 4 {
		return nil, errTruncated
	}
	size := uint64(binary.LittleEndian.Uint32(page))
	if size > uint64(len(page)-4) {
		return nil, errTruncated
	}
	return page[4+size:], countRuns(page[4:4+size], levelWidth(most), n+runSlack)
}

// holding is what a column has of the statement's memory. Less than largeMemory is not asked for.
type holding struct {
	from *budget.Reservation // nil: nobody counts
	held int64
}

func (h *holding) resize(n int64) error {
	if n <= largeMemory {
		n = 0
	}
	if h.from == nil || n == h.held {
		return nil
	}
	if err := h.from.Resize(h.from.Held() + n - h.held); err != nil {
		return err
	}
	h.held = n
	return nil
}
