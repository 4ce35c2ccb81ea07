package mongo

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/skeinsql/skein/engine/types"
)

// objectIDs says where in a column's values ObjectIds stand that are read as text: the value itself (an array's
// elements), or fields of documents. Nil is nowhere. As the column option bson it is 'objectId', or a JSON object of the
// fields that have some: '{"customer": {"_id": "objectId"}, "refs": "objectId"}'. Arrays are not written: what is said
// of one is said of its elements.
type objectIDs struct {
	here   bool
	fields map[string]*objectIDs
}

const bsonObjectIDName = "objectId"

// objectIDsOf finds the text that [objectIDText] marks in a type that was learned.
func objectIDsOf(t *types.Type) *objectIDs {
	switch {
	case t == objectIDText:
		return &objectIDs{here: true}
	case t.Kind == types.Array:
		return objectIDsOf(t.Elem)
	case t.Kind != types.Composite:
		return nil
	}
	var out *objectIDs
	for _, f := range t.Fields {
		if ids := objectIDsOf(f.Type); ids != nil {
			if out == nil {
				out = &objectIDs{fields: map[string]*objectIDs{}}
			}
			out.fields[f.Name] = ids
		}
	}
	return out
}

// field is what is said of a document's field.
func (o *objectIDs) field(name string) *objectIDs {
	if o == nil {
		return nil
	}
	return o.fields[name]
}

func (o *objectIDs) text() bool { return o != nil && o.here }

// MarshalJSON writes what parseObjectIDs reads.
func (o *objectIDs) MarshalJSON() ([]byte, error) {
	if o.here {
		return json.Marshal(bsonObjectIDName)
	}
	return json.Marshal(o.fields)
}

// UnmarshalJSON reads a name or an object.
func (o *objectIDs) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) == nil {
		o.here = true
		if name != bsonObjectIDName {
			return fmt.Errorf("%q is not %q", name, bsonObjectIDName)
		}
		return nil
	}
	if err := json.Unmarshal(text, &o.fields); err != nil {
		return err
	}
	for name, f := range o.fields {
		if f == nil {
			return fmt.Errorf("%q is null", name)
		}
	}
	return nil
}

// option is the value of the column option bson.
func (o *objectIDs) option() (string, error) {
	if o.here {
		return bsonObjectIDName, nil
	}
	text, err := json.Marshal(o)
	return string(text), err
}

// parseObjectIDs reads the value of the column option bson.
func parseObjectIDs(option string) (*objectIDs, error) {
	if option == bsonObjectIDName {
		return &objectIDs{here: true}, nil
	}
	out := &objectIDs{}
	if err := json.Unmarshal([]byte(option), out); err != nil {
		return nil, err
	}
	if out.here || len(out.fields) == 0 {
		return nil, fmt.Errorf("it names no field")
	}
	return out, nil
}

// fits says what of it a type has no place for, "" for nothing: ObjectIds are text of 24 digits.
func (o *objectIDs) fits(t *types.Type) string {
	for t.Kind == types.Array {
		t = t.Elem
	}
	if o.here {
		if t.Kind == types.Text || t.Kind == types.Varchar && (t.Length() < 0 || t.Length() >= 24) {
			return ""
		}
		return "type " + t.String() + " does not hold the 24 digits of an ObjectId"
	}
	if t.Kind != types.Composite {
		return "type " + t.String() + " has no fields"
	}
	for name, f := range o.fields {
		i := slices.IndexFunc(t.Fields, func(tf types.Field) bool { return tf.Name == name })
		if i < 0 {
			return fmt.Sprintf("type %s has no field %q", t, name)
		}
		if why := f.fits(t.Fields[i].Type); why != "" {
			return why
		}
	}
	return ""
}
