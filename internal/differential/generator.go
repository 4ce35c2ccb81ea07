package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generator makes random statements over the tables of testdata/schema.sql. Statements of one seed are the same in every
// run. Not for concurrent use.
type Generator struct {
	rand    *rand.Rand
	aliases int
	ctes    []relation
}

// NewGenerator makes a generator.
func NewGenerator(seed uint64) *Generator { return &Generator{rand: rand.New(rand.NewPCG(seed, 17))} }

// column is a column of a relation in scope, or of a query's output.
type column struct{ name, sort string }

// relation is what FROM gives a name.
type relation struct {
	name    string
	columns []column
}

// scope is the relations that an expression may name, the innermost query's first.
type scope struct {
	relations []relation
	outer     *scope
}

func columnsOf(text string) []column {
	var out []column
	for _, word := range strings.Fields(text) {
		name, sort, _ := strings.Cut(word, ":")
		out = append(out, column{name, sort})
	}
	return out
}

// generatorTables have the sort of each column: large numbers are left out, as they make most statements errors.
var generatorTables = []relation{
	{"dup", columnsOf("a:int b:int t:text")},
	{"dup2", columnsOf("b:int a:int u:text")},
	{"emp", columnsOf("id:int name:text dept_id:int boss:int salary:numeric bonus:float hired:date active:bool")},
	{"dept", columnsOf("id:int name:text region:text budget:numeric parent:int")},
	{"proj", columnsOf("id:int name:text dept_id:int starts:date ends:date cost:numeric")},
	{"work", columnsOf("emp_id:int proj_id:int hours:numeric rate:float role:text")},
	{"num", columnsOf("id:int i2:small f8:wild n2:numeric b:bool i4:big")},
	{"str", columnsOf("id:int t:text k:text")},
	{"tim", columnsOf("id:int d:day ts:moment")},
	{"arr", columnsOf("id:int ia:ints i:int")},
	{"empty", columnsOf("id:int a:int t:text n:numeric f8:float d:date")},
}

func (g *Generator) n(n int) int        { return g.rand.IntN(n) }
func (g *Generator) chance(of int) bool { return g.rand.IntN(of) == 0 }

func pick[T any](g *Generator, of ...T) T { return of[g.n(len(of))] }

func (g *Generator) alias() string {
	g.aliases++
	return fmt.Sprintf("r%d", g.aliases)
}

// Next makes a statement.
func (g *Generator) Next() *Tree {
	g.aliases, g.ctes = 0, nil
	var with *Tree
	if g.chance(5) {
		with = g.with()
	}
	q, cols := g.query(3, nil, 0)
	order := make([]*Tree, len(cols))
	for i := range cols {
		order[i] = leaf("", fmt.Sprint(i+1)+pick(g, "", "", " DESC", " NULLS FIRST"))
	}
	var tail *Tree
	switch g.n(3) {
	case 0:
		tail = optional(" ORDER BY %%", listOf(", ", 1, order...), optional(pick(g, " LIMIT 3", " LIMIT 5 OFFSET 1", " OFFSET 2", " FETCH FIRST 2 ROWS WITH TIES", " LIMIT 0")))
	case 1:
		tail = optional(" ORDER BY %", listOf(", ", 1, order...))
	}
	return part("", "%%%", with, q, tail)
}

func (g *Generator) with() *Tree {
	var kids []*Tree
	var made []relation
	for range 1 + g.n(2) {
		name := g.alias()
		q, cols := g.query(1, nil, 0)
		kids = append(kids, part("", name+" AS "+pick(g, "", "", "MATERIALIZED ", "NOT MATERIALIZED ")+"(%)", q))
		made = append(made, relation{name, cols})
		g.ctes = made
	}
	return optional("WITH % ", listOf(", ", 1, kids...))
}

// query is a SELECT or a set operation; width is the number of columns that it must have, 0 for any.
func (g *Generator) query(depth int, outer *scope, width int) (*Tree, []column) {
	if depth > 0 && g.chance(8) {
		return g.setOperation(depth, outer, width)
	}
	return g.selection(depth, outer, g.sorts(width))
}

func (g *Generator) sorts(width int) []string {
	if width == 0 {
		width = 1 + g.n(4)
	}
	out := make([]string, width)
	for i := range out {
		out[i] = pick(g, "int", "int", "text", "numeric", "float", "bool", "date", "int", "timestamp", "ints")
	}
	return out
}

