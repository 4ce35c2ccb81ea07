package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
)

// registeredRows is the registered table's length at scale 1, registeredColumns its width of int64 columns.
const (
	registeredRows    = 6_000_000
	registeredColumns = 8
	registeredBatch   = 65_536
)

// benchRegister sends a registered table to an ADBC client, against a C++ Flight server that sends the same batches from
// memory to the same client.
func benchRegister(ctx context.Context, l *lab) ([]result, error) {
	batches := integers(int64(registeredRows * l.cfg.scale))
	db, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := db.Register("numbers", batches); err != nil {
		return nil, err
	}
	url, err := l.serve(db)
	if err != nil {
		return nil, err
	}
	client, err := l.peers(ctx)
	if err != nil {
		return nil, err
	}
	peerURL, err := l.pyarrowServer(ctx, batches)
	if err != nil {
		return nil, err
	}
	const sql = "SELECT * FROM memory.main.numbers"
	drainBy := func(name, url string) contender {
		return contender{name, func(context.Context) (sample, error) {
			s, err := client.sample(request{Do: "adbc", URL: url, SQL: sql})
			s.CPU = 0 // the client's, which is not what is compared
			return s, err
		}}
	}
	r, err := compare(ctx, l.cfg.rounds, "registered table of 8 int64 columns to ADBC", 2,
		drainBy("skein", url), drainBy("C++ Flight from memory", peerURL))
	return []result{r}, err
}

// serve serves a DB on a loopback port until the lab closes.
func (l *lab) serve(db *skein.DB) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- db.Serve(ctx, listener, quiet) }()
	l.stops = append(l.stops, func() error {
		cancel()
		return <-done
	})
	return "grpc://" + listener.Addr().String(), nil
}

// quiet keeps the server's log out of the table.
var quiet = skein.FlightConfig(func(c *flightsql.Config) { c.Log = slog.New(slog.DiscardHandler) })

// pyarrowServer serves batches in a process of its own.
func (l *lab) pyarrowServer(ctx context.Context, batches []arrow.RecordBatch) (url string, err error) {
	dir, err := l.temp()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "registered.arrow")
	if err := writeArrow(file, batches); err != nil {
		return "", err
	}
	server, err := startPeer(ctx)
	if err != nil {
		return "", err
	}
	l.stops = append(l.stops, server.stop)
	a, err := server.ask(request{Do: "serve", File: file})
	return a.URL, err
}

func writeArrow(file string, batches []arrow.RecordBatch) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(batches[0].Schema()))
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Close()
}

// integers makes batches of int64 columns.
func integers(rows int64) []arrow.RecordBatch {
	fields := make([]arrow.Field, registeredColumns)
	for c := range fields {
		fields[c] = arrow.Field{Name: "c" + string(rune('0'+c)), Type: arrow.PrimitiveTypes.Int64}
	}
	schema := arrow.NewSchema(fields, nil)
	var out []arrow.RecordBatch
	for from := int64(0); from < rows; from += registeredBatch {
		n := min(registeredBatch, rows-from)
		cols := make([]arrow.Array, registeredColumns)
		for c := range cols {
			values := make([]int64, n)
			for i := range values {
				values[i] = (from + int64(i)) * int64(c+1)
			}
			data := array.NewData(arrow.PrimitiveTypes.Int64, int(n),
				[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(values))}, nil, 0, 0)
			cols[c] = array.NewInt64Data(data)
		}
		out = append(out, array.NewRecordBatch(schema, cols, n))
	}
	return out
}
