package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// lineitemDDL makes a table shaped as TPC-H's lineitem.
const lineitemDDL = `CREATE TABLE lineitem (
 l_orderkey int8 NOT NULL, l_partkey int8 NOT NULL, l_suppkey int8 NOT NULL, l_linenumber int4 NOT NULL,
 l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL,
 l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL,
 l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL,
 l_comment varchar(44) NOT NULL);
INSERT INTO lineitem SELECT i / 4, i::int8 * 7919 % 200000, i::int8 * 104729 % 10000, i % 7 + 1, i % 50 + 1, (i::int8 * 31337 % 9000000)::numeric / 100 + 900,
 (i % 11)::numeric / 100, (i % 9)::numeric / 100, substr('ARN', i % 3 + 1, 1), substr('OF', i % 2 + 1, 1),
 date '1992-01-02' + i % 2500, date '1992-01-31' + i % 2500, date '1992-02-02' + i % 2500,
 (ARRAY['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[i % 4 + 1],
 (ARRAY['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'])[i % 7 + 1],
 substr('carefully final deposits sleep slyly among the even requests', i % 20, 10 + i % 33)
 FROM generate_series(1, 1000000) i;
ANALYZE lineitem`

// BenchmarkScan reads a million rows of 16 columns over one lane and two, in turns with psql's binary COPY to /dev/null
// over as many connections, which is the floor. It reports rows/s of both, and how many times psql's time ours is.
func BenchmarkScan(b *testing.B) {
	s := newServer(b, lineitemDDL)
	rs := s.plan(scanNode(s.table("lineitem")))
	for _, lanes := range []int{1, 2} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				require.EqualValues(b, 1_000_000, readLanes(b, s, rs, lanes))
				middle := time.Now()
				psqlCopy(b, s, lanes)
				ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
			}
			b.ReportMetric(1e6*float64(b.N)/ours.Seconds(), "rows/s")
			b.ReportMetric(1e6*float64(b.N)/theirs.Seconds(), "psql-rows/s")
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "times-psql")
		})
	}
}

func readLanes(t testing.TB, s *server, rs plan.RemoteScan, lanes int) (rows int64) {
	ctx := context.Background()
	sn, end, err := s.begin(ctx, lanes, lanes, rs.Tables()...)
	require.NoError(t, err)
	defer end()
	env := &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}}
	var queue sources.SplitQueue
	var all []sources.Lane
	for range lanes {
		ln, err := sn.Lane(ctx, false)
		require.NoError(t, err)
		defer func() { _ = ln.Close() }()
		if queue == nil {
			queue, err = ln.Splits(ctx, rs, env)
			require.NoError(t, err)
		}
		all = append(all, ln)
	}
	errs := make([]error, lanes)
	var wg sync.WaitGroup
	for i, ln := range all {
		wg.Go(func() { errs[i] = drainQueue(ctx, ln, rs, queue, env) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	return env.Stats.Rows.Load()
}

func drainQueue(ctx context.Context, ln sources.Lane, rs plan.RemoteScan, q sources.SplitQueue, env *sources.Env) error {
	for {
		split, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := ln.Open(ctx, rs, split, env)
		if err != nil {
			return err
		}
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return errors.Join(err, r.Close())
			}
			rec.Release()
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
}

func psqlCopy(b *testing.B, s *server, connections int) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		b.Skip("there is no psql")
	}
	var half string
	require.NoError(b, s.admin.QueryRow(context.Background(),
		"SELECT '(' || pg_relation_size('lineitem') / 8192 / 2 || ',0)'").Scan(&half))
	parts := []string{"COPY lineitem TO STDOUT (FORMAT binary)"}
	if connections == 2 {
		parts = []string{
			"COPY (SELECT * FROM lineitem WHERE ctid < '" + half + "') TO STDOUT (FORMAT binary)",
			"COPY (SELECT * FROM lineitem WHERE ctid >= '" + half + "') TO STDOUT (FORMAT binary)",
		}
	}
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, sql := range parts {
		wg.Go(func() {
			var stderr bytes.Buffer
			cmd := exec.CommandContext(context.Background(), psql, "-X", "-q", s.url, "-c", sql)
			cmd.Stderr = &stderr // stdout is /dev/null
			errs[i] = cmd.Run()
		})
	}
	wg.Wait()
	require.NoError(b, errors.Join(errs...))
}

// BenchmarkBegin is the cost of a snapshot of one table.
func BenchmarkBegin(b *testing.B) {
	s := newServer(b, "CREATE TABLE t (a int4, b text)")
	table := s.table("t")
	for _, most := range []int{1, 2} {
		b.Run(map[int]string{1: "alone", 2: "exported"}[most], func(b *testing.B) {
			for b.Loop() {
				_, end, err := s.begin(context.Background(), 1, most, table)
				require.NoError(b, err)
				end()
			}
		})
	}
}
