package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// query binds SELECT, VALUES and set operations, with their WITH. keepUnknown leaves the types of bare constants open,
// for a set operation around it.
func (b *binder) query(sel *parse.SelectStmt, parent *level, keepUnknown bool) (*result, error) {
	if len(sel.LockingClause) > 0 {
		return b.lockingQuery(sel, parent, keepUnknown)
	}
	return b.plainQuery(sel, parent, keepUnknown)
}

// plainQuery is query without FOR UPDATE and its kin.
func (b *binder) plainQuery(sel *parse.SelectStmt, parent *level, keepUnknown bool) (*result, error) {
	if sel.IntoClause != nil {
		return nil, sqlerr.New(sqlerr.SyntaxError, "SELECT ... INTO is not allowed here")
	}
	if sel.WithClause != nil {
		l, err := b.with(sel.WithClause, sel, parent)
		if err != nil {
			return nil, err
		}
		parent = l
	}
	switch {
	case sel.Op != parse.SetopNone:
		return b.setOperation(sel, parent)
	case len(sel.ValuesLists) > 0:
		return b.values(sel, parent)
	}
	return b.selectBlock(sel, parent, keepUnknown)
}

// setOperation binds UNION, INTERSECT and EXCEPT with the ORDER BY and LIMIT of the whole.
func (b *binder) setOperation(sel *parse.SelectStmt, parent *level) (*result, error) {
	q, err := b.setTree(sel, parent, true)
	if err != nil {
		return nil, err
	}
	return b.orderResult(sel, q, parent)
}

// setTree binds one node of the tree of set operations. Only its root has ORDER BY and LIMIT without parentheses.
func (b *binder) setTree(sel *parse.SelectStmt, parent *level, top bool) (*result, error) {
	plain := len(sel.SortClause) == 0 && sel.LimitCount == nil && sel.LimitOffset == nil && sel.WithClause == nil
	if sel.Op == parse.SetopNone || !top && !plain {
		return b.query(sel, parent, true)
	}
	left, err := b.setTree(sel.Larg, parent, false)
	if err != nil {
		return nil, err
	}
	right, err := b.setTree(sel.Rarg, parent, false)
	if err != nil {
		return nil, err
	}
	word := map[parse.SetOperation]string{parse.SetopUnion: "UNION", parse.SetopIntersect: "INTERSECT", parse.SetopExcept: "EXCEPT"}[sel.Op]
	if len(left.cols) != len(right.cols) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "each %s query must have the same number of columns", word).
			At(b.firstTarget(sel.Rarg))
	}
	return b.combine(sel, word, left, right)
}

func (b *binder) firstTarget(sel *parse.SelectStmt) int { return b.targetPos(sel, 0) }

// targetPos is where the i-th output column of a query is written.
func (b *binder) targetPos(sel *parse.SelectStmt, i int) int {
	for sel.Op != parse.SetopNone {
		sel = sel.Larg
	}
	if i < len(sel.TargetList) {
		return b.posOf(sel.TargetList[i].GetResTarget().GetVal())
	}
	if len(sel.ValuesLists) > 0 {
		if row := sel.ValuesLists[0].GetList().GetItems(); i < len(row) {
			return b.posOf(row[i])
		}
	}
	return 0
}

