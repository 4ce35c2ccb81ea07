package exec

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// mostCodes bounds the dictionaries that are asked for: numbering one costs about as much as hashing as many rows, and a
// source has one a split.
const mostCodes = 4096

// coded are the columns that each source may give dictionary-encoded, with the number of values that a dictionary must
// stay below: text that is grouped by and that nothing but filters touches before, so that groupCodes gets to see it.
type coded map[*plan.Remote]map[expr.ColumnID]int

func codedOf(root plan.Node) coded {
	out := coded{}
	plan.Walk(root, func(n plan.Node) bool {
		if a, ok := n.(*plan.Aggregate); ok {
			out.visit(a)
		}
		return true
	})
	return out
}

func (c coded) visit(a *plan.Aggregate) {
	if len(a.Keys) == 0 || len(a.Keys) > 4 || a.GroupingSets != nil {
		return
	}
	input := a.Input
	for {
		f, ok := input.(*plan.Filter)
		if !ok {
			break
		}
		input = f.Input
	}
	remote, ok := input.(*plan.Remote)
	if !ok {
		return
	}
	keys := map[expr.ColumnID]int{}
	for _, k := range a.Keys {
		col, ok := k.Expr.(*expr.Column)
		if !ok || k.Type.Kind != types.Text {
			return // the other keys would be looked up as they are
		}
		keys[col.ID] = min(mostCodes, 1<<(codeBits/len(a.Keys)))
	}
	for _, item := range a.Aggs {
		for _, e := range item.Args {
			if col, ok := e.(*expr.Column); ok && keys[col.ID] > 0 {
				return
			}
		}
	}
	c[remote] = keys
}
