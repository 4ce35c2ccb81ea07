package differential

import "strings"

// literals are constants of each sort.
var literals = map[string][]string{
	"int": {"0", "1", "2", "3", "-1", "7", "NULL::int", "10"}, "numeric": {"0.0", "1.5", "2500.00", "-0.01", "100", "NULL::numeric", "0.3333"}, "float": {"0::float8", "0.1::float8", "'NaN'::float8", "-2.5::float8", "NULL::float8"},
	"text": {"''", "'a'", "'x'", "'ABC'", "'ü'", "NULL::text", "'a '", "'dev'"}, "bool": {"true", "false", "NULL::bool"}, "date": {"date '2020-02-29'", "date '2024-01-01'", "NULL::date", "date '1999-12-31'"},
	"timestamp": {"timestamp '2024-02-29 12:34:56.789'", "NULL::timestamp", "timestamp '1970-01-01'"}, "ints": {"'{}'::int[]", "ARRAY[1, 2, 3]", "'{1,NULL}'::int[]", "NULL::int[]"},
}

// rules are the forms of expressions of a sort: % stands for an operand, whose sorts follow.
var rules = map[string][][]string{
	"int": {
		{"(% + %)", "int", "int"},
		{"(% - %)", "int", "int"},
		{"(% * %)", "int", "int"},
		{"(-%)", "int"},
		{"abs(%)", "int"},
		{"length(%)", "text"},
		{"coalesce(%, %)", "int", "int"},
		{"nullif(%, %)", "int", "int"},
		{"CASE WHEN % THEN % ELSE % END", "bool", "int", "int"},
		{"CASE WHEN % THEN % END", "bool", "int"},
		{"greatest(%, %)", "int", "int"},
		{"least(%, %, %)", "int", "int", "int"},
		{"(% / nullif(%, 0))", "int", "int"},
		{"(% %% nullif(%, 0))", "int", "int"},
		{"extract(year FROM %)::int", "date"},
		{"extract(dow FROM %)::int", "timestamp"},
		{"cardinality(%)", "ints"},
		{"array_length(%, 1)", "ints"},
		{"(%)[1]", "ints"},
		{"strpos(%, %)", "text", "text"},
		{"(% & 3)", "int"},
		{"round(%)::int", "numeric"},
		{"(% - %)", "date", "date"},
		{"%::int", "bool"},
		{"ascii(%)", "text"},
	},
	"numeric": {
		{"(% + %)", "numeric", "numeric"},
		{"(% - %)", "numeric", "int"},
		{"(% * %)", "numeric", "numeric"},
		{"(% / nullif(%, 0))", "numeric", "numeric"},
		{"round(%, 1)", "numeric"},
		{"trunc(%)", "numeric"},
		{"abs(%)", "numeric"},
		{"%::numeric", "int"},
		{"coalesce(%, %)", "numeric", "int"},
		{"CASE WHEN % THEN % ELSE % END", "bool", "numeric", "int"},
		{"(%)::numeric(12,3)", "numeric"},
		{"(% %% 7)", "numeric"},
		{"extract(epoch FROM %)", "timestamp"},
		{"greatest(%, %)", "numeric", "numeric"},
		{"ceil(%)", "numeric"},
		{"(%)::numeric / 3", "int"},
	},
	"float": {
		{"(% + %)", "float", "float"},
		{"(% - %)", "float", "int"},
		{"(% * %)", "float", "numeric"},
		{"(% / nullif(%, 0))", "float", "float"},
		{"%::float8", "int"},
		{"%::float8", "numeric"},
		{"abs(%)", "float"},
		{"floor(%)", "float"},
		{"coalesce(%, %)", "float", "float"},
		{"CASE WHEN % THEN % ELSE % END", "bool", "float", "int"},
		{"sqrt(abs(%))", "float"},
		{"least(%, %)", "float", "int"},
		{"sign(%)", "float"},
		{"round(%)", "float"},
	},
	"text": {
		{"(% || %)", "text", "text"},
		{"upper(%)", "text"},
		{"lower(%)", "text"},
		{"substr(%, %, 2)", "text", "int"},
		{"left(%, 2)", "text"},
		{"coalesce(%, %)", "text", "text"},
		{"CASE WHEN % THEN % ELSE % END", "bool", "text", "text"},
		{"%::text", "int"},
		{"%::text", "numeric"},
		{"%::text", "bool"},
		{"%::text", "date"},
		{"concat(%, %)", "text", "int"},
		{"replace(%, 'a', %)", "text", "text"},
		{"trim(%)", "text"},
		{"nullif(%, %)", "text", "text"},
		{"%::varchar(3)::text", "text"},
		{"reverse(%)", "text"},
		{"split_part(%, ' ', 1)", "text"},
		{"greatest(%, %)", "text", "text"},
		{"array_to_string(%, ',', '*')", "ints"},
		{"md5(%)", "text"},
		{"repeat(%, 2)", "text"},
		{"lpad(%, 4, '.')", "text"},
		{"concat_ws('-', %, %, %)", "text", "int", "bool"},
		{"%::char(3)", "text"},
	},
	"bool": {
		{"(% = %)", "int", "int"},
		{"(% < %)", "int", "int"},
		{"(% <> %)", "text", "text"},
		{"(% >= %)", "text", "text"},
		{"(% > %)", "numeric", "numeric"},
		{"(% <= %)", "float", "float"},
		{"(% = %)", "numeric", "int"},
		{"(% < %)", "date", "date"},
		{"(% = %)", "bool", "bool"},
		{"(% = %)", "text", "text"},
		{"(% AND %)", "bool", "bool"},
		{"(% OR %)", "bool", "bool"},
		{"(NOT %)", "bool"},
		{"(% IS NULL)", "int"},
		{"(% IS NOT NULL)", "text"},
		{"(% IS TRUE)", "bool"},
		{"(% IS NOT FALSE)", "bool"},
		{"(% IS UNKNOWN)", "bool"},
		{"(% IS DISTINCT FROM %)", "int", "int"},
		{"(% IS NOT DISTINCT FROM %)", "text", "text"},
		{"(% BETWEEN % AND %)", "int", "int", "int"},
		{"(% NOT BETWEEN SYMMETRIC % AND %)", "numeric", "numeric", "int"},
		{"(% IN (%, %))", "int", "int", "int"},
		{"(% NOT IN (%, %))", "text", "text", "text"},
		{"(% LIKE 'a%%')", "text"},
		{"(% ILIKE '%%b%%')", "text"},
		{"(% = ANY (%))", "int", "ints"},
		{"(% <> ALL (%))", "int", "ints"},
		{"(% ~ '[a-c]')", "text"},
		{"((%, %) = (%, %))", "int", "text", "int", "text"},
		{"((%, %) < (%, %))", "int", "int", "int", "int"},
		{"(% > %)", "timestamp", "date"},
		{"(% = %)", "small", "int"},
		{"(% > %)", "big", "int"},
		{"(% = %)", "wild", "float"},
		{"(% < %)", "wild", "int"},
		{"(% >= %)", "day", "date"},
		{"(% < %)", "moment", "timestamp"},
		{"(% = %)", "ints", "ints"},
		{"starts_with(%, %)", "text", "text"},
		{"(% @> ARRAY[%])", "ints", "int"},
		{"coalesce(%, %)", "bool", "bool"},
		{"((%, %) IN ((1, 'x'), (%, %)))", "int", "text", "int", "text"},
	},
	"date":      {{"(% + %)", "date", "int"}, {"(% - 1)", "date"}, {"coalesce(%, %)", "date", "date"}, {"%::date", "timestamp"}, {"CASE WHEN % THEN % END", "bool", "date"}, {"greatest(%, %)", "date", "date"}},
	"timestamp": {{"%::timestamp", "date"}, {"(% + interval '1 month')", "timestamp"}, {"date_trunc('month', %)", "timestamp"}, {"(% - interval '1 day')", "date"}, {"coalesce(%, %)", "timestamp", "date"}},
	"ints":      {{"(% || %)", "ints", "int"}, {"ARRAY[%, %]", "int", "int"}, {"array_remove(%, %)", "ints", "int"}, {"(% || %)", "ints", "ints"}, {"CASE WHEN % THEN % END", "bool", "ints"}, {"array_append(%, %)", "ints", "int"}},
	"small":     {{"%::smallint", "int"}},
	"big":       {{"%::bigint", "int"}},
	"wild":      {{"%::float8", "float"}},
	"day":       {{"(%)", "date"}},
	"moment":    {{"(%)", "timestamp"}},
}

