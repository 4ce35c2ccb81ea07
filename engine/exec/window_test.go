package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// windowRow is a row of the reference: p partitions, k orders with peers, id tells rows apart, v is aggregated where b.
type windowRow struct {
	p, k, v any
	id      int64
	b       bool
}

// windowCase is a table and a specification.
type windowCase struct {
	cols  []plan.Column
	rows  []windowRow
	frame plan.Frame
	total bool // the order is by k and id
	desc  bool
}

func drawWindow(t *rapid.T) *windowCase {
	c := &windowCase{cols: []plan.Column{
		column("p", types.TextT), column("k", types.Int4T), column("v", types.Int4T), column("id", types.Int8T), column("b", types.BoolT),
	}}
	small := rapid.Int64Range(-3, 6)
	orNull := func(v any, name string) any {
		if rapid.IntRange(0, 5).Draw(t, name) == 0 {
			return nil
		}
		return v
	}
	for i := range rapid.IntRange(0, 40).Draw(t, "rows") {
		c.rows = append(c.rows, windowRow{
			p: orNull(rapid.SampledFrom([]string{"", "a", "bb"}).Draw(t, "p"), "p null"), k: orNull(small.Draw(t, "k"), "k null"),
			v: orNull(small.Draw(t, "v"), "v null"), id: int64(i), b: rapid.Bool().Draw(t, "b"),
		})
	}
	c.total, c.desc = rapid.Bool().Draw(t, "total"), rapid.Bool().Draw(t, "desc")
	c.frame.Unit = rapid.SampledFrom([]plan.FrameUnit{plan.RangeFrame, plan.RowsFrame, plan.GroupsFrame}).Draw(t, "unit")
	if c.frame.Unit == plan.RowsFrame {
		c.total = true // the order of peers is nobody's
	}
	c.frame.Exclude = plan.FrameExclusion(rapid.IntRange(0, 3).Draw(t, "exclude"))
	kinds := []plan.BoundKind{plan.UnboundedPreceding, plan.Preceding, plan.CurrentRow, plan.Following, plan.UnboundedFollowing}
	if c.total && c.frame.Unit == plan.RangeFrame {
		kinds = []plan.BoundKind{plan.UnboundedPreceding, plan.CurrentRow, plan.UnboundedFollowing} // two order keys
	}
	bound := func(of []plan.BoundKind, name string) plan.Bound {
		b := plan.Bound{Kind: rapid.SampledFrom(of).Draw(t, name)}
		if b.Kind == plan.Preceding || b.Kind == plan.Following {
			typ := types.Int8T
			b.Offset = &expr.Const{Typ: typ, Value: rapid.Int64Range(0, 4).Draw(t, name+" offset")}
		}
		return b
	}
	c.frame.Start, c.frame.End = bound(kinds[:len(kinds)-1], "start"), bound(kinds[1:], "end")
	return c
}

func (c *windowCase) node(t testing.TB) *plan.Window {
	rows := make([][]value, len(c.rows))
	for i, r := range c.rows {
		rows[i] = []value{r.p, r.k, r.v, r.id, r.b}
	}
	tb := &table{cols: c.cols, splits: make([][]arrow.RecordBatch, 3), est: -1}
	if len(rows) > 0 {
		tb = tableOf(t, c.cols, rows)
	}
	p, k, v, id, b := c.cols[0].Ref(), c.cols[1].Ref(), c.cols[2].Ref(), c.cols[3].Ref(), c.cols[4].Ref()
	n := &plan.Window{Input: tb.node(), Partition: []expr.Expr{p}, Order: []plan.SortKey{{Expr: k, Desc: c.desc}}, Frame: c.frame}
	filtered := agg("sum_int4", v)
	filtered.Filter = b
	n.Items = []plan.AggItem{
		agg("count_star"), agg("sum_int4", v), agg("max_int4", v), filtered, agg("bit_or_int4", v), agg("window_rank"),
		agg("window_dense_rank"),
	}
	if c.total {
		n.Order = append(n.Order, plan.SortKey{Expr: id})
		two := &expr.Const{Typ: types.Int4T, Value: int64(2)}
		n.Items = append(n.Items, agg("window_row_number"), agg("window_first_value", id), agg("window_nth_value", id, two),
			agg("window_lag", id), agg("array_agg", id))
	}
	return n
}

