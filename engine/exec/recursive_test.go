package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// graph is a plan of walks over edges, in one of the shapes that a step can have.
type graph struct {
	edges [][2]int64
	all   bool
	depth int64 // of walks, with all
	shape int
}

const graphShapes = 5

func int8Of(id string, args ...expr.Expr) expr.Expr {
	f := expr.MustFunction(id)
	return &expr.Call{Fn: f, Args: args, Typ: f.Result}
}

func columnsLike(cols []plan.Column) []plan.Column {
	out := make([]plan.Column, len(cols))
	for i, c := range cols {
		out[i] = column(c.Name, c.Type)
	}
	return out
}

func items(cols []plan.Column, es ...expr.Expr) []plan.Item {
	out := make([]plan.Item, len(es))
	for i, e := range es {
		out[i] = plan.Item{Column: cols[i], Expr: e}
	}
	return out
}

// node walks from 0: rows are the node and the length of the walk, which is 0 throughout without all.
func (g graph) node(t testing.TB) *plan.Recursive {
	from, to := column("from", types.Int8T), column("to", types.Int8T)
	rows := make([][]value, len(g.edges))
	for i, e := range g.edges {
		rows[i] = []value{e[0], e[1]}
	}
	var edges plan.Node = &plan.Values{Cols: []plan.Column{from, to}}
	if len(rows) > 0 {
		edges = tableOf(t, []plan.Column{from, to}, rows).node()
	}
	cols := []plan.Column{column("n", types.Int8T), column("d", types.Int8T)}
	start := &plan.Values{Cols: columnsLike(cols), Rows: [][]expr.Expr{{int8Const(0), int8Const(0)}}}
	w := &plan.WorkTable{ID: 7, Cols: columnsLike(cols)}
	n, d := w.Cols[0], w.Cols[1]
	step := int8Const(0)
	if g.all {
		step = int8Const(1)
	}
	var in plan.Node = &plan.Filter{Input: w, Conds: []expr.Expr{int8Of("int8lt", d.Ref(), int8Const(g.depth))}}
	hash := func(l, r plan.Node, probe, build plan.Column) plan.Node {
		return &plan.HashJoin{Kind: plan.Inner, Left: l, Right: r, ProbeKeys: []expr.Expr{probe.Ref()}, BuildKeys: []expr.Expr{build.Ref()}}
	}
	kept := func() plan.Node { return &plan.Shared{ID: 8, Name: "kept", Input: edges, Cols: edges.Columns()} }
	switch g.shape {
	case 0: // the table of the edges is built once
		in = hash(in, edges, n, from)
	case 1: // the last round is built, the edges are kept
		in = hash(kept(), in, from, n)
	case 2: // every pair is looked at
		in = &plan.NestedLoopJoin{Kind: plan.Inner, Left: in, Right: edges, On: []expr.Expr{int8Of("int8eq", n.Ref(), from.Ref())}}
	case 3: // state in every operator: a shared subplan of the round, groups, a sort, a union of partitions
		s := &plan.Shared{ID: 9, Input: in, Cols: columnsLike(cols)}
		u := &plan.SetOp{Op: plan.Union, All: true, Cols: columnsLike(cols), Inputs: []plan.Node{s, &plan.Limit{
			Input: &plan.Shared{ID: 9, Input: in, Cols: columnsLike(cols)}, Count: int8Const(0),
		}}}
		sorted := &plan.Sort{Input: hash(u, edges, u.Cols[0], from), Keys: []plan.SortKey{{Expr: to.Ref()}}}
		in, d = &plan.Exchange{Input: sorted, Kind: plan.Hash, Keys: []plan.SortKey{{Expr: to.Ref()}}}, u.Cols[1]
	case 4: // a partitioned probe side
		in = hash(edges, in, from, n)
	}
	out := columnsLike(cols)
	return &plan.Recursive{
		ID: 7, All: g.all, Start: start, Cols: cols,
		Step: &plan.Project{Input: in, Items: items(out, to.Ref(), int8Of("int8pl", d.Ref(), step))},
	}
}

