package flightsql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql/schema_ref"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// metadataSchema is the protocol's reference schema for a metadata command's answer: clients compare it exactly.
func metadataSchema(cmd proto.Message) (*arrow.Schema, error) {
	switch cmd := cmd.(type) {
	case *pb.CommandGetCatalogs:
		return schema_ref.Catalogs, nil
	case *pb.CommandGetDbSchemas:
		return schema_ref.DBSchemas, nil
	case *pb.CommandGetTables:
		if cmd.IncludeSchema {
			return schema_ref.TablesWithIncludedSchema, nil
		}
		return schema_ref.Tables, nil
	case *pb.CommandGetTableTypes:
		return schema_ref.TableTypes, nil
	case *pb.CommandGetPrimaryKeys:
		return schema_ref.PrimaryKeys, nil
	case *pb.CommandGetExportedKeys, *pb.CommandGetImportedKeys, *pb.CommandGetCrossReference:
		return schema_ref.ImportedExportedKeysAndCrossReference, nil
	case *pb.CommandGetSqlInfo:
		return schema_ref.SqlInfo, nil
	case *pb.CommandGetXdbcTypeInfo:
		return schema_ref.XdbcTypeInfo, nil
	case *pb.CommandStatementSubstraitPlan:
		return nil, errSubstrait
	case *pb.CommandStatementIngest:
		return nil, sqlerr.Unsupported("bulk ingestion")
	}
	return nil, badRequest("the command %s returns no rows", cmd.ProtoReflect().Descriptor().Name())
}

// fetchMetadata answers a metadata command in the call's session.
func (s *Server) fetchMetadata(c *call, g *grant, out grpc.ServerStream) error {
	cmd, err := unpackAny(g.command)
	if err != nil {
		return err
	}
	schema, err := metadataSchema(cmd)
	if err != nil {
		return err
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	defer b.Release()
	if err := s.describe(c, cmd, b); err != nil {
		return err
	}
	return s.send(c, out, schema, &records{schema: schema, left: []arrow.RecordBatch{b.NewRecordBatch()}})
}

func (s *Server) describe(c *call, cmd proto.Message, b *array.RecordBuilder) error {
	switch cmd := cmd.(type) {
	case *pb.CommandGetSqlInfo:
		appendSQLInfo(b, sqlInfo(&s.cfg), cmd.Info)
		return nil
	case *pb.CommandGetXdbcTypeInfo:
		appendTypeInfo(b, cmd.DataType)
		return nil
	case *pb.CommandGetTableTypes:
		for _, t := range tableTypes {
			appendStrings(b, t.shown)
		}
		return nil
	}
	session, err := c.open()
	if err != nil {
		return err
	}
	switch cmd := cmd.(type) {
	case *pb.CommandGetCatalogs:
		return describeCatalogs(c, session, b)
	case *pb.CommandGetDbSchemas:
		return describeSchemas(c, session, cmd, b)
	case *pb.CommandGetTables:
		return describeTables(c, session, cmd, b)
	}
	return describeKeys(c, session, cmd, b)
}

// appendStrings appends one row of leading string columns.
func appendStrings(b *array.RecordBuilder, values ...string) {
	for i, v := range values {
		b.Field(i).(*array.StringBuilder).Append(v)
	}
}

func describeCatalogs(c *call, session Session, b *array.RecordBuilder) error {
	names, err := session.Catalogs(c.ctx)
	for _, name := range names {
		appendStrings(b, name)
	}
	return err
}

// without says that a filter asks for things that have no catalog, or no schema: there are none.
func without(name *string) bool { return name != nil && *name == "" }

func describeSchemas(c *call, session Session, cmd *pb.CommandGetDbSchemas, b *array.RecordBuilder) error {
	if without(cmd.Catalog) {
		return nil
	}
	pairs, err := session.Schemas(c.ctx, cmd.Catalog, cmd.DbSchemaFilterPattern)
	for _, p := range pairs {
		appendStrings(b, p[0], p[1])
	}
	return err
}

// tableTypes are the engine's types and what clients are shown: the JDBC driver looks for "TABLE".
var tableTypes = []struct {
	own   sources.TableType
	shown string
}{
	{sources.ForeignTable, "FOREIGN TABLE"},
	{sources.MaterializedView, "MATERIALIZED VIEW"},
	{sources.PartitionedTable, "PARTITIONED TABLE"},
	{sources.BaseTable, "TABLE"},
	{sources.ViewTable, "VIEW"},
}

func shownType(t sources.TableType) string {
	for _, tt := range tableTypes {
		if tt.own == t {
			return tt.shown
		}
	}
	return string(t)
}

// ownTypes translates a filter. Empty means all; a filter of unknown types alone matches nothing.
func ownTypes(shown []string) (own []string, none bool) {
	for _, want := range shown {
		for _, t := range tableTypes {
			if strings.EqualFold(want, t.shown) || strings.EqualFold(want, string(t.own)) {
				own = append(own, string(t.own))
			}
		}
	}
	return own, len(shown) > 0 && len(own) == 0
}

func describeTables(c *call, session Session, cmd *pb.CommandGetTables, b *array.RecordBuilder) error {
	types, none := ownTypes(cmd.TableTypes)
	if none || without(cmd.Catalog) {
		return nil
	}
	tables, err := session.Tables(c.ctx, engine.TableFilter{
		Catalog: cmd.Catalog, SchemaPattern: cmd.DbSchemaFilterPattern, TablePattern: cmd.TableNameFilterPattern,
		Types: types, Columns: cmd.IncludeSchema,
	})
	if err != nil {
		return err
	}
	if cmd.IncludeSchema {
		exactFirst(tables, cmd)
	}
	for _, t := range tables {
		appendStrings(b, t.Catalog, t.Schema, t.Name, shownType(t.Type))
		if cmd.IncludeSchema {
			schema := t.ArrowSchema
			if schema == nil {
				schema = noColumns
			}
			b.Field(4).(*array.BinaryBuilder).Append(serialize(wireSchema(schema)))
		}
	}
	return nil
}

// exactFirst moves tables whose names are the patterns themselves to the front: ADBC's GetTableSchema sends names as
// patterns without escaping them, and takes the first row.
func exactFirst(tables []engine.TableInfo, cmd *pb.CommandGetTables) {
	rank := func(t engine.TableInfo) int {
		n := 0
		if cmd.TableNameFilterPattern != nil && t.Name != *cmd.TableNameFilterPattern {
			n += 2
		}
		if cmd.DbSchemaFilterPattern != nil && t.Schema != *cmd.DbSchemaFilterPattern {
			n++
		}
		return n
	}
	if cmd.TableNameFilterPattern == nil || strings.Contains(*cmd.TableNameFilterPattern, "%") {
		return
	}
	slices.SortStableFunc(tables, func(a, b engine.TableInfo) int { return cmp.Compare(rank(a), rank(b)) })
}
