package bind

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// item is one bound element of FROM: its plan, and the relations that it lets names refer to.
type item struct {
	node plan.Node
	ns   []*visible
	// lateral: the plan may refer to columns of what stands left of it.
	lateral bool
}

// from binds the FROM clause: its items side by side, those that are LATERAL applied to the ones before.
func (l *level) from(list []*parse.Node) (plan.Node, error) {
	if len(list) == 0 {
		return &plan.Values{Rows: [][]expr.Expr{{}}}, nil
	}
	var all *item
	for _, n := range list {
		if all != nil {
			l.ns = lateralOnly(all.ns, true)
		}
		it, err := l.fromItem(n)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = it
			continue
		}
		if err := distinctNames(all.ns, it.ns); err != nil {
			return nil, err
		}
		all = &item{node: joinNodes(plan.Inner, all.node, it.node, nil), ns: append(all.ns[:len(all.ns):len(all.ns)], it.ns...)}
	}
	l.ns = all.ns
	return all.node, nil
}

// lateralOnly gives copies of ns that only LATERAL items may refer to.
func lateralOnly(ns []*visible, ok bool) []*visible {
	out := make([]*visible, len(ns))
	for i, v := range ns {
		c := *v
		c.lateralOnly, c.lateralBad = true, v.lateralBad || !ok
		out[i] = &c
	}
	return out
}

// distinctNames refuses two relations of one name in one FROM.
func distinctNames(left, right []*visible) error {
	for _, l := range left {
		for _, r := range right {
			if !l.relVisible || !r.relVisible || l.name != r.name || l.name == "" {
				continue
			}
			if len(l.parts) > 0 && len(r.parts) > 0 && strings.Join(l.parts, ".") != strings.Join(r.parts, ".") {
				continue // different tables of one name, as PostgreSQL allows
			}
			return sqlerr.New(sqlerr.DuplicateAlias, "table name %q specified more than once", r.name)
		}
	}
	return nil
}

// joinNodes joins two plans, dependently when the right one refers to the left one's columns.
func joinNodes(kind plan.JoinKind, left, right plan.Node, on []expr.Expr) plan.Node {
	return joined(plan.Join{Kind: kind, Left: left, Right: right, On: on})
}

func joined(j plan.Join) plan.Node {
	if v, ok := j.Left.(*plan.Values); ok && j.Kind == plan.Inner && len(j.On) == 0 && len(v.Cols) == 0 && len(v.Rows) == 1 {
		return j.Right
	}
	if refersTo(j.Right, j.Left) {
		return &plan.Apply{Join: j}
	}
	return &j
}

// refersTo says whether anything in n refers to an output column of of.
func refersTo(n, of plan.Node) bool {
	cols := columnsByID(of)
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		for _, e := range plan.Exprs(n) {
			expr.Walk(e, func(e expr.Expr) bool {
				if c, ok := e.(*expr.Column); ok && !found {
					_, found = cols[c.ID]
				}
				return !found
			})
		}
		return !found
	})
	return found
}

func (l *level) fromItem(n *parse.Node) (*item, error) {
	switch v := n.Node.(type) {
	case *parse.NodeRangeVar:
		return l.rangeVar(v.RangeVar)
	case *parse.NodeRangeSubselect:
		return l.rangeSubselect(v.RangeSubselect)
	case *parse.NodeRangeFunction:
		return l.rangeFunction(v.RangeFunction)
	case *parse.NodeJoinExpr:
		return l.join(v.JoinExpr)
	case *parse.NodeRangeTableSample:
		return nil, sqlerr.Unsupported("TABLESAMPLE").At(l.b.pos(v.RangeTableSample.Location))
	case *parse.NodeRangeTableFunc:
		return nil, sqlerr.Unsupported("XMLTABLE").At(l.b.pos(v.RangeTableFunc.Location))
	}
	return nil, sqlerr.Unsupported("this kind of FROM item").At(l.b.posOf(n))
}

