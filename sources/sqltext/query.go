package sqltext

import (
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Table is how a server's table is read.
type Table struct {
	// Name is qualified and quoted.
	Name string
	// Columns are parallel to the table's; SQL is the quoted name.
	Columns []Column
}

// Query is one SELECT over what it reads.
type Query struct {
	// Columns are the output; Exprs, parallel, their SQL.
	Columns []plan.Column
	Exprs   []string
	From    string
	Where   []string
	Group   []string // with Grouped
	Grouped bool
	Order   []string
	// Keys are what Order renders.
	Keys          []plan.SortKey
	Limit, Offset string
	Tables        []plan.TableRef
	// Alias is how the one table is called in From, "" for more than one.
	Alias string
	// Params are the statement's parameters in the order of the placeholders $1, $2, …
	Params []*expr.Param
	// Selectivity is a guess at the rows of the output, as a part of those of the table.
	Selectivity float64

	barrier bool
	columns map[expr.ColumnID]Column
}

// Render is the query for a fragment, or *sources.Refused with every reason found. table describes a table of the
// server.
func (d *Dialect) Render(root plan.Node, table func(plan.TableRef) Table) (*Query, error) {
	b := &builder{dialect: d, table: table}
	q := b.node(root)
	if len(b.refused) > 0 {
		return nil, &sources.Refused{What: b.refused}
	}
	q.Params = b.params
	return q, nil
}

// SQL is the text with a select list and further conditions.
func (q *Query) SQL(items []string, where ...string) string {
	var s strings.Builder
	s.WriteString("SELECT " + strings.Join(items, ", ") + " FROM " + q.From)
	clause(&s, " WHERE ", append(append([]string(nil), q.Where...), where...), " AND ")
	clause(&s, " GROUP BY ", q.Group, ", ")
	clause(&s, " ORDER BY ", q.Order, ", ")
	if q.Limit != "" {
		s.WriteString(" LIMIT " + q.Limit)
	}
	if q.Offset != "" {
		s.WriteString(" OFFSET " + q.Offset)
	}
	return s.String()
}

func clause(s *strings.Builder, word string, parts []string, between string) {
	first := true
	for _, p := range parts {
		if p == "" {
			continue
		}
		if first {
			s.WriteString(word)
		} else {
			s.WriteString(between)
		}
		s.WriteString(p)
		first = false
	}
}

// Flat says whether the query is one table's rows, filtered and projected: it can be read in parts, and looked up.
func (q *Query) Flat() bool {
	return q.Alias != "" && !q.Grouped && q.Limit == "" && q.Offset == "" && len(q.Order) == 0
}

// Column is the SQL of an output column.
func (q *Query) Column(id expr.ColumnID) (Column, bool) {
	c, ok := q.columns[id]
	return c, ok
}

type builder struct {
	dialect *Dialect
	table   func(plan.TableRef) Table
	params  []*expr.Param
	refused []sources.Refusal
	aliases int
}

func (b *builder) refuse(n plan.Node, conjunct expr.Expr, format string, args ...any) {
	b.refused = append(b.refused, sources.Refusal{Node: n, Conjunct: conjunct, Reason: fmt.Sprintf(format, args...)})
}

func (b *builder) alias() string {
	b.aliases++
	return fmt.Sprintf("t%d", b.aliases-1)
}

// node renders a subtree; after a refusal the query is only good for finding more of them.
func (b *builder) node(n plan.Node) *Query {
	switch n := n.(type) {
	case *plan.Scan:
		return b.scan(n)
	case *plan.Filter:
		return b.filter(n)
	case *plan.Project:
		return b.project(n)
	case *plan.Sort:
		return b.sort(n)
	case *plan.Limit:
		return b.limit(n)
	case *plan.Aggregate:
		return b.aggregate(n)
	case *plan.SecurityBarrier:
		q := *b.node(n.Input)
		q.barrier = true
		return &q
	}
	b.refuse(n, nil, "%T is not rendered", n)
	return &Query{columns: map[expr.ColumnID]Column{}}
}

func (b *builder) scan(n *plan.Scan) *Query {
	alias := b.alias()
	t := b.table(n.Table)
	q := &Query{
		Columns: n.Cols, From: t.Name + " AS " + alias, Tables: []plan.TableRef{n.Table}, Alias: alias, Selectivity: 1,
		columns: make(map[expr.ColumnID]Column, len(n.Cols)),
	}
	for i, c := range n.Cols {
		col := t.Columns[n.Ordinals[i]]
		col.SQL = alias + "." + col.SQL
		if col.Cast != nil {
			name, ok := b.dialect.TypeName(col.Cast)
			if !ok {
				b.refuse(n, nil, "column %s is declared as %s, which is not sent", c.Name, col.Cast)
			}
			col.SQL = "(" + col.SQL + "::" + name + ")"
		}
		q.columns[c.ID] = col
		q.Exprs = append(q.Exprs, col.SQL)
	}
	return q
}

// render is e over q's columns. Above a barrier only leakproof expressions may stand in one query with it: servers
// flatten subqueries and evaluate conditions in the order that they like.
func (b *builder) render(q *Query, e expr.Expr) (string, error) {
	if q.barrier && !expr.Leakproof(e) {
		return "", fmt.Errorf("it could leak rows that a policy hides")
	}
	r := &renderer{dialect: b.dialect, columns: q.columns, params: &b.params}
	return r.expr(e)
}

func (b *builder) filter(n *plan.Filter) *Query {
	in := b.node(n.Input)
	q := *in
	if in.Grouped || in.Limit != "" || in.Offset != "" {
		q = *b.wrap(in)
	}
	q.Where = append([]string(nil), q.Where...)
	for _, c := range n.Conds {
		s, err := b.render(&q, c)
		if err != nil {
			b.refuse(n, c, "a condition: %v", err)
			continue
		}
		q.Where = append(q.Where, s)
		q.Selectivity *= selectivity(c)
	}
	return &q
}

// selectivity is a guess at what a conjunct leaves.
func selectivity(c expr.Expr) float64 {
	switch c := c.(type) {
	case *expr.Call:
		if c.Fn.Name == "=" {
			return 0.05
		}
		return 0.33
	case *expr.In:
		return min(0.05*float64(len(c.List)), 0.5)
	case *expr.IsNull:
		return 0.5
	}
	return 0.33
}

// wrap makes a query the only table of another.
func (b *builder) wrap(in *Query) *Query {
	alias := b.alias()
	items := make([]string, len(in.Exprs))
	q := &Query{
		Columns: in.Columns, Tables: in.Tables, Selectivity: in.Selectivity, barrier: in.barrier,
		columns: make(map[expr.ColumnID]Column, len(in.Columns)),
	}
	for i, c := range in.Columns {
		name := fmt.Sprintf("c%d", i)
		items[i] = in.Exprs[i] + " AS " + name
		col := in.columns[c.ID]
		col.SQL = alias + "." + name
		q.columns[c.ID] = col
		q.Exprs = append(q.Exprs, col.SQL)
	}
	q.From = "(" + in.SQL(items) + ") AS " + alias
	return q
}

func (b *builder) project(n *plan.Project) *Query {
	in := b.node(n.Input)
	q := *in
	q.Columns, q.Exprs = n.Columns(), nil
	q.columns = make(map[expr.ColumnID]Column, len(n.Items))
	for _, it := range n.Items {
		s, err := b.render(in, it.Expr)
		if err != nil {
			b.refuse(n, it.Expr, "column %s: %v", it.Name, err)
		}
		col := Column{SQL: s}
		if c, ok := it.Expr.(*expr.Column); ok {
			col = in.columns[c.ID]
		}
		q.columns[it.ID] = col
		q.Exprs = append(q.Exprs, s)
	}
	return &q
}

func (b *builder) keys(n plan.Node, q *Query, keys []plan.SortKey) []string {
	var out []string
	for _, k := range keys {
		s, err := b.key(q, k)
		if err != nil {
			b.refuse(n, k.Expr, "a sort key: %v", err)
		}
		out = append(out, s)
	}
	return out
}

// key renders a sort key: texts by their bytes, the place of NULLs always said.
func (b *builder) key(q *Query, k plan.SortKey) (string, error) {
	if !comparable(k.Expr.Type()) {
		return "", fmt.Errorf("%s is not ordered at the server", k.Expr.Type())
	}
	s, err := b.render(q, k.Expr)
	if c, ok := k.Expr.(*expr.Column); collated(k.Expr.Type()) && !(ok && q.columns[c.ID].ByteOrder) {
		s += b.dialect.Collate
	}
	if _, constant := k.Expr.(*expr.Const); constant {
		return "", fmt.Errorf("it is a constant")
	}
	order := map[bool]string{false: " ASC", true: " DESC"}[k.Desc]
	nulls := map[bool]string{false: " NULLS LAST", true: " NULLS FIRST"}[k.NullsFirst]
	return s + order + nulls, err
}

func (b *builder) sort(n *plan.Sort) *Query {
	in := b.node(n.Input)
	q := *in
	if in.Limit != "" || in.Offset != "" {
		q = *b.wrap(in)
	}
	q.Keys, q.Order = n.Keys, b.keys(n, &q, n.Keys)
	return &q
}

func (b *builder) limit(n *plan.Limit) *Query {
	in := b.node(n.Input)
	q := *in
	if in.Limit != "" || in.Offset != "" {
		q = *b.wrap(in)
	}
	if n.Ties {
		b.refuse(n, nil, "WITH TIES is not rendered")
	}
	if len(n.Keys) > 0 {
		q.Keys, q.Order = n.Keys, b.keys(n, &q, n.Keys)
	}
	q.Limit, q.Offset = b.count(n, &q, n.Count), b.count(n, &q, n.Offset)
	return &q
}

// count renders LIMIT's or OFFSET's number. Those that the engine would refuse are left to it.
func (b *builder) count(n *plan.Limit, q *Query, e expr.Expr) string {
	if e == nil {
		return ""
	}
	if p, ok := e.(*expr.Param); ok && p.Typ.Kind == types.Int8 {
		s, _ := b.render(q, p) // an int8 always has a name
		return s
	}
	c, ok := e.(*expr.Const)
	v, isInt := int64(0), false
	if ok {
		v, isInt = c.Value.(int64)
	}
	switch {
	case ok && c.Value == nil:
		return ""
	case !isInt || v < 0:
		b.refuse(n, nil, "its count is not a constant that can be sent")
		return ""
	}
	return fmt.Sprint(v)
}

func (b *builder) aggregate(n *plan.Aggregate) *Query {
	in := b.node(n.Input)
	q := *in
	if in.Grouped || in.Limit != "" || in.Offset != "" {
		q = *b.wrap(in)
	}
	input := q
	if n.GroupingSets != nil {
		b.refuse(n, nil, "grouping sets are not rendered")
	}
	q.Columns, q.Exprs, q.Grouped, q.Order, q.Keys = n.Columns(), nil, true, nil, nil
	q.columns = map[expr.ColumnID]Column{}
	for _, k := range n.Keys {
		s, err := b.groupKey(&input, k.Expr)
		if err != nil {
			b.refuse(n, k.Expr, "a key of GROUP BY: %v", err)
		}
		q.Group = append(q.Group, s)
		q.add(k.ID, Column{SQL: s})
	}
	for _, a := range n.Aggs {
		s, err := b.call(&input, a)
		if err != nil {
			b.refuse(n, nil, "aggregate %s: %v", a.Fn, err)
		}
		q.add(a.ID, Column{SQL: s})
	}
	if len(n.Keys) == 0 && len(n.Aggs) == 0 {
		b.refuse(n, nil, "an aggregate without keys and functions is not rendered")
	}
	q.Selectivity *= 0.1
	return &q
}

func (q *Query) add(id expr.ColumnID, c Column) {
	q.columns[id] = c
	q.Exprs = append(q.Exprs, c.SQL)
}

// groupKey renders a key. Keys of which different forms are equal (numeric 1.0 and 1.00, char with blanks, float zeros)
// stay behind: which form stands for the group is not said.
func (b *builder) groupKey(q *Query, e expr.Expr) (string, error) {
	t := e.Type()
	switch t.Kind {
	case types.Float4, types.Float8, types.Bpchar:
		return "", fmt.Errorf("%s has equal values that are not the same", t)
	case types.Numeric:
		if t.NumericStorage() == types.VarNumeric {
			return "", fmt.Errorf("%s has equal values that are not the same", t)
		}
	}
	if !comparable(t) {
		return "", fmt.Errorf("%s is not grouped at the server", t)
	}
	if _, ok := e.(*expr.Column); !ok {
		return "", fmt.Errorf("it is an expression")
	}
	s, err := b.render(q, e)
	if c, _ := e.(*expr.Column); collated(t) && !q.columns[c.ID].Bytewise {
		s = "(" + s + b.dialect.Collate + ")"
	}
	return s, err
}

func (b *builder) call(q *Query, a plan.AggItem) (string, error) {
	form := b.dialect.calls[a.Fn.ID]
	if form != aggregate && form != extremum || len(a.OrderBy) > 0 {
		return "", errNotRendered
	}
	var args []string
	for _, e := range a.Args {
		s, err := b.render(q, e)
		if err != nil {
			return "", err
		}
		if a.Distinct && !comparable(e.Type()) {
			return "", fmt.Errorf("%s is not compared at the server", e.Type())
		}
		if collated(e.Type()) && (a.Distinct || form == extremum) {
			s += b.dialect.Collate
		}
		args = append(args, s)
	}
	list := strings.Join(args, ", ")
	if len(args) == 0 {
		list = "*"
	}
	if a.Distinct {
		list = "DISTINCT " + list
	}
	s := "pg_catalog." + a.Fn.Name + "(" + list + ")"
	if a.Filter != nil {
		cond, err := b.render(q, a.Filter)
		if err != nil {
			return "", err
		}
		s += " FILTER (WHERE " + cond + ")"
	}
	return s, nil
}
