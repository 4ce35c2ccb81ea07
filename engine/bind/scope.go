package bind

import (
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// visible is a relation that names can refer to (PostgreSQL's ParseNamespaceItem).
type visible struct {
	name string
	// parts is the qualified name of a table without an alias, which may be written out before a column.
	parts []string
	cols  []named
	// relVisible: the name can qualify columns. colsVisible: columns can be named alone.
	relVisible, colsVisible bool
	// lateralOnly: only LATERAL items may refer to it; lateralBad: not even those (the wrong side of an outer join).
	lateralOnly, lateralBad bool
	// scalar: a function of one column, whose name as a whole row is that column.
	scalar bool
	// relation is the name of the table behind an alias.
	relation string
	// fields are the names in a table's or view's row type, which an alias does not change; nil for those of cols.
	fields []string
	// present is true where an outer join has a row of it; nil when it always has, or nobody asks.
	present expr.Expr
}

// named is a column as FROM names it.
type named struct {
	name string
	e    expr.Expr // a column, or what USING made of two
}

// level is one SELECT while it is bound.
type level struct {
	b      *binder
	parent *level
	ns     []*visible
	// sel is the query of the level, where it has a FROM; whole are the names that may mean whole rows in it.
	sel   *parse.SelectStmt
	whole map[string]bool
	// all are the relations of this level, those too that names cannot refer to (any more): for messages.
	all *[]*visible
	// cte is the common table expression that this level adds to what names mean; nil for none.
	cte *cte
	// selfReference: FROM reads the recursive query whose recursive term this SELECT is in.
	selfReference bool
	// aggregateAt is the position of the first aggregate of this level, 0 for none.
	aggregateAt int
	// lateral: names that are lateralOnly may be used now.
	lateral bool
	// within is the clause whose subquery is being bound; hidden: that subquery stands in FROM.
	within *clause
	hidden bool

	aggs      []plan.AggItem
	aggArgs   []pending // subqueries below the aggregation
	windows   []*windowCall
	named     map[string]*parse.WindowDef
	sets      *groupingSets
	groupings []groupingCall
	// expansions are the set-returning calls; setCalls counts them as they are written, the last one at lastSet.
	expansions        []*setCall
	setCalls, lastSet int
}

func newLevel(b *binder, parent *level) *level {
	return &level{b: b, parent: parent, all: new([]*visible)}
}

// column resolves a column by name, in l or the levels around it.
func (l *level) column(name string, pos int) (expr.Expr, error) {
	for lv := l; lv != nil; lv = lv.parent {
		e, err := lv.ownColumn(name, pos)
		if e != nil || err != nil {
			return e, err
		}
	}
	return nil, nil
}

// ownColumn looks for an unqualified column in this level alone; nil when there is none.
func (l *level) ownColumn(name string, pos int) (expr.Expr, error) {
	var found expr.Expr
	for _, v := range l.ns {
		if !v.colsVisible || v.lateralOnly && !l.lateral {
			continue
		}
		e, err := v.find(name, pos)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		if found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, "column reference %q is ambiguous", name).At(pos)
		}
		if v.lateralBad && v.lateralOnly {
			return nil, invalidReference(v.name, pos)
		}
		found = e
	}
	return found, nil
}

func (v *visible) find(name string, pos int) (expr.Expr, error) {
	var found expr.Expr
	for _, c := range v.cols {
		if c.name != name {
			continue
		}
		if found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, "column reference %q is ambiguous", name).At(pos)
		}
		found = c.e
	}
	return found, nil
}

