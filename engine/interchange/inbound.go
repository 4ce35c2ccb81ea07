package interchange

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// ImportOptions say what to do with values that PostgreSQL's types cannot hold exactly.
type ImportOptions struct {
	// TruncateNanoseconds cuts times, timestamps and durations down to whole microseconds, towards the past. Without
	// it a value with a fraction of a microsecond is an error (22008).
	TruncateNanoseconds bool
}

// Importer turns arrays of one foreign field into the engine's storage of [FromArrow]'s type. It is immutable and safe
// for concurrent use.
type Importer struct {
	name    string
	sqlType *types.Type
	convert conversion
}

// NewImporter compiles the conversion for a field; its errors are [FromArrow]'s.
func NewImporter(f arrow.Field, o ImportOptions) (*Importer, error) {
	t, err := FromArrow(f)
	if err != nil {
		return nil, err
	}
	return &Importer{name: f.Name, sqlType: t, convert: inbound(f.Type, t, o)}, nil
}

// Type is the SQL type of what Import returns.
func (im *Importer) Type() *types.Type { return im.sqlType }

// Import gives arr, which is borrowed and of the field's type, in the engine's storage; the result is the caller's.
// What has that form already is shared. Errors name the column; they are 22008 for times that microseconds do not
// hold, 22021 for text that is not UTF-8.
func (im *Importer) Import(arr arrow.Array) (arrow.Array, error) {
	out, err := im.convert.apply(arr)
	if err != nil {
		var known *sqlerr.Error
		if errors.As(err, &known) {
			c := *known
			c.Message = fmt.Sprintf("column %q: %s", im.name, known.Message)
			return nil, &c
		}
		return nil, sqlerr.New(sqlerr.DataCorrupted, "column %q of type %s: %w", im.name, arr.DataType(), err)
	}
	if want := im.sqlType.Arrow(); !arrow.TypeEqual(out.DataType(), want) {
		defer out.Release()
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "column %q has Arrow type %s where %s was declared", im.name,
			arr.DataType(), want)
	}
	return out, nil
}

// inbound is the conversion of plain arrays of type from into the storage of t.
func inbound(from arrow.DataType, t *types.Type, o ImportOptions) conversion {
	switch from := from.(type) {
	case arrow.ExtensionType:
		return extensionIn(from, t, o)
	case *arrow.DictionaryType:
		return inbound(from.ValueType, t, o)
	case *arrow.RunEndEncodedType:
		return inbound(from.Encoded(), t, o)
	case *arrow.StructType:
		return structIn(from, t, o)
	case arrow.ListLikeType:
		return listIn(from, t, o)
	case arrow.DecimalType:
		return decimalIn(from, t)
	}
	to := t.Arrow()
	switch from.ID() {
	case arrow.NULL:
		return func(a arrow.Array) (arrow.Array, error) {
			return array.MakeArrayOfNull(memory.DefaultAllocator, to, a.Len()), nil
		}
	case arrow.INT8:
		return func(a arrow.Array) (arrow.Array, error) { return integers[int8, int16](a, to), nil }
	case arrow.UINT8:
		return func(a arrow.Array) (arrow.Array, error) { return integers[uint8, int16](a, to), nil }
	case arrow.UINT16:
		return func(a arrow.Array) (arrow.Array, error) { return integers[uint16, int32](a, to), nil }
	case arrow.UINT32:
		return func(a arrow.Array) (arrow.Array, error) { return integers[uint32, int64](a, to), nil }
	case arrow.UINT64:
		return func(a arrow.Array) (arrow.Array, error) { return widenDecimal[uint64](a, to) }
	case arrow.FLOAT16:
		return halfFloats
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return textIn
	case arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY:
		return byteaIn
	case arrow.DATE64, arrow.TIME32, arrow.TIME64, arrow.TIMESTAMP, arrow.DURATION, arrow.INTERVAL_MONTHS,
		arrow.INTERVAL_DAY_TIME:
		return timeIn(from, to, o)
	}
	return nil
}

func extensionIn(from arrow.ExtensionType, t *types.Type, o ImportOptions) conversion {
	next := inbound(from.StorageType(), t, o)
	switch from.(type) {
	case *extensions.Bool8Type:
		next = bool8In
	case *extensions.UUIDType:
		next = nil
	}
	return func(a arrow.Array) (arrow.Array, error) {
		ext, ok := a.(array.ExtensionArray)
		if !ok {
			return nil, fmt.Errorf("an array of extension type %s holds %s", from, a.DataType())
		}
		return next.apply(ext.Storage())
	}
}

func structIn(from *arrow.StructType, t *types.Type, o ImportOptions) conversion {
	fields := make([]conversion, from.NumFields())
	for i, f := range from.Fields() {
		fields[i] = inbound(f.Type, t.Fields[i].Type, o)
	}
	to := t.Arrow()
	return func(a arrow.Array) (arrow.Array, error) {
		in, ok := a.(*array.Struct)
		if !ok || in.NumField() != len(fields) {
			return nil, fmt.Errorf("expected %s, found %s", from, a.DataType())
		}
		return convertStruct(in, fields, to)
	}
}

