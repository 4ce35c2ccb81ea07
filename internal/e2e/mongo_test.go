package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
)

// nestedOrders fills a collection with documents in documents and in arrays, ObjectIds in all places.
func nestedOrders(t *testing.T) (uri, database string, ids []bson.ObjectID) {
	t.Helper()
	uri, database = fixture.MongoDatabase(t)
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	defer func() { _ = client.Disconnect(context.Background()) }()
	var docs []any
	for i := range 4 {
		id := bson.NewObjectID()
		ids = append(ids, id)
		docs = append(docs, bson.D{
			{Key: "_id", Value: bson.NewObjectID()},
			{Key: "n", Value: int32(i)},
			{Key: "buyer", Value: bson.D{
				{Key: "ref", Value: id},
				{Key: "Name", Value: []string{"Zoë", "it's", "", "x"}[i]},
				{Key: "age", Value: int32(20 + i)},
				{Key: "seen", Value: bson.DateTime(1_700_000_000_000)},
				{Key: "address", Value: bson.D{{Key: "house", Value: id}, {Key: "geo", Value: bson.A{1.5, float64(i) + 0.25}}}},
			}},
			{Key: "refs", Value: bson.A{id, nil}},
			{Key: "lines", Value: bson.A{bson.D{{Key: "sku", Value: id}, {Key: "qty", Value: int32(1)}}}},
		})
	}
	docs = append(docs, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "n", Value: int32(9)}, {Key: "buyer", Value: bson.D{{Key: "Name", Value: nil}}}},
		bson.D{{Key: "_id", Value: bson.NewObjectID()}})
	_, err = client.Database(database).Collection("orders").InsertMany(t.Context(), docs)
	require.NoError(t, err)
	return uri, database, ids
}

// TestImportedDocumentsAreTheDiscoveredOnes: what an import writes declares the columns that discovery found, and the
// same statements give the same answers and send the same filters, those on ObjectIds in documents too.
func TestImportedDocumentsAreTheDiscoveredOnes(t *testing.T) {
	uri, database, ids := nestedOrders(t)
	found, err := skein.Open(t.Context(), skein.Source("mg", uri))
	require.NoError(t, err)
	defer func() { require.NoError(t, found.Close()) }()
	discovered := tablesOf(t, found, database)
	printer, ddl := catalog.NewPrinter(), ""
	for _, table := range discovered {
		ddl += printer.Table(table) + "\n"
	}
	pinned, err := skein.Open(t.Context(), skein.Source("mg", uri), skein.CatalogSQL(ddl))
	require.NoError(t, err, ddl)
	defer func() { require.NoError(t, pinned.Close()) }()
	declared := tablesOf(t, pinned, database)
	require.Len(t, declared, len(discovered))
	for i, want := range discovered {
		require.Equal(t, len(want.Cols), len(declared[i].Cols))
		for k, c := range want.Cols {
			got := declared[i].Cols[k]
			require.Equal(t, [3]any{c.Name, c.Type.String(), c.Nullable}, [3]any{got.Name, got.Type.String(), got.Nullable})
		}
		require.Equal(t, want.PrimaryKey, declared[i].PrimaryKey)
		require.Equal(t, want.ColumnOptions, declared[i].ColumnOptions)
	}

	two := ids[2].Hex()
	for sql, filter := range map[string]string{
		"SELECT * FROM T ORDER BY n":                                                    "",
		"SELECT n FROM T WHERE (buyer).ref = '" + two + "'":                             `"buyer.ref":{"$eq":{"$oid":"` + two,
		"SELECT n FROM T WHERE ((buyer).address).house >= '" + two + "' ORDER BY n":     `"buyer.address.house":{"$gte":{"$oid":"` + two,
		"SELECT n FROM T WHERE buyer->>'ref' = '" + two + "'":                           `"buyer.ref":{"$eq":{"$oid":"` + two,
		"SELECT n FROM T WHERE buyer->'address'->>'house' = '" + two + "'":              `"buyer.address.house":{"$eq":{"$oid":"` + two,
		"SELECT n, buyer->>'Name' FROM T WHERE (buyer->>'age')::int > 21 ORDER BY n":    `"buyer.age":{"$gt":21`,
		"SELECT n, lines, refs[1] FROM T WHERE '" + two + "' = ANY (refs)":              "",
		"SELECT n, (lines[1]).sku FROM T WHERE (lines[1]).sku = '" + two + "'":          "",
		"SELECT n FROM T WHERE (buyer).\"Name\" IS NULL ORDER BY n":                     `"buyer.Name":{"$eq":null}`,
		"SELECT buyer->'seen', buyer->>'seen', buyer->'address'->'geo'->>1 FROM T":      "",
		"SELECT a.n, b.n FROM T a JOIN T b ON (a.buyer).ref = (b.buyer).ref ORDER BY 1": "",
	} {
		sql := strings.ReplaceAll(sql, "FROM T", "FROM mg."+database+".orders")
		sql = strings.ReplaceAll(sql, "JOIN T", "JOIN mg."+database+".orders")
		want, err := ask(t.Context(), found, sql, skein.With("skein.pushdown", "off"))
		require.NoError(t, err, sql)
		require.NotEmpty(t, want.rows, sql)
		for name, db := range map[string]*skein.DB{"discovered": found, "declared": pinned} {
			got, err := ask(t.Context(), db, sql)
			require.NoError(t, err, "%s %s", name, sql)
			require.Empty(t, textDifference(got, want), "%s %s", name, sql)
			plan, err := ask(t.Context(), db, "EXPLAIN "+sql)
			require.NoError(t, err)
			require.Contains(t, strings.Join(flat(plan), "\n"), filter, "%s %s", name, sql)
		}
	}
}

