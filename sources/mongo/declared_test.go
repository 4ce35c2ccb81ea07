package mongo

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// TestUnknownOptionsAreRefused: nothing that somebody declared is passed over, and no I/O is needed to say so.
func TestUnknownOptionsAreRefused(t *testing.T) {
	table := func(options map[string]string, columns map[string]map[string]string) *sources.Table {
		return &sources.Table{ServerName: "pay", SchemaName: "db", TableName: "c", Options: options, ColumnOptions: columns}
	}
	column := func(option, value string) *sources.Table {
		return table(nil, map[string]map[string]string{"fee": {option: value}})
	}
	for _, c := range []struct {
		url         string
		options     map[string]string
		table       *sources.Table
		code, about string
		hint        string
	}{
		{options: map[string]string{"sample_sise": "10"}, code: "HV00D", about: `"sample_sise" of server pay`, hint: "did you mean sample_size?"},
		{url: "?readPreferance=secondary", code: "HV00D", about: "the URL of server pay", hint: "did you mean readPreference?"},
		{url: "?readConcernLevel=local", code: "HV00D", about: "readConcernLevel"},
		{url: "?w=majority&retryWrites=true&appName=x&wtimeoutMS=1&AUTHSOURCE=admin"},
		{url: "?readPreference=secondary&readPreferenceTags=dc:ny&maxStalenessSeconds=120"},
		{url: "?readPreferenceTags=dc:ny", code: "22023"},
		{url: "?timeoutMS=soon", code: "22023"},
		{options: map[string]string{"auth_mechanism": "SCRAM"}, code: "22023", about: "auth_mechanism"},
		{table: table(map[string]string{"on_missmatch": "null"}, nil), code: "HV00D", about: "foreign table pay.db.c", hint: "did you mean on_mismatch?"},
		{table: table(map[string]string{"collection": "x"}, nil), code: "HV00D", about: "collection"},
		{table: table(map[string]string{"on_mismatch": "nul"}, nil), code: "22023"},
		{table: column("typ", "text"), code: "HV00D", about: "column fee of pay.db.c", hint: "did you mean type?"},
		{table: column("type", "txt"), code: "42704", about: "column fee of pay.db.c"},
		{table: column("on_mismatch", "ignore"), code: "22023"},
		{table: column("bson", "objectid"), code: "22023"},
		{table: column("bson", `{"a": 1}`), code: "22023"},
		{table: column("bson", `{}`), code: "22023"},
		{table: column("name", ""), code: "22023"},
		{table: column("bson", `{"a": {"b": "objectId"}}`)},
		{table: &sources.Table{ServerName: "other", Options: map[string]string{"path": "x"}}},
	} {
		options := map[string]string{"url": "mongodb://h:1,i:2/db" + c.url}
		for k, v := range c.options {
			options[k] = v
		}
		config := sources.Config{Name: "pay", Options: options}
		if c.table != nil {
			config.Declared = []*sources.Table{c.table}
		}
		src, err := Open(t.Context(), config)
		require.Equal(t, c.code, sqlerr.Code(err), "%+v: %v", c, err)
		if err == nil {
			require.NoError(t, src.Close())
			continue
		}
		require.ErrorContains(t, err, c.about)
		var e *sqlerr.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Hint, c.hint)
	}
}

func TestURLParametersAreHeeded(t *testing.T) {
	src, err := Open(t.Context(), sources.Config{Name: "pay", Options: map[string]string{
		"url": "mongodb://h/db?timeoutMS=1500&readPreference=nearest&readPreferenceTags=dc:ny&connectTimeoutMS=700" +
			"&appName=mine&authsource=users&authMechanism=MONGODB-X509&maxIdleTimeMS=1000",
	}})
	require.NoError(t, err)
	defer func() { require.NoError(t, src.Close()) }()
	s := src.(*Source).settings
	require.EqualValues(t, 1500, s.statement.Milliseconds())
	require.EqualValues(t, 700, s.connect.Milliseconds())
	require.Len(t, s.pref.TagSets(), 1)
	require.NotContains(t, s.uri, "timeoutMS")
	o := s.client("", "")
	require.NoError(t, o.Validate())
	require.Equal(t, "mine", *o.AppName)
	require.Equal(t, "users", o.Auth.AuthSource)
	require.Equal(t, "MONGODB-X509", o.Auth.AuthMechanism)
	require.EqualValues(t, 1000, o.MaxConnIdleTime.Milliseconds())
	require.Equal(t, "nearest", o.ReadPreference.Mode().String())
	require.Len(t, o.ReadPreference.TagSets(), 1)
}

