package bind

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// windowCall is one call of a window function, with its specification.
type windowCall struct {
	partition []expr.Expr
	order     []plan.SortKey
	frame     plan.Frame
	item      plan.AggItem
}

// rewrite replaces the call's expressions.
func (w *windowCall) rewrite(f func(expr.Expr) expr.Expr) {
	for i, e := range w.partition {
		w.partition[i] = f(e)
	}
	for i := range w.order {
		w.order[i].Expr = f(w.order[i].Expr)
	}
	args := make([]expr.Expr, len(w.item.Args))
	for i, e := range w.item.Args {
		args[i] = f(e)
	}
	w.item.Args, w.item.Filter = args, f(w.item.Filter)
	w.frame.Start.Offset, w.frame.End.Offset = f(w.frame.Start.Offset), f(w.frame.End.Offset)
}

// defineWindows notes the WINDOW clause. A window can extend those defined before it.
func (k *block) defineWindows() error {
	for _, n := range k.sel.WindowClause {
		w := n.GetWindowDef()
		pos := k.b.pos(w.Location)
		if k.named[w.Name] != nil {
			return sqlerr.New(sqlerr.WindowingError, "window %q is already defined", w.Name).At(pos)
		}
		if w.Refname != "" && k.named[w.Refname] == nil {
			return noWindow(w.Refname, pos)
		}
		if k.named == nil {
			k.named = map[string]*parse.WindowDef{}
		}
		k.named[w.Name] = w
	}
	return nil
}

func noWindow(name string, pos int) error {
	return sqlerr.New(sqlerr.UndefinedObject, "window %q does not exist", name).At(pos)
}

// checkWindows binds the WINDOW clause for its errors alone: calls bind the windows that they name.
func (k *block) checkWindows() error {
	for _, n := range k.sel.WindowClause {
		d := n.GetWindowDef()
		c := k.clause.inWindow()
		c.subqueries = new([]pending)
		if err := c.windowSpec(&parse.WindowDef{Name: d.Name, Location: d.Location}, &windowCall{}); err != nil {
			return err
		}
	}
	return nil
}

// windowArguments and windowDefinitions name the clauses inside of a call and of its window.
const windowArguments, windowDefinitions = "window functions", "window definitions"

// inWindow is the clause inside of a window's definition.
func (c *clause) inWindow() *clause {
	inner := *c
	inner.windows, inner.name, inner.guards = false, windowDefinitions, nil
	return &inner
}

// windowsAllowed refuses window functions where PostgreSQL does.
func (c *clause) windowsAllowed(pos int) error {
	switch {
	case c.windows:
		return nil
	case c.name == windowArguments:
		return sqlerr.New(sqlerr.WindowingError, "window function calls cannot be nested").At(pos)
	}
	return sqlerr.New(sqlerr.WindowingError, "window functions are not allowed in %s", c.name).At(pos)
}

// windowCall binds f(…) OVER (…).
func (c *clause) windowCall(name string, n *parse.FuncCall, pos int) (expr.Expr, error) {
	if c.inAggregate {
		return nil, sqlerr.New(sqlerr.GroupingError, "aggregate function calls cannot contain window function calls").At(pos)
	}
	inner := *c
	inner.windows, inner.name, inner.guards = false, windowArguments, nil
	args, err := inner.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	w, t, err := c.windowItem(name, n, args, pos)
	if err != nil {
		return nil, err
	}
	if n.AggFilter != nil {
		filter := inner
		filter.name, filter.aggregates = "FILTER", false
		if w.item.Filter, err = filter.truth(n.AggFilter); err != nil {
			return nil, err
		}
	}
	if err := c.windowsAllowed(pos); err != nil {
		return nil, err
	}
	if err := c.inWindow().windowSpec(n.Over, w); err != nil {
		return nil, err
	}
	for _, have := range c.lv.windows {
		if sameAggregate(have.item, w.item) && sameWindow(have, w) {
			return have.item.Ref(), nil
		}
	}
	w.item.Column = c.b.newColumn(name, t, w.item.Fn.Kind == expr.Aggregate && aggregateNullable(w.item.Fn) || len(args) > 0)
	c.lv.windows = append(c.lv.windows, w)
	return w.item.Ref(), nil
}

