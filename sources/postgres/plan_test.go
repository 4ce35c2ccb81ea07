package postgres

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
)

// collationsDDL has texts under collations that do not order or equate by bytes.
const collationsDDL = `
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE c (id int4, plain text, en text COLLATE "en-x-icu", ci text COLLATE blind, byc text COLLATE "C", v varchar(9), ch char(5));
INSERT INTO c SELECT i, w, w, w, w, w, w FROM (VALUES (1, 'a'), (2, 'A'), (3, 'b'), (4, 'B'), (5, ''), (6, ' a'), (7, 'é'),
 (8, 'z'), (9, 'a '), (10, '-a'), (11, 'ab'), (12, 'É'), (13, NULL), (14, '東')) t(i, w)`

// Comparisons, IN, LIKE, sorting and top-N over texts go by bytes, whatever the column's collation.
func TestTextsCompareByBytes(t *testing.T) {
	s := newServer(t, collationsDDL)
	table := s.table("c")
	node := scanNode(table)
	words := map[int]string{}
	for _, r := range s.oracle(`SELECT id, plain FROM c WHERE plain IS NOT NULL`) {
		var id int
		_, err := fmt.Sscan(r[0], &id)
		require.NoError(t, err)
		words[id] = r[1]
	}
	for at := 1; at <= 5; at++ {
		col := asText(node.Cols[at].Ref())
		for _, bound := range []string{"a", "A", "b", "", "é", "a ", "ab", "É"} {
			for _, op := range []struct {
				id   string
				keep func(w string) bool
			}{
				{"text_eq", func(w string) bool { return w == bound }},
				{"text_ne", func(w string) bool { return w != bound }},
				{"text_lt", func(w string) bool { return w < bound }},
				{"text_le", func(w string) bool { return w <= bound }},
				{"text_gt", func(w string) bool { return w > bound }},
				{"text_ge", func(w string) bool { return w >= bound }},
			} {
				want := pick(words, op.keep)
				for _, value := range []expr.Expr{&expr.Const{Typ: types.TextT, Value: bound}, &expr.Param{Index: 1, Typ: types.TextT}} {
					cond := &expr.Call{Fn: expr.MustFunction(op.id), Args: []expr.Expr{col, value}, Typ: types.BoolT}
					require.Equal(t, want, s.ids(&plan.Filter{Input: node, Conds: []expr.Expr{cond}}, bound), "%s %s %q", node.Cols[at].Name, op.id, bound)
				}
			}
			in := &expr.In{Arg: col, List: []expr.Expr{&expr.Const{Typ: types.TextT, Value: bound}, &expr.Const{Typ: types.TextT, Value: "zz"}}}
			require.Equal(t, pick(words, func(w string) bool { return w == bound }), s.ids(&plan.Filter{Input: node, Conds: []expr.Expr{in}}))
			like := &expr.Call{
				Fn: expr.MustFunction("textlike"), Typ: types.BoolT,
				Args: []expr.Expr{col, &expr.Const{Typ: types.TextT, Value: bound + "%"}},
			}
			require.Equal(t, pick(words, func(w string) bool { return strings.HasPrefix(w, bound) }),
				s.ids(&plan.Filter{Input: node, Conds: []expr.Expr{like}}), "%s LIKE %q", node.Cols[at].Name, bound)
		}
		for _, desc := range []bool{false, true} {
			key := plan.SortKey{Expr: node.Cols[at].Ref(), Desc: desc, NullsFirst: desc}
			sorted := s.plan(&plan.Limit{Input: node, Count: int8Const(14), Keys: []plan.SortKey{key}})
			require.False(t, sorted.Splittable())
			got, err := s.read(sorted, nil)
			require.NoError(t, err)
			var have []string
			for _, r := range texts(sorted, got) {
				have = append(have, r[at])
			}
			require.Equal(t, sortedWords(words, desc), have, node.Cols[at].Name)
		}
	}
}

func asText(c *expr.Column) expr.Expr {
	if c.Typ.Kind == types.Varchar {
		return &expr.Cast{Arg: c, Typ: types.TextT}
	}
	return c
}

func int8Const(v int64) expr.Expr { return &expr.Const{Typ: types.Int8T, Value: v} }

func pick(words map[int]string, keep func(string) bool) []string {
	var out []string
	for id, w := range words {
		if keep(w) {
			out = append(out, fmt.Sprint(id))
		}
	}
	sort.Strings(out)
	return out
}

