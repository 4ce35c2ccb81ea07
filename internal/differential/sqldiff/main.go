// Sqldiff runs files of SQL statements on PostgreSQL and on Skein over the same tables, and says how the answers compare:
//
//	go run ./internal/differential/sqldiff -url postgres://… [-setup ddl.sql] [-report file] statements.sql…
//
// Bare names resolve to schema public. Queries run with pushdown and without; other statements run on PostgreSQL alone.
// Without -url it starts a private PostgreSQL 15. It exits with 1 when an answer is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/skeinsql/skein/internal/differential"
	"github.com/skeinsql/skein/internal/fixture"
)

func main() {
	wrong, err := run(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if wrong > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context) (wrong int, err error) {
	url := flag.String("url", "", "database with the tables, of a role that may make tables and schemas; without it, a private empty one")
	setup := flag.String("setup", "", "file of statements that PostgreSQL runs first")
	report := flag.String("report", "", "file to write every statement that is not identical to")
	flag.Parse()
	if flag.NArg() == 0 {
		return 0, errors.New("name the files of statements to run")
	}
	if *url == "" {
		p, err := fixture.StartPostgres(ctx, fixture.PostgresOptions{})
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, p.Stop()) }()
		if *url, _, err = p.NewDatabase(ctx); err != nil {
			return 0, err
		}
	}
	x, err := differential.OpenExternal(ctx, *url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, x.Close(ctx)) }()
	files := flag.Args()
	if *setup != "" {
		files = append([]string{*setup}, files...)
	}
	var all []differential.Result
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		results, err := x.Run(ctx, filepath.Base(file), string(text))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, results...)
	}
	counts := differential.Count(all)
	if _, err := os.Stdout.WriteString(counts.String()); err != nil {
		return 0, err
	}
	if *report != "" {
		if err := os.WriteFile(*report, []byte(differential.Differences(all)), 0o600); err != nil {
			return 0, err
		}
	}
	return counts.Total(differential.Wrong), nil
}