// rows are the walks, by hand.
func (g graph) rows() []string {
	last := [][2]int64{{0, 0}}
	seen := map[[2]int64]bool{{0, 0}: true}
	out := []string{"0|0"}
	for len(last) > 0 {
		var next [][2]int64
		for _, w := range last {
			for _, e := range g.edges {
				to := [2]int64{e[1], w[1]}
				if g.all {
					to[1]++
				}
				if e[0] != w[0] || w[1] >= g.depth || !g.all && seen[to] {
					continue
				}
				seen[to] = true
				next = append(next, to)
				out = append(out, fmt.Sprintf("%d|%d", to[0], to[1]))
			}
		}
		last = next
	}
	return out
}

// Whatever the shape of the step, the batches and the workers, the rows are those of breadth-first search.
func TestRecursion(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := graph{all: rapid.Bool().Draw(rt, "all"), depth: rapid.Int64Range(1, 3).Draw(rt, "depth"), shape: rapid.IntRange(0, graphShapes-1).Draw(rt, "shape")}
		node := rapid.Int64Range(0, 9)
		for range rapid.IntRange(0, 25).Draw(rt, "edges") {
			g.edges = append(g.edges, [2]int64{node.Draw(rt, "from"), node.Draw(rt, "to")})
		}
		want := g.rows()
		for _, c := range matrix {
			sameBag(t, want, rowsOf(t, g.node(t), c), "%v", c)
		}
	})
}

func line(n int64) (edges [][2]int64) {
	for i := range n {
		edges = append(edges, [2]int64{i, i + 1})
	}
	return edges
}

// Who reads a recursion twice gets its rows twice, and a step may hold a recursion of its own, which begins anew in every
// round of the one around.
func TestNestedRecursion(t *testing.T) {
	inner := graph{edges: [][2]int64{{0, 1}, {1, 2}}, depth: 1}.node(t)
	cols := []plan.Column{column("n", types.Int8T)}
	w := &plan.WorkTable{ID: 1, Cols: columnsLike(cols)}
	// The inner one starts with the rows of the outer one's last round.
	inner.Start = &plan.Project{Input: w, Items: items(columnsLike(inner.Cols), w.Cols[0].Ref(), int8Const(0))}
	out := columnsLike(cols)
	outer := &plan.Recursive{
		ID: 1, Cols: cols, Start: &plan.Values{Cols: columnsLike(cols), Rows: [][]expr.Expr{{int8Const(0)}, {int8Const(5)}}},
		Step: &plan.Project{Input: inner, Items: items(out, int8Of("int8mul", inner.Cols[0].Ref(), int8Const(1)))},
	}
	for _, c := range matrix {
		sameBag(t, []string{"0", "5", "1", "2"}, rowsOf(t, outer, c), "%v", c)
	}
	a := &plan.Shared{ID: 20, Input: outer, Cols: columnsLike(cols)}
	b := &plan.Shared{ID: 20, Input: outer, Cols: columnsLike(cols)}
	both := &plan.NestedLoopJoin{Kind: plan.Inner, Left: a, Right: b, On: []expr.Expr{int8Of("int8eq", a.Cols[0].Ref(), b.Cols[0].Ref())}}
	for _, c := range matrix {
		sameBag(t, []string{"0|0", "5|5", "1|1", "2|2"}, rowsOf(t, both, c), "%v", c)
	}
}

// endless is the recursion 0, 1, 2, … without an end.
func endless() *plan.Recursive {
	cols := []plan.Column{column("n", types.Int8T)}
	w := &plan.WorkTable{ID: 3, Cols: columnsLike(cols)}
	return &plan.Recursive{
		ID: 3, All: true, Cols: cols, Start: &plan.Values{Cols: columnsLike(cols), Rows: [][]expr.Expr{{int8Const(0)}}},
		Step: &plan.Project{Input: w, Items: items(columnsLike(cols), int8Of("int8pl", w.Cols[0].Ref(), int8Const(1)))},
	}
}

