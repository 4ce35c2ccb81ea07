package postgres

import (
	"encoding/binary"

	"github.com/skeinsql/skein/engine/sqlerr"
)

const (
	// blockRows and blockBytes bound what is buffered before it is decoded column by column: a block stays in the
	// second-level cache.
	blockRows  = 1024
	blockBytes = 192 << 10
	// nullAt is the offset of a field that is NULL whatever the row says: the block begins with a length of -1.
	nullAt = 4
)

// block holds rows as they came off the wire, and where their fields begin: a field is an int32 length (-1 for NULL),
// then the value. COPY's tuples, DataRow messages, array elements and the fields of composites all look like that, so
// that one decoder per type serves them all. A block is scratch: nothing in it reaches a batch.
type block struct {
	// data is what the offsets are into: bytes, or an inbox in which the rows stand as they were received.
	data  []byte
	bytes []byte
	// next is where the first row begins that is not in offs yet.
	next int
	rows int
	cols int
	// messages is how many were added since the last look for rows: COPY sends a row in each.
	messages int
	// offs has blockStride entries for each column: where its value begins in data, behind the length.
	offs []uint32
}

// blockStride is blockRows and a cache line: a row's offsets shall not all meet in one set of the cache.
const blockStride = blockRows + 16

func newBlock(cols int) *block {
	b := &block{cols: cols, offs: make([]uint32, cols*blockStride)}
	b.reset()
	return b
}

// reset forgets the rows that were parsed and keeps what follows them.
func (b *block) reset() {
	rest := b.bytes[min(b.next, len(b.bytes)):]
	if cap(b.bytes) == 0 || cap(b.bytes) > 16*blockBytes && len(rest) < blockBytes {
		b.bytes = append(make([]byte, nullAt, max(4096, nullAt+2*len(rest))), rest...)
	} else {
		n := copy(b.bytes[nullAt:cap(b.bytes)], rest)
		b.bytes = b.bytes[:nullAt+n]
	}
	copy(b.bytes, "\xff\xff\xff\xff")
	b.next, b.rows, b.messages = nullAt, 0, 0
}

// column is where the values of a column begin.
func (b *block) column(c int) []uint32 { return b.offs[c*blockStride:][:b.rows] }

// empty says whether every byte was parsed.
func (b *block) empty() bool { return b.next == len(b.bytes) }

// full says whether the block is to be decoded before more is added.
func (b *block) full(limit int) bool {
	return b.rows > 0 && (b.rows >= limit || len(b.bytes) >= blockBytes)
}

// parse finds the fields of as many complete rows as there are, up to limit. It gives false when the rows ended with
// COPY's trailer.
func (b *block) parse(limit int) (more bool, err error) {
	for b.rows < limit {
		data := b.bytes[b.next:]
		if len(data) < 2 {
			return true, nil
		}
		switch n := int16(binary.BigEndian.Uint16(data)); {
		case n == -1:
			return false, nil
		case int(n) != b.cols:
			return false, corrupt("a row has %d fields instead of %d", n, b.cols)
		}
		whole, err := b.row(2)
		if err != nil || !whole {
			return true, err
		}
	}
	return true, nil
}

// row notes the fields of the row that begins at next, behind a header of skip bytes. It changes nothing when the
// row is not complete.
func (b *block) row(skip int) (bool, error) {
	data, at := b.bytes, b.next+skip
	slot := b.rows
	for range b.cols {
		if at+4 > len(data) {
			return false, nil
		}
		n := int32(binary.BigEndian.Uint32(data[at:]))
		at += 4
		b.offs[slot] = uint32(at)
		slot += blockStride
		if n > 0 {
			at += int(n)
			if at > len(data) {
				return false, nil
			}
		} else if n < -1 {
			return false, corrupt("a field has %d bytes", n)
		}
	}
	b.next = at
	b.rows++
	b.data = data[:cap(data)]
	return true, nil
}

// stop is why no more rows were found in an inbox.
type stop uint8

const (
	stopFull  stop = iota // the block has as many rows as it may
	stopShort             // the next message has not been received whole
	stopOther             // the next message is not one row
)

// rowsIn notes the fields of the rows that were received into w, as far as each is a CopyData message of its own, up to
// limit rows in the block. The rows stay in w, which must not move them before they are decoded.
func (b *block) rowsIn(w *inbox, limit int) stop {
	b.data = w.buf
	for b.rows < limit {
		data := w.buf[w.at:w.end]
		if len(data) < messageHeader {
			return stopShort
		}
		size := 1 + int(int32(binary.BigEndian.Uint32(data[1:])))
		if data[0] != 'd' || size < messageHeader+2 || size > inboxBytes/2 {
			return stopOther
		}
		if size > len(data) {
			return stopShort
		}
		if int(int16(binary.BigEndian.Uint16(data[messageHeader:]))) != b.cols || !b.fields(data[messageHeader+2:size], w.at+messageHeader+2) {
			return stopOther
		}
		w.at += size
		b.rows++
	}
	return stopFull
}

// fields notes the fields of the next row; false if they are not all of row. base is where row begins in the data.
func (b *block) fields(row []byte, base int) bool {
	at, slot, offs := 0, b.rows, b.offs
	for range b.cols {
		if at+4 > len(row) {
			return false
		}
		n := int(int32(binary.BigEndian.Uint32(row[at:])))
		at += 4
		offs[slot] = uint32(base + at)
		slot += blockStride
		if n < -1 {
			return false
		}
		at += max(n, 0)
	}
	return at == len(row)
}

// add appends one row of a DataRow message.
func (b *block) add(values [][]byte) error {
	if len(values) != b.cols {
		return corrupt("a row has %d fields instead of %d", len(values), b.cols)
	}
	for _, v := range values {
		if v == nil {
			b.bytes = append(b.bytes, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		b.bytes = binary.BigEndian.AppendUint32(b.bytes, uint32(len(v)))
		b.bytes = append(b.bytes, v...)
	}
	_, err := b.row(0)
	return err
}

// lengthAt is the length of the value that begins at off, -1 for NULL.
func lengthAt(data []byte, off uint32) int32 {
	return int32(binary.BigEndian.Uint32(data[off-4:]))
}

func corrupt(format string, args ...any) error {
	return sqlerr.New(sqlerr.InvalidBinary, "reading binary rows: "+format, args...)
}
