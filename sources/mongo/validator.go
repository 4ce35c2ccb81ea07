package mongo

import "go.mongodb.org/mongo-driver/v2/bson"

// schemaShape reads a $jsonSchema validator's properties into a shape; ok is false when it names none.
func schemaShape(validator bson.Raw) (s *shape, ok bool) {
	schema, ok := validator.Lookup("$jsonSchema").DocumentOK()
	if !ok {
		return nil, false
	}
	s = &shape{}
	readSchema(s, schema, 0)
	return s, len(s.fields) > 0
}

func readSchema(s *shape, schema bson.Raw, depth int) {
	for _, key := range []string{"bsonType", "type"} {
		v := schema.Lookup(key)
		if name, ok := v.StringValueOK(); ok {
			s.kinds |= schemaKinds[name]
		} else if names, ok := v.ArrayOK(); ok {
			values, _ := names.Values()
			for _, n := range values {
				name, _ := n.StringValueOK()
				s.kinds |= schemaKinds[name]
			}
		}
	}
	if s.kinds == 0 && depth > 0 && schema.Lookup("properties").Type == 0 {
		s.kinds = kindOther // no type, or one of enum and the like: anything
	}
	if depth >= maxDepth {
		return
	}
	if properties, ok := schema.Lookup("properties").DocumentOK(); ok {
		s.kinds |= kindDocument
		elements, _ := properties.Elements()
		for i, e := range elements {
			if p, ok := e.Value().DocumentOK(); ok {
				readSchema(s.field(e.Key(), i), p, depth+1)
			}
		}
	}
	if items, ok := schema.Lookup("items").DocumentOK(); ok {
		readSchema(s.element(), items, depth+1)
	}
}

// schemaKinds are the kinds of the names of $jsonSchema's bsonType and type; "null" allows nothing more, because every
// field may be missing.
var schemaKinds = map[string]kinds{
	"int": kindInt32, "long": kindInt64, "double": kindDouble, "decimal": kindDecimal, "bool": kindBool,
	"boolean": kindBool, "string": kindString, "date": kindDate, "objectId": kindObjectID, "binData": kindBinary,
	"object": kindDocument, "array": kindArray, "number": kindInt32 | kindInt64 | kindDouble | kindDecimal,
	"timestamp": kindOther, "regex": kindOther, "javascript": kindOther, "symbol": kindOther, "minKey": kindOther,
	"maxKey": kindOther, "dbPointer": kindOther, "javascriptWithScope": kindOther,
}
