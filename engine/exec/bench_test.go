package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// benchTable cuts columns of n rows into batches in 16 splits.
func benchTable(cols []plan.Column, arrays []arrow.Array, n int) *table {
	tb := &table{cols: cols, splits: make([][]arrow.RecordBatch, 16), est: -1}
	rec := batch.NewRecord(schemaOf(cols), arrays, n)
	for i, r := range batch.SliceRows(rec, batch.Rows) {
		tb.splits[i%16] = append(tb.splits[i%16], r)
	}
	return tb
}

func int64Column(n int, f func(i int) int64) arrow.Array {
	v := make([]int64, n)
	for i := range v {
		v[i] = f(i)
	}
	return fixedArray(arrow.PrimitiveTypes.Int64, v, nil)
}

func textColumn(n int, f func(i int) string) arrow.Array {
	b := array.NewStringBuilder(allocator)
	for i := range n {
		b.Append(f(i))
	}
	return b.NewArray()
}

// drainPlan runs a plan and gives its number of rows.
func drainPlan(b *testing.B, n plan.Node, workers int) int64 {
	rt, _ := runtimeFor(b, config{8192, workers, int32(workers)})
	rt.Stats = nil
	rt.Snapshots["mem"].(*snapshot).calm = true
	rd, err := Open(context.Background(), n, rt)
	if err != nil {
		b.Fatal(err)
	}
	defer rd.Close()
	var rows int64
	for {
		rec, err := rd.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += rec.NumRows()
		rec.Release()
	}
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// repeat runs f b.N times and reports wall and CPU time a row.
func repeat(b *testing.B, rows int, f func()) {
	b.ResetTimer()
	from := cpuTime()
	for range b.N {
		f()
	}
	per := float64(b.N) * float64(rows)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/per, "ns/row")
	b.ReportMetric(float64(cpuTime()-from)/per, "cpu-ns/row")
}

func BenchmarkHashJoin(b *testing.B) {
	const build, probe = 1_500_000, 6_000_000
	shuffled := rand.New(rand.NewPCG(1, 2)).Perm(build)
	keys := map[string]func(i int) int64{
		"dense": func(i int) int64 { return int64(i) }, "sparse": func(i int) int64 { return int64(i) * 1_000_003 },
	}
	for name, f := range keys {
		k, v := column("k", types.Int8T), column("v", types.Int8T)
		pk := column("pk", types.Int8T)
		right := benchTable([]plan.Column{k, v}, []arrow.Array{
			int64Column(build, func(i int) int64 { return f(shuffled[i]) }), int64Column(build, func(i int) int64 { return int64(i) }),
		}, build)
		left := benchTable([]plan.Column{pk}, []arrow.Array{int64Column(probe, func(i int) int64 { return f(shuffled[i%build]) })}, probe)
		join := &plan.HashJoin{
			Kind: plan.Inner, Left: left.node(), Right: right.node(), ProbeKeys: []expr.Expr{pk.Ref()},
			BuildKeys: []expr.Expr{k.Ref()}, NullsEqual: []bool{false},
		}
		count := &plan.Aggregate{Input: join, Aggs: []plan.AggItem{agg("count_star")}}
		for _, w := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, w), func(b *testing.B) {
				repeat(b, build+probe, func() { drainPlan(b, count, w) })
			})
		}
		b.Run(name+"/build", func(b *testing.B) {
			empty := *left
			empty.splits = nil
			j := *join
			j.Left = (&empty).node()
			repeat(b, build, func() { drainPlan(b, &j, 1) })
		})
	}
}

func BenchmarkHashJoinText(b *testing.B) {
	const build, probe = 200_000, 2_000_000
	k, pk := column("k", types.TextT), column("pk", types.TextT)
	name := func(i int) string { return fmt.Sprintf("Customer#%09d", i*7919%build) }
	right := benchTable([]plan.Column{k}, []arrow.Array{textColumn(build, name)}, build)
	left := benchTable([]plan.Column{pk}, []arrow.Array{textColumn(probe, func(i int) string { return name(i * 31) })}, probe)
	n := &plan.Aggregate{Input: &plan.HashJoin{
		Kind: plan.LeftSemi, Left: left.node(), Right: right.node(), ProbeKeys: []expr.Expr{pk.Ref()},
		BuildKeys: []expr.Expr{k.Ref()}, NullsEqual: []bool{false},
	}, Aggs: []plan.AggItem{agg("count_star")}}
	repeat(b, build+probe, func() { drainPlan(b, n, 1) })
}

