package postgres

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/datum"
)

// shapedColumn reads arrays of any dimensions and bounds (see types.Type.Dims): their elements as a list, and the
// lengths and lower bounds of dimensions where there is more than one dimension counted from 1.
type shapedColumn struct {
	validity
	dt     *arrow.StructType
	ends   []int32
	elem   column
	items  []uint32 // scratch: where the elements begin
	plain  validity // the NULLs among bounds
	marks  []int32  // where each value's bounds end
	bounds []int32
}

var _ column = (*shapedColumn)(nil)

func (c *shapedColumn) grow(n int) {
	if len(c.ends) == 0 {
		c.ends = append(make([]int32, 0, n+1), 0)
		c.marks = append(make([]int32, 0, n+1), 0)
	}
}

func (c *shapedColumn) size() int { return 4*(len(c.ends)+len(c.marks)+len(c.bounds)) + c.elem.size() }

func (c *shapedColumn) decode(data []byte, offs []uint32) error {
	c.grow(len(offs))
	c.items = c.items[:0]
	end := c.ends[len(c.ends)-1]
	for i, o := range offs {
		n, before, had := lengthAt(data, o), len(c.items), len(c.bounds)
		if n < 0 {
			c.null(i)
		} else if err := c.scan(data[:int(o)+int(n)], o); err != nil {
			return err
		}
		end += int32(len(c.items) - before) // fewer than the bytes of a message
		if len(c.bounds) == had {
			c.plain.null(i)
		}
		c.ends, c.marks = append(c.ends, end), append(c.marks, int32(len(c.bounds)))
	}
	c.n += len(offs)
	c.plain.n += len(offs)
	return c.elem.decode(data, c.items)
}

// scan notes where the elements of the array at o begin, and its dimensions; data ends with it.
func (c *shapedColumn) scan(data []byte, o uint32) error {
	v := data[o:]
	if len(v) < arrayHeader {
		return corrupt("an array has %d bytes", len(v))
	}
	dims := int(binary.BigEndian.Uint32(v))
	if dims == 0 {
		return nil
	}
	if dims > datum.MaxDimensions || len(v) < arrayHeader+dims*arrayDimension {
		return corrupt("an array of %d dimensions has %d bytes", dims, len(v))
	}
	count := 1
	for k := range dims {
		at := arrayHeader + k*arrayDimension
		length, lower := int32(binary.BigEndian.Uint32(v[at:])), int32(binary.BigEndian.Uint32(v[at+4:]))
		if count *= int(length); length < 0 || count > len(v) {
			return corrupt("an array of %d elements has %d bytes", count, len(v))
		}
		if dims > 1 || lower != 1 {
			c.bounds = append(c.bounds, length, lower)
		}
	}
	var err error
	c.items, err = arrayElements(c.items, data, int(o)+arrayHeader+dims*arrayDimension, count)
	return err
}

func (c *shapedColumn) take() arrow.ArrayData {
	c.grow(0)
	elem := c.elem.take()
	defer elem.Release()
	list := listData(c.dt.Field(0).Type, c.ends, elem, nil, 0)
	defer list.Release()
	values := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.bounds))
	numbers := array.NewData(arrow.PrimitiveTypes.Int32, len(c.bounds), []*memory.Buffer{nil, values}, nil, 0, 0)
	defer numbers.Release()
	plain, _, plainNulls := c.plain.take()
	bounds := listData(c.dt.Field(1).Type, c.marks, numbers, plain, plainNulls)
	defer bounds.Release()
	c.ends, c.marks, c.bounds = nil, nil, nil
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits}, []arrow.ArrayData{list, bounds}, nulls, 0)
}

func listData(dt arrow.DataType, ends []int32, elems arrow.ArrayData, valid *memory.Buffer, nulls int) arrow.ArrayData {
	offs := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(ends))
	return array.NewData(dt, len(ends)-1, []*memory.Buffer{valid, offs}, []arrow.ArrayData{elems}, nulls, 0)
}