func sortedWords(words map[int]string, desc bool) []string {
	var out []string
	for _, w := range words {
		out = append(out, w)
	}
	sort.Strings(out)
	if !desc {
		return append(out, "<null>")
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return append([]string{"<null>"}, out...)
}

// ids are the first column of a plan's rows, sorted.
func (s *server) ids(n plan.Node, params ...any) []string {
	s.t.Helper()
	rs := s.plan(n)
	got, err := s.read(rs, &sources.Env{Env: &eval.Env{Params: params}})
	require.NoError(s.t, err, rs.Text())
	var out []string
	for _, r := range texts(rs, got) {
		out = append(out, r[0])
	}
	sort.Strings(out)
	return out
}

// What is rendered keeps the server's indexes in use.
func TestFiltersUseIndexes(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (id int4 PRIMARY KEY, w varchar(20), d date);
		INSERT INTO t SELECT i, 'w' || i, date '2020-01-01' + i % 1000 FROM generate_series(1, 100000) i;
		CREATE INDEX ON t (w); CREATE INDEX ON t (d); ANALYZE t`)
	node := scanNode(s.table("t"))
	wide := &expr.Cast{Arg: node.Cols[0].Ref(), Typ: types.Int8T}
	text := &expr.Cast{Arg: node.Cols[1].Ref(), Typ: types.TextT}
	day, err := datum.Parse(types.DateT, "2020-02-02", nil)
	require.NoError(t, err)
	for _, c := range []struct {
		fn    string
		arg   expr.Expr
		value any
		typ   *types.Type
	}{
		{"int8eq", wide, int64(5), types.Int8T},
		{"int8eq", wide, int64(1) << 40, types.Int8T},
		{"text_eq", text, "w77", types.TextT},
		{"date_eq", node.Cols[2].Ref(), day, types.DateT},
	} {
		cond := &expr.Call{Fn: expr.MustFunction(c.fn), Args: []expr.Expr{c.arg, &expr.Const{Typ: c.typ, Value: c.value}}, Typ: types.BoolT}
		rs := s.plan(&plan.Filter{Input: node, Conds: []expr.Expr{cond}})
		var lines []string
		for _, r := range s.oracle("EXPLAIN " + rs.Text()) {
			lines = append(lines, r[0])
		}
		require.Contains(t, strings.Join(lines, "\n"), "Index", rs.Text())
		require.Equal(t, 1, s.splits(rs), rs.Text())
	}
	require.Greater(t, s.splits(s.plan(node)), 1)
	most := &expr.IsNull{Arg: node.Cols[1].Ref(), Negate: true}
	require.Greater(t, s.splits(s.plan(&plan.Filter{Input: node, Conds: []expr.Expr{most}})), 1)
}

func (s *server) splits(rs plan.RemoteScan) int {
	s.t.Helper()
	env := &sources.Env{Env: &eval.Env{}, Stats: &sources.ReadStats{}}
	sn, end, err := s.begin(s.t.Context(), 1, 1, rs.Tables()...)
	require.NoError(s.t, err)
	defer end()
	ln, err := sn.Lane(s.t.Context(), false)
	require.NoError(s.t, err)
	defer func() { _ = ln.Close() }()
	_, err = readLane(s.t.Context(), ln, rs, env)
	require.NoError(s.t, err)
	return int(env.Stats.Splits.Load())
}

// What is not rendered is refused conjunct by conjunct, with a reason.
func TestRefusals(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4, p point, w text)`)
	node := scanNode(s.table("t"))
	good := &expr.Call{Fn: expr.MustFunction("int4eq"), Args: []expr.Expr{node.Cols[0].Ref(), &expr.Const{Typ: types.Int4T, Value: int64(1)}}, Typ: types.BoolT}
	lower := &expr.Call{Fn: expr.Functions("lower")[0], Args: []expr.Expr{node.Cols[2].Ref()}, Typ: types.TextT}
	bad := &expr.Call{Fn: expr.MustFunction("text_eq"), Args: []expr.Expr{lower, &expr.Const{Typ: types.TextT, Value: "x"}}, Typ: types.BoolT}
	or := &expr.Logic{Op: expr.Or, Args: []expr.Expr{good, bad}}
	_, err := s.source.Plan(plan.Fragment{Server: "pg", Root: &plan.Filter{Input: node, Conds: []expr.Expr{good, bad, or}}})
	var refused *sources.Refused
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.What, 2)
	require.Equal(t, expr.Expr(bad), refused.What[0].Conjunct)
	require.Equal(t, expr.Expr(or), refused.What[1].Conjunct)
	require.Contains(t, refused.What[0].Reason, "lower")
}

