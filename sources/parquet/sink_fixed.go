package parquet

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// conversion appends the values of a page from from up to until in another form.
type conversion[U any] func(dst []U, v *encoding.Values, from, until int) ([]U, error)

// fixedSink collects values of a fixed width.
type fixedSink[U any] struct {
	to      arrow.DataType
	convert conversion[U]
	dict    []U
	dst     []U
	room    int // values that the next array is expected to have
	last    []U // the values of the last array, for reuse
}

// reuse lets the next array overwrite the last, which nobody holds any more: see reader.pick.
func (s *fixedSink[U]) reuse() {
	if len(s.dst) == 0 && s.last != nil {
		s.dst, s.last = s.last[:0], nil
	}
}

// begin makes room for an array, n values of which come now.
func (s *fixedSink[U]) begin(n int) {
	if s.dst == nil {
		s.dst = make([]U, 0, max(s.room, n))
	}
}

func (s *fixedSink[U]) dictionary(v *encoding.Values, n int) (err error) {
	s.dict, err = s.convert(s.dict[:0], v, 0, n)
	return err
}

func (s *fixedSink[U]) codes(codes []int32) error {
	s.begin(len(codes))
	start := len(s.dst)
	s.dst = grow(s.dst, len(codes))
	dst, dict := s.dst[start:], s.dict
	for i, c := range codes {
		if uint(uint32(c)) >= uint(len(dict)) {
			return corrupt("a code is outside of its dictionary of %d values", len(dict))
		}
		dst[i] = dict[c]
	}
	return nil
}

// grow lengthens s by n values whose content is left open.
func grow[U any](s []U, n int) []U {
	if need := len(s) + n; need > cap(s) {
		wider := make([]U, need, max(need, 2*cap(s)))
		copy(wider, s)
		return wider
	}
	return s[:len(s)+n]
}

func (s *fixedSink[U]) values(v *encoding.Values, from, until int) (err error) {
	s.begin(until - from)
	if room := until - from; cap(s.dst)-len(s.dst) < room {
		s.dst = grow(s.dst, room)[:len(s.dst)]
	}
	s.dst, err = s.convert(s.dst, v, from, until)
	return err
}

func (s *fixedSink[U]) size() int {
	var u U
	return len(s.dst) * int(unsafe.Sizeof(u))
}

func (s *fixedSink[U]) finish(slots int, valid []bool) (arrow.Array, error) {
	dst, room := s.dst, cap(s.dst)
	s.dst, s.last, s.room = nil, nil, max(slots, min(room, 2*slots))
	bits, nulls := bitmap(valid)
	if nulls > 0 {
		dst = spread(dst, valid)
	}
	if len(dst) != slots {
		return nil, corrupt("a column has %d values where its levels say %d", len(dst), slots)
	}
	if b, ok := any(dst).([]bool); ok {
		packed, _ := bitmap(b)
		return newArray(s.to, slots, nulls, bits, packed), nil
	}
	s.last = dst
	return newArray(s.to, slots, nulls, bits, memory.NewBufferBytes(asBytes(dst))), nil
}

// spread moves dense values to the valid slots, from the end so that none is overwritten before it moved.
func spread[U any](dense []U, valid []bool) []U {
	var zero U
	k := len(dense)
	out := grow(dense, len(valid)-min(k, len(valid)))
	for i := len(valid) - 1; i >= 0; i-- {
		if valid[i] && k > 0 {
			k--
			out[i] = out[k]
		} else {
			out[i] = zero
		}
	}
	return out
}

// bitmap packs booleans; nil when all are true, or there are none.
func bitmap(v []bool) (*memory.Buffer, int) {
	if v == nil {
		return nil, 0
	}
	bits := make([]byte, bitutil.BytesForBits(int64(len(v))))
	unset := 0
	for i, b := range v {
		x := *(*byte)(unsafe.Pointer(&v[i])) // a bool is 0 or 1
		_ = b
		bits[i>>3] |= x << (i & 7)
		unset += int(x ^ 1)
	}
	return memory.NewBufferBytes(bits), unset
}

