package optimize

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// joinPulled joins the outer input with what was pulled.
func (d *decorrelator) joinPulled(a *plan.Join, p *pulled) plan.Node {
	if p.total {
		left := a.Left
		if p.node != nil {
			// One group at most matches each outer row, so a plain outer join is enough.
			left = &plan.Join{Kind: plan.LeftOuter, Left: left, Right: p.node, On: p.conds}
		}
		return withOneRow(a, left, p)
	}
	j := *a
	j.Right = p.node
	j.On = append(substituteAll(a.On, p.items), p.conds...)
	if p.items == nil || a.Kind.LeftOnly() {
		return &j
	}
	if a.Kind == plan.Inner {
		return &plan.Project{Input: &j, Items: joinedItems(a, p.items, nil)}
	}
	// What is computed above is NULL where nothing matched.
	matched := d.o.newColumn("", types.BoolT, false)
	j.Right = &plan.Project{Input: p.node, Items: append(passed(p.node.Columns()), plan.Item{Column: matched, Expr: boolConst(true)})}
	return &plan.Project{Input: &j, Items: joinedItems(a, p.items, []expr.Expr{&expr.IsNull{Arg: matched.Ref(), Negate: true}})}
}

func boolConst(v bool) expr.Expr { return &expr.Const{Typ: types.BoolT, Value: v} }

// passed are columns as items that pass them on.
func passed(cols []plan.Column) []plan.Item {
	out := make([]plan.Item, len(cols))
	for i, c := range cols {
		out[i] = plan.Item{Column: c, Expr: c.Ref()}
	}
	return out
}

// joinedItems are the columns of a join: the left ones, and the right ones computed where they are items, NULL unless
// conds hold.
func joinedItems(a *plan.Join, items map[expr.ColumnID]expr.Expr, conds []expr.Expr) []plan.Item {
	out := passed(a.Left.Columns())
	for _, c := range a.Right.Columns() {
		e, computed := items[c.ID]
		switch {
		case !computed:
			e = c.Ref()
		case len(conds) > 0:
			e = &expr.Case{Whens: []expr.When{{Cond: expr.AndAll(conds), Then: e}}, Typ: e.Type()}
		}
		c.Nullable = c.Nullable || a.Kind != plan.Inner
		out = append(out, plan.Item{Column: c, Expr: e})
	}
	return out
}

// withOneRow is a join whose right input has one row for each left one, with the columns of p's items over left, or none
// where a condition of p's when does not hold.
func withOneRow(a *plan.Join, left plan.Node, p *pulled) plan.Node {
	on := substituteAll(a.On, p.items)
	conds := append(slices.Clone(p.when), on...)
	own := func(n plan.Node, more ...plan.Item) plan.Node {
		return &plan.Project{Input: n, Items: append(passed(a.Left.Columns()), more...)}
	}
	switch a.Kind {
	case plan.Inner:
		return &plan.Project{Input: filtered(left, conds), Items: joinedItems(a, p.items, nil)}
	case plan.LeftSemi:
		return own(filtered(left, conds))
	case plan.LeftAnti:
		met := boolConst(false)
		if len(conds) > 0 {
			met = &expr.IsBool{Arg: expr.AndAll(conds), Value: true, Negate: true}
		}
		return own(filtered(left, []expr.Expr{met}))
	case plan.NullAwareAnti:
		return own(filtered(left, []expr.Expr{&expr.IsBool{Arg: compared(p.when, on), Value: false}}))
	case plan.Mark:
		mark := boolConst(true)
		switch {
		case a.NullAware:
			mark = compared(p.when, on)
		case len(conds) > 0:
			mark = &expr.IsBool{Arg: expr.AndAll(conds), Value: true}
		}
		return own(left, plan.Item{Column: a.MarkCol, Expr: mark})
	}
	return &plan.Project{Input: left, Items: joinedItems(a, p.items, conds)}
}

// compared is IN's answer over a set of one row, which is empty unless when and the conditions behind the comparison
// hold.
func compared(when, on []expr.Expr) expr.Expr {
	rest := append(slices.Clone(when), on[1:]...)
	if len(rest) == 0 {
		return on[0]
	}
	return &expr.Case{Whens: []expr.When{{Cond: expr.AndAll(rest), Then: on[0]}}, Else: boolConst(false), Typ: types.BoolT}
}

// limitOrder gives a limit's input without its order, and the order.
func limitOrder(n *plan.Limit) (plan.Node, []plan.SortKey) {
	if s, ok := n.Input.(*plan.Sort); ok && (n.Keys == nil || n.Ties) {
		return s.Input, s.Keys
	}
	return n.Input, n.Keys
}

// firstRows passes of each partition the rows that the limit l passes, in the order of keys. The limit's expressions are
// over input.
func (d *decorrelator) firstRows(input plan.Node, partition []expr.Expr, keys []plan.SortKey, l *plan.Limit) plan.Node {
	w := &plan.Window{Input: input, Partition: partition, Order: keys, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}}
	number := func(function string) *expr.Column {
		c := d.o.newColumn(function, types.Int8T, false)
		w.Items = append(w.Items, plan.AggItem{Column: c, Fn: expr.MustFunction("window_" + function)})
		return c.Ref()
	}
	row := number("row_number")
	last := row
	if l.Ties {
		last = number("rank")
	}
	offset := l.Offset
	if offset == nil {
		offset = int8Const(0)
	}
	if k, ok := constantInt(offset); !ok || k < 0 {
		offset = &expr.Coalesce{Args: []expr.Expr{rowsAsked(offset, "offset_rows"), int8Const(0)}, Typ: types.Int8T}
	}
	var conds []expr.Expr
	if k, ok := constantInt(offset); !ok || k != 0 {
		conds = append(conds, int8Call("int8gt", row, offset))
		if l.Count != nil {
			conds = append(conds, atMost(int8Call("int8mi", last, offset), l.Count))
		}
	} else if l.Count != nil {
		conds = append(conds, atMost(last, l.Count))
	}
	return filtered(w, conds)
}

// atMost is n <= count, true where there is no limit.
func atMost(n, count expr.Expr) expr.Expr {
	if k, ok := constantInt(count); ok && k >= 0 {
		return int8Call("int8le", n, count)
	}
	count = rowsAsked(count, "limit_rows")
	return &expr.Coalesce{Args: []expr.Expr{int8Call("int8le", n, count), boolConst(true)}, Typ: types.BoolT}
}

// rowsAsked refuses negative numbers of rows as LIMIT and OFFSET do.
func rowsAsked(e expr.Expr, function string) expr.Expr { return int8Call(function, e) }

func int8Call(id string, args ...expr.Expr) expr.Expr {
	f := expr.MustFunction(id)
	return &expr.Call{Fn: f, Args: args, Typ: f.ResultType(typesOf(args))}
}

func typesOf(es []expr.Expr) []*types.Type {
	out := make([]*types.Type, len(es))
	for i, e := range es {
		out[i] = e.Type()
	}
	return out
}
