package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/sources"
)

// checkCmd is `skein check`.
type checkCmd struct {
	sourceFlags
	Timeout time.Duration `default:"30s" help:"How long a source may take to answer."`
}

// Run reports on every source and every view; it fails when one does not work, so that a pipeline stops.
func (c *checkCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx, slog.LevelError)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	broken := 0
	for _, r := range c.results(ctx, db) {
		if r.err == nil {
			fmt.Printf("ok    %-6s %s%s\n", r.kind, r.name, r.detail)
			continue
		}
		broken++
		fmt.Printf("FAIL  %-6s %s\n", r.kind, r.name)
		printErrorTo(os.Stdout, "      ", r.err)
	}
	if broken > 0 {
		return fmt.Errorf("%d of the sources, tables and views do not work", broken)
	}
	return nil
}

// result is what was found out about one source, declared table or view.
type result struct {
	kind, name, detail string
	err                error
}

// results asks all sources at the same time, and then for the declared tables and the views that need them.
func (c *checkCmd) results(ctx context.Context, db *skein.DB) []result {
	cat := db.Engine().Catalog()
	servers := cat.Servers()
	out := make([]result, len(servers))
	var wg sync.WaitGroup
	for i, name := range servers {
		wg.Go(func() { out[i] = c.reach(ctx, cat, name) })
	}
	wg.Wait()
	defs := cat.Definitions()
	for _, server := range servers {
		for _, key := range slices.Sorted(maps.Keys(defs.Tables[server])) {
			t := defs.Tables[server][key]
			name := []string{server, t.SchemaName, t.TableName}
			_, err := within(ctx, c.Timeout, func(ctx context.Context) (*catalog.Found, error) {
				return cat.Resolver(nil).Relation(ctx, name)
			})
			out = append(out, result{kind: "table", name: strings.Join(name, "."), err: err})
		}
	}
	for _, v := range defs.AllViews() {
		_, err := within(ctx, c.Timeout, func(ctx context.Context) (struct{}, error) { return struct{}{}, db.CheckView(ctx, v) })
		out = append(out, result{kind: "view", name: v.QualifiedName(), err: err})
	}
	return out
}

// reach lists a server's tables.
func (c *checkCmd) reach(ctx context.Context, cat *catalog.Catalog, server string) result {
	ts, err := within(ctx, c.Timeout, func(ctx context.Context) ([]*sources.Table, error) { return cat.List(ctx, server, true) })
	return result{kind: "source", name: server, detail: fmt.Sprintf(" (%d tables)", len(ts)), err: err}
}

// within bounds the time of one question.
func within[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return ask(ctx)
}