// windowItem chooses the function, and refuses what cannot stand before OVER.
func (c *clause) windowItem(name string, n *parse.FuncCall, args []expr.Expr, pos int) (*windowCall, *types.Type, error) {
	if n.AggWithinGroup {
		// PostgreSQL resolves the function first, and so says of others what they are.
		item := &plan.AggItem{}
		order, err := c.inWindow().sortKeys(n.AggOrder)
		if err != nil {
			return nil, nil, err
		}
		item.OrderBy = order
		if _, err := c.orderedSet(name, n, item, args, pos); err != nil {
			return nil, nil, err
		}
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", name).At(pos)
	}
	args, err := c.withDefault(name, args)
	if err != nil {
		return nil, nil, c.b.at(err, pos)
	}
	cand, err := c.b.function(name, typesOf(args), pos)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case cand.fn != nil && cand.fn.OrderedSet:
		return nil, nil, needsWithinGroup(name, pos)
	case cand.fn == nil || cand.fn.Kind != expr.Aggregate && cand.fn.Kind != expr.Window:
		if err := plainCall(name, n, pos); err != nil {
			return nil, nil, err
		}
		return nil, nil, sqlerr.New(sqlerr.WrongObjectType,
			"OVER specified, but %s is not a window function nor an aggregate function", name).At(pos)
	case n.AggDistinct:
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "DISTINCT is not implemented for window functions").At(pos)
	case cand.fn.Kind == expr.Aggregate && len(args) == 0 && !n.AggStar:
		return nil, nil, sqlerr.New(sqlerr.WrongObjectType,
			"%s(*) must be used to call a parameterless aggregate function", name).At(pos)
	case len(n.AggOrder) > 0:
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions").At(pos)
	case n.AggFilter != nil && cand.fn.Kind == expr.Window:
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions").At(pos)
	}
	if err := undetermined(cand, typesOf(args), pos); err != nil {
		return nil, nil, err
	}
	w := &windowCall{item: plan.AggItem{Fn: cand.fn}}
	out, t, err := c.b.apply(cand, args)
	if err != nil {
		return nil, nil, c.b.at(err, pos)
	}
	w.item.Args = out
	return w, t, nil
}

// withDefault gives the value and the default of lag and lead one type (PostgreSQL's anycompatible).
func (c *clause) withDefault(name string, args []expr.Expr) ([]expr.Expr, error) {
	if name != "lag" && name != "lead" || len(args) != 3 {
		return args, nil
	}
	pair := []expr.Expr{args[0], args[2]}
	t, err := common(pair, "", nil)
	if t == nil || err != nil {
		return args, err
	}
	if _, err := c.b.unify(pair, name, func(int) int { return 0 }); err != nil {
		return nil, err
	}
	return []expr.Expr{pair[0], args[1], pair[1]}, nil
}

// windowSpec binds a window's specification: the named one, perhaps extended.
func (c *clause) windowSpec(d *parse.WindowDef, w *windowCall) error {
	pos := c.b.pos(d.Location)
	name, copied := d.Name, false
	if name == "" {
		name, copied = d.Refname, true
	}
	var err error
	if name != "" {
		base := c.lv.named[name]
		if base == nil {
			return noWindow(name, pos)
		}
		if !copied {
			return c.windowSpec(&parse.WindowDef{
				Refname: base.Refname, PartitionClause: base.PartitionClause, OrderClause: base.OrderClause,
				FrameOptions: base.FrameOptions, StartOffset: base.StartOffset, EndOffset: base.EndOffset, Location: base.Location,
			}, w)
		}
		if err := c.extendWindow(d, base, name, w, pos); err != nil {
			return err
		}
	}
	if len(d.PartitionClause) > 0 {
		for _, p := range d.PartitionClause {
			e, err := c.settled(p)
			if err != nil {
				return err
			}
			if err := comparableType(e.Type(), c.b.posOf(p)); err != nil {
				return err
			}
			w.partition = append(w.partition, e)
		}
	}
	if len(d.OrderClause) > 0 {
		if w.order, err = c.sortKeys(d.OrderClause); err != nil {
			return err
		}
		w.order = withoutRepeatedKeys(w.order)
	}
	return c.frame(d, w, pos)
}

