package mongo

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// column is a vector under construction. Its buffers are plain garbage-collected memory and go to the batch; which of
// them is used depends on the field's op.
type column struct {
	f     *field
	n     int
	nulls int
	valid []byte
	bits  []byte
	i16   []int16
	i32   []int32
	i64   []int64
	f64   []float64
	offs  []int32
	bytes []byte
	group *group  // of a composite
	elem  *column // of an array
	// fanout is how many values one element of an array takes in memory: those of all fields, whether they are there or not.
	fanout int
	// guess is the number of variable bytes that the last batch took.
	guess int
}

func newColumn(f *field) *column {
	c := &column{f: f}
	switch f.op {
	case opComposite:
		kids := make([]*column, len(f.kids))
		for i, k := range f.kids {
			kids[i] = newColumn(k)
		}
		c.group = newGroup(kids)
	case opArray:
		c.elem = newColumn(f.kids[0])
		c.fanout = f.kids[0].leaves()
	}
	return c
}

// reset starts a new vector with room for about so many rows.
func (c *column) reset(rows int) {
	c.guess = max(c.guess, len(c.bytes))
	c.n, c.nulls = 0, 0
	c.valid = make([]byte, 0, bitBytes(rows))
	switch c.f.op {
	case opBool:
		c.bits = make([]byte, 0, bitBytes(rows))
	case opInt2:
		c.i16 = make([]int16, 0, rows)
	case opInt4, opDate:
		c.i32 = make([]int32, 0, rows)
	case opInt8, opTimestamp, opDecimal64:
		c.i64 = make([]int64, 0, rows)
	case opFloat8:
		c.f64 = make([]float64, 0, rows)
	case opUUID, opDecimal128:
		c.bytes = make([]byte, 0, 16*rows)
	case opText, opObjectID, opBytea, opNumeric, opJSON, opDocument:
		c.offs = append(make([]int32, 0, rows+1), 0)
		c.bytes = make([]byte, 0, c.guess+c.guess/16)
	case opComposite:
		for _, k := range c.group.cols {
			k.reset(rows)
		}
	case opArray:
		c.offs = append(make([]int32, 0, rows+1), 0)
		c.elem.reset(max(c.elem.n, rows))
	}
}

func bitBytes(n int) int { return (n + 7) / 8 }

// mark appends one validity bit.
func (c *column) mark(valid byte) {
	if c.n&7 == 0 {
		c.valid = append(c.valid, 0)
	}
	c.valid[c.n>>3] |= valid << (c.n & 7)
	c.n++
}

// appendNull appends a NULL.
func (c *column) appendNull() {
	c.nulls++
	c.space()
	c.mark(0)
}

// space appends the value that stands under a NULL.
func (c *column) space() {
	switch c.f.op {
	case opBool:
		if c.n&7 == 0 {
			c.bits = append(c.bits, 0)
		}
	case opInt2:
		c.i16 = append(c.i16, 0)
	case opInt4, opDate:
		c.i32 = append(c.i32, 0)
	case opInt8, opTimestamp, opDecimal64:
		c.i64 = append(c.i64, 0)
	case opFloat8:
		c.f64 = append(c.f64, 0)
	case opUUID, opDecimal128:
		c.bytes = append(c.bytes, zero16[:]...)
	case opText, opObjectID, opBytea, opNumeric, opJSON, opDocument:
		c.offs = append(c.offs, int32(len(c.bytes)))
	case opComposite:
		for _, k := range c.group.cols {
			k.appendNull()
		}
	case opArray:
		c.offs = append(c.offs, int32(c.elem.n))
	}
}

var zero16 [16]byte

// absent appends what a row has whose document does not hold the key.
func (c *column) absent(doc []byte) error {
	if c.f.op != opDocument {
		c.appendNull()
		return nil
	}
	return c.appendJSON(bsonDocument, doc)
}

func (c *column) appendJSON(t byte, v []byte) error {
	text := appendJSON(c.bytes, t, v)
	if text == nil {
		return sqlerr.New(sqlerr.ProgramLimit, "field %s of a document is nested deeper than %d levels", c.f.path, maxNesting)
	}
	c.bytes = text
	c.closeBytes()
	return nil
}

// closeBytes ends a value of variable length.
func (c *column) closeBytes() {
	c.offs = append(c.offs, int32(len(c.bytes)))
	c.mark(1)
}

