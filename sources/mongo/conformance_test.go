package mongo

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sourcetest"
)

// bsonTypes are the types that BSON has of its own, by what a validator calls them.
var bsonTypes = map[types.Kind]string{
	types.Bool: "bool", types.Int4: "int", types.Int8: "long", types.Float8: "double", types.Numeric: "decimal",
	types.Text: "string", types.Bytea: "binData", types.UUID: "uuid", types.TimestampTZ: "date",
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Harness{
		Rows: 3000,
		Holds: func(t *types.Type, v any) bool {
			if bsonTypes[t.Kind] == "" || t.Kind == types.Numeric && t.Precision > 0 {
				return false
			}
			switch v := v.(type) {
			case *apd.Decimal:
				return v.Form == apd.Finite && v.NumDigits() <= 34
			case int64:
				return t.Kind != types.TimestampTZ || v%1000 == 0 && v != datum.TimestampInfinity && v != datum.TimestampNegInfinity
			}
			return true
		},
		Load: loadConformance,
	})
}

func loadConformance(t *testing.T, tables []sourcetest.Table) *sourcetest.Server {
	uri, database := fixture.MongoDatabase(t)
	gate, gated := gateBefore(t, uri)
	// A client of its own for each change: nothing of it is left when the source's goroutines are counted.
	with := func(t testing.TB, f func(db *mongo.Database)) {
		client, err := mongo.Connect(options.Client().ApplyURI(uri))
		require.NoError(t, err)
		defer func() { require.NoError(t, client.Disconnect(context.Background())) }()
		f(client.Database(database))
	}
	with(t, func(db *mongo.Database) {
		for _, table := range tables {
			insertTable(t, db, table)
		}
	})
	return &sourcetest.Server{
		Schema: database,
		Key:    "_id",
		Open: func(t testing.TB, budget *sources.Connections) sources.Source {
			s, err := Open(context.Background(), sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": gated, "database": database}, Connections: budget,
			})
			require.NoError(t, err)
			return s
		},
		Blocks: map[string]func(testing.TB) func(){"no answer": func(testing.TB) func() {
			gate.Shut()
			return gate.Open
		}},
		Denied: func(t testing.TB, password string) sources.Source {
			server, err := fixture.StartMongo(t.Context(), fixture.MongoOptions{User: "reader", Password: "another"})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, server.Stop()) })
			_, address, _ := strings.Cut(server.URI(), "@")
			s, err := Open(context.Background(), sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": "mongodb://" + address, "database": database},
				User: "reader", Secret: password, Connections: sources.NewConnections(),
			})
			require.NoError(t, err)
			return s
		},
		Alter: func(t testing.TB) {
			with(t, func(db *mongo.Database) {
				require.NoError(t, db.Collection("shifting").Drop(t.Context()))
				insertTable(t, db, sourcetest.Table{Name: "shifting", Columns: []sourcetest.Column{
					{Name: "id", Type: types.Int4T, NotNull: true}, {Name: "v", Type: types.TextT},
				}})
			})
		},
		Update: func(t testing.TB) {
			with(t, func(db *mongo.Database) {
				_, err := db.Collection("many").UpdateMany(t.Context(), bson.D{},
					bson.D{{Key: "$inc", Value: bson.D{{Key: "version", Value: int64(1)}}}})
				require.NoError(t, err)
			})
		},
		Unreachable: func(t testing.TB, password string, limits sources.Limits) sources.Source {
			s, err := Open(context.Background(), sources.Config{
				Name: sourcetest.ServerName, Options: map[string]string{"url": "mongodb://127.0.0.1:1", "database": database},
				User: "somebody", Secret: password, Limits: limits,
			})
			require.NoError(t, err)
			return s
		},
	}
}

// gateBefore puts a gate before a server, and gives the URI through it.
func gateBefore(t testing.TB, uri string) (*fixture.Gate, string) {
	t.Helper()
	u, err := url.Parse(uri)
	require.NoError(t, err)
	gate, err := fixture.StartGate(u.Host)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gate.Stop()) })
	u.Host = gate.Address()
	return gate, u.String()
}

// insertTable makes a collection. Where a validator can name every column's type it has one; else documents are sampled.
func insertTable(t testing.TB, db *mongo.Database, table sourcetest.Table) {
	t.Helper()
	if table.Name != "every" {
		properties := bson.D{}
		for _, c := range table.Columns {
			kinds := bson.A{bsonTypes[c.Type.Kind]}
			if !c.NotNull {
				kinds = append(kinds, "null")
			}
			properties = append(properties, bson.E{Key: c.Name, Value: bson.D{{Key: "bsonType", Value: kinds}}})
		}
		schema := bson.D{{Key: "$jsonSchema", Value: bson.D{{Key: "bsonType", Value: "object"}, {Key: "properties", Value: properties}}}}
		require.NoError(t, db.CreateCollection(t.Context(), table.Name, options.CreateCollection().SetValidator(schema)))
	}
	var docs []any
	for i, row := range table.Rows {
		doc := bson.D{{Key: "_id", Value: storedValue(t, table.Columns[0].Type, row[0])}}
		for k, c := range table.Columns {
			if v := storedValue(t, c.Type, row[k]); v != nil || (i+k)%2 == 0 {
				doc = append(doc, bson.E{Key: c.Name, Value: v}) // every other NULL is a missing field
			}
		}
		docs = append(docs, doc)
	}
	if docs != nil {
		_, err := db.Collection(table.Name).InsertMany(t.Context(), docs)
		require.NoError(t, err)
	}
}

func storedValue(t testing.TB, typ *types.Type, v any) any {
	switch v := v.(type) {
	case int64:
		switch typ.Kind {
		case types.Int4:
			return int32(v)
		case types.TimestampTZ:
			return bson.NewDateTimeFromTime(time.UnixMicro(v))
		}
		return v
	case *apd.Decimal:
		d, err := bson.ParseDecimal128(datum.Text(typ, v, nil))
		require.NoError(t, err)
		return d
	case []byte:
		return bson.Binary{Data: v}
	case [16]byte:
		return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: v[:]}
	}
	return v
}