// withoutRepeatedKeys leaves out what is ordered by already, in either direction.
func withoutRepeatedKeys(keys []plan.SortKey) []plan.SortKey {
	var out []plan.SortKey
	for _, k := range keys {
		if !slices.ContainsFunc(out, func(have plan.SortKey) bool { return expr.Equal(have.Expr, k.Expr) }) {
			out = append(out, k)
		}
	}
	return out
}

func (c *clause) extendWindow(d, base *parse.WindowDef, name string, w *windowCall, pos int) error {
	switch {
	case len(d.PartitionClause) > 0:
		return sqlerr.New(sqlerr.WindowingError, "cannot override PARTITION BY clause of window %q", name).At(pos)
	case len(d.OrderClause) > 0 && len(base.OrderClause) > 0:
		return sqlerr.New(sqlerr.WindowingError, "cannot override ORDER BY clause of window %q", name).At(pos)
	case base.FrameOptions&frameNonDefault != 0:
		err := sqlerr.New(sqlerr.WindowingError, "cannot copy window %q because it has a frame clause", name).At(pos)
		if d.Name == "" && len(d.OrderClause) == 0 && d.FrameOptions&frameNonDefault == 0 {
			return err.WithHint("Omit the parentheses in this OVER clause.")
		}
		return err
	}
	return c.windowSpec(base, w)
}

// The bits of a window's frame options (parsenodes.h).
const (
	frameNonDefault     = 0x00001
	frameRange          = 0x00002
	frameRows           = 0x00004
	frameGroups         = 0x00008
	frameStartUnbounded = 0x00020
	frameEndUnbounded   = 0x00100
	frameStartCurrent   = 0x00200
	frameEndCurrent     = 0x00400
	frameStartPreceding = 0x00800
	frameEndPreceding   = 0x01000
	frameStartFollowing = 0x02000
	frameEndFollowing   = 0x04000
	frameExcludeCurrent = 0x08000
	frameExcludeGroup   = 0x10000
	frameExcludeTies    = 0x20000
)

func (c *clause) frame(d *parse.WindowDef, w *windowCall, pos int) error {
	o := d.FrameOptions
	w.frame = plan.Frame{Start: plan.Bound{Kind: plan.UnboundedPreceding}, End: plan.Bound{Kind: plan.CurrentRow}}
	switch {
	case o&frameRows != 0:
		w.frame.Unit = plan.RowsFrame
	case o&frameGroups != 0:
		w.frame.Unit = plan.GroupsFrame
		if len(w.order) == 0 {
			return sqlerr.New(sqlerr.WindowingError, "GROUPS mode requires an ORDER BY clause").At(pos)
		}
	}
	switch {
	case o&frameExcludeCurrent != 0:
		w.frame.Exclude = plan.ExcludeCurrentRow
	case o&frameExcludeGroup != 0:
		w.frame.Exclude = plan.ExcludeGroup
	case o&frameExcludeTies != 0:
		w.frame.Exclude = plan.ExcludeTies
	}
	switch {
	case o&frameStartCurrent != 0:
		w.frame.Start.Kind = plan.CurrentRow
	case o&frameStartPreceding != 0:
		w.frame.Start.Kind = plan.Preceding
	case o&frameStartFollowing != 0:
		w.frame.Start.Kind = plan.Following
	}
	switch {
	case o&frameEndUnbounded != 0:
		w.frame.End.Kind = plan.UnboundedFollowing
	case o&frameEndPreceding != 0:
		w.frame.End.Kind = plan.Preceding
	case o&frameEndFollowing != 0:
		w.frame.End.Kind = plan.Following
	}
	return c.frameOffsets(d, w, pos)
}

