package bind_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// TestRepeatedOperands: constructs that write an operand twice must not double with every level.
func TestRepeatedOperands(t *testing.T) {
	r := strings.Repeat
	const n = 100
	for name, sql := range map[string]string{
		"between": "select " + r("(", n) + "true" + r(" between false and true)", n),
		"case":    "select " + r("case ", n) + "1" + r(" when 1 then 2 when 2 then 1 end", n),
		"nullif":  "select " + r("nullif(", n) + "1" + r(", 2)", n),
		"in":      "select " + r("(", n) + "true" + r(" in (true, (select false)))", n),
		"rows":    "select " + r("((", n) + "true" + r(", true) < (true, true))", n),
	} {
		_, err := tryBind(sql, newCatalog(""))
		if err != nil {
			require.Equal(t, sqlerr.StatementTooComplex, sqlerr.Code(err), "%s: %v", name, err)
		}
	}
}

func tryBind(sql string, cat bind.Catalog) (*bind.Bound, error) {
	stmt, err := parse.Parse(sql)
	if err != nil {
		return nil, err
	}
	return bind.Bind(context.Background(), stmt, cat, bind.Options{})
}

func TestHints(t *testing.T) {
	cat := newCatalog(read(t, "testdata/schema.sql"))
	for sql, hint := range map[string]string{
		"select nam from emp":            `Perhaps you meant to reference the column "emp.name".`,
		"select e.salry from emp e":      `Perhaps you meant to reference the column "e.salary".`,
		"select xyz from emp":            "",
		"select emp.id from emp e":       `Perhaps you meant to reference the table alias "e".`,
		"select id from emp where id=''": "",
		"select id + name from emp":      "No operator matches the given name and argument types. You might need to add explicit type casts.",
	} {
		_, err := tryBind(sql, cat)
		require.Error(t, err, sql)
		var e *sqlerr.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, hint, e.Hint, sql)
	}
}

func TestDeclaredParameters(t *testing.T) {
	cat := newCatalog(read(t, "testdata/schema.sql"))
	stmt, err := parse.Parse("select ? + 1, ? from emp where id = ?")
	require.NoError(t, err)
	b, err := bind.Bind(context.Background(), stmt, cat, bind.Options{ParamTypes: []*types.Type{types.Int8T, types.DateT}})
	require.NoError(t, err)
	require.Equal(t, "bigint", b.Params[0].String())
	require.Equal(t, "date", b.Params[1].String())
	require.Equal(t, "integer", b.Params[2].String())
	require.Equal(t, "bigint", b.Columns[0].Type.String())
}

func TestViews(t *testing.T) {
	cat := newCatalog("create table t (a int, b text); create view v as select a, nosuch from t; create view w (x) as select b, a from t;" +
		"create view loop as select * from loop;")
	_, err := tryBind("select * from v", cat)
	require.ErrorContains(t, err, `in view skein.shop.v: column "nosuch" does not exist`)
	require.Equal(t, sqlerr.UndefinedColumn, sqlerr.Code(err))
	b, err := tryBind("select * from w where x = $1", cat)
	require.NoError(t, err)
	require.Equal(t, "x", b.Columns[0].Name)
	require.Equal(t, "a", b.Columns[1].Name)
	require.Equal(t, []string{"skein.shop.w"}, b.Views)
	require.Equal(t, "text", b.Params[0].String())
	_, err = tryBind("select * from loop", cat)
	require.Equal(t, sqlerr.InvalidRecursion, sqlerr.Code(err))

	cat.views["w"].Barrier = true
	b, err = tryBind("select x from w where a > 1", cat)
	require.NoError(t, err)
	require.Contains(t, planText(b), "SecurityBarrier skein.shop.w")
	for _, sql := range []string{"insert into t values (1)", "create schema s", "select 1 into x", "select * from t for update"} {
		_, err := tryBind(sql, cat)
		require.Error(t, err, sql)
	}
}