// A limit ends a recursion that has no end, also below a filter, and where two places read it; without one it ends with
// the memory that it may have, or with its context.
func TestEndlessRecursion(t *testing.T) {
	n := endless()
	some := &plan.Filter{Input: n, Conds: []expr.Expr{int8Of("int8gt", n.Cols[0].Ref(), int8Const(2))}}
	few := &plan.Limit{Input: some, Count: int8Const(2)}
	shared := func(limit int64) plan.Node {
		return &plan.Limit{Input: &plan.Shared{ID: 5, Input: n, Cols: columnsLike(n.Cols)}, Count: int8Const(limit)}
	}
	twice := &plan.SetOp{Op: plan.Union, All: true, Cols: columnsLike(n.Cols), Inputs: []plan.Node{shared(2), shared(3)}}
	for _, c := range matrix {
		require.Equal(t, []string{"3", "4"}, rowsOf(t, few, c))
		sameBag(t, []string{"0", "1", "0", "1", "2"}, rowsOf(t, twice, c), "%v", c)
	}
	rt, _ := runtimeFor(t, matrix[4])
	pool := budget.NewPool(64 << 10)
	rt.Memory = pool.Query(0)
	same := &plan.Recursive{ID: 4, Cols: n.Cols, Start: n.Start, Step: n.Step}
	same.Step = plan.Rewrite(n.Step, func(n plan.Node) plan.Node {
		if w, ok := n.(*plan.WorkTable); ok {
			return &plan.WorkTable{ID: 4, Cols: w.Cols}
		}
		return n
	})
	rd, err := Open(context.Background(), same, rt)
	require.NoError(t, err)
	for err == nil {
		_, err = rd.Next(context.Background())
	}
	require.True(t, sqlerr.Is(err, sqlerr.OutOfMemory), "%v", err)
	require.NoError(t, rd.Close())
	require.Zero(t, pool.Used())

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rt, pool = runtimeFor(t, matrix[4])
	rd, err = Open(ctx, n, rt)
	require.NoError(t, err)
	for i := 0; err == nil; i++ {
		if i == 100 {
			cancel()
		}
		_, err = rd.Next(ctx)
	}
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, rd.Close())
	require.Zero(t, pool.Used())
}

// What does not change is read once, and a step counts its rounds.
func TestRecursionKeepsWhatDoesNotChange(t *testing.T) {
	for shape := range graphShapes {
		g := graph{edges: line(9), depth: 1, shape: shape}
		n := g.node(t)
		rt, _ := runtimeFor(t, config{8192, 1, 0})
		rd, err := Open(context.Background(), n, rt)
		require.NoError(t, err)
		for err == nil {
			_, err = rd.Next(context.Background())
		}
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, rd.Close())
		require.EqualValues(t, 10, rt.Stats.Node(n).Rounds.Load())
		read := int64(0)
		plan.Walk(n, func(n plan.Node) bool {
			if r, ok := n.(*plan.Remote); ok {
				read = rt.Stats.Node(r).Rows.Load()
			}
			return true
		})
		if shape == 4 { // not what the optimizer makes
			require.EqualValues(t, 90, read)
			continue
		}
		require.EqualValues(t, 9, read)
	}
}

// Wherever a recursion fails or is cancelled or closed, nothing is left behind.
func TestRecursionFailsAnywhere(t *testing.T) {
	for shape := range graphShapes {
		n := graph{edges: append(line(6), [2]int64{3, 1}), all: true, depth: 6, shape: shape}.node(t)
		want := len(rowsOf(t, n, matrix[0]))
		for _, c := range []config{{3, 1, 0}, {8, 4, 3}} {
			failsAnywhere(t, n, c, want, 5)
			for batches := range 6 {
				rt, pool := runtimeFor(t, c)
				rd, err := Open(context.Background(), n, rt)
				require.NoError(t, err)
				for range batches {
					rec, err := rd.Next(context.Background())
					if errors.Is(err, io.EOF) {
						break
					}
					require.NoError(t, err)
					rec.Release()
				}
				require.NoError(t, rd.Close())
				require.Zero(t, pool.Used())
			}
		}
	}
}

func BenchmarkRecursionRound(b *testing.B) {
	n := &plan.Limit{Input: endless(), Count: int8Const(int64(b.N))}
	rt, _ := runtimeFor(b, config{8192, 1, 0})
	rt.Stats = nil
	rd, err := Open(context.Background(), n, rt)
	require.NoError(b, err)
	for err == nil {
		_, err = rd.Next(context.Background())
	}
	require.ErrorIs(b, err, io.EOF)
	require.NoError(b, rd.Close())
}
