package mongo

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/skeinsql/skein/engine/types"
)

// kinds is the set of kinds of values that a field was seen with, or that a schema allows.
type kinds uint16

const (
	kindInt32 kinds = 1 << iota
	kindInt64
	kindDouble
	kindDecimal
	kindBool
	kindString
	kindDate
	kindObjectID
	kindUUID
	kindBinary
	kindDocument
	kindArray
	kindOther
	// kindWide marks an int64 that no double holds, along with kindInt64.
	kindWide
)

const (
	maxFields = 256  // more keys in one nested document are data, not fields: such a document is json
	maxTop    = 1000 // columns of a table; the rest is in the document column
	maxDepth  = 16   // deeper documents are json
)

// shape is what is known of the values at one place in a collection's documents.
type shape struct {
	kinds  kinds
	count  int // values that are not null
	bytes  int
	fields []*namedShape // of documents
	index  map[string]*namedShape
	elem   *shape // of arrays
}

// namedShape is a field's shape. Its place is the last that its key was seen at in a document: whatever the order in
// which documents were sampled, fields come in the same order.
type namedShape struct {
	name  string
	place int
	*shape
}

// ordered are the fields in the order of columns.
func (s *shape) ordered() []*namedShape {
	return slices.SortedFunc(slices.Values(s.fields), func(a, b *namedShape) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.name, b.name))
	})
}

// field is the shape of a key, which stands at some place of its document.
func (s *shape) field(name string, place int) *shape {
	f := s.index[name]
	if f == nil {
		if s.index == nil {
			s.index = map[string]*namedShape{}
		}
		f = &namedShape{name: name, shape: &shape{}}
		s.index[name] = f
		s.fields = append(s.fields, f)
	}
	f.place = max(f.place, place)
	return f.shape
}

func (s *shape) element() *shape {
	if s.elem == nil {
		s.elem = &shape{}
	}
	return s.elem
}

// add takes one more value into account.
func (s *shape) add(t byte, v []byte, depth int) {
	if t == bsonNull || t == bsonUndefined {
		return
	}
	s.count++
	s.bytes += len(v)
	k := kindOf(t, v)
	s.kinds |= k
	if depth >= maxDepth {
		return
	}
	switch k {
	case kindDocument:
		eachElement(v, func(place int, key string, t byte, v []byte) {
			if len(s.fields) <= maxFields || depth == 0 || s.index[key] != nil {
				s.field(key, place).add(t, v, depth+1)
			}
		})
	case kindArray:
		eachElement(v, func(_ int, _ string, t byte, v []byte) { s.element().add(t, v, depth+1) })
	}
}

// eachElement visits the elements of a document or an array; it stops at what is not valid BSON.
func eachElement(v []byte, visit func(place int, key string, t byte, v []byte)) {
	if len(v) < 5 {
		return
	}
	b := v[4 : len(v)-1]
	for place := 0; len(b) > 1; place++ {
		t := b[0]
		k := bytes.IndexByte(b[1:], 0)
		if k < 0 {
			return
		}
		size := valueSize(t, b[k+2:])
		if size < 0 {
			return
		}
		visit(place, string(b[1:1+k]), t, b[k+2:k+2+size])
		b = b[k+2+size:]
	}
}

func kindOf(t byte, v []byte) kinds {
	switch t {
	case bsonInt32:
		return kindInt32
	case bsonInt64:
		if i := int64(binary.LittleEndian.Uint64(v)); i > 1<<53 || i < -1<<53 {
			return kindInt64 | kindWide
		}
		return kindInt64
	case bsonDouble:
		return kindDouble
	case bsonDecimal:
		return kindDecimal
	case bsonBool:
		return kindBool
	case bsonString:
		return kindString
	case bsonDate:
		return kindDate
	case bsonObjectID:
		return kindObjectID
	case bsonBinary:
		if v[4] == 4 && len(v) == 21 {
			return kindUUID
		}
		return kindBinary
	case bsonDocument:
		return kindDocument
	case bsonArray:
		return kindArray
	}
	return kindOther
}

// scalarType is the type that holds every value of a set of scalar kinds exactly, nil when only json does. ObjectIds
// give objectIDText.
func scalarType(k kinds) *types.Type {
	switch k {
	case 0, kindString:
		return types.TextT
	case kindInt32:
		return types.Int4T
	case kindInt64, kindInt64 | kindWide, kindInt32 | kindInt64, kindInt32 | kindInt64 | kindWide:
		return types.Int8T
	case kindDouble, kindDouble | kindInt32, kindDouble | kindInt64, kindDouble | kindInt32 | kindInt64:
		return types.Float8T
	case kindBool:
		return types.BoolT
	case kindDate:
		return types.TimestampTZT
	case kindObjectID:
		return objectIDText
	case kindUUID:
		return types.UUIDT
	case kindBinary, kindBinary | kindUUID:
		return types.ByteaT
	}
	if k&^(kindInt32|kindInt64|kindWide|kindDouble|kindDecimal) == 0 {
		return types.NumericT
	}
	return nil
}

// typ is the shape's type by the rules of the package comment; name is what a composite type is called.
func (s *shape) typ(name string) *types.Type {
	if t := scalarType(s.kinds); t != nil {
		return t
	}
	switch s.kinds {
	case kindDocument:
		return s.composite(name)
	case kindArray:
		return s.list(name)
	}
	return types.JSONT
}

func (s *shape) composite(name string) *types.Type {
	if len(s.fields) == 0 || len(s.fields) > maxFields {
		return types.JSONT
	}
	fields := make([]types.Field, 0, len(s.fields))
	for _, f := range s.ordered() {
		if f.name == "" {
			return types.JSONT
		}
		fields = append(fields, types.Field{Name: f.name, Type: f.typ(name + "." + f.name)})
	}
	return types.CompositeOf(name, fields)
}

// list is an array of what has one type: empty arrays, arrays of arrays and mixed ones are json as a whole.
func (s *shape) list(name string) *types.Type {
	if s.elem == nil || s.elem.kinds == 0 || s.elem.kinds&kindArray != 0 {
		return types.JSONT
	}
	elem := s.elem.typ(name)
	if elem.Kind == types.JSON {
		return types.JSONT
	}
	if elem == objectIDText {
		a := *types.ArrayOf(types.TextT)
		a.Elem = objectIDText
		return &a
	}
	return types.ArrayOf(elem)
}

// width is the average number of bytes of a value.
func (s *shape) width() float64 {
	if s.count == 0 {
		return 0
	}
	return float64(s.bytes) / float64(s.count)
}
