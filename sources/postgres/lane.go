package postgres

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// lane is one connection inside a snapshot.
type lane struct {
	snapshot *snapshot
	conn     *conn
	extra    bool
	closed   bool
}

var _ sources.Lane = (*lane)(nil)

func (l *lane) source() *Source { return l.snapshot.source }

// Wanted says whether somebody waits for the connection.
func (l *lane) Wanted() bool {
	return l.extra && l.snapshot.need.Lease.Wanted(l.source().name)
}

// Close returns the connection.
func (l *lane) Close() error {
	if !l.closed {
		l.closed = true
		l.snapshot.leave(l.conn, l.extra)
	}
	return nil
}

// restore goes back to the savepoint after a failed or cancelled statement.
func (l *lane) restore() {
	if l.conn.pg.IsClosed() || l.conn.pg.TxStatus() != 'E' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
	defer cancel()
	// A cancel request that arrives late hits this statement instead: then once more.
	for range 2 {
		if _, err := l.conn.exec(ctx, "ROLLBACK TO SAVEPOINT "+savepoint); err == nil {
			return
		}
	}
	l.conn.close()
}

// pages is a split: those pages of a table, and of each of its partitions; the last one has no end.
type pages struct{ from, to int64 }

// everything is the one split of a scan that is not split.
var everything = pages{0, -1}

func (p pages) String() string {
	switch {
	case p == everything:
		return "all"
	case p.to < 0:
		return fmt.Sprintf("pages %d and up", p.from)
	}
	return fmt.Sprintf("pages %d to %d", p.from, p.to-1)
}

// condition is the split as a predicate on ctid, "" for everything.
func (p pages) condition(column string) string {
	if p == everything {
		return ""
	}
	bound := func(op string, page int64) string {
		return column + " " + op + " '(" + strconv.FormatInt(page, 10) + ",0)'::pg_catalog.tid"
	}
	if p.to < 0 {
		return bound(">=", p.from)
	}
	if p.from == 0 {
		return bound("<", p.to)
	}
	return bound(">=", p.from) + " AND " + bound("<", p.to)
}

// The sizes of splits in pages. BenchmarkScan: smaller ones cost up to a tenth in statements, larger ones leave one lane
// working alone at the end.
const (
	minSplit     = 256
	maxSplit     = 1024
	wantedSplits = 16
)

// splitQueue hands out ranges of pages.
type splitQueue struct {
	step, pages int64
	taken       atomic.Int64
}

// Next gives the next range.
func (q *splitQueue) Next(ctx context.Context) (sources.Split, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	n := max((q.pages+q.step-1)/q.step, 1)
	i := q.taken.Add(1) - 1
	switch {
	case i >= n:
		return nil, io.EOF
	case n == 1:
		return everything, nil
	case i == n-1:
		return pages{i * q.step, -1}, nil
	}
	return pages{i * q.step, (i + 1) * q.step}, nil
}

// Splits asks for the table's size, inside the snapshot, where the scan can be split. A scan with conditions is split
// only if the server would read the whole table anyway: ranges of pages keep it from using an index.
func (l *lane) Splits(ctx context.Context, rs plan.RemoteScan, env *sources.Env) (sources.SplitQueue, error) {
	sc, err := l.scan(rs)
	if err != nil {
		return nil, err
	}
	if !sc.Splittable() {
		return &splitQueue{step: 1, pages: 1}, nil
	}
	if env.Stats != nil {
		env.Stats.Requests.Add(1)
	}
	n, err := l.scanPages(ctx, sc)
	if err != nil {
		l.restore()
		return nil, l.source().failedIn(ctx, "asking for the size of "+tableName(sc.tables[0]), changed(err, sc.tables...))
	}
	return &splitQueue{step: min(max(n/wantedSplits, minSplit), maxSplit), pages: n}, nil
}

// scanPages is how many pages the largest part of a scan's table has: itself or one that inherits from it. It is 1, so
// that nothing is split, when a part is not a heap, when the server is older than version 14, which finds a range of
// ctid by reading everything, and when the server would use an index.
func (l *lane) scanPages(ctx context.Context, sc *scan) (int64, error) {
	rel := sc.tables[0].Detail.(*relation)
	sql := []string{fmt.Sprintf(`WITH RECURSIVE part(oid) AS (
SELECT %d::pg_catalog.oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid)
SELECT COALESCE(max(pg_catalog.pg_relation_size(c.oid)), 0) / pg_catalog.current_setting('block_size')::int8,
 COALESCE(bool_and(a.amname IS NOT DISTINCT FROM 'heap'), false)
  AND pg_catalog.current_setting('server_version_num')::int >= 140000
FROM part JOIN pg_catalog.pg_class c ON c.oid = part.oid LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE c.relkind <> 'p'`, rel.oid)}
	if len(sc.query.Where) > 0 {
		sql = append(sql, "EXPLAIN (COSTS OFF) "+sc.sql(everything))
	}
	results, err := l.conn.exec(ctx, sql...)
	if err != nil {
		return 0, err
	}
	row := results[0].Rows[0]
	if string(row[1]) != "t" || len(results) > 1 && usesIndex(results[1].Rows) {
		return 1, nil
	}
	return strconv.ParseInt(string(row[0]), 10, 64)
}

// usesIndex reads a plan in text: nodes stand at the beginnings of lines, behind an arrow.
func usesIndex(lines [][][]byte) bool {
	for _, line := range lines {
		node := strings.TrimPrefix(strings.TrimSpace(string(line[0])), "->  ")
		for _, word := range []string{"Index ", "Bitmap ", "Tid ", "Result"} {
			if strings.HasPrefix(node, word) && !strings.HasPrefix(node, "Index Cond") {
				return true
			}
		}
	}
	return false
}

func (l *lane) scan(rs plan.RemoteScan) (*scan, error) {
	sc, ok := rs.(*scan)
	if !ok || sc.server != l.source().name {
		return nil, sqlerr.New(sqlerr.InternalError, "server %s was given a scan of %s", l.source().name, rs.Server())
	}
	return sc, nil
}

// Open reads one split: by COPY, or by the extended protocol when values are sent with the statement.
func (l *lane) Open(ctx context.Context, rs plan.RemoteScan, split sources.Split, env *sources.Env) (batch.Reader, error) {
	sc, err := l.scan(rs)
	if err != nil {
		return nil, err
	}
	part, ok := split.(pages)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "a split is not one of server %s", l.source().name)
	}
	if env.Stats != nil {
		env.Stats.Splits.Add(1)
		env.Stats.Requests.Add(1)
	}
	if len(sc.params) > 0 {
		return l.openExtended(ctx, sc, part, env)
	}
	return l.openCopy(ctx, sc, part, env)
}
