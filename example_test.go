package skein_test

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/skeinsql/skein"
)

// orders is a small Arrow table: two columns, four rows.
func orders() arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "customer", Type: arrow.BinaryTypes.String}, {Name: "total", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues([]string{"Ada", "Björn", "Ada", "Chloé"}, nil)
	b.Field(1).(*array.Int64Builder).AppendValues([]int64{20, 5, 22, 9}, nil)
	return b.NewRecordBatch()
}

// A DB without sources queries what is registered with it. Servers join in with options such as
// skein.Source("crm", "postgres://reader@localhost/crm").
func Example() {
	ctx := context.Background()
	db, err := skein.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	batch := orders()
	defer batch.Release()
	if err := db.Register("orders", batch); err != nil {
		log.Fatal(err)
	}
	rows, err := db.Query(ctx, `SELECT customer, sum(total)::bigint AS spent FROM memory.main.orders
		GROUP BY customer HAVING sum(total) > $1 ORDER BY spent DESC`, 5)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Release()
	for rows.Next() {
		names, spent := rows.RecordBatch().Column(0).(*array.String), rows.RecordBatch().Column(1).(*array.Int64)
		for i := range names.Len() {
			fmt.Println(names.Value(i), spent.Value(i))
		}
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Ada 42
	// Chloé 9
}

// Serve puts a DB behind an Arrow Flight SQL endpoint, here for one client and one statement.
func ExampleDB_Serve() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	db, err := skein.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- db.Serve(ctx, listener) }()

	client, err := flightsql.NewClient(listener.Addr().String(), nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	info, err := client.Execute(ctx, "SELECT 'hello from ' || current_setting('server_version') AS greeting")
	if err != nil {
		log.Fatal(err)
	}
	reader, err := client.DoGet(ctx, info.Endpoint[0].Ticket)
	if err != nil {
		log.Fatal(err)
	}
	for reader.Next() {
		fmt.Println(reader.RecordBatch().Column(0))
	}
	reader.Release()
	_ = client.Close()
	stop()
	if err := <-served; err != nil {
		log.Fatal(err)
	}
	// Output: ["hello from 15.0"]
}
