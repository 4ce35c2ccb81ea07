package postgres

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// bytesColumn reads text and bytea; jsonb, whose value follows a version byte; all as their bytes.
type bytesColumn struct {
	validity
	dt   arrow.DataType
	offs []int32
	vals []byte
	// version is skipped and checked in front of each value (jsonb), 0 for none.
	version byte
	// utf8 is set where the server does not promise valid UTF-8.
	utf8 bool
}

func (c *bytesColumn) grow(n int) {
	if len(c.offs) == 0 {
		c.offs = append(make([]int32, 0, n+1), 0)
	} else if cap(c.offs)-len(c.offs) < n {
		c.offs = append(make([]int32, 0, len(c.offs)+max(n, len(c.offs))), c.offs...)
	}
}

func (c *bytesColumn) size() int { return len(c.vals) + 4*len(c.offs) }

func (c *bytesColumn) decode(data []byte, offs []uint32) error {
	c.grow(len(offs))
	old := len(c.offs)
	ends := c.offs[old : old+len(offs)]
	if err := c.lengths(ends, data, offs); err != nil {
		return err
	}
	begin, version := len(c.vals), int(min(c.version, 1))
	end := begin
	if len(ends) > 0 {
		end = int(ends[len(ends)-1])
	}
	c.reserve(end, (end-begin)/max(len(offs), 1)*(cap(c.offs)-old))
	copyValues(c.vals[:cap(c.vals)], begin, ends, data, offs, uint32(version)) //nolint:gosec // 0 or 1
	if c.utf8 && !utf8.Valid(c.vals[begin:end]) {
		return sqlerr.New(sqlerr.CharacterNotInRepertoire, "a text is not valid UTF-8").
			WithHint("the database's encoding is SQL_ASCII: repair its texts, or read them as bytea through a view")
	}
	c.vals, c.offs = c.vals[:end], c.offs[:old+len(offs)]
	c.n += len(offs)
	return nil
}

// lengths notes where each value will end.
func (c *bytesColumn) lengths(ends []int32, data []byte, offs []uint32) error {
	end := len(c.vals)
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			c.null(i)
		} else {
			if c.version != 0 {
				if n < 1 || data[o] != c.version {
					return sqlerr.Unsupported("this version of jsonb's binary form")
				}
				n--
			}
			end += int(n)
		}
		ends[i] = int32(end) // checked below
	}
	if end > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimit, "the values of one column in one batch exceed 2 GiB")
	}
	return nil
}

// reserve makes room for values that end at end, of a batch that is expected to take more bytes.
func (c *bytesColumn) reserve(end, more int) {
	if end+copySlack > cap(c.vals) {
		want := max(end, min(len(c.vals)+more+more/8, maxBatchBytes)) + copySlack
		c.vals = append(make([]byte, 0, want), c.vals...)
	}
}

// copyValues copies the values at offs, less skip bytes each, one behind the other to vals from at on. Behind the last
// byte of dst and of data lie copySlack more, so that short values need no exact copy.
func copyValues(dst []byte, at int, ends []int32, data []byte, offs []uint32, skip uint32) {
	for i, o := range offs {
		o += skip
		n := int(ends[i]) - at
		if src := data[min(int(o), len(data)):]; n <= 16 && len(src) >= 16 {
			d, s := dst[at:][:16], src[:16]
			a, b := binary.LittleEndian.Uint64(s), binary.LittleEndian.Uint64(s[8:])
			binary.LittleEndian.PutUint64(d, a)
			binary.LittleEndian.PutUint64(d[8:], b)
		} else if n <= 32 && len(src) >= 32 {
			d, s := dst[at:][:32], src[:32]
			a, b := binary.LittleEndian.Uint64(s), binary.LittleEndian.Uint64(s[8:])
			e, f := binary.LittleEndian.Uint64(s[16:]), binary.LittleEndian.Uint64(s[24:])
			binary.LittleEndian.PutUint64(d, a)
			binary.LittleEndian.PutUint64(d[8:], b)
			binary.LittleEndian.PutUint64(d[16:], e)
			binary.LittleEndian.PutUint64(d[24:], f)
		} else {
			copy(dst[at:at+n], src)
		}
		at += n
	}
}

func (c *bytesColumn) take() arrow.ArrayData {
	c.grow(0)
	ends := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.offs))), 4*len(c.offs))
	offs, vals := memory.NewBufferBytes(ends), memory.NewBufferBytes(c.vals)
	// The next batch's texts will be about as long: one allocation instead of a dozen doublings.
	c.offs, c.vals = nil, make([]byte, 0, min(len(c.vals)+len(c.vals)/8, maxBatchBytes)+copySlack)
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits, offs, vals}, nil, nulls, 0)
}

// enumColumn turns labels into their positions.
type enumColumn struct {
	fixed[uint32]
	positions map[string]uint32
}

func (c *enumColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			dst[i] = 0
			c.null(i)
			continue
		}
		at, ok := c.positions[string(data[o:][:n])]
		if !ok {
			return errShape
		}
		dst[i] = at
	}
	c.n += len(offs)
	return nil
}

// wideColumn is a column of values of 16 bytes: uuid, decimal128 and month_day_nano intervals.
type wideColumn struct {
	validity
	dt   arrow.DataType
	vals []byte
}

func (c *wideColumn) grow(n int) {
	if cap(c.vals)-len(c.vals) < 16*n {
		c.vals = append(make([]byte, 0, len(c.vals)+max(16*n, len(c.vals))), c.vals...)
	}
}

func (c *wideColumn) size() int { return len(c.vals) }

func (c *wideColumn) take() arrow.ArrayData {
	values := memory.NewBufferBytes(c.vals)
	c.vals = nil
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits, values}, nil, nulls, 0)
}

func (c *wideColumn) extend(n int) []byte {
	c.grow(n)
	old := len(c.vals)
	c.vals = c.vals[:old+16*n]
	return c.vals[old:]
}

type uuidColumn struct{ wideColumn }

func (c *uuidColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 16:
			copy(dst[16*i:], data[o:][:16])
		case -1:
			c.null(i)
		default:
			return wrongLength(data, o, 16)
		}
	}
	c.n += len(offs)
	return nil
}

// intervalColumn reads microseconds, days and months.
type intervalColumn struct{ wideColumn }

func (c *intervalColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 16:
			micros := int64(binary.BigEndian.Uint64(data[o:]))
			if micros > math.MaxInt64/1000 || micros < math.MinInt64/1000 {
				return sqlerr.New(sqlerr.DatetimeFieldOverflow,
					"an interval has more than 292 years of hours, minutes and seconds, which nanoseconds cannot hold")
			}
			v := dst[16*i:][:16]
			binary.NativeEndian.PutUint32(v, binary.BigEndian.Uint32(data[o+12:]))
			binary.NativeEndian.PutUint32(v[4:], binary.BigEndian.Uint32(data[o+8:]))
			binary.NativeEndian.PutUint64(v[8:], uint64(micros*1000)) // the bits
		case -1:
			c.null(i)
		default:
			return wrongLength(data, o, 16)
		}
	}
	c.n += len(offs)
	return nil
}
