package shop

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// LoadMongo fills the collections payments and extremes of a database.
func (s *Shop) LoadMongo(ctx context.Context, uri, database string) (err error) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return fmt.Errorf("loading the shop into MongoDB: %w", err)
	}
	defer func() { err = errors.Join(err, client.Disconnect(context.WithoutCancel(ctx))) }()
	db := client.Database(database)
	const chunk = 1000
	docs := make([]any, 0, chunk)
	for i := range s.Payments {
		docs = append(docs, s.Payments[i].document())
		if len(docs) == chunk || i == len(s.Payments)-1 {
			if _, err := db.Collection("payments").InsertMany(ctx, docs); err != nil {
				return fmt.Errorf("loading payments: %w", err)
			}
			docs = docs[:0]
		}
	}
	if _, err := db.Collection("extremes").InsertMany(ctx, extremeDocuments()); err != nil {
		return fmt.Errorf("loading extremes: %w", err)
	}
	return nil
}

func (p *Payment) document() bson.D {
	d := bson.D{
		{Key: "_id", Value: bson.ObjectID(p.ID)},
		{Key: "order_id", Value: p.Order},
		{Key: "customer_id", Value: p.Customer},
		{Key: "amount", Value: decimal128(p.Amount)},
		{Key: "currency", Value: p.Currency},
		{Key: "status", Value: p.Status},
		{Key: "paid_at", Value: bson.NewDateTimeFromTime(p.Paid)},
	}
	if p.Method != nil {
		m := bson.D{{Key: "type", Value: p.Method.Type}}
		if p.Method.Brand != nil {
			m = append(m, bson.E{Key: "brand", Value: *p.Method.Brand})
		}
		d = append(d, bson.E{Key: "method", Value: m})
	}
	if p.Attempts != nil {
		list := bson.A{}
		for _, a := range p.Attempts {
			list = append(list, bson.D{{Key: "at", Value: bson.NewDateTimeFromTime(a.At)}, {Key: "ok", Value: a.OK}})
		}
		d = append(d, bson.E{Key: "attempts", Value: list})
	}
	if p.Fee != nil {
		d = append(d, bson.E{Key: "fee", Value: p.Fee})
	}
	return d
}

func decimal128(c Cents) bson.Decimal128 {
	d, err := bson.ParseDecimal128(c.String())
	if err != nil {
		panic("shop: cents are always a decimal: " + err.Error())
	}
	return d
}

// extremeDocuments are documents that go wrong elsewhere: missing fields against nulls, NaN, infinities, the ends of types,
// midnight dates, blanks and non-ASCII text.
func extremeDocuments() []any {
	dec := func(s string) bson.Decimal128 {
		d, err := bson.ParseDecimal128(s)
		if err != nil {
			panic("shop: " + s + ": " + err.Error())
		}
		return d
	}
	return []any{
		bson.D{{Key: "_id", Value: int32(1)}},
		bson.D{{Key: "_id", Value: int32(2)}, {Key: "i", Value: nil}, {Key: "f", Value: nil}, {Key: "t", Value: nil}},
		bson.D{{Key: "_id", Value: int32(3)}, {Key: "i", Value: int64(math.MaxInt64)}, {Key: "f", Value: math.Inf(1)}, {Key: "t", Value: ""}, {Key: "n", Value: dec("1E-30")}, {Key: "at", Value: bson.DateTime(0)}},
		bson.D{{Key: "_id", Value: int32(4)}, {Key: "i", Value: int64(math.MinInt64)}, {Key: "f", Value: math.Inf(-1)}, {Key: "t", Value: "trailing  "}, {Key: "n", Value: dec("-99999999999999999999.99")}, {Key: "at", Value: bson.DateTime(-62135596800000)}},
		bson.D{{Key: "_id", Value: int32(5)}, {Key: "i", Value: int64(0)}, {Key: "f", Value: math.NaN()}, {Key: "t", Value: "Ünïcödé 漢字 🙂"}, {Key: "n", Value: dec("0.00")}, {Key: "at", Value: bson.DateTime(1709164800000)}, {Key: "sub", Value: bson.D{{Key: "x", Value: int32(1)}}}},
		bson.D{{Key: "_id", Value: int32(6)}, {Key: "i", Value: int64(1)}, {Key: "f", Value: math.Copysign(0, -1)}, {Key: "t", Value: "quote ' back\\slash %_"}, {Key: "sub", Value: bson.D{}}},
	}
}
