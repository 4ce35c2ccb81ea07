package flightsql

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/schema_ref"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func ptr[T any](v T) *T { return &v }

func shop(t *testing.T) *sql.Client {
	f := serve(t, nil)
	f.engine.tables = shopTables()
	return f.client(t)
}

// answer fetches a metadata result and checks that it has the protocol's schema everywhere.
func answer(t *testing.T, c *sql.Client, want *arrow.Schema) func(*flight.FlightInfo, error) arrow.RecordBatch {
	return func(info *flight.FlightInfo, err error) arrow.RecordBatch {
		t.Helper()
		require.NoError(t, err)
		s, err := flight.DeserializeSchema(info.Schema, memory.DefaultAllocator)
		require.NoError(t, err)
		require.True(t, s.Equal(want), "%v\n%v", s, want)
		recs, err := fetch(t.Context(), c, info)
		require.NoError(t, err)
		if len(recs) == 0 {
			return array.NewRecordBatch(want, emptyColumns(want), 0)
		}
		require.Len(t, recs, 1)
		return recs[0]
	}
}

func emptyColumns(s *arrow.Schema) []arrow.Array {
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	return b.NewRecordBatch().Columns()
}

func column(rec arrow.RecordBatch, i int) []string {
	out := []string{}
	for r := range int(rec.NumRows()) {
		out = append(out, rec.Column(i).ValueStr(r))
	}
	return out
}

func TestCatalogsAndSchemas(t *testing.T) {
	c := shop(t)
	rec := answer(t, c, schema_ref.Catalogs)(c.GetCatalogs(t.Context()))
	require.Equal(t, []string{"crm", "skein"}, column(rec, 0))
	schemas := answer(t, c, schema_ref.DBSchemas)
	require.Equal(t, []string{"public", "sales", "shop"}, column(schemas(c.GetDBSchemas(t.Context(), &sql.GetDBSchemasOpts{})), 1))
	require.Equal(t, []string{"sales", "shop"}, column(schemas(c.GetDBSchemas(t.Context(), &sql.GetDBSchemasOpts{DbSchemaFilterPattern: ptr("s%")})), 1))
	require.Empty(t, column(schemas(c.GetDBSchemas(t.Context(), &sql.GetDBSchemasOpts{Catalog: ptr("")})), 1), "none is without a catalog")
}

func TestTables(t *testing.T) {
	c := shop(t)
	tables := answer(t, c, schema_ref.Tables)
	all := tables(c.GetTables(t.Context(), &sql.GetTablesOpts{}))
	require.Equal(t, []string{"aXb", "a_b", "orders", "history"}, column(all, 2))
	require.Equal(t, []string{"TABLE", "TABLE", "TABLE", "VIEW"}, column(all, 3))
	require.Equal(t, []string{"history"}, column(tables(c.GetTables(t.Context(), &sql.GetTablesOpts{TableTypes: []string{"view"}})), 2))
	require.Len(t, column(tables(c.GetTables(t.Context(), &sql.GetTablesOpts{TableTypes: []string{"TABLE", "SYNONYM"}})), 2), 3)
	require.Empty(t, column(tables(c.GetTables(t.Context(), &sql.GetTablesOpts{TableTypes: []string{"SYNONYM"}})), 2))
	require.Empty(t, column(tables(c.GetTables(t.Context(), &sql.GetTablesOpts{Catalog: ptr("")})), 2))

	// GetTableSchema of ADBC sends the name a_b as a pattern and takes the first row.
	rec := answer(t, c, schema_ref.TablesWithIncludedSchema)(c.GetTables(t.Context(), &sql.GetTablesOpts{TableNameFilterPattern: ptr("a_b"), IncludeSchema: true}))
	require.Equal(t, []string{"a_b", "aXb"}, column(rec, 2))
	s, err := flight.DeserializeSchema(rec.Column(4).(*array.Binary).Value(0), memory.DefaultAllocator)
	require.NoError(t, err)
	require.False(t, s.Field(0).Nullable)
	require.True(t, s.Field(1).Nullable)
	name, ok := s.Field(0).Metadata.GetValue(sql.TypeNameKey)
	require.True(t, ok)
	require.Equal(t, "int8", name)

	types := answer(t, c, schema_ref.TableTypes)(c.GetTableTypes(t.Context()))
	require.Equal(t, []string{"FOREIGN TABLE", "MATERIALIZED VIEW", "PARTITIONED TABLE", "TABLE", "VIEW"}, column(types, 0))
}

func TestKeys(t *testing.T) {
	c := shop(t)
	a := sql.TableRef{Catalog: ptr("crm"), DBSchema: ptr("public"), Table: "a_b"}
	orders := sql.TableRef{Table: "orders"}
	rec := answer(t, c, schema_ref.PrimaryKeys)(c.GetPrimaryKeys(t.Context(), a))
	require.Equal(t, []string{"id", "name"}, column(rec, 3))
	require.Equal(t, []string{"1", "2"}, column(rec, 4))
	require.Equal(t, []string{"a_b", "a_b"}, column(rec, 2), "the name is no pattern")

	keys := answer(t, c, schema_ref.ImportedExportedKeysAndCrossReference)
	for _, rec := range []arrow.RecordBatch{
		keys(c.GetImportedKeys(t.Context(), orders)),
		keys(c.GetExportedKeys(t.Context(), a)),
		keys(c.GetCrossReference(t.Context(), a, orders)),
	} {
		require.Equal(t, []string{"a_b"}, column(rec, 2))
		require.Equal(t, []string{"orders"}, column(rec, 6))
		require.Equal(t, []string{"orders_fk"}, column(rec, 9))
		require.Equal(t, []string{"3"}, column(rec, 11))
		require.Equal(t, []string{"0"}, column(rec, 12))
	}
	require.Empty(t, column(keys(c.GetExportedKeys(t.Context(), orders)), 2))
	require.Empty(t, column(keys(c.GetImportedKeys(t.Context(), a)), 2))
}

