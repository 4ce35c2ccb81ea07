package catalog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

var vars = map[string]string{"HOST": "db1", "PW": "s3cret"}

func lookup(name string) (string, bool) {
	v, ok := vars[name]
	return v, ok
}

func load(t *testing.T, sql string) *catalog.Definitions {
	t.Helper()
	b := catalog.NewBuilder(lookup)
	require.NoError(t, b.Script("cat.sql", sql))
	return b.Build()
}

const base = `CREATE SERVER crm FOREIGN DATA WRAPPER postgres OPTIONS (host '${HOST}', dbname 'crm');
CREATE SERVER lake FOREIGN DATA WRAPPER parquet OPTIONS (path 'data');
`

func TestServersAndMappings(t *testing.T) {
	d := load(t, base+`
ALTER SERVER crm OPTIONS (SET dbname 'other', ADD port '5433', DROP host);
CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'ro', password '${PW}');
ALTER USER MAPPING FOR PUBLIC SERVER crm OPTIONS (SET user 'reader');
CREATE SERVER IF NOT EXISTS crm FOREIGN DATA WRAPPER mongo;
CREATE SERVER gone FOREIGN DATA WRAPPER postgres;
DROP SERVER gone;
DROP SERVER IF EXISTS gone;
`)
	require.Equal(t, []string{"crm", "lake"}, d.ServerNames())
	crm := d.Servers["crm"]
	require.Equal(t, map[string]string{"dbname": "other", "port": "5433"}, crm.Options)
	require.Equal(t, "reader", crm.User)
	require.Equal(t, "s3cret", crm.Secret)
	require.Equal(t, "cat.sql:1", crm.Origin)
	d = load(t, base+"CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'a', password 'b'); DROP USER MAPPING FOR PUBLIC SERVER crm;")
	require.Empty(t, d.Servers["crm"].User+d.Servers["crm"].Secret)
}

func TestFilesOfSecretsAndDataLieBesideTheScript(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "crm.pw"), []byte("from file\r\n"), 0o600))
	path := filepath.Join(dir, "cat.sql")
	require.NoError(t, os.WriteFile(path, []byte(base+"CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'ro', password_file 'crm.pw');"), 0o600))
	b := catalog.NewBuilder(lookup)
	require.NoError(t, b.File(path))
	require.NoError(t, b.AddURL("pay", "mongodb://u@h/db?password_file=crm.pw&sample_size=7&retryReads=true", path))
	require.NoError(t, b.AddURL("here", "parquet://events", "--source"))
	d := b.Build()
	require.Equal(t, "from file", d.Servers["crm"].Secret)
	require.Equal(t, filepath.Join(dir, "data"), d.Servers["lake"].Options["path"])
	require.Equal(t, "from file", d.Servers["pay"].Secret)
	require.Equal(t, map[string]string{"url": "mongodb://h/db?retryReads=true", "sample_size": "7"}, d.Servers["pay"].Options)
	require.Equal(t, "events", d.Servers["here"].Options["path"])
}

