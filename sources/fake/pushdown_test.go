package fake_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/fake"
)

func everythingDB(t *testing.T) (*skein.DB, *fake.Source) {
	db, err := skein.Open(t.Context(), skein.Workers(2))
	require.NoError(t, err)
	src := fake.New("a", fake.Script{Capabilities: fake.Everything(), SplitRows: 5}, nil)
	for _, table := range shopTables["a"] {
		src.Put(table)
	}
	require.NoError(t, db.Engine().Catalog().Attach("a", src))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, src
}

// TestWholeStatementsGoDown: a source that takes everything is sent everything; with pushdown off, scans.
func TestWholeStatementsGoDown(t *testing.T) {
	db, _ := everythingDB(t)
	for _, sql := range []string{
		"SELECT t.s FROM a.main.t JOIN a.main.u ON t.id = u.g WHERE t.g > 1",
		"SELECT t.s FROM a.main.t LEFT JOIN a.main.u ON t.id = u.g",
		"SELECT s FROM a.main.t WHERE g IN (SELECT id FROM a.main.u)",
		"SELECT s FROM a.main.t WHERE g NOT IN (SELECT id FROM a.main.u)",
		"SELECT s, count(*), sum(n) FROM a.main.t GROUP BY s HAVING count(*) > 1",
		"SELECT DISTINCT s FROM a.main.t",
		"SELECT id FROM a.main.t ORDER BY n DESC, id LIMIT 3 OFFSET 1",
		"SELECT s FROM a.main.t UNION SELECT s FROM a.main.u",
		"SELECT s FROM a.main.t EXCEPT ALL SELECT s FROM a.main.u",
		"SELECT (SELECT max(u.id) FROM a.main.u WHERE u.g = t.id) FROM a.main.t",
	} {
		on, err := answer(db, "EXPLAIN "+sql+" -- ORDER BY")
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(on[0], "Remote a"), "%s\n%s", sql, strings.Join(on, "\n"))
		off, err := answer(db, "EXPLAIN "+sql+" -- ORDER BY", skein.With("skein.pushdown", "off"))
		require.NoError(t, err)
		require.NotEqual(t, on, off)
	}
}

// TestStaleTablesAreReplannedOnce: a source that finds its tables changed is asked a second time, not a third.
func TestStaleTablesAreReplannedOnce(t *testing.T) {
	db, src := everythingDB(t)
	src.Stale(1)
	got, err := answer(db, "SELECT count(*) FROM a.main.t")
	require.NoError(t, err)
	require.Equal(t, []string{"23"}, got)
	require.EqualValues(t, 2, src.Asked.Begins.Load())
	src.Stale(2)
	_, err = answer(db, "SELECT count(*) FROM a.main.t")
	require.Error(t, err)
	got, err = answer(db, "SELECT count(*) FROM a.main.t")
	require.NoError(t, err)
	require.Equal(t, []string{"23"}, got)
}

// TestReadsThatFailOrHang: an error at any batch is the statement's; a read that hangs ends with the statement.
func TestReadsThatFailOrHang(t *testing.T) {
	db, src := everythingDB(t)
	broken := errors.New("the disk is on fire")
	for at := range int64(6) {
		start := src.Asked.Nexts.Load()
		src.OnNext(func(_ context.Context, n int64) error {
			if n == start+at+1 {
				return broken
			}
			return nil
		})
		_, err := answer(db, "SELECT * FROM a.main.t")
		require.ErrorIs(t, err, broken, "batch %d", at)
	}
	src.OnNext(func(ctx context.Context, _ int64) error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := db.Query(ctx, "SELECT * FROM a.main.t")
	if err == nil {
		for r.Next() {
		}
		err = r.Err()
		r.Release()
	}
	require.Error(t, err)
	src.OnNext(nil)
	got, err := answer(db, "SELECT count(*) FROM a.main.t")
	require.NoError(t, err)
	require.Equal(t, []string{"23"}, got)
}

// TestLanesAreLeased at the source itself, below the engine: as many as the need names, beside refusals of what is not claimed.
func TestLanesAreLeased(t *testing.T) {
	src := fake.New("a", fake.Script{}, nil)
	src.Put(fake.Table{Name: "t", Columns: []plan.TableColumn{{Name: "id", Type: types.Int4T}}, Rows: [][]any{{int64(1)}}})
	tables, err := src.Discover(t.Context(), sources.Pattern{})
	require.NoError(t, err)
	n := &plan.Scan{Table: tables[0], Ordinals: []int{0}, Cols: []plan.Column{{ID: 1, Name: "id", Type: types.Int4T}}}
	rs, err := src.Plan(plan.Fragment{Server: "a", Root: n})
	require.NoError(t, err)
	_, err = src.Plan(plan.Fragment{Server: "a", Root: &plan.Filter{Input: n}})
	var refused *sources.Refused
	require.ErrorAs(t, err, &refused)
	snap, err := src.Begin(t.Context(), sources.Identity{}, sources.Need{Lanes: 1, Tables: rs.Tables()})
	require.NoError(t, err)
	require.NoError(t, src.Close())
	lane, err := snap.Lane(t.Context(), false)
	require.NoError(t, err)
	_, err = snap.Lane(t.Context(), false)
	require.Error(t, err, "one lane was leased")
	require.NoError(t, lane.Close())
	require.NoError(t, snap.Close())
}

// TestPartialAggregatesGoDown: a source without complete aggregates gives every split's groups, also below UNION ALL of
// two servers; EXPLAIN shows what is sent and what merges it.
func TestPartialAggregatesGoDown(t *testing.T) {
	parts := fake.Everything()
	parts.Aggregate, parts.Distinct = false, false
	db := openDB(t, func(string) fake.Script { return fake.Script{Capabilities: parts, SplitRows: 5} }, 2)
	defer func() { require.NoError(t, db.Close()) }()
	for _, c := range []struct {
		sql   string
		parts int
	}{
		{"SELECT g, count(*), sum(n), avg(n), variance(n), avg(f), stddev(f), min(s), bool_or(b) FROM a.main.t GROUP BY g", 1},
		{"SELECT count(*), sum(n), max(f) FROM a.main.t WHERE id < 0", 1},
		{"SELECT DISTINCT g FROM a.main.t", 1},
		{"SELECT g, count(*), avg(n) FROM (SELECT * FROM a.main.t UNION ALL SELECT * FROM b.main.v) u GROUP BY g", 2},
	} {
		explained := explain(db, c.sql, "on")
		require.Equal(t, c.parts, strings.Count(explained, "PartialAggregate"), "%s\n%s", c.sql, explained)
		on, err := answer(db, c.sql)
		require.NoError(t, err)
		off, err := answer(db, c.sql, skein.With("skein.pushdown", "off"))
		require.NoError(t, err)
		require.Equal(t, off, on, c.sql)
	}
}
