package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
)

// String is a plan as an indented tree, one node a line, inputs below: for EXPLAIN and tests. It is stable.
func String(n Node) string { return Print(n, nil) }

// Print is [String] with what note says of a node behind its line (estimates, measurements); note may be nil.
func Print(n Node, note func(Node) string) string {
	p := &printer{note: note, seen: map[int]bool{}}
	p.node(n, 0)
	return p.b.String()
}

type printer struct {
	b    strings.Builder
	note func(Node) string
	seen map[int]bool // shared subplans that were printed
}

func (p *printer) node(n Node, depth int) {
	p.b.WriteString(strings.Repeat("  ", depth))
	p.b.WriteString(Describe(n))
	if p.note != nil {
		p.b.WriteString(p.note(n))
	}
	p.b.WriteByte('\n')
	if s, ok := n.(*Shared); ok {
		if p.seen[s.ID] {
			return
		}
		p.seen[s.ID] = true
	}
	if r, ok := n.(*Remote); ok {
		p.indented(r.Scan.Text(), depth+1)
	}
	for _, c := range n.Children() {
		p.node(c, depth+1)
	}
}

func (p *printer) indented(text string, depth int) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p.b.WriteString(strings.Repeat("  ", depth) + line + "\n")
	}
}

// Describe is a node's own line, without its inputs.
func Describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return fmt.Sprintf("Scan %s.%s.%s%s", n.Table.Server(), n.Table.Schema(), n.Table.Name(), columnList(n.Cols))
	case *Values:
		return fmt.Sprintf("Values%s %s", columnList(n.Cols), rowList(n.Rows))
	case *Filter:
		return "Filter " + conjunction(n.Conds)
	case *Project:
		return "Project" + itemList(n.Items)
	case *Join:
		return joinLine("Join "+n.Kind.String(), n.On, n.MarkCol, n.NullAware)
	case *Apply:
		return joinLine("Apply "+n.Kind.String(), n.On, n.MarkCol, n.NullAware)
	case *Aggregate:
		return aggregateLine(n)
	case *Sort:
		return "Sort " + keyList(n.Keys)
	case *Limit:
		return limitLine(n)
	}
	return describeRare(n)
}

func describeRare(n Node) string {
	switch n := n.(type) {
	case *ProjectSet:
		return projectSetLine(n)
	case *SetOp:
		s := [...]string{"Union", "Intersect", "Except"}[n.Op]
		if n.All {
			s += " all"
		}
		return s + columnList(n.Cols)
	case *Window:
		return windowLine(n)
	case *SecurityBarrier:
		return "SecurityBarrier " + n.Object
	case *Shared:
		return fmt.Sprintf("Shared %d %s%s", n.ID, n.Name, columnList(n.Cols))
	case *Recursive:
		return recursiveLine(n)
	case *WorkTable:
		return fmt.Sprintf("WorkTable %d %s%s", n.ID, n.Name, columnList(n.Cols))
	case *Remote:
		return fmt.Sprintf("Remote %s%s", n.Scan.Server(), columnList(n.Scan.Columns()))
	case *Exchange:
		s := "Exchange " + [...]string{"gather", "merge", "hash"}[n.Kind]
		if len(n.Keys) > 0 {
			s += " " + keyList(n.Keys)
		}
		return s
	case *HashJoin:
		return hashJoinLine(n)
	case *NestedLoopJoin:
		return joinLine("NestedLoopJoin "+n.Kind.String(), n.On, n.MarkCol, n.NullAware)
	}
	return fmt.Sprintf("%T", n)
}

func columnList(cols []Column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = label(c)
	}
	return " [" + strings.Join(names, ", ") + "]"
}

func label(c Column) string { return c.Name + "#" + strconv.Itoa(int(c.ID)) }

func itemList(items []Item) string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = itemText(it)
	}
	return " [" + strings.Join(out, ", ") + "]"
}

// itemText is a computed column; a bare column under its own ID and name is only named.
func itemText(it Item) string {
	if c, ok := it.Expr.(*expr.Column); ok && c.ID == it.ID {
		return label(it.Column)
	}
	return label(it.Column) + " := " + expr.String(it.Expr)
}

func exprList(es []expr.Expr) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = expr.String(e)
	}
	return strings.Join(out, ", ")
}

func conjunction(es []expr.Expr) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = expr.String(e)
		if l, ok := e.(*expr.Logic); ok && l.Op == expr.Or && len(es) > 1 {
			out[i] = "(" + out[i] + ")"
		}
	}
	return strings.Join(out, " AND ")
}

