package mongo

import (
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// op is how a field's values are decoded: the closed set of vectors that this package builds.
type op uint8

const (
	opBool op = iota
	opInt2
	opInt4
	opInt8
	opFloat8
	opNumeric
	opDecimal64
	opDecimal128
	opText
	opObjectID
	opBytea
	opUUID
	opTimestamp
	opDate
	opJSON
	opComposite
	opArray
	opDocument // the whole document, as json
)

// field is one place in documents, and the type that its values have. It is immutable.
type field struct {
	name string // the key in the document around it; "" for an array's element
	path string // dotted, from the top of the document, for messages and filters
	typ  *types.Type
	op   op
	// null: a value that does not fit is NULL instead of an error.
	null bool
	// kids are a composite's fields, or the one element of an array.
	kids []*field
	// addressable: no array lies above and no key holds a dot or begins with a dollar sign, so that a filter can
	// name it by its path.
	addressable bool
	// parents are the documents above it, outermost first.
	parents []*field
}

// newField is the field of a key inside parent, which is nil at the top. ids: the text in it that is ObjectIds in hex.
func newField(parent *field, name string, t *types.Type, ids *objectIDs, null bool) (*field, error) {
	f := &field{name: name, path: name, typ: t, null: null, addressable: plainKey(name)}
	if parent != nil {
		f.path = parent.path
		if name != "" {
			f.path += "." + name
		}
		f.addressable = f.addressable && parent.addressable && parent.op == opComposite
		f.parents = append(append([]*field(nil), parent.parents...), parent)
	}
	var err error
	if f.op, err = opOf(t, ids.text()); err != nil {
		return nil, err
	}
	switch f.op {
	case opComposite:
		for _, tf := range t.Fields {
			kid, err := newField(f, tf.Name, tf.Type, ids.field(tf.Name), null)
			if err != nil {
				return nil, err
			}
			f.kids = append(f.kids, kid)
		}
	case opArray:
		kid, err := newField(f, "", t.Elem, ids, null)
		if err != nil {
			return nil, err
		}
		f.kids = []*field{kid}
	}
	return f, nil
}

// objectIDText is text whose values are ObjectIds, in the types that shapes give: the same type as text, told apart by
// its pointer. See [objectIDsOf].
var objectIDText = func() *types.Type { t := *types.TextT; return &t }()

func plainKey(name string) bool {
	if name == "" || name[0] == '$' {
		return false
	}
	for i := range len(name) {
		if name[i] == '.' || name[i] == 0 {
			return false
		}
	}
	return true
}

// opOf says how values of a type are decoded; types that no BSON value fits are refused.
func opOf(t *types.Type, objectID bool) (op, error) {
	switch t.Kind {
	case types.Bool:
		return opBool, nil
	case types.Int2:
		return opInt2, nil
	case types.Int4:
		return opInt4, nil
	case types.Int8:
		return opInt8, nil
	case types.Float8:
		return opFloat8, nil
	case types.Numeric:
		return [...]op{types.VarNumeric: opNumeric, types.Decimal64: opDecimal64, types.Decimal128: opDecimal128}[t.NumericStorage()], nil
	case types.Text, types.Varchar:
		if objectID {
			return opObjectID, nil
		}
		return opText, nil
	case types.Bytea:
		return opBytea, nil
	case types.UUID:
		return opUUID, nil
	case types.Timestamp, types.TimestampTZ:
		return opTimestamp, nil
	case types.Date:
		return opDate, nil
	case types.JSON:
		return opJSON, nil
	case types.Composite, types.Record:
		return opComposite, nil
	case types.Array:
		return opArray, nil
	}
	return 0, sqlerr.Unsupported("type " + t.String() + " for a field of a document").
		WithHint("declare json, text, numeric, double precision, bigint, timestamptz, bytea, uuid, boolean or an array of one of these")
}

// number says whether values are numbers, which servers compare by value whatever their BSON types.
func (f *field) number() bool { return f.op >= opInt2 && f.op <= opDecimal128 }

// leaves is how many values a row takes at least, with the fields of documents.
func (f *field) leaves() int {
	if f.op != opComposite {
		return 1
	}
	n := 0
	for _, k := range f.kids {
		n += k.leaves()
	}
	return n
}
