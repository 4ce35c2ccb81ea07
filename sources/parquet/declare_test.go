package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func hint(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// declaredBy is what statements declare for the server lake.
func declaredBy(t testing.TB, dir, ddl string) []*sources.Table {
	b := catalog.NewBuilder(os.LookupEnv)
	require.NoError(t, b.Script("c.sql", "CREATE SERVER lake FOREIGN DATA WRAPPER parquet OPTIONS (path '"+dir+"');\n"+ddl))
	var out []*sources.Table
	for _, d := range b.Build().Tables["lake"] {
		out = append(out, d)
	}
	return out
}

func discoverDeclared(t *testing.T, dir, schema, table, ddl string) (*Source, *sources.Table, error) {
	s := openSource(t, dir)
	found, err := s.Discover(context.Background(), sources.Pattern{Schema: schema, Table: table, Declared: declaredBy(t, dir, ddl)})
	if err != nil || len(found) == 0 {
		return s, nil, err
	}
	require.Len(t, found, 1)
	return s, found[0], nil
}

func columnsOf(tab *sources.Table) []string {
	var out []string
	for _, c := range tab.Cols {
		null := ""
		if !c.Nullable {
			null = " NOT NULL"
		}
		out = append(out, c.Name+" "+c.Type.String()+null)
	}
	return out
}

func TestDeclaredColumns(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "t", "day=2020-01-02", "n=7", "a.parquet"), narrow{ID: 1, Name: ptr("x")}, narrow{ID: 2})
	write(t, filepath.Join(dir, "t", "day=2020-01-03", "n=8", "b.parquet"), wide{ID: 1 << 40, Extra: 1.5})
	s, tab, err := discoverDeclared(t, dir, "main", "t", `CREATE FOREIGN TABLE lake.main.t (
		n smallint, title varchar(3) OPTIONS (column_name 'name'), "day" text NOT NULL, key bigint OPTIONS (column_name 'id') NOT NULL,
		PRIMARY KEY (key)) SERVER lake`)
	require.NoError(t, err)
	require.Equal(t, sources.ForeignTable, tab.Type)
	require.Equal(t, []string{"key"}, tab.PrimaryKey)
	require.Equal(t, []string{"n smallint", "title character varying(3)", "day text NOT NULL", "key bigint NOT NULL"}, columnsOf(tab))
	require.Equal(t, []any{int64(1), int64(1 << 40)}, []any{tab.Cols[3].Min, tab.Cols[3].Max})
	recs, _, err := readAll(t, s, scanOf(tab), 1, 0)
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"7", "x", "2020-01-02", "1"}, {"7", "(null)", "2020-01-02", "2"}, {"8", "(null)", "2020-01-03", "1099511627776"},
	}, texts(recs))
	recs, _, err = readAll(t, s, scanOf(tab, "day", "n", "key"), 1, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"2020-01-03", "8", "1099511627776"}, texts(recs)[2])

	alter := &sources.Table{ServerName: "lake", SchemaName: "main", TableName: "t", ColumnOptions: map[string]map[string]string{
		"n": {"type": "text"}, "name": {"type": "character varying(9)"}, "extra": {"column_name": "id"},
	}}
	found, err := s.Discover(context.Background(), sources.Pattern{Table: "t", Declared: []*sources.Table{alter}})
	require.NoError(t, err)
	require.Equal(t, []string{"id bigint NOT NULL", "name character varying(9)", "extra bigint", "day date NOT NULL", "n text NOT NULL"}, columnsOf(found[0]))
}