func (b *binder) combine(sel *parse.SelectStmt, word string, left, right *result) (*result, error) {
	op := map[parse.SetOperation]plan.SetOpKind{parse.SetopUnion: plan.Union, parse.SetopIntersect: plan.Intersect, parse.SetopExcept: plan.Except}[sel.Op]
	n := len(left.cols)
	lexprs, rexprs := left.exprs(), right.exprs()
	out := &plan.SetOp{Op: op, All: sel.All}
	for i := range n {
		pair := []expr.Expr{lexprs[i], rexprs[i]}
		t, err := b.unify(pair, word, func(k int) int {
			return b.targetPos([]*parse.SelectStmt{sel.Larg, sel.Rarg}[k], i)
		})
		if err != nil {
			return nil, err
		}
		if !sel.All {
			if err := comparableType(t, b.targetPos(sel.Larg, i)); err != nil {
				return nil, err
			}
		}
		lexprs[i], rexprs[i] = pair[0], pair[1]
		nullable := left.cols[i].Nullable || right.cols[i].Nullable && op == plan.Union
		out.Cols = append(out.Cols, b.newColumn(left.cols[i].Name, t, nullable))
	}
	out.Inputs = []plan.Node{b.computed(left, lexprs), b.computed(right, rexprs)}
	if l, ok := left.node.(*plan.SetOp); ok && op == plan.Union && l.Op == plan.Union && l.All == sel.All && sameInputs(out.Inputs[0], l) {
		out.Inputs = append(append([]plan.Node(nil), l.Inputs...), out.Inputs[1])
	}
	return &result{node: out, cols: out.Columns()}, nil
}

func sameInputs(in plan.Node, l *plan.SetOp) bool { return in == plan.Node(l) }

// exprs are a result's columns as expressions, the constants of unknown type themselves.
func (q *result) exprs() []expr.Expr {
	out := make([]expr.Expr, len(q.cols))
	for i, c := range q.cols {
		out[i] = c.Ref()
		if e, ok := q.constants[c.ID]; ok {
			out[i] = e
		}
	}
	return out
}

// computed projects a result to expressions over its columns, each under an ID of its own unless it is the bare column.
func (b *binder) computed(q *result, es []expr.Expr) plan.Node {
	have := q.node.Columns()
	same := len(have) == len(es)
	used := map[expr.ColumnID]bool{}
	items := make([]plan.Item, len(es))
	for i, e := range es {
		c, bare := e.(*expr.Column)
		same = same && bare && i < len(have) && have[i].ID == c.ID
		col := plan.Column{Name: q.cols[i].Name, Type: e.Type(), Nullable: nullable(e, columnsByID(q.node))}
		if bare && !used[c.ID] {
			col.ID = c.ID
			used[c.ID] = true
		} else {
			col = b.newColumn(col.Name, col.Type, col.Nullable)
		}
		items[i] = plan.Item{Column: col, Expr: e}
	}
	if same {
		return q.node
	}
	return &plan.Project{Input: q.node, Items: items}
}

// orderResult sorts and limits the result of a set operation or VALUES: keys are output columns by name or number.
func (b *binder) orderResult(sel *parse.SelectStmt, q *result, parent *level) (*result, error) {
	if len(sel.SortClause) == 0 && sel.LimitCount == nil && sel.LimitOffset == nil {
		return q, nil
	}
	v := &visible{colsVisible: true}
	targets := make([]*target, len(q.cols))
	for i, c := range q.cols {
		v.cols = append(v.cols, named{c.Name, c.Ref()})
		targets[i] = &target{name: c.Name, e: c.Ref()}
	}
	var subs []pending
	l := newLevel(b, parent)
	c := &clause{b: b, lv: l, name: "ORDER BY", subqueries: &subs}
	var keys []plan.SortKey
	for _, n := range sel.SortClause {
		s := n.GetSortBy()
		t, err := c.outputTarget(s.Node, targets, "ORDER BY")
		if err != nil {
			return nil, err
		}
		if t == nil {
			if s.Node.GetColumnRef() != nil {
				return nil, c.missingColumn("", lastString(s.Node.GetColumnRef().Fields), b.posOf(s.Node))
			}
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
				WithDetail("Only result column names can be used, not expressions or functions.").
				WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.").At(b.posOf(s.Node))
		}
		k, err := c.sortKey(t.e, s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	node := q.node
	if len(keys) > 0 {
		node = &plan.Sort{Input: node, Keys: keys}
	}
	node, err := b.limit(sel, node, keys, l)
	if err != nil {
		return nil, err
	}
	return &result{node: node, cols: q.cols, constants: q.constants}, nil
}
