package flightsql

import (
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
)

// Functions are the names of the engine's functions by JDBC's groups, for GetSqlInfo.
type Functions struct{ Numeric, String, System, Datetime []string }

// reserved are PostgreSQL 15's reserved keywords.
var reserved = []string{
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both", "case", "cast",
	"check", "collate", "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
	"current_role", "current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct",
	"do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in",
	"initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
	"localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing",
	"primary", "references", "returning", "right", "select", "session_user", "similar", "some", "symmetric", "table", "tablesample",
	"then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window", "with",
}

// bit is the mask of enum values.
func bit[E ~int32](values ...E) int32 {
	mask := int32(0)
	for _, v := range values {
		mask |= 1 << v
	}
	return mask
}

// identifierBytes is the longest identifier, as PostgreSQL cuts them.
const identifierBytes = 63

// sqlInfo is every SqlInfo that the protocol defines. A value is string, bool, int64, int32, []string or
// map[int32][]int32, as the definition asks: the drivers cast without looking.
func sqlInfo(cfg *Config) map[pb.SqlInfo]any {
	info := map[pb.SqlInfo]any{}
	maps.Copy(info, serverInfo(cfg))
	maps.Copy(info, syntaxInfo(cfg))
	maps.Copy(info, grammarInfo())
	maps.Copy(info, limitInfo())
	maps.Copy(info, transactionInfo())
	return info
}

func serverInfo(cfg *Config) map[pb.SqlInfo]any {
	return map[pb.SqlInfo]any{
		pb.SqlInfo_FLIGHT_SQL_SERVER_NAME:                          "Skein",
		pb.SqlInfo_FLIGHT_SQL_SERVER_VERSION:                       cfg.Version,
		pb.SqlInfo_FLIGHT_SQL_SERVER_ARROW_VERSION:                 arrow.PkgVersion,
		pb.SqlInfo_FLIGHT_SQL_SERVER_READ_ONLY:                     true,
		pb.SqlInfo_FLIGHT_SQL_SERVER_SQL:                           true,
		pb.SqlInfo_FLIGHT_SQL_SERVER_SUBSTRAIT:                     false,
		pb.SqlInfo_FLIGHT_SQL_SERVER_SUBSTRAIT_MIN_VERSION:         "",
		pb.SqlInfo_FLIGHT_SQL_SERVER_SUBSTRAIT_MAX_VERSION:         "",
		pb.SqlInfo_FLIGHT_SQL_SERVER_TRANSACTION:                   int32(pb.SqlSupportedTransaction_SQL_SUPPORTED_TRANSACTION_NONE),
		pb.SqlInfo_FLIGHT_SQL_SERVER_CANCEL:                        true,
		pb.SqlInfo_FLIGHT_SQL_SERVER_BULK_INGESTION:                false,
		pb.SqlInfo_FLIGHT_SQL_SERVER_INGEST_TRANSACTIONS_SUPPORTED: false,
		pb.SqlInfo_FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT:             int32(min(cfg.HandleTTL.Milliseconds(), 1<<31-1)),
		pb.SqlInfo_FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT:           int32(0),
	}
}