func tablesOf(t *testing.T, db *skein.DB, schema string) []*sources.Table {
	t.Helper()
	all, err := db.Engine().Catalog().List(t.Context(), "mg", false)
	require.NoError(t, err)
	var out []*sources.Table
	for _, table := range all {
		if table.SchemaName == schema {
			out = append(out, table)
		}
	}
	return out
}

func flat(a *answer) []string {
	var out []string
	for _, row := range a.rows {
		out = append(out, row...)
	}
	return out
}

// TestFieldsOfDocuments: -> and ->> on a document that is a row give what they give on one that is json.
func TestFieldsOfDocuments(t *testing.T) {
	uri, database, _ := nestedOrders(t)
	row, err := skein.Open(t.Context(), skein.Source("mg", uri))
	require.NoError(t, err)
	defer func() { require.NoError(t, row.Close()) }()
	from := "FROM mg." + database + ".orders ORDER BY n"
	for _, e := range []string{
		"D->>'Name'", "D->'Name'", "D->>'age'", "D->'address'->'geo'", "D->'address'->'geo'->>0", "D->'address'->>'geo'",
		"(D->>'age')::int + 1", "D->'address'->'geo'->1",
	} {
		got, err := ask(t.Context(), row, "SELECT n, ("+strings.ReplaceAll(e, "D", "buyer")+")::text "+from)
		require.NoError(t, err, e)
		want, err := ask(t.Context(), row, "SELECT n, ("+strings.ReplaceAll(e, "D", "_document->'buyer'")+")::text "+from)
		require.NoError(t, err, e)
		for i := range want.rows { // a null that is written is NULL in a row
			if want.rows[i][1] == "null" {
				want.rows[i][1] = null
			}
		}
		require.Equal(t, want.rows, got.rows, e)
	}
	_, err = ask(t.Context(), row, "SELECT buyer->>'nam' "+from)
	require.ErrorContains(t, err, "42703")
	_, err = ask(t.Context(), row, "SELECT buyer->1 "+from)
	require.ErrorContains(t, err, "42883")
}
