// Sqldiff runs files of SQL statements on PostgreSQL and on Skein over the same tables, and says how the answers compare:
//
//	go run ./internal/differential/sqldiff -url postgres://… [-set name=value] [-setup ddl.sql] [-fresh] [-report file] [-json file] files…
//
// Bare names resolve to schema public. Queries run with pushdown and without; other statements run on PostgreSQL alone.
// Files are scripts of psql, or sqllogictest's records where they end in .slt or -records is given. Without -url it
// starts a private PostgreSQL 15. It exits with 1 when an answer is wrong.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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

// options are the command's flags.
type options struct {
	url, setup, report, json string
	records                  bool
	external                 differential.ExternalOptions
	files                    []string
}

func parseOptions() (*options, error) {
	o := &options{external: differential.ExternalOptions{Settings: map[string]string{}}}
	flag.StringVar(&o.url, "url", "", "database with the tables, of a role that may make tables and schemas; without it, a private empty one")
	flag.StringVar(&o.setup, "setup", "", "script that PostgreSQL runs before each file")
	flag.StringVar(&o.report, "report", "", "file to write every statement that is not identical to")
	flag.StringVar(&o.json, "json", "", "file to write every result to, one JSON object a line")
	flag.BoolVar(&o.records, "records", false, "files are sqllogictest's records, whatever their names")
	flag.BoolVar(&o.external.Fresh, "fresh", false, "drop schema public with all in it before each file")
	flag.DurationVar(&o.external.Timeout, "timeout", 20*time.Second, "longest time of a statement on either side")
	flag.Func("set", "setting of both sides, as `name=value`; may be given again", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("write it as name=value")
		}
		o.external.Settings[strings.ToLower(name)] = value
		return nil
	})
	flag.Parse()
	o.files = flag.Args()
	if len(o.files) == 0 {
		return nil, errors.New("name the files of statements to run")
	}
	return o, nil
}

func run(ctx context.Context) (wrong int, err error) {
	o, err := parseOptions()
	if err != nil {
		return 0, err
	}
	if o.url == "" {
		p, err := fixture.StartPostgres(ctx, fixture.PostgresOptions{})
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, p.Stop()) }()
		if o.url, _, err = p.NewDatabase(ctx); err != nil {
			return 0, err
		}
	}
	x, err := differential.OpenExternal(ctx, o.url, o.external)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, x.Close(ctx)) }()
	var all []differential.Result
	for _, file := range o.files {
		results, err := o.runFile(ctx, x, file)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, results...)
	}
	counts := differential.Count(all)
	if _, err := os.Stdout.WriteString(counts.String() + leftOut(x)); err != nil {
		return 0, err
	}
	return counts.Total(differential.Wrong), o.write(all)
}

func (o *options) runFile(ctx context.Context, x *differential.External, file string) ([]differential.Result, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if o.records || strings.HasSuffix(file, ".slt") {
		return x.RunRecords(ctx, filepath.Base(file), string(text))
	}
	if o.setup != "" {
		setup, err := os.ReadFile(o.setup)
		if err != nil {
			return nil, err
		}
		text = append(append(setup, '\n'), text...)
	}
	return x.Run(ctx, filepath.Base(file), string(text))
}

func leftOut(x *differential.External) string {
	var b strings.Builder
	left := x.LeftOut()
	for _, why := range slices.Sorted(maps.Keys(left)) {
		fmt.Fprintf(&b, "left out: %d, %s\n", left[why], why)
	}
	return b.String()
}

func (o *options) write(all []differential.Result) error {
	if o.report != "" {
		if err := os.WriteFile(o.report, []byte(differential.Differences(all)), 0o600); err != nil {
			return err
		}
	}
	if o.json == "" {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, r := range all {
		if err := enc.Encode(map[string]any{
			"file": r.Feature, "sql": r.SQL, "verdict": r.Verdict.String(), "placement": r.Placement.String(), "detail": r.Detail, "got": r.Got, "want": r.Want, "answered": r.Answered, "ms": r.Took.Milliseconds(),
		}); err != nil {
			return err
		}
	}
	return os.WriteFile(o.json, b.Bytes(), 0o600)
}
