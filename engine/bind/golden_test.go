package bind_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// mustBind binds and checks what every plan must hold.
func mustBind(t *testing.T, sql string, cat bind.Catalog) *bind.Bound {
	stmt, err := parse.Parse(sql)
	require.NoError(t, err, sql)
	b, err := bind.Bind(context.Background(), stmt, cat, bind.Options{})
	require.NoError(t, err, sql)
	checkPlan(t, b)
	return b
}

// checkPlan: column IDs are produced once, every column that is read is there, and no type is left open.
func checkPlan(t *testing.T, b *bind.Bound) {
	require.Equal(t, len(b.Columns), len(b.Root.Columns()))
	seen := map[expr.ColumnID]bool{}
	for i, c := range b.Root.Columns() {
		require.Equal(t, b.Columns[i].ID, c.ID)
		require.False(t, seen[c.ID], "column %d twice", c.ID)
		seen[c.ID] = true
	}
	checkNode(t, b.Root, map[expr.ColumnID]bool{}, b.NextID)
}

func checkNode(t *testing.T, n plan.Node, outer map[expr.ColumnID]bool, next expr.ColumnID) {
	in := map[expr.ColumnID]bool{}
	for id := range outer {
		in[id] = true
	}
	for i, k := range n.Children() {
		have := outer
		if _, apply := n.(*plan.Apply); apply && i == 1 {
			have = in
		}
		checkNode(t, k, have, next)
		for _, c := range k.Columns() {
			in[c.ID] = true
		}
	}
	for _, e := range plan.Exprs(n) {
		expr.Walk(e, func(e expr.Expr) bool {
			require.NotNil(t, e.Type(), "%s in %s", expr.String(e), plan.Describe(n))
			require.False(t, e.Type().IsPseudo(), "%s in %s", expr.String(e), plan.Describe(n))
			if c, ok := e.(*expr.Column); ok {
				require.True(t, in[c.ID], "%s is not an input of %s", expr.String(c), plan.Describe(n))
			}
			return true
		})
	}
	for _, c := range n.Columns() {
		require.Less(t, c.ID, next)
		require.NotNil(t, c.Type, "%s of %s", c.Name, plan.Describe(n))
	}
}

func TestTPCH(t *testing.T) {
	cat := newCatalog(read(t, "testdata/tpch.sql"))
	files, err := filepath.Glob("testdata/tpch/q*.sql")
	require.NoError(t, err)
	require.Len(t, files, 22)
	var out strings.Builder
	for _, f := range files {
		b := mustBind(t, read(t, f), cat)
		fmt.Fprintf(&out, "-- %s\n", filepath.Base(f))
		for _, c := range b.Columns {
			fmt.Fprintf(&out, "%s %s\n", c.Name, c.Type)
		}
		out.WriteString(plan.String(b.Root) + "\n")
	}
	golden(t, "tpch.golden", out.String())
}

func TestPlans(t *testing.T) {
	cat := newCatalog(read(t, "testdata/schema.sql") + `
		CREATE VIEW staff (who) AS SELECT name, dept_id FROM emp WHERE active;
		CREATE VIEW heads AS SELECT s.who, d.name AS dept FROM staff s JOIN dept d ON d.id = s.dept_id;`)
	var out strings.Builder
	for sql := range strings.SplitSeq(strings.TrimSpace(read(t, "testdata/plans.sql")), "\n") {
		fmt.Fprintf(&out, "%s\n%s\n", sql, plan.String(mustBind(t, sql, cat).Root))
	}
	golden(t, "plans.golden", out.String())
}

// TestRecordedPlansHold checks the invariants of the plan of every statement that binds.
func TestRecordedPlansHold(t *testing.T) {
	cat := newCatalog(read(t, "testdata/schema.sql"))
	for _, sql := range readStatements(t) {
		stmt, err := parse.Parse(sql)
		if err != nil {
			continue
		}
		if b, err := bind.Bind(context.Background(), stmt, cat, bind.Options{}); err == nil {
			t.Run(sql, func(t *testing.T) { checkPlan(t, b) })
		}
	}
}

func planText(b *bind.Bound) string { return plan.String(b.Root) }

func BenchmarkBindQ2(b *testing.B) {
	ddl, err := os.ReadFile("testdata/tpch.sql")
	require.NoError(b, err)
	sql, err := os.ReadFile("testdata/tpch/q02.sql")
	require.NoError(b, err)
	cat := newCatalog(string(ddl))
	stmt, err := parse.Parse(string(sql))
	require.NoError(b, err)
	for b.Loop() {
		if _, err := bind.Bind(context.Background(), stmt, cat, bind.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseQ2(b *testing.B) {
	sql, err := os.ReadFile("testdata/tpch/q02.sql")
	require.NoError(b, err)
	for b.Loop() {
		if _, err := parse.Parse(string(sql)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseSelect1(b *testing.B) {
	for b.Loop() {
		if _, err := parse.Parse("SELECT 1"); err != nil {
			b.Fatal(err)
		}
	}
}