// append appends one BSON value.
func (c *column) append(t byte, v []byte) error {
	if t == bsonNull || t == bsonUndefined {
		c.appendNull()
		return nil
	}
	switch c.f.op {
	case opInt2, opInt4, opInt8:
		if i, ok := integer(t, v); ok && c.appendInt(i) {
			return nil
		}
	case opFloat8:
		if f, ok := float(t, v); ok {
			c.f64 = append(c.f64, f)
			c.mark(1)
			return nil
		}
	case opText:
		if t == bsonString && c.appendText(v[4:len(v)-1]) {
			return nil
		}
	case opObjectID:
		if t == bsonObjectID {
			c.bytes = appendHex(c.bytes, v)
			c.closeBytes()
			return nil
		}
	case opTimestamp:
		if t == bsonDate && c.appendTime(int64(binary.LittleEndian.Uint64(v))) {
			return nil
		}
	case opBool:
		if t == bsonBool {
			c.appendBool(v[0] & 1)
			return nil
		}
	case opJSON, opDocument:
		return c.appendJSON(t, v)
	case opComposite:
		if t == bsonDocument {
			err := c.group.document(v)
			c.mark(1)
			return err
		}
	case opArray:
		if t == bsonArray {
			return c.appendArray(v)
		}
	default:
		if c.appendRare(t, v) {
			return nil
		}
	}
	if c.f.null {
		c.appendNull()
		return nil
	}
	return &mismatch{field: c.f, bsonType: t}
}

func (c *column) appendRare(t byte, v []byte) bool {
	switch c.f.op {
	case opNumeric, opDecimal64, opDecimal128:
		return c.appendNumeric(t, v)
	case opBytea:
		return t == bsonBinary && c.appendBinary(v)
	case opUUID:
		if t == bsonBinary && v[4] == 4 && len(v) == 21 {
			c.bytes = append(c.bytes, v[5:]...)
			c.mark(1)
			return true
		}
	case opDate:
		return t == bsonDate && c.appendDate(int64(binary.LittleEndian.Uint64(v)))
	}
	return false
}

func (c *column) appendBool(b byte) {
	if c.n&7 == 0 {
		c.bits = append(c.bits, 0)
	}
	c.bits[c.n>>3] |= b << (c.n & 7)
	c.mark(1)
}

func (c *column) appendInt(i int64) bool {
	switch c.f.op {
	case opInt4:
		if int64(int32(i)) != i {
			return false
		}
		c.i32 = append(c.i32, int32(i))
	case opInt8:
		c.i64 = append(c.i64, i)
	case opInt2:
		if int64(int16(i)) != i {
			return false
		}
		c.i16 = append(c.i16, int16(i))
	}
	c.mark(1)
	return true
}

// appendText takes what PostgreSQL's text holds: valid UTF-8 without NUL, within varchar's length.
func (c *column) appendText(s []byte) bool {
	if !plainText(s) {
		return false
	}
	if n := c.f.typ.Length(); n >= 0 && utf8.RuneCount(s) > int(n) {
		return false
	}
	c.bytes = append(c.bytes, s...)
	c.closeBytes()
	return true
}

// plainText says whether s is UTF-8 without NUL. Eight bytes at a time are ASCII other than NUL when none has its high
// bit set and none is zero.
func plainText(s []byte) bool {
	for len(s) >= 8 {
		w := binary.LittleEndian.Uint64(s)
		if (w|(w-0x0101010101010101))&0x8080808080808080 != 0 {
			break
		}
		s = s[8:]
	}
	for i, b := range s {
		if b-1 >= 0x7f {
			return slowText(s[i:])
		}
	}
	return true
}

func slowText(s []byte) bool {
	for _, b := range s {
		if b == 0 {
			return false
		}
	}
	return utf8.Valid(s)
}

// minTimestamp is PostgreSQL's earliest, 4714-11-24 BC, in milliseconds.
const minTimestamp = -210866803200000

func (c *column) appendTime(ms int64) bool {
	if ms < minTimestamp || ms > math.MaxInt64/1000 {
		return false
	}
	c.i64 = append(c.i64, ms*1000)
	c.mark(1)
	return true
}

func (c *column) appendDate(ms int64) bool {
	const day = int64(24 * time.Hour / time.Millisecond)
	if ms%day != 0 || ms < minTimestamp || ms/day >= math.MaxInt32 {
		return false
	}
	c.i32 = append(c.i32, int32(ms/day))
	c.mark(1)
	return true
}