// rangeVar is a common table expression, a table, or a view.
func (l *level) rangeVar(n *parse.RangeVar) (*item, error) {
	pos := l.b.pos(n.Location)
	name := parse.RelationName(n)
	if len(name) == 1 {
		if c := l.withQuery(n.Relname); c != nil {
			return l.cteReference(c, n, pos)
		}
	}
	rel, err := l.b.cat.Relation(l.b.ctx, name)
	if err != nil {
		return nil, l.explainMissing(l.b.at(err, pos), n.Relname)
	}
	if !n.Inh { // a table is read with all that inherit from it
		return nil, sqlerr.Unsupported("ONLY").At(pos)
	}
	if rel.View != nil {
		node, cols, err := l.b.view(rel.View, pos)
		if err != nil {
			return nil, err
		}
		it, err := l.aliased(node, cols, n.Relname, qualified(rel.View.Name, name), n.Alias, pos)
		return withRowType(it, cols), err
	}
	l.b.addTable(rel.Table)
	scan := l.b.scan(rel)
	parts := []string{rel.Table.Server(), rel.Table.Schema(), rel.Table.Name()}
	it, err := l.aliased(scan, scan.Cols, n.Relname, parts, n.Alias, pos)
	return withRowType(it, scan.Cols), err
}

// scan reads all columns of a table; the optimizer drops those that nobody needs.
func (b *binder) scan(rel *Relation) *plan.Scan {
	s := &plan.Scan{Table: rel.Table}
	byName := map[string]expr.ColumnID{}
	for i, c := range rel.Table.Columns() {
		col := b.newColumn(c.Name, c.Type, c.Nullable)
		byName[c.Name] = col.ID
		s.Cols, s.Ordinals = append(s.Cols, col), append(s.Ordinals, i)
	}
	if len(rel.PrimaryKey) == 0 {
		return s
	}
	k := &keyed{}
	for _, name := range rel.PrimaryKey {
		id, ok := byName[name]
		if !ok {
			return s
		}
		k.key = append(k.key, id)
	}
	for _, c := range s.Cols {
		b.keys[c.ID] = k
	}
	return s
}

// aliased names a plan's columns: the alias hides the relation's own name, and renames its first columns.
func (l *level) aliased(node plan.Node, cols []plan.Column, name string, parts []string, alias *parse.Alias, pos int) (*item, error) {
	v := &visible{name: name, parts: parts, relVisible: true, colsVisible: true}
	var renamed []*parse.Node
	if alias != nil {
		v.name, v.parts, renamed = alias.Aliasname, nil, alias.Colnames
	}
	v.relation = name
	*l.all = append(*l.all, v)
	if len(renamed) > len(cols) {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "table %q has %d columns available but %d columns specified",
			v.name, len(cols), len(renamed))
	}
	for i, c := range cols {
		n := named{name: c.Name, e: c.Ref()}
		if i < len(renamed) {
			n.name = renamed[i].GetString_().GetSval()
			n.e.(*expr.Column).Name = n.name
		}
		l.b.names[c.ID] = v.name + "." + n.name
		v.cols = append(v.cols, n)
	}
	return &item{node: node, ns: []*visible{v}}, nil
}

func (l *level) rangeSubselect(n *parse.RangeSubselect) (*item, error) {
	pos := l.b.posOf(n.Subquery)
	q, err := l.nested(n.Lateral, func(parent *level) (*result, error) {
		return l.b.query(n.Subquery.GetSelectStmt(), parent, false)
	})
	if err != nil {
		return nil, err
	}
	it, err := l.aliased(q.node, q.cols, "", nil, n.Alias, pos)
	if it != nil {
		it.lateral = n.Lateral
	}
	return it, err
}

// nested binds a subquery in FROM: names of the level around it count only with LATERAL, those of the levels
// further out always.
func (l *level) nested(lateral bool, bind func(parent *level) (*result, error)) (*result, error) {
	was := l.lateral
	l.lateral = lateral
	defer func() { l.lateral = was }()
	hidden := *l
	if !lateral {
		hidden.ns = nil
	}
	hidden.lateral, hidden.hidden = lateral, true
	return bind(&hidden)
}

// starColumns are what * means over relations.
func starColumns(ns []*visible) []named {
	var out []named
	for _, v := range ns {
		if v.colsVisible {
			out = append(out, v.cols...)
		}
	}
	return out
}

func ordinal(i int) string { return strconv.Itoa(i) }