// expr is an expression of a sort: size is how deep it may nest, depth how deep its subqueries may.
func (g *Generator) expr(sort string, size, depth int, s *scope) *Tree {
	if size <= 0 || g.chance(3) {
		return g.operand(sort, s)
	}
	if depth > 0 && s != nil && g.chance(6) {
		if t := g.subquery(sort, depth, s); t != nil {
			return t
		}
	}
	rule := pick(g, rules[sort]...)
	kids := make([]*Tree, len(rule)-1)
	for i, sub := range rule[1:] {
		kids[i] = g.expr(sub, size-1, depth, s)
	}
	return rulePart(sort, rule[0], kids)
}

// rulePart is a rule's text, in which %% is a percent sign.
func rulePart(sort, text string, kids []*Tree) *Tree {
	t := &Tree{sort: sort, kids: kids}
	at := 0
	piece := ""
	for at < len(text) {
		switch {
		case text[at] == '%' && at+1 < len(text) && text[at+1] == '%':
			piece += "%"
			at++
		case text[at] == '%':
			t.text = append(t.text, piece)
			piece = ""
		default:
			piece += text[at : at+1]
		}
		at++
	}
	t.text = append(t.text, piece)
	return t
}

func (g *Generator) operand(sort string, s *scope) *Tree {
	if s != nil && !g.chance(4) {
		if c := g.columnOf(sort, s); c != nil {
			return c
		}
	}
	if len(literals[sort]) == 0 {
		return rulePart(sort, rules[sort][0][0], []*Tree{g.operand(rules[sort][0][1], s)})
	}
	return leaf(sort, pick(g, literals[sort]...))
}

