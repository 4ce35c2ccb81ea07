package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

var _ sources.Verifier = (*Source)(nil)

// attributesQuery lists the columns of relations that are given by name; it takes no lock.
const attributesQuery = "SELECT attrelid, attname, attnum, atttypid, atttypmod, attnotnull FROM pg_catalog.pg_attribute" +
	" WHERE attrelid IN (%s) AND attnum > 0 AND NOT attisdropped"

// keysQuery sums up the keys of those relations.
const keysQuery = "SELECT i.indrelid, pg_catalog.sum(i.indexrelid::pg_catalog.int8) FROM pg_catalog.pg_index i WHERE i.indrelid IN (%s)" +
	" AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL GROUP BY 1"

// Verify implements [sources.Verifier].
func (s *Source) Verify(ctx context.Context, tables []*sources.Table) ([]*sources.Table, error) {
	lease, err := s.budget.Acquire(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer lease.Close()
	if !lease.Extra(s.name) {
		return nil, nil
	}
	refs := make([]plan.TableRef, len(tables))
	for i, t := range tables {
		refs[i] = t
	}
	if tables, err = s.tablesOf(refs); err != nil {
		return nil, err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = "pg_catalog.to_regclass(" + sqltext.QuoteString(tableName(t)) + ")"
	}
	c, err := s.take(ctx, sources.Identity{})
	if err != nil {
		return nil, err
	}
	defer s.putBack(c)
	list := strings.Join(names, ", ")
	results, err := c.exec(ctx, beginTransaction, strings.TrimSuffix(s.settings(sources.Identity{}, sources.Limits{}), ";"),
		fmt.Sprintf(attributesQuery, list), fmt.Sprintf(keysQuery, list), "COMMIT")
	if err != nil {
		return nil, s.failedIn(ctx, "reading the catalog", err)
	}
	results = selections(results)
	have, keys := attributesOf(results[0].Rows), map[string]string{}
	for _, r := range results[1].Rows {
		keys[string(r[0])] = string(r[1])
	}
	var out []*sources.Table
	for _, t := range tables {
		rel := t.Detail.(*relation)
		if have.differ(t) != "" || cmp.Or(keys[strconv.FormatUint(uint64(rel.oid), 10)], "0") != strconv.FormatInt(rel.keys, 10) {
			out = append(out, t)
		}
	}
	return out, nil
}

// attributes are rows of pg_attribute.
type attributes struct {
	columns map[string]bool
	width   map[string]int // by relation
}

// attributesOf reads the answer to attributesQuery.
func attributesOf(rows [][][]byte) *attributes {
	a := &attributes{columns: make(map[string]bool, len(rows)), width: map[string]int{}}
	for _, r := range rows {
		a.columns[fmt.Sprintf("%s %s %s %s %s %s", r[0], r[2], r[3], r[4], r[5], r[1])] = true
		a.width[string(r[0])]++
	}
	return a
}

// differ says how a table differs from what was discovered, "" when it does not.
func (a *attributes) differ(t *sources.Table) string {
	rel := t.Detail.(*relation)
	if a.width[strconv.FormatUint(uint64(rel.oid), 10)] != rel.width {
		return "it has another number of columns"
	}
	for _, c := range rel.columns {
		if !a.columns[fmt.Sprintf("%d %d %d %d %s %s", rel.oid, c.num, c.typeOID, c.typeMod, boolText(c.notNull), c.name)] {
			return "column " + c.name + " is another"
		}
	}
	return ""
}

// boolText is PostgreSQL's text of a boolean.
func boolText(b bool) string {
	if b {
		return "t"
	}
	return "f"
}
