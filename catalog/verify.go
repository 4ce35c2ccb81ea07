package catalog

import (
	"context"
	"time"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// Changed asks the servers of tables whether those that were discovered before a time are still the same, and forgets
// those that are not: then it says true. A server that does not answer changes nothing: the statement will meet it.
func (c *Catalog) Changed(ctx context.Context, tables []plan.TableRef, before time.Time) bool {
	known := map[string][]*sources.Table{}
	c.cache.mu.Lock()
	for _, ref := range tables {
		t, ok := ref.(*sources.Table)
		if ok && c.cache.asked[tableKey{t.ServerName, t.SchemaName, t.TableName}].Before(before) {
			known[t.ServerName] = append(known[t.ServerName], t)
		}
	}
	c.cache.mu.Unlock()
	changed := false
	for server, ts := range known {
		v, ok := c.Source(server).(sources.Verifier)
		if !ok {
			continue
		}
		others, err := guarded(ctx, func(ctx context.Context) ([]*sources.Table, error) { return v.Verify(ctx, ts) })
		if err != nil || len(others) == 0 {
			continue
		}
		changed = true
		refs := make([]plan.TableRef, len(others))
		for i, t := range others {
			refs[i] = t
		}
		c.Forget(refs)
	}
	return changed
}
