package parquet

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/types"
)

// column reads one output column of one row group: a tree of fields over leaf readers.
type column struct {
	field *field
	to    *types.Type
	leaf  *leaf // of a leaf
	kids  []*column
}

// leaves visits the leaf readers in order.
func (c *column) leaves(visit func(*leaf) error) error {
	if c.leaf != nil {
		return visit(c.leaf)
	}
	for _, k := range c.kids {
		if err := k.leaves(visit); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) first() *leaf {
	for c.leaf == nil {
		c = c.kids[0]
	}
	return c.leaf
}

// assemble makes an array of what the leaves have taken. Every leaf below a field has the same structure of lists down
// to it, so any of them tells the field's.
func (c *column) assemble() (arrow.Array, error) {
	switch c.field.kind {
	case leafField:
		return c.assembleLeaf()
	case listField:
		return c.assembleList()
	}
	return c.assembleStruct()
}

func (c *column) assembleLeaf() (arrow.Array, error) {
	l := c.leaf
	if l.column().MaxDefinitionLevel() == 0 {
		return l.sink.finish(l.taken, nil)
	}
	def, anc := byte(c.field.def), byte(c.field.anc)
	valid := make([]bool, 0, len(l.takenDefs))
	for _, d := range l.takenDefs {
		if d >= anc {
			valid = append(valid, d == def)
		}
	}
	return l.sink.finish(len(valid), valid)
}

// assembleStruct: a slot for each level that begins an entry of the struct, valid where the struct is there.
func (c *column) assembleStruct() (arrow.Array, error) {
	l := c.first()
	var slots int
	var valid []bool
	def, anc, rep := byte(c.field.def), byte(c.field.anc), byte(c.field.rep)
	switch {
	case l.takenDefs == nil && l.column().MaxDefinitionLevel() == 0:
		slots = l.taken
	default:
		valid = make([]bool, 0, len(l.takenDefs))
		for i, d := range l.takenDefs {
			if d >= anc && (len(l.takenReps) == 0 || l.takenReps[i] <= rep) {
				valid = append(valid, d >= def)
			}
		}
		slots = len(valid)
	}
	kids := make([]arrow.ArrayData, 0, len(c.kids))
	defer func() {
		for _, k := range kids {
			k.Release()
		}
	}()
	for _, k := range c.kids {
		a, err := k.assemble()
		if err != nil {
			return nil, err
		}
		kids = append(kids, a.Data())
		if a.Len() != slots {
			return nil, corrupt("the fields of a group differ in length: %d and %d", slots, a.Len())
		}
	}
	bits, nulls := bitmap(valid)
	return nested(c.to.Arrow(), slots, nulls, bits, nil, kids), nil
}

func (c *column) assembleList() (arrow.Array, error) {
	l := c.first()
	def, anc, elem, rep := byte(c.field.def), byte(c.field.anc), byte(c.field.elem), byte(c.field.rep)
	var valid []bool
	offsets := []int32{0}
	count := int64(0)
	for i, d := range l.takenDefs {
		r := l.takenReps[i]
		switch {
		case d < anc || r > rep:
			continue
		case r == rep:
			if len(valid) == 0 {
				return nil, corrupt("a list begins in the middle")
			}
			count++
			offsets[len(offsets)-1]++
			continue
		case d >= elem:
			count++
		}
		valid = append(valid, d >= def)
		offsets = append(offsets, int32(count))
		if count > math.MaxInt32 {
			return nil, errTooLong
		}
	}
	kid, err := c.kids[0].assemble()
	if err != nil {
		return nil, err
	}
	defer kid.Release()
	if int64(kid.Len()) != count {
		return nil, corrupt("lists hold %d elements where their levels say %d", kid.Len(), count)
	}
	bits, nulls := bitmap(valid)
	return nested(c.to.Arrow(), len(valid), nulls, bits, memory.NewBufferBytes(asBytes(offsets)), []arrow.ArrayData{kid.Data()}), nil
}

func nested(t arrow.DataType, n, nulls int, valid, offsets *memory.Buffer, kids []arrow.ArrayData) arrow.Array {
	buffers := []*memory.Buffer{nil}
	if nulls > 0 {
		buffers[0] = valid
	}
	if offsets != nil {
		buffers = append(buffers, offsets)
	}
	data := array.NewData(t, n, buffers, kids, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}
