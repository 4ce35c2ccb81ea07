//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/skeinsql/skein"
	sqlserver "github.com/skeinsql/skein/flightsql"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

// demoCmd is `skein demo`.
type demoCmd struct {
	Scale  float64 `default:"1" help:"Size of the shop: 1 is 1,000 customers, 5,000 orders and 20,000 events."`
	Seed   uint64  `default:"1" help:"Seed of the shop's data."`
	Listen string  `default:"127.0.0.1:31337" help:"Address of Flight SQL, on loopback."`
	Once   bool    `help:"End after the queries instead of staying up."`
}

// Run starts the sources, asks three composed questions through a Flight SQL client, and stays up for more.
func (c *demoCmd) Run(ctx context.Context) (err error) {
	if ok, err := onLoopback(c.Listen); err != nil || !ok {
		return errors.Join(err, fmt.Errorf("the demo asks for no token, so it listens on loopback only"))
	}
	dir, err := os.MkdirTemp("", "skein-demo-")
	if err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{dir: dir, shop: shop.Generate(c.Seed, c.Scale)}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.start(ctx); err != nil {
		return err
	}
	db, err := skein.Open(ctx, skein.Source("crm", d.pg.URL()), skein.Source("pay", d.mongo.URI()),
		skein.Source("lake", "parquet://"+filepath.Join(dir, "lake")))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	serveCtx, stopServing := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() {
		served <- db.Serve(serveCtx, l, skein.FlightConfig(func(f *sqlserver.Config) { f.Log = slog.New(slog.DiscardHandler) }))
	}()
	defer func() {
		stopServing()
		err = errors.Join(err, <-served)
	}()
	if err := c.ask(ctx, d.shop, l.Addr().String()); err != nil || c.Once {
		return err
	}
	printConnect(l.Addr().String())
	<-ctx.Done()
	return nil
}

// demo is what runs behind the endpoint.
type demo struct {
	dir   string
	shop  *shop.Shop
	pg    *fixture.Postgres
	mongo *fixture.Mongo
}

func (d *demo) start(ctx context.Context) (err error) {
	step := func(what string, f func() error) {
		if err != nil {
			return
		}
		start := time.Now()
		fmt.Printf("%-62s", what)
		if err = f(); err == nil {
			fmt.Printf("%6.1f s\n", time.Since(start).Seconds())
		} else {
			fmt.Println("failed")
		}
	}
	s := d.shop
	step("Starting PostgreSQL", func() (err error) {
		d.pg, err = fixture.StartPostgres(ctx, fixture.PostgresOptions{})
		return err
	})
	step("Starting a Mongo-protocol server", func() (err error) {
		d.mongo, err = fixture.StartMongo(ctx, fixture.MongoOptions{})
		return err
	})
	step(fmt.Sprintf("Loading %s customers and %s orders into PostgreSQL", count(len(s.Customers)), count(len(s.Orders))), func() error {
		return s.LoadPostgres(ctx, d.pg.URL())
	})
	step(fmt.Sprintf("Loading %s payments into MongoDB", count(len(s.Payments))), func() error {
		return s.LoadMongo(ctx, d.mongo.URI(), "payments")
	})
	step(fmt.Sprintf("Writing %s events as Parquet", count(len(s.Events))), func() error {
		return s.WriteParquet(filepath.Join(d.dir, "lake"))
	})
	return err
}

func count(n int) string { return thousands(int64(n)) }

func (d *demo) stop() error {
	var errs []error
	if d.mongo != nil {
		errs = append(errs, d.mongo.Stop())
	}
	if d.pg != nil {
		errs = append(errs, d.pg.Stop())
	}
	return errors.Join(errs...)
}

// ask runs the composed queries through a Flight SQL client and prints answers, times, and which source did what.
func (c *demoCmd) ask(ctx context.Context, s *shop.Shop, addr string) error {
	client, err := dial(addr, insecure.NewCredentials())
	if err != nil {
		return fmt.Errorf("connecting to the demo: %w", err)
	}
	defer func() { _ = client.Close() }()
	askForText(ctx, client)
	for i, q := range shop.Queries() {
		fmt.Printf("\n%d. %s\n\n%s\n\n", i+1, q.Title, q.SQL)
		start := time.Now()
		rows, err := printRows(ctx, client, q.SQL)
		if err != nil {
			return fmt.Errorf("query %d: %w", i+1, err)
		}
		took := time.Since(start)
		verdict := "the same as computed from the generator's rows"
		if diff := shop.Difference(rows, q.Answer(s)); diff != "" {
			return fmt.Errorf("query %d: the answer is wrong: %s", i+1, diff)
		}
		fmt.Printf("%.1f ms; %s\n", ms(took), verdict)
		fmt.Println("\nWhat ran where:")
		if _, err := printPlan(ctx, client, "EXPLAIN ANALYZE "+q.SQL); err != nil {
			return err
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printRows prints an answer as a table, and returns it as text.
func printRows(ctx context.Context, client *flightsql.Client, sql string) ([][]string, error) {
	reader, err := fetch(ctx, client, sql)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	table, err := newSink("table", os.Stdout, reader.Schema(), true)
	if err != nil {
		return nil, err
	}
	rows, err := readText(reader, table)
	if err != nil {
		return nil, err
	}
	return rows, table.close()
}

// readText drains a reader into text and, if there is one, a sink.
func readText(reader array.RecordReader, out sink) ([][]string, error) {
	text, err := newTextColumns(reader.Schema())
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for reader.Next() {
		cells, err := text.rows(reader.RecordBatch())
		if err != nil {
			return nil, err
		}
		for _, r := range cells {
			rows = append(rows, texts(r))
		}
		if out != nil {
			if err := out.write(reader.RecordBatch()); err != nil {
				return nil, err
			}
		}
	}
	return rows, reader.Err()
}

func printPlan(ctx context.Context, client *flightsql.Client, sql string) (int, error) {
	reader, err := fetch(ctx, client, sql)
	if err != nil {
		return 0, err
	}
	defer reader.Release()
	rows, err := readText(reader, nil)
	for _, r := range rows {
		fmt.Println("  " + r[0])
	}
	return len(rows), err
}

// printConnect prints what connects from Python, Go and Java.
func printConnect(addr string) {
	uri := "grpc://" + addr
	fmt.Printf("\nThe demo stays up at %s until Ctrl-C. Sources: crm (PostgreSQL), pay (MongoDB), lake (Parquet).\n", uri)
	fmt.Printf("\nShell:   %s query --url %s \"select * from crm.public.customers limit 5\"\n", os.Args[0], uri)
	fmt.Printf("\nPython:  # pip install adbc_driver_flightsql pyarrow\n%s", pythonLines(uri, "", false))
	fmt.Printf("\nGo:      sql.Open(\"flightsql\", \"flightsql://%s?timeout=60s\")  // _ \"github.com/apache/arrow-go/v18/arrow/flight/flightsql/driver\"\n", addr)
	fmt.Printf("\nJava:    DriverManager.getConnection(\"jdbc:arrow-flight-sql://%s/?useEncryption=false\")\n", addr)
}
