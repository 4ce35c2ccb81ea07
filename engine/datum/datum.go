// Package datum is the Go form of one SQL value outside of vectors, and PostgreSQL 15's text form of it: its input
// and output functions, its btree order, and the way into and out of Arrow arrays.
//
// The Go form of each kind is written at the kinds of package types; NULL is nil. A datum is immutable: whoever
// gets one may keep it and share it, nobody changes it. Everything here is for edges (literals, parameters, catalog
// values, settings, tests): loops over rows work on buffers.
package datum

import (
	"time"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Interval is a span of time in PostgreSQL's three parts, which do not carry into one another. It is comparable,
// but equal intervals can differ in their parts: see [Compare].
type Interval struct {
	Months int32
	Days   int32
	Micros int64
}

// The infinities of Date and of Timestamp and TimestampTZ.
const (
	DateNegInfinity      int64 = -1 << 31
	DateInfinity         int64 = 1<<31 - 1
	TimestampNegInfinity int64 = -1 << 63
	TimestampInfinity    int64 = 1<<63 - 1
)

// Parse is the input function of t: the datum that PostgreSQL reads from s, with t's modifier applied as an
// assignment does (22001, 22003 when it does not fit). zone is the session's time zone, nil for UTC. Errors carry
// PostgreSQL's SQLSTATE and message: 22P02 and 22007 for syntax, 22003 and 22008 for values out of range. Strings
// whose meaning depends on the current time ('now', 'today') are refused: a datum is a constant.
func Parse(t *types.Type, s string, zone *time.Location) (any, error) {
	switch t.Kind {
	case types.Unknown, types.Text, types.Opaque:
		return s, nil
	case types.Bool:
		return parseBool(s)
	case types.Int2, types.Int4, types.Int8:
		return parseInt(t, s)
	case types.OID:
		return parseOID(s)
	case types.Float4, types.Float8:
		return parseFloat(t, s)
	case types.Numeric:
		return parseNumeric(t, s)
	case types.Money:
		return parseMoney(s)
	case types.Varchar, types.Bpchar, types.Name, types.Char:
		return parseString(t, s)
	case types.Bytea:
		return parseBytea(s)
	case types.UUID:
		return parseUUID(s)
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		return parseDatetime(t, s, zone)
	}
	return parseComposed(t, s, zone)
}

func parseDatetime(t *types.Type, s string, zone *time.Location) (any, error) {
	switch t.Kind {
	case types.Date:
		return parseDate(s, zone)
	case types.Time:
		return parseTime(t, s, zone)
	case types.TimeTZ:
		return parseTimeTZ(t, s, zone)
	case types.Interval:
		return parseInterval(t, s)
	}
	return parseTimestamp(t, s, zone)
}

func parseComposed(t *types.Type, s string, zone *time.Location) (any, error) {
	switch t.Kind {
	case types.JSON:
		return s, validateJSON(s)
	case types.JSONB:
		return parseJSONB(s)
	case types.Enum:
		return parseEnum(t, s)
	case types.Array:
		return parseArray(t, s, zone)
	case types.Composite:
		return parseRow(t, s, zone)
	case types.Range:
		return parseRange(t, s, zone)
	case types.Multirange:
		return parseMultirange(t, s, zone)
	case types.Bit:
		return parseBit(t, s)
	case types.Inet:
		return parseNetwork(t, s)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot accept a value of type %s", t)
}

// Append adds PostgreSQL's output text of v to dst. v is a datum of t, not nil. zone is the session's time zone, nil
// for UTC.
func Append(dst []byte, t *types.Type, v any, zone *time.Location) []byte {
	switch t.Kind {
	case types.Bool:
		return appendBool(dst, v.(bool))
	case types.Int2, types.Int4, types.Int8, types.OID:
		return appendInt(dst, v.(int64))
	case types.Float4:
		return AppendFloat(dst, v.(float64), 32)
	case types.Float8:
		return AppendFloat(dst, v.(float64), 64)
	case types.Numeric:
		return AppendNumeric(dst, v.(*apd.Decimal))
	case types.Money:
		return appendMoney(dst, v.(int64))
	case types.Bytea:
		return AppendBytea(dst, v.([]byte))
	case types.UUID:
		return AppendUUID(dst, v.([16]byte))
	case types.Date:
		return AppendDate(dst, v.(int64))
	case types.Time:
		return AppendTime(dst, v.(int64))
	case types.Timestamp:
		return AppendTimestamp(dst, v.(int64))
	case types.TimestampTZ:
		return AppendTimestampTZ(dst, v.(int64), zone)
	case types.Interval:
		return AppendInterval(dst, v.(Interval))
	case types.Enum:
		return append(dst, t.Labels[v.(int64)]...)
	case types.Array:
		return appendArray(dst, t, ArrayOf(v), zone)
	case types.Composite, types.Record:
		return appendRow(dst, t, v.([]any), zone)
	case types.Bpchar:
		return appendPadded(dst, t, v.(string))
	case types.Range, types.Multirange:
		return appendStored(dst, t, v.(string), zone)
	}
	return append(dst, v.(string)...)
}

// Text is [Append] as a string; NULL gives "NULL".
func Text(t *types.Type, v any, zone *time.Location) string {
	if v == nil {
		return "NULL"
	}
	return string(Append(nil, t, v, zone))
}

func syntaxError(typeName, s string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s: \"%s\"", typeName, s)
}

func rangeError(typeName, s string) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type %s", s, typeName)
}

func parseEnum(t *types.Type, s string) (any, error) {
	for i, l := range t.Labels {
		if l == s {
			return int64(i), nil
		}
	}
	return nil, sqlerr.New(sqlerr.InvalidText, "invalid input value for enum %s: \"%s\"", t.Name, s)
}

// zoneOrUTC gives UTC for the zero session zone.
func zoneOrUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