// subquery is an expression with a subquery that may name columns of s.
func (g *Generator) subquery(sort string, depth int, s *scope) *Tree {
	if sort == "bool" {
		switch g.n(4) {
		case 0:
			q, _ := g.query(depth-1, s, 0)
			return part("bool", pick(g, "EXISTS (%)", "NOT EXISTS (%)"), q)
		case 1:
			sorts := []string{pick(g, "int", "text", "numeric"), "int"}
			q, _ := g.selection(depth-1, s, sorts)
			return part("bool", "((%, %) "+pick(g, "IN", "NOT IN", "=")+" (%))", g.expr(sorts[0], 1, 0, s), g.expr("int", 1, 0, s), q)
		}
		of := pick(g, "int", "text", "numeric", "date")
		q, _ := g.selection(depth-1, s, []string{of})
		return part("bool", "(% "+pick(g, "IN", "NOT IN", "= ANY", "<> ALL", "> ANY", "<= ALL")+" (%))", g.expr(of, 1, 0, s), q)
	}
	if aggregateRules[sort] == nil {
		return nil
	}
	from, inner := g.from(depth-1, s)
	where := optional(" WHERE %", g.expr("bool", 2, depth-1, inner))
	if g.chance(3) {
		return part(sort, "(SELECT % FROM %% ORDER BY 1 LIMIT 1)", g.expr(sort, 1, 0, inner), from, where)
	}
	return part(sort, "(SELECT % FROM %%)", g.aggregate(sort, 0, inner), from, where)
}

