package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/skeinsql/skein/catalog"
)

// importCmd is `skein import`.
type importCmd struct {
	sourceFlags
	Server []string `arg:"" optional:"" help:"The servers to import from; none is all of them."`
}

// Run prints what discovery finds as DDL, to be kept in a catalog file, where it pins names and types.
func (c *importCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	printer := catalog.NewPrinter()
	servers := c.Server
	if len(servers) == 0 {
		servers = db.Engine().Catalog().Servers()
	}
	for _, s := range servers {
		if db.Engine().Catalog().Source(s) == nil {
			return fmt.Errorf("no server is called %q", s)
		}
		ts, err := db.Engine().Catalog().List(ctx, s, false)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if _, err := fmt.Fprintln(os.Stdout, printer.Table(t)); err != nil {
				return err
			}
		}
	}
	return nil
}
