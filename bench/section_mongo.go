package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// mongoOrders is how many orders become documents at scale 1: the stand-in server takes some 10,000 a second.
const mongoOrders = 150_000

// benchMongo scans documents, against draining the same cursor's raw batches with the driver.
func benchMongo(ctx context.Context, l *lab) (_ []result, err error) {
	server, err := fixture.StartMongo(ctx, fixture.MongoOptions{})
	if err != nil {
		return nil, err
	}
	l.stops = append(l.stops, server.Stop)
	client, err := mongo.Connect(options.Client().ApplyURI(server.URI()))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Disconnect(context.WithoutCancel(ctx))) }()
	const database = "bench"
	orders := client.Database(database).Collection("orders")
	if err := loadOrders(ctx, l, orders); err != nil {
		return nil, fmt.Errorf("loading orders: %w", err)
	}
	db, err := l.open(ctx, skein.Source("m", server.URI()), skein.CatalogSQL(`CREATE FOREIGN TABLE m.`+database+`.orders (
		o_orderkey bigint NOT NULL, o_custkey bigint NOT NULL, o_orderstatus text NOT NULL, o_totalprice numeric(15,2) NOT NULL,
		o_orderdate date NOT NULL, o_orderpriority text NOT NULL, o_clerk text NOT NULL, o_comment text NOT NULL) SERVER m`))
	if err != nil {
		return nil, err
	}
	peer := contender{"driver, raw batches", func(ctx context.Context) (sample, error) { return drainCursor(ctx, orders) }}
	ours := embedded(db, "SELECT * FROM m."+database+".orders")
	r, err := compare(ctx, l.cfg.rounds, "scan of MongoDB's orders, 8 fields", 0, ours, peer)
	return []result{r}, err
}

func drainCursor(ctx context.Context, c *mongo.Collection) (sample, error) {
	return timed(func() (rows int64, err error) {
		cursor, err := c.Find(ctx, bson.D{}, options.Find().SetBatchSize(10_000))
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, cursor.Close(context.WithoutCancel(ctx))) }()
		for cursor.Next(ctx) {
			rows++
		}
		return rows, cursor.Err()
	})
}

// loadOrders makes a document of each of the first orders of the Parquet table.
func loadOrders(ctx context.Context, l *lab, into *mongo.Collection) error {
	db, err := l.parquet(ctx)
	if err != nil {
		return err
	}
	r, err := db.Query(ctx, `SELECT o_orderkey, o_custkey, o_orderstatus, o_totalprice::text, o_orderdate::timestamptz,
		o_orderpriority, o_clerk, o_comment FROM orders ORDER BY o_orderkey LIMIT $1`, int64(mongoOrders*l.cfg.scale))
	if err != nil {
		return err
	}
	defer r.Release()
	for r.Next() {
		rec := r.RecordBatch()
		for from := int64(0); from < rec.NumRows(); from += 2000 {
			part := rec.NewSlice(from, min(from+2000, rec.NumRows()))
			docs, err := documents(part)
			part.Release()
			if err != nil {
				return err
			}
			if _, err := into.InsertMany(ctx, docs); err != nil {
				return err
			}
		}
	}
	return r.Err()
}

func documents(rec arrow.RecordBatch) ([]any, error) {
	docs := make([]any, rec.NumRows())
	for i := range docs {
		d := make(bson.D, 0, rec.NumCols()+1)
		for c, col := range rec.Columns() {
			name := rec.ColumnName(c)
			v, err := bsonValue(col, i, name)
			if err != nil {
				return nil, err
			}
			if c == 0 {
				d = append(d, bson.E{Key: "_id", Value: v})
			}
			d = append(d, bson.E{Key: name, Value: v})
		}
		docs[i] = d
	}
	return docs, nil
}

func bsonValue(col arrow.Array, i int, name string) (any, error) {
	switch a := col.(type) {
	case *array.Int64:
		return a.Value(i), nil
	case *array.Timestamp:
		return bson.DateTime(int64(a.Value(i)) / 1000), nil
	case array.StringLike:
		if name == "o_totalprice" {
			return bson.ParseDecimal128(a.Value(i))
		}
		return a.Value(i), nil
	}
	return nil, fmt.Errorf("column %s is of type %s", name, col.DataType())
}
