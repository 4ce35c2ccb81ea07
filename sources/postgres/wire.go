package postgres

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/types"
)

// errShape says that a value does not have the shape of the type that was bound: an enum has a label, a composite a
// field that was not there.
var errShape = errors.New("a value does not have the shape of its type")

// wireText says whether values of t come as PostgreSQL's text, by a cast in the select list, because their binary
// form is of no use: it is what the engine keeps for them anyway.
func wireText(t *types.Type) bool {
	switch t.Kind {
	case types.Char, types.TimeTZ, types.Range, types.Multirange, types.Bit, types.Inet, types.Opaque, types.Unknown:
		return true
	}
	return false
}

// readable says whether values of t can be read as they are or by a cast; what cannot is declared opaque.
func readable(t *types.Type) bool {
	switch t.Kind {
	case types.Array:
		return t.Elem.Kind != types.Array && (wireText(t.Elem) || readable(t.Elem))
	case types.Composite, types.Record:
		for _, f := range t.Fields {
			if wireText(f.Type) || f.Type.Kind == types.Array && wireText(f.Type.Elem) || !readable(f.Type) {
				return false
			}
		}
		return len(t.Fields) > 0
	}
	return true
}

// selectItem is an expression of type t as newColumn reads it. An inet is printed by its output function: its cast to
// text adds a mask. An array goes through its own text, so that its elements are printed by theirs.
func selectItem(sql string, t *types.Type) string {
	switch {
	case t.Kind == types.Inet && t.OID == types.InetT.OID:
		return "pg_catalog.textin(pg_catalog.inet_out(" + sql + "))"
	case wireText(t):
		return "(" + sql + ")::pg_catalog.text"
	case t.Kind == types.Array && wireText(t.Elem):
		return "(" + sql + ")::pg_catalog.text::pg_catalog.text[]"
	}
	return sql
}

// newColumn reads values of t. utf8 asks for a check of every text.
func newColumn(t *types.Type, utf8 bool) column {
	dt := t.Arrow()
	switch t.Kind {
	case types.Bool:
		return &boolColumn{}
	case types.Int2:
		return &int2Column{fixed[uint16]{dt: dt}}
	case types.Int4, types.Float4:
		return &int4Column{fixed[uint32]{dt: dt}}
	case types.Int8, types.Float8, types.Money, types.Time:
		return &int8Column{fixed[uint64]{dt: dt}}
	case types.OID:
		return &oidColumn{fixed[uint64]{dt: dt}}
	case types.Date:
		return &dateColumn{fixed[uint32]{dt: dt}}
	case types.Timestamp, types.TimestampTZ:
		return &timestampColumn{fixed[uint64]{dt: dt}}
	case types.Numeric:
		return newNumericColumn(t, dt)
	case types.Interval:
		return &intervalColumn{wideColumn{dt: dt}}
	case types.UUID:
		return &uuidColumn{wideColumn{dt: dt}}
	case types.Enum:
		return newEnumColumn(t, dt)
	case types.Array:
		if t.Dims > 0 {
			return &shapedColumn{dt: dt.(*arrow.StructType), elem: newColumn(t.Elem, utf8)}
		}
		return &listColumn{dt: dt, elem: newColumn(t.Elem, utf8)}
	case types.Composite, types.Record:
		return newStructColumn(t, dt, utf8)
	case types.Bytea:
		return &bytesColumn{dt: dt}
	case types.JSONB:
		return &bytesColumn{dt: dt, version: 1, utf8: utf8}
	}
	return &bytesColumn{dt: dt, utf8: utf8}
}

func newNumericColumn(t *types.Type, dt arrow.DataType) column {
	switch t.NumericStorage() {
	case types.Decimal64:
		return &decimal64Column{fixed[uint64]{dt: dt}, int(t.Precision), int(t.Scale)}
	case types.Decimal128:
		return &decimal128Column{wideColumn{dt: dt}, int(t.Precision), int(t.Scale)}
	}
	return &numericColumn{}
}

func newEnumColumn(t *types.Type, dt arrow.DataType) column {
	positions := make(map[string]uint32, len(t.Labels))
	for i, label := range t.Labels {
		positions[label] = uint32(i) // PostgreSQL allows far fewer
	}
	return &enumColumn{fixed: fixed[uint32]{dt: dt}, positions: positions}
}

func newStructColumn(t *types.Type, dt arrow.DataType, utf8 bool) column {
	c := &structColumn{dt: dt, items: make([][]uint32, len(t.Fields)), oids: make([]uint32, len(t.Fields))}
	for i, f := range t.Fields {
		c.fields, c.oids[i] = append(c.fields, newColumn(f.Type, utf8)), f.Type.OID
	}
	return c
}
