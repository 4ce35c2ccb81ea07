package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine"
)

// queryCmd is `skein query`.
type queryCmd struct {
	sourceFlags
	SQL    string `arg:"" optional:"" help:"The statement; - or nothing reads it from standard input."`
	URL    string `name:"url" placeholder:"URL" help:"A running server, grpc://host:port or grpc+tls://host:port, instead of running the statement in this process."`
	Token  string `placeholder:"TOKEN" help:"The token that the server asks for."`
	TLSCA  string `name:"tls-ca" placeholder:"FILE" help:"Certificates to trust (PEM)."`
	NoTLSV bool   `name:"tls-skip-verify" help:"Trust any certificate: for self-signed ones."`
	Format string `short:"f" enum:"table,csv,json,arrow,parquet" default:"table" help:"table, csv, json (lines), arrow (IPC stream) or parquet."`
	Output string `short:"o" placeholder:"FILE" help:"Write to a file instead of standard output."`
	Quiet  bool   `short:"q" help:"No progress and no row count."`
}

// Run runs the statement and writes its rows as they come.
func (c *queryCmd) Run(ctx context.Context) error {
	sql, err := c.statement()
	if err != nil {
		return err
	}
	rows, end, err := c.start(ctx, sql)
	if err != nil {
		return err
	}
	return errors.Join(c.write(ctx, rows), end())
}

func (c *queryCmd) statement() (string, error) {
	if c.SQL != "" && c.SQL != "-" {
		return c.SQL, nil
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return "", fmt.Errorf("reading the statement from standard input: %w", err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", errors.New(`no statement was given: skein query "select …"`)
	}
	return string(text), nil
}

// start starts the statement; end gives everything back once the rows were read.
func (c *queryCmd) start(ctx context.Context, sql string) (array.RecordReader, func() error, error) {
	if c.URL != "" {
		return c.openRemote(ctx, sql)
	}
	tuneRuntime()
	db, err := c.sourceFlags.open(ctx, slog.LevelWarn)
	if err != nil {
		return nil, nil, err
	}
	rows, err := db.Query(ctx, sql, c.options(db)...)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return rows, func() error {
		rows.Release()
		return db.Close()
	}, nil
}

// printsText says that the format shows numbers as PostgreSQL does.
func (c *queryCmd) printsText() bool {
	return c.Format == "table" || c.Format == "csv" || c.Format == "json"
}

// options asks for numerics as PostgreSQL prints them, unless the command line or the file asks for another form.
func (c *queryCmd) options(db *skein.DB) []any {
	s, err := db.Engine().NewSession(skein.Identity{})
	if err != nil || !c.printsText() {
		return nil
	}
	defer func() { _ = s.Close() }()
	if _, chosen := s.Default(engine.SettingNumeric); chosen {
		return nil
	}
	return []any{skein.With(engine.SettingNumeric, numericAsText)}
}

// write sends the rows to the output in the format asked for.
func (c *queryCmd) write(ctx context.Context, rows array.RecordReader) (err error) {
	out := io.Writer(os.Stdout)
	if c.Output != "" {
		f, err := os.Create(c.Output)
		if err != nil {
			return fmt.Errorf("opening the output: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	buffered := bufio.NewWriterSize(out, 1<<20)
	sink, err := newSink(c.Format, buffered, rows.Schema(), c.Output == "" && !c.Quiet)
	if err != nil {
		return err
	}
	progress := startProgress(ctx, c.Quiet)
	writeErr := drain(rows, sink, progress)
	progress.stop()
	if err := rows.Err(); err != nil {
		return err
	}
	if err := errors.Join(writeErr, sink.close(), buffered.Flush()); err != nil {
		return fmt.Errorf("writing %s: %w", c.Format, err)
	}
	return nil
}

// drain writes every batch; what the reader ran into is in its Err.
func drain(rows array.RecordReader, out sink, progress *progress) error {
	for rows.Next() {
		rec := rows.RecordBatch()
		if err := out.write(rec); err != nil {
			return err
		}
		progress.rows.Add(rec.NumRows())
	}
	return nil
}