// Above a barrier nothing goes down that could fail or tell.
func TestBarrier(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4, b int4)`)
	node := scanNode(s.table("t"))
	one := &expr.Const{Typ: types.Int4T, Value: int64(1)}
	leaky := &expr.Call{Fn: expr.MustFunction("int4eq"), Typ: types.BoolT, Args: []expr.Expr{
		&expr.Call{Fn: expr.MustFunction("int4pl"), Args: []expr.Expr{node.Cols[0].Ref(), node.Cols[1].Ref()}, Typ: types.Int4T}, one,
	}}
	tight := &expr.Call{Fn: expr.MustFunction("int4eq"), Args: []expr.Expr{node.Cols[0].Ref(), one}, Typ: types.BoolT}
	below := &plan.Filter{Input: &plan.SecurityBarrier{Input: &plan.Filter{Input: node, Conds: []expr.Expr{leaky}}}, Conds: []expr.Expr{tight}}
	s.plan(below)
	above := &plan.Filter{Input: &plan.SecurityBarrier{Input: node}, Conds: []expr.Expr{leaky}}
	_, err := s.source.Plan(plan.Fragment{Server: "pg", Root: above})
	require.ErrorContains(t, err, "policy")
}

// Limits, projections and groups over one another nest as they must.
func TestQueriesNest(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4, b int4); INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 10) i`)
	node := scanNode(s.table("t"))
	a, b := node.Cols[0], node.Cols[1]
	asc := func(c plan.Column) []plan.SortKey { return []plan.SortKey{{Expr: c.Ref()}} }
	gt := func(c plan.Column, v int64) expr.Expr {
		return &expr.Call{Fn: expr.MustFunction("int4gt"), Args: []expr.Expr{c.Ref(), &expr.Const{Typ: types.Int4T, Value: v}}, Typ: types.BoolT}
	}
	top := &plan.Limit{Input: node, Count: int8Const(5), Offset: int8Const(1), Keys: asc(a)}
	require.Equal(t, []string{"4", "5", "6"}, s.ids(&plan.Filter{Input: top, Conds: []expr.Expr{gt(a, 3)}}))
	again := &plan.Limit{Input: top, Count: int8Const(2), Keys: []plan.SortKey{{Expr: a.Ref(), Desc: true}}}
	require.Equal(t, []string{"5", "6"}, s.ids(again))
	sum := plan.AggItem{Column: plan.Column{ID: 90, Name: "sum", Type: types.Int8T}, Fn: expr.MustFunction("sum_int4"), Args: []expr.Expr{a.Ref()}}
	group := &plan.Aggregate{Input: top, Keys: []plan.Item{{Column: b, Expr: b.Ref()}}, Aggs: []plan.AggItem{sum}}
	rs := s.plan(&plan.Sort{Input: group, Keys: asc(b)})
	got, err := s.read(rs, nil)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"0", "9"}, {"1", "4"}, {"2", "7"}}, texts(rs, got))
	require.Len(t, rs.Ordering(), 1)
	five := &plan.Limit{Input: node, Count: &expr.Param{Index: 1, Typ: types.Int8T}, Keys: asc(a)}
	require.Equal(t, []string{"1", "2"}, s.ids(five, int64(2)))
	require.Len(t, s.ids(five, nil), 10, "a NULL count is no limit")
	none := &plan.Scan{Table: node.Table}
	rs = s.plan(none)
	batches, err := s.read(rs, &sources.Env{Env: &eval.Env{}, BatchRows: 4})
	require.NoError(t, err)
	require.Len(t, texts(rs, batches), 10, "rows without columns")
}