func newArray(t arrow.DataType, n, nulls int, valid *memory.Buffer, buffers ...*memory.Buffer) arrow.Array {
	if nulls == 0 {
		valid = nil
	}
	data := array.NewData(t, n, append([]*memory.Buffer{valid}, buffers...), nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func asBytes[U any](s []U) []byte {
	var u U
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(u)))
}

// bytesSink collects values of variable width; convert, where it is set, changes each.
type bytesSink struct {
	to          arrow.DataType
	text        bool
	convert     func([]byte) ([]byte, error)
	dictData    []byte
	dictOffsets []uint32
	longest     uint32 // value of the dictionary
	ends        []int32
	dst         []byte
	coding      coding
	room        func(bytes int64) error // takes memory before dst grows to so many bytes
}

func (s *bytesSink) dictionary(v *encoding.Values, n int) error {
	data, offsets, err := s.plain(v, 0, n)
	if err != nil {
		return err
	}
	if err := s.decode(); err != nil {
		return err
	}
	s.coding.values = nil
	s.dictData, s.dictOffsets = append(s.dictData[:0], data...), append(s.dictOffsets[:0], offsets...)
	s.dictData = append(s.dictData, make([]byte, slack)...)
	s.longest = 0
	for i := range len(offsets) - 1 {
		s.longest = max(s.longest, offsets[i+1]-offsets[i])
	}
	return nil
}

// plain gives values as data and offsets, checked and converted.
func (s *bytesSink) plain(v *encoding.Values, from, until int) ([]byte, []uint32, error) {
	data, offsets, err := variable(v, from, until)
	if err != nil {
		return nil, nil, err
	}
	if s.text && !interchange.ASCIIText(data[offsets[0]:offsets[len(offsets)-1]]) {
		for i := range len(offsets) - 1 {
			if !interchange.ValidText(data[offsets[i]:offsets[i+1]]) {
				return nil, nil, sqlerr.New(sqlerr.CharacterNotInRepertoire, "text is not UTF-8, or has a NUL character")
			}
		}
	}
	if s.convert == nil {
		return data, offsets, nil
	}
	out, ends := []byte{}, []uint32{0}
	for i := range len(offsets) - 1 {
		b, err := s.convert(data[offsets[i]:offsets[i+1]])
		if err != nil {
			return nil, nil, err
		}
		out = append(out, b...)
		ends = append(ends, uint32(len(out)))
	}
	return out, ends, nil
}

// variable gives byte arrays of either kind by offsets, which are checked.
func variable(v *encoding.Values, from, until int) ([]byte, []uint32, error) {
	switch v.Kind() {
	case encoding.ByteArray:
		data, offsets := v.ByteArray()
		if until >= len(offsets) {
			if from == until {
				return nil, []uint32{0}, nil
			}
			return nil, nil, corrupt("a page has %d byte arrays where %d are expected", max(len(offsets)-1, 0), until)
		}
		offsets = offsets[from : until+1]
		last := offsets[0]
		for _, o := range offsets {
			if o < last || uint64(o) > uint64(len(data)) {
				return nil, nil, corrupt("byte arrays overlap or lie outside of their page")
			}
			last = o
		}
		return data, offsets, nil
	case encoding.FixedLenByteArray:
		data, size := v.FixedLenByteArray()
		if until*size > len(data) {
			return nil, nil, corrupt("a page is too short for %d values of %d bytes", until, size)
		}
		offsets := make([]uint32, until-from+1)
		for i := range offsets {
			offsets[i] = uint32((from + i) * size)
		}
		return data, offsets, nil
	}
	return nil, nil, corrupt("byte arrays were expected, found %s", v.Kind())
}

