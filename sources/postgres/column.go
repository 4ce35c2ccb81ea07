package postgres

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// column collects the values of one column in Arrow's layout. What take gives away is plain memory that the column
// never touches again.
type column interface {
	// grow makes room for n more values.
	grow(n int)
	// decode appends the values that begin at offs, each behind its length.
	decode(data []byte, offs []uint32) error
	// size is the number of bytes collected.
	size() int
	// take gives the values collected and starts anew.
	take() arrow.ArrayData
}

// validity is a bitmap that exists once there is a NULL. Bits beyond n are set.
type validity struct {
	bits  []byte
	n     int
	nulls int
}

// null marks value i of those being appended; i counts from n.
func (v *validity) null(i int) {
	i += v.n
	if i/8 >= len(v.bits) {
		grown := make([]byte, max(2*len(v.bits), bitutil.CeilByte(i+1)/8, 128))
		for k := copy(grown, v.bits); k < len(grown); k++ {
			grown[k] = 0xff
		}
		v.bits = grown
	}
	bitutil.ClearBit(v.bits, i)
	v.nulls++
}

// take is the bitmap as a buffer, nil without NULLs, and its counts.
func (v *validity) take() (buf *memory.Buffer, n, nulls int) {
	n, nulls = v.n, v.nulls
	if nulls > 0 {
		size := int(bitutil.BytesForBits(int64(n)))
		for len(v.bits) < size {
			v.bits = append(v.bits, 0xff)
		}
		buf = memory.NewBufferBytes(v.bits[:size])
	}
	*v = validity{}
	return buf, n, nulls
}

// fixed is a column of values of 2, 4 or 8 bytes, kept as their bits.
type fixed[T uint16 | uint32 | uint64] struct {
	validity
	dt   arrow.DataType
	vals []T
}

func (c *fixed[T]) grow(n int) {
	if cap(c.vals)-len(c.vals) < n {
		c.vals = append(make([]T, 0, len(c.vals)+max(n, len(c.vals))), c.vals...)
	}
}

func (c *fixed[T]) size() int { return len(c.vals) * int(unsafe.Sizeof(T(0))) }

func (c *fixed[T]) take() arrow.ArrayData {
	width := int(unsafe.Sizeof(T(0)))
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.vals))), len(c.vals)*width)
	values := memory.NewBufferBytes(bytes)
	c.vals = nil
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits, values}, nil, nulls, 0)
}

// extend makes room for n more values and gives it.
func (c *fixed[T]) extend(n int) []T {
	c.grow(n)
	old := len(c.vals)
	c.vals = c.vals[:old+n]
	return c.vals[old:]
}

// int2Column reads int2; int4Column int4 and float4; int8Column int8, float8, money and time: the wire has the bits
// of the value in the other byte order.
type (
	int2Column struct{ fixed[uint16] }
	int4Column struct{ fixed[uint32] }
	int8Column struct{ fixed[uint64] }
)

func (c *int2Column) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 2:
			dst[i] = binary.BigEndian.Uint16(data[o:])
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 2)
		}
	}
	c.n += len(offs)
	return nil
}

func (c *int4Column) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 4:
			dst[i] = binary.BigEndian.Uint32(data[o:])
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 4)
		}
	}
	c.n += len(offs)
	return nil
}

func (c *int8Column) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 8:
			dst[i] = binary.BigEndian.Uint64(data[o:])
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 8)
		}
	}
	c.n += len(offs)
	return nil
}

// oidColumn widens PostgreSQL's unsigned oid.
type oidColumn struct{ fixed[uint64] }

func (c *oidColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 4:
			dst[i] = uint64(binary.BigEndian.Uint32(data[o:]))
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 4)
		}
	}
	c.n += len(offs)
	return nil
}

// PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

type dateColumn struct{ fixed[uint32] }

func (c *dateColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 4:
			v := int32(binary.BigEndian.Uint32(data[o:]))
			if v != math.MaxInt32 && v != math.MinInt32 { // the infinities
				v += epochDays
			}
			dst[i] = uint32(v)
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 4)
		}
	}
	c.n += len(offs)
	return nil
}

type timestampColumn struct{ fixed[uint64] }

func (c *timestampColumn) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 8:
			v := int64(binary.BigEndian.Uint64(data[o:]))
			if v < math.MaxInt64-epochMicros && v != math.MinInt64 {
				v += epochMicros
			} else if v != math.MaxInt64 && v != math.MinInt64 {
				return sqlerr.New(sqlerr.DatetimeFieldOverflow,
					"a timestamp lies beyond 294247-01-10, the last that microseconds since 1970 can hold")
			}
			dst[i] = uint64(v)
		case -1:
			dst[i] = 0
			c.null(i)
		default:
			return wrongLength(data, o, 8)
		}
	}
	c.n += len(offs)
	return nil
}

// boolColumn packs booleans into bits.
type boolColumn struct {
	validity
	bits []byte
}

func (c *boolColumn) grow(n int) {
	if need := int(bitutil.BytesForBits(int64(c.n + n))); cap(c.bits) < need {
		c.bits = append(make([]byte, 0, max(need, 2*len(c.bits))), c.bits...)
	}
}

func (c *boolColumn) size() int { return len(c.bits) }

func (c *boolColumn) decode(data []byte, offs []uint32) error {
	c.grow(len(offs))
	c.bits = c.bits[:bitutil.BytesForBits(int64(c.n+len(offs)))]
	for i, o := range offs {
		switch lengthAt(data, o) {
		case 1:
			if data[o] != 0 {
				bitutil.SetBit(c.bits, c.n+i)
			}
		case -1:
			c.null(i)
		default:
			return wrongLength(data, o, 1)
		}
	}
	c.n += len(offs)
	return nil
}

func (c *boolColumn) take() arrow.ArrayData {
	values := memory.NewBufferBytes(c.bits)
	c.bits = nil
	bits, n, nulls := c.validity.take()
	return array.NewData(arrow.FixedWidthTypes.Boolean, n, []*memory.Buffer{bits, values}, nil, nulls, 0)
}

func wrongLength(data []byte, off uint32, want int) error {
	return corrupt("a value has %d bytes instead of %d", lengthAt(data, off), want)
}
