package mongo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// mismatch is a value that its field's type does not hold. The reader knows which document and collection.
type mismatch struct {
	field    *field
	bsonType byte
	id       string // the document's _id as extended JSON
}

func (m *mismatch) Error() string {
	what := "a value of BSON type " + typeName(m.bsonType)
	if m.field.number() && isNumber(m.bsonType) {
		what = "a " + typeName(m.bsonType) + " that " + m.field.typ.String() + " does not hold exactly"
	}
	return fmt.Sprintf("field %s of the document with _id %s is %s; the column is %s", m.field.path, m.id, what, m.field.typ)
}

// withID completes a mismatch with the document's _id.
func withID(err error, doc []byte) error {
	var m *mismatch
	if !errors.As(err, &m) {
		return err
	}
	m.id = "(none)"
	if id, lookup := bson.Raw(doc).LookupErr("_id"); lookup == nil {
		if text := appendJSON(nil, byte(id.Type), id.Value); text != nil {
			m.id = string(text)
		}
	}
	return m
}

// mismatchError is what the statement's author sees: what did not fit, where, and the statements that cure it.
func mismatchError(m *mismatch, t *tableName, s *Scan) error {
	nested, top := len(m.field.parents) > 0, m.field
	if nested {
		top = m.field.parents[0]
	}
	column := s.table.Cols[slices.Index(s.detail.fields, top)].Name
	alter := fmt.Sprintf("ALTER FOREIGN TABLE %s ALTER COLUMN %s ", t, quoteIdentifier(column))
	e := sqlerr.New(sqlerr.FDWSchemaMismatch, "collection %s.%s: %w", t.database, t.collection, m).From(t.server)
	return e.WithHint("%sTYPE %s; or %sOPTIONS (ADD on_mismatch 'null') to read such values as NULL, "+
		"'json' to read the column as json", alter, cure(m, nested), alter+pin(m, nested, column))
}

// pin keeps the type that the column has now: a later sample may see the value that did not fit and choose json.
func pin(m *mismatch, nested bool, column string) string {
	if nested || m.field.op == opComposite || m.field.op == opArray {
		return ""
	}
	return fmt.Sprintf("TYPE %s, ALTER COLUMN %s ", m.field.typ, quoteIdentifier(column))
}

// cure is the type that holds the column's values and the one that did not fit.
func cure(m *mismatch, nested bool) *types.Type {
	switch {
	case nested || m.field.op == opComposite || m.field.op == opArray:
		return types.JSONT
	case m.field.number() && isNumber(m.bsonType):
		if m.bsonType == bsonInt64 && (m.field.op == opInt4 || m.field.op == opInt2) {
			return types.Int8T
		}
		return types.NumericT
	}
	return types.JSONT
}

// tableName names a collection as SQL does, for messages.
type tableName struct{ server, database, collection string }

func (t *tableName) String() string {
	return quoteIdentifier(t.server) + "." + quoteIdentifier(t.database) + "." + quoteIdentifier(t.collection)
}

// quoteIdentifier quotes a name unless it is plain lower case.
func quoteIdentifier(s string) string {
	plain := s != ""
	for i, r := range s {
		plain = plain && (r == '_' || r >= 'a' && r <= 'z' || i > 0 && r >= '0' && r <= '9')
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func isNumber(t byte) bool {
	return t == bsonInt32 || t == bsonInt64 || t == bsonDouble || t == bsonDecimal
}

var typeNames = map[byte]string{
	bsonDouble: "double", bsonString: "string", bsonDocument: "object", bsonArray: "array", bsonBinary: "binData",
	bsonUndefined: "undefined", bsonObjectID: "objectId", bsonBool: "bool", bsonDate: "date", bsonNull: "null",
	bsonRegex: "regex", bsonDBPointer: "dbPointer", bsonJavaScript: "javascript", bsonSymbol: "symbol",
	bsonScope: "javascriptWithScope", bsonInt32: "int", bsonTimestamp: "timestamp", bsonInt64: "long",
	bsonDecimal: "decimal", bsonMinKey: "minKey", bsonMaxKey: "maxKey",
}

// typeName is a BSON type's alias in MongoDB's $type.
func typeName(t byte) string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return fmt.Sprintf("0x%02x", t)
}

func decimalText(v []byte) string {
	return bson.RawValue{Type: bson.TypeDecimal128, Value: v}.Decimal128().String()
}
