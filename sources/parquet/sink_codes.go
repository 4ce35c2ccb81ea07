package parquet

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// coding is how a bytesSink keeps codes instead of spelling them out: a batch all of whose values come from one
// dictionary becomes an array of codes, any other is plain.
type coding struct {
	below  int         // the number that a dictionary's length has to be below; 0: codes are not wanted
	kept   []int32     // checked codes of the current dictionary
	values arrow.Array // the current dictionary, made when a batch needs it and shared by all
}

// mayCode lets a column of text come as codes of dictionaries with fewer than below values.
func (c *column) mayCode(below int) {
	if c.leaf == nil {
		return
	}
	if s, ok := c.leaf.sink.(*bytesSink); ok && s.text && arrow.TypeEqual(s.to, arrow.BinaryTypes.String) {
		s.coding.below = below
	}
}

// mayKeep says whether nothing was spelt out yet and the dictionary is small enough.
func (s *bytesSink) mayKeep() bool {
	return len(s.dictOffsets)-1 < s.coding.below && len(s.ends) == 0
}

func (s *bytesSink) keep(codes []int32) error {
	n := uint32(len(s.dictOffsets) - 1)
	worst := uint32(0)
	for _, c := range codes {
		worst = max(worst, uint32(c))
	}
	if len(codes) > 0 && (worst >= n || len(s.dictOffsets) == 0) {
		return corrupt("a code is outside of its dictionary of %d values", max(0, len(s.dictOffsets)-1))
	}
	s.coding.kept = append(s.coding.kept, codes...)
	return nil
}

// decode spells out the codes that were kept, because what follows is not of their dictionary.
func (s *bytesSink) decode() error {
	if len(s.coding.kept) == 0 {
		return nil
	}
	kept := s.coding.kept
	s.coding.kept = kept[:0]
	return s.spell(kept)
}

func (s *bytesSink) finishCodes(slots int, valid []bool) (arrow.Array, error) {
	codes := s.coding.kept
	s.coding.kept = make([]int32, 0, max(slots, len(codes)))
	bits, nulls := bitmap(valid)
	if len(codes) != slots-nulls {
		return nil, corrupt("a column has %d values where its levels say %d", len(codes), slots-nulls)
	}
	if nulls > 0 {
		codes = spread(codes, valid)
	}
	if s.coding.values == nil {
		s.coding.values = s.dictionaryArray()
	}
	index := newArray(arrow.PrimitiveTypes.Int32, slots, nulls, bits, memory.NewBufferBytes(asBytes(codes)))
	defer index.Release()
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: s.to}
	return array.NewDictionaryArray(t, index, s.coding.values), nil
}

// dictionaryArray is a copy of the current dictionary: the sink's own is overwritten by the next.
func (s *bytesSink) dictionaryArray() arrow.Array {
	n := len(s.dictOffsets) - 1
	first, last := s.dictOffsets[0], s.dictOffsets[n]
	offsets := make([]int32, n+1)
	for i, o := range s.dictOffsets {
		offsets[i] = int32(o - first)
	}
	data := slices.Clone(s.dictData[first:last])
	if data == nil {
		data = []byte{} // arrow prints an empty value over a nil buffer as NULL
	}
	return newArray(s.to, n, 0, nil, memory.NewBufferBytes(asBytes(offsets)), memory.NewBufferBytes(data))
}
