// Command bench measures Skein against its peers: each figure is a ratio to a peer, or to a limit of the machine, that
// is measured in alternation with it, on the same data, in the same run.
//
//	go run ./bench                          every section at scale factor 1
//	go run ./bench -run parquet -scale 0.1  one section, small
//
// It starts what it needs (PostgreSQL, a Mongo-protocol server, DuckDB and pyarrow in a Python of their own), generates
// TPC-H once for a scale below the user's cache directory, prints a table, and writes results.json, results.csv and
// ratios.svg.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // as skein serve does
	}
	cfg, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, cfg)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// config is what the flags say.
type config struct {
	sections []string
	scale    float64
	rounds   int
	workers  int
	queries  []int
	out      string
	profile  string
}

func parseFlags(args []string) (config, error) {
	cfg := config{}
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("run", "", "sections to run, separated by commas (default all: "+strings.Join(names, ",")+")")
	fs.Float64Var(&cfg.scale, "scale", 1, "TPC-H scale factor; 1 is 6 million rows of lineitem")
	fs.IntVar(&cfg.rounds, "rounds", 5, "alternating rounds; medians are reported")
	fs.IntVar(&cfg.workers, "workers", 2, "threads of Skein and of its peers")
	queries := fs.String("queries", "1,3,6", "TPC-H queries of section tpch, separated by commas, or all")
	fs.StringVar(&cfg.out, "out", filepath.Join("bin", "bench"), "folder for results.json, results.csv and ratios.svg")
	fs.StringVar(&cfg.profile, "cpuprofile", "", "write a CPU profile of this process to a file")
	if err := fs.Parse(args); err != nil {
		return cfg, err
	}
	cfg.sections = names
	if *only != "" {
		cfg.sections = strings.Split(*only, ",")
	}
	for _, s := range cfg.sections {
		if !slices.Contains(names, s) {
			return cfg, fmt.Errorf("there is no section %q; there are %s", s, strings.Join(names, ", "))
		}
	}
	var err error
	cfg.queries, err = parseQueries(*queries)
	return cfg, err
}

func parseQueries(list string) ([]int, error) {
	var out []int
	if list == "all" {
		for q := range 22 {
			out = append(out, q+1)
		}
		return out, nil
	}
	for _, word := range strings.Split(list, ",") {
		var q int
		if _, err := fmt.Sscan(word, &q); err != nil || q < 1 || q > 22 {
			return nil, fmt.Errorf("-queries: %q is not one of TPC-H's queries, 1 to 22", word)
		}
		out = append(out, q)
	}
	return out, nil
}

// section measures one area and gives its results.
type section struct {
	name string
	run  func(ctx context.Context, l *lab) ([]result, error)
}

var sections = []section{
	{"parquet", benchParquet},
	{"tpch", benchTPCH},
	{"rows", benchRows},
	{"postgres", benchPostgres},
	{"mongo", benchMongo},
	{"join", benchJoin},
	{"register", benchRegister},
	{"latency", benchLatency},
}

func run(ctx context.Context, cfg config) (err error) {
	stopProfile, err := startProfile(cfg.profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopProfile()) }()
	l := newLab(cfg)
	defer func() { err = errors.Join(err, l.close()) }()
	var all []result
	for _, s := range sections {
		if !slices.Contains(cfg.sections, s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", s.name)
		var results []result
		if results, err = s.run(ctx, l); err != nil {
			err = fmt.Errorf("section %s: %w", s.name, err)
			break // what was measured is still worth its time
		}
		for i := range results {
			results[i].Section = s.name
		}
		all = append(all, results...)
	}
	printTable(os.Stdout, all)
	return errors.Join(err, write(cfg.out, cfg, all))
}
