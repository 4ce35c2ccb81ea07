package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/skeinsql/skein"
)

// checkCmd is `skein check`.
type checkCmd struct {
	sourceFlags
	Timeout time.Duration `default:"30s" help:"How long a source may take to answer."`
}

// Run reports on every source and every view; it fails when one does not work, so that a pipeline stops.
func (c *checkCmd) Run(ctx context.Context) error {
	file, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	log, err := c.logger(file, slog.LevelError)
	if err != nil {
		return err
	}
	opts, err := c.options(file, log)
	if err != nil {
		return err
	}
	db, err := skein.Open(ctx, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	broken := 0
	report := func(kind, name string, err error, detail string) {
		if err == nil {
			fmt.Printf("ok    %-6s %s%s\n", kind, name, detail)
			return
		}
		broken++
		fmt.Printf("FAIL  %-6s %s\n", kind, name)
		printErrorTo(os.Stdout, "      ", err)
	}
	for _, name := range db.Engine().Catalog().Servers() {
		n, err := c.reach(ctx, db, name)
		report("source", name, err, fmt.Sprintf(" (%d tables)", n))
	}
	for _, v := range db.Engine().Catalog().Definitions().AllViews() {
		report("view", v.QualifiedName(), db.CheckView(ctx, v), "")
	}
	if broken > 0 {
		return fmt.Errorf("%d of the sources and views do not work", broken)
	}
	return nil
}

// reach lists a server's tables.
func (c *checkCmd) reach(ctx context.Context, db *skein.DB, server string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	ts, err := db.Engine().Catalog().List(ctx, server, true)
	return len(ts), err
}