// before orders rows by p, k and id.
func (c *windowCase) before(a, b windowRow) int {
	for _, pair := range [][2]any{{a.p, b.p}} {
		if x := refCompare(pair[0], pair[1], types.TextT, plan.SortKey{}); x != 0 {
			return x
		}
	}
	if x := refCompare(a.k, b.k, types.Int4T, plan.SortKey{Desc: c.desc}); x != 0 {
		return x
	}
	return int(a.id - b.id)
}

// want computes the window by its definition.
func (c *windowCase) want() []string {
	rows := slices.Clone(c.rows)
	slices.SortFunc(rows, c.before)
	var out []string
	for from := 0; from < len(rows); {
		to := from
		for to < len(rows) && rows[to].p == rows[from].p {
			to++
		}
		for i := range rows[from:to] {
			out = append(out, c.wantRow(rows[from:to], i))
		}
		from = to
	}
	return out
}

func (c *windowCase) peers(a, b windowRow) bool { return a.k == b.k && (!c.total || a.id == b.id) }

func (c *windowCase) wantRow(part []windowRow, i int) string {
	groups := make([]int, len(part))
	for j := 1; j < len(part); j++ {
		groups[j] = groups[j-1]
		if !c.peers(part[j-1], part[j]) {
			groups[j]++
		}
	}
	var in []windowRow
	for j := range part {
		if !c.inBound(part, groups, i, j, c.frame.Start, 1) || !c.inBound(part, groups, i, j, c.frame.End, -1) {
			continue
		}
		peer := groups[i] == groups[j]
		if e := c.frame.Exclude; e == plan.ExcludeCurrentRow && i == j || e == plan.ExcludeGroup && peer ||
			e == plan.ExcludeTies && peer && i != j {
			continue
		}
		in = append(in, part[j])
	}
	cells := []string{text(part[i].p), text(part[i].k), text(part[i].v), text(part[i].id), text(part[i].b)}
	cells = append(cells, aggregatesOf(in)...)
	cells = append(cells, fmt.Sprint(slices.Index(groups, groups[i])+1), fmt.Sprint(groups[i]+1))
	if c.total {
		lag, list := "NULL", "NULL"
		if i > 0 {
			lag = fmt.Sprint(part[i-1].id)
		}
		ids := make([]string, len(in))
		for j, r := range in {
			ids[j] = fmt.Sprint(r.id)
		}
		if len(ids) > 0 {
			list = "[" + strings.Join(ids, ",") + "]"
		}
		cells = append(cells, fmt.Sprint(i+1), nth(ids, 0), nth(ids, 1), lag, list)
	}
	return strings.Join(cells, "|")
}

func nth(ids []string, i int) string {
	if i < len(ids) {
		return ids[i]
	}
	return "NULL"
}

func text(v any) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(v)
}

func aggregatesOf(in []windowRow) []string {
	sum, largest, some, bits := "NULL", "NULL", "NULL", "NULL"
	var s, m, f, b int64
	seen, seenSome := false, false
	for _, r := range in {
		v, ok := r.v.(int64)
		if !ok {
			continue
		}
		if m = max(m, v); !seen {
			m = v
		}
		s, b, seen = s+v, b|v, true
		sum, largest, bits = fmt.Sprint(s), fmt.Sprint(m), fmt.Sprint(b)
		if r.b {
			f, seenSome = f+v, true
		}
	}
	if seenSome {
		some = fmt.Sprint(f)
	}
	return []string{fmt.Sprint(len(in)), sum, largest, some, bits}
}

