package mongo

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// BSON's type bytes (bsonspec.org).
const (
	bsonDouble     = 0x01
	bsonString     = 0x02
	bsonDocument   = 0x03
	bsonArray      = 0x04
	bsonBinary     = 0x05
	bsonUndefined  = 0x06
	bsonObjectID   = 0x07
	bsonBool       = 0x08
	bsonDate       = 0x09
	bsonNull       = 0x0a
	bsonRegex      = 0x0b
	bsonDBPointer  = 0x0c
	bsonJavaScript = 0x0d
	bsonSymbol     = 0x0e
	bsonScope      = 0x0f
	bsonInt32      = 0x10
	bsonTimestamp  = 0x11
	bsonInt64      = 0x12
	bsonDecimal    = 0x13
	bsonMinKey     = 0xff
	bsonMaxKey     = 0x7f
)

// fixedSize is the size of the values of a BSON type, -1 where the value says it itself, -2 for bytes that are no type.
var fixedSize = func() (t [256]int8) {
	for i := range t {
		t[i] = -2
	}
	for _, b := range []byte{
		bsonString, bsonDocument, bsonArray, bsonBinary, bsonRegex, bsonDBPointer, bsonJavaScript, bsonSymbol, bsonScope,
	} {
		t[b] = -1
	}
	for _, b := range []byte{bsonDouble, bsonDate, bsonTimestamp, bsonInt64} {
		t[b] = 8
	}
	t[bsonUndefined], t[bsonNull], t[bsonMinKey], t[bsonMaxKey] = 0, 0, 0, 0
	t[bsonObjectID], t[bsonBool], t[bsonInt32], t[bsonDecimal] = 12, 1, 4, 16
	return t
}()

// valueSize is the number of bytes that a value at the start of b takes, -1 when b does not hold it.
func valueSize(t byte, b []byte) int {
	n := int(fixedSize[t])
	if n == -1 {
		n = variableSize(t, b)
	}
	if n < 0 || n > len(b) {
		return -1
	}
	return n
}

func variableSize(t byte, b []byte) int {
	if t == bsonRegex {
		i := bytes.IndexByte(b, 0)
		j := bytes.IndexByte(b[i+1:], 0)
		if i < 0 || j < 0 {
			return -1
		}
		return i + 1 + j + 1
	}
	if len(b) < 4 {
		return -1
	}
	n := int(int32(binary.LittleEndian.Uint32(b)))
	switch t {
	case bsonDocument, bsonArray, bsonScope:
		if n < 5 {
			return -1
		}
		return n
	case bsonBinary:
		if n < 0 {
			return -1
		}
		return 5 + n
	case bsonDBPointer:
		n += 12
	}
	if n < 1 { // a string's length counts its terminator
		return -1
	}
	return 4 + n
}

func errCorrupt() error {
	return sqlerr.New(sqlerr.DataCorrupted, "the server sent a document that is not valid BSON")
}

// slot is one key that documents were seen to have at some position, and where its values go: nil for nowhere.
type slot struct {
	key []byte
	col *column
}

// group decodes the documents of one level: the top, or those of one composite field.
type group struct {
	cols  []*column
	index map[string]*column
	// order is the last document's sequence of keys: documents of a collection mostly agree on it, so that a key is
	// found by one comparison.
	order []slot
}

func newGroup(cols []*column) *group {
	g := &group{cols: cols, index: make(map[string]*column, len(cols))}
	for _, c := range cols {
		if c.f.op != opDocument && c.f.name != "" {
			g.index[c.f.name] = c
		}
	}
	return g
}

// find gives the length of the key that b begins with, without its terminator, and the column that it goes to; n is
// the key's position in its document. The length is -1 when there is no terminator.
func (g *group) find(n int, b []byte) (int, *column) {
	if n < len(g.order) {
		s := &g.order[n]
		if k := len(s.key); k < len(b) && b[k] == 0 && string(b[:k]) == string(s.key) {
			return k, s.col
		}
	}
	k := bytes.IndexByte(b, 0)
	if k < 0 {
		return -1, nil
	}
	col := g.index[string(b[:k])]
	if n == len(g.order) && n < maxOrder {
		g.order = append(g.order, slot{})
	}
	if n < len(g.order) {
		s := &g.order[n]
		s.key, s.col = append(s.key[:0], b[:k]...), col
	}
	return k, col
}

// maxOrder bounds what a group remembers of its documents' order.
const maxOrder = 4096

// document appends one row to every column of the group.
func (g *group) document(doc []byte) error {
	if len(doc) < 5 || int(binary.LittleEndian.Uint32(doc)) != len(doc) || doc[len(doc)-1] != 0 {
		return errCorrupt()
	}
	row := g.cols[0].n + 1
	b := doc[4 : len(doc)-1]
	for n := 0; len(b) > 0; n++ {
		t := b[0]
		k, col := g.find(n, b[1:])
		if k < 0 {
			return errCorrupt()
		}
		b = b[k+2:]
		size := valueSize(t, b)
		if size < 0 {
			return errCorrupt()
		}
		// The first of two equal keys counts, as it does for the server's filters.
		if col != nil && col.n < row {
			if err := col.append(t, b[:size:size]); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	for _, c := range g.cols {
		if c.n < row {
			if err := c.absent(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// decoder turns documents into record batches. Fields behind the first out ones are decoded for their errors only.
type decoder struct {
	top    *group
	schema *arrow.Schema
	out    int
	rows   int
	arrays []*column // at any depth
}

// A null in an array takes three bytes of BSON and as many values as its elements have fields: a batch ends after
// batchValues of them, and one with more than mostValues is refused.
const (
	batchValues = 4 << 20
	mostValues  = 64 << 20
)

// newDecoder decodes fields; the first out of them are the batches' columns.
func newDecoder(fields []*field, out int, schema *arrow.Schema) *decoder {
	cols := make([]*column, 0, len(fields)+1)
	for _, f := range fields {
		cols = append(cols, newColumn(f))
	}
	d := &decoder{out: out, schema: schema}
	if len(cols) == 0 {
		cols = append(cols, &column{f: &field{op: opBool}}) // without a key: it counts rows
	}
	d.top = newGroup(cols)
	for _, c := range cols {
		d.arrays = c.arrays(d.arrays)
	}
	return d
}

// arrays adds the arrays in a column.
func (c *column) arrays(to []*column) []*column {
	switch c.f.op {
	case opArray:
		return c.elem.arrays(append(to, c))
	case opComposite:
		for _, k := range c.group.cols {
			to = k.arrays(to)
		}
	}
	return to
}

// full says whether the batch has enough values in arrays.
func (d *decoder) full() bool {
	n := 0
	for _, a := range d.arrays {
		n += a.elem.n * a.fanout
	}
	return n >= batchValues
}

// begin starts a batch of about so many rows.
func (d *decoder) begin(rows int) {
	d.rows = 0
	for _, c := range d.top.cols {
		c.reset(rows)
	}
}

// add decodes one document.
func (d *decoder) add(doc []byte) error {
	d.rows++
	if err := d.top.document(doc); err != nil {
		return withID(err, doc)
	}
	return nil
}

// batch is what was added since begin; its buffers are its own.
func (d *decoder) batch() arrow.RecordBatch {
	arrays := make([]arrow.Array, d.out)
	for i := range arrays {
		data := d.top.cols[i].data()
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	b := array.NewRecordBatch(d.schema, arrays, int64(d.rows))
	for _, a := range arrays {
		a.Release()
	}
	return b
}
