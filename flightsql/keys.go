package flightsql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/protobuf/proto"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/sources"
)

// tableRef is a table as the key commands name it: exact, nil for any.
type tableRef struct {
	catalog, schema *string
	table           string
}

func (r tableRef) filter() engine.TableFilter {
	f := engine.TableFilter{Catalog: r.catalog, Keys: true}
	if r.schema != nil {
		f.SchemaPattern = exactly(*r.schema)
	}
	f.TablePattern = exactly(r.table)
	return f
}

func (r tableRef) matches(catalog, schema, table string) bool {
	return (r.catalog == nil || *r.catalog == catalog) && (r.schema == nil || *r.schema == schema) && r.table == table
}

// exactly is the LIKE pattern that matches name alone.
func exactly(name string) *string {
	p := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(name)
	return &p
}

func describeKeys(c *call, session Session, cmd proto.Message, b *array.RecordBuilder) error {
	switch cmd := cmd.(type) {
	case *pb.CommandGetPrimaryKeys:
		return describePrimary(c, session, tableRef{cmd.Catalog, cmd.DbSchema, cmd.Table}, b)
	case *pb.CommandGetImportedKeys:
		ref := tableRef{cmd.Catalog, cmd.DbSchema, cmd.Table}
		keys, err := foreignKeys(c, session, ref.filter())
		appendKeys(b, keys, byPrimary)
		return err
	case *pb.CommandGetExportedKeys:
		to := tableRef{cmd.Catalog, cmd.DbSchema, cmd.Table}
		keys, err := foreignKeys(c, session, engine.TableFilter{Catalog: cmd.Catalog, Keys: true})
		appendKeys(b, pointingAt(keys, to), byForeign)
		return err
	case *pb.CommandGetCrossReference:
		from := tableRef{cmd.FkCatalog, cmd.FkDbSchema, cmd.FkTable}
		keys, err := foreignKeys(c, session, from.filter())
		appendKeys(b, pointingAt(keys, tableRef{cmd.PkCatalog, cmd.PkDbSchema, cmd.PkTable}), byForeign)
		return err
	}
	return badRequest("the command %s is not known", cmd.ProtoReflect().Descriptor().Name())
}

func describePrimary(c *call, session Session, ref tableRef, b *array.RecordBuilder) error {
	if without(ref.catalog) || without(ref.schema) {
		return nil
	}
	tables, err := session.Tables(c.ctx, ref.filter())
	if err != nil {
		return err
	}
	for _, t := range tables {
		for i, column := range t.PrimaryKey {
			appendStrings(b, t.Catalog, t.Schema, t.Name, column)
			b.Field(4).(*array.Int32Builder).Append(int32(i + 1))
			b.Field(5).AppendNull()
		}
	}
	return nil
}

// reference is a foreign key with the table that has it.
type reference struct {
	from engine.TableInfo
	key  sources.ForeignKey
}

func foreignKeys(c *call, session Session, f engine.TableFilter) ([]reference, error) {
	if without(f.Catalog) || without(f.SchemaPattern) {
		return nil, nil
	}
	tables, err := session.Tables(c.ctx, f)
	if err != nil {
		return nil, err
	}
	var out []reference
	for _, t := range tables {
		for _, k := range t.Foreign {
			out = append(out, reference{t, k})
		}
	}
	return out, nil
}

// pointingAt keeps the references to one table. A foreign key stays within its catalog.
func pointingAt(refs []reference, to tableRef) []reference {
	return slices.DeleteFunc(refs, func(r reference) bool {
		return !to.matches(r.from.Catalog, r.key.RefSchema, r.key.RefTable)
	})
}

// The orders that the protocol asks for.
func byPrimary(a, b reference) int {
	return cmp.Or(cmp.Compare(a.from.Catalog, b.from.Catalog), cmp.Compare(a.key.RefSchema, b.key.RefSchema),
		cmp.Compare(a.key.RefTable, b.key.RefTable), cmp.Compare(a.key.Name, b.key.Name))
}

func byForeign(a, b reference) int {
	return cmp.Or(cmp.Compare(a.from.Catalog, b.from.Catalog), cmp.Compare(a.from.Schema, b.from.Schema),
		cmp.Compare(a.from.Name, b.from.Name), cmp.Compare(a.key.Name, b.key.Name))
}

func appendKeys(b *array.RecordBuilder, refs []reference, order func(a, b reference) int) {
	slices.SortStableFunc(refs, order)
	for _, r := range refs {
		for i, column := range r.key.Columns {
			if i >= len(r.key.RefColumns) {
				break
			}
			appendStrings(b, r.from.Catalog, r.key.RefSchema, r.key.RefTable, r.key.RefColumns[i],
				r.from.Catalog, r.from.Schema, r.from.Name, column)
			b.Field(8).(*array.Int32Builder).Append(int32(i + 1))
			if r.key.Name == "" {
				b.Field(9).AppendNull()
			} else {
				b.Field(9).(*array.StringBuilder).Append(r.key.Name)
			}
			b.Field(10).AppendNull()
			b.Field(11).(*array.Uint8Builder).Append(ruleOf(r.key.UpdateRule))
			b.Field(12).(*array.Uint8Builder).Append(ruleOf(r.key.DelRule))
		}
	}
}

// ruleOf is the protocol's number of a rule in the words of information_schema.
func ruleOf(rule string) uint8 {
	switch strings.ToUpper(rule) {
	case "CASCADE":
		return uint8(pb.UpdateDeleteRules_CASCADE)
	case "RESTRICT":
		return uint8(pb.UpdateDeleteRules_RESTRICT)
	case "SET NULL":
		return uint8(pb.UpdateDeleteRules_SET_NULL)
	case "SET DEFAULT":
		return uint8(pb.UpdateDeleteRules_SET_DEFAULT)
	}
	return uint8(pb.UpdateDeleteRules_NO_ACTION)
}