func TestSQLInfo(t *testing.T) {
	c := shop(t)
	info := answer(t, c, schema_ref.SqlInfo)
	all := info(c.GetSqlInfo(t.Context(), nil))
	have := map[uint32]any{}
	for i := range int(all.NumRows()) {
		u := all.Column(1).(*array.DenseUnion)
		code := u.TypeCode(i)
		have[all.Column(0).(*array.Uint32).Value(i)] = code
	}
	for id := range pb.SqlInfo_name {
		require.Contains(t, have, uint32(id), pb.SqlInfo_name[id])
	}
	require.Len(t, have, len(pb.SqlInfo_name), "no ids of our own")
	require.EqualValues(t, infoInt32, have[uint32(pb.SqlInfo_FLIGHT_SQL_SERVER_TRANSACTION)])
	require.EqualValues(t, infoInt32, have[uint32(pb.SqlInfo_FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT)])
	require.EqualValues(t, infoInt64, have[uint32(pb.SqlInfo_SQL_MAX_COLUMN_NAME_LENGTH)])
	require.EqualValues(t, infoBool, have[uint32(pb.SqlInfo_SQL_MAX_ROW_SIZE_INCLUDES_BLOBS)])

	some := info(c.GetSqlInfo(t.Context(), []sql.SqlInfo{0, 8, 99_999}))
	require.Equal(t, []string{"0", "8"}, column(some, 0), "unknown ids are skipped")
}

func TestTypeInfo(t *testing.T) {
	c := shop(t)
	types := answer(t, c, schema_ref.XdbcTypeInfo)
	all := types(c.GetXdbcTypeInfo(t.Context(), nil))
	require.EqualValues(t, len(typeInfos), all.NumRows())
	require.Equal(t, []string{"date"}, column(types(c.GetXdbcTypeInfo(t.Context(), ptr(int32(91)))), 0))
}

func TestSchemasOfMetadata(t *testing.T) {
	c := shop(t)
	res, err := c.GetTablesSchema(t.Context(), &sql.GetTablesOpts{IncludeSchema: true})
	require.NoError(t, err)
	s, err := flight.DeserializeSchema(res.Schema, memory.DefaultAllocator)
	require.NoError(t, err)
	require.True(t, s.Equal(schema_ref.TablesWithIncludedSchema))
}

// TestRefused: what is not there is Unimplemented, which clients take as an answer to a probe.
func TestRefused(t *testing.T) {
	c := shop(t)
	_, err := c.BeginTransaction(t.Context())
	require.Equal(t, codes.Unimplemented, status.Code(err))
	_, err = c.ExecuteSubstrait(t.Context(), sql.SubstraitPlan{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	_, err = c.ExecuteSubstraitUpdate(t.Context(), sql.SubstraitPlan{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	_, err = c.PrepareSubstrait(t.Context(), sql.SubstraitPlan{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	_, err = c.Client.PollFlightInfo(t.Context(), describe(t, &pb.CommandGetCatalogs{}))
	require.Equal(t, codes.Unimplemented, status.Code(err))
	r, err := array.NewRecordReader(ints(0, 1, 1).Schema(), []arrow.RecordBatch{ints(0, 1, 1)})
	require.NoError(t, err)
	_, err = c.ExecuteIngest(t.Context(), r, &sql.ExecuteIngestOpts{Table: "x", TableDefinitionOptions: &sql.TableDefinitionOptions{}})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	for _, id := range []string{sql.BeginSavepointActionType, sql.EndSavepointActionType, sql.EndTransactionActionType, "Nonsense"} {
		s, err := c.Client.DoAction(t.Context(), &flight.Action{Type: id})
		require.NoError(t, err)
		_, err = s.Recv()
		require.Equal(t, codes.Unimplemented, status.Code(err))
	}
	_, err = c.Client.GetFlightInfo(t.Context(), describe(t, &pb.CommandStatementQuery{Query: "SHOW timezone", TransactionId: []byte("x")}))
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestListActions(t *testing.T) {
	c := shop(t)
	s, err := c.Client.ListActions(t.Context(), &flight.Empty{})
	require.NoError(t, err)
	var names []string
	for {
		a, err := s.Recv()
		if err != nil {
			break
		}
		names = append(names, a.Type)
	}
	require.ElementsMatch(t, []string{
		"CreatePreparedStatement", "ClosePreparedStatement", "CancelQuery", "CancelFlightInfo",
		"SetSessionOptions", "GetSessionOptions", "CloseSession",
	}, names)
}
