package flightsql

import (
	"github.com/apache/arrow-go/v18/arrow/array"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
)

// typeInfo is one row of GetXdbcTypeInfo: a SQL type as ODBC sees it.
type typeInfo struct {
	name       string
	kind       pb.XdbcDataType
	size       int32 // digits or characters at most; 0: NULL
	quote      string
	params     []string
	caseful    bool
	number     bool  // signed, with a radix
	minScale   int32 // of numbers and times; scales is set when they apply
	maxScale   int32
	scales     bool
	sql        pb.XdbcDataType
	subcode    pb.XdbcDatetimeSubcode // 0: NULL
	searchable pb.Searchable
	radix      int32
}

// typeInfos are the SQL types that the engine answers in, ordered by type code as the protocol asks.
var typeInfos = []typeInfo{
	{name: "bool", kind: pb.XdbcDataType_XDBC_BIT, size: 1, sql: pb.XdbcDataType_XDBC_BIT, searchable: basic},
	{name: "int8", kind: pb.XdbcDataType_XDBC_BIGINT, size: 19, number: true, scales: true, radix: 10, sql: pb.XdbcDataType_XDBC_BIGINT, searchable: basic},
	{name: "bytea", kind: pb.XdbcDataType_XDBC_VARBINARY, quote: "'", sql: pb.XdbcDataType_XDBC_VARBINARY, searchable: basic},
	{name: "text", kind: pb.XdbcDataType_XDBC_LONGVARCHAR, quote: "'", caseful: true, sql: pb.XdbcDataType_XDBC_LONGVARCHAR, searchable: full},
	{name: "bpchar", kind: pb.XdbcDataType_XDBC_CHAR, size: 10485760, quote: "'", params: []string{"length"}, caseful: true, sql: pb.XdbcDataType_XDBC_CHAR, searchable: full},
	{name: "uuid", kind: pb.XdbcDataType_XDBC_CHAR, size: 36, quote: "'", sql: pb.XdbcDataType_XDBC_CHAR, searchable: basic},
	{
		name: "numeric", kind: pb.XdbcDataType_XDBC_NUMERIC, size: 76, params: []string{"precision", "scale"}, number: true,
		scales: true, maxScale: 76, radix: 10, sql: pb.XdbcDataType_XDBC_NUMERIC, searchable: basic,
	},
	{name: "int4", kind: pb.XdbcDataType_XDBC_INTEGER, size: 10, number: true, scales: true, radix: 10, sql: pb.XdbcDataType_XDBC_INTEGER, searchable: basic},
	{name: "int2", kind: pb.XdbcDataType_XDBC_SMALLINT, size: 5, number: true, scales: true, radix: 10, sql: pb.XdbcDataType_XDBC_SMALLINT, searchable: basic},
	{name: "float4", kind: pb.XdbcDataType_XDBC_REAL, size: 24, number: true, radix: 2, sql: pb.XdbcDataType_XDBC_REAL, searchable: basic},
	{name: "float8", kind: pb.XdbcDataType_XDBC_DOUBLE, size: 53, number: true, radix: 2, sql: pb.XdbcDataType_XDBC_DOUBLE, searchable: basic},
	{name: "varchar", kind: pb.XdbcDataType_XDBC_VARCHAR, size: 10485760, quote: "'", params: []string{"length"}, caseful: true, sql: pb.XdbcDataType_XDBC_VARCHAR, searchable: full},
	{name: "json", kind: pb.XdbcDataType_XDBC_VARCHAR, quote: "'", caseful: true, sql: pb.XdbcDataType_XDBC_VARCHAR, searchable: pb.Searchable_SEARCHABLE_NONE},
	{name: "jsonb", kind: pb.XdbcDataType_XDBC_VARCHAR, quote: "'", caseful: true, sql: pb.XdbcDataType_XDBC_VARCHAR, searchable: basic},
	{
		name: "date", kind: pb.XdbcDataType_XDBC_DATE, size: 10, quote: "'", sql: pb.XdbcDataType_XDBC_DATETIME,
		subcode: pb.XdbcDatetimeSubcode_XDBC_SUBCODE_DATE, searchable: basic,
	},
	{
		name: "time", kind: pb.XdbcDataType_XDBC_TIME, size: 15, quote: "'", scales: true, maxScale: 6, sql: pb.XdbcDataType_XDBC_DATETIME,
		subcode: pb.XdbcDatetimeSubcode_XDBC_SUBCODE_TIME, searchable: basic,
	},
	{
		name: "timestamp", kind: pb.XdbcDataType_XDBC_TIMESTAMP, size: 26, quote: "'", scales: true, maxScale: 6, sql: pb.XdbcDataType_XDBC_DATETIME,
		subcode: pb.XdbcDatetimeSubcode_XDBC_SUBCODE_TIMESTAMP, searchable: basic,
	},
	{
		name: "timestamptz", kind: pb.XdbcDataType_XDBC_TIMESTAMP, size: 32, quote: "'", scales: true, maxScale: 6, sql: pb.XdbcDataType_XDBC_DATETIME,
		subcode: pb.XdbcDatetimeSubcode_XDBC_SUBCODE_TIMESTAMP_WITH_TIMEZONE, searchable: basic,
	},
}

const (
	basic = pb.Searchable_SEARCHABLE_BASIC
	full  = pb.Searchable_SEARCHABLE_FULL
)

// appendTypeInfo appends all types, or those of one type code.
func appendTypeInfo(b *array.RecordBuilder, kind *int32) {
	for _, t := range typeInfos {
		if kind == nil || *kind == int32(t.kind) {
			t.append(b)
		}
	}
}

func (t *typeInfo) append(b *array.RecordBuilder) {
	appendStrings(b, t.name)
	int32At(b, 1, int32(t.kind), true)
	int32At(b, 2, t.size, t.size > 0)
	stringAt(b, 3, t.quote, t.quote != "")
	stringAt(b, 4, t.quote, t.quote != "")
	params := b.Field(5).(*array.ListBuilder)
	params.Append(t.params != nil)
	params.ValueBuilder().(*array.StringBuilder).AppendValues(t.params, nil)
	int32At(b, 6, int32(pb.Nullable_NULLABILITY_NULLABLE), true)
	boolAt(b, 7, t.caseful, true)
	int32At(b, 8, int32(t.searchable), true)
	boolAt(b, 9, false, t.number)
	boolAt(b, 10, false, true)
	boolAt(b, 11, false, t.number)
	stringAt(b, 12, t.name, true)
	int32At(b, 13, t.minScale, t.scales)
	int32At(b, 14, t.maxScale, t.scales)
	int32At(b, 15, int32(t.sql), true)
	int32At(b, 16, int32(t.subcode), t.subcode != 0)
	int32At(b, 17, t.radix, t.radix != 0)
	int32At(b, 18, 0, false)
}

func int32At(b *array.RecordBuilder, i int, v int32, valid bool) {
	b.Field(i).(*array.Int32Builder).AppendValues([]int32{v}, []bool{valid})
}

func stringAt(b *array.RecordBuilder, i int, v string, valid bool) {
	b.Field(i).(*array.StringBuilder).AppendValues([]string{v}, []bool{valid})
}

func boolAt(b *array.RecordBuilder, i int, v, valid bool) {
	b.Field(i).(*array.BooleanBuilder).AppendValues([]bool{v}, []bool{valid})
}