// TestOptionsOfColumnsThatAreNotThere: a misspelt column is an error, a rare one is declared by its type.
func TestOptionsOfColumnsThatAreNotThere(t *testing.T) {
	b := newTestbed(t, nil)
	b.insert("c", bson.D{{Key: "_id", Value: int32(1)}, {Key: "amount", Value: int32(5)}})
	discover := func(columns map[string]map[string]string) (*sources.Table, error) {
		ts, err := b.source.Discover(t.Context(), sources.Pattern{
			Schema: b.database, Table: "c", Declared: []*sources.Table{b.options("c", columns)},
		})
		if err != nil {
			return nil, err
		}
		return ts[0], nil
	}
	_, err := discover(map[string]map[string]string{"amuont": {"on_mismatch": "null"}})
	require.True(t, sqlerr.Is(err, sqlerr.UndefinedColumn), err)
	var e *sqlerr.Error
	require.True(t, errors.As(err, &e))
	require.Contains(t, e.Hint, "did you mean amount?")
	_, err = discover(map[string]map[string]string{"_document": {"on_mismatch": "null"}})
	require.True(t, sqlerr.Is(err, sources.InvalidOptionName), err)
	_, err = discover(map[string]map[string]string{"amount": {"bson": "objectId"}})
	require.True(t, sqlerr.Is(err, sqlerr.InvalidParameterValue), err)

	table, err := discover(map[string]map[string]string{"rare": {"type": "int8"}})
	require.NoError(t, err)
	require.Equal(t, []string{"_id integer", "amount integer", "rare bigint", "_document json"}, columns(table))

	twice := &sources.Table{ServerName: "pay", SchemaName: b.database, TableName: "c", Cols: []plan.TableColumn{
		{Name: "a", Type: types.Int4T, Nullable: true}, {Name: "amount", Type: types.Int4T, Nullable: true},
	}, ColumnOptions: map[string]map[string]string{"a": {"name": "amount"}}}
	_, err = b.source.Discover(t.Context(), sources.Pattern{Schema: b.database, Table: "c", Declared: []*sources.Table{twice}})
	require.True(t, sqlerr.Is(err, sqlerr.DuplicateColumn), err)
}

// TestNestedObjectIDsAreDeclared: what a sample shows of ObjectIds inside documents and arrays is said by the option
// bson, so that a declaration of the same columns reads and filters them as the learned table does.
func TestNestedObjectIDsAreDeclared(t *testing.T) {
	b := newTestbed(t, nil)
	one, two := bson.NewObjectID(), bson.NewObjectID()
	order := func(id int32, ref bson.ObjectID) bson.D {
		return bson.D{
			{Key: "_id", Value: id},
			{Key: "customer", Value: bson.D{{Key: "ref", Value: ref}, {Key: "name", Value: "n"}, {Key: "in.ner", Value: bson.D{{Key: `k"`, Value: ref}}}}},
			{Key: "tags", Value: bson.A{ref}},
			{Key: "lines", Value: bson.A{bson.D{{Key: "sku", Value: ref}, {Key: "n", Value: int32(1)}}}},
			{Key: "plain", Value: bson.D{{Key: "x", Value: int32(1)}}},
		}
	}
	b.insert("c", order(1, one), order(2, two))
	learned := b.table("c")
	bsonOptions := map[string]string{}
	for name, o := range learned.ColumnOptions {
		bsonOptions[name] = o["bson"]
	}
	require.Equal(t, map[string]string{
		"customer": `{"in.ner":{"k\"":"objectId"},"ref":"objectId"}`, "tags": "objectId", "lines": `{"sku":"objectId"}`,
	}, bsonOptions)

	pinned := &sources.Table{ServerName: "pay", SchemaName: b.database, TableName: "c", ColumnOptions: learned.ColumnOptions}
	for _, c := range learned.Cols {
		c.Type = unmarked(c.Type)
		pinned.Cols = append(pinned.Cols, c)
	}
	declared := b.table("c", pinned)
	require.Equal(t, columns(learned), columns(declared))
	require.Equal(t, learned.ColumnOptions, declared.ColumnOptions)

	for _, table := range []*sources.Table{learned, declared} {
		customer := col(table, "customer")
		ref := &expr.Field{Arg: customer, Index: 0}
		rows, scan, err := b.read(&plan.Filter{Input: scanOf(table), Conds: []expr.Expr{operator("=", ref, constant(types.TextT, two.Hex()))}})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "2", rows[0][0])
		require.Contains(t, rows[0][1], two.Hex())
		require.Equal(t, `["`+two.Hex()+`"]`, rows[0][2])
		require.Contains(t, scan.Text(), `"customer.ref":{"$eq":{"$oid":"`+two.Hex())
		require.Empty(t, scan.Residual())
	}
}

// unmarked is a type as SQL declares it, which knows no ObjectIds.
func unmarked(t *types.Type) *types.Type {
	switch {
	case t == objectIDText:
		return types.TextT
	case t.Kind == types.Array:
		return types.ArrayOf(unmarked(t.Elem))
	case t.Kind == types.Composite:
		var fields []types.Field
		for _, f := range t.Fields {
			fields = append(fields, types.Field{Name: f.Name, Type: unmarked(f.Type)})
		}
		return types.CompositeOf(t.Name, fields)
	}
	return t
}
