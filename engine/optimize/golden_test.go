package optimize

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/fake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is servers with tables: "whole" takes everything, "filters" only filters without OR, "superset" leaves residuals, "none"
// takes scans, "parts" and "shards" scans, filters and partial aggregates.
type world struct {
	sources map[string]*fake.Source
	views   map[string]*bind.View
}

func newWorld(t testing.TB) *world {
	everything := fake.Everything()
	noOr := func(e expr.Expr) bool {
		l, ok := e.(*expr.Logic)
		return ok && l.Op == expr.Or
	}
	w := &world{sources: map[string]*fake.Source{}, views: map[string]*bind.View{}}
	for server, script := range map[string]fake.Script{
		"whole": {Capabilities: everything, SplitRows: 100}, "superset": {Capabilities: everything, Superset: true},
		"filters": {Capabilities: sources.Capabilities{Filter: true}, Refuse: noOr, SplitRows: 100}, "none": {},
		"parts":  {Capabilities: sources.Capabilities{Filter: true, PartialAggregate: true, Barrier: true}, Refuse: noOr, SplitRows: 100},
		"shards": {Capabilities: sources.Capabilities{Filter: true, Aggregate: true}, SplitRows: 100},
	} {
		src := fake.New(server, script, nil)
		for name, rows := range map[string]int{"big": 100_000, "small": 10, "mid": 1000} {
			src.Put(fake.Table{Name: name, Key: []string{"id"}, Columns: tableColumns(), Rows: make([][]any, rows)})
		}
		w.sources[server] = src
	}
	q, err := parse.Parse("SELECT id, s FROM none.main.mid WHERE n > 3")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"guarded_parts": "SELECT id, n FROM parts.main.mid WHERE n > 3",
		"guarded_union": "SELECT id, n FROM parts.main.mid UNION ALL SELECT id, n FROM shards.main.mid",
	} {
		q, err := parse.Parse(text)
		require.NoError(t, err)
		w.views[name] = &bind.View{Name: "skein.main." + name, Query: q, Catalog: w, Barrier: true}
	}
	w.views["guarded"] = &bind.View{Name: "skein.main.guarded", Query: q, Catalog: w, Barrier: true}
	return w
}

func tableColumns() []plan.TableColumn {
	return []plan.TableColumn{
		{Name: "id", Type: types.Int4T, Distinct: 1e5},
		{Name: "n", Type: types.Int4T, Nullable: true, Distinct: 50},
		{Name: "s", Type: types.TextT, Nullable: true, Distinct: 1000},
		{Name: "d", Type: types.NumericOf(15, 2), Nullable: true, Min: apd.New(-1, 0), Max: apd.New(99999, -2), Exact: true},
		{Name: "at", Type: types.TimestampT, Nullable: true},
		{Name: "day", Type: types.DateT, Nullable: true},
	}
}

