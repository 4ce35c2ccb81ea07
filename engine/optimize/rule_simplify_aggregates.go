package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// simplifyAggregates leaves out work that does not change an answer: DISTINCT over rows that differ already, DISTINCT of
// what only asks whether a row is there (IN, EXISTS, the inputs of UNION), and DISTINCT inside of min, max and the like.
func simplifyAggregates(n plan.Node) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Aggregate:
			if isDistinct(n) && n.Keys != nil && distinctRows(n) {
				return &plan.Project{Input: n.Input, Items: n.Keys}
			}
			return plainExtremes(n)
		case *plan.Join:
			if n.Kind.LeftOnly() {
				return plan.WithChildren(n, []plan.Node{n.Left, repeated(n.Right)})
			}
		case *plan.SetOp:
			if n.All {
				return n
			}
			inputs := make([]plan.Node, len(n.Inputs))
			for i, in := range n.Inputs {
				inputs[i] = repeated(in)
			}
			return plan.WithChildren(n, inputs)
		}
		return n
	})
}

// isDistinct says whether an aggregation is DISTINCT.
func isDistinct(n *plan.Aggregate) bool {
	return len(n.Aggs) == 0 && n.GroupingSets == nil && n.GroupingCol.Type == nil && len(n.Keys) > 0
}

// distinctRows says whether the keys of a DISTINCT hold columns that no two rows of its input share.
func distinctRows(n *plan.Aggregate) bool {
	keys := columnSet{}
	for _, k := range n.Keys {
		if c, ok := k.Expr.(*expr.Column); ok {
			keys[c.ID] = true
		}
	}
	for _, u := range uniqueColumns(n.Input) {
		if keys.has(u) {
			return true
		}
	}
	return false
}

func (s columnSet) has(other columnSet) bool {
	for id := range other {
		if !s[id] {
			return false
		}
	}
	return true
}

// repeated is n without a DISTINCT at its top, for a place that repeated rows do not matter to.
func repeated(n plan.Node) plan.Node {
	switch v := n.(type) {
	case *plan.Project:
		if pureProject(v) {
			return plan.WithChildren(v, []plan.Node{repeated(v.Input)})
		}
	case *plan.Aggregate:
		if isDistinct(v) {
			return repeated(&plan.Project{Input: v.Input, Items: v.Keys})
		}
	}
	return n
}

// onceIsEnough are the aggregates of which a repeated value changes nothing.
var onceIsEnough = []string{"min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or"}

func plainExtremes(n *plan.Aggregate) plan.Node {
	aggs, changed := slices.Clone(n.Aggs), false
	for i, a := range aggs {
		if a.Distinct && len(a.OrderBy) == 0 && slices.Contains(onceIsEnough, a.Fn.Name) {
			aggs[i].Distinct, changed = false, true
		}
	}
	if !changed {
		return n
	}
	c := *n
	c.Aggs = aggs
	return &c
}

// uniqueColumns are sets of columns in which no two rows of n agree, as far as the plan itself makes it so. The empty set
// says that there is one row at most.
func uniqueColumns(n plan.Node) []columnSet {
	switch n := n.(type) {
	case *plan.Values:
		if len(n.Rows) <= 1 {
			return []columnSet{{}}
		}
	case *plan.Aggregate:
		if n.GroupingSets != nil || n.Partial {
			return nil
		}
		keys := columnSet{}
		for _, k := range n.Keys {
			keys[k.ID] = true
		}
		return []columnSet{keys}
	case *plan.Filter, *plan.Sort, *plan.Window, *plan.SecurityBarrier:
		return uniqueColumns(n.Children()[0])
	case *plan.Limit:
		if k, ok := constantInt(n.Count); ok && k == 1 && !n.Ties {
			return []columnSet{{}}
		}
		return uniqueColumns(n.Input)
	case *plan.Project:
		return passedUnique(uniqueColumns(n.Input), n.Items)
	case *plan.Join:
		return joinUnique(n)
	}
	return nil
}

func passedUnique(in []columnSet, items []plan.Item) []columnSet {
	to := map[expr.ColumnID]expr.ColumnID{}
	for _, it := range items {
		if c, ok := it.Expr.(*expr.Column); ok {
			to[c.ID] = it.ID
		}
	}
	var out []columnSet
	for _, u := range in {
		own := columnSet{}
		for id := range u {
			if to[id] != 0 {
				own[to[id]] = true
			}
		}
		if len(own) == len(u) {
			out = append(out, own)
		}
	}
	return out
}

// joinUnique keeps what is unique on a side of which each row has one match at most.
func joinUnique(n *plan.Join) []columnSet {
	if n.Kind.LeftOnly() || n.Kind == plan.Single {
		return uniqueColumns(n.Left)
	}
	if n.Kind != plan.Inner && n.Kind != plan.LeftOuter {
		return nil
	}
	left, right := columnsOf(n.Left), columnsOf(n.Right)
	onLeft, onRight := columnSet{}, columnSet{}
	for _, c := range flatten(n.On) {
		if a, b, ok := equalColumnsOf(c, left, right); ok {
			onLeft[a.ID], onRight[b.ID] = true, true
		}
	}
	var out []columnSet
	if anyWithin(uniqueColumns(n.Right), onRight) {
		out = append(out, uniqueColumns(n.Left)...)
	}
	if n.Kind == plan.Inner && anyWithin(uniqueColumns(n.Left), onLeft) {
		out = append(out, uniqueColumns(n.Right)...)
	}
	return out
}

func anyWithin(sets []columnSet, s columnSet) bool {
	return slices.ContainsFunc(sets, func(u columnSet) bool { return s.has(u) })
}