// inBound says whether row j lies within one bound of row i's frame: at or behind it for side 1, at or before for -1.
func (c *windowCase) inBound(part []windowRow, groups []int, i, j int, b plan.Bound, side int64) bool {
	if b.Kind == plan.UnboundedPreceding || b.Kind == plan.UnboundedFollowing {
		return true
	}
	by := int64(0)
	if b.Offset != nil {
		by = b.Offset.(*expr.Const).Value.(int64)
	}
	if b.Kind == plan.Preceding {
		by = -by
	}
	switch c.frame.Unit {
	case plan.RowsFrame:
		return side*int64(j) >= side*(int64(i)+by)
	case plan.GroupsFrame:
		return side*int64(groups[j]) >= side*(int64(groups[i])+by)
	}
	x, xok := part[j].k.(int64)
	y, yok := part[i].k.(int64)
	if !xok || !yok || c.total || b.Offset == nil { // NULLs are peers and lie where the order puts them
		if b.Offset != nil && (xok || yok) || b.Offset == nil {
			return side*int64(groups[j]) >= side*int64(groups[i])
		}
		return true
	}
	if c.desc {
		return side*x <= side*(y-by)
	}
	return side*x >= side*(y+by)
}

func TestWindowsByDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawWindow(rt)
		want := c.want()
		for _, cfg := range matrix {
			got, err := tryRows(t, c.node(t), cfg)
			if err != nil {
				rt.Fatalf("%v: %v", cfg, err)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				rt.Fatalf("%v %+v\nwant %q\ngot  %q", cfg, c.frame, want, got)
			}
		}
	})
}

// A window that fails or is cancelled anywhere leaves nothing behind, and one beyond its budget is refused.
func TestWindowFailsCleanly(t *testing.T) {
	c := &windowCase{cols: []plan.Column{
		column("p", types.TextT), column("k", types.Int4T), column("v", types.Int4T), column("id", types.Int8T), column("b", types.BoolT),
	}, total: true}
	for i := range 60 {
		c.rows = append(c.rows, windowRow{p: "a", k: int64(i % 7), v: int64(i), id: int64(i), b: i%2 == 0})
	}
	c.frame = plan.Frame{Unit: plan.RowsFrame, Start: plan.Bound{Kind: plan.CurrentRow}, End: plan.Bound{Kind: plan.UnboundedFollowing}}
	n := c.node(t)
	for _, cancelled := range []bool{false, true} {
		for at := int64(1); at < 60; at += 3 {
			rt, pool := runtimeFor(t, config{8, 4, 3})
			ctx, cancel := context.WithCancel(context.Background())
			f := &faults{err: errInjected}
			f.left.Store(at)
			if cancelled {
				f.cancel = cancel
			}
			faultsOf.Store(rt, f)
			rd, err := Open(ctx, n, rt)
			require.NoError(t, err)
			for err == nil {
				var rec arrow.RecordBatch
				if rec, err = rd.Next(ctx); err == nil {
					rec.Release()
				}
			}
			require.True(t, errors.Is(err, io.EOF) || errors.Is(err, errInjected) || errors.Is(err, context.Canceled), "%v", err)
			require.NoError(t, rd.Close())
			faultsOf.Delete(rt)
			cancel()
			require.Zero(t, pool.Used())
		}
	}
	rt, pool := runtimeFor(t, matrix[3])
	rt.Memory = budget.NewPool(0).Query(4 << 10)
	rd, err := Open(context.Background(), n, rt)
	require.NoError(t, err)
	_, err = rd.Next(context.Background())
	require.True(t, sqlerr.Is(err, sqlerr.OutOfMemory), "%v", err)
	require.NoError(t, rd.Close())
	require.Zero(t, pool.Used())
}