// relation resolves the name of a relation, qualified or not, in l or around it; nil when there is none.
func (l *level) relation(parts []string, pos int) (*visible, error) {
	for lv := l; lv != nil; lv = lv.parent {
		var found *visible
		for _, v := range lv.ns {
			if !v.relVisible || v.lateralOnly && !lv.lateral || !v.answers(parts) {
				continue
			}
			if found != nil {
				return nil, sqlerr.New("42P09", "table reference %q is ambiguous", parts[len(parts)-1]).At(pos)
			}
			if v.lateralOnly && v.lateralBad {
				return nil, invalidReference(v.name, pos)
			}
			found = v
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, nil
}

// answers says whether the relation can be called parts.
func (v *visible) answers(parts []string) bool {
	if len(parts) == 1 {
		return v.name == parts[0]
	}
	n := len(v.parts) - len(parts)
	return n >= 0 && slices.Equal(v.parts[n:], parts)
}

func invalidReference(name string, pos int) error {
	return sqlerr.New("42P10", "invalid reference to FROM-clause entry for table %q", name).
		WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.").At(pos)
}

// columnRef binds a, t.a, s.t.a, c.s.t.a, and t as a whole row.
func (c *clause) columnRef(n *parse.ColumnRef) (expr.Expr, error) {
	pos := c.b.pos(n.Location)
	if n.Fields[len(n.Fields)-1].GetAStar() != nil {
		return c.starRow(n)
	}
	parts := parse.Names(n.Fields)
	if len(parts) > 4 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "improper qualified name (too many dotted names): %s",
			strings.Join(parts, ".")).At(pos)
	}
	if len(parts) == 1 {
		return c.bareName(parts[0], pos)
	}
	name, qualifier := parts[len(parts)-1], parts[:len(parts)-1]
	v, err := c.lv.relation(qualifier, pos)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, c.missingRelation(qualifier, pos)
	}
	e, err := v.find(name, pos)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, c.missingColumn(v.name, name, pos)
	}
	return c.located(e, pos), nil
}

func (c *clause) bareName(name string, pos int) (expr.Expr, error) {
	e, err := c.lv.column(name, pos)
	if err != nil {
		return nil, err
	}
	if e != nil {
		return c.located(e, pos), nil
	}
	v, err := c.lv.relation([]string{name}, pos)
	if err != nil {
		return nil, err
	}
	if v != nil {
		return c.wholeRow(v, pos), nil
	}
	return nil, c.missingColumn("", name, pos)
}

// located gives every reference an expression of its own, so that errors found later know its position.
func (c *clause) located(e expr.Expr, pos int) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		col, ok := e.(*expr.Column)
		if !ok {
			return e
		}
		own := *col
		c.b.where[&own] = pos
		return &own
	})
}

// missingRelation explains a qualifier that is no relation in scope (errorMissingRTE).
func (c *clause) missingRelation(parts []string, pos int) error {
	name := parts[len(parts)-1]
	for lv := c.lv; lv != nil; lv = lv.parent {
		if lv.all == nil {
			continue
		}
		for _, v := range *lv.all {
			if v.relation != name && v.name != name {
				continue
			}
			e := sqlerr.New(sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table %q", name).At(pos)
			if v.name != name && lv.sees(v) {
				return e.WithHint("Perhaps you meant to reference the table alias %q.", v.name)
			}
			return e.WithHint("There is an entry for table %q, but it cannot be referenced from this part of the query.", name)
		}
	}
	return sqlerr.New(sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", strings.Join(parts, ".")).At(pos)
}

// sees says whether names can refer to v here.
func (l *level) sees(v *visible) bool {
	for _, have := range l.ns {
		if have.name == v.name && have.relVisible && (!have.lateralOnly || l.lateral) {
			return true
		}
	}
	return false
}

// missingColumn explains a name that is no column, with the nearest that is (errorMissingColumn).
func (c *clause) missingColumn(rel, name string, pos int) error {
	msg := "column \"" + name + "\" does not exist"
	if rel != "" {
		msg = "column " + rel + "." + name + " does not exist"
	}
	e := sqlerr.New(sqlerr.UndefinedColumn, "%s", msg).At(pos)
	if hint := c.nearest(rel, name); hint != "" {
		return e.WithHint("Perhaps you meant to reference the column %q.", hint)
	}
	return e
}

// nearest is the column most like name, by PostgreSQL's bound: at most half of the name may differ.
func (c *clause) nearest(rel, name string) string {
	best, at := "", max(len([]rune(name))/2, 1)+1
	for lv := c.lv; lv != nil; lv = lv.parent {
		for _, v := range lv.ns {
			penalty := 0
			if rel != "" && v.name != rel {
				penalty = distance(rel, v.name)
			}
			for _, col := range v.cols {
				if d := distance(name, col.name) + penalty; d < at {
					best, at = v.name+"."+col.name, d
					if v.name == "" {
						best = col.name
					}
				}
			}
		}
	}
	return best
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