// splitByWindows parts the subqueries of the select list from those that look at the results of window functions.
func (k *block) splitByWindows() (before, behind []pending) {
	late := map[expr.ColumnID]bool{}
	for _, w := range k.windows {
		late[w.item.ID] = true
	}
	for _, p := range k.after {
		used := map[expr.ColumnID]bool{}
		for _, e := range p.on {
			expr.Columns(e, used)
		}
		plan.Walk(p.right, func(n plan.Node) bool {
			for _, e := range plan.Exprs(n) {
				expr.Columns(e, used)
			}
			return true
		})
		waits := false
		for id := range used {
			waits = waits || late[id]
		}
		if !waits {
			before = append(before, p)
			continue
		}
		behind = append(behind, p)
		late[p.mark.ID] = late[p.mark.ID] || p.kind == plan.Mark
		for _, c := range p.right.Columns() {
			late[c.ID] = true
		}
	}
	return before, behind
}

// computeWindows puts a Window node over the input for each specification.
func (k *block) computeWindows(node plan.Node) (plan.Node, error) {
	done := make([]bool, len(k.windows))
	var specs []*plan.Window
	for i, w := range k.windows {
		if done[i] {
			continue
		}
		n := &plan.Window{Partition: w.partition, Order: w.order, Frame: w.frame}
		for j := i; j < len(k.windows); j++ {
			if j == i || !done[j] && sameWindow(w, k.windows[j]) {
				done[j] = true
				n.Items = append(n.Items, k.windows[j].item)
			}
		}
		specs = append(specs, n)
	}
	k.sequenceWindows(specs)
	for _, n := range specs {
		n.Input, node = node, n
	}
	return node, nil
}

func sameWindow(a, b *windowCall) bool {
	if len(a.partition) != len(b.partition) || len(a.order) != len(b.order) || a.frame.Unit != b.frame.Unit ||
		a.frame.Exclude != b.frame.Exclude || !sameBound(a.frame.Start, b.frame.Start) || !sameBound(a.frame.End, b.frame.End) {
		return false
	}
	for i := range a.partition {
		if !expr.Equal(a.partition[i], b.partition[i]) {
			return false
		}
	}
	for i := range a.order {
		if !sameKey(a.order[i], b.order[i]) {
			return false
		}
	}
	return true
}

func sameBound(a, b plan.Bound) bool { return a.Kind == b.Kind && expr.Equal(a.Offset, b.Offset) }

// firstOfEach keeps the first row of each group of DISTINCT ON, by the query's order.
func (k *block) firstOfEach(node plan.Node) (plan.Node, error) {
	cand, err := k.b.function("row_number", nil, 0, expr.Window)
	if err != nil {
		return nil, sqlerr.Unsupported("DISTINCT ON")
	}
	w := &plan.Window{Input: node, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}}
	for _, t := range k.on {
		w.Partition = append(w.Partition, t.col.Ref())
	}
	for _, o := range k.order {
		key := o.key
		key.Expr = o.target.col.Ref()
		w.Order = append(w.Order, key)
	}
	number := k.b.newColumn("row_number", types.Int8T, false)
	w.Items = []plan.AggItem{{Column: number, Fn: cand.fn}}
	one := &expr.Const{Typ: types.Int8T, Value: int64(1)}
	first, err := k.b.operate("=", []expr.Expr{number.Ref(), one}, 0)
	if err != nil {
		return nil, err
	}
	return &plan.Filter{Input: w, Conds: []expr.Expr{first}}, nil
}