func (g *Generator) setOperation(depth int, outer *scope, width int) (*Tree, []column) {
	sorts := g.sorts(width)
	a, cols := g.selection(depth-1, outer, sorts)
	b, _ := g.selection(depth-1, outer, sorts)
	op := pick(g, "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
	return part("query", "(%) "+op+" (%)", a, b), cols
}

// selection is a SELECT with output columns of the given sorts, named c1, c2, ….
func (g *Generator) selection(depth int, outer *scope, sorts []string) (*Tree, []column) {
	from, s := g.from(depth, outer)
	cols := make([]column, len(sorts))
	for i, sort := range sorts {
		cols[i] = column{fmt.Sprintf("c%d", i+1), sort}
	}
	var where *Tree
	if g.n(3) > 0 {
		where = optional(" WHERE %", g.expr("bool", 2, depth, s))
	}
	if g.chance(3) {
		return g.grouped(depth, s, from, where, cols), cols
	}
	items := make([]*Tree, len(cols))
	windows := depth > 1 && g.chance(4)
	for i, c := range cols {
		e := (*Tree)(nil)
		if windows && g.chance(2) {
			e = g.window(c.sort, depth, s)
		}
		if e == nil {
			e = g.expr(c.sort, 2, depth, s)
		}
		items[i] = part("", "% AS "+c.name, e)
	}
	distinct := ""
	if g.chance(6) {
		distinct = "DISTINCT "
	}
	return part("query", "SELECT "+distinct+"% FROM %%", listOf(", ", 1, items...), from, where), cols
}

// grouped is a SELECT with aggregates over groups, or over all rows.
func (g *Generator) grouped(depth int, s *scope, from, where *Tree, cols []column) *Tree {
	var keys []*Tree
	bySort := map[string][]*Tree{}
	for range g.n(3) {
		c := g.columnOf("", s)
		if c == nil {
			continue
		}
		keys = append(keys, c)
		bySort[c.sort] = append(bySort[c.sort], c)
	}
	items := make([]*Tree, len(cols))
	for i, c := range cols {
		e := g.aggregate(c.sort, depth, s)
		if k := bySort[c.sort]; len(k) > 0 && g.chance(2) {
			e = pick(g, k...)
		}
		items[i] = part("", "% AS "+c.name, e)
	}
	var group, having *Tree
	if len(keys) > 0 {
		form := " GROUP BY %"
		if g.chance(3) {
			form = pick(g, " GROUP BY ROLLUP (%)", " GROUP BY CUBE (%)", " GROUP BY GROUPING SETS ((%), ())")
		}
		group = part("", form, listOf(", ", 1, keys...))
	}
	if g.chance(4) {
		having = optional(" HAVING %", part("bool", "% "+pick(g, ">", "<=", "IS DISTINCT FROM", "<>")+" %", g.aggregate("int", depth, s), g.expr("int", 0, 0, nil)))
	}
	return part("query", "SELECT % FROM %%%%", listOf(", ", 1, items...), from, where, group, having)
}

// from is a FROM clause and what it brings into scope.
func (g *Generator) from(depth int, outer *scope) (*Tree, *scope) {
	s := &scope{outer: outer}
	tree, rel := g.source(depth, s)
	s.relations = append(s.relations, rel)
	for range g.n(min(depth, 2) + 1) {
		right, rel := g.source(depth-1, s)
		s.relations = append(s.relations, rel)
		switch kind := pick(g, "JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "LATERAL"); kind {
		case "CROSS JOIN":
			tree = part("from", "% CROSS JOIN %", tree, right)
		case "LATERAL":
			q, cols := g.query(depth-1, s, 0)
			s.relations[len(s.relations)-1] = relation{rel.name, cols}
			if g.chance(2) {
				tree = part("from", "% LEFT JOIN LATERAL (%) "+rel.name+" ON %", tree, q, g.on(depth, s, s.relations[len(s.relations)-1]))
			} else {
				tree = part("from", "% CROSS JOIN LATERAL (%) "+rel.name, tree, q)
			}
		default:
			tree = part("from", "% "+kind+" % ON %", tree, right, g.on(depth, s, rel))
		}
	}
	return tree, s
}

// on is a join's condition: mostly an equality of columns.
func (g *Generator) on(depth int, s *scope, right relation) *Tree {
	inner := &scope{relations: s.relations}
	left := &scope{relations: s.relations[:len(s.relations)-1]}
	a, b := g.columnOf("int", left), g.columnOf("int", &scope{relations: []relation{right}})
	if a == nil || b == nil {
		return g.expr("bool", 1, 0, inner)
	}
	eq := part("bool", "% "+pick(g, "=", "=", "=", "=", "<", "IS NOT DISTINCT FROM", ">=")+" %", a, b)
	switch g.n(4) {
	case 0:
		return part("bool", "% AND %", eq, g.expr("bool", 1, depth-2, inner))
	case 1:
		return part("bool", "(% OR %)", eq, g.expr("bool", 1, 0, inner))
	}
	return eq
}

// source is a table, a CTE, or a subquery under an alias.
func (g *Generator) source(depth int, s *scope) (*Tree, relation) {
	name := g.alias()
	if depth > 1 && g.chance(4) {
		q, cols := g.query(depth-1, nil, 0)
		return part("from", "(%) "+name, q), relation{name, cols}
	}
	t := pick(g, generatorTables...)
	if len(g.ctes) > 0 && g.chance(2) {
		t = pick(g, g.ctes...)
	}
	return leaf("from", t.name+" "+name), relation{name, t.columns}
}

// columnOf is a column of a sort in scope, "" for any; nil when there is none.
func (g *Generator) columnOf(sort string, s *scope) *Tree {
	var found []*Tree
	for at, depth := s, 0; at != nil; at, depth = at.outer, depth+1 {
		for _, r := range at.relations {
			for _, c := range r.columns {
				if c.sort == sort || sort == "" && depth == 0 && plainest[c.sort] != "" {
					found = append(found, leaf(c.sort, r.name+"."+c.name))
				}
			}
		}
		if len(found) > 0 && !g.chance(3) {
			break
		}
		if sort == "" {
			break
		}
	}
	if len(found) == 0 {
		return nil
	}
	return pick(g, found...)
}