// rowList are the rows of VALUES, the first few written out.
func rowList(rows [][]expr.Expr) string {
	const shown = 3
	var out []string
	for i, r := range rows {
		if i == shown {
			out = append(out, fmt.Sprintf("… %d rows", len(rows)))
			break
		}
		out = append(out, "("+exprList(r)+")")
	}
	return strings.Join(out, ", ")
}

func keyList(keys []SortKey) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = expr.String(k.Expr)
		if k.Desc {
			out[i] += " desc"
		}
		if k.NullsFirst != k.Desc {
			out[i] += map[bool]string{true: " nulls first", false: " nulls last"}[k.NullsFirst]
		}
	}
	return strings.Join(out, ", ")
}

func joinLine(head string, on []expr.Expr, mark Column, nullAware bool) string {
	if len(on) > 0 {
		head += " on " + conjunction(on)
	}
	if mark.ID != 0 {
		head += " mark " + label(mark)
	}
	if nullAware {
		head += " null-aware"
	}
	return head
}

func hashJoinLine(n *HashJoin) string {
	conds := make([]string, len(n.ProbeKeys))
	for i := range conds {
		op := " = "
		if n.NullsEqual != nil && n.NullsEqual[i] {
			op = " is not distinct from "
		}
		conds[i] = expr.String(n.ProbeKeys[i]) + op + expr.String(n.BuildKeys[i])
	}
	s := joinLine("HashJoin "+n.Kind.String()+" on "+strings.Join(conds, " AND "), nil, n.MarkCol, n.NullAware)
	if len(n.Residual) > 0 {
		s += " if " + conjunction(n.Residual)
	}
	return s
}

func aggText(a AggItem) string {
	s := a.Fn.Name + "("
	if a.Distinct {
		s += "distinct "
	}
	if len(a.Args) == 0 && len(a.OrderBy) == 0 {
		s += "*"
	}
	s += exprList(a.Args)
	if len(a.OrderBy) > 0 {
		s += " order by " + keyList(a.OrderBy)
	}
	s += ")"
	if a.Filter != nil {
		s += " filter (" + expr.String(a.Filter) + ")"
	}
	return s
}

func aggList(aggs []AggItem) string {
	out := make([]string, len(aggs))
	for i, a := range aggs {
		out[i] = label(a.Column) + " := " + aggText(a)
	}
	return " [" + strings.Join(out, ", ") + "]"
}

func aggregateLine(n *Aggregate) string {
	s := "Aggregate"
	if n.Partial {
		s = "PartialAggregate"
	}
	if len(n.Keys) > 0 {
		s += " by" + itemList(n.Keys)
	}
	if len(n.Aggs) > 0 {
		s += aggList(n.Aggs)
	}
	if n.GroupingSets != nil {
		s += fmt.Sprintf(" sets %v", n.GroupingSets)
	}
	if n.GroupingCol.Type != nil {
		s += " numbered " + label(n.GroupingCol)
	}
	return s
}

// projectSetLine names what is kept, then each call with its columns.
func projectSetLine(n *ProjectSet) string {
	s := "ProjectSet"
	if n.Outer {
		s += " outer"
	}
	if len(n.Keep) > 0 {
		s += columnList(n.Keep)
	}
	for i, c := range n.Calls {
		if i > 0 {
			s += ","
		}
		name := "row"
		if c.Fn != nil {
			name = c.Fn.Name
		}
		s += " " + name + "(" + exprList(c.Args) + ")" + columnList(c.Cols)
	}
	if n.Ordinality.Type != nil {
		s += " numbered " + label(n.Ordinality)
	}
	return s
}

func limitLine(n *Limit) string {
	s := "Limit"
	if n.Count != nil {
		s += " " + expr.String(n.Count)
	}
	if n.Offset != nil {
		s += " offset " + expr.String(n.Offset)
	}
	if n.Ties {
		s += " with ties"
	}
	if len(n.Keys) > 0 {
		s += " by " + keyList(n.Keys)
	}
	return s
}

func windowLine(n *Window) string {
	s := "Window"
	if len(n.Partition) > 0 {
		s += " partition by " + exprList(n.Partition)
	}
	if len(n.Order) > 0 {
		s += " order by " + keyList(n.Order)
	}
	s += " " + [...]string{"range", "rows", "groups"}[n.Frame.Unit] + " " + boundText(n.Frame.Start) + " to " + boundText(n.Frame.End)
	if n.Frame.Exclude != ExcludeNothing {
		s += " exclude " + [...]string{"", "current row", "group", "ties"}[n.Frame.Exclude]
	}
	return s + aggList(n.Items)
}

func boundText(b Bound) string {
	s := [...]string{"unbounded preceding", "preceding", "current row", "following", "unbounded following"}[b.Kind]
	if b.Offset != nil {
		s = expr.String(b.Offset) + " " + s
	}
	return s
}
