package fake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources/fake"
)

// Two servers, three tables: joins within a server go down, joins across do not. Names and values repeat, NULLs abound,
// and no float or numeric is inexact, so that the order of a sum does not show.
var shopTables = map[string][]fake.Table{
	"a": {numbersTable("t", 23, 5), numbersTable("u", 14, 3)},
	"b": {numbersTable("v", 17, 4)},
}

func numbersTable(name string, rows, step int) fake.Table {
	t := fake.Table{Name: name, Key: []string{"id"}, Columns: []plan.TableColumn{
		{Name: "id", Type: types.Int4T},
		{Name: "g", Type: types.Int4T, Nullable: true},
		{Name: "n", Type: types.Int8T, Nullable: true},
		{Name: "s", Type: types.TextT, Nullable: true},
		{Name: "f", Type: types.Float8T, Nullable: true},
		{Name: "b", Type: types.BoolT, Nullable: true},
	}}
	words := []any{"", "a", "b", "ab", "B", nil, "a "}
	for i := range rows {
		row := []any{int64(i), int64(i % step), int64(i*step%7 - 3), words[i*step%len(words)], float64(i%4) / 2, i%3 == 0}
		for c := 1; c < len(row); c++ {
			if (i*7+c*step)%6 == 0 {
				row[c] = nil
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func openDB(t testing.TB, script func(server string) fake.Script, workers int) *skein.DB {
	t.Helper()
	db, err := skein.Open(context.Background(), skein.Workers(workers))
	require.NoError(t, err)
	for _, server := range []string{"a", "b"} {
		src := fake.New(server, script(server), nil)
		for _, table := range shopTables[server] {
			src.Put(table)
		}
		require.NoError(t, db.Engine().Catalog().Attach(server, src))
	}
	return db
}

// answer is a query's rows as texts, sorted unless they come in an order that is asked for; or its error.
func answer(db *skein.DB, sql string, opts ...any) ([]string, error) {
	r, err := db.Query(context.Background(), sql, opts...)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	out := []string{}
	for r.Next() {
		rec := r.RecordBatch()
		for i := range int(rec.NumRows()) {
			row := make([]string, rec.NumCols())
			for c, a := range rec.Columns() {
				row[c] = a.ValueStr(i)
			}
			out = append(out, strings.Join(row, "|"))
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if !strings.Contains(sql, "ORDER BY") {
		slices.Sort(out)
	}
	return out, nil
}

// scripts are the ways in which sources take fragments.
func scripts(rt *rapid.T) map[string]func(string) fake.Script {
	random := fake.Everything()
	for i, on := range []*bool{
		&random.Filter, &random.Project, &random.Join, &random.Aggregate, &random.PartialAggregate, &random.Sort, &random.Limit, &random.TopN, &random.Distinct, &random.SetOp,
	} {
		*on = rapid.Bool().Draw(rt, fmt.Sprint("capability", i))
	}
	parts := fake.Everything()
	parts.Aggregate, parts.Distinct = false, false
	modulus := rapid.IntRange(1, 4).Draw(rt, "refused conjuncts")
	return map[string]func(string) fake.Script{
		"everything": func(string) fake.Script { return fake.Script{Capabilities: fake.Everything(), SplitRows: 5} },
		"parts":      func(string) fake.Script { return fake.Script{Capabilities: parts, SplitRows: 4} },
		"nothing":    func(string) fake.Script { return fake.Script{SplitRows: 4} },
		"supersets": func(string) fake.Script {
			return fake.Script{Capabilities: fake.Everything(), SplitRows: 3, Superset: true}
		},
		"random": func(string) fake.Script {
			return fake.Script{Capabilities: random, SplitRows: 6, Refuse: func(e expr.Expr) bool { return len(expr.String(e))%modulus == 1 }}
		},
		"mixed": func(server string) fake.Script {
			return fake.Script{Capabilities: random, Superset: server == "b"}
		},
	}
}

// TestPushdownKeepsAnswers: random statements answer alike whatever the sources take, and as with pushdown off.
func TestPushdownKeepsAnswers(t *testing.T) {
	plain := openDB(t, func(string) fake.Script { return fake.Script{} }, 1)
	defer plain.Close()
	answered, failed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		ways := scripts(rt)
		dbs := map[string]*skein.DB{}
		for name, script := range ways {
			dbs[name] = openDB(t, script, rapid.IntRange(1, 3).Draw(rt, "workers"))
		}
		defer func() {
			for _, db := range dbs {
				_ = db.Close()
			}
		}()
		for range 5 {
			sql := (&statements{rt: rt}).statement()
			want, wantErr := answer(plain, sql, skein.With("skein.pushdown", "off"))
			if wantErr != nil {
				failed++
			} else {
				answered++
			}
			for name, db := range dbs {
				for _, setting := range []string{"on", "off"} {
					got, err := answer(db, sql, skein.With("skein.pushdown", setting))
					if wantErr != nil {
						if err == nil {
							rt.Fatalf("%s, pushdown %s: an answer instead of %v\n%s", name, setting, wantErr, sql)
						}
						continue
					}
					if err != nil {
						rt.Fatalf("%s, pushdown %s: %v\n%s", name, setting, err, sql)
					}
					if !slices.Equal(want, got) {
						rt.Fatalf("%s, pushdown %s\n%s\nwant %q\ngot  %q\n%s", name, setting, sql, want, got, explain(db, sql, setting))
					}
				}
			}
		}
	})
	t.Logf("%d statements were answered, %d are errors", answered, failed)
	require.Greater(t, answered, 10*failed, "most statements are errors")
}

func explain(db *skein.DB, sql, setting string) string {
	lines, err := answer(db, "EXPLAIN "+sql+" -- ORDER BY", skein.With("skein.pushdown", setting))
	if err != nil {
		return err.Error()
	}
	return strings.Join(lines, "\n")
}