func TestDeclaredPaths(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in", "y=1", "a.pq"), narrow{ID: 1})
	write(t, filepath.Join(dir, "in", "y=2", "b.parquet"), narrow{ID: 2})
	const columns = "(id int) SERVER lake OPTIONS (path '%s')"
	for path, ids := range map[string]string{
		"in": "2", "in/y=1/a.pq": "1", "in/y=*/*": "2", filepath.Join(dir, "in", "y=2"): "2", "in/y=2/../y=1/a.pq": "1",
	} {
		for _, schema := range []string{"main", "sales"} {
			s, tab, err := discoverDeclared(t, dir, schema, "u", "CREATE FOREIGN TABLE lake."+schema+".u "+fmt.Sprintf(columns, path))
			require.NoError(t, err, path)
			recs, _, err := readAll(t, s, scanOf(tab), 1, 0)
			require.NoError(t, err)
			require.Equal(t, [][]string{{ids}}, texts(recs), path)
		}
	}
	for path, code := range map[string]string{
		"../x": sqlerr.InvalidParameterValue, "/etc": sqlerr.InvalidParameterValue, "none": sqlerr.UndefinedFile, "none*": sqlerr.UndefinedFile,
	} {
		_, _, err := discoverDeclared(t, dir, "main", "u", "CREATE FOREIGN TABLE lake.main.u "+fmt.Sprintf(columns, path))
		require.Equal(t, code, sqlerr.Code(err), path)
	}
	_, _, err := discoverDeclared(t, dir, "other", "in", "CREATE FOREIGN TABLE lake.other.in (id int) SERVER lake")
	require.Equal(t, sqlerr.UndefinedFile, sqlerr.Code(err))

	// A declared table that cannot be read does not hide the others, which keep their names.
	s := openSource(t, dir)
	found, err := s.Discover(context.Background(), sources.Pattern{Declared: declaredBy(t, dir,
		"CREATE FOREIGN TABLE lake.main.bad (nope int) SERVER lake OPTIONS (path 'in'); CREATE FOREIGN TABLE lake.s.good (id int) SERVER lake OPTIONS (path 'in')")})
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, []string{"main.in", "s.good"}, []string{nameOf(found[0]), nameOf(found[1])})
}

func TestDeclarationsThatCannotBeObeyed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "t", "k=x", "a.parquet"), narrow{ID: 1}, narrow{ID: 2, Name: ptr("long")})
	write(t, filepath.Join(dir, "t", "k=y", "b.parquet"), struct {
		ID int32 `parquet:"id"`
	}{5})
	for ddl, want := range map[string]struct{ code, message, hint string }{
		"(id text)":                                   {"HV021", `column "id" of table t is declared text, but is integer in file "t/k=x/a.parquet"`, "declare it integer"},
		"(id smallint)":                               {"HV021", "declared smallint", "declare it integer"},
		"(id int[])":                                  {"HV021", "declared integer[]", ""},
		"(nam text)":                                  {"HV021", `no file of table lake.main.t has a column "nam"`, `did you mean "name"?`},
		"(id int OPTIONS (column_nam 'x'))":           {"HV00D", "column_nam", "did you mean column_name?"},
		"(id int OPTIONS (type 'text'))":              {"HV00D", `"type"`, "column_name"},
		"(id int) SERVER lake OPTIONS (pth 'x')":      {"HV00D", `table lake.main.t has an option "pth"`, "did you mean path?"},
		"(id int) SERVER lake OPTIONS (filename 't')": {"HV00D", "filename", "path"},
		"(name text NOT NULL)":                        {"HV021", `declared NOT NULL, but file "t/k=y/b.parquet" lacks it`, ""},
		"(k int)":                                     {"HV021", `column "k" is declared integer, but file "t/k=x/a.parquet" is in folder k=x`, ""},
		"(k uuid)":                                    {"0A000", "folder names", "bigint"},
	} {
		if !strings.Contains(ddl, "SERVER") {
			ddl += " SERVER lake"
		}
		_, _, err := discoverDeclared(t, dir, "main", "t", "CREATE FOREIGN TABLE lake.main.t "+ddl)
		require.Equal(t, want.code, sqlerr.Code(err), ddl)
		require.ErrorContains(t, err, want.message)
		require.Contains(t, hint(err), want.hint, ddl)
	}
	for ddl, code := range map[string]string{"(name text NOT NULL)": "23502", "(name varchar(3))": "22001"} {
		s, tab, err := discoverDeclared(t, dir, "main", "t", "CREATE FOREIGN TABLE lake.main.t "+ddl+" SERVER lake OPTIONS (path 't/k=x')")
		require.NoError(t, err)
		_, _, err = readAll(t, s, scanOf(tab), 1, 0)
		require.Equal(t, code, sqlerr.Code(err))
		require.ErrorContains(t, err, `t/k=x/a.parquet row group 0, column "name"`)
	}
}

