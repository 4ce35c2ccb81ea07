package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/exec"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// prepareExplain plans the explained query; EXPLAIN ANALYZE runs it when it is executed.
func (s *Session) prepareExplain(ctx context.Context, stmt *parse.Statement) (*Statement, error) {
	ex, err := stmt.Explain()
	if err != nil {
		return nil, err
	}
	if ex.Query.Command() != parse.Query {
		return nil, sqlerr.Unsupported("EXPLAIN of " + ex.Query.Tag())
	}
	p, err := s.plan(ctx, ex.Query, planOptions{})
	if err != nil {
		return nil, err
	}
	return &Statement{
		session: s, stmt: stmt, schema: textSchema("QUERY PLAN"), params: paramSchema(p.bound.Params, s.exportOptions()),
		rows: true, command: &explainCommand{explain: ex, plan: p},
	}, nil
}

type explainCommand struct {
	explain *parse.Explanation
	plan    *planned
}

func (c *explainCommand) run(ctx context.Context, st *Statement, params []any) (*Result, error) {
	if c.plan.fails != nil {
		return nil, c.plan.fails
	}
	x := &explanation{plan: c.plan, options: c.explain}
	if c.explain.Analyze {
		if err := x.analyze(ctx, st, params); err != nil {
			return nil, err
		}
	}
	var lines []string
	if c.explain.Format == parse.ExplainJSON {
		text, err := json.MarshalIndent([]any{x.json()}, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("printing the plan: %w", err)
		}
		lines = []string{string(text)}
	} else {
		lines = strings.Split(strings.TrimRight(x.text(), "\n"), "\n")
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = []string{l}
	}
	return textRows(st.schema, rows), nil
}

// explanation is a plan with what was measured when it ran.
type explanation struct {
	plan    *planned
	options *parse.Explanation
	stats   *exec.Stats
	rows    int64
	took    time.Duration
	peak    int64
}

// analyze runs the query to its end and keeps the measurements.
func (x *explanation) analyze(ctx context.Context, st *Statement, params []any) error {
	x.stats = &exec.Stats{}
	start := time.Now()
	run, err := startExecution(ctx, st, x.plan, params, x.stats)
	if err != nil {
		return err
	}
	for err == nil {
		rec, nextErr := run.Next(ctx)
		if err = nextErr; err == nil {
			x.rows += rec.NumRows()
			rec.Release()
		}
	}
	x.plan, x.peak = run.plan, run.memory.Peak() // the plan that ran: a stale one was replaced
	closeErr := run.Close()
	x.took = time.Since(start)
	if !errors.Is(err, io.EOF) {
		return err
	}
	return closeErr
}

func (x *explanation) text() string {
	var b strings.Builder
	b.WriteString(plan.Print(x.plan.root, x.note))
	if x.stats != nil {
		fmt.Fprintf(&b, "Rows: %d\nMemory of operators: %s\n", x.rows, size(x.peak))
		if x.options.Timing {
			fmt.Fprintf(&b, "Time: %.1f ms\n", ms(x.took))
		}
	}
	return b.String()
}

// note is what stands behind a node: the estimate of a source's scan, and what was measured.
func (x *explanation) note(n plan.Node) string {
	var parts []string
	remote, isRemote := n.(*plan.Remote)
	if isRemote {
		if est := remote.Scan.Estimate(); x.options.Costs && est.Rows >= 0 {
			parts = append(parts, fmt.Sprintf("estimated rows=%.0f", est.Rows))
		}
	}
	m := x.measured(n)
	if m == nil {
		return noteText(parts)
	}
	parts = append(parts, fmt.Sprintf("rows=%d", m.Rows.Load()))
	if x.options.Timing {
		parts = append(parts, fmt.Sprintf("time=%.1f ms", float64(m.Nanos.Load())/1e6))
	}
	if k := m.Partitions.Load(); k > 1 {
		parts = append(parts, fmt.Sprintf("partitions=%d", k))
	}
	if k := m.Rounds.Load(); k > 0 {
		parts = append(parts, fmt.Sprintf("rounds=%d", k))
	}
	if k := m.Memory.Load(); k > 0 {
		parts = append(parts, "memory="+size(k))
	}
	if isRemote {
		parts = append(parts, fmt.Sprintf("read rows=%d bytes=%s splits=%d", m.Read.Rows.Load(), size(m.Read.Bytes.Load()), m.Read.Splits.Load()))
		if k := m.Read.Pruned.Load(); k > 0 {
			parts = append(parts, fmt.Sprintf("pruned=%d", k))
		}
	}
	return noteText(parts)
}