// aggregates of each sort; {f} may become a FILTER, {d} DISTINCT.
var aggregateRules = map[string][][]string{
	"int":     {{"count({d}%){f}", "text"}, {"count(*){f}"}, {"max(%){f}", "int"}, {"min(%){f}", "int"}, {"count({d}%){f}", "int"}, {"(sum({d}%){f})::int", "int"}, {"bit_or(%)", "int"}, {"max(length(%))", "text"}},
	"numeric": {{"sum({d}%){f}", "numeric"}, {"avg({d}%){f}", "int"}, {"max(%)", "numeric"}, {"avg(%){f}", "numeric"}, {"variance(%)", "int"}, {"stddev_pop({d}%)", "numeric"}, {"sum(%)::numeric", "int"}},
	"float":   {{"avg(%){f}", "float"}, {"max(%)", "float"}, {"min(%){f}", "float"}, {"corr(%, %)", "float", "int"}, {"regr_count(%, %)::float8", "float", "float"}, {"stddev(%)", "float"}},
	"text":    {{"max(%){f}", "text"}, {"min({d}%)", "text"}, {"string_agg(%, ',' ORDER BY %)", "text", "text"}, {"string_agg(DISTINCT %, '|')", "text"}, {"max(%)::text", "date"}},
	"bool":    {{"bool_and(%){f}", "bool"}, {"bool_or(%)", "bool"}, {"every(%)", "bool"}, {"(count(*) > %)", "int"}},
	"date":    {{"max(%){f}", "date"}, {"min(%)", "date"}}, "timestamp": {{"max(%){f}", "timestamp"}, {"min(%)", "timestamp"}},
	"ints": {{"array_agg({d}% ORDER BY %){f}", "int", "int"}, {"array_agg(% ORDER BY %, %)", "int", "text", "int"}, {"array_agg(DISTINCT %)", "int"}},
}

func (g *Generator) aggregate(sort string, depth int, s *scope) *Tree {
	rule := pick(g, aggregateRules[sort]...)
	text, distinct := rule[0], ""
	if g.chance(4) {
		distinct = "DISTINCT "
	}
	kids := make([]*Tree, 0, len(rule))
	for _, sub := range rule[1:] {
		kids = append(kids, g.expr(sub, 1, 0, s))
	}
	if strings.Contains(text, "ORDER BY") { // an order that leaves ties would leave the answer open
		kids[len(kids)-1] = kids[0]
	}
	filter := ""
	if g.chance(5) {
		filter = " FILTER (WHERE %)"
	}
	marked := strings.ReplaceAll(text, "{d}", distinct)
	if strings.Contains(marked, "{f}") && filter != "" {
		kids = append(kids, g.expr("bool", 1, 0, s))
	}
	return rulePart(sort, strings.ReplaceAll(marked, "{f}", filter), kids)
}

// windows of each sort over a window whose order is total.
var windowRules = map[string][]string{
	"int":     {"row_number() OVER (%)", "rank() OVER (%)", "dense_rank() OVER (%)", "count(*) OVER (%)", "ntile(3) OVER (%)", "lag(@int) OVER (%)", "lead(@int, 2, 0) OVER (%)", "first_value(@int) OVER (%)", "max(@int) OVER (%)", "(sum(@int) OVER (%))::int"},
	"numeric": {"sum(@numeric) OVER (%)", "avg(@int) OVER (%)", "sum(@int) OVER (%)::numeric"}, "float": {"cume_dist() OVER (%)", "percent_rank() OVER (%)"},
	"text": {"lag(@text, 1, 'none') OVER (%)", "string_agg(@text, '') OVER (%)", "last_value(@text) OVER (%)", "max(@text) OVER (%)"}, "bool": {"bool_and(@bool) OVER (%)"}, "ints": {"array_agg(@int) OVER (%)"}, "date": {"max(@date) OVER (%)"},
}

func (g *Generator) window(sort string, depth int, s *scope) *Tree {
	rulesOf := windowRules[sort]
	if len(rulesOf) == 0 {
		return nil
	}
	var order []*Tree
	for _, r := range s.relations {
		for _, c := range r.columns {
			order = append(order, leaf("", r.name+"."+c.name))
		}
	}
	g.rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	frame := pick(g, "", "", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING", " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW")
	var partition *Tree
	if c := g.columnOf("", s); c != nil && g.chance(2) {
		partition = optional("PARTITION BY % ", c)
	}
	spec := part("", "%ORDER BY %"+frame, partition, listOf(", ", 1, order...))
	text := pick(g, rulesOf...)
	var kids []*Tree
	for _, of := range []string{"int", "numeric", "text", "bool", "date"} {
		if strings.Contains(text, "@"+of) {
			kids = append(kids, g.expr(of, 1, 0, s))
			text = strings.ReplaceAll(text, "@"+of, "%")
		}
	}
	return rulePart(sort, text, append(kids, spec))
}
