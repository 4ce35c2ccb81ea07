package plan

import "github.com/skeinsql/skein/engine/expr"

// MapExprs is n with f applied to each of the node's own expressions; n itself when f changes none. A join's, filter's
// or aggregate's nil expressions are left alone.
func MapExprs(n Node, f func(expr.Expr) expr.Expr) Node {
	m := &mapper{f: f}
	var out Node
	switch n := n.(type) {
	case *Values:
		rows := make([][]expr.Expr, len(n.Rows))
		for i, r := range n.Rows {
			rows[i] = m.list(r)
		}
		out = &Values{Cols: n.Cols, Rows: rows}
	case *ProjectSet:
		c := *n
		c.Calls = m.calls(n.Calls)
		out = &c
	case *Filter:
		out = &Filter{Input: n.Input, Conds: m.list(n.Conds)}
	case *Project:
		out = &Project{Input: n.Input, Items: m.items(n.Items)}
	case *Join:
		c := *n
		c.On = m.list(n.On)
		out = &c
	case *Apply:
		c := *n
		c.On = m.list(n.On)
		out = &c
	case *Aggregate:
		c := *n
		c.Keys, c.Aggs = m.items(n.Keys), m.aggs(n.Aggs)
		out = &c
	case *Sort:
		out = &Sort{Input: n.Input, Keys: m.keys(n.Keys)}
	case *Limit:
		c := *n
		c.Count, c.Offset, c.Keys = m.one(n.Count), m.one(n.Offset), m.keys(n.Keys)
		out = &c
	case *Window:
		c := *n
		c.Partition, c.Order, c.Items = m.list(n.Partition), m.keys(n.Order), m.aggs(n.Items)
		c.Frame.Start.Offset, c.Frame.End.Offset = m.one(n.Frame.Start.Offset), m.one(n.Frame.End.Offset)
		out = &c
	case *Exchange:
		out = &Exchange{Input: n.Input, Kind: n.Kind, Keys: m.keys(n.Keys)}
	case *HashJoin:
		c := *n
		c.ProbeKeys, c.BuildKeys, c.Residual = m.list(n.ProbeKeys), m.list(n.BuildKeys), m.list(n.Residual)
		out = &c
	case *NestedLoopJoin:
		c := *n
		c.On = m.list(n.On)
		out = &c
	}
	if !m.changed {
		return n
	}
	return out
}

type mapper struct {
	f       func(expr.Expr) expr.Expr
	changed bool
}

func (m *mapper) one(e expr.Expr) expr.Expr {
	if e == nil {
		return nil
	}
	r := m.f(e)
	m.changed = m.changed || r != e
	return r
}

func (m *mapper) list(es []expr.Expr) []expr.Expr {
	if es == nil {
		return nil
	}
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = m.one(e)
	}
	return out
}

func (m *mapper) calls(cs []SetCall) []SetCall {
	out := make([]SetCall, len(cs))
	for i, c := range cs {
		c.Args = m.list(c.Args)
		out[i] = c
	}
	return out
}

func (m *mapper) items(its []Item) []Item {
	out := make([]Item, len(its))
	for i, it := range its {
		out[i] = Item{Column: it.Column, Expr: m.one(it.Expr)}
	}
	return out
}

func (m *mapper) keys(ks []SortKey) []SortKey {
	if ks == nil {
		return nil
	}
	out := make([]SortKey, len(ks))
	for i, k := range ks {
		out[i] = SortKey{Expr: m.one(k.Expr), Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

func (m *mapper) aggs(as []AggItem) []AggItem {
	out := make([]AggItem, len(as))
	for i, a := range as {
		a.Args, a.Filter, a.OrderBy = m.list(a.Args), m.one(a.Filter), m.keys(a.OrderBy)
		out[i] = a
	}
	return out
}