func (w *world) Relation(ctx context.Context, name []string) (*bind.Relation, error) {
	if v := w.views[name[len(name)-1]]; v != nil {
		return &bind.Relation{View: v}, nil
	}
	if len(name) == 3 && w.sources[name[0]] != nil {
		found, err := w.sources[name[0]].Discover(ctx, sources.Pattern{Table: name[2]})
		if len(found) == 1 || err != nil {
			return &bind.Relation{Table: found[0], PrimaryKey: found[0].PrimaryKey}, err
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(name, "."))
}

func (w *world) Type(context.Context, []string) (*types.Type, error) { return nil, nil }

func (w *world) optimizer(next expr.ColumnID, workers int) *optimizer {
	return &optimizer{ctx: context.Background(), memo: map[plan.Node]*stats{}, Options: Options{
		Source: func(server string) sources.Source { return w.sources[server] }, Pushdown: true, Workers: workers, NextColumn: next,
	}}
}

func (w *world) bind(t testing.TB, sql string) *bind.Bound {
	stmt, err := parse.Parse(sql)
	require.NoError(t, err, sql)
	b, err := bind.Bind(t.Context(), stmt, w, bind.Options{})
	require.NoError(t, err, sql)
	return b
}

// stages are the rules, each behind those that it relies on.
var stages = map[string]func(o *optimizer, n plan.Node) (plan.Node, error){
	"fold_constants":    func(_ *optimizer, n plan.Node) (plan.Node, error) { return foldConstants(n), nil },
	"unwrap_comparison": func(_ *optimizer, n plan.Node) (plan.Node, error) { return unwrapComparisons(foldConstants(n)), nil },
	"factor_or":         func(_ *optimizer, n plan.Node) (plan.Node, error) { return factorOr(n), nil },
	"decorrelate":       func(o *optimizer, n plan.Node) (plan.Node, error) { return o.decorrelate(foldConstants(n)) },
	"lateral_sets": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := o.decorrelate(lateralSets(n))
		return pruneColumns(mergeProjects(pushFilters(n))), err
	},
	"filter_pushdown": pushed,
	"outer_joins": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := o.decorrelate(foldConstants(n))
		return strengthenJoins(pushFilters(n)), err
	},
	"join_order": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return o.orderJoins(n), err
	},
	"infer_predicates": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return pushFilters(inferPredicates(n)), err
	},
	"empty": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return dropEmpty(n), err
	},
	"simplify_aggregates": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := o.decorrelate(n)
		return simplifyAggregates(n), err
	},
	"redundant_sorts": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := o.decorrelate(n)
		return dropSorts(n), err
	},
	"row_not_in": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return pruneColumns(mergeProjects(o.splitRowNotIn(n))), err
	},
	"reduce_groups": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return o.reduceGroups(o.orderJoins(pruneColumns(mergeProjects(pushFilters(strengthenJoins(n)))))), err
	},
	"merge_projects": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return mergeProjects(n), err
	},
	"limit_pushdown": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return pushLimits(mergeProjects(n)), err
	},
	"prune_columns": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return pruneColumns(mergeProjects(n)), err
	},
	"fragments": func(o *optimizer, n plan.Node) (plan.Node, error) {
		o.Workers = 1
		return Plan(o.ctx, n, o.Options)
	},
	"partial_aggregate": func(o *optimizer, n plan.Node) (plan.Node, error) {
		o.Workers = 1
		return Plan(o.ctx, n, o.Options)
	},
	"exchange": func(o *optimizer, n plan.Node) (plan.Node, error) { return Plan(o.ctx, n, o.Options) },
	"tighten_numerics": func(o *optimizer, n plan.Node) (plan.Node, error) {
		n, err := pushed(o, n)
		return o.tightenNumerics(pruneColumns(mergeProjects(n))), err
	},
}

func pushed(o *optimizer, n plan.Node) (plan.Node, error) {
	n, err := o.decorrelate(foldConstants(n))
	if err != nil {
		return nil, err
	}
	return pushFilters(factorOr(n)), nil
}

// TestRules compares what each rule makes of statements with testdata/RULE.txt, in which a statement is a line that
// begins with "> " and its plan the lines below. -update writes the plans anew.
func TestRules(t *testing.T) {
	w := newWorld(t)
	for rule, stage := range stages {
		t.Run(rule, func(t *testing.T) {
			path := filepath.Join("testdata", rule+".txt")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			var out strings.Builder
			for line := range strings.Lines(string(text)) {
				sql, ok := strings.CutPrefix(strings.TrimSpace(line), "> ")
				if !ok {
					continue
				}
				b := w.bind(t, sql)
				n, err := stage(w.optimizer(b.NextID, 2), b.Root)
				require.NoError(t, err, sql)
				if _, physical := map[string]bool{"fragments": true, "exchange": true, "partial_aggregate": true}[rule]; !physical {
					require.Equal(t, columnsOf(b.Root), columnsOf(n), sql)
				}
				out.WriteString("> " + sql + "\n" + plan.String(n) + "\n")
			}
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o644))
				return
			}
			require.Equal(t, string(text), out.String())
		})
	}
}