func TestURLsHideCredentials(t *testing.T) {
	b := catalog.NewBuilder(lookup)
	require.NoError(t, b.AddURL("crm", "postgres://u:${PW}@h:1/db?sslmode=require&max_connections=3", "--source"))
	s := b.Build().Servers["crm"]
	require.Equal(t, []string{"u", "s3cret"}, []string{s.User, s.Secret})
	require.Equal(t, map[string]string{"url": "postgres://h:1/db?sslmode=require", "max_connections": "3"}, s.Options)
	for _, bad := range []string{"postgres://u:s3cret/x@h/db", "postgres://u:%zzs3cret@h/db", "mongodb://h/db?password=s3cret%zz", "s3cret", "oracle://u:s3cret@h"} {
		err := catalog.NewBuilder(lookup).AddURL("x", bad, "--source")
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestSchemasAndViews(t *testing.T) {
	d := load(t, `
CREATE SCHEMA shop;
CREATE SCHEMA IF NOT EXISTS shop;
CREATE VIEW shop.a (x, y) AS SELECT 1, 2;
CREATE OR REPLACE VIEW shop.a AS SELECT 3 AS z;
CREATE VIEW b AS SELECT 1;
CREATE VIEW skein.shop.c AS SELECT 1;
COMMENT ON VIEW shop.a IS 'about a';
DROP VIEW b;
DROP VIEW IF EXISTS b;
CREATE SCHEMA gone;
CREATE VIEW gone.v AS SELECT 1;
DROP SCHEMA gone CASCADE;
`)
	var names []string
	for _, v := range d.AllViews() {
		names = append(names, v.QualifiedName())
	}
	require.Equal(t, []string{"skein.shop.a", "skein.shop.c"}, names)
	require.Equal(t, "about a", d.AllViews()[0].Comment)
	require.Empty(t, d.AllViews()[0].Columns)
}

func TestForeignTables(t *testing.T) {
	d := load(t, base+`
CREATE TYPE crm.public.mood AS ENUM ('sad', 'ok');
CREATE TYPE crm.address AS (street text, moods crm.public.mood[]);
CREATE FOREIGN TABLE crm.public.person (id bigint PRIMARY KEY, name varchar(40) OPTIONS (name 'n') NOT NULL, home crm.address,
  amount numeric(12,2), UNIQUE (name, amount)) SERVER crm OPTIONS (on_mismatch 'null');
ALTER FOREIGN TABLE crm.public.person ALTER COLUMN name TYPE text, ALTER COLUMN name OPTIONS (SET name 'm', ADD k 'v'), OPTIONS (SET on_mismatch 'error');
ALTER FOREIGN TABLE crm.public.found ALTER COLUMN x OPTIONS (ADD on_mismatch 'json'), ALTER COLUMN y TYPE int[];
CREATE FOREIGN TABLE IF NOT EXISTS crm.public.person (id int) SERVER crm;
CREATE FOREIGN TABLE crm.public.gone (id int) SERVER crm;
DROP FOREIGN TABLE crm.public.gone;
`)
	require.Len(t, d.Tables["crm"], 1)
	p := d.Tables["crm"]["public.person"]
	require.Equal(t, []string{"id"}, p.PrimaryKey)
	require.Equal(t, [][]string{{"name", "amount"}}, p.Unique)
	require.Equal(t, types.TextT, p.Cols[1].Type)
	require.False(t, p.Cols[0].Nullable || p.Cols[1].Nullable)
	require.Equal(t, map[string]string{"name": "m", "k": "v"}, p.ColumnOptions["name"])
	require.Equal(t, map[string]string{"on_mismatch": "error"}, p.Options)
	home := p.Cols[2].Type
	require.Equal(t, "address", home.Name)
	require.Equal(t, "public.mood", home.Fields[1].Type.Elem.Name)
	require.Equal(t, []string{"sad", "ok"}, home.Fields[1].Type.Elem.Labels)
	require.Equal(t, map[string]map[string]string{"x": {"on_mismatch": "json"}, "y": {"type": "integer[]"}}, d.Servers["crm"].Altered["public.found"].Columns)
}

func TestDeclarationsAreRefused(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1":                   "0A000",
		"\nCREATE SCHEMA a;;\nselec": "42601",
		"CREATE SERVER skein FOREIGN DATA WRAPPER postgres":                               "42710",
		"CREATE SERVER crm FOREIGN DATA WRAPPER postgres":                                 "42710",
		"CREATE SERVER x FOREIGN DATA WRAPPER postgres OPTIONS (password 'x')":            "HV00D",
		"CREATE SERVER x FOREIGN DATA WRAPPER postgres OPTIONS (url 'postgres://u:p@h/')": "HV00D",
		"CREATE SERVER x FOREIGN DATA WRAPPER postgres OPTIONS (host '${NO_SUCH}')":       "42704",
		"CREATE SERVER x FOREIGN DATA WRAPPER postgres OPTIONS (host 'a', host 'b')":      "42710",
		"ALTER SERVER nope OPTIONS (ADD a 'b')":                                           "42704",
		"ALTER SERVER crm OPTIONS (SET nope 'b')":                                         "42704",
		"CREATE USER MAPPING FOR joe SERVER crm":                                          "0A000",
		"CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (token 'x')":                   "HV00D",
		"ALTER USER MAPPING FOR PUBLIC SERVER crm OPTIONS (SET user 'x')":                 "42704",
		"DROP USER MAPPING FOR PUBLIC SERVER crm":                                         "42704",
		"CREATE SCHEMA public":                                              "42P06",
		"CREATE SCHEMA skein_catalog":                                       "42939",
		"CREATE VIEW nope.v AS SELECT 1":                                    "3F000",
		"CREATE VIEW crm.public.v AS SELECT 1":                              "42602",
		"CREATE VIEW v AS SELECT $1::int":                                   "42P02",
		"DROP VIEW nope":                                                    "42704",
		"DROP SCHEMA nope":                                                  "42704",
		"DROP TABLE t":                                                      "0A000",
		"CREATE FOREIGN TABLE t (id int) SERVER crm":                        "42602",
		"CREATE FOREIGN TABLE crm.s.t (id int) SERVER nope":                 "42704",
		"CREATE FOREIGN TABLE crm.s.t (id nosuch) SERVER crm":               "42704",
		"CREATE FOREIGN TABLE crm.s.t (id int, id int) SERVER crm":          "42701",
		"CREATE FOREIGN TABLE crm.s.t (id int CHECK (id > 0)) SERVER crm":   "0A000",
		"CREATE FOREIGN TABLE crm.s.t (id int, PRIMARY KEY (x)) SERVER crm": "42703",
		"ALTER FOREIGN TABLE t OPTIONS (ADD a 'b')":                         "42602",
		"ALTER FOREIGN TABLE crm.s.t DROP COLUMN x":                         "0A000",
		"CREATE TYPE m AS ENUM ('a'); CREATE TYPE m AS ENUM ('b')":          "42710",
		"CREATE TYPE m AS (a int, a int)":                                   "42701",
	} {
		err := catalog.NewBuilder(lookup).Script("cat.sql", base+sql)
		require.Error(t, err, sql)
		require.Equal(t, want, sqlerr.Code(err), "%s: %v", sql, err)
		require.Regexp(t, `^cat\.sql:[3-5]: `, err.Error(), sql)
	}
	err := catalog.NewBuilder(lookup).Script("cat.sql", "CREATE VIEW a.b AS SELECT 1;\n\nDROP VIEW nope;\nDROP SCHEMA nope;")
	require.ErrorContains(t, err, "cat.sql:1: ")
	require.ErrorContains(t, err, "cat.sql:3: ")
	require.ErrorContains(t, err, "cat.sql:4: ")
	require.Error(t, catalog.NewBuilder(nil).File("no/such.sql"))
}

func TestTheVersionFollowsTheDeclarations(t *testing.T) {
	seen := map[string]string{}
	for _, sql := range []string{
		"", "ALTER SERVER crm OPTIONS (ADD port '1')", "CREATE SCHEMA a", "CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT 2",
		"CREATE FOREIGN TABLE crm.s.t (id int) SERVER crm", "CREATE FOREIGN TABLE crm.s.t (id int NOT NULL) SERVER crm",
		"CREATE FOREIGN TABLE crm.s.t (id int PRIMARY KEY) SERVER crm", "CREATE FOREIGN TABLE crm.s.t (id int) SERVER crm OPTIONS (a 'b')",
		"ALTER FOREIGN TABLE crm.s.t ALTER COLUMN x OPTIONS (ADD a 'b')", "CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'a')",
	} {
		v := load(t, base+sql).Version
		require.Equal(t, v, load(t, base+sql).Version)
		require.Empty(t, seen[v], "%s has the version of %s", sql, seen[v])
		seen[v] = sql + "."
	}
	mapping := "CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'a', password '"
	require.Equal(t, load(t, base+mapping+"1')").Version, load(t, base+mapping+"2')").Version, "a secret is not part of it")
}

// TestPrintedTablesLoad prints tables of every type and loads what was printed.
func TestPrintedTablesLoad(t *testing.T) {
	mood := types.EnumOf("public.mood", []string{"a", "it's"})
	row := types.RecordOf([]types.Field{{Name: "x", Type: types.Int4T}, {Name: `y"z`, Type: types.ArrayOf(mood)}})
	all := []*types.Type{
		types.BoolT, types.Int2T, types.Int4T, types.Int8T, types.OIDT, types.Float4T, types.Float8T, types.NumericT,
		types.NumericOf(12, 2), types.NumericOf(5, -2), types.TextT, types.VarcharT, types.VarcharOf(7), types.NameT, types.CharT,
		types.ByteaT, types.DateT, types.TimeT, types.TimeTZT, types.TimestampT, types.TimestampTZT, types.TimestampTZT.WithMod(3),
		types.IntervalT, types.UUIDT, types.JSONT, types.JSONBT, types.ArrayOf(types.TextT), types.ArrayOf(types.NumericOf(9, 3)),
		mood, row, types.ArrayOf(row), types.CompositeOf("public.a.b.c", row.Fields),
	}
	tab := &sources.Table{ServerName: "crm", SchemaName: "public", TableName: "weird \"name\"", Options: map[string]string{"on_mismatch": "it's"}}
	for i, typ := range all {
		tab.Cols = append(tab.Cols, plan.TableColumn{Name: string(rune('A' + i)), Type: typ, Nullable: i%2 == 0})
	}
	opaque := plan.TableColumn{Name: "opaque", Type: types.OpaqueOf(99999, "public.hstore"), Nullable: true}
	tab.Cols = append(tab.Cols, opaque)
	first := catalog.NewPrinter().Table(tab)
	d := load(t, base+first)
	loaded := d.Tables["crm"][`public.weird "name"`]
	require.NotNil(t, loaded, first)
	require.Equal(t, first, catalog.NewPrinter().Table(loaded))
	for i, typ := range all {
		if typ.Kind != types.Record && (typ.Elem == nil || typ.Elem.Kind != types.Record) {
			require.True(t, types.Equal(typ, loaded.Cols[i].Type), "%s became %s in\n%s", typ, loaded.Cols[i].Type, first)
		}
		require.Equal(t, tab.Cols[i].Nullable, loaded.Cols[i].Nullable)
	}
	require.Equal(t, types.TextT, loaded.Cols[len(all)].Type)
}

// shelf is a source with tables of one integer column.
type shelf struct {
	sources.Source
	name   string
	tables [][2]string
	err    error
	asked  int
}

func (s *shelf) Discover(_ context.Context, p sources.Pattern) ([]*sources.Table, error) {
	s.asked++
	if s.err != nil {
		return nil, s.err
	}
	var out []*sources.Table
	for _, n := range s.tables {
		if (p.Schema == "" || p.Schema == n[0]) && (p.Table == "" || p.Table == n[1]) {
			out = append(out, &sources.Table{ServerName: s.name, SchemaName: n[0], TableName: n[1], Cols: []plan.TableColumn{{Name: "id", Type: types.Int4T}}})
		}
	}
	return out, nil
}

func (s *shelf) Close() error { return nil }

func openShelves(t *testing.T, sql string, shelves ...*shelf) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(t.Context(), load(t, sql), catalog.Config{Registry: sources.NewRegistry(), Connections: sources.NewConnections()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	for _, s := range shelves {
		require.NoError(t, c.Attach(s.name, s))
	}
	return c
}

func TestNamesAreResolvedAlongThePath(t *testing.T) {
	crm := &shelf{name: "crm", tables: [][2]string{{"public", "person"}, {"main", "event"}, {"main", "v"}}}
	lake := &shelf{name: "lake", tables: [][2]string{{"main", "event"}}}
	c := openShelves(t, "CREATE SCHEMA shop; CREATE VIEW shop.v AS SELECT 1; CREATE VIEW top AS SELECT 1", crm, lake)
	for _, x := range []struct {
		path []string
		name []string
		want string
	}{
		{nil, []string{"crm", "public", "person"}, "crm.public.person"},
		{nil, []string{"shop", "v"}, "skein.shop.v"},
		{nil, []string{"skein", "shop", "v"}, "skein.shop.v"},
		{nil, []string{"top"}, "skein.public.top"},
		{[]string{"lake.main", "crm.main"}, []string{"event"}, "lake.main.event"},
		{[]string{"crm.main", "lake.main"}, []string{"event"}, "crm.main.event"},
		{[]string{"crm.public", "lake.main"}, []string{"event"}, "lake.main.event"},
		{[]string{"crm.public"}, []string{"main", "event"}, "crm.main.event"},
		{[]string{"lake"}, []string{"event"}, "lake.main.event"},
		{[]string{"shop"}, []string{"v"}, "skein.shop.v"},
		{[]string{"shop", "crm.main"}, []string{"v"}, "skein.shop.v"},
	} {
		f, err := c.Resolver(x.path).Relation(t.Context(), x.name)
		require.NoError(t, err, x)
		var got string
		if f.View != nil {
			got = f.View.QualifiedName()
		} else {
			got = f.Table.ServerName + "." + f.Table.SchemaName + "." + f.Table.TableName
		}
		require.Equal(t, x.want, got, x)
	}
	asked := crm.asked
	_, err := c.Resolver(nil).Relation(t.Context(), []string{"crm", "public", "person"})
	require.NoError(t, err)
	require.Equal(t, asked, crm.asked, "what is known is not asked for again")
}

func TestMissingNamesHaveHints(t *testing.T) {
	crm := &shelf{name: "crm", tables: [][2]string{{"public", "person"}}}
	down := &shelf{name: "down", err: errors.New("no route")}
	c := openShelves(t, "", crm, down)
	for name, hint := range map[string]string{
		"crm.public.persn": "did you mean crm.public.person?",
		"persom":           "did you mean crm.public.person?",
		"nope.public.x":    `no server is called "nope"; there are: crm, down`,
		"xyzzy":            "write server.schema.table (servers: crm, down), or SET search_path",
	} {
		_, err := c.Resolver(nil).Relation(t.Context(), strings.Split(name, "."))
		var e *sqlerr.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, sqlerr.UndefinedTable, e.Code)
		require.Equal(t, hint, e.Hint, name)
	}
	_, err := c.Resolver([]string{"down.main", "crm.public"}).Relation(t.Context(), []string{"person"})
	require.ErrorContains(t, err, "no route", "what may be on a server that is down is not taken from another")
	require.Error(t, c.Attach("skein", crm))
}
