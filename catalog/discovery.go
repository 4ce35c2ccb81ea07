package catalog

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// tableCache keeps what was discovered, so that a statement over known tables asks their servers no more than whether they
// are still the same; Begin verifies them once more. A table that is not known is always asked for, so that a new one is found at once.
type tableCache struct {
	mu      sync.Mutex
	tables  map[tableKey]*sources.Table
	asked   map[tableKey]time.Time // when they were discovered
	flights flights
	// typeServers are the servers that named types were found at.
	typeServers map[string]string
}

// maxTypeServers bounds what is remembered of types.
const maxTypeServers = 10_000

type tableKey struct{ server, schema, table string }

func newTableCache() *tableCache {
	return &tableCache{tables: map[tableKey]*sources.Table{}, typeServers: map[string]string{}}
}

func (c *tableCache) get(k tableKey) *sources.Table {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tables[k]
}

func (c *tableCache) put(ts []*sources.Table) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked = map[tableKey]time.Time{}
	}
	for _, t := range ts {
		k := tableKey{t.ServerName, t.SchemaName, t.TableName}
		c.tables[k], c.asked[k] = t, time.Now()
	}
}

// Forget drops tables from what is known, so that the next statement discovers them again.
func (c *Catalog) Forget(tables []plan.TableRef) {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	for _, t := range tables {
		k := tableKey{t.Server(), t.Schema(), t.Name()}
		delete(c.cache.tables, k)
		delete(c.cache.asked, k)
	}
}

// table finds one table of a server: nil when the server has none of that name.
func (c *Catalog) table(ctx context.Context, server, schema, name string) (*sources.Table, error) {
	k := tableKey{server, schema, name}
	if t := c.cache.get(k); t != nil {
		return t, nil
	}
	src := c.Source(server)
	if src == nil {
		return nil, nil
	}
	discover := func(ctx context.Context) ([]*sources.Table, error) {
		ts, err := src.Discover(ctx, sources.Pattern{Schema: schema, Table: name, Declared: c.declared(server)})
		if err == nil {
			c.cache.put(ts)
		}
		return ts, err
	}
	for {
		ts, joined, err := c.cache.flights.ask(ctx, k, discover)
		if err != nil {
			return nil, fromServer(server, err)
		}
		for _, t := range ts {
			if t.SchemaName == schema && t.TableName == name {
				return t, nil
			}
		}
		// A request that was under way already may have looked before the table was created.
		if !joined {
			return nil, nil
		}
	}
}

func fromServer(server string, err error) error {
	var e *sqlerr.Error
	if errors.Is(err, context.Canceled) {
		return err
	}
	if errors.As(err, &e) {
		if e.Source == "" {
			return e.From(server)
		}
		return err
	}
	return sqlerr.New(sqlerr.FDWError, "asking for its tables failed: %w", err).From(server)
}

// declared are the tables that the catalog declares for a server, and alterations as tables without columns.
func (c *Catalog) declared(server string) []*sources.Table {
	var out []*sources.Table
	for _, key := range sortedKeys(c.defs.Tables[server]) {
		out = append(out, c.defs.Tables[server][key])
	}
	s := c.defs.Servers[server]
	if s == nil {
		return out
	}
	for _, key := range sortedKeys(s.Altered) {
		schema, name, _ := strings.Cut(key, ".")
		out = merge(out, server, schema, name, s.Altered[key])
	}
	return out
}

// merge applies an alteration to the declared table of its name, or adds a bare one.
func merge(ts []*sources.Table, server, schema, name string, a *Alteration) []*sources.Table {
	for i, t := range ts {
		if t.SchemaName == schema && t.TableName == name {
			c := *t
			c.Options = overlay(t.Options, a.Options)
			c.ColumnOptions = map[string]map[string]string{}
			for col, o := range t.ColumnOptions {
				c.ColumnOptions[col] = o
			}
			for col, o := range a.Columns {
				c.ColumnOptions[col] = overlay(c.ColumnOptions[col], o)
			}
			ts[i] = &c
			return ts
		}
	}
	return append(ts, &sources.Table{
		ServerName: server, SchemaName: schema, TableName: name, Type: sources.ForeignTable, RowCount: -1,
		Options: a.Options, ColumnOptions: a.Columns,
	})
}

func overlay(base, over map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range over {
		out[k] = v
	}
	return out
}

// List discovers the tables of a server that a filter lets pass, ordered by schema and name.
func (c *Catalog) List(ctx context.Context, server string, namesOnly bool) ([]*sources.Table, error) {
	return c.ListMatching(ctx, server, sources.Pattern{NamesOnly: namesOnly})
}

// ListMatching is List of the tables that match p, whose Declared it sets.
func (c *Catalog) ListMatching(ctx context.Context, server string, p sources.Pattern) ([]*sources.Table, error) {
	src := c.Source(server)
	if src == nil {
		return nil, nil
	}
	p.Declared = c.declared(server)
	ts, err := guarded(ctx, func(ctx context.Context) ([]*sources.Table, error) {
		return src.Discover(ctx, p)
	})
	if err != nil {
		return nil, fromServer(server, err)
	}
	ts = slices.Clone(ts)
	slices.SortFunc(ts, func(a, b *sources.Table) int {
		if c := strings.Compare(a.SchemaName, b.SchemaName); c != 0 {
			return c
		}
		return strings.Compare(a.TableName, b.TableName)
	})
	return ts, nil
}
