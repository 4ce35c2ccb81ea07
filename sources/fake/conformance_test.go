package fake_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/fake"
	"github.com/skeinsql/skein/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	for name, script := range map[string]fake.Script{
		"everything": {Capabilities: fake.Everything(), SplitRows: 700},
		"supersets":  {Capabilities: fake.Everything(), SplitRows: 700, Superset: true},
		"parts":      {Capabilities: sources.Capabilities{PartialAggregate: true}, SplitRows: 40},
		"nothing":    {},
		"some refused": {Capabilities: fake.Everything(), Refuse: func(e expr.Expr) bool {
			_, isLogic := e.(*expr.Logic)
			return isLogic
		}},
	} {
		t.Run(name, func(t *testing.T) { sourcetest.Run(t, harness(script)) })
	}
}

func harness(script fake.Script) sourcetest.Harness {
	return sourcetest.Harness{Rows: 3000, Load: func(_ *testing.T, tables []sourcetest.Table) *sourcetest.Server {
		var src *fake.Source
		version := int64(0)
		put := func(name string, change func(*sourcetest.Table)) {
			for _, table := range tables {
				if table.Name == name {
					if change != nil {
						change(&table)
					}
					src.Put(tableOf(table))
				}
			}
		}
		return &sourcetest.Server{
			Schema: fake.Schema,
			Open: func(_ testing.TB, budget *sources.Connections) sources.Source {
				src = fake.New(sourcetest.ServerName, script, budget)
				for _, table := range tables {
					put(table.Name, nil)
				}
				return src
			},
			Alter: func(testing.TB) {
				put("shifting", func(t *sourcetest.Table) {
					t.Columns = []sourcetest.Column{t.Columns[0], {Name: "v", Type: types.TextT}}
					t.Rows = nil
				})
			},
			Update: func(testing.TB) {
				version++
				put("many", func(t *sourcetest.Table) {
					rows := make([][]any, len(t.Rows))
					for i, row := range t.Rows {
						rows[i] = append([]any(nil), row...)
						rows[i][2] = version
					}
					t.Rows = rows
				})
			},
			Blocks: map[string]func(testing.TB) func(){"asleep": func(testing.TB) func() {
				released := make(chan struct{})
				src.OnNext(func(ctx context.Context, _ int64) error {
					select {
					case <-released:
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				})
				return func() { close(released); src.OnNext(nil) }
			}},
			Unreachable: func(t testing.TB, _ string, _ sources.Limits) sources.Source {
				down := fake.New(sourcetest.ServerName, script, nil)
				down.Down(sqlerr.New(sqlerr.SourceUnable, "nobody answers").From(sourcetest.ServerName))
				_, err := down.Discover(t.Context(), sources.Pattern{})
				require.Error(t, err)
				return down
			},
		}
	}}
}

func tableOf(t sourcetest.Table) fake.Table {
	out := fake.Table{Name: t.Name, Rows: t.Rows}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, plan.TableColumn{Name: c.Name, Type: c.Type, Nullable: !c.NotNull})
	}
	if t.Key != "" {
		out.Key = []string{t.Key}
	}
	return out
}
