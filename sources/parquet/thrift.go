package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of what a footer or a page header may hold. A footer of 100,000 column chunks takes some ten megabytes; the memory
// is that of the decoded structs, which a few bytes each can ask for.
const (
	maxThriftDepth  = 32
	footerMemory    = 1 << 30
	structMemory    = 512 // of a decoded struct in a list (a column chunk), rounded up
	elementMemory   = 24
	maxFooter       = 256 << 20
	maxSchemaDepth  = 64
	compactStruct   = 12
	compactListLong = 15
)

// errShort says that a structure goes on behind the bytes that are there.
var errShort = errors.New("it ends in the middle")

// thriftScan walks a structure in Thrift's compact protocol without decoding it: sizes of lists and nesting are checked
// before anything is allocated for them. integer and element, where they are set, are told of integers and of list
// elements that begin, with the IDs of the fields that lead there.
type thriftScan struct {
	data    []byte
	at      int
	memory  int64
	path    [maxThriftDepth + 1]int16
	integer func(path []int16, value int64, from, until int)
	element func(path []int16)
}

func (s *thriftScan) byte() (byte, error) {
	if s.at >= len(s.data) {
		return 0, errShort
	}
	s.at++
	return s.data[s.at-1], nil
}

func (s *thriftScan) uvarint() (uint64, error) {
	v, n := binary.Uvarint(s.data[s.at:])
	if n == 0 {
		return 0, errShort
	}
	if n < 0 {
		return 0, errors.New("a number has more than 64 bits")
	}
	s.at += n
	return v, nil
}

func (s *thriftScan) skip(n uint64) error {
	if n > uint64(len(s.data)-s.at) {
		return errShort
	}
	s.at += int(n)
	return nil
}

// structure walks one struct, whose fields are at a depth of the path.
func (s *thriftScan) structure(depth int) error {
	if depth >= maxThriftDepth {
		return fmt.Errorf("its metadata are nested more than %d levels deep", maxThriftDepth)
	}
	id := int16(0)
	for {
		b, err := s.byte()
		if err != nil || b == 0 {
			return err
		}
		if delta := b >> 4; delta != 0 {
			id += int16(delta)
		} else {
			v, err := s.uvarint()
			if err != nil {
				return err
			}
			id = int16(v>>1) ^ -int16(v&1)
		}
		s.path[depth] = id
		if err := s.value(b&15, depth, false); err != nil {
			return err
		}
	}
}

// value walks one value of a field, or of a list.
func (s *thriftScan) value(kind byte, depth int, listed bool) error {
	switch kind {
	case 1, 2:
		if listed {
			return s.skip(1)
		}
		return nil
	case 3:
		return s.skip(1)
	case 4, 5, 6:
		from := s.at
		v, err := s.uvarint()
		if err == nil && s.integer != nil && !listed {
			s.integer(s.path[:depth+1], int64(v>>1)^-int64(v&1), from, s.at)
		}
		return err
	case 7:
		return s.skip(8)
	case 8:
		n, err := s.uvarint()
		if err != nil {
			return err
		}
		return s.skip(n)
	case 9, 10, 11:
		if listed {
			return errors.New("its metadata have lists of lists") // Parquet has none; they could nest without end
		}
		if kind == 11 {
			return s.entries(depth)
		}
		return s.list(depth)
	case compactStruct:
		return s.structure(depth + 1)
	}
	return fmt.Errorf("its metadata have a value of unknown type %d", kind)
}

func (s *thriftScan) list(depth int) error {
	b, err := s.byte()
	if err != nil {
		return err
	}
	n, kind := uint64(b>>4), b&15
	if n == compactListLong {
		if n, err = s.uvarint(); err != nil {
			return err
		}
	}
	if err := s.charge(n, kind); err != nil {
		return err
	}
	for range n {
		if s.element != nil && kind == compactStruct {
			s.element(s.path[:depth+1])
		}
		if err := s.value(kind, depth, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *thriftScan) entries(depth int) error {
	n, err := s.uvarint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := s.byte()
	if err != nil {
		return err
	}
	if err := s.charge(n, compactStruct); err != nil {
		return err
	}
	for range n {
		if err := s.value(kinds>>4, depth, true); err != nil {
			return err
		}
		if err := s.value(kinds&15, depth, true); err != nil {
			return err
		}
	}
	return nil
}

// charge counts n elements before they are decoded. Each takes a byte at least.
func (s *thriftScan) charge(n uint64, kind byte) error {
	if n > uint64(len(s.data)-s.at) {
		return errShort
	}
	each := int64(elementMemory)
	if kind == compactStruct {
		each = structMemory
	}
	s.memory += int64(n) * each
	if s.memory > footerMemory {
		return fmt.Errorf("its metadata would take more than %d bytes of memory", footerMemory)
	}
	return nil
}

// layout is what the scan of a footer gives: the codecs of all column chunks, row group by row group. The scan changes
// them to none in the bytes that it walks, because pages are decompressed here and not by parquet-go.
type layout struct {
	codecs   []int64
	children []int64 // of the schema's elements
	groups   int
}

// scanFooter checks and changes a footer in place.
func scanFooter(footer []byte) (*layout, error) {
	l := &layout{}
	s := &thriftScan{data: footer}
	var failed error
	is := func(path []int16, ids ...int16) bool {
		if len(path) != len(ids) {
			return false
		}
		for i := range ids {
			if path[i] != ids[i] {
				return false
			}
		}
		return true
	}
	s.element = func(path []int16) { // FileMetaData: 2 schema, 4 row_groups; RowGroup: 1 columns
		switch {
		case is(path, 2):
			l.children = append(l.children, 0)
		case is(path, 4):
			l.groups++
		case is(path, 4, 1):
			l.codecs = append(l.codecs, 0)
		}
	}
	s.integer = func(path []int16, v int64, from, until int) {
		switch {
		case is(path, 2, 5) && len(l.children) > 0: // SchemaElement: 5 num_children
			l.children[len(l.children)-1] = v
		case is(path, 4, 1, 3, 4) && len(l.codecs) > 0: // ColumnChunk: 3 meta_data; ColumnMetaData: 4 codec
			l.codecs[len(l.codecs)-1] = v
			if until-from != 1 {
				failed = fmt.Errorf("it uses an unknown compression codec %d", v)
			}
			footer[from] = 0
		}
	}
	if err := s.structure(0); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	if s.at != len(footer) {
		return nil, fmt.Errorf("%d bytes follow its metadata (signed or encrypted files are not supported)", len(footer)-s.at)
	}
	return l, l.checkSchema()
}

// checkSchema walks the tree of the schema by the number of children that each element, in depth-first order, says to
// have.
func (l *layout) checkSchema() error {
	var open []int64
	for i, n := range l.children {
		if n < 0 || n > int64(len(l.children)) {
			return fmt.Errorf("element %d of its schema has %d children", i, n)
		}
		if i > 0 && len(open) == 0 {
			return errors.New("its schema has more than one root")
		}
		if len(open) > 0 {
			open[len(open)-1]--
		}
		if n > 0 {
			open = append(open, n)
		}
		if len(open) > maxSchemaDepth {
			return fmt.Errorf("its schema is nested more than %d levels deep", maxSchemaDepth)
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errors.New("its schema ends before all children are there")
	}
	return nil
}