// BenchmarkGroup is like TPC-H's Q1 without its expressions: two text keys with four groups, five sums and averages.
func BenchmarkGroup(b *testing.B) {
	const n = 6_000_000
	flag, status := column("flag", types.TextT), column("status", types.TextT)
	key, price, qty := column("key", types.Int8T), column("price", types.NumericOf(15, 2)), column("qty", types.NumericOf(15, 2))
	rng := rand.New(rand.NewPCG(1, 2))
	flags, statuses := []string{"A", "N", "R"}, []string{"F", "O"}
	decimals := func() arrow.Array {
		v := make([]int64, n)
		for i := range v {
			v[i] = rng.Int64N(10_000_000)
		}
		return fixedArray(price.Type.Arrow(), v, nil)
	}
	picks := make([]int, n)
	for i := range picks {
		picks[i] = rng.IntN(6)
	}
	cols := []plan.Column{flag, status, key, price, qty}
	plain := benchTable(cols, []arrow.Array{
		textColumn(n, func(i int) string { return flags[picks[i]%3] }), textColumn(n, func(i int) string { return statuses[picks[i]/3] }),
		int64Column(n, func(i int) int64 { return int64(i) / 4 * 1_000_003 }), decimals(), decimals(),
	}, n)
	codes := func(f func(i int) int, values []string) arrow.Array {
		v := make([]int32, n)
		for i := range v {
			v[i] = int32(f(i))
		}
		dict := textColumn(len(values), func(i int) string { return values[i] })
		dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
		return array.NewDictionaryArray(dt, fixedArray(arrow.PrimitiveTypes.Int32, v, nil), dict)
	}
	encoded := benchTable(cols, []arrow.Array{
		codes(func(i int) int { return picks[i] % 3 }, flags), codes(func(i int) int { return picks[i] / 3 }, statuses),
		int64Column(n, func(i int) int64 { return int64(i) / 4 }), decimals(), decimals(),
	}, n)
	aggs := []plan.AggItem{
		agg("sum_numeric", price.Ref()), agg("sum_numeric", qty.Ref()), agg("avg_numeric", price.Ref()), agg("avg_numeric", qty.Ref()), agg("count_star"),
	}
	item := func(c plan.Column) plan.Item { return plan.Item{Column: column(c.Name, c.Type), Expr: c.Ref()} }
	for _, bc := range []struct {
		name  string
		input *table
		keys  []plan.Item
		aggs  []plan.AggItem
	}{
		{"none", plain, nil, aggs},
		{"few", plain, []plan.Item{item(flag), item(status)}, aggs},
		{"few keys alone", plain, []plan.Item{item(flag), item(status)}, nil},
		{"few by dictionary", encoded, []plan.Item{item(flag), item(status)}, aggs},
		{"many", plain, []plan.Item{item(key)}, aggs[:1]},
	} {
		for _, w := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", bc.name, w), func(b *testing.B) {
				node := &plan.Aggregate{Input: bc.input.node(), Keys: bc.keys, Aggs: bc.aggs}
				repeat(b, n, func() { drainPlan(b, node, w) })
			})
		}
	}
}

func BenchmarkSort(b *testing.B) {
	const n = 2_000_000
	rng := rand.New(rand.NewPCG(1, 2))
	k, s := column("k", types.Int8T), column("s", types.TextT)
	tb := benchTable([]plan.Column{k, s}, []arrow.Array{
		int64Column(n, func(int) int64 { return rng.Int64N(1 << 40) }), textColumn(n, func(int) string { return fmt.Sprintf("text %08x", rng.Uint32()) }),
	}, n)
	for _, c := range []plan.Column{k, s} {
		b.Run(c.Name, func(b *testing.B) {
			repeat(b, n, func() { drainPlan(b, &plan.Sort{Input: tb.node(), Keys: []plan.SortKey{{Expr: c.Ref()}}}, 2) })
		})
	}
	b.Run("top 100", func(b *testing.B) {
		repeat(b, n, func() {
			drainPlan(b, &plan.Limit{Input: tb.node(), Keys: []plan.SortKey{{Expr: k.Ref()}}, Count: int8Const(100)}, 2)
		})
	})
}
