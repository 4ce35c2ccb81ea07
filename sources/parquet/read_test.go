package parquet

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// tester is what *testing.T, *testing.B and *rapid.T have in common.
type tester interface {
	require.TestingT
	Helper()
}

func openSource(t tester, path string, options ...string) *Source {
	t.Helper()
	c := sources.Config{Name: "lake", Options: map[string]string{"path": path}}
	for i := 0; i < len(options); i += 2 {
		c.Options[options[i]] = options[i+1]
	}
	s, err := Open(context.Background(), c)
	require.NoError(t, err)
	return s.(*Source)
}

func discover(t tester, s *Source, table string) *sources.Table {
	t.Helper()
	found, err := s.Discover(context.Background(), sources.Pattern{Schema: schemaName, Table: table})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// scanOf plans a scan of columns by name, of all when none is named; a column's ID is its ordinal plus one.
func scanOf(tab *sources.Table, names ...string) *plan.Scan {
	n := &plan.Scan{Table: tab}
	if len(names) == 0 {
		for _, c := range tab.Cols {
			names = append(names, c.Name)
		}
	}
	for _, name := range names {
		o := tab.Column(name)
		c := tab.Cols[o]
		n.Ordinals = append(n.Ordinals, o)
		n.Cols = append(n.Cols, plan.Column{ID: expr.ColumnID(o + 1), Name: c.Name, Type: c.Type, Nullable: c.Nullable})
	}
	return n
}

// readAll reads a fragment with some workers and gives its batches, in the order of splits when there is one worker.
func readAll(t tester, s *Source, root plan.Node, workers, rows int) ([]arrow.RecordBatch, *sources.ReadStats, error) {
	t.Helper()
	return readWith(t, s, root, workers, &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}, BatchRows: rows})
}

func readWith(t tester, s *Source, root plan.Node, workers int, env *sources.Env) ([]arrow.RecordBatch, *sources.ReadStats, error) {
	t.Helper()
	ctx := context.Background()
	rs, err := s.Plan(plan.Fragment{Server: s.name, Root: root})
	require.NoError(t, err)
	snap, err := s.Begin(ctx, sources.Identity{}, sources.Need{Tables: rs.Tables()})
	if err != nil {
		return nil, nil, err
	}
	defer snap.Close()
	first, err := snap.Lane(ctx, false)
	require.NoError(t, err)
	q, err := first.Splits(ctx, rs, env)
	if err != nil {
		return nil, nil, err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var out []arrow.RecordBatch
	var failed error
	for range workers {
		wg.Go(func() {
			l, _ := snap.Lane(ctx, false)
			defer l.Close()
			recs, err := drain(ctx, l, rs, q, env)
			mu.Lock()
			defer mu.Unlock()
			out, failed = append(out, recs...), errors.Join(failed, err)
		})
	}
	wg.Wait()
	return out, env.Stats, failed
}

func drain(ctx context.Context, l sources.Lane, rs plan.RemoteScan, q sources.SplitQueue, env *sources.Env) ([]arrow.RecordBatch, error) {
	var out []arrow.RecordBatch
	for {
		sp, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		r, err := l.Open(ctx, rs, sp, env)
		if err != nil {
			return out, err
		}
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return out, errors.Join(err, r.Close())
			}
			out = append(out, rec)
		}
		if err := r.Close(); err != nil {
			return out, err
		}
	}
}

// texts prints rows, for comparing.
func texts(recs []arrow.RecordBatch) [][]string {
	var out [][]string
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			row := make([]string, rec.NumCols())
			for j, c := range rec.Columns() {
				row[j] = c.ValueStr(i)
			}
			out = append(out, row)
		}
	}
	return out
}

// BenchmarkLineitem decodes TPC-H's lineitem, named by SKEIN_BENCH_LINEITEM (made by tpchgen-cli).
func BenchmarkLineitem(b *testing.B) {
	path := os.Getenv("SKEIN_BENCH_LINEITEM")
	if path == "" {
		b.Skip("SKEIN_BENCH_LINEITEM names no file")
	}
	s := openSource(b, path)
	tab := discover(b, s, tableName(filepath.Base(path)))
	q6 := []string{"l_quantity", "l_extendedprice", "l_discount", "l_shipdate"}
	for _, c := range []struct {
		name    string
		cols    []string
		workers int
	}{{"all/1", nil, 1}, {"all/2", nil, 2}, {"q6/1", q6, 1}, {"q6/2", q6, 2}} {
		b.Run(c.name, func(b *testing.B) {
			before := cpu()
			for b.Loop() {
				discard(b, s, scanOf(tab, c.cols...), c.workers)
			}
			b.ReportMetric(float64((cpu()-before).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
	recs, _, err := readAll(b, s, scanOf(tab, "l_extendedprice"), 1, 0)
	require.NoError(b, err)
	sum := int64(0)
	for _, r := range recs {
		for _, v := range r.Column(0).(*array.Decimal64).Values() {
			sum += int64(v)
		}
	}
	b.Log("sum of l_extendedprice", sum)
}

// cpu is the processor time that this process has used: a figure that a busy machine changes little.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// discard reads a scan and drops its batches at once, as a stream does.
func discard(b *testing.B, s *Source, n *plan.Scan, workers int) {
	ctx := context.Background()
	rs, err := s.Plan(plan.Fragment{Server: s.name, Root: n})
	require.NoError(b, err)
	snap, err := s.Begin(ctx, sources.Identity{}, sources.Need{Tables: rs.Tables()})
	require.NoError(b, err)
	defer snap.Close()
	l, _ := snap.Lane(ctx, false)
	q, err := l.Splits(ctx, rs, nil)
	require.NoError(b, err)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				sp, err := q.Next(ctx)
				if err != nil {
					return
				}
				r, err := l.Open(ctx, rs, sp, nil)
				if err != nil {
					panic(err)
				}
				for {
					rec, err := r.Next(ctx)
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						panic(err)
					}
					rec.Release()
				}
				_ = r.Close()
			}
		})
	}
	wg.Wait()
}
