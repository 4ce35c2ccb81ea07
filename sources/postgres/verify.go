package postgres

import (
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
const attributesQuery = "SELECT attrelid, attname, attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute" +
	" WHERE attrelid IN (%s) AND attnum > 0 AND NOT attisdropped"

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
	results, err := c.exec(ctx, beginTransaction, strings.TrimSuffix(s.settings(sources.Identity{}, sources.Limits{}), ";"),
		fmt.Sprintf(attributesQuery, strings.Join(names, ", ")), "COMMIT")
	if err != nil {
		return nil, s.failedIn(ctx, "reading the catalog", err)
	}
	have := attributesOf(selections(results)[0].Rows)
	var out []*sources.Table
	for _, t := range tables {
		if have.differ(t) != "" {
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
		a.columns[fmt.Sprintf("%s %s %s %s %s", r[0], r[2], r[3], r[4], r[1])] = true
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
		if !a.columns[fmt.Sprintf("%d %d %d %d %s", rel.oid, c.num, c.typeOID, c.typeMod, c.name)] {
			return "column " + c.name + " is another"
		}
	}
	return ""
}