// appendBinary drops the second length that the deprecated subtype 2 has.
func (c *column) appendBinary(v []byte) bool {
	b := v[5:]
	if v[4] == 2 && len(b) >= 4 {
		b = b[4:]
	}
	c.bytes = append(c.bytes, b...)
	c.closeBytes()
	return true
}

func (c *column) appendArray(v []byte) error {
	b := v[4 : len(v)-1]
	for len(b) > 0 {
		t := b[0]
		k := 1
		for k < len(b) && b[k] != 0 {
			k++
		}
		if k == len(b) {
			return errCorrupt()
		}
		b = b[k+1:]
		size := valueSize(t, b)
		if size < 0 {
			return errCorrupt()
		}
		if err := c.elem.append(t, b[:size:size]); err != nil {
			return err
		}
		b = b[size:]
		if c.elem.n*c.fanout > mostValues {
			return sqlerr.New(sqlerr.ProgramLimit, "array %s of a document, with the fields of its elements, has more than %d values", c.f.path, mostValues)
		}
	}
	c.offs = append(c.offs, int32(c.elem.n))
	c.mark(1)
	return nil
}

// integer is the whole number that v is, whatever its BSON type.
func integer(t byte, v []byte) (int64, bool) {
	switch t {
	case bsonInt32:
		return int64(int32(binary.LittleEndian.Uint32(v))), true
	case bsonInt64:
		return int64(binary.LittleEndian.Uint64(v)), true
	case bsonDouble:
		f := math.Float64frombits(binary.LittleEndian.Uint64(v))
		if f == math.Trunc(f) && f >= -1<<63 && f < 1<<63 {
			return int64(f), true
		}
	case bsonDecimal:
		return decimal(v).wholeInt64()
	}
	return 0, false
}

// float is the double that equals v, if there is one.
func float(t byte, v []byte) (float64, bool) {
	switch t {
	case bsonDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(v)), true
	case bsonInt32:
		return float64(int32(binary.LittleEndian.Uint32(v))), true
	case bsonInt64:
		i := int64(binary.LittleEndian.Uint64(v))
		return float64(i), exactFloat(i)
	case bsonDecimal:
		return decimal(v).float()
	}
	return 0, false
}

// exactFloat says whether a double holds i: its significant bits number 53 at most.
func exactFloat(i int64) bool {
	u := uint64(i)
	if i < 0 {
		u = -u
	}
	return u == 0 || bits.Len64(u)-bits.TrailingZeros64(u) <= 53
}

const hexDigits = "0123456789abcdef"

func appendHex(dst, v []byte) []byte {
	for _, b := range v {
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

// data is the finished vector.
func (c *column) data() arrow.ArrayData {
	var valid *memory.Buffer
	if c.nulls > 0 {
		valid = memory.NewBufferBytes(c.valid)
	}
	typ := storage(c.f)
	switch c.f.op {
	case opComposite:
		return c.nested(typ, []*memory.Buffer{valid}, c.group.cols...)
	case opArray:
		return c.nested(typ, []*memory.Buffer{valid, buffer(c.offs)}, c.elem)
	case opText, opObjectID, opBytea, opNumeric, opJSON, opDocument:
		return array.NewData(typ, c.n, []*memory.Buffer{valid, buffer(c.offs), memory.NewBufferBytes(c.bytes)}, nil, c.nulls, 0)
	}
	return array.NewData(typ, c.n, []*memory.Buffer{valid, c.fixed()}, nil, c.nulls, 0)
}

func (c *column) nested(typ arrow.DataType, buffers []*memory.Buffer, kids ...*column) arrow.ArrayData {
	data := make([]arrow.ArrayData, len(kids))
	for i, k := range kids {
		data[i] = k.data()
	}
	d := array.NewData(typ, c.n, buffers, data, c.nulls, 0)
	for _, k := range data {
		k.Release()
	}
	return d
}

func (c *column) fixed() *memory.Buffer {
	switch c.f.op {
	case opBool:
		return memory.NewBufferBytes(c.bits)
	case opInt2:
		return buffer(c.i16)
	case opInt4, opDate:
		return buffer(c.i32)
	case opFloat8:
		return buffer(c.f64)
	case opUUID, opDecimal128:
		return memory.NewBufferBytes(c.bytes)
	}
	return buffer(c.i64)
}

// buffer is a slice's memory as Arrow sees it.
func buffer[T int16 | int32 | int64 | float64](s []T) *memory.Buffer {
	var z T
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z))))
}

func storage(f *field) arrow.DataType {
	if f.op == opDocument {
		return types.JSONT.Arrow()
	}
	return f.typ.Arrow()
}