func TestLookup(t *testing.T) {
	s := newServer(t, `CREATE TABLE i4 (k int4 PRIMARY KEY, v text); INSERT INTO i4 SELECT i, 'v' || i FROM generate_series(1, 1000) i;
		CREATE TABLE tx (k text PRIMARY KEY, v text); INSERT INTO tx SELECT 'k' || i, 'v' || i FROM generate_series(1, 1000) i;
		CREATE TABLE nu (k numeric PRIMARY KEY, v text); INSERT INTO nu SELECT (i || '.50')::numeric, 'v' || i FROM generate_series(1, 1000) i;
		CREATE TABLE two (a int4, b date, v text, UNIQUE (a, b)); INSERT INTO two SELECT i % 10, date '2020-01-01' + i, 'v' || i FROM generate_series(1, 1000) i`)
	parse := func(typ *types.Type, texts ...string) arrow.Array {
		vals := make([]any, len(texts))
		for i, x := range texts {
			if x != "" {
				v, err := datum.Parse(typ, x, nil)
				require.NoError(t, err)
				vals[i] = v
			}
		}
		a, err := datum.ToArray(typ, vals)
		require.NoError(t, err)
		return a
	}
	for _, c := range []struct {
		table string
		keys  []arrow.Array
		want  map[int64]string
	}{
		{"i4", []arrow.Array{parse(types.Int4T, "7", "5000", "", "3")}, map[int64]string{0: "v7", 3: "v3"}},
		{"tx", []arrow.Array{parse(types.TextT, "k9", "K9", `'"\`, "k1")}, map[int64]string{0: "v9", 3: "v1"}},
		{"nu", []arrow.Array{parse(types.NumericT, "1.5", "2.500", "NaN")}, map[int64]string{0: "v1", 1: "v2"}},
		{"two", []arrow.Array{parse(types.Int4T, "5", "5", ""), parse(types.DateT, "2020-01-06", "2020-01-07", "2020-01-06")}, map[int64]string{0: "v5"}},
	} {
		rs := s.plan(scanNode(s.table(c.table)))
		require.Len(t, rs.Inputs().Lookup, len(c.keys), c.table)
		sn, end, err := s.begin(t.Context(), 1, 1, rs.Tables()...)
		require.NoError(t, err)
		ln, err := sn.Lane(t.Context(), false)
		require.NoError(t, err)
		fields := make([]arrow.Field, len(c.keys))
		for i, k := range c.keys {
			fields[i] = arrow.Field{Name: "k", Type: k.DataType(), Nullable: true}
		}
		keys := array.NewRecordBatch(arrow.NewSchema(fields, nil), c.keys, int64(c.keys[0].Len()))
		r, err := ln.Lookup(t.Context(), rs, keys, &sources.Env{Env: &eval.Env{}})
		require.NoError(t, err)
		got := map[int64]string{}
		for {
			rec, err := r.Next(t.Context())
			if err != nil {
				require.ErrorContains(t, err, "EOF")
				break
			}
			require.True(t, rec.Schema().Equal(r.Schema()))
			ords, vals := rec.Column(0).(*array.Int64), rec.Column(int(rec.NumCols())-1).(*array.String)
			for i := range ords.Len() {
				got[ords.Value(i)] = vals.Value(i)
			}
		}
		require.Equal(t, c.want, got, c.table)
		require.NoError(t, r.Close())
		require.NoError(t, ln.Close())
		end()
	}
}

func TestDiscover(t *testing.T) {
	s := newServer(t, `CREATE SCHEMA "Odd ""schema"; CREATE TABLE "Odd ""schema"."T 1" ("Col 1" int4);
		CREATE TABLE cust (id int4 PRIMARY KEY, email varchar(40) UNIQUE, note text, gone int4);
		ALTER TABLE cust DROP gone; COMMENT ON TABLE cust IS 'those who buy';
		CREATE TABLE ord (a int4, b int4, cust int4 NOT NULL REFERENCES cust ON DELETE CASCADE, PRIMARY KEY (b, a));
		CREATE UNIQUE INDEX ON ord (a) WHERE a > 1; CREATE UNIQUE INDEX ON ord (b, cust) INCLUDE (a);
		CREATE VIEW v AS SELECT * FROM cust; CREATE MATERIALIZED VIEW mv AS SELECT id FROM cust;
		CREATE TABLE part (a int4) PARTITION BY LIST (a); CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1);
		INSERT INTO cust SELECT i, 'e' || i, NULL FROM generate_series(1, 500) i; ANALYZE cust`)
	all, err := s.source.Discover(t.Context(), sources.Pattern{})
	require.NoError(t, err)
	var names []string
	for _, f := range all {
		names = append(names, f.SchemaName+"."+f.TableName+" "+string(f.Type))
	}
	require.Equal(t, []string{
		`Odd "schema.T 1 BASE TABLE`, "public.cust BASE TABLE", "public.mv MATERIALIZED VIEW", "public.ord BASE TABLE",
		"public.part PARTITIONED TABLE", "public.part1 BASE TABLE", "public.v VIEW",
	}, names)
	cust, ord := s.table("cust"), s.table("ord")
	require.Equal(t, "those who buy", cust.Comment)
	require.Equal(t, []string{"id"}, cust.PrimaryKey)
	require.Equal(t, [][]string{{"email"}}, cust.Unique)
	require.Equal(t, 500.0, cust.RowCount)
	require.Len(t, cust.Cols, 3)
	require.Equal(t, plan.TableColumn{Name: "id", Type: types.Int4T, Distinct: 500, Width: 4}, all[1].Cols[0])
	require.Equal(t, 1.0, cust.Cols[2].NullFraction)
	require.Equal(t, []string{"b", "a"}, ord.PrimaryKey)
	require.Equal(t, [][]string{{"b", "cust"}}, ord.Unique)
	require.Equal(t, []sources.ForeignKey{{
		Name: "ord_cust_fkey", Columns: []string{"cust"}, RefSchema: "public", RefTable: "cust", RefColumns: []string{"id"},
		UpdateRule: "NO ACTION", DelRule: "CASCADE",
	}}, ord.Foreign)
	odd, err := s.source.Discover(t.Context(), sources.Pattern{Schema: `Odd "schema`, Table: "T 1"})
	require.NoError(t, err)
	_, err = s.read(s.plan(scanNode(odd[0])), nil)
	require.NoError(t, err)
	none, err := s.source.Discover(t.Context(), sources.Pattern{Table: "no such"})
	require.NoError(t, err)
	require.Empty(t, none)
	system, err := s.source.Discover(t.Context(), sources.Pattern{Schema: "pg_catalog", Table: "pg_class"})
	require.NoError(t, err)
	require.Len(t, system, 1)
	_, err = s.read(s.plan(scanNode(system[0])), nil)
	require.NoError(t, err)
	brief, err := s.source.Discover(t.Context(), sources.Pattern{NamesOnly: true})
	require.NoError(t, err)
	require.Len(t, brief, 7)
	require.Empty(t, brief[0].Cols)
}

// A foreign table's declaration takes the place of what the server says; it cures what its own types cannot hold.
func TestDeclaredTables(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (id int4, n numeric(5,2), a int4[], w varchar(10));
		INSERT INTO t VALUES (1, 'NaN', '{{1,2},{3,4}}', 'long word'), (2, 1.50, '[0:1]={1,2}', '7')`)
	declared := &sources.Table{ServerName: "pg", SchemaName: "public", TableName: "t", Cols: []plan.TableColumn{
		{Name: "w", Type: types.VarcharOf(3), Nullable: true},
		{Name: "n", Type: types.NumericT, Nullable: true},
		{Name: "a", Type: types.TextT, Nullable: true},
		{Name: "id", Type: types.NumericOf(3, 1), Nullable: true},
	}}
	found, err := s.source.Discover(t.Context(), sources.Pattern{Table: "t", Declared: []*sources.Table{declared}})
	require.NoError(t, err)
	node := scanNode(found[0])
	rs := s.plan(node)
	got, err := s.read(rs, nil)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"long word", "NaN", "{{1,2},{3,4}}", "1.0"}, {"7", "1.50", "[0:1]={1,2}", "2.0"}}, texts(rs, got))
	bare := &sources.Table{SchemaName: "public", TableName: "t", ColumnOptions: map[string]map[string]string{"w": {"mask": "x"}}}
	found, err = s.source.Discover(t.Context(), sources.Pattern{Table: "t", Declared: []*sources.Table{bare}})
	require.NoError(t, err)
	require.Len(t, found[0].Cols, 4)
	require.Equal(t, bare.ColumnOptions, found[0].ColumnOptions)
	declared.Cols = append(declared.Cols, plan.TableColumn{Name: "none", Type: types.Int4T})
	_, err = s.source.Discover(t.Context(), sources.Pattern{Table: "t", Declared: []*sources.Table{declared}})
	require.ErrorContains(t, err, "no column none")
	_, err = s.read(s.plan(scanNode(s.table("t"))), nil)
	require.Error(t, err)
}

// Foreign tables are read whole, without a lock.
func TestForeignTable(t *testing.T) {
	s := newServer(t, `CREATE TABLE t (a int4); INSERT INTO t SELECT generate_series(1, 10)`)
	if _, err := s.admin.Exec(t.Context(), "CREATE EXTENSION postgres_fdw"); err != nil {
		fixture.Missing(t, "the extension postgres_fdw", err)
	}
	cfg := s.admin.Config()
	s.run(fmt.Sprintf(`CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', port '%d', dbname '%s');
		CREATE USER MAPPING FOR PUBLIC SERVER self OPTIONS (user '%s', password '%s');
		CREATE FOREIGN TABLE ft (a int4) SERVER self OPTIONS (schema_name 'public', table_name 't')`,
		cfg.Host, cfg.Port, cfg.Database, cfg.User, cfg.Password))
	rs := s.plan(scanNode(s.table("ft")))
	require.False(t, rs.Splittable())
	got, err := s.read(rs, nil)
	require.NoError(t, err)
	require.Len(t, texts(rs, got), 10)
}