func (s *bytesSink) codes(codes []int32) error {
	if s.mayKeep() {
		return s.keep(codes)
	}
	return s.spell(codes)
}

// spell appends the dictionary's values themselves.
func (s *bytesSink) spell(codes []int32) error {
	total, n := len(s.dst), len(s.dictOffsets)-1
	start := len(s.ends)
	s.ends = grow(s.ends, len(codes))
	ends := s.ends[start:]
	for i, c := range codes {
		if int(uint32(c)) >= n {
			return corrupt("a code is outside of its dictionary of %d values", n)
		}
		total += int(s.dictOffsets[c+1] - s.dictOffsets[c])
		ends[i] = int32(total)
		if total > 1<<31-1 {
			return errTooLong
		}
	}
	if s.room != nil {
		if err := s.room(int64(total)); err != nil {
			return err
		}
	}
	at := len(s.dst)
	s.dst = grow(s.dst, total-at+slack)
	if s.longest <= slack {
		s.copyShort(codes, ends, at)
	} else {
		for i, c := range codes {
			copy(s.dst[at:ends[i]], s.dictData[s.dictOffsets[c]:s.dictOffsets[c+1]])
			at = int(ends[i])
		}
	}
	s.dst = s.dst[:total]
	return nil
}

// slack is what copyShort may write and read behind the end of a value: most texts of dictionaries are shorter, and
// a copy of a constant length needs no call (lineitem's strings: a third less time).
const slack = 32

// copyShort copies values of up to slack bytes, each with whatever follows it, which the next one overwrites.
func (s *bytesSink) copyShort(codes, ends []int32, at int) {
	dst, dict, offsets := s.dst, s.dictData, s.dictOffsets
	for i, c := range codes {
		from := int(offsets[c])
		low, high := [slack / 2]byte(dict[from:]), [slack / 2]byte(dict[from+slack/2:])
		*(*[slack / 2]byte)(dst[at:]), *(*[slack / 2]byte)(dst[at+slack/2:]) = low, high
		at = int(ends[i])
	}
}

func (s *bytesSink) values(v *encoding.Values, from, until int) error {
	if err := s.decode(); err != nil {
		return err
	}
	data, offsets, err := s.plain(v, from, until)
	if err != nil {
		return err
	}
	first, last := offsets[0], offsets[len(offsets)-1]
	base := len(s.dst)
	if base+int(last-first) > 1<<31-1 {
		return errTooLong
	}
	s.dst = append(s.dst, data[first:last]...)
	start := len(s.ends)
	s.ends = grow(s.ends, len(offsets)-1)
	for i, o := range offsets[1:] {
		s.ends[start+i] = int32(base) + int32(o-first)
	}
	return nil
}

func (s *bytesSink) size() int { return len(s.dst) + 4*len(s.ends) + 4*len(s.coding.kept) }

func (s *bytesSink) finish(slots int, valid []bool) (arrow.Array, error) {
	if len(s.coding.kept) > 0 {
		return s.finishCodes(slots, valid)
	}
	dst, ends := s.dst, s.ends
	if dst == nil {
		dst = []byte{} // arrow prints an empty value over a nil buffer as NULL
	}
	s.dst, s.ends = make([]byte, 0, len(dst)+len(dst)/8+slack), s.ends[:0]
	bits, nulls := bitmap(valid)
	if len(ends) != slots-nulls {
		return nil, corrupt("a column has %d values where its levels say %d", len(ends), slots-nulls)
	}
	offsets := make([]int32, slots+1)
	if nulls == 0 {
		copy(offsets[1:], ends)
	} else {
		k, last := 0, int32(0)
		for i, ok := range valid {
			if ok {
				last = ends[k]
				k++
			}
			offsets[i+1] = last
		}
	}
	return newArray(s.to, slots, nulls, bits, memory.NewBufferBytes(asBytes(offsets)), memory.NewBufferBytes(dst)), nil
}