func TestFit(t *testing.T) {
	n := types.NumericOf
	for _, c := range []struct {
		declared, file, want *types.Type
	}{
		{types.Int8T, types.Int2T, types.Int8T},
		{types.Int2T, types.Int8T, nil},
		{types.Float8T, types.Float4T, types.Float8T},
		{n(12, 2), n(10, 2), n(12, 2)},
		{n(12, 2), n(10, 3), nil},
		{n(9, 2), n(10, 2), nil},
		{types.NumericT, n(10, 2), nil},
		{types.TextT, types.JSONT, types.TextT},
		{types.JSONT, types.TextT, nil},
		{types.TimestampTZT, types.TimestampT, nil},
		{types.ArrayOf(types.Int8T), types.ArrayOf(types.ArrayOf(types.Int4T)), types.ArrayOf(types.ArrayOf(types.Int8T))},
		{types.ArrayOf(types.Int8T), types.Int8T, nil},
		{
			types.CompositeOf("p", []types.Field{{Name: "a", Type: types.Int8T}}), types.RecordOf([]types.Field{{Name: "a", Type: types.Int4T}}),
			types.CompositeOf("p", []types.Field{{Name: "a", Type: types.Int8T}}),
		},
		{types.CompositeOf("p", []types.Field{{Name: "b", Type: types.Int8T}}), types.RecordOf([]types.Field{{Name: "a", Type: types.Int8T}}), nil},
	} {
		got, ok := fit(c.declared, c.file)
		require.Equal(t, c.want != nil, ok, "%s from %s", c.declared, c.file)
		if ok {
			require.True(t, types.Equal(c.want, got), "%s from %s is %s", c.declared, c.file, got)
		}
	}
}

// TestImportedTablesAreTheSame declares tables as `skein import` prints them and reads them so: columns, statistics and
// rows must be those of the tables that were discovered.
func TestImportedTablesAreTheSame(t *testing.T) {
	dir := t.TempDir()
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(t, err)
	for _, f := range files {
		whole, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(f)), whole, 0o600))
	}
	write(t, filepath.Join(dir, "parts", "d=2020-01-02", "n=7", "a.parquet"), narrow{ID: 1, Name: ptr("x")}, narrow{ID: 2})
	write(t, filepath.Join(dir, "parts", "d=2020-01-03", "n=__HIVE_DEFAULT_PARTITION__", "b.parquet"), wide{ID: 1 << 40, Extra: 1.5})
	s := openSource(t, dir)
	found, err := s.Discover(context.Background(), sources.Pattern{})
	require.NoError(t, err)
	require.Len(t, found, len(files)+1)
	var ddl strings.Builder
	printer := catalog.NewPrinter()
	for _, tab := range found {
		ddl.WriteString(printer.Table(tab) + "\n")
	}
	again, err := s.Discover(context.Background(), sources.Pattern{Declared: declaredBy(t, dir, ddl.String())})
	require.NoError(t, err)
	require.Len(t, again, len(found))
	for i, tab := range found {
		require.Equal(t, tab.TableName, again[i].TableName)
		require.Equal(t, sources.ForeignTable, again[i].Type)
		for j, c := range tab.Cols {
			d := again[i].Cols[j]
			require.True(t, types.SameStorage(c.Type, d.Type), "%s.%s is %s, then %s", tab.TableName, c.Name, c.Type, d.Type)
			c.Type = d.Type // a row type has a name in the second
			require.Equal(t, c, d)
		}
		first, _, err := readAll(t, s, scanOf(tab), 1, 0)
		require.NoError(t, err)
		second, _, err := readAll(t, s, scanOf(again[i]), 1, 0)
		require.NoError(t, err)
		require.Equal(t, texts(first), texts(second))
	}
}
