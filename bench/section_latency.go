package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// sqliteServer is arrow-go's example of a Flight SQL server.
const sqliteServer = "github.com/apache/arrow-go/v18/arrow/flight/flightsql/example/cmd/sqlite_flightsql_server"

// latencyClients are the numbers of clients at once, each on a connection of its own.
var latencyClients = []int{1, 8, 64}

// benchLatency asks SELECT 1 (GetFlightInfo, then DoGet) of a server in a process of its own, against arrow-go's SQLite
// example.
func benchLatency(ctx context.Context, l *lab) ([]result, error) {
	ours, err := l.startServer(ctx, "./cmd/skein", func(port string) []string {
		return []string{"serve", "--no-auth", "--listen", "127.0.0.1:" + port}
	})
	if err != nil {
		return nil, err
	}
	peer, err := l.startServer(ctx, sqliteServer, func(port string) []string { return []string{"-host", "127.0.0.1", "-port", port} })
	if err != nil {
		return nil, err
	}
	var out []result
	for _, clients := range latencyClients {
		r, err := compareLatency(ctx, l, clients, ours, peer)
		if err != nil {
			return nil, fmt.Errorf("%d clients: %w", clients, err)
		}
		out = append(out, r...)
	}
	return out, nil
}

// latency is the distribution of one round.
type latency struct{ p50, p99, each time.Duration }

func compareLatency(ctx context.Context, l *lab, clients int, ours, peer string) ([]result, error) {
	var rounds [2][]latency
	for round := range l.cfg.rounds + 1 {
		for i := range 2 {
			side := (i + round) % 2
			got, err := askMany(ctx, []string{ours, peer}[side], clients, int(max(200, 8000*min(1, l.cfg.scale))))
			if err != nil {
				return nil, err
			}
			if round > 0 {
				rounds[side] = append(rounds[side], got)
			}
		}
	}
	figure := func(name, unit string, scale float64, of func(latency) time.Duration) result {
		mid := func(ls []latency) float64 {
			v := make([]float64, len(ls))
			for i, x := range ls {
				v[i] = of(x).Seconds() * scale
			}
			slices.Sort(v)
			return v[len(v)/2]
		}
		r := result{
			Name: fmt.Sprintf("SELECT 1, clients: %d, %s", clients, name), Unit: unit, Peer: "arrow-go's SQLite example",
			Skein: mid(rounds[0]), Other: mid(rounds[1]),
		}
		r.Ratio = quotient(r.Skein, r.Other)
		return r
	}
	return []result{
		figure("p50", "ms", 1e3, func(x latency) time.Duration { return x.p50 }),
		figure("p99", "ms", 1e3, func(x latency) time.Duration { return x.p99 }),
		figure("seconds for 10,000", "s", 1e4, func(x latency) time.Duration { return x.each }),
	}, nil
}

// askMany spreads queries over clients and measures each.
func askMany(ctx context.Context, addr string, clients, queries int) (latency, error) {
	conns := make([]*flightsql.Client, clients)
	for i := range conns {
		c, err := flightsql.NewClient(addr, nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return latency{}, err
		}
		defer func() { _ = c.Close() }()
		conns[i] = c
	}
	times := make([]time.Duration, queries)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for _, c := range conns {
		g.Go(func() error {
			for i := next.Add(1) - 1; i < int64(queries); i = next.Add(1) - 1 {
				begin := time.Now()
				if err := askOne(ctx, c); err != nil {
					return err
				}
				times[i] = time.Since(begin)
			}
			return nil
		})
	}
	err := g.Wait()
	total := time.Since(start)
	slices.Sort(times)
	return latency{times[queries/2], times[queries*99/100], total / time.Duration(queries)}, err
}

func askOne(ctx context.Context, c *flightsql.Client) error {
	info, err := c.Execute(ctx, "SELECT 1")
	if err != nil {
		return err
	}
	r, err := c.DoGet(ctx, info.Endpoint[0].Ticket)
	if err != nil {
		return err
	}
	defer r.Release()
	rows := int64(0)
	for r.Next() {
		rows += r.RecordBatch().NumRows()
	}
	if err := r.Err(); err != nil {
		return err
	}
	if rows != 1 {
		return fmt.Errorf("SELECT 1 gave %d rows", rows)
	}
	return nil
}

// startServer builds a program of this module or of one that it requires, runs it until the lab closes, and waits until
// it answers SELECT 1.
func (l *lab) startServer(ctx context.Context, program string, args func(port string) []string) (addr string, err error) {
	dir, err := l.temp()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, filepath.Base(program))
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, program)
	if build.Dir, err = moduleRoot(); err != nil {
		return "", err
	}
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %s: %w", program, out, err)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(binary, args(port)...) //nolint:noctx // the lab ends it
	if err := cmd.Start(); err != nil {
		return "", err
	}
	l.stops = append(l.stops, func() error {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		return nil
	})
	addr = "127.0.0.1:" + port
	for range 100 {
		if _, err = askMany(ctx, addr, 1, 1); err == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return addr, err
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// moduleRoot is the repository's folder.
func moduleRoot() (string, error) {
	for _, dir := range []string{".", ".."} {
		if exists(filepath.Join(dir, "go.mod")) {
			return dir, nil
		}
	}
	return "", errors.New("run it in the repository")
}
