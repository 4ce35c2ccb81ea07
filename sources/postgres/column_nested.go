package postgres

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// listColumn reads arrays of one dimension that count from 1. On the wire (array_send): dimensions, a flag, the
// element's OID; for each dimension its length and lower bound; then the elements, each behind its length.
type listColumn struct {
	validity
	dt    arrow.DataType
	ends  []int32
	elem  column
	items []uint32 // scratch: where the elements begin
}

const (
	arrayHeader    = 12
	arrayDimension = 8
)

func (c *listColumn) grow(n int) {
	if len(c.ends) == 0 {
		c.ends = append(make([]int32, 0, n+1), 0)
	}
}

func (c *listColumn) size() int { return 4*len(c.ends) + c.elem.size() }

func (c *listColumn) decode(data []byte, offs []uint32) error {
	c.grow(len(offs))
	c.items = c.items[:0]
	end := c.ends[len(c.ends)-1]
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			c.null(i)
		} else {
			before := len(c.items)
			if err := c.scan(data[:int(o)+int(n)], o); err != nil {
				return err
			}
			end += int32(len(c.items) - before) // fewer than the bytes of a message
		}
		c.ends = append(c.ends, end)
	}
	c.n += len(offs)
	return c.elem.decode(data, c.items)
}

// scan notes where the elements of the array at o begin; data ends with it.
func (c *listColumn) scan(data []byte, o uint32) error {
	v := data[o:]
	if len(v) < arrayHeader {
		return corrupt("an array has %d bytes", len(v))
	}
	switch dims := binary.BigEndian.Uint32(v); dims {
	case 0:
		return nil
	case 1:
	default:
		return sqlerr.Unsupported("an array of more than one dimension").
			WithHint("read the column as text: declare it text in CREATE FOREIGN TABLE, or cast it in a view at the server")
	}
	if len(v) < arrayHeader+arrayDimension {
		return corrupt("an array has %d bytes", len(v))
	}
	count, lower := int(binary.BigEndian.Uint32(v[arrayHeader:])), int32(binary.BigEndian.Uint32(v[arrayHeader+4:]))
	if lower != 1 && count > 0 {
		return sqlerr.Unsupported("an array whose subscripts do not begin with 1").
			WithHint("read the column as text: declare it text in CREATE FOREIGN TABLE, or cast it in a view at the server")
	}
	var err error
	c.items, err = arrayElements(c.items, data, int(o)+arrayHeader+arrayDimension, count)
	return err
}

// arrayElements appends where, within the block, each of count elements begins that lie from at to the end of data.
func arrayElements(items []uint32, data []byte, at, count int) ([]uint32, error) {
	for range count {
		if at+4 > len(data) {
			return items, corrupt("an array ends before its elements")
		}
		n := int32(binary.BigEndian.Uint32(data[at:]))
		at += 4
		items = append(items, uint32(at))
		at += int(max(n, 0))
	}
	if at != len(data) {
		return items, corrupt("an array has %d bytes more than its elements", len(data)-at)
	}
	return items, nil
}

func (c *listColumn) take() arrow.ArrayData {
	c.grow(0)
	elem := c.elem.take()
	defer elem.Release()
	offs := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.ends))
	c.ends = nil
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits, offs}, []arrow.ArrayData{elem}, nulls, 0)
}

// structColumn reads composites. On the wire (record_send): the number of fields, then for each its type's OID, its
// length and its value.
type structColumn struct {
	validity
	dt     arrow.DataType
	fields []column
	oids   []uint32   // expected, 0 for any
	items  [][]uint32 // scratch, per field: where the values begin
}

func (c *structColumn) grow(n int) {
	for _, f := range c.fields {
		f.grow(n)
	}
}

func (c *structColumn) size() int {
	n := 0
	for _, f := range c.fields {
		n += f.size()
	}
	return n
}

func (c *structColumn) decode(data []byte, offs []uint32) error {
	for f := range c.items {
		c.items[f] = c.items[f][:0]
	}
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			c.null(i)
			for f := range c.items {
				c.items[f] = append(c.items[f], nullAt)
			}
			continue
		}
		if err := c.scan(data[:int(o)+int(n)], int(o)); err != nil {
			return err
		}
	}
	c.n += len(offs)
	for f, col := range c.fields {
		if err := col.decode(data, c.items[f]); err != nil {
			return err
		}
	}
	return nil
}

func (c *structColumn) scan(data []byte, at int) error {
	if at+4 > len(data) || int(binary.BigEndian.Uint32(data[at:])) != len(c.fields) {
		return errShape
	}
	at += 4
	for f := range c.fields {
		if at+8 > len(data) {
			return corrupt("a composite ends before its fields")
		}
		oid, n := binary.BigEndian.Uint32(data[at:]), int32(binary.BigEndian.Uint32(data[at+4:]))
		if c.oids[f] != 0 && c.oids[f] != oid {
			return errShape
		}
		at += 8
		c.items[f] = append(c.items[f], uint32(at)) // within the block
		at += int(max(n, 0))
	}
	if at != len(data) {
		return corrupt("a composite has %d bytes more than its fields", len(data)-at)
	}
	return nil
}

func (c *structColumn) take() arrow.ArrayData {
	kids := make([]arrow.ArrayData, len(c.fields))
	for f, col := range c.fields {
		kids[f] = col.take()
		defer kids[f].Release()
	}
	bits, n, nulls := c.validity.take()
	return array.NewData(c.dt, n, []*memory.Buffer{bits}, kids, nulls, 0)
}