func (x *explanation) measured(n plan.Node) *exec.NodeStats {
	if x.stats == nil {
		return nil
	}
	return x.stats.Node(n)
}

func noteText(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return "  (" + strings.Join(parts, ", ") + ")"
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// size writes bytes for people.
func size(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/unit, 0
	for f >= unit && i < 3 {
		f, i = f/unit, i+1
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGT"[i])
}

// planJSON is a node in EXPLAIN (FORMAT JSON).
type planJSON struct {
	Node     string        `json:"Node"`
	Detail   string        `json:"Detail"`
	Server   string        `json:"Server,omitempty"`
	Sent     string        `json:"Sent,omitempty"`
	Columns  []string      `json:"Columns"`
	Estimate *float64      `json:"Estimated Rows,omitempty"`
	Actual   *measuredJSON `json:"Actual,omitempty"`
	Plans    []*planJSON   `json:"Plans,omitempty"`
}

type measuredJSON struct {
	Rows       int64   `json:"Rows"`
	Millis     float64 `json:"Milliseconds"`
	Partitions int64   `json:"Partitions"`
	Rounds     int64   `json:"Rounds,omitempty"`
	Memory     int64   `json:"Memory Bytes"`
	RowsRead   int64   `json:"Rows Read,omitempty"`
	BytesRead  int64   `json:"Bytes Read,omitempty"`
	Splits     int64   `json:"Splits,omitempty"`
	Pruned     int64   `json:"Pruned,omitempty"`
}

type explainJSON struct {
	Plan   *planJSON `json:"Plan"`
	Rows   *int64    `json:"Rows,omitempty"`
	Millis *float64  `json:"Milliseconds,omitempty"`
	Memory *int64    `json:"Memory Bytes,omitempty"`
}

func (x *explanation) json() explainJSON {
	out := explainJSON{Plan: x.node(x.plan.root, map[int]bool{})}
	if x.stats != nil {
		took := ms(x.took)
		out.Rows, out.Millis, out.Memory = &x.rows, &took, &x.peak
	}
	return out
}

// node is n with what is below it; shared are the shared subplans that were written already.
func (x *explanation) node(n plan.Node, shared map[int]bool) *planJSON {
	detail := plan.Describe(n)
	name, _, _ := strings.Cut(detail, " ")
	out := &planJSON{Node: name, Detail: detail}
	for _, c := range n.Columns() {
		out.Columns = append(out.Columns, expr.String(c.Ref()))
	}
	if r, ok := n.(*plan.Remote); ok {
		out.Server, out.Sent = r.Scan.Server(), r.Scan.Text()
		if est := r.Scan.Estimate(); est.Rows >= 0 {
			out.Estimate = &est.Rows
		}
	}
	if m := x.measured(n); m != nil {
		out.Actual = &measuredJSON{
			Rows: m.Rows.Load(), Millis: float64(m.Nanos.Load()) / 1e6, Partitions: m.Partitions.Load(), Rounds: m.Rounds.Load(), Memory: m.Memory.Load(),
			RowsRead: m.Read.Rows.Load(), BytesRead: m.Read.Bytes.Load(), Splits: m.Read.Splits.Load(), Pruned: m.Read.Pruned.Load(),
		}
	}
	if s, ok := n.(*plan.Shared); ok {
		if shared[s.ID] {
			return out // its plan stands where it is read first
		}
		shared[s.ID] = true
	}
	for _, c := range n.Children() {
		out.Plans = append(out.Plans, x.node(c, shared))
	}
	return out
}

func (c *explainCommand) parameters() []*types.Type { return c.plan.bound.Params }
