package differential

import (
	"slices"

	"github.com/skeinsql/skein/engine/parse"
)

// ordering is what a statement's ORDER BY says of its answer.
type ordering struct {
	columns []int // the output columns that are keys
	hidden  bool  // some key is no output column
}

// orderOf reads a statement's ORDER BY; nil when it has none. names are the output's.
func orderOf(sql string, names []string) *ordering {
	stmts, err := parse.ParseScript(sql)
	if err != nil || len(stmts) == 0 {
		return nil
	}
	sel := stmts[len(stmts)-1].Root.GetSelectStmt()
	if sel == nil || len(sel.SortClause) == 0 {
		return nil
	}
	o := &ordering{}
	for _, n := range sel.SortClause {
		at := outputColumn(n.GetSortBy().GetNode(), sel, names)
		if at < 0 {
			o.hidden = true
			continue
		}
		o.columns = append(o.columns, at)
	}
	return o
}

// outputColumn is the output column that a sort key is: a position, an output name, or an expression of the select
// list; -1 for others.
func outputColumn(key *parse.Node, sel *parse.SelectStmt, names []string) int {
	if c := key.GetAConst(); c != nil && c.GetIval() != nil {
		if at := int(c.GetIval().Ival) - 1; at >= 0 && at < len(names) {
			return at
		}
		return -1
	}
	if ref := key.GetColumnRef(); ref != nil && len(ref.Fields) == 1 {
		if at := slices.Index(names, ref.Fields[0].GetString_().GetSval()); at >= 0 {
			return at
		}
	}
	if len(sel.TargetList) != len(names) { // a star
		return -1
	}
	want, err := parse.DeparseExpr(key)
	if err != nil {
		return -1
	}
	for i, t := range sel.TargetList {
		if got, err := parse.DeparseExpr(t.GetResTarget().GetVal()); err == nil && got == want {
			return i
		}
	}
	return -1
}