func syntaxInfo(cfg *Config) map[pb.SqlInfo]any {
	return map[pb.SqlInfo]any{
		pb.SqlInfo_SQL_DDL_CATALOG:                                false,
		pb.SqlInfo_SQL_DDL_SCHEMA:                                 false,
		pb.SqlInfo_SQL_DDL_TABLE:                                  false,
		pb.SqlInfo_SQL_IDENTIFIER_CASE:                            int32(pb.SqlSupportedCaseSensitivity_SQL_CASE_SENSITIVITY_LOWERCASE),
		pb.SqlInfo_SQL_IDENTIFIER_QUOTE_CHAR:                      `"`,
		pb.SqlInfo_SQL_QUOTED_IDENTIFIER_CASE:                     int32(pb.SqlSupportedCaseSensitivity_SQL_CASE_SENSITIVITY_UNKNOWN),
		pb.SqlInfo_SQL_ALL_TABLES_ARE_SELECTABLE:                  false,
		pb.SqlInfo_SQL_NULL_ORDERING:                              int32(pb.SqlNullOrdering_SQL_NULLS_SORTED_HIGH),
		pb.SqlInfo_SQL_KEYWORDS:                                   reserved,
		pb.SqlInfo_SQL_NUMERIC_FUNCTIONS:                          cfg.Functions.Numeric,
		pb.SqlInfo_SQL_STRING_FUNCTIONS:                           cfg.Functions.String,
		pb.SqlInfo_SQL_SYSTEM_FUNCTIONS:                           cfg.Functions.System,
		pb.SqlInfo_SQL_DATETIME_FUNCTIONS:                         cfg.Functions.Datetime,
		pb.SqlInfo_SQL_SEARCH_STRING_ESCAPE:                       `\`,
		pb.SqlInfo_SQL_EXTRA_NAME_CHARACTERS:                      "$",
		pb.SqlInfo_SQL_SUPPORTS_COLUMN_ALIASING:                   true,
		pb.SqlInfo_SQL_NULL_PLUS_NULL_IS_NULL:                     true,
		pb.SqlInfo_SQL_SUPPORTS_CONVERT:                           map[int32][]int32{},
		pb.SqlInfo_SQL_SUPPORTS_TABLE_CORRELATION_NAMES:           true,
		pb.SqlInfo_SQL_SUPPORTS_DIFFERENT_TABLE_CORRELATION_NAMES: false,
		pb.SqlInfo_SQL_SUPPORTS_EXPRESSIONS_IN_ORDER_BY:           true,
		pb.SqlInfo_SQL_SUPPORTS_ORDER_BY_UNRELATED:                true,
		pb.SqlInfo_SQL_SUPPORTS_LIKE_ESCAPE_CLAUSE:                true,
		pb.SqlInfo_SQL_SUPPORTS_NON_NULLABLE_COLUMNS:              true,
		pb.SqlInfo_SQL_SCHEMA_TERM:                                "schema",
		pb.SqlInfo_SQL_PROCEDURE_TERM:                             "function",
		pb.SqlInfo_SQL_CATALOG_TERM:                               "catalog",
		pb.SqlInfo_SQL_CATALOG_AT_START:                           true,
	}
}

func grammarInfo() map[pb.SqlInfo]any {
	return map[pb.SqlInfo]any{
		pb.SqlInfo_SQL_SUPPORTED_GROUP_BY: bit(pb.SqlSupportedGroupBy_SQL_GROUP_BY_UNRELATED, pb.SqlSupportedGroupBy_SQL_GROUP_BY_BEYOND_SELECT),
		pb.SqlInfo_SQL_SUPPORTED_GRAMMAR:  bit(pb.SupportedSqlGrammar_SQL_MINIMUM_GRAMMAR),
		// Entry level asks for INSERT, UPDATE and DELETE, which a read-only server does not have.
		pb.SqlInfo_SQL_ANSI92_SUPPORTED_LEVEL:                  int32(0),
		pb.SqlInfo_SQL_SUPPORTS_INTEGRITY_ENHANCEMENT_FACILITY: false,
		pb.SqlInfo_SQL_OUTER_JOINS_SUPPORT_LEVEL: bit(pb.SqlOuterJoinsSupportLevel_SQL_LIMITED_OUTER_JOINS,
			pb.SqlOuterJoinsSupportLevel_SQL_FULL_OUTER_JOINS),
		pb.SqlInfo_SQL_SCHEMAS_SUPPORTED_ACTIONS:     int32(0),
		pb.SqlInfo_SQL_CATALOGS_SUPPORTED_ACTIONS:    int32(0),
		pb.SqlInfo_SQL_SUPPORTED_POSITIONED_COMMANDS: int32(0),
		pb.SqlInfo_SQL_SELECT_FOR_UPDATE_SUPPORTED:   false,
		pb.SqlInfo_SQL_STORED_PROCEDURES_SUPPORTED:   false,
		pb.SqlInfo_SQL_SUPPORTED_SUBQUERIES: bit(pb.SqlSupportedSubqueries_SQL_SUBQUERIES_IN_COMPARISONS,
			pb.SqlSupportedSubqueries_SQL_SUBQUERIES_IN_EXISTS, pb.SqlSupportedSubqueries_SQL_SUBQUERIES_IN_INS),
		pb.SqlInfo_SQL_CORRELATED_SUBQUERIES_SUPPORTED: true,
		pb.SqlInfo_SQL_SUPPORTED_UNIONS:                bit(pb.SqlSupportedUnions_SQL_UNION, pb.SqlSupportedUnions_SQL_UNION_ALL),
	}
}

// limitInfo are the maximums, int64 each: 0 stands for none, or none known.
func limitInfo() map[pb.SqlInfo]any {
	info := map[pb.SqlInfo]any{}
	for id := pb.SqlInfo_SQL_MAX_BINARY_LITERAL_LENGTH; id <= pb.SqlInfo_SQL_MAX_USERNAME_LENGTH; id++ {
		info[id] = int64(0)
	}
	for _, id := range []pb.SqlInfo{
		pb.SqlInfo_SQL_MAX_COLUMN_NAME_LENGTH, pb.SqlInfo_SQL_DB_SCHEMA_NAME_LENGTH,
		pb.SqlInfo_SQL_MAX_CATALOG_NAME_LENGTH, pb.SqlInfo_SQL_MAX_TABLE_NAME_LENGTH,
	} {
		info[id] = int64(identifierBytes)
	}
	info[pb.SqlInfo_SQL_MAX_ROW_SIZE_INCLUDES_BLOBS] = true
	return info
}

func transactionInfo() map[pb.SqlInfo]any {
	forward := bit(pb.SqlSupportedResultSetType_SQL_RESULT_SET_TYPE_FORWARD_ONLY)
	readOnly := bit(pb.SqlSupportedResultSetConcurrency_SQL_RESULT_SET_CONCURRENCY_READ_ONLY)
	return map[pb.SqlInfo]any{
		// The definition says int32, the JDBC driver casts to long: bigint_value is what it can read, and 0 is
		// TRANSACTION_NONE for all.
		pb.SqlInfo_SQL_DEFAULT_TRANSACTION_ISOLATION:                             int64(pb.SqlTransactionIsolationLevel_SQL_TRANSACTION_NONE),
		pb.SqlInfo_SQL_TRANSACTIONS_SUPPORTED:                                    false,
		pb.SqlInfo_SQL_SUPPORTED_TRANSACTIONS_ISOLATION_LEVELS:                   bit(pb.SqlTransactionIsolationLevel_SQL_TRANSACTION_NONE),
		pb.SqlInfo_SQL_DATA_DEFINITION_CAUSES_TRANSACTION_COMMIT:                 false,
		pb.SqlInfo_SQL_DATA_DEFINITIONS_IN_TRANSACTIONS_IGNORED:                  false,
		pb.SqlInfo_SQL_SUPPORTED_RESULT_SET_TYPES:                                forward,
		pb.SqlInfo_SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED:        int32(0),
		pb.SqlInfo_SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY:       readOnly,
		pb.SqlInfo_SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE:   int32(0),
		pb.SqlInfo_SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE: int32(0),
		pb.SqlInfo_SQL_BATCH_UPDATES_SUPPORTED:                                   true,
		pb.SqlInfo_SQL_SAVEPOINTS_SUPPORTED:                                      false,
		pb.SqlInfo_SQL_NAMED_PARAMETERS_SUPPORTED:                                false,
		pb.SqlInfo_SQL_LOCATORS_UPDATE_COPY:                                      false,
		pb.SqlInfo_SQL_STORED_FUNCTIONS_USING_CALL_SYNTAX_SUPPORTED:              false,
	}
}

// The members of the answer's dense union.
const (
	infoString = iota
	infoBool
	infoInt64
	infoInt32
	infoStrings
	infoMap
)

// appendSQLInfo appends the ids asked for, all of them when none is named. Unknown ids are skipped: a client of a
// newer protocol must not lose the others.
func appendSQLInfo(b *array.RecordBuilder, info map[pb.SqlInfo]any, ids []uint32) {
	if len(ids) == 0 {
		for _, id := range slices.Sorted(maps.Keys(info)) {
			ids = append(ids, uint32(id))
		}
	}
	names, values := b.Field(0).(*array.Uint32Builder), b.Field(1).(*array.DenseUnionBuilder)
	for _, id := range ids {
		if v, ok := info[pb.SqlInfo(id)]; ok {
			names.Append(id)
			appendInfo(values, v)
		}
	}
}

func appendInfo(b *array.DenseUnionBuilder, v any) {
	switch v := v.(type) {
	case string:
		b.Append(infoString)
		b.Child(infoString).(*array.StringBuilder).Append(v)
	case bool:
		b.Append(infoBool)
		b.Child(infoBool).(*array.BooleanBuilder).Append(v)
	case int64:
		b.Append(infoInt64)
		b.Child(infoInt64).(*array.Int64Builder).Append(v)
	case int32:
		b.Append(infoInt32)
		b.Child(infoInt32).(*array.Int32Builder).Append(v)
	case []string:
		b.Append(infoStrings)
		list := b.Child(infoStrings).(*array.ListBuilder)
		list.Append(true)
		list.ValueBuilder().(*array.StringBuilder).AppendValues(v, nil)
	case map[int32][]int32:
		b.Append(infoMap)
		appendInfoMap(b.Child(infoMap).(*array.MapBuilder), v)
	}
}

func appendInfoMap(b *array.MapBuilder, v map[int32][]int32) {
	b.Append(true)
	items := b.ItemBuilder().(*array.ListBuilder)
	for _, k := range slices.Sorted(maps.Keys(v)) {
		b.KeyBuilder().(*array.Int32Builder).Append(k)
		items.Append(true)
		items.ValueBuilder().(*array.Int32Builder).AppendValues(v[k], nil)
	}
}