// BenchmarkWindow numbers and sums a million rows, whole and in partitions, and sums moving frames of them.
func BenchmarkWindow(b *testing.B) {
	const n = 1_000_000
	k, p, v := column("k", types.Int8T), column("p", types.Int8T), column("v", types.Int8T)
	shuffled := rand.New(rand.NewPCG(1, 2)).Perm(n)
	in := benchTable([]plan.Column{k, p, v}, []arrow.Array{
		int64Column(n, func(i int) int64 { return int64(shuffled[i]) }), int64Column(n, func(i int) int64 { return int64(shuffled[i] % 1000) }),
		int64Column(n, func(i int) int64 { return int64(i % 977) }),
	}, n)
	running := plan.Frame{Start: plan.Bound{Kind: plan.UnboundedPreceding}, End: plan.Bound{Kind: plan.CurrentRow}}
	moving := plan.Frame{
		Unit: plan.RowsFrame, Start: plan.Bound{Kind: plan.Preceding, Offset: &expr.Const{Typ: types.Int8T, Value: int64(100)}},
		End: plan.Bound{Kind: plan.CurrentRow},
	}
	for _, c := range []struct {
		name      string
		partition []expr.Expr
		frame     plan.Frame
		item      plan.AggItem
	}{
		{"row_number", nil, running, agg("window_row_number")},
		{"row_number in partitions", []expr.Expr{p.Ref()}, running, agg("window_row_number")},
		{"running sum", nil, running, agg("sum_int8", v.Ref())},
		{"running sum in partitions", []expr.Expr{p.Ref()}, running, agg("sum_int8", v.Ref())},
		{"moving sum", nil, moving, agg("sum_int8", v.Ref())},
		{"moving max", nil, moving, agg("max_int8", v.Ref())},
	} {
		node := &plan.Window{
			Input: in.node(), Partition: c.partition, Order: []plan.SortKey{{Expr: k.Ref()}}, Frame: c.frame, Items: []plan.AggItem{c.item},
		}
		count := &plan.Aggregate{Input: node, Aggs: []plan.AggItem{agg("count_star"), agg("count_any", c.item.Ref())}}
		b.Run(c.name, func(b *testing.B) { repeat(b, n, func() { drainPlan(b, count, 1) }) })
	}
}

// Enough rows to be sorted by radix: two windows over one specification see equal keys in one order, and in the one in
// which they came.
func TestWindowsAgreeOnTheOrderOfPeers(t *testing.T) {
	const n = 3000
	k, p, id := column("k", types.Int8T), column("p", types.Int8T), column("id", types.Int8T)
	in := benchTable([]plan.Column{k, p, id}, []arrow.Array{
		int64Column(n, func(i int) int64 { return int64(i * 7919 % 5) }), int64Column(n, func(i int) int64 { return int64(i % 3) }),
		int64Column(n, func(i int) int64 { return int64(i) }),
	}, n)
	in.single = true
	first, second := agg("window_row_number"), agg("count_star")
	spec := plan.Window{Input: in.node(), Partition: []expr.Expr{p.Ref()}, Order: []plan.SortKey{{Expr: k.Ref(), Desc: true}}}
	one, two := spec, spec
	one.Items = []plan.AggItem{first}
	two.Input, two.Items = &one, []plan.AggItem{second}
	two.Frame = plan.Frame{Unit: plan.RowsFrame, Start: plan.Bound{Kind: plan.UnboundedPreceding}, End: plan.Bound{Kind: plan.CurrentRow}}
	for _, c := range []config{{512, 1, 0}, {8192, 4, 0}} {
		last := map[string]int{}
		for _, row := range rowsOf(t, &two, c) {
			f := strings.Split(row, "|")
			require.Equal(t, f[3], f[4])
			var at int
			_, err := fmt.Sscan(f[2], &at)
			require.NoError(t, err)
			require.GreaterOrEqual(t, at, last[f[0]+"|"+f[1]], "a row came before one that was read earlier")
			last[f[0]+"|"+f[1]] = at
		}
	}
}