// listIn brings every kind of list to 32-bit offsets. A map is stored as a list of its entries already.
func listIn(from arrow.ListLikeType, t *types.Type, o ImportOptions) conversion {
	elem := inbound(from.Elem(), t.Elem, o)
	if m, ok := from.(*arrow.MapType); ok {
		entries := m.Elem().(*arrow.StructType)
		elem = structIn(entries, t.Elem, o)
	}
	to := t.Arrow()
	return func(a arrow.Array) (arrow.Array, error) {
		switch in := a.(type) {
		case *array.List:
			return convertList(in, elem, to)
		case *array.Map:
			return convertList(in.List, elem, to)
		case array.VarLenListLike: // large lists, list views and lists of fixed size
			return anyList(in, elem, to)
		}
		return nil, fmt.Errorf("expected %s, found %s", from, a.DataType())
	}
}

// anyList makes a list of lists whose elements may lie anywhere, in any order, shared or with gaps.
func anyList(in array.ListLike, elem conversion, to arrow.DataType) (arrow.Array, error) {
	n := in.Len()
	offsets := make([]int32, n+1)
	var rows []int64
	for i := range n {
		if in.IsValid(i) {
			from, until := in.ValueOffsets(i)
			for r := from; r < until; r++ {
				rows = append(rows, r)
			}
		}
		if len(rows) > 1<<31-1 {
			return nil, fmt.Errorf("the lists of one batch hold more than %d elements", 1<<31-1)
		}
		offsets[i+1] = int32(len(rows))
	}
	index := newArray(arrow.PrimitiveTypes.Int64, len(rows), 0, []*memory.Buffer{nil, bufferOf(rows)})
	defer index.Release()
	values, err := plain(in.ListValues())
	if err != nil {
		return nil, err
	}
	defer values.Release()
	part, err := compute.TakeArray(context.Background(), values, index)
	if err != nil {
		return nil, fmt.Errorf("gathering the elements of %s: %w", in.DataType(), err)
	}
	defer part.Release()
	child, err := elem.apply(part)
	if err != nil {
		return nil, err
	}
	defer child.Release()
	return newArray(to, n, in.NullN(), []*memory.Buffer{validity(in), bufferOf(offsets)}, child), nil
}

// textIn brings text to 32-bit offsets and checks that it is UTF-8.
func textIn(a arrow.Array) (arrow.Array, error) {
	var out arrow.Array
	switch in := a.(type) {
	case *array.String:
		in.Retain()
		out = in
	case interface {
		arrow.Array
		Value(int) string
	}:
		var err error
		if out, err = packed(a, arrow.BinaryTypes.String, in.Value); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("expected text, found %s", a.DataType())
	}
	if err := CheckText(out); err != nil {
		out.Release()
		return nil, err
	}
	return out, nil
}

func byteaIn(a arrow.Array) (arrow.Array, error) {
	in, ok := a.(interface{ Value(int) []byte })
	if !ok {
		return nil, fmt.Errorf("expected bytes, found %s", a.DataType())
	}
	return packed(a, arrow.BinaryTypes.Binary, in.Value)
}

// packed copies values of variable width into one buffer with 32-bit offsets.
func packed[T string | []byte](a arrow.Array, to arrow.DataType, value func(int) T) (arrow.Array, error) {
	n := a.Len()
	offsets := make([]int32, n+1)
	total := 0
	for i := range n {
		if a.IsValid(i) {
			total += len(value(i))
		}
		if total > 1<<31-1 {
			return nil, fmt.Errorf("the values of one batch take more than %d bytes", 1<<31-1)
		}
		offsets[i+1] = int32(total)
	}
	dst := make([]byte, 0, total)
	for i := range n {
		if a.IsValid(i) {
			dst = append(dst, value(i)...)
		}
	}
	return newArray(to, n, a.NullN(), []*memory.Buffer{validity(a), bufferOf(offsets), memory.NewBufferBytes(dst)}), nil
}

// CheckText says whether every value of a utf8 array is UTF-8 without NUL characters, as PostgreSQL requires of text
// (22021).
func CheckText(a arrow.Array) error {
	offsets, data := bytesOf(a)
	if a.Len() == 0 {
		return nil
	}
	if ASCIIText(data[offsets[0]:offsets[a.Len()]]) {
		return nil
	}
	for i := range a.Len() {
		if v := data[offsets[i]:offsets[i+1]]; a.IsValid(i) && !ValidText(v) {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire,
				"row %d of the batch holds text that is not UTF-8, or a NUL character", i)
		}
	}
	return nil
}

// ASCIIText is true only if b is ASCII without NUL, whatever the boundaries of values in it; false decides nothing.
func ASCIIText(b []byte) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	words := view[uint64](b)
	for _, w := range words {
		// A byte below 1 borrows from the high bit; a byte above 127 has it.
		if (w|(w-low))&high != 0 {
			return false
		}
	}
	for _, c := range b[len(words)*8:] {
		if c == 0 || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ValidText says whether one value is UTF-8 without NUL characters.
func ValidText(b []byte) bool {
	for _, c := range b {
		if c == 0 {
			return false
		}
	}
	return utf8.Valid(b)
}
